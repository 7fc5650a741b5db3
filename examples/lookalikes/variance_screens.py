"""Prices that lie close together for reasons of their own."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, eligible, hold, reprice
from examples.world import World

_ID = "variance_screens"


def guide_price(world: World) -> None:
    """Two suppliers of school meals bid by the government's guide price, within a hair."""
    rng = world.rng
    buyer = f"{COUNTY}民政局"
    others = eligible(world, "餐饮", buyer)
    pair = [register(world, "餐饮", [outsider(world), outsider(world)]) for _ in range(2)]
    for index in range(8):
        town = world.places.townships[index % len(world.places.townships)]
        year = YEARS[index % 3]
        call = Call(
            buyer, f"{town}养老助餐第{index + 1}批食材配送（政府指导价）", "餐饮", town,
            rng.randrange(60, 150) * 5_000, world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        first, second = pair if index % 2 else pair[::-1]
        third = rng.choice(others)
        held = hold(world, call, [*pair, third], first if index % 2 else third)
        base = int(held.bids[first.name]["amount"])
        reprice(held, {second.name: round(base * rng.uniform(1.0005, 1.003))})
    world.resemble(_ID, "价格执行政府指导价", *pair)


def at_the_limit(world: World) -> None:
    """Two printers keep bidding just under the ceiling, where the work doesn't pay."""
    rng = world.rng
    buyer = f"{COUNTY}文化广电和旅游局"
    others = eligible(world, "印刷", buyer)
    pair = [register(world, "印刷", [outsider(world), outsider(world)]) for _ in range(2)]
    for index in range(8):
        town = world.places.townships[(index + 5) % len(world.places.townships)]
        year = YEARS[index % 3]
        ceiling = rng.randrange(60, 150) * 5_000
        call = Call(
            buyer, f"{town}文化礼堂第{index + 1}批展板制作项目", "印刷", town, ceiling,
            world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        third = rng.choice(others)
        held = hold(world, call, [*pair, third], third)
        reprice(held, {f.name: round(ceiling * rng.uniform(0.9962, 0.9999)) for f in pair})
    world.resemble(_ID, "两家报价都贴着最高限价", *pair)


CASES = (guide_price, at_the_limit)
