"""Unified codes borne by clearly different names: a firm renamed, or a code written by mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from graph.resolve.firm_names import clearly_different_firms
from graph.typed import TypedTables
from ingest.company_names import CompanyName


@dataclass(frozen=True)
class OtherName:
    """A name under a code that is clearly not the code's usual one.

    ``renamed``: nothing else is known to bear the name, so the firm has probably been renamed;
    otherwise the name has a code of its own, or bids beside the usual name in one lot.
    """

    code: str
    name: str
    verdict: Literal["renamed", "conflict"]


def other_names(
    con: duckdb.DuckDBPyConnection,
    typed: TypedTables,
    register: int,
    parsed: Mapping[str, CompanyName],
) -> list[OtherName]:
    """Names that clearly differ from the usual name of the code they are written with.

    Parameters
    ----------
    con : DuckDBPyConnection
        With temporary tables ``c_refs`` and ``usccs``.
    typed : TypedTables
    register : int
        Number of the party column of the register's names.
    parsed : mapping of str to CompanyName
        Normal form of each name to its parts.

    Returns
    -------
    list of OtherName
        By code and name.
    """
    rows = con.execute(
        f"""
        SELECT uscc, oname, bool_or(party = {register}), sum(n) FROM c_refs
        WHERE uscc IN (SELECT uscc FROM c_refs GROUP BY uscc HAVING count(DISTINCT oname) > 1)
        GROUP BY uscc, oname ORDER BY uscc, oname
        """
    ).fetchall()
    by_code: dict[str, list[tuple[str, bool, int]]] = defaultdict(list)
    for code, name, registered, n in rows:
        by_code[code].append((name, registered, n))
    different = []
    for code, found in by_code.items():
        usual = max(found, key=lambda item: (item[1], item[2], item[0]))[0]
        same = [name for name, registered, _ in found if registered] or [usual]
        for name, registered, _ in found:
            if not registered and all(
                clearly_different_firms(parsed[name], parsed[other]) for other in same
            ):
                different.append((code, name))
    if not different:
        return []
    taken = _with_home(con, register, different) | _rivals(con, typed)
    return [
        OtherName(code, name, "conflict" if (code, name) in taken else "renamed")
        for code, name in different
    ]


def _with_home(
    con: duckdb.DuckDBPyConnection, register: int, pairs: Sequence[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Of (code, name) pairs, those whose name is registered or has another code elsewhere."""
    names = sorted({name for _, name in pairs})
    rows = con.execute(
        f"""
        SELECT oname, list(DISTINCT uscc) FILTER (uscc IS NOT NULL), bool_or(party = {register})
        FROM c_refs WHERE oname IN (SELECT unnest(?::VARCHAR[])) GROUP BY oname
        """,
        [names],
    ).fetchall()
    homes = {name: (set(codes or ()), registered) for name, codes, registered in rows}
    return {(c, name) for c, name in pairs if homes[name][1] or homes[name][0] - {c}}


def _rivals(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> set[tuple[str, str]]:
    """(code, name) pairs that bid in one lot beside another name with the same code.

    A firm renamed does not bid against itself: there the code was copied.
    """
    if not typed.has("bids", "tender_no", "bidder", "uscc"):
        return set()
    lot = typed.expression("bids", "lot")
    rows = con.execute(
        f"""
        SELECT DISTINCT b.uscc, coalesce(f.form, b.bidder)
        FROM (SELECT t.uscc, t.bidder, count(DISTINCT t.bidder)
                     OVER (PARTITION BY t.tender_no, {lot}, t.uscc) AS names
              FROM typed.bids t WHERE t.uscc IN (SELECT number FROM usccs)) b
        LEFT JOIN org_forms f ON f.name = b.bidder WHERE b.names > 1
        """
    ).fetchall()
    return set(rows)
