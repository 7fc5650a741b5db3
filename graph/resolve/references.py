"""Blocking: the distinct ways in which tables refer to parties.

Millions of rows hold far fewer distinct references. Everything after this works on them; rows find
their reference again by a hash of the identifying columns.
"""

from __future__ import annotations

import duckdb

from graph.resolve import names
from graph.schema import CONTEXTS, PARTIES, Party
from graph.typed import TypedTables


def present(typed: TypedTables) -> list[tuple[int, Party]]:
    """Parties of which some row has a name, with their number in ``PARTIES``."""
    return [(no, p) for no, p in enumerate(PARTIES) if typed.has(p.table, p.column)]


def reference_columns(party: Party, typed: TypedTables) -> tuple[str, ...]:
    """Columns with values that make the references of a party column."""
    columns = [party.column, party.number, *(column for _, column in party.context)]
    used = [c for c in columns if c is not None and typed.has(party.table, c)]
    return tuple(dict.fromkeys(used))


def reference_key(party: Party, typed: TypedTables, alias: str = "t") -> str:
    """SQL for the key under which a row of the party's table finds its reference."""
    columns = [party.column, party.number, *(c for m, c in party.context if m != "kin")]
    parts = [typed.expression(party.table, c, alias) for c in columns]
    parts += [_kin(party, typed, alias)]
    used = [part for part in parts if not part.startswith("NULL")]
    return f"hash({', '.join(used)})"


def _kin(party: Party, typed: TypedTables, alias: str = "t") -> str:
    """SQL for the number of the person whose relative the party is.

    Only where the relative has no whole number: else one relative of ten people would be ten
    references.
    """
    column = dict(party.context).get("kin")
    if column is None or not typed.has(party.table, column):
        return "NULL::VARCHAR"
    if party.number is None or not typed.has(party.table, party.number):
        return typed.expression(party.table, column, alias)
    number = f'{alias}."{party.number}"'
    return (
        f"CASE WHEN {number} IS NULL OR length({number}) <> 18 OR contains({number}, '*')"
        f" THEN {typed.expression(party.table, column, alias)} END"
    )


def _source(party: Party, typed: TypedTables) -> tuple[str, str]:
    """Where the references of a party are read, and SQL of the rows each stands for."""
    columns = reference_columns(party, typed)
    for part in typed.parts.get(party.table, ()):
        if part.holds(columns):
            return part.references, "sum(n)"
    return f'typed."{party.table}"', "count(*)"


def collect(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> None:
    """Make temporary table ``refs``: one row a distinct reference of each party column.

    Parameters
    ----------
    con : DuckDBPyConnection
    typed : TypedTables

    Raises
    ------
    RuntimeError
        If two different references have one 64-bit hash (about once in a million builds).
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE refs_raw (
            party INTEGER, kind VARCHAR, h UBIGINT, name VARCHAR, number VARCHAR,
            {", ".join(f"{c} VARCHAR" for c in CONTEXTS)}, n BIGINT)
        """
    )
    for no, party in present(typed):
        context = dict(party.context)
        if party.kind == "village":
            context["village"] = party.column
        name = typed.expression(party.table, party.column)
        values = [name, typed.expression(party.table, party.number)]
        values += [
            _kin(party, typed) if c == "kin" else typed.expression(party.table, context.get(c))
            for c in CONTEXTS
        ]
        source, rows = _source(party, typed)
        con.execute(
            f"""
            INSERT INTO refs_raw
            SELECT {no}, '{party.kind}', {reference_key(party, typed)} AS h,
                   {", ".join(values)}, {rows}
            FROM {source} t WHERE {name} IS NOT NULL
            GROUP BY ALL
            """
        )
    total, keys = con.execute(
        "SELECT count(*), count(DISTINCT (party, h)) FROM refs_raw"
    ).fetchall()[0]
    if total != keys:
        raise RuntimeError("two references have the same hash")
    names.normal_forms(con, "refs_raw")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE refs AS
        SELECT r.party, r.kind, r.h, r.name, r.number, r.n,
               CASE WHEN p.name IS NULL THEN r.name ELSE p.form END AS pname,
               CASE WHEN o.name IS NULL THEN r.name ELSE o.form END AS oname,
               i.full_number, i.status,
               coalesce(i.birth_date::VARCHAR, r.birth_date) AS birth_date, i.sex,
               nullif(translate(r.phone, ' -()（）+/', ''), '') AS phone, r.account, r.household,
               k.full_number AS kin,
               CASE WHEN e.name IS NULL THEN r.employer ELSE e.form END AS employer,
               v.village_form AS village, v.township_form AS township
        FROM refs_raw r
        LEFT JOIN typed.id_numbers i ON i.number = r.number
        LEFT JOIN typed.id_numbers k ON k.number = r.kin
        LEFT JOIN person_forms p ON p.name = r.name
        LEFT JOIN org_forms o ON o.name = r.name
        LEFT JOIN org_forms e ON e.name = r.employer
        LEFT JOIN place_forms v ON v.place = hash(r.village, r.township)
        """
    )
    con.execute("DROP TABLE refs_raw")
