"""Four builders whose prices climb in equal steps."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, draw, hold, reprice
from examples.world import World

LOTS = 4


def equal_steps(world: World) -> None:
    """In four lots the losers' prices follow the winner's by the same amount each time."""
    rng = world.rng
    buyer = f"{COUNTY}教育局"
    ring = [register(world, "房建", [outsider(world), outsider(world, "女")]) for _ in range(4)]
    for index in range(LOTS):
        town = world.places.townships[(3 * index + 1) % len(world.places.townships)]
        call = Call(
            buyer, f"{town}小学{index + 1}号楼外墙维修工程", "房建", town,
            rng.randrange(420, 900) * 10_000, date(2022 + index // 2, 3 + 5 * (index % 2), 16),
        )  # fmt: skip
        winner, *losers = ring[index:] + ring[:index]
        held = hold(world, call, [*ring, *draw(world, "房建", buyer, 1)], winner)
        base, step = int(held.bids[winner.name]["amount"]), rng.randrange(21_000, 47_000)
        reprice(held, {f.name: base + step * (n + 1) for n, f in enumerate(losers)})
    world.plant("price_pattern", f"四家企业在{LOTS}个房建项目报价依次等差", "orange", *ring)


CASES = (equal_steps,)
