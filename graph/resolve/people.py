"""People: numbers first, then a model of what tells namesakes apart, then analysts' decisions.

A sound number joins (15 digits with their 18-digit successor), unless clearly different names bear
it: then it joins nobody. Record groups without a number are compared with each other and with those
that have one; links strong enough are taken in order, and never put two numbers into one person. A
name alone never joins two people.
"""

from __future__ import annotations

import duckdb

from graph.resolve import groups, judgements, listed, model, pairs, training, verdicts
from graph.resolve.evidence import comparisons
from graph.resolve.groups import PARTIAL_NUMBER, TIERS
from graph.resolve.training import Rates
from graph.resolve.verdicts import Thresholds
from graph.settings import GraphSettings
from graph.typed import TypedTables
from ingest.rows import insert_rows


def resolve(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, id_sql: str, settings: GraphSettings
) -> None:
    """Add the references to people to ``keys``, doubts, conflicts and judgements.

    Parameters
    ----------
    con : DuckDBPyConnection
        With temporary tables ``refs``, ``keys``, ``doubts``, ``conflicts``, ``judged``, ``decided``.
    typed : TypedTables
    id_sql : str
        SQL of a person's id from the column ``gkey``.
    settings : GraphSettings
    """
    thresholds = Thresholds(settings.merge_from, settings.doubt_from)
    groups.number_conflicts(con)
    groups.partial_numbers(con)
    groups.collect(con)
    groups.kin_ties(con, typed, settings.household_limit)
    listed.beside(con, typed)
    pairs.candidates(con)
    found = con.execute("SELECT count(*) FROM p_pairs").fetchall()[0][0]
    rates = training.train(con) if found else Rates()
    compared = comparisons(rates)
    if found:
        model.records(con, rates)
        model.score(con, compared, rates)
        insert_rows(
            con, "counts", [(f"identity_{name}", value) for name, value in rates.as_text().items()]
        )
    else:
        model.nothing_to_score(con, compared)
    loose = con.execute("SELECT count(DISTINCT gkey) FROM p_loose").fetchall()[0][0]
    insert_rows(
        con,
        "counts",
        [("identity_groups_without_number", str(loose)), ("identity_pairs", str(found))],
    )
    verdicts.compete(con, compared)
    verdicts.decided_groups(con, id_sql)
    verdicts.link(con, thresholds)
    judgements.write(con, compared, thresholds)
    _keys(con)
    _doubts(con, settings.name_candidates_limit, thresholds)


def _keys(con: duckdb.DuckDBPyConnection) -> None:
    """Give each reference its cluster, and say how sure that is.

    What is held together by a context alone keeps that context's probability; without any, it is
    one of all who bear the name.
    """
    weights = " ".join(f"WHEN {i} THEN {t.probability}" for i, t in enumerate(TIERS, 1))
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_final AS
        SELECT r.party, r.h, r.n, r.pname, r.birth_date, r.full_number, r.number,
               coalesce(j.ckey, r.gkey) AS ckey,
               (r.full_number IS NOT NULL AND NOT r.conflict)
                   OR (j.certain AND j.ckey <> r.gkey) AS certain,
               CASE WHEN r.full_number IS NOT NULL THEN CASE WHEN r.conflict THEN 0.9 ELSE 1.0 END
                    WHEN j.ckey <> r.gkey THEN j.probability
                    ELSE CASE r.rank WHEN 0 THEN {PARTIAL_NUMBER} {weights} END END AS probability
        FROM p_refs r LEFT JOIN p_joined j USING (gkey)
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_bearers AS
        SELECT pname, count(DISTINCT ckey) AS bearers FROM p_final
        WHERE pname IN (SELECT pname FROM p_loose) GROUP BY pname
        """
    )
    con.execute(
        """
        INSERT INTO keys
        SELECT f.party, f.h, 'person', f.ckey,
               CASE WHEN certain OR rows_of_key = 1 THEN 'certain'
                    WHEN probability IS NULL THEN 'name_only' ELSE 'probable' END,
               CASE WHEN certain OR rows_of_key = 1 THEN 1.0
                    ELSE coalesce(probability, round(1.0 / greatest(b.bearers, 2), 3)) END
        FROM (SELECT *, sum(n) OVER (PARTITION BY ckey) AS rows_of_key FROM p_final) f
        LEFT JOIN p_bearers b ON probability IS NULL AND b.pname = f.pname
        """
    )


def _doubts(con: duckdb.DuckDBPyConnection, limit: int, thresholds: Thresholds) -> None:
    """Note possible sameness that was not merged: conflicts, unsure pairs, then bare namesakes."""
    con.execute(
        f"""
        INSERT INTO doubts
        SELECT DISTINCT 'person', a, b, 'probable', 0.5, '{judgements.CONFLICT}'
        FROM judged WHERE kind = 'person' AND starts_with(reasons[1], '{judgements.CONFLICT}')
        """
    )
    con.execute(
        f"""
        INSERT INTO doubts
        WITH unsure AS (
            SELECT coalesce(x.ckey, j.a) AS a, coalesce(y.ckey, j.b) AS b, j.probability
            FROM p_judged j LEFT JOIN p_joined x ON x.gkey = j.a LEFT JOIN p_joined y ON y.gkey = j.b
            WHERE j.probability >= {thresholds.different}
              AND (least(j.a, j.b), greatest(j.a, j.b)) NOT IN
                  (SELECT (least(a, b), greatest(a, b)) FROM p_decided WHERE verdict = 'different'))
        -- One of several who fit is no more than a name: the context did not tell them apart.
        SELECT 'person', a, b, 'name_only', round(max(probability), 3),
               '姓名和部分信息相同，不足以认定'
        FROM unsure WHERE a <> b GROUP BY a, b
        QUALIFY row_number() OVER (PARTITION BY a ORDER BY max(probability) DESC, b) <= {limit}
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_namesakes AS
        SELECT pname, ckey, bool_or(full_number IS NOT NULL) AS numbered,
               max(full_number) AS full_number, max(p.pattern) AS pattern,
               max(birth_date) AS birth_date
        FROM p_final f JOIN p_bearers b USING (pname)
        LEFT JOIN p_partial p ON p.number = f.number AND p.tells
        WHERE b.bearers > 1 GROUP BY pname, ckey
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
          -- What can be seen of a number must fit: else it is somebody else's.
          AND coalesce(b.full_number LIKE a.pattern, true)
          AND NOT EXISTS (FROM p_decided d WHERE d.verdict = 'different'
                          AND (d.a = a.ckey AND d.b = b.ckey OR d.a = b.ckey AND d.b = a.ckey))
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


def _same_birth(a: str, b: str) -> str:
    """SQL: birth dates don't contradict (either unknown, equal, or a month without its day)."""
    return (
        f"({a} IS NULL OR {b} IS NULL OR {a} = {b} OR "
        f"(left({a}, 7) = left({b}, 7) AND (right({a}, 2) = '01' OR right({b}, 2) = '01')))"
    )
