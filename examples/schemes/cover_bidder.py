"""A printer that comes along to all that another one wins, and never wins."""

from __future__ import annotations

from datetime import date

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import YEARS, Call, eligible, hold
from examples.world import NoCastError, World

LOTS = 24


def always_second(world: World) -> None:
    """In half of the printing market's lots two firms meet; the same one wins each of them."""
    rng = world.rng
    # Several purchasers: nobody's house printer.
    buyers = [f"{COUNTY}{bureau}" for bureau in ("文化广电和旅游局", "民政局", "卫生健康局")]
    others = eligible(world, "印刷", buyers[0])
    if len(others) < 6:
        raise NoCastError("印刷")
    # Enough of them that none meets the two again and again by chance.
    others = [*others, *(register(world, "印刷", [outsider(world)]) for _ in range(12))]
    winner, cover = (register(world, "印刷", [outsider(world)]) for _ in range(2))
    for index in range(2 * LOTS):
        town = world.places.townships[(4, 5, 6)[index % 3]]
        year = YEARS[index // 6 % 3]
        village = rng.choice(world.places.of(town))
        call = Call(
            buyers[index // 2 % 3], f"{town}{village.name}{index + 1:02d}期宣传栏印刷服务项目", "印刷", town,
            rng.randrange(60, 320) * 5_000, world.day(date(year, 2, 10), date(year, 11, 20)),
            "公开招标",
        )  # fmt: skip
        # The two are in every other lot; the rest of the market is as honest as ever.
        if index % 2:
            hold(world, call, rng.sample(others, 4))
        else:
            hold(world, call, [winner, cover, *rng.sample(others, 2)], winner)
    world.plant("cover_bidder", f"企业投标{LOTS}次未中，均由同一家中标", "orange", cover, winner)
    world.plant("serial_winner", f"企业投标{LOTS}次全部中标", "orange", winner)


CASES = (always_second,)
