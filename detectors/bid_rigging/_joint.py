"""Joint lots of a group of bidders as they are told: rows, awards, period, picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import networkx as nx

from detectors.bid_rigging._lots import Lot, lots_of
from detectors.detector import Identity, Path, PathEdge, Row
from detectors.evidence import among, first_rows, period_of, records, weakest

BID_COLUMNS = ("tender_no", "lot", "bidder", "amount", "is_winner", "submit_time")


@dataclass(frozen=True)
class BidBook:
    """The bid rows of some lots, fetched once; lot entity → bidder entity → row."""

    rows: Mapping[str, Mapping[str, dict[str, Any]]]
    lots: Mapping[str, Lot]

    @classmethod
    def of(cls, snapshot: Any, row_ids: Iterable[int]) -> BidBook:
        """Fetch rows of the bids table and what is known of their lots."""
        wanted = set(row_ids)
        found = records(
            among(snapshot.table("bids"), "row_id", wanted).select(
                "row_id",
                "lot_entity",
                "bidder_entity",
                "bidder_identity",
                "bidder_probability",
                *BID_COLUMNS,
            )
        )
        rows: dict[str, dict[str, dict[str, Any]]] = {}
        for row in found:
            rows.setdefault(row["lot_entity"], {})[row["bidder_entity"]] = row
        return cls(rows, lots_of(snapshot, found))

    def joint(self, members: Sequence[str], lots: Iterable[str], least: int = 2) -> JointLots:
        """Gather the lots of which at least ``least`` of the members are told, by date."""
        held = []
        for lot in lots:
            own = self.rows.get(lot, {})
            bids = [own[m] for m in members if m in own]
            if len(bids) >= least:
                held.append((self.lots[lot], tuple(bids)))
        held.sort(key=lambda x: (str(x[0].when), x[0].name, x[0].entity))
        return JointLots(tuple(members), tuple(held))


@dataclass(frozen=True)
class JointLots:
    """Lots in which members of one group bid, each with the members' rows, by date."""

    members: tuple[str, ...]
    lots: tuple[tuple[Lot, tuple[dict[str, Any], ...]], ...]

    @property
    def every_row(self) -> list[dict[str, Any]]:
        """All rows, lot by lot."""
        return [row for _, bids in self.lots for row in bids]

    def cites(self, most_lots: int = 12) -> tuple[Row, ...]:
        """Cite the bids of the first lots."""
        rows = (row for _, bids in self.lots[:most_lots] for row in bids)
        return first_rows((cite_bid(row) for row in rows), limit=most_lots * len(self.members))

    def period(self) -> Any:
        """First and last date, None where no lot has one."""
        return period_of(lot.when for lot, _ in self.lots)

    def won(self) -> tuple[int, Decimal | None]:
        """How many of the lots members won, and for how much as far as known."""
        wins = [(lot, row) for lot, bids in self.lots for row in bids if row["is_winner"]]
        known = [a for lot, row in wins if (a := lot.award or row["amount"]) is not None]
        return len(wins), sum(known, Decimal(0)) if known else None

    def identity(self) -> tuple[Identity, float | None]:
        """The weakest join of a bid to its bidder."""
        return weakest((r["bidder_identity"], r["bidder_probability"]) for r in self.every_row)

    def path(self) -> Path:
        """Draw the members, each pair with how often it bid together; of many only the ring."""
        pairs = list(combinations(self.members, 2))
        if len(self.members) > 4:
            around = [*self.members[1:], self.members[0]]
            pairs = [tuple(sorted(p)) for p in zip(self.members, around, strict=True)]  # type: ignore[misc]
        edges = []
        for a, b in pairs:
            both = [
                (lot, own)
                for lot, bids in self.lots
                if len(own := [r for r in bids if r["bidder_entity"] in (a, b)]) == 2
            ]
            if not both:
                continue
            period = period_of(lot.when for lot, _ in both)
            rows = [row for _, own in both for row in own]
            identity, _ = weakest((r["bidder_identity"], r["bidder_probability"]) for r in rows)
            edges.append(
                PathEdge(
                    a,
                    b,
                    "bids",
                    f"共同投标{len(both)}次",
                    period[0] if period else None,
                    period[1] if period else None,
                    identity,
                    first_rows((cite_bid(r) for r in rows), limit=2),
                )
            )
        return Path(self.members, tuple(edges), tuple((m, "bidder") for m in self.members))


def cite_bid(row: dict[str, Any]) -> Row:
    """Cite one bid."""
    return Row("bids", row["row_id"], "投标记录", BID_COLUMNS)


def cliques(
    items: Sequence[tuple[int, ...]], most: int = 12
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Join small combinations into groups any two members of which stand in one of them.

    Parameters
    ----------
    items : sequence of tuple of int
        Members of each combination, the surest first.
    most : int
        Larger groups are left out; their combinations are then parts of smaller ones.

    Returns
    -------
    list of (members, positions in ``items``)
        The surest first; groups that share more than half with a surer one are left out, and the
        positions of a group's parts are rising, so that the first is the surest.

    Examples
    --------
    >>> cliques([(1, 2), (2, 3), (1, 3), (8, 9)])
    [((1, 2, 3), (0, 1, 2)), ((8, 9), (3,))]
    """
    graph: nx.Graph[int] = nx.Graph()
    for members in items:
        graph.add_edges_from(combinations(sorted(members), 2))
    ranked = []
    for clique in nx.find_cliques(graph):
        inside = set(clique)
        parts = tuple(i for i, members in enumerate(items) if inside.issuperset(members))
        if len(clique) <= most and parts:
            ranked.append((tuple(sorted(clique)), parts))
    ranked.sort(key=lambda x: (x[1][0], -len(x[0]), x[0]))
    kept: list[set[int]] = []
    out = []
    for group, parts in ranked:
        if any(2 * len(k.intersection(group)) > min(len(k), len(group)) for k in kept):
            continue
        kept.append(set(group))
        out.append((group, parts))
    return out
