"""Large awards to new firms that are no beginners."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "newborn_winner"


def renamed(world: World) -> None:
    """The owner of an old builder founded it anew under another name."""
    buyer = f"{COUNTY}教育局"
    town = world.places.townships[9]
    owner = outsider(world)
    register(world, "房建", [owner], established=date(2009, 5, 12))
    firm = register(world, "房建", [owner], established=date(2021, 12, 6))
    call = Call(buyer, f"{town}中学宿舍楼工程", "房建", town, 8_900_000, date(2022, 4, 26))
    hold(world, call, [firm, *draw(world, "房建", buyer, 3)], winner=firm)
    world.resemble(_ID, "由同行业老企业改设，法定代表人未变", buyer, firm)


def subsidiary(world: World) -> None:
    """An old investor's new subsidiary runs a county's systems."""
    buyer = f"{COUNTY}公安局"
    town = world.places.townships[0]
    parent = register(world, "投资", [outsider(world)], established=date(2010, 3, 2))
    firm = register(
        world, "信息", [outsider(world)], parent=parent, parent_share=80,
        established=date(2022, 10, 10),
    )  # fmt: skip
    call = Call(
        buyer, f"{town}治安监控扩容服务项目", "信息", town, 1_900_000, date(2023, 2, 21),
        "竞争性磋商",
    )  # fmt: skip
    hold(world, call, [firm, *draw(world, "信息", buyer, 3)], winner=firm)
    world.resemble(_ID, "老企业控股80%的子公司", buyer, firm)


def small_job(world: World) -> None:
    """A new firm mends a fence."""
    town = world.places.townships[1]
    buyer = township_office(town)
    firm = register(world, "绿化", [outsider(world)], established=date(2023, 1, 9))
    contract(world, buyer, firm, f"{town}办公区围栏修补", 46_000, date(2023, 4, 12), township=town)
    world.resemble(_ID, "新设企业承接小额项目", buyer, firm)


CASES = (renamed, subsidiary, small_job)
