"""Bidders of one lot that submitted from one computer."""

from __future__ import annotations

from datetime import date

from examples.places import COUNTY
from examples.procurement import Call, draw, hold, share_computer
from examples.world import Firm, World

_ID = "shared_submission"


def _lot(world: World, trade: str, owner: str, title: str, day: date) -> tuple[Call, list[Firm]]:
    buyer = COUNTY + owner
    bidders = draw(world, trade, buyer, 5)
    town = world.places.townships[4]
    return Call(buyer, f"{town}{title}", trade, town, 6_800_000, day), bidders


def two_firms(world: World) -> None:
    """Two of five bidders share card, processor and disk."""
    call, bidders = _lot(world, "水利", "水利局", "灌区渠系配套工程", date(2022, 5, 17))
    held = hold(world, call, bidders)
    share_computer([held.bids[f.name] for f in bidders[:2]])
    world.plant(_ID, "两家投标人设备三项相同", "orange", *bidders[:2])


def three_firms(world: World) -> None:
    """Three of five share a computer, in two lots."""
    call, bidders = _lot(world, "房建", "教育局", "中心小学食堂新建工程", date(2023, 3, 22))
    for item, day in ((call, call.opened), (call, date(2023, 8, 9))):
        title = item.title if day == call.opened else item.title.replace("食堂", "宿舍")
        again = Call(call.purchaser, title, call.trade, call.township, call.ceiling, day)
        held = hold(world, again, bidders)
        share_computer([held.bids[f.name] for f in bidders[:3]])
    world.plant(_ID, "三家投标人在两个项目中设备三项相同", "orange", *bidders[:3])


def one_line(world: World) -> None:
    """Two bidders share nothing but the address of their line."""
    call, bidders = _lot(world, "绿化", "城市管理局", "滨河公园绿化工程", date(2021, 9, 14))
    held = hold(world, call, bidders)
    first, second = (held.bids[f.name] for f in bidders[:2])
    second["ip_address"] = first["ip_address"]
    world.plant(_ID, "两家投标人仅IP地址相同", "yellow", *bidders[:2])


CASES = (two_firms, three_firms, one_line)
