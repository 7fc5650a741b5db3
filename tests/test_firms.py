"""Which firms are one: codes, renamings, shortened names, branches; and decisions about them."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from math import comb
from pathlib import Path
from random import Random

import duckdb
import pytest

from examples.county import County, make_county
from examples.firm_mess import (
    CUTTING,
    FOLDING,
    bracketed,
    look_alike,
    shortened,
    write_firms_otherwise,
)
from examples.numbers import uscc
from examples.save import save
from graph.resolve.decisions import Decision
from graph.snapshot import Snapshot, build
from ingest.intake import IntakeSettings, read_folder
from tests.helpers import KEY, snapshot_from_folder, snapshot_from_tables, write_tables

X, Y = "91110000600037341L", "91350100M000100Y43"
REGISTER = "企业名称,统一社会信用代码,法定代表人,成立日期\n"
HENGDA = f"江苏恒达建设工程有限公司,{X},张三,2010-01-01\n"
RUIFENG = f"江苏瑞丰建设工程有限公司,{Y},李四,2011-01-01\n"
TENDER = "项目编号,招标人,中标人,公告日期\n"
BIDS = "项目编号,投标人,统一社会信用代码,投标报价\n"


def tenders(*winners: str) -> str:
    return TENDER + "\n".join(f"T{i},县水利局,{w},2020-01-01" for i, w in enumerate(winners))


def entities(s: Snapshot, table: str, column: str) -> list[tuple[str, str, float]]:
    return s.query(
        f'SELECT "{column}_entity", "{column}_identity", "{column}_probability"'
        f" FROM {table} ORDER BY row_no"
    )


def test_written_variants_find_the_registered_firm() -> None:
    written = (
        "恒达（江苏）建设工程有限责任公司",
        "恒达建设工程有限公司",
        "恒达建设",
        "江苏恒达建设工和有限公司",
    )
    with snapshot_from_tables(
        {"companies": REGISTER + HENGDA + RUIFENG, "tenders": tenders(*written)}
    ) as s:
        firm = entities(s, "companies", "name")[0]
        winners = entities(s, "tenders", "winner")
        assert {w[0] for w in winners} == {firm[0]}
        assert {w[1] for w in winners} == {"probable"}
        assert firm[1] == "certain"
        # However often the others are written, the register's name is shown.
        assert s.entity(firm[0]).name == "江苏恒达建设工程有限公司"


@pytest.mark.parametrize(
    "written",
    [
        "江苏瑞丰建设工程有限公司", "瑞丰建设", "浙江恒达建设工程有限公司", "江苏恒达建筑工程有限公司", "江苏恒达建材经营部",
        "江苏恒大建设工程有限公司", "江苏恒达建设工程有限公司南京分公司", "江苏恒达建设有限公司", "恒达公司",
    ],
)  # fmt: skip
def test_other_firms_are_not_taken_for_it(written: str) -> None:
    with snapshot_from_tables({"companies": REGISTER + HENGDA, "tenders": tenders(written)}) as s:
        assert entities(s, "tenders", "winner")[0][0] != entities(s, "companies", "name")[0][0]


def test_a_short_name_that_two_firms_fit_joins_neither() -> None:
    two = HENGDA + f"浙江恒达建设工程有限公司,{Y},李四,2011-01-01\n"
    with snapshot_from_tables({"companies": REGISTER + two, "tenders": tenders("恒达建设")}) as s:
        firms = {e[0] for e in entities(s, "companies", "name")}
        winner = entities(s, "tenders", "winner")[0][0]
        assert winner not in firms
        doubts = s.query(
            "SELECT other, probability, reason FROM same_as WHERE entity = ?", [winner]
        )
        assert {d[0] for d in doubts} == firms
        assert {d[1] for d in doubts} == {0.5}
        assert all("有 2 家企业与此名称相符" in d[2] for d in doubts)


def test_a_name_without_region_does_not_tie_two_regions_together() -> None:
    winners = ("恒达建设工程有限公司", "江苏恒达建设工程有限公司", "浙江恒达建设工程有限公司")
    with snapshot_from_tables({"tenders": tenders(*winners)}) as s:
        assert len({e[0] for e in entities(s, "tenders", "winner")}) == 3
    bare = f"恒达建设工程有限公司,{X},张三,2010-01-01\n"
    with snapshot_from_tables({"companies": REGISTER + bare, "tenders": tenders(*winners)}) as s:
        assert len({e[0] for e in entities(s, "tenders", "winner")}) == 3


def test_a_wrong_character_joins_where_the_number_says_so_too() -> None:
    slip = X[:-1] + "X"
    bids = f"{BIDS}T1,江苏恒大建设工程有限公司,{slip},100"
    with snapshot_from_tables({"companies": REGISTER + HENGDA, "bids": bids}) as s:
        assert entities(s, "bids", "bidder")[0][0] == entities(s, "companies", "name")[0][0]
    bids = f"{BIDS}T1,江苏恒大建设工程有限公司,{Y[:-1]}X,100"
    with snapshot_from_tables({"companies": REGISTER + HENGDA, "bids": bids}) as s:
        assert entities(s, "bids", "bidder")[0][0] != entities(s, "companies", "name")[0][0]


def test_a_renamed_firm_is_found_under_both_names() -> None:
    tables = {
        "companies": REGISTER + HENGDA,
        "bids": f"{BIDS}T1,江苏永盛路桥有限公司,{X},100",
        "tenders": tenders("江苏永盛路桥有限公司", "永盛路桥"),
    }
    with snapshot_from_tables(tables) as s:
        firm = entities(s, "companies", "name")[0][0]
        assert entities(s, "bids", "bidder")[0] == (firm, "probable", 0.9)
        assert {e[0] for e in entities(s, "tenders", "winner")} == {firm}
        assert s.query("SELECT count(*) FROM number_conflicts") == [(0,)]
        names = s.query("SELECT a_name, b_name FROM judgements WHERE verdict = 'same'")
        assert {n for pair in names for n in pair} >= {
            "江苏恒达建设工程有限公司",
            "江苏永盛路桥有限公司",
        }


@pytest.mark.parametrize("case", ["registered elsewhere", "bids against itself"])
def test_a_code_written_by_mistake_joins_nobody(case: str) -> None:
    companies, bids = REGISTER + HENGDA, f"{BIDS}T1,江苏瑞丰建设工程有限公司,{X},100\n"
    if case == "registered elsewhere":
        companies += RUIFENG
    else:
        bids += f"T1,江苏恒达建设工程有限公司,{X},120"
    with snapshot_from_tables({"companies": companies, "bids": bids}) as s:
        assert entities(s, "bids", "bidder")[0][0] != entities(s, "companies", "name")[0][0]
        assert s.query("SELECT number FROM number_conflicts") == [(X,)]


def test_old_numbers_join_names_that_could_be_one() -> None:
    bids = f"{BIDS}T1,恒达公司,{X[8:17]},100\nT2,瑞丰公司,{X[8:17]},100"
    with snapshot_from_tables({"companies": REGISTER + HENGDA, "bids": bids}) as s:
        firm = entities(s, "companies", "name")[0][0]
        first, second = entities(s, "bids", "bidder")
        assert first[0] == firm
        assert second[0] != firm
        reason = s.query("SELECT reason FROM same_as WHERE entity = ?", [second[0]])[0][0]
        assert "可能更名" in reason


def test_a_branch_is_tied_to_its_parent_and_never_merged() -> None:
    winners = (
        "江苏恒达建设工程有限公司南京分公司",
        "恒达建设徐州分公司",
        "无此母公司建设有限公司分公司",
    )
    payments = (
        "付款单位,收款人,金额,支付日期\n县财政局,江苏恒达建设工程有限公司水库项目部,1,2020-01-01"
    )
    tables = {"companies": REGISTER + HENGDA, "tenders": tenders(*winners), "payments": payments}
    with snapshot_from_tables(tables) as s:
        firm = entities(s, "companies", "name")[0][0]
        parts = [*entities(s, "tenders", "winner"), *entities(s, "payments", "payee")]
        assert len({firm, *(e[0] for e in parts)}) == 5
        assert s.entity(parts[3][0]).kind == "company"
        edges = s.query(
            "SELECT src, dst, identity, sources[1].t, n_sources FROM edges WHERE kind = 'branch'"
        )
        assert set(edges) == {
            (firm, parts[0][0], "certain", "tenders", 1),
            (firm, parts[1][0], "probable", "tenders", 1),
            (firm, parts[3][0], "certain", "payments", 1),
        }


# -- decisions ---------------------------------------------------------------------------------------


def decided(tables: dict[str, str], *decisions: Decision) -> Snapshot:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA raw; CREATE SCHEMA typed")
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), tables)
        read_folder(Path(folder), con, IntakeSettings())
        build(con, KEY, decisions=decisions)
    return Snapshot.from_connection(con)


def pair(s: Snapshot, one: str, other: str) -> tuple[str, str]:
    rows = s.query(
        "SELECT a, b FROM judgements"
        " WHERE (a_name = ? AND b_name = ?) OR (a_name = ? AND b_name = ?)",
        [one, other, other, one],
    )
    a, b = rows[0]
    return a, b


DOUBTFUL = {
    "companies": REGISTER + HENGDA,
    "tenders": tenders("江苏恒大建设工程有限公司", "恒达建设"),
}


def test_an_analysts_word_joins_and_parts_firms() -> None:
    with decided(DOUBTFUL) as s:
        typo = pair(s, "江苏恒大建设工程有限公司", "江苏恒达建设工程有限公司")
        short = pair(s, "恒达建设", "江苏恒达建设工程有限公司")
    same = Decision("company", *typo, "same", "王敏", "2024-03-01", "打字错误")
    apart = Decision("company", *short, "different", "王敏", "2024-03-02")
    with decided(DOUBTFUL, same, apart) as s:
        firm = entities(s, "companies", "name")[0][0]
        first, second = entities(s, "tenders", "winner")
        assert first == (firm, "certain", 1.0)
        assert second[0] != firm
        said = s.query(
            "SELECT verdict, decided_on FROM judgements WHERE decided_by = 'analyst' ORDER BY 1"
        )
        assert said == [("different", "2024-03-02"), ("same", "2024-03-01")]
    # More data: the short name comes with another tender, and the decision still holds.
    more = {**DOUBTFUL, "tenders": DOUBTFUL["tenders"] + "\nT9,县水利局,恒达建设,2021-01-01"}
    with decided(more, same, apart) as s:
        assert entities(s, "tenders", "winner")[2][0] != entities(s, "companies", "name")[0][0]


def test_a_decision_never_puts_two_codes_into_one_firm() -> None:
    tables = {
        "companies": REGISTER + HENGDA + RUIFENG,
        "tenders": tenders("江苏恒大建设工程有限公司"),
    }
    with decided(tables) as s:
        a, b = (e[0] for e in entities(s, "companies", "name"))
    with decided(tables, Decision("company", a, b, "same", "王敏", "2024-03-01")) as s:
        assert len({e[0] for e in entities(s, "companies", "name")}) == 2
        verdict, by, reasons = s.query(
            "SELECT verdict, decided_by, reasons FROM judgements WHERE a = ? AND b = ?",
            [min(a, b), max(a, b)],
        )[0]
        assert (verdict, by) == ("different", "rule")
        assert "两个不同的有效统一社会信用代码" in reasons[0]


# -- measured ----------------------------------------------------------------------------------------

MENTIONS = (
    ("companies", "name"), ("tenders", "winner"), ("bids", "bidder"), ("contracts", "party_b"),
    ("payments", "payee"), ("shareholders", "company"), ("expert_scores", "bidder"),
)  # fmt: skip


def pairwise(together: Counter[tuple[str, str]]) -> tuple[float, float]:
    """Precision and recall over pairs of mentions, from counts of (true firm, entity)."""
    right = sum(comb(n, 2) for n in together.values())
    firms: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for (firm, entity), n in together.items():
        firms[firm] += n
        found[entity] += n
    return (
        right / sum(comb(n, 2) for n in found.values()),
        right / sum(comb(n, 2) for n in firms.values()),
    )


@pytest.fixture(scope="module")
def county() -> County:
    return make_county(7)


@pytest.mark.parametrize("mess", ["none", "typical", "heavy"])
def test_firms_of_the_county_at_every_level_of_mess(
    county: County, mess: str, tmp_path: Path
) -> None:
    varied = write_firms_otherwise(dict(county.tables), mess, county.seed)
    save(replace(county, tables=varied), tmp_path / "data", "none")
    code = dict(
        zip(county.tables["companies"]["name"], county.tables["companies"]["uscc"], strict=True)
    )
    together: Counter[tuple[str, str]] = Counter()
    with snapshot_from_folder(tmp_path / "data") as s:
        for table, column in MENTIONS:
            found = s.query(f'SELECT "{column}_entity" FROM {table} ORDER BY row_no')
            meant = list(county.tables[table][column])
            together.update(
                (code[name], row[0]) for name, row in zip(meant, found, strict=True) if name in code
            )
    precision, recall = pairwise(together)
    assert precision >= 0.995
    assert recall >= 0.95


def test_firms_of_many_namesakes_are_not_mixed(tmp_path: Path) -> None:
    """A register full of shared cores, and winners known by nothing but a written name."""
    rng = Random(5)
    cores = ["恒达", "瑞丰", "鸿泰", "永盛", "华鼎", "宏远", "鑫隆", "诚德"]
    regions = ["青澜县", "临川市", "江南省"]
    trades = ["建设工程", "建筑工程", "市政工程", "园林绿化工程", "商贸", "信息技术", "网络科技"]
    names = sorted(
        {rng.choice(regions) + c + t + "有限公司" for c in cores for t in trades for _ in range(2)}
    )
    codes = {name: uscc(rng, "91") for name in names}
    writings = [rng.choice(names) for _ in range(600)]
    ways = (*FOLDING, *CUTTING, bracketed, shortened, look_alike)
    written = [rng.choice(ways)(name) if rng.random() < 0.4 else name for name in writings]
    tables = {
        "companies": REGISTER + "\n".join(f"{n},{c},张三,2010-01-01" for n, c in codes.items()),
        "tenders": tenders(*written),
    }
    together: Counter[tuple[str, str]] = Counter()
    with snapshot_from_tables(tables) as s:
        for name, row in zip(names, entities(s, "companies", "name"), strict=True):
            together[name, row[0]] += 1
        winners = entities(s, "tenders", "winner")
        for no, (name, (entity, identity, _)) in enumerate(zip(writings, winners, strict=True)):
            # By name alone: nothing is claimed of what such rows have in common.
            together[name, f"row {no}" if identity == "name_only" else entity] += 1
        assert "name_only" in {e[1] for e in winners}
    precision, recall = pairwise(together)
    assert precision >= 0.995
    assert recall >= 0.7
