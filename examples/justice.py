"""Cases, complaints, a gang on the list, and the inspection's own lists."""

from __future__ import annotations

from datetime import date, timedelta

from examples.firms import outsider
from examples.offices import BUREAUS
from examples.places import COUNTY
from examples.world import Person, World

POLICE = f"{COUNTY}公安局"
_OFFENCES = (
    ("盗窃", "轻微"),
    ("殴打他人", "轻微"),
    ("寻衅滋事", "一般"),
    ("赌博", "轻微"),
    ("故意伤害", "较重"),
)
_OUTCOMES = {"轻微": "行政罚款", "一般": "行政拘留", "较重": "移送审查起诉"}


def dossiers(world: World) -> None:
    """Write cases, complaints with their complainants, gang members and inspection lists."""
    posts = {id(o.person) for o in world.officials}
    grown = [p for p in world.people if 20 <= p.age() <= 60 and not p.death and id(p) not in posts]
    officers = [outsider(world) for _ in range(8)]
    _cases(world, grown, officers)
    _complaints(world, grown)
    for person, role in zip(
        world.rng.sample(grown, 5),
        ["组织者", "骨干成员", "参加者", "参加者", "参加者"],
        strict=True,
    ):
        world.tables.add(
            "gang_members", gang="“沙场”团伙", case_no="青公刑字〔2022〕18号", name=person.name,
            id_number=person.id_number, role=role, trade="砂石开采", area="沙溪镇",
            case_stage="已判决", judgment_date=date(2023, 5, 10),
        )  # fmt: skip
    for _ in range(8):
        inspector = outsider(world)
        world.tables.add(
            "inspectors", name=inspector.name, id_number=inspector.id_number,
            unit=world.rng.choice(BUREAUS), hometown="临川市", phone=inspector.phone,
            former_units=world.rng.choice(BUREAUS),
        )  # fmt: skip
    for village in world.places.villages[:6]:
        world.tables.add(
            "inspection_targets", unit=village.committee, township=village.township,
            village=village.name,
        )  # fmt: skip


def _cases(world: World, grown: list[Person], officers: list[Person]) -> None:
    for number in range(1, 81):
        suspect, officer = world.rng.choice(grown), world.rng.choice(officers)
        offence, severity = world.rng.choice(_OFFENCES)
        accepted = world.day(date(2021, 2, 1), date(2023, 10, 1))
        filed = accepted + timedelta(days=world.rng.randrange(1, 12))
        world.tables.add(
            "cases", case_no=f"青公案字〔{accepted.year}〕{number}号", suspect=suspect.name,
            suspect_id=suspect.id_number, offence=offence, severity=severity, unit=POLICE,
            handler=officer.name, handler_id=officer.id_number, accept_date=accepted,
            filing_date=filed, disposition=_OUTCOMES[severity],
            disposition_date=filed + timedelta(days=world.rng.randrange(10, 70)),
        )  # fmt: skip


def _complaints(world: World, grown: list[Person]) -> None:
    for number in range(1, 41):
        official = world.rng.choice(world.officials)
        received = world.day(date(2021, 2, 1), date(2023, 10, 1))
        world.tables.add(
            "complaints", complaint_no=f"XF{received.year}{number:04d}",
            subject=official.person.name, subject_id=official.person.id_number,
            topic=world.rng.choice(("作风问题", "惠农补贴", "工程建设", "邻里纠纷")),
            received_date=received, unit=f"{COUNTY}信访局", handler=world.rng.choice(grown).name,
            outcome=world.rng.choice(("不属实", "部分属实", "了结")),
            closed_date=received + timedelta(days=world.rng.randrange(15, 60)),
            is_repeat=False, is_joint=False, complainant=world.rng.choice(grown).name,
        )  # fmt: skip
