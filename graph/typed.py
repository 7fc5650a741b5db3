"""What intake left: which typed tables are there and which of their columns hold anything."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

INTAKE_TABLES = ("sheets", "sheet_columns", "table_columns", "row_also", "id_numbers")


@dataclass(frozen=True)
class TypedTables:
    """The typed tables of departments, their columns in order, and the columns with values."""

    columns: dict[str, tuple[str, ...]]
    filled: frozenset[tuple[str, str]]

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the table is there and each column has at least one value."""
        return table in self.columns and all((table, c) in self.filled for c in columns)

    def expression(self, table: str, column: str | None, alias: str = "t") -> str:
        """SQL for a column as text, or a typed null where nothing is in it."""
        if column is None or not self.has(table, column):
            return "NULL::VARCHAR"
        return f'{alias}."{column}"::VARCHAR'


def typed_tables(con: duckdb.DuckDBPyConnection) -> TypedTables:
    """Read the catalogue of ``typed`` (a schema of the database, or an attached database).

    Parameters
    ----------
    con : DuckDBPyConnection
        Connection in which ``typed.<table>`` resolves.

    Returns
    -------
    TypedTables
        Without the tables that describe the intake itself.
    """
    rows = con.execute(
        """
        SELECT table_name, column_name FROM duckdb_columns()
        WHERE (schema_name = 'typed' AND database_name = current_database())
           OR (database_name = 'typed' AND schema_name = 'main')
        ORDER BY table_name, column_index
        """
    ).fetchall()
    columns: dict[str, list[str]] = {}
    for table, column in rows:
        if table not in INTAKE_TABLES:
            columns.setdefault(table, []).append(column)
    filled = con.execute(
        "SELECT table_name, column_name FROM typed.table_columns WHERE filled > 0"
    ).fetchall()
    return TypedTables({t: tuple(c) for t, c in columns.items()}, frozenset(filled))
