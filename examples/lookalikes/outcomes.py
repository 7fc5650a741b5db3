"""Winners in turn, in their own places, and firms that never win, for honest reasons."""

from __future__ import annotations

from datetime import date, timedelta

from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import Call, eligible, hold
from examples.world import NoCastError, World


def call_offs_in_turn(world: World) -> None:
    """Suppliers admitted to a framework are called off one after another, by its own rules."""
    rng = world.rng
    buyer = f"{COUNTY}财政局"
    if len(eligible(world, "办公", buyer)) < 4:
        raise NoCastError("办公")
    admitted = [register(world, "办公", [outsider(world)]) for _ in range(3)]
    opened = date(2021, 3, 2)
    for index in range(15):
        town = world.places.townships[index % 3 + 6]
        call = Call(
            buyer, f"{town}第{index + 1}批办公设备采购项目", "办公", town,
            rng.randrange(240, 400) * 10_000, opened, "框架协议采购",
        )  # fmt: skip
        hold(world, call, admitted, admitted[index % 3])
        opened += timedelta(days=60)
    world.resemble("rotation", "框架协议按次序派单", *admitted)
    world.resemble("territorial_split", "框架协议按次序派单，与区域无关", *admitted)


def tenders_by_lot(world: World) -> None:
    """Small works are let by drawing lots, and whoever won sits out the next draws."""
    rng = world.rng
    buyer = f"{COUNTY}教育局"
    firms = [register(world, "房建", [outsider(world)]) for _ in range(3)]
    opened = date(2021, 2, 9)
    for index in range(15):
        town = world.places.townships[9]
        call = Call(
            buyer, f"{town}第{index + 1}批校舍零星维修工程", "房建", town,
            rng.randrange(410, 500) * 10_000, opened, "邀请招标（摇号）",
        )  # fmt: skip
        hold(world, call, firms, firms[index % 3])
        opened += timedelta(days=55)
    world.resemble("rotation", "小型工程以摇号确定中标人，中过的暂不参加下一轮", *firms)
    # That one bureau invites the same three to fifteen lots is itself worth a look.
    world.resemble("cobidding_group", "小型工程只邀请这三家摇号", *firms, at_most="orange")


def framework_by_area(world: World) -> None:
    """A framework gives each of its suppliers some townships to serve."""
    rng = world.rng
    buyer = f"{COUNTY}农业农村局"
    if len(eligible(world, "农资", buyer)) < 4:
        raise NoCastError("农资")
    admitted = [register(world, "农资", [outsider(world)]) for _ in range(3)]
    for index in range(18):
        place = rng.randrange(3)
        town = world.places.townships[place + 1]
        call = Call(
            buyer, f"{town}第{index + 1}批良种采购项目", "农资", town,
            rng.randrange(240, 400) * 10_000,
            world.day(date(2021 + index % 3, 2, 10), date(2021 + index % 3, 11, 20)), "框架协议采购",
        )  # fmt: skip
        hold(world, call, admitted, admitted[place])
    world.resemble("territorial_split", "框架协议按片区分派", *admitted)


def beginner(world: World) -> None:
    """A young firm bids for a year and wins nothing yet, whoever else is there."""
    rng = world.rng
    buyer = f"{COUNTY}公安局"
    others = eligible(world, "信息", buyer)
    if len(others) < 6:
        raise NoCastError("信息")
    strong = [register(world, "信息", [outsider(world)]) for _ in range(2)]
    young = register(world, "信息", [outsider(world)], established=date(2022, 9, 1))
    for index in range(24):
        town = world.places.townships[index % 2]
        call = Call(
            buyer, f"{town}{index + 1:02d}号监控点运维服务项目", "信息", town,
            rng.randrange(60, 320) * 5_000, world.day(date(2023, 1, 10), date(2023, 11, 20)),
            "公开招标",
        )  # fmt: skip
        if index % 2:
            hold(world, call, rng.sample(others, 4))
        else:
            # Now the one, now the other of two old hands is there and wins.
            old = strong[index // 2 % 2]
            hold(world, call, [old, young, *rng.sample(others, 2)], old)
    for old in strong:
        world.resemble("cover_bidder", "新成立的企业投标一年，尚未打开局面", young, old)


def weak_in_a_small_market(world: World) -> None:
    """Three firms have the licence in one town: they always meet, and one is too dear to win."""
    rng = world.rng
    buyer = f"{COUNTY}住房和城乡建设局"
    firms = [register(world, "电梯", [outsider(world)]) for _ in range(3)]
    town = world.places.townships[1]
    for index in range(16):
        call = Call(
            buyer, f"{town}{index + 1:02d}号楼加装电梯项目", "电梯", town,
            rng.randrange(80, 380) * 10_000,
            world.day(date(2021 + index % 3, 2, 10), date(2021 + index % 3, 11, 20)),
        )  # fmt: skip
        hold(world, call, firms, firms[0] if rng.random() < 0.75 else firms[1])
    world.resemble(
        "cover_bidder", "当地只有三家有资质的企业，次次相遇，一家报价偏高", firms[2], firms[0]
    )


CASES = (call_offs_in_turn, tenders_by_lot, framework_by_area, beginner, weak_in_a_small_market)
