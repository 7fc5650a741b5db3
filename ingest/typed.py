"""Raw cells → typed tables: conversion, quarantine, duplicates, identity numbers.

Columns are converted by DuckDB as far as its expressions reach (`ingest.sqlvalues`); the distinct
values they leave are read once each by the parsers of `ingest.values` and joined back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest import sqlvalues, values
from ingest.masking import mask_value
from ingest.report import IntakeReport, Quarantined, SheetReport
from ingest.tables import TYPE_NAMES, Column, ColumnType, Table

Connection = duckdb.DuckDBPyConnection

SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "uscc": "VARCHAR",
    "party_id": "VARCHAR",
    "money": "DECIMAL(18,2)",
    "number": "DOUBLE",
    "date": "DATE",
    "date-time": "TIMESTAMP",
    "yes/no": "BOOLEAN",
}
_ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "money": pa.decimal128(18, 2),
    "number": pa.float64(),
    "date": pa.date32(),
    "date-time": pa.timestamp("us"),
    "yes/no": pa.bool_(),
}
_BATCH = 20_000
_FEW = 50
LARGE_SHEET = 100_000
"""Rows a sheet from which a typed table is a view of the stored cells where it can be one."""
# Columns that number or comment rows say nothing about whether two rows are the same.
_NOT_CONTENT = frozenset({"序号", "备注"})

_TOTALS = ("合计", "小计", "总计", "共计", "累计", "本页合计", "本页小计", "合 计", "小 计", "总 计", "合　计", "小　计", "总　计")  # fmt: skip
_TOTAL_CELLS = tuple(f"{word}{mark}" for word in _TOTALS for mark in ("", ":", "："))
_TOTAL = re.compile(r"(?:合计|小计|总计|共计|累计)[:：]?$|^(?:合计|小计|总计|共计|累计)")
_FOOTER = re.compile(
    r"^(?:制表|填表|填报|审核|复核|审批|经办|报送|统计|负责|分管|主管|联系|打印|导出|编制|签字|盖章|单位负责)"
    r"[^:：]{0,8}[:：]"
    r"|^(?:备注|注|说明|附注|日期|单位|电话)(?:[0-9一二三]?)[:：]|^(?:共|第)\s*\d+\s*(?:页|条|行|户|人)"
)
_NOTE_LENGTH = 12


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


def write_table(
    con: Connection, table: Table, sheets: Sequence[SheetSource], report: IntakeReport
) -> None:
    """Make ``typed.<table>`` from its sheets, and enter into the report what became of each row.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    sheets : sequence of SheetSource
    report : IntakeReport
    """
    bases: list[int] = []
    base = 0
    conversions = []
    for sheet in sheets:
        # Row ids count from the first row below the header.
        bases.append(base - sheet.header_row)
        conversion = _Conversion(con, sheet, report, bases[-1])
        base = conversion.read()
        conversions.append(conversion)
    # Writing big sheets out a second time costs more than reading them as they are.
    large = sum(sheet.report.rows_in for sheet in sheets) >= LARGE_SHEET * len(sheets)
    view = large and all(c.find_others() for c in conversions)
    rows = " UNION ALL ".join(c.rows() for c in conversions)
    con.execute(f"CREATE OR REPLACE {'VIEW' if view else 'TABLE'} typed.{table.name} AS {rows}")
    for conversion in conversions:
        conversion.judge()
    _settle_duplicates(con, table, sheets, bases)
    kept = dict(
        con.execute(f"SELECT sheet_id, count(*) FROM typed.{table.name} GROUP BY 1").fetchall()
    )
    for sheet in sheets:
        sheet.report.kept = kept.get(sheet.sheet_id, 0)
    counts = ", ".join(f'count("{c.name}")' for c in table.columns)
    filled = con.execute(f"SELECT {counts} FROM typed.{table.name}").fetchall()[0]
    con.executemany(
        "INSERT INTO typed.table_columns VALUES (?, ?, ?)",
        [(table.name, c.name, n) for c, n in zip(table.columns, filled, strict=True)],
    )


# -- conversion of one sheet ---------------------------------------------------------------------


def _fast(column: SheetColumn, cell: str) -> str:
    assert column.column is not None
    kind = column.column.type
    if kind == "money":
        return sqlvalues.money_sql(cell, column.factor)
    if kind == "date":
        return sqlvalues.date_sql(cell, column.column.month_as)
    if kind == "party_id":
        return sqlvalues.id_sql(cell)
    plain: dict[str, Callable[[str], str]] = {
        "text": sqlvalues.text_sql,
        "id": sqlvalues.id_sql,
        "uscc": sqlvalues.uscc_sql,
        "number": sqlvalues.number_sql,
        "date-time": sqlvalues.datetime_sql,
        "yes/no": sqlvalues.yes_no_sql,
    }
    return plain[kind](cell)


def parse_cell(text: str, column: Column, factor: Decimal) -> tuple[Any, bool]:
    """Read a cell by the type of its column.

    Returns
    -------
    value, bad : (value or None, bool)
        ``bad``: there is something, but it can't be read. Numbers that fail their check are kept
        as they stand.

    Examples
    --------
    >>> from ingest.tables import TABLES
    >>> death = TABLES["deaths"].column("death_date")
    >>> parse_cell("2023年5月", death, Decimal(1)), parse_cell("不详", death, Decimal(1))[1]
    ((datetime.date(2023, 5, 31), False), True)
    """
    kind = column.type
    blank_kind: values.Kind = "text" if kind == "party_id" else kind
    if values.is_blank(text, blank_kind):
        return None, False
    value: Any
    if kind == "text":
        value = values.parse_text(text)
    elif kind == "id":
        number = values.parse_id_number(text)
        value = number.number if number else None
    elif kind == "uscc":
        code = values.parse_uscc(text)
        value = code.number if code else None
    elif kind == "party_id":
        value = _party_number(text)
    elif kind == "money":
        value = values.parse_money(text, factor)
    elif kind == "number":
        value = values.parse_number(text)
    elif kind == "date":
        value = values.parse_date(text, column.month_as)
    elif kind == "date-time":
        value = values.parse_datetime(text)
    else:
        value = values.parse_yes_no(text)
    return value, value is None


def _party_number(text: str) -> str | None:
    """A valid code of a firm, else what it is as an identity number."""
    code = values.parse_uscc(text)
    if code is not None and code.valid:
        return code.number
    number = values.parse_id_number(text)
    return number.number if number else None


def _raw(con: Connection) -> str:
    """SQL name of ``raw`` that holds in a view of another attached database too."""
    attached = con.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    if ("raw",) in attached:
        return "raw"
    database = str(con.execute("SELECT current_database()").fetchall()[0][0])
    return '"' + database.replace('"', '""') + '".raw'


class _Conversion:
    """One sheet on its way into its typed table."""

    def __init__(
        self, con: Connection, sheet: SheetSource, report: IntakeReport, base: int
    ) -> None:
        self.con = con
        self.sheet = sheet
        self.report = report
        self.base = base
        self.relation = f"{_raw(con)}.sheet_{sheet.sheet_id}"
        self.known = [c for c in sheet.columns if c.column is not None]
        self.mapped: set[int] = set()
        self.bad: set[int] = set()
        self.others: list[int] | None = None

    def read(self) -> int:
        """Read the values that DuckDB leaves; return the last row id that may be used."""
        self._read_leftovers()
        rows, last = self.con.execute(
            f"SELECT count(*), coalesce(max(row_no), {self.sheet.header_row}) FROM {self.relation}"
        ).fetchall()[0]
        self.sheet.report.rows_in = rows
        return self.base + (rows if self.sheet.shared_rows else last)

    def find_others(self) -> bool:
        """Find the rows to leave out; False where reading the cells again and again is dear."""
        if self.mapped or self.sheet.shared_rows:
            return False
        others = self.con.execute(
            f"SELECT row_no FROM ({self._converted()}) WHERE NOT ({self._good()}) "
            f"ORDER BY row_no LIMIT {_FEW + 1}"
        ).fetchall()
        if len(others) <= _FEW:
            self.others = [number for (number,) in others]
        return self.others is not None

    def rows(self) -> str:
        """SQL of the rows as the typed table has them."""
        cells = "".join(
            f', CAST({self._value(c.name)} AS {SQL_TYPES[c.type]}) AS "{c.name}"'
            for c in self.sheet.table.columns
        )
        return (
            f"SELECT CAST({self.base} + pos AS BIGINT) AS row_id, "
            f"CAST({self.sheet.sheet_id} AS INTEGER) AS sheet_id, row_no, "
            f"CAST(NULL AS BIGINT) AS repeat_of{cells} "
            f"FROM ({self._converted()}) WHERE {self._whole()}"
        )

    def _whole(self) -> str:
        """SQL condition of the rows to keep, the cheapest that is known."""
        if self.others is None:
            return self._good()
        return f"row_no NOT IN ({', '.join(map(str, self.others))})" if self.others else "true"

    def judge(self) -> None:
        """Enter into the report what is not kept, once the typed table is there."""
        kept = self.con.execute(
            f"SELECT count(*) FROM typed.{self.sheet.table.name} "
            f"WHERE sheet_id = {self.sheet.sheet_id}"
        ).fetchall()[0][0]
        if kept != self.sheet.report.rows_in:
            self._judge_others()
        for position in sorted(self.bad):
            self._set_cells_aside(position)
        for position in self.mapped:
            self.con.execute(f"DROP TABLE {self._map_name(position)}")

    def _map_name(self, position: int) -> str:
        return f"map_{self.sheet.sheet_id}_{position}"

    def _pos(self) -> str:
        return "row_number() OVER ()" if self.sheet.shared_rows else "row_no"

    def _value(self, name: str) -> str:
        position = self.sheet.position(name)
        return "NULL" if position is None else f"v{position}"

    def _converted(self, also: str = "") -> str:
        """SQL: pos, row_no and a ``vn`` for each known column; ``also`` further expressions."""
        values_sql, joins = "", ""
        for column in self.known:
            n = column.position
            assert column.column is not None
            # What text_sql, id_sql and uscc_sql don't leave over is the cell as it stands.
            as_it_stands = SQL_TYPES[column.column.type] == "VARCHAR"
            fast = f"r.c{n}" if as_it_stands else _fast(column, f"r.c{n}")
            if n in self.mapped:
                joins += f" LEFT JOIN {self._map_name(n)} m{n} ON m{n}.text = r.c{n}"
                fast = (
                    f"CASE WHEN m{n}.text IS NULL THEN r.c{n} ELSE m{n}.value END"
                    if as_it_stands
                    else f"coalesce({fast}, m{n}.value)"
                )
            values_sql += f", {fast} AS v{n}"
        pos = self._pos()
        return f"SELECT {pos} AS pos, r.row_no{values_sql}{also} FROM {self.relation} r{joins}"

    def _good(self) -> str:
        """SQL condition of the rows that are data and whole; never null."""
        tests = []
        for required in self.sheet.table.required:
            position = self.sheet.position(required.name)
            if position is None:
                return "false"
            tests.append(f"v{position} IS NOT NULL")
            if required.type == "text":
                header = next(c.header for c in self.sheet.columns if c.position == position)
                words = ", ".join(_literal(w) for w in (*_TOTAL_CELLS, values.clean_text(header)))
                tests.append(f"coalesce(v{position} NOT IN ({words}), false)")
        if self.sheet.overlong:
            numbers = ", ".join(map(str, self.sheet.overlong))
            tests.append(f"row_no NOT IN ({numbers})")
        return " AND ".join(tests)

    def _read_leftovers(self) -> None:
        """Read what DuckDB's expressions leave: all columns in one query, each value once."""
        by_position = {c.position: c for c in self.known}
        parts = [
            f"SELECT DISTINCT {n} AS n, c{n} AS text FROM {self.relation} "
            f"WHERE c{n} IS NOT NULL AND ({_fast(column, f'c{n}')}) IS NULL"
            for n, column in by_position.items()
        ]
        cursor = self.con.cursor()
        cursor.execute(" UNION ALL ".join(parts))
        while rows := cursor.fetchmany(_BATCH):
            texts: dict[int, list[str]] = {}
            for n, text in rows:
                texts.setdefault(n, []).append(text)
            for n in texts:
                self._map(by_position[n], texts[n])
        cursor.close()

    def _map(self, column: SheetColumn, texts: Sequence[str]) -> None:
        n, contract = column.position, column.column
        assert contract is not None
        parsed = [parse_cell(text, contract, column.factor) for text in texts]
        batch = pa.table(
            {
                "text": pa.array(texts, pa.string()),
                "value": pa.array(
                    [value for value, _ in parsed], _ARROW_TYPES.get(contract.type, pa.string())
                ),
                "bad": pa.array([bad for _, bad in parsed], pa.bool_()),
            }
        )
        if n not in self.mapped:
            self.con.execute(
                f"CREATE OR REPLACE TEMP TABLE {self._map_name(n)} "
                f"(text VARCHAR, value {SQL_TYPES[contract.type]}, bad BOOLEAN)"
            )
            self.mapped.add(n)
        self.con.register("map_batch", batch)
        self.con.execute(f"INSERT INTO {self._map_name(n)} FROM map_batch")
        self.con.unregister("map_batch")
        if any(bad for _, bad in parsed):
            self.bad.add(n)

    def _raw_cells(self) -> str:
        return "".join(f", r.c{c.position}" for c in self.sheet.columns)

    def _judge_others(self) -> None:
        """Tell rows to pass over from rows for quarantine."""
        cursor = self.con.execute(
            f"SELECT row_no, * EXCLUDE (pos, row_no) FROM "
            f"({self._converted(self._raw_cells())}) WHERE NOT ({self._good()}) ORDER BY pos"
        )
        overlong = set(self.sheet.overlong)
        known = len(self.known)
        while rows := cursor.fetchmany(_BATCH):
            for number, *rest in rows:
                read = dict(zip((c.position for c in self.known), rest[:known], strict=True))
                self._judge(number, read, rest[known:], number in overlong)

    def _judge(
        self, number: int, read: dict[int, Any], cells: Sequence[str | None], overlong: bool
    ) -> None:
        report = self.sheet.report
        kind = _passed_over(self.sheet, read, cells)
        if kind is not None:
            report.passed_over[kind] += 1
            return
        report.quarantined_rows += 1
        if overlong:
            self._quarantine(number, None, None, "单元格比表头多，列可能错位", True)
            return
        for required in self.sheet.table.required:
            position = self.sheet.position(required.name)
            if position is None:
                self._quarantine(
                    number, required, None, f"没有“{required.headers[0]}”列，该行不予使用", True
                )
            elif read[position] is None:
                cell = cells[position - 1]
                unread = (
                    cell is not None
                    and parse_cell(cell, required, self.sheet.columns[position - 1].factor)[1]
                )
                reason = _unreadable(required) if unread else f"“{required.headers[0]}”为空"
                self._quarantine(number, required, cell, reason, True)

    def _set_cells_aside(self, position: int) -> None:
        """Enter the unreadable cells of a column whose rows were kept."""
        column = self.sheet.columns[position - 1].column
        assert column is not None
        cursor = self.con.execute(
            f"SELECT row_no, cell FROM ({self._converted(f', r.c{position} AS cell, m{position}.bad AS bad')}) "
            f"WHERE bad AND {self._good()} ORDER BY pos"
        )
        while rows := cursor.fetchmany(_BATCH):
            for number, cell in rows:
                self.sheet.report.quarantined_cells += 1
                self._quarantine(number, column, cell, _unreadable(column), False)

    def _quarantine(
        self, number: int, column: Column | None, cell: str | None, reason: str, whole: bool
    ) -> None:
        position = self.sheet.position(column.name) if column else None
        header = self.sheet.columns[position - 1].header if position else None
        if header is None and column is not None:
            header = column.headers[0]
        mask = column.mask if column else None
        # Words in the wrong column of a register of complaints may name who complained.
        hidden = self.sheet.table.known_columns_only
        self.report.set_aside(
            self.sheet.report,
            Quarantined(
                self.sheet.table.name,
                self.sheet.file,
                self.sheet.sheet,
                number,
                column.name if column else None,
                header,
                None if hidden or cell is None else mask_value(cell, mask),
                reason,
                whole,
            ),
        )


def _unreadable(column: Column) -> str:
    return f"“{column.headers[0]}”无法识别为{TYPE_NAMES[column.type]}"


def _passed_over(
    sheet: SheetSource, read: dict[int, Any], cells: Sequence[str | None]
) -> str | None:
    """Say in Chinese why a row that is not whole is no data at all; None where it may be."""
    filled = [
        (column, text)
        for column, cell in zip(sheet.columns, cells, strict=True)
        if cell is not None and (text := values.normalise_text(cell))
    ]
    content = [(c, t) for c, t in filled if values.normalise_header(c.header)[0] != "序号"]
    if not content:
        return "空行"
    same = sum(
        values.normalise_header(t)[0] == values.normalise_header(c.header)[0] for c, t in content
    )
    if same * 2 >= len(content) and same >= min(2, len(content)):
        return "重复的表头"
    # 合计 often stands under 序号.
    texts = ["".join(text.split()) for _, text in filled]
    positions = [sheet.position(column.name) for column in sheet.table.required]
    lacking = any(p is None or read[p] is None for p in positions)
    if any(
        text.rstrip(":：") in ("合计", "小计", "总计", "共计", "累计", "本页合计", "本页小计")
        for text in texts
    ):
        return "合计行"
    if not any(p is not None and read[p] is None for p in positions):
        return None
    if lacking and any(_TOTAL.search(text) for text in texts[:3] if len(text) <= 20):
        return "合计行"
    if lacking and _FOOTER.search(texts[0]):
        return "表尾（制表人、审核人等）"
    if lacking and len(content) == 1 and len(texts[0]) > _NOTE_LENGTH and len(sheet.columns) > 2:
        return "说明文字"
    return None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# -- duplicates ----------------------------------------------------------------------------------


def _content_keys(sheet: SheetSource) -> dict[str, int]:
    """What tells rows apart: canonical name, or header of an unknown column → position."""
    keys: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for column in sheet.columns:
        header = values.normalise_header(column.header)[0]
        if column.column is not None:
            keys[column.column.name] = column.position
        elif header not in _NOT_CONTENT:
            seen[header] += 1
            keys[f"~{header}~{seen[header]}"] = column.position
    return keys


def _settle_duplicates(
    con: Connection, table: Table, sheets: Sequence[SheetSource], bases: Sequence[int]
) -> None:
    """Merge rows that are the same in every cell, or mark them; remember all places.

    A hash finds the candidates; whether rows are the same is decided on their cells.
    """
    keyed = [_content_keys(sheet) for sheet in sheets]
    names = sorted({name for keys in keyed for name in keys})
    if not names:
        return

    def rows(columns: Callable[[list[str]], str]) -> str:
        parts = []
        for sheet, keys, base in zip(sheets, keyed, bases, strict=True):
            cells = [f"c{keys[n]}" if n in keys else "NULL::VARCHAR" for n in names]
            pos = "row_number() OVER ()" if sheet.shared_rows else "row_no"
            parts.append(
                f"SELECT {base} + {pos} AS row_id, {sheet.sheet_id} AS sheet_id, "
                f"{sheet.file_no} AS file_no, row_no, hash({', '.join(cells)}) AS h"
                f"{columns(cells)} FROM {sheet.relation}"
            )
        return " UNION ALL ".join(parts)

    con.execute(
        f"CREATE OR REPLACE TEMP TABLE same_hash AS SELECT h FROM "
        f"(SELECT h FROM ({rows(lambda _: '')})) GROUP BY h HAVING count(*) > 1"
    )
    if con.execute("SELECT count(*) FROM same_hash").fetchall()[0][0]:
        _write_out(con, table)
        labelled = rows(lambda cells: "".join(f", {cell} AS k{i}" for i, cell in enumerate(cells)))
        keys_sql = ", ".join(f"k{i}" for i in range(len(names)))
        occurrence = (
            f"row_number() OVER (PARTITION BY h, {keys_sql}, file_no ORDER BY row_id)"
            if table.keep_repeats
            else "1"
        )
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE same_rows AS
            WITH candidates AS (
                SELECT r.* FROM ({labelled}) r SEMI JOIN same_hash USING (h)
                SEMI JOIN typed.{table.name} t ON t.row_id = r.row_id
            ), counted AS (SELECT *, {occurrence} AS nth FROM candidates)
            SELECT row_id, sheet_id, row_no, nth,
                   min(row_id) OVER (PARTITION BY h, {keys_sql}, nth) AS keeper,
                   min(row_id) OVER (PARTITION BY h, {keys_sql}) AS first
            FROM counted
            """
        )
        _merge(con, table, sheets)
        con.execute("DROP TABLE same_rows")
    con.execute("DROP TABLE same_hash")


def _write_out(con: Connection, table: Table) -> None:
    """Make a table of a view, so that rows can be taken out of it and marked."""
    name = table.name
    if (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall():
        con.execute(f"CREATE OR REPLACE TABLE typed.{name}_rows AS FROM typed.{name}")
        con.execute(f"DROP VIEW typed.{name}")
        con.execute(f"ALTER TABLE typed.{name}_rows RENAME TO {name}")


def _merge(con: Connection, table: Table, sheets: Sequence[SheetSource]) -> None:
    name = table.name
    con.execute(
        f"INSERT INTO typed.row_also SELECT '{name}', keeper, sheet_id, row_no FROM same_rows "
        "WHERE row_id <> keeper ORDER BY keeper, row_id"
    )
    con.execute(
        f"DELETE FROM typed.{name} WHERE row_id IN "
        "(SELECT row_id FROM same_rows WHERE row_id <> keeper)"
    )
    con.execute(
        f"UPDATE typed.{name} t SET repeat_of = s.first FROM same_rows s "
        "WHERE s.row_id = t.row_id AND s.nth > 1 AND s.row_id = s.keeper"
    )
    counts = {
        sheet_id: (merged, repeats)
        for sheet_id, merged, repeats in con.execute(
            "SELECT sheet_id, count(*) FILTER (row_id <> keeper), "
            "count(*) FILTER (row_id = keeper AND nth > 1) FROM same_rows GROUP BY 1"
        ).fetchall()
    }
    for sheet in sheets:
        sheet.report.merged, sheet.report.repeats = counts.get(sheet.sheet_id, (0, 0))


# -- identity numbers ----------------------------------------------------------------------------


def write_id_numbers(con: Connection, sheets: Sequence[SheetSource]) -> None:
    """Fill ``typed.id_numbers`` with every distinct number, judged, and count doubtful ones."""
    held: dict[str, tuple[Table, set[str]]] = {}
    for sheet in sheets:
        names = {
            c.column.name for c in sheet.columns if c.column and c.column.type in ("id", "party_id")
        }
        held.setdefault(sheet.table.name, (sheet.table, set()))[1].update(names)
    columns = [(table, table.column(n)) for table, names in held.values() for n in sorted(names)]
    if not columns:
        return
    parts = " UNION ".join(
        f'SELECT DISTINCT "{c.name}" AS number FROM typed.{t.name} WHERE "{c.name}" IS NOT NULL'
        for t, c in columns
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE distinct_numbers AS {parts}")
    # Codes of firms stand in columns of parties too; they are no identity numbers.
    has_firms = any(column.type == "party_id" for _, column in columns)
    for batch in _numbers(con):
        judged = values.classify_id_numbers(batch)
        firms = _firms(judged) if has_firms else pa.array([], pa.string())
        con.register("id_batch", judged)
        con.register("firm_batch", pa.table({"number": firms}))
        con.execute(
            "INSERT INTO typed.id_numbers FROM id_batch ANTI JOIN firm_batch USING (number)"
        )
        con.unregister("id_batch")
        con.unregister("firm_batch")
    con.execute("DROP TABLE distinct_numbers")
    by_id = {sheet.sheet_id: sheet for sheet in sheets}
    for table, column in columns:
        doubtful = con.execute(
            f"SELECT t.sheet_id, coalesce(i.reason, i.status), count(*) FROM typed.{table.name} t "
            f'JOIN (FROM typed.id_numbers WHERE reason IS NOT NULL) i ON i.number = t."{column.name}" '
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for sheet_id, reason, count in doubtful:
            by_id[sheet_id].report.number_checks[f"{column.headers[0]}：{reason}"] += count


def _firms(judged: pa.Table) -> pa.Array:
    """Codes of firms among the numbers that are no identity numbers."""
    bad = judged.filter(pc.equal(judged.column("status"), "bad")).column("number").to_pylist()
    codes = [n for n in bad if (code := values.parse_uscc(n)) is not None and code.valid]
    return pa.array(codes, pa.string())


def _numbers(con: Connection) -> Iterator[pa.Array]:
    """Yield the distinct numbers in batches, in order."""
    total: int = con.execute("SELECT count(*) FROM distinct_numbers").fetchall()[0][0]
    for start in range(0, total, 500_000):
        table = con.sql(
            f"SELECT number FROM distinct_numbers WHERE rowid >= {start} AND rowid < {start + 500_000}"
        ).to_arrow_table()
        yield table.column("number").combine_chunks()
