"""Works in several contracts that are no split."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from examples.offices import township_office
from examples.procurement import Call, contract, draw, eligible, hold
from examples.world import World

_ID = "below_threshold_split"


def _contracts(
    world: World, township: int, titles: Sequence[str], amount: int, days: Sequence[date], why: str
) -> None:
    town = world.places.townships[township]
    buyer = township_office(town)
    firms = eligible(world, "道路", buyer)
    for title, day, firm in zip(titles, days, firms, strict=False):
        contract(world, buyer, firm, f"{town}{title}", amount, day, township=town)
    world.resemble(_ID, why, buyer)


def other_places(world: World) -> None:
    """Roads in three villages, each its own project."""
    names = [v.name for v in world.places.of(world.places.townships[1])][:3]
    titles = [f"{name}通村公路硬化工程" for name in names]
    days = (date(2022, 3, 8), date(2022, 3, 29), date(2022, 4, 19))
    _contracts(world, 1, titles, 2_300_000, days, "同类工程分处不同村")


def far_apart(world: World) -> None:
    """Two phases a year apart, each from the budget of its year."""
    titles = ("农贸市场改造工程（一期）", "农贸市场改造工程（二期）")
    days = (date(2021, 9, 7), date(2022, 10, 11))
    _contracts(world, 2, titles, 2_600_000, days, "两期相隔一年以上")


def under_the_limit(world: World) -> None:
    """Three parts that stay under the limit even together."""
    titles = tuple(f"文化站修缮工程（{n}期）" for n in "一二三")
    days = (date(2023, 3, 7), date(2023, 4, 4), date(2023, 5, 9))
    _contracts(world, 3, titles, 820_000, days, "合计未超过限额")


def framework(world: World) -> None:
    """Orders under a framework agreement that was tendered."""
    titles = tuple(f"道路日常养护工程框架协议第{n}批次" for n in "一二三")
    days = (date(2022, 4, 5), date(2022, 5, 10), date(2022, 6, 14))
    _contracts(world, 4, titles, 1_900_000, days, "框架协议项下分批下单")


def open_lots(world: World) -> None:
    """One open tender in three lots."""
    town = world.places.townships[5]
    buyer = township_office(town)
    pool = draw(world, "道路", buyer, 12)
    number = "QL2022-FB01"
    for index, lot in enumerate("一二三"):
        call = Call(
            buyer, f"{town}环镇公路工程第{lot}标段", "道路", town, 3_200_000, date(2022, 9, 20),
            lot=f"第{lot}标段", tender_no=number,
        )  # fmt: skip
        hold(world, call, pool[4 * index : 4 * index + 4])
    world.resemble(_ID, "同一次公开招标的三个标段", buyer)


CASES = (other_places, far_apart, under_the_limit, framework, open_lots)
