"""Firms of officials' relatives that supply the officials' own units."""

from __future__ import annotations

from datetime import date

from examples import numbers
from examples.cast import in_bureau, in_office, in_village, official_and_kin
from examples.firms import outsider, register
from examples.procurement import Call, contract, hold
from examples.world import World

_ID = "own_unit_supplier"


def wifes_brother(world: World) -> None:
    """妻弟 owns 60% of a firm that gets three orders without competition."""
    official, relative = official_and_kin(world, in_office, "妻弟 妻兄 妻妹")
    firm = register(world, "办公", [relative, outsider(world)], shares=(60, 40))
    town = world.places.townships[0]
    for index, item in enumerate(("档案密集架采购", "会议系统采购", "办公家具采购")):
        day = date(2022, 3 + 3 * index, 14)
        call = Call(
            official.organization, f"{official.organization}{item}", "办公", town,
            780_000 + 90_000 * index, day, method="单一来源",
        )  # fmt: skip
        hold(world, call, [firm])
    world.plant(
        _ID, "妻家兄弟的企业三次以单一来源承接本单位采购", "orange", official.person, relative, firm
    )


def holding_chain(world: World) -> None:
    """A child holds 80% of a holding firm that holds 70% of the supplier: 56% in the end."""
    official, child = official_and_kin(world, in_bureau, "女儿 儿子")
    holding = register(world, "投资", [outsider(world), child], shares=(20, 80))
    firm = register(world, "信息", [outsider(world, "女")], parent=holding, parent_share=70)
    for year in (2021, 2022, 2023):
        contract(
            world, official.organization, firm, f"{year}年业务系统驻场服务", 460_000,
            date(year, 4, 20),
        )  # fmt: skip
    world.plant(
        _ID, "子女经持股平台间接控股的企业承接本单位服务", "orange", official.person, child, firm
    )


def number_missing(world: World) -> None:
    """The declaration gives no number of the relative; birth date and phone tell who it is."""
    official, relative = official_and_kin(world, in_village, "哥哥 弟弟")
    declared = next(
        row
        for row in world.tables["kinship"]
        if row["id_number"] == official.person.id_number
        and row["relative_id_number"] == relative.id_number
    )
    declared["relative_id_number"] = None
    firm = register(world, "道路", [relative])
    village = official.village
    assert village is not None
    for index, item in enumerate(("入户路硬化工程", "停车场硬化工程")):
        contract(
            world, village.committee, firm, f"{village.name}{item}", 265_000 + 31_000 * index,
            date(2022 + index, 9, 6), township=village.township, village=village.name,
        )  # fmt: skip
    world.plant(_ID, "申报表未填号码的兄弟承接本村工程", "orange", official.person, relative, firm)


def old_number(world: World) -> None:
    """The share register still has the relative's 15-digit number."""
    official, relative = official_and_kin(
        world, in_bureau, "妻子 丈夫 哥哥 弟弟 姐姐 妹妹", lambda o, r: r.birth.year < 1990
    )
    firm = register(
        world, "印刷", [relative], holder_ids=(numbers.old_id_number(relative.id_number),)
    )
    for index in range(2):
        contract(
            world, official.organization, firm, f"{2022 + index}年宣传册印制", 188_000,
            date(2022 + index, 6, 2),
        )  # fmt: skip
    world.plant(
        _ID, "登记为15位旧号的亲属企业承接本单位印制", "orange", official.person, relative, firm
    )


CASES = (wifes_brother, holding_chain, number_missing, old_number)
