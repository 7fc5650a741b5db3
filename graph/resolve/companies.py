"""Firms: sound credit codes first, then the register's names, then names alone.

Table ``keys`` gets one row a reference: ``party, h, kind, ckey, identity, probability``. ``ckey``
is the content from which the entity id is made: ``n:<USCC>``, else ``o:<name>``.
"""

from __future__ import annotations

import duckdb
from rapidfuzz import fuzz

from graph.schema import PARTIES

SAME_NAME = 50.0
"""Least similarity (0-100) of two names under one number that are taken for one party written in
two ways; below, the number is in doubt. 王小明/王晓明 67, 王秀英/王建国 33."""

_REGISTER = next(no for no, p in enumerate(PARTIES) if (p.table, p.column) == ("companies", "name"))


def clearly_different(a: str, b: str) -> bool:
    """Tell whether two names can't well be one party's.

    Examples
    --------
    >>> clearly_different("王小明", "王晓明"), clearly_different("王秀英", "李建国")
    (False, True)
    """
    return fuzz.ratio(a, b) < SAME_NAME


def _doubtful(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(USCC, name) pairs that contradict the register, or each other where it is silent."""
    rows = con.execute(
        f"""
        SELECT number, oname, bool_or(party = {_REGISTER}) FROM c_refs
        WHERE uscc IS NOT NULL AND number IN
            (SELECT uscc FROM c_refs GROUP BY uscc HAVING count(DISTINCT oname) > 1)
        GROUP BY number, oname ORDER BY number, oname
        """
    ).fetchall()
    by_number: dict[str, list[tuple[str, bool]]] = {}
    for number, name, registered in rows:
        by_number.setdefault(number, []).append((name, registered))
    doubtful: list[tuple[str, str]] = []
    for number, found in by_number.items():
        registered_names = [name for name, registered in found if registered]
        for name, registered in found:
            if registered:
                continue
            others = registered_names or [other for other, _ in found if other != name]
            if not registered_names:
                apart = any(clearly_different(name, other) for other in others)
            else:
                apart = all(clearly_different(name, other) for other in others)
            if apart:
                doubtful.append((number, name))
    return doubtful


def resolve(con: duckdb.DuckDBPyConnection) -> None:
    """Add the references to firms to ``keys``, doubts to ``doubts`` and conflicts."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE c_refs AS
        SELECT r.party, r.h, r.oname, r.number, u.number AS uscc, r.n,
               CASE WHEN u.number IS NULL THEN r.number END AS weak
        FROM refs r LEFT JOIN usccs u ON u.number = r.number
        WHERE r.kind = 'company' AND r.oname IS NOT NULL
        """
    )
    con.execute("CREATE OR REPLACE TEMP TABLE c_doubtful (uscc VARCHAR, oname VARCHAR)")
    doubtful = _doubtful(con)
    if doubtful:
        con.execute(
            "INSERT INTO c_doubtful SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [[d[0] for d in doubtful], [d[1] for d in doubtful]],
        )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE c_register AS
        SELECT oname, count(DISTINCT number) AS numbers, min(uscc) AS uscc, min(weak) AS weak
        FROM c_refs WHERE party = {_REGISTER} GROUP BY oname
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE c_elsewhere AS
        SELECT oname, min(uscc) AS uscc FROM c_refs c
        WHERE uscc IS NOT NULL AND party <> {_REGISTER}
          AND NOT EXISTS (FROM c_doubtful d WHERE d.uscc = c.uscc AND d.oname = c.oname)
        GROUP BY oname HAVING count(DISTINCT uscc) = 1
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE c_keys AS
        SELECT c.party, c.h, c.n, CASE
            WHEN d.uscc IS NOT NULL THEN 'n:' || c.uscc || '|' || c.oname
            WHEN c.uscc IS NOT NULL THEN 'n:' || c.uscc
            WHEN g.numbers <= 1 THEN coalesce('n:' || g.uscc, 'o:' || c.oname)
            WHEN g.numbers > 1 THEN 'o:' || c.oname || coalesce('|' || c.weak, '')
            WHEN e.uscc IS NOT NULL THEN 'n:' || e.uscc
            ELSE 'o:' || c.oname END AS ckey,
          CASE
            WHEN d.uscc IS NOT NULL THEN 0.9
            WHEN c.uscc IS NOT NULL THEN 1.0
            -- A failed number beside a registered name is a slip of the pen more often than not.
            WHEN g.numbers <= 1 AND c.weak IS NOT NULL AND c.weak IS DISTINCT FROM g.weak THEN 0.9
            WHEN g.numbers <= 1 THEN 1.0
            WHEN g.numbers > 1 AND c.weak IS NOT NULL AND c.party = {_REGISTER} THEN 1.0
            ELSE 0.95 END AS probability
        FROM c_refs c LEFT JOIN c_doubtful d ON d.uscc = c.uscc AND d.oname = c.oname
        LEFT JOIN c_register g ON g.oname = c.oname
        LEFT JOIN c_elsewhere e ON e.oname = c.oname
        """
    )
    con.execute(
        """
        INSERT INTO keys
        SELECT party, h, 'company', ckey,
               CASE WHEN probability = 1 OR rows_of_key = 1 THEN 'certain' ELSE 'probable' END,
               CASE WHEN rows_of_key = 1 THEN 1.0 ELSE probability END
        FROM (SELECT *, sum(n) OVER (PARTITION BY ckey) AS rows_of_key FROM c_keys)
        """
    )
    con.execute(
        """
        INSERT INTO doubts
        SELECT DISTINCT 'company', 'n:' || uscc || '|' || oname, 'n:' || uscc, 'probable', 0.5,
               '统一社会信用代码相同，但名称明显不同' FROM c_doubtful
        UNION
        SELECT DISTINCT 'company', 'n:' || d.uscc || '|' || d.oname,
               coalesce('n:' || g.uscc, 'o:' || g.oname), 'probable', 0.5,
               '名称与登记名称相同，但统一社会信用代码不同'
        FROM c_doubtful d JOIN c_register g ON g.oname = d.oname WHERE g.numbers <= 1
        UNION
        SELECT DISTINCT 'company', 'o:' || g.oname,
               CASE WHEN r.uscc IS NOT NULL THEN 'n:' || r.uscc
                    ELSE 'o:' || r.oname || '|' || r.weak END,
               'probable', round(1.0 / g.numbers, 3), '登记中同名企业不止一家'
        FROM c_register g JOIN c_refs r ON r.oname = g.oname AND r.number IS NOT NULL
        WHERE g.numbers > 1
        """
    )
    con.execute(
        """
        INSERT INTO conflicts
        SELECT DISTINCT d.uscc, 'company', c.name FROM c_doubtful d
        JOIN refs c ON c.number = d.uscc
        """
    )
