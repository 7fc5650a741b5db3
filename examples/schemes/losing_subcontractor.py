"""Winners who hand part of the job, and of the money, to those who lost to them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from examples.flows import transfer
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import Firm, World

_ID = "losing_subcontractor"


def subcontract(world: World, payer: Firm, payee: Firm, title: str, amount: int, day: date) -> None:
    """File a contract between two firms."""
    world.tables.add(
        "contracts", contract_no=f"FB{day.year}{len(world.tables['contracts']) + 1:05d}",
        title=title, party_a=payer.name, party_b=payee.name, party_b_uscc=payee.uscc,
        amount=Decimal(amount), sign_date=day,
    )  # fmt: skip


def labour(world: World) -> None:
    """Two months after the award the winner lets the second best do the earthworks."""
    buyer = f"{COUNTY}交通运输局"
    bidders = draw(world, "道路", buyer, 4)
    town = world.places.townships[0]
    call = Call(buyer, f"{town}客运站道路工程", "道路", town, 6_600_000, date(2022, 5, 25))
    hold(world, call, bidders, winner=bidders[0])
    subcontract(
        world,
        bidders[0],
        bidders[1],
        "客运站道路工程土石方劳务分包合同",
        1_050_000,
        date(2022, 7, 28),
    )
    world.plant(_ID, "中标人中标后把土石方分包给落标方", "orange", *bidders[:2])


def transfers(world: World) -> None:
    """The winner's account pays a loser in two rounds, for nothing in particular."""
    buyer = f"{COUNTY}城市管理局"
    bidders = draw(world, "绿化", buyer, 4)
    town = world.places.townships[2]
    call = Call(buyer, f"{town}滨江步道绿化工程", "绿化", town, 4_700_000, date(2023, 2, 15))
    hold(world, call, bidders, winner=bidders[0])
    for amount, day in ((180_000, date(2023, 4, 6)), (140_000, date(2023, 6, 20))):
        transfer(world, bidders[0], bidders[1], amount, day, "往来款")
    world.plant(_ID, "中标人中标后向落标方付款两笔", "orange", *bidders[:2])


CASES = (labour, transfers)
