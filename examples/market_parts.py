"""What simulated markets are made of: plans, firms, lots, and how honest firms bid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Style = Literal["easy", "sophisticated"]

DAYS_A_YEAR = 365


@dataclass(frozen=True)
class RingPlan:
    """A ring to plant.

    ``members`` firms in ``lots`` lots. ``easy``: always all together, in strict turn, cover bids
    at even steps above the winner. ``sophisticated``: changing subsets of the members, the
    cheapest of those who have had least wins, cover bids drawn as honest bids are, members
    bidding honestly elsewhere. ``partial``: one to three honest outsiders in every lot.
    ``start`` and ``stop``: shares of the time covered; ``leaves``: share of the ring's time after
    which one member bids honestly only (1: none leaves).
    """

    members: int = 4
    lots: int = 40
    style: Style = "easy"
    partial: bool = False
    start: float = 0.0
    stop: float = 1.0
    leaves: float = 1.0


@dataclass(frozen=True)
class MarketPlan:
    """A market to simulate; ``reach`` in km is how far firms like to travel."""

    lots: int = 400
    firms: int = 120
    towns: int = 8
    trades: int = 3
    years: int = 3
    reach: float = 20.0
    niches: int = 2
    rings: tuple[RingPlan, ...] = ()


@dataclass(frozen=True)
class Ring:
    """A planted ring: its firms, its lots, and who left (-1: nobody)."""

    plan: RingPlan
    members: tuple[int, ...]
    lots: tuple[int, ...]
    left: int = -1


@dataclass(frozen=True)
class Firms:
    """Firms, numbered from 0: home and reach in km, main and second trade, size (log yuan),
    capacity in contracts, cost level relative to the others."""

    home: Floats
    town: Ints
    trade: Ints
    second: Ints
    size: Floats
    activity: Floats
    reach: Floats
    capacity: Ints
    efficiency: Floats


@dataclass(frozen=True)
class Lots:
    """Lots in the order of their days; estimate and ceiling in yuan."""

    trade: Ints
    town: Ints
    day: Ints
    estimate: Floats
    ceiling: Floats
    place: Floats

    @property
    def year(self) -> Ints:
        """Year of each lot, from 0."""
        return self.day // DAYS_A_YEAR


def honest_prices(
    lot: int,
    chosen: Ints,
    lots: Lots,
    firms: Firms,
    busy: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Return honest bids of the ``chosen`` firms, yuan: cost, markup falling with rivals.

    Cost is the estimate times the firm's level, its way to the place and its load, with a shock
    common to the lot and one of the firm's own.
    """
    distance = np.linalg.norm(firms.home[chosen] - lots.place[lot], axis=1)
    level = 0.80 + firms.efficiency[chosen] + 0.0008 * distance + 0.03 * busy[chosen]
    common = np.exp(rng.normal(0, 0.03))
    cost = lots.estimate[lot] * level * common * np.exp(rng.normal(0, 0.025, size=len(chosen)))
    bid = cost * (1 + 0.18 / len(chosen) + rng.uniform(0, 0.03, size=len(chosen)))
    most = lots.ceiling[lot] * (1 - rng.uniform(0.0005, 0.02, size=len(chosen)))
    return np.minimum(bid, most)


def outsiders(n: int, likes: Floats, rng: np.random.Generator) -> Ints:
    """Draw ``n`` firms without replacement with chances that go as ``likes``."""
    with np.errstate(divide="ignore"):
        keys = np.log(likes) + rng.gumbel(size=len(likes))
    drawn = np.argsort(-keys)[:n]
    return np.sort(drawn[np.isfinite(keys[drawn])])
