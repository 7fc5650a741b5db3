"""Relatives whom registers show and the official's own form, which asks for them, leaves out."""

from __future__ import annotations

from datetime import date

from examples.cast import in_bureau, in_village, official_and_close_kin
from examples.firms import register
from examples.subsidies import RELIEF, Clerks, apply, file_kin, pay
from examples.world import Official, Person, World

_ID = "undeclared_kin"


def same_household(official: Official, relative: Person) -> bool:
    """Whether the register keeps the two in one household."""
    return relative.household is not None and relative.household is official.person.household


def leave_out(world: World, official: Official, relative: Person) -> None:
    """Take a relative out of the official's form."""
    world.tables["kinship"][:] = [
        row
        for row in world.tables["kinship"]
        if (row["id_number"], row["relative_id_number"])
        != (official.person.id_number, relative.id_number)
    ]


def spouse_with_a_firm(world: World) -> None:
    """A bureau leader's form leaves out the child or spouse, who owns a firm."""
    official, relative = official_and_close_kin(
        world, in_bureau, "儿子 女儿 丈夫 妻子", same_household
    )
    leave_out(world, official, relative)
    firm = register(world, "农资", [relative])
    world.plant(
        _ID,
        "个人有关事项报告未列同户的家人，家人持有企业",
        "yellow",
        official.person,
        relative,
        firm,
    )


def parent_with_relief(world: World) -> None:
    """A village cadre's form leaves out a parent or child, who gets relief (filed with the township)."""
    official, relative = official_and_close_kin(
        world, in_village, "父亲 母亲 儿子 女儿 妻子 丈夫", same_household
    )
    leave_out(world, official, relative)
    day = date(2022, 9, 6)
    apply(world, Clerks(world), RELIEF, relative, relative.household, day)
    file_kin(world, RELIEF, [relative], day)
    pay(world, Clerks(world), RELIEF, relative, RELIEF.standard, day)
    world.plant(
        _ID, "村干部亲属表未列同户的家人，家人领取临时救助", "yellow", official.person, relative
    )


CASES = (spouse_with_a_firm, parent_with_relief)
