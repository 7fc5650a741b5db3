"""Former officials in firms, as the law allows."""

from __future__ import annotations

from datetime import date

from examples.cast import in_township, kin_in, leave
from examples.firms import outsider, register
from examples.offices import BUREAUS
from examples.procurement import contract
from examples.schemes.revolving_door import departing, employ
from examples.world import World

_ID = "revolving_door"


def transferred(world: World) -> None:
    """The official went on to another bureau, which lent him to the firm's board."""
    official = departing(world, in_township)
    firm = register(world, "水利", [outsider(world)])
    contract(world, official.organization, firm, "排水沟清理", 64_000, date(2021, 3, 16))
    leave(world, official, date(2021, 7, 31))
    other = next(
        b for b in BUREAUS if b != official.organization and not kin_in(world, official.person, b)
    )
    world.tables.add(
        "payroll", name=official.person.name, id_number=official.person.id_number, unit=other,
        start_date=date(2021, 8, 1),
    )  # fmt: skip
    employ(world, firm, official.person, "监事", date(2022, 4, 11))
    world.resemble(_ID, "调任其他单位，没有离开公职", official.person, firm)


def years_later(world: World) -> None:
    """More than three years lie between leaving and the firm."""
    official = departing(world, in_township)
    firm = register(world, "印刷", [outsider(world)])
    contract(world, official.organization, firm, "资料汇编印制", 52_000, date(2019, 6, 12))
    leave(world, official, date(2019, 12, 31))
    employ(world, firm, official.person, "顾问", date(2023, 5, 8))
    world.resemble(_ID, "离任三年以后才到企业任职", official.person, firm)


def hired_later(world: World) -> None:
    """The firm served the bureau only after the official had left it."""
    official = departing(world, in_township)
    firm = register(world, "办公", [outsider(world)])
    leave(world, official, date(2021, 5, 31))
    contract(world, official.organization, firm, "档案柜采购", 43_000, date(2022, 2, 15))
    employ(world, firm, official.person, "经理", date(2022, 9, 1))
    world.resemble(_ID, "企业承接原单位项目在其离任之后", official.person, firm)


CASES = (transferred, years_later, hired_later)
