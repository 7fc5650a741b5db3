"""A supplier whose share of one bureau's purchases creeps up from year to year."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, field, hold
from examples.world import World

_WINS = (1, 7, 13)
_A_YEAR = 14


def stores(world: World) -> None:
    """Fourteen lots of emergency stores a year: the same firm wins one, then seven, then thirteen."""
    buyer = f"{COUNTY}应急管理局"
    firm = register(world, "农资", [outsider(world), outsider(world, "女")])
    for year, wins in zip((2021, 2022, 2023), _WINS, strict=True):
        won = {round((k + 0.5) * _A_YEAR / wins - 0.5) for k in range(wins)}
        for index in range(_A_YEAR):
            call = Call(
                buyer, f"{year}年防汛抗旱物资采购项目（第{index + 1}批）", "农资",
                world.places.townships[0], world.rng.randrange(60, 240) * 2_000,
                date(year, 1 + index * 6 // 7, 4 + index % 2 * 14), "询价",
            )  # fmt: skip
            others = field(world, "农资", buyer, 3, [firm])
            hold(world, call, [firm, *others], firm if index in won else others[0])
    world.plant(
        "gradual_capture", "应急管理局物资采购三年间由十四中一升至十四中十三", "orange", buyer, firm
    )


CASES = (stores,)
