"""Relatives missing in a form for reasons that are nobody's fault."""

from __future__ import annotations

from datetime import date

from examples.cast import in_bureau, in_office, official_and_close_kin
from examples.firms import outsider, register
from examples.schemes.undeclared_kin import leave_out, same_household
from examples.world import Official, Person, World

_ID = "undeclared_kin"


def married_later(world: World) -> None:
    """A child's spouse moves into the household after the form was filed."""
    official, child = official_and_close_kin(
        world, in_bureau, "儿子 女儿", lambda o, r: same_household(o, r) and r.spouse is None
    )
    newcomer = outsider(world, "女" if child.sex == "男" else "男")
    home = official.person.household
    assert home is not None
    relation = {True: "儿媳", False: "女婿"}[child.sex == "男"]
    if home.head is not official.person:
        # The register names everybody by what they are to the head.
        relation = relation if home.head is official.person.spouse else "其他亲属"
    world.tables.add(
        "households", household_no=home.number, name=newcomer.name, id_number=newcomer.id_number,
        relation_to_head=relation, household_type="家庭户", registered_date=date(2022, 8, 8),
        move_reason="结婚", village=home.village.name, township=home.village.township,
    )  # fmt: skip
    firm = register(world, "餐饮", [newcomer])
    world.resemble(_ID, "填报之后才与子女结婚、迁入同户", official.person, newcomer, firm)


def one_character_wrong(world: World) -> None:
    """The form has the relative, but the clerk typed another character and no number."""
    official, relative = official_and_close_kin(
        world, in_bureau, "丈夫 妻子 儿子 女儿", same_household
    )
    for row in world.tables["kinship"]:
        pair = (row["id_number"], row["relative_id_number"])
        if pair == (official.person.id_number, relative.id_number):
            row["relative_name"] = relative.name[:-1] + (
                "玮" if relative.name[-1] != "玮" else "伟"
            )
            row["relative_id_number"] = None
            row["relative_phone"] = None
    firm = register(world, "办公", [relative])
    world.resemble(_ID, "申报表中姓名错一个字", official.person, relative, firm)


def not_asked_for(world: World) -> None:
    """The report of a civil servant doesn't ask for parents."""

    def parent(official: Official, relative: Person) -> bool:
        return same_household(official, relative)

    official, relative = official_and_close_kin(world, in_office, "父亲 母亲", parent)
    leave_out(world, official, relative)
    firm = register(world, "种养", [relative])
    world.resemble(_ID, "该表不要求填报父母", official.person, relative, firm)


CASES = (not_asked_for, married_later, one_character_wrong)
