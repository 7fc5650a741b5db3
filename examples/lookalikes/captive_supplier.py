"""Suppliers with one customer and reasons for it."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, field, hold
from examples.world import World

_ID = "captive_supplier"


def new_firm(world: World) -> None:
    """A firm in its first year, which has had no time for a second customer."""
    buyer = f"{COUNTY}残疾人联合会"
    firm = register(
        world, "办公", [outsider(world), outsider(world, "女")], established=date(2023, 1, 16)
    )
    for index in range(6):
        call = Call(
            buyer, f"2023年第{index + 1}批辅助器具采购项目", "办公", world.places.townships[0],
            world.rng.randrange(60, 160) * 1_000, date(2023, 5 + index, 16), "询价",
        )  # fmt: skip
        hold(world, call, [firm, *field(world, "办公", buyer, 4, [firm])], firm)
    world.resemble(_ID, "成立未满一年，只有一家客户", buyer, firm)


def only_customer(world: World) -> None:
    """Meals for the county's care homes, which nobody else in the county buys."""
    buyer = f"{COUNTY}民政局"
    firm = register(world, "餐饮", [outsider(world), outsider(world, "女")])
    for index in range(7):
        call = Call(
            buyer, f"养老机构第{index + 1}期配餐服务项目", "餐饮", world.places.townships[0],
            world.rng.randrange(80, 240) * 1_000, date(2021 + index // 3, 2 + index % 3 * 4, 23),
            "询价",
        )  # fmt: skip
        others = field(world, "餐饮", buyer, 3, [firm])
        hold(world, call, [firm, *others], firm if index != 2 else others[0])
    world.resemble(_ID, "当地只有这一家单位采购配餐", buyer, firm)


CASES = (new_firm, only_customer)
