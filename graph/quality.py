"""What is wrong with the data about parties, with the rows where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from graph.schema import PARTIES
from graph.snapshot import Snapshot
from ingest.bearers import NumberBearer
from ingest.masking import mask_text

ROWS_A_NAME = 3
"""Rows of one table shown for one name under one number: where to look, not all there are."""


def number_bearers(snapshot: Snapshot) -> list[NumberBearer]:
    """Who bears the numbers that clearly different names bear, and in which rows.

    Parameters
    ----------
    snapshot : Snapshot

    Returns
    -------
    list of NumberBearer
        Number by number, masked; the first rows of each name in each table, with how many there are.
    """
    conflicts = dict(snapshot.query("SELECT number, kind FROM number_conflicts"))
    if not conflicts:
        return []
    found = sorted({row for query in _queries(snapshot) for row in snapshot.query(query)})
    return [
        NumberBearer(mask_text(number), conflicts[number], name, table, file, sheet, row, rows)
        for number, name, table, file, sheet, row, rows in found
    ]


def identity_counts(snapshot: Snapshot) -> dict[str, int]:
    """How many judgements of each kind, conflicts of numbers, and decisions refused or waiting."""
    counts = {
        f"{kind}_{verdict}_by_{by}": n
        for kind, verdict, by, n in snapshot.query(
            "SELECT kind, verdict, decided_by, count(*) FROM judgements GROUP BY ALL ORDER BY ALL"
        )
    }
    counts["number_conflicts"] = snapshot.query("SELECT count(*) FROM number_conflicts")[0][0]
    for name in ("judgements_left_out", "decisions_refused", "decisions_waiting"):
        counts[name] = int(snapshot.meta.get(name) or 0)
    return counts


def _queries(snapshot: Snapshot) -> Iterator[str]:
    for party in PARTIES:
        if party.number is None or not snapshot.has(party.table, party.column, party.number):
            continue
        yield f"""
            SELECT c.number, t."{party.column}", '{party.table}', s.file, s.sheet, t.row_no,
                   count(*) OVER (PARTITION BY c.number, t."{party.column}")
            FROM "{party.table}" t LEFT JOIN id_numbers i ON i.number = t."{party.number}"
            JOIN number_conflicts c ON c.number = coalesce(i.full_number, t."{party.number}")
            JOIN sheets s USING (sheet_id) WHERE t."{party.column}" IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY c.number, t."{party.column}"
                ORDER BY s.file, s.sheet, t.row_no) <= {ROWS_A_NAME}
        """
