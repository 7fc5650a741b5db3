"""Officials who are in firms themselves."""

from __future__ import annotations

from datetime import date

from examples.cast import in_bureau, in_township, in_village, kin_in, someone
from examples.firms import outsider, register
from examples.offices import BUREAUS
from examples.procurement import contract
from examples.world import Official, World

_ID = "self_dealing"


def buyers_without_kin(world: World, official: Official) -> list[str]:
    """Bureaus other than the official's own where nobody is kin to the official."""
    return [
        b for b in BUREAUS if b != official.organization and not kin_in(world, official.person, b)
    ]


def silent_partner(world: World) -> None:
    """A bureau's leader holds 40% of a firm that serves other bureaus."""
    official = someone(world, in_bureau)
    firm = register(world, "信息", [outsider(world), official.person], shares=(60, 40))
    for index, buyer in enumerate(buyers_without_kin(world, official)[-2:]):
        contract(
            world, buyer, firm, f"{buyer}网络安全服务", 168_000 + 24_000 * index,
            date(2022, 5 + 2 * index, 17),
        )  # fmt: skip
    world.plant(_ID, "单位领导持股40%的企业承接公共项目", "orange", official.person, firm)


def own_shop(world: World) -> None:
    """An official is legal representative of a trading firm that deals with no public body."""
    official = someone(world, in_township)
    firm = register(world, "餐饮", [official.person])
    world.plant(_ID, "公职人员担任企业法定代表人", "yellow", official.person, firm)


def village_head(world: World) -> None:
    """A village head's own cooperative plants trees for the village."""
    official = someone(world, in_village)
    firm = register(world, "种养", [official.person])
    village = official.village
    assert village is not None
    contract(
        world, village.committee, firm, f"{village.name}通道林补植", 67_500, date(2022, 3, 22),
        township=village.township, village=village.name,
    )  # fmt: skip
    world.plant(_ID, "村干部自己的合作社承接本村项目", "orange", official.person, firm)


CASES = (silent_partner, own_shop, village_head)
