"""Rings: one that registers give away, and one that shares nothing but who bids, wins and loses."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, eligible, hold, new_account, share_computer
from examples.world import Firm, NoCastError, World

_ID = "ring"


def one_office_behind_five(world: World) -> None:
    """Five firms meet in ten lots; in two three bid from one computer, in two from one account."""
    rng = world.rng
    buyer = f"{COUNTY}水利局"
    others = eligible(world, "水利", buyer)
    if len(others) < 6:
        raise NoCastError("水利")
    ring = _new_firms(world, "水利", 5)
    account = new_account(world)
    for index in range(10):
        town = world.places.townships[6 + index % 3]
        call = Call(
            buyer, f"{town}{rng.choice(world.places.of(town)).name}{index + 1:02d}号泵站改造工程",
            "水利", town, rng.randrange(420, 900) * 10_000,
            world.day(date(YEARS[index % 3], 3, 1), date(YEARS[index % 3], 11, 10)),
        )  # fmt: skip
        # Now and then one of them stays away.
        here = ring if index in (2, 4, 7, 9) else [f for f in ring if f is not ring[index % 5 - 1]]
        held = hold(world, call, [*here, *rng.sample(others, 1)], ring[index % 5])
        if index in (2, 7):
            share_computer([held.bids[f.name] for f in ring[:3]])
        if index in (4, 9):
            for firm in ring[2:]:
                held.bids[firm.name].update(
                    deposit_form="转账", deposit_payer=ring[2].name, deposit_account=account
                )
    world.plant(_ID, "五家企业轮流中标，保证金、投标设备时有相同", "red", *ring)


def turns_and_cover(world: World) -> None:
    """Four firms win in turn, a fifth only ever loses to them; nothing in any register ties them."""
    rng = world.rng
    buyer = f"{COUNTY}交通运输局"
    others = eligible(world, "道路", buyer)
    if len(others) < 8:
        raise NoCastError("道路")
    ring = _new_firms(world, "道路", 5)
    winners, cover = ring[:4], ring[4]
    for index in range(30):
        town = world.places.townships[index // 4 % 3]
        year = YEARS[index // 10]
        first = date(year, 1, 10 + 2 * (index % 10))
        call = Call(
            buyer, f"{town}{rng.choice(world.places.of(town)).name}{index + 1:02d}号桥梁维修工程",
            "道路", town, rng.randrange(420, 1200) * 10_000,
            world.day(first.replace(month=index % 10 + 1), first.replace(month=index % 10 + 2)),
        )  # fmt: skip
        here = [*winners, *([cover] if rng.random() < 0.45 else [])]
        hold(world, call, [*here, *rng.sample(others, 1)], winners[index % 4])
    world.plant(_ID, "四家企业轮流中标，一家只陪不中，登记资料上没有任何关联", "orange", *winners)


def _new_firms(world: World, trade: str, count: int) -> list[Firm]:
    return [register(world, trade, [outsider(world), outsider(world, "女")]) for _ in range(count)]


CASES = (one_office_behind_five, turns_and_cover)
