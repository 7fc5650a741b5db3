"""What every reader of tabular files gives: a sheet whose head can be seen and whose rows stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import duckdb
import pyarrow as pa

from ingest.recognise import HEAD_ROWS, Head

__all__ = ["HEAD_ROWS", "ColumnGrid", "Grid", "Unreadable", "create_raw", "insert_batch"]


class Unreadable(Exception):  # noqa: N818 - says what a file is, not what went wrong here
    """A file that can't be read; the message is the Chinese reason, for the report."""


class Grid(Protocol):
    """One sheet of one file.

    ``sheet`` is None for text files; ``encoding`` None for workbooks; ``overlong`` holds, once
    stored, the numbers of rows with more cells than the header.
    """

    @property
    def sheet(self) -> str | None: ...

    @property
    def encoding(self) -> str | None: ...

    @property
    def overlong(self) -> list[int]: ...

    def head(self) -> Head:
        """Return the first rows."""

    def store(
        self, con: duckdb.DuckDBPyConnection, name: str, keep: Sequence[int], after: int
    ) -> int:
        """Write rows below row ``after`` as relation ``raw.<name>`` (row_no, c1 … cn).

        Parameters
        ----------
        con : DuckDBPyConnection
        name : str
        keep : sequence of int
            0-based positions of the columns to store, in order.
        after : int
            1-based row of the header.

        Returns
        -------
        int
            Number of rows stored.
        """


def create_raw(con: duckdb.DuckDBPyConnection, name: str, width: int) -> None:
    """Create the empty table ``raw.<name>``."""
    cells = "".join(f", c{i} VARCHAR" for i in range(1, width + 1))
    con.execute(f"CREATE OR REPLACE TABLE raw.{name} (row_no BIGINT{cells})")


def insert_batch(
    con: duckdb.DuckDBPyConnection, name: str, numbers: pa.Array, columns: Sequence[pa.Array]
) -> None:
    """Append rows; empty cells become null."""
    names = ["row_no", *(f"c{i}" for i in range(1, len(columns) + 1))]
    batch = pa.table([numbers, *columns], names=names)
    con.register("raw_batch", batch)
    cells = "".join(f", nullif({n}, '')" for n in names[1:])
    con.execute(f"INSERT INTO raw.{name} SELECT row_no{cells} FROM raw_batch")
    con.unregister("raw_batch")


@dataclass(frozen=True)
class ColumnGrid:
    """A sheet held in memory as columns of text, all of one length; row 1 is the first."""

    sheet: str | None
    encoding: str | None
    columns: tuple[pa.Array, ...]
    numbers: pa.Array
    head_rows: Head
    overlong: list[int] = field(default_factory=list)

    def head(self) -> Head:
        """Return the first rows."""
        return self.head_rows

    def store(
        self, con: duckdb.DuckDBPyConnection, name: str, keep: Sequence[int], after: int
    ) -> int:
        """Write the rows below the header; see `Grid.store`."""
        create_raw(con, name, len(keep))
        numbers = self.numbers.slice(after)
        if len(numbers):
            insert_batch(con, name, numbers, [self.columns[i].slice(after) for i in keep])
        return len(numbers)
