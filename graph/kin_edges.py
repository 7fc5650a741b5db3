"""Edges of kinship: declared, read from households, and from filings.

Each source keeps edges of its own (``sources[].t`` names the table), so that a detector can leave
out filings, which list only kin who received something.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from graph.edges import content_hash, identity_of, source_order, trust
from graph.settings import GraphSettings
from graph.typed import TypedTables


@dataclass(frozen=True)
class KinTable:
    """A table that names two people and what the second is to the first."""

    table: str
    person: str
    relative: str
    start: str = "NULL"
    end: str = "NULL"


DECLARED: tuple[KinTable, ...] = (
    KinTable("kinship", "name", "relative_name", "t.start_date", "t.end_date"),
    KinTable("kin_filings", "official_name", "relative_name"),
)


def state(con: duckdb.DuckDBPyConnection, typed: TypedTables, settings: GraphSettings) -> None:
    """Add kin edges, both ways, to ``new_edges``.

    Parameters
    ----------
    con : DuckDBPyConnection
        With the rewritten tables in ``main`` and temporary table ``parties``.
    typed : TypedTables
    settings : GraphSettings
    """
    for table in DECLARED:
        if typed.has(table.table, table.person, table.relative, "relation"):
            _declared(con, typed, table, settings.sources_limit)
    if typed.has("households", "household_no", "name", "relation_to_head"):
        _households(con, typed, settings)


def _declared(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, table: KinTable, limit: int
) -> None:
    from graph.kinship import parse_term

    figure = trust(table.person, table.relative)
    order = source_order(
        f"floor({figure} / 10)::INTEGER", table.start, content_hash(typed, table.table), "t.row_id"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_rows AS
        SELECT t.{table.person}_entity AS ego, t.{table.relative}_entity AS relative, t.relation,
               a.sex AS ego_sex, b.sex AS relative_sex, {table.start}::DATE AS start_date,
               {table.end}::DATE AS end_date, {figure} AS figure, {order} AS place, t.row_id
        FROM main.{table.table} t
        LEFT JOIN parties a ON a.entity = t.{table.person}_entity
        LEFT JOIN parties b ON b.entity = t.{table.relative}_entity
        WHERE t.{table.person}_entity <> t.{table.relative}_entity AND t.relation IS NOT NULL
        """
    )
    terms = con.execute(
        "SELECT DISTINCT relation, ego_sex, relative_sex FROM kin_rows ORDER BY ALL"
    ).fetchall()
    known: list[tuple[object, ...]] = []
    for relation, ego_sex, relative_sex in terms:
        found = parse_term(relation)
        if found is None:
            continue
        back = found.inverse(ego_sex)
        known.append(
            (
                relation,
                ego_sex,
                relative_sex,
                found.term(),
                found.legal_class(),
                back.term(),
                back.legal_class(),
            )
        )
    _insert(con, table.table, known, limit)


def _insert(
    con: duckdb.DuckDBPyConnection, table: str, known: list[tuple[object, ...]], limit: int
) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kin_terms (relation VARCHAR, ego_sex VARCHAR, relative_sex VARCHAR, term VARCHAR, legal_class VARCHAR, back VARCHAR, back_class VARCHAR)"
    )
    if known:
        con.executemany("INSERT INTO kin_terms VALUES (?, ?, ?, ?, ?, ?, ?)", known)
