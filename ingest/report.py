"""The intake report: what became of every file, sheet and row; all values in it are masked."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from ingest.bearers import HEADERS, WIDTHS, NumberBearer, bearer_lines
from ingest.masking import mask_text
from ingest.tables import TABLES

FileStatus = Literal["read", "unknown", "duplicate", "unreadable"]
FILE_STATUS: dict[FileStatus, str] = {
    "read": "已读取",
    "unknown": "未识别",
    "duplicate": "内容重复，未读",
    "unreadable": "无法读取",
}
SheetStatus = Literal["read", "unknown", "ambiguous"]
SHEET_STATUS: dict[SheetStatus, str] = {
    "read": "已读取",
    "unknown": "未识别",
    "ambiguous": "无法判断，已隔离",
}
# Entries listed one by one; counts are always full.
LISTED_IN_JSON = 200_000
LISTED_PER_REASON = 2_000


@dataclass(frozen=True)
class Quarantined:
    """A row (or only a cell, the row being kept) that was set aside.

    ``column`` is canonical, ``header`` as in the file; ``value`` is masked.
    """

    table: str
    file: str
    sheet: str | None
    row: int
    column: str | None
    header: str | None
    value: str | None
    reason: str
    whole_row: bool


@dataclass
class SheetReport:
    """One sheet; ``rows_in = kept + merged + quarantined_rows + passed over``."""

    sheet: str | None
    status: SheetStatus
    table: str | None = None
    reason: str | None = None
    header_row: int | None = None
    rows_in: int = 0
    kept: int = 0
    merged: int = 0
    repeats: int = 0
    quarantined_rows: int = 0
    quarantined_cells: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    quarantine_reasons: Counter[str] = field(default_factory=Counter)
    number_checks: Counter[str] = field(default_factory=Counter)
    unknown_columns: list[str] = field(default_factory=list)
    unstored_columns: list[str] = field(default_factory=list)
    private_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Chinese name of the table."""
        return TABLES[self.table].title if self.table else "—"


@dataclass
class FileReport:
    """One file, or one member of an archive (``a.zip/inner.csv``)."""

    file: str
    size: int
    sha256: str | None
    status: FileStatus = "read"
    reason: str | None = None
    encoding: str | None = None
    sheets: list[SheetReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class IntakeReport:
    """What `ingest.intake.read_folder` did.

    Parameters
    ----------
    files : list of FileReport
        In the order read.
    quarantine : list of Quarantined
        At most `LISTED_IN_JSON` entries; ``quarantine_total`` counts all.
    max_quarantine : float
        Share of quarantined rows of a table above which the report asks for attention.
    number_bearers : list of NumberBearer
        Numbers that clearly different names bear, found when parties were told apart.
    """

    max_quarantine: float
    files: list[FileReport] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    quarantine_total: int = 0
    number_bearers: list[NumberBearer] = field(default_factory=list)

    def set_aside(self, sheet: SheetReport, entry: Quarantined) -> None:
        """Count and, up to the limit, list an entry."""
        sheet.quarantine_reasons[entry.reason] += 1
        self.quarantine_total += 1
        if len(self.quarantine) < LISTED_IN_JSON:
            self.quarantine.append(entry)

    def mask_names(self) -> None:
        """Mask numbers in the names of files, sheets and headers, once everything is read."""
        for file in self.files:
            file.file = mask_text(file.file)
            file.reason = file.reason and mask_text(file.reason)
            file.notes = [mask_text(note) for note in file.notes]
            for sheet in file.sheets:
                sheet.sheet = sheet.sheet and mask_text(sheet.sheet)
                sheet.reason = sheet.reason and mask_text(sheet.reason)
                for name in ("unknown_columns", "unstored_columns", "private_columns", "notes"):
                    setattr(sheet, name, [mask_text(text) for text in getattr(sheet, name)])
        masked = cache(mask_text)
        for i, entry in enumerate(self.quarantine):
            names: dict[str, Any] = {
                name: masked(text)
                for name in ("file", "sheet", "header")
                if (text := getattr(entry, name)) and masked(text) != text
            }
            if names:
                self.quarantine[i] = dataclasses.replace(entry, **names)

    def sheets(self) -> Iterator[tuple[FileReport, SheetReport]]:
        """Yield every sheet with its file."""
        for file in self.files:
            for sheet in file.sheets:
                yield file, sheet

    @property
    def unreadable(self) -> list[FileReport]:
        """Files that are unreadable, encrypted, empty or truncated."""
        return [file for file in self.files if file.status == "unreadable"]

    def quarantine_shares(self) -> dict[str, float]:
        """Share of data rows in quarantine, by table; rows passed over don't count."""
        rows: Counter[str] = Counter()
        bad: Counter[str] = Counter()
        for _, sheet in self.sheets():
            if sheet.table and sheet.status == "read":
                rows[sheet.table] += sheet.rows_in - sum(sheet.passed_over.values())
                bad[sheet.table] += sheet.quarantined_rows
        return {table: bad[table] / n for table, n in rows.items() if n}

    @property
    def over_limit(self) -> dict[str, float]:
        """Tables whose share of quarantined rows is above the limit."""
        return {t: s for t, s in self.quarantine_shares().items() if s > self.max_quarantine}

    @property
    def needs_attention(self) -> bool:
        """Whether a file could not be read or too much of a table is in quarantine (status 3)."""
        return bool(self.unreadable or self.over_limit)

    def summary_lines(self) -> list[str]:
        """Return the Chinese lines for the terminal: totals first, then what needs a look."""
        counts = Counter(file.status for file in self.files)
        lines = [
            f"读取文件 {len(self.files)} 个："
            + "，".join(f"{FILE_STATUS[s]} {counts[s]} 个" for s in FILE_STATUS if counts[s])
            + "。"
        ]
        lines += self._table_lines()
        for file in self.unreadable:
            lines.append(f"无法读取：{file.file}：{file.reason}。")
        for file in self.files:
            if file.status in ("duplicate", "unknown") and file.reason:
                lines.append(f"{FILE_STATUS[file.status]}：{file.file}：{file.reason}。")
        lines += self._note_lines()
        for file, sheet in self.sheets():
            lines += _sheet_lines(file, sheet)
        for table, share in self.over_limit.items():
            lines.append(
                f"《{TABLES[table].title}》有 {share:.1%} 的行被隔离，超过 {self.max_quarantine:.1%}，"
                "请查看 intake.xlsx 的“隔离”页。"
            )
        return [*lines, *bearer_lines(self.number_bearers)]

    def _note_lines(self) -> list[str]:
        """Notes on files, each once with the files that it holds for."""
        files: dict[str, list[str]] = {}
        for file in self.files:
            for note in file.notes:
                files.setdefault(note, []).append(file.file)
        return [
            f"提示：{names[0]}{f' 等 {len(names)} 个文件' if len(names) > 1 else ''}：{note}。"
            for note, names in files.items()
        ]

    def _table_lines(self) -> list[str]:
        totals: dict[str, Counter[str]] = {}
        for _, sheet in self.sheets():
            if sheet.table and sheet.status == "read":
                total = totals.setdefault(sheet.table, Counter())
                total["kept"] += sheet.kept
                total["重复合并"] += sheet.merged
                total["文件内重复（保留并标记）"] += sheet.repeats
                total["隔离行"] += sheet.quarantined_rows
                total["搁置单元格"] += sheet.quarantined_cells
                total["号码校验存疑"] += sum(sheet.number_checks.values())
        lines = []
        for table in sorted(totals, key=list(TABLES).index):
            total = totals[table]
            extras = [f"{k} {v}" for k, v in total.items() if k != "kept" and v]
            detail = f"（{'，'.join(extras)}）" if extras else ""
            lines.append(f"《{TABLES[table].title}》{total['kept']} 行{detail}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "max_quarantine": self.max_quarantine,
            "needs_attention": self.needs_attention,
            "quarantine_total": self.quarantine_total,
            "quarantine_listed": len(self.quarantine),
            # asdict would make nonsense of counters.
            "files": [
                {**vars(file), "sheets": [dict(vars(sheet)) for sheet in file.sheets]}
                for file in self.files
            ],
            "quarantine": [dataclasses.asdict(entry) for entry in self.quarantine],
            "number_bearers": [dataclasses.asdict(bearer) for bearer in self.number_bearers],
        }

    def write_json(self, path: Path) -> None:
        """Write the whole report."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def write_xlsx(self, path: Path) -> None:
        """Write the report for people: files, sheets, reasons, quarantine."""
        options = {"strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(path), options) as book:
            for name, headers, widths, rows in (
                ("文件", *self._file_rows()),
                ("工作表", *self._sheet_rows()),
                ("未用列", *self._column_rows()),
                ("隔离原因", *self._reason_rows()),
                ("隔离", *self._quarantine_rows()),
                ("号码冲突", HEADERS, WIDTHS, [b.cells() for b in self.number_bearers]),
            ):
                _write_sheet(book, name, headers, widths, rows)

    def _file_rows(self) -> _Page:
        headers = ("文件", "状态", "原因或提示", "编码", "字节数", "SHA-256")
        rows = [
            (
                file.file,
                FILE_STATUS[file.status],
                "；".join(filter(None, (file.reason, *file.notes))),
                file.encoding or "",
                file.size,
                file.sha256 or "",
            )
            for file in self.files
        ]
        return headers, (44, 16, 60, 16, 12, 66), rows

    def _sheet_rows(self) -> _Page:
        headers = (
            "文件", "工作表", "状态", "识别为", "表头行", "数据行", "保留", "重复合并",
            "文件内重复（保留）", "隔离行", "搁置单元格", "跳过行", "号码校验存疑", "原因或提示",
        )  # fmt: skip
        rows = [
            (
                file.file,
                sheet.sheet or "",
                SHEET_STATUS[sheet.status],
                f"{sheet.title}（{sheet.table}）" if sheet.table else "—",
                sheet.header_row if sheet.header_row is not None else "",
                sheet.rows_in,
                sheet.kept,
                sheet.merged,
                sheet.repeats,
                sheet.quarantined_rows,
                sheet.quarantined_cells,
                _counts(sheet.passed_over),
                _counts(sheet.number_checks),
                "；".join(filter(None, (sheet.reason, *sheet.notes))),
            )
            for file, sheet in self.sheets()
        ]
        return headers, (44, 16, 16, 28, 8, 10, 10, 10, 18, 10, 12, 28, 36, 60), rows

    def _column_rows(self) -> _Page:
        kinds = (
            ("未识别的列（已随原表保存，未使用）", "unknown_columns"),
            ("未列出的列（未保存）", "unstored_columns"),
            ("涉及举报人的列（已剔除，未保存）", "private_columns"),
        )
        rows = [
            (file.file, sheet.sheet or "", header, kind)
            for file, sheet in self.sheets()
            for kind, name in kinds
            for header in getattr(sheet, name)
        ]
        return ("文件", "工作表", "列", "处理"), (44, 16, 28, 40), rows

    def _reason_rows(self) -> _Page:
        rows = [
            (file.file, sheet.sheet or "", sheet.title, reason, count)
            for file, sheet in self.sheets()
            for reason, count in sorted(sheet.quarantine_reasons.items())
        ]
        return ("文件", "工作表", "表", "原因", "数量"), (44, 16, 24, 50, 10), rows

    def _quarantine_rows(self) -> _Page:
        headers = ("文件", "工作表", "行", "表", "列", "值（已脱敏）", "原因", "范围")
        listed: Counter[tuple[str, str | None, str]] = Counter()
        rows: list[Sequence[Any]] = []
        for entry in self.quarantine:
            key = (entry.file, entry.sheet, entry.reason)
            listed[key] += 1
            if listed[key] > LISTED_PER_REASON:
                continue
            rows.append(
                (
                    entry.file,
                    entry.sheet or "",
                    entry.row,
                    TABLES[entry.table].title,
                    entry.header or "",
                    entry.value or "",
                    entry.reason,
                    "整行隔离" if entry.whole_row else "只搁置该单元格，行保留",
                )
            )
        left = self.quarantine_total - len(rows)
        if left:
            note = f"另有 {left} 条未在此列出；每种原因最多列 {LISTED_PER_REASON} 条，数量见“隔离原因”页"
            rows.append(("", "", "", "", "", "", note, ""))
        return headers, (44, 16, 8, 20, 18, 30, 50, 24), rows


_Page = tuple[Sequence[str], Sequence[int], Sequence[Sequence[Any]]]


def _counts(counts: Counter[str]) -> str:
    return "，".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _sheet_lines(file: FileReport, sheet: SheetReport) -> list[str]:
    where = f"{file.file}" + (f"［{sheet.sheet}］" if sheet.sheet else "")
    lines = []
    if sheet.status != "read":
        lines.append(f"{SHEET_STATUS[sheet.status]}：{where}：{sheet.reason}。")
    if sheet.unknown_columns:
        lines.append(f"未用的列：{where}：{'、'.join(sheet.unknown_columns)}。")
    if sheet.private_columns:
        lines.append(f"已剔除涉及举报人的列：{where}：{'、'.join(sheet.private_columns)}。")
    if sheet.unstored_columns:
        lines.append(f"未保存的列：{where}：{'、'.join(sheet.unstored_columns)}。")
    lines += [f"提示：{where}：{note}。" for note in sheet.notes]
    return lines


def _write_sheet(
    book: Any,
    name: str,
    headers: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[Any]],
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True})
    plain = book.add_format({"valign": "top", "text_wrap": True})
    for i, (header, width) in enumerate(zip(headers, widths, strict=True)):
        sheet.set_column(i, i, width, plain)
        sheet.write_string(0, i, header, bold)
    for r, row in enumerate(rows, start=1):
        for i, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(r, i, value)
            else:
                sheet.write_number(r, i, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(headers) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
