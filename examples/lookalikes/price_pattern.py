"""Prices that are equal, or keep one ratio, for reasons of their own."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, eligible, hold, reprice
from examples.world import World

_ID = "price_pattern"


def usual_discounts(world: World) -> None:
    """Two firms always bid at a discount of their own, together or not."""
    rng = world.rng
    buyer = f"{COUNTY}教育局"
    others = eligible(world, "房建", buyer)
    firms = [register(world, "房建", [outsider(world), outsider(world)]) for _ in range(2)]
    shares = dict(zip((f.name for f in firms), (0.9537, 0.9612), strict=True))
    for index in range(10):
        # Four lots with both of them, three with either alone.
        mine = firms if index < 4 else [firms[index % 2]]
        town = world.places.townships[(index + 3) % len(world.places.townships)]
        ceiling = rng.randrange(420, 900) * 10_000
        call = Call(
            buyer, f"{town}{index + 1}号校舍屋面维修工程", "房建", town, ceiling,
            date(2021 + index % 3, 2 + index, 11),
        )  # fmt: skip
        rivals = rng.sample(others, 3)
        held = hold(world, call, [*mine, *rivals], rivals[0])
        reprice(held, {f.name: round(ceiling * shares[f.name]) for f in mine})
    world.resemble(_ID, "两家各自一贯按固定下浮率报价", *firms)


def at_the_ceiling(world: World) -> None:
    """Two firms that don't care for the work bid exactly the ceiling."""
    rng = world.rng
    buyer = f"{COUNTY}财政局"
    others = eligible(world, "办公", buyer)
    firms = [register(world, "办公", [outsider(world), outsider(world)]) for _ in range(2)]
    for index in range(4):
        town = world.places.townships[(index + 6) % len(world.places.townships)]
        ceiling = rng.randrange(60, 150) * 5_000
        call = Call(
            buyer, f"{town}档案室第{index + 1}批柜架采购项目", "办公", town, ceiling,
            date(2021 + index % 3, 4 + index, 20),
        )  # fmt: skip
        rivals = rng.sample(others, 2)
        held = hold(world, call, [*firms, *rivals], rivals[0])
        reprice(held, {f.name: ceiling for f in firms})
    world.resemble(_ID, "两家报价都等于最高限价", *firms)


CASES = (usual_discounts, at_the_ceiling)
