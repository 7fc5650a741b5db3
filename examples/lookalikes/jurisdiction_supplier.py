"""Relatives' firms that work in villages, but not in those of the official's charge."""

from __future__ import annotations

from datetime import date

from examples.cast import in_charge, kin_in, official_and_kin, post
from examples.firms import register
from examples.offices import township_office
from examples.places import Village
from examples.procurement import Call, contract, draw, hold
from examples.schemes.jurisdiction_supplier import only_leader, villages_without_kin
from examples.world import Official, Person, World

_ID = "jurisdiction_supplier"
_TERMS = "妻弟 妻兄 哥哥 弟弟 夫弟 夫兄 儿子 女婿 妹夫 姐夫"


def _has_village(world: World, official: Official, relative: Person) -> bool:
    return only_leader(world, official, relative) and bool(
        villages_without_kin(world, official, relative)
    )


def _elsewhere(world: World, official: Official, relative: Person) -> list[Village]:
    """Villages of other townships where neither committee nor government is kin."""
    return [
        v
        for v in world.places.villages
        if v.township != official.township
        and not kin_in(world, relative, v.committee)
        and not kin_in(world, relative, township_office(v.township))
    ]


def other_township(world: World) -> None:
    """The firm works in a village of another township."""
    official, relative = official_and_kin(
        world, in_charge, _TERMS, lambda o, r: bool(_elsewhere(world, o, r))
    )
    firm = register(world, "绿化", [relative])
    village = _elsewhere(world, official, relative)[0]
    contract(
        world, village.committee, firm, f"{village.name}村道绿化工程", 92_000, date(2022, 3, 15),
        township=village.township, village=village.name,
    )  # fmt: skip
    world.resemble(_ID, "亲属企业承接的是其他乡镇的村级工程", official.person, firm)


def before_office(world: World) -> None:
    """The work was done before the official came to the township."""
    official, relative = official_and_kin(
        world, in_charge, _TERMS, lambda o, r: _has_village(world, o, r)
    )
    firm = register(world, "水利", [relative])
    village = villages_without_kin(world, official, relative)[0]
    contract(
        world, village.committee, firm, f"{village.name}灌渠维修工程", 118_000, date(2021, 2, 24),
        township=village.township, village=village.name,
    )  # fmt: skip
    post(world, official, start_date=date(2021, 12, 6))
    world.resemble(_ID, "合同签订在到乡镇任职之前", official.person, firm)


def not_in_charge(world: World) -> None:
    """A clerk of the township's government who is in charge of no village."""
    official, relative = official_and_kin(
        world,
        lambda o: o.village is None and o.position == "民政办主任",
        _TERMS + " 妻子 丈夫 姐姐 妹妹",
        lambda o, r: _has_village(world, o, r),
    )
    firm = register(world, "绿化", [relative])
    village = villages_without_kin(world, official, relative)[0]
    contract(
        world, village.committee, firm, f"{village.name}广场绿化工程", 76_000, date(2022, 10, 11),
        township=village.township, village=village.name,
    )  # fmt: skip
    world.resemble(_ID, "乡镇一般干部，没有分管该村", official.person, firm)


def open_tender(world: World) -> None:
    """The firm wins a village's open tender among five at a low price: at most a hint."""
    official, relative = official_and_kin(
        world, in_charge, _TERMS + " 妻子 丈夫", lambda o, r: _has_village(world, o, r)
    )
    firm = register(world, "房建", [relative])
    firm.competitiveness = -0.06
    village = villages_without_kin(world, official, relative)[0]
    others = draw(world, "房建", village.committee, 4)
    call = Call(
        village.committee, f"{village.name}党群服务中心新建工程", "房建", village.township,
        4_300_000, date(2022, 9, 20), village=village.name,
    )  # fmt: skip
    hold(world, call, [firm, *others], firm)
    world.resemble(_ID, "公开招标、五家竞争、低价中标", official.person, firm, at_most="yellow")


CASES = (other_township, before_office, not_in_charge, open_tender)
