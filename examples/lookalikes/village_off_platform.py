"""Village projects over the local limit that were tendered, or needed no tender."""

from __future__ import annotations

from datetime import date

from examples.schemes.village_off_platform import build
from examples.world import World

_ID = "village_off_platform"


def numbered(world: World) -> None:
    """Three villages whose large projects went through the township's platform."""
    for index, town in enumerate(world.places.townships[3:6]):
        village = world.places.of(town)[0]
        day = date(2022, 3 + index, 15)
        firm = build(
            world, village, "村民广场建设", 720_000 + 90_000 * index, day, f"CJ2022-{index + 1:02d}"
        )
        world.resemble(_ID, "达到限额，有乡镇平台的项目编号", village.name, firm)


def after_the_storm(world: World) -> None:
    """A bridge mended at once after a storm."""
    village = world.places.of(world.places.townships[9])[0]
    firm = build(world, village, "水毁桥梁抢修", 1_180_000, date(2022, 7, 20))
    world.resemble(_ID, "抢修工程", village.name, firm)


def by_the_villagers(world: World) -> None:
    """A road that villagers built themselves under work relief."""
    village = world.places.of(world.places.townships[7])[0]
    firm = build(world, village, "机耕路硬化", 860_000, date(2023, 3, 8), method="以工代赈")
    world.resemble(_ID, "以工代赈项目", village.name, firm)


CASES = (numbered, after_the_storm, by_the_villagers)
