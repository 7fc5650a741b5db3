"""Contracts that were signed, or paid, before their bids were opened."""

from __future__ import annotations

from datetime import date, timedelta

from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import World

_ID = "early_contract"


def sign_on(world: World, day: date) -> None:
    """Move the contract signed last, and its payments, so that it was signed on a day."""
    row = world.tables["contracts"][-1]
    moved = day - row["sign_date"]
    row["sign_date"] = day
    for payment in world.tables["payments"]:
        if payment["contract_no"] == row["contract_no"]:
            payment["pay_date"] += moved


def before_the_notice(world: World) -> None:
    """A clinic is contracted three weeks before the notice; the first third is paid before it opens."""
    buyer = f"{COUNTY}卫生健康局"
    town = world.places.townships[1]
    opened = date(2022, 6, 14)
    call = Call(buyer, f"{town}卫生院病房楼工程", "房建", town, 6_400_000, opened)
    held = hold(world, call, draw(world, "房建", buyer, 4))
    sign_on(world, opened - timedelta(days=46))
    world.plant(_ID, "公告前三周已签合同，开标前已付预付款", "red", buyer, held.winner)


def before_the_opening(world: World) -> None:
    """A river is contracted nine days before its bids are opened."""
    buyer = f"{COUNTY}水利局"
    town = world.places.townships[8]
    opened = date(2023, 3, 21)
    call = Call(buyer, f"{town}灌区渠系改造工程", "水利", town, 5_100_000, opened)
    held = hold(world, call, draw(world, "水利", buyer, 4))
    sign_on(world, opened - timedelta(days=9))
    world.plant(_ID, "合同签订早于开标九天", "orange", buyer, held.winner)


CASES = (before_the_notice, before_the_opening)
