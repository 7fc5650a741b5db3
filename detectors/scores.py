"""Experts' scores of bidders, and how far one expert's score stands from the others'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import Any

from detectors.detector import Row
from detectors.evidence import among, records

SCORE_COLUMNS = ("tender_no", "lot", "expert", "bidder", "score")
_TENDER_COLUMNS = ("tender_no", "lot", "title", "purchaser", "open_date", "winner", "award_amount")
# Makes the median absolute deviation comparable with a standard deviation of a normal sample.
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Deviation:
    """One expert's score of one bidder beside the other experts' scores of the same lot.

    ``own`` and ``others`` are points; ``lift`` is own minus the others' median; ``spread`` the
    others' median absolute deviation times 1.4826; ``elsewhere`` the median lift that the expert
    gives the lot's other bidders, None where there are none: a generous hand lifts all.
    """

    own: float
    others: tuple[float, ...]
    lift: float
    spread: float
    elsewhere: float | None


def deviation(
    scores: Mapping[tuple[str, str], float], expert: str, bidder: str
) -> Deviation | None:
    """Compare an expert's score of a bidder with the other experts'.

    Parameters
    ----------
    scores : mapping of (expert, bidder) to points
        All scores of one lot.
    expert, bidder : str

    Returns
    -------
    Deviation or None
        None where no other expert scored the bidder.

    Examples
    --------
    >>> lot = {("甲", "A"): 95.0, ("乙", "A"): 88.0, ("丙", "A"): 90.0,
    ...        ("甲", "B"): 80.0, ("乙", "B"): 82.0, ("丙", "B"): 84.0}
    >>> found = deviation(lot, "甲", "A")
    >>> found.lift, found.elsewhere
    (6.0, -3.0)
    """
    own = scores.get((expert, bidder))
    others = _others(scores, expert, bidder)
    if own is None or not others:
        return None
    middle = median(others)
    elsewhere = []
    for other in sorted({b for e, b in scores if e == expert and b != bidder}):
        theirs = _others(scores, expert, other)
        if theirs:
            elsewhere.append(scores[expert, other] - median(theirs))
    return Deviation(
        own,
        tuple(others),
        round(own - middle, 6),
        _MAD_TO_SIGMA * median(abs(o - middle) for o in others),
        round(median(elsewhere), 6) if elsewhere else None,
    )


def _others(scores: Mapping[tuple[str, str], float], expert: str, bidder: str) -> list[float]:
    return sorted(s for (e, b), s in scores.items() if b == bidder and e != expert)


@dataclass(frozen=True)
class Sheet:
    """The score sheet of one lot, with what the register of tenders knows of it."""

    lot: str
    title: str
    when: date | None
    winner: str | None
    award: Decimal | None
    scores: Mapping[tuple[str, str], float]
    rejected: frozenset[str]
    rows: Mapping[tuple[str, str], tuple[Row, ...]]
    tender_rows: tuple[Row, ...]
    joins: Mapping[tuple[str, str], tuple[tuple[str | None, float | None], ...]]


def sheets(snapshot: Any, lots: Iterable[str]) -> dict[str, Sheet]:
    """Fetch the score sheets of some lots.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    lots : iterable of str
        Entity ids of lots.
    """
    wanted = set(lots)
    by_lot: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in records(among(snapshot.table("expert_scores"), "lot_entity", wanted)):
        by_lot[row["lot_entity"]].append(row)
    tenders = _tenders(snapshot, wanted)
    rejected = _rejected(snapshot, wanted)
    return {
        lot: _sheet(lot, rows, tenders.get(lot), rejected.get(lot, frozenset()))
        for lot, rows in by_lot.items()
    }


def _sheet(
    lot: str, rows: list[dict[str, Any]], tender: dict[str, Any] | None, rejected: frozenset[str]
) -> Sheet:
    scores: dict[tuple[str, str], float] = defaultdict(float)
    cited: dict[tuple[str, str], list[Row]] = defaultdict(list)
    joins: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        key = (row["expert_entity"], row["bidder_entity"])
        if None in key:
            continue
        # Business, technical and price parts on rows of their own make one score.
        scores[key] += row["score"]
        cited[key].append(Row("expert_scores", row["row_id"], "评分记录", SCORE_COLUMNS))
        joins[key] += [
            (row["expert_identity"], row["expert_probability"]),
            (row["bidder_identity"], row["bidder_probability"]),
        ]
    known: dict[str, Any] = tender or dict.fromkeys(
        ("title", "tender_no", "winner_entity", "award_amount")
    )
    when: Any = tender and (tender["open_date"] or tender["deadline"] or tender["publish_date"])
    return Sheet(
        lot,
        known["title"] or known["tender_no"] or rows[0]["tender_no"],
        when.date() if isinstance(when, datetime) else when,
        known["winner_entity"],
        known["award_amount"],
        dict(scores),
        rejected,
        {key: tuple(found) for key, found in cited.items()},
        (Row("tenders", tender["row_id"], "招标项目记录", _TENDER_COLUMNS),) if tender else (),
        {key: tuple(found) for key, found in joins.items()},
    )


def _tenders(snapshot: Any, lots: set[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in records(among(snapshot.table("tenders"), "lot_entity", lots)):
        found.setdefault(row["lot_entity"], row)
    return found


def _rejected(snapshot: Any, lots: set[str]) -> dict[str, frozenset[str]]:
    if not snapshot.has("bids", "disqualified"):
        return {}
    bids = snapshot.table("bids")
    rows = records(among(bids.filter(bids.disqualified.fill_null(False)), "lot_entity", lots))
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["lot_entity"]].add(row["bidder_entity"])
    return {lot: frozenset(firms) for lot, firms in found.items()}
