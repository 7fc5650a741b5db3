"""Village projects over the local limit that no platform knows of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from examples.firms import outsider, register
from examples.places import Village
from examples.procurement import contract
from examples.world import Firm, World

_ID = "village_off_platform"


def build(
    world: World,
    village: Village,
    title: str,
    budget: int,
    day: date,
    tender_no: str | None = None,
    method: str = "村委会发包",
) -> Firm:
    """Let a firm from outside build something for a village; returns the firm."""
    firm = register(world, "房建", [outsider(world)])
    world.tables.add(
        "village_projects", village=village.name, project=f"{village.name}{title}", method=method,
        budget=Decimal(budget), settled=Decimal(round(budget * 0.98)), contractor=firm.name,
        contractor_id=firm.uscc, tender_no=tender_no, decision_date=day, start_date=day,
        township=village.township,
    )  # fmt: skip
    return firm


def car_park(world: World) -> None:
    """A village has a car park built for 1.36 million, chosen by its committee alone."""
    village = world.places.of(world.places.townships[2])[0]
    firm = build(world, village, "停车场建设", 1_360_000, date(2022, 9, 14))
    world.plant(_ID, "村级项目136万元没有项目编号", "orange", village.name, firm)


def courtyard(world: World) -> None:
    """A village signs for a courtyard a little over the limit that localities may set."""
    village = world.places.of(world.places.townships[8])[0]
    firm = register(world, "房建", [outsider(world)])
    contract(
        world, village.committee, firm, f"{village.name}党群服务中心修缮工程", 465_000,
        date(2023, 5, 10), township=village.township, village=village.name,
    )  # fmt: skip
    world.plant(_ID, "村级合同46.5万元没有项目编号", "yellow", firm)


CASES = (car_park, courtyard)
