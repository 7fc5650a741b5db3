"""Firms that win most of the time for good reasons."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import BUREAUS
from examples.procurement import YEARS, Call, draw, eligible, hold
from examples.world import Firm, World

_ID = "serial_winner"


def _lots(world: World, firm: Firm, item: str, lots: int, rivals: int, wins: int | None) -> None:
    rng = world.rng
    buyers = [b for b in BUREAUS if len(eligible(world, firm.trade, b)) > rivals]
    for index in range(lots):
        buyer = buyers[(3 * index + 1) % len(buyers)]
        town = world.places.townships[(index + 4) % len(world.places.townships)]
        year = YEARS[index % 3]
        call = Call(
            buyer, f"{year}年{town}{item}第{index + 1}批", firm.trade, town,
            rng.randrange(60, 320) * 5_000, world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        others = [f for f in draw(world, firm.trade, buyer, rivals + 1) if f is not firm][:rivals]
        winner = None if wins is None else firm if index < wins else others[0]
        hold(world, call, [firm, *others], winner)


def one_rival(world: World) -> None:
    """Nine wins of twelve, but only one other came each time."""
    firm = register(world, "信息", [outsider(world), outsider(world)])
    _lots(world, firm, "会议系统维护项目", 12, 1, 9)
    world.resemble(_ID, "每次只有两家投标，中标机会本来就大", firm)


def cheaper(world: World) -> None:
    """A maker with a press of its own bids a tenth lower everywhere, and wins by it."""
    firm = register(world, "办公", [outsider(world), outsider(world)])
    firm.competitiveness = -0.11
    _lots(world, firm, "复印纸采购项目", 14, 3, None)
    world.resemble(_ID, "价格一贯更低", firm)


CASES = (one_rival, cheaper)
