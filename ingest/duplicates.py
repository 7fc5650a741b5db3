"""Identical rows: merged with all their places remembered, or kept and marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import duckdb

from ingest import values
from ingest.sheets import SheetSource
from ingest.tables import Table

# Columns that number or comment rows say nothing about whether two rows are the same.
_NOT_CONTENT = frozenset({"序号", "备注"})


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


def settle_duplicates(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    sheets: Sequence[SheetSource],
    bases: Sequence[int],
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


def _write_out(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make a table of a view, so that rows can be taken out of it and marked."""
    name = table.name
    if (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall():
        con.execute(f"CREATE OR REPLACE TABLE typed.{name}_rows AS FROM typed.{name}")
        con.execute(f"DROP VIEW typed.{name}")
        con.execute(f"ALTER TABLE typed.{name}_rows RENAME TO {name}")


def _merge(con: duckdb.DuckDBPyConnection, table: Table, sheets: Sequence[SheetSource]) -> None:
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
