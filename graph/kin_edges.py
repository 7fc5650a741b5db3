"""Edges of kinship: declared, read from households, and from filings.

Each source keeps edges of its own (column ``basis``), so that a detector can leave out filings,
which list only kin who received something. What several sources show together: ``kin_inferred``.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from graph import kin_ends, kin_inferred
from graph.edges import Basis, cited, content_hash, identity_of, insert, source_order, trust
from graph.kinship import (
    SELF,
    Sex,
    between_household_members,
    is_former,
    parse_term,
)
from graph.kinship.chains import named
from graph.settings import GraphSettings
from graph.typed import TypedTables
from ingest.rows import insert_rows


@dataclass(frozen=True)
class KinTable:
    """A table that names two people and what the second is to the first."""

    table: str
    person: str
    relative: str
    basis: Basis
    start: str = "NULL"
    end: str = "NULL"


DECLARED: tuple[KinTable, ...] = (
    KinTable("kinship", "name", "relative_name", "declared", "t.start_date", "t.end_date"),
    KinTable("kin_filings", "official_name", "relative_name", "filing"),
)


def state(con: duckdb.DuckDBPyConnection, typed: TypedTables, settings: GraphSettings) -> None:
    """Add kin edges, both ways, to ``main.edges``.

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
    kin_ends.close(con, typed, settings.sources_limit)
    kin_inferred.state(con, typed, settings)


def _both_ways(
    relation: str, ego_sex: Sex | None, relative_sex: Sex | None
) -> list[tuple[tuple[str, str | None], tuple[str, str | None]]]:
    """What the relative is to ego and ego to the relative; empty for what is no kinship."""
    readings = parse_term(relation, ego_sex)
    fitting = tuple(r for r in readings if relative_sex is None or r.sex in (None, relative_sex))
    readings = tuple(r for r in fitting or readings if r.steps)
    if not readings:
        return []
    return [(named(readings), named(r.inverse(ego_sex) for r in readings))]


def _declared(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, table: KinTable, limit: int
) -> None:
    figure = trust(table.person, table.relative)
    order = source_order(
        f"floor({figure} / 10)::INTEGER", table.start, content_hash(typed, table.table), "t.row_id"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_rows AS
        SELECT t.{table.person}_entity AS ego, t.{table.relative}_entity AS relative, t.relation,
               a.sex AS ego_sex, b.sex AS relative_sex, {table.start}::DATE AS start_date,
               {table.end}::DATE AS end_date, {figure} AS figure, {order} AS place
        FROM main.{table.table} t
        LEFT JOIN parties a ON a.entity = t.{table.person}_entity
        LEFT JOIN parties b ON b.entity = t.{table.relative}_entity
        WHERE t.{table.person}_entity <> t.{table.relative}_entity AND t.relation IS NOT NULL
        """
    )
    asked = con.execute(
        "SELECT DISTINCT relation, ego_sex, relative_sex FROM kin_rows ORDER BY ALL"
    ).fetchall()
    answers = [
        (relation, ego_sex, relative_sex, *there, *back)
        for relation, ego_sex, relative_sex in asked
        for there, back in _both_ways(relation, ego_sex, relative_sex)
    ]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kin_terms (relation VARCHAR, ego_sex VARCHAR,"
        " relative_sex VARCHAR, term VARCHAR, legal_class VARCHAR, back VARCHAR,"
        " back_class VARCHAR)"
    )
    if answers:
        insert_rows(con, "kin_terms", answers)
    insert(
        con,
        f"""
        WITH known AS (
            SELECT r.*, k.term, k.legal_class, k.back, k.back_class
            FROM kin_rows r JOIN kin_terms k ON k.relation = r.relation
             AND k.ego_sex IS NOT DISTINCT FROM r.ego_sex
             AND k.relative_sex IS NOT DISTINCT FROM r.relative_sex),
        both_ways AS (
            SELECT ego AS src, relative AS dst, term, legal_class, start_date, end_date, figure,
                   place FROM known
            UNION ALL
            SELECT relative, ego, back, back_class, start_date, end_date, figure, place
            FROM known)
        SELECT 'kin' AS kind, src, dst, term, NULL AS share, NULL AS amount, start_date, end_date,
               {identity_of("max(figure)")}, legal_class,
               {cited(table.table, limit)} AS sources, count(*) AS n_sources
        FROM both_ways GROUP BY src, dst, term, legal_class, start_date, end_date
        """,
        table.basis,
    )
    con.execute(
        f"""
        INSERT INTO counts SELECT '{table.table}_terms_not_understood', count(*)::VARCHAR
        FROM (SELECT * FROM kin_rows WHERE NOT list_contains(?::VARCHAR[], relation)) r
        ANTI JOIN kin_terms k ON k.relation = r.relation
         AND k.ego_sex IS NOT DISTINCT FROM r.ego_sex
         AND k.relative_sex IS NOT DISTINCT FROM r.relative_sex
        """,
        [sorted({relation for relation, *_ in asked if is_former(relation)})],
    )


def _households(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, settings: GraphSettings
) -> None:
    """Kinship within a household, from what each member is to its head.

    A household is its number within its township and village. One with two heads, or with more
    members than a family has, says nothing about kinship and is counted instead.
    """
    figure = trust("name")
    order = source_order(
        f"floor({figure} / 10)::INTEGER", "NULL", content_hash(typed, "households"), "t.row_id"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE members AS
        SELECT hash(t.household_no, t.township, t.village) AS house, t.name_entity AS person,
               t.relation_to_head AS term, p.sex, max({figure}) AS figure,
               min({order}) AS place, min_by(t.row_id, {order}) AS row_id
        FROM main.households t JOIN parties p ON p.entity = t.name_entity
        GROUP BY ALL
        """
    )
    words = con.execute("SELECT DISTINCT term FROM members WHERE term IS NOT NULL").fetchall()
    heads = sorted(word for (word,) in words if SELF in parse_term(word))
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE houses_aside AS
        SELECT house FROM members GROUP BY house
        HAVING count(*) > {settings.household_limit}
            OR count(DISTINCT person) FILTER (WHERE list_contains(?::VARCHAR[], term)) > 1
        """,
        [heads],
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_pairs AS
        WITH heads AS (SELECT house, any_value(sex) AS head_sex FROM members
                       WHERE list_contains(?::VARCHAR[], term) GROUP BY house)
        SELECT h.head_sex, a.person AS src, b.person AS dst, a.term AS term_a, a.sex AS sex_a,
               b.term AS term_b, b.sex AS sex_b, least(a.figure, b.figure) AS figure,
               a.row_id AS row_a, b.row_id AS row_b, a.place AS place_a, b.place AS place_b
        FROM members a JOIN members b ON a.house = b.house AND a.person <> b.person
        LEFT JOIN heads h ON h.house = a.house
        WHERE a.term IS NOT NULL AND b.term IS NOT NULL AND a.house NOT IN (SELECT house FROM houses_aside)
        """,
        [heads],
    )
    asked = con.execute(
        "SELECT DISTINCT term_a, sex_a, term_b, sex_b, head_sex FROM kin_pairs ORDER BY ALL"
    ).fetchall()
    answers = [
        (*question, *named(readings))
        for question in asked
        if (readings := between_household_members(*question))
    ]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE house_terms (term_a VARCHAR, sex_a VARCHAR, term_b VARCHAR,"
        " sex_b VARCHAR, head_sex VARCHAR, term VARCHAR, legal_class VARCHAR)"
    )
    if answers:
        insert_rows(con, "house_terms", answers)
    # Two members of one household whose rows say so: one edge a pair and term.
    insert(
        con,
        f"""
        SELECT 'kin' AS kind, src, dst, k.term, NULL AS share, NULL AS amount,
               NULL AS start_date, NULL AS end_date, {identity_of("max(figure)")},
               k.legal_class,
               min_by(CASE WHEN place_a < place_b THEN [{{'t': 'households', 'r': row_a}},
                                                     {{'t': 'households', 'r': row_b}}]
                      ELSE [{{'t': 'households', 'r': row_b}}, {{'t': 'households', 'r': row_a}}] END,
                      (least(place_a, place_b), greatest(place_a, place_b))) AS sources,
               2 AS n_sources
        FROM kin_pairs p JOIN house_terms k ON k.term_a = p.term_a AND k.term_b = p.term_b
         AND k.sex_a IS NOT DISTINCT FROM p.sex_a AND k.sex_b IS NOT DISTINCT FROM p.sex_b
         AND k.head_sex IS NOT DISTINCT FROM p.head_sex
        GROUP BY src, dst, k.term, k.legal_class
        """,
        "register",
    )
    con.execute(
        "INSERT INTO counts SELECT 'households_set_aside', count(*)::VARCHAR FROM houses_aside"
    )
