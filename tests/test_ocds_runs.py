"""OCDS through to detectors: foreign amounts meet no limits in yuan, evidence shows its own row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from detectors.discover import discover
from detectors.runner import Outcome, run_detectors
from graph.snapshot import Snapshot
from tests.helpers import snapshot_from_folder

YUAN = """项目编号,项目名称,采购人,采购方式,项目类别,中标人,中标金额,开标日期
A1,东路改造一标段,县住建局,询价,工程,江州甲建设有限公司,3000000,2023-03-01
A2,东路改造二标段,县住建局,询价,工程,江州甲建设有限公司,3000000,2023-03-05
"""


def release(n: int) -> dict[str, Any]:
    supplier = {"id": "S1", "name": "Alpha LLC"}
    value = {"amount": 3_000_000, "currency": "AMD"}
    return {
        "ocid": f"x-{n}",
        "id": f"r{n}",
        "date": f"2023-03-0{n}T00:00:00Z",
        "tag": ["award"],
        "buyer": {"id": "B1", "name": "Ministry"},
        "tender": {
            "id": f"T{n}",
            "title": f"Road lot {n}",
            "procurementMethod": "limited",
            "mainProcurementCategory": "works",
        },
        "awards": [
            {"id": "1", "date": f"2023-03-0{n}T00:00:00Z", "status": "active", "value": value, "suppliers": [supplier]}
        ],
    }  # fmt: skip


def split(snapshot: Snapshot) -> Outcome:
    (outcome,) = run_detectors(snapshot, [discover()["below_threshold_split"]], {})
    return outcome


def test_foreign_amounts_alone_skip_the_detector_with_the_reason(tmp_path: Path) -> None:
    package = {"releases": [release(1), release(2)]}
    (tmp_path / "r.json").write_text(json.dumps(package), encoding="utf-8")
    with snapshot_from_folder(tmp_path) as snapshot:
        outcome = split(snapshot)
    assert outcome.status == "skipped"
    assert "AMD" in (outcome.reason or "")


def test_beside_yuan_only_the_yuan_rows_count(tmp_path: Path) -> None:
    package = {"releases": [release(1), release(2)]}
    (tmp_path / "r.json").write_text(json.dumps(package), encoding="utf-8")
    (tmp_path / "招标.csv").write_text(YUAN, encoding="utf-8")
    with snapshot_from_folder(tmp_path) as snapshot:
        outcome = split(snapshot)
        names = {
            name
            for finding in (outcome.result.findings if outcome.result else ())
            for name in snapshot.names([s.entity for s in finding.subjects]).values()
        }
    assert outcome.status == "ran"
    assert "县住建局" in names
    assert "Ministry" not in names


def test_evidence_of_one_release_shows_each_bid_its_own_cells(tmp_path: Path) -> None:
    package = release(1)
    package["bids"] = {
        "details": [
            {"id": str(n), "status": "valid", "value": {"amount": n * 1000, "currency": "AMD"}, "tenderers": [{"id": f"S{n}", "name": f"Firm {n}"}]}
            for n in (1, 2, 3)
        ]
    }  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps({"releases": [package]}), encoding="utf-8")
    with snapshot_from_folder(tmp_path) as snapshot:
        bids = snapshot.to_pandas("bids")
        places = [("bids", int(row_id)) for row_id in bids.row_id]
        cells = snapshot.raw_rows(places)
    assert len(cells) == 3
    for row_id, bidder in zip(bids.row_id, bids.bidder, strict=True):
        assert cells[("bids", int(row_id))]["bidder"].text == bidder
