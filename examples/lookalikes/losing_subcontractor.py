"""Ordinary business between firms that met in a tender."""

from __future__ import annotations

from datetime import date

from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.schemes.losing_subcontractor import subcontract
from examples.world import World

_ID = "losing_subcontractor"


def supplier(world: World) -> None:
    """The winner has bought its concrete from the loser for years."""
    buyer = f"{COUNTY}教育局"
    bidders = draw(world, "房建", buyer, 4)
    town = world.places.townships[8]
    call = Call(buyer, f"{town}中心幼儿园新建工程", "房建", town, 5_900_000, date(2022, 11, 16))
    hold(world, call, bidders, winner=bidders[0])
    # Before any lot of the county's records.
    for day in (date(2020, 3, 12), date(2020, 9, 3), date(2023, 1, 11)):
        subcontract(world, bidders[0], bidders[1], "商品混凝土供应合同", 640_000, day)
    world.resemble(_ID, "双方投标前早有材料供应关系", *bidders[:2])


def odd_job(world: World) -> None:
    """The winner hires the loser's digger for a week."""
    buyer = f"{COUNTY}水利局"
    bidders = draw(world, "水利", buyer, 4)
    town = world.places.townships[1]
    call = Call(buyer, f"{town}排涝站改造工程", "水利", town, 5_200_000, date(2021, 8, 18))
    hold(world, call, bidders, winner=bidders[0])
    subcontract(world, bidders[0], bidders[1], "挖掘机租赁合同", 28_000, date(2021, 10, 14))
    world.resemble(_ID, "金额很小的机械租赁", *bidders[:2])


CASES = (supplier, odd_job)
