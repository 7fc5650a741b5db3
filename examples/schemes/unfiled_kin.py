"""Relatives of village cadres in audited programmes without a filing."""

from __future__ import annotations

from datetime import date

from examples.cast import in_village, official_and_kin
from examples.subsidies import LOW_INCOME, RELIEF, Clerks, apply, pay, pay_periods
from examples.world import Official, Person, World

_ID = "unfiled_kin"


def _receives(world: World, *persons: Person) -> bool:
    numbers = {p.id_number for p in persons}
    return any(
        row["id_number"] in numbers and row["programme"] in (LOW_INCOME.name, RELIEF.name)
        for row in world.tables["subsidies"]
    )


def brother_on_low_income(world: World) -> None:
    """A cadre's brother heads a household on the low-income list of the cadre's village."""

    def fits(official: Official, relative: Person) -> bool:
        home = relative.household
        return (
            home is not None
            and home.head is relative
            and relative.village is official.village
            and not _receives(world, *home.members)
        )

    official, brother = official_and_kin(world, in_village, "哥哥 弟弟", fits)
    clerks = Clerks(world)
    apply(world, clerks, LOW_INCOME, brother, brother.household, date(2022, 2, 20))
    pay_periods(
        world, clerks, LOW_INCOME, brother, 3, date(2022, 4, 1), date(2024, 1, 1), brother.household
    )
    world.plant(_ID, "村干部兄弟享受低保，未见备案", "orange", official.person, brother)


def mother_in_law_relief(world: World) -> None:
    """A cadre's mother-in-law or wife's sister gets relief in the cadre's village."""

    def fits(official: Official, relative: Person) -> bool:
        return relative.village is official.village and not _receives(world, relative)

    official, relative = official_and_kin(world, in_village, "岳母 岳父 妻妹 妻姐 妻弟 妻兄", fits)
    clerks = Clerks(world)
    for day in (date(2022, 8, 4), date(2023, 8, 10)):
        apply(world, clerks, RELIEF, relative, relative.household, day)
        pay(world, clerks, RELIEF, relative, RELIEF.standard, day)
    world.plant(_ID, "村干部的姻亲两次获临时救助，未见备案", "orange", official.person, relative)


CASES = (brother_on_low_income, mother_in_law_relief)
