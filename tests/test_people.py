"""People without numbers: what joins them, what keeps namesakes apart, what analysts decide."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from graph.resolve.alike import clearly_different, one_mistake
from graph.resolve.decisions import Decision
from graph.settings import GraphSettings
from graph.snapshot import Snapshot
from tests.helpers import snapshot_from_tables
from tests.test_resolve import A, B, number, one

HEAD = "姓名,身份证号,联系电话,村,乡镇"


def _other(i: int) -> tuple[str, str]:
    """Name and number of somebody else."""
    surnames, given = "赵钱孙李周吴郑冯陈褚", "一二三四五六七八九十百千"
    name = f"{surnames[i % 10]}{given[i // 10 % 12]}{given[i % 12]}"
    return name, number("19700101", f"{i:03d}")


def _register(*rows: str, extra: int = 0) -> str:
    """A register of people: given rows, and others of all sorts of names in ten townships."""
    others = [f"{','.join(_other(i))},13900{i:06d},第{i % 20}村,第{i % 10}镇" for i in range(extra)]
    return "\n".join([HEAD, *rows, *others])


def _joined(snapshot: Snapshot, table: str, column: str, person: str) -> bool:
    return one(snapshot, table, column)[0][0] == person


def test_a_rare_name_in_the_township_is_nearly_everything_a_common_one_nothing() -> None:
    crowd = [f"张伟,{number('19800101', f'{i:03d}')},,第{i}村,大河镇" for i in range(1, 40, 2)]
    people = _register(f"欧阳靖雯,{A},,青山村,大河镇", *crowd, extra=200)
    payee = "补贴项目,年度,姓名,补贴金额,发放日期,乡镇\n低保,2020,{},100,2020-01-02,大河镇"
    payroll = "姓名,身份证号,发放单位,起薪日期\n" + "\n".join(
        f"{','.join(_other(i))},县财政局,2001-01-01" for i in range(60)
    )
    rest = {"people": people, "payroll": payroll}
    with snapshot_from_tables({**rest, "subsidies": payee.format("欧阳靖雯")}) as s:
        assert one(s, "subsidies")[0][0] == one(s, "people")[0][0]
    with snapshot_from_tables({**rest, "subsidies": payee.format("张伟")}) as s:
        assert one(s, "subsidies")[0][0] not in {row[0] for row in one(s, "people")}


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("歐陽靖雯", True),
        ("欧阳　靖雯", True),
        ("欧阳静雯", True),
        ("欧阳婧雯", True),
        ("欧阳大雯", False),
        ("欧阳玉梅", False),
    ],
)
def test_ways_of_writing_a_name_beside_one_telephone(written: str, joined: bool) -> None:
    filing = (
        "姓名,身份证号,称谓,亲属姓名,亲属电话,亲属出生日期,填报日期\n"
        f"王五,{B},妻子,{written},13912345678,1980-01-01,2022-01-01"
    )
    with snapshot_from_tables(
        {"people": _register(f"欧阳靖雯,{A},13912345678,青山村,大河镇"), "kinship": filing}
    ) as s:
        person = one(s, "people")[0][0]
        assert _joined(s, "kinship", "relative_name", person) is joined


def test_brothers_whose_names_differ_in_one_character_stay_two() -> None:
    """One household, one telephone, one character: the commonest trap of near names."""
    filing = (
        "姓名,身份证号,称谓,亲属姓名,亲属电话,填报日期\n"
        f"王五,{B},儿子,王志刚,13912345678,2022-01-01"
    )
    with snapshot_from_tables(
        {"people": _register(f"王志强,{A},13912345678,青山村,大河镇"), "kinship": filing}
    ) as s:
        assert not _joined(s, "kinship", "relative_name", one(s, "people")[0][0])


def test_a_relative_known_by_the_household_alone() -> None:
    """Two namesakes in the county; the wife is the one in the official's household."""
    other = number("19850505", "004")
    tables = {
        "households": "户号,姓名,身份证号,与户主关系,村,乡镇\n"
        f"H1,王五,{B},户主,青山村,大河镇\nH1,李秀英,{A},妻,青山村,大河镇\n"
        f"H2,李秀英,{other},户主,红旗村,大河镇",
        "kinship": f"姓名,身份证号,称谓,亲属姓名,填报日期\n王五,{B},妻子,李秀英,2022-01-01",
    }
    with snapshot_from_tables(tables) as s:
        wife, namesake = one(s, "households")[1][0], one(s, "households")[2][0]
        found = one(s, "kinship", "relative_name")[0]
        assert found[:2] == (wife, "probable")
        assert found[0] != namesake
        reasons = s.query("SELECT reasons FROM judgements WHERE verdict = 'same'")[0][0]
        assert "同为一人的亲属（申报或同户）" in reasons


def test_two_officials_wives_of_one_name_are_two() -> None:
    tables = {
        "kinship": "姓名,身份证号,称谓,亲属姓名,填报日期\n"
        f"王五,{A},妻子,李秀英,2022-01-01\n赵六,{B},妻子,李秀英,2022-01-01"
    }
    with snapshot_from_tables(tables) as s:
        wives = one(s, "kinship", "relative_name")
        assert wives[0][0] != wives[1][0]


def test_two_who_fit_equally_are_not_guessed_between() -> None:
    people = _register(f"张三,{A},,青山村,大河镇", f"张三,{B},,青山村,大河镇")
    subsidy = (
        "补贴项目,年度,姓名,补贴金额,发放日期,村,乡镇\n低保,2020,张三,100,2020-01-02,青山村,大河镇"
    )
    with snapshot_from_tables({"people": people, "subsidies": subsidy}) as s:
        assert one(s, "subsidies")[0][0] not in {row[0] for row in one(s, "people")}
        found = s.query("SELECT verdict, decided_by, probability, reasons FROM judgements")
        assert [row[:2] for row in found] == [("unsure", "model")] * 2
        assert all(row[2] <= 0.5 for row in found)
        assert all("共有2人相符，分不出是哪一位" in row[3] for row in found)


def test_one_slip_in_a_numbered_row_does_not_hide_the_usual_name() -> None:
    """The register writes 王磊, one list 王蕾 beside the same number; the loose row is 王磊's."""
    tables = {
        "people": _register(f"王磊,{A},13912345678,青山村,大河镇"),
        "payroll": f"姓名,身份证号,发放单位,起薪日期\n王蕾,{A},县财政局,2001-01-01",
        "kinship": "姓名,身份证号,称谓,亲属姓名,亲属电话,填报日期\n"
        f"王五,{B},弟,王磊,13912345678,2022-01-01",
    }
    with snapshot_from_tables(tables) as s:
        assert one(s, "payroll")[0][0] == one(s, "people")[0][0]
        assert one(s, "kinship", "relative_name")[0][0] == one(s, "people")[0][0]
        reasons = s.query("SELECT reasons FROM judgements")[0][0]
        assert "姓名相同：王磊" in reasons


def test_a_number_that_fails_is_kept_and_is_weak_evidence() -> None:
    wrong = A[:15] + str((int(A[15]) + 1) % 10) + A[16:]
    with snapshot_from_tables(
        {
            "people": _register(f"张三,{A},,青山村,大河镇", f"张三,{B},,红旗村,大河镇"),
            "deaths": f"姓名,身份证号,死亡日期\n张三,{wrong},2020-01-02",
        }
    ) as s:
        entity, identity, _ = one(s, "deaths")[0]
        assert (entity, identity) == (one(s, "people")[0][0], "probable")
        assert s.query("SELECT status, reason FROM id_numbers WHERE number = ?", [wrong]) == [
            ("bad", "校验码不符")
        ]
        assert "证件号只差一位" in s.query("SELECT reasons FROM judgements")[0][0]


@pytest.mark.parametrize(("masked", "possible"), [("", True), ("329925********9486", False)])
def test_a_masked_number_that_does_not_fit_is_not_even_a_possible_namesake(
    masked: str, possible: bool
) -> None:
    bids = (
        "项目编号,投标人,投标报价,项目经理,项目经理身份证号\n"
        f"T1,江州甲建设有限公司,100,高志远,{masked}\nT1,江州乙建设有限公司,110,高志远,{A}"
    )
    with snapshot_from_tables({"bids": bids}) as s:
        loose, numbered = (entity for entity, *_ in one(s, "bids", "manager"))
        assert loose != numbered
        found = s.same_as.filter(s.same_as.entity == loose).to_pandas()
        assert (numbered in set(found["other"])) == possible


def test_a_masked_number_that_does_not_fit_outweighs_a_common_village() -> None:
    masked = "320281********9999"
    subsidy = (
        "补贴项目,年度,姓名,身份证号,补贴金额,发放日期,村,乡镇\n"
        f"低保,2020,张三,{masked},100,2020-01-02,青山村,大河镇"
    )
    with snapshot_from_tables(
        {"people": _register(f"张三,{A},,青山村,大河镇"), "subsidies": subsidy}
    ) as s:
        assert one(s, "subsidies")[0][0] != one(s, "people")[0][0]
        verdict, by, reasons = s.query("SELECT verdict, decided_by, reasons FROM judgements")[0]
        assert (verdict, by) == ("different", "rule")
        assert "证件号不符" in reasons


@pytest.mark.parametrize("cut", ["3.20281E+17", "320281198001010000"])
def test_numbers_cut_by_a_spreadsheet_do_not_make_namesakes_one(cut: str) -> None:
    """3.2E+17 beside a name is shared by every namesake of the county."""
    if cut.endswith("000"):
        cut = A[:15] + "000"
    rows = f"低保,2020,张三,{cut},1,2020-01-02,青山村,大河镇\n低保,2020,张三,{cut},1,2020-01-02,红旗村,大河镇"
    with snapshot_from_tables(
        {"subsidies": "补贴项目,年度,姓名,身份证号,补贴金额,发放日期,村,乡镇\n" + rows}
    ) as s:
        first, second = one(s, "subsidies")
        assert (first[0] == second[0]) is cut.endswith("000")


@pytest.mark.parametrize(
    ("rows", "joined"),
    [
        # Both are paid, since different days: a payroll holds each person once.
        ((f"张刚,{A},镇卫生院,2005-09-01,", "张刚,,镇卫生院,1995-09-01,"), False),
        # The same row twice, once without the number.
        ((f"张刚,{A},镇卫生院,2005-09-01,", "张刚,,镇卫生院,2005-09-01,"), True),
        # One term after the other.
        ((f"张刚,{A},镇卫生院,2005-09-01,", "张刚,,镇卫生院,1999-09-01,2004-08-31"), True),
    ],
)
def test_two_colleagues_of_one_name_on_one_payroll_are_two(
    rows: tuple[str, str], joined: bool
) -> None:
    head = "姓名,身份证号,发放单位,起薪日期,停薪日期"
    others = [f"{','.join(_other(i))},第{i % 20}所,2001-01-01," for i in range(100)]
    payroll = "\n".join([head, *rows, *others])
    with snapshot_from_tables(
        {"people": _register(f"张刚,{A},,,", extra=200), "payroll": payroll}
    ) as s:
        numbered, loose = (entity for entity, *_ in one(s, "payroll")[:2])
        assert (numbered == loose) == joined


def test_the_chance_from_which_records_are_merged_is_a_setting() -> None:
    payee = "补贴项目,年度,姓名,补贴金额,发放日期,乡镇\n低保,2020,欧阳靖雯,100,2020-01-02,大河镇"
    tables = {"people": _register(f"欧阳靖雯,{A},,青山村,大河镇", extra=200), "subsidies": payee}
    for least, joined in ((0.6, True), (1.0, False)):
        with snapshot_from_tables(tables, settings=GraphSettings(merge_from=least)) as s:
            assert (one(s, "subsidies")[0][0] == one(s, "people")[0][0]) == joined


def test_what_stands_for_an_employer_joins_nobody() -> None:
    rows = "\n".join(
        f"{name},{n},妻子,李秀英,务农,2022-01-01" for name, n in (("王五", A), ("赵六", B))
    )
    with snapshot_from_tables(
        {"kinship": "姓名,身份证号,称谓,亲属姓名,亲属工作单位,填报日期\n" + rows}
    ) as s:
        wives = one(s, "kinship", "relative_name")
        assert wives[0][0] != wives[1][0]


def test_names_that_are_easily_mistaken() -> None:
    assert one_mistake("王晓明", "王小明")
    assert one_mistake("张晴", "张睛")
    assert not one_mistake("王志强", "王志刚")
    assert not one_mistake("王晓明", "王晓")
    assert not clearly_different("欧阳靖雯", "欧阳静雯")
    assert clearly_different("王芳", "王伟")


TWO = {
    "people": _register(f"张三,{A},,青山村,大河镇"),
    "deaths": "姓名,死亡日期\n张三,2020-01-02",
    "subsidies": "补贴项目,年度,姓名,补贴金额,发放日期,村,乡镇\n低保,2020,张三,100,2020-01-02,青山村,大河镇",
}


def _entity_ids(decisions: Sequence[Decision] = ()) -> dict[str, str]:
    with snapshot_from_tables(TWO, decisions=decisions) as s:
        return {table: one(s, table)[0][0] for table in TWO}


def _decision(a: str, b: str, verdict: str) -> Decision:
    assert verdict in ("same", "different")
    return Decision("person", a, b, verdict, "王敏", "2024-03-01", "电话核实")  # type: ignore[arg-type]


def test_an_analyst_joins_what_the_model_would_not_and_can_take_it_back() -> None:
    before = _entity_ids()
    assert before["deaths"] != before["people"]
    decided = [_decision(before["deaths"], before["people"], "same")]
    for _ in range(2):
        with snapshot_from_tables(TWO, decisions=decided) as s:
            assert one(s, "deaths")[0] == (one(s, "people")[0][0], "certain", 1.0)
            row = s.query(
                "SELECT a, b, verdict, decided_on, reasons, entity_a = entity_b FROM judgements "
                "WHERE decided_by = 'analyst'"
            )
            a, b = sorted((before["deaths"], before["people"]))
            assert row == [(a, b, "same", "2024-03-01", ["人工认定（王敏）：电话核实"], True)]
    assert _entity_ids() == before


def test_an_analyst_parts_what_the_model_joined() -> None:
    with snapshot_from_tables(TWO) as s:
        assert one(s, "subsidies")[0][0] == one(s, "people")[0][0]
        a, b = s.query("SELECT a, b FROM judgements WHERE verdict = 'same'")[0]
    with snapshot_from_tables(TWO, decisions=[_decision(b, a, "different")]) as s:
        assert one(s, "subsidies")[0][0] != one(s, "people")[0][0]
        found = s.query("SELECT verdict, decided_by FROM judgements WHERE a = ? AND b = ?", [a, b])
        assert found == [("different", "analyst")]
        assert s.query("SELECT * FROM same_as WHERE entity = ? AND other = ?", [a, b]) == []


def test_no_decision_puts_two_numbers_into_one_person() -> None:
    tables = {"people": _register(f"张三,{A},,青山村,大河镇", f"张三,{B},,红旗村,大河镇")}
    with snapshot_from_tables(tables) as s:
        first, second = (row[0] for row in one(s, "people"))
    with snapshot_from_tables(tables, decisions=[_decision(first, second, "same")]) as s:
        assert [row[0] for row in one(s, "people")] == [first, second]
        verdict, by, on, reasons = s.query(
            "SELECT verdict, decided_by, decided_on, reasons FROM judgements"
        )[0]
        assert (verdict, by, on) == ("different", "rule", None)
        assert "两个不同的有效证件号" in reasons[0]
        assert "王敏" in reasons[1]
        assert s.meta["decisions_refused"] == "1"


def test_nor_does_a_chain_of_decisions() -> None:
    tables = {**TWO, "people": _register(f"张三,{A},,青山村,大河镇", f"张三,{B},,红旗村,大河镇")}
    with snapshot_from_tables(tables) as s:
        first, second = (row[0] for row in one(s, "people"))
        dead = one(s, "deaths")[0][0]
    chain = [_decision(dead, first, "same"), _decision(second, dead, "same")]
    with snapshot_from_tables(tables, decisions=chain) as s:
        assert len({row[0] for row in one(s, "people")}) == 2
        assert s.meta["decisions_refused"] == "1"


def test_decisions_on_records_of_another_delivery_wait() -> None:
    decided = [_decision("p-0000000000000000", "p-1111111111111111", "same")]
    with snapshot_from_tables(TWO, decisions=decided) as s:
        assert s.meta["decisions_waiting"] == "1"


def test_judgements_do_not_depend_on_the_order_of_rows() -> None:
    tables = {
        "people": _register(f"张三,{A},13912345678,青山村,大河镇", extra=40),
        "subsidies": "补贴项目,年度,姓名,补贴金额,发放日期,村,乡镇\n"
        + "\n".join(f"低保,2020,赵{c}{c},1,2020-01-0{i},第{i}村,大河镇" for i, c in enumerate("一二三四五", 1)),
        "kinship": "姓名,身份证号,称谓,亲属姓名,亲属电话,填报日期\n"
        f"王五,{B},妻子,章三,13912345678,2022-01-01\n王五,{B},妻子,张三,13912345678,2022-01-01",
    }  # fmt: skip
    shuffled = {}
    for name, text in tables.items():
        head, *rows = text.split("\n")
        random.Random(3).shuffle(rows)
        shuffled[name] = "\n".join([head, *rows])
    with snapshot_from_tables(tables) as s, snapshot_from_tables(shuffled) as t:
        found = s.query("SELECT * FROM judgements")
        assert found
        assert t.query("SELECT * FROM judgements") == found
        assert t.query("FROM same_as ORDER BY ALL") == s.query("FROM same_as ORDER BY ALL")


def test_no_number_in_a_judgement_is_whole() -> None:
    with snapshot_from_tables(
        {
            "people": _register(f"张三,{A},13912345678,青山村,大河镇"),
            "kinship": "姓名,身份证号,称谓,亲属姓名,亲属电话,填报日期\n"
            f"王五,{B},妻子,张三,13912345678,2022-01-01",
        }
    ) as s:
        text = str(s.query("FROM judgements"))
        assert "139****5678" in text
        assert A not in text
        assert "13912345678" not in text
