"""Planted rings and honest markets: what the group test finds, and what naive thresholds flag.

``python -m benchmarks.rings [--quick]`` prints the tables. Every market goes through
``graph.cobidding.find_groups`` with the detector's own thresholds and levels.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.stats import beta

from clues.levels import is_orange_alone
from detectors.bid_rigging.cobidding_group import SPEC, Settings
from detectors.detector import Reason
from examples.market_parts import Ints, MarketPlan, RingPlan, Style
from examples.market_tables import firm_name, write_market
from examples.markets import SimulatedMarket, simulate
from graph.cobidding import Group, Market, find_groups, stratify
from tanwei.run import RunRequest, run

MEMBERS = (3, 4, 5, 6, 8)
LOTS = (10, 20, 50, 100, 200)
# Every combination of members, lots and completeness this often, for each style.
REPEATS = 2
HONEST_MARKETS = 60
# Every so many sophisticated rings, one goes through the whole tool as files.
SAMPLED = 10
# A ring is found when a called group holds half of its members and is made up of them by half.
FOUND_SHARE = 1 / 2
_SETTINGS = Settings()


@dataclass(frozen=True)
class Judged:
    """A candidate group: its level ("" for none), and how many of it are the ring's members."""

    level: str
    size: int
    of_ring: int
    naive: tuple[bool, ...]


@dataclass(frozen=True)
class Outcome:
    """A market: its ring, if any, and its candidate groups that reach the test."""

    ring: RingPlan | None
    groups: tuple[Judged, ...] = field(default=())
    # What each naive threshold says of the ring itself.
    naive: tuple[bool, ...] = ()


def comparable(made: SimulatedMarket) -> Market:
    """The market as the detector sees it: lots comparable by trade, town and year."""
    trade, town, year = made.lots.trade, made.lots.town, made.lots.year
    least = _SETTINGS.least_stratum
    fine = _code(trade, town, year)
    by_trade = [fine, _code(trade, town), _code(trade, year), _code(trade)]
    by_town = [fine, _code(trade, town), _code(town, year), _code(town)]
    strata = (stratify(by_trade, least), stratify(by_town, least))
    return Market(made.firm.astype(np.int64), made.lot.astype(np.int64), strata)


def level(group: Group) -> str:
    """Level that a group gets by itself under the detector's thresholds."""
    if group.joint < _SETTINGS.least_joint or group.q > _SETTINGS.false_discovery:
        return ""
    effect = round(group.effect, 3)
    if effect < _SETTINGS.least_effect:
        return ""
    reason = Reason("participation", "statistical", "", (), q=group.q, effect=effect)
    return "orange" if is_orange_alone(reason, SPEC.orange_effect) else "yellow"


def judge(job: tuple[MarketPlan, int]) -> Outcome:
    """Simulate one market, run the group test and the naive thresholds on it."""
    plan, seed = job
    made = simulate(plan, seed)
    ring = made.rings[0] if made.rings else None
    members = set(ring.members) if ring else set()
    groups = []
    for group in find_groups(comparable(made)).groups:
        if group.joint >= _SETTINGS.least_joint:
            shared = len(members & set(group.members))
            groups.append(
                Judged(level(group), len(group.members), shared, naive(made, group.members))
            )
    told = naive(made, ring.members) if ring else ()
    return Outcome(ring.plan if ring else None, tuple(groups), told)


def through_the_tool(job: tuple[MarketPlan, int]) -> tuple[bool, bool]:
    """Tell whether a ring is found by the test on arrays, and by a whole run on its two files."""
    plan, seed = job
    made = simulate(plan, seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_market(made, folder / "data")
        report = run(RunRequest(folder / "data", folder / "out", only=("cobidding_group",)))
    members = {firm_name(m) for m in made.rings[0].members}
    results = [o.result for o in report.outcomes if o.result]
    told = [f.title for r in results for f in r.findings]
    # Titles name the first three members.
    whole = any(sum(name in title for name in members) >= min(3, len(members)) for title in told)
    return found(judge(job)), whole


# -- naive thresholds ------------------------------------------------------------------------------

NAIVE = ("CV < 0.06", "RD > 1", "win-loss cycle", "any of the three")


def naive(made: SimulatedMarket, members: Sequence[int]) -> tuple[bool, ...]:
    """What published fixed thresholds say of a group, by its lots with three or more of it.

    The mean coefficient of variation of their bids below 0.06; the mean relative distance (gap
    between the two lowest over the standard deviation of the losing ones) above 1; a cycle of
    wins and losses: each of some three members has won against the next.
    """
    rows = np.flatnonzero(np.isin(made.firm, members))
    count = np.bincount(made.lot[rows], minlength=len(made.lots.day))
    chosen = np.flatnonzero(count >= 3)
    spreads, distances = [], []
    for lot in chosen.tolist():
        price = np.sort(made.price[rows[made.lot[rows] == lot]])
        spreads.append(price.std(ddof=1) / price.mean())
        if (losing := price[1:].std(ddof=1)) > 0:
            distances.append((price[1] - price[0]) / losing)
    close = bool(spreads) and float(np.mean(spreads)) < 0.06
    far = bool(distances) and float(np.mean(distances)) > 1
    cycle = _win_loss_cycle(made, rows, members)
    return close, far, cycle, close or far or cycle


def _win_loss_cycle(made: SimulatedMarket, rows: Ints, members: Sequence[int]) -> bool:
    number = {m: n for n, m in enumerate(members)}
    beat = np.zeros((len(members), len(members)), dtype=np.int64)
    for lot in np.unique(made.lot[rows]).tolist():
        there = rows[made.lot[rows] == lot]
        won = there[made.winner[there]]
        if len(won):
            losers = [number[f] for f in made.firm[there[~made.winner[there]]].tolist()]
            beat[number[int(made.firm[won[0]])], losers] = 1
    return bool(np.trace(beat @ beat @ beat) > 0)


def _code(*keys: Ints) -> Ints:
    rows = np.stack(keys, axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


# -- the plan --------------------------------------------------------------------------------------


def ring_jobs(style: Style, repeats: int) -> list[tuple[MarketPlan, int]]:
    """Markets with one ring each; lots of the market grow with those of the ring."""
    jobs = []
    cells = product(range(repeats), MEMBERS, LOTS, (False, True))
    for n, (repeat, members, lots, partial) in enumerate(cells):
        # A third of the rings each: all the time, starting late, ending early with one leaving.
        time = ({}, {"start": 0.3}, {"stop": 0.7, "leaves": 0.6})[(n + repeat) % 3]
        ring = RingPlan(members, lots, style, partial, **time)
        market = MarketPlan(
            lots=max(400, lots * 10), firms=160, reach=(10.0, 20.0, 40.0)[n % 3], rings=(ring,)
        )
        jobs.append((market, 1000 + n))
    return jobs


def honest_jobs(markets: int) -> list[tuple[MarketPlan, int]]:
    """Markets without a ring, of several sizes and reaches."""
    return [
        (
            MarketPlan(
                lots=(150, 300, 600, 1000)[n % 4],
                firms=(80, 120, 200)[n % 3],
                towns=(4, 8, 14)[n // 12 % 3],
                years=1 + n % 4,
                reach=(10.0, 20.0, 40.0)[n // 4 % 3],
                niches=n % 5,
            ),
            n,
        )
        for n in range(markets)
    ]


def measure(jobs: list[tuple[MarketPlan, int]]) -> list[Outcome]:
    """Judge all markets, on all cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(judge, jobs, chunksize=4))


# -- the page --------------------------------------------------------------------------------------


def found(outcome: Outcome, levels: tuple[str, ...] = ("yellow", "orange")) -> bool:
    """Tell whether a group of these levels is the ring's."""
    assert outcome.ring is not None
    members = outcome.ring.members
    return any(
        g.level in levels
        and g.of_ring >= max(2, FOUND_SHARE * members)
        and g.of_ring >= FOUND_SHARE * g.size
        for g in outcome.groups
    )


def exact(outcome: Outcome) -> bool:
    """Tell whether a called group is the ring and nobody else."""
    assert outcome.ring is not None
    whole = outcome.ring.members
    return any(g.level and g.of_ring == g.size == whole for g in outcome.groups)


def share(hits: int, n: int) -> str:
    """A share with its 95% interval (Clopper–Pearson)."""
    if not n:
        return "–"
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0
    return f"{hits / n:.1%} ({low:.1%}–{high:.1%}) of {n:,}"


def page(repeats: int = REPEATS, honest_markets: int = HONEST_MARKETS) -> list[str]:
    """Lines of the benchmark page."""
    easy, hard = (measure(ring_jobs(s, repeats)) for s in ("easy", "sophisticated"))
    honest = measure(honest_jobs(honest_markets))
    sample = [through_the_tool(job) for job in ring_jobs("sophisticated", 1)[::SAMPLED]]
    agree = sum(one == other for one, other in sample)
    # Honest groups stand in markets with a ring too.
    innocent = [g for o in (*honest, *easy, *hard) for g in o.groups if not g.of_ring]
    alone = [g for o in honest for g in o.groups]
    rows = [
        f"| group test, orange or red | {_count(easy, lambda o: found(o, ('orange',)))} | "
        f"{_count(hard, lambda o: found(o, ('orange',)))} | "
        f"{share(sum(g.level == 'orange' for g in innocent), len(innocent))} |",
        f"| group test, yellow counted | {_count(easy, found)} | {_count(hard, found)} | "
        f"{share(sum(bool(g.level) for g in innocent), len(innocent))} |",
        f"| … with exactly its members | {_count(easy, exact)} | {_count(hard, exact)} | |",
    ]
    for k, name in enumerate(NAIVE):
        rows.append(
            f"| {name} | {_count(easy, lambda o, k=k: o.naive[k])} | "
            f"{_count(hard, lambda o, k=k: o.naive[k])} | "
            f"{share(sum(g.naive[k] for g in innocent), len(innocent))} |"
        )
    parts = [_part(f"{m} members", lambda o, m=m: o.ring.members == m, easy, hard) for m in MEMBERS]
    parts += [_part(f"{n} lots", lambda o, n=n: o.ring.lots == n, easy, hard) for n in LOTS]
    parts += [
        _part("complete", lambda o: not o.ring.partial, easy, hard),
        _part("partial (honest outsiders in every lot)", lambda o: o.ring.partial, easy, hard),
        _part("all the time", lambda o: o.ring.start == 0 and o.ring.stop == 1, easy, hard),
        _part("starting late", lambda o: o.ring.start > 0, easy, hard),
        _part("ending early, one member leaving", lambda o: o.ring.stop < 1, easy, hard),
    ]
    only = share(sum(g.level == "orange" for g in alone), len(alone))
    return [
        "## Planted rings in simulated markets (`examples/markets.py`)",
        "",
        f"{len(easy)} easy and {len(hard)} sophisticated rings of 3 to 8 members in 10 to 200 lots, "
        f"one a market, and {len(honest)} honest markets, through the group test with the detector's "
        "thresholds; naive thresholds are given the ring's members as they are. A ring is found "
        "when a called group holds half of its members and consists of them by half. Honest groups: "
        "candidate groups that reach the test without a member of a ring; 95% intervals. Goals: "
        "95% of easy and 80% of sophisticated rings at no more than 1% of honest groups orange or "
        f"red. In the honest markets alone: {only}. Of {len(sample)} sophisticated rings also run "
        f"from files through `tanwei run`, {agree} came out the same way.",
        "",
        "| way | easy rings found | sophisticated | honest groups flagged |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        "| rings (yellow counted) | easy | sophisticated | sophisticated, orange |",
        "| --- | --- | --- | --- |",
        *parts,
        "",
    ]


def _count(outcomes: list[Outcome], holds: Callable[[Outcome], bool]) -> str:
    return share(sum(map(holds, outcomes)), len(outcomes))


def _part(
    name: str, belongs: Callable[[Outcome], bool], easy: list[Outcome], hard: list[Outcome]
) -> str:
    one, other = [o for o in easy if belongs(o)], [o for o in hard if belongs(o)]
    strict = _count(other, lambda o: found(o, ("orange",)))
    return f"| {name} | {_count(one, found)} | {_count(other, found)} | {strict} |"


if __name__ == "__main__":
    quick = "--quick" in sys.argv[1:]
    print("\n".join(page(1, 20) if quick else page()))
