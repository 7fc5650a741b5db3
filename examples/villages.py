"""What villages own, let, build and decide, and the books of units."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from examples.offices import BUREAUS, township_office
from examples.places import Village
from examples.world import Household, World


def village_life(world: World) -> None:
    """Write leases, village projects, resolutions, assets and transfers of every village."""
    homes: dict[str, list[Household]] = {}
    for household in world.households:
        homes.setdefault(household.village.name, []).append(household)
    for index, village in enumerate(world.places.villages):
        _lease(world, village, homes[village.name])
        _project(world, village)
        if index % 4 == 0:
            _transfer(world, homes[village.name], village)
            _asset(world, village)


def _decide(world: World, village: Village, matter: str, day: date) -> None:
    due = world.rng.randrange(24, 40)
    signed = [
        p.name for p in world.people if p.village is village and 25 < p.age() < 70 and not p.death
    ]
    present = due - world.rng.randrange(0, 6)
    world.tables.add(
        "resolutions", village=village.name, matter=matter, meeting_date=day, due=due,
        present=present, signatories="、".join(signed[: min(present, 12)]), township=village.township,
    )  # fmt: skip


def _lease(world: World, village: Village, homes: list[Household]) -> None:
    rng = world.rng
    kind, unit = rng.choice((("鱼塘", 620), ("山林", 130), ("机动地", 480), ("门面房", 2600)))
    area = round(rng.uniform(4, 60), 1) if kind != "门面房" else round(rng.uniform(2, 8), 1)
    rent = Decimal(round(area * unit * rng.uniform(0.93, 1.07)))
    start = world.day(date(2020, 1, 1), date(2022, 12, 1))
    lessee = rng.choice([h.head for h in homes if not h.head.death] or [homes[0].head])
    resource = f"{village.name}{kind}{rng.randrange(1, 9)}号"
    _decide(world, village, f"{resource}发包", start - timedelta(days=30))
    world.tables.add(
        "leases", village=village.name, lessor=f"{village.name}股份经济合作社",
        resource_name=resource, resource_type=kind, area=area, lessee=lessee.name,
        lessee_id=lessee.id_number, annual_rent=rent, start_date=start,
        end_date=date(start.year + rng.choice((3, 5, 10)), start.month, min(start.day, 28)),
        method="公开竞价", resolution=True, written_contract=True, paid_amount=rent, due_amount=rent,
        township=village.township,
    )  # fmt: skip


def _project(world: World, village: Village) -> None:
    rng = world.rng
    decided = world.day(date(2021, 3, 1), date(2023, 8, 1))
    name = f"{village.name}{rng.choice(('文化广场修建', '路灯安装', '公厕改造', '渠道清淤'))}"
    _decide(world, village, name, decided)
    budget = rng.randrange(40, 300) * 1000
    firms = [f for f in world.firms if f.trade == "房建"]
    office = township_office(village.township)
    near = [o for o in world.officials if o.village is village or o.organization == office]
    kin = {key for o in near for key in (*o.kin, id(o.person))}
    builder = next(f for f in rng.sample(firms, len(firms)) if not kin & {id(p) for p in f.holders})
    world.tables.add(
        "village_projects", village=village.name, project=name, method="村民自建",
        budget=Decimal(budget), settled=Decimal(round(budget * rng.uniform(0.9, 1.0))),
        contractor=builder.name, contractor_id=builder.uscc, decision_date=decided,
        start_date=decided + timedelta(days=25), township=village.township,
    )  # fmt: skip


def _transfer(world: World, homes: list[Household], village: Village) -> None:
    one, other = world.rng.sample(homes, 2)
    start = world.day(date(2021, 1, 5), date(2022, 12, 1))
    world.tables.add(
        "land_transfers", name=one.head.name, id_number=one.head.id_number,
        transferee=other.head.name, transferee_id=other.head.id_number,
        area=round(one.land * 0.5, 2), start_date=start,
        end_date=date(start.year + 5, start.month, min(start.day, 28)), village=village.name,
    )  # fmt: skip


def _asset(world: World, village: Village) -> None:
    world.tables.add(
        "collective_assets", village=village.name, asset_name=f"{village.name}旧村部",
        book_value=Decimal(world.rng.randrange(8, 40) * 10_000), status="在用",
        township=village.township,
    )  # fmt: skip


def unit_books(world: World) -> None:
    """Write vouchers, card swipes and registered platform users of units."""
    rng = world.rng
    units = [*BUREAUS, *(township_office(t) for t in world.places.townships)]
    for index, unit in enumerate(units):
        staff = next(o for o in world.officials if o.organization == unit).person
        for system in ("财务记账", "财政收付"):
            world.tables.add(
                "unit_registrations", system=system, unit=unit, account_no=f"3299{index + 1:06d}",
                registered_date=date(2020, 1, 2),
            )  # fmt: skip
        for number in range(1, 7):
            day = world.day(date(2022, 1, 10), date(2023, 12, 10))
            guests = rng.randrange(3, 12)
            amount = Decimal(guests * 60 + rng.randrange(0, 90))
            world.tables.add(
                "vouchers", unit=unit, voucher_no=f"记{day.year}-{number:03d}",
                entry_date=day + timedelta(days=rng.randrange(2, 20)), business_date=day,
                subject="公务接待费", amount=amount, summary="公务接待", payee="机关食堂",
                has_invitation=True, has_list=True, guests=guests, companions=min(3, guests // 3 + 1),
                reception_kind="公务", attachments=3, handler=staff.name,
            )  # fmt: skip
            if number <= 2:
                world.tables.add(
                    "card_swipes", unit=unit, card_no=f"628299{index:04d}{number:06d}",
                    holder=staff.name, amount=amount, merchant="机关食堂",
                    swipe_time=datetime(day.year, day.month, day.day, 12, 40),
                )  # fmt: skip
