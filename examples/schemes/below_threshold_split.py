"""Works handed out in parts, each below the limit for tendering."""

from __future__ import annotations

from datetime import date, timedelta

from examples.offices import township_office
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "below_threshold_split"


def three_phases(world: World) -> None:
    """A township's road in three phases within two months, 1.9 million each."""
    town = world.places.townships[7]
    buyer = township_office(town)
    for index, phase in enumerate("一二三"):
        call = Call(
            buyer, f"{town}集镇主街改造工程（{phase}期）", "道路", town, 1_950_000,
            date(2022, 4, 11) + timedelta(days=28 * index), method="竞争性磋商",
        )  # fmt: skip
        hold(world, call, draw(world, "道路", buyer, 3))
    # Four weeks lie between the phases: no sign that they were one job cut up on one day.
    world.plant(_ID, "集镇主街分三期发包，合计超过400万元", "yellow", buyer)


def two_sections(world: World) -> None:
    """A township's sewers in two sections on one day, without any tender."""
    town = world.places.townships[9]
    buyer = township_office(town)
    (firm,) = draw(world, "房建", buyer, 1)
    for section in ("东段", "西段"):
        contract(
            world, buyer, firm, f"{town}污水管网建设工程{section}", 2_860_000, date(2023, 5, 16),
            township=town,
        )  # fmt: skip
    world.plant(_ID, "污水管网分两段直接签约，合计超过400万元", "orange", buyer, firm)


CASES = (three_phases, two_sections)
