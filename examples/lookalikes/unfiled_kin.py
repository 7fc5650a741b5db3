"""Relatives of cadres who receive lawfully."""

from __future__ import annotations

from datetime import date, timedelta

from examples.cast import in_village, official_and_kin
from examples.subsidies import DISABLED, RELIEF, Clerks, apply, file_kin, pay
from examples.world import Official, Person, World

_ID = "unfiled_kin"
_TERMS = "哥哥 弟弟 姐姐 妹妹 父亲 母亲 岳父 岳母 公公 婆婆"


def _same_village(official: Official, relative: Person) -> bool:
    return relative.village is official.village


def filed(world: World) -> None:
    """The kinship was filed before the relief was granted."""
    for _ in range(3):
        official, relative = official_and_kin(world, in_village, _TERMS, _same_village)
        day = date(2022, 6, 14)
        file_kin(world, RELIEF, [relative], day - timedelta(days=60))
        apply(world, Clerks(world), RELIEF, relative, relative.household, day - timedelta(days=30))
        pay(world, Clerks(world), RELIEF, relative, RELIEF.standard, day)
        world.resemble(_ID, "已按规定备案", official.person, relative)


def no_filing_needed(world: World) -> None:
    """The programme asks for no filing."""
    for _ in range(3):
        official, relative = official_and_kin(world, in_village, _TERMS, _same_village)
        pay(world, Clerks(world), DISABLED, relative, DISABLED.standard, date(2022, 7, 15))
        world.resemble(_ID, "该项目不需要备案", official.person, relative)


CASES = (filed, no_filing_needed)
