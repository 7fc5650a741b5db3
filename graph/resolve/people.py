"""People: numbers first, then names with something that tells namesakes apart.

A sound number joins (15 digits with their 18-digit successor), unless clearly different names bear
it: then it joins nobody. A reference without a number joins the one person of that name who shares
a telephone, birth date, account, household, employer or village with it; where two answer, it joins
neither. What is left is a person of its own under its name and its strongest context. A name alone
never joins two people.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from graph.resolve.companies import clearly_different


@dataclass(frozen=True)
class Tier:
    """A context by which a name is told from its namesakes, and how far that can be trusted."""

    meaning: str
    probability: float
    reason: str


# 经验值: within one county two people of one name rarely share the first four; colleagues and
# fellow villagers of one name are common enough to ask.
TIERS = (
    Tier("birth_date", 0.95, "姓名与出生日期相同"),
    Tier("phone", 0.95, "姓名与电话相同"),
    Tier("account", 0.95, "姓名与账号相同"),
    Tier("household", 0.95, "姓名与户号相同"),
    Tier("employer", 0.9, "姓名与单位相同"),
    Tier("village", 0.8, "姓名与村相同"),
)
PARTIAL_NUMBER = 0.9
"""A masked number that fits, or one a digit off, with the same name."""


def resolve(con: duckdb.DuckDBPyConnection, candidates_limit: int) -> None:
    """Add the references to people to ``keys``, doubts to ``doubts`` and conflicts.

    Parameters
    ----------
    con : DuckDBPyConnection
        With temporary tables ``refs``, ``keys``, ``doubts`` and ``conflicts``.
    candidates_limit : int
        Most candidates of an ambiguous reference that are noted.
    """
    _number_conflicts(con)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_refs AS
        SELECT row_number() OVER () AS rid, r.party, r.h, r.pname, r.number, r.status,
               r.full_number, r.birth_date, r.phone, r.account, r.household, r.employer,
               r.village, r.township, r.n,
               CASE WHEN r.full_number IS NULL THEN NULL
                    WHEN c.full_number IS NULL THEN 'n:' || r.full_number
                    ELSE 'n:' || r.full_number || '|' || r.pname END AS ckey,
               c.full_number IS NOT NULL AS conflict
        FROM refs r LEFT JOIN p_conflict c USING (full_number)
        WHERE r.kind = 'person' AND r.pname IS NOT NULL
        """
    )
    con.execute("CREATE OR REPLACE TEMP TABLE p_loose AS FROM p_refs WHERE full_number IS NULL")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_anchors AS
        SELECT DISTINCT ckey, pname, full_number FROM p_refs
        WHERE full_number IS NOT NULL AND pname IN (SELECT pname FROM p_loose)
        """
    )
    _claims(con, "p_refs", "ckey IS NOT NULL AND pname IN (SELECT pname FROM p_loose)", "ckey")
    con.execute("CREATE OR REPLACE TEMP TABLE p_known AS FROM p_claims")
    _claims(con, "p_loose", "true", "rid")
    _candidates(con, partial_numbers=True)
    con.execute("CREATE OR REPLACE TEMP TABLE p_linked AS FROM p_links")
    con.execute("CREATE OR REPLACE TEMP TABLE p_unsure AS FROM p_ambiguous")
    _groups(con)
    _keys(con)
    _doubts(con, candidates_limit)


def _number_conflicts(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        """
        SELECT full_number, list_sort(list(DISTINCT pname)) FROM refs
        WHERE kind = 'person' AND full_number IS NOT NULL
        GROUP BY full_number HAVING count(DISTINCT pname) > 1 ORDER BY full_number
        """
    ).fetchall()
    bad = [
        number
        for number, found in rows
        if any(clearly_different(a, b) for i, a in enumerate(found) for b in found[i + 1 :])
    ]
    con.execute("CREATE OR REPLACE TEMP TABLE p_conflict (full_number VARCHAR)")
    con.execute("INSERT INTO p_conflict SELECT unnest(?::VARCHAR[])", [bad])
    con.execute(
        """
        INSERT INTO conflicts SELECT DISTINCT full_number, 'person', name
        FROM refs JOIN p_conflict USING (full_number) WHERE kind = 'person'
        """
    )
    con.execute(
        """
        INSERT INTO doubts
        SELECT DISTINCT 'person', 'n:' || a.full_number || '|' || a.pname,
               'n:' || b.full_number || '|' || b.pname, 'probable', 0.5,
               '身份证号相同，但姓名明显不同'
        FROM (SELECT DISTINCT full_number, pname FROM refs WHERE kind = 'person') a
        JOIN (SELECT DISTINCT full_number, pname FROM refs WHERE kind = 'person') b
          ON a.full_number = b.full_number AND a.pname < b.pname
        JOIN p_conflict c ON c.full_number = a.full_number
        """
    )


def _claims(con: duckdb.DuckDBPyConnection, table: str, where: str, owner: str) -> None:
    """Make ``p_claims(owner, pname, meaning, value)`` from the context columns of a table.

    A village is claimed with its township as ``place`` and alone as ``village`` or ``bare``
    (township unknown), so that two villages of one name are not taken for each other.
    """
    columns = [tier.meaning for tier in TIERS if tier.meaning != "village"]
    parts = [
        f"SELECT {owner} AS owner, pname, '{c}' AS meaning, {c} AS value, birth_date FROM {table} "
        f"WHERE {where} AND {c} IS NOT NULL AND NOT contains({c}, '*')"
        for c in columns
    ]
    parts += [
        f"SELECT {owner}, pname, 'place', township || '|' || village, birth_date FROM {table} "
        f"WHERE {where} AND township IS NOT NULL AND village IS NOT NULL",
        f"SELECT {owner}, pname, 'village', village, birth_date FROM {table} "
        f"WHERE {where} AND village IS NOT NULL",
        f"SELECT {owner}, pname, 'bare', village, birth_date FROM {table} "
        f"WHERE {where} AND village IS NOT NULL AND township IS NULL",
    ]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p_claims AS "
        "SELECT owner, pname, meaning, value, max(birth_date) AS birth_date FROM ("
        + " UNION ALL ".join(parts)
        + ") GROUP BY ALL"
    )


def _same_birth(a: str, b: str) -> str:
    """SQL: birth dates don't contradict (either unknown, equal, or a month without its day)."""
    return (
        f"({a} IS NULL OR {b} IS NULL OR {a} = {b} OR "
        f"(left({a}, 7) = left({b}, 7) AND (right({a}, 2) = '01' OR right({b}, 2) = '01')))"
    )


def _candidates(con: duckdb.DuckDBPyConnection, *, partial_numbers: bool) -> None:
    """Make ``p_links`` (owner, ckey, probability, reason) and ``p_ambiguous`` from claims."""
    values = ", ".join(f"('{t.meaning}', {t.probability}, '{t.reason}')" for t in TIERS)
    number = """
        UNION
        SELECT l.rid AS owner, a.ckey, 'number' AS meaning FROM p_loose l
        JOIN p_anchors a USING (pname)
        WHERE l.number IS NOT NULL AND CASE WHEN contains(l.number, '*')
            THEN a.full_number LIKE replace(l.number, '*', '_')
            ELSE damerau_levenshtein(a.full_number, l.number) <= 1 END
    """
    # A partial number that does not fit speaks against the person, whatever else is shared.
    contradiction = """
        AND NOT EXISTS (
            SELECT 1 FROM p_loose o JOIN p_anchors a ON a.pname = o.pname
            WHERE o.rid = l.owner AND a.ckey = k.owner AND length(o.number) = 18
              AND CASE WHEN contains(o.number, '*')
                  THEN NOT a.full_number LIKE replace(o.number, '*', '_')
                  ELSE damerau_levenshtein(a.full_number, o.number) > 2 END)
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_pairs AS
        SELECT DISTINCT l.owner, k.owner AS ckey,
               CASE WHEN l.meaning IN ('bare', 'place') THEN 'village' ELSE l.meaning END AS meaning
        FROM p_claims l JOIN p_known k
          ON l.pname = k.pname AND l.value = k.value AND l.meaning = k.meaning
        WHERE l.meaning NOT IN ('village', 'bare')
          AND {_same_birth("l.birth_date", "k.birth_date")}
          {contradiction if partial_numbers else ""}
        UNION
        SELECT DISTINCT l.owner, k.owner, 'village'
        FROM (SELECT * REPLACE (split_part(value, '|', 2) AS value) FROM p_claims
              WHERE meaning = 'place') l
        JOIN p_known k ON l.pname = k.pname AND k.meaning = 'bare' AND l.value = k.value
        WHERE {_same_birth("l.birth_date", "k.birth_date")}
          {contradiction if partial_numbers else ""}
        UNION
        SELECT DISTINCT l.owner, k.owner, 'village'
        FROM p_claims l JOIN p_known k
          ON l.pname = k.pname AND l.meaning = 'bare' AND k.meaning = 'village'
         AND l.value = k.value
        WHERE {_same_birth("l.birth_date", "k.birth_date")}
          {contradiction if partial_numbers else ""}
        {number if partial_numbers else ""}
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_links AS
        WITH tiers(meaning, probability, reason) AS
            (VALUES {values}, ('number', {PARTIAL_NUMBER}, '姓名相同，证件号可见位数相符')),
        single AS (
            SELECT owner, meaning, min(ckey) AS ckey FROM p_pairs WHERE ckey <> owner::VARCHAR
            GROUP BY owner, meaning HAVING count(*) = 1)
        SELECT owner, min(ckey) AS ckey, max(probability) AS probability,
               max_by(reason, (probability, reason)) AS reason
        FROM single JOIN tiers USING (meaning)
        GROUP BY owner HAVING count(DISTINCT ckey) = 1
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_ambiguous AS
        SELECT DISTINCT owner, ckey FROM p_pairs
        WHERE owner NOT IN (SELECT owner FROM p_links) AND ckey <> owner::VARCHAR
        """
    )


def _groups(con: duckdb.DuckDBPyConnection) -> None:
    """Group what is left under name and strongest context, and let weak groups join strong ones."""
    cases = [
        "WHEN number IS NOT NULL THEN 'm:' || number",
        *(
            f"WHEN {t.meaning} IS NOT NULL THEN '{t.meaning}:' || {t.meaning}"
            for t in TIERS
            if t.meaning != "village"
        ),
        "WHEN village IS NOT NULL THEN 'village:' || coalesce(township, '') || '|' || village",
        "WHEN township IS NOT NULL THEN 'township:' || township",
    ]
    ranks = [
        "WHEN number IS NOT NULL THEN 0",
        *(f"WHEN {t.meaning} IS NOT NULL THEN {i}" for i, t in enumerate(TIERS, 1)),
        "WHEN township IS NOT NULL THEN 8",
    ]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_grouped AS
        SELECT l.*,
               'k:' || pname || '|' || CASE {" ".join(cases)} ELSE 'column:' || party END AS gkey,
               CASE {" ".join(ranks)} ELSE 9 END AS rank
        FROM p_loose l WHERE rid NOT IN (SELECT owner FROM p_linked)
        """
    )
    _claims(con, "p_grouped", "true", "gkey")
    con.execute("CREATE OR REPLACE TEMP TABLE p_known AS FROM p_claims")
    _candidates(con, partial_numbers=False)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_moves AS
        WITH ranks AS (SELECT gkey, min(rank) AS rank FROM p_grouped GROUP BY gkey)
        SELECT l.owner AS gkey, l.ckey AS target, l.probability FROM p_links l
        JOIN ranks a ON a.gkey = l.owner JOIN ranks b ON b.gkey = l.ckey
        WHERE b.rank < a.rank
        """
    )
    for _ in TIERS:  # ranks fall strictly along moves, so this many steps reach every root
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE p_moves AS
            SELECT m.gkey, coalesce(n.target, m.target) AS target,
                   least(m.probability, coalesce(n.probability, 1.0)) AS probability
            FROM p_moves m LEFT JOIN p_moves n ON n.gkey = m.target
            """
        )


def _keys(con: duckdb.DuckDBPyConnection) -> None:
    weights = " ".join(f"WHEN {i} THEN {t.probability}" for i, t in enumerate(TIERS, 1))
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_final AS
        SELECT party, h, n, ckey, CASE WHEN conflict THEN 0.9 ELSE 1.0 END AS probability,
               NOT conflict AS by_number FROM p_refs WHERE full_number IS NOT NULL
        UNION ALL
        SELECT l.party, l.h, l.n, k.ckey, k.probability, false
        FROM p_loose l JOIN p_linked k ON k.owner = l.rid
        UNION ALL
        SELECT g.party, g.h, g.n, coalesce(m.target, g.gkey),
               coalesce(m.probability, CASE g.rank WHEN 0 THEN {PARTIAL_NUMBER} {weights} END),
               false
        FROM p_grouped g LEFT JOIN p_moves m USING (gkey)
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_bearers AS
        SELECT pname, count(DISTINCT ckey) AS bearers
        FROM (SELECT r.pname, f.ckey FROM p_final f JOIN p_refs r USING (party, h)
              WHERE r.pname IN (SELECT pname FROM p_loose))
        GROUP BY pname
        """
    )
    con.execute(
        """
        INSERT INTO keys
        SELECT f.party, f.h, 'person', f.ckey,
               CASE WHEN by_number OR f.rows_of_key = 1 THEN 'certain'
                    WHEN f.probability IS NULL THEN 'name_only' ELSE 'probable' END,
               CASE WHEN by_number OR f.rows_of_key = 1 THEN 1.0
                    ELSE coalesce(f.probability, round(1.0 / greatest(b.bearers, 2), 3)) END
        FROM (SELECT *, sum(n) OVER (PARTITION BY ckey) AS rows_of_key FROM p_final) f
        LEFT JOIN p_refs r ON f.probability IS NULL AND r.party = f.party AND r.h = f.h
        LEFT JOIN p_bearers b ON b.pname = r.pname
        """
    )


def _doubts(con: duckdb.DuckDBPyConnection, limit: int) -> None:
    """Note possible sameness: ambiguous references, then bare namesakes, never a merge."""
    con.execute(
        f"""
        INSERT INTO doubts
        WITH pairs AS (
            SELECT DISTINCT f.ckey AS a, u.ckey AS b
            FROM p_unsure u JOIN p_loose l ON l.rid = u.owner
            JOIN p_final f ON f.party = l.party AND f.h = l.h WHERE f.ckey <> u.ckey)
        -- One of several who fit is no more than a name: the context did not tell them apart.
        SELECT 'person', a, b, 'name_only',
               round(1.0 / (count(*) OVER (PARTITION BY a) + 1), 3), '姓名和部分信息相同，但不止一人相符'
        FROM pairs QUALIFY count(*) OVER (PARTITION BY a) <= {limit}
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_namesakes AS
        SELECT r.pname, f.ckey, bool_or(f.ckey LIKE 'n:%') AS numbered,
               max(r.birth_date) AS birth_date
        FROM p_final f JOIN p_refs r USING (party, h) JOIN p_bearers b USING (pname)
        WHERE b.bearers > 1 GROUP BY r.pname, f.ckey
        """
    )
    con.execute(
        f"""
        INSERT INTO doubts
        SELECT 'person', a.ckey, b.ckey, 'name_only', round(1.0 / p.bearers, 3), '仅姓名相同'
        FROM p_namesakes a JOIN p_namesakes b ON a.pname = b.pname AND a.ckey <> b.ckey
        JOIN p_bearers p ON p.pname = a.pname AND p.bearers <= {limit} + 1
        WHERE NOT a.numbered AND (b.numbered OR a.ckey < b.ckey)
          AND {_same_birth("a.birth_date", "b.birth_date")}
          AND NOT EXISTS (FROM doubts d WHERE d.kind = 'person'
                          AND (d.a = a.ckey AND d.b = b.ckey OR d.a = b.ckey AND d.b = a.ckey))
        """
    )
    con.execute(
        f"""
        INSERT INTO counts SELECT 'names_with_too_many_bearers', count(*)::VARCHAR
        FROM p_bearers WHERE bearers > {limit} + 1
        """
    )
