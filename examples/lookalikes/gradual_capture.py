"""Shares that rise or sway, honestly."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.offices import township_office
from examples.procurement import Call, field, hold
from examples.world import World

_ID = "gradual_capture"
# Bidders, and what the two firms win of eight lots, in each of three years.
_YEARS = ((2021, 6, 1, 3), (2022, 4, 2, 1), (2023, 3, 3, 3))


def fewer_rivals(world: World) -> None:
    """One firm wins more as others stay away, no more than its turn; another has good and bad years."""
    town = world.places.townships[9]
    buyer = township_office(town)
    risen, restless = (
        register(world, "水利", [outsider(world), outsider(world, "女")]) for _ in range(2)
    )
    for year, bidders, for_risen, for_restless in _YEARS:
        for index in range(8):
            call = Call(
                buyer, f"{town}小型水库维修养护工程（{year}年第{index + 1}标）", "水利", town,
                world.rng.randrange(60, 190) * 5_000, date(year, index + 3, 7),
            )  # fmt: skip
            others = field(world, "水利", buyer, bidders - 2, [risen, restless])
            turn = index * 3 % 8
            winner = (
                risen if turn < for_risen
                else restless if turn < for_risen + for_restless
                else others[0]
            )  # fmt: skip
            hold(world, call, [risen, restless, *others], winner)
    world.resemble(_ID, "对手逐年减少，中标机会自然上升", buyer, risen)
    world.resemble(_ID, "中标率各年有起伏而无趋势", buyer, restless)


CASES = (fewer_rivals,)
