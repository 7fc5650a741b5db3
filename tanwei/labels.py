"""Verified lots from a file: which were found to be rigged, and which were checked and found clean."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.errors import UserError
from ingest.readers.excel import read_workbook
from ingest.readers.grid import Grid, Unreadable
from ingest.readers.text import read_text

_HEADERS = {
    "tender_no": ("项目编号", "招标编号", "采购编号", "tender_no"),
    "lot": ("标段", "标段号", "包号", "lot"),
    "verdict": ("核查结论", "结论", "核查结果", "是否围标", "是否串标", "verdict"),
}
_RIGGED = {"查实", "部分查实", "围标", "串标", "是", "1", "true", "rigged"}
_CLEAN = {"查否", "否", "不属实", "澄清", "未见问题", "0", "false", "clean"}
_LEFT_OUT = {"无法核实", "核查中", "待核", ""}
_HEAD = 10


@dataclass(frozen=True)
class Label:
    """What was found of one lot; ``lot`` None where the tender has one only."""

    tender_no: str
    lot: str | None
    rigged: bool
    row: int


@dataclass(frozen=True)
class Labels:
    """The labels of a file; ``left_out``: rows without a conclusion yet."""

    items: tuple[Label, ...]
    left_out: int


def read_labels(path: Path) -> Labels:
    """Read a file of verified lots.

    Parameters
    ----------
    path : Path
        CSV or XLSX with 项目编号, 核查结论 (查实、查否 …) and, where tenders have lots, 标段.

    Returns
    -------
    Labels

    Raises
    ------
    UserError
        In one Chinese line: unreadable, headers missing, a conclusion that isn't known, two
        conclusions on one lot, or nothing in it.
    """
    grid = _open(path)
    rows = [[plain(cell) for cell in row] for row in _rows(grid)]
    at, columns = _header(path, rows)
    items: dict[tuple[str, str | None], Label] = {}
    left_out = 0
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        if not any(cells.values()):
            continue
        if not cells["tender_no"]:
            raise UserError(f"核查结论文件 {path.name} 第 {number} 行没有项目编号。请补上后重试。")
        verdict = cells["verdict"].lower()
        if verdict in _LEFT_OUT:
            left_out += 1
            continue
        if verdict not in _RIGGED | _CLEAN:
            raise UserError(
                f"核查结论文件 {path.name} 第 {number} 行的结论“{cells['verdict']}”认不出。"
                "请写查实、部分查实、查否、澄清或无法核实。"
            )
        label = Label(cells["tender_no"], cells.get("lot") or None, verdict in _RIGGED, number)
        known = items.setdefault((label.tender_no, label.lot), label)
        if known.rigged != label.rigged:
            raise UserError(
                f"核查结论文件 {path.name} 第 {known.row} 行和第 {number} 行对同一标段的结论不同。"
                "请核对后只留一行。"
            )
    if not items:
        raise UserError(f"核查结论文件 {path.name} 里没有结论。没有训练。")
    return Labels(tuple(items.values()), left_out)


def _open(path: Path) -> Grid:
    if not path.is_file():
        raise UserError(f"核查结论文件不存在：{path}。请检查路径。")
    try:
        if path.suffix.lower() in (".xlsx", ".xls"):
            return next(read_workbook(path))
        return read_text(path)
    except (Unreadable, OSError, StopIteration) as error:
        raise UserError(
            f"核查结论文件 {path.name} 读不了（{error or '没有内容'}）。请另存为 CSV 或 XLSX 后重试。"
        ) from error


def _rows(grid: Grid) -> list[list[str]]:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA raw")
        width = max((len(row) for row in grid.head().rows), default=0)
        grid.store(con, "labels", range(width), 0)
        found = con.execute("FROM raw.labels ORDER BY row_no").fetchall()
    out: list[list[str]] = []
    for row_no, *cells in found:
        # Blank rows are not stored; a person counts them.
        out += [[]] * (row_no - 1 - len(out))
        out.append([cell or "" for cell in cells])
    return out


def _header(path: Path, rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    for at, row in enumerate(rows[:_HEAD]):
        found = {
            name: place
            for name, spellings in _HEADERS.items()
            for place, cell in enumerate(row)
            if cell in spellings
        }
        if {"tender_no", "verdict"} <= set(found):
            return at, found
    raise UserError(
        f"核查结论文件 {path.name} 的前 {_HEAD} 行里没有找到“项目编号”和“核查结论”两列。请检查表头。"
    )


def plain(text: str) -> str:
    """A number as it is compared: half-width and without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())
