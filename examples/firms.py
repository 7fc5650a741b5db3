"""Registered firms, their holders and officers, and some chains of holding."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from examples import numbers
from examples.places import COUNTY
from examples.world import Firm, Person, World

TRADES = {
    "道路": ("市政工程", "路桥工程", "公路养护工程"),
    "房建": ("建设工程", "建筑工程", "建筑安装工程"),
    "水利": ("水利工程", "水电建设工程"),
    "绿化": ("园林绿化工程", "景观工程"),
    "消防": ("消防工程",),
    "电梯": ("电梯工程",),
    "办公": ("办公设备", "文化用品", "商贸"),
    "信息": ("信息技术", "网络科技"),
    "印刷": ("印务", "广告传媒"),
    "农资": ("农资", "种业"),
    "餐饮": ("餐饮管理", "食品"),
    "咨询": ("招标代理", "项目管理"),
    "投资": ("投资管理", "实业投资"),
    "种养": ("种养殖",),
}
_SHARES = {
    "道路": 42, "房建": 52, "水利": 26, "绿化": 24, "消防": 5, "电梯": 4, "办公": 40, "信息": 26,
    "印刷": 18, "农资": 16, "餐饮": 12, "咨询": 8, "投资": 9, "种养": 18,
}  # fmt: skip
_CORES = "恒达瑞丰鸿泰永盛中兴金鼎华源宏远鑫隆天成众诚德润安顺广厦正阳通达锦绣嘉禾东升万里科创启明佳信融汇利民信诚祥云"


def register_firms(world: World) -> None:
    """Register about 300 firms; holders are grown residents who hold no post."""
    scale = len(world.places.villages) / 60
    posts = {row["id_number"] for row in world.tables["officials"]}
    near = {key for o in world.officials for key in o.kin}
    holders = [
        p for p in world.people if 26 <= p.age() <= 68 and not p.death and p.id_number not in posts
    ]
    world.rng.shuffle(holders)
    # Relatives of officials hold firms less often than others, but they do hold some.
    holders = [p for p in holders if id(p) not in near or world.rng.random() < 0.25]
    for trade, share in _SHARES.items():
        for _ in range(max(4, round(share * scale))):
            if len(holders) < 4:
                return
            owners = [holders.pop() for _ in range(world.rng.choice((1, 2, 2, 3)))]
            parent = None
            if trade in ("房建", "信息") and world.rng.random() < 0.12:
                parent = next((f for f in world.firms if f.trade == "投资"), None)
            register(world, trade, owners, parent=parent).guest = False


def firm_name(world: World, trade: str) -> str:
    """A registered name that no other firm bears."""
    taken = {firm.name for firm in world.firms}
    rng = world.rng
    while True:
        core = rng.choice(_CORES[::2]) + rng.choice(_CORES[1::2])
        if trade == "种养":
            name = f"{COUNTY}{core}种养殖专业合作社"
        else:
            region = rng.choice((COUNTY, COUNTY[:2], "临川市", "江南省"))
            name = f"{region}{core}{rng.choice(TRADES[trade])}有限公司"
        if name not in taken:
            return name


def register(
    world: World,
    trade: str,
    owners: list[Person],
    *,
    shares: tuple[int, ...] | None = None,
    parent: Firm | None = None,
    parent_share: int = 60,
    established: date | None = None,
    holder_ids: tuple[str | None, ...] | None = None,
) -> Firm:
    """Register a firm with its holders, the first of whom is legal representative.

    Parameters
    ----------
    owners : list of Person
        Natural holders; with a ``parent`` they share what it leaves. The first stands as legal
        representative in any case.
    shares : tuple of int, optional
        Percentages of the natural holders.
    holder_ids : tuple, optional
        Identity numbers as they stand in the register, where they differ from the holders' own.
    """
    rng = world.rng
    code = numbers.uscc(rng, "93" if trade == "种养" else "91")
    head = owners[0]
    firm = Firm(
        name=firm_name(world, trade), uscc=code, trade=trade, holders=owners,
        account=numbers.account(rng, "3205"), phone=numbers.phone(rng), contact=owners[-1],
        computer=numbers.hardware(rng), ip=numbers.ip_address(rng),
        township=rng.choice(world.places.townships), legal_representative=head,
        competitiveness=rng.gauss(0, 0.008), parent=parent,
    )  # fmt: skip
    world.firms.append(firm)
    founded = established or world.day(date(2009, 1, 1), date(2019, 12, 1))
    ids = holder_ids or tuple(owner.id_number for owner in owners)
    capital = Decimal(rng.choice((50, 100, 200, 500, 1000, 2000)) * 10_000)
    world.tables.add(
        "companies", name=firm.name, uscc=code, legal_representative=head.name,
        legal_representative_id=ids[0], registered_capital=capital, established_date=founded,
        status="存续", company_type="农民专业合作社" if trade == "种养" else "有限责任公司",
        address=f"{COUNTY}{firm.township}{rng.choice(['人民', '解放', '青年', '建设', '滨河', '兴业'])}路{len(world.firms)}号",
        phone=firm.phone, industry=TRADES[trade][0],
    )  # fmt: skip
    percents = shares or _split(world, len(owners), 100 - (parent_share if parent else 0))
    for owner, number, percent in zip(owners, ids, percents, strict=True):
        _holding(world, firm, owner.name, number, percent, capital, founded)
    if parent:
        _holding(world, firm, parent.name, parent.uscc, parent_share, capital, founded)
    roles = ("执行董事兼总经理", "监事", "监事")
    for owner, number, role in zip(owners, ids, roles, strict=False):
        world.tables.add(
            "company_officers", company=firm.name, uscc=code, name=owner.name, id_number=number,
            role=role, start_date=founded,
        )  # fmt: skip
    return firm


def _holding(
    world: World,
    firm: Firm,
    name: str,
    number: str | None,
    percent: int,
    capital: Decimal,
    day: date,
) -> None:
    world.tables.add(
        "shareholders", company=firm.name, uscc=firm.uscc, shareholder=name, shareholder_id=number,
        share_percent=percent, contribution=capital * percent / 100, start_date=day,
    )  # fmt: skip


def _split(world: World, owners: int, percent: int) -> tuple[int, ...]:
    parts = []
    for left in range(owners - 1, 0, -1):
        part = percent // (left + 1) + world.rng.randrange(0, max(1, percent // 4))
        parts.append(part)
        percent -= part
    return (*parts, percent)


def outsider(world: World, sex: str = "男") -> Person:
    """Somebody from outside the county, who is kin to nobody in it."""
    rng = world.rng
    birth = world.day(date(1965, 1, 1), date(1992, 1, 1))
    sequence = rng.randrange(400, 499) * 2 + (sex == "男")
    return Person(
        name=world.names.full(sex, birth.year), sex=sex, birth=birth,
        id_number=numbers.id_number(rng.choice(numbers.OTHER_AREAS), birth, sequence),
        phone=numbers.phone(rng), account=numbers.account(rng), village=world.places.villages[0],
    )  # fmt: skip
