"""Panels whose scores lie far apart without anything being decided by one expert."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider
from examples.places import COUNTY
from examples.procurement import Call, draw, hold, score
from examples.world import World

_ID = "score_deviation"


def changed_nothing(world: World) -> None:
    """An expert is carried away by the bid that all the others put first, too."""
    buyer = f"{COUNTY}财政局"
    bidders = draw(world, "办公", buyer, 4)
    town = world.places.townships[8]
    call = Call(buyer, f"{town}会议室音响采购项目", "办公", town, 960_000, date(2023, 4, 18))
    held = hold(world, call, bidders)
    panel = [outsider(world) for _ in range(5)]
    lifts = {(panel[0].id_number, f.name): -13.0 for f in bidders if f is not held.winner}
    lifts[panel[0].id_number, held.winner.name] = 5.0
    score(world, held.tender, list(held.bids.values()), panel, lifts)
    world.resemble(_ID, "评分偏离没有改变结果", panel[0], held.winner)


def all_of_one_mind(world: World) -> None:
    """Every expert finds one bid far better than the rest."""
    buyer = f"{COUNTY}文化广电和旅游局"
    bidders = draw(world, "印刷", buyer, 4)
    town = world.places.townships[9]
    call = Call(buyer, f"{town}非遗展陈设计项目", "印刷", town, 880_000, date(2022, 10, 11))
    held = hold(world, call, bidders)
    panel = [outsider(world) for _ in range(5)]
    lifts = {
        (e.id_number, f.name): 5.0 if f is held.winner else -12.0 for e in panel for f in bidders
    }
    score(world, held.tender, list(held.bids.values()), panel, lifts)
    world.resemble(_ID, "各位专家都更认可同一家", panel[0], held.winner)


CASES = (changed_nothing, all_of_one_mind)
