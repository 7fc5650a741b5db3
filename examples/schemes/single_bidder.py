"""A bureau whose greening works draw one bid, again and again the same firm's."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, field, hold
from examples.world import World


def alone_again(world: World) -> None:
    """Six of nine open tenders of the forestry bureau draw the same single bid."""
    buyer = f"{COUNTY}林业局"
    firm = register(world, "绿化", [outsider(world), outsider(world, "女")])
    for index in range(9):
        town = world.places.townships[index % 4 + 4]
        call = Call(
            buyer, f"{town}退化林修复工程（{2021 + index // 3}年第{index % 3 + 1}批）", "绿化", town,
            world.rng.randrange(110, 380) * 10_000, date(2021 + index // 3, 3 + index % 3 * 3, 16),
        )  # fmt: skip
        bidders = [firm] if index % 3 else field(world, "绿化", buyer, 4, [firm])
        hold(world, call, bidders, bidders[0])
    world.plant("single_bidder", "林业局九个公开招标六个只有同一家投标", "orange", buyer, firm)


CASES = (alone_again,)
