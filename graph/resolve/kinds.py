"""Which parties of undeclared kind are people, firms, units or villages."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from graph.schema import PARTIES
from ingest.values import looks_like_org, normalise_org_name, parse_uscc


def known_usccs(con: duckdb.DuckDBPyConnection) -> None:
    """Make temporary table ``usccs``: distinct numbers in ``refs`` that are sound USCCs.

    The check digit of GB 32100 is asked of python-stdnum, once a distinct number.
    """
    numbers = con.execute(
        "SELECT DISTINCT number FROM refs WHERE number IS NOT NULL AND length(number) = 18 "
        "AND full_number IS NULL AND kind IN ('company', 'any', 'org') ORDER BY number"
    ).fetchall()
    parsed = [(number, parse_uscc(number)) for (number,) in numbers]
    sound = [number for number, found in parsed if found is not None and found.valid]
    con.execute("CREATE OR REPLACE TEMP TABLE usccs (number VARCHAR)")
    con.execute("INSERT INTO usccs SELECT unnest(?::VARCHAR[])", [sound])


def aliases(con: duckdb.DuckDBPyConnection, unit_aliases: Mapping[str, str]) -> None:
    """Make temporary table ``unit_aliases``: normalised alias → normalised name."""
    con.execute("CREATE OR REPLACE TEMP TABLE unit_aliases (alias VARCHAR, name VARCHAR)")
    pairs = sorted((normalise_org_name(a), normalise_org_name(b)) for a, b in unit_aliases.items())
    if pairs:
        con.executemany("INSERT INTO unit_aliases VALUES (?, ?)", pairs)


def decide(con: duckdb.DuckDBPyConnection) -> None:
    """Give every reference of open kind a kind: number, register, lists, form of the name."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE any_kinds AS
        WITH a AS (SELECT DISTINCT oname, number, status FROM refs WHERE kind IN ('any', 'org')),
        companies AS (SELECT DISTINCT oname FROM refs WHERE kind = 'company'),
        units AS (SELECT oname FROM refs WHERE kind = 'unit' UNION SELECT alias FROM unit_aliases),
        villages AS (SELECT DISTINCT village AS oname FROM refs WHERE kind = 'village')
        SELECT a.oname, a.number, CASE
            WHEN a.status IN ('valid', 'valid15') THEN 'person'
            WHEN a.number IN (SELECT number FROM usccs) THEN 'company'
            WHEN a.oname IN (SELECT oname FROM companies) THEN 'company'
            WHEN a.oname IN (SELECT oname FROM units) THEN 'unit'
            WHEN a.oname IN (SELECT oname FROM villages WHERE oname IS NOT NULL) THEN 'village'
            END AS kind
        FROM a
        """
    )
    open_names = con.execute(
        "SELECT DISTINCT oname FROM any_kinds WHERE kind IS NULL AND oname IS NOT NULL ORDER BY 1"
    ).fetchall()
    found = [looks_like_org(name) for (name,) in open_names]
    con.execute("CREATE OR REPLACE TEMP TABLE forms (oname VARCHAR, kind VARCHAR)")
    con.execute(
        "INSERT INTO forms SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [[name for (name,) in open_names], found],
    )
    con.execute(
        """
        UPDATE refs SET kind = coalesce(k.kind, 'person'),
            -- A village named in a column of undeclared kind stands under its own name.
            village = CASE WHEN k.kind = 'village' THEN refs.oname ELSE refs.village END
        FROM (SELECT a.oname, a.number, coalesce(a.kind, f.kind) AS kind
              FROM any_kinds a LEFT JOIN forms f USING (oname)) k
        WHERE refs.kind IN ('any', 'org') AND refs.oname IS NOT DISTINCT FROM k.oname
          AND refs.number IS NOT DISTINCT FROM k.number
        """
    )
    organisations = [no for no, party in enumerate(PARTIES) if party.kind == "org"]
    con.execute(
        "DELETE FROM refs WHERE kind = 'person' AND list_contains(?::INTEGER[], party)",
        [organisations],
    )
