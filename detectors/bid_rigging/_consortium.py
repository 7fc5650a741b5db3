"""Bidders that bid together and say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from detectors.evidence import among, records

_WORD = "联合体"


def winner_names(snapshot: Any, lots: Iterable[str]) -> dict[str, str]:
    """Winners as the tender list writes them; lot entity → text."""
    wanted = set(lots)
    if not wanted or not snapshot.has("tenders", "winner"):
        return {}
    rows = records(among(snapshot.table("tenders"), "lot_entity", wanted))
    return {r["lot_entity"]: r["winner"] for r in rows if r["winner"]}


def consortium(sides: Sequence[Sequence[dict[str, Any]]], winner: str = "") -> bool:
    """Tell whether two bidders of a lot bid as one openly.

    Parameters
    ----------
    sides : sequence of sequence of dict
        The bids of each of the two in the lot.
    winner : str
        Winner as the tender list writes it.
    """
    if any(_WORD in row["bidder"] for rows in sides for row in rows):
        return True
    if all(any(row["bidder"] in winner for row in rows) for rows in sides):
        return True
    both_won = all(any(row["is_winner"] for row in rows) for rows in sides)
    prices = [{row["amount"] for row in rows} - {None} for rows in sides]
    return both_won and bool(set.intersection(*prices))
