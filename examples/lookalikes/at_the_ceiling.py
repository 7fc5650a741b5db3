"""Awards at the ceiling where the price was never open."""

from __future__ import annotations

from datetime import date

from examples.places import COUNTY
from examples.procurement import Call, award, field
from examples.world import World


def unit_prices(world: World) -> None:
    """Upkeep at the fixed unit price of the city's schedule."""
    buyer = f"{COUNTY}城市管理局"
    for index in range(5):
        ceiling = world.rng.randrange(30, 90) * 10_000
        call = Call(
            buyer, f"城区绿地养护单价承包（第{index + 1}片区）", "绿化", world.places.townships[0], ceiling,
            date(2021 + index // 2, 3 + index % 2 * 5, 10),
        )  # fmt: skip
        award(world, call, [(f, ceiling) for f in field(world, "绿化", buyer, 3)])
    world.resemble("at_the_ceiling", "按固定单价承包", buyer)


CASES = (unit_prices,)
