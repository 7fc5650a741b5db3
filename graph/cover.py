"""Bidders that never win and come along with one winner: tested against chance attendance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.cobidding import Floats, Ints
from graph.exact import poisson_binomial_tails

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Attendance:
    """Who attended which tenders of known winner, and which tenders are comparable.

    Parameters
    ----------
    bidder, tender : (n_bids,) int64
        Distinct pairs, numbered from 0.
    could_win : (n_bids,) bool
        False for bids that were turned down.
    winner : (n_tenders,) int64
    strata : sequence of (n_tenders,) int64
        One or more ways to say which tenders are comparable; a pair must stand out against each.
    n_bidders : int
    """

    bidder: Ints
    tender: Ints
    could_win: Bools
    winner: Ints
    strata: Sequence[Ints]
    n_bidders: int


@dataclass(frozen=True)
class Pairs:
    """Pairs of a bidder that doesn't win (``cover``) and a winner it meets, one entry each.

    ``tenders``: what the cover bid for; ``met``: with the winner; ``won``: of these, won by it;
    ``due``: meetings that chance within the strata gives; ``p_lose``: chance of the cover winning
    none of its tenders; ``p_win``: of the winner winning as many of the meetings; ``p``: of as
    many meetings. ``tested``: pairs that could have met, for the correction.
    """

    cover: Ints
    winner: Ints
    tenders: Ints
    met: Ints
    won: Ints
    due: Floats
    p_lose: Floats
    p_win: Floats
    p: Floats
    tested: int


_NO_INTS, _NO_FLOATS = np.empty(0, dtype=np.int64), np.empty(0)
_NONE = Pairs(
    _NO_INTS, _NO_INTS, _NO_INTS, _NO_INTS, _NO_INTS, _NO_FLOATS, _NO_FLOATS, _NO_FLOATS,
    _NO_FLOATS, 0,
)  # fmt: skip


def never_wins(seen: Attendance, least: int, most_chance: float) -> Ints:
    """Bidders that won nothing though chance would have let them.

    Parameters
    ----------
    seen : Attendance
    least : int
        Tenders a bidder must have bid for.
    most_chance : float
        Most chance of winning none, had every bidder of a tender the same.

    Returns
    -------
    (k,) int64
    """
    tried = np.bincount(seen.bidder, minlength=seen.n_bidders)
    won = seen.winner[seen.tender] == seen.bidder
    wins = np.bincount(seen.bidder, weights=won, minlength=seen.n_bidders)
    found = (tried >= least) & (wins == 0) & (_lose(seen) <= most_chance)
    return np.flatnonzero(found).astype(np.int64)


def cover_pairs(
    seen: Attendance, covers: Ints, least_met: int, least_won_share: float = 0.0
) -> Pairs:
    """Test how often each cover meets each winner.

    Which bidders are covers depends on who won, and the test on who came: so the one doesn't bias
    the other.

    Parameters
    ----------
    seen : Attendance
    covers : (k,) int64
        As :func:`never_wins` gives them.
    least_met : int
        Pairs that met less often are counted in ``tested`` but not returned.
    least_won_share : float
        As are those whose winner won less than this share of all that the cover bid for.

    Notes
    -----
    Given the tenders that the cover attended, the winner's presence at each is an independent
    trial. Its chance is the larger of what the winner's own attendance in the stratum gives and
    of what it gives in proportion to the other places there were (a tender with many bidders is
    likelier to have any one of them).
    """
    n, k = seen.n_bidders, len(seen.winner)
    if not len(covers):
        return _NONE
    ones = np.ones(len(seen.bidder), dtype=np.int32)
    attends = sparse.csr_matrix((ones, (seen.bidder, seen.tender)), shape=(n, k))
    has_won = np.zeros(n, dtype=bool)
    has_won[seen.winner] = True
    met = sparse.coo_matrix(attends[covers] @ attends.T)
    row, other, count = met.row, met.col.astype(np.int64), met.data
    wins = sparse.csr_matrix(
        (np.ones(k, dtype=np.int32), (seen.winner, np.arange(k))), shape=(n, k)
    )
    won = np.asarray((attends[covers] @ wins.T)[row, other]).ravel()
    size = np.bincount(seen.tender, minlength=k)
    tried = np.bincount(seen.bidder, minlength=n)[covers]
    kept = (other != covers[row]) & has_won[other] & (count >= least_met)
    kept &= (won >= least_won_share * tried[row]) & (won > 0)
    row, other, count, won = row[kept], other[kept], count[kept], won[kept]
    order = np.lexsort((other, row))
    row, other, count, won = row[order], other[order], count[order], won[order]
    if not len(row):
        return _NONE
    p, due = np.zeros(len(row)), np.zeros(len(row))
    tested = 0
    for stratum in seen.strata:
        chance, subject = _chances(seen, attends, stratum, covers, row, other, size)
        p = np.maximum(p, poisson_binomial_tails(chance, subject, count))
        due = np.maximum(due, np.bincount(subject, weights=chance, minlength=len(row)))
        tested = max(tested, _could_meet(attends, stratum, covers, has_won))
    return Pairs(
        cover=covers[row],
        winner=other,
        tenders=tried[row],
        met=count.astype(np.int64),
        won=won.astype(np.int64),
        due=due,
        p_lose=_lose(seen)[covers[row]],
        p_win=_p_win(attends, covers[row], other, won, size),
        p=p,
        tested=max(tested, len(row)),
    )


def _lose(seen: Attendance) -> Floats:
    """Chance of each bidder winning nothing; who was turned down had no chance."""
    rivals = np.bincount(seen.tender, weights=seen.could_win, minlength=len(seen.winner))
    share = np.where(seen.could_win, 1 / np.maximum(rivals[seen.tender], 1), 0.0)
    # Alone in a tender and yet without winning it: that says nothing.
    share = np.minimum(share, 0.5)
    logs = np.bincount(seen.bidder, weights=np.log1p(-share), minlength=seen.n_bidders)
    return np.asarray(np.exp(logs))


def _chances(
    seen: Attendance,
    attends: sparse.csr_matrix,
    stratum: Ints,
    covers: Ints,
    row: Ints,
    other: Ints,
    size: Ints,
) -> tuple[Floats, Ints]:
    """Return the winner's chance at each tender of each pair's cover, and whose it is."""
    n_strata = int(stratum.max(initial=0)) + 1
    in_stratum = _by_stratum(attends, stratum)
    tenders = np.bincount(stratum, minlength=n_strata)
    places = np.bincount(stratum, weights=size, minlength=n_strata)
    own = attends[covers]
    length = np.diff(own.indptr)[row]
    subject = np.repeat(np.arange(len(row)), length)
    start = own.indptr[row]
    inner = np.arange(len(subject)) - np.repeat(np.cumsum(length) - length, length)
    tender = own.indices[np.repeat(start, length) + inner]
    s = stratum[tender]
    w = np.asarray(in_stratum[other[subject], s]).ravel()
    c = np.asarray(in_stratum[covers[row[subject]], s]).ravel()
    by_place = w * (size[tender] - 1) / np.maximum(places[s] - c, 1)
    chance = np.minimum(np.maximum(w / tenders[s], by_place), 1.0)
    return np.asarray(chance), subject


def _by_stratum(attends: sparse.csr_matrix, stratum: Ints) -> sparse.csr_matrix:
    """How many tenders of each stratum each bidder attended."""
    k, n_strata = len(stratum), int(stratum.max(initial=0)) + 1
    of_stratum = sparse.csr_matrix((np.ones(k), (np.arange(k), stratum)), shape=(k, n_strata))
    return (attends @ of_stratum).tocsr()


def _could_meet(
    attends: sparse.csr_matrix, stratum: Ints, covers: Ints, has_won: NDArray[np.bool_]
) -> int:
    """Count pairs of a cover and a winner with a stratum in common; a cover is no winner."""
    in_stratum = _by_stratum(attends, stratum) > 0
    mine, theirs = in_stratum[covers], in_stratum[has_won]
    if in_stratum.shape[1] == 1:
        # One market: a full matrix of all pairs would hold nothing else.
        return int(mine.sum()) * int(theirs.sum())
    return int((mine.astype(np.int32) @ theirs.astype(np.int32).T).nnz)


def _p_win(attends: sparse.csr_matrix, cover: Ints, winner: Ints, won: Ints, size: Ints) -> Floats:
    """Chance of the winner winning as many of the meetings, all bidders' chances being equal."""
    both = attends[cover].multiply(attends[winner]).tocsr()
    subject = np.repeat(np.arange(len(cover)), np.diff(both.indptr))
    return poisson_binomial_tails(1 / np.maximum(size[both.indices], 1), subject, won)
