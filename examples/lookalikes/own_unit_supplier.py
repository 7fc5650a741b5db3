"""Firms of relatives, or of their namesakes, that deal with public bodies innocently."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from examples import numbers
from examples.cast import in_bureau, in_village, official_and_kin
from examples.firms import outsider, register
from examples.offices import BUREAUS
from examples.procurement import Call, contract, draw, hold
from examples.world import Person, World

_ID = "own_unit_supplier"
_SPOUSE_OR_SIBLING = "妻子 丈夫 哥哥 弟弟 姐姐 妹妹 妻弟 妻兄 妻妹 妻姐"


def namesakes(world: World) -> None:
    """Three suppliers are owned by people who only share a name with an official's relative."""
    for _ in range(3):
        official, relative = official_and_kin(world, in_bureau, _SPOUSE_OR_SIBLING)
        stranger = replace(outsider(world, relative.sex), name=relative.name)
        firm = register(world, "办公", [stranger])
        contract(world, official.organization, firm, "复印纸采购", 62_000, date(2022, 5, 9))
        world.resemble(_ID, "供应商股东与干部亲属同名，号码不同", official.person, firm)


def other_unit(world: World) -> None:
    """Relatives' firms supply units in which the official holds no post."""
    for _ in range(3):
        official, relative = official_and_kin(world, in_bureau, _SPOUSE_OR_SIBLING)
        firm = register(world, "印刷", [relative])
        buyer = next(b for b in BUREAUS if b != official.organization)
        contract(world, buyer, firm, "法治宣传栏制作", 74_000, date(2022, 10, 18))
        world.resemble(_ID, "亲属企业承接的是其他单位的项目", official.person, firm)


def before_tenure(world: World) -> None:
    """The contracts were signed and paid before the official came to the unit."""
    official, relative = official_and_kin(world, in_bureau, _SPOUSE_OR_SIBLING)
    firm = register(world, "信息", [relative])
    contract(world, official.organization, firm, "机房搬迁服务", 95_000, date(2021, 3, 9))
    _post(world, official.person.id_number, start=date(2022, 2, 1))
    world.resemble(_ID, "合同签订和支付均在任职之前", official.person, firm)


def after_tenure(world: World) -> None:
    """The official had left the village committee when the firm was hired."""
    official, relative = official_and_kin(world, in_village, _SPOUSE_OR_SIBLING + " 儿子 女儿")
    firm = register(world, "绿化", [relative])
    village = official.village
    assert village is not None
    _post(world, official.person.id_number, end=date(2022, 3, 31))
    contract(
        world, village.committee, firm, f"{village.name}苗木补植工程", 88_000, date(2023, 3, 12),
        township=village.township, village=village.name,
    )  # fmt: skip
    world.resemble(_ID, "合同签订时已离任", official.person, firm)


def after_divorce(world: World) -> None:
    """The marriage had ended when the former spouse's firm was hired."""
    official, spouse = official_and_kin(world, in_bureau, "妻子 丈夫")
    firm = register(world, "餐饮", [spouse])
    divorced = date(2021, 6, 18)
    for row in world.tables["kinship"]:
        pair = (row["id_number"], row["relative_id_number"])
        if pair == (official.person.id_number, spouse.id_number):
            row["end_date"] = divorced
    _move_out(world, official.person, spouse, divorced)
    contract(world, official.organization, firm, "食堂托管服务", 96_000, date(2022, 9, 1))
    world.resemble(_ID, "签订合同前已离婚", official.person, firm)


def _move_out(world: World, one: Person, other: Person, divorced: date) -> None:
    """Give whichever of a divorced couple heads no household one of their own."""
    home = one.household
    leaving = other if home is not None and home.head is one else one
    for row in world.tables["households"]:
        if row["id_number"] == leaving.id_number:
            row["household_no"] = f"{numbers.AREA}9{len(world.tables['households']):05d}"
            row["relation_to_head"] = "户主"
            row["registered_date"] = divorced + timedelta(days=20)
            row["move_reason"] = "离婚分户"


def competitive_award(world: World) -> None:
    """The relative's firm wins open tenders among five at a low price: at most a hint."""
    for index in range(2):
        official, relative = official_and_kin(world, in_bureau, _SPOUSE_OR_SIBLING)
        firm = register(world, "房建", [relative])
        firm.competitiveness = -0.06
        others = draw(world, "房建", official.organization, 4)
        town = world.places.townships[index + 2]
        call = Call(
            official.organization, f"{town}便民服务中心装修工程", "房建", town, 4_600_000,
            date(2022, 6 + index, 21),
        )  # fmt: skip
        hold(world, call, [firm, *others], firm)
        world.resemble(_ID, "公开招标、五家竞争、低价中标", official.person, firm, at_most="yellow")


def _post(world: World, number: str, **dates: date) -> None:
    row = next(r for r in world.tables["officials"] if r["id_number"] == number)
    for column, day in dates.items():
        row[f"{column}_date"] = day


CASES = (namesakes, other_unit, before_tenure, after_tenure, after_divorce, competitive_award)
