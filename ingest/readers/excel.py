"""XLSX and XLS workbooks (XLSM, XLSB, ODS too) by calamine: values as text, rows as shown."""

from __future__ import annotations

import datetime as dt
import gc
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from ingest.readers.grid import ColumnGrid, Unreadable
from ingest.recognise import HEAD_ROWS, Head

SUFFIXES = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Office documents that need a password are OLE containers of an encrypted package.
_ENCRYPTED = "E\0n\0c\0r\0y\0p\0t".encode("latin-1")
# Beyond 15 digits a spreadsheet number is rounded; scientific notation says so to the reader.
_EXACT = 10.0**15

REASON_ENCRYPTED = "文件已加密或有打开密码；请去掉密码后另存再提供"
REASON_BROKEN = "文件不完整或已损坏，Excel 结构读不出；请重新导出或用 Excel 打开后另存"
REASON_EMPTY = "工作簿里没有任何内容"


def read_workbook(source: Path | bytes) -> Iterator[ColumnGrid]:
    """Read the sheets of a workbook one by one, hidden ones included, chart sheets left out.

    Parameters
    ----------
    source : Path or bytes

    Yields
    ------
    ColumnGrid
        Whole numbers without ``.0``, numbers of more than 15 digits in scientific notation, dates
        as ISO, truth values as 是 and 否, vertically merged cells filled down. Empty sheets are
        left out.

    Raises
    ------
    Unreadable
        Encrypted, broken off, or no workbook.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    if data[:8] == _OLE and _ENCRYPTED in data[: 1 << 20]:
        raise Unreadable(REASON_ENCRYPTED)
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    except calamine.PasswordError as error:
        raise Unreadable(REASON_ENCRYPTED) from error
    except (calamine.CalamineError, OSError, zipfile.BadZipFile, ValueError) as error:
        raise Unreadable(REASON_BROKEN) from error
    found = False
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            grid = _read_sheet(book, meta.name)
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise Unreadable(REASON_BROKEN) from error
        if grid is not None:
            found = True
            yield grid
    if not found:
        raise Unreadable(REASON_EMPTY)


def cell_text(value: Any) -> str:
    """A cell as a person reads it.

    Examples
    --------
    >>> [cell_text(v) for v in (3.0, 0.1 + 0.2, 320281199001011234.0, True)]
    ['3', '0.3', '3.20281199001011E+17', '是']
    >>> cell_text(dt.datetime(2023, 5, 6)), cell_text(dt.datetime(2023, 5, 6, 9, 30))
    ('2023-05-06', '2023-05-06 09:30:00')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.15G}"
    if isinstance(value, int):
        return str(value) if abs(value) < _EXACT else f"{float(value):.15G}"
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return "" if value is None else str(value)


def _read_sheet(book: calamine.CalamineWorkbook, name: str) -> ColumnGrid | None:
    with _no_collection():
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
        if not any(cell != "" for row in rows for cell in row):
            return None
        return _grid(name, rows, sheet.merged_cell_ranges or [])


@contextmanager
def _no_collection() -> Iterator[None]:
    """A million new cells make the cycle collector run again and again, to find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _grid(
    name: str, rows: list[list[Any]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> ColumnGrid:
    width = max(len(row) for row in rows)
    head = [[cell_text(c) for c in row] + [""] * (width - len(row)) for row in rows[:HEAD_ROWS]]
    spread = head
    if merged:
        spread = [list(row) for row in head]
        for (top, left), (bottom, right) in merged:
            for r in range(top, min(bottom + 1, len(spread))):
                for c in range(left, min(right + 1, width)):
                    spread[r][c] = head[top][left]
        _fill_down(rows, merged)
    columns = tuple(_column(cells) for cells in zip(*rows, strict=True))
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    # A new list: identity of rows and spread says that spans are unknown.
    return ColumnGrid(name, None, columns, numbers, Head(head, [list(row) for row in spread]))


def _fill_down(
    rows: list[list[Any]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    for (top, left), (bottom, _) in merged:
        if bottom > top and top < len(rows) and left < len(rows[top]):
            for r in range(top + 1, min(bottom + 1, len(rows))):
                rows[r][left] = rows[top][left]


def _column(cells: Sequence[Any]) -> pa.Array:
    """A column of text: the usual cells are converted by kind, not one by one."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return pa.array(cells, pa.string())
    if kinds == {float}:
        # One format for the whole column, ten times as fast as one a cell.
        texts = ("%.15G\n" * len(cells) % tuple(cells)).split("\n")[:-1]
        return pa.array(texts, pa.string())
    if kinds == {str, float}:
        texts = [c if c.__class__ is str else f"{c:.15G}" for c in cells]
        return pa.array(texts, pa.string())
    return pa.array(list(map(cell_text, cells)), pa.string())
