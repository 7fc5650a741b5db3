"""Out as FollowTheMoney and in again; BODS and FollowTheMoney of the same facts."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interop import KEPT, exported_as, facts, known_as, parties

from examples.county import make_county
from examples.save import save
from graph.disclosure import Disclosure
from graph.export_ftm import write_ftm
from graph.snapshot import Snapshot
from tests.detector_cases import made_up_id, made_up_uscc
from tests.helpers import snapshot_from_folder
from tests.test_bods import firm, held, link, person
from tests.test_ftm import entity


def again(snapshot: Snapshot, folder: Path) -> Snapshot:
    """Write a snapshot with full numbers and read the file as a data folder of its own."""
    folder.mkdir()
    with (folder / "graph.json").open("w", encoding="utf-8") as stream:
        write_ftm(snapshot, stream, Disclosure(full=True))
    return snapshot_from_folder(folder)


def test_the_example_county_comes_back_as_it_went(tmp_path: Path) -> None:
    save(make_county(7, villages_per_township=1), tmp_path / "county", "typical")
    with snapshot_from_folder(tmp_path / "county") as one, again(one, tmp_path / "out") as two:
        before, after = exported_as(one), known_as(two)
        for kind in ("person", "company", "village"):
            assert parties(two, after, kind) == parties(one, before, kind)
        for kind in KEPT:
            found = facts(one, before, kind)
            assert found
            assert facts(two, after, kind) == found, kind


# -- small made-up graphs ------------------------------------------------------------------------

DAYS = st.dates(date(1990, 1, 1), date(2024, 12, 31))
SPANS = st.tuples(st.none() | DAYS, st.none() | DAYS).map(
    lambda span: tuple(sorted(span)) if None not in span else span
)
TERMS = st.sampled_from(["妻弟", "父亲", "女儿", "配偶", "堂兄", "岳母", "外甥", "兄弟", "连襟"])
NAMES = ("张三", "李四", "王五", "欧阳靖雯", "张三")


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[tuple[Any, ...]]]:
    """A few people, some without a number and namesakes among them, firms, and ties between them."""
    people = [(i, NAMES[i], draw(st.booleans())) for i in range(draw(st.integers(2, 5)))]
    firms = [(i, draw(st.booleans())) for i in range(draw(st.integers(1, 3)))]
    ends = st.tuples(
        st.sampled_from([p[0] for p in people]), st.sampled_from([f[0] for f in firms])
    )
    shares = st.none() | st.integers(1, 1_000_000).map(lambda n: n / 10_000)
    kin = st.tuples(*[st.sampled_from([p[0] for p in people])] * 2).filter(lambda p: p[0] != p[1])
    return {
        "people": people,
        "firms": firms,
        "holds": draw(st.lists(st.tuples(ends, shares, SPANS), max_size=5)),
        "serves": draw(
            st.lists(st.tuples(ends, st.sampled_from(["董事", "监事"]), SPANS), max_size=4)
        ),
        "heads": draw(st.lists(ends, max_size=2, unique_by=lambda e: e[1])),
        "kin": draw(st.lists(st.tuples(kin, TERMS), max_size=4)),
    }


def as_tables(graph: dict[str, list[tuple[Any, ...]]], folder: Path) -> None:
    """Write a graph as departments would; people without a number are told apart by village."""
    people = {
        i: (name, made_up_id(f"{name}{i}") if has else "") for i, name, has in graph["people"]
    }
    firms = {
        i: (f"试验{i}号建设有限公司", made_up_uscc(str(i)) if has else "")
        for i, has in graph["firms"]
    }

    def day(value: date | None) -> str:
        return "" if value is None else value.isoformat()

    tables = {
        "人员": [("姓名", "身份证号", "村", "乡镇", "联系电话")]
        + [(*people[i], f"{i}号村", "某镇", f"1381234000{i}") for i in people],
        "企业": [("企业名称", "统一社会信用代码", "法定代表人", "法定代表人身份证号", "企业类型")]
        + [
            (*firms[i], *next((people[p] for p, f in graph["heads"] if f == i), ("", "")), "公司")
            for i in firms
        ],
        "股东": [("企业名称", "统一社会信用代码", "股东名称", "证件号码", "持股比例", "入股日期", "退出日期")]
        + [
            (*firms[f], *people[p], "" if s is None else f"{s:.4f}", day(a), day(b))
            for (p, f), s, (a, b) in graph["holds"]
        ],
        "主要人员": [("企业名称", "统一社会信用代码", "姓名", "身份证号", "职务", "任职日期", "离任日期")]
        + [(*firms[f], *people[p], role, day(a), day(b)) for (p, f), role, (a, b) in graph["serves"]],
        "亲属": [("姓名", "身份证号", "称谓", "亲属姓名", "亲属身份证号")]
        + [(*people[a], term, *people[b]) for (a, b), term in graph["kin"]],
    }  # fmt: skip
    for name, rows in tables.items():
        text = "\n".join(",".join(row) for row in rows)
        (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graph=graphs())
def test_any_small_graph_comes_back_as_it_went(graph: dict[str, list[tuple[Any, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "in"
        folder.mkdir()
        as_tables(graph, folder)
        with snapshot_from_folder(folder) as one, again(one, Path(scratch) / "out") as two:
            before, after = exported_as(one), known_as(two)
            assert parties(two, after, "person", "company") == parties(
                one, before, "person", "company"
            )
            assert facts(two, after) == facts(one, before)


# -- two standards, one set of facts -------------------------------------------------------------


def test_bods_and_ftm_of_the_same_facts_give_the_same_entities(tmp_path: Path) -> None:
    ids = {name: made_up_id(name) for name in ("张三", "李四")}
    code = made_up_uscc("甲")
    bods = [
        firm("c1", "甲建设有限公司", identifiers=[{"id": code}], foundingDate="2010-02-03"),
        firm("c2", "乙控股有限公司"),
        person("p1", "张三", identifiers=[{"id": ids["张三"]}]),
        person("p2", "李四", identifiers=[{"id": ids["李四"]}]),
        person("p3", "Jane Doe", birthDate="1980-05-01"),
        link(held(share={"exact": 60}, startDate="2019-01-01"), party="c2", record="r1"),
        link(held(share={"exact": 40}, startDate="2019-01-01", endDate="2022-01-01"), record="r2"),
        link(held("boardMember", details="监事", startDate="2020-01-01"), party="p2", record="r3"),
        link(held("seniorManagingOfficial", details="法定代表人"), party="p1", record="r4"),
        link(held(share={"exact": 100}), subject="c2", party="p3", record="r5"),
    ]
    ftm = [
        entity("Company", "c1", name="甲建设有限公司", uscCode=code, incorporationDate="2010-02-03"),
        entity("Company", "c2", name="乙控股有限公司"),
        entity("Person", "p1", name="张三", idNumber=ids["张三"]),
        entity("Person", "p2", name="李四", idNumber=ids["李四"]),
        entity("Person", "p3", name="Jane Doe", birthDate="1980-05-01"),
        entity("Ownership", "r1", owner="c2", asset="c1", percentage="60", startDate="2019-01-01"),
        entity(
            "Ownership", "r2", owner="p1", asset="c1", percentage="40", startDate="2019-01-01",
            endDate="2022-01-01",
        ),
        entity("Directorship", "r3", director="p2", organization="c1", role="监事", startDate="2020-01-01"),
        entity("Directorship", "r4", director="p1", organization="c1", role="法定代表人"),
        entity("Ownership", "r5", owner="p3", asset="c2", percentage="100"),
    ]  # fmt: skip
    found = []
    for name, text in (
        ("bods", json.dumps(bods, ensure_ascii=False)),
        ("ftm", "\n".join(json.dumps(e, ensure_ascii=False) for e in ftm)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "data.json").write_text(text, encoding="utf-8")
        with snapshot_from_folder(folder) as snapshot:
            own = {e: e for (e,) in snapshot.query("SELECT entity FROM entities")}
            found.append((parties(snapshot, own), facts(snapshot, own)))
    assert found[0] == found[1]
    assert len(found[0][1]) == 5
