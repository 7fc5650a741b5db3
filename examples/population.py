"""Families over four generations, their households, and who is kin to whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from examples import numbers
from examples.kin import relatives
from examples.places import Village
from examples.world import Household, Person, World

_FOUNDERS_PER_VILLAGE = 15


class _Register:
    """Hands out names and numbers that nobody else has."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sequence: dict[tuple[str, date], int] = {}

    def person(self, sex: str, birth: date, village: Village, surname: str | None = None) -> Person:
        world = self.world
        rng = world.rng
        surname = surname or world.names.surname()
        area = numbers.AREA if rng.random() < 0.94 else rng.choice(numbers.OTHER_AREAS)
        used = self.sequence.get((area, birth), rng.randrange(0, 400) * 2)
        self.sequence[area, birth] = used + 2
        person = Person(
            name=surname + world.names.given(sex, birth.year),
            sex=sex,
            birth=birth,
            id_number=numbers.id_number(area, birth, used % 998 + (1 if sex == "男" else 0)),
            phone=numbers.phone(rng),
            account=numbers.account(rng),
            village=village,
        )
        world.people.append(person)
        return person

    def birth(self, first: int, last: int) -> date:
        return date(first, 1, 1) + timedelta(
            days=self.world.rng.randrange((last - first + 1) * 365)
        )


def populate(world: World) -> None:
    """Fill ``world.people`` and ``world.households``: about 83 people a village."""
    register = _Register(world)
    couples: list[tuple[Person, Person]] = []
    for village in world.places.villages:
        clans = [world.names.surname() for _ in range(3)]
        for _ in range(_FOUNDERS_PER_VILLAGE):
            surname = world.rng.choice(clans) if world.rng.random() < 0.6 else None
            birth = register.birth(1937, 1958)
            husband = register.person("男", birth, village, surname)
            wife = register.person("女", _near(world, birth, 3), village)
            couples.append(_marry(world, husband, wife))
    everyone = list(couples)
    for chance, family in ((0.93, (1, 2, 2, 3)), (0.72, (1, 1, 2, 2)), (0.0, ())):
        children = [child for couple in couples for child in _children(register, couple, family)]
        couples = _weddings(world, children, chance) if chance else []
        everyone += couples
    _die(world)
    _households(world, everyone)


def _near(world: World, day: date, years: int) -> date:
    return day + timedelta(days=world.rng.randrange(-365, 365 * years))


def _marry(world: World, husband: Person, wife: Person) -> tuple[Person, Person]:
    husband.spouse, wife.spouse = wife, husband
    older = max(husband.birth, wife.birth)
    day = older + timedelta(days=365 * 21 + world.rng.randrange(1500))
    husband.married = wife.married = min(day, date(2020, 6, 1))
    return husband, wife


def _children(
    register: _Register, couple: tuple[Person, Person], family: tuple[int, ...]
) -> Iterator[Person]:
    if not family:
        return
    father, mother = couple
    rng = register.world.rng
    birth = max(father.birth, mother.birth) + timedelta(days=365 * 21 + rng.randrange(1800))
    for _ in range(rng.choice(family)):
        birth += timedelta(days=500 + rng.randrange(1100))
        if birth > date(2021, 12, 31):
            return
        child = register.person(
            "男" if rng.random() < 0.51 else "女",
            birth,
            father.village,
            father.name[: _cut(father)],
        )
        child.father, child.mother = father, mother
        father.children.append(child)
        mother.children.append(child)
        yield child


def _cut(person: Person) -> int:
    """Length of the surname."""
    return 2 if person.name[:2] in ("欧阳", "上官", "司马", "尉迟", "诸葛") else 1


def _weddings(world: World, children: list[Person], chance: float) -> list[tuple[Person, Person]]:
    """Marry grown children of different families, mostly within a township."""
    grown = [c for c in children if c.age(date(2021, 1, 1)) >= 23 and world.rng.random() < chance]
    world.rng.shuffle(grown)
    women: dict[str, list[Person]] = {}
    for woman in grown:
        if woman.sex == "女":
            women.setdefault(woman.village.township, []).append(woman)
    couples = []
    for man in grown:
        if man.sex != "男":
            continue
        here = women.get(man.village.township, [])
        pool = here if here and world.rng.random() < 0.85 else _fullest(women)
        match = next((w for w in pool if _suits(man, w)), None)
        if match:
            pool.remove(match)
            match.village = man.village
            couples.append(_marry(world, man, match))
    return couples


def _fullest(women: dict[str, list[Person]]) -> list[Person]:
    return max(women.values(), key=len, default=[])


def _suits(man: Person, woman: Person) -> bool:
    related = {id(p) for p in (man.father, man.mother) if p} & {
        id(p) for p in (woman.father, woman.mother) if p
    }
    return not related and abs((man.birth - woman.birth).days) < 365 * 8


def _die(world: World) -> None:
    """Let some of the old, and a few others, die in the years that the data cover."""
    for person in world.people:
        age = person.age(date(2022, 7, 1))
        risk = 0.0015 if age < 60 else 0.035 if age < 75 else 0.13
        if world.rng.random() < risk:
            person.death = world.day(date(2021, 1, 5), date(2023, 9, 30))


def _households(world: World, couples: list[tuple[Person, Person]]) -> None:
    """Couples head households; parents may live with the eldest son, the single with parents."""
    placed: set[int] = set()
    young_first = sorted(couples, key=lambda couple: couple[0].birth, reverse=True)
    heads = {id(husband): (husband, wife) for husband, wife in couples}
    groups: list[list[Person]] = []
    for husband, wife in young_first:
        if id(husband) in placed:
            continue
        members = [husband, wife]
        father, mother = husband.father, husband.mother
        if (
            father
            and mother
            and id(father) in heads
            and id(father) not in placed
            and husband is next((c for c in father.children if c.sex == "男"), None)
            and world.rng.random() < 0.35
        ):
            members += [father, mother]
        placed.update(id(m) for m in members)
        groups.append(members)
    for members in groups:
        for parent in list(members):
            for child in parent.children:
                if id(child) not in placed and child.spouse is None:
                    placed.add(id(child))
                    members.append(child)
    order = {village.name: i for i, village in enumerate(world.places.villages)}
    groups.sort(key=lambda members: (order[members[0].village.name], members[0].id_number))
    for number, members in enumerate(groups, start=1):
        village = members[0].village
        household = Household(f"{numbers.AREA}{number:06d}", village, members)
        household.land = round(world.rng.uniform(1.2, 9.5), 2)
        for member in members:
            member.household, member.village = household, village
        world.households.append(household)
    world.people.sort(key=lambda person: person.id_number)


_RELATION_TO_HEAD = {
    "妻子": "妻",
    "丈夫": "夫",
    "儿子": "子",
    "女儿": "女",
    "父亲": "父",
    "母亲": "母",
}


def register_rows(world: World) -> None:
    """Write the tables ``people`` and ``households`` and ``deaths``."""
    for person in world.people:
        village = person.village
        number = person.household.number if person.household else ""
        address = f"{village.name}{int(number[-6:] or 1) % 97 + 1}号"
        world.tables.add(
            "people", name=person.name, id_number=person.id_number, gender=person.sex,
            birth_date=person.birth, phone=person.phone if person.age() >= 16 else None,
            address=address, village=village.name, township=village.township,
        )  # fmt: skip
        if person.death:
            world.tables.add(
                "deaths", name=person.name, id_number=person.id_number, death_date=person.death
            )
    for household in world.households:
        head = household.head
        near = relatives(head)
        for member in household.members:
            term = "户主" if member is head else near[id(member)][0]
            world.tables.add(
                "households", household_no=household.number, name=member.name,
                id_number=member.id_number, relation_to_head=_RELATION_TO_HEAD.get(term, term),
                household_type="家庭户", registered_date=member.birth if member.father else None,
                village=household.village.name, township=household.village.township,
                address=f"{household.village.name}{int(household.number[-6:]) % 97 + 1}号",
            )  # fmt: skip
