"""Edges from a firm to its branches, resting on the rows in which a branch is named."""

from __future__ import annotations

import duckdb

from graph.edges import cited, content_hash, insert, source_order
from graph.resolve.firm_names import SAME_PARTS
from graph.resolve.references import present
from graph.typed import TypedTables


def state(con: duckdb.DuckDBPyConnection, typed: TypedTables, sources_limit: int) -> None:
    """Add one edge a branch; the name itself says whose it is, so every row with it is a source.

    Parameters
    ----------
    con : DuckDBPyConnection
        With the rewritten tables in ``main`` and temporary ``branches`` (parent, branch, probability).
    typed : TypedTables
    sources_limit : int
        Rows cited an edge.
    """
    if not con.execute("SELECT count(*) FROM branches").fetchall()[0][0]:
        return
    parts = []
    for _, party in present(typed):
        if party.kind in ("company", "any", "org"):
            order = source_order("3", "NULL", content_hash(typed, party.table), "t.row_id")
            parts.append(
                f"SELECT b.parent, b.branch, '{party.table}' AS t,"
                f" {cited(party.table, sources_limit, order)} AS rows, count(*) AS n"
                f' FROM main."{party.table}" t JOIN branches b ON b.branch = t."{party.column}_entity"'
                " GROUP BY ALL"
            )
    exact = f"probability >= {SAME_PARTS}"
    insert(
        con,
        f"""
        SELECT 'branch' AS kind, parent AS src, branch AS dst, '分支机构' AS term,
               NULL::DOUBLE AS share, NULL::DECIMAL(18,2) AS amount, NULL::DATE AS start_date,
               NULL::DATE AS end_date, CASE WHEN {exact} THEN 'certain' ELSE 'probable' END AS identity,
               CASE WHEN {exact} THEN 1.0 ELSE probability END AS probability,
               NULL AS legal_class, flatten(list(rows ORDER BY t))[1:{sources_limit}] AS sources,
               sum(n)::BIGINT AS n_sources
        FROM ({" UNION ALL ".join(parts)}) JOIN branches USING (parent, branch)
        GROUP BY parent, branch, probability
        """,
    )
