"""What is held by whom: effective shares through layers of firms, and who controls a firm.

Shares multiply along a chain of holdings and add up over parallel chains. With cross holdings the
chains are endless; their sum is the solution of a linear system. For holders P outside the firms
and holdings F among the firms, shares of the holders in the firms are ``P (I - F)^-1``: they add up
to the whole of each firm, as they must. A firm looked at as holder counts without what is held in
itself (Brioschi, Buzzacchi and Colombo 1989, *Risk capital financing and the separation of
ownership and control in business groups*, J. Banking & Finance 13; Baldone, Brioschi and Paleari
1998, *Ownership measures among firms connected by cross-shareholdings*; the correction of Vitali,
Glattfelder and Battiston 2011, *The network of global corporate control*, PLoS ONE 6(10)).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np

DIRECT = ("legal_representative", "officer", "shareholder")
MAJORITY = 0.5
"""More than half of a firm is control, whoever holds the rest."""

MOST_UPWARD = 20
"""Layers of firms looked up at most; longer chains are data errors or cut cycles."""


def company_ties(snapshot: Any, firms: Any, max_layers: int, least_share: float) -> Any:
    """List the people tied to firms, directly or through firms that hold them.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    firms : ibis table
        Entity ids in its column ``company``, each once.
    max_layers : int
        Holdings on the longest chain, the person's own included.
    least_share : float
        Least effective share (0–1), multiplied along chains and summed over all of a person's
        chains to the firm; a tie without a share, such as a legal representative's, counts as the
        whole of the firm it is in, an unknown share as enough.

    Returns
    -------
    ibis table
        ``company``, ``person``, ``chain`` (edge ids from the person's own to the last holding, each
        followed by a comma: text groups and joins on every engine, arrays don't),
        ``share`` (effective along this chain, null where a share on it is unknown). No firm comes
        twice on a chain. Dates are not looked at here: ``Holdings.on`` knows them.
    """
    edges = snapshot.edges
    held = edges.filter((edges.kind == "shareholder") & edges.src.startswith("c-")).select(
        holder="src", holding="dst", held_share="share", held_edge="edge"
    )
    layer = firms.select(
        company=firms.company,
        top=firms.company,
        firms=firms.company,
        chain=ibis.literal(""),
        share=ibis.literal(1.0),
    )
    layers = [layer]
    for _ in range(max_layers - 1):
        step = layer.join(held, layer.top == held.holding)
        layer = step.filter(~step.firms.contains(step.holder)).select(
            company="company",
            top="holder",
            firms=step.firms + "," + step.holder,
            chain=step.held_edge.cast("string") + "," + step.chain,
            share=step.share * step.held_share,
        )
        layers.append(layer)
    tops = ibis.union(*layers) if len(layers) > 1 else layer
    people = edges.filter(edges.kind.isin(DIRECT) & edges.src.startswith("p-")).select(
        person="src", firm="dst", tie_kind="kind", own_share="share", own_edge="edge"
    )
    tied = tops.join(people, tops.top == people.firm)
    own = ibis.cases((tied.tie_kind == "shareholder", tied.own_share), else_=1.0)
    ties = tied.select(
        company="company",
        person="person",
        chain=tied.own_edge.cast("string") + "," + tied.chain,
        share=tied.share * own,
    )
    pairs = ties.group_by("company", "person").agg(
        total=ties.share.sum(), unknown=ties.share.isnull().any()
    )
    enough = pairs.filter(pairs.unknown | (pairs.total >= least_share))
    return ties.semi_join(enough, ["company", "person"])


def edge_ids(chain: str) -> list[int]:
    """Read the edge ids of a chain.

    Examples
    --------
    >>> edge_ids("7,12,")
    [7, 12]
    """
    return [int(part) for part in chain.split(",") if part]


@dataclass(frozen=True)
class Holding:
    """A holder's direct share (0–1, None unknown) of a firm, from ``start`` to ``end``."""

    holder: str
    firm: str
    share: float | None
    start: date | None = None
    end: date | None = None
    edge: int = 0

    def holds(self, day: date) -> bool:
        """Tell whether the holding may stand on a day; an unknown bound doesn't exclude it."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Control:
    """A step of control: who is the largest holder of ``firm``, and with how much."""

    holder: str
    firm: str
    share: float

    @property
    def majority(self) -> bool:
        """Whether the step is more than half of the firm."""
        return self.share > MAJORITY


class Holdings:
    """A network of holdings.

    Parameters
    ----------
    holdings : iterable of Holding

    Examples
    --------
    >>> net = Holdings([Holding("张三", "甲", 0.8), Holding("甲", "乙", 0.5), Holding("张三", "乙", 0.1)])
    >>> net.share("张三", "乙")
    0.5
    >>> [step.holder for step in net.control_chain("乙")]
    ['甲', '张三']
    """

    def __init__(self, holdings: Iterable[Holding]) -> None:
        self.holdings = tuple(holdings)
        into: dict[str, dict[str, float]] = defaultdict(dict)
        self.unknown: set[tuple[str, str]] = set()
        for held in self.holdings:
            if held.share is None:
                self.unknown.add((held.holder, held.firm))
            elif held.share > 0 and held.holder != held.firm:
                # Two records of one holding are one holding: the larger stands.
                known = into[held.firm].get(held.holder, 0.0)
                into[held.firm][held.holder] = max(known, min(held.share, 1.0))
        self.overfull = tuple(sorted(f for f, by in into.items() if sum(by.values()) > 1 + 1e-6))
        """Firms whose registered shares add up to more than the whole; theirs are scaled down."""
        self._into = {firm: _whole(by) for firm, by in into.items()}

    @classmethod
    def above(cls, snapshot: Any, firms: Iterable[str]) -> Holdings:
        """Read all holdings in some firms and, layer by layer, in the firms that hold them."""
        rows = snapshot.query(
            f"""
            WITH RECURSIVE up AS (
                SELECT unnest(?::VARCHAR[]) AS firm, 0 AS layer
                UNION
                SELECT e.src, up.layer + 1 FROM up JOIN main.edges e ON e.dst = up.firm
                WHERE e.kind = 'shareholder' AND e.src LIKE 'c-%' AND up.layer < {MOST_UPWARD})
            SELECT src, dst, share, start_date, end_date, edge FROM main.edges
            WHERE kind = 'shareholder' AND dst IN (SELECT firm FROM up)
            ORDER BY dst, src, start_date, end_date, edge
            """,
            [sorted(set(firms))],
        )
        return cls(Holding(*row) for row in rows)

    def on(self, day: date) -> Holdings:
        """Return the network of what was, or may have been, held on a day."""
        return Holdings(held for held in self.holdings if held.holds(day))

    def holders(self, firm: str) -> dict[str, float]:
        """Direct holders of a firm with their shares (0–1), together at most 1; largest first."""
        direct = self._into.get(firm, {})
        return dict(sorted(direct.items(), key=lambda item: (-item[1], item[0])))

    def share(self, holder: str, firm: str) -> float:
        """Effective share (0–1) of a holder in a firm over all chains, cross holdings included.

        Unknown shares add nothing. What is held in the holder itself is left out, so that a firm
        doesn't own itself into more than the whole.

        Source: see the head of this file.
        """
        if holder == firm:
            return 0.0
        inside = self._between(holder, firm)
        if firm not in inside:
            return 0.0
        index = {name: i for i, name in enumerate(sorted(inside))}
        among = np.zeros((len(index), len(index)))
        direct = np.zeros(len(index))
        for name, column in index.items():
            for by, share in self._into.get(name, {}).items():
                if by == holder:
                    direct[column] = share
                elif by in index:
                    among[index[by], column] = share
        # Every firm here is reached from the holder, so no closed loop makes this singular.
        solved = np.linalg.solve(np.eye(len(index)) - among.T, direct)
        return round(float(min(max(solved[index[firm]], 0.0), 1.0)), 9)

    def _between(self, holder: str, firm: str) -> set[str]:
        """Firms on a way from the holder to the firm, the holder left out."""
        upward = self._upward(firm, without=holder)
        below: dict[str, list[str]] = defaultdict(list)
        for name in upward:
            for by in self._into.get(name, {}):
                below[by].append(name)
        found: set[str] = set()
        frontier = [holder]
        while frontier:
            for name in below[frontier.pop()]:
                if name not in found:
                    found.add(name)
                    frontier.append(name)
        return found

    def _upward(self, firm: str, without: str) -> set[str]:
        found, frontier = {firm}, [firm]
        while frontier:
            for by in self._into.get(frontier.pop(), {}):
                if by not in found and by != without:
                    found.add(by)
                    frontier.append(by)
        return found

    def chains(self, holder: str, firm: str, max_layers: int) -> tuple[tuple[str, ...], ...]:
        """Ways from a holder to a firm without any firm twice, largest product first.

        Returns
        -------
        tuple of tuple of str
            Each from the holder to the firm, both included, of at most ``max_layers`` holdings.
        """
        found = list(self._walk((firm,), holder, max_layers))
        return tuple(sorted(found, key=lambda chain: (-self._product(chain), len(chain), chain)))

    def _walk(self, chain: tuple[str, ...], holder: str, left: int) -> Iterator[tuple[str, ...]]:
        if left == 0:
            return
        for by in self._into.get(chain[0], {}):
            if by == holder:
                yield (by, *chain)
            elif by not in chain:
                yield from self._walk((by, *chain), holder, left - 1)

    def _product(self, chain: tuple[str, ...]) -> float:
        product = 1.0
        for by, firm in itertools.pairwise(chain):
            product *= self._into[firm][by]
        return product

    def largest(self, firm: str) -> Control | None:
        """The largest direct holder of a firm; None where two share that place or none is known."""
        ranked = list(self.holders(firm).items())
        if not ranked or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] <= 1e-9):
            return None
        if any(held == firm for _, held in self.unknown) and ranked[0][1] <= MAJORITY:
            return None  # an unknown share may be larger
        return Control(ranked[0][0], firm, ranked[0][1])

    def control_chain(self, firm: str) -> tuple[Control, ...]:
        """Climb from a firm to its largest holder, to that one's largest holder, and so on.

        Control through largest holders follows La Porta, Lopez-de-Silanes and Shleifer 1999,
        *Corporate ownership around the world*, J. Finance 54(2); a cycle of firms ends the climb.
        """
        steps: list[Control] = []
        seen = {firm}
        while (step := self.largest(firm)) is not None and step.holder not in seen:
            steps.append(step)
            seen.add(step.holder)
            firm = step.holder
        return tuple(steps)

    def controls(self, holder: str, firm: str) -> bool:
        """Tell whether a holder stands on the chain of largest holders, or has more than half.

        More than half: directly, or together with firms that it has more than half of.
        """
        if any(step.holder == holder for step in self.control_chain(firm)):
            return True
        return firm in self.majority_held(holder)

    def majority_held(self, holder: str) -> frozenset[str]:
        """Firms of which a holder, together with the firms it so controls, has more than half."""
        mine = {holder}
        while True:
            more = {
                firm
                for firm, by in self._into.items()
                if firm not in mine and sum(s for h, s in by.items() if h in mine) > MAJORITY
            }
            if not more:
                return frozenset(mine - {holder})
            mine |= more


def _whole(by: dict[str, float]) -> dict[str, float]:
    total = sum(by.values())
    return by if total <= 1 else {holder: share / total for holder, share in by.items()}
