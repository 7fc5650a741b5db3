"""Wherever DuckDB reads a value, the Python parser reads the same one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import sqlvalues, values

SPELLINGS = st.one_of(
    st.text("0123456789.,-+ E万元", max_size=14),
    st.text("0123456789-/.年月日 :T", max_size=20),
    st.text("0123456789X*x' -", min_size=13, max_size=20),
    st.text("0123456789ABCXZ", min_size=15, max_size=18),
    st.decimals(-(10**9), 10**9, places=3).map(str),
    st.decimals(-(10**9), 10**9, places=2).map("{:,}".format),
    st.sampled_from(sorted(values.YES | values.NO | values.BLANKS)),
    st.text("青石镇，（） /—无空-NULL\u200b\u3000\u00a0", max_size=8),
    st.text(max_size=12),
)
DAYS = st.dates(dt.date(1840, 1, 1), dt.date(2110, 1, 1))
MONTHS = st.sampled_from(["first", "last"])
FACTORS = st.sampled_from([Decimal(1), Decimal(1000), Decimal(10**4), Decimal(10**8)])
CLOCKS = ["", " 9:05", " 23:59:59", "T00:00:00", " 24:00", " 9:5"]

Parser = Callable[[str], Any]


def spelt(day: dt.date) -> list[str]:
    y, m, d = day.year, day.month, day.day
    forms = [f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}年{m}月{d}日", f"{y}.{m}.{d}"]
    forms += [
        f"{y}{m:02}{d:02}",
        f"{y}年{m}月",
        f"{y}-{m:02}",
        f"{y}年{m:02}月{d:02}日",
        f"{y}-{m}-31",
    ]
    return forms + [f"{y}-{m:02}-{d:02}{clock}" for clock in CLOCKS]


def id_of(text: str) -> str | None:
    number = values.parse_id_number(text)
    return number.number if number else None


def uscc_of(text: str) -> str | None:
    number = values.parse_uscc(text)
    return number.number if number else None


PLAIN: dict[str, tuple[Callable[[str], str], Parser]] = {
    "text": (sqlvalues.text_sql, values.parse_text),
    "number": (sqlvalues.number_sql, values.parse_number),
    "datetime": (sqlvalues.datetime_sql, values.parse_datetime),
    "yes_no": (sqlvalues.yes_no_sql, values.parse_yes_no),
    "id": (sqlvalues.id_sql, id_of),
    "uscc": (sqlvalues.uscc_sql, uscc_of),
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def assert_same(
    con: duckdb.DuckDBPyConnection, texts: list[str], sql: str, parse: Parser, least: int = 0
) -> None:
    rows = con.execute(f"SELECT c, {sql} FROM (SELECT unnest(?::VARCHAR[]) AS c)", [texts])
    read = [(text, value) for text, value in rows.fetchall() if value is not None]
    assert [(t, v) for t, v in read if parse(t) != v] == []
    assert len(read) >= least


TEXTS = st.lists(SPELLINGS, min_size=1, max_size=40)
FEW = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize("kind", sorted(PLAIN))
@FEW
@given(texts=TEXTS)
def test_sql_agrees_on_anything(
    con: duckdb.DuckDBPyConnection, kind: str, texts: list[str]
) -> None:
    make_sql, parse = PLAIN[kind]
    assert_same(con, texts, make_sql("c"), parse)


@FEW
@given(texts=TEXTS, factor=FACTORS)
def test_sql_agrees_on_money(
    con: duckdb.DuckDBPyConnection, texts: list[str], factor: Decimal
) -> None:
    sql = sqlvalues.money_sql("c", factor)
    assert_same(con, texts, sql, lambda text: values.parse_money(text, factor))


@FEW
@given(amounts=st.lists(st.decimals(-(10**5), 10**5, places=4), min_size=1), factor=FACTORS)
def test_sql_reads_plain_amounts_to_the_same_cent(
    con: duckdb.DuckDBPyConnection, amounts: list[Decimal], factor: Decimal
) -> None:
    texts = [f"{a:f}" for a in amounts] + [f"{a:,.1f}" for a in amounts]
    kept = [t for t in texts if values.parse_money(t, factor) is not None]
    sql = sqlvalues.money_sql("c", factor)
    assert_same(con, texts, sql, lambda text: values.parse_money(text, factor), least=len(kept))


@FEW
@given(texts=TEXTS, days=st.lists(DAYS, max_size=10), month_as=MONTHS)
def test_sql_agrees_on_dates(
    con: duckdb.DuckDBPyConnection, texts: list[str], days: list[dt.date], month_as: values.MonthAs
) -> None:
    spellings = texts + [form for day in days for form in spelt(day)]
    in_years = sum(values.YEARS[0] <= day.year <= values.YEARS[1] for day in days)
    sql = sqlvalues.date_sql("c", month_as)
    assert_same(
        con, spellings, sql, lambda text: values.parse_date(text, month_as), least=8 * in_years
    )
    assert_same(con, spellings, sqlvalues.datetime_sql("c"), values.parse_datetime)


@pytest.mark.parametrize(
    ("sql", "text", "value"),
    [
        (sqlvalues.money_sql("c"), "1,234.505", Decimal("1234.51")),
        (sqlvalues.money_sql("c", Decimal(10**4)), "-0.12345", Decimal("-1234.50")),
        (sqlvalues.money_sql("c"), "99999999999999999", None),
        (sqlvalues.money_sql("c", Decimal(10**8)), "100000000.000", None),
        (sqlvalues.money_sql("c", Decimal(10**8)), "1,234.5", Decimal(123450000000)),
        (sqlvalues.date_sql("c"), "2023年5月6日", dt.date(2023, 5, 6)),
        (sqlvalues.date_sql("c"), "2023-02-30", None),
        (sqlvalues.datetime_sql("c"), "2023-05-06 09:30", dt.datetime(2023, 5, 6, 9, 30)),
        (sqlvalues.yes_no_sql("c"), "未中标", False),
        (sqlvalues.id_sql("c"), "320281********1234", "320281********1234"),
        (sqlvalues.text_sql("c"), "无", None),
        (sqlvalues.text_sql("c"), "=1+1", "=1+1"),
        (sqlvalues.number_sql("c"), "12.5", 12.5),
    ],
)
def test_common_spellings_need_no_python(
    con: duckdb.DuckDBPyConnection, sql: str, text: str, value: object
) -> None:
    assert con.execute(f"SELECT {sql} FROM (SELECT ? AS c)", [text]).fetchone() == (value,)
