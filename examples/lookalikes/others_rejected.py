"""Tenders in which all but one bid was rejected, as it should be."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import township_office
from examples.procurement import Call, award, field
from examples.world import Firm, World

_ID = "others_rejected"


def _tender(
    world: World, buyer: str, town: str, title: str, day: date, bidders: list[Firm], good: int
) -> dict[str, object]:
    ceiling = world.rng.randrange(70, 190) * 5_000
    call = Call(buyer, title, "房建", town, ceiling, day)
    shares = sorted(world.rng.uniform(0.88, 0.96) for _ in bidders)
    bids = [(f, round(ceiling * s)) for f, s in zip(bidders, shares, strict=True)]
    return award(world, call, bids, out=bidders[good:]).tender


def unfit_everywhere(world: World) -> None:
    """Two firms without the licence bid in three townships and are rejected in all."""
    unfit = [register(world, "房建", [outsider(world), outsider(world, "女")]) for _ in range(2)]
    main = world.places.townships[5]
    for index in range(9):
        town = main if index < 5 else world.places.townships[6 + index % 2]
        buyer = township_office(town)
        honest = field(world, "房建", buyer, 1 if index < 5 else 2, unfit)
        title = f"{town}便民服务中心第{index + 1}处修缮工程"
        _tender(
            world, buyer, town, title, date(2022, 2 + index, 14), [*honest, *unfit], len(honest)
        )
    world.resemble(_ID, "被否决的企业没有资质，到处被否决", township_office(main))


def strict_again(world: World) -> None:
    """Works put out again with the same strict licence: three come, one has it."""
    town = world.places.townships[8]
    buyer = township_office(town)
    for index in range(4):
        bidders = field(world, "房建", buyer, 3)
        title = f"{town}敬老院消防改造第{index + 1}标段工程"
        tender = _tender(world, buyer, town, title, date(2023, 3 + index * 2, 21), bidders, 1)
        tender["retender"] = True
    world.resemble(_ID, "重新招标，合格的只有一家", buyer)


CASES = (unfit_everywhere, strict_again)
