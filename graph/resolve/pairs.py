"""Blocking: which record groups of people are compared at all.

Two groups are compared when they share a name and any context, or when their names differ in one
character and they share something few people share. At least one of them has no sound number. A
name alone makes no pair: it can decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from graph.resolve import alike
from graph.resolve.groups import values

_EXACT = (
    "birth_date",
    "phone",
    "account",
    "household",
    "employer",
    "village",
    "township",
)
_FEW_SHARE = ("birth_date", "phone", "account", "household")


@dataclass(frozen=True)
class Limits:
    """How many pairs one shared value may make.

    Parameters
    ----------
    pairs : int
        Pairs of one name and one value above which the value is left out: with so many fitting,
        nobody can be told from his namesakes by it.
    bearers : int
        Groups under one telephone, account, … above which names written differently are not
        compared: it is an agent's, an office's, a school's.
    """

    pairs: int = 2000
    bearers: int = 200


def candidates(con: duckdb.DuckDBPyConnection, limits: Limits = Limits()) -> None:
    """Make ``p_pairs(a, b)``: groups to compare; ``a`` is always one without a sound number."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_values AS
        WITH named AS (
            {values("p_refs", "pname IN (SELECT pname FROM p_loose)", _EXACT)}
            UNION ALL
            SELECT DISTINCT t.gkey, r.pname, r.full_number IS NULL, 'kin', t.kin
            FROM p_ties t JOIN p_refs r USING (gkey)
            WHERE r.pname IN (SELECT pname FROM p_loose))
        SELECT *, hash(pname, meaning, value) AS block FROM named
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_blocks AS
        SELECT block, count(*) FILTER (WHERE loose) * (count(*) - 1) <= {limits.pairs} AS used
        FROM p_values GROUP BY block HAVING count(*) > 1 AND bool_or(loose)
        """
    )
    con.execute(
        """
        INSERT INTO counts SELECT 'identity_blocks_left_out', count(*)::VARCHAR
        FROM p_blocks WHERE NOT used
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_found AS
        SELECT a.gkey AS a, b.gkey AS b FROM p_values a JOIN p_blocks USING (block)
        JOIN p_values b USING (block)
        WHERE used AND a.loose AND a.gkey <> b.gkey
          -- In a township alone two half-known namesakes have too little in common.
          AND (NOT b.loose OR (a.gkey < b.gkey AND a.meaning <> 'township'))
        """
    )
    _fitting_numbers(con)
    _near_names(con, limits)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p_pairs AS "
        "SELECT DISTINCT a, b, hash(a, b) AS pair FROM p_found"
    )


def _fitting_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Pairs of one name where an incomplete or failed number fits a sound one."""
    con.execute(
        """
        INSERT INTO p_found
        SELECT DISTINCT l.gkey, r.gkey FROM p_loose l JOIN p_partial p ON p.number = l.number
        JOIN p_refs r ON r.pname = l.pname AND r.full_number IS NOT NULL
        WHERE p.tells AND CASE WHEN p.pattern IS NULL
                   THEN damerau_levenshtein(r.full_number, p.failed) <= 1
                   ELSE r.full_number LIKE p.pattern END
        """
    )


def _near_names(con: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Pairs whose names differ in one place and that share a value of few; notes which are alike.

    A name stands under as many keys as it has places, each with one place open, so that only such
    pairs meet.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_wanted AS
        SELECT DISTINCT meaning, value FROM (
            {values("p_loose", "true", _FEW_SHARE)}
            UNION ALL SELECT gkey, '', true, 'kin', kin FROM p_ties
            UNION ALL SELECT gkey, '', true, 'ends', {_ends("p.pattern")}
            FROM p_loose JOIN p_partial p USING (number))
        WHERE value IS NOT NULL
        """
    )
    wanted = con.execute("SELECT DISTINCT meaning FROM p_wanted ORDER BY 1").fetchall()
    parts = [_held(meaning) for (meaning,) in wanted]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_rare AS
        SELECT DISTINCT * FROM ({" UNION ALL ".join([_NOBODY, *parts])})
        QUALIFY count(*) OVER (PARTITION BY meaning, value) BETWEEN 2 AND {limits.bearers}
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_open AS
        SELECT gkey, pname, loose, hash(meaning, value, i, left(pname, i - 1), substr(pname, i + 1))
               AS open
        FROM (SELECT *, unnest(range(1, length(pname) + 1)) AS i FROM p_rare
              WHERE length(pname) BETWEEN 2 AND 4)
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_near AS
        SELECT DISTINCT a.gkey AS a, b.gkey AS b, a.pname AS a_name, b.pname AS b_name
        FROM p_open a JOIN p_open b ON a.open = b.open
        WHERE a.pname <> b.pname AND a.loose AND (NOT b.loose OR a.gkey < b.gkey)
        """
    )
    con.execute("INSERT INTO p_found SELECT a, b FROM p_near")
    alike.note(con, "SELECT a_name AS a, b_name AS b FROM p_near")


_NOBODY = (
    "SELECT NULL::VARCHAR AS gkey, NULL::VARCHAR AS pname, true AS loose, "
    "NULL::VARCHAR AS meaning, NULL::VARCHAR AS value WHERE false"
)


def _ends(number: str) -> str:
    """SQL for the area code and the last four places of a number, null where one is not known."""
    return (
        f"CASE WHEN NOT contains(left({number}, 6) || right({number}, 4), '_')"
        f" THEN left({number}, 6) || right({number}, 4) END"
    )


def _held(meaning: str) -> str:
    """SQL of all groups that hold a wanted value of a meaning."""
    wanted = f"SELECT value FROM p_wanted WHERE meaning = '{meaning}'"
    if meaning == "kin":
        return (
            "SELECT t.gkey, r.pname, r.full_number IS NULL, 'kin', t.kin "
            "FROM p_ties t JOIN p_refs r USING (gkey)"
        )
    if meaning == "ends":
        return (
            f"SELECT gkey, pname, false, 'ends', {_ends('full_number')} AS value FROM p_refs "
            f"WHERE full_number IS NOT NULL AND {_ends('full_number')} IN ({wanted}) "
            f"UNION ALL SELECT gkey, pname, true, 'ends', {_ends('p.pattern')} "
            "FROM p_loose JOIN p_partial p USING (number) WHERE p.tells"
        )
    return (
        f"SELECT gkey, pname, full_number IS NULL, '{meaning}', {meaning} FROM p_refs "
        f"WHERE {meaning} IN ({wanted})"
    )
