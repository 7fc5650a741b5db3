"""Typed tables rewritten with the entities of their parties and lots."""

from __future__ import annotations

from collections.abc import Sequence, Set

import duckdb

from graph.resolve.clusters import entity_id
from graph.resolve.references import present, reference_columns, reference_key
from graph.schema import PARTIES, Party
from graph.typed import INTAKE_TABLES, Part, TypedTables
from ingest.progress import Progress, silent
from ingest.storage import SAMPLE_ROWS, declared, seldom_repeated

LOT_TABLES = ("tenders", "bids", "expert_scores")
BID_TABLES = ("bids", "expert_scores")
UNPACKED = {"id_numbers": frozenset(("number", "full_number"))}


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
    con.execute("CREATE SCHEMA IF NOT EXISTS parts")
    for name in INTAKE_TABLES:
        _write(con, f"main.{name}", f"FROM typed.{name}", UNPACKED.get(name, frozenset()))
    _lots(con, typed)
    for done, table in enumerate(sorted(typed.columns)):
        progress("写入数据表", done, len(typed.columns))
        _rewrite_table(con, typed, table, key)
    progress("写入数据表", len(typed.columns), len(typed.columns))


def _rewrite_table(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, table: str, key: bytes
) -> None:
    parts = typed.parts.get(table, ())
    unpacked = _unpacked(con, typed, table)
    known = {no for no, _ in present(typed)}
    parties = [
        (no, party)
        for no, party in enumerate(PARTIES)
        if party.table == table and party.column in typed.columns[table]
    ]
    elsewhere: dict[str, Part] = {}
    for part in parts:
        inside = [
            (no, p) for no, p in parties if no in known and part.holds(reference_columns(p, typed))
        ]
        names = [*part.columns, *(name for _, p in inside for name in entity_columns(p))]
        own = [name for name in names if name not in elsewhere]
        elsewhere |= dict.fromkeys(own, part)
        _write_part(con, typed, part, inside, own, unpacked)
    columns = [f't."{c}"' for c in typed.columns[table] if c not in elsewhere]
    by_column = {party.column: party for _, party in parties}
    joins = []
    for part in parts:
        columns.append(f'{part.references}.rowid::INTEGER AS "{part.link}"')
        reference = reference_key(by_column[part.column], typed)
        joins.append(f"JOIN {part.references} ON {part.references}.h = {reference}")
    for no, party in parties:
        if no not in known:
            kinds = ("VARCHAR", "VARCHAR", "DOUBLE")
            columns += [
                f'NULL::{kind} AS "{name}"'
                for name, kind in zip(entity_columns(party), kinds, strict=True)
            ]
        elif f"{party.column}_entity" not in elsewhere:
            columns.append(_entity(no, party))
            joins.append(_join(no, party, typed))
    if table in LOT_TABLES:
        lot = "t.lot"
        if table in BID_TABLES:
            joins.append("LEFT JOIN only_lots ON only_lots.tender_no = t.tender_no")
            lot = "coalesce(t.lot, only_lots.lot)"
        content = f"t.tender_no || '|' || coalesce({lot}, '')"
        columns.append(f"{entity_id('tender', content, key)} AS lot_entity")
    rows = f'SELECT {", ".join(columns)} FROM typed."{table}" t {" ".join(joins)}'
    if not parts:
        _write(con, f'main."{table}"', rows, unpacked)
        return
    _write(con, parts[0].rows, rows, unpacked)
    names = [*typed.columns[table], *(n for _, p in parties for n in entity_columns(p))]
    names += ["lot_entity"] if table in LOT_TABLES else []
    shown = [f'{elsewhere[n].column if n in elsewhere else "r"}."{n}"' for n in names]
    joined = [
        f'JOIN {part.relation} "{part.column}" ON "{part.column}".reference = r."{part.link}"'
        for part in parts
    ]
    con.execute(
        f'CREATE OR REPLACE VIEW main."{table}" AS SELECT {", ".join(shown)} '
        f"FROM {parts[0].rows} r {' '.join(joined)}"
    )


def entity_columns(party: Party) -> tuple[str, str, str]:
    """Names of the columns that say whom a party column means."""
    return f"{party.column}_entity", f"{party.column}_identity", f"{party.column}_probability"


def _entity(no: int, party: Party) -> str:
    entity, identity, probability = entity_columns(party)
    return (
        f'p{no}.entity AS "{entity}", p{no}.identity AS "{identity}",'
        f' p{no}.probability AS "{probability}"'
    )


def _join(no: int, party: Party, typed: TypedTables) -> str:
    return (
        f"LEFT JOIN (SELECT h, entity, identity, probability FROM resolved WHERE party = {no})"
        f' p{no} ON p{no}.h = {reference_key(party, typed)} AND t."{party.column}" IS NOT NULL'
    )


def _write_part(
    con: duckdb.DuckDBPyConnection,
    typed: TypedTables,
    part: Part,
    inside: Sequence[tuple[int, Party]],
    own: Sequence[str],
    unpacked: Set[str],
) -> None:
    """Write the references of a part with the entities they stand for."""
    columns = ", ".join(f't."{c}"' for c in part.columns)
    entities = "".join(f", {_entity(no, party)}" for no, party in inside)
    joins = " ".join(_join(no, party, typed) for no, party in inside)
    kept = ", ".join(f'"{name}"' for name in own)
    rows = (
        f"SELECT reference, {kept} FROM (SELECT t.rowid::INTEGER AS reference, {columns}{entities} "
        f"FROM {part.references} t {joins})"
    )
    _write(con, part.relation, rows, unpacked)


def _write(con: duckdb.DuckDBPyConnection, relation: str, rows: str, unpacked: Set[str]) -> None:
    if not unpacked:
        con.execute(f"CREATE OR REPLACE TABLE {relation} AS {rows}")
        return
    types = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {rows}").fetchall()}
    con.execute(f"CREATE OR REPLACE TABLE {relation} ({declared(types, frozenset(unpacked))})")
    con.execute(f"INSERT INTO {relation} {rows}")


def _unpacked(con: duckdb.DuckDBPyConnection, typed: TypedTables, table: str) -> frozenset[str]:
    """Columns to store as they are: those that seldom repeat, and the entities they stand for."""
    if typed.rows[table] < SAMPLE_ROWS:
        return frozenset()
    types = con.execute(f'DESCRIBE typed."{table}"').fetchall()
    texts = [c for c, kind, *_ in types if kind == "VARCHAR" and typed.has(table, c)]
    seldom = seldom_repeated(con, f'typed."{table}"', texts)
    entities = [
        f"{p.column}_entity"
        for p in PARTIES
        if p.table == table and not seldom.isdisjoint((p.column, p.number))
    ]
    if table in LOT_TABLES and "tender_no" in seldom:
        entities.append("lot_entity")
    return seldom.union(entities)


def _lots(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> None:
    """Make ``only_lots``: projects of one lot, whose bids often leave the lot out."""
    con.execute("CREATE OR REPLACE TEMP TABLE only_lots (tender_no VARCHAR, lot VARCHAR)")
    if typed.has("tenders", "tender_no", "lot"):
        con.execute(
            "INSERT INTO only_lots SELECT tender_no, min(lot) FROM typed.tenders "
            "GROUP BY tender_no HAVING count(DISTINCT coalesce(lot, '')) = 1 AND min(lot) IS NOT NULL"
        )
