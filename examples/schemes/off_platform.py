"""Deals over the limit that never came to the public platform."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "off_platform"


def without_tender(world: World) -> None:
    """A township signs for a car park of 4.68 million without any tender."""
    town = world.places.townships[10]
    buyer = township_office(town)
    firm = register(world, "房建", [outsider(world)])
    contract(
        world, buyer, firm, f"{town}集镇停车场建设工程", 4_680_000, date(2022, 8, 9), township=town
    )
    world.plant(_ID, "施工合同468万元没有项目编号，平台查无此项目", "orange", buyer, firm)


def own_platform(world: World) -> None:
    """A bureau lets a firm's own web shop hold a tender of six million."""
    buyer = f"{COUNTY}城市管理局"
    town = world.places.townships[11]
    call = Call(
        buyer, f"{town}滨河公园改造工程", "绿化", town, 6_200_000, date(2023, 4, 18),
        platform="临川阳辉电子采购商城",
    )  # fmt: skip
    held = hold(world, call, draw(world, "绿化", buyer, 4))
    world.plant(_ID, "达到限额的工程在企业自己的平台上招标", "yellow", buyer, held.winner)


CASES = (without_tender, own_platform)
