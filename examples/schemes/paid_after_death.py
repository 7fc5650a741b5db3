"""Benefits paid for a time after the payee's death."""

from __future__ import annotations

from datetime import date, timedelta

from examples import cast, numbers
from examples.subsidies import DISABLED, OLD_AGE, PENSION, Clerks, pay, pay_periods
from examples.world import Person, World

_ID = "paid_after_death"


def _old_and_dead(first: date, last: date) -> cast.Callable[[Person], bool]:
    def fits(person: Person) -> bool:
        return bool(person.death and first <= person.death <= last and person.age(first) >= 81)

    return fits


def old_age_allowance(world: World) -> None:
    """The allowance for the old goes on for three quarters."""
    person = cast.person(world, _old_and_dead(date(2021, 3, 1), date(2022, 9, 30)))
    assert person.death is not None
    begin = person.death + timedelta(days=1)
    pay_periods(world, Clerks(world), OLD_AGE, person, 3, begin, begin + timedelta(days=290))
    world.plant(_ID, "高龄津贴在死亡后继续发放三个季度", "red", person)


def old_number(world: World) -> None:
    """The register of deaths has the 15-digit number; the pension goes on for a year."""
    person = cast.person(world, _old_and_dead(date(2021, 3, 1), date(2022, 5, 30)))
    assert person.death is not None
    row = next(r for r in world.tables["deaths"] if r["id_number"] == person.id_number)
    row["id_number"] = numbers.old_id_number(person.id_number)
    begin = person.death + timedelta(days=1)
    pay_periods(world, Clerks(world), PENSION, person, 6, begin, begin + timedelta(days=380))
    world.plant(_ID, "死亡登记为15位旧号，养老金继续发放", "red", person)


def later_years(world: World) -> None:
    """No period is known, but the years paid for are later than that of the death."""
    person = cast.person(world, lambda p: bool(p.death and p.death.year == 2021))
    for year in (2022, 2023):
        pay(world, Clerks(world), DISABLED, person, DISABLED.standard, date(year, 7, 15))
    world.plant(_ID, "残疾人补贴在死亡后的年度仍发放", "red", person)


def death_year(world: World) -> None:
    """No period is known and the payment falls into the year of the death."""
    person = cast.person(
        world, lambda p: bool(p.death and date(2022, 1, 10) < p.death < date(2022, 5, 30))
    )
    pay(world, Clerks(world), DISABLED, person, DISABLED.standard, date(2022, 7, 15))
    world.plant(_ID, "死亡当年、死亡之后发放残疾人补贴", "orange", person)


CASES = (old_age_allowance, old_number, later_years, death_year)
