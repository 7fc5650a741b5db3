"""Record groups of people: references under one sound number, or one name and strongest context.

A record group is what would be one person if no further link were made. What the references say of
the person is kept as values, by which groups are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from graph.resolve.alike import clearly_different
from graph.schema import PARTIES
from graph.typed import TypedTables
from ingest.readers.records import RECORD_NUMBER
from ingest.values import looks_like_org, number_pattern


@dataclass(frozen=True)
class Tier:
    """A context by which a name is told from its namesakes.

    ``probability``: how far references of one name that share it can be taken for one person.
    """

    meaning: str
    probability: float


# 经验值: within one county two people of one name rarely share the first of these; colleagues and
# fellow villagers of one name are common enough to ask.
TIERS = (
    Tier("birth_date", 0.95),
    Tier("phone", 0.95),
    Tier("account", 0.95),
    Tier("household", 0.95),
    Tier("kin", 0.95),
    Tier("employer", 0.9),
    Tier("village", 0.8),
)
PARTIAL_NUMBER = 0.9
"""References of one name with the same incomplete or failed number."""

OFFICES = [
    no
    for no, p in enumerate(PARTIES)
    if p.column in ("handler", "approver") or p.table in ("officials", "payroll", "inspectors")
]
"""Numbers of the party columns whose people hold a public office or post."""
_TOWNSHIP_RANK, _NAME_RANK = len(TIERS) + 1, len(TIERS) + 2


def number_conflicts(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``p_conflict``: numbers that clearly different names bear, which join nobody."""
    rows = con.execute(
        """
        SELECT full_number, list_sort(list(DISTINCT pname)) FROM refs
        WHERE kind = 'person' AND full_number IS NOT NULL
        GROUP BY full_number HAVING count(DISTINCT pname) > 1 ORDER BY full_number
        """
    ).fetchall()
    bad = [number for number, names in rows if not _one_person(names)]
    con.execute("CREATE OR REPLACE TEMP TABLE p_conflict (full_number VARCHAR)")
    con.execute("INSERT INTO p_conflict SELECT unnest(?::VARCHAR[])", [bad])
    con.execute(
        """
        INSERT INTO conflicts SELECT DISTINCT full_number, 'person', name
        FROM refs JOIN p_conflict USING (full_number) WHERE kind = 'person'
        """
    )


def _one_person(names: Sequence[str]) -> bool:
    """Tell whether names are ways of writing one: each like another, and through others like all."""
    open_ends, rest = [names[0]], set(names[1:])
    while open_ends:
        here = open_ends.pop()
        like = {name for name in rest if not clearly_different(here, name)}
        rest -= like
        open_ends += sorted(like)
    return not rest


def _no_employers(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``p_no_employers``: what stands for an employer and names none (务农, 学生, 个体)."""
    rows = con.execute(
        "SELECT DISTINCT employer FROM refs WHERE kind = 'person' AND employer IS NOT NULL ORDER BY 1"
    ).fetchall()
    con.execute("CREATE OR REPLACE TEMP TABLE p_no_employers (employer VARCHAR)")
    con.execute(
        "INSERT INTO p_no_employers SELECT unnest(?::VARCHAR[])",
        [[name for (name,) in rows if looks_like_org(name) == "person"]],
    )


def partial_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``p_partial(number, pattern, seen, failed, tells)``: what is known of unsound numbers.

    ``pattern`` has ``_`` for unknown places and is null for failed numbers; ``seen`` counts the
    known places behind the area code, which says where a number was given out and no more.
    ``tells``: enough to hold references of one name together (a passport number is, 3.2E+17 is not).
    """
    numbers = con.execute(
        "SELECT DISTINCT number FROM refs WHERE kind = 'person' AND status = 'masked' ORDER BY number"
    ).fetchall()
    found = [(n, p) for (n,) in numbers if (p := number_pattern(n)) is not None]
    con.execute("CREATE OR REPLACE TEMP TABLE p_masked (number VARCHAR, pattern VARCHAR)")
    if found:
        con.execute(
            "INSERT INTO p_masked SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [[n for n, _ in found], [p.replace("*", "_") for _, p in found]],
        )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_partial AS
        SELECT number, pattern, seen, NULL AS failed, seen >= 3 AS tells
        FROM (SELECT *, length(replace(substr(pattern, 7), '_', '')) AS seen FROM p_masked)
        UNION ALL
        SELECT DISTINCT number, NULL, 0, CASE WHEN length(number) BETWEEN 17 AND 19 THEN number END,
               -- A record number of another system tells its own records apart, however short.
               length(regexp_replace(number, '[^0-9]', '', 'g')) >= 5 OR number LIKE '{RECORD_NUMBER}%'
        FROM refs WHERE kind = 'person' AND status = 'bad'
        """
    )


def collect(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``p_refs``: references to people with their group ``gkey``; ``p_loose`` without number.

    ``rank`` says by what a group without number is held together: 0 a partial number, then the
    tiers in order, then the township, last nothing but its name in one column.
    """
    _no_employers(con)
    cases = " ".join(
        f"WHEN {t.meaning} IS NOT NULL THEN '{t.meaning}:' || {t.meaning}"
        for t in TIERS
        if t.meaning != "village"
    )
    ranks = " ".join(f"WHEN {t.meaning} IS NOT NULL THEN {i}" for i, t in enumerate(TIERS, 1))
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_refs AS
        SELECT r.party, r.h, r.pname, r.number, r.status, r.full_number, r.birth_date, r.phone,
               r.account, r.household, r.kin, r.employer, r.village, r.township, r.n, r.in_office,
               CASE WHEN c.full_number IS NOT NULL THEN 'n:' || r.full_number || '|' || r.pname
                    WHEN r.full_number IS NOT NULL THEN 'n:' || r.full_number
                    ELSE 'k:' || r.pname || '|' || CASE
                        WHEN p.tells THEN 'm:' || r.number {cases}
                        WHEN village IS NOT NULL
                            THEN 'village:' || coalesce(township, '') || '|' || village
                        WHEN township IS NOT NULL THEN 'township:' || township
                        ELSE 'column:' || r.party END END AS gkey,
               c.full_number IS NOT NULL AS conflict,
               CASE WHEN r.full_number IS NOT NULL THEN NULL WHEN p.tells THEN 0 {ranks}
                    WHEN township IS NOT NULL THEN {_TOWNSHIP_RANK} ELSE {_NAME_RANK} END AS rank
        FROM (SELECT * REPLACE (CASE WHEN employer IN (FROM p_no_employers) THEN NULL ELSE employer
                                END AS employer),
                     list_contains({OFFICES}, party) AS in_office
              FROM refs WHERE kind = 'person' AND pname IS NOT NULL) r
        LEFT JOIN p_conflict c USING (full_number) LEFT JOIN p_partial p ON p.number = r.number
        """
    )
    con.execute("CREATE OR REPLACE TEMP TABLE p_loose AS FROM p_refs WHERE full_number IS NULL")


def kin_ties(con: duckdb.DuckDBPyConnection, typed: TypedTables, household_limit: int) -> None:
    """Make ``p_ties(gkey, kin)``: groups tied by a household or a declaration to somebody.

    Only to people of whom a loose reference is said to be a relative. Households larger than the
    limit are collective and tie nobody.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE p_ties (gkey VARCHAR, kin VARCHAR)")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p_egos AS SELECT DISTINCT kin FROM p_loose WHERE kin IS NOT NULL"
    )
    if con.execute("SELECT count(*) FROM p_egos").fetchall()[0][0] == 0:
        return
    con.execute(
        f"""
        INSERT INTO p_ties
        WITH homes AS (
            SELECT DISTINCT r.household, e.kin FROM p_refs r JOIN p_egos e ON e.kin = r.full_number
            WHERE r.household IS NOT NULL)
        SELECT gkey, kin FROM (
            SELECT DISTINCT r.gkey, h.kin, h.household, r.full_number
            FROM p_refs r JOIN homes h USING (household)
            QUALIFY count(DISTINCT r.gkey) OVER (PARTITION BY h.household) <= {household_limit})
        WHERE full_number IS DISTINCT FROM kin
        UNION
        SELECT gkey, kin FROM p_loose WHERE kin IS NOT NULL
        """
    )
    for table, person, relative in (
        ("kinship", "id_number", "relative_id_number"),
        ("kin_filings", "official_id", "relative_id"),
    ):
        if not typed.has(table, person, relative):
            continue
        for near, far in ((person, relative), (relative, person)):
            con.execute(
                f"""
                INSERT INTO p_ties
                SELECT DISTINCT 'n:' || f.full_number, e.kin
                FROM typed."{table}" t
                JOIN typed.id_numbers n ON n.number = t."{near}"
                JOIN p_egos e ON e.kin = n.full_number
                JOIN typed.id_numbers f ON f.number = t."{far}" AND f.full_number IS NOT NULL
                """
            )


def values(table: str, where: str, meanings: Sequence[str]) -> str:
    """SQL of (gkey, pname, loose, meaning, value) from the context columns of a table."""
    parts = [
        f"SELECT gkey, pname, full_number IS NULL AS loose, '{m}' AS meaning, {m} AS value "
        f"FROM {table} WHERE {where} AND {m} IS NOT NULL AND NOT contains({m}, '*')"
        for m in meanings
    ]
    return "SELECT DISTINCT * FROM (" + " UNION ALL ".join(parts) + ")"
