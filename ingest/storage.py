"""How columns of big tables are stored: values that seldom repeat are written as they are.

The engine looks for the best packing of every column. For identity numbers, accounts and amounts
that search costs more than reading the file, and finds next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

SAMPLE_ROWS = 20_000
"""First rows looked at; a relation with fewer is left to the engine."""

REPEATED = 0.2
"""Share of different values in the sample up to which a column is worth packing (经验值)."""


def seldom_repeated(
    con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]
) -> frozenset[str]:
    """Columns whose values seldom repeat in the first rows of a big relation.

    Parameters
    ----------
    con : DuckDBPyConnection
    source : str
        SQL of a relation.
    columns : sequence of str
        Columns of text.

    Returns
    -------
    frozenset of str
        Empty for a relation of fewer than ``SAMPLE_ROWS`` rows.

    Examples
    --------
    >>> rows = "(SELECT i::VARCHAR AS a, (i % 7)::VARCHAR AS b FROM range(30000) t(i))"
    >>> sorted(seldom_repeated(duckdb.connect(), rows, ["a", "b"]))
    ['a']
    """
    if not columns:
        return frozenset()
    quoted = [f'"{column}"' for column in columns]
    counts = ", ".join(f"approx_count_distinct({column})" for column in quoted)
    total, *different = con.execute(
        f"SELECT count(*), {counts} "
        f"FROM (SELECT {', '.join(quoted)} FROM {source} LIMIT {SAMPLE_ROWS})"
    ).fetchall()[0]
    if total < SAMPLE_ROWS:
        return frozenset()
    return frozenset(
        column for column, n in zip(columns, different, strict=True) if n > REPEATED * SAMPLE_ROWS
    )


def declared(columns: Mapping[str, str], unpacked: frozenset[str]) -> str:
    """SQL of column definitions, with those to be written as they are marked.

    Parameters
    ----------
    columns : mapping of name to SQL type
    unpacked : frozenset of str
        As found by `seldom_repeated`.

    Examples
    --------
    >>> declared({"a": "VARCHAR", "b": "DATE"}, frozenset({"a"}))
    '"a" VARCHAR USING COMPRESSION uncompressed, "b" DATE'
    """
    return ", ".join(
        f'"{name}" {kind}' + (" USING COMPRESSION uncompressed" if name in unpacked else "")
        for name, kind in columns.items()
    )
