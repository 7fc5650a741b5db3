"""Judgements on people, with the values that decided in words: what an analyst reads and answers."""

from __future__ import annotations

import duckdb

from graph.resolve.evidence import Comparison, Level
from graph.resolve.verdicts import Thresholds

CONFLICT = "身份证号相同，但姓名明显不同"


def _text(level: Level) -> str:
    if level.value is None:
        return f"'{level.says}'"
    return f"'{level.says}' || coalesce('：' || {level.value}, '')"


def _reasons(comparisons: tuple[Comparison, ...]) -> str:
    """SQL of the list of what each comparison said."""
    parts = []
    for comparison in comparisons:
        cases = " ".join(
            f"WHEN {number} THEN {_text(level)}"
            for number, level in comparison.numbered()
            if level.says
        )
        parts.append(f"CASE j.gamma_{comparison.name} {cases} END")
    return f"list_filter([{', '.join(parts)}], lambda x: x IS NOT NULL)"


def write(
    con: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], thresholds: Thresholds
) -> None:
    """Add the judgements on people to ``judged`` and ``judged_groups``.

    Parameters
    ----------
    con : DuckDBPyConnection
        With ``p_judged``, ``p_decided``, ``p_joined``, ``p_refused``.
    comparisons : tuple of Comparison
    thresholds : Thresholds
    """
    if con.execute("SELECT count(*) FROM p_judged").fetchall()[0][0]:
        _scored(con, comparisons, thresholds)
    _analysts(con)
    con.execute(
        f"""
        INSERT INTO judged
        SELECT 'person', a.gkey, b.gkey, 'unsure', 0.5, 'rule', NULL,
               ['{CONFLICT}：' || a.pname || '、' || b.pname]
        FROM (SELECT DISTINCT gkey, pname, full_number FROM p_refs WHERE conflict) a
        JOIN (SELECT DISTINCT gkey, pname, full_number FROM p_refs WHERE conflict) b
          ON a.full_number = b.full_number AND a.pname < b.pname
        """
    )
    _groups(con)


def _scored(
    con: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], thresholds: Thresholds
) -> None:
    """Add what rule and model say of candidate pairs."""
    _verdicts(con, thresholds)
    con.execute(
        f"""
        INSERT INTO judged
        SELECT 'person', v.a, v.b, v.verdict, v.probability, v.decided_by, NULL,
               list_concat(list_filter([v.why, v.rivals], lambda x: x IS NOT NULL),
                           {_reasons(comparisons)},
                           ['数据中有' || j.bearers || '人叫这个名字'])
        FROM p_verdicts v JOIN p_judged j ON j.a = v.a AND j.b = v.b WHERE v.kept
        """
    )
    con.execute(
        """
        INSERT INTO counts SELECT 'judgements_left_out', count(*)::VARCHAR
        FROM p_verdicts WHERE NOT kept
        """
    )


def _verdicts(con: duckdb.DuckDBPyConnection, thresholds: Thresholds) -> None:
    """Make ``p_verdicts``: what rule and model say of each pair, and which rows are kept."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_verdicts AS
        WITH found AS (
            SELECT j.a, j.b, j.probability, j.forbidden, r.why, CASE
                WHEN x.ckey = y.ckey THEN 'same'
                WHEN r.why IS NOT NULL OR j.probability >= {thresholds.different} THEN 'unsure'
                ELSE 'different' END AS verdict,
                count(*) FILTER (WHERE j.anchored AND j.probability >= {thresholds.different})
                    OVER (PARTITION BY j.a) AS fitting, j.anchored
            FROM p_judged j LEFT JOIN p_joined x ON x.gkey = j.a LEFT JOIN p_joined y ON y.gkey = j.b
            LEFT JOIN p_refused r ON r.a = j.a AND r.b = j.b
            WHERE (least(j.a, j.b), greatest(j.a, j.b)) NOT IN
                  (SELECT (least(a, b), greatest(a, b)) FROM p_decided)),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY verdict, a ORDER BY probability DESC, b) AS place,
                   row_number() OVER (PARTITION BY verdict ORDER BY probability DESC, a, b) AS whole
            FROM found)
        SELECT a, b, verdict, probability, why,
               CASE WHEN why IS NOT NULL OR (forbidden AND verdict = 'different') THEN 'rule'
                    ELSE 'model' END AS decided_by,
               CASE WHEN verdict = 'same' AND probability < {thresholds.same}
                    THEN '经其他记录连为一人'
                    WHEN verdict = 'unsure' AND anchored AND fitting > 1
                    THEN '共有' || fitting || '人相符，分不出是哪一位' END AS rivals,
               verdict <> 'different' OR (place <= {thresholds.kept}
                                          AND whole <= {thresholds.kept_in_all}) AS kept
        FROM ranked
        """
    )


def _analysts(con: duckdb.DuckDBPyConnection) -> None:
    """Decisions as judgements; a refused one says why and who had decided."""
    con.execute(
        """
        INSERT INTO judged
        SELECT 'person', d.a, d.b, CASE WHEN r.why IS NULL THEN d.verdict ELSE 'different' END,
               CASE WHEN r.why IS NULL AND d.verdict = 'same' THEN 1.0 ELSE 0.0 END,
               CASE WHEN r.why IS NULL THEN 'analyst' ELSE 'rule' END,
               CASE WHEN r.why IS NULL THEN d.decided_on END,
               CASE WHEN r.why IS NULL
                    THEN ['人工认定（' || d.decided_by || '）' || coalesce('：' || d.reason, '')]
                    ELSE [r.why, d.decided_by || d.decided_on || '认定为同一人，未予采纳'] END
        FROM p_decided d LEFT JOIN p_refused r ON r.a = d.a AND r.b = d.b AND r.certain
        """
    )
    con.execute(
        """
        INSERT INTO counts
        SELECT 'decisions_refused', count(*)::VARCHAR FROM p_refused WHERE certain
        """
    )


def _groups(con: duckdb.DuckDBPyConnection) -> None:
    """Name and description of every judged group."""
    con.execute(
        """
        INSERT INTO judged_groups
        WITH wanted AS (SELECT DISTINCT unnest([a, b]) AS gkey FROM judged WHERE kind = 'person'),
        held AS (
            -- As written: two ways of writing one name would look alike in their normal form.
            SELECT gkey, max_by(r.name, (p.n, r.name)) AS name, max(p.number) AS number,
                   max(p.birth_date) AS birth_date, min(p.township) AS township,
                   min(p.village) AS village, min(p.employer) AS employer, min(p.phone) AS phone,
                   min(p.kin) AS kin, sum(p.n)::BIGINT AS n
            FROM p_refs p JOIN wanted USING (gkey) JOIN refs r ON r.party = p.party AND r.h = p.h
            GROUP BY gkey),
        egos AS (SELECT full_number AS kin, min(pname) AS ego FROM p_refs
                 WHERE full_number IN (SELECT kin FROM held) GROUP BY full_number)
        SELECT 'person', h.gkey, h.name,
               concat_ws('；',
                   '证件号' || CASE WHEN regexp_full_match(number, '[0-9]{14,}[0-9X]')
                       THEN left(number, 6) || repeat('*', length(number) - 10) || right(number, 4)
                       ELSE number END,
                   left(birth_date, 10) || '生', nullif(concat(township, village), ''), employer,
                   ego || '的亲属', '电话' || left(phone, 3) || '****' || right(phone, 4), n || '行'),
               coalesce(j.ckey, h.gkey)
        FROM held h LEFT JOIN p_joined j USING (gkey) LEFT JOIN egos USING (kin)
        """
    )
