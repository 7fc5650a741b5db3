"""``tanwei train ring``: from a run and a file of conclusions to a model, its card, and its use."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from detectors.bid_rigging._market import GroupSettings
from detectors.bid_rigging._ring_model import KEY, ring_chance
from examples.market_parts import MarketPlan, RingPlan
from examples.market_tables import write_market
from examples.markets import SimulatedMarket, simulate
from ingest.errors import UserError
from tanwei import audit
from tanwei.identity import casebook_of
from tanwei.labels import read_labels
from tanwei.models import CARD, FOLDER, MODEL, read_model
from tanwei.run import RunRequest, run
from tanwei.train import train_ring
from tanwei.verified import from_casebook, from_file
from tanwei.workspace import open_workspace

RINGS = tuple(RingPlan(members=4, lots=14) for _ in range(4))


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return simulate(MarketPlan(lots=240, firms=80, trades=4, rings=RINGS), seed=5)


@pytest.fixture(scope="module")
def out(market: SimulatedMarket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    write_market(market, folder / "data")
    run(RunRequest(folder / "data", folder / "out", only=("ring",)))
    return folder / "out"


def labels(market: SimulatedMarket, path: Path, rigged: str = "查实", rest: str = "查否") -> Path:
    bad = {lot for ring in market.rings for lot in ring.lots}
    rows = [
        {"项目编号": f"SL-{n:06d}", "标段": "", "核查结论": rigged if n in bad else rest}
        for n in range(len(market.lots.day))
        if n in bad or n % 2
    ]
    pd.DataFrame(rows).to_csv(path, index=False, encoding="gb18030")
    return path


def test_a_model_is_trained_told_of_and_used(
    market: SimulatedMarket, out: Path, tmp_path: Path
) -> None:
    from tanwei.cli import app

    path = labels(market, tmp_path / "核查结论.csv")
    shown = CliRunner().invoke(
        app, ["train", "ring", str(out), "--labels", str(path), "--by", "王敏"]
    )
    assert shown.exit_code == 0, shown.output
    assert "AUC" in shown.output
    assert "同等投标家数、同一年份内" in shown.output
    card = (out / FOLDER / CARD).read_text(encoding="utf-8")
    assert "不是结论" in card
    assert "未参与训练" in shown.output
    model = read_model(out)
    assert model is not None
    assert model.rigged == 4 * 14
    assert (out / FOLDER / MODEL).stat().st_mode & 0o077 == 0
    entry = json.loads((out / audit.LOG_NAME).read_text(encoding="utf-8").splitlines()[-1])
    assert entry["action"] == "train"
    assert entry["detail"]["by"] == "王敏"
    # The next run carries it, so that what it says can be repeated from the snapshot alone.
    report = run(RunRequest(out.parent / "data", out, only=("ring",)))
    rings = [clue for clue in report.clues if clue.detector == "ring"]
    assert rings
    for clue in rings:
        [said] = [s for s in clue.statement if "训练的模型" in s]
        assert "仅供排序参考" in said
        assert not any("模型" in reason.text for reason in clue.reasons)
    assert report.folder.record()["models"]["ring"]["rigged"] == model.rigged
    with open_workspace(out) as ws:
        assert ws.snapshot.meta[KEY] == model.to_json()
        numbers = dict(ws.snapshot.query("SELECT DISTINCT tender_no, lot_entity FROM bids"))
        bad = [numbers[f"SL-{n:06d}"] for n in market.rings[0].lots]
        honest = set(range(240)) - {n for ring in market.rings for n in ring.lots}
        good = [numbers[f"SL-{n:06d}"] for n in sorted(honest)]
        ring = ring_chance(ws.snapshot, GroupSettings(), bad)
        rest = ring_chance(ws.snapshot, GroupSettings(), good)
    assert ring is not None
    assert rest is not None
    assert ring.mean > 0.6 > rest.mean


def test_conclusions_on_clues_teach_too(out: Path, market: SimulatedMarket) -> None:
    with open_workspace(out) as ws:
        clues = list(ws.clues)
        assert clues
        for clue in clues[:-1]:
            ws.conclude(clue, "查实", by="王敏", reason="投标文件由一人编制")
        ws.conclude(clues[-1], "无法核实", by="王敏")
        found = from_casebook(ws.snapshot, ws.folder, casebook_of(ws.folder))
        assert found.rigged
        assert all(found.rigged.values())
        assert found.left_out == 1
        numbers = dict(ws.snapshot.query("SELECT DISTINCT lot_entity, tender_no FROM bids"))
        lots = {int(numbers[lot][3:]) for lot in found.rigged}
        assert len(lots & {lot for ring in market.rings for lot in ring.lots}) >= len(lots) * 0.7
        # The last word on a clue holds; the earlier one stays as history.
        ws.conclude(clues[0], "查否", by="李强")
        again = from_casebook(ws.snapshot, ws.folder, casebook_of(ws.folder))
        assert not all(again.rigged.values())
        assert list(ws.conclusions["conclusion"])[-1] == "查否"
        assert len(ws.conclusions) == len(clues) + 1


def test_conclusions_are_written_and_listed_from_the_command(out: Path) -> None:
    from tanwei.cli import app

    with open_workspace(out) as ws:
        clue = ws.clues[0].clue
    said = CliRunner().invoke(
        app, ["conclude", str(out), clue.id[:8], "部分查实", "--by", "王敏", "--reason", "询问笔录"]
    )
    assert said.exit_code == 0, said.output
    shown = CliRunner().invoke(app, ["conclude", str(out)]).output
    assert f"{clue.id} 部分查实，王敏；询问笔录：{clue.title}" in shown
    entry = json.loads((out / audit.LOG_NAME).read_text(encoding="utf-8").splitlines()[-1])
    assert (entry["action"], entry["detail"]["word"]) == ("conclude", "部分查实")


def test_without_a_model_nothing_is_said(market: SimulatedMarket, tmp_path: Path) -> None:
    write_market(market, tmp_path / "data")
    run(RunRequest(tmp_path / "data", tmp_path / "out", only=("cobidding_group",)))
    with open_workspace(tmp_path / "out") as ws:
        lots = [e for (e,) in ws.snapshot.query("SELECT lot_entity FROM bids LIMIT 3")]
        assert ring_chance(ws.snapshot, GroupSettings(), lots) is None
        before = set((tmp_path / "out").iterdir())
        path = tmp_path / "few.csv"
        path.write_text("项目编号,核查结论\nSL-000001,查实\nSL-000002,查否\nNO-1,查实\n", "utf-8")
        with pytest.raises(UserError, match=r"各须至少20个.*1个结论.*找不到.*没有训练"):
            train_ring(ws.snapshot, ws.folder, from_file(ws.snapshot, path), "王敏")
        book = casebook_of(ws.folder)
        with pytest.raises(UserError, match="还没有核查结论，没有训练"):
            from_casebook(ws.snapshot, ws.folder, book)
    assert set((tmp_path / "out").iterdir()) == before


def test_a_damaged_model_stops_the_run_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / MODEL).write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="不完整或版本不符"):
        read_model(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("编号,结果\nA,查实\n", "项目编号"),
        ("项目编号,核查结论\nA,大概\n", "第 2 行的结论“大概”认不出"),
        ("项目编号,核查结论\n,查实\n", "第 2 行没有项目编号"),
        ("项目编号,核查结论\nA,查实\nA,查否\n", "第 2 行和第 3 行"),
        ("项目编号,核查结论\nA,待核\n", "没有结论"),
        ("", "读不了"),
    ],
)
def test_what_is_wrong_with_a_file_of_conclusions_is_said(
    text: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "l.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=says):
        read_labels(path)


def test_title_rows_and_workbooks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "l.xlsx"
    frame = pd.DataFrame(
        [["2023年核查情况", None, None], ["项目编号", "标段", "核查结论"], ["A-1", "1", "查实"],
         ["A-1", "2", "查否"], ["B-2", None, "无法核实"]]
    )  # fmt: skip
    frame.to_excel(path, index=False, header=False)
    found = read_labels(path)
    assert [(x.tender_no, x.lot, x.rigged, x.row) for x in found.items] == [
        ("A-1", "1", True, 3),
        ("A-1", "2", False, 4),
    ]
    assert found.left_out == 1
