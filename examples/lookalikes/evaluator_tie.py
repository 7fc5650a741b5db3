"""Experts with a tie to a bidder that explains nothing."""

from __future__ import annotations

from datetime import date

from examples.cast import person
from examples.firms import outsider, register
from examples.schemes.evaluator_tie import scored, with_partner
from examples.world import World

_ID = "evaluator_tie"


def scored_lower(world: World) -> None:
    """The expert gives the spouse's firm less than the others do."""
    expert = person(world, with_partner)
    assert expert.spouse is not None
    world.take([expert.spouse])
    firm = register(world, "房建", [expert.spouse])
    scored(world, firm, expert, -9.0, "中学宿舍修缮工程", date(2022, 4, 19))
    world.resemble(_ID, "专家给配偶企业的评分低于其他专家", expert, firm)


def left_long_ago(world: World) -> None:
    """The expert left the bidder's board six years before."""
    expert = person(world, with_partner)
    firm = register(world, "房建", [outsider(world)])
    world.tables.add(
        "company_officers", company=firm.name, uscc=firm.uscc, name=expert.name,
        id_number=expert.id_number, role="总工程师", start_date=date(2010, 3, 1),
        end_date=date(2016, 8, 31),
    )  # fmt: skip
    scored(world, firm, expert, 5.0, "中学食堂修缮工程", date(2022, 10, 18))
    world.resemble(_ID, "专家六年前已从投标人处离任", expert, firm)


CASES = (scored_lower, left_long_ago)
