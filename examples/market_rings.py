"""How planted rings bid in simulated markets."""

from __future__ import annotations

import numpy as np

from examples.market_parts import (
    Firms,
    Floats,
    Ints,
    Lots,
    Ring,
    RingPlan,
    honest_prices,
    outsiders,
)

# A ring never takes more than this share of the lots that it could go for.
MOST_SHARE = 0.6


def choose_ring(
    plan: RingPlan,
    lots: Lots,
    firms: Firms,
    open_lots: np.ndarray,
    others: list[Ring],
    rng: np.random.Generator,
) -> Ring:
    """Choose members of one trade, near each other, and lots of that trade within its time."""
    taken = {m for ring in others for m in ring.members}
    last = int(lots.day[-1]) + 1
    within = open_lots & (lots.day >= plan.start * last) & (lots.day < plan.stop * last)
    trades = [int(t) for t in rng.permutation(int(lots.trade.max()) + 1)]
    for trade in trades:
        possible = np.flatnonzero(within & (lots.trade == trade))
        able = [f for f in np.flatnonzero(firms.trade == trade).tolist() if f not in taken]
        if len(possible) * MOST_SHARE >= plan.lots and len(able) >= plan.members + 8:
            break
    else:
        raise ValueError(f"no trade has room for a ring of {plan.members} in {plan.lots} lots")
    # Neither the busiest nor the idlest firm is first; the others live near it.
    first = able[int(rng.integers(len(able)))]
    near = np.linalg.norm(firms.home[able] - firms.home[first], axis=1) * rng.uniform(
        0.5, 1.5, size=len(able)
    )
    members = tuple(sorted(int(able[i]) for i in np.argsort(near, kind="stable")[: plan.members]))
    chosen = tuple(sorted(rng.choice(possible, plan.lots, replace=False).tolist()))
    left = int(rng.choice(members)) if plan.leaves < 1 else -1
    return Ring(plan, members, chosen, left)


def ring_bids(
    lot: int,
    ring: Ring,
    lots: Lots,
    firms: Firms,
    busy: Floats,
    likes: Floats,
    wins: dict[int, int],
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:
    """Return who bids for one of the ring's lots and at what price.

    Parameters
    ----------
    likes : (n_firms,) float64
        How much outsiders would like the lot (0 for members).
    wins : dict
        Lots of the ring that each member has won so far.

    Returns
    -------
    firms (n,) int64 and prices (n,) float64, yuan
    """
    plan = ring.plan
    turn = ring.lots.index(lot)
    active = [m for m in ring.members if m != ring.left or turn < plan.leaves * plan.lots]
    inside = _subset(active, plan, rng)
    honest = honest_prices(lot, inside, lots, firms, busy, rng)
    extra = outsiders(int(rng.integers(1, 4)), likes, rng) if plan.partial else inside[:0]
    rival = honest_prices(lot, extra, lots, firms, busy, rng) if len(extra) else np.array([])
    if plan.style == "easy":
        price = _easy(turn, inside, lots.ceiling[lot], rival, rng)
    else:
        price = _sophisticated(inside, honest, lots.ceiling[lot], rival, wins, rng)
    return np.concatenate([inside, extra]), np.concatenate([price, rival])


def _subset(active: list[int], plan: RingPlan, rng: np.random.Generator) -> Ints:
    if plan.style == "easy":
        return np.array(active, dtype=np.int64)
    least = max(2, -(-len(active) // 2))
    size = int(rng.integers(least, len(active) + 1))
    return np.sort(rng.choice(active, size, replace=False)).astype(np.int64)


def _easy(
    turn: int, inside: Ints, ceiling: float, rival: Floats, rng: np.random.Generator
) -> Floats:
    """In strict turn just under the ceiling (or the outsiders), covers at even steps above."""
    aim = ceiling * rng.uniform(0.955, 0.98)
    if len(rival):
        # The ring doesn't know the outsiders' bids, only what they usually ask.
        aim = min(aim, float(rival.min()) * rng.uniform(0.97, 1.01))
    step = (ceiling * 0.999 - aim) / max(len(inside), 2) * rng.uniform(0.6, 0.9)
    winner = turn % len(inside)
    rank = (np.arange(len(inside)) - winner) % len(inside)
    return aim + step * rank * (1 + rng.normal(0, 0.01, size=len(inside)) * (rank > 0))


def _sophisticated(
    inside: Ints,
    honest: Floats,
    ceiling: float,
    rival: Floats,
    wins: dict[int, int],
    rng: np.random.Generator,
) -> Floats:
    """The cheapest of those with least wins; covers as honest bids are, shifted above his."""
    won = np.array([wins[int(m)] for m in inside])
    due = np.flatnonzero(won <= won.min() + 1)
    winner = int(due[np.argmin(honest[due])])
    raised = honest * rng.uniform(1.04, 1.09)
    if len(rival):
        raised *= min(1.0, float(rival.min()) * rng.uniform(0.97, 1.015) / raised[winner])
    below = raised < raised[winner] * 1.004
    below[winner] = False
    # Whoever would undercut him asks a plausible bit more instead.
    raised[below] = raised[winner] * (1.004 + rng.gamma(2.0, 0.012, size=int(below.sum())))
    top = ceiling * (1 - rng.uniform(0.0005, 0.01, size=len(inside)))
    over = raised > top
    over[winner] = False
    raised[over] = top[over]
    raised[winner] = min(raised[winner], float(np.delete(raised, winner).min()) * 0.997)
    return raised
