"""Search for groups of bidders that keep meeting: cliques of the pairs that stand out, improved.

All groups are improved at once, step by step, as arrays of member numbers: a market of a hundred
firms gives hundreds of cliques, and so does each of the random markets it is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.bid_market import Floats, Ints, Market, View, surplus

# Pairs looked at closely, relative to those that are searched for groups.
_LOOKED_AT = 10
# Chance allowance, in standard deviations, before a pair is said to meet too rarely.
_ALLOWANCE = 2.0


@dataclass(frozen=True)
class Search:
    """How groups are looked for and tested.

    ``least_share``: a member meets the others at least this often, relative to the group's mean,
    and no pair of members meets less than this share of how often the mean pair would with their
    attendance, chance allowed for.
    ``most_pairs``: how many of the pairs that meet most beyond chance are searched for groups, or
    ``pairs_a_bidder`` times the bidders where that is more; ``most_cliques``: how many of the cliques they form are improved, the best first.
    ``draws``: least and most random markets per way of stratifying; between the two, drawing
    stops once ``pooled`` groups were found in them or ``most_bids`` bids were drawn.
    """

    least_size: int = 3
    most_size: int = 12
    least_share: float = 1 / 2
    most_pairs: int = 1500
    pairs_a_bidder: float = 1 / 4
    most_cliques: int = 3000
    draws: tuple[int, int] = (4, 100)
    pooled: int = 1000
    most_bids: int = 1_000_000
    seed: int = 20240601


@dataclass(frozen=True)
class Found:
    """Groups found, one a row, by falling statistic.

    ``members`` (n, most_size) numbers of bidders, -1 behind the last; ``expected`` and
    ``variance`` (n, views) of the meetings.
    """

    members: Ints
    size: Ints
    meetings: Floats
    expected: Floats
    variance: Floats
    coherence: Floats
    exclusivity: Floats

    def __len__(self) -> int:
        return len(self.size)

    def statistic(self) -> Floats:
        """Return coherence × exclusivity × surplus."""
        worst = surplus(self.meetings[:, None], self.expected, self.variance).min(axis=1)
        return np.asarray(self.coherence * self.exclusivity * worst)


class Finder:
    """The same search for the market as it is and for each random one."""

    def __init__(self, market: Market, views: tuple[View, ...], search: Search) -> None:
        self.bidder = market.bidder
        self.shape = (int(market.bidder.max()) + 1, len(market.strata[0]))
        self.root: Floats = np.sqrt(np.bincount(market.bidder, minlength=self.shape[0]))
        self.views = views
        self.search = search
        self.most_pairs = max(search.most_pairs, int(search.pairs_a_bidder * self.shape[0]))

    def run(self, tender: Ints) -> Found:
        """Return groups no two of which share half their members.

        Parameters
        ----------
        tender : (n_bids,) int64
            The tender of every bid of the market.
        """
        met = self._meetings(tender)
        a, b = met.row.astype(np.int64), met.col.astype(np.int64)
        weight = met.data / (self.root[a] * self.root[b])
        strength = np.bincount(a, weights=weight, minlength=self.shape[0])
        strength += np.bincount(b, weights=weight, minlength=self.shape[0])
        seeds = self._standing_out(a, b, met.data)
        if len(seeds) < 3:
            return self._none()
        cliques = _cliques(a[seeds], b[seeds], self.search)
        if not cliques:
            return self._none()
        nodes = np.unique(np.concatenate([np.array(c, dtype=np.int64) for c in cliques]))
        number = np.full(self.shape[0], -1)
        number[nodes] = np.arange(len(nodes))
        inner = (number[a] >= 0) & (number[b] >= 0)
        a, b = a[inner], b[inner]
        sums = [met.data[inner].astype(float), weight[inner], np.log(weight[inner])]
        for view in self.views:
            sums += view.pairs(a, b)
        local = _Local(
            number[a],
            number[b],
            np.column_stack(sums),
            strength[nodes],
            self.root[nodes],
            self.search,
        )
        members = np.full((len(cliques), self.search.most_size + 1), -1, dtype=np.int64)
        for row, clique in zip(members, cliques, strict=True):
            row[: len(clique)] = number[list(clique)]
        return local.select(members, nodes)

    def _meetings(self, tender: Ints) -> sparse.coo_matrix:
        """Return tenders attended together of each pair a < b that met."""
        ones = np.ones(len(tender), dtype=np.int32)
        x = sparse.csr_matrix((ones, (self.bidder, tender)), shape=self.shape)
        return sparse.triu(x @ x.T, k=1).tocoo()

    def _standing_out(self, a: Ints, b: Ints, met: Ints) -> Ints:
        """Return which pairs meet most beyond chance, of those that met twice."""
        twice = np.flatnonzero(met >= 2)
        # A rough look at all pairs as if all tenders were comparable, a close one at the best.
        rough = self.root[a[twice]] ** 2 * self.root[b[twice]] ** 2 / self.shape[1]
        rough = met[twice] * np.log(np.maximum(met[twice] / rough, 1)) - met[twice] + rough
        most = _LOOKED_AT * self.most_pairs
        if len(twice) > most:
            order = np.lexsort((b[twice], a[twice], -np.round(rough, 9)))
            twice = np.sort(twice[order[:most]])
        values = [surplus(met[twice], *view.pairs(a[twice], b[twice])) for view in self.views]
        close = np.min(values, axis=0)
        # Ties by bidder number, which follows content, so that shuffled rows change nothing.
        order = np.lexsort((b[twice], a[twice], -np.round(close, 9)))
        return np.asarray(twice[order[close[order] > 0][: self.most_pairs]])

    def _none(self) -> Found:
        none = np.zeros(0)
        views = np.zeros((0, len(self.views)))
        members = np.zeros((0, self.search.most_size), dtype=np.int64)
        return Found(members, none.astype(np.int64), none, views, views, none, none)


def _cliques(a: Ints, b: Ints, search: Search) -> list[tuple[int, ...]]:
    """Return maximal cliques within the sizes looked for, sorted."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from(zip(a.tolist(), b.tolist(), strict=True))
    found = (tuple(sorted(c)) for c in nx.find_cliques(graph))
    return sorted(c for c in found if search.least_size <= len(c) <= search.most_size)


class _Local:
    """Figures of every pair that met among the few bidders that are searched for groups.

    A group is a row of member numbers, -1 behind the last; its sums over pairs are meetings,
    weight, log weight, then expected meetings and variance for each way of stratifying.
    """

    def __init__(
        self, a: Ints, b: Ints, values: Floats, strength: Floats, root: Floats, search: Search
    ) -> None:
        n = len(strength)
        self.search = search
        # Row 0 stands for no pair, the last bidder for no member.
        self.values = np.vstack([np.zeros(values.shape[1]), values])
        self.pair = np.zeros((n + 1, n + 1), dtype=np.int32)
        self.pair[a, b] = self.pair[b, a] = np.arange(1, len(a) + 1)
        self.beside: NDArray[np.bool_] = self.pair > 0
        self.beside[-1] = True
        self.strength = np.append(strength, 0.0)
        self.root = np.append(root, 0.0)

    def select(self, members: Ints, nodes: Ints) -> Found:
        """Improve the cliques and keep those that are groups of their own, the best first."""
        best = np.argsort(-np.round(self._score(self._sums(members), members), 9), kind="stable")
        members = self._without_strangers(members[best[: self.search.most_cliques]])
        # Whom a group took in early may be a stranger to what it has become.
        for _ in range(2):
            members = self._without_strangers(self._improve(members))
            members = np.unique(np.sort(members, axis=1)[:, ::-1], axis=0)
        score = self._score(self._sums(members), members)
        # np.unique has sorted the rows, so that ties go by number.
        order = np.argsort(-np.round(score, 9), kind="stable")
        order = order[score[order] > 0]
        kept: list[set[int]] = []
        rows = []
        for i in order.tolist():
            group = set(members[i].tolist()) - {-1}
            if not any(2 * len(group & k) >= min(len(group), len(k)) for k in kept):
                kept.append(group)
                rows.append(i)
        return self._found(members[rows], nodes)

    def _sums(self, members: Ints) -> Floats:
        first, second = np.triu_indices(members.shape[1], k=1)
        pair = self.pair[members[:, first], members[:, second]]
        # Pairs with "no member" are row 0, since nobody meets the last bidder.
        out = np.zeros((len(members), self.values.shape[1]))
        for column in range(pair.shape[1]):
            out += self.values[pair[:, column]]
        return out

    def _score(self, sums: Floats, members: Ints) -> Floats:
        size = (members >= 0).sum(axis=1)
        return self._statistic(sums, size, self.strength[members].sum(axis=1))[0]

    def _statistic(self, sums: Floats, size: Ints, strength: Floats) -> tuple[Floats, ...]:
        """Return statistic, coherence and exclusivity of groups given as rows of sums."""
        n_pairs = np.maximum(size * (size - 1) / 2, 1)
        weight = np.maximum(sums[:, 1], 1e-12)
        coherence = np.exp(sums[:, 2] / n_pairs) * n_pairs / weight
        # Members' strength counts a pair inside the group from both ends.
        exclusivity = weight / np.maximum(strength - weight, 1e-12)
        worst = surplus(sums[:, :1], sums[:, 3::2], sums[:, 4::2]).min(axis=1)
        return coherence * exclusivity * worst, coherence, exclusivity

    def _improve(self, members: Ints) -> Ints:
        """Add or drop the one bidder that raises a group's statistic most, until none does.

        Whoever meets the others far less often than they meet each other is no member, even
        where counting him in would raise the statistic.
        """
        sums = self._sums(members)
        score = self._score(sums, members)
        active = np.arange(len(members))
        while len(active):
            group, bidder, change, gain = self._steps(members[active], sums[active])
            # The best step of each group; ties by number.
            order = np.lexsort((bidder, -np.round(gain, 9), group))
            first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
            first = first[gain[first] > score[active[group[first]]] * (1 + 1e-9)]
            moved = active[group[first]]
            for row, who in zip(moved.tolist(), bidder[first].tolist(), strict=True):
                inside = members[row] == who
                if inside.any():
                    members[row][inside] = -1
                else:
                    members[row][int(np.argmin(members[row]))] = who
            sums[moved] += change[first]
            score[moved] = gain[first]
            active = moved
        return members

    def _steps(self, members: Ints, sums: Floats) -> tuple[Ints, Ints, Floats, Floats]:
        """Return all steps allowed: group, bidder, change of the sums, and the statistic after."""
        search = self.search
        size = (members >= 0).sum(axis=1)
        common = np.ones((len(members), len(self.strength)), dtype=bool)
        for column in range(members.shape[1]):
            common &= self.beside[members[:, column]]
        common[:, -1] = False
        common[size >= search.most_size] = False
        joining, newcomer = np.nonzero(common)
        group: Ints = joining.astype(np.int64)
        bidder: Ints = newcomer.astype(np.int64)
        pair = self.pair[members[group], bidder[:, None]]
        change = self._added(pair)
        # Mean meetings of a newcomer with the members against the mean over members.
        mean = 2 * (sums[group, 0] + change[:, 0]) / (size[group] + 1)
        fits = change[:, 0] >= search.least_share * mean
        fits &= ~self._strange(pair, members[group], bidder, sums[group, 1], size[group])
        group, bidder, change = group[fits], bidder[fits], change[fits]
        leaving, place = np.nonzero((members >= 0) & (size > search.least_size)[:, None])
        out = members[leaving, place]
        group = np.concatenate([group, leaving])
        bidder = np.concatenate([bidder, out])
        lost = -self._added(self.pair[members[leaving], out[:, None]])
        change = np.vstack([change, lost])
        sign = np.concatenate([np.ones(int(fits.sum())), -np.ones(len(leaving))])
        strength = self.strength[members].sum(axis=1)[group] + sign * self.strength[bidder]
        after = (size[group] + sign).astype(np.int64)
        return group, bidder, change, self._statistic(sums[group] + change, after, strength)[0]

    def _added(self, pair: NDArray[np.int32]) -> Floats:
        out = np.zeros((len(pair), self.values.shape[1]))
        for column in range(pair.shape[1]):
            out += self.values[pair[:, column]]
        return out

    def _strange(
        self, pair: NDArray[np.int32], members: Ints, bidder: Ints, weight: Floats, size: Ints
    ) -> NDArray[np.bool_]:
        """Tell who meets one of the members much less than the members meet each other.

        Judged by the upper limit of how often they meet: what few tenders leave open is open.
        """
        met = self.values[pair, 0]
        mean = weight / np.maximum(size * (size - 1) / 2, 1)
        usual = mean[:, None] * self.root[members] * self.root[bidder][:, None]
        least = self.search.least_share * usual
        other = (members >= 0) & (members != bidder[:, None])
        strange: NDArray[np.bool_] = other & (met + _ALLOWANCE * np.sqrt(met) < least)
        return np.asarray(strange.any(axis=1))

    def _without_strangers(self, members: Ints) -> Ints:
        """Drop, one by one, who meets the others or one of them far less than they each other."""
        least = self.search.least_size
        active = np.arange(len(members))
        while len(active):
            rows = members[active]
            size = (rows >= 0).sum(axis=1)
            pair = self.pair[rows[:, :, None], rows[:, None, :]]
            own = self.values[pair, 0].sum(axis=2)
            mean = own.sum(axis=1) / np.maximum(size, 1)
            inner = self.values[pair, 1].sum(axis=2)
            strange = np.zeros(rows.shape, dtype=bool)
            for k in range(rows.shape[1]):
                # A pair's two ends are no group to be a stranger to.
                judged = (rows[:, k] >= 0) & (size > least)
                others = inner.sum(axis=1) / 2 - inner[:, k]
                strange[:, k] = judged & self._strange(
                    pair[:, k], rows, rows[:, k], others, size - 1
                )
            any_strange: NDArray[np.bool_] = np.asarray(strange.any(axis=1))
            own[(rows < 0) | (any_strange[:, None] & ~strange)] = np.inf
            weakest = own.argmin(axis=1)
            too_rare = own.min(axis=1) < self.search.least_share * mean
            drop = (too_rare | any_strange) & (size >= least)
            members[active[drop], weakest[drop]] = -1
            active = active[drop]
        return members[(members >= 0).sum(axis=1) >= least]

    def _found(self, members: Ints, nodes: Ints) -> Found:
        sums = self._sums(members)
        size = (members >= 0).sum(axis=1)
        strength = self.strength[members].sum(axis=1)
        _, coherence, exclusivity = self._statistic(sums, size, strength)
        ordered = np.sort(np.where(members < 0, len(nodes), members), axis=1)
        numbers = np.append(nodes, -1)[ordered[:, : self.search.most_size]]
        return Found(
            numbers, size, sums[:, 0], sums[:, 3::2], sums[:, 4::2], coherence, exclusivity
        )
