"""An expert who carries a bidder past the one that the rest of the panel preferred."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, draw, hold, score
from examples.world import World


def against_the_panel(world: World) -> None:
    """One of seven experts lifts a firm and sinks the others, and the firm wins by it."""
    buyer = f"{COUNTY}公安局"
    firm = register(world, "信息", [outsider(world), outsider(world)])
    rivals = [f for f in draw(world, "信息", buyer, 5) if f is not firm][:4]
    town = world.places.townships[6]
    call = Call(
        buyer, f"{town}视频监控运维服务项目", "信息", town, 1_280_000, date(2022, 9, 20)
    )  # fmt: skip
    held = hold(world, call, [firm, *rivals], firm)
    expert, *rest = (outsider(world) for _ in range(7))
    lifts = {(e.id_number, firm.name): -5.5 for e in rest}
    lifts |= {(expert.id_number, f.name): -16.0 for f in rivals}
    lifts[expert.id_number, firm.name] = 7.0
    score(world, held.tender, list(held.bids.values()), [expert, *rest], lifts)
    world.plant("score_deviation", "一名专家抬高一家、压低其余并左右结果", "orange", expert, firm)


CASES = (against_the_panel,)
