"""Numbers and places that suppliers share with officials' relatives innocently."""

from __future__ import annotations

from datetime import date

from examples.cast import in_village, leave, official_and_kin
from examples.firms import outsider, register
from examples.procurement import contract
from examples.schemes.nominee_holding import register_row
from examples.world import World

_ID = "nominee_holding"
_TERMS = "弟弟 哥哥 姐姐 妹妹 妻弟 妻兄 妻姐 妻妹 夫弟 夫兄 妹夫 姐夫 儿子 女儿 女婿 儿媳"


def agent(world: World) -> None:
    """The relative registers firms for others: nine of them leave her telephone."""
    official, relative = official_and_kin(world, in_village, _TERMS)
    for index in range(9):
        firm = register(world, "咨询" if index else "印刷", [outsider(world)])
        register_row(world, firm)["phone"] = relative.phone
        if index == 0:
            contract(world, official.organization, firm, "材料装订", 29_000, date(2022, 6, 8))
            world.resemble(_ID, "代办登记的电话，九家企业共用", official.person, firm)


def no_public_money(world: World) -> None:
    """The firm that has the relative's telephone supplies no public body."""
    official, relative = official_and_kin(world, in_village, _TERMS)
    firm = register(world, "餐饮", [outsider(world)])
    register_row(world, firm)["phone"] = relative.phone
    world.resemble(_ID, "共用电话的企业没有承接公共项目", official.person, firm)


def after_office(world: World) -> None:
    """The firm's only contract was signed after the official had left."""
    official, relative = official_and_kin(world, in_village, _TERMS)
    firm = register(world, "信息", [outsider(world)])
    register_row(world, firm)["phone"] = relative.phone
    leave(world, official, date(2021, 9, 30))
    contract(world, official.organization, firm, "设备维护", 53_000, date(2022, 11, 3))
    world.resemble(_ID, "合同签订时已经离任", official.person, firm)


CASES = (agent, no_public_money, after_office)
