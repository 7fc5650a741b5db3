"""Contracts that were settled for far more than was agreed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from examples.firms import outsider, register
from examples.offices import township_office
from examples.places import COUNTY
from examples.procurement import Call, contract, draw, hold
from examples.world import World

_ID = "overrun"


def half_again(world: World) -> None:
    """A tendered culture centre is settled for half again as much."""
    buyer = f"{COUNTY}文化广电和旅游局"
    town = world.places.townships[2]
    call = Call(buyer, f"{town}文化服务中心新建工程", "房建", town, 5_600_000, date(2021, 9, 14))
    held = hold(world, call, draw(world, "房建", buyer, 4))
    row = world.tables["contracts"][-1]
    row["final_amount"] = row["amount"] * 163 / 100
    world.plant(_ID, "工程结算为合同的1.63倍", "orange", buyer, held.winner)


def every_time(world: World) -> None:
    """A firm whose small works for five townships all end a quarter above the contract."""
    firm = register(world, "绿化", [outsider(world)])
    sites = (
        "河滨步道绿化工程",
        "口袋公园建设工程",
        "街角绿地工程",
        "入镇口景观工程",
        "停车场绿化工程",
    )
    buyers = []
    for index, site in enumerate(sites):
        town = world.places.townships[index + 5]
        buyers.append(township_office(town))
        amount = 640_000 + 35_000 * index
        row = contract(
            world, buyers[-1], firm, f"{town}{site}", amount, date(2022, 3 + index, 16),
            township=town,
        )  # fmt: skip
        row["final_amount"] = Decimal(amount) * (122 + index) / 100
    world.plant(_ID, "同一企业五份合同结算均超出两成以上", "orange", *buyers, firm)


CASES = (half_again, every_time)
