"""Tenders with a short deadline, for a reason."""

from __future__ import annotations

from datetime import date

from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.schemes.short_deadline import announce
from examples.world import World

_ID = "short_deadline"


def again(world: World) -> None:
    """A gym put out once more after too few had come."""
    buyer = f"{COUNTY}文化广电和旅游局"
    town = world.places.townships[10]
    call = Call(buyer, f"{town}全民健身中心工程", "房建", town, 6_600_000, date(2023, 6, 20))
    held = hold(world, call, draw(world, "房建", buyer, 4))
    announce(held, 10)
    held.tender["retender"] = True
    world.resemble(_ID, "重新招标", buyer, held.winner)


def of_free_will(world: World) -> None:
    """A township tenders a job that needn't be tendered."""
    town = world.places.townships[11]
    buyer = township_office(town)
    call = Call(buyer, f"{town}集镇路灯改造工程", "道路", town, 1_700_000, date(2022, 9, 6))
    held = hold(world, call, draw(world, "道路", buyer, 3))
    announce(held, 10)
    world.resemble(_ID, "限额以下的工程自愿招标", buyer, held.winner)


CASES = (again, of_free_will)
