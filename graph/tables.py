"""Typed tables rewritten with the entities of their parties and lots."""

from __future__ import annotations

import duckdb

from graph.resolve.clusters import entity_id
from graph.resolve.references import present, reference_key
from graph.schema import PARTIES
from graph.typed import INTAKE_TABLES, TypedTables
from ingest.progress import Progress, silent

LOT_TABLES = ("tenders", "bids", "expert_scores")
BID_TABLES = ("bids", "expert_scores")


def rewrite(
    con: duckdb.DuckDBPyConnection,
    typed: TypedTables,
    key: bytes,
    progress: Progress = silent,
) -> None:
    """Write every typed table into ``main`` with entity columns, in one pass a table.

    Parameters
    ----------
    con : DuckDBPyConnection
        With ``resolved`` and ``typed``.
    typed : TypedTables
    key : bytes
    progress : Progress
    """
    for name in INTAKE_TABLES:
        con.execute(f"CREATE OR REPLACE TABLE main.{name} AS FROM typed.{name}")
    _lots(con, typed)
    for done, table in enumerate(sorted(typed.columns)):
        progress("写入数据表", done, len(typed.columns))
        _rewrite_table(con, typed, table, key)
    progress("写入数据表", len(typed.columns), len(typed.columns))


def _rewrite_table(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, table: str, key: bytes
) -> None:
    known = {no for no, _ in present(typed)}
    columns, joins = ["t.*"], []
    for no, party in enumerate(PARTIES):
        if party.table != table or party.column not in typed.columns[table]:
            continue
        c = party.column
        if no not in known:
            columns.append(
                f'NULL::VARCHAR AS "{c}_entity", NULL::VARCHAR AS "{c}_identity",'
                f' NULL::DOUBLE AS "{c}_probability"'
            )
            continue
        columns.append(
            f'p{no}.entity AS "{c}_entity", p{no}.identity AS "{c}_identity",'
            f' p{no}.probability AS "{c}_probability"'
        )
        joins.append(
            f"LEFT JOIN (SELECT h, entity, identity, probability FROM resolved WHERE party = {no})"
            f' p{no} ON p{no}.h = {reference_key(party, typed)} AND t."{c}" IS NOT NULL'
        )
    if table in LOT_TABLES:
        lot = "t.lot"
        if table in BID_TABLES:
            joins.append("LEFT JOIN only_lots ON only_lots.tender_no = t.tender_no")
            lot = "coalesce(t.lot, only_lots.lot)"
        content = f"t.tender_no || '|' || coalesce({lot}, '')"
        columns.append(f"{entity_id('tender', content, key)} AS lot_entity")
    con.execute(
        f'CREATE OR REPLACE TABLE main."{table}" AS SELECT {", ".join(columns)} '
        f'FROM typed."{table}" t {" ".join(joins)}'
    )


def _lots(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> None:
    """Make ``only_lots``: projects of one lot, whose bids often leave the lot out."""
    con.execute("CREATE OR REPLACE TEMP TABLE only_lots (tender_no VARCHAR, lot VARCHAR)")
    if typed.has("tenders", "tender_no", "lot"):
        con.execute(
            "INSERT INTO only_lots SELECT tender_no, min(lot) FROM typed.tenders "
            "GROUP BY tender_no HAVING count(DISTINCT coalesce(lot, '')) = 1 AND min(lot) IS NOT NULL"
        )
