"""A bureau whose awards come to the ceiling price."""

from __future__ import annotations

from datetime import date

from examples.places import COUNTY
from examples.procurement import Call, award, field, hold
from examples.world import World


def nothing_off(world: World) -> None:
    """Six of nine land works are awarded at 99.6% of the ceiling or more, to different firms."""
    buyer = f"{COUNTY}自然资源局"
    for index in range(9):
        town = world.places.townships[index % 5 + 3]
        year = 2021 + index // 3
        ceiling = world.rng.randrange(430, 980) * 10_000
        call = Call(
            buyer, f"{town}土地整治项目沟渠工程（{year}年第{index % 3 + 1}片区）", "水利", town, ceiling,
            date(year, 2 + index % 3 * 4, 24),
        )  # fmt: skip
        firms = field(world, "水利", buyer, 4)
        if index % 3 == 0:
            hold(world, call, firms, firms[0])
            continue
        shares = sorted(world.rng.uniform(0.9962, 0.9998) for _ in firms)
        award(world, call, [(f, round(ceiling * s)) for f, s in zip(firms, shares, strict=True)])
    world.plant("at_the_ceiling", "自然资源局九个标段六个贴近限价中标", "orange", buyer)


CASES = (nothing_off,)
