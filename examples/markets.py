"""Simulated procurement markets as arrays: honest firms, and rings planted among them.

Honest firms bid near home, in their trade, for works of their size, and stay away while busy; in
niches (a trade in a town that few firms serve) the same firms always meet. What a data set shows
of a lot is its trade, town, day, estimate and ceiling; the exact place of the work, the firms'
sizes and their load stay hidden, so honest firms keep some company that strata don't explain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from examples.market_parts import (
    DAYS_A_YEAR,
    Firms,
    Floats,
    Ints,
    Lots,
    MarketPlan,
    Ring,
    honest_prices,
    outsiders,
)
from examples.market_rings import choose_ring, ring_bids

# Days that a contract won keeps a firm busy.
_BUSY = 120


@dataclass(frozen=True)
class SimulatedMarket:
    """Bids (lot, firm, price in yuan, winner) of a market and what is true of it."""

    lots: Lots
    firms: Firms
    lot: Ints
    firm: Ints
    price: Floats
    winner: NDArray[np.bool_]
    rings: tuple[Ring, ...] = ()
    niches: tuple[tuple[int, int], ...] = field(default=())


def simulate(plan: MarketPlan, seed: int) -> SimulatedMarket:
    """Simulate one market.

    Parameters
    ----------
    plan : MarketPlan
    seed : int

    Returns
    -------
    SimulatedMarket
        The same for the same plan and seed.

    Raises
    ------
    ValueError
        When the rings need more lots or firms of one trade than there are.

    Examples
    --------
    >>> from examples.market_parts import RingPlan
    >>> made = simulate(MarketPlan(lots=60, rings=(RingPlan(members=3, lots=10),)), seed=1)
    >>> len(made.rings[0].members), len(made.rings[0].lots), int(made.winner.sum())
    (3, 10, 60)
    """
    rng = np.random.default_rng([seed, 20240607])
    towns = rng.uniform(0, 60, size=(plan.towns, 2))
    firms = _firms(plan, towns, rng)
    lots = _lots(plan, towns, rng)
    cells = rng.permutation(plan.towns * plan.trades)[: plan.niches]
    niches = {
        (int(c) % plan.towns, int(c) // plan.towns): _locals(int(c), plan, towns, firms)
        for c in cells
    }
    open_lots = ~_in(lots, niches)
    rings: list[Ring] = []
    for ring_plan in plan.rings:
        rings.append(choose_ring(ring_plan, lots, firms, open_lots, rings, rng))
        open_lots[list(rings[-1].lots)] = False
        if ring_plan.style == "sophisticated":
            # A ring that hides bids elsewhere too, as much as others do.
            own = list(rings[-1].members)
            firms.activity[own] = np.maximum(firms.activity[own], np.median(firms.activity))
    ring_of = {lot: ring for ring in rings for lot in ring.lots}
    wins: dict[int, int] = {m: 0 for ring in rings for m in ring.members}
    load = _Load(firms)
    market: list[tuple[int, Ints, Floats]] = []
    for lot in range(plan.lots):
        busy = load.share(int(lots.day[lot]))
        ring = ring_of.get(lot)
        if ring is None:
            chosen = _attend(lot, lots, firms, busy, niches, rng)
            price = honest_prices(lot, chosen, lots, firms, busy, rng)
        else:
            likes = _likes(lot, lots, firms, busy)
            likes[list(ring.members)] = 0
            chosen, price = ring_bids(lot, ring, lots, firms, busy, likes, wins, rng)
        best = int(np.argmin(price))
        load.won(int(chosen[best]), int(lots.day[lot]))
        if ring is not None and int(chosen[best]) in wins:
            wins[int(chosen[best])] += 1
        market.append((best, chosen, price))
    return SimulatedMarket(
        lots,
        firms,
        np.repeat(np.arange(plan.lots), [len(chosen) for _, chosen, _ in market]),
        np.concatenate([chosen for _, chosen, _ in market]),
        np.round(np.concatenate([price for _, _, price in market]), 2),
        np.concatenate([np.arange(len(chosen)) == best for best, chosen, _ in market]),
        tuple(rings),
        tuple(sorted(niches)),
    )


def _firms(plan: MarketPlan, towns: Floats, rng: np.random.Generator) -> Firms:
    n = plan.firms
    town = rng.integers(plan.towns, size=n)
    second = rng.integers(plan.trades, size=n)
    trade = rng.integers(plan.trades, size=n)
    return Firms(
        home=towns[town] + rng.normal(0, 3, size=(n, 2)),
        town=town,
        trade=trade,
        second=np.where(rng.random(n) < 0.3, second, trade),
        size=rng.normal(np.log(1.5e6), 0.9, size=n),
        activity=rng.lognormal(0, 0.7, size=n),
        reach=plan.reach * rng.lognormal(0, 0.3, size=n),
        capacity=rng.integers(1, 5, size=n),
        efficiency=rng.normal(0, 0.025, size=n),
    )


def _lots(plan: MarketPlan, towns: Floats, rng: np.random.Generator) -> Lots:
    n = plan.lots
    town = rng.choice(plan.towns, size=n, p=rng.dirichlet(np.full(plan.towns, 6.0)))
    estimate = np.round(rng.lognormal(np.log(1.5e6), 0.7, size=n), -3)
    return Lots(
        trade=rng.choice(plan.trades, size=n, p=rng.dirichlet(np.full(plan.trades, 8.0))),
        town=town,
        day=np.sort(rng.integers(plan.years * DAYS_A_YEAR, size=n)),
        estimate=estimate,
        ceiling=np.round(estimate * rng.uniform(1.0, 1.04, size=n), -3),
        place=towns[town] + rng.normal(0, 4, size=(n, 2)),
    )


def _locals(cell: int, plan: MarketPlan, towns: Floats, firms: Firms) -> Ints:
    """The five able firms nearest to a niche's town."""
    town, trade = cell % plan.towns, cell // plan.towns
    way = np.linalg.norm(firms.home - towns[town], axis=1)
    return np.sort(np.argsort(way + 100.0 * (firms.trade != trade), kind="stable")[:5])


def _in(lots: Lots, niches: dict[tuple[int, int], Ints]) -> NDArray[np.bool_]:
    inside = np.zeros(len(lots.day), dtype=bool)
    for town, trade in niches:
        inside |= (lots.town == town) & (lots.trade == trade)
    return inside


def _likes(lot: int, lots: Lots, firms: Firms, busy: Floats) -> Floats:
    """How much each firm would like a lot: trade, way, size and load."""
    own = firms.trade == lots.trade[lot]
    fits = np.where(own, 1.0, np.where(firms.second == lots.trade[lot], 0.5, 0.01))
    distance = np.linalg.norm(firms.home - lots.place[lot], axis=1)
    size = np.exp(-np.abs(np.log(lots.estimate[lot]) - firms.size) / 1.5)
    return (
        firms.activity * fits * np.exp(-distance / firms.reach) * size * np.maximum(0.05, 1 - busy)
    )


def _attend(
    lot: int,
    lots: Lots,
    firms: Firms,
    busy: Floats,
    niches: dict[tuple[int, int], Ints],
    rng: np.random.Generator,
) -> Ints:
    local = niches.get((int(lots.town[lot]), int(lots.trade[lot])))
    if local is not None:
        # The few able firms near by, nearly all of them every time.
        there = local[rng.random(len(local)) < 0.85]
        return there if len(there) >= 2 else local[:2]
    size = min(8, 3 + int(rng.poisson(1.3)))
    return outsiders(size, _likes(lot, lots, firms, busy), rng)


class _Load:
    """How busy firms are with what they have won."""

    def __init__(self, firms: Firms) -> None:
        self.capacity = firms.capacity
        self.days: list[list[int]] = [[] for _ in range(len(firms.capacity))]

    def won(self, firm: int, day: int) -> None:
        self.days[firm].append(day)

    def share(self, day: int) -> Floats:
        """Contracts running over capacity, of every firm."""
        running = np.array([sum(d > day - _BUSY for d in days[-8:]) for days in self.days])
        return np.minimum(running / self.capacity, 1.0)
