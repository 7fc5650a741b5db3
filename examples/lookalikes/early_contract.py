"""Contracts dated before their bids were opened, for a reason."""

from __future__ import annotations

from datetime import date, timedelta

from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.schemes.early_contract import sign_on
from examples.world import World

_ID = "early_contract"


def wrong_year(world: World) -> None:
    """A contract of January that was entered under the year before."""
    buyer = f"{COUNTY}教育局"
    town = world.places.townships[4]
    opened = date(2022, 12, 20)
    call = Call(buyer, f"{town}中学食堂改造工程", "房建", town, 4_700_000, opened)
    held = hold(world, call, draw(world, "房建", buyer, 4))
    row = world.tables["contracts"][-1]
    row["sign_date"] = date(2022, 1, 9)
    world.resemble(_ID, "签订日期年份录错（次年一月写成当年一月）", buyer, held.winner)


def emergency(world: World) -> None:
    """A dyke secured at once; the tender on record came after."""
    buyer = f"{COUNTY}水利局"
    town = world.places.townships[5]
    opened = date(2021, 8, 17)
    call = Call(buyer, f"{town}水库大坝除险抢险工程", "水利", town, 4_900_000, opened)
    held = hold(world, call, draw(world, "水利", buyer, 4))
    sign_on(world, opened - timedelta(days=33))
    world.resemble(_ID, "抢险先行实施，后补招标手续", buyer, held.winner)


CASES = (wrong_year, emergency)
