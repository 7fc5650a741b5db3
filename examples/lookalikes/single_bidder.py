"""Lots with one bid that have their reason."""

from __future__ import annotations

from datetime import date

from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, award, field, hold
from examples.world import World

_ID = "single_bidder"


def sole_source(world: World) -> None:
    """Maintenance of a system by its maker, bought from it at the budget."""
    buyer = f"{COUNTY}公安局"
    (maker,) = field(world, "信息", buyer, 1)
    for index in range(5):
        ceiling = world.rng.randrange(40, 90) * 2_000
        call = Call(
            buyer, f"原建系统第{index + 1}模块延保服务项目", "信息", world.places.townships[0], ceiling,
            date(2021 + index // 2, 5 + index % 2 * 4, 20), "单一来源",
        )  # fmt: skip
        award(world, call, [(maker, ceiling)])
    world.resemble(_ID, "依法采用单一来源", buyer, maker)
    world.resemble("at_the_ceiling", "单一来源按预算成交", buyer, maker)


def second_round(world: World) -> None:
    """A township puts remote works out again after a first round that failed."""
    town = world.places.townships[10]
    buyer = township_office(town)
    for index in range(13):
        again = index % 3 == 1
        call = Call(
            buyer, f"{town}山区供水管网第{index + 1}段改造工程", "水利", town,
            world.rng.randrange(60, 200) * 5_000, date(2021 + index // 5, 2 + index % 5 * 2, 12),
        )  # fmt: skip
        bidders = field(world, "水利", buyer, 1 if again else 4)
        held = hold(world, call, bidders, bidders[0])
        held.tender["retender"] = again
    world.resemble(_ID, "首次招标失败后重新招标只来一家", buyer)


CASES = (sole_source, second_round)
