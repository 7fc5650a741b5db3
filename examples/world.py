"""What the parts of the generator hand to each other: people, posts, firms, tables, truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from examples.headers import columns
from examples.names import Names
from examples.places import Places, Village

FIRST_DAY = date(2021, 1, 1)
LAST_DAY = date(2023, 12, 31)


class NoCastError(LookupError):
    """The county has nobody left who fits; such a case is left out."""


class PersonName(str):
    """A name as it stands in a cell, that knows whose it is: ``owner``, an identity number."""

    owner: str

    def __new__(cls, name: str, owner: str) -> PersonName:
        """Make a name that belongs to somebody."""
        made = super().__new__(cls, name)
        made.owner = owner
        return made

    def __getnewargs__(self) -> tuple[str, str]:
        return str(self), self.owner


@dataclass(eq=False, repr=False)
class Person:
    """Somebody of the county; relatives are other persons.

    Shown without its fields: relatives lead on to the whole county.
    """

    name: str
    sex: str
    birth: date
    id_number: str
    phone: str
    account: str
    village: Village
    father: Person | None = None
    mother: Person | None = None
    spouse: Person | None = None
    married: date | None = None
    divorced: date | None = None
    former_spouse: Person | None = None
    children: list[Person] = field(default_factory=list)
    death: date | None = None
    household: Household | None = None

    def __post_init__(self) -> None:
        self.name = PersonName(self.name, self.id_number)

    def age(self, day: date = LAST_DAY) -> int:
        """Whole years of age on a day."""
        return (
            day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))
        )


@dataclass(eq=False, repr=False)
class Household:
    """A household; the head comes first."""

    number: str
    village: Village
    members: list[Person]
    land: float = 0.0

    @property
    def head(self) -> Person:
        """The head as registered."""
        return self.members[0]

    def payee(self, day: date) -> Person | None:
        """Who receives for the household on a day: its first grown living member."""
        living = [
            m for m in self.members if (m.death is None or m.death > day) and m.age(day) >= 18
        ]
        return living[0] if living else None


@dataclass(eq=False, repr=False)
class Official:
    """A post held by a person; ``kin`` are all near relatives with the term for each."""

    person: Person
    organization: str
    position: str
    identity_type: str
    start: date
    end: date | None = None
    village: Village | None = None
    township: str | None = None
    kin: dict[int, tuple[str, Person]] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class Firm:
    """A registered firm, who stands behind it and the computer it bids from.

    ``guest``: registered for one case, and seen only where that case says.
    """

    name: str
    uscc: str
    trade: str
    holders: list[Person]
    account: str
    phone: str
    contact: Person
    computer: dict[str, str]
    ip: str
    township: str
    legal_representative: Person
    competitiveness: float = 0.0
    parent: Firm | None = None
    guest: bool = True


@dataclass(frozen=True)
class Planted:
    """A case that the detector must report, at this level.

    ``subjects`` are names; ``numbers`` the identity numbers or codes that belong to them where
    the case has any; ``title`` says in Chinese what was planted.
    """

    detector: str
    title: str
    subjects: tuple[str, ...]
    numbers: tuple[str | None, ...]
    level: str


@dataclass(frozen=True)
class Lookalike:
    """An innocent case that resembles one; ``at_most`` None: must not be reported at all.

    A clue of ``detector`` that has all of ``subjects`` among its parties reports it.
    """

    detector: str
    why: str
    subjects: tuple[str, ...]
    numbers: tuple[str | None, ...]
    at_most: str | None = None


@dataclass
class Truth:
    """What was hidden in the data, what only looks like it, and cases nobody was left for."""

    planted: list[Planted] = field(default_factory=list)
    lookalikes: list[Lookalike] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Tables(defaultdict[str, list[dict[str, Any]]]):
    """Rows by table; a row is a dict over canonical columns."""

    def __init__(self) -> None:
        super().__init__(list)
        self._known: dict[str, frozenset[str]] = {}

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """Append a row and return it; columns that the table hasn't are refused."""
        known = self._known.setdefault(table, frozenset(columns(table)) | {"complainant"})
        if not known.issuperset(row):
            raise KeyError(f"{table}: {sorted(set(row) - known)}")
        self[table].append(row)
        return row


@dataclass(repr=False)
class World:
    """The county in the making."""

    rng: Random
    names: Names
    places: Places
    tables: Tables = field(default_factory=Tables)
    truth: Truth = field(default_factory=Truth)
    people: list[Person] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)
    officials: list[Official] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def take(self, persons: Iterable[Person]) -> None:
        """Keep these people out of every later case."""
        self.taken.update(id(p) for p in persons)

    def free(self, person: Person) -> bool:
        """Tell whether a person has a part in no case yet."""
        return id(person) not in self.taken

    def day(self, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
        """A working day between two dates."""
        day = first + timedelta(days=self.rng.randrange((last - first).days + 1))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def plant(self, detector: str, title: str, level: str, *parties: Person | Firm | str) -> None:
        """Write a planted case into the truth."""
        self.truth.planted.append(
            Planted(
                detector, title, tuple(map(_name, parties)), tuple(map(_number, parties)), level
            )
        )

    def resemble(
        self, detector: str, why: str, *parties: Person | Firm | str, at_most: str | None = None
    ) -> None:
        """Write an innocent look-alike into the truth."""
        self.truth.lookalikes.append(
            Lookalike(
                detector, why, tuple(map(_name, parties)), tuple(map(_number, parties)), at_most
            )
        )


def _name(party: Person | Firm | str) -> str:
    return str(party if isinstance(party, str) else party.name)


def _number(party: Person | Firm | str) -> str | None:
    if isinstance(party, Person):
        return party.id_number
    return party.uscc if isinstance(party, Firm) else None
