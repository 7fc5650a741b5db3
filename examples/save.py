"""Writes a county as departments would send it, and the truth beside it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from examples.county import County
from examples.headers import HEADERS, Header
from examples.layout import PLAIN, TYPICAL, Delivery
from examples.mess import LEVELS, MessLevel, disturb
from examples.world import PersonName

_CREATED = datetime(2024, 1, 8, 9, 0)
_ENCODINGS = {"gbk": "gb18030", "utf8": "utf-8", "bom": "utf-8-sig", "utf16": "utf-16"}
_FORMATS = {
    "iso": "{0:%Y}-{0:%m}-{0:%d}",
    "slash": "{0.year}/{0.month}/{0.day}",
    "dots": "{0.year}.{0.month}.{0.day}",
    "chinese": "{0.year}年{0.month}月{0.day}日",
    "compact": "{0:%Y}{0:%m}{0:%d}",
    "serial": "{0:%Y}-{0:%m}-{0:%d}",
}
_UNITS = {"万元": Decimal(10_000)}
_COMPLAINANT = Header("complainant", "text", ("举报人姓名",))


def save(county: County, folder: Path, mess: MessLevel = "typical") -> Path:
    """Write a county's tables under ``folder`` and the truth beside it.

    ``<folder>.truth.json`` holds the cases, ``<folder>.people.csv`` for every cell that names a
    person of the county where it stands (file, row as a person sees it, column) and whose it is.

    Parameters
    ----------
    county : County
    folder : Path
        Made if absent; it must be empty.
    mess : {"none", "typical", "heavy"}
        ``none``: one UTF-8 CSV a table under the usual headers; else the layout of
        ``examples/layout.py``. ``.xls`` is written where ``xlwt`` is installed, else ``.xlsx``.

    Returns
    -------
    Path
        The file with the truth, ``<folder>.truth.json`` beside the folder.

    Raises
    ------
    FileExistsError
        When ``folder`` holds something.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} 不是空文件夹，请换一个位置")
    tables = disturb(county.tables, mess, county.seed, county.protected)
    owners: list[tuple[str, int, str, str]] = []
    for delivery in PLAIN if mess == "none" else TYPICAL:
        if delivery.table in tables:
            for name, part, label in _cut(tables[delivery.table], delivery):
                owners += _write(folder, folder / delivery.folder / name, part, delivery, label)
    if LEVELS[mess].files:
        _odd_files(folder)
    people = folder.with_name(folder.name + ".people.csv")
    _write_text(people, [("file", "row", "column", "person"), *owners], "utf-8")
    truth = folder.with_name(folder.name + ".truth.json")
    text = json.dumps(asdict(county.truth), ensure_ascii=False, indent=1)
    truth.write_text(text + "\n", encoding="utf-8")
    return truth


def _cut(frame: pd.DataFrame, delivery: Delivery) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Name, rows and label of each file that a table comes in."""
    if delivery.split is None:
        yield delivery.name, frame, ""
        return
    keys = [str(v.year) if isinstance(v, date) else str(v) for v in frame[delivery.split]]
    for key in dict.fromkeys(sorted(keys)):
        rows = frame[[k == key for k in keys]]
        yield delivery.name.format(key), rows, key


def _columns(part: pd.DataFrame, table: str) -> list[Header]:
    """Columns that this department fills in; what nobody ever filled has no column."""
    known = [*HEADERS[table], *([_COMPLAINANT] if table == "complaints" else [])]
    return [h for h in known if bool(part[h.column].notna().any())]


def _head(header: Header, delivery: Delivery) -> str:
    text = delivery.headers.get(header.column, header.variants[0])
    unit = delivery.units.get(header.column)
    return f"{text}({unit})" if unit else text


def _cell(value: Any, header: Header, delivery: Delivery) -> Any:
    """One value as this file shows it: None, a number, a text or (in workbooks) a date."""
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value if delivery.dates == "serial" else _FORMATS[delivery.dates].format(value)
    if isinstance(value, Decimal):
        unit = delivery.units.get(header.column)
        return value / _UNITS[unit] if unit else value
    return value


def _write(
    folder: Path, path: Path, part: pd.DataFrame, delivery: Delivery, label: str
) -> list[tuple[str, int, str, str]]:
    """Write one file; returns whose each name in it is: file, row, column, number of the owner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    headers = _columns(part, delivery.table)
    rows = [
        [_cell(value, header, delivery) for value, header in zip(values, headers, strict=True)]
        for values in part[[h.column for h in headers]].itertuples(index=False, name=None)
    ]
    heads = [_head(h, delivery) for h in headers]
    first = 2
    if delivery.kind in _ENCODINGS:
        path = path.with_name(path.name + ".csv")
        _write_text(path, [heads, *rows], _ENCODINGS[delivery.kind])
    else:
        sheet = _Sheet(headers, heads, rows, delivery, label)
        first, path = sheet.first, _write_workbook(path, sheet, delivery)
    file = path.relative_to(folder).as_posix()
    return [
        (file, number, header.column, value.owner)
        for number, row in enumerate(rows, start=first)
        for value, header in zip(row, headers, strict=True)
        if isinstance(value, PersonName)
    ]


def _write_workbook(path: Path, sheet: _Sheet, delivery: Delivery) -> Path:
    old = path.with_name(path.name + ".xls")
    if delivery.kind == "xls" and _write_xls(old, sheet):
        return old
    new = path.with_name(path.name + ".xlsx")
    _write_xlsx(new, sheet)
    return new


def _write_text(path: Path, rows: Sequence[Sequence[Any]], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


class _Sheet:
    """The grid of one sheet: title, header rows, data, total and footer, with what is merged.

    ``first`` is the number of the first row of data, as a person sees it.
    """

    def __init__(
        self,
        headers: list[Header],
        heads: list[str],
        rows: list[list[Any]],
        delivery: Delivery,
        label: str,
    ) -> None:
        self.grid: list[list[Any]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        front = [None] if delivery.numbered else []
        width = len(heads) + len(front)
        if delivery.title:
            self._title(delivery.title.format(label), width)
        names = [h.column for h in headers]
        self._header([*(["序号"] if front else []), *heads], [*front, *names], delivery)
        first = len(self.grid)
        self.first = first + 1
        for number, row in enumerate(rows, start=1):
            self.grid.append([*([number] if front else []), *row])
        if delivery.merge in names:
            self._merge_down(first, len(front) + names.index(delivery.merge or ""))
        if delivery.total in names:
            place = names.index(delivery.total or "")
            total: list[Any] = [None] * width
            total[0] = "合计"
            total[place + len(front)] = sum(r[place] for r in rows if r[place] is not None)
            self.grid.append(total)
        if delivery.footer:
            self.grid.append([delivery.footer, *[None] * (width - 1)])

    def _title(self, text: str, width: int) -> None:
        self.grid.append([text, *[None] * (width - 1)])
        self.merged.append((0, 0, 0, width - 1))

    def _header(self, heads: list[str], names: list[str | None], delivery: Delivery) -> None:
        """One header row, or two where columns stand under a band."""
        if not delivery.band:
            self.grid.append(list(heads))
            return
        row = len(self.grid)
        bands = [delivery.band.get(name or "") for name in names]
        self.grid.append([band or head for band, head in zip(bands, heads, strict=True)])
        self.grid.append([head if band else None for band, head in zip(bands, heads, strict=True)])
        start = 0
        for index in range(1, len(bands) + 1):
            if index < len(bands) and bands[index] and bands[index] == bands[start]:
                self.grid[row][index] = None
                continue
            if bands[start] is None:
                self.merged.append((row, start, row + 1, start))
            elif index - 1 > start:
                self.merged.append((row, start, row, index - 1))
            start = index

    def _merge_down(self, first: int, column: int) -> None:
        start = first
        for row in range(first + 1, len(self.grid) + 1):
            if row < len(self.grid) and self.grid[row][column] == self.grid[start][column]:
                continue
            if row - 1 > start:
                self.merged.append((start, column, row - 1, column))
            start = row
        for top, _, bottom, right in self.merged:
            if right == column and top >= first:
                for row in range(top + 1, bottom + 1):
                    self.grid[row][column] = None


def _write_xlsx(path: Path, sheet: _Sheet) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(path, options)
    book.set_properties({"created": _CREATED})
    page = book.add_worksheet("Sheet1")
    day = book.add_format({"num_format": "yyyy/m/d"})
    spans = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
    for row, cells in enumerate(sheet.grid):
        for column, value in enumerate(cells):
            if (row, column) in spans:
                bottom, right = spans[row, column]
                page.merge_range(row, column, bottom, right, None)
            if value is None:
                continue
            if isinstance(value, date):
                page.write_datetime(row, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, str):
                page.write_string(row, column, value)
            else:
                page.write_number(row, column, float(value))
    book.close()


def _write_xls(path: Path, sheet: _Sheet) -> bool:
    """Write the old format; False where its library is not installed."""
    try:
        import xlwt
    except ImportError:
        return False
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Sheet1")
    for row, cells in enumerate(sheet.grid):
        for column, value in enumerate(cells):
            if value is not None:
                page.write(row, column, float(value) if isinstance(value, Decimal) else value)
    book.save(str(path))
    return True


def _odd_files(folder: Path) -> None:
    """A file that was sent twice, and a sheet that is no table at all."""
    twice = folder / "卫生健康局" / "死亡医学证明登记.csv"
    copy = folder / "民政局" / "死亡医学证明登记（重发）.csv"
    if twice.exists():
        shutil.copyfile(twice, copy)
    options = {"strings_to_formulas": False}
    book = xlsxwriter.Workbook(folder / "财政局" / "联系人通讯录.xlsx", options)
    book.set_properties({"created": _CREATED})
    page = book.add_worksheet("通讯录")
    for row, cells in enumerate(
        (("科室", "值班日", "座机"), ("采购股", "周一", "8123"), ("国库股", "周二", "8124"))
    ):
        page.write_row(row, 0, cells)
    book.close()
