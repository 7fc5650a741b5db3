"""Awards that tell who wins among whom, and what the market at large says of winning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.bid_rigging._market import Bids, Bools, View, has_word
from graph.cobidding import Floats, Ints
from graph.cover import Attendance
from graph.outcomes import Contests

# A win or two of someone's own say little of the market: so many are added on either side.
_HELD = 2.0
_DAYS = 1 << 20


@dataclass(frozen=True)
class Awards:
    """Lots whose winner and day are known, one a tender, in order of time.

    A tender's lots are often let one to a bidder, by its own rules: only the first of them with a
    known winner counts, so that sharing out within a tender tells nothing.

    Parameters
    ----------
    lot : (k,) int64
        Positions in ``Bids.lots``, by day, then by lot.
    bid : (n_bids,) bool
        Bids in these lots that could win: not turned down, or the winner's.
    of_bidder : (n_bids + 1,) int64 offsets and order
        Where each bidder's bids stand.
    """

    bids: Bids
    lot: Ints
    winner: Ints
    day: Ints
    rank_of_lot: Ints
    order: Ints
    start: Ints
    counts: Bools

    def contests(self, members: Sequence[int]) -> tuple[Contests, Ints]:
        """Return the awards that one of the members won against another, and their lots."""
        parts = [self.order[self.start[m] : self.start[m + 1]] for m in members]
        position = np.repeat(np.arange(len(members)), [len(p) for p in parts])
        own = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        rank = self.rank_of_lot[self.bids.lot[own]]
        used = (rank >= 0) & self.counts[own]
        rank, position = rank[used], position[used]
        ranks, row = np.unique(rank, return_inverse=True)
        attended = np.zeros((len(ranks), len(members)), dtype=bool)
        attended[row, position] = True
        number = {m: i for i, m in enumerate(members)}
        winner = np.array([number.get(int(w), -1) for w in self.winner[ranks]], dtype=np.int64)
        kept = (attended.sum(axis=1) >= 2) & (winner >= 0)
        lots = self.lot[ranks[kept]]
        return (
            Contests(
                attended[kept],
                winner[kept],
                self.bids.day[lots],
                _numbers(self.bids.area[lots]),
                _numbers(self.bids.category[lots]),
            ),
            lots,
        )


def awards_of(
    bids: Bids, without: Sequence[str] = (), *, every_lot: bool = False, dated: bool = True
) -> Awards:
    """Choose the awards.

    Parameters
    ----------
    bids : Bids
    without : sequence of str
        Lots whose method holds one of these words are left out.
    every_lot : bool
        Take all lots of a tender instead of the first, to see what that rule leaves out.
    dated : bool
        Only lots of known day.
    """
    winner = bids.winner
    usable = (winner >= 0) & ~has_word(bids.method, without)
    if dated:
        usable &= ~np.isnat(bids.day)
    lots = np.flatnonzero(usable)
    # The first usable lot of each tender, by the lots' order.
    _, first = np.unique(bids.tender[lots], return_index=True)
    lots = lots if every_lot else lots[first]
    day = bids.day[lots].astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((lots, bids.tender[lots], day))
    lots, day = lots[order], day[order]
    rank_of_lot = np.full(len(bids.lots), -1, dtype=np.int64)
    rank_of_lot[lots] = np.arange(len(lots))
    by_bidder = np.argsort(bids.bidder, kind="stable")
    size = np.bincount(bids.bidder, minlength=len(bids.bidders))
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    counts = ~bids.disqualified | bids.won
    return Awards(bids, lots, winner[lots], day, rank_of_lot, by_bidder, start, counts)


def attendance_of(awards: Awards, view: View) -> tuple[Attendance, Ints]:
    """Return who attended the awards of comparable tenders, and the lot of each of them.

    Parameters
    ----------
    awards : Awards
    view : View
        Tenders it leaves out (one bidder, or too many) are left out here.
    """
    bids = awards.bids
    place = {number: i for i, number in enumerate(view.tenders)}
    at = np.array([place.get(bids.tenders[t], -1) for t in bids.tender[awards.lot]], dtype=np.int64)
    kept = np.flatnonzero(at >= 0)
    number = np.full(len(awards.lot), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    rank = awards.rank_of_lot[bids.lot]
    tender = np.where(rank >= 0, number[np.maximum(rank, 0)], -1)
    used = tender >= 0
    seen = Attendance(
        bids.bidder[used],
        tender[used],
        awards.counts[used],
        awards.winner[kept],
        [stratum[at[kept]] for stratum in view.market.strata],
        len(bids.bidders),
    )
    return seen, awards.lot[kept]


@dataclass(frozen=True)
class Odds:
    """Odds of winning with some mark against without it, lot by lot, so that a group's can go.

    The Mantel–Haenszel estimate over lots, every bidder weighted by how often it wins what it
    bids for: firms that win much are also those that are busy and known everywhere.
    """

    marked: Floats
    plain: Floats
    rank_of_lot: Ints

    def without(self, lots: Ints) -> float:
        """Odds ratio from all awards but these."""
        rank = self.rank_of_lot[lots]
        marked = self.marked.sum() - self.marked[rank].sum()
        plain = self.plain.sum() - self.plain[rank].sum()
        return float((marked + _HELD) / (plain + _HELD))


def odds(awards: Awards, mark: Bools) -> Odds:
    """Compare how bidders with a mark win beside those without it.

    Parameters
    ----------
    awards : Awards
    mark : (n_bids,) bool
    """
    rank, won, strength = _entries(awards)
    marks = mark[(awards.rank_of_lot[awards.bids.lot] >= 0) & awards.counts]
    k = len(awards.lot)
    with_mark = np.bincount(rank, weights=strength * marks, minlength=k)
    others = np.bincount(rank, weights=strength * ~marks, minlength=k)
    by_marked = np.bincount(rank, weights=won & marks, minlength=k) > 0
    total = np.maximum(with_mark + others, 1e-12)
    return Odds(
        np.where(by_marked, others / total, 0.0),
        np.where(by_marked, 0.0, with_mark / total),
        awards.rank_of_lot,
    )


def busy(awards: Awards, days: int) -> Bools:
    """Mark bids of firms that had won another award within so many days before (n_bids,)."""
    bids = awards.bids
    key = np.sort(awards.winner * _DAYS + awards.day)
    rank = awards.rank_of_lot[bids.lot]
    day = awards.day[np.maximum(rank, 0)] if len(awards.lot) else np.zeros_like(rank)
    asked = bids.bidder * _DAYS + day
    # The last award before this day, of this firm if there is one.
    before = np.searchsorted(key, asked, side="left") - 1
    last = key[np.maximum(before, 0)] if len(key) else np.zeros_like(asked)
    same = (before >= 0) & (last // _DAYS == bids.bidder)
    return np.asarray((rank >= 0) & same & (asked - last <= days))


def foremost_here(awards: Awards) -> Bools:
    """Mark bids of whoever of the lot's bidders won most of the area's other awards (n_bids,).

    Nobody is marked where none of them won any.
    """
    bids = awards.bids
    area = _numbers(bids.area)
    places = int(area.max(initial=-1)) + 2
    won_in, wins = np.unique(awards.winner * places + area[awards.lot], return_counts=True)
    rank = awards.rank_of_lot[bids.lot]
    used = (rank >= 0) & awards.counts & (area[bids.lot] >= 0)
    asked = bids.bidder * places + area[bids.lot]
    if not len(won_in):
        return np.zeros(len(bids.lot), dtype=bool)
    at = np.minimum(np.searchsorted(won_in, asked), len(won_in) - 1)
    count = np.where((won_in[at] == asked) & used, wins[at], 0)
    # This award itself tells nothing of whether its winner was foremost before.
    count = count - (used & (bids.bidder == awards.winner[np.maximum(rank, 0)]))
    most = np.zeros(max(len(awards.lot), 1), dtype=np.int64)
    np.maximum.at(most, rank[used], count[used])
    return np.asarray(used & (count > 0) & (count == most[np.maximum(rank, 0)]))


def _entries(awards: Awards) -> tuple[Ints, Bools, Floats]:
    """Return the lot's rank, whether it won, and the firm's strength of each bid that could win."""
    bids = awards.bids
    rank = awards.rank_of_lot[bids.lot]
    used = (rank >= 0) & awards.counts
    rank, bidder = rank[used], bids.bidder[used]
    size = np.bincount(rank, minlength=len(awards.lot)).astype(np.float64)
    won = bidder == awards.winner[rank]
    wins = np.bincount(bidder, weights=won, minlength=len(bids.bidders))
    due = np.bincount(bidder, weights=1 / size[rank], minlength=len(bids.bidders))
    return rank, won, ((wins + _HELD) / (due + _HELD))[bidder]


def _numbers(values: NDArray[np.object_]) -> Ints:
    """Number texts in sorted order; None is -1."""
    known = sorted({v for v in values.tolist() if v is not None})
    number = {v: i for i, v in enumerate(known)}
    return np.array([number.get(v, -1) for v in values.tolist()], dtype=np.int64)
