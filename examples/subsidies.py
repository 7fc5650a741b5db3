"""Subsidy programmes, their honest payments, and the filings that kin of cadres need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from examples.offices import TERM_START
from examples.places import Village
from examples.world import Household, Official, Person, World

YEARS = (2021, 2022, 2023)


@dataclass(frozen=True)
class Programme:
    """The policy of a programme as the finance bureau publishes it."""

    name: str
    standard: Decimal
    unit: str
    kind: str
    payee_unit: str
    filing: bool
    excluded: str | None = None
    policy: str | None = None


LAND = Programme("耕地地力保护补贴", Decimal("95.00"), "元/亩", "普惠", "户", False)
PENSION = Programme(
    "城乡居民基本养老保险金", Decimal("180.00"), "元/月", "普惠", "人", False, "死亡"
)
OLD_AGE = Programme(
    "高龄津贴", Decimal("100.00"), "元/月", "普惠", "人", False, "死亡", "青政办〔2019〕21号"
)
LOW_INCOME = Programme(
    "农村最低生活保障金", Decimal("420.00"), "元/月", "需审核", "户", True,
    "财政供养、企业股东、死亡", "青民发〔2021〕8号",
)  # fmt: skip
DISABLED = Programme(
    "残疾人两项补贴", Decimal("1080.00"), "元/年", "普惠", "人", False, "死亡", "青残发〔2020〕3号"
)
RELIEF = Programme(
    "临时救助金", Decimal("1500.00"), "元/次", "需审核", "人", True, None, "青民发〔2020〕15号"
)
HOUSING = Programme(
    "农村危房改造补助",
    Decimal("22000.00"),
    "元/户",
    "需审核",
    "户",
    True,
    None,
    "青建发〔2021〕6号",
)
MACHINES = Programme("农机购置补贴", Decimal("0.00"), "元/台", "普惠", "人", False)
FUNERAL = Programme("丧葬补助金", Decimal("2160.00"), "元/人", "普惠", "人", False)
PROGRAMMES = (LAND, PENSION, OLD_AGE, LOW_INCOME, DISABLED, RELIEF, HOUSING, MACHINES, FUNERAL)


class Clerks:
    """Who handles and who approves the lists of each village."""

    def __init__(self, world: World) -> None:
        self._handlers: dict[str, Official] = {}
        self._approvers: dict[str, Official] = {}
        for official in world.officials:
            if official.village:
                self._handlers[official.village.name] = official
            elif official.position == "民政办主任":
                self._approvers[official.township or ""] = official

    def handler(self, village: Village) -> Official:
        """The cadre who fills in the village's lists."""
        return self._handlers[village.name]

    def approver(self, village: Village) -> Official | None:
        """The township's civil-affairs officer."""
        return self._approvers.get(village.township)


def pay(
    world: World,
    clerks: Clerks,
    programme: Programme,
    payee: Person,
    amount: Decimal,
    day: date,
    **more: Any,
) -> dict[str, Any]:
    """Pay somebody; ``more`` are further columns (period, quantity, serial number, household)."""
    village = payee.village
    approver = clerks.approver(village)
    return world.tables.add(
        "subsidies", programme=programme.name, year=str(day.year), name=payee.name,
        id_number=payee.id_number, account=payee.account, amount=amount, credited_amount=amount,
        pay_date=day, village=village.name, township=village.township,
        handler=clerks.handler(village).person.name,
        approver=approver.person.name if approver else None, **more,
    )  # fmt: skip


def pay_periods(
    world: World,
    clerks: Clerks,
    programme: Programme,
    payee: Person,
    months: int,
    first: date,
    last: date,
    household: Household | None = None,
) -> None:
    """Pay every ``months`` months at the end of the period, as long as it begins before ``last``."""
    for year in YEARS:
        for month in range(1, 13, months):
            start = date(year, month, 1)
            following = date(year + (month + months > 12), (month + months - 1) % 12 + 1, 1)
            if start < first or start > last:
                continue
            pay(
                world, clerks, programme, payee, programme.standard * months,
                following - timedelta(days=6), period_start=start,
                period_end=following - timedelta(days=1),
                household_no=household.number if household else None,
            )  # fmt: skip


def policy_rows(world: World) -> None:
    """Write the table ``subsidy_programmes``."""
    for p in PROGRAMMES:
        world.tables.add(
            "subsidy_programmes", programme=p.name, standard=p.standard or None, unit=p.unit,
            kind=p.kind, payee_unit=p.payee_unit, filing_required=p.filing, policy_doc=p.policy,
            excluded_statuses=p.excluded,
        )  # fmt: skip


def honest_payments(world: World, clerks: Clerks) -> None:
    """Pay every programme as the rules ask: nobody dead, every relative of a cadre filed."""
    for household in world.households:
        _land(world, clerks, household)
    for person in world.people:
        _pensions(world, clerks, person)
    _disabled(world, clerks)
    _audited(world, clerks)
    _machines(world, clerks)


def _alive_until(person: Person) -> date:
    return person.death or date(2024, 1, 1)


def _land(world: World, clerks: Clerks, household: Household) -> None:
    for year in YEARS:
        day = date(year, 5, 20) + timedelta(days=world.rng.randrange(20))
        # Lists follow the register of the new year: by then a dead head has been replaced.
        payee = household.payee(day)
        if payee is None:
            continue
        area = household.land
        pay(
            world, clerks, LAND, payee, round(LAND.standard * Decimal(str(area)), 2), day,
            quantity=area, standard=LAND.standard, household_no=household.number,
        )  # fmt: skip
    world.tables.add(
        "land_parcels", name=household.head.name, id_number=household.head.id_number,
        household_no=household.number, area=household.land, area_basis="确权",
        village=household.village.name, township=household.village.township,
    )  # fmt: skip


def _birthday(person: Person, age: int) -> date:
    return date(person.birth.year + age, person.birth.month, min(person.birth.day, 28))


def _pensions(world: World, clerks: Clerks, person: Person) -> None:
    last = _alive_until(person)
    if _birthday(person, 60) < date(2023, 6, 1):
        pay_periods(world, clerks, PENSION, person, 6, _birthday(person, 60), last)
        if person.death:
            heir = next((m for m in (person.spouse, *person.children) if m and not m.death), None)
            if heir:
                day = person.death + timedelta(days=40)
                pay(world, clerks, FUNERAL, heir, FUNERAL.standard, day)
    if _birthday(person, 80) < date(2023, 9, 1):
        pay_periods(world, clerks, OLD_AGE, person, 3, _birthday(person, 80), last)


def _disabled(world: World, clerks: Clerks) -> None:
    for person in world.rng.sample(world.people, len(world.people) // 60):
        for year in YEARS:
            day = date(year, 7, 15)
            if _alive_until(person) > day and person.birth < day:
                pay(world, clerks, DISABLED, person, DISABLED.standard, day)


def _audited(world: World, clerks: Clerks) -> None:
    """Programmes that are applied for and audited; relatives of cadres are filed beforehand."""
    posts = {id(o.person) for o in world.officials}
    pool = [
        h
        for h in world.households
        if not posts.intersection(id(m) for m in h.members) and h.payee(date(2023, 12, 31))
    ]
    rng = world.rng
    for household in rng.sample(pool, len(pool) // 22):
        head = household.payee(date(2023, 12, 31))
        assert head is not None
        since = rng.choice((date(2021, 4, 1), date(2022, 1, 1), date(2023, 1, 1)))
        apply(world, clerks, LOW_INCOME, head, household, since - timedelta(days=40))
        file_kin(world, LOW_INCOME, household.members, since - timedelta(days=45))
        pay_periods(world, clerks, LOW_INCOME, head, 3, since, _alive_until(head), household)
    grown = [p for p in world.people if p.age(date(2021, 1, 1)) >= 18 and id(p) not in posts]
    for person in rng.sample(grown, len(grown) // 70):
        day = world.day(date(2021, 4, 1), date(2023, 11, 1))
        if _alive_until(person) > day:
            apply(world, clerks, RELIEF, person, person.household, day - timedelta(days=20))
            file_kin(world, RELIEF, [person], day - timedelta(days=25))
            pay(world, clerks, RELIEF, person, RELIEF.standard, day)
    for household in rng.sample(pool, len(pool) // 60):
        day = world.day(date(2021, 6, 1), date(2023, 11, 1))
        head = household.payee(day)
        if head:
            apply(world, clerks, HOUSING, head, household, day - timedelta(days=90))
            file_kin(world, HOUSING, household.members, day - timedelta(days=95))
            pay(world, clerks, HOUSING, head, HOUSING.standard, day, household_no=household.number)


def apply(
    world: World,
    clerks: Clerks,
    programme: Programme,
    person: Person,
    household: Household | None,
    day: date,
) -> None:
    """Put somebody on the public list of a programme."""
    village = person.village
    approver = clerks.approver(village)
    world.tables.add(
        "subsidy_applications", programme=programme.name, year=str(day.year), name=person.name,
        id_number=person.id_number, household_no=household.number if household else None,
        village=village.name, township=village.township, result="通过", list_date=day,
        handler=clerks.handler(village).person.name,
        approver=approver.person.name if approver else None,
    )  # fmt: skip


def file_kin(world: World, programme: Programme, members: list[Person], day: date) -> None:
    """File the kinship of recipients with every cadre in whose family they are."""
    for official in world.officials:
        for member in members:
            if id(member) in official.kin:
                term = official.kin[id(member)][0]
                world.tables.add(
                    "kin_filings", official_name=official.person.name,
                    official_id=official.person.id_number, relative_name=member.name,
                    relative_id=member.id_number, relation=term, programme=programme.name,
                    filing_date=max(day, TERM_START + timedelta(days=20)),
                )  # fmt: skip


def _machines(world: World, clerks: Clerks) -> None:
    farmers = [h.head for h in world.households if not h.head.death and 25 <= h.head.age() <= 65]
    for index, person in enumerate(world.rng.sample(farmers, len(farmers) // 20)):
        day = world.day(date(2021, 3, 1), date(2023, 11, 1))
        serial = f"NJ{day.year}{index + 10001}"
        value = Decimal(world.rng.randrange(12, 90) * 1000)
        amount = round(value * Decimal("0.30"), 2)
        pay(world, clerks, MACHINES, person, amount, day, quantity=1, serial_no=serial)
        world.tables.add(
            "assets", name=person.name, id_number=person.id_number, asset_type="农机",
            description=world.rng.choice(("轮式拖拉机", "联合收割机", "微耕机", "插秧机")),
            serial_no=serial, value=value, acquired_date=day - timedelta(days=60),
        )  # fmt: skip
    for person in world.rng.sample(world.people, len(world.people) // 12):
        if person.age() >= 22 and not person.death:
            car = world.rng.random() < 0.7
            world.tables.add(
                "assets", name=person.name, id_number=person.id_number,
                asset_type="车辆" if car else "房产",
                description="小型轿车" if car else "县城住宅",
                serial_no=f"LX{world.rng.randrange(10**9):09d}",
                value=Decimal(world.rng.randrange(5, 60) * 10_000),
                acquired_date=world.day(date(2014, 1, 1), date(2022, 12, 1)),
            )  # fmt: skip
