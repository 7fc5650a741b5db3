"""Values that bidders of one lot share, and the values that too many strangers share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from detectors.detector import Row


@dataclass(frozen=True)
class Shared:
    """One value borne by several bidders of one lot; ``rows`` are their bids in content order."""

    lot: str
    value: str
    bidders: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]


def shared_values(bids: Any, value: Any) -> Any:
    """Keep the bids whose value another bidder of the same lot bears too.

    Parameters
    ----------
    bids : ibis table
        With ``lot_entity`` and ``bidder_entity``.
    value : ibis string column of ``bids``
        Null where the bid says nothing.

    Returns
    -------
    ibis table
        The columns of ``bids`` and ``value``.
    """
    valued = bids.mutate(value=value).filter(lambda t: t.value.notnull())
    # First and last differ where there are two: cheaper than to count.
    groups = (
        valued.group_by("lot_entity", "value")
        .agg(first=valued.bidder_entity.min(), last=valued.bidder_entity.max())
        .filter(lambda t: t.first != t.last)
        .select("lot_entity", "value")
    )
    return valued.semi_join(groups, ["lot_entity", "value"])


def spread(bids: Any, value: Any, *by: str) -> Any:
    """Count, for each value (and ``by``), bidders, lots and the most bidders within one lot."""
    valued = bids.mutate(value=value).filter(lambda t: t.value.notnull())
    lots = valued.group_by("value", *by, "lot_entity").agg(here=valued.bidder_entity.nunique())
    most = lots.group_by("value", *by).agg(lots=lots.count(), most=lots.here.max())
    total = valued.group_by("value", *by).agg(bidders=valued.bidder_entity.nunique())
    return total.join(most, ["value", *by]).select("value", *by, "bidders", "lots", "most")


def gather(rows: Iterable[dict[str, Any]]) -> list[Shared]:
    """Group rows of :func:`shared_values` by lot and value, in content order."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["lot_entity"], row["value"]].append(row)
    found = []
    for (lot, value), bids in sorted(groups.items()):
        ordered = sorted(bids, key=lambda r: (r["bidder"], str(r["submit_time"]), str(r["amount"])))
        bidders = tuple(sorted({r["bidder_entity"] for r in ordered}))
        if len(bidders) >= 2:
            found.append(Shared(lot, value, bidders, tuple(ordered)))
    return found


def by_bidders(groups: Iterable[Shared]) -> dict[tuple[str, ...], list[Shared]]:
    """Bring together the lots in which the same bidders share something: one finding each."""
    rings: dict[tuple[str, ...], list[Shared]] = defaultdict(list)
    for group in groups:
        rings[group.bidders].append(group)
    return dict(sorted(rings.items()))


def bid_rows(groups: Iterable[Shared], text: str, columns: tuple[str, ...]) -> tuple[Row, ...]:
    """Cite the bids of groups, each once."""
    seen: dict[int, Row] = {}
    for group in groups:
        for row in group.rows:
            seen.setdefault(row["row_id"], Row("bids", row["row_id"], text, columns))
    return tuple(seen.values())
