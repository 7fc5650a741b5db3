"""Files that bear one serial or one author for an innocent reason."""

from __future__ import annotations

from datetime import date

from examples.places import COUNTY
from examples.procurement import Call, draw, hold
from examples.world import World

_ID = "shared_authorship"


def control_price(world: World) -> None:
    """All bidders start from the published control price, whose file bears its maker's serial."""
    buyer = f"{COUNTY}交通运输局"
    bidders = draw(world, "道路", buyer, 4)
    town = world.places.townships[3]
    call = Call(buyer, f"{town}桥梁维修加固工程", "道路", town, 5_100_000, date(2022, 3, 16))
    held = hold(world, call, bidders)
    serial = f"GL{world.rng.randrange(10**8, 10**9)}"
    held.tender["control_price_dongle"] = serial
    for bid in held.bids.values():
        bid["dongle_no"] = serial
    world.resemble(_ID, "锁号来自公布的控制价文件", *bidders)


def default_user(world: World) -> None:
    """Office software that nobody gave a name calls every author the same."""
    buyer = f"{COUNTY}城市管理局"
    bidders = draw(world, "绿化", buyer, 4)
    town = world.places.townships[8]
    call = Call(buyer, f"{town}街角游园建设工程", "绿化", town, 4_300_000, date(2023, 9, 13))
    for bid in hold(world, call, bidders).bids.values():
        bid["file_author"] = "Administrator"
    world.resemble(_ID, "文件作者是软件默认用户名", *bidders)


CASES = (control_price, default_user)
