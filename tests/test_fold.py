"""Big tables kept in parts: whoever reads the snapshot can't tell."""

from __future__ import annotations

import random
from typing import Any

import pytest

from graph import fold
from graph.snapshot import Snapshot
from tests.helpers import snapshot_from_tables
from tests.test_edges import COUNTY
from tests.test_resolve import number

PAYMENTS = "补贴项目,年度,姓名,身份证号,银行账号,补贴金额,发放日期,户号,村,乡镇,经办人\n"


def county(rows: list[str]) -> dict[str, str]:
    return COUNTY | {"subsidies": PAYMENTS + "\n".join(rows)}


@pytest.fixture
def rows() -> list[str]:
    """Payments to people with numbers, without, without account, to namesakes, by two handlers."""
    made = []
    for year in range(2010, 2022):
        for i in range(8):
            name = "李芳" if i == 7 else f"王{'甲乙丙丁戊己庚'[i % 7]}"
            known = number("19700101", f"{i:03d}") if i != 3 else ""
            account = f"62170000000{i:05d}" if i != 4 else ""
            made.append(
                f"低保,{year},{name},{known},{account},{100 + i}.5,{year}-06-01,H{i},"
                f"青山村,大河镇,{'' if i == 5 else '赵主任' if year < 2015 else '钱主任'}"
            )
    return [*made, "临时救助,2020,,,,80,2020-01-01,,青山村,大河镇,钱主任"]


def everything(snapshot: Snapshot, table: str) -> list[tuple[Any, ...]]:
    return snapshot.query(f'SELECT * FROM "{table}" ORDER BY ALL')


def test_a_table_in_parts_reads_as_one_and_ties_the_same(
    rows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "SELECT kind, src, dst, term, amount, start_date, identity, probability, n_sources FROM edges ORDER BY ALL"
    with snapshot_from_tables(county(rows)) as s:
        columns = s.table("subsidies").schema()
        whole = {t: everything(s, t) for t in s.tables() if t not in ("edges", "meta")}
        edges = s.query(said)
    monkeypatch.setattr(fold, "LEAST_ROWS", 1)
    with snapshot_from_tables(county(rows)) as s:
        assert s.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'parts'")
        assert s.table("subsidies").schema() == columns
        assert {t: everything(s, t) for t in s.tables() if t not in ("edges", "meta")} == whole
        assert s.query(said) == edges


def test_each_reference_of_a_table_in_parts_cites_its_first_row_by_content(
    rows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "LEAST_ROWS", 1)

    def cited(order: list[str]) -> list[tuple[Any, ...]]:
        with snapshot_from_tables(county(order)) as s:
            return s.query(
                """
                SELECT e.src, e.dst, e.n_sources, t.name, t.account, t.pay_date
                FROM (SELECT *, unnest(sources).r AS r FROM edges WHERE kind = 'has_account'
                      AND sources[1].t = 'subsidies') e
                JOIN subsidies t ON t.row_id = e.r ORDER BY ALL
                """
            )

    there = cited(rows)
    assert [(name, account) for *_, name, account, _ in there]
    assert all(n == 12 for _, _, n, *_ in there)
    shuffled = list(rows)
    random.Random(5).shuffle(shuffled)
    assert cited(shuffled) == there


def test_references_that_hardly_repeat_are_not_taken_out(
    rows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "LEAST_ROWS", 1)
    with snapshot_from_tables(county(rows[:8])) as s:
        kept = s.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'parts'")
        assert ("subsidies_name",) not in kept
        assert s.query("SELECT count(name_entity) FROM subsidies") == [(8,)]
