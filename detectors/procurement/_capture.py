"""A supplier whose share creeps up at a purchaser, and what may innocently explain it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from detectors.evidence import among, records
from detectors.procurement._market import bids_of
from graph.trend import find_break, trend_tail, trends

_MOST_RIVALS = 4


@dataclass(frozen=True)
class Capture:
    """One pair whose trend stands out.

    ``lots``: those it bid for, in order of day, with ``day``, ``year``, ``bidders``, ``winner``,
    ``won``, ``known`` (log-odds by number of bidders) and ``category``. ``first``, ``last``:
    fitted shares of wins in the first and last year over the same lots.
    """

    buyer: str
    supplier: str
    lots: pd.DataFrame
    first: float
    last: float
    expected: float
    unrest: float
    spread: float
    p: float
    q: float
    tested: int

    @property
    def rise(self) -> float:
        """By how much the share rose."""
        return round(self.last - self.first, 3)

    def rivals(self) -> list[str]:
        """Others who won lots it bid for, most first."""
        others = Counter(self.lots.loc[~self.lots["won"], "winner"])
        return sorted(others, key=lambda e: (-others[e], e))[:_MOST_RIVALS]

    def entities(self) -> list[str]:
        """Parties to be named."""
        return [self.buyer, self.supplier, *self.rivals()]

    def began(self) -> Began:
        """When the rise began, with the 95% interval."""
        days = pd.to_datetime(self.lots["day"])
        since = np.asarray((days - days.iloc[0]).dt.days / 365.25, dtype=np.float64)
        found = find_break(
            since, self.lots["known"].to_numpy(np.float64), self.lots["won"].to_numpy(bool),
            widened=max(self.unrest, 1.0),
        )  # fmt: skip
        at, low, high = (days.iloc[i].date() for i in (found.at, found.low, found.high))
        return Began(found.kind == "step", at, low, high, found.low == 0)


class Began(NamedTuple):
    """Start of a rise: whether at one step, the day, its interval, and whether that is open."""

    step: bool
    at: date
    low: date
    high: date
    from_the_start: bool


@dataclass(frozen=True)
class Explained:
    """How the checks came out; ``cleared``: key of the explanation that holds, if any.

    ``elsewhere``: lots, wins, first and last fitted share at other purchasers, or None where there
    are too few; ``by_trade``: p-value within categories, None where they aren't told; ``gone``:
    lots lost early to firms since deregistered, and all lots lost early.
    """

    elsewhere: tuple[int, int, float, float] | None
    by_trade: float | None
    gone: tuple[int, int] | None
    cleared: str | None

    class Limits(NamedTuple):
        """Settings of the checks."""

        least_elsewhere: int
        rivals_left: float
        same_demand: float


def explain(snapshot: Any, one: Capture, lots: pd.DataFrame, limits: Explained.Limits) -> Explained:
    """Check what may innocently explain a rise.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    one : Capture
    lots : DataFrame
        All comparable lots.
    limits : Explained.Limits
    """
    gone = _gone(snapshot, one)
    by_trade = _by_trade(one)
    elsewhere, alike = _elsewhere(snapshot, one, lots, limits.least_elsewhere)
    cleared = None
    if gone is not None and gone[0] and gone[0] >= limits.rivals_left * gone[1]:
        cleared = "rivals_left"
    elif alike:
        cleared = "grew_everywhere"
    elif by_trade is not None and by_trade > limits.same_demand:
        cleared = "demand"
    return Explained(elsewhere, by_trade, gone, cleared)


def _gone(snapshot: Any, one: Capture) -> tuple[int, int] | None:
    """Lots of the first half lost to firms deregistered by the end, and all lost in it."""
    if not snapshot.has("companies", "cancelled_date"):
        return None
    early = one.lots.iloc[: len(one.lots) // 2]
    lost = early.loc[~early["won"], "winner"]
    firms = among(snapshot.table("companies"), "name_entity", set(lost))
    last = one.lots["day"].iloc[-1].date()
    ended = {
        r["name_entity"]
        for r in records(firms.select("name_entity", "cancelled_date"))
        if r["cancelled_date"] is not None and r["cancelled_date"] <= last
    }
    return int(lost.isin(ended).sum()), len(lost)


def _by_trade(one: Capture) -> float | None:
    """Exact p-value of the rise within categories; None where they are unknown or but one."""
    trade, names = pd.factorize(one.lots["category"], sort=True)
    if len(names) < 2:
        return None
    return trend_tail(
        one.lots["year"].to_numpy(np.int64),
        one.lots["known"].to_numpy(),
        one.lots["won"].to_numpy(),
        trade.astype(np.int64),
    )


def _elsewhere(
    snapshot: Any, one: Capture, lots: pd.DataFrame, least: int
) -> tuple[tuple[int, int, float, float] | None, bool]:
    """Its share at other purchasers, and whether it rose there as it did here."""
    bids = among(bids_of(snapshot), "bidder_entity", {one.supplier}).select("lot_entity")
    other = bids.to_pandas().merge(lots, on="lot_entity")
    other = other[other["purchaser_entity"] != one.buyer]
    if len(other) < least or other["year"].nunique() < 2:
        return None, False
    here = one.lots
    year = np.concatenate([here["year"], other["year"]]).astype(np.int64)
    known = np.concatenate([here["known"], -np.log(other["bidders"] - 1.0)])
    won = np.concatenate([here["won"], other["winner"] == one.supplier]).astype(bool)
    side = np.repeat([0, 1], [len(here), len(other)]).astype(np.int64)
    found = trends(side, year, known, won)
    away = side == 1
    # Over the years seen here: the same slope counts the same whatever years it was seen in.
    span = float(here["year"].max() - here["year"].min())
    level = np.log(max(found.first[1], 1e-6) / max(1 - found.first[1], 1e-6))
    rise = float(expit(level + found.slope[1] * span) - found.first[1])
    told = (
        int(away.sum()), int(won[away].sum()), float(found.first[1]), float(found.last[1])
    )  # fmt: skip
    if rise < (found.last[0] - found.first[0]) / 2:
        return told, False
    # Within each side the sum of times is fixed by chance alone if both rise alike: take off the
    # rise seen elsewhere and ask whether what is left here is still late.
    left = known[~away] + found.slope[1] * (year[~away] - year[~away].min())
    return told, trend_tail(year[~away], left, won[~away]) > 0.05
