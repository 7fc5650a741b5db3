"""Who is who: numbers join, names alone never do, and every doubt is kept."""

from __future__ import annotations

import pytest

from graph.settings import GraphSettings
from graph.snapshot import Snapshot
from ingest.values import check_digit
from tests.helpers import snapshot_from_tables


def number(birth: str, order: str = "001", area: str = "320281") -> str:
    """A sound identity number of a made-up person."""
    digits = area + birth + order
    return digits + check_digit(digits)


A, B = number("19800101", "001"), number("19900202", "002")


def one(snapshot: Snapshot, table: str, column: str = "name") -> list[tuple[str, str, float]]:
    """Entity, identity and probability of a party column, in the order of row numbers."""
    return snapshot.query(
        f'SELECT "{column}_entity", "{column}_identity", "{column}_probability"'
        f" FROM {table} ORDER BY row_no"
    )


def test_fifteen_digits_join_their_eighteen_digit_successor() -> None:
    old = A[:6] + A[8:17]
    with snapshot_from_tables(
        {
            "deaths": f"姓名,身份证号,死亡日期\n张三,{old},2020-01-02",
            "payroll": f"姓名,身份证号,发放单位,起薪日期\n张三,{A},县财政局,2001-01-01",
        }
    ) as s:
        assert one(s, "deaths") == one(s, "payroll")
        entity, identity, probability = one(s, "deaths")[0]
        assert (identity, probability) == ("certain", 1.0)
        assert s.entity(entity).number == A


def test_a_persons_id_depends_on_the_number_alone() -> None:
    tables = {"deaths": f"姓名,身份证号,死亡日期\n张三,{A},2020-01-02"}
    more = {**tables, "people": f"姓名,身份证号,村,乡镇\n张三丰,{A},青山村,大河镇"}
    with snapshot_from_tables(tables) as s, snapshot_from_tables(more) as t:
        assert one(s, "deaths")[0][0] == one(t, "deaths")[0][0] == one(t, "people")[0][0]


def test_a_number_of_clearly_different_names_joins_nobody() -> None:
    with snapshot_from_tables(
        {
            "deaths": f"姓名,身份证号,死亡日期\n王秀英,{A},2020-01-02",
            "payroll": f"姓名,身份证号,发放单位,起薪日期\n李建国,{A},县财政局,2001-01-01",
        }
    ) as s:
        dead, paid = one(s, "deaths")[0][0], one(s, "payroll")[0][0]
        assert dead != paid
        assert s.to_pandas("number_conflicts")["names"].map(list).tolist() == [["李建国", "王秀英"]]
        doubts = s.query("SELECT other, reason FROM same_as WHERE entity = ?", [dead])
        assert doubts == [(paid, "身份证号相同，但姓名明显不同")]


def test_two_ways_of_writing_a_name_under_one_number_are_one_person() -> None:
    with snapshot_from_tables(
        {
            "deaths": f"姓名,身份证号,死亡日期\n張三,{A},2020-01-02",
            "payroll": f"姓名,身份证号,发放单位,起薪日期\n张 三,{A},县财政局,2001-01-01",
        }
    ) as s:
        assert one(s, "deaths")[0][0] == one(s, "payroll")[0][0]


@pytest.mark.parametrize(
    ("written", "joined"), [(A[:6] + "********" + A[14:], True), ("320281********9999", False)]
)
def test_a_masked_number_joins_the_one_person_it_fits(written: str, joined: bool) -> None:
    with snapshot_from_tables(
        {
            "people": f"姓名,身份证号,村,乡镇\n张三,{A},青山村,大河镇\n张三,{B},红旗村,大河镇",
            "deaths": f"姓名,身份证号,死亡日期\n张三,{written},2020-01-02",
        }
    ) as s:
        known, dead = one(s, "people")[0][0], one(s, "deaths")[0]
        assert (dead[0] == known) is joined
        if joined:
            assert dead[1] == "probable"
            assert dead[2] >= 0.99


PEOPLE = f"姓名,身份证号,村,乡镇\n张三,{A},青山村,大河镇\n张三,{B},红旗村,大河镇"
SUBSIDY = "补贴项目,年度,姓名,补贴金额,发放日期,村,乡镇\n低保,2020,张三,100,2020-01-02,{},{}"


def test_name_and_village_join_as_probable() -> None:
    with snapshot_from_tables(
        {"people": PEOPLE, "subsidies": SUBSIDY.format("青山村", "大河镇")}
    ) as s:
        entity, identity, probability = one(s, "subsidies")[0]
        assert (entity, identity) == (one(s, "people")[0][0], "probable")
        assert 0.9 <= probability < 0.99


def test_a_village_of_the_same_name_elsewhere_does_not_join() -> None:
    with snapshot_from_tables(
        {"people": PEOPLE, "subsidies": SUBSIDY.format("青山村", "小河镇")}
    ) as s:
        assert one(s, "subsidies")[0][0] not in {row[0] for row in one(s, "people")}


def test_a_name_alone_is_noted_and_never_merged() -> None:
    with snapshot_from_tables(
        {"people": PEOPLE, "deaths": "姓名,死亡日期\n张三,2020-01-02\n张三,2021-01-02"}
    ) as s:
        known = {row[0] for row in one(s, "people")}
        dead = one(s, "deaths")
        assert dead[0][0] not in known
        assert {row[1] for row in dead} == {"name_only"}
        doubts = s.query(
            "SELECT other, identity, probability FROM same_as WHERE entity = ? ORDER BY other",
            [dead[0][0]],
        )
        assert doubts == [(other, "name_only", 0.333) for other in sorted(known)]


def test_a_common_name_says_nothing() -> None:
    people = "\n".join(f"张三,{number('19800101', f'{i:03d}')}" for i in range(1, 9, 2))
    with snapshot_from_tables(
        {
            "people": f"姓名,身份证号\n{people}",
            "deaths": "姓名,死亡日期\n张三,2020-01-02",
        }
    ) as s:
        assert s.same_as.count().execute() == 0
        assert s.meta["names_with_too_many_bearers"] == "1"


def test_a_handler_known_by_name_and_village_meets_the_official_without_number() -> None:
    with snapshot_from_tables(
        {
            "officials": "姓名,单位,职务,村,乡镇,任职时间\n赵六,青山村村委会,文书,青山村,大河镇,2015-01-01",
            "subsidies": SUBSIDY.format("青山村", "大河镇")
            .replace("补贴项目,", "补贴项目,经办人,")
            .replace("低保,", "低保,赵六,"),
        }
    ) as s:
        official, handler = one(s, "officials")[0], one(s, "subsidies", "handler")[0]
        assert handler[0] == official[0]
        assert handler[1] == "probable"


def test_firm_by_registered_name_and_by_code_is_one() -> None:
    with snapshot_from_tables(
        {
            "companies": "企业名称,统一社会信用代码,法定代表人,成立日期\n"
            "江州恒达建设有限公司,91110000600037341L,张三,2010-01-01",
            "tenders": "项目编号,招标人,中标人,公告日期\nT1,县水利局,江州恒达建设有限责任公司,2020-01-01",
            "bids": "项目编号,投标人,统一社会信用代码,投标报价\nT1,江州恒达公司,91110000600037341L,100",
        }
    ) as s:
        firm = one(s, "companies")[0]
        assert one(s, "tenders", "winner")[0] == firm == one(s, "bids", "bidder")[0]
        assert firm[1] == "certain"
        assert s.entity(firm[0]).detail == "法定代表人：张三"


def test_firms_outside_the_register_are_probable_and_absence_is_said() -> None:
    bids = "项目编号,投标人,投标报价\nT1,甲建设有限公司,100\nT2,甲建设有限公司,200\nT2,乙建设有限公司,3"
    with snapshot_from_tables({"bids": bids}) as s:
        first, second, third = one(s, "bids", "bidder")
        assert first == second
        assert first[1:] == ("probable", 0.95)
        assert third[1] == "certain"
        assert s.meta["company_register"] == "absent"


def test_two_registered_firms_of_one_name_are_not_guessed_between() -> None:
    with snapshot_from_tables(
        {
            "companies": "企业名称,统一社会信用代码,法定代表人,成立日期\n"
            "恒达商行,91110000600037341L,张三,2010-01-01\n恒达商行,91350100M000100Y43,李四,2011-01-01",
            "tenders": "项目编号,招标人,中标人,公告日期\nT1,县水利局,恒达商行,2020-01-01",
        }
    ) as s:
        firms = {row[0] for row in one(s, "companies")}
        winner = one(s, "tenders", "winner")[0][0]
        assert len(firms) == 2
        assert winner not in firms
        others = s.query("SELECT other FROM same_as WHERE entity = ? ORDER BY 1", [winner])
        assert {row[0] for row in others} == firms


def test_units_join_by_name_and_by_configured_alias() -> None:
    tables = {
        "tenders": "项目编号,招标人,中标人,公告日期\nT1,县水利局,甲公司,2020-01-01",
        "officials": "姓名,单位,职务,任职时间\n赵六,江州县水利局,局长,2015-01-01",
    }
    settings = GraphSettings(unit_aliases={"县水利局": "江州县水利局"})
    with snapshot_from_tables(tables) as s, snapshot_from_tables(tables, settings) as t:
        assert one(s, "tenders", "purchaser")[0][0] != one(s, "officials", "organization")[0][0]
        assert one(t, "tenders", "purchaser")[0] == one(t, "officials", "organization")[0]


def test_villages_by_township() -> None:
    with snapshot_from_tables(
        {
            "land_parcels": "承包方,确权面积,村,乡镇\n张三,1,青山村,大河镇\n李四,1,青山村,小河镇\n"
            "王五,1,红旗村,大河镇\n赵六,1,青山村,\n孙七,1,大河镇红旗村村民委员会,大河镇\n周八,1,红旗村,"
        }
    ) as s:
        villages = one(s, "land_parcels", "village")
        assert len({row[0] for row in villages}) == 4
        assert villages[2] == villages[4] == villages[5]
        assert villages[3][1:] == ("probable", 0.5)


def test_parties_of_undeclared_kind() -> None:
    with snapshot_from_tables(
        {
            "payments": "付款单位,收款人,收款人证件号,金额,支付日期\n"
            f"县财政局,张三,{A},1,2020-01-01\n县财政局,县水利局,,1,2020-01-01\n"
            "县财政局,恒达建设有限公司,,1,2020-01-01\n县财政局,李四,,1,2020-01-01",
            "officials": "姓名,单位,职务,任职时间\n赵六,县水利局,局长,2015-01-01",
        }
    ) as s:
        kinds = [s.entity(row[0]).kind for row in one(s, "payments", "payee")]
        assert kinds == ["person", "unit", "company", "person"]
        water = one(s, "officials", "organization")[0][0]
        assert one(s, "payments", "payee")[1][0] == water


def test_namesakes_are_told_apart() -> None:
    with snapshot_from_tables({"people": PEOPLE}) as s:
        found = s.find("张三")
        assert [f.name for f in found] == ["张三", "张三"]
        assert {f.detail for f in found} == {"大河镇青山村；1980年生", "大河镇红旗村；1990年生"}


def test_the_key_hides_numbers() -> None:
    with snapshot_from_tables({"people": PEOPLE}) as s:
        ids = [row[0] for row in one(s, "people")]
        assert all(entity.startswith("p-") and len(entity) == 18 for entity in ids)
        plain = s.query("SELECT left(sha256('p:n:' || ?), 16)", [A])[0][0]
        assert f"p-{plain}" not in ids
