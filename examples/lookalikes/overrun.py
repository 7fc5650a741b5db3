"""Contracts settled for more than was agreed, for a reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from examples.firms import outsider, register
from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "overrun"


def lost_nought(world: World) -> None:
    """A contract entered with one nought too few."""
    town = world.places.townships[0]
    buyer = township_office(town)
    firm = register(world, "房建", [outsider(world)])
    row = contract(
        world, buyer, firm, f"{town}便民服务大厅装修工程", 38_600, date(2022, 5, 17), township=town
    )
    row["final_amount"] = Decimal(384_100)
    world.resemble(_ID, "合同金额少录一个零", buyer, firm)


def agreed_change(world: World) -> None:
    """A bridge whose piles had to go deeper: the change was agreed in a supplement."""
    buyer = f"{COUNTY}交通运输局"
    town = world.places.townships[7]
    call = Call(buyer, f"{town}渡口大桥改建工程", "道路", town, 8_200_000, date(2021, 5, 18))
    held = hold(world, call, draw(world, "道路", buyer, 4))
    main = world.tables["contracts"][-1]
    change = contract(
        world, buyer, held.winner, f"{town}渡口大桥改建工程设计变更补充协议", 1_450_000,
        date(2021, 12, 7), main["tender_no"], town,
    )  # fmt: skip
    change["final_amount"] = None
    main["final_amount"] = main["amount"] + Decimal(1_420_000)
    world.resemble(_ID, "设计变更签有补充协议", buyer, held.winner)


CASES = (lost_nought, agreed_change)
