"""Random markets in which every bidder attends as many tenders of every stratum as before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graph.bid_market import Ints, Market

# Cells of (bidder, tender) tables looked up exactly; larger ones share so many by a hash.
_MOST_CELLS = 1 << 26
_CLAIMS = 1 << 22
# Batches before the first market, and between markets.
_BURN_IN, _BETWEEN = 16, 5


class Shuffle:
    """Draws markets with the same attendance of every bidder in every stratum.

    A batch pairs up all bids of each stratum at random and lets the bidders of each pair change
    places where neither is at the other's tender yet. Bids stay at their tender and keep order
    otherwise, so both degrees hold exactly.

    Parameters
    ----------
    market : Market
    stratum : (n_tenders,) int64
    seed : sequence of int
    """

    def __init__(self, market: Market, stratum: Ints, seed: Sequence[int]) -> None:
        self.rng = np.random.default_rng(seed)
        self.bidder = market.bidder
        self.tender = market.tender.copy()
        self.stratum = stratum[market.tender]
        # A bid's cell: the place of (bidder, tender) in a table of the stratum's bidders × tenders.
        n_strata = int(stratum.max()) + 1
        distinct, rank = np.unique(market.bidder * n_strata + self.stratum, return_inverse=True)
        n_tenders = np.bincount(stratum)
        place = np.zeros(len(stratum), dtype=np.int64)
        order = np.argsort(stratum, kind="stable")
        first = np.concatenate([[0], np.cumsum(n_tenders)[:-1]])
        place[order] = np.arange(len(stratum)) - first[stratum[order]]
        self.place = place
        width = n_tenders[distinct % n_strata]
        self.start = np.concatenate([[0], np.cumsum(width)[:-1]])[rank]
        self.hashed = int(width.sum()) > _MOST_CELLS
        # How many bids hold a cell: more than one only where cells share a place by their hash.
        self.taken = np.zeros(_MOST_CELLS if self.hashed else int(width.sum()), dtype=np.uint8)
        self.cell = self._cells(self.start, self.tender)
        np.add.at(self.taken, self.cell, 1)
        self.claim = np.zeros(_CLAIMS, dtype=np.int32)
        self.fresh = True

    def draw(self) -> Ints:
        """Return the tender of every bid in a new random market."""
        for _ in range(_BURN_IN if self.fresh else _BETWEEN):
            self._batch()
        self.fresh = False
        return self.tender.copy()

    def _cells(self, start: Ints, tender: Ints) -> Ints:
        cell = start + self.place[tender]
        if self.hashed:
            # Multiplicative hashing (Knuth), so that neighbours fall far apart.
            mixed = cell.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            return (mixed >> np.uint64(64 - 26)).astype(np.int64)
        return np.asarray(cell)

    def _batch(self) -> None:
        n = len(self.tender)
        order = np.argsort(self.stratum + self.rng.random(n))
        # Pairs start at even or odd places in turn, so that strata of two or three bids mix too.
        order = order[int(self.rng.integers(2)) :]
        order = order[: len(order) // 2 * 2]
        i, j = order[::2], order[1::2]
        same = (self.stratum[i] == self.stratum[j]) & (self.bidder[i] != self.bidder[j])
        i, j = i[same], j[same]
        new_i = self._cells(self.start[i], self.tender[j])
        new_j = self._cells(self.start[j], self.tender[i])
        good = (self.taken[new_i] == 0) & (self.taken[new_j] == 0)
        if self.hashed:
            # The way back must be as open as the way there, or the draws would lean to one side.
            good &= (self.taken[self.cell[i]] == 1) & (self.taken[self.cell[j]] == 1)
            good &= new_i != new_j
        i, j, new_i, new_j = i[good], j[good], new_i[good], new_j[good]
        # Two exchanges of a batch may want the same cell: the last to claim it gets it.
        number = np.arange(len(i), dtype=np.int32)
        claim_i, claim_j = new_i % _CLAIMS, new_j % _CLAIMS
        self.claim[claim_i] = number
        self.claim[claim_j] = number
        alone = (self.claim[claim_i] == number) & (self.claim[claim_j] == number)
        i, j, new_i, new_j = i[alone], j[alone], new_i[alone], new_j[alone]
        self.taken[self.cell[i]] = 0
        self.taken[self.cell[j]] = 0
        self.taken[new_i] = 1
        self.taken[new_j] = 1
        self.cell[i], self.cell[j] = new_i, new_j
        self.tender[i], self.tender[j] = self.tender[j], self.tender[i].copy()
