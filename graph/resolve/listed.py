"""Colleagues of one name on one payroll: a list of people holds each of them once.

Two rows of one name under one unit, paid in overlapping terms that began on different days, are two
people oftener than one person entered twice. Where only one of them has a number, nothing else that
is written of them may differ.
"""

from __future__ import annotations

import duckdb

from graph.resolve.references import present, reference_key
from graph.typed import TypedTables


def beside(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> None:
    """Make ``p_beside(gkey, numbers)``: numbers of namesakes paid by the same unit at one time.

    Parameters
    ----------
    con : DuckDBPyConnection
        With ``p_refs`` and ``p_loose``.
    typed : TypedTables
    """
    con.execute("CREATE OR REPLACE TEMP TABLE p_beside (gkey VARCHAR, numbers VARCHAR[])")
    if not typed.has("payroll", "name", "unit", "start_date"):
        return
    no, party = next(
        (n, p) for n, p in present(typed) if (p.table, p.column) == ("payroll", "name")
    )
    con.execute(
        f"""
        INSERT INTO p_beside
        WITH listed AS (
            SELECT r.gkey, r.full_number, r.pname, r.employer,
                   t.start_date AS started,
                   coalesce({typed.expression("payroll", "end_date")}::DATE, DATE '9999-12-31')
                       AS ended
            FROM typed.payroll t JOIN p_refs r ON r.party = {no} AND r.h = {reference_key(party, typed)}
            WHERE r.pname IN (SELECT pname FROM p_loose) AND r.employer IS NOT NULL
              AND t.start_date IS NOT NULL)
        SELECT a.gkey, list_sort(list(DISTINCT b.full_number))
        FROM listed a JOIN listed b USING (pname, employer)
        WHERE a.full_number IS NULL AND b.full_number IS NOT NULL AND a.started <> b.started
          AND a.started <= b.ended AND b.started <= a.ended
        GROUP BY a.gkey
        """
    )
