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
groups demands. Work here is plain numpy on the small bidder projection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaincinv

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Variance over mean of a pair's meetings never counts as less than this: where bidders attend
# nearly everything the formula goes to nothing faster than it is exact.
_LEAST_DISPERSION = 0.1
_TAIL = 0.2
# Below this a fitted tail says no more than "practically never".
LEAST_P = 1e-9


@dataclass(frozen=True)
class Market:
    """Who attended what, and which tenders are comparable.

    Parameters
    ----------
    bidder, tender : (n_bids,) int64
        One entry a distinct (bidder, tender); both numbered from 0.
    strata : tuple of (n_tenders,) int64
        One or more ways to say which tenders are comparable; a group must stand out against
        each of them.
    """

    bidder: Ints
    tender: Ints
    strata: tuple[Ints, ...]


@dataclass(frozen=True)
class Search:
    """How groups are looked for and tested.

    ``least_share``: a member meets the others at least this often, relative to the group's mean.
    ``most_pairs``: how many of the pairs that meet most beyond chance are searched for groups.
    ``draws``: least and most random markets per way of stratifying; between the two, drawing
    stops once ``pooled`` groups were found in them or ``most_bids`` bids were drawn.
    """

    least_size: int = 3
    most_size: int = 12
    least_share: float = 1 / 2
    most_pairs: int = 1500
    draws: tuple[int, int] = (12, 100)
    pooled: int = 1500
    most_bids: int = 1_000_000
    seed: int = 20240601


@dataclass(frozen=True)
class Group:
    """A group and the figures it was tested by.

    ``meetings``: tenders attended together, summed over pairs; ``expected`` and ``deviation``:
    mean and standard deviation of it over the random markets (the least favourable way of
    stratifying); ``effect``: meetings over expected; ``joint``: tenders attended by three or more
    members; ``q``: p-value after Benjamini–Hochberg over all groups of the market.
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
    """The outcome: groups by falling statistic, and what they were compared with."""

    groups: tuple[Group, ...]
    null_groups: int
    draws: int


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


def false_discovery(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of p corrected for how many were looked at.

    The step-up procedure of Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57, 289 (1995), as in
    statsmodels' ``multipletests(p, method="fdr_bh")``, which takes a second to load.

    Parameters
    ----------
    p : array of shape (n,)

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> false_discovery(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(-p)
    raised = p[order] * len(p) / np.arange(len(p), 0, -1)
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
    views = tuple(_View.of(market, stratum) for stratum in strata)
    finder = _Finder(market, views, search)
    found = finder.run(finder.meetings(market.tender))
    if not found:
        return Groups((), 0, 0)
    pools, means, deviations, draws = [], [], [], 0
    pairs = _member_pairs(found)
    for n, stratum in enumerate(strata):
        pool: list[float] = []
        seen: list[Floats] = []
        shuffle = _Shuffle(market, stratum, np.random.default_rng([search.seed, n]))
        least, most = search.draws
        most = max(least, min(most, search.most_bids // len(market.bidder)))
        while len(seen) < most and (len(seen) < least or len(pool) < search.pooled):
            meetings = finder.meetings(shuffle.draw())
            # A random market without any group counts as one whose best statistic is 0.
            pool += [g.statistic for g in finder.run(meetings)] or [0.0]
            seen.append(_sums(meetings, pairs, len(found)))
        pools.append(np.sort(pool))
        means.append(np.mean(seen, axis=0))
        deviations.append(np.std(seen, axis=0))
        draws += len(seen)
    p = np.max([tail_p(np.array([g.statistic for g in found]), pool) for pool in pools], axis=0)
    q = false_discovery(p)
    worst = np.argmax(means, axis=0)
    out = []
    for i, g in enumerate(found):
        expected = max(float(means[worst[i]][i]), g.expected)
        out.append(
            Group(
                members=g.members,
                meetings=g.meetings,
                joint=_joint(market, g.members),
                expected=expected,
                deviation=float(deviations[worst[i]][i]),
                effect=g.meetings / expected,
                coherence=g.coherence,
                exclusivity=g.exclusivity,
                statistic=g.statistic,
                p=float(p[i]),
                q=float(q[i]),
            )
        )
    return Groups(tuple(out), sum(int((pool > 0).sum()) for pool in pools), draws)


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


# -- expectations --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _View:
    """Expected meetings of any two bidders under one way of stratifying, as inner products.

    Expected = left_a · right_b summed over strata; variance likewise. Meetings in a stratum go
    as d_a × d_b × c; c is the larger of 1 / tenders (bidders alone fixed) and the value that
    makes all pairs add up to the meetings there are (tenders' numbers of bidders fixed too).
    """

    attendance: sparse.csr_matrix
    expected: sparse.csr_matrix
    free: sparse.csr_matrix
    variance: sparse.csr_matrix

    @classmethod
    def of(cls, market: Market, stratum: Ints) -> _View:
        n_bidders, n_strata = int(market.bidder.max()) + 1, int(stratum.max()) + 1
        of_bid = stratum[market.tender]
        ones = np.ones(len(of_bid))
        d = sparse.csr_matrix((ones, (market.bidder, of_bid)), shape=(n_bidders, n_strata))
        attended = np.bincount(market.tender, minlength=len(stratum))
        tenders = np.maximum(np.bincount(stratum, weights=attended > 0, minlength=n_strata), 1)
        bids = np.bincount(of_bid, minlength=n_strata)
        met = np.bincount(stratum, weights=attended * (attended - 1.0), minlength=n_strata)
        squares = np.asarray(d.multiply(d).sum(axis=0)).ravel()
        possible = np.maximum(bids.astype(float) ** 2 - squares, 1e-9)
        rate = np.maximum(met / possible, 1 / tenders)
        column = d.indices
        free = d.copy()
        free.data = d.data * (1 - d.data / tenders[column])
        expected, variance = d.copy(), free.copy()
        expected.data = d.data * rate[column]
        spread = rate * tenders / np.maximum(tenders - 1, 1)
        variance.data = free.data * spread[column]
        return cls(d, expected, free, variance)

    def pairs(self, a: Ints, b: Ints) -> tuple[Floats, Floats]:
        """Return expected meetings and variance of the pairs (a[i], b[i])."""
        expected = self.attendance[a].multiply(self.expected[b]).sum(axis=1)
        variance = self.free[a].multiply(self.variance[b]).sum(axis=1)
        return np.asarray(expected).ravel(), np.asarray(variance).ravel()

    def among(self, nodes: Ints) -> tuple[Floats, Floats]:
        """Return (n, n) expected meetings and variance among ``nodes``."""
        expected = (self.attendance[nodes] @ self.expected[nodes].T).toarray()
        variance = (self.free[nodes] @ self.variance[nodes].T).toarray()
        return expected, variance


def _surplus(meetings: Any, expected: Any, variance: Any) -> Floats:
    """Return the log-likelihood ratio of more meetings than expected (0 where fewer)."""
    expected = np.maximum(expected, 1e-6)
    dispersion = np.maximum(variance / expected, _LEAST_DISPERSION)
    ratio = np.maximum(meetings / expected, 1.0)
    return np.asarray((meetings * np.log(ratio) - (meetings - expected)) / dispersion * (ratio > 1))


# -- search --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    members: tuple[int, ...]
    meetings: int
    expected: float
    coherence: float
    exclusivity: float
    statistic: float


class _Finder:
    """The same search for the market as it is and for each random one."""

    def __init__(self, market: Market, views: tuple[_View, ...], search: Search) -> None:
        self.bidder = market.bidder
        self.shape = (int(market.bidder.max()) + 1, len(market.strata[0]))
        self.attendance = np.bincount(market.bidder, minlength=self.shape[0]).astype(float)
        self.views = views
        self.search = search

    def meetings(self, tender: Ints) -> sparse.csr_matrix:
        """Return (bidders, bidders) numbers of tenders attended together, diagonal empty."""
        ones = np.ones(len(tender), dtype=np.int32)
        x = sparse.csr_matrix((ones, (self.bidder, tender)), shape=self.shape)
        met = (x @ x.T).tocsr()
        met.setdiag(0)
        met.eliminate_zeros()
        return met

    def run(self, meetings: sparse.csr_matrix) -> list[_Found]:
        """Return groups no two of which share half their members, by falling statistic."""
        root: Floats = np.sqrt(self.attendance)
        upper = sparse.triu(meetings, k=1).tocoo()
        weight = upper.data / (root[upper.row] * root[upper.col])
        strength = np.bincount(upper.row, weights=weight, minlength=self.shape[0])
        strength += np.bincount(upper.col, weights=weight, minlength=self.shape[0])
        twice = upper.data >= 2
        a, b = upper.row[twice].astype(np.int64), upper.col[twice].astype(np.int64)
        met = upper.data[twice]
        surplus = np.min([_surplus(met, *view.pairs(a, b)) for view in self.views], axis=0)
        # Ties by bidder number, which follows content, so that shuffled rows change nothing.
        order = np.lexsort((b, a, -np.round(surplus, 9)))
        order = order[surplus[order] > 0][: self.search.most_pairs]
        if len(order) < 3:
            return []
        graph: nx.Graph[int] = nx.Graph()
        graph.add_edges_from(zip(a[order].tolist(), b[order].tolist(), strict=True))
        cliques = _cliques(graph, self.search.least_size, self.search.most_size)
        if not cliques:
            return []
        nodes = np.unique(np.concatenate([np.array(c, dtype=np.int64) for c in cliques]))
        local = _Local.of(meetings, nodes, strength.astype(np.float64), self.attendance, self.views)
        return local.select([np.searchsorted(nodes, c) for c in cliques], self.search)


def _cliques(graph: nx.Graph[int], least: int, most: int) -> list[tuple[int, ...]]:
    """Return maximal cliques of ``least`` to ``most`` nodes, sorted."""
    found = (tuple(sorted(c)) for c in nx.find_cliques(graph) if least <= len(c) <= most)
    return sorted(found)


@dataclass(frozen=True)
class _Local:
    """Dense figures among the few bidders that are searched for groups."""

    nodes: Ints
    met: Floats
    weight: Floats
    log_weight: Floats
    strength: Floats
    views: tuple[tuple[Floats, Floats], ...]

    @classmethod
    def of(
        cls,
        meetings: sparse.csr_matrix,
        nodes: Ints,
        strength: Floats,
        attendance: Floats,
        views: tuple[_View, ...],
    ) -> _Local:
        met = meetings[nodes][:, nodes].toarray().astype(float)
        root = np.sqrt(attendance[nodes])
        weight = met / np.outer(root, root)
        with np.errstate(divide="ignore"):
            log_weight = np.log(weight)
        np.fill_diagonal(log_weight, 0.0)
        inner = []
        for view in views:
            expected, variance = view.among(nodes)
            np.fill_diagonal(expected, 0.0)
            np.fill_diagonal(variance, 0.0)
            inner.append((expected, variance))
        return cls(nodes, met, weight, log_weight, strength[nodes], tuple(inner))

    def select(self, cliques: list[Ints], search: Search) -> list[_Found]:
        """Improve the best cliques one by one and keep those that are groups of their own."""
        sizes = np.array([len(c) for c in cliques])
        score = self._score(np.array([self._sums(c) for c in cliques]), sizes)[0]
        kept: list[set[int]] = []
        out: list[_Found] = []
        for i in np.argsort(-np.round(score, 9), kind="stable"):
            if score[i] <= 0:
                break
            if _overlaps(set(cliques[i].tolist()), kept):
                continue
            members = self._improve(cliques[i].tolist(), search)
            if len(members) >= search.least_size and not _overlaps(set(members), kept):
                kept.append(set(members))
                out.append(self._found(members))
        return sorted(out, key=lambda g: (-round(g.statistic, 9), g.members))

    def _sums(self, members: Ints) -> list[float]:
        """Sum over the group's pairs: meetings, weight, log weight, expected and variance a view.

        The last entry is its members' strength.
        """
        cut = np.ix_(members, members)
        sums = [self.met[cut].sum() / 2, self.weight[cut].sum() / 2, self.log_weight[cut].sum() / 2]
        for expected, variance in self.views:
            sums += [expected[cut].sum() / 2, variance[cut].sum() / 2]
        return [*sums, self.strength[members].sum()]

    def _score(self, sums: Floats, size: Any) -> tuple[Floats, Floats, Floats]:
        """Return statistic, coherence and exclusivity of groups given as rows of sums."""
        n_pairs = size * (size - 1) / 2
        weight = sums[:, 1]
        coherence = np.exp(sums[:, 2] / n_pairs) * n_pairs / np.maximum(weight, 1e-12)
        # Members' strength counts a pair inside the group from both ends.
        exclusivity = weight / np.maximum(sums[:, -1] - weight, 1e-12)
        surplus = np.min(
            [
                _surplus(sums[:, 0], sums[:, k], sums[:, k + 1])
                for k in range(3, sums.shape[1] - 1, 2)
            ],
            axis=0,
        )
        return coherence * exclusivity * surplus, coherence, exclusivity

    def _improve(self, members: list[int], search: Search) -> list[int]:
        """Add or drop the one bidder that raises the statistic most, until none does.

        Whoever meets the others far less often than they meet each other is no member, even
        where counting him in would raise the statistic.
        """
        members = self._without_strangers(members, search)
        if len(members) < search.least_size:
            return members
        best = float(self._score(np.array([self._sums(np.array(members))]), len(members))[0][0])
        while True:
            base = np.array(self._sums(np.array(members)))
            change = self._changes(members)
            inside = np.zeros(len(self.nodes), dtype=bool)
            inside[members] = True
            size = len(members)
            rows = np.where(inside[:, None], base - change, base + change)
            sizes = np.where(inside, size - 1, size + 1)
            allowed = (sizes >= search.least_size) & (sizes <= search.most_size)
            # Mean meetings of a newcomer with the members against the mean over members.
            mean = 2 * rows[:, 0] / sizes
            allowed &= inside | (change[:, 0] >= search.least_share * mean)
            score = np.where(allowed, np.nan_to_num(self._score(rows, sizes)[0], nan=0.0), 0.0)
            pick = int(np.argmax(np.round(score, 9)))
            if score[pick] <= best * (1 + 1e-9):
                return sorted(members)
            best = float(score[pick])
            members = [m for m in members if m != pick] if inside[pick] else [*members, pick]

    def _without_strangers(self, members: list[int], search: Search) -> list[int]:
        while len(members) >= search.least_size:
            own = self.met[np.ix_(members, members)].sum(axis=0)
            weakest = int(np.argmin(own))
            if own[weakest] >= search.least_share * own.mean():
                break
            members = [m for i, m in enumerate(members) if i != weakest]
        return members

    def _changes(self, members: list[int]) -> Floats:
        """Return what each bidder adds to the sums of a group, or takes from it by leaving."""
        parts = [self.met, self.weight, self.log_weight]
        for expected, variance in self.views:
            parts += [expected, variance]
        columns = [part[members].sum(axis=0) for part in parts]
        return np.column_stack([*columns, self.strength])

    def _found(self, members: list[int]) -> _Found:
        sums = np.array([self._sums(np.array(members))])
        statistic, coherence, exclusivity = self._score(sums, len(members))
        return _Found(
            members=tuple(int(self.nodes[m]) for m in members),
            meetings=int(sums[0, 0]),
            expected=float(max(sums[0, k] for k in range(3, sums.shape[1] - 1, 2))),
            coherence=float(coherence[0]),
            exclusivity=float(exclusivity[0]),
            statistic=float(statistic[0]),
        )


def _overlaps(members: set[int], kept: list[set[int]]) -> bool:
    return any(2 * len(members & other) >= min(len(members), len(other)) for other in kept)


def _member_pairs(found: list[_Found]) -> tuple[Ints, Ints, Ints]:
    """Return (group, a, b) of all pairs inside the groups."""
    rows = [
        (g, group.members[i], group.members[j])
        for g, group in enumerate(found)
        for i in range(len(group.members))
        for j in range(i + 1, len(group.members))
    ]
    g, a, b = np.array(rows, dtype=np.int64).T
    return g, a, b


def _sums(meetings: sparse.csr_matrix, pairs: tuple[Ints, Ints, Ints], n: int) -> Floats:
    group, a, b = pairs
    met = np.asarray(meetings[a, b]).ravel()
    return np.bincount(group, weights=met, minlength=n).astype(np.float64)


def _joint(market: Market, members: tuple[int, ...]) -> int:
    attended = market.tender[np.isin(market.bidder, members)]
    return int((np.bincount(attended) >= 3).sum())


# -- random markets ------------------------------------------------------------------------------


class _Shuffle:
    """Draws markets with the same attendance of every bidder in every stratum.

    A batch pairs up all bids of each stratum at random and lets the bidders of each pair change
    places where neither is at the other's tender yet. Bids stay at their tender and keep order
    otherwise, so both degrees hold exactly.
    """

    def __init__(self, market: Market, stratum: Ints, rng: np.random.Generator) -> None:
        self.rng = rng
        self.bidder = market.bidder
        self.tender = market.tender.copy()
        self.stratum = stratum[market.tender]
        # A bid's cell: the place of (bidder, tender) in a table of the stratum's bidders × tenders.
        key = market.bidder * (int(stratum.max()) + 1) + self.stratum
        distinct, rank = np.unique(key, return_inverse=True)
        of_rank = distinct % (int(stratum.max()) + 1)
        n_tenders = np.bincount(stratum)
        place = np.zeros(len(stratum), dtype=np.int64)
        order = np.argsort(stratum, kind="stable")
        first = np.concatenate([[0], np.cumsum(n_tenders)[:-1]])
        place[order] = np.arange(len(stratum)) - first[stratum[order]]
        self.place = place
        width = n_tenders[of_rank]
        self.start = np.concatenate([[0], np.cumsum(width)[:-1]])[rank]
        self.taken = np.zeros(int(width.sum()), dtype=bool)
        self.taken[self.start + place[self.tender]] = True
        self.claim = np.zeros(int(width.sum()), dtype=np.int32)
        self.fresh = True

    def draw(self) -> Ints:
        """Return the tender of every bid in a new random market."""
        for _ in range(20 if self.fresh else 6):
            self._batch()
        self.fresh = False
        return self.tender.copy()

    def _batch(self) -> None:
        n = len(self.tender)
        order = np.argsort(self.stratum + self.rng.random(n))
        # Pairs start at even or odd places in turn, so that strata of two or three bids mix too.
        order = order[int(self.rng.integers(2)) :]
        order = order[: len(order) // 2 * 2]
        i, j = order[::2], order[1::2]
        new_i = self.start[i] + self.place[self.tender[j]]
        new_j = self.start[j] + self.place[self.tender[i]]
        same = self.stratum[i] == self.stratum[j]
        # Cells of another stratum may lie outside the table; they are never looked at.
        new_i, new_j = np.where(same, new_i, 0), np.where(same, new_j, 0)
        good = same & (self.bidder[i] != self.bidder[j]) & ~self.taken[new_i] & ~self.taken[new_j]
        i, j, new_i, new_j = i[good], j[good], new_i[good], new_j[good]
        # Two exchanges of a batch may want the same cell: the last to claim it gets it.
        number = np.arange(len(i), dtype=np.int32)
        self.claim[new_i] = number
        self.claim[new_j] = number
        alone = (self.claim[new_i] == number) & (self.claim[new_j] == number)
        i, j, new_i, new_j = i[alone], j[alone], new_i[alone], new_j[alone]
        self.taken[self.start[i] + self.place[self.tender[i]]] = False
        self.taken[self.start[j] + self.place[self.tender[j]]] = False
        self.taken[new_i] = True
        self.taken[new_j] = True
        self.tender[i], self.tender[j] = self.tender[j], self.tender[i].copy()
