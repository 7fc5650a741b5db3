"""Where bidders have their registered seat, as far as the company register says."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.bid_rigging._market import Bids, Bools
from graph.cobidding import Ints


def seats_of(snapshot: Any, bids: Bids) -> Ints:
    """Area that each bidder's registered address names, as a position in :func:`areas_of`.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    bids : Bids

    Returns
    -------
    (n_bidders,) int64
        -1 where the address is unknown or names none of the areas, or where areas are purchasers.
    """
    seats = np.full(len(bids.bidders), -1, dtype=np.int64)
    areas = areas_of(bids)
    if not bids.area_is_township or not snapshot.has("companies", "address"):
        return seats
    table = snapshot.table("companies")
    table = table.filter(table.address.notnull() & table.name_entity.notnull())
    rows = table.group_by("name_entity").agg(address=table.address.min()).to_pyarrow()
    number = {entity: n for n, entity in enumerate(bids.bidders)}
    # A longer name may hold a shorter one: 东河东镇 beside 河东镇.
    ordered = sorted(enumerate(areas), key=lambda item: -len(item[1]))
    for entity, address in zip(
        rows["name_entity"].to_pylist(), rows["address"].to_pylist(), strict=True
    ):
        if (firm := number.get(entity)) is not None:
            seats[firm] = next((i for i, area in ordered if area in address), -1)
    return seats


def areas_of(bids: Bids) -> list[str]:
    """Return the names of the areas, sorted."""
    return sorted({a for a in bids.area.tolist() if a is not None})


def at_seat(bids: Bids, seats: Ints) -> Bools:
    """Mark bids for lots in the area of the bidder's seat (n_bids,)."""
    number = {a: i for i, a in enumerate(areas_of(bids))}
    area = np.array([number.get(a, -2) for a in bids.area.tolist()], dtype=np.int64)
    return np.asarray(seats[bids.bidder] == area[bids.lot])
