"""A market of bidders and tenders, and how often chance lets two of its bidders meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Variance over mean of a pair's meetings never counts as less than this: where bidders attend
# nearly everything the formula goes to nothing faster than it is exact.
_LEAST_DISPERSION = 0.1


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
class View:
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
    def of(cls, market: Market, stratum: Ints) -> View:
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


def surplus(meetings: Any, expected: Any, variance: Any) -> Floats:
    """Return the log-likelihood ratio of more meetings than expected (0 where fewer)."""
    expected = np.maximum(expected, 1e-6)
    dispersion = np.maximum(variance / expected, _LEAST_DISPERSION)
    ratio = np.maximum(meetings / expected, 1.0)
    return np.asarray((meetings * np.log(ratio) - (meetings - expected)) / dispersion * (ratio > 1))
