"""Tenders whose deadline came too soon after the notice."""

from __future__ import annotations

from datetime import date, timedelta

from examples.places import COUNTY
from examples.procurement import Call, Held, draw, hold
from examples.world import World

_ID = "short_deadline"


def announce(held: Held, days: int) -> None:
    """Move the notice of a tender to so many days before its deadline."""
    held.tender["publish_date"] = held.tender["open_date"] - timedelta(days=days)


def eight_days(world: World) -> None:
    """An open tender for a bridge closes eight days after its notice; only two come."""
    buyer = f"{COUNTY}交通运输局"
    town = world.places.townships[9]
    call = Call(buyer, f"{town}农村公路危桥改造工程", "道路", town, 5_300_000, date(2022, 11, 8))
    held = hold(world, call, draw(world, "道路", buyer, 2))
    announce(held, 8)
    world.plant(_ID, "公开招标等标期只有八天，两家投标", "orange", buyer, held.winner)


def five_days(world: World) -> None:
    """A consultation on seed closes after five days; four come."""
    buyer = f"{COUNTY}农业农村局"
    town = world.places.townships[3]
    call = Call(
        buyer, f"{town}油菜良种采购项目", "农资", town, 860_000, date(2023, 8, 22), "竞争性磋商"
    )
    held = hold(world, call, draw(world, "农资", buyer, 4))
    announce(held, 5)
    world.plant(_ID, "竞争性磋商只有五天", "yellow", buyer, held.winner)


CASES = (eight_days, five_days)
