"""A divorce that one source knows ends the marriage in every source, and the in-laws with it.

Household registers keep couples together for years after a divorce that a declaration dates. A
relation is a tie only while it holds, so what clears a person must reach every row that says it.
"""

from __future__ import annotations

import duckdb

from graph.kinship import parse_term


def close(con: duckdb.DuckDBPyConnection, sources_limit: int) -> None:
    """Date the end of marriages, and of ties through them, in ``main.edges``.

    Parameters
    ----------
    con : DuckDBPyConnection
        With all kin edges in ``main.edges``.
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
