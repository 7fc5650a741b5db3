"""A printer that wins nearly every tender it goes for, whoever else comes."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import BUREAUS
from examples.procurement import YEARS, Call, draw, eligible, hold
from examples.world import NoCastError, World

LOTS = 28


def nearly_every_time(world: World) -> None:
    """All but one of twenty-eight lots of five bidders, spread over many buyers, at ordinary prices."""
    rng = world.rng
    buyers = [b for b in BUREAUS if len(eligible(world, "印刷", b)) >= 5]
    if len(buyers) < 5:
        raise NoCastError("印刷")
    firm = register(world, "印刷", [outsider(world), outsider(world, "女")])
    for index in range(LOTS):
        buyer = buyers[index % len(buyers)]
        town = world.places.townships[index % len(world.places.townships)]
        year = YEARS[index % 3]
        call = Call(
            buyer, f"{year}年{town}宣传册第{index + 1}批印刷服务", "印刷", town,
            rng.randrange(60, 320) * 5_000, world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        rivals = [f for f in draw(world, "印刷", buyer, 5) if f is not firm][:4]
        hold(world, call, [firm, *rivals], firm if index != 11 else rivals[0])
    world.plant("serial_winner", f"一家企业投标{LOTS}个印刷项目中标{LOTS - 1}个", "orange", firm)


CASES = (nearly_every_time,)
