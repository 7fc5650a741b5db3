"""Which sheets hold amounts in another currency than yuan."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Foreign:
    """Of one table: the sheets with foreign amounts, the currency, and whether all sheets are so."""

    sheets: tuple[int, ...]
    currency: str
    all_sheets: bool


def foreign(con: duckdb.DuckDBPyConnection, schema: str) -> dict[str, Foreign]:
    """Table → its sheets with foreign amounts; tables in yuan are absent.

    Parameters
    ----------
    con : DuckDBPyConnection
    schema : str
        ``typed`` after intake, ``main`` in a snapshot.

    Examples
    --------
    >>> con = duckdb.connect()
    >>> _ = con.execute("CREATE TABLE sheets AS SELECT 1 sheet_id, 'bids' table_name, 'AMD' currency")
    >>> foreign(con, "main")["bids"].currency
    'AMD'
    """
    rows = con.execute(
        f"SELECT table_name, list(sheet_id ORDER BY sheet_id) FILTER (currency IS NOT NULL), "
        f"string_agg(DISTINCT currency, '、' ORDER BY currency), count(*) = count(currency) "
        f"FROM {schema}.sheets GROUP BY table_name HAVING count(currency) > 0"
    ).fetchall()
    return {table: Foreign(tuple(sheets), name, every) for table, sheets, name, every in rows}
