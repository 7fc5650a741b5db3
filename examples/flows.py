"""Bank flows of a few firms, obtained under an authority: nearly all of it ordinary business."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from examples.firms import outsider
from examples.procurement import strange_to_office
from examples.world import Firm, Person, World

AUTHORITY = "青监查〔2023〕{}号"
_LOOKED_INTO = 10
TAX_OFFICE = "国家税务总局青澜县税务局"


def transfer(
    world: World,
    payer: Person | Firm,
    payee: Person | Firm | str,
    amount: int,
    day: date,
    purpose: str | None = None,
    authority: int = 7,
) -> None:
    """Write one transfer as the bank handed it over."""
    name, number, account = _party(payee)
    world.tables.add(
        "bank_flows", authority_doc=AUTHORITY.format(authority), payer=payer.name,
        payer_id=_party(payer)[1], payer_account=payer.account, payee=name, payee_id=number,
        payee_account=account, amount=Decimal(amount), flow_date=day, purpose=purpose,
    )  # fmt: skip


def _party(party: Person | Firm | str) -> tuple[str, str | None, str | None]:
    if isinstance(party, str):
        return party, None, None
    number = party.id_number if isinstance(party, Person) else party.uscc
    return party.name, number, party.account


def wages(world: World, firm: Firm, person: Person, first: date, months: int, amount: int) -> None:
    """Pay somebody by the month."""
    for n in range(months):
        year, month = first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1
        transfer(world, firm, person, amount, date(year, month, 10), f"{month}月工资")


def honest_flows(world: World) -> None:
    """Wages, materials, taxes, dividends and a loan of ten firms that public bodies paid."""
    rng = world.rng
    paid = {row["payee_id"]: row["payer"] for row in world.tables["payments"]}
    known = {row["payer_id"] for row in world.tables["bank_flows"]}
    firms = [f for f in world.firms if f.uscc in paid and f.uscc not in known]
    grown = [p for p in world.people if 20 <= p.age() <= 58 and not p.death]
    for number, firm in enumerate(rng.sample(firms, min(_LOOKED_INTO, len(firms))), start=11):
        for worker in rng.sample(grown, 3):
            wages(world, firm, worker, date(2022, 1, 1), 12, rng.randrange(38, 75) * 100)
        for row in [r for r in world.tables["payments"] if r["payee_id"] == firm.uscc][:6]:
            day, amount = row["pay_date"], int(row["amount"])
            _suppliers(world, firm, day, amount)
            transfer(world, firm, TAX_OFFICE, round(amount * 0.03), day + timedelta(days=9), "税款",
                     number)  # fmt: skip
        owner = firm.holders[0]
        transfer(
            world, firm, owner, rng.randrange(5, 30) * 10_000, date(2022, 12, 28), "分红", number
        )
        friend = outsider(world)
        transfer(world, friend, firm, 200_000, date(2021, 9, 1), "借款", number)
        transfer(world, firm, friend, 200_000, date(2022, 9, 1), "归还借款", number)


def _suppliers(world: World, firm: Firm, day: date, amount: int) -> None:
    """Buy materials of firms behind which nobody in office stands."""
    pool = [f for f in world.firms if f is not firm and strange_to_office(world, f)]
    for part in (0.35, 0.2):
        seller = world.rng.choice(pool)
        later = day + timedelta(days=world.rng.randrange(2, 25))
        transfer(world, firm, seller, round(amount * part), later, "材料款", 11)
