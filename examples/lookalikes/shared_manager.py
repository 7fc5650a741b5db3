"""Project managers who change firms, and namesakes."""

from __future__ import annotations

from datetime import date

from examples import numbers
from examples.firms import outsider
from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.schemes.shared_manager import lead
from examples.world import Person, World

_ID = "shared_manager"


def moved(world: World) -> None:
    """A manager leads one firm's bid in spring and another's in the next year."""
    buyer = f"{COUNTY}交通运输局"
    drawn = draw(world, "道路", buyer, 8)
    town = world.places.townships[4]
    manager = outsider(world)
    for bidders, day in ((drawn[:4], date(2022, 4, 20)), (drawn[4:], date(2023, 4, 19))):
        call = Call(buyer, f"{town}路面修复工程（{day.year}年）", "道路", town, 4_500_000, day)
        held = hold(world, call, bidders)
        lead(held.bids[bidders[0].name], manager)
        for other in bidders[1:]:
            lead(held.bids[other.name], outsider(world))
    world.resemble(_ID, "项目经理先后在两家企业任职", drawn[0], drawn[4])


def namesakes(world: World) -> None:
    """Two bidders' managers bear one name and have two numbers."""
    buyer = f"{COUNTY}城市管理局"
    bidders = draw(world, "绿化", buyer, 4)
    town = world.places.townships[5]
    call = Call(buyer, f"{town}行道树补植工程", "绿化", town, 4_100_000, date(2021, 11, 10))
    held = hold(world, call, bidders)
    one, other = outsider(world), outsider(world)
    number = numbers.id_number(
        numbers.OTHER_AREAS[0], other.birth, world.rng.randrange(200) * 2 + 1
    )
    twin = Person(
        name=str(one.name), sex=one.sex, birth=other.birth, id_number=number, phone=other.phone,
        account=other.account, village=other.village,
    )  # fmt: skip
    for firm, manager in zip(bidders, (one, twin, outsider(world), outsider(world)), strict=True):
        lead(held.bids[firm.name], manager)
    world.resemble(_ID, "项目经理只是同名", *bidders[:2])


CASES = (moved, namesakes)
