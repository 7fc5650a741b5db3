"""Every distinct identity number of the typed tables, judged once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest import values
from ingest.sheets import SheetSource
from ingest.tables import Table


def write_id_numbers(con: duckdb.DuckDBPyConnection, sheets: Sequence[SheetSource]) -> None:
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


def _numbers(con: duckdb.DuckDBPyConnection) -> Iterator[pa.Array]:
    """Yield the distinct numbers in batches, in order."""
    total: int = con.execute("SELECT count(*) FROM distinct_numbers").fetchall()[0][0]
    for start in range(0, total, 500_000):
        table = con.sql(
            f"SELECT number FROM distinct_numbers WHERE rowid >= {start} AND rowid < {start + 500_000}"
        ).to_arrow_table()
        yield table.column("number").combine_chunks()
