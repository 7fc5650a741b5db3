"""Deposits of different bidders from one account or one payer."""

from __future__ import annotations

from datetime import date

from examples import cast
from examples.places import COUNTY
from examples.procurement import Call, draw, hold, new_account
from examples.world import World

_ID = "shared_deposit"


def one_account(world: World) -> None:
    """Two bidders' deposits leave the account of the first."""
    buyer = f"{COUNTY}教育局"
    bidders = draw(world, "房建", buyer, 4)
    town = world.places.townships[5]
    held = hold(
        world,
        Call(buyer, f"{town}中学运动场改造工程", "房建", town, 5_200_000, date(2022, 7, 12)),
        bidders,
    )
    for firm in bidders[:2]:
        held.bids[firm.name].update(
            deposit_form="转账", deposit_payer=firm.name, deposit_account=bidders[0].account
        )
    world.plant(_ID, "两家投标人保证金从同一账户转出", "red", *bidders[:2])


def third_party(world: World) -> None:
    """A firm that does not bid itself pays the deposits of three bidders, from three accounts."""
    buyer = f"{COUNTY}水利局"
    bidders = draw(world, "水利", buyer, 5)
    payer = cast.firm(world, lambda f: f.trade == "投资" and f.parent is None)
    town = world.places.townships[6]
    held = hold(
        world,
        Call(buyer, f"{town}山塘除险加固工程", "水利", town, 4_900_000, date(2023, 6, 6)),
        bidders,
    )
    accounts = (payer.account, new_account(world), new_account(world))
    for firm, account in zip(bidders[:3], accounts, strict=True):
        held.bids[firm.name].update(
            deposit_form="转账", deposit_payer=payer.name, deposit_account=account
        )
    world.plant(_ID, "三家投标人保证金由同一家第三方企业支付", "red", *bidders[:3])


CASES = (one_account, third_party)
