"""Raw cells → typed tables: conversion, quarantine, duplicates, identity numbers.

Columns are converted by DuckDB as far as its expressions reach (`ingest.sqlvalues`); the distinct
values they leave are read once each by the parsers of `ingest.values` and joined back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from ingest import sqlvalues, values
from ingest.duplicates import settle_duplicates
from ingest.masking import mask_value
from ingest.passed_over import TOTAL_CELLS, passed_over
from ingest.report import IntakeReport, Quarantined
from ingest.rows import insert_rows
from ingest.sheets import SheetColumn, SheetSource
from ingest.storage import seldom_repeated
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
    settle_duplicates(con, table, sheets, bases)
    kept = dict(
        con.execute(f"SELECT sheet_id, count(*) FROM typed.{table.name} GROUP BY 1").fetchall()
    )
    for sheet in sheets:
        sheet.report.kept = kept.get(sheet.sheet_id, 0)
    merged = any(sheet.report.merged or sheet.report.repeats for sheet in sheets)
    filled = (
        sum((c.filled() for c in conversions), Counter[str]())
        if view and not merged
        else _filled(con, f"typed.{table.name}", {c.name: f'"{c.name}"' for c in table.columns})
    )
    insert_rows(
        con, "typed.table_columns", [(table.name, c.name, filled[c.name]) for c in table.columns]
    )


def _filled(con: Connection, source: str, columns: Mapping[str, str]) -> Counter[str]:
    """Count the rows of a relation that have a value in each column, by its name."""
    if not columns:
        return Counter()
    counts = ", ".join(f"count({cell})" for cell in columns.values())
    found = con.execute(f"SELECT {counts} FROM {source}").fetchall()[0]
    return Counter(dict(zip(columns, found, strict=True)))


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
        rows, last = self.con.execute(
            f"SELECT count(*), coalesce(max(row_no), {self.sheet.header_row}) FROM {self.relation}"
        ).fetchall()[0]
        self.sheet.report.rows_in = rows
        self._read_leftovers()
        return self.base + (rows if self.sheet.shared_rows else last)

    def find_others(self) -> bool:
        """Find the rows to leave out; False where reading the cells again and again is dear."""
        if self.mapped or self.sheet.shared_rows:
            return False
        # With nothing left to read by hand, a cell that is there has a value.
        others = self.con.execute(
            f"SELECT row_no FROM {self.relation} WHERE NOT ({self._good('c')}) "
            f"ORDER BY row_no LIMIT {_FEW + 1}"
        ).fetchall()
        if len(others) <= _FEW:
            self.others = [number for (number,) in others]
        return self.others is not None

    def filled(self) -> Counter[str]:
        """Count the rows with a value in each column, where every cell has one (`find_others`)."""
        cells = {c.column.name: f"c{c.position}" for c in self.known if c.column}
        return _filled(self.con, f"{self.relation} WHERE {self._whole()}", cells)

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

    def _good(self, cell: str = "v") -> str:
        """SQL condition of the rows that are data and whole; never null.

        ``cell``: ``v`` for the values of `_converted`, ``c`` for the cells where all were read.
        """
        tests = []
        for required in self.sheet.table.required:
            position = self.sheet.position(required.name)
            if position is None:
                return "false"
            tests.append(f"{cell}{position} IS NOT NULL")
            if required.type == "text":
                header = next(c.header for c in self.sheet.columns if c.position == position)
                words = ", ".join(
                    sqlvalues.literal(w) for w in (*TOTAL_CELLS, values.clean_text(header))
                )
                tests.append(f"coalesce({cell}{position} NOT IN ({words}), false)")
        if self.sheet.overlong:
            numbers = ", ".join(map(str, self.sheet.overlong))
            tests.append(f"row_no NOT IN ({numbers})")
        return " AND ".join(tests)

    def _read_leftovers(self) -> None:
        """Read what DuckDB's expressions leave: all columns in one query, each value once."""
        by_position = {c.position: c for c in self.known}
        cells = [f"c{n}" for n in by_position]
        large = self.sheet.report.rows_in >= LARGE_SHEET
        seldom = seldom_repeated(self.con, self.relation, cells) if large else frozenset()
        parts = []
        for n, column in by_position.items():
            left = f"c{n} IS NOT NULL AND ({_fast(column, f'c{n}')}) IS NULL"
            if f"c{n}" in seldom:
                parts.append(
                    f"SELECT DISTINCT {n} AS n, c{n} AS text FROM {self.relation} WHERE {left}"
                )
            else:
                # Materialised, or the engine would read every cell before it folds them.
                parts.append(
                    f"SELECT * FROM (WITH folded AS MATERIALIZED "
                    f"(SELECT DISTINCT c{n} FROM {self.relation}) "
                    f"SELECT {n} AS n, c{n} AS text FROM folded WHERE {left})"
                )
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
        kind = passed_over(self.sheet, read, cells)
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
