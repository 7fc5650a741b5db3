"""Kin edges that no row states: across declarations and registers, with every row, dated, careful."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graph.settings import GraphSettings
from graph.snapshot import Snapshot
from tests.helpers import snapshot_from_tables
from tests.test_resolve import number

BIRTHS = {
    "张三": ("19750101", "男"), "李芳": ("19770101", "女"), "李立": ("19800101", "男"),
    "李老": ("19500101", "男"), "张父": ("19450101", "男"), "张叔": ("19500601", "男"),
    "张堂": ("19800601", "男"), "王花": ("19810601", "女"), "张祖": ("19250601", "男"),
    "赵倩": ("19790101", "女"), "赵强": ("19820101", "男"), "张子": ("20050101", "男"),
}  # fmt: skip
NUMBERS = {
    name: number(born, f"{2 * place + (sex == '男'):03d}")
    for place, (name, (born, sex)) in enumerate(BIRTHS.items(), 1)
}


def numbered(*rows: str) -> str:
    """CSV rows in which ``#`` behind a name stands for its number."""
    text = "\n".join(rows)
    for name, value in NUMBERS.items():
        text = text.replace(f"{name}#", f"{name},{value}")
    return text


OFFICIALS = numbered("姓名,身份证号,单位,职务", "张三#,县水利局,局长")
HOUSE = "户号,姓名,身份证号,与户主关系,村,乡镇"
DECLARED = "姓名,身份证号,称谓,亲属姓名,亲属身份证号,结婚日期,离婚日期,填报日期"


def houses(*rows: str) -> str:
    return numbered(HOUSE, *(f"{row},青山村,大河镇" for row in rows))


WIFES_FAMILY = houses("H1,李老#,户主", "H1,李芳#,女", "H1,李立#,子")


def inferred(s: Snapshot) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(src, dst) names → term, class, dates, identity, probability, sources."""
    rows = s.query(
        "SELECT a.name, b.name, e.term, e.legal_class, e.start_date, e.end_date, e.identity,"
        " e.probability, list_transform(e.sources, lambda x: (x.t, x.r)), e.n_sources"
        " FROM edges e JOIN entities a ON a.entity = e.src JOIN entities b ON b.entity = e.dst"
        " WHERE e.kind = 'kin' AND e.basis = 'inferred'"
    )
    assert all(len(row[8]) == row[9] for row in rows)
    return {row[:2]: row[2:9] for row in rows}


def build(settings: GraphSettings | None = None, **tables: str) -> Snapshot:
    return snapshot_from_tables(tables, settings)


def test_the_declared_wifes_brother_stands_in_her_fathers_register() -> None:
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,,")
    with build(officials=OFFICIALS, kinship=declared, households=WIFES_FAMILY) as s:
        found = inferred(s)
        wife, father, brother = ("kinship", 1), ("households", 1), ("households", 3)
        daughter = ("households", 2)
        term, kind, *dates, identity, probability, sources = found["张三", "李立"]
        assert (term, kind, identity, probability) == ("妻弟", "近姻亲", "certain", 1.0)
        assert dates == [date(2003, 5, 1), None]
        assert sources[0] == wife
        assert set(sources[1:]) == {daughter, brother}
        back = found["李立", "张三"]
        assert back[0] == "姐夫"
        assert set(back[-1]) == {wife, daughter, brother}
        assert back[-1][-1] == wife
        assert found["张三", "李老"][0] == "岳父"
        assert father in found["张三", "李老"][-1]


def test_two_households_that_share_a_father() -> None:
    registers = houses(
        "H1,张三#,户主", "H1,张父#,父亲", "H2,张父#,户主", "H2,张祖#,父",
        "H3,张祖#,父亲", "H3,张叔#,户主", "H3,张堂#,长子", "H3,王花#,儿媳",
    )  # fmt: skip
    with build(officials=OFFICIALS, households=registers) as s:
        found = inferred(s)
        said = {dst: row[:2] for (src, dst), row in found.items() if src == "张三"}
        assert said == {
            "张祖": ("祖父", "直系血亲"),
            "张叔": ("叔父", "三代以内旁系血亲"),
            "张堂": ("堂弟", "三代以内旁系血亲"),
            "王花": ("堂兄弟媳妇", "近姻亲"),
        }
        assert found["张堂", "张三"][:2] == ("堂兄", "三代以内旁系血亲")
        # Every row of the chain, from the official's household to the cousin's.
        assert found["张三", "张堂"][-1][0][0] == "households"
        assert {r for _, r in found["张三", "张堂"][-1]} == {1, 2, 3, 4, 5, 6, 7}


def test_a_divorce_ends_what_the_marriage_began() -> None:
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,2015-01-01,")
    with build(officials=OFFICIALS, kinship=declared, households=WIFES_FAMILY) as s:
        found = inferred(s)
        for pair in (("张三", "李立"), ("李立", "张三"), ("张三", "李老")):
            assert found[pair][2:4] == (date(2003, 5, 1), date(2015, 1, 1))


@pytest.mark.parametrize(
    ("filed", "end"), [("2016-02-01", date(2016, 2, 1)), ("", None)], ids=["filed", "undated"]
)
def test_a_former_wife_is_no_wife_whatever_the_register_says(filed: str, end: date | None) -> None:
    declared = numbered(DECLARED, f"张三#,前妻,李芳#,,,{filed}")
    registers = "\n".join([WIFES_FAMILY, *houses("H5,张三#,户主", "H5,李芳#,妻").split("\n")[1:]])
    with build(officials=OFFICIALS, kinship=declared, households=registers) as s:
        couple = s.query(
            "SELECT term, legal_class, end_date FROM edges e JOIN entities a ON a.entity = e.src"
            " WHERE a.name = '张三' AND e.kind = 'kin' AND basis = 'register'"
        )
        found = inferred(s)
        if end:
            assert couple == [("妻子", "夫妻", end)]
            assert found["张三", "李立"][3] == end
        else:
            assert couple == [("前配偶", None, None)]
            assert found == {}
        assert s.meta["kinship_terms_not_understood"] == "0"


def test_the_second_wifes_brother_comes_with_the_second_marriage() -> None:
    declared = numbered(
        DECLARED, "张三#,前妻,李芳#,2003-05-01,2015-01-01,", "张三#,妻,赵倩#,2017-01-01,,",
        "张三#,儿子,张子#,,,",
    )  # fmt: skip
    registers = houses("H1,赵强#,户主", "H1,赵倩#,姐", "H2,李芳#,户主", "H2,张子#,子")
    with build(officials=OFFICIALS, kinship=declared, households=registers) as s:
        found = inferred(s)
        assert found["张三", "赵强"][0] == "妻弟"
        assert found["张三", "赵强"][2:4] == (date(2017, 1, 1), None)
        # A child in common doesn't make the former wife one; nor the second wife its mother.
        assert ("张三", "李芳") not in found
        assert not {pair for pair in found if "李芳" in pair and "张三" in pair}


def test_what_is_declared_stands_and_is_not_inferred_again() -> None:
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,,", "张三#,妻弟,李立#,,,")
    with build(officials=OFFICIALS, kinship=declared, households=WIFES_FAMILY) as s:
        assert ("张三", "李立") not in inferred(s)
        assert s.meta["kin_contradictions"] == "0"


def test_a_contradiction_keeps_both_and_is_counted() -> None:
    declared = numbered(DECLARED, "张三#,父亲,张父#,,,", "张三#,侄子,张堂#,,,")
    registers = houses("H2,张父#,户主", "H2,张叔#,弟弟", "H3,张叔#,户主", "H3,张堂#,子")
    with build(officials=OFFICIALS, kinship=declared, households=registers) as s:
        assert inferred(s)["张三", "张堂"][0] == "堂弟"
        stated = s.query("SELECT count(*) FROM edges WHERE basis = 'declared' AND term = '侄子'")
        assert stated == [(1,)]
        assert s.meta["kin_contradictions"] == "1"


def test_declaration_and_register_that_contradict_each_other_are_counted() -> None:
    declared = numbered(DECLARED, "张三#,妻弟,张叔#,,,")
    registers = houses("H1,张三#,户主", "H1,张叔#,叔叔")
    with build(officials=OFFICIALS, kinship=declared, households=registers) as s:
        assert s.meta["kin_contradictions"] == "1"


def test_filings_are_never_links() -> None:
    filings = numbered("干部姓名,干部身份证号,亲属姓名,亲属身份证号,与干部关系", "张三#,李芳#,妻子")
    with build(officials=OFFICIALS, kin_filings=filings, households=WIFES_FAMILY) as s:
        assert inferred(s) == {}
        assert s.query("SELECT DISTINCT basis FROM edges WHERE kind = 'kin' ORDER BY 1") == [
            ("filing",),
            ("register",),
        ]


def test_what_a_filing_says_is_inferred_too_since_filings_list_recipients_alone() -> None:
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,,")
    filings = numbered("干部姓名,干部身份证号,亲属姓名,亲属身份证号,与干部关系", "张三#,李立#,妻弟")
    with build(
        officials=OFFICIALS, kinship=declared, kin_filings=filings, households=WIFES_FAMILY
    ) as s:
        assert inferred(s)["张三", "李立"][0] == "妻弟"


def test_a_possible_sameness_is_never_a_link() -> None:
    """An unnumbered 李芳 in a register may be the wife, but the chain does not run through her."""
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,,")
    register = numbered(HOUSE, "H1,李老#,户主,青山村,大河镇", "H1,李芳,,女,青山村,大河镇")
    with build(officials=OFFICIALS, kinship=declared, households=register) as s:
        assert s.query("SELECT count(*) > 0 FROM same_as") == [(True,)]
        assert inferred(s) == {}


def test_only_those_whose_ties_matter_and_no_more_than_the_caps() -> None:
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,,")
    with build(officials=OFFICIALS, households=WIFES_FAMILY) as s:
        assert inferred(s) == {}  # nothing leads from the official to that household
    tables = {"officials": OFFICIALS, "kinship": declared, "households": WIFES_FAMILY}
    with build(GraphSettings(inferred_kin_limit=1), **tables) as s:
        assert len(inferred(s)) == 2
        assert s.meta["inferred_kin_left_out"] == "1"
    with build(GraphSettings(inferred_kin_people=0), **tables) as s:
        assert inferred(s) == {}
        assert s.meta["kin_people_left_out"] == "1"
    with build(GraphSettings(inferred_kin_links=1), **tables) as s:
        assert inferred(s) == {}


def test_gang_members_and_handlers_have_their_kin_inferred() -> None:
    registers = houses("H1,张三#,户主", "H1,张父#,父亲", "H2,张父#,户主", "H2,张叔#,弟")
    gangs = numbered("团伙名称,姓名,身份证号", "某团伙,张叔#")
    with build(gang_members=gangs, households=registers) as s:
        assert inferred(s)["张叔", "张三"][0] == "侄子"
    cases = numbered("案件编号,嫌疑人,承办人,承办人身份证号", "A1,某某,张三#")
    with build(cases=cases, households=registers) as s:
        assert inferred(s)["张三", "张叔"][0] == "叔父"


def test_the_same_edges_on_a_second_run() -> None:
    declared = numbered(DECLARED, "张三#,妻,李芳#,2003-05-01,,")
    query = "SELECT edge, src, dst, term, sources FROM edges WHERE basis = 'inferred' ORDER BY ALL"
    runs = []
    for _ in range(2):
        with build(officials=OFFICIALS, kinship=declared, households=WIFES_FAMILY) as s:
            runs.append(s.query(query))
            assert len({row[0] for row in s.query("SELECT edge FROM edges")}) == len(
                s.query("SELECT edge FROM edges")
            )
    assert runs[0] == runs[1]
    assert len(runs[0]) == 4
