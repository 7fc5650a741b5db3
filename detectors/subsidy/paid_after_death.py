"""死亡后仍发放: subsidies paid to a person for a time after the person's death."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Reason,
    Requires,
    Result,
    Row,
    Sentence,
    Spec,
    Strength,
    Subject,
    setting,
)
from detectors.evidence import among, day, first_rows, period_of, records, weakest, years, yuan
from detectors.links import aliases
from detectors.names import Names


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    household_programmes: tuple[str, ...] = setting(
        ("耕地地力保护", "退耕还林", "生态公益林", "农资综合", "种粮", "最低生活保障", "低保"),
        unit="无",
        reason="《补贴政策》未写明发放对象时，名称含这些字样的按户发放处理",
        source="惠农补贴与低保政策通行做法，须按当地实际调整",
    )
    funeral_words: tuple[str, ...] = setting(
        ("丧葬", "抚恤", "遗属", "殡葬"),
        unit="无",
        reason="本就在死亡后发给家属的项目不列入",
        source="丧葬补助与抚恤政策",
    )
    arrears_words: tuple[str, ...] = setting(
        ("补发", "补差", "清算"), unit="无", reason="补发生前应得部分的项目不列入"
    )
    grace_days: int = setting(
        0,
        unit="天",
        reason="所属期起始日晚于死亡日即计；有停发宽限规定的地方可放宽",
        least=0,
        most=366,
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )


SPEC = Spec(
    id="paid_after_death",
    title="死亡后仍发放",
    family="subsidy",
    version=1,
    what=(
        "按人发放的补贴，所属期开始于领取人死亡之后仍在发放；没有所属期的看发放年份。"
        "按户发放且户内有人在世的，只提示户主信息未变更。"
    ),
    strength=("proof", "strong", "weak"),
    kinds=("register",),
    requires=(
        Requires("deaths", ("name", "death_date")),
        Requires("subsidies", ("programme", "name", "amount")),
    ),
    requires_any=(
        Requires("subsidies", ("period_start",)),
        Requires("subsidies", ("pay_date",)),
        Requires("subsidies", ("year",)),
    ),
    optional=(
        Requires("subsidy_programmes", ("payee_unit",)),
        Requires("households", ("household_no",)),
        Requires("subsidies", ("period_start",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "household",
            "按户发放，户内仍有人在世，只是户主信息没有变更",
            "核对《补贴政策》的发放对象和《户籍》中同户在世成员",
        ),
        Benign("funeral", "丧葬、抚恤等本就在死亡后发放的项目", "核对项目名称"),
        Benign("arrears", "补发死亡之前应得的部分", "核对所属期、所属年度和项目名称"),
        Benign("namesake", "同名不同人", "核对证件号码；号码不同的不作同一人"),
        Benign("register_error", "死亡登记日期有误或人员实际在世", None),
    ),
    next_steps=(
        "向公安、民政、医疗机构核对死亡日期，核对身份证件号码。",
        "查明死亡后款项由谁支取、账户由谁保管。",
        "核实村级年审、生存认证由谁经办、审批。",
        "多发款项按规定程序核实处理。",
    ),
    event_key="补贴项目",
)

_COLUMNS = (
    "programme", "year", "name", "id_number", "account", "amount",
    "pay_date", "period_start", "period_end", "handler", "approver",
)  # fmt: skip
Mark = Literal["period", "later_year", "death_year"]
_MARKS: tuple[Mark, ...] = ("period", "later_year", "death_year")


@dataclass(frozen=True)
class _Paid:
    """A payment to a dead person and why it is taken for one after death."""

    row: dict[str, Any]
    mark: Mark


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find payments for a time after the payee's death.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of a person and a programme with at least one payment.
    """
    subsidies = snapshot.table("subsidies")
    everyone = subsidies.filter(subsidies.name_entity.notnull())
    subjects = int(everyone.select("name_entity", "programme").distinct().count().execute())
    groups = _payments_to_the_dead(snapshot, settings)
    households = _living_members(snapshot, groups)
    units = _payee_units(snapshot)
    names = Names(
        snapshot, {e for (person, _), rows in groups.items() for e in _mentioned(person, rows)}
    )
    findings = []
    cleared: Counter[str] = Counter()
    insufficient = 0
    for (person, programme), rows in sorted(groups.items()):
        paid, excused, unclear = _judge(rows, programme, settings)
        if paid:
            by_household = _by_household(programme, units, settings)
            living = households.get(person)
            findings.append(_finding(person, programme, paid, excused, names, by_household, living))
        elif unclear:
            insufficient += 1
        elif excused:
            cleared[excused.most_common(1)[0][0]] += 1
    villages = everyone.village_entity.nunique() if "village_entity" in everyone.columns else None
    return Result(
        subject_kind="人·项目",
        subjects=subjects,
        triggered=len(findings),
        not_triggered=subjects - len(findings) - insufficient,
        insufficient=insufficient,
        not_applicable=0,
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
        places=None if villages is None else int(villages.execute()),
        place_kind=None if villages is None else "village",
    )


def _payments_to_the_dead(
    snapshot: Any, settings: Settings
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Join deaths to payments by entity, first sure and then possible ones; keep the surest."""
    deaths = snapshot.table("deaths")
    dead = deaths.filter(deaths.name_entity.notnull() & deaths.death_date.notnull()).select(
        entity="name_entity",
        death_date="death_date",
        death_row="row_id",
        death_identity="name_identity",
        death_chance="name_probability",
    )
    links = aliases(snapshot, dead.select("entity").distinct(), settings.most_namesakes).rename(
        link_identity="identity", link_chance="probability"
    )
    subsidies = snapshot.table("subsidies")
    # A payment made before the death can't matter; later ones for an earlier time are arrears.
    joined = (
        subsidies.join(links, subsidies.name_entity == links.other)
        .join(dead, "entity")
        .filter(lambda t: t.pay_date.isnull() | (t.pay_date > t.death_date))
    )
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in records(joined):
        groups[row["name_entity"], row["programme"]].append(row)
    return {key: _surest(rows) for key, rows in groups.items()}


def _surest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several death records that may be the payee's, keep the surest, then the latest."""

    def rank(row: dict[str, Any]) -> tuple[int, float, int]:
        order = ("certain", "probable", "name_only")
        return (
            order.index(row["link_identity"]),
            -(row["link_chance"] or 1.0),
            -row["death_date"].toordinal(),
        )

    best = min(rank(row) for row in rows)
    kept: dict[int, dict[str, Any]] = {}
    for row in sorted(
        rows, key=lambda r: (str(r["pay_date"]), str(r["period_start"]), r["amount"])
    ):
        if rank(row) == best:
            kept.setdefault(row["row_id"], row)
    return list(kept.values())


def _judge(
    rows: Sequence[dict[str, Any]], programme: str, settings: Settings
) -> tuple[list[_Paid], Counter[str], int]:
    """Sort payments into after death, explained (by benign key) and undatable."""
    paid: list[_Paid] = []
    excused: Counter[str] = Counter()
    unclear = 0
    for row in rows:
        if any(word in programme for word in settings.funeral_words):
            excused["funeral"] += 1
        elif any(word in programme for word in settings.arrears_words):
            excused["arrears"] += 1
        elif row["period_start"] is None and row["year"] is None and row["pay_date"] is None:
            unclear += 1
        else:
            mark = _mark(row, settings.grace_days)
            if mark is not None:
                paid.append(_Paid(row, mark))
            elif row["pay_date"] is not None and row["pay_date"] > row["death_date"]:
                excused["arrears"] += 1
    return paid, excused, unclear


def _mark(row: dict[str, Any], grace_days: int) -> Mark | None:
    """Say by which date a payment lies after the death; None when it doesn't.

    What the money is for decides: the period, else the year it is for, else when it was paid.
    """
    death: date = row["death_date"]
    limit = death + timedelta(days=grace_days)
    if row["period_start"] is not None:
        return "period" if row["period_start"] > limit else None
    year = _year(row["year"])
    paid: date | None = row["pay_date"]
    if year is not None and year != death.year:
        return "later_year" if year > death.year else None
    if paid is None or paid <= limit:
        return None
    return "death_year" if year == death.year or paid.year == death.year else "later_year"


def _year(value: Any) -> int | None:
    digits = "".join(c for c in str(value or "") if c.isdigit())[:4]
    return int(digits) if len(digits) == 4 else None


# -- per household ---------------------------------------------------------------------------------


def _payee_units(snapshot: Any) -> dict[str, str]:
    if not snapshot.has("subsidy_programmes", "payee_unit"):
        return {}
    table = snapshot.table("subsidy_programmes").filter(lambda t: t.payee_unit.notnull())
    return {
        r["programme"]: r["payee_unit"] for r in records(table.select("programme", "payee_unit"))
    }


def _by_household(programme: str, units: dict[str, str], settings: Settings) -> bool:
    if programme in units:
        return "户" in units[programme]
    return any(word in programme for word in settings.household_programmes)


def _living_members(
    snapshot: Any, groups: dict[tuple[str, str], list[dict[str, Any]]]
) -> dict[str, tuple[dict[str, Any], ...]]:
    """Members of the dead payees' households without a death record; person → members.

    People whom no household register lists are absent: nothing is known of their households.
    """
    if not groups or not snapshot.has("households", "household_no"):
        return {}
    table = snapshot.table("households")
    people = sorted(
        {person for person, _ in groups} | {r["entity"] for g in groups.values() for r in g}
    )
    own = among(table, "name_entity", people).select("household_no", dead="name_entity")
    found: dict[str, list[dict[str, Any]]] = {r["dead"]: [] for r in records(own)}
    members = table.join(own.distinct(), "household_no").filter(lambda t: t.name_entity != t.dead)
    deaths = snapshot.table("deaths").select("name_entity").distinct()
    rows = records(members.anti_join(deaths, "name_entity"))
    for row in sorted(rows, key=lambda r: (str(r["relation_to_head"]), r["name"])):
        found[row["dead"]].append(row)
    # A payee tied to the death record by a doubtful join may sit in the register under either.
    for (person, _), payments in groups.items():
        other = payments[0]["entity"]
        if person not in found and other in found:
            found[person] = found[other]
    return {person: tuple(rows) for person, rows in found.items()}


# -- wording ---------------------------------------------------------------------------------------


def _mentioned(person: str, rows: Sequence[dict[str, Any]]) -> set[str]:
    return {person, *(r["entity"] for r in rows)}


def _finding(
    person: str,
    programme: str,
    paid: list[_Paid],
    excused: Counter[str],
    names: Names,
    by_household: bool,
    living: tuple[dict[str, Any], ...] | None,
) -> Finding:
    name = names.of(person)
    lead = paid[0].row
    amount = sum((p.row["amount"] for p in paid), Decimal(0))
    period = period_of(p.row["pay_date"] or p.row["period_start"] for p in paid)
    identity, chance = weakest(
        (row[f"{column}_identity"], row[f"{column}_{end}"])
        for row in (p.row for p in paid)
        for column, end in (("name", "probability"), ("death", "chance"), ("link", "chance"))
    )
    death_row = Row("deaths", lead["death_row"], "死亡登记", ("name", "id_number", "death_date"))
    rows = first_rows(Row("subsidies", p.row["row_id"], "发放记录", _COLUMNS) for p in paid)
    only_head = by_household and bool(living)
    if only_head:
        title = f"{name}死亡后仍以其名义发放{programme}{yuan(amount)}，户主信息疑未变更（{years(period)}）"
    else:
        title = f"疑似死亡后仍发放：{name}，{programme}{yuan(amount)}（{years(period)}）"
    same = {
        "certain": "",
        "probable": "（疑为同一人，须先核对身份）",
        "name_only": "（仅姓名相同，须先核对身份）",
    }[identity]
    statement = [
        Sentence(f"{name}于{day(lead['death_date'])}死亡{same}。", (death_row,)),
        Sentence(f"{_when(paid)}，仍发放{programme}{len(paid)}笔、共{yuan(amount)}。", rows),
    ]
    if living and only_head:
        members = first_rows(
            Row(
                "households",
                m["row_id"],
                "同户在世成员",
                ("household_no", "name", "relation_to_head"),
            )
            for m in living
        )
        statement.append(
            Sentence(f"该项目按户发放，同户另有{len(living)}人未见死亡登记。", members)
        )
    # Of an unknown household nobody can say that it has no living member.
    strength: Strength = "weak" if by_household and living != () else _strength(paid)
    return Finding(
        subjects=(Subject(person, "payee"),),
        anchors=(person,),
        event_key=programme,
        title=title,
        statement=tuple(statement),
        reasons=(Reason("register", strength, _reason(paid, only_head), (death_row, *rows)),),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(excused, by_household, living, identity),
        place=lead.get("village_entity"),
        data_gaps=_gaps(paid, by_household, living),
    )


def _strength(paid: Sequence[_Paid]) -> Strength:
    return "strong" if all(p.mark == "death_year" for p in paid) else "proof"


def _when(paid: Sequence[_Paid]) -> str:
    marks = {p.mark for p in paid}
    if marks == {"period"}:
        first = min(p.row["period_start"] for p in paid)
        return f"所属期自{day(first)}起（死亡之后）"
    if marks == {"death_year"}:
        return "死亡当年、死亡日期之后"
    return "死亡之后"


def _reason(paid: Sequence[_Paid], only_head: bool) -> str:
    if only_head:
        return "按户发放的补贴仍登记在已死亡人员名下，同户有人在世"
    counts = Counter(p.mark for p in paid)
    texts: dict[Mark, str] = {
        "period": "所属期开始于死亡之后",
        "later_year": "死亡次年及以后仍有发放",
        "death_year": "死亡当年、死亡日期之后有发放，所属期不详",
    }
    return "；".join(f"{texts[mark]}（{counts[mark]}笔）" for mark in _MARKS if counts[mark])


def _benign(
    excused: Counter[str],
    by_household: bool,
    living: tuple[dict[str, Any], ...] | None,
    identity: str,
) -> tuple[BenignResult, ...]:
    if not by_household:
        household = BenignResult("household", "ruled_out", "该项目按人发放。")
    elif living:
        text = f"该项目按户发放，同户有{len(living)}人未见死亡登记。"
        household = BenignResult("household", "partly", text)
    elif living is None:
        text = "该项目按户发放，没有该户户籍数据，未能核对是否有在世成员。"
        household = BenignResult("household", "unknown", text)
    else:
        text = "该项目按户发放，户籍数据中同户未见在世成员。"
        household = BenignResult("household", "ruled_out", text)
    late = excused["arrears"]
    also = f"；另有{late}笔属补发死亡之前的部分，未计入" if late else ""
    return (
        household,
        BenignResult("funeral", "ruled_out", "项目名称不属于丧葬、抚恤类。"),
        BenignResult("arrears", "partly" if late else "ruled_out", f"所列款项不属于补发{also}。"),
        BenignResult("namesake", "ruled_out", "证件号码一致。")
        if identity == "certain"
        else BenignResult("namesake", "unknown", "未能以证件号码确认为同一人。"),
        BenignResult("register_error", "unknown", "须向登记机关核对死亡日期。"),
    )


def _gaps(
    paid: Sequence[_Paid], by_household: bool, living: tuple[dict[str, Any], ...] | None
) -> tuple[str, ...]:
    gaps = []
    if any(p.mark != "period" for p in paid):
        gaps.append("部分发放记录没有所属期，按年度或发放日期判断。")
    if by_household and living is None:
        gaps.append("没有该户在世成员的户籍记录，不能判断是否只是户主信息未变更。")
    return tuple(gaps)
