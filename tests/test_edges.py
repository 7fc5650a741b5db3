"""Edges: what tables say of two parties, with dates, trust and the rows they rest on."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

from graph.snapshot import Snapshot
from tests.helpers import snapshot_from_tables
from tests.test_resolve import number

WIFE, MAN, SON = number("19820101", "002"), number("19800101", "001"), number("20050101", "003")

COUNTY = {
    "officials": f"姓名,身份证号,单位,职务,村,乡镇,任职时间,离任时间\n张三,{MAN},县水利局,局长,,,2015-01-01,2022-03-01",
    "kinship": "姓名,身份证号,称谓,亲属姓名,亲属身份证号,亲属工作单位,结婚日期\n"
    f"张三,{MAN},妻,李芳,{WIFE},恒达建设有限公司,2003-05-01",
    "households": "户号,姓名,身份证号,与户主关系,村,乡镇\n"
    f"H1,张三,{MAN},户主,青山村,大河镇\nH1,李芳,{WIFE},妻,青山村,大河镇\nH1,张小,{SON},长子,青山村,大河镇",
    "kin_filings": "干部姓名,干部身份证号,亲属姓名,亲属身份证号,与干部关系,补贴项目,备案日期\n"
    f"张三,{MAN},李芳,{WIFE},妻子,低保,2020-01-01",
    "companies": "企业名称,统一社会信用代码,法定代表人,法定代表人身份证号,成立日期,注册地址,联系电话\n"
    f"恒达建设有限公司,91110000600037341L,李芳,{WIFE},2016-01-01,大河镇1号,0510-1234567",
    "shareholders": "企业名称,股东名称,股东证件号,持股比例,入股日期\n"
    f"恒达建设有限公司,李芳,{WIFE},62.5,2016-01-01",
    "tenders": "项目编号,标段,项目名称,招标人,中标人,中标金额,最高限价,公告日期,开标日期\n"
    "T1,1,水渠工程,县水利局,恒达建设有限公司,950000,1000000,2020-04-01,2020-05-01",
    "bids": "项目编号,标段,投标人,投标报价,是否中标,联系人电话,保证金账号\n"
    "T1,,恒达建设有限公司,950000,是,13900000001,6217000000000001\n"
    "T1,1,瑞丰建设有限公司,990000,否,13900000002,6217000000000001",
    "payments": "付款单位,收款人,金额,支付日期,收款账号\n"
    "县水利局,恒达建设有限公司,300000,2020-06-01,6217000000000009\n"
    "县水利局,恒达建设有限公司,200000.50,2020-07-01,6217000000000009",
    "leases": "村,资源名称,承包人,证件号码,起始日期,截止日期,年租金,乡镇\n青山村,鱼塘,李芳,,2019-01-01,2029-01-01,5000,大河镇",
    "subsidies": "补贴项目,年度,姓名,身份证号,银行账号,补贴金额,发放日期,村,乡镇\n"
    + "\n".join(
        f"低保,{2010 + i},李芳,{WIFE},6217 0000 0000 0007,100,{2010 + i}-06-01,青山村,大河镇"
        for i in range(12)
    ),
}


def edges(snapshot: Snapshot, kind: str) -> list[tuple[Any, ...]]:
    """(src name, dst name, term, start, end, identity) of the edges of a kind, sorted."""
    return snapshot.query(
        """
        SELECT a.name, b.name, e.term, e.start_date, e.end_date, e.identity
        FROM edges e JOIN entities a ON a.entity = e.src JOIN entities b ON b.entity = e.dst
        WHERE e.kind = ? ORDER BY ALL
        """,
        [kind],
    )


def test_every_end_of_an_edge_is_an_entity_and_has_sources() -> None:
    with snapshot_from_tables(COUNTY) as s:
        for end in ("src", "dst"):
            assert not s.query(
                f"SELECT * FROM edges WHERE {end} NOT IN (SELECT entity FROM entities)"
            )
        assert not s.query("SELECT * FROM edges WHERE n_sources < 1 OR len(sources) < 1")
        assert s.query("SELECT count(*) - count(DISTINCT edge) FROM edges") == [(0,)]
        cited = s.query("SELECT DISTINCT unnest(sources, recursive := true) FROM edges")
        assert set(s.sources(cited)) == set(cited)


def test_positions_and_holdings_are_dated() -> None:
    with snapshot_from_tables(COUNTY) as s:
        assert ("张三", "县水利局", "局长", date(2015, 1, 1), date(2022, 3, 1), "certain") in edges(
            s, "position"
        )
        assert edges(s, "legal_representative") == [
            ("李芳", "恒达建设有限公司", "法定代表人", date(2016, 1, 1), None, "certain")
        ]
        assert [row[2] for row in edges(s, "shareholder")] == ["持股62.5%"]
        assert s.query("SELECT share FROM edges WHERE kind = 'shareholder'") == [(0.625,)]


def test_kin_both_ways_each_source_apart() -> None:
    with snapshot_from_tables(COUNTY) as s:
        rows = s.query(
            """
            SELECT e.sources[1].t, a.name, b.name, e.term, e.legal_class, e.start_date
            FROM edges e JOIN entities a ON a.entity = e.src JOIN entities b ON b.entity = e.dst
            WHERE e.kind = 'kin' ORDER BY ALL
            """
        )
        assert ("kinship", "张三", "李芳", "妻子", "夫妻", date(2003, 5, 1)) in rows
        assert ("kinship", "李芳", "张三", "丈夫", "夫妻", date(2003, 5, 1)) in rows
        assert ("kin_filings", "李芳", "张三", "丈夫", "夫妻", None) in rows
        assert ("households", "张小", "李芳", "母亲", "直系血亲", None) in rows
        assert ("households", "张三", "张小", "儿子", "直系血亲", None) in rows
        assert len([row for row in rows if row[0] == "households"]) == 6
        pair = s.query(
            "SELECT sources FROM edges WHERE kind = 'kin' AND sources[1].t = 'households' LIMIT 1"
        )
        assert len(pair[0][0]) == 2


def test_unknown_terms_and_collective_households_are_counted() -> None:
    members = "\n".join(f"H9,集体{i}号,家属,青山村,大河镇" for i in range(25))
    with snapshot_from_tables(
        {
            "households": f"户号,姓名,与户主关系,村,乡镇\nH9,赵大,户主,青山村,大河镇\n{members}",
            "kinship": "姓名,称谓,亲属姓名\n张三,普通朋友,李四",
        }
    ) as s:
        assert edges(s, "kin") == []
        assert s.meta["households_set_aside"] == "1"
        assert s.meta["kinship_terms_not_understood"] == "1"


def test_one_win_a_firm_and_lot_whoever_says_so() -> None:
    with snapshot_from_tables(COUNTY) as s:
        day = date(2020, 5, 1)
        assert edges(s, "wins") == [("恒达建设有限公司", "水渠工程", "中标", day, day, "certain")]
        assert s.query("SELECT n_sources, sources[1].t FROM edges WHERE kind = 'wins'") == [
            (2, "tenders")
        ]
        assert len(edges(s, "bids")) == 2
        assert edges(s, "purchases") == [("县水利局", "水渠工程", "采购", day, day, "certain")]


def test_payments_are_summed() -> None:
    with snapshot_from_tables(COUNTY) as s:
        rows = s.query(
            "SELECT amount, start_date, end_date, n_sources FROM edges WHERE kind = 'pays'"
        )
        assert rows == [(Decimal("500000.50"), date(2020, 6, 1), date(2020, 7, 1), 2)]


def test_attributes_tie_and_are_named_masked() -> None:
    with snapshot_from_tables(COUNTY) as s:
        shared = s.query(
            "SELECT dst FROM edges WHERE kind = 'has_account' GROUP BY dst HAVING count(DISTINCT src) = 2"
        )
        account = s.entity(shared[0][0])
        assert (account.kind, account.number) == ("account", "6217000000000001")
        assert account.name == "6217****0001"
        many = s.query("SELECT len(sources), n_sources FROM edges WHERE n_sources > 10")
        assert many == [(10, 12)]


def test_a_lease_joins_a_person_known_by_name_and_village() -> None:
    with snapshot_from_tables(COUNTY) as s:
        assert edges(s, "leases") == [
            ("青山村", "李芳", "鱼塘", date(2019, 1, 1), date(2029, 1, 1), "probable")
        ]
        assert len(s.find("李芳")) == 1


def _shuffled(tables: dict[str, str], seed: int) -> dict[str, str]:
    rng = random.Random(seed)
    mixed = {}
    for name, text in tables.items():
        header, *rows = text.splitlines()
        rng.shuffle(rows)
        mixed[name] = "\n".join([header, *rows])
    return mixed


def _content(snapshot: Snapshot) -> dict[str, list[tuple[Any, ...]]]:
    """Everything but row ids; cited rows by what stands in them."""
    cited = snapshot.query(
        "SELECT edge, i, sources[i].t, sources[i].r FROM edges, range(1, 11) t(i)"
        " WHERE i <= len(sources) ORDER BY edge, i"
    )
    raw = snapshot.raw_rows([(t, r) for _, _, t, r in cited])
    return {
        "entities": snapshot.query("FROM entities ORDER BY ALL"),
        "edges": snapshot.query("SELECT * EXCLUDE (sources) FROM edges ORDER BY ALL"),
        "same_as": snapshot.query("FROM same_as ORDER BY ALL"),
        "cited": [
            (edge, i, *(cell.text for cell in raw[table, row].values()))
            for edge, i, table, row in cited
        ],
    }


def test_the_order_of_rows_does_not_matter() -> None:
    with snapshot_from_tables(COUNTY) as s:
        plain = _content(s)
    for seed in (1, 2):
        with snapshot_from_tables(_shuffled(COUNTY, seed)) as s:
            mixed = _content(s)
        assert mixed == plain
