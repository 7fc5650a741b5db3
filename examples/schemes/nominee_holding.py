"""Suppliers on whose papers an official's relative is not, but whose telephone or house it is."""

from __future__ import annotations

from datetime import date

from examples.cast import in_bureau, in_village, official_and_kin
from examples.firms import outsider, register
from examples.procurement import Call, contract, hold
from examples.world import Firm, World

_ID = "nominee_holding"
_TERMS = "妻弟 妻兄 弟弟 哥哥 妹夫 姐夫 夫弟 夫兄 儿子 女婿"


def register_row(world: World, firm: Firm) -> dict[str, object]:
    """The firm's row of the register."""
    return next(r for r in world.tables["companies"] if r["uscc"] == firm.uscc)


def telephone(world: World) -> None:
    """The firm's registered telephone is the wife's brother's; strangers hold it."""
    official, relative = official_and_kin(world, in_bureau, _TERMS)
    firm = register(world, "房建", [outsider(world)])
    firm.phone = relative.phone
    register_row(world, firm)["phone"] = relative.phone
    call = Call(
        official.organization, f"{official.organization}业务用房加固工程", "房建",
        world.places.townships[1], 2_600_000, date(2022, 8, 17), method="竞争性磋商",
    )  # fmt: skip
    hold(world, call, [firm])
    world.plant(
        _ID, "企业登记电话是干部亲属的手机，股东是外地人", "yellow", official.person, relative, firm
    )


def address(world: World) -> None:
    """The firm is registered at the relative's home."""
    official, relative = official_and_kin(world, in_village, _TERMS)
    firm = register(world, "信息", [outsider(world, "女")])
    home = next(r for r in world.tables["people"] if r["id_number"] == relative.id_number)
    register_row(world, firm)["address"] = home["address"]
    contract(world, official.organization, firm, "便民平台维护", 42_000, date(2022, 5, 26))
    world.plant(
        _ID, "企业住所就是干部亲属的住址，股东是外地人", "yellow", official.person, relative, firm
    )


CASES = (telephone, address)
