"""Firms that meet again and again, or have something in common, and are no ring."""

from __future__ import annotations

from datetime import date

from examples import cast, numbers
from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, draw, hold
from examples.world import World

_ID = "ring"


def five_who_can(world: World) -> None:
    """The only five that mend lifts in a township; the same bank guarantees their bids."""
    firms = [register(world, "电梯", [outsider(world), outsider(world, "女")]) for _ in range(5)]
    buyer = f"{COUNTY}卫生健康局"
    town = world.places.townships[11]
    account = numbers.account(world.rng, "3205")
    for index in range(9):
        year = YEARS[index % 3]
        call = Call(
            buyer, f"{town}卫生院{index + 1:02d}号楼电梯维保项目", "电梯", town,
            world.rng.randrange(80, 300) * 10_000,
            world.day(date(year, 2, 10), date(year, 11, 20)),
        )  # fmt: skip
        for bid in hold(world, call, firms).bids.values():
            bid.update(
                deposit_form="保函",
                deposit_payer="青澜县农村商业银行股份有限公司",
                deposit_account=account,
            )
    world.resemble(_ID, "当地只有五家能做，保函由同一家银行出具", *firms)


def one_agent_for_two_lots(world: World) -> None:
    """Two sets of strangers pay through one agency and upload in the hall on the same day."""
    buyer = f"{COUNTY}教育局"
    firms = draw(world, "房建", buyer, 8)
    agency = cast.firm(world, lambda f: f.trade == "咨询" and "代理" in f.name)
    hall, line = numbers.hardware(world.rng), numbers.ip_address(world.rng)
    for index in range(2):
        here = firms[4 * index : 4 * index + 4]
        town = world.places.townships[7 + index]
        call = Call(buyer, f"{town}小学围墙改造工程", "房建", town, 4_100_000, date(2023, 4, 18))
        for bid in hold(world, call, here).bids.values():
            bid.update({k: hall[k] for k in ("mac_address", "cpu_id", "disk_id")}, ip_address=line)
            bid["submit_time"] = bid["submit_time"].replace(day=17, hour=10)
            bid.update(
                deposit_form="转账", deposit_payer=agency.name, deposit_account=agency.account
            )
        world.resemble(_ID, "保证金由同一代理机构代收，同日在交易中心现场上传", *here)


CASES = (five_who_can, one_agent_for_two_lots)
