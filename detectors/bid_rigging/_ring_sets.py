"""From what the other detectors found to sets of firms that hang together.

Firms are numbers, as in ``_market.Bids``. A set grows by joining what overlaps it, but only while
every firm in it is tied to most of the others: a firm that two rings have in common, an agent or a
machine that serves many, never chains them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy import sparse

from detectors.bid_rigging._market import Bids
from detectors.detector import Finding, Reason, Row

# Those whose findings a ring is put together from; strongest first where kinds are named in order.
COMBINES = (
    "shared_submission",
    "shared_authorship",
    "shared_deposit",
    "shared_agent",
    "shared_manager",
    "common_control",
    "losing_subcontractor",
    "price_pattern",
    "variance_screens",
    "cobidding_group",
    "rotation",
    "cover_bidder",
    "territorial_split",
    "serial_winner",
)
Firms = frozenset[int]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Sign:
    """A finding of another detector as a sign: its firms, the lots it cites, the reasons that count."""

    detector: str
    finding: Finding
    firms: Firms
    lots: frozenset[int]
    reasons: tuple[Reason, ...]

    @property
    def strong(self) -> bool:
        """Whether registers, machines or money say so, and not only figures."""
        return any(r.strength in ("proof", "strong") for r in self.reasons)

    @property
    def content(self) -> tuple[str, ...]:
        """What signs are ordered by: nothing that depends on the order of rows."""
        return self.detector, self.finding.title, *sorted(self.finding.anchors)


@dataclass(frozen=True)
class Ties:
    """Pairs of firms that hang together: ``strong`` by a strong sign, ``tied`` in any way."""

    strong: dict[int, set[int]]
    tied: dict[int, set[int]]

    def cohesive(self, firms: Firms, common: int) -> bool:
        """Tell whether each firm is tied to more than half of the others.

        Two strong ties do as well where the sets to be joined have two firms in common.
        """
        for firm in firms:
            others = firms - {firm}
            if 2 * len(self.tied[firm] & others) > len(others):
                continue
            if common < 2 or len(self.strong[firm] & others) < 2:
                return False
        return True


@dataclass
class Candidate:
    """A set of firms with the signs that are about it."""

    firms: Firms
    signs: list[Sign] = field(default_factory=list)


def cited_rows(finding: Finding) -> Iterable[Row]:
    """Every row that a finding rests on."""
    cites = [c for s in finding.statement for c in s.cites]
    cites += [c for r in finding.reasons for c in r.cites]
    for cite in cites:
        yield from (cite,) if isinstance(cite, Row) else cite.rows


def counting(reasons: Iterable[Reason], most_q: float) -> tuple[Reason, ...]:
    """Keep the reasons that are signs; a statistical one needs its q at or below ``most_q``."""
    return tuple(
        r
        for r in reasons
        if r.strength != "statistical" or (r.q is not None and round(r.q, 3) <= most_q)
    )


def independent_kinds(reasons: Sequence[Reason]) -> tuple[str, ...]:
    """Name the kinds that hold, each once; kinds that rest on one fact only count as one.

    Examples
    --------
    >>> one = Reason("price", "statistical", "", (), fact="lot 1")
    >>> independent_kinds([one, Reason("outcome", "statistical", "", (), fact="lot 1")])
    ('price',)
    """
    kept: dict[str, Reason] = {}
    order = {"proof": 0, "strong": 1, "statistical": 2, "weak": 3}
    for reason in sorted(reasons, key=lambda r: (order[r.strength], r.kind == "relation")):
        facts = {r.fact for r in kept.values() if r.fact}
        if reason.kind not in kept and reason.fact not in facts:
            kept[reason.kind] = reason
    return tuple(kept)


def ties_of(signs: Sequence[Sign], bids: Bids, least_joint: int, share: float) -> Ties:
    """Find which firms hang together.

    Parameters
    ----------
    signs : sequence of Sign
        Those that may make sets (:func:`seeds`).
    bids : Bids
    least_joint : int
        Lots in which both must have bid.
    share : float
        Both bid in at least this share of the lots of one of them.
    """
    strong: dict[int, set[int]] = defaultdict(set)
    tied: dict[int, set[int]] = defaultdict(set)
    for sign in signs:
        for one, other in combinations(sorted(sign.firms), 2):
            for a, b in ((one, other), (other, one)):
                tied[a].add(b)
                if sign.strong:
                    strong[a].add(b)
    for one, other in _together(sorted(tied), bids, least_joint, share):
        tied[one].add(other)
        tied[other].add(one)
    return Ties(strong, tied)


def _together(firms: list[int], bids: Bids, least_joint: int, share: float) -> list[Pair]:
    """Pairs of firms that bid together in most of the lots of one of them."""
    if not firms:
        return []
    place = np.full(len(bids.bidders), -1, dtype=np.int64)
    place[firms] = np.arange(len(firms))
    mine = place[bids.bidder] >= 0
    row, column = place[bids.bidder[mine]], bids.lot[mine]
    ones = np.ones(len(row), dtype=np.int32)
    x = sparse.csr_matrix((ones, (row, column)), shape=(len(firms), len(bids.lots)))
    met = sparse.triu(x @ x.T, k=1).tocoo()
    lots = np.bincount(row, minlength=len(firms))
    least = np.minimum(lots[met.row], lots[met.col])
    often = (met.data >= least_joint) & (met.data >= share * least)
    return [
        (firms[a], firms[b])
        for a, b in zip(met.row[often].tolist(), met.col[often].tolist(), strict=True)
    ]


def seeds(signs: Iterable[Sign], least_joint: int) -> list[Sign]:
    """Signs that may make a set: of two firms or more, strong or over several lots.

    A figure of a single lot says nothing of who in it belongs together.
    """
    return [s for s in signs if len(s.firms) >= 2 and (s.strong or len(s.lots) >= least_joint)]


def grow(signs: Sequence[Sign], ties: Ties, most_size: int) -> list[Firms]:
    """Join the firms of overlapping signs as long as they hang together.

    Parameters
    ----------
    signs : sequence of Sign
        As :func:`seeds` leaves them.
    ties : Ties
    most_size : int
        No set grows beyond it.

    Returns
    -------
    list of frozenset of int
        Sets that share a firm but don't hang together stay apart.
    """
    found = {s.firms for s in signs if len(s.firms) <= most_size}
    while True:
        sets = _joined(found, ties, most_size)
        if len(sets) == len(found):
            return sets
        found = set(sets)


def _joined(found: set[Firms], ties: Ties, most_size: int) -> list[Firms]:
    """Go once through sets, largest first, and add each to the first that it hangs together with."""
    sets: list[Firms] = []
    of_firm: dict[int, set[int]] = defaultdict(set)
    for firms in sorted(found, key=lambda f: (-len(f), sorted(f))):
        near = {i for firm in firms for i in of_firm[firm]}
        place = len(sets)
        for i in sorted(near, key=lambda i: (-len(sets[i] & firms), i)):
            union = sets[i] | firms
            inside = union in (sets[i], firms)
            fits = len(union) <= most_size and ties.cohesive(union, len(sets[i] & firms))
            if inside or fits:
                place = i
                break
        if place == len(sets):
            sets.append(firms)
        sets[place] |= firms
        for firm in firms:
            of_firm[firm].add(place)
    return sets


def attach(sets: Sequence[Firms], signs: Sequence[Sign]) -> list[Candidate]:
    """Give each set the signs that are about it, and each sign to one set.

    About a set is a sign most of whose firms (two at least, or its only one) are members.
    """
    candidates = [Candidate(firms) for firms in sets]
    of_firm: dict[int, list[int]] = defaultdict(list)
    for i, firms in enumerate(sets):
        for firm in firms:
            of_firm[firm].append(i)
    for sign in sorted(signs, key=lambda s: s.content):
        inside = {i: len(sign.firms & sets[i]) for firm in sign.firms for i in of_firm[firm]}
        fits = [
            i for i, n in sorted(inside.items()) if 2 * n > len(sign.firms) and n >= _least(sign)
        ]
        if fits:
            best = max(fits, key=lambda i: (inside[i], len(sets[i]), -i))
            candidates[best].signs.append(sign)
    return candidates


def _least(sign: Sign) -> int:
    return min(2, len(sign.firms))


def told_whole(sign: Sign, firms: Firms) -> bool:
    """Tell whether a set tells all of a sign.

    Not where registers, machines or money tie a firm outside as well. A figure of a lot names all
    its bidders, honest ones too, and is about those that are members.
    """
    return sign.firms <= firms or all(r.strength == "statistical" for r in sign.reasons)
