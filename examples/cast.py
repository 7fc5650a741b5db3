"""Chooses who plays in a case, so that no two cases share a family."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from examples.offices import township_office
from examples.places import COUNTY, Village
from examples.world import Firm, Household, NoCastError, Official, Person, World


def in_bureau(official: Official) -> bool:
    """Tell whether the post is one of a county bureau."""
    return official.organization.startswith(COUNTY) and official.township is None


def in_village(official: Official) -> bool:
    """Tell whether the post is one of a village committee."""
    return official.village is not None


def in_office(official: Official) -> bool:
    """Tell whether the post is one of a bureau or a township's government."""
    return official.village is None


def official_and_kin(
    world: World,
    where: Callable[[Official], bool],
    terms: str,
    fits: Callable[[Official, Person], bool] = lambda official, relative: True,
) -> tuple[Official, Person]:
    """Choose an official and a grown living relative; both their families are taken.

    ``terms``: what the relative may be, space-separated, the most wanted first.
    """
    free = [
        o
        for o in world.officials
        if where(o) and all(map(world.free, (o.person, *(p for _, p in o.kin.values()))))
    ]
    posts = {row["id_number"] for row in world.tables["officials"]}
    for wanted in terms.split():
        for official in free:
            for term, relative in official.kin.values():
                grown = not relative.death and 23 <= relative.age(date(2021, 1, 1)) <= 72
                # Whoever has or had a post himself would be a case of his own.
                private = relative.id_number not in posts
                if term == wanted and grown and private and fits(official, relative):
                    if official.village and _kin_above(world, official.village, relative):
                        continue
                    world.take([official.person, *(p for _, p in official.kin.values())])
                    return official, relative
    raise NoCastError(terms)


def in_township(official: Official) -> bool:
    """Tell whether the post is one of a township's government."""
    return official.village is None and official.township is not None


def _kin_above(world: World, village: Village, relative: Person) -> bool:
    """Tell whether somebody in the township's government is kin to a relative, too.

    The village's business would then be a matter of the township's as well.
    """
    return kin_in(world, relative, township_office(village.township))


def in_charge(official: Official) -> bool:
    """Tell whether the post puts a township in its holder's charge."""
    return official.village is None and official.position in ("镇长", "乡长", "党委书记")


def post(world: World, official: Official, **changes: object) -> dict[str, object]:
    """Change the row of an official's post and return it."""
    number = official.person.id_number
    row = next(r for r in world.tables["officials"] if r["id_number"] == number)
    row.update(changes)
    return row


def leave(world: World, official: Official, day: date) -> None:
    """Let an official leave office; wages end with it."""
    post(world, official, end_date=day)
    for row in world.tables["payroll"]:
        if row["id_number"] == official.person.id_number:
            row["end_date"] = day


def kin_in(world: World, person: Person, organization: str) -> bool:
    """Tell whether a person serves in an organization or is kin to somebody who does."""
    return any(
        o.person is person or id(person) in o.kin
        for o in world.officials
        if o.organization == organization
    )


def family_holds_firms(world: World, official: Official) -> bool:
    """Tell whether an official or one of the family stands behind a firm."""
    family = {id(official.person), *official.kin}
    return any(id(holder) in family for firm in world.firms for holder in firm.holders)


def someone(world: World, fits: Callable[[Official], bool]) -> Official:
    """Choose an official; the whole family is taken."""
    for official in world.officials:
        family = (official.person, *(p for _, p in official.kin.values()))
        if all(map(world.free, family)) and fits(official):
            world.take(family)
            return official
    raise NoCastError("official")


def official_and_close_kin(
    world: World,
    where: Callable[[Official], bool],
    terms: str,
    fits: Callable[[Official, Person], bool] = lambda official, relative: True,
) -> tuple[Official, Person]:
    """Choose as ``official_and_kin`` does, but take the two people and their couples alone.

    For cases that touch nobody else of the families, of which a county has only so many. The
    relative holds no post.
    """
    posts = {id(o.person) for o in world.officials}
    for wanted in terms.split():
        for official in world.officials:
            if not where(official) or not world.free(official.person):
                continue
            for term, relative in official.kin.values():
                grown = not relative.death and 23 <= relative.age(date(2021, 1, 1)) <= 72
                free = world.free(relative) and id(relative) not in posts
                if term == wanted and grown and free and fits(official, relative):
                    couples = (official.person.spouse, relative.spouse)
                    world.take([official.person, relative, *(p for p in couples if p)])
                    return official, relative
    raise NoCastError(terms)


def person(world: World, fits: Callable[[Person], bool]) -> Person:
    """A resident who is in no case and no cadre's family."""
    near = {key for o in world.officials for key in (*o.kin, id(o.person))}
    for candidate in world.people:
        if world.free(candidate) and id(candidate) not in near and fits(candidate):
            world.take([candidate])
            return candidate
    raise NoCastError("person")


def household(world: World, fits: Callable[[Household], bool]) -> Household:
    """A household none of whose members is in a case or a cadre's family."""
    near = {key for o in world.officials for key in (*o.kin, id(o.person))}
    for candidate in world.households:
        members = candidate.members
        if all(world.free(m) and id(m) not in near for m in members) and fits(candidate):
            world.take(members)
            return candidate
    raise NoCastError("household")


def firm(world: World, fits: Callable[[Firm], bool]) -> Firm:
    """Find the first firm that fits."""
    for candidate in world.firms:
        if fits(candidate):
            return candidate
    raise NoCastError("firm")


def play(world: World, cases: Iterable[Callable[[World], None]]) -> None:
    """Put cases into the county; one for which nobody fits is left out and noted in the truth."""
    for case in cases:
        try:
            case(world)
        except NoCastError:
            world.truth.left_out.append(f"{case.__module__.rpartition('.')[2]}.{case.__name__}")
