"""Shared devices, lines and accounts that have nothing to do with collusion."""

from __future__ import annotations

from datetime import date

from examples import cast, numbers
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import World

_CENTRE = f"{COUNTY}公共资源交易中心"


def upload_on_site(world: World) -> None:
    """On one day all bidders of three lots upload at the trading centre's own computer."""
    hall = numbers.hardware(world.rng)
    line = numbers.ip_address(world.rng)
    buyer = f"{COUNTY}教育局"
    firms = draw(world, "房建", buyer, 12)
    for index in range(3):
        town = world.places.townships[index + 1]
        bidders = firms[4 * index : 4 * index + 4]
        call = Call(buyer, f"{town}幼儿园改造工程", "房建", town, 4_400_000, date(2022, 11, 8))
        for bid in hold(world, call, bidders).bids.values():
            bid.update({k: hall[k] for k in ("mac_address", "cpu_id", "disk_id")}, ip_address=line)
            bid["submit_time"] = bid["submit_time"].replace(day=7, hour=15)
        world.resemble("shared_submission", "当日众多投标人均在交易中心现场上传", *bidders)


def placeholder_numbers(world: World) -> None:
    """Virtual machines and no-name boards report values that identify nothing."""
    buyer = f"{COUNTY}水利局"
    for index, (mac, cpu, disk) in enumerate(
        (
            ("00-00-00-00-00-00", "To be filled by O.E.M.", "0000000000"),
            ("FF-FF-FF-FF-FF-FF", "0000000000000000", "Default string"),
        )
    ):
        bidders = draw(world, "水利", buyer, 4)
        town = world.places.townships[index + 8]
        call = Call(
            buyer, f"{town}堤防加固工程", "水利", town, 4_700_000, date(2021, 6 + index, 22)
        )
        held = hold(world, call, bidders)
        for firm in bidders[:3]:
            held.bids[firm.name].update(mac_address=mac, cpu_id=cpu, disk_id=disk)
        world.resemble("shared_submission", "设备特征为占位值", *bidders[:3])


def guarantees(world: World) -> None:
    """Bidders hand in guarantees and policies of the same bank and the same insurer."""
    for payer, form, trade, owner in (
        ("青澜县农村商业银行股份有限公司", "保函", "绿化", "城市管理局"),
        ("江南财产保险股份有限公司青澜支公司", "保险", "房建", "教育局"),
    ):
        buyer = COUNTY + owner
        bidders = draw(world, trade, buyer, 4)
        town = world.places.townships[3]
        call = Call(
            buyer, f"{town}老街提升工程（{form}试点）", trade, town, 4_300_000, date(2022, 8, 16)
        )
        account = numbers.account(world.rng, "3205")
        for bid in hold(world, call, bidders).bids.values():
            bid.update(deposit_form=form, deposit_payer=payer, deposit_account=account)
        world.resemble("shared_deposit", f"保证金为同一机构出具的{form}", *bidders)


def platform_account(world: World) -> None:
    """In the centre's first weeks all deposits are booked from its own sub-account."""
    account = numbers.account(world.rng, "3205")
    _through(world, _CENTRE, account, "绿化", "城市管理局", "保证金经平台子账户转存")


def agency_account(world: World) -> None:
    """An agency collects the deposits of its tenders and passes them on."""
    agency = cast.firm(world, lambda f: f.trade == "咨询" and "代理" in f.name)
    _through(world, agency.name, agency.account, "房建", "教育局", "保证金由代理机构代收代付")


def _through(world: World, payer: str, account: str, trade: str, owner: str, why: str) -> None:
    buyer = COUNTY + owner
    for index in range(5):
        bidders = draw(world, trade, buyer, 4)
        town = world.places.townships[index + 4]
        item = "公园改造工程" if trade == "绿化" else "校舍加固工程"
        call = Call(buyer, f"{town}{item}", trade, town, 4_200_000, date(2021, 4 + index, 13))
        for bid in hold(world, call, bidders).bids.values():
            bid.update(deposit_form="转账", deposit_payer=payer, deposit_account=account)
        world.resemble("shared_deposit", why, *bidders)


CASES = (upload_on_site, placeholder_numbers, guarantees, platform_account, agency_account)
