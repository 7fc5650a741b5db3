"""Two officials' units and relatives' firms that cross without being an exchange."""

from __future__ import annotations

from datetime import date

from examples.procurement import Call, contract, draw, hold
from examples.schemes.favour_exchange import fitting
from examples.world import World

_ID = "favour_exchange"


def years_apart(world: World) -> None:
    """The two contracts lie more than two years apart."""
    one, his, first = fitting(world, "印刷", [])
    other, hers, second = fitting(world, "信息", [one])
    contract(world, one.organization, second, "电话系统维护", 188_000, date(2021, 2, 9))
    contract(world, other.organization, first, "展板制作", 142_000, date(2023, 9, 20))
    world.resemble(_ID, "两份合同相隔两年半", one.person, other.person, his, hers)


def open_tender(world: World) -> None:
    """One of the two firms won an open tender among five at a low price."""
    one, his, first = fitting(world, "办公", [])
    other, hers, second = fitting(world, "房建", [one])
    second.competitiveness = -0.06
    others = draw(world, "房建", one.organization, 4)
    town = world.places.townships[5]
    call = Call(
        one.organization, f"{town}办事大厅改造工程", "房建", town, 4_500_000, date(2022, 7, 19)
    )
    hold(world, call, [second, *others], second)
    contract(world, other.organization, first, "打印耗材采购", 176_000, date(2022, 9, 6))
    world.resemble(_ID, "一方经充分竞争的公开招标取得", one.person, other.person, his, hers)


CASES = (years_apart, open_tender)
