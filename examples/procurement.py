"""Tenders, bids, contracts and payments of honest markets, and the means to hold a tender."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from examples import numbers
from examples.firms import outsider
from examples.offices import BUREAUS, township_office
from examples.places import COUNTY
from examples.world import Firm, NoCastError, Person, World

YEARS = (2021, 2022, 2023)
# Trades of construction, of goods and services: the categories that purchasers write.
CATEGORY = {
    "道路": "道路工程", "房建": "房屋建筑工程", "水利": "水利工程", "绿化": "园林绿化工程",
    "消防": "消防工程", "电梯": "电梯设备", "办公": "办公设备", "信息": "信息化服务", "印刷": "印刷服务",
    "农资": "农资物资", "餐饮": "餐饮服务",
}  # fmt: skip
_OWNER = {
    "道路": "交通运输局", "房建": "教育局", "水利": "水利局", "绿化": "城市管理局", "消防": "卫生健康局",
    "电梯": "住房和城乡建设局", "办公": "财政局", "信息": "公安局", "印刷": "文化广电和旅游局",
    "农资": "农业农村局", "餐饮": "民政局",
}  # fmt: skip
_WHAT = {
    "道路": "道路改造工程", "房建": "教学楼修缮工程", "水利": "河道整治工程", "绿化": "绿化提升工程",
    "消防": "消防设施改造工程", "电梯": "电梯购置安装项目", "办公": "办公设备采购项目",
    "信息": "信息系统运维服务项目", "印刷": "宣传材料印刷服务项目", "农资": "良种采购项目",
    "餐饮": "食堂食材配送项目",
}  # fmt: skip
_WORKS = ("道路", "房建", "水利", "绿化", "消防")


@dataclass(frozen=True)
class Call:
    """What is put out to tender; ``opened`` is the day the bids are opened."""

    purchaser: str
    title: str
    trade: str
    township: str
    ceiling: int
    opened: date
    method: str = "公开招标"
    lot: str | None = None
    tender_no: str | None = None
    village: str | None = None
    platform: str = f"{COUNTY}公共资源交易中心"


@dataclass(frozen=True)
class Held:
    """A tender that has been held: its rows, to be looked at or altered by a scheme."""

    tender: dict[str, Any]
    bids: dict[str, dict[str, Any]]
    winner: Firm


def hold(world: World, call: Call, bidders: list[Firm], winner: Firm | None = None) -> Held:
    """Hold a tender among ``bidders``; the lowest honest price wins unless ``winner`` is set.

    The contract is signed and paid in instalments. Every firm bids from its own computer and line
    and pays its deposit from its own account.
    """
    rng = world.rng
    level = rng.uniform(0.86, 0.94)
    prices = {
        firm.uscc: round(
            call.ceiling * min(0.998, level + firm.competitiveness + rng.gauss(0, 0.022))
        )
        for firm in bidders
    }
    if winner is not None:
        best = min(prices, key=lambda code: prices[code])
        prices[winner.uscc], prices[best] = prices[best], prices[winner.uscc]
    order = sorted(bidders, key=lambda firm: prices[firm.uscc])
    return award(world, call, [(firm, prices[firm.uscc]) for firm in order])


def award(
    world: World, call: Call, bids_in: list[tuple[Firm, int]], out: Collection[Firm] = ()
) -> Held:
    """Award a tender to the first of the bids given; those of ``out`` are disqualified."""
    rng = world.rng
    number = call.tender_no or f"QL{call.opened.year}-{len(world.tables['tenders']) + 1:04d}"
    prices = {firm.uscc: price for firm, price in bids_in}
    order = [firm for firm, _ in bids_in]
    winner = order[0]
    deadline = datetime.combine(call.opened, time(9, 0))
    tender = world.tables.add(
        "tenders", tender_no=number, lot=call.lot, title=call.title, purchaser=call.purchaser,
        method=call.method, category=CATEGORY[call.trade], ceiling_price=Decimal(call.ceiling),
        publish_date=call.opened - timedelta(days=24), deadline=deadline, open_date=call.opened,
        agency=rng.choice(_agencies(world)), winner=winner.name,
        award_amount=Decimal(prices[winner.uscc]), platform=call.platform, retender=False,
        township=call.township, village=call.village,
    )  # fmt: skip
    bids = {}
    for rank, firm in enumerate(order, start=1):
        form = rng.choices(("转账", "保函", "保险"), (70, 20, 10))[0]
        network = firm.ip.rsplit(".", 1)[0]
        bids[firm.name] = world.tables.add(
            "bids", tender_no=number, lot=call.lot, bidder=firm.name, uscc=firm.uscc,
            amount=Decimal(prices[firm.uscc]), is_winner=firm is winner, rank=rank,
            disqualified=firm in out,
            submit_time=deadline - timedelta(hours=rng.randrange(12, 70), minutes=rng.randrange(60)),
            ip_address=firm.ip if rng.random() < 0.8 else f"{network}.{rng.randrange(1, 255)}",
            **firm.computer, contact=firm.contact.name, contact_phone=firm.phone,
            deposit_account=firm.account if form == "转账" else None,
            deposit_payer=firm.name if form == "转账" else None, deposit_form=form,
            file_author=firm.contact.name,
        )  # fmt: skip
    signed = call.opened + timedelta(days=rng.randrange(12, 28))
    contract(
        world,
        call.purchaser,
        winner,
        call.title,
        prices[winner.uscc],
        signed,
        number,
        call.township,
    )
    return Held(tender, bids, winner)


def contract(
    world: World,
    buyer: str,
    firm: Firm,
    title: str,
    amount: int,
    signed: date,
    tender_no: str | None = None,
    township: str | None = None,
    village: str | None = None,
) -> dict[str, Any]:
    """Sign a contract and pay it in one to three instalments; returns the contract's row."""
    rng = world.rng
    number = f"HT{signed.year}{len(world.tables['contracts']) + 1:05d}"
    row = world.tables.add(
        "contracts", contract_no=number, tender_no=tender_no, title=title, party_a=buyer,
        party_b=firm.name, party_b_uscc=firm.uscc, amount=Decimal(amount),
        final_amount=Decimal(round(amount * rng.uniform(0.97, 1.02))), sign_date=signed,
        township=township, village=village,
    )  # fmt: skip
    parts = (1.0,) if amount < 200_000 else (0.3, 0.5, 0.2)
    for index, part in enumerate(parts):
        world.tables.add(
            "payments", voucher_no=f"ZF{len(world.tables['payments']) + 1:06d}", payer=buyer,
            payee=firm.name, payee_id=firm.uscc, payee_account=firm.account,
            amount=Decimal(round(amount * part)), contract_no=number,
            pay_date=signed + timedelta(days=30 + 75 * index),
            purpose=f"{title}{'款' if len(parts) == 1 else ('预付款', '进度款', '尾款')[index]}",
            handler="财务室",
        )  # fmt: skip
    return row


def _agencies(world: World) -> list[str]:
    return [f.name for f in world.firms if f.trade == "咨询"][:6] or ["青澜县政府采购中心"]


def conflict(world: World, firm: Firm, buyer: str) -> bool:
    """Tell whether somebody behind the firm is an official, or kin to one of the buyer.

    Officials of the township count as the village's own: its villages are in their charge.
    """
    behind: set[int] = set()
    owner: Firm | None = firm
    while owner is not None:
        behind.update(id(person) for person in owner.holders)
        owner = owner.parent
    town = next((v.township for v in world.places.villages if v.committee == buyer), None)
    if any(id(o.person) in behind for o in world.officials):
        return True
    return any(
        not behind.isdisjoint(o.kin)
        for o in world.officials
        if o.organization == buyer or (town is not None and o.organization == township_office(town))
    )


def strange_to_office(world: World, firm: Firm) -> bool:
    """Tell whether nobody behind the firm is an official or kin to any."""
    behind = {id(person) for person in firm.holders}
    if firm.parent is not None and not strange_to_office(world, firm.parent):
        return False
    return all(id(o.person) not in behind and behind.isdisjoint(o.kin) for o in world.officials)


def eligible(world: World, trade: str, buyer: str) -> list[Firm]:
    """Firms of a trade that may honestly deal with a buyer; none that is there for one case."""
    behind = [f for f in world.firms if f.trade == trade and not f.guest]
    return [f for f in behind if not conflict(world, f, buyer)]


def draw(world: World, trade: str, buyer: str, count: int) -> list[Firm]:
    """Choose ``count`` firms that may honestly bid together.

    Raises
    ------
    NoCastError
        When a small county has fewer.
    """
    pool = eligible(world, trade, buyer)
    if len(pool) < count:
        raise NoCastError(trade)
    for _ in range(50):
        drawn = world.rng.sample(pool, count)
        if not any(_one_house(a, b) for a, b in combinations(drawn, 2)):
            return drawn
    raise NoCastError(trade)


def _one_house(one: Firm, other: Firm) -> bool:
    """Tell whether two firms are under one control and so must not bid for one lot."""
    return (
        one.legal_representative is other.legal_representative
        or one.parent is other
        or other.parent is one
        or (one.parent is not None and one.parent is other.parent)
    )


def field(
    world: World, trade: str, buyer: str, count: int, beside: Collection[Firm] = ()
) -> list[Firm]:
    """Choose ``count`` bidders of whom the first may win without touching any other case.

    Nobody behind it holds a post, is kin to one or is in a case, so that what it wins is nobody's
    affair but the buyer's. None of ``beside`` is chosen.

    Raises
    ------
    NoCastError
        When a small county has fewer.
    """
    near = {key for o in world.officials for key in (*o.kin, id(o.person))}
    told = {n for c in (*world.truth.planted, *world.truth.lookalikes) for n in c.numbers}
    pool = [f for f in eligible(world, trade, buyer) if f not in beside and f.uscc not in told]
    free = [
        f
        for f in pool
        if f.parent is None
        and all(world.free(p) and id(p) not in near for p in (*f.holders, f.contact))
    ]
    if not free or len(pool) < count:
        raise NoCastError(trade)
    first = world.rng.choice(free)
    return [first, *world.rng.sample([f for f in pool if f is not first], count - 1)]


def honest_tenders(world: World) -> None:
    """Tenders of ordinary markets: who bids depends on chance, never on who else bids."""
    scale = len(world.places.villages) / 60
    rng = world.rng
    plan = {"道路": 27, "房建": 16, "水利": 12, "绿化": 8, "办公": 10, "信息": 7, "印刷": 5}
    townships = world.places.townships
    for trade, count in plan.items():
        buyer = COUNTY + _OWNER[trade]
        pool = eligible(world, trade, buyer)
        for index in range(max(2, round(count * scale))):
            # Roads are mended in three townships, so that their market can be compared in itself.
            town = townships[index // 3 % 3] if trade == "道路" else rng.choice(townships)
            works = trade in _WORKS
            ceiling = rng.randrange(420, 1500) * 10_000 if works else rng.randrange(60, 320) * 5_000
            opened = world.day(date(YEARS[index % 3], 2, 10), date(YEARS[index % 3], 11, 20))
            village = rng.choice(world.places.of(town))
            call = Call(
                buyer, f"{town}{village.name}{_WHAT[trade]}", trade, town, ceiling, opened,
                "公开招标" if works else rng.choice(("竞争性磋商", "公开招标", "询价")),
            )  # fmt: skip
            if len(pool) >= 3:
                hold(world, call, rng.sample(pool, min(rng.choice((3, 4, 4, 5, 6)), len(pool))))


def small_markets(world: World) -> None:
    """Trades with a handful of qualified firms: the same ones meet in every lot, honestly."""
    for trade, lots in (("消防", 12), ("电梯", 10)):
        buyer = COUNTY + _OWNER[trade]
        pool = eligible(world, trade, buyer)[:5]
        if len(pool) < 3:
            continue
        town = world.places.townships[0]
        for index in range(lots):
            opened = world.day(date(YEARS[index % 3], 2, 10), date(YEARS[index % 3], 11, 20))
            ceiling = world.rng.randrange(80, 380) * 10_000
            place = world.rng.choice(world.places.of(town)).name
            # Now and then one of them is busy elsewhere.
            here = [f for f in pool if world.rng.random() < 0.93]
            hold(
                world,
                Call(
                    buyer,
                    f"{town}{place}{index + 1:02d}号楼{_WHAT[trade]}",
                    trade,
                    town,
                    ceiling,
                    opened,
                ),
                here if len(here) >= 3 else pool,
            )
        world.resemble(
            "cobidding_group",
            f"{CATEGORY[trade]}市场只有{len(pool)}家有资质的企业，次次相遇",
            *pool,
        )


def small_purchases(world: World) -> None:
    """Contracts below every limit, without tender, of bureaus, townships and villages."""
    rng = world.rng
    buyers = [*BUREAUS, *(township_office(t) for t in world.places.townships)]
    for buyer in buyers:
        for year in YEARS:
            trade = rng.choice(("办公", "印刷", "信息", "餐饮"))
            pool = eligible(world, trade, buyer)
            if not pool:
                continue
            day = world.day(date(year, 2, 1), date(year, 12, 1))
            item = {
                "办公": "打印机采购",
                "印刷": "资料印刷",
                "信息": "网站维护",
                "餐饮": "食材配送",
            }[trade]
            contract(
                world, buyer, rng.choice(pool), f"{year}年{item}", rng.randrange(8, 90) * 1000, day
            )
    for village in world.places.villages:
        trade = rng.choice(("绿化", "水利", "道路"))
        pool = eligible(world, trade, village.committee)
        if pool and rng.random() < 0.7:
            item = {"绿化": "村庄绿化", "水利": "沟渠清淤", "道路": "机耕路修整"}[trade]
            contract(
                world, village.committee, rng.choice(pool), f"{village.name}{item}工程",
                rng.randrange(30, 280) * 1000, world.day(date(2021, 3, 1), date(2023, 11, 1)),
                township=village.township, village=village.name,
            )  # fmt: skip


def score_sheets(world: World) -> None:
    """Let five experts from outside score the bidders of every comparative award."""
    panel = [outsider(world) for _ in range(12)]
    bids: dict[str, list[dict[str, Any]]] = {}
    for bid in world.tables["bids"]:
        bids.setdefault(bid["tender_no"], []).append(bid)
    for tender in world.tables["tenders"]:
        if tender["method"] == "竞争性磋商":
            score(world, tender, bids[tender["tender_no"]], world.rng.sample(panel, 5))


def score(
    world: World,
    tender: dict[str, Any],
    bids: list[dict[str, Any]],
    experts: list[Person],
    lifts: dict[tuple[str, str], float] | None = None,
) -> None:
    """Let experts score the bids of a tender by rank, with a little noise.

    ``lifts``: points that an expert gives a bidder beyond that, by (identity number, bidder).
    """
    for expert in experts:
        for bid in bids:
            points = 92 - 2.5 * (bid["rank"] - 1) + world.rng.gauss(0, 1.2)
            points += (lifts or {}).get((expert.id_number, bid["bidder"]), 0.0)
            world.tables.add(
                "expert_scores", tender_no=tender["tender_no"], lot=tender["lot"],
                expert=expert.name, expert_id=expert.id_number, bidder=bid["bidder"],
                score=round(min(points, 99.0), 1),
            )  # fmt: skip


def share_computer(bids: list[dict[str, Any]]) -> None:
    """Make bids come from the computer of the first: network card, processor and disk alike."""
    for bid in bids[1:]:
        for column in ("mac_address", "cpu_id", "disk_id"):
            bid[column] = bids[0][column]


def new_account(world: World) -> str:
    """A fresh account of a firm."""
    return numbers.account(world.rng, "3205")


def reprice(held: Held, amounts: dict[str, int]) -> None:
    """Change prices of losing bids, by bidder; ranks follow, the award stays what it is."""
    if held.winner.name in amounts:
        raise ValueError("the winner's price stands in the contract, too")
    least = held.bids[held.winner.name]["amount"]
    for name, amount in amounts.items():
        held.bids[name]["amount"] = max(Decimal(amount), least + 1)
    order = sorted(held.bids.values(), key=lambda bid: (not bid["is_winner"], bid["amount"]))
    for rank, bid in enumerate(order, start=1):
        bid["rank"] = rank
