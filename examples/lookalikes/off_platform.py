"""Deals over the limit that had no need of the platform, or did come to it."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "off_platform"


def flood(world: World) -> None:
    """A dyke mended at once after a flood."""
    town = world.places.townships[6]
    buyer = township_office(town)
    firm = register(world, "水利", [outsider(world)])
    contract(
        world, buyer, firm, f"{town}圩堤溃口抢险工程", 5_240_000, date(2022, 7, 6), township=town
    )
    world.resemble(_ID, "抢险工程依法可不招标", buyer, firm)


def number_forgotten(world: World) -> None:
    """A tendered school whose contract was entered without the number."""
    buyer = f"{COUNTY}教育局"
    town = world.places.townships[3]
    call = Call(buyer, f"{town}中心小学综合楼工程", "房建", town, 7_300_000, date(2022, 5, 24))
    held = hold(world, call, draw(world, "房建", buyer, 4))
    world.tables["contracts"][-1]["tender_no"] = None
    world.resemble(_ID, "已在平台招标，合同漏登项目编号", buyer, held.winner)


CASES = (flood, number_forgotten)
