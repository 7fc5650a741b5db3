"""项目管理成员相同: one project manager in the bids of several bidders of one lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from detectors.bid_rigging._counts import count_lots, lot_result
from detectors.bid_rigging._groups import Shared, gather, shared_values, spread
from detectors.bid_rigging._regime import Regime, Rules, clauses, regime_gap, regimes
from detectors.bid_rigging._signs import Sign, Teller, Told, bearers, finding, rings_of
from detectors.bid_rigging._values import cleaned, words
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Requires,
    Result,
    Spec,
    setting,
)
from detectors.evidence import among, records
from ingest.numbers import parse_id_number


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    generic_managers: tuple[str, ...] = setting(
        ("无", "暂无", "待定", "/", "详见文件", "见投标文件", "项目经理", "项目负责人", "负责人", "法定代表人",
         "none", "null", "n/a", "na", "test", "测试"),
        unit="无",
        reason="岗位名称和缺省值不指向具体的人",
    )  # fmt: skip
    hub_bidders: int = setting(
        10,
        unit="家",
        reason="同一证件号码累计对应的投标人达到此数，多为系统测试号或填报时的缺省号",
        least=3,
    )
    hub_lots: int = setting(5, unit="个", reason="缺省号必然出现在许多标段", least=2)
    most_namesakes: int = setting(
        3, unit="人", reason="全部资料中同名者多于此数时，仅姓名相同不予采用", least=0
    )


SPEC = Spec(
    id="shared_manager",
    title="项目管理成员相同",
    family="bid_rigging",
    version=1,
    what=(
        "同一标段不同投标人的投标文件载明的项目经理（项目负责人）为同一人：证件号码相同；只有姓名相同的须先核对"
        "是否同一人。先后为不同企业投标、或为同一企业投两个标段的不计。同一组投标人在多个标段出现的合并为一条。"
    ),
    strength=("strong",),
    kinds=("register",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(Requires("bids", ("manager",)), Requires("bids", ("manager_id",))),
    optional=(Requires("tenders", ("title",)), Requires("bids", ("manager_id",))),
    settings=Settings,
    legal=("ztb-40-3", "mof87-37"),
    benign=(
        Benign(
            "namesake",
            "只是同名的不同人",
            "证件号码不同的不计；没有号码的核对全部资料中同名人数，同名者多的予以排除",
        ),
        Benign(
            "placeholder",
            "证件号码是缺省值、测试号",
            "排除全0等值，以及众多互不相关的投标人共用的号码",
        ),
        Benign(
            "wrong_number",
            "号码登记有误，偶然写成同一号码",
            "号码校验不符且姓名不同的予以排除",
        ),
        Benign("moved", "该人刚从一家企业转注册到另一家，前一家未及时更换", None),
    ),
    next_steps=(
        "调取各投标文件中项目管理机构组成表、注册建造师证书和社保缴纳证明。",
        "向建设主管部门核实该人的注册单位和变更时间。",
        "由招标投标行政监督部门（政府采购的由财政部门）依职权认定是否属于视为串通的情形。",
    ),
    event_key="同一组投标人",
)

_RUNS = ("123456789012345678", "12345678901234567X", "123456789012345")
_COLUMNS = ("tender_no", "lot", "bidder", "amount", "manager", "manager_id", "is_winner")
_KEYS: dict[Rules, tuple[str, ...]] = {
    "tendering": ("ztb-40-3",),
    "purchase_tender": ("mof87-37",),
    "purchase_other": (),
}  # fmt: skip


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders of one lot that put forward one project manager.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding a set of bidders, over all the lots they share a manager in.
    """
    table = snapshot.table("bids")
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    marks = _marks(bids, settings)
    by_number = _groups(table, marks, "number")
    by_name = _groups(table, marks, "name")
    hubs = _hubs(marks, by_number, settings)
    names = {g.value for g in by_name}
    known_people = bearers(snapshot, names) if names else {}
    signs: list[Sign] = []
    cleared: dict[str, set[str]] = {b.key: set() for b in SPEC.benign if b.check}
    told: dict[str, list[set[str]]] = {}
    for mark, groups in (("number", by_number), ("name", by_name)):
        for group in groups:
            # The same bidders' manager by name adds nothing to the number.
            if any(set(group.bidders) <= wider for wider in told.get(group.lot, ())):
                continue
            told.setdefault(group.lot, []).append(set(group.bidders))
            if group.value in hubs:
                cleared["placeholder"].add(group.lot)
                continue
            sign = (
                _by_number(group) if mark == "number" else _by_name(group, known_people, settings)
            )
            if isinstance(sign, str):
                cleared[sign].add(group.lot)
            else:
                signs.append(sign)
    rows = shared_values(marks, marks.dummy).select("lot_entity").distinct()
    cleared["placeholder"] |= {r["lot_entity"] for r in records(rows)}
    rings = rings_of(signs)
    held = {s.group.lot for mine in rings.values() for s in mine}
    teller = Teller(snapshot, rings, _COLUMNS)
    rules = regimes(snapshot, held)
    findings = [
        _finding(ring, mine, teller, [rules[s.group.lot] for s in mine])
        for ring, mine in rings.items()
    ]
    known = bids.manager.notnull() | bids.manager_id.notnull()
    return lot_result(count_lots(bids, known), findings, held, cleared)


def _marks(bids: Any, settings: Settings) -> Any:
    """Clean number and name of every bid; stars of masked numbers stay."""
    none = ibis.null("string")

    def bare_of(raw: Any) -> Any:
        return raw.upper().re_replace("[^0-9X*]", "")

    def name_of(raw: Any) -> Any:
        return words(raw, settings.generic_managers)

    alike = "|".join(f"[{c}]+" for c in "0123456789X*")
    numbers = cleaned(bids, "manager_id", bare=bare_of)
    dull = numbers.bare.re_search(f"^({alike})$") | numbers.bare.isin(_RUNS)
    numbers = numbers.mutate(
        dull=dull, number=ibis.ifelse(dull | (numbers.bare.length() < 15), none, numbers.bare)
    ).cache()
    people = cleaned(bids, "manager", name=name_of)
    both = bids.left_join(numbers, bids.manager_id == numbers.raw)
    both = both.left_join(people, bids.manager == people.raw)
    return both.select(
        "row_id",
        "lot_entity",
        "bidder_entity",
        number=numbers.number,
        name=people.name,
        dummy=ibis.cases(
            (numbers.dull, numbers.bare),
            (people.name.isnull() & numbers.number.isnull(), bids.manager.upper()),
            else_=none,
        ),
    ).cache()


def _groups(table: Any, marks: Any, mark: str) -> list[Shared]:
    found = {r["row_id"]: r for r in records(shared_values(marks, marks[mark]))}
    full = records(among(table, "row_id", found)) if found else []
    return gather({**row, **found[row["row_id"]]} for row in full)


def _hubs(marks: Any, groups: Sequence[Shared], settings: Settings) -> set[str]:
    here = among(marks, "number", {g.value for g in groups})
    wide = spread(here, here.number).filter(
        lambda t: (t.bidders >= settings.hub_bidders) & (t.lots >= settings.hub_lots)
    )
    # A ring that always bids together is wide too, but no wider than its largest lot.
    strangers = wide.filter(lambda t: t.bidders >= 1.5 * t.most)
    return {r["value"] for r in records(strangers)}


def _names(group: Shared) -> list[str]:
    return sorted({"".join(r["manager"].split()) for r in group.rows if r["manager"]})


def _full(text: str | None) -> str | None:
    """The 18 digits of a number that passes its check, else None."""
    number = parse_id_number(text)
    return number.full_number if number else None


def _by_number(group: Shared) -> Sign | str:
    """One number: sure if it is whole and passes its check, probable if the names agree."""
    names = _names(group)
    if _full(group.value):
        return _sure(group)
    if len(names) != 1:
        # A spoilt or masked number under two names says nothing.
        return "wrong_number"
    doubt = "号码部分被遮盖" if "*" in group.value else "号码校验不符"
    text = f"项目经理均为{names[0]}，证件号码写法相同（{doubt}）"
    return Sign("masked", group, text, "strong", "probable", 0.9)


def _sure(group: Shared) -> Sign:
    shown = "、".join(_names(group)) or "同一人"
    return Sign("number", group, f"项目经理均为{shown}，证件号码相同", "strong")


def _by_name(group: Shared, known_people: dict[str, int], settings: Settings) -> Sign | str:
    numbers = {_full(r["manager_id"]) for r in group.rows}
    if len(numbers) == 1 and None not in numbers:
        return _sure(group)  # one writes 15 digits, the other 18
    if len(numbers - {None}) > 1 or known_people.get(group.value, 0) > settings.most_namesakes:
        return "namesake"
    text = f"项目经理均署名{_names(group)[0]}（证件号码记录不全）"
    return Sign("name", group, text, "strong", "name_only")


# -- wording ---------------------------------------------------------------------------------------

_LIKELY = "可能对应不同投标人的投标文件载明的项目管理成员为同一人的情形，由行政监督部门认定"
_WHAT = {"number": "项目经理相同", "masked": "项目经理相同", "name": "项目经理姓名相同"}


def _finding(
    ring: tuple[str, ...], signs: Sequence[Sign], teller: Teller, rules: Sequence[Regime]
) -> Finding:
    story = teller.tell(ring, signs, lambda who, where: f"{who}投标{where}的文件，")
    best = story.best
    cited = clauses(rules, _KEYS) if best.key != "name" else ()
    return finding(
        ring,
        story,
        Told(
            event_key="项目管理成员",
            kind="register",
            what=_WHAT[best.key],
            of="",
            likely=_LIKELY if cited else "",
            legal=cited,
            benign=_benign({s.key for s in signs}),
            gaps=regime_gap(rules),
        ),
    )


def _benign(keys: set[str]) -> tuple[BenignResult, ...]:
    sure = "number" in keys
    return (
        BenignResult("namesake", "ruled_out", "证件号码相同，不是同名。")
        if sure
        else BenignResult("namesake", "unknown", "证件号码不全，须先核对是否同一人。"),
        BenignResult("placeholder", "ruled_out", "号码、姓名没有对应众多互不相关的投标人。"),
        BenignResult("wrong_number", "ruled_out", "号码通过校验。")
        if sure
        else BenignResult("wrong_number", "unknown", "号码不全或校验不符，须核对原件。"),
        BenignResult("moved", "unknown", "须以注册变更时间和社保记录核对。"),
    )
