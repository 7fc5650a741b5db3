"""Officials in firms, or of the name of somebody in a firm, who have nothing to answer for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from examples import numbers
from examples.cast import in_township, in_village, someone
from examples.firms import outsider, register
from examples.places import COUNTY
from examples.procurement import contract
from examples.schemes.self_dealing import buyers_without_kin
from examples.world import World

_ID = "self_dealing"


def collective(world: World) -> None:
    """The village's head represents its collective by office; it works for the village."""
    for _ in range(2):
        official = someone(world, lambda o: in_village(o) and "主任" in o.position)
        village = official.village
        assert village is not None
        name, code = f"{COUNTY}{village.name}股份经济合作社", numbers.uscc(world.rng, "93")
        world.tables.add(
            "companies", name=name, uscc=code, legal_representative=official.person.name,
            legal_representative_id=official.person.id_number, registered_capital=Decimal(300_000),
            established_date=date(2019, 5, 8), status="存续", company_type="农村集体经济组织",
            address=f"{COUNTY}{village.township}{village.name}村部", industry="集体资产管理",
        )  # fmt: skip
        world.tables.add(
            "contracts", contract_no=f"HT2022J{len(world.tables['contracts']):05d}",
            title=f"{village.name}保洁服务", party_a=village.committee, party_b=name,
            party_b_uscc=code, amount=Decimal(36_000), sign_date=date(2022, 1, 20),
            township=village.township, village=village.name,
        )  # fmt: skip
        world.resemble(_ID, "村股份经济合作社由村主任依职务任法定代表人", official.person, name)


def state_firm(world: World) -> None:
    """A bureau's leader was appointed to represent a company that the treasury holds."""
    official = someone(world, in_township)
    firm = register(world, "投资", [official.person], shares=(100,))
    holding = next(r for r in world.tables["shareholders"] if r["company"] == firm.name)
    holding.update(shareholder=f"{COUNTY}财政局", shareholder_id=None)
    buyer = buyers_without_kin(world, official)[0]
    contract(world, buyer, firm, "场地租赁服务", 58_000, date(2022, 8, 9))
    world.resemble(_ID, "财政局全资企业，由组织委派任职", official.person, firm)


def sold_before(world: World) -> None:
    """The official had sold out before taking office."""
    official = someone(world, in_township)
    firm = register(
        world, "办公", [outsider(world), official.person], shares=(70, 30),
        established=date(2010, 6, 1),
    )  # fmt: skip
    number = official.person.id_number
    for table in ("shareholders", "company_officers"):
        for row in world.tables[table]:
            if row["company"] == firm.name and number in row.values():
                row["end_date"] = date(2014, 3, 31)
    buyer = buyers_without_kin(world, official)[1]
    contract(world, buyer, firm, "办公桌椅采购", 47_000, date(2022, 6, 14))
    world.resemble(_ID, "任职之前已转让股份", official.person, firm)


def own_farm(world: World) -> None:
    """A village cadre's own farm deals with nobody but the market."""
    for _ in range(2):
        official = someone(world, in_village)
        firm = register(world, "种养", [official.person])
        world.resemble(_ID, "村干部自家的合作社，没有与本村发生业务", official.person, firm)


def namesake(world: World) -> None:
    """The holder only bears an official's name."""
    official = someone(world, in_village)
    stranger = replace(outsider(world, official.person.sex), name=official.person.name)
    firm = register(world, "印刷", [stranger])
    buyer = buyers_without_kin(world, official)[2]
    contract(world, buyer, firm, "文件印制", 31_000, date(2022, 9, 5))
    world.resemble(_ID, "股东与公职人员同名，号码不同", official.person, firm)


CASES = (collective, state_firm, sold_before, own_farm, namesake)
