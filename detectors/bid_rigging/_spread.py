"""Tests whether pairs and triples of bidders price closer, or further apart, than their peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detectors.bid_rigging._joint import cliques
from detectors.bid_rigging._prices import Prices
from graph.cobidding import false_discovery
from graph.price_peers import Reference, lasting_spread, peer_strata, pooled_scores
from graph.recurring import Recurring, pairs, subsets, triples
from graph.screens import shapes

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Sign = Literal["close", "cover"]

# Of each lot so many subgroups stand for the peers.
_PEER_SUBGROUPS = 12


@dataclass(frozen=True)
class Limits:
    """What the test goes by; explained among the detector's settings."""

    least_joint: int
    least_effect: float
    false_discovery: float
    least_peers: int
    bound_margin: float
    most_bidders: int


@dataclass(frozen=True)
class Test:
    """One question asked of every combination of ``size`` bidders."""

    size: int
    screen: str
    high: bool
    sign: Sign


# Closeness of two is one figure; of three there are two, the spread of all and of the lowest two.
# A cover bid shows in three: the lowest far below, the others together.
TESTS: tuple[Test, ...] = (
    Test(2, "spd", False, "close"),
    Test(3, "cv", False, "close"),
    Test(3, "diffp", False, "close"),
    Test(3, "diffp", True, "cover"),
    Test(3, "rd", True, "cover"),
)


@dataclass(frozen=True)
class Stood:
    """How one combination stood in one test; ``meetings`` are positions in ``Side.combos``."""

    members: tuple[int, ...]
    test: Test
    tenders: int
    effect: float
    p: float
    q: float
    lasting: float
    meetings: Ints


@dataclass(frozen=True)
class Side:
    """All combinations of one size, and the subgroups that stand for their peers."""

    combos: Recurring
    own: Floats
    own_shapes: dict[str, Floats]
    peers: Ints
    peer_bids: Floats
    peer_shapes: dict[str, Floats]
    squeezed: NDArray[np.bool_]


@dataclass(frozen=True)
class Spread:
    """The outcome: what stood out, and of how many."""

    stood: tuple[Stood, ...]
    sides: dict[int, Side]
    stratum: Ints
    combinations: int
    tested: int
    tests: int
    bounded: int
    fixed: int


def find_spread(prices: Prices, fixed: NDArray[np.bool_], limits: Limits) -> Spread:
    """Test every pair and triple of bidders that meets often enough.

    Parameters
    ----------
    prices : Prices
    fixed : (n_lots,) bool
        Lots whose price is set by others; they are no evidence either way.
    limits : Limits
    """
    stratum = peer_strata(prices.category, prices.size, prices.bids, limits.least_peers)
    free = ~fixed & (prices.bids <= limits.most_bidders)
    compared = np.bincount(stratum, weights=free)[stratum] >= limits.least_peers
    usable = free & compared
    two = pairs(prices.bidder, prices.lot, prices.tender, most_bidders=limits.most_bidders)
    three = triples(prices.bidder, prices.lot, prices.tender, two, most_bidders=limits.most_bidders)
    sides = {r: _side(prices, c, usable, limits) for r, c in ((2, two), (3, three))}
    found: list[Answer] = []
    lost: dict[str, set[tuple[int, int]]] = {"bounded": set(), "fixed": set()}
    for test in TESTS:
        side = sides[test.size]
        if not len(side.combos.members) or not len(side.peers):
            continue
        question = _Question.of(prices, side, stratum, test)
        lots = side.combos.lot
        clear = ~side.squeezed if test.sign == "close" else np.ones(len(lots), dtype=bool)
        answer = question.ask(usable[lots] & clear, limits)
        found.append(answer)
        if test.sign != "close":
            continue
        # What would have stood out but for prices pressed against a limit, or set by a rule.
        for name, lifted in (("bounded", usable[lots]), ("fixed", compared[lots] & clear)):
            if lifted.sum() > (usable[lots] & clear).sum():
                other = question.ask(lifted, limits)
                odd = _corrected(other.p) <= limits.false_discovery
                odd &= other.effect >= limits.least_effect
                gone = np.flatnonzero(odd & ~(answer.p <= limits.false_discovery))
                lost[name] |= {(test.size, int(i)) for i in gone}
    combos = sum(len(s.combos.members) for s in sides.values())
    tested = sum(int((s.combos.tenders >= limits.least_joint).sum()) for s in sides.values())
    stood, tests = _stood(found, sides, limits)
    return Spread(
        stood,
        sides,
        stratum,
        combos,
        tested,
        tests,
        len(lost["bounded"]),
        len(lost["fixed"] - lost["bounded"]),
    )


def _side(prices: Prices, combos: Recurring, usable: NDArray[np.bool_], limits: Limits) -> Side:
    size = combos.members.shape[1]
    chosen = np.flatnonzero(usable[prices.lot])
    rows = subsets(
        prices.lot[chosen], prices.amount[chosen], size, limits.most_bidders, _PEER_SUBGROUPS
    )
    peers = chosen[np.concatenate(rows)] if rows else np.zeros((0, size), dtype=np.int64)
    own = np.sort(prices.amount[combos.bids], axis=1)
    peer_bids = np.sort(prices.amount[peers], axis=1)
    return Side(
        combos,
        own,
        shapes(own),
        peers,
        peer_bids,
        shapes(peer_bids),
        _squeezed(prices, own, combos.lot, limits.bound_margin),
    )


def _squeezed(prices: Prices, own: Floats, lot: Ints, margin: float) -> NDArray[np.bool_]:
    """Tell where all of a group's bids lie at the ceiling or at the floor."""
    if not len(own):
        return np.zeros(0, dtype=bool)
    with np.errstate(invalid="ignore"):
        top = own[:, 0] >= prices.ceiling[lot] * (1 - margin)
        floor = own[:, -1] <= prices.floor[lot] * (1 + margin)
    return np.asarray(top | floor)


@dataclass(frozen=True)
class Answer:
    """One test's outcome for every combination: tenders counted, p (NaN: too few), effect."""

    test: Test
    tenders: Ints
    p: Floats
    effect: Floats
    lasting: float


@dataclass(frozen=True)
class _Question:
    """One test's scores of all meetings, to be added up over some of them."""

    test: Test
    side: Side
    stratum: Ints
    tender: Ints
    reference: Reference
    score: Floats

    @classmethod
    def of(cls, prices: Prices, side: Side, stratum: Ints, test: Test) -> _Question:
        peer_lot, lot = prices.lot[side.peers[:, 0]], side.combos.lot
        reference = Reference.of(
            side.peer_shapes[test.screen], peer_lot, stratum[peer_lot], int(stratum.max()) + 1
        )
        score = reference.score(side.own_shapes[test.screen], stratum[lot])
        tender = np.zeros(len(prices.lots), dtype=np.int64)
        tender[prices.lot] = prices.tender
        return cls(test, side, stratum[lot], tender[lot], reference, score)

    def ask(self, keep: NDArray[np.bool_], limits: Limits) -> Answer:
        """Add up the scores of the meetings kept."""
        pooled = pooled_scores(
            np.where(keep, self.score, np.nan),
            self.side.combos.group,
            self.tender,
            self.stratum,
            self.reference,
            len(self.side.combos.members),
        )
        lasting = lasting_spread(pooled, self.side.combos.members)
        p = np.where(pooled.lots >= limits.least_joint, pooled.p(lasting, self.test.high), np.nan)
        effect = pooled.mean if self.test.high else -pooled.mean
        return Answer(self.test, pooled.lots, p, np.nan_to_num(effect), lasting)


def _corrected(p: Floats) -> Floats:
    q = np.ones(len(p))
    known = ~np.isnan(p)
    q[known] = false_discovery(p[known])
    return q


def _stood(
    found: Sequence[Answer], sides: dict[int, Side], limits: Limits
) -> tuple[tuple[Stood, ...], int]:
    """Correct over all combinations and both signs, and keep those that stand out."""
    raised: list[Floats] = []
    who: list[tuple[list[Answer], Ints, Ints]] = []
    for key in sorted({(a.test.size, a.test.sign) for a in found}):
        own = [a for a in found if (a.test.size, a.test.sign) == key]
        every = np.array([np.where(np.isnan(a.p), np.inf, a.p) for a in own])
        asked = np.flatnonzero(np.isfinite(every).any(axis=0))
        # The least of several p-values of one sign, times their number.
        raised.append(np.minimum(every[:, asked].min(axis=0) * len(own), 1.0))
        who.append((own, asked, np.argmin(every[:, asked], axis=0)))
    if not raised:
        return (), 0
    q = false_discovery(np.concatenate(raised))
    out, before = [], 0
    for p, (own, asked, lead) in zip(raised, who, strict=True):
        corrected = q[before : before + len(p)]
        before += len(p)
        for k in np.flatnonzero(corrected <= limits.false_discovery):
            answer, i = own[lead[k]], int(asked[k])
            effect = float(answer.effect[i])
            if round(effect, 3) < limits.least_effect:
                continue
            combos = sides[answer.test.size].combos
            low, high = np.searchsorted(combos.group, [i, i + 1])
            out.append(
                Stood(
                    tuple(int(m) for m in combos.members[i]),
                    answer.test,
                    int(answer.tenders[i]),
                    effect,
                    float(p[k]),
                    float(corrected[k]),
                    answer.lasting,
                    np.arange(low, high),
                )
            )
    return tuple(sorted(out, key=lambda s: (s.p, -s.effect, s.members))), before


@dataclass(frozen=True)
class Cluster:
    """Bidders any two of whom stood out together with one sign; ``lead`` the surest combination."""

    members: tuple[int, ...]
    sign: Sign
    lead: Stood
    parts: tuple[Stood, ...]


def clusters(stood: Sequence[Stood], most: int = 12) -> list[Cluster]:
    """Join combinations of one sign into groups that are told of once.

    Parameters
    ----------
    stood : sequence of Stood
        Surest first.
    most : int
        Larger groups are left as the combinations they are made of.
    """
    out = []
    for sign in ("close", "cover"):
        own = [s for s in stood if s.test.sign == sign]
        for members, parts in cliques([s.members for s in own], most):
            held = tuple(own[i] for i in parts)
            out.append(Cluster(members, held[0].test.sign, held[0], held))
    return out


def among_others(
    prices: Prices, spread: Spread, cluster: Cluster, most_bidders: int
) -> tuple[int, float, float]:
    """Compare with the other bidders of the same lots.

    Returns
    -------
    (int, float, float)
        Lots in which combinations of at most one member could be compared, and there the mean
        score of the group's lead and of those others, both in the direction of the sign.
    """
    lead = cluster.lead
    side = spread.sides[lead.test.size]
    inside = np.zeros(len(prices.bidders), dtype=bool)
    inside[list(cluster.members)] = True
    lots = np.unique(side.combos.lot[lead.meetings])
    chosen = np.flatnonzero(np.isin(prices.lot, lots))
    rows = subsets(prices.lot[chosen], prices.amount[chosen], lead.test.size, most_bidders)
    if not rows:
        return 0, 0.0, 0.0
    every = chosen[np.concatenate(rows)]
    others = every[inside[prices.bidder[every]].sum(axis=1) <= 1]
    if not len(others):
        return 0, 0.0, 0.0
    peer_lot = prices.lot[side.peers[:, 0]]
    same = np.isin(spread.stratum[peer_lot], np.unique(spread.stratum[lots]))
    reference = Reference.of(
        side.peer_shapes[lead.test.screen][same],
        peer_lot[same],
        spread.stratum[peer_lot[same]],
        int(spread.stratum.max()) + 1,
    )
    direction = 1 if lead.test.high else -1
    lot = prices.lot[others[:, 0]]
    value = shapes(np.sort(prices.amount[others], axis=1))[lead.test.screen]
    theirs = direction * reference.score(value, spread.stratum[lot])
    held = np.unique(lot[~np.isnan(theirs)])
    mine_lot = side.combos.lot[lead.meetings]
    mine = direction * reference.score(
        side.own_shapes[lead.test.screen][lead.meetings], spread.stratum[mine_lot]
    )
    both = np.isin(mine_lot, held) & ~np.isnan(mine)
    if not both.any():
        return 0, 0.0, 0.0
    by_lot = [float(np.nanmean(theirs[lot == one])) for one in np.unique(mine_lot[both])]
    return len(by_lot), float(mine[both].mean()), float(np.mean(by_lot))


def figures(prices: Prices, spread: Spread, lead: Stood) -> dict[str, tuple[float, float]]:
    """Return each screen's median over the lead's lots, and the median over like lots.

    Parameters
    ----------
    prices : Prices
    spread : Spread
    lead : Stood
    """
    side = spread.sides[lead.test.size]
    lots = np.unique(side.combos.lot[lead.meetings])
    peer_lot = prices.lot[side.peers[:, 0]]
    same = np.isin(spread.stratum[peer_lot], np.unique(spread.stratum[lots]))
    own, theirs = side.own[lead.meetings], side.peer_bids[same]
    mine = {name: values[lead.meetings] for name, values in side.own_shapes.items()}
    peers = {name: values[same] for name, values in side.peer_shapes.items()}
    with np.errstate(invalid="ignore"):
        mine_lot = side.combos.lot[lead.meetings]
        for name, limit in (("top", prices.ceiling), ("floor", prices.floor)):
            mine[f"low_{name}"] = own[:, 0] / limit[mine_lot]
            mine[f"mean_{name}"] = own.mean(axis=1) / limit[mine_lot]
            peers[f"low_{name}"] = theirs[:, 0] / limit[peer_lot[same]]
            peers[f"mean_{name}"] = theirs.mean(axis=1) / limit[peer_lot[same]]
    out = {}
    for name, values in mine.items():
        ours, known = values[~np.isnan(values)], peers[name][~np.isnan(peers[name])]
        if len(ours) and len(known):
            out[name] = (float(np.median(ours)), float(np.median(known)))
    return out
