"""Firms that belonged together once, or that never met in one lot."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import combinations

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, hold
from examples.schemes.common_control import against_others, two_others
from examples.world import Firm, Person, World

_ID = "common_control"


def sold(world: World) -> None:
    """The parent sold its share to the manager half a year before both bid."""
    parent = register(world, "房建", [outsider(world)])
    manager = outsider(world)
    child = register(world, "房建", [manager], parent=parent)
    rows = [r for r in world.tables["shareholders"] if r["uscc"] == child.uscc]
    held = next(r for r in rows if r["shareholder"] == parent.name)
    held["end_date"] = date(2022, 3, 1)
    world.tables["shareholders"].append(
        {**held, "shareholder": manager.name, "shareholder_id": manager.id_number,
         "start_date": date(2022, 3, 2), "end_date": None}
    )  # fmt: skip
    against_others(world, "房建", "教育局", "图书馆修缮工程", date(2022, 9, 7), [parent, child])
    world.resemble(_ID, "控股关系在投标前已经终止", parent, child)


def other_lots(world: World) -> None:
    """Parent and subsidiary each bid for a lot of its own."""
    parent = register(world, "水利", [outsider(world)])
    child = register(world, "水利", [outsider(world)], parent=parent)
    buyer = f"{COUNTY}水利局"
    town = world.places.townships[9]
    for lot, firm in (("第一标段", parent), ("第二标段", child)):
        call = Call(
            buyer, f"{town}高标准农田灌溉工程{lot}", "水利", town, 4_800_000, date(2023, 3, 8),
            lot=lot, tender_no="QL2023-KG01",
        )  # fmt: skip
        hold(world, call, [firm, *two_others(world, "水利", buyer, [parent, child])])
    world.resemble(_ID, "母子公司投同一项目的不同标段", parent, child)


def relatives_by_chance(world: World) -> None:
    """In open markets firms of near relatives meet now and then; that is worth a hint at most."""
    bidders: dict[tuple[str, str | None], list[Firm]] = defaultdict(list)
    firms = {firm.uscc: firm for firm in world.firms}
    for bid in world.tables["bids"]:
        bidders[bid["tender_no"], bid["lot"]].append(firms[bid["uscc"]])
    pairs = {
        (one.uscc, other.uscc)
        for here in bidders.values()
        for one, other in combinations(sorted(here, key=lambda f: f.uscc), 2)
        if any(_near(a, b) for a in one.holders for b in other.holders)
    }
    for one_code, other_code in sorted(pairs):
        world.resemble(
            _ID, "近亲属的企业偶然同场投标", firms[one_code], firms[other_code], at_most="yellow"
        )


def _near(one: Person, other: Person) -> bool:
    """Tell whether two people are a couple, parent and child, or brothers and sisters."""
    parents = [{id(p) for p in (x.father, x.mother) if p} for x in (one, other)]
    return (
        one.spouse is other
        or id(one) in parents[1]
        or id(other) in parents[0]
        or bool(parents[0] & parents[1])
    )


CASES = (sold, other_lots, relatives_by_chance)
