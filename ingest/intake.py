"""A folder of department files → ``raw`` and ``typed`` tables and the intake report."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa

from ingest.errors import UserError
from ingest.id_numbers import write_id_numbers
from ingest.masking import mask_text
from ingest.progress import Progress, silent
from ingest.readers import archive, documents, excel, text
from ingest.readers.documents import Document, JsonTables, UnknownJson
from ingest.readers.grid import ColumnGrid, Grid, Unreadable
from ingest.readers.ocds import NotOcds
from ingest.readers.records import BadRecord
from ingest.recognise import FileRule, Head, Layout, Unknown, check_rules, recognise
from ingest.report import FileReport, IntakeReport, Quarantined, SheetReport
from ingest.rows import insert_rows
from ingest.sheets import SheetColumn, SheetSource
from ingest.tables import NOTES_MARK, TABLES
from ingest.typed import write_table
from ingest.values import normalise_text

__all__ = ["FileRule", "IntakeReport", "IntakeSettings", "read_folder"]

CONFIG_NAME = "tanwei.toml"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OPENING = {
    PermissionError: "没有读取权限",
    IsADirectoryError: "是指向别处目录的链接，请把其中的文件复制到数据目录",
    FileNotFoundError: "是链接，所指的文件不存在",
}
# A kind of matter may end in the word (打击报复举报人); what follows it may be a name.
_COMPLAINANT_CELL = re.compile(r"(?<!被)(?:举报人|信访人|反映人|来信人|投诉人)\s*[^\s，。、；）)]")


@dataclass(frozen=True)
class IntakeSettings:
    """Settings of ``[intake]`` and ``[[files]]``.

    Parameters
    ----------
    files : tuple of FileRule
        What is not recognised by itself; the first rule that matches a sheet counts.
    max_quarantine : float
        Share of quarantined rows of a table above which the run asks for attention (status 3).
    """

    files: tuple[FileRule, ...] = ()
    max_quarantine: float = 0.01


def read_folder(
    data_dir: Path,
    con: duckdb.DuckDBPyConnection,
    settings: IntakeSettings | None = None,
    progress: Progress = silent,
    only_suffixes: Collection[str] | None = None,
) -> IntakeReport:
    """Read every file under a folder.

    Parameters
    ----------
    data_dir : Path
        Hidden files, lock files of Office (``~$``) and ``tanwei.toml`` are left out.
    con : DuckDBPyConnection
        Gets ``raw`` and ``typed`` as in ``docs/structure.md``; both may be schemas or attached
        databases and are made as schemas where absent.
    settings : IntakeSettings, optional
    progress : Progress, optional
    only_suffixes : collection of str, optional
        Read only files ending so (``{".json"}``).

    Returns
    -------
    IntakeReport

    Raises
    ------
    UserError
        If the folder is absent or holds no file, or a ``[[files]]`` rule can't be right.
    """
    settings = settings or IntakeSettings()
    if (wrong := check_rules(settings.files)) is not None:
        raise UserError(wrong)
    paths = _files(data_dir, only_suffixes)
    _prepare(con)
    intake = _Intake(con, settings)
    total = float(len(paths))
    for done, path in enumerate(paths):
        progress("读取文件", done, total)
        intake.read(path, path.relative_to(data_dir).as_posix())
    progress("读取文件", total, total)
    intake.finish(progress)
    intake.report.mask_names()
    return intake.report


def _files(data_dir: Path, only_suffixes: Collection[str] | None) -> list[Path]:
    if not data_dir.exists():
        raise UserError(f"数据目录不存在：{data_dir}。请检查路径。")
    if not data_dir.is_dir():
        raise UserError(f"{data_dir} 是文件，不是目录。请写存放各部门数据文件的目录。")
    found = []
    for path in data_dir.rglob("*"):
        parts = path.relative_to(data_dir).parts
        if any(part.startswith(".") for part in parts) or path.name.startswith("~$"):
            continue
        if path.name == CONFIG_NAME or parts[0] == "__MACOSX" or path.name == "Thumbs.db":
            continue
        if only_suffixes is not None and path.suffix.lower() not in only_suffixes:
            continue
        # What can't be looked into is named in the report, not passed over.
        if path.is_file() or path.is_symlink() or _closed(path):
            found.append(path)
    if not found:
        raise UserError(f"数据目录里没有文件：{data_dir}。请先放入各部门提供的数据文件。")
    return sorted(found, key=lambda p: p.relative_to(data_dir).as_posix())


def _closed(path: Path) -> bool:
    return path.is_dir() and not os.access(path, os.R_OK | os.X_OK)


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    attached = {
        row[0] for row in con.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    }
    for name in ("raw", "typed"):
        if name not in attached:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    con.execute(
        "CREATE OR REPLACE TABLE typed.sheets (sheet_id INTEGER, file VARCHAR, sheet VARCHAR, "
        "table_name VARCHAR, header_row INTEGER, currency VARCHAR)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE typed.sheet_columns (sheet_id INTEGER, position INTEGER, "
        "header VARCHAR, column_name VARCHAR, mask VARCHAR)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE typed.table_columns (table_name VARCHAR, column_name VARCHAR, "
        "filled BIGINT)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE typed.row_also (table_name VARCHAR, row_id BIGINT, "
        "sheet_id INTEGER, row_no BIGINT)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE typed.id_numbers (number VARCHAR, status VARCHAR, "
        "reason VARCHAR, full_number VARCHAR, birth_date DATE, sex VARCHAR)"
    )


@dataclass
class _Intake:
    """What has been read so far."""

    con: duckdb.DuckDBPyConnection
    settings: IntakeSettings
    report: IntakeReport = field(init=False)
    sources: list[SheetSource] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    json: list[tuple[FileReport, Document]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.report = IntakeReport(self.settings.max_quarantine)

    # -- files -----------------------------------------------------------------------------------

    def read(self, path: Path, name: str) -> None:
        """Read one file; whatever is wrong with it is entered into the report."""
        if path.suffix.lower() in archive.SUFFIXES:
            self._read_archive(path, name)
        else:
            self._read_file(path, name)

    def _read_archive(self, path: Path, name: str) -> None:
        outer = self._entry(path, name)
        if outer is None:
            return
        with tempfile.TemporaryDirectory(prefix="tanwei-") as scratch:
            try:
                for member in archive.unpack(path, Path(scratch)):
                    inner = f"{name}/{member.name}"
                    if member.path is None:
                        self.report.files.append(
                            FileReport(inner, 0, None, "unreadable", member.reason)
                        )
                    else:
                        self._read_file(member.path, inner)
            except Unreadable as error:
                outer.status, outer.reason = "unreadable", str(error)

    def _entry(self, path: Path, name: str) -> FileReport | None:
        """Enter a file; None where it can't be opened or was read before."""
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = path.stat().st_size
        except OSError as error:
            reason = f"打不开：{_OPENING.get(type(error), '磁盘或网络错误')}"
            self.report.files.append(FileReport(name, 0, None, "unreadable", reason))
            return None
        entry = FileReport(name, size, digest)
        self.report.files.append(entry)
        if size == 0:
            entry.status, entry.reason = "unreadable", text.REASON_EMPTY
            return None
        if digest in self.hashes:
            entry.status = "duplicate"
            entry.reason = f"与 {self.hashes[digest]} 内容完全相同"
            return None
        self.hashes[digest] = name
        return entry

    def _read_file(self, path: Path, name: str) -> None:
        entry = self._entry(path, name)
        if entry is None:
            return
        try:
            self._read_content(path, entry)
        except Unreadable as error:
            entry.status, entry.reason = "unreadable", str(error)
        except OSError:
            entry.status, entry.reason = "unreadable", "读取中途出错，请检查磁盘或网络后重试"
        if (
            entry.status == "read"
            and entry.sheets
            and all(s.status != "read" for s in entry.sheets)
        ):
            entry.status = "unknown"

    def _read_content(self, path: Path, entry: FileReport) -> None:
        suffix = PurePosixPath(entry.file).suffix.lower()
        with path.open("rb") as stream:
            start = stream.read(512)
        if suffix in documents.SUFFIXES:
            self._read_json(path, entry)
        elif suffix in excel.SUFFIXES or (
            suffix in text.SUFFIXES and start.startswith((_ZIP, _OLE))
        ):
            # What calls itself .xls is often text or a web page saved under that name.
            if start.lstrip()[:1] == b"<":
                raise Unreadable(
                    "内容是网页或 XML，只是扩展名像 Excel；请用 Excel 打开后另存为 .xlsx"
                )
            if start.startswith((_ZIP, _OLE)) or not _is_text(start):
                for grid in excel.read_workbook(path):
                    self._read_sheet(grid, entry)
            else:
                self._read_text(path, entry)
        elif suffix in text.SUFFIXES:
            self._read_text(path, entry)
        else:
            entry.status = "unknown"
            entry.reason = f"不支持的文件类型（{suffix or '无扩展名'}），没有读取"

    def _read_text(self, path: Path, entry: FileReport) -> None:
        grid = text.read_text(path)
        entry.encoding = grid.encoding
        self._read_sheet(grid, entry)

    def _read_json(self, path: Path, entry: FileReport) -> None:
        try:
            document = documents.read_document(path, entry.file, [d for _, d in self.json])
        except UnknownJson as error:
            entry.status, entry.reason = "unknown", str(error)
            return
        except NotOcds as error:
            reason = str(error).removeprefix(f"{entry.file}：")
            # Sound JSON of another kind is merely unknown; anything else is damage.
            whole = "不是OCDS" in reason or "不是OCDS的" in reason
            entry.status = "unknown" if whole else "unreadable"
            entry.reason = reason
            return
        entry.encoding = "UTF-8"
        self.json.append((entry, document))

    # -- sheets ----------------------------------------------------------------------------------

    def _rule(self, file: str, sheet: str | None) -> FileRule | None:
        base = PurePosixPath(file).name
        for rule in self.settings.files:
            if rule.sheet is not None and rule.sheet != sheet:
                continue
            if fnmatch(file, rule.match) or fnmatch(base, rule.match):
                return rule
        return None

    def _read_sheet(self, grid: Grid, entry: FileReport) -> None:
        head = grid.head()
        if head.rows and head.rows[0] and head.rows[0][0] == NOTES_MARK:
            return
        layout = recognise(head, self._rule(entry.file, grid.sheet))
        if isinstance(layout, Unknown):
            status = "ambiguous" if layout.ambiguous else "unknown"
            entry.sheets.append(SheetReport(grid.sheet, status, reason=layout.reason))  # type: ignore[arg-type]
            return
        report = SheetReport(grid.sheet, "read", layout.table.name, header_row=layout.header_row)
        entry.sheets.append(report)
        keep = _kept_columns(layout, head, grid, report)
        if layout.table.known_columns_only:
            grid = _without_complainants(grid, keep, layout.header_row)
            keep = list(range(len(keep)))
        self._store(grid, entry, report, layout, keep)

    def _store(
        self,
        grid: Grid,
        entry: FileReport,
        report: SheetReport,
        layout: Layout,
        keep: Sequence[int],
    ) -> None:
        sheet_id = len(self.sources) + 1
        name = f"sheet_{sheet_id}"
        try:
            grid.store(self.con, name, keep, layout.header_row)
        except Unreadable:
            self._drop(name)
            entry.sheets.remove(report)
            raise
        positions = _positions(layout) if layout.table.known_columns_only else keep
        columns = tuple(
            SheetColumn(
                n,
                layout.headers[i] or f"（第{i + 1}列，无表头）",
                layout.table.column(canonical) if (canonical := layout.columns[i]) else None,
                layout.factors[i],
            )
            for n, i in enumerate(positions, start=1)
        )
        source = SheetSource(
            sheet_id,
            len(self.report.files),
            entry.file,
            grid.sheet,
            layout.table,
            columns,
            report,
            layout.header_row,
            tuple(grid.overlong),
        )
        self._enter(source, layout.header_row)

    def _drop(self, name: str) -> None:
        for kind in ("VIEW", "TABLE"):
            with suppress(duckdb.CatalogException):
                self.con.execute(f"DROP {kind} IF EXISTS raw.{name}")
        self.con.execute(f"DROP TABLE IF EXISTS raw.{name}_cells")

    def _enter(
        self, source: SheetSource, header_row: int | None, currency: str | None = None
    ) -> None:
        self.sources.append(source)
        self.con.execute(
            "INSERT INTO typed.sheets VALUES (?, ?, ?, ?, ?, ?)",
            [
                source.sheet_id,
                source.file,
                source.sheet,
                source.table.name,
                header_row,
                currency,
            ],
        )
        insert_rows(
            self.con,
            "typed.sheet_columns",
            [
                (
                    source.sheet_id,
                    c.position,
                    c.header,
                    c.column.name if c.column else None,
                    c.column.mask if c.column else None,
                )
                for c in source.columns
            ],
        )

    # -- the end ---------------------------------------------------------------------------------

    def finish(self, progress: Progress) -> None:
        """Write the typed tables."""
        settled = self._store_json()
        tables = [t for t in TABLES.values() if any(s.table is t for s in self.sources)]
        steps = float(len(tables) + 1)
        for done, table in enumerate(tables):
            progress("整理数据表", done, steps)
            sheets = [s for s in self.sources if s.table is table]
            write_table(self.con, table, sheets, self.report)
        for entry, found in settled:
            self._set_records_aside(entry, found.bad)
        progress("整理数据表", len(tables), steps)
        write_id_numbers(self.con, self.sources)
        progress("整理数据表", steps, steps)

    def _store_json(self) -> list[tuple[FileReport, JsonTables]]:
        settled = documents.settle([document for _, document in self.json])
        pairs = [(entry, found) for (entry, _), found in zip(self.json, settled, strict=True)]
        for entry, found in pairs:
            entry.notes.extend(found.notes)
            for name in (n for n in TABLES if n in found.tables):
                self._store_json_table(entry, name, found)
            if not entry.sheets and not found.bad:
                entry.status = "unknown"
                entry.reason = f"是 {found.standard} 数据，但没有可用的记录"
            self._tell_unstored(entry, found)
        return pairs

    def _tell_unstored(self, entry: FileReport, found: JsonTables) -> None:
        by_table = {sheet.table: sheet for sheet in entry.sheets}
        for table, fields in found.unstored.items():
            sheet = by_table.get(table)
            if sheet is not None:
                sheet.unstored_columns.extend(fields)
            else:
                entry.notes.append(f"没有用到的字段：{'、'.join(fields)}")

    def _set_records_aside(self, entry: FileReport, bad: Sequence[BadRecord]) -> None:
        """Enter records that could not become rows; the table they were for counts them."""
        for record in bad:
            table = record.table or (entry.sheets[0].table if entry.sheets else None) or "companies"
            sheet = next((s for s in entry.sheets if s.table == table), None)
            if sheet is None:
                sheet = SheetReport(None, "read", table)
                entry.sheets.append(sheet)
            if record.whole:
                sheet.rows_in += 1
                sheet.quarantined_rows += 1
            else:
                sheet.quarantined_cells += 1
            value = None if record.value is None else mask_text(record.value)
            self.report.set_aside(
                sheet,
                Quarantined(
                    table, entry.file, None, record.row, None, None, value, record.reason,
                    record.whole,
                ),
            )  # fmt: skip

    def _store_json_table(self, entry: FileReport, name: str, tables: JsonTables) -> None:
        table, rows = TABLES[name], tables.tables[name]
        used = [c for c in table.columns if any(c.name in row.values for row in rows)]
        columns = tuple(
            pa.array([row.values.get(c.name, "") for row in rows], pa.string()) for c in used
        )
        numbers = pa.array([row.row for row in rows], pa.int64())
        grid = ColumnGrid(None, None, columns, numbers, Head((), ()))
        sheet_id = len(self.sources) + 1
        grid.store(self.con, f"sheet_{sheet_id}", range(len(used)), 0)
        report = SheetReport(None, "read", name)
        entry.sheets.append(report)
        contracts = tuple(SheetColumn(n, c.name, c) for n, c in enumerate(used, start=1))
        file_no = self.report.files.index(entry) + 1
        self._enter(
            SheetSource(
                sheet_id, file_no, entry.file, None, table, contracts, report, shared_rows=True
            ),
            None,
            tables.currency,
        )


def _is_text(start: bytes) -> bool:
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in start


def _kept_columns(layout: Layout, head: Head, grid: Grid, report: SheetReport) -> list[int]:
    """Positions of the columns to store; the others are named in the report."""
    # Beyond the header of a text file there are no columns, only rows that are too long.
    width = len(layout.headers)
    if grid.encoding is not None:
        width = len(head.rows[layout.header_row - 1])
    keep: list[int] = []
    for i in range(width):
        header = layout.headers[i] or f"（第{i + 1}列，无表头）"
        if layout.private[i]:
            report.private_columns.append(header)
        elif layout.columns[i] is not None:
            keep.append(i)
        elif layout.table.known_columns_only:
            if layout.headers[i]:
                report.unstored_columns.append(header)
        else:
            keep.append(i)
            if layout.headers[i] and normalise_text(header) not in ("序号", "备注"):
                report.unknown_columns.append(header)
    return keep


def _positions(layout: Layout) -> list[int]:
    return [i for i, c in enumerate(layout.columns) if c is not None and not layout.private[i]]


def _without_complainants(grid: Grid, keep: Sequence[int], after: int) -> ColumnGrid:
    """The known columns of a table of complaints, without cells that name a complainant."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA raw")
        grid.store(con, "complaints", keep, after)
        stored = con.sql("FROM raw.complaints ORDER BY row_no").to_arrow_table()
    columns = []
    for name in stored.column_names[1:]:
        cells = stored.column(name).to_pylist()
        clean = ["" if cell is None or _COMPLAINANT_CELL.search(cell) else cell for cell in cells]
        columns.append(pa.array(clean, pa.string()))
    numbers = stored.column("row_no").combine_chunks()
    empty = [pa.array([""] * after, pa.string())] * len(columns)
    padded = tuple(pa.concat_arrays([e, c]) for e, c in zip(empty, columns, strict=True))
    head = pa.array(range(1, after + 1), pa.int64())
    return ColumnGrid(
        grid.sheet,
        grid.encoding,
        padded,
        pa.concat_arrays([head, numbers.cast(pa.int64())]),
        grid.head(),
        list(grid.overlong),
    )
