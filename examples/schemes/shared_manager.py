"""Bids of several firms that put forward one project manager."""

from __future__ import annotations

from datetime import date
from typing import Any

from examples.firms import outsider
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import Person, World

_ID = "shared_manager"


def lead(bid: dict[str, Any], manager: Person) -> None:
    """Write a project manager into a bid."""
    bid.update(manager=manager.name, manager_id=manager.id_number)


def two_bids(world: World) -> None:
    """Two of four bidders for a building put forward one manager."""
    _lot(world, "房建", "教育局", "食堂改扩建工程", 4, 2)


def three_bids(world: World) -> None:
    """Three of five bidders for a river put forward one manager."""
    _lot(world, "水利", "水利局", "河塘清淤工程", 5, 3)


def _lot(world: World, trade: str, owner: str, what: str, count: int, together: int) -> None:
    buyer = COUNTY + owner
    bidders = draw(world, trade, buyer, count)
    town = world.places.townships[count + 5]
    call = Call(buyer, f"{town}{what}", trade, town, 5_400_000, date(2023, 5, 24))
    held = hold(world, call, bidders)
    shared = outsider(world)
    for firm in bidders[:together]:
        lead(held.bids[firm.name], shared)
    for firm in bidders[together:]:
        lead(held.bids[firm.name], outsider(world))
    title = f"{'两三'[together - 2]}家投标人的项目经理为同一人"
    world.plant(_ID, title, "orange", *bidders[:together])


CASES = (two_bids, three_bids)
