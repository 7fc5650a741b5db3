"""What the members of a ring did in the lots in which they met: bids, wins, parts, rivals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from detectors.bid_rigging._market import Bids

_MOST_RIVALS = 6
_LEAST_RIVAL_LOTS = 2
# A chance of winning nothing below this is no accident any more.
_NEVER = 0.05
_MOST_OF = 2 / 3
_LEAST_WINS = 3
TURNS, MAIN, SOME, COVER, BIDS = "轮流中标", "主要中标", "偶有中标", "疑似陪标", "参与投标"


@dataclass(frozen=True)
class LotBids:
    """One joint lot: all its bidders, and its winner (None: unknown)."""

    lot: int
    bidders: tuple[int, ...]
    winner: int | None


@dataclass(frozen=True)
class Member:
    """A member's part; ``luck``: chance of winning nothing if each bid was as good as any other."""

    firm: int
    part: str
    bids: int
    wins: int
    luck: float


@dataclass(frozen=True)
class Joint:
    """The joint lots of a ring in order of day.

    ``members``: most wins first; ``rivals``: (firm, lots, wins) of those outside that were there
    most often; ``pairs``: lots in which both bid, of any two members or of a member and a rival.
    """

    lots: tuple[LotBids, ...]
    members: tuple[Member, ...]
    rivals: tuple[tuple[int, int, int], ...]
    pairs: dict[tuple[int, int], int]


class Lots:
    """Bidders and winners lot by lot, for the few lots of a ring."""

    def __init__(self, bids: Bids) -> None:
        self.bids = bids
        self._first = np.searchsorted(bids.lot, np.arange(len(bids.lots) + 1))
        self._winner = bids.winner
        self._by_firm = np.argsort(bids.bidder, kind="stable")
        self._of_firm = np.searchsorted(
            bids.bidder[self._by_firm], np.arange(len(bids.bidders) + 1)
        )

    def of(self, firm: int) -> list[int]:
        """Lots in which a firm bid."""
        mine = self._by_firm[self._of_firm[firm] : self._of_firm[firm + 1]]
        lots: list[int] = self.bids.lot[mine].tolist()
        return lots

    def at(self, lot: int) -> LotBids:
        """Bidders and winner of a lot."""
        bidders = self.bids.bidder[self._first[lot] : self._first[lot + 1]].tolist()
        winner = int(self._winner[lot])
        return LotBids(lot, tuple(bidders), winner if winner >= 0 else None)

    def joint(self, firms: Collection[int], also: Collection[int] = ()) -> Joint:
        """Describe the lots in which half of the firms or more bid.

        Parameters
        ----------
        firms : collection of int
            Three or more.
        also : collection of int
            Further lots, where two or more of them bid: those that a strong sign is about.
        """
        there = Counter(lot for firm in firms for lot in self.of(firm))
        least = max(2, -(-len(firms) // 2))
        chosen = {lot for lot, n in there.items() if n >= least}
        chosen |= {lot for lot in also if there[lot] >= 2}
        if not chosen:
            chosen = {lot for lot, n in there.items() if n >= 2}
        name = self.bids.lots
        day = self.bids.day
        # Unknown days come last; the same day in order of content.
        order = sorted(chosen, key=lambda x: (np.isnat(day[x]), str(day[x]), name[x]))
        lots = tuple(self.at(lot) for lot in order)
        rivals = _rivals(lots, set(firms))
        return Joint(lots, _members(lots, firms), rivals, _pairs(lots, set(firms), rivals))


def _members(lots: tuple[LotBids, ...], firms: Collection[int]) -> tuple[Member, ...]:
    bids: Counter[int] = Counter()
    wins: Counter[int] = Counter()
    luck: dict[int, float] = defaultdict(lambda: 1.0)
    for one in lots:
        for firm in one.bidders:
            bids[firm] += 1
            luck[firm] *= 1 - 1 / max(len(one.bidders), 1)
        if one.winner is not None:
            wins[one.winner] += 1
    won = {firm: wins[firm] for firm in firms}
    known = any(one.winner is not None for one in lots)
    found = [
        Member(
            firm, _part(firm, won, luck[firm] if known else 1.0), bids[firm], won[firm], luck[firm]
        )
        for firm in firms
    ]
    return tuple(sorted(found, key=lambda m: (-m.wins, -m.bids, m.firm)))


def _part(firm: int, wins: dict[int, int], luck: float) -> str:
    total = sum(wins.values())
    mine = wins[firm]
    if not mine:
        return COVER if luck <= _NEVER else BIDS
    if total < _LEAST_WINS:
        return SOME
    if max(wins.values()) >= _MOST_OF * total:
        return MAIN if mine >= _MOST_OF * total else SOME
    # A fair share would be total / members.
    return TURNS if 2 * mine * len(wins) >= total else SOME


def _rivals(lots: tuple[LotBids, ...], firms: set[int]) -> tuple[tuple[int, int, int], ...]:
    there = Counter(b for one in lots for b in one.bidders if b not in firms)
    wins = Counter(one.winner for one in lots if one.winner is not None)
    often = [(b, n, wins[b]) for b, n in there.items() if n >= _LEAST_RIVAL_LOTS]
    return tuple(sorted(often, key=lambda r: (-r[1], -r[2], r[0]))[:_MOST_RIVALS])


def _pairs(
    lots: tuple[LotBids, ...], firms: set[int], rivals: tuple[tuple[int, int, int], ...]
) -> dict[tuple[int, int], int]:
    drawn = firms | {r[0] for r in rivals}
    met: Counter[tuple[int, int]] = Counter()
    for one in lots:
        here = sorted(set(one.bidders) & drawn)
        met.update(p for p in combinations(here, 2) if firms & set(p))
    return dict(sorted(met.items()))
