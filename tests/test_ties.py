"""Explanations of a tie: sentences, order, what goes without saying, hubs and dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from detector_cases import made_up_id, made_up_uscc
from helpers import snapshot_from_tables

from graph.paths import Search
from graph.snapshot import Snapshot
from graph.ties import Ties, explain_ties

OFFICIAL, WIFE, BROTHER = made_up_id("张伟民"), made_up_id("李娟"), made_up_id("李强")
FIRM, HOLDING = made_up_uscc("恒达"), made_up_uscc("远山")
TABLES = {
    "officials": f"""
姓名,身份证号,单位,职务,任职时间,离任时间
张伟民,{OFFICIAL},县住建局,副局长,2019-01-10,2023-12-31
""",
    "kinship": f"""
姓名,身份证号,称谓,亲属姓名,亲属身份证号,结婚日期
张伟民,{OFFICIAL},妻弟,李强,{BROTHER},
张伟民,{OFFICIAL},妻子,李娟,{WIFE},2005-10-01
李娟,{WIFE},弟弟,李强,{BROTHER},
""",
    "companies": f"""
企业名称,统一社会信用代码,成立日期
江州恒达建设有限公司,{FIRM},2010-03-01
江州远山投资有限公司,{HOLDING},2011-03-01
""",
    "shareholders": f"""
企业名称,统一社会信用代码,股东名称,股东证件号,持股比例,入股日期
江州远山投资有限公司,{HOLDING},李强,{BROTHER},80,2015-01-01
江州恒达建设有限公司,{FIRM},江州远山投资有限公司,{HOLDING},60,2012-01-01
江州恒达建设有限公司,{FIRM},李强,{BROTHER},10,2016-01-01
""",
    "tenders": """
项目编号,项目名称,招标人,招标方式,最高限价,开标日期,中标人,中标金额
JZ2018-001,河道工程,县住建局,竞争性磋商,900000,2018-04-01,江州恒达建设有限公司,800000
JZ2021-001,城北排水管网工程,县住建局,竞争性磋商,5000000,2021-04-01,江州恒达建设有限公司,4980000
JZ2022-007,老旧小区改造工程,县住建局,竞争性磋商,7400000,2022-06-15,江州恒达建设有限公司,7365000
""",
}


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    with snapshot_from_tables(TABLES) as opened:
        yield opened


def _ties(snapshot: Snapshot, one: str, other: str, **options: object) -> Ties:
    ends = [snapshot.find(name)[0].entity for name in (one, other)]
    return explain_ties(snapshot, *ends, **options)  # type: ignore[arg-type]


def test_sentences_are_plain_and_best_first(snapshot: Snapshot) -> None:
    told = [t.sentence for t in _ties(snapshot, "张伟民", "江州恒达建设有限公司").ties]
    business = (
        "江州恒达建设有限公司中标县住建局项目3个、共1,314.5万元（其中2个在其任职期间）。"
        "（各环节同时有效：{}至2023年12月31日）"
    )
    assert told[:2] == [
        "张伟民（县住建局副局长）的妻弟李强持有江州恒达建设有限公司10%股权，"
        + business.format("").split("（各")[0]
        + "（各环节同时有效：2016年1月1日起）",
        "张伟民（县住建局副局长）的妻弟李强持有江州恒达建设有限公司48%股权"
        "（经江州远山投资有限公司，逐层相乘80%×60%），"
        + business.format("").split("（各")[0]
        + "（各环节同时有效：2015年1月1日起）",
    ]
    assert told[2].startswith(
        "张伟民任县住建局副局长，县住建局的业务由江州恒达建设有限公司承接：中标项目3个"
    )
    assert len(told) == 3  # the wife's brother is the 妻弟: told once


def test_a_parallel_holding_is_no_roundabout_way(snapshot: Snapshot) -> None:
    ties = _ties(snapshot, "李强", "江州恒达建设有限公司").ties
    assert [len(tie.nodes) for tie in ties] == [2, 3]


def test_lots_between_a_firm_and_a_buyer_are_one_explanation(snapshot: Snapshot) -> None:
    (tie,) = _ties(snapshot, "江州恒达建设有限公司", "县住建局", search=Search(2)).ties
    assert len(tie.paths) == 3
    assert tie.sentence.startswith("江州恒达建设有限公司中标县住建局项目3个、共1,314.5万元")


@pytest.mark.parametrize(
    ("day", "holds", "said"),
    [
        (date(2017, 1, 1), "yes", "2017年1月1日各环节均有效"),
        (date(2014, 1, 1), "no", "2014年1月1日有环节无效"),
    ],
)
def test_it_is_said_whether_all_held_on_a_day(
    snapshot: Snapshot, day: date, holds: str, said: str
) -> None:
    ties = _ties(snapshot, "张伟民", "江州恒达建设有限公司", event=day).ties
    by_brother = next(t for t in ties if "48%" in t.sentence)
    assert by_brother.holds == holds
    assert said in by_brother.sentence


def test_hubs_between_the_two_are_named() -> None:
    shared = "13812345678"
    firms = "\n".join(f"江州第{n}有限公司,{made_up_uscc(f'第{n}')},{shared}" for n in range(1, 8))
    tables = {
        "companies": f"\n企业名称,统一社会信用代码,电话\n{firms}\n",
        "people": f"\n姓名,身份证号,电话\n李强,{BROTHER},{shared}\n",
    }
    with snapshot_from_tables(tables) as snapshot:
        found = _ties(snapshot, "李强", "江州第1有限公司", search=Search(hub_limit=5))
        assert found.ties == ()
        assert [(hub.kind, hub.degree) for hub in found.hubs] == [("phone", 8)]
        (tie,) = _ties(snapshot, "李强", "江州第1有限公司", search=Search(2, hub_limit=8)).ties
        assert tie.sentence.startswith("李强与江州第1有限公司共用电话1381****5678。")


def test_nothing_ties_somebody_to_himself(snapshot: Snapshot) -> None:
    found = _ties(snapshot, "李强", "李强")
    assert found.ties == ()
    assert found.hubs == ()
