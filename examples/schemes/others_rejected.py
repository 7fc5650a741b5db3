"""A bureau that disqualifies everybody but one firm."""

from __future__ import annotations

from datetime import date

from examples.places import COUNTY
from examples.procurement import Call, award, field, hold
from examples.world import World


def cleared_field(world: World) -> None:
    """In six of nine tenders all rivals of one firm are disqualified."""
    buyer = f"{COUNTY}市场监督管理局"
    (firm,) = field(world, "信息", buyer, 1)
    for index in range(9):
        year = 2021 + index // 3
        ceiling = world.rng.randrange(60, 160) * 5_000
        call = Call(
            buyer, f"{year}年监管信息系统运维服务项目（第{index % 3 + 1}包）", "信息",
            world.places.townships[0], ceiling, date(year, 4 + index % 3 * 3, 13),
        )  # fmt: skip
        others = field(world, "信息", buyer, 3, [firm])
        if index % 3 == 0:
            hold(world, call, others, others[0])
            continue
        prices = [
            round(ceiling * world.rng.uniform(low, low + 0.02)) for low in (0.88, 0.91, 0.94, 0.96)
        ]
        award(world, call, list(zip([firm, *others], prices, strict=True)), out=others)
    # Elsewhere it loses as others do: it is nobody's house supplier.
    elsewhere = f"{COUNTY}审计局"
    call = Call(
        elsewhere, "审计数据平台运维服务项目", "信息", world.places.townships[0], 380_000,
        date(2022, 9, 14),
    )  # fmt: skip
    others = field(world, "信息", elsewhere, 3, [firm])
    hold(world, call, [firm, *others], others[0])
    world.plant("others_rejected", "市场监管局九个标段六个只剩一家未被否决", "orange", buyer, firm)


CASES = (cleared_field,)
