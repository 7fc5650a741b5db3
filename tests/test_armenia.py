"""A government's own releases, from the folder to the clues: 900 releases of Armenia."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from detectors.bid_rigging import cobidding_group
from graph.settings import GraphSettings
from graph.snapshot import Snapshot, build
from ingest.intake import IntakeSettings, read_folder
from ingest.progress import silent

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "ocds_real_examples" / "armenia"
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="公开的亚美尼亚采购数据不在"),
]


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA raw")
    con.execute("CREATE SCHEMA typed")
    read_folder(FOLDER, con, IntakeSettings(), silent)
    build(con, bytes(range(32)), GraphSettings())
    with Snapshot.from_connection(con) as snapshot:
        yield snapshot


def count(snapshot: Snapshot, sql: str) -> int:
    """The one figure of a query."""
    return int(snapshot.query(sql)[0][0])


def test_nothing_is_lost_on_the_way(snapshot: Snapshot) -> None:
    assert count(snapshot, "SELECT count(*) FROM bids") == 1468
    assert count(snapshot, "SELECT count(DISTINCT bidder_entity) FROM bids") == 411
    assert count(snapshot, "SELECT count(*) FROM bids WHERE bidder_entity IS NULL") == 0
    assert count(snapshot, "SELECT count(*) FROM tenders") == 962
    assert count(snapshot, "SELECT count(DISTINCT tender_no) FROM tenders") == 428
    # Nobody's bid stands at a lot that no tender has.
    stray = "SELECT count(*) FROM bids WHERE lot_entity NOT IN (SELECT lot_entity FROM tenders)"
    assert count(snapshot, stray) == 0


def test_bidders_are_firms_known_for_certain(snapshot: Snapshot) -> None:
    odd = "SELECT count(*) FROM bids WHERE bidder_identity <> 'certain'"
    assert count(snapshot, odd) == 0
    kinds = "SELECT DISTINCT kind FROM entities WHERE entity IN (SELECT bidder_entity FROM bids)"
    assert snapshot.query(kinds) == [("company",)]


def test_every_bid_leads_to_its_release(snapshot: Snapshot) -> None:
    sources = snapshot.sources([("bids", n) for n in range(1, 1469)])
    assert len(sources) == 1468
    files = {source.file for source in sources.values()}
    assert files <= {f"sample/releases/{n}.json" for n in range(1, 10)}
    assert all(1 <= source.row <= 100 for source in sources.values())


def test_cobidding_is_looked_at_and_nothing_stands_out(snapshot: Snapshot) -> None:
    result = cobidding_group.detect(snapshot, cobidding_group.Settings())
    assert result.subjects >= 5
    # Few groups meet in five tenders here, and none beyond what its trade and purchaser explain.
    assert result.findings == ()
    assert "招标项目没有乡镇，以采购人代替区域" in result.notes
