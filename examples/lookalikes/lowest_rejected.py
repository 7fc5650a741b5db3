"""Lowest bids that were turned down for good reasons."""

from __future__ import annotations

from datetime import date

from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, award, field, hold
from examples.world import World

_ID = "lowest_rejected"


def by_score(world: World) -> None:
    """Consultations decided by score, in which the dearer service won."""
    buyer = f"{COUNTY}财政局"
    for index in range(6):
        ceiling = world.rng.randrange(60, 160) * 5_000
        call = Call(
            buyer, f"预算绩效评价系统第{index + 1}期开发服务项目", "信息", world.places.townships[0],
            ceiling, date(2021 + index // 2, 4 + index % 2 * 5, 19), "竞争性磋商",
        )  # fmt: skip
        firms = field(world, "信息", buyer, 3)
        prices = (0.93, 0.89, 0.95)
        award(world, call, [(f, round(ceiling * p)) for f, p in zip(firms, prices, strict=True)])
    world.resemble(_ID, "竞争性磋商以得分定标", buyer)


def below_the_floor(world: World) -> None:
    """A township with a floor price, under which four bids fell."""
    town = world.places.townships[11]
    buyer = township_office(town)
    for index in range(12):
        ceiling = world.rng.randrange(70, 190) * 5_000
        call = Call(
            buyer, f"{town}村组道路第{index + 1}标段硬化工程", "道路", town, ceiling,
            date(2021 + index // 4, 3 + index % 4 * 2, 26),
        )  # fmt: skip
        firms = field(world, "道路", buyer, 4)
        if index % 3:
            hold(world, call, firms, firms[0])
            continue
        prices = [round(ceiling * p) for p in (0.9, 0.845, 0.93, 0.95)]
        held = award(world, call, list(zip(firms, prices, strict=True)), out=firms[1:2])
        held.tender["floor_price"] = round(ceiling * 0.86)
    world.resemble(_ID, "最低报价低于最低限价", buyer)


CASES = (by_score, below_the_floor)
