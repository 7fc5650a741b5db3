"""Write a few rows in one statement: a statement a row costs milliseconds each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import duckdb

_AT_ONCE = 500


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of equal length into a table.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : str
        Qualified name.
    rows : sequence of sequences
        Values in the order of the table's columns; may be empty.

    Examples
    --------
    >>> con = duckdb.connect()
    >>> _ = con.execute("CREATE TABLE t (a INTEGER, b VARCHAR)")
    >>> insert_rows(con, "t", [(1, "甲"), (2, None)])
    >>> con.execute("SELECT count(*), count(b) FROM t").fetchall()
    [(2, 1)]
    """
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        marks = "(" + ", ".join("?" * len(part[0])) + ")"
        values = ", ".join([marks] * len(part))
        con.execute(f"INSERT INTO {table} VALUES {values}", list(chain.from_iterable(part)))
