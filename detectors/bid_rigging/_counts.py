"""Lots looked at by a detector of shared values, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from detectors.detector import Finding, Result


@dataclass(frozen=True)
class LotCounts:
    """``alone``: lots of one bidder; ``silent``: lots of several of which fewer than two say it."""

    lots: int
    alone: int
    silent: int


def count_lots(bids: Any, known: Any) -> LotCounts:
    """Count lots of a bid table.

    Parameters
    ----------
    bids : ibis table
        With ``lot_entity`` and ``bidder_entity``.
    known : ibis boolean column of ``bids``
        Whether the bid says what is compared.
    """
    counted = bids.mutate(says=ibis.ifelse(known, bids.bidder_entity, ibis.null("string")))
    per_lot = counted.group_by("lot_entity").agg(
        bidders=counted.bidder_entity.nunique(), known=counted.says.nunique()
    )
    totals = per_lot.agg(
        lots=per_lot.count(),
        alone=(per_lot.bidders < 2).sum(),
        silent=((per_lot.bidders >= 2) & (per_lot.known < 2)).sum(),
    )
    row = totals.to_pyarrow().to_pylist()[0]
    return LotCounts(row["lots"], row["alone"] or 0, row["silent"] or 0)


def lot_result(
    counts: LotCounts,
    findings: Iterable[Finding],
    triggered: set[str],
    cleared: Mapping[str, set[str]],
    notes: tuple[str, ...] = (),
) -> Result:
    """Put a result together; a lot cleared for two reasons counts under the first of them.

    Parameters
    ----------
    counts : LotCounts
    findings : iterable of Finding
    triggered : set of str
        Lots that a finding rests on.
    cleared : mapping of str to set of str
        Benign key to lots; those also triggered are left out.
    """
    told = set(triggered)
    numbers = {}
    for key, lots in cleared.items():
        fresh = lots - told
        told |= fresh
        if fresh:
            numbers[key] = len(fresh)
    return Result(
        subject_kind="标段",
        subjects=counts.lots,
        triggered=len(triggered),
        not_triggered=counts.lots - len(triggered) - counts.alone - counts.silent,
        insufficient=counts.silent,
        not_applicable=counts.alone,
        findings=tuple(findings),
        cleared=numbers,
        notes=notes,
    )
