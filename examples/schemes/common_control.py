"""Firms under one control that bid against each other."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import Firm, World

_ID = "common_control"


def against_others(
    world: World, trade: str, owner: str, title: str, day: date, firms: list[Firm]
) -> None:
    """Let some firms bid in a lot together with two of the market."""
    buyer = COUNTY + owner
    town = world.places.townships[day.month % len(world.places.townships)]
    call = Call(buyer, f"{town}{title}", trade, town, 4_900_000, day)
    hold(world, call, [*firms, *two_others(world, trade, buyer, firms)])


def two_others(world: World, trade: str, buyer: str, firms: list[Firm]) -> list[Firm]:
    """Two firms of the market that are not among the given ones."""
    return [f for f in draw(world, trade, buyer, 4) if f not in firms][:2]


def one_head(world: World) -> None:
    """One man is legal representative of two bidders."""
    head = outsider(world)
    firms = [register(world, "水利", [head, outsider(world)]) for _ in range(2)]
    against_others(world, "水利", "水利局", "水闸维修工程", date(2022, 2, 23), firms)
    world.plant(_ID, "两家投标人的法定代表人为同一人", "red", *firms)


def parent_and_child(world: World) -> None:
    """A firm bids against the one it holds 60% of."""
    parent = register(world, "房建", [outsider(world)])
    child = register(world, "房建", [outsider(world)], parent=parent)
    against_others(world, "房建", "教育局", "实验楼装修工程", date(2023, 7, 5), [parent, child])
    world.plant(_ID, "母公司与其控股的子公司同场投标", "red", parent, child)


def one_investor(world: World) -> None:
    """Two bidders are held by one investment firm that doesn't bid."""
    investor = register(world, "投资", [outsider(world)])
    firms = [register(world, "绿化", [outsider(world)], parent=investor) for _ in range(2)]
    against_others(world, "绿化", "城市管理局", "苗圃改造工程", date(2021, 12, 1), firms)
    world.plant(_ID, "两家投标人同受一家投资企业控股", "orange", *firms)


CASES = (one_head, parent_and_child, one_investor)
