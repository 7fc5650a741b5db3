"""Clusters: content keys become entity ids, references learn theirs, possible sameness is kept.

Entity ids are made of content alone, so they stay the same from run to run and, for parties with a
sound number, when data grow:

- person: keyed hash of the full 18-digit number; else of name and strongest context;
- company: hash of the credit code; else of the normalised name;
- unit: hash of the normalised name (aliases replaced); village: of township and name.

A party known by name only gets a new id once its number becomes known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from graph.resolve import companies, decisions, groups, kinds, people, places
from graph.resolve.decisions import Decision
from graph.resolve.references import collect
from graph.settings import GraphSettings
from graph.typed import TypedTables
from ingest.progress import Progress, silent

LETTERS: Mapping[str, str] = {
    "person": "p",
    "company": "c",
    "unit": "u",
    "village": "v",
    "account": "a",
    "phone": "t",
    "address": "d",
    "tender": "l",
}
_KEYED = ("person", "account", "phone")


def entity_id(kind: str, content: str, key: bytes) -> str:
    """SQL for the id of an entity of a kind from the SQL of its content.

    Parameters
    ----------
    kind : str
        A kind of node.
    content : str
        SQL expression of the text the id is made of.
    key : bytes
        Secret of the workspace; used for people, accounts and phones, whose numbers are few
        enough to be tried out.

    Returns
    -------
    str
        SQL of ``<letter>-<16 hex digits>``; null where the content is null.
    """
    letter = LETTERS[kind]
    secret = key.hex() if kind in _KEYED else ""
    return f"'{letter}-' || left(sha256('{secret}{letter}:' || {content}), 16)"


def resolve(
    con: duckdb.DuckDBPyConnection,
    typed: TypedTables,
    key: bytes,
    settings: GraphSettings,
    progress: Progress = silent,
    decided: Sequence[Decision] = (),
) -> None:
    """Find out who is who; make ``resolved``, ``parties`` (temporary), ``same_as`` and conflicts.

    Parameters
    ----------
    con : DuckDBPyConnection
        With schema ``typed``; ``main.same_as``, ``main.number_conflicts`` and ``main.judgements``
        are written.
    typed : TypedTables
    key : bytes
    settings : GraphSettings
    progress : Progress
    decided : sequence of Decision
        What analysts decided in earlier runs.
    """
    progress("识别主体", 0, 5)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE keys (party INTEGER, h UBIGINT, kind VARCHAR, ckey VARCHAR,"
        " identity VARCHAR, probability DOUBLE)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE doubts (kind VARCHAR, a VARCHAR, b VARCHAR,"
        " identity VARCHAR, probability DOUBLE, reason VARCHAR)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE conflicts (number VARCHAR, kind VARCHAR, name VARCHAR)"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE counts (key VARCHAR, value VARCHAR)")
    decisions.create(con, decided)
    collect(con, typed)
    progress("识别主体", 1, 5)
    kinds.aliases(con, settings.unit_aliases)
    kinds.known_usccs(con)
    kinds.decide(con)
    progress("识别主体", 2, 5)
    companies.resolve(con, typed, lambda kind, content: _id_of(kind, content, key))
    places.resolve_units(con)
    places.resolve_villages(con)
    progress("识别主体", 3, 5)
    people.resolve(con, typed, entity_id("person", "gkey", key), settings)
    progress("识别主体", 4, 5)
    _resolved(con, key)
    decisions.write(con, lambda kind, content: _id_of(kind, content, key))
    drop_temporary(con, "p_", "c_", "v_", "keys", "judged", "decided")
    _parties(con)
    _same_as(con)
    drop_temporary(con, "refs", "named", "entity_keys", "place_forms", "person_forms", "org_forms")
    progress("识别主体", 5, 5)


def drop_temporary(con: duckdb.DuckDBPyConnection, *prefixes: str) -> None:
    """Drop the temporary tables whose names begin with a prefix: they hold memory."""
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'temp'"
    ).fetchall()
    for (table,) in rows:
        if table.startswith(prefixes):
            con.execute(f'DROP TABLE temp."{table}"')


def _id_of(kind: str, content: str, key: bytes) -> str:
    cases = " ".join(
        f"WHEN '{k}' THEN {entity_id(k, content, key)}"
        for k in ("person", "company", "unit", "village")
    )
    return f"CASE {kind} {cases} END"


def _resolved(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE entity_keys AS
        SELECT kind, ckey, {_id_of("kind", "ckey", key)} AS entity,
               row_number() OVER ()::INTEGER AS no  -- for grouping within this build only
        FROM (SELECT DISTINCT kind, ckey FROM keys)
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE resolved AS
        SELECT party, h, no, entity, identity, probability
        FROM keys JOIN entity_keys USING (kind, ckey)
        """
    )


def _parties(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``parties``: entities of people, firms, units, villages with what is known of each."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT k.no, r.n, r.birth_date, r.sex, r.village, r.township, r.employer,
               CASE r.kind WHEN 'village' THEN r.village ELSE r.name END AS shown,
               r.party = {companies.REGISTER} AS registered,
               list_contains({groups.OFFICES}, r.party) AS in_office
        FROM refs r JOIN resolved k ON k.party = r.party AND k.h = r.h
        """
    )
    # Nearly all entities are always written alike; only the others need their names counted.
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE parties AS
        WITH alike AS (
            SELECT no, min(shown) AS name,
                   max(shown) AS other_name, max(birth_date) AS birth_date, max(sex) AS sex,
                   min(village) AS village, min(township) AS township,
                   -- An official is known by the office, not by a firm some list names.
                   coalesce(min(employer) FILTER (WHERE in_office), min(employer)) AS employer,
                   sum(n)::BIGINT AS n_rows
            FROM named GROUP BY no),
        counted AS (
            SELECT no, shown, (bool_or(registered), sum(n)) AS weight FROM named
            WHERE no IN (SELECT no FROM alike WHERE name <> other_name) GROUP BY no, shown),
        usual AS (SELECT no, max_by(shown, (weight, shown)) AS name FROM counted GROUP BY no)
        SELECT e.entity, e.kind, coalesce(u.name, a.name) AS name,
               CASE WHEN e.kind IN ('person', 'company') AND starts_with(e.ckey, 'n:')
                    THEN split_part(substr(e.ckey, 3), '|', 1) END AS number,
               a.birth_date, a.sex, a.village, a.township, a.employer, a.n_rows
        FROM alike a JOIN entity_keys e USING (no) LEFT JOIN usual u USING (no)
        """
    )


def _same_as(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        CREATE OR REPLACE TABLE main.same_as AS
        WITH pairs AS (
            SELECT a.entity AS x, b.entity AS y, d.identity, d.probability, d.reason
            FROM doubts d JOIN entity_keys a ON a.kind = d.kind AND a.ckey = d.a
            JOIN entity_keys b ON b.kind = d.kind AND b.ckey = d.b WHERE a.entity <> b.entity),
        both_ways AS (
            SELECT x AS entity, y AS other, identity, probability, reason FROM pairs
            UNION ALL SELECT y, x, identity, probability, reason FROM pairs)
        SELECT entity, other, max_by(identity, (probability, reason)) AS identity,
               max(probability) AS probability, max_by(reason, (probability, reason)) AS reason
        FROM both_ways GROUP BY entity, other ORDER BY entity, other
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TABLE main.number_conflicts AS
        SELECT number, kind, list_sort(list(DISTINCT name)) AS names
        FROM conflicts GROUP BY number, kind ORDER BY number, kind
        """
    )
