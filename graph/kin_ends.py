"""A divorce that one source knows ends the marriage in every source, and the in-laws with it.

Household registers keep couples together for years after a divorce that a declaration dates. A
relation is a tie only while it holds, so what clears a person must reach every row that says it.
"""

from __future__ import annotations

import duckdb

from graph.kinship import is_former, parse_term
from graph.typed import TypedTables

FORMER = "前配偶"


def close(con: duckdb.DuckDBPyConnection, typed: TypedTables, sources_limit: int) -> None:
    """Date the end of marriages, and of ties through them, in ``main.edges``.

    Parameters
    ----------
    con : DuckDBPyConnection
        With all kin edges that sources state in ``main.edges``.
    typed : TypedTables
    sources_limit : int
        Most rows cited by one edge; the row that dates the end is always among them.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE ended AS
        SELECT src, dst, min(end_date) AS end_date, min_by(sources[1], end_date) AS source
        FROM main.edges WHERE kind = 'kin' AND legal_class = '夫妻' AND end_date IS NOT NULL
        GROUP BY src, dst
        """
    )
    if typed.has("kinship", "name", "relative_name", "relation"):
        _former(con)
    # A later marriage of the same two people begins after that end and is left alone.
    con.execute(
        f"""
        UPDATE main.edges e SET end_date = x.end_date,
            sources = list_append(e.sources[1:{sources_limit - 1}], x.source),
            n_sources = e.n_sources + 1
        FROM ended x
        WHERE e.kind = 'kin' AND e.legal_class = '夫妻' AND e.end_date IS NULL
          AND e.src = x.src AND e.dst = x.dst
          AND (e.start_date IS NULL OR e.start_date <= x.end_date)
        """
    )
    _in_laws(con, sources_limit)
    con.execute("DROP TABLE ended")


def _former(con: duckdb.DuckDBPyConnection) -> None:
    """Add to ``ended`` the marriages that a declaration calls former: 前妻, 前夫.

    They end on the day of divorce or, unless told, on the day of filing at the latest. Where
    neither is told, a register that still has the couple says nothing about when: the tie is kept
    by name alone, which is no kinship.
    """
    words = con.execute("SELECT DISTINCT relation FROM main.kinship").fetchall()
    former = sorted(word for (word,) in words if word and is_former(word))
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE former AS
        WITH rows AS (
            SELECT name_entity AS a, relative_name_entity AS b, coalesce(end_date, filed_on) AS day,
                   {'t': 'kinship', 'r': row_id} AS source
            FROM main.kinship WHERE list_contains(?::VARCHAR[], relation))
        SELECT src, dst, min(day) AS end_date, min_by(source, (day, source.r)) AS source
        FROM (SELECT a AS src, b AS dst, day, source FROM rows
              UNION ALL SELECT b, a, day, source FROM rows)
        GROUP BY src, dst
        """,
        [former],
    )
    con.execute(
        "INSERT INTO ended FROM former f WHERE end_date IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM ended x WHERE x.src = f.src AND x.dst = f.dst)"
    )
    con.execute(
        f"""
        UPDATE main.edges e SET term = '{FORMER}', legal_class = NULL,
            sources = list_append(e.sources, f.source), n_sources = e.n_sources + 1
        FROM former f
        WHERE e.kind = 'kin' AND e.legal_class = '夫妻' AND e.end_date IS NULL
          AND e.src = f.src AND e.dst = f.dst AND f.end_date IS NULL
          AND NOT EXISTS (SELECT 1 FROM ended x WHERE x.src = f.src AND x.dst = f.dst)
        """
    )
    con.execute("DROP TABLE former")


def _in_laws(con: duckdb.DuckDBPyConnection, sources_limit: int) -> None:
    """End ties that run through a marriage, where that was the person's only one."""
    terms = con.execute(
        "SELECT DISTINCT term FROM main.edges WHERE kind = 'kin' AND legal_class = '近姻亲'"
    ).fetchall()
    through = sorted(term for (term,) in terms if _by_marriage(term))
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE single AS
        SELECT src, min(end_date) AS end_date FROM main.edges
        WHERE kind = 'kin' AND legal_class = '夫妻'
        GROUP BY src HAVING count(DISTINCT dst) = 1 AND count(*) = count(end_date)
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE ended_pairs AS
        SELECT DISTINCT e.src, e.dst, s.end_date, x.source
        FROM main.edges e JOIN single s USING (src) JOIN ended x ON x.src = e.src
        WHERE e.kind = 'kin' AND e.legal_class = '近姻亲' AND e.end_date IS NULL
          AND list_contains(?::VARCHAR[], e.term)
        """,
        [through],
    )
    for src, dst in (("src", "dst"), ("dst", "src")):
        con.execute(
            f"""
            UPDATE main.edges e SET end_date = p.end_date,
                sources = list_append(e.sources[1:{sources_limit - 1}], p.source),
                n_sources = e.n_sources + 1
            FROM ended_pairs p
            WHERE e.kind = 'kin' AND e.end_date IS NULL AND e.src = p.{src} AND e.dst = p.{dst}
            """
        )
    con.execute("DROP TABLE single")
    con.execute("DROP TABLE ended_pairs")


def _by_marriage(term: str) -> bool:
    """Tell whether every reading of a term begins with ego's spouse."""
    readings = [r for word in term.split("或") for r in parse_term(word)]
    return bool(readings) and all(r.steps and r.steps[0].kind == "spouse" for r in readings)
