"""Two gardeners whose prices keep within a few thousandths of each other."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, eligible, hold, reprice
from examples.world import NoCastError, World

LOTS = 18


def close_pair(world: World) -> None:
    """Two firms meet in eighteen lots; the one bids a little above the other, whoever is lower."""
    rng = world.rng
    buyer = f"{COUNTY}城市管理局"
    outsiders = eligible(world, "绿化", buyer)
    if len(outsiders) < 6:
        raise NoCastError("绿化")
    pair = [register(world, "绿化", [outsider(world), outsider(world, "女")]) for _ in range(2)]
    # Never twice the same ratio: only closeness is planted here.
    above = [1.0003 + 0.00014 * step for step in range(LOTS)]
    rng.shuffle(above)
    for index in range(LOTS):
        town = world.places.townships[(index + 2) % len(world.places.townships)]
        year = YEARS[index % 3]
        call = Call(
            buyer, f"{town}{index + 1:02d}号口袋公园建设工程", "绿化", town,
            rng.randrange(420, 980) * 10_000, world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        first, second = pair if index % 2 else pair[::-1]
        others = rng.sample(outsiders, 2)
        # They win a third of the lots; what is odd is the distance between their prices.
        held = hold(world, call, [*pair, *others], first if index % 3 == 0 else others[0])
        base = int(held.bids[first.name]["amount"])
        reprice(held, {second.name: round(base * above[index])})
    world.plant("variance_screens", f"两家企业在{LOTS}个绿化项目报价过于接近", "orange", *pair)


CASES = (close_pair,)
