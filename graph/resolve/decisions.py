"""What analysts decided about two record groups, and the table of all judgements.

A record group is what would be one party if no further link were made: references under one number,
or under one name with the same strongest context. Its id is made of content alone, so a decision
written against two of them holds in every later run until it is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from ingest.rows import insert_rows

Verdict = Literal["same", "different", "unsure"]


@dataclass(frozen=True)
class Decision:
    """An analyst's word on whether two record groups are one party.

    Parameters
    ----------
    kind : str
        ``person`` or ``company``.
    a, b : str
        Ids of record groups, as in ``main.judgements``; their order does not matter.
    verdict : {"same", "different"}
    by : str
        Who decided.
    on : str
        ISO date of the decision.
    reason : str, optional

    Examples
    --------
    >>> Decision("person", "p-01", "p-02", "same", "王敏", "2024-03-01", None).verdict
    'same'
    """

    kind: str
    a: str
    b: str
    verdict: Literal["same", "different"]
    by: str
    on: str
    reason: str | None = None


def create(con: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Make the temporary tables of judgements, filled by whoever resolves a kind.

    ``judged`` holds one row a judged pair of record groups, by their keys; ``judged_groups`` each
    group of such a pair once: its key, a name and a short Chinese text for people to tell it by,
    and the key of the cluster it ended in; ``decided`` what analysts said, by the groups' ids.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE judged (kind VARCHAR, a VARCHAR, b VARCHAR, verdict VARCHAR,"
        " probability DOUBLE, decided_by VARCHAR, decided_on VARCHAR, reasons VARCHAR[])"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE judged_groups (kind VARCHAR, gkey VARCHAR, name VARCHAR,"
        " detail VARCHAR, ckey VARCHAR)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE decided (kind VARCHAR, a VARCHAR, b VARCHAR,"
        " verdict VARCHAR, decided_by VARCHAR, decided_on VARCHAR, reason VARCHAR)"
    )
    insert_rows(
        con, "decided", [(d.kind, d.a, d.b, d.verdict, d.by, d.on, d.reason) for d in decisions]
    )


def write(con: duckdb.DuckDBPyConnection, id_of: Callable[[str, str], str]) -> None:
    """Write ``main.judgements`` from ``judged`` and ``judged_groups``.

    Parameters
    ----------
    con : DuckDBPyConnection
    id_of : callable
        SQL of an id from the SQL of a kind and of a key.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TABLE main.judgements AS
        WITH groups AS (
            SELECT DISTINCT kind, gkey, {id_of("kind", "gkey")} AS id, name, detail,
                   {id_of("kind", "ckey")} AS entity
            FROM judged_groups),
        pairs AS (
            SELECT j.*, x.id <= y.id AS straight, x AS x, y AS y
            FROM judged j JOIN groups x ON x.kind = j.kind AND x.gkey = j.a
            JOIN groups y ON y.kind = j.kind AND y.gkey = j.b),
        ordered AS (
            SELECT *, CASE WHEN straight THEN x ELSE y END AS one,
                   CASE WHEN straight THEN y ELSE x END AS other
            FROM pairs)
        SELECT kind, one.id AS a, other.id AS b, one.name AS a_name, other.name AS b_name,
               one.detail AS a_detail, other.detail AS b_detail, verdict,
               CASE WHEN verdict = 'same' AND decided_by = 'analyst' THEN 'certain'
                    WHEN verdict = 'same' THEN 'probable' ELSE 'name_only' END AS identity,
               probability, decided_by, decided_on, reasons,
               one.entity AS entity_a, other.entity AS entity_b
        FROM ordered ORDER BY ALL
        """
    )
