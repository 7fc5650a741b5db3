"""What intake left: which typed tables are there and which of their columns hold anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

INTAKE_TABLES = ("sheets", "sheet_columns", "table_columns", "row_also", "id_numbers")


@dataclass(frozen=True)
class Part:
    """The distinct references of a party column of a big table; see `graph.fold`."""

    table: str
    column: str
    columns: tuple[str, ...]

    @property
    def references(self) -> str:
        """Temporary table of the references."""
        return f"fold_{self.table}_{self.column}"

    @property
    def relation(self) -> str:
        """Table of the snapshot with the references and their entities."""
        return f'parts."{self.table}_{self.column}"'

    @property
    def rows(self) -> str:
        """Table of the snapshot with the rows."""
        return f'parts."{self.table}_rows"'

    @property
    def link(self) -> str:
        """Column of the rows with the number of the reference."""
        return f"{self.column}_reference"

    def holds(self, columns: Iterable[str]) -> bool:
        """Tell whether each of the columns is one of the part's."""
        return set(columns) <= set(self.columns)


@dataclass(frozen=True)
class TypedTables:
    """The typed tables of departments, their columns in order, and the columns with values.

    ``rows``: rows a table at least has. ``parts``: of the big tables that are kept in parts.
    """

    columns: dict[str, tuple[str, ...]]
    filled: frozenset[tuple[str, str]]
    rows: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)

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
        "SELECT table_name, column_name, filled FROM typed.table_columns WHERE filled > 0"
    ).fetchall()
    most = dict.fromkeys(columns, 0)
    for table, _, n in filled:
        most[table] = max(n, most.get(table, 0))
    return TypedTables(
        {t: tuple(c) for t, c in columns.items()}, frozenset((t, c) for t, c, _ in filled), most
    )
