"""A printer that serves one bureau only and wins nearly all it bids for there."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, field, hold
from examples.world import World


def house_printer(world: World) -> None:
    """Twelve inquiries of the veterans' bureau, all but one won by the same printer."""
    buyer = f"{COUNTY}退役军人事务局"
    firm = register(world, "印刷", [outsider(world), outsider(world, "女")])
    for index in range(12):
        year = 2021 + index // 4
        call = Call(
            buyer, f"{year}年第{index % 4 + 1}批宣传资料印刷服务项目", "印刷", world.places.townships[0],
            world.rng.randrange(60, 200) * 1_000, date(year, 2 + index % 4 * 3, 9), "询价",
        )  # fmt: skip
        others = field(world, "印刷", buyer, 4, [firm])
        hold(world, call, [firm, *others], firm if index != 4 else others[0])
    world.plant(
        "captive_supplier", "只向退役军人事务局投标的印刷企业十二中十一", "yellow", buyer, firm
    )
    world.plant("serial_winner", "只有一个买家的印刷企业十二中十一", "yellow", firm)


CASES = (house_printer,)
