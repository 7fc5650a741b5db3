"""From odds to verdicts: who competes with whom, what is merged, what is kept and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from graph.resolve.evidence import Comparison, Level
from graph.resolve.linking import Clusters, Link, cluster, strengths
from ingest.readers.records import RECORD_NUMBER
from ingest.rows import insert_rows

APART = "若合并，同一人名下将有两个不同的有效证件号，未合并"
HELD_APART = "合并后将与已认定不是同一人、或证件号和出生日期不符的记录连在一起，未合并"


@dataclass(frozen=True)
class Thresholds:
    """Chances at which a pair is merged, doubted, or kept in the list at all.

    Parameters
    ----------
    same, different : float
        ``merge_from`` and ``doubt_from`` of the settings.
    kept : int
        Refused pairs below ``different`` that are kept a group: the closest namesakes.
    kept_in_all : int
        The same for the whole run.
    """

    same: float
    different: float
    kept: int = 2
    kept_in_all: int = 20_000


def compete(con: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> None:
    """Make ``p_judged(a, b, anchored, probability, …)`` from the odds of ``p_scored``.

    A group is at most one of the people with sound numbers, so these share one whole: two who fit
    equally well have half each. Two groups without numbers that agree in no more than common
    surroundings are one person only as far as they are the same known person, or both unknown.
    What is for people to judge stays at even chances.
    """
    strong = _where(comparisons, lambda level: level.supports)
    doubted = (
        f"{_where(comparisons, lambda level: level.doubts)}"
        f" AND NOT {_where(comparisons, lambda level: level.proves)}"
    )
    forbidden = _where(comparisons, lambda level: level.forbids)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE p_known AS
        SELECT a, b, odds / (1 + sum(odds) OVER (PARTITION BY a)) AS probability
        FROM p_scored WHERE anchored
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_judged AS
        WITH whole AS (SELECT a, least(sum(probability), 1) AS known FROM p_known GROUP BY a),
        alike AS (
            SELECT s.a, s.b, sum(x.probability * y.probability) AS same
            FROM p_scored s JOIN p_known x ON x.a = s.a
            JOIN p_known y ON y.a = s.b AND y.b = x.b
            WHERE NOT s.anchored GROUP BY s.a, s.b)
        SELECT s.*, {forbidden} AS forbidden, round(CASE WHEN {doubted} THEN 0.5 ELSE 1 END * CASE
            WHEN s.anchored THEN k.probability
            WHEN {strong} OR (x.a IS NULL AND y.a IS NULL) THEN odds / (1 + odds)
            ELSE coalesce(m.same, 0) + (1 - coalesce(x.known, 0)) * (1 - coalesce(y.known, 0))
                 * odds / (1 + odds) END, 4) AS probability
        FROM p_scored s LEFT JOIN p_known k ON k.a = s.a AND k.b = s.b
        LEFT JOIN whole x ON x.a = s.a LEFT JOIN whole y ON y.a = s.b
        LEFT JOIN alike m ON m.a = s.a AND m.b = s.b
        """
    )


def _where(comparisons: tuple[Comparison, ...], wanted: Callable[[Level], bool]) -> str:
    """SQL: some comparison came out at a level of a sort."""
    parts = []
    for comparison in comparisons:
        numbers = [str(n) for n, level in comparison.numbered() if wanted(level)]
        if numbers:
            parts.append(f"gamma_{comparison.name} IN ({', '.join(numbers)})")
    return f"({' OR '.join(parts)})"


def decided_groups(con: duckdb.DuckDBPyConnection, id_sql: str) -> None:
    """Make ``p_decided(a, b, verdict, …)``: analysts' decisions with the groups' keys.

    ``id_sql`` is the SQL of a person's id from ``gkey``. Decisions on groups that this delivery
    does not hold are counted and wait for the next.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p_decided (a VARCHAR, b VARCHAR, verdict VARCHAR,"
        " decided_by VARCHAR, decided_on VARCHAR, reason VARCHAR)"
    )
    wanted = con.execute("SELECT count(*) FROM decided WHERE kind = 'person'").fetchall()[0][0]
    if not wanted:
        return
    con.execute(
        f"""
        INSERT INTO p_decided
        WITH ids AS (
            SELECT * FROM (SELECT gkey, {id_sql} AS id FROM (SELECT DISTINCT gkey FROM p_refs))
            WHERE id IN (SELECT a FROM decided UNION ALL SELECT b FROM decided))
        SELECT x.gkey, y.gkey, d.verdict, d.decided_by, d.decided_on, d.reason
        FROM decided d JOIN ids x ON x.id = d.a JOIN ids y ON y.id = d.b
        WHERE d.kind = 'person' AND x.gkey <> y.gkey
        -- Of several words on one pair the last holds.
        QUALIFY row_number() OVER (PARTITION BY least(x.gkey, y.gkey), greatest(x.gkey, y.gkey)
            ORDER BY d.decided_on DESC, d.verdict, d.decided_by, d.reason) = 1
        """
    )
    con.execute(
        "INSERT INTO counts SELECT 'decisions_waiting', "
        f"({wanted} - (SELECT count(*) FROM p_decided))::VARCHAR"
    )


def link(con: duckdb.DuckDBPyConnection, thresholds: Thresholds) -> None:
    """Make ``p_joined(gkey, ckey, probability, certain)`` and ``p_refused(a, b, why)``."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_links AS
        SELECT a, b, probability, false AS certain FROM p_judged
        WHERE probability >= {thresholds.same}
          AND (least(a, b), greatest(a, b)) NOT IN
              (SELECT (least(a, b), greatest(a, b)) FROM p_decided)
        UNION ALL SELECT a, b, 1.0, true FROM p_decided WHERE verdict = 'same'
        """
    )
    links = [Link(*row) for row in con.execute("FROM p_links ORDER BY ALL").fetchall()]
    apart = con.execute(
        f"""
        SELECT a, b FROM p_decided WHERE verdict = 'different'
        UNION SELECT a, b FROM p_judged WHERE forbidden AND probability < {thresholds.different}
        -- Another system keeps a record a person: two of its records are two people.
        UNION SELECT DISTINCT x.gkey, y.gkey FROM p_loose x JOIN p_loose y
            ON x.pname = y.pname AND x.number < y.number
        WHERE x.number LIKE '{RECORD_NUMBER}%' AND y.number LIKE '{RECORD_NUMBER}%'
          AND (least(x.gkey, y.gkey), greatest(x.gkey, y.gkey)) NOT IN
              (SELECT (least(a, b), greatest(a, b)) FROM p_decided)
        """
    ).fetchall()
    ends = (
        "SELECT DISTINCT gkey, rank, full_number FROM p_refs "
        "WHERE gkey IN (SELECT a FROM p_links UNION ALL SELECT b FROM p_links)"
    )
    rows = con.execute(ends).fetchall()
    numbers = {gkey: full for gkey, _, full in rows if full is not None}
    ranks = {gkey: (-1 if full is not None else rank, gkey) for gkey, rank, full in rows}
    found = cluster(links, numbers, apart)
    _write_joined(con, found, ranks)


def _write_joined(
    con: duckdb.DuckDBPyConnection, found: Clusters, ranks: dict[str, tuple[int, str]]
) -> None:
    """The group with a number names a cluster, else the one held together most strongly."""
    members: dict[str, list[str]] = {}
    for gkey, root in found.root.items():
        members.setdefault(root, []).append(gkey)
    tree: dict[str, list[Link]] = {}
    for used in found.used:
        tree.setdefault(used.a, []).append(used)
        tree.setdefault(used.b, []).append(used)
    joined: list[tuple[str, str, float, bool]] = []
    for group in members.values():
        head = min(group, key=lambda gkey: ranks[gkey])
        for gkey, (probability, certain) in strengths(head, tree).items():
            joined.append((gkey, head, round(probability, 4), certain))
    columns = ("gkey", "ckey", "probability", "certain")
    types = (pa.string(), pa.string(), pa.float64(), pa.bool_())
    values = list(zip(*joined, strict=True)) or [(), (), (), ()]
    arrays = [pa.array(v, t) for v, t in zip(values, types, strict=True)]
    con.register("joined_batch", pa.table(dict(zip(columns, arrays, strict=True))))
    con.execute("CREATE OR REPLACE TEMP TABLE p_joined AS FROM joined_batch")
    con.unregister("joined_batch")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p_refused (a VARCHAR, b VARCHAR, certain BOOLEAN, why VARCHAR)"
    )
    why = {"numbers": APART, "apart": HELD_APART}
    insert_rows(con, "p_refused", [(r.a, r.b, r.certain, why[w]) for r, w in found.refused])
