"""Chooses who plays in a case, so that no two cases share a family."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from examples.places import COUNTY
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
    for wanted in terms.split():
        for official in free:
            for term, relative in official.kin.values():
                grown = not relative.death and 23 <= relative.age(date(2021, 1, 1)) <= 72
                if term == wanted and grown and fits(official, relative):
                    world.take([official.person, *(p for _, p in official.kin.values())])
                    return official, relative
    raise NoCastError(terms)


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


def play(world: World, cases: Iterable[Callable[[World], None]], strict: bool) -> None:
    """Put cases into the county; where nobody fits, a strict county fails, another goes without."""
    for case in cases:
        try:
            case(world)
        except NoCastError:
            if strict:
                raise
