"""A ring of four road builders that shares nothing but whom it bids with."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, eligible, hold
from examples.world import NoCastError, World

LOTS = 25


def ring_of_four(world: World) -> None:
    """Four firms meet in 25 road lots of three townships, with one or two outsiders in each."""
    rng = world.rng
    buyer = f"{COUNTY}交通运输局"
    outsiders = eligible(world, "道路", buyer)
    if len(outsiders) < 8:
        raise NoCastError("道路")
    ring = [register(world, "道路", [outsider(world), outsider(world, "女")]) for _ in range(4)]
    for index in range(LOTS):
        town = world.places.townships[index % 3]
        year = YEARS[index // 3 % 3]
        village = rng.choice(world.places.of(town))
        call = Call(
            buyer, f"{town}{village.name}{index + 1:02d}线公路提升工程", "道路", town,
            rng.randrange(420, 1500) * 10_000, world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        others = rng.sample(outsiders, rng.choice((1, 1, 2)))
        # Now and then an outsider is let win, as would happen.
        hold(world, call, [*ring, *others], ring[index % 4] if index % 6 else others[0])
    world.plant("cobidding_group", f"四家企业在{LOTS}个公路项目同场投标", "orange", *ring)


CASES = (ring_of_four,)
