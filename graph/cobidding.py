"""Groups of bidders that keep meeting, tested against chance within their own market.

Bidders and the tenders they attend form a bipartite graph. A group of bidders is judged by three
figures (J. Wachs and J. Kertész, Scientific Reports 9, 10818, 2019, for the first two):

- coherence: geometric over arithmetic mean of the weights of *all* its pairs, where a pair that
  never met weighs zero; 1 when all meet equally often;
- exclusivity: the share of its members' co-bidding weight that stays inside;
- surplus: log-likelihood ratio of its pairs' meetings against those that chance would give.

The weight of a pair is meetings / sqrt(attendance × attendance). The statistic is the product.

Chance means: every bidder attends as many tenders of every stratum (category × area × year) as
before, and every tender has as many bidders, but who meets whom is drawn anew. The same search is
run on such draws, the statistics of all groups found there are pooled, and an exponential tail
(that of a log-likelihood ratio) is fitted to them, so that p-values go as low as the number of
groups demands.

Honest bidders keep company that no stratum explains: firms of one size, one side of the town, one
speciality. In a large market such company is far beyond chance, so the groups of a market are
compared with each other too: where its groups reach further into the tail than random ones do, the
ratio of upper quartiles counts as explained for all of them (as genomic control does for population
structure: B. Devlin and K. Roeder, Biometrics 55, 997, 1999). A ring stands out among its peers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from graph.bid_market import Floats, Ints, Market, View
from graph.bid_search import Finder, Search
from graph.bid_shuffle import Shuffle

__all__ = [
    "Floats",
    "Group",
    "Groups",
    "Ints",
    "Market",
    "Search",
    "false_discovery",
    "find_groups",
    "stratify",
    "tail_p",
]

_TAIL = 0.2
# Below this a fitted tail says no more than "practically never".
LEAST_P = 1e-9
# Groups as random markets have them, put beside those of a market when it is judged how far its
# groups reach: a ring that stands alone isn't explained by itself.
_BESIDE = 10
# How far the groups in the tail reach is read off here; more rings than the rest of them hide.
_REACH = 0.75
_GAP = 5.0


@dataclass(frozen=True)
class Group:
    """A group and the figures it was tested by.

    ``meetings``: tenders attended together, summed over pairs; ``expected`` and ``deviation``:
    mean and standard deviation of it in random markets (the least favourable way of stratifying);
    ``effect``: meetings over expected; ``joint``: tenders attended by three or more members;
    ``statistic``: coherence × exclusivity × surplus against random markets; ``p``: of the same with
    the market's own inflation explained; ``q``: after Benjamini–Hochberg over all its groups.
    """

    members: tuple[int, ...]
    meetings: int
    joint: int
    expected: float
    deviation: float
    effect: float
    coherence: float
    exclusivity: float
    statistic: float
    p: float
    q: float


@dataclass(frozen=True)
class Groups:
    """The outcome: groups by falling statistic, and what they were compared with.

    ``inflation``: how much further than random ones the market's groups in the tail reach; their
    p-values are those of statistics so much smaller.
    """

    groups: tuple[Group, ...]
    null_groups: int
    draws: int
    inflation: float = 1.0


def stratify(keys: Sequence[Ints], least: int) -> Ints:
    """Number strata by the first of several ways of grouping that makes them large enough.

    Parameters
    ----------
    keys : sequence of (n,) int64
        Ways of grouping the same n tenders, finest first; the last takes all that remain.
    least : int
        Tenders that a stratum needs.

    Returns
    -------
    (n,) int64
        Stratum of each tender, numbered from 0 without gaps.

    Examples
    --------
    >>> fine, coarse = np.array([0, 0, 0, 1, 2]), np.array([0, 0, 0, 0, 0])
    >>> stratify([fine, coarse], least=2)
    array([0, 0, 0, 1, 1])
    """
    n = len(keys[0])
    out = np.full(n, -1, dtype=np.int64)
    free = np.arange(n)
    used = 0
    for level, key in enumerate(keys):
        if not len(free):
            break
        _, number, size = np.unique(key[free], return_inverse=True, return_counts=True)
        enough = (size >= least) if level < len(keys) - 1 else np.ones(len(size), dtype=bool)
        taken = enough[number]
        out[free[taken]] = number[taken] + used
        used += len(size)
        free = free[~taken]
    return np.unique(out, return_inverse=True)[1].astype(np.int64)


def false_discovery(p: NDArray[np.float64], looked_at: int = 0) -> NDArray[np.float64]:
    """Values of p corrected for how many were looked at.

    The step-up procedure of Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57, 289 (1995), as in
    statsmodels' ``multipletests(p, method="fdr_bh")``, which takes a second to load.

    Parameters
    ----------
    p : array of shape (n,)
    looked_at : int
        How many were looked at, where those of p = 1 are not given.

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> false_discovery(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    >>> false_discovery(np.array([0.01]), looked_at=3).round(3).tolist()
    [0.03]
    """
    order = np.argsort(-p)
    raised = p[order] * max(len(p), looked_at) / np.arange(len(p), 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(raised), 1.0)
    return q


def find_groups(market: Market, search: Search | None = None) -> Groups:
    """Find groups of bidders that meet beyond chance, and say how surprising each is.

    Parameters
    ----------
    market : Market
        Tenders with a single bidder carry nothing and may be left out.
    search : Search, optional

    Returns
    -------
    Groups
        Empty when no three bidders meet twice beyond chance.
    """
    search = search or Search()
    if not len(market.bidder):
        return Groups((), 0, 0)
    strata = [market.strata[0]]
    strata += [s for s in market.strata[1:] if not np.array_equal(s, strata[0])]
    views = tuple(View.of(market, stratum) for stratum in strata)
    finder = Finder(market, views, search)
    found = finder.run(market.tender)
    if not len(found):
        return Groups((), 0, 0)
    statistic = found.statistic()
    pools, inflation, draws = [], [], 0
    for n, stratum in enumerate(strata):
        pool, drawn = _pool(finder, Shuffle(market, stratum, [search.seed, n]), search)
        pools.append(pool)
        inflation.append(_inflation(statistic, pool, int((pool > 0).sum()) / drawn))
        draws += drawn
    explained = [_explained(statistic, *x) for x in zip(pools, inflation, strict=True)]
    p = np.max([tail_p(*x) for x in zip(explained, pools, strict=True)], axis=0)
    q = false_discovery(p)
    worst = np.argmax(found.expected, axis=1)
    rows = np.arange(len(found))
    expected = found.expected[rows, worst]
    deviation = np.sqrt(found.variance[rows, worst])
    groups = []
    for i in np.argsort(-np.round(statistic, 9), kind="stable").tolist():
        members = tuple(int(m) for m in found.members[i, : found.size[i]])
        groups.append(
            Group(
                members=members,
                meetings=int(found.meetings[i]),
                joint=_joint(market, members),
                expected=float(expected[i]),
                deviation=float(deviation[i]),
                effect=float(found.meetings[i] / expected[i]),
                coherence=float(found.coherence[i]),
                exclusivity=float(found.exclusivity[i]),
                statistic=float(statistic[i]),
                p=float(p[i]),
                q=float(q[i]),
            )
        )
    return Groups(
        tuple(groups), sum(int((pool > 0).sum()) for pool in pools), draws, max(inflation)
    )


def _pool(finder: Finder, shuffle: Shuffle, search: Search) -> tuple[Floats, int]:
    """Return the statistics of all groups found in random markets, and how many were drawn."""
    least, most = search.draws
    most = max(least, min(most, search.most_bids // len(finder.bidder)))
    pool: list[Floats] = []
    while len(pool) < most and (len(pool) < least or sum(map(len, pool)) < search.pooled):
        # A random market without any group counts as one whose best statistic is 0.
        found = finder.run(shuffle.draw()).statistic()
        pool.append(found if len(found) else np.zeros(1))
    return np.sort(np.concatenate(pool)), len(pool)


def _inflation(statistic: Floats, pool: Floats, usual_number: float) -> float:
    """Return by how much the market's own groups reach further into the tail than random ones.

    The ratio of upper quartiles of the excess over where the tail starts, at least 1. Groups
    beyond the number that a random market has (``usual_number``) are left out, the farthest first:
    company that firms keep anyway makes groups stand out more, but hardly makes more of them. So
    are those beyond a gap, where most groups are as random ones are: of n exponential values, the
    largest is ``_GAP`` times the next with a chance of about n ** (1 - _GAP).
    """
    start = np.quantile(pool, 1 - _TAIL)
    usual = pool[pool > start] - start
    beside = np.quantile(pool, (np.arange(_BESIDE) + 0.5) / _BESIDE)
    more = max(0, round(len(statistic) - usual_number))
    own = np.sort(statistic)[: len(statistic) - more]
    as_random = bool(np.median(np.append(own, beside)) <= start)
    own = own[own > start] - start
    if not len(usual) or not len(own):
        return 1.0
    far = np.quantile(usual, _REACH)
    if as_random:
        # How far the groups below each one reach, or random ones do.
        below = np.maximum(np.append(0.0, own[:-1]), far)
        gaps = np.flatnonzero(own >= _GAP * below)
        own = own[: gaps[0]] if len(gaps) else own
    own = np.append(own, beside[beside > start] - start)
    return max(1.0, float(np.quantile(own, _REACH, method="lower") / far))


def _explained(statistic: Floats, pool: Floats, inflation: float) -> Floats:
    """Return the statistics with the market's own inflation taken from what lies in the tail."""
    start = np.quantile(pool, 1 - _TAIL)
    return np.asarray(np.minimum(statistic, start + np.maximum(statistic - start, 0) / inflation))


def tail_p(values: Floats, pool: Floats) -> Floats:
    """Return how often chance gives a statistic as large, beyond the pool by an exponential tail.

    Parameters
    ----------
    values : (n,) float64
        Observed statistics.
    pool : (m,) float64
        Statistics of groups found in random markets.

    Returns
    -------
    (n,) float64
        Empirical share (with one added to both sides) below the top fifth of the pool, above it
        the fitted tail. The scale is the upper end of its 95% interval, so that a small pool
        gives larger p-values, never smaller ones.

    Examples
    --------
    >>> pool = np.random.default_rng(0).exponential(size=1000)
    >>> bool(abs(np.log10(tail_p(np.array([10.0]), pool)[0]) + 4.0) < 0.5)
    True
    """
    pool = np.sort(pool)
    m = len(pool)
    if m < 10:
        return np.ones(len(values))
    n_tail = max(5, int(m * _TAIL))
    start = pool[m - n_tail]
    above = pool[m - n_tail :] - start
    n_above = int((above > 0).sum())
    # Nothing to fit: a log-likelihood ratio falls off with scale 1, ours (shrunk) faster.
    scale = 2 * above.sum() / (2 * gammaincinv(n_above, 0.05)) if n_above else 1.0
    beyond = (max(n_above, 1) / m) * np.exp(-np.maximum(values - start, 0) / scale)
    share = (1 + m - np.searchsorted(pool, values, side="left")) / (1 + m)
    return np.clip(np.where(values > start, beyond, share), LEAST_P, 1.0)


def _joint(market: Market, members: tuple[int, ...]) -> int:
    attended = market.tender[np.isin(market.bidder, members)]
    return int((np.bincount(attended) >= 3).sum())
