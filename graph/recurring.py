"""Pairs and triples of bidders that meet again and again, with their bids in every joint lot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_REMAINDERS = 1 << 24


@dataclass(frozen=True)
class Recurring:
    """Groups of bidders of one size, and every lot in which all of a group bid.

    ``members`` (k, size): bidders of each group, rising; ``tenders`` (k,): tenders attended
    together. Meetings: ``group`` (m,), ``lot`` (m,), ``bids`` (m, size): positions of the members'
    bids in the arrays given, in the order of ``members``.
    """

    members: Ints
    tenders: Ints
    group: Ints
    lot: Ints
    bids: Ints


def pairs(
    bidder: Ints, lot: Ints, tender: Ints, least: int = 3, most_bidders: int = 30
) -> Recurring:
    """Find all pairs of bidders that attend ``least`` tenders or more together.

    Parameters
    ----------
    bidder, lot, tender : (n,) int64
        Of each bid; at most one bid of a bidder a lot. Lots of one tender count once.
    least : int
    most_bidders : int
        Lots with more bidders are left out: hundreds of pairs that say nothing of each other.

    Examples
    --------
    >>> lots = np.array([0, 0, 0, 1, 1, 2, 2])
    >>> found = pairs(np.array([5, 6, 7, 5, 6, 6, 7]), lots, lots, least=2)
    >>> found.members.tolist(), found.tenders.tolist(), found.bids.tolist()
    ([[5, 6], [6, 7]], [2, 2], [[3, 4], [0, 1], [5, 6], [1, 2]])
    """
    return _meetings(bidder, lot, tender, np.arange(len(bidder)), 2, least, most_bidders)


def triples(
    bidder: Ints,
    lot: Ints,
    tender: Ints,
    among: Recurring,
    least: int = 3,
    most_bidders: int = 30,
) -> Recurring:
    """Find all triples of bidders that attend ``least`` tenders or more together.

    Parameters
    ----------
    bidder, lot, tender, least, most_bidders
        As for :func:`pairs`.
    among : Recurring
        The pairs found with the same or a lower ``least``: only who meets two others often can be
        of a triple.

    Examples
    --------
    >>> lots, firms = np.array([0, 0, 0, 1, 1, 1, 2, 2]), np.array([5, 6, 7, 5, 6, 7, 6, 7])
    >>> found = triples(firms, lots, lots, pairs(firms, lots, lots, least=2), least=2)
    >>> found.members.tolist(), found.tenders.tolist()
    ([[5, 6, 7]], [2])
    """
    if not len(among.members):
        return _none(3)
    meets = np.zeros(len(bidder), dtype=bool)
    meets[among.bids] = True
    return _meetings(bidder, lot, tender, np.flatnonzero(meets), 3, least, most_bidders)


def _none(size: int) -> Recurring:
    nothing = np.zeros(0, dtype=np.int64)
    wide = np.zeros((0, size), dtype=np.int64)
    return Recurring(wide, nothing, nothing, nothing, wide)


def _meetings(
    bidder: Ints, lot: Ints, tender: Ints, chosen: Ints, size: int, least: int, most: int
) -> Recurring:
    rows = subsets(lot[chosen], bidder[chosen], size, most)
    if not rows:
        return _none(size)
    bids = chosen[np.concatenate(rows)]
    # One number a group, of bidders numbered without gaps, so that triples fit 64 bits.
    names, code = np.unique(bidder, return_inverse=True)
    key = code[bids[:, 0]].astype(np.int64)
    for column in range(1, size):
        key = key * len(names) + code[bids[:, column]]
    # Most groups meet once: a count by remainder, which never misses one that meets often, saves
    # sorting them.
    remainder = key % _REMAINDERS
    kept = np.bincount(remainder, minlength=_REMAINDERS)[remainder] >= least
    key, bids = key[kept], bids[kept]
    order = np.argsort(key, kind="stable")
    key, bids = key[order], bids[order]
    group = np.cumsum(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]) - 1
    n_tenders = int(tender.max()) + 1
    # Sorting nearly sorted numbers is faster than hashing them, which ``np.unique`` would do.
    attended = np.sort(group * n_tenders + tender[bids[:, 0]], kind="stable")
    attended = attended[np.concatenate([[True], attended[1:] != attended[:-1]])[: len(attended)]]
    tenders = np.bincount(attended // n_tenders).astype(np.int64)
    often = tenders >= least
    if not often.any():
        return _none(size)
    kept = often[group]
    bids, group = bids[kept], (np.cumsum(often) - 1)[group[kept]]
    leads = np.searchsorted(group, np.arange(int(often.sum())))
    return Recurring(bidder[bids[leads]], tenders[often], group, lot[bids[:, 0]], bids)


def subsets(
    lot: Ints, order: NDArray[np.generic], size: int, most: int = 30, choose: int | None = None
) -> list[Ints]:
    """List the subgroups of ``size`` bids of every lot.

    Parameters
    ----------
    lot : (n,) int64
    order : (n,) array
        Bids of a lot are taken in this order.
    size : int
    most : int
        Lots of more bids are left out.
    choose : int, optional
        At most so many subgroups of a lot, an even choice, the same for all lots of one size.

    Returns
    -------
    list of (k, size) int64
        Positions of the bids; one array a number of bids.

    Examples
    --------
    >>> [a.tolist() for a in subsets(np.array([0, 1, 0, 1]), np.array([2, 1, 1, 9]), 2)]
    [[[2, 0], [1, 3]]]
    """
    if not len(lot):
        return []
    place = np.lexsort((order, lot))
    sorted_lot = lot[place]
    first = np.flatnonzero(np.concatenate([[True], sorted_lot[1:] != sorted_lot[:-1]]))
    sizes = np.diff(np.append(first, len(lot)))
    out = []
    for n in np.unique(sizes[(sizes >= size) & (sizes <= most)]):
        starts = first[sizes == n]
        picks = np.array(list(combinations(range(n), size)), dtype=np.int64)
        if choose is not None and len(picks) > choose:
            picks = picks[np.random.default_rng(n).permutation(len(picks))[:choose]]
        out.append(place[starts[:, None, None] + picks[None]].reshape(-1, size))
    return out
