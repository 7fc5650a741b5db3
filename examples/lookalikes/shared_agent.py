"""Contacts that only look like one person."""

from __future__ import annotations

from collections import Counter
from datetime import date

from examples.firms import outsider
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import World

_ID = "shared_agent"


def hotline(world: World) -> None:
    """Bidders write down the hotline of the platform on which they registered."""
    buyer = f"{COUNTY}公安局"
    bidders = draw(world, "信息", buyer, 4)
    town = world.places.townships[1]
    call = Call(buyer, f"{town}视频监控维护服务项目", "信息", town, 800_000, date(2021, 10, 20))
    for bid in hold(world, call, bidders).bids.values():
        bid.update(contact=outsider(world).name, contact_phone="400-826-5512")
    world.resemble(_ID, "联系电话是平台服务热线", *bidders)


def namesakes(world: World) -> None:
    """Two bidders' contacts bear a name that is common in the county, each with an own phone."""
    buyer = f"{COUNTY}教育局"
    bidders = draw(world, "房建", buyer, 4)
    town = world.places.townships[6]
    call = Call(buyer, f"{town}小学围墙维修工程", "房建", town, 4_200_000, date(2022, 12, 7))
    held = hold(world, call, bidders)
    name, _ = Counter(str(p.name) for p in world.people).most_common(1)[0]
    for firm in bidders[:2]:
        held.bids[firm.name].update(contact=name, file_author=None)
    world.resemble(_ID, "联系人只是同名", *bidders[:2])


CASES = (hotline, namesakes)
