"""A bureau that turns down the lowest quotation in favour of one supplier."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, award, field, hold
from examples.world import World


def second_lowest(world: World) -> None:
    """In six of nine inquiries the lowest quotation is disqualified or passed over."""
    buyer = f"{COUNTY}人力资源和社会保障局"
    firm = register(world, "办公", [outsider(world), outsider(world, "女")])
    for index in range(9):
        town = world.places.townships[0]
        year = 2021 + index // 3
        ceiling = world.rng.randrange(60, 160) * 5_000
        call = Call(
            buyer, f"{year}年第{index % 3 + 1}批办事大厅办公设备采购项目", "办公", town, ceiling,
            date(year, 3 + index % 3 * 3, 22), "询价",
        )  # fmt: skip
        others = field(world, "办公", buyer, 3, [firm])
        if index % 3 == 0:
            hold(world, call, others, others[0])
            continue
        prices = [round(ceiling * world.rng.uniform(low, low + 0.02)) for low in (0.92, 0.88, 0.94)]
        bids = list(zip([firm, *others[:2]], prices, strict=True))
        award(world, call, bids, out=others[:1] if index % 2 else ())
    # Elsewhere it loses as others do: it is nobody's house supplier.
    elsewhere = f"{COUNTY}教育局"
    call = Call(
        elsewhere, "教研室办公设备采购项目", "办公", world.places.townships[0], 420_000,
        date(2022, 8, 17), "询价",
    )  # fmt: skip
    others = field(world, "办公", elsewhere, 3, [firm])
    hold(world, call, [firm, *others], others[0])
    world.plant("lowest_rejected", "人社局九次询价六次未选最低报价", "orange", buyer, firm)


CASES = (second_lowest,)
