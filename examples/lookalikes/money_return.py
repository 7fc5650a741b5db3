"""Money that goes from a contractor to an official's relatives for good reasons."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from examples.cast import in_bureau, official_and_close_kin
from examples.firms import outsider, register
from examples.flows import transfer, wages
from examples.schemes.money_return import CLOSE, contractor
from examples.world import World

_ID = "money_return"


def paid_by_the_month(world: World) -> None:
    """A relative works for the contractor and is paid every month."""
    official, relative = official_and_close_kin(world, in_bureau, CLOSE)
    firm = contractor(world, official, "印刷", "年鉴排版", 46_000, date(2022, 3, 15))
    wages(world, firm, relative, date(2022, 1, 1), 12, 5_600)
    world.resemble(_ID, "亲属在该企业领取月工资", official.person, relative, firm)


def loan_given_back(world: World) -> None:
    """A relative had lent the contractor what comes back."""
    official, relative = official_and_close_kin(world, in_bureau, CLOSE)
    signed = date(2022, 4, 20)
    firm = contractor(world, official, "信息", "监控维护", 380_000, signed)
    transfer(world, relative, firm, 120_000, date(2021, 12, 6), "借款")
    transfer(world, firm, relative, 120_000, signed + timedelta(days=112), "归还借款")
    world.resemble(_ID, "归还亲属此前的借款", official.person, relative, firm)


def materials_by_contract(world: World) -> None:
    """The contractor buys of a relative's shop under a contract."""
    official, relative = official_and_close_kin(world, in_bureau, CLOSE)
    signed = date(2022, 9, 5)
    firm = contractor(world, official, "绿化", "院区绿化", 290_000, signed)
    shop = register(world, "农资", [relative, outsider(world)], shares=(60, 40))
    world.tables.add(
        "contracts", contract_no="SH2022-031", title="苗木买卖合同", party_a=firm.name,
        party_b=shop.name, party_b_uscc=shop.uscc, amount=Decimal(86_000),
        final_amount=Decimal(86_000), sign_date=signed + timedelta(days=10),
    )  # fmt: skip
    transfer(world, firm, shop, 84_000, signed + timedelta(days=42), "苗木款")
    world.resemble(_ID, "与亲属企业签有买卖合同", official.person, relative, firm, shop)


CASES = (paid_by_the_month, loan_given_back, materials_by_contract)
