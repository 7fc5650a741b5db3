"""A sheet stored in ``raw``: its columns, and what they were taken for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ingest.report import SheetReport
from ingest.tables import Column, Table


@dataclass(frozen=True)
class SheetColumn:
    """A stored column: its position n (``cn``), header, canonical column and yuan a unit."""

    position: int
    header: str
    column: Column | None
    factor: Decimal = Decimal(1)


@dataclass(frozen=True)
class SheetSource:
    """A sheet in ``raw`` that is to become rows of a table.

    ``shared_rows``: several rows may bear one row number (JSON). ``overlong``: rows with more cells
    than the header. ``file_no`` is the same for the sheets of one file.
    """

    sheet_id: int
    file_no: int
    file: str
    sheet: str | None
    table: Table
    columns: tuple[SheetColumn, ...]
    report: SheetReport
    header_row: int = 0
    overlong: tuple[int, ...] = ()
    shared_rows: bool = False

    @property
    def relation(self) -> str:
        """The relation with the cells."""
        return f"raw.sheet_{self.sheet_id}"

    def position(self, column: str) -> int | None:
        """Return n of the ``cn`` that holds a canonical column."""
        found = (c.position for c in self.columns if c.column and c.column.name == column)
        return next(found, None)
