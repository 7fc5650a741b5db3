"""Pictures: nothing overlaps, nothing unreadable, nothing reaches for the network."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from graph import draw, fonts, layout, page, sheet
from graph.export import to_networkx, write_graphml
from graph.picture import (
    Picture,
    PictureEdge,
    PictureNode,
    Timeline,
    TimelineMark,
    TimelineRow,
)
from graph.wrapping import wrap
from ingest.errors import UserError

NODES = (
    PictureNode("o", "张建国", "person", 0, "县住建局副局长 990101********1234", True),
    PictureNode("w", "李晓梅", "person", 1, "妻"),
    PictureNode("b", "李志强", "person", 1, "妻弟"),
    PictureNode("h", "江州恒达投资管理中心（有限合伙）", "company", 2),
    PictureNode("c", "江州恒达建设工程有限公司", "company", 3),
    PictureNode("m", "合同3个 共1,234.5万元", "money", 4, "2021.03—2023.06"),
    PictureNode("u", "江州县住房和城乡建设局", "unit", 5),
)
EDGES = (
    PictureEdge("o", "w", "配偶 2005.06—", evidence=(1, 2)),
    PictureEdge("o", "b", "妻弟", evidence=(3,)),
    PictureEdge("w", "b", "弟", evidence=(4,)),
    PictureEdge("b", "h", "持股60% 2018.01—", evidence=(5,)),
    PictureEdge("h", "c", "持股80%", "probable", (6,)),
    PictureEdge("w", "c", "法定代表人 2016.05—2019.12", "name_only", (7,)),
    PictureEdge("c", "m", "承接", evidence=(10, 11, 12)),
    PictureEdge("m", "u", "发包", evidence=(10,)),
    PictureEdge("o", "u", "任职 副局长 2018.06—", evidence=(13,)),
)
_WON = [
    TimelineMark(
        i % 3, i, date(2021 + i // 6, 1 + 2 * (i % 6), 9), "win", (i % 4) / 3, f"第{i}标段"
    )
    for i in range(15)
]
_BID = [replace(m, row=r, kind="bid") for m in _WON for r in range(3) if r != m.row]
GROUP = Picture(
    "疑似围标团伙",
    (
        *(PictureNode(f"b{i}", f"{'ABC'[i]} 江州第{i}建设工程有限公司", "company", 0, "轮流中标", True) for i in range(3)),
        *(PictureNode(f"r{i}", f"江州第{i}市政工程有限公司", "rival", 1) for i in range(4)),
    ),
    (
        *(PictureEdge(f"b{i}", f"b{j}", "共同投标", weight=10 + i + j) for i in range(3) for j in range(i)),
        *(PictureEdge(f"b{i}", f"r{j}", "共同投标", weight=2) for i in range(3) for j in range(4)),
    ),
    "疑点提示",
    "group",
    Timeline(
        (
            *(TimelineRow(f"{'ABC'[i]} 江州第{i}建设工程有限公司", "投标15 中标5 1,234.5万元") for i in range(3)),
            TimelineRow("其他企业中标", "1个标段"),
        ),
        (*_WON, *_BID, TimelineMark(3, 15, date(2023, 9, 1), "other", 1.0, "第15标段")),
        "金额最大的标段345.0万元",
    ),
)  # fmt: skip
PATH = Picture(
    "疑似亲属企业承接本单位项目：张建国与江州恒达建设工程有限公司", NODES, EDGES, "疑点提示"
)
RING = Picture(
    "疑似共同投标团体",
    tuple(
        PictureNode(f"b{i}", f"江州第{i}建设工程有限公司", "company", 0, "中标7次")
        for i in range(6)
    ),
    tuple(PictureEdge(f"b{i}", f"b{j}", f"共同投标{i + j}次") for i in range(6) for j in range(i)),
    layout="ring",
)


@st.composite
def pictures(make: st.DrawFn) -> Picture:
    count = make(st.integers(2, 14))
    text = st.text("江州恒达建设工程公司甲乙丙0123456789AB（）— ", min_size=1, max_size=30)
    nodes = tuple(
        PictureNode(
            f"n{i}", make(text), "person", make(st.integers(0, 5)), make(text | st.just(""))
        )
        for i in range(count)
    )
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda p: p[0] != p[1]
    )
    pairs = make(st.lists(ends, max_size=20))
    edges = tuple(PictureEdge(f"n{a}", f"n{b}", make(text), evidence=(1,)) for a, b in pairs)
    return Picture("图", nodes, edges, layout=make(st.sampled_from(["lanes", "ring", "group"])))


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_no_two_boxes_overlap(picture: Picture) -> None:
    placed = layout.of(picture)
    boxes = [*placed.nodes.values(), *placed.labels.values()]
    assert not [(a.key, b.key) for a, b in itertools.combinations(boxes, 2) if layout.overlap(a, b)]
    assert set(placed.nodes) == {node.key for node in picture.nodes}
    if picture.layout == "lanes":
        assert set(placed.labels) == set(range(len(picture.edges)))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.floats(1, 30))
def test_wrapping_loses_nothing(text: str, ems: float) -> None:
    joined = "".join(wrap(text, ems))
    assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", text)


@pytest.mark.parametrize("picture", [PATH, RING, GROUP], ids=["path", "ring", "group"])
def test_drawn_texts_do_not_overlap_and_are_readable(picture: Picture) -> None:
    figure = draw.figure(picture)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [t for t in figure.axes[0].findobj(Text) if t.get_text().strip()]
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts]
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        # Line boxes hold room for accents; two lines of one text may share a pixel of it.
        assert wide <= 0 or high <= 3, (one, other)
    assert min(t.get_fontsize() for t in texts) >= sheet.LEAST_POINTS * 0.86
    area = figure.bbox
    assert all(b.x0 >= 0 and b.x1 <= area.x1 and b.y0 >= 0 and b.y1 <= area.y1 for _, b in boxes)
    words = "".join(t.get_text() for t in texts)
    for edge in picture.edges if picture.timeline is None else ():
        assert edge.label.replace(" ", "")[:4] in words.replace(" ", "")


def test_a_group_shows_how_often_members_met_and_who_won() -> None:
    figure = draw.figure(GROUP)
    texts = [t.get_text() for t in figure.axes[0].findobj(Text)]
    assert {"11", "12", "13", "2022.01", "其他企业中标"} <= set(texts)
    widths = {
        e.weight: line.get_linewidth()
        for e, line in zip(GROUP.edges, figure.axes[0].get_lines(), strict=False)
    }
    assert sorted(widths, key=lambda w: widths[w]) == sorted(widths)
    marks = [x for x in figure.axes[0].get_lines() if x.get_marker() in ("o", "s")]
    filled = [m for m in marks if m.get_markerfacecolor() == sheet.INK]
    # One more of each stands in the key.
    assert len(filled) == len(_WON) + 1
    assert len(marks) == len(_WON) + len(_BID) + 1 + 3
    assert figure.get_figheight() <= sheet.A4_HEIGHT


def test_the_page_has_the_timeline(tmp_path: Path) -> None:
    text = page.write_page(GROUP, tmp_path / "p.html").read_text(encoding="utf-8")
    block = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.S)
    assert block is not None
    told = json.loads(block[1])["timeline"]
    assert len(told["marks"]) == len(_WON) + len(_BID) + 1
    assert (told["first"], told["marks"][1]["day"]) == ("2021-01-09", 59)
    path = page.write_page(PATH, tmp_path / "q.html").read_text(encoding="utf-8")
    assert '"timeline": null' in path


def test_every_edge_shows_its_evidence_numbers() -> None:
    texts = "".join(t.get_text() for t in draw.figure(PATH).axes[0].findobj(Text))
    assert all(f"[{n}]" in texts for n in range(1, 8))


def test_a_character_no_font_has_is_written_as_its_code() -> None:
    assert sheet.legible("张\U000f0000三") == "张[U+F0000]三"


def test_files_are_written_and_the_same_twice(tmp_path: Path) -> None:
    for suffix in ("png", "svg"):
        for picture in (PATH, GROUP):
            one = draw.draw(picture, tmp_path / f"a.{suffix}").read_bytes()
            two = draw.draw(picture, tmp_path / f"b.{suffix}").read_bytes()
            assert one == two
            assert len(one) > 10_000


def test_without_a_chinese_font_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_families", lambda: frozenset({"DejaVu Sans"}))
    with pytest.raises(UserError, match="apt-get install fonts-noto-cjk"):
        draw.figure(PATH)


def test_an_empty_picture_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="没有可画的内容"):
        draw.figure(Picture("空", (), ()))


def test_the_page_needs_no_network_and_reads_no_name_as_markup(tmp_path: Path) -> None:
    name = "</script><script>alert(1)</script><b>甲</b>"
    hostile = Picture(name, (PictureNode("x", name, "person", 0, "<!--"),), (), note=name)
    text = page.write_page(hostile, tmp_path / "p.html").read_text(encoding="utf-8")
    assert name not in text
    block = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.S)
    assert block is not None
    assert json.loads(block[1])["title"] == name
    assert not re.search(r"""(src|href)\s*=\s*["']?https?:""", text)
    assert "default-src 'none'" in text


def test_graphml_opens_in_another_library(tmp_path: Path) -> None:
    odd = Picture("图", (*NODES[:-1], PictureNode("u", "局\x00\x0b", "unit", 5)), EDGES)
    graph = nx.read_graphml(write_graphml(to_networkx(odd), tmp_path / "g.graphml"))
    assert graph.number_of_edges() == len(EDGES)
    assert graph.nodes["o"]["name"] == "张建国"
    assert graph.nodes["u"]["name"] == "局"
