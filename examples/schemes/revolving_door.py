"""Former officials in firms that they had bought from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from examples.cast import in_bureau, in_township, leave, someone
from examples.firms import outsider, register
from examples.procurement import contract
from examples.world import Firm, Official, Person, World

_ID = "revolving_door"


def departing(world: World, where: Callable[[Official], bool]) -> Official:
    """Choose an official of some years' standing."""
    return someone(world, lambda o: where(o) and o.start < date(2019, 1, 1))


def employ(world: World, firm: Firm, person: Person, role: str, day: date) -> None:
    """Enter somebody among a firm's officers."""
    world.tables.add(
        "company_officers", company=firm.name, uscc=firm.uscc, name=person.name,
        id_number=person.id_number, role=role, start_date=day,
    )  # fmt: skip


def new_manager(world: World) -> None:
    """Nine months after leaving, a bureau's leader manages a firm that had served the bureau."""
    official = departing(world, in_bureau)
    firm = register(world, "信息", [outsider(world)])
    for index in range(2):
        contract(
            world, official.organization, firm, f"业务系统升级{index + 1}期", 320_000,
            date(2021, 2 + 2 * index, 23),
        )  # fmt: skip
    leave(world, official, date(2021, 6, 30))
    employ(world, firm, official.person, "副总经理", date(2022, 3, 21))
    world.plant(_ID, "离任九个月后到原单位供应商任副总经理", "orange", official.person, firm)


def new_holder(world: World) -> None:
    """Half a year after leaving, a leader takes a share in a firm that had built for the bureau."""
    official = departing(world, in_township)
    firm = register(world, "房建", [outsider(world)], shares=(80,))
    contract(world, official.organization, firm, "办公区维修工程", 386_000, date(2021, 5, 18))
    leave(world, official, date(2021, 12, 31))
    world.tables.add(
        "shareholders", company=firm.name, uscc=firm.uscc, shareholder=official.person.name,
        shareholder_id=official.person.id_number, share_percent=20, start_date=date(2022, 7, 4),
    )  # fmt: skip
    world.plant(_ID, "离任半年后入股原单位供应商", "orange", official.person, firm)


CASES = (new_manager, new_holder)
