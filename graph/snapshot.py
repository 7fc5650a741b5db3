"""The immutable store of one run: tables, entities, edges and where every row came from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol, TypeVar

import duckdb
import ibis
import pandas as pd
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.build import build
from graph.settings import GraphSettings
from ingest.currency import foreign
from ingest.errors import UserError

__all__ = ["Cell", "Entity", "GraphSettings", "Place", "RowSource", "Snapshot", "build"]

_Made = TypeVar("_Made")

RowRef = tuple[str, int]
"""A row of evidence: (table, row_id)."""


class Requirement(Protocol):
    """A table and columns that someone needs (``detectors.detector.Requires``)."""

    @property
    def table(self) -> str:
        """Name of the table."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Canonical columns."""


@dataclass(frozen=True)
class Entity:
    """A node: who or what it is, and the short text that tells it from namesakes."""

    entity: str
    kind: str
    name: str
    number: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    detail: str | None = None
    n_rows: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a row stands as a person sees it."""

    file: str
    sheet: str | None
    row: int


@dataclass(frozen=True)
class RowSource:
    """The place of a row, and the places of duplicates merged into it."""

    file: str
    sheet: str | None
    row: int
    also: tuple[Place, ...] = ()


class Cell(NamedTuple):
    """A cell as in the file; ``mask`` says which kind of number it holds, if any."""

    text: str | None
    mask: str | None
    column: str | None


class Snapshot:
    """Read side of one run's store.

    Parameters
    ----------
    con : DuckDBPyConnection
        A database whose schema ``main`` was written by ``build``.

    Examples
    --------
    >>> with Snapshot.open("OUT/runs/R1/snapshot.duckdb") as s:  # doctest: +SKIP
    ...     s.edges.filter(s.edges.kind == "kin").count().execute()
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._backend: Backend = ibis.duckdb.from_connection(con)
        catalog = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = 'main'"
        ).fetchall()
        self._tables = {table for table, _ in catalog}
        if not {"meta", "entities", "edges"} <= self._tables:
            raise UserError("这不是探微的快照文件，或生成时中断。请重新运行 tanwei run。")
        self._filled = set(
            con.execute(
                "SELECT table_name, column_name FROM main.table_columns WHERE filled > 0"
            ).fetchall()
        )
        self._foreign = foreign(con, "main")
        self.meta: dict[str, str | None] = dict(
            con.execute("SELECT key, value FROM main.meta").fetchall()
        )
        self._remembered: dict[Hashable, Any] = {}

    @classmethod
    def open(cls, path: str | Path) -> Snapshot:
        """Open ``snapshot.duckdb`` read-only.

        Raises
        ------
        UserError
            If there is no such file or it is no snapshot.
        """
        if not Path(path).is_file():
            raise UserError(f"找不到快照文件 {path}。请先运行 tanwei run。")
        try:
            con = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            raise UserError(
                f"快照文件 {path} 无法打开，可能已损坏。请重新运行 tanwei run。"
            ) from error
        return cls(con)

    @classmethod
    def from_connection(cls, con: duckdb.DuckDBPyConnection) -> Snapshot:
        """Read a snapshot just built on this connection."""
        return cls(con)

    def close(self) -> None:
        """Close the connection."""
        self.con.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- tables as expressions -------------------------------------------------------------------

    def table(self, name: str) -> Table:
        """A table of the snapshot as an Ibis expression.

        Raises
        ------
        UserError
            If the data hold no such table.
        """
        if name not in self._tables:
            raise UserError(f"数据中没有表 {name}。现有：{'、'.join(self.tables())}。")
        # Asking the engine for the columns takes longer than most queries on small tables.
        return self.remember(("table", name), lambda: self._backend.table(name))

    def in_yuan(self, name: str) -> Table:
        """A table without the rows of sheets whose amounts are in another currency."""
        table = self.table(name)
        found = self._foreign.get(name)
        return table.filter(~table.sheet_id.isin(found.sheets)) if found else table

    def foreign_currency(self, name: str) -> str | None:
        """The currency of a table none of whose amounts is in yuan, else None."""
        found = self._foreign.get(name)
        return found.currency if found and found.all_sheets else None

    @property
    def entities(self) -> Table:
        """``entity, kind, name, number, birth_date, sex, detail``."""
        return self.table("entities")

    @property
    def edges(self) -> Table:
        """``edge, kind, src, dst, term, share, amount, dates, identity, …``."""
        return self.table("edges")

    @property
    def same_as(self) -> Table:
        """Possible same parties that were not merged, both directions."""
        return self.table("same_as")

    def memtable(self, frame: pd.DataFrame, name: str | None = None) -> Table:
        """A small data frame as an expression that joins with the snapshot's tables."""
        return ibis.memtable(frame) if name is None else ibis.memtable(frame, name=name)

    def tables(self) -> tuple[str, ...]:
        """Names of all tables, sorted."""
        return tuple(sorted(self._tables))

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the table is there and each of the columns has at least one value."""
        return table in self._tables and all((table, c) in self._filled for c in columns)

    def missing(self, requires: Iterable[Requirement]) -> tuple[tuple[str, str | None], ...]:
        """What of the requirements the data lack: (table, None) or (table, column)."""
        lacking: list[tuple[str, str | None]] = []
        for need in requires:
            if need.table not in self._tables:
                lacking.append((need.table, None))
            else:
                lacking += [(need.table, c) for c in need.columns if not self.has(need.table, c)]
        return tuple(lacking)

    @property
    def as_of(self) -> date | None:
        """The day the run looks from; never the clock. None where the data hold no event date."""
        value = self.meta.get("as_of")
        return date.fromisoformat(value) if value else None

    def to_pandas(self, name: str) -> pd.DataFrame:
        """A whole table as a data frame."""
        frame: pd.DataFrame = self.table(name).to_pandas()
        return frame

    def remember(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what ``make`` gave when this key was first asked for.

        For what several detectors need and is dear to make; it lives as long as the snapshot.

        Parameters
        ----------
        key : hashable
            Everything that the result depends on besides the snapshot: a name, and settings.
        make : callable without arguments
        """
        if key not in self._remembered:
            self._remembered[key] = make()
        made: _Made = self._remembered[key]
        return made

    # -- who -------------------------------------------------------------------------------------

    def names(self, entities: Iterable[str]) -> dict[str, str]:
        """Names of entities; unknown ids are left out."""
        return {e: found.name for e, found in self.lookup(entities).items()}

    def entity(self, entity: str) -> Entity:
        """One entity.

        Raises
        ------
        KeyError
            If the snapshot has no such entity.
        """
        return self.lookup([entity])[entity]

    def lookup(self, entities: Iterable[str]) -> dict[str, Entity]:
        """Entities by id; unknown ids are left out."""
        rows = self.con.execute(
            "SELECT entity, kind, name, number, birth_date, sex, detail, n_rows FROM main.entities"
            " WHERE entity IN (SELECT unnest(?::VARCHAR[]))",
            [sorted(set(entities))],
        ).fetchall()
        return {row[0]: Entity(*row) for row in rows}

    def find(self, name: str) -> tuple[Entity, ...]:
        """People, firms, units and villages of exactly this name, else of names that contain it.

        Namesakes are told apart by ``detail`` and ``n_rows``; those with most rows come first.
        """
        query = (
            "SELECT entity, kind, name, number, birth_date, sex, detail, n_rows FROM main.entities"
            " WHERE kind IN ('person', 'company', 'unit', 'village') AND {} "
            " ORDER BY n_rows DESC, name, entity LIMIT 200"
        )
        rows = self.con.execute(query.format("name = ?"), [name.strip()]).fetchall()
        if not rows:
            rows = self.con.execute(query.format("contains(name, ?)"), [name.strip()]).fetchall()
        return tuple(Entity(*row) for row in rows)

    # -- where from ------------------------------------------------------------------------------

    def sources(self, rows: Iterable[RowRef]) -> dict[RowRef, RowSource]:
        """Places of rows in the files.

        Parameters
        ----------
        rows : iterable of (table, row_id)

        Returns
        -------
        dict
            (table, row_id) → RowSource.
        """
        found: dict[RowRef, RowSource] = {}
        for table, ids in self._by_table(rows).items():
            also: dict[int, list[Place]] = {}
            for row_id, *place in self.con.execute(
                "SELECT a.row_id, s.file, s.sheet, a.row_no FROM main.row_also a"
                " JOIN main.sheets s USING (sheet_id) WHERE a.table_name = ?"
                " AND a.row_id IN (SELECT unnest(?::BIGINT[])) ORDER BY 2, 3, 4",
                [table, ids],
            ).fetchall():
                also.setdefault(row_id, []).append(Place(*place))
            for row_id, file, sheet, row in self.con.execute(
                f'SELECT t.row_id, s.file, s.sheet, t.row_no FROM main."{table}" t'
                " JOIN main.sheets s USING (sheet_id)"
                " WHERE t.row_id IN (SELECT unnest(?::BIGINT[]))",
                [ids],
            ).fetchall():
                found[(table, row_id)] = RowSource(file, sheet, row, tuple(also.get(row_id, ())))
        return found

    def raw_rows(self, rows: Iterable[RowRef]) -> dict[RowRef, dict[str, Cell]]:
        """Cells of rows as they stand in the files, in the order of the columns there.

        Returns
        -------
        dict
            (table, row_id) → {original header: Cell}. A header that comes twice gets its position.
        """
        found: dict[RowRef, dict[str, Cell]] = {}
        for table, ids in self._by_table(rows).items():
            places = self.con.execute(
                f'SELECT sheet_id, row_no, row_id FROM main."{table}"'
                " WHERE row_id IN (SELECT unnest(?::BIGINT[])) ORDER BY 1, 2",
                [ids],
            ).fetchall()
            by_sheet: dict[int, dict[int, list[int]]] = {}
            for sheet_id, row_no, row_id in places:
                by_sheet.setdefault(sheet_id, {}).setdefault(row_no, []).append(row_id)
            for sheet_id, numbers in by_sheet.items():
                for row_no, candidates in self._raw_sheet(sheet_id, sorted(numbers)).items():
                    for row_id in numbers[row_no]:
                        cells = candidates[0]
                        if len(candidates) > 1:
                            cells = self._own_cells(table, row_id, candidates)
                        found[(table, row_id)] = cells
        return found

    def _own_cells(
        self, table: str, row_id: int, candidates: Sequence[dict[str, Cell]]
    ) -> dict[str, Cell]:
        """Of raw rows under one number (JSON: all bids of a release) the one that says the same."""
        names = sorted({c.column for cells in candidates for c in cells.values() if c.column})
        quoted = ", ".join(f'"{name}"::VARCHAR' for name in names)
        values = self.con.execute(
            f'SELECT {quoted} FROM main."{table}" WHERE row_id = ?', [row_id]
        ).fetchall()[0]
        said = dict(zip(names, values, strict=True))

        def alike(cells: dict[str, Cell]) -> int:
            return sum(c.column is not None and c.text == said[c.column] for c in cells.values())

        return max(candidates, key=alike)

    def _raw_sheet(self, sheet_id: int, numbers: Sequence[int]) -> dict[int, list[dict[str, Cell]]]:
        columns = self.con.execute(
            "SELECT position, header, mask, column_name FROM main.sheet_columns"
            " WHERE sheet_id = ? ORDER BY position",
            [sheet_id],
        ).fetchall()
        cells = ", ".join(f"c{position}" for position, *_ in columns)
        rows = self.con.execute(
            f"SELECT row_no, {cells} FROM raw.sheet_{sheet_id}"
            " WHERE row_no IN (SELECT unnest(?::BIGINT[]))",
            [list(numbers)],
        ).fetchall()
        result: dict[int, list[dict[str, Cell]]] = {}
        for row_no, *values in rows:
            row: dict[str, Cell] = {}
            for (position, header, mask, column), text in zip(columns, values, strict=True):
                row[header if header not in row else f"{header}（第{position}列）"] = Cell(
                    text, mask, column
                )
            result.setdefault(row_no, []).append(row)
        return result

    def _by_table(self, rows: Iterable[RowRef]) -> dict[str, list[int]]:
        tables: dict[str, set[int]] = {}
        for table, row_id in rows:
            if table not in self._tables:
                raise KeyError(table)
            tables.setdefault(table, set()).add(int(row_id))
        return {table: sorted(ids) for table, ids in sorted(tables.items())}

    def query(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run SQL that Ibis can't express; only inside the graph room."""
        return self.con.execute(sql, list(parameters or [])).fetchall()
