"""Three gardeners of public parks who win in turn, though all of them bid every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, eligible, hold
from examples.world import NoCastError, World

LOTS = 24


def three_in_turn(world: World) -> None:
    """Every six weeks a lot; the one whose turn it is wins, three outsiders lose.

    In the same townships others hold as many lots of the trade without them.
    """
    rng = world.rng
    buyer = f"{COUNTY}城市管理局"
    others = eligible(world, "绿化", buyer)
    if len(others) < 5:
        raise NoCastError("绿化")
    ring = [register(world, "绿化", [outsider(world), outsider(world, "女")]) for _ in range(3)]
    opened = date(2021, 2, 3)
    for index in range(LOTS):
        town = world.places.townships[3 + rng.randrange(3)]
        village = rng.choice(world.places.of(town))
        call = Call(
            buyer, f"{town}{village.name}{index + 1:02d}号公共绿地养护工程", "绿化", town,
            rng.randrange(420, 900) * 10_000, opened,
        )  # fmt: skip
        hold(world, call, [*ring, *rng.sample(others, 3)], ring[index % 3])
        fair = replace(
            call, title=f"{town}{village.name}{index + 1:02d}号街心花园改造工程",
            opened=opened + timedelta(days=7),
        )  # fmt: skip
        hold(world, fair, rng.sample(others, 5))
        opened += timedelta(days=42 + rng.randrange(0, 4))
    world.plant("rotation", f"三家企业在{LOTS}个绿化项目中轮流中标", "orange", *ring)


CASES = (three_in_turn,)
