"""Three builders of waterworks who bid everywhere and win each in a township of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, eligible, hold
from examples.world import NoCastError, World

LOTS = 24


def a_township_each(world: World) -> None:
    """All three bid in three townships; who wins depends on the township alone.

    In the same townships others hold as many lots of the trade without them.
    """
    rng = world.rng
    buyer = f"{COUNTY}水利局"
    others = eligible(world, "水利", buyer)
    if len(others) < 6:
        raise NoCastError("水利")
    ring = [register(world, "水利", [outsider(world), outsider(world)]) for _ in range(3)]
    # None of them sits in any of the three.
    seats = {firm.township for firm in ring}
    towns = [t for t in world.places.townships if t not in seats][:3]
    for index in range(LOTS):
        place = rng.randrange(3) if index >= 9 else index % 3
        year = YEARS[index % 3]
        village = rng.choice(world.places.of(towns[place]))
        call = Call(
            buyer, f"{towns[place]}{village.name}{index + 1:02d}号泵站改造工程", "水利",
            towns[place], rng.randrange(420, 900) * 10_000,
            world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        hold(world, call, [*ring, *rng.sample(others, 3)], ring[place])
        fair = replace(
            call, title=f"{towns[place]}{village.name}{index + 1:02d}号涵闸维修工程",
            opened=world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        hold(world, fair, rng.sample(others, 5))
    world.plant("territorial_split", f"三家企业在{LOTS}个水利项目中各占一个乡镇", "orange", *ring)


CASES = (a_township_each,)
