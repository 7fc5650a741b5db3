"""Looks for regular prices: steps within lots, equal prices and constant gaps of pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detectors.bid_rigging._prices import Prices
from graph.exact import poisson_binomial_tails
from graph.price_patterns import (
    progression_p,
    repeated_p,
    rounding_unit,
    same_chance,
    truncated_product,
)
from graph.price_peers import peer_strata
from graph.recurring import pairs, subsets
from graph.screens import lot_screens

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Pattern = Literal["steps", "equal", "gap", "ratio"]

# A lot's step p-value above this counts as none when lots are put together.
_CUT = 1e-3
# Beyond ten bids a lot has hundreds of foursomes, of which one is always in step.
_MOST_FOR_SUBSETS = 10
_MOST_BIDS = 20
# Ratios are the same when they differ by less than this.
_RATIO = 1e-4
# So many lots without the other show that a discount is a firm's own.
_LEAST_HABIT = 3


@dataclass(frozen=True)
class Limits:
    """What the search goes by; explained among the detector's settings."""

    least_joint: int
    false_discovery: float
    least_peers: int
    bound_margin: float


@dataclass(frozen=True)
class Regular:
    """One regularity: who, what, in which of how many joint lots, how likely by chance.

    ``hits`` are numbers of lots; ``figure`` the gap in yuan, the ratio, or nothing.
    """

    members: tuple[int, ...]
    pattern: Pattern
    hits: tuple[int, ...]
    lots: int
    p: float
    q: float
    figure: float | None = None


@dataclass(frozen=True)
class Search:
    """The outcome: ``held`` (surest first) and how much was looked at and excused."""

    held: tuple[Regular, ...]
    pairs: int
    short: int
    lots: int
    tests: int
    capped: frozenset[tuple[int, ...]]
    habits: frozenset[tuple[int, ...]]
    fixed: frozenset[tuple[int, ...]]


@dataclass(frozen=True)
class _Found:
    members: tuple[int, ...]
    pattern: Pattern
    hits: tuple[int, ...]
    lots: int
    p: float
    figure: float | None = None


def find_regular(prices: Prices, fixed: Mask, limits: Limits) -> Search:
    """Look for every regularity and correct over all that was looked at.

    Parameters
    ----------
    prices : Prices
    fixed : (n_lots,) bool
        Lots whose price is set by a rule: equal prices there mean nothing.
    limits : Limits
    """
    unit = rounding_unit(prices.amount)
    steps, looked = _steps(prices, unit, ~fixed)
    meets = _Meetings.of(prices, unit, limits)
    clear = meets.clear(fixed)
    found, seen = meets.search(clear)
    tests = looked + seen
    held = _without_bystanders(_correct([*steps, *found], tests, limits.false_discovery))
    kept = {(r.members, r.pattern) for r in held}
    excused = {}
    for name, mask in (
        ("capped", meets.capped),
        ("habits", meets.habits),
        ("fixed", meets.fixed(fixed)),
    ):
        lifted = _lifted(meets, clear, mask, tests, limits) if mask.any() else set()
        excused[name] = frozenset(m for m, pattern in lifted if (m, pattern) not in kept)
    sizes = np.bincount(prices.lot, minlength=len(prices.lots))
    return Search(
        held,
        len(meets.members),
        meets.short,
        int(((sizes >= 3) & (sizes <= _MOST_BIDS) & ~fixed).sum()),
        tests,
        excused["capped"],
        excused["habits"] - excused["capped"],
        excused["fixed"] - excused["habits"] - excused["capped"],
    )


def _lifted(
    meets: _Meetings, clear: Mask, mask: Mask, tests: int, limits: Limits
) -> set[tuple[tuple[int, ...], Pattern]]:
    """What would be held if the meetings of ``mask`` were not excused."""
    found, _ = meets.search(clear | mask)
    held = _correct(found, tests, limits.false_discovery)
    return {(r.members, r.pattern) for r in held}


def _correct(found: Sequence[_Found], tests: int, most: float) -> tuple[Regular, ...]:
    """Benjamini–Hochberg over all tests, of which only those with small p are listed."""
    ordered = sorted(found, key=lambda f: (f.p, f.members, f.pattern))
    out: list[Regular] = []
    q = 1.0
    for rank in range(len(ordered), 0, -1):
        one = ordered[rank - 1]
        q = min(q, one.p * tests / rank)
        if q <= most:
            out.append(Regular(one.members, one.pattern, one.hits, one.lots, one.p, q, one.figure))
    return tuple(reversed(out))


def _without_bystanders(held: Sequence[Regular]) -> tuple[Regular, ...]:
    """Leave out sets that owe their regularity to some of their members.

    Where four prices go in step and a stranger's happens to fit in, the five are less likely by
    chance than five strangers, but no less so than the four.
    """
    steps = [r for r in held if r.pattern == "steps"]
    return tuple(
        r
        for r in held
        if r.pattern != "steps"
        or not any(
            set(o.members) < set(r.members) and o.p <= r.p and set(o.hits) >= set(r.hits)
            for o in steps
        )
    )


# -- steps -----------------------------------------------------------------------------------------


def _steps(prices: Prices, unit: Floats, usable: Mask) -> tuple[list[_Found], int]:
    """Find sets of three or four bidders, and whole lots, whose prices go in equal steps."""
    looked = 0
    hits: dict[tuple[int, ...], list[tuple[float, int]]] = defaultdict(list)
    chosen = np.flatnonzero(usable[prices.lot])
    lot, amount = prices.lot[chosen], prices.amount[chosen]
    sizes = np.bincount(lot, minlength=len(prices.lots))[lot]
    blocks = [(3, _MOST_FOR_SUBSETS, sizes >= 3), (4, _MOST_FOR_SUBSETS, sizes >= 4)]
    # Whole lots: of three and four bids they are among the sets above.
    blocks += [(n, _MOST_BIDS, sizes == n) for n in range(5, _MOST_BIDS + 1)]
    for size, most, part in blocks:
        where = np.flatnonzero(part)
        for rows in subsets(lot[where], amount[where], size, most):
            bids = chosen[where[rows]]
            looked += len(bids)
            p = progression_p(prices.amount[bids], unit[bids].min(axis=1))
            for i in np.flatnonzero(p <= _CUT):
                members = tuple(sorted(int(b) for b in prices.bidder[bids[i]]))
                hits[members].append((float(p[i]), int(prices.lot[bids[i, 0]])))
    # A set seen once can't pass unless this small; most sets need not be counted.
    small = 0.05 / max(looked, 1)
    wanted = {m for m, seen in hits.items() if len(seen) > 1 or seen[0][0] <= small}
    joint = _joint_lots(prices, usable, wanted)
    found = []
    for members in sorted(wanted):
        best: dict[int, float] = {}
        for p_lot, number in hits[members]:
            tender = joint[members].get(number, number)
            # Lots of one tender are priced by one reckoning.
            best[tender] = min(p_lot, best.get(tender, 1.0))
        tenders = len(set(joint[members].values()))
        chance = truncated_product(sorted(best.values()), max(tenders, len(best)), _CUT)
        lots = tuple(sorted({number for _, number in hits[members]}))
        found.append(_Found(members, "steps", lots, len(joint[members]), chance))
    return found, looked


def _joint_lots(
    prices: Prices, usable: Mask, sets: set[tuple[int, ...]]
) -> dict[tuple[int, ...], dict[int, int]]:
    """Lots, with their tender, that all of a set attended, for few sets."""
    everyone = np.array(sorted({m for s in sets for m in s}), dtype=np.int64)
    part = np.flatnonzero(np.isin(prices.bidder, everyone) & usable[prices.lot])
    attended: dict[int, dict[int, int]] = defaultdict(dict)
    for b in part:
        attended[int(prices.bidder[b])][int(prices.lot[b])] = int(prices.tender[b])
    out = {}
    for members in sets:
        first, *rest = (attended[m] for m in members)
        out[members] = {n: t for n, t in first.items() if all(n in other for other in rest)}
    return out


# -- pairs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Meetings:
    """Every joint lot of every pair that meets often enough."""

    members: Ints
    group: Ints
    lot: Ints
    low: Floats
    high: Floats
    grain: Floats
    spread: Floats
    tie_rate: Floats
    capped: Mask
    habits: Mask
    short: int

    @classmethod
    def of(cls, prices: Prices, unit: Floats, limits: Limits) -> _Meetings:
        combos = pairs(prices.bidder, prices.lot, prices.tender, most_bidders=_MOST_BIDS)
        often = combos.tenders >= limits.least_joint
        number = np.cumsum(often) - 1
        keep = often[combos.group]
        group, lot, bids = number[combos.group[keep]], combos.lot[keep], combos.bids[keep]
        group, lot, bids = _first_of_tender(prices, group, lot, bids)
        low, high = prices.amount[bids[:, 0]], prices.amount[bids[:, 1]]
        stratum = peer_strata(prices.category, prices.size, prices.bids, limits.least_peers)
        ceiling, floor = prices.ceiling[lot], prices.floor[lot]
        with np.errstate(invalid="ignore"):
            capped = np.minimum(low, high) >= ceiling * (1 - limits.bound_margin)
            capped |= np.maximum(low, high) <= floor * (1 + limits.bound_margin)
        return cls(
            combos.members[often],
            group,
            lot,
            low,
            high,
            unit[bids].min(axis=1),
            _spread(prices, stratum)[lot] * (low + high) / 2,
            _tie_rate(prices, stratum)[lot],
            np.asarray(capped),
            _habits(prices, group, bids, int(often.sum())),
            int((~often).sum()),
        )

    def fixed(self, fixed: Mask) -> Mask:
        """Which meetings were in lots whose price a rule sets."""
        return np.asarray(fixed[self.lot])

    def clear(self, fixed: Mask) -> Mask:
        """Which meetings count as evidence."""
        return ~self.capped & ~self.habits & ~fixed[self.lot]

    def search(self, keep: Mask) -> tuple[list[_Found], int]:
        """Find pairs with equal prices or constant gaps; also return how many tests that was."""
        part = np.flatnonzero(keep)
        group, n = self.group[part], len(self.members)
        lots = np.bincount(group, minlength=n).astype(np.int64)
        low, high = self.low[part], self.high[part]
        grain, spread = self.grain[part], self.spread[part]
        chance = same_chance(grain, spread)
        found: list[_Found] = []
        equal = low == high
        ties = np.bincount(group[equal], minlength=n).astype(np.int64)
        p = poisson_binomial_tails(np.maximum(chance, self.tie_rate[part]), group, ties)
        found += self._list("equal", p, part, np.flatnonzero(equal), lots)
        cents = np.round((high - low) * 100).astype(np.int64)
        ratio = np.log(high / low)
        apart = ~equal
        # Bins may cut a constant ratio in two; of bins shifted by half, one doesn't.
        for pattern, code, width in (
            ("gap", cents, chance),
            ("ratio", np.floor(ratio / _RATIO).astype(np.int64), None),
            ("ratio", np.floor(ratio / _RATIO + 0.5).astype(np.int64), None),
        ):
            if width is None:
                mean = (low + high) / 2
                width = same_chance(_RATIO + grain / mean, spread / mean)
            commonest, hits = _commonest(group[apart], code[apart], n)
            p = repeated_p(width, group, hits, lots)
            same = apart & (code == commonest[group])
            found += self._list(pattern, p, part, np.flatnonzero(same), lots)  # type: ignore[arg-type]
        return found, 4 * int((lots >= 2).sum())

    def _list(
        self, pattern: Pattern, p: Floats, part: Ints, same: Ints, lots: Ints
    ) -> list[_Found]:
        """List the pairs with small p, with their lots."""
        picked = np.flatnonzero(p <= _CUT)
        if not len(picked):
            return []
        rows = same[np.isin(self.group[part[same]], picked)]
        of: dict[int, list[int]] = defaultdict(list)
        for i in part[rows]:
            of[int(self.group[i])].append(int(i))
        out = []
        for g in picked:
            at = of[int(g)]
            a, b = self.low[at], self.high[at]
            figure = None
            if pattern == "gap":
                figure = round(float(np.median(b - a)), 2)
            elif pattern == "ratio":
                figure = round(float(np.median(b / a)), 5)
            a_, b_ = (int(m) for m in self.members[g])
            hits = tuple(sorted(int(n) for n in self.lot[at]))
            out.append(_Found((a_, b_), pattern, hits, int(lots[g]), float(p[g]), figure))
        return out


def _first_of_tender(prices: Prices, group: Ints, lot: Ints, bids: Ints) -> tuple[Ints, Ints, Ints]:
    """Keep one lot of every tender of a pair: its lots are priced by one reckoning."""
    tender = prices.tender[bids[:, 0]]
    order = np.lexsort((lot, tender, group))
    group, lot, bids, tender = group[order], lot[order], bids[order], tender[order]
    first = np.ones(len(group), dtype=bool)
    first[1:] = (group[1:] != group[:-1]) | (tender[1:] != tender[:-1])
    return group[first], lot[first], bids[first]


def _spread(prices: Prices, stratum: Ints) -> Floats:
    """Relative spread of one price in each lot: the smaller of its own and the usual one."""
    own = lot_screens(prices.lot, prices.amount, n_lots=len(prices.lots)).cv
    usual = np.full(len(own), np.nan)
    order = np.argsort(stratum, kind="stable")
    ends = np.searchsorted(stratum[order], np.arange(int(stratum.max()) + 2))
    for s in range(len(ends) - 1):
        here = order[ends[s] : ends[s + 1]]
        known = own[here][own[here] > 0]
        if len(known):
            usual[here] = np.median(known)
    # Two prices say too little of their lot, and equal ones nothing.
    trusted = (prices.bids >= 3) & (own > 0)
    out = np.where(trusted, np.fmin(own, usual), usual)
    return np.where(np.isfinite(out) & (out > 0), out, 1e-9)


def _tie_rate(prices: Prices, stratum: Ints) -> Floats:
    """How often two prices of a lot are equal among its peers."""
    order = np.lexsort((prices.amount, prices.lot))
    lot, amount = prices.lot[order], prices.amount[order]
    same = (lot[1:] == lot[:-1]) & (amount[1:] == amount[:-1])
    tied = np.bincount(lot[1:][same], minlength=len(prices.lots)) > 0
    lots = np.bincount(stratum)
    # Of the lots with a tie, one of n(n-1)/2 pairs has it.
    share = (np.bincount(stratum, weights=tied) + 1) / (lots + 2)
    return share[stratum] / np.maximum(prices.bids * (prices.bids - 1) / 2, 1)


def _habits(prices: Prices, group: Ints, bids: Ints, n_pairs: int) -> Mask:
    """Which meetings are of two firms each of which bids at its usual discount anyway.

    A firm has a habit when its price is the same share of the ceiling, to a ten-thousandth, in at
    least half of its lots; and it shows without the other firm, too, in three lots or more.
    """
    share = prices.amount / prices.ceiling[prices.lot]
    known = np.isfinite(share)
    code = np.where(known, np.round(np.where(known, share, 0.0) / _RATIO), -1).astype(np.int64)
    n = len(prices.bidders)
    commonest, hits = _commonest(prices.bidder[known], code[known], n)
    total = np.bincount(prices.bidder[known], minlength=n)
    usual = 2 * hits >= np.maximum(total, 1)
    at_habit = usual[prices.bidder] & (code == commonest[prices.bidder])
    out = np.ones(len(bids), dtype=bool)
    for side in range(2):
        here = at_habit[bids[:, side]]
        joint = np.bincount(group[here], minlength=n_pairs)
        out &= here & (hits[prices.bidder[bids[:, side]]] - joint[group] >= _LEAST_HABIT)
    return out


def _commonest(group: Ints, code: Ints, n: int) -> tuple[Ints, Ints]:
    """Return each group's most frequent code (the least of equals) and how often it occurs."""
    commonest = np.full(n, np.iinfo(np.int64).min)
    hits = np.zeros(n, dtype=np.int64)
    if not len(group):
        return commonest, hits
    order = np.lexsort((code, group))
    g, c = group[order], code[order]
    new = np.ones(len(g), dtype=bool)
    new[1:] = (g[1:] != g[:-1]) | (c[1:] != c[:-1])
    first = np.flatnonzero(new)
    count = np.diff(np.append(first, len(g)))
    # The last written wins: least frequent first.
    by = np.lexsort((-c[first], count))
    commonest[g[first][by]] = c[first][by]
    hits[g[first][by]] = count[by]
    return commonest, hits
