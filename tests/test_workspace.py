"""A run opened for a closer look."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_data import id_number, small_county, write_csv

import tanwei
from ingest.errors import UserError
from tanwei import audit, cli, explain
from tanwei.views import ClueList, ClueView
from tanwei.workspace import Workspace

FULL_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")


def _no_full_number(frame: pd.DataFrame) -> bool:
    # The number of an edge is a hash and may look like anything.
    text = frame.drop(columns="edge", errors="ignore").to_csv()
    return FULL_NUMBER.search(text) is None


@pytest.fixture(scope="module")
def out_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a few made-up files with two namesakes."""
    base = tmp_path_factory.mktemp("ws")
    data = small_county(base / "data")
    write_csv(
        data / "公安" / "人员二.csv",
        ("姓名", "身份证号", "村居", "乡镇"),
        [("测试005", id_number(905, "19710203"), "柳林村", "青石镇")],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(base / "config"))
        patch.delenv("TANWEI_KEY_FILE", raising=False)
        assert cli.invoke(["run", str(data), "--out", str(base / "out")]) == 0
    return base / "out"


@pytest.fixture
def ws(out_dir: Path) -> Iterator[Workspace]:
    with tanwei.open(out_dir) as opened:
        yield opened


def test_clues_behave_as_a_sequence_and_filter(ws: Workspace) -> None:
    assert len(ws.clues) == 1
    clue = ws.clues[0]
    assert clue.detector == "paid_after_death"
    assert clue.title == clue.clue.title
    assert len(ws.clues.filter(level=clue.level)) == 1
    assert len(ws.clues.filter(family="subsidy", detector="paid_after_death")) == 1
    assert len(ws.clues.filter(family="bid_rigging")) == 0
    assert isinstance(ws.clues[:1], ClueList)
    with pytest.raises(UserError, match="red"):
        ws.clues.filter(level="purple")


def test_clues_show_level_in_colour_and_word(ws: Workspace) -> None:
    shown = ws.clues._repr_html_()
    assert re.search(r"background:#\w{6}[^>]*>[红橙黄]<", shown)
    assert html.escape(ws.clues[0].title) in shown
    assert FULL_NUMBER.search(shown) is None


def test_data_cannot_become_markup(ws: Workspace) -> None:
    clue = replace(ws.clues[0].clue, title="<script>alert(1)</script>", next_steps=("<b>x</b>",))
    listed = ClueList([ClueView(clue, explain.explain)])
    shown = listed._repr_html_() + listed[0]._repr_html_()
    assert "<script>" not in shown
    assert "<b>x" not in shown
    assert "&lt;script&gt;" in shown


def test_clues_as_data_frame(ws: Workspace) -> None:
    frame = ws.clues.to_pandas()
    assert list(frame["id"]) == [ws.clues[0].id]
    assert frame["amount"].iloc[0] == ws.clues[0].amount


def test_explanation_leads_to_the_rows(ws: Workspace) -> None:
    text = str(ws.explain(ws.clues[0]))
    assert "财政/补贴.csv › 第2行" in text
    assert "公安" in text or "民政/死亡.csv › 第2行" in text
    assert "不是结论" in text
    assert str(ws.explain(ws.clues[0].id[:6])) == text == str(ws.clues[0].explain())
    assert FULL_NUMBER.search(text) is None


def test_an_unknown_clue_is_named(ws: Workspace) -> None:
    with pytest.raises(UserError, match="zzz"):
        ws.explain("zzz")


def test_namesakes_are_told_apart(ws: Workspace) -> None:
    found = ws.find("测试005")
    assert len({c.entity for c in found}) == 2
    assert len({(c.number, c.birth, c.detail) for c in found}) == 2
    assert all("*" in (c.number or "") for c in found)
    assert FULL_NUMBER.search(found._repr_html_() + repr(found)) is None
    assert [c.entity for c in ws.find(found[0].entity)] == [found[0].entity]
    assert [c.name for c in ws.find(id_number(7))] == ["测试007"]
    assert len(ws.find("无此人")) == 0


def test_an_ambiguous_name_lists_ids_that_are_taken_instead(ws: Workspace) -> None:
    with pytest.raises(UserError) as caught:
        ws.ego("测试005")
    for candidate in ws.find("测试005"):
        assert candidate.entity in caught.value.message
    picture = ws.ego(ws.find("测试005")[0].entity, hops=1).picture
    assert "测试005" in [node.name for node in picture.nodes]


def test_a_tie_between_two_people_is_drawn(ws: Workspace) -> None:
    drawing = ws.path("测试001", "测试002", max_hops=2)
    names = {node.name for node in drawing.picture.nodes}
    assert {"测试001", "测试002"} <= names
    assert drawing._repr_png_().startswith(b"\x89PNG")
    graph = drawing.graph()
    assert graph.number_of_nodes() == len(drawing.picture.nodes)


def test_a_tie_is_told_in_sentences(ws: Workspace) -> None:
    view = ws.path("测试001", "测试002", max_hops=2, on="2022-05-01")
    assert view.sentences
    assert all("测试001" in text and "测试002" in text for text in view.sentences)
    assert repr(view).splitlines()[1].startswith("1. 测试001")
    shown = view._repr_html_()
    assert f"<li>{html.escape(view.sentences[0])}</li>" in shown
    assert "data:image/png;base64," in shown
    with pytest.raises(UserError, match="不是日期"):
        ws.path("测试001", "测试002", on="去年")


def test_no_tie_and_no_such_name_are_said(ws: Workspace) -> None:
    with pytest.raises(UserError, match="无此人"):
        ws.path("测试001", "无此人")


def test_clue_draws_and_gives_its_graph(ws: Workspace) -> None:
    clue = ws.clues[0]
    assert clue.draw().get_size_inches()[0] > 5
    assert clue.subjects[0].name in [d["name"] for _, d in clue.graph().nodes(data=True)]


def test_tables_carry_sources_and_masked_numbers(ws: Workspace) -> None:
    overview = ws.tables()
    assert set(overview["table"]) >= {"people", "deaths", "subsidies", "entities", "edges"}
    frame = ws.table("subsidies")
    assert list(frame.columns[:3]) == ["file", "sheet", "row_no"]
    assert (frame["file"] == "财政/补贴.csv").all()
    assert sorted(frame["row_no"]) == list(range(2, 12))
    for name in overview["table"]:
        assert _no_full_number(ws.table(name)), name


def test_full_numbers_need_a_reason_and_are_noted(ws: Workspace) -> None:
    with pytest.raises(UserError, match="理由"):
        ws.table("people", unmask=True)
    before = len(audit.entries(ws.folder.out_dir))
    frame = ws.table("people", unmask=True, reason="核对身份")
    assert id_number(7) in set(frame["id_number"])
    entry = audit.entries(ws.folder.out_dir)[before]
    assert (entry["action"], entry["reason"], entry["detail"]["table"]) == (
        "unmask",
        "核对身份",
        "people",
    )
    assert audit.verify(ws.folder.out_dir) == []


def test_an_unknown_table_is_named_with_the_nearest(ws: Workspace) -> None:
    with pytest.raises(UserError, match="subsidies"):
        ws.table("subsidie")
    with pytest.raises(UserError, match="没有《"):
        ws.table("bids")


def test_a_run_folder_opens_as_well(ws: Workspace) -> None:
    with tanwei.open(ws.folder.path) as other:
        assert [c.id for c in other.clues] == [c.id for c in ws.clues]
    assert list(ws.runs()["current"]) == [True]


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="还没有运行结果"):
        tanwei.open(tmp_path)
