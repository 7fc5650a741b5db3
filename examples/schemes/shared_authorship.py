"""Bid files made with one pricing dongle, or by one author."""

from __future__ import annotations

from datetime import date
from typing import Any

from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import World

_ID = "shared_authorship"


def dongles(world: World, bids: dict[str, dict[str, Any]]) -> None:
    """Give every bid the serial of a dongle of its own."""
    for bid in bids.values():
        bid["dongle_no"] = f"GL{world.rng.randrange(10**8, 10**9)}"


def one_dongle(world: World) -> None:
    """Two of five bidders price their bids with one dongle, in two lots."""
    buyer = f"{COUNTY}教育局"
    drawn = draw(world, "房建", buyer, 8)
    pair = drawn[:2]
    town = world.places.townships[2]
    serial = f"GL{world.rng.randrange(10**8, 10**9)}"
    for title, day, others in (
        ("综合楼新建工程", date(2021, 5, 12), drawn[2:5]),
        ("运动场看台工程", date(2022, 6, 15), drawn[5:]),
    ):
        call = Call(buyer, f"{town}中学{title}", "房建", town, 6_300_000, day)
        held = hold(world, call, [*pair, *others])
        dongles(world, held.bids)
        for firm in pair:
            held.bids[firm.name]["dongle_no"] = serial
    world.plant(_ID, "两家投标人在两个项目中计价软件锁号相同", "orange", *pair)


def one_consultant(world: World) -> None:
    """A consulting firm stands as author of three bidders' files."""
    buyer = f"{COUNTY}水利局"
    bidders = draw(world, "水利", buyer, 5)
    town = world.places.townships[7]
    call = Call(buyer, f"{town}泵站更新改造工程", "水利", town, 5_700_000, date(2023, 4, 18))
    held = hold(world, call, bidders)
    for firm in bidders[:3]:
        held.bids[firm.name]["file_author"] = "江南省精诚造价咨询有限公司"
    world.plant(_ID, "三家投标人的文件作者为同一家咨询企业", "orange", *bidders[:3])


CASES = (one_dongle, one_consultant)
