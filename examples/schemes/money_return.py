"""Public money of which a part soon comes back to an official's side."""

from __future__ import annotations

from datetime import date, timedelta

from examples.cast import in_bureau, official_and_close_kin
from examples.firms import outsider, register
from examples.flows import transfer
from examples.procurement import contract
from examples.world import Firm, Official, World

_ID = "money_return"
CLOSE = "妻弟 妻兄 弟弟 哥哥 妹妹 姐姐 儿子 女儿 妻子 丈夫"


def contractor(
    world: World, official: Official, trade: str, item: str, amount: int, day: date
) -> Firm:
    """Register a firm of strangers and let the official's unit hire it."""
    firm = register(world, trade, [outsider(world), outsider(world, "女")])
    contract(world, official.organization, firm, item, amount, day)
    return firm


def to_a_relative(world: World) -> None:
    """After each of three instalments the firm passes an eighth on to a relative."""
    official, relative = official_and_close_kin(world, in_bureau, CLOSE)
    signed = date(2022, 2, 16)
    firm = contractor(world, official, "信息", "政务云租用", 640_000, signed)
    for index, part in enumerate((0.3, 0.5, 0.2)):
        paid = signed + timedelta(days=30 + 75 * index)
        transfer(
            world, firm, relative, round(640_000 * part * 0.125), paid + timedelta(days=8), "往来"
        )
    world.plant(_ID, "三笔付款后均有一成多转给亲属", "orange", official.person, relative, firm)


def through_another_firm(world: World) -> None:
    """A fifth goes through a trading firm to a firm of a relative."""
    official, relative = official_and_close_kin(world, in_bureau, CLOSE)
    signed = date(2022, 6, 8)
    firm = contractor(world, official, "办公", "会议中心设备", 560_000, signed)
    between = register(world, "农资", [outsider(world)])
    own = register(world, "餐饮", [relative, outsider(world)], shares=(80, 20))
    paid = signed + timedelta(days=105)
    transfer(world, firm, between, 60_000, paid + timedelta(days=3), "材料款")
    transfer(world, between, own, 57_000, paid + timedelta(days=6))
    world.plant(_ID, "经贸易公司转给亲属的企业", "orange", official.person, relative, firm, own)


CASES = (to_a_relative, through_another_firm)
