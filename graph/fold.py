"""Big tables in two parts: their rows, and what their parties are called, once each.

Millions of payment rows name some hundred thousand people, with the same account and village every
time. Such a table is kept as ``parts.<table>_rows``, which hold what differs from row to row and the
number of each reference, and ``parts.<table>_<column>``, which hold every distinct reference with
the columns that make it and the entities it stands for. ``main.<table>`` is a view that joins them;
numbers without gaps make these joins nearly free.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from graph.resolve.references import present, reference_columns, reference_key
from graph.schema import Party
from graph.typed import Part, TypedTables

LEAST_ROWS = 500_000
"""Rows a table from which it is folded; below, the joins cost more than they save."""

LEAST_REPEATS = 3
"""Rows a distinct reference, on the average, from which folding pays."""


def fold(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> TypedTables:
    """Find the distinct references of big tables, as temporary tables ``fold_…``.

    Each has the hash ``h`` of the reference, the columns that make it and ``n`` (rows).

    Parameters
    ----------
    con : DuckDBPyConnection
    typed : TypedTables

    Returns
    -------
    TypedTables
        With the parts of the tables that are worth it.
    """
    parts = {}
    for table in sorted(typed.columns):
        if typed.rows[table] >= LEAST_ROWS and (found := _parts(con, typed, table)):
            parts[table] = found
    return replace(typed, parts=parts)


def _parts(con: duckdb.DuckDBPyConnection, typed: TypedTables, table: str) -> tuple[Part, ...]:
    parties = [party for _, party in present(typed) if party.table == table]
    # The party told by most columns first: those of others are often among them.
    parties.sort(key=lambda party: -len(reference_columns(party, typed)))
    parts: list[Part] = []
    for party in parties:
        part = Part(table, party.column, reference_columns(party, typed))
        if any(found.holds(part.columns) for found in parts):
            continue
        if _make(con, typed, party, part):
            parts.append(part)
    return tuple(parts)


def _make(con: duckdb.DuckDBPyConnection, typed: TypedTables, party: Party, part: Part) -> bool:
    """Make the temporary table of a part; False where it would not serve or not pay."""
    columns = ", ".join(f't."{c}"' for c in part.columns)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {part.references} AS
        SELECT {reference_key(party, typed)} AS h, {columns}, count(*) AS n
        FROM typed."{part.table}" t GROUP BY {columns}
        """
    )
    distinct, hashes = con.execute(
        f"SELECT count(*), count(DISTINCT h) FROM {part.references}"
    ).fetchall()[0]
    # Where several spellings share one key, rows could not find theirs again.
    if distinct == hashes and distinct * LEAST_REPEATS <= typed.rows[part.table]:
        return True
    con.execute(f"DROP TABLE {part.references}")
    return False
