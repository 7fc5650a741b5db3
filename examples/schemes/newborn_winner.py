"""Large awards to firms that had hardly been founded."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "newborn_winner"


def three_months_old(world: World) -> None:
    """A firm of three months builds a market hall for 2.35 million, chosen by nobody knows whom."""
    town = world.places.townships[4]
    buyer = township_office(town)
    firm = register(world, "房建", [outsider(world)], established=date(2022, 1, 11))
    contract(
        world, buyer, firm, f"{town}农产品交易棚建设工程", 2_350_000, date(2022, 4, 13),
        township=town,
    )  # fmt: skip
    world.plant(_ID, "成立三个月的企业未经招标承接235万元工程", "orange", buyer, firm)


def half_a_year_old(world: World) -> None:
    """A firm of half a year wins an open tender among four."""
    buyer = f"{COUNTY}教育局"
    town = world.places.townships[6]
    firm = register(world, "房建", [outsider(world)], established=date(2022, 9, 5))
    call = Call(buyer, f"{town}幼儿园扩建工程", "房建", town, 9_800_000, date(2023, 3, 7))
    hold(world, call, [firm, *draw(world, "房建", buyer, 3)], winner=firm)
    world.plant(_ID, "成立半年的企业公开中标980万元工程", "yellow", buyer, firm)


CASES = (three_months_old, half_a_year_old)
