"""Firms of officials' relatives that work in the officials' townships and fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from examples.cast import family_holds_firms, in_bureau, in_charge, kin_in, official_and_kin, post
from examples.firms import register
from examples.places import COUNTY, Village
from examples.procurement import Call, contract, hold
from examples.world import Official, Person, World

_ID = "jurisdiction_supplier"
_IN_LAWS = "妻弟 妻兄 哥哥 弟弟 夫弟 夫兄 儿子 女婿"


def villages_without_kin(world: World, official: Official, relative: Person) -> list[Village]:
    """Villages of the official's township in whose committee nobody is kin to the relative."""
    assert official.township is not None
    here = world.places.of(official.township)
    return [v for v in here if not kin_in(world, relative, v.committee)]


def only_leader(world: World, official: Official, relative: Person) -> bool:
    """Tell whether no other leader of the township is kin to the relative."""
    return not any(
        id(relative) in o.kin
        for o in world.officials
        if o is not official and o.organization == official.organization
    )


def township_villages(world: World) -> None:
    """A township leader's in-law mends roads and builds in the villages of the township."""
    official, relative = official_and_kin(
        world, in_charge, _IN_LAWS,
        lambda o, r: only_leader(world, o, r) and len(villages_without_kin(world, o, r)) >= 2,
    )  # fmt: skip
    firm = register(world, "道路", [relative])
    first, second = villages_without_kin(world, official, relative)[:2]
    for index, village in enumerate((first, second)):
        contract(
            world, village.committee, firm, f"{village.name}通组路硬化工程", 238_000 + 47_000 * index,
            date(2022, 4 + 3 * index, 19), township=village.township, village=village.name,
        )  # fmt: skip
    world.tables.add(
        "village_projects", village=second.name, project=f"{second.name}停车场修建",
        method="村民自建", budget=Decimal(118_000), settled=Decimal(112_600), contractor=firm.name,
        contractor_id=firm.uscc, decision_date=date(2023, 2, 9), start_date=date(2023, 3, 6),
        township=second.township,
    )  # fmt: skip
    world.plant(
        _ID, "乡镇领导的亲属企业承接辖区两个村的工程", "orange", official.person, relative, firm
    )


def field_of_work(world: World) -> None:
    """A deputy county head in charge of schools; the spouse's firm furnishes the school bureau."""
    bureau = f"{COUNTY}教育局"
    official, relative = official_and_kin(
        world, in_bureau, "妻子 丈夫 儿子 女儿",
        lambda o, r: o.organization != bureau
        and not family_holds_firms(world, o)
        and not kin_in(world, r, bureau),
    )  # fmt: skip
    government = f"{COUNTY}人民政府"
    post(
        world, official, organization=government, position="副县长", rank="县处级副职",
        duties="教育、卫生健康",
    )  # fmt: skip
    for row in world.tables["payroll"]:
        if row["id_number"] == official.person.id_number:
            row["unit"] = government
    official.organization, official.position = government, "副县长"
    firm = register(world, "办公", [relative])
    for index, item in enumerate(("课桌椅采购", "多媒体设备采购")):
        call = Call(
            bureau, f"{bureau}{item}", "办公", world.places.townships[0], 860_000 + 240_000 * index,
            date(2022 + index, 7, 12), method="单一来源",
        )  # fmt: skip
        hold(world, call, [firm])
    world.plant(
        _ID, "分管教育的副县长的亲属企业承接教育局采购", "orange", official.person, relative, firm
    )


CASES = (township_villages, field_of_work)
