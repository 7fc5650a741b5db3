"""Bidders of one lot that name one contact."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import World

_ID = "shared_agent"


def works(world: World) -> None:
    """Two of five bidders for a road are reached through one person."""
    _lot(world, "道路", "交通运输局", "公交站台改造工程", 5, 2)


def goods(world: World) -> None:
    """Three of four bidders for office furniture are reached through one person."""
    _lot(world, "办公", "财政局", "办公家具采购项目", 4, 3)


def _lot(world: World, trade: str, owner: str, what: str, count: int, together: int) -> None:
    buyer = COUNTY + owner
    # Reached through somebody from outside, who is kin to nobody in office.
    bidders = [register(world, trade, [outsider(world)]), *draw(world, trade, buyer, count - 1)]
    town = world.places.townships[count]
    ceiling = 4_600_000 if trade == "道路" else 900_000
    held = hold(
        world, Call(buyer, f"{town}{what}", trade, town, ceiling, date(2022, 10, 12)), bidders
    )
    first = held.bids[bidders[0].name]
    for firm in bidders[1:together]:
        held.bids[firm.name].update(contact=first["contact"], contact_phone=first["contact_phone"])
    title = f"{'两三'[together - 2]}家投标人联系人和电话相同"
    world.plant(_ID, title, "orange", *bidders[:together])


CASES = (works, goods)
