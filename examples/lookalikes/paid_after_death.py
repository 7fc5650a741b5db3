"""Payments dated after a death that were due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from examples import cast
from examples.firms import outsider
from examples.subsidies import FUNERAL, LAND, OLD_AGE, PENSION, Clerks, pay
from examples.world import Person, World

_ID = "paid_after_death"


def _dead_at(age: int) -> cast.Callable[[Person], bool]:
    def fits(person: Person) -> bool:
        return bool(
            person.death
            and date(2021, 8, 1) <= person.death <= date(2023, 3, 1)
            and person.age(date(2021, 1, 1)) >= age
        )

    return fits


def arrears(world: World) -> None:
    """Increases for months before the death are paid out after it."""
    for _ in range(3):
        person = cast.person(world, _dead_at(62))
        assert person.death is not None
        pay(
            world, Clerks(world), PENSION, person, PENSION.standard,
            person.death + timedelta(days=50),
            period_start=person.death.replace(day=1) - timedelta(days=150),
            period_end=person.death.replace(day=1) - timedelta(days=1),
        )  # fmt: skip
        world.resemble(_ID, "死亡后补发的是生前所属期", person)


def funeral_grants(world: World) -> None:
    """The grant for a funeral is booked under the name of the dead."""
    for _ in range(3):
        person = cast.person(world, _dead_at(62))
        assert person.death is not None
        pay(
            world,
            Clerks(world),
            FUNERAL,
            person,
            FUNERAL.standard,
            person.death + timedelta(days=35),
        )
        world.resemble(_ID, "丧葬补助本就在死亡后发放", person)


def household_goes_on(world: World) -> None:
    """A household programme still runs under the dead head while the family lives: a hint at most."""
    for _ in range(2):
        home = cast.household(
            world,
            lambda h: bool(
                h.head.death
                and h.head.death < date(2022, 4, 1)
                and any(not m.death and m.age() >= 20 for m in h.members[1:])
            ),
        )
        head = home.head
        for row in world.tables["subsidies"]:
            later = row["pay_date"] > head.death
            if row["programme"] == LAND.name and row.get("household_no") == home.number and later:
                row.update(name=head.name, id_number=head.id_number, account=head.account)
        world.resemble(_ID, "按户发放，户内仍有人在世", head, at_most="yellow")


def namesake_of_the_dead(world: World) -> None:
    """Somebody of the same name and year as a living payee has died elsewhere."""
    for _ in range(3):
        living = cast.person(world, lambda p: not p.death and p.age(date(2021, 1, 1)) >= 81)
        dead = replace(outsider(world, living.sex), name=living.name)
        world.tables.add(
            "deaths", name=dead.name, id_number=dead.id_number, death_date=date(2021, 5, 5)
        )
        assert any(
            r["id_number"] == living.id_number and r["programme"] == OLD_AGE.name
            for r in world.tables["subsidies"]
        )
        world.resemble(_ID, "死者与领取人同名，号码不同", living)
        # Their numbers are all that tells the two apart: neither row may lose its own.
        world.resemble(_ID, "死者不是领取人", dead)


CASES = (arrears, funeral_grants, household_goes_on, namesake_of_the_dead)
