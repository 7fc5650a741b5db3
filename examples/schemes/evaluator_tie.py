"""Experts who score bidders that they or their families stand behind."""

from __future__ import annotations

from datetime import date

from examples.cast import person
from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, Held, draw, hold, score
from examples.world import Firm, Person, World

_ID = "evaluator_tie"


def with_partner(candidate: Person) -> bool:
    """Tell whether somebody of working age lives in one household with a living spouse."""
    spouse = candidate.spouse
    return (
        35 <= candidate.age() <= 62
        and not candidate.death
        and spouse is not None
        and not spouse.death
        and spouse.household is candidate.household
    )


def scored(world: World, firm: Firm, expert: Person, lift: float, item: str, opened: date) -> Held:
    """Hold a tender that the firm takes part in, and let the expert score it with four others."""
    buyer = f"{COUNTY}教育局"
    others = draw(world, "房建", buyer, 3)
    town = world.places.townships[7]
    call = Call(buyer, f"{town}{item}", "房建", town, 4_400_000, opened)
    held = hold(world, call, [firm, *others], firm if lift > 0 else None)
    panel = [expert, *(outsider(world) for _ in range(4))]
    score(
        world, held.tender, list(held.bids.values()), panel, {(expert.id_number, firm.name): lift}
    )
    return held


def wifes_firm(world: World) -> None:
    """An expert gives seven points more to the firm of the spouse."""
    expert = person(world, with_partner)
    assert expert.spouse is not None
    world.take([expert.spouse])
    firm = register(world, "房建", [expert.spouse, outsider(world)], shares=(55, 45))
    scored(world, firm, expert, 6.5, "中学实验楼修缮工程", date(2022, 5, 24))
    world.plant(_ID, "专家给配偶持股的企业评高分", "orange", expert, expert.spouse, firm)


def supervisor(world: World) -> None:
    """An expert who is a bidder's supervisor scores it twice."""
    expert = person(world, with_partner)
    firm = register(world, "房建", [outsider(world)])
    world.tables.add(
        "company_officers", company=firm.name, uscc=firm.uscc, name=expert.name,
        id_number=expert.id_number, role="监事", start_date=date(2019, 5, 6),
    )  # fmt: skip
    for item, opened in (
        ("小学围墙修缮工程", date(2022, 6, 14)),
        ("小学操场修缮工程", date(2023, 3, 15)),
    ):
        scored(world, firm, expert, 6.0, item, opened)
    world.plant(_ID, "专家给自己任监事的企业评高分", "orange", expert, firm)


CASES = (wifes_firm, supervisor)
