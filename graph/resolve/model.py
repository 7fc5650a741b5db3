"""The probabilistic model: record groups of people compared by Splink on the connection in use.

The rarity of the full name enters as the chance that another of the people bears it. Only groups of
candidate pairs are given to the model, never the millions.
"""

from __future__ import annotations

from typing import Any

import duckdb

from graph.resolve.evidence import Comparison
from graph.resolve.training import Rates

NAME_PRIOR = 1000
"""People added to those of the data when the frequency of a name is reckoned: in a list of ten, a
name borne once is not a tenth of the people."""

_LISTS = {
    "births": "birth_date",
    "phones": "phone",
    "accounts": "account",
    "households": "household",
    "employers": "employer",
    "villages": "village",
    "townships": "township",
}


def records(con: duckdb.DuckDBPyConnection, rates: Rates) -> None:
    """Make ``p_records``: one row a record group that some candidate pair names.

    ``no`` counts groups without a sound number first, so that in a mixed pair they stand left.
    """
    lists = ",\n".join(
        f"list_sort(list_distinct(list({c}) FILTER (WHERE {c} IS NOT NULL AND NOT contains({c}, '*'))))"
        f" AS {name}"
        for name, c in _LISTS.items()
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_records AS
        WITH sides AS (SELECT a AS gkey, pair FROM p_pairs UNION ALL SELECT b, pair FROM p_pairs),
        wanted AS MATERIALIZED (SELECT gkey, list(pair) AS pairs FROM sides GROUP BY gkey),
        held AS MATERIALIZED (
            SELECT gkey, max_by(pname, (n, pname)) AS name, list_distinct(list(pname)) AS names,
                   max(full_number) AS "full",
                   max(number) FILTER (WHERE full_number IS NULL) AS number, {lists},
                   list_distinct(list(township || '|' || village)
                       FILTER (WHERE village IS NOT NULL AND township IS NOT NULL)) AS places,
                   list_distinct(list(village)
                       FILTER (WHERE village IS NOT NULL AND township IS NULL)) AS bare,
                   CASE WHEN bool_or(in_office) THEN true
                        WHEN max(full_number) IS NOT NULL THEN false END AS in_office,
                   list_distinct(list(left(birth_date, 7)) FILTER (WHERE birth_date IS NOT NULL))
                       AS months,
                   list_distinct(list(left(birth_date, 7))
                       FILTER (WHERE right(birth_date, 2) = '01')) AS first_days
            FROM p_refs SEMI JOIN wanted USING (gkey) GROUP BY gkey),
        ties AS (SELECT gkey, list_sort(list(DISTINCT kin)) AS kins FROM p_ties GROUP BY gkey),
        written AS (
            SELECT gkey, list_distinct(list(b)) AS alike
            FROM (SELECT gkey, unnest(names) AS a FROM held)
            JOIN (SELECT a, b FROM p_alike UNION SELECT b, a FROM p_alike) USING (a) GROUP BY gkey),
        bearers AS (SELECT pname AS name, count(DISTINCT full_number) AS bearers FROM p_refs
                    WHERE pname IN (SELECT name FROM held) GROUP BY pname)
        SELECT row_number() OVER (ORDER BY "full" IS NOT NULL, gkey) AS no, h.* EXCLUDE (number),
               w.pairs, p.pattern, p.seen, p.failed, t.kins, a.alike, d.numbers AS beside,
               greatest(n.bearers, 1) AS bearers,
               (greatest(n.bearers, 1) + 0.5) / ({rates.people} + {NAME_PRIOR}) AS tf_name
        FROM held h JOIN wanted w USING (gkey) LEFT JOIN p_partial p ON p.number = h.number AND p.tells
        LEFT JOIN ties t USING (gkey) LEFT JOIN written a USING (gkey)
        LEFT JOIN bearers n USING (name) LEFT JOIN p_beside d USING (gkey)
        """
    )


def settings(comparisons: tuple[Comparison, ...], rates: Rates) -> dict[str, Any]:
    """Splink's settings for the comparisons.

    The chance that two groups are one person is that of the left one being among the known people,
    spread over them.
    """
    odds = rates.coverage / (1 - rates.coverage) / (rates.people + NAME_PRIOR)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "no",
        "probability_two_random_records_match": odds / (1 + odds),
        "blocking_rules_to_generate_predictions": [
            {
                "blocking_rule": "l.pairs = r.pairs",
                "arrays_to_explode": ["pairs"],
                "sql_dialect": "duckdb",
            }
        ],
        "comparisons": [_comparison(c) for c in comparisons],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    ]
    for level in comparison.levels:
        levels.append(
            {
                "sql_condition": level.sql,
                "label_for_charts": level.says or "neutral",
                "m_probability": level.m,
                "u_probability": level.u,
                "fix_m_probability": True,
                "fix_u_probability": True,
            }
        )
    if comparison.name == "name":
        for same in levels[1:3]:  # the same name, as usually written or as once written
            same.update(tf_adjustment_column="name", tf_adjustment_weight=1.0)
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def score(
    con: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], rates: Rates
) -> None:
    """Make ``p_scored``: candidate pairs with odds, the level of each comparison and the columns.

    Parameters
    ----------
    con : DuckDBPyConnection
        With ``p_pairs`` and ``p_records``.
    comparisons : tuple of Comparison
    rates : Rates
    """
    # A third of a second, which runs without loose references need not spend.
    from splink import DuckDBAPI, Linker

    before = _tables(con)
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("p_records"), settings(comparisons, rates), log_level=None)
    found = linker.inference.predict()
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_scored AS
        SELECT a.gkey AS a, b.gkey AS b, b."full" IS NOT NULL AS anchored,
               pow(2, s.match_weight) AS odds, a.bearers, s.*
        FROM {found.physical_name} s JOIN p_records a ON a.no = s.no_l
        JOIN p_records b ON b.no = s.no_r
        """
    )
    for table in _tables(con) - before:
        con.execute(f'DROP TABLE main."{table}"')


def nothing_to_score(con: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> None:
    """Make an empty ``p_scored``: no candidate pairs, no model."""
    outcomes = ", ".join(f"gamma_{c.name} INTEGER" for c in comparisons)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p_scored (a VARCHAR, b VARCHAR, anchored BOOLEAN,"
        f" odds DOUBLE, bearers BIGINT, {outcomes})"
    )


def _tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '__splink__')"
    ).fetchall()
    return {table for (table,) in rows}
