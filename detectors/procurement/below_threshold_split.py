"""疑似化整为零: parts of one project, each under the limit for tendering, together over it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Reason,
    Requires,
    Result,
    Sentence,
    Spec,
    Strength,
    Subject,
    setting,
)
from detectors.evidence import day, first_rows, listing, period_of, weakest, years, yuan
from detectors.names import Names
from detectors.procurement._parts import Part, parts_of

_RULE = "必须招标的工程项目规定"


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    window_days: int = setting(
        90, unit="天", reason="能一并招标的同一工程，各部分通常在一季内陆续发包", least=1, most=366
    )
    works_limit: int = setting(
        4_000_000,
        unit="元",
        reason="施工单项合同估算价达到此数必须招标",
        source=_RULE,
        least=1,
    )
    goods_limit: int = setting(
        2_000_000,
        unit="元",
        reason="重要设备、材料达到此数必须招标",
        source=_RULE,
        least=1,
    )
    survey_limit: int = setting(
        1_000_000,
        unit="元",
        reason="勘察、设计、监理达到此数必须招标",
        source=_RULE,
        least=1,
    )
    procurement_limit: int | None = setting(
        None,
        unit="元",
        reason="公开招标数额标准由各地规定，不设置则不检查政府采购部分",
        least=1,
        source="当地集中采购目录及标准",
    )
    adjacent_days: int = setting(
        15, unit="天", reason="各部分间隔不超过此数，像是同一次发包", least=0, most=366
    )


SPEC = Spec(
    id="below_threshold_split",
    title="疑似化整为零",
    family="procurement",
    version=1,
    in_yuan=True,
    what=(
        "工程：同一建设单位、去掉标段期次后名称相同、类别相同的几部分，在规定天数内以公开招标、邀请招标以外"
        "的方式发包，每部分低于必须招标的限额而合计达到限额。政府采购：同一采购人、同一年度、同一品目多次以"
        "公开招标以外方式采购，合计达到当地公开招标数额标准（须设置当地标准）。"
    ),
    strength=("strong", "weak"),
    kinds=("money",),
    requires=(),
    requires_any=(
        Requires("contracts", ("party_a", "title", "amount", "sign_date")),
        Requires("tenders", ("purchaser", "title")),
    ),
    settings=Settings,
    legal=("must-tender", "split-procurement"),
    benign=(
        Benign(
            "tendered",
            "各部分已经公开招标或邀请招标",
            "核对招标方式，同一项目编号的各标段作一次招标",
        ),
        Benign(
            "framework",
            "框架协议、定点采购项下的分次订单",
            "核对名称中的框架、定点、协议供货等字样",
        ),
        Benign(
            "budget_change", "预算调整、追加或变更形成的增补", "核对名称中的追加、变更、增补等字样"
        ),
        Benign(
            "emergency", "抢险救灾等依法可不招标的紧急工程", "核对名称中的抢险、应急、救灾等字样"
        ),
        Benign("separate_budget", "各部分分属不同年度预算或不同资金来源，客观上不能合并", None),
    ),
    next_steps=(
        "调取立项批复、预算批复和资金来源，核实各部分是否属于同一项目、能否一并招标。",
        "调取各部分的发包决策、比选或询价记录，核实由谁决定分开发包。",
        "核实各承包单位之间、承包单位与经办人员之间有无关联。",
    ),
    event_key="项目名称（去标段期次）与类别",
)

_TYPES = {"works": "施工", "goods": "货物", "survey": "勘察设计监理", "procurement": "政府采购"}


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find projects handed out in parts under the limit.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are projects of a buyer: parts of the same stripped title and type.
    """
    groups = _groups(parts_of(snapshot), settings)
    names = Names(snapshot, {e for parts in groups.values() for p in parts for e in p.entities()})
    findings = []
    cleared: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for key, parts in sorted(groups.items()):
        limit = _limit(key[2], settings)
        if limit is None:
            counts["not_applicable"] += 1
            continue
        window = 366 if key[2] == "procurement" else settings.window_days
        live = [p for p in parts if p.excuse is None]
        together = _over(live, limit, window)
        if together:
            findings.append(_finding(key, together, parts, limit, names, settings))
        elif any(p.when is None or p.amount is None for p in live) and len(live) > 1:
            counts["insufficient"] += 1
        elif odd := _over([p for p in parts if p.when and p.amount], limit, window):
            reasons = Counter(p.excuse for p in odd if p.excuse)
            cleared[min(reasons, key=lambda r: (-reasons[r], r))] += 1
    return Result(
        subject_kind="采购人·项目",
        subjects=len(groups),
        triggered=len(findings),
        not_triggered=len(groups) - len(findings) - sum(counts.values()),
        insufficient=counts["insufficient"],
        not_applicable=counts["not_applicable"],
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
        places=len({buyer for buyer, _, _ in groups}),
        place_kind="unit",
        notes=()
        if settings.procurement_limit is not None
        else ("未设置当地公开招标数额标准（procurement_limit），政府采购部分未检查。",),
    )


Key = tuple[str, str, str]


def _groups(parts: Sequence[Part], settings: Settings) -> dict[Key, list[Part]]:
    """Group the parts by buyer, project and type; procurement also by fiscal year."""
    groups: dict[Key, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.buyer, part.base, part.type].append(part)
        if settings.procurement_limit is not None and part.type in ("goods", "services"):
            year = part.when.year if part.when else "年度不详"
            groups[part.buyer, f"{year}{part.budget_item}", "procurement"].append(part)
    return groups


def _limit(kind: str, settings: Settings) -> Decimal | None:
    limit = {
        "works": settings.works_limit,
        "goods": settings.goods_limit,
        "survey": settings.survey_limit,
        "procurement": settings.procurement_limit,
    }.get(kind)
    return None if limit is None else Decimal(limit)


def _over(parts: Sequence[Part], limit: Decimal, window_days: int) -> list[Part]:
    """Return the parts that lie in some window of days with at least the limit together.

    Each part is under the limit; both ends of the window count.
    """
    dated = sorted(
        (p for p in parts if p.when is not None and p.amount is not None and 0 < p.amount < limit),
        key=lambda p: (p.when, p.title, p.amount),
    )
    chosen: dict[int, Part] = {}
    first = 0
    for last, part in enumerate(dated):
        while (_day(part) - _day(dated[first])).days > window_days:
            first += 1
        inside = dated[first : last + 1]
        if len(inside) > 1 and sum((p.amount or Decimal(0) for p in inside), Decimal(0)) >= limit:
            chosen.update({id(p): p for p in inside})
    return list(chosen.values())


def _day(part: Part) -> date:
    assert part.when is not None
    return part.when


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    key: Key,
    together: Sequence[Part],
    everything: Sequence[Part],
    limit: Decimal,
    names: Names,
    settings: Settings,
) -> Finding:
    buyer, base, kind = key
    amount = sum((p.amount or Decimal(0) for p in together), Decimal(0))
    period = period_of(p.when for p in together)
    strength, why = _strength(together, names, settings)
    rows = tuple(p.row for p in together)
    suppliers = sorted({p.supplier for p in together if p.supplier}, key=names.of)
    identity, chance = weakest(j for p in together for j in p.joins)
    what = re.sub(r"^\d{4}", "", base) if kind == "procurement" else base
    total = f"{len(together)}部分、共{yuan(amount)}"
    told = all(p.method for p in together)
    how = "以公开招标、邀请招标以外的方式" if told else "在未见招标记录的情况下"
    statement = [
        Sentence(
            f"{names.of(buyer)}于{_span(period)}{how}发包“{what}”{total}，"
            f"每部分均低于{_TYPES[kind]}限额{yuan(limit)}，合计达到该限额。",
            first_rows(rows),
        )
    ]
    if suppliers:
        held = listing([names.of(s) for s in suppliers], "家")
        # One who took all parts has been named already.
        who = f"{why}。" if held in why else f"承接单位为{held}；{why}。"
        statement.append(Sentence(who, first_rows(rows)))
    excused = Counter(p.excuse for p in everything if p.excuse)
    gaps = ["没有立项和预算批复数据，不能确认各部分属于同一项目或同一预算。"]
    if any(p.method == "" for p in together):
        gaps.append("部分记录没有招标方式，按未招标处理，须先核对。")
    return Finding(
        subjects=(Subject(buyer, "purchaser"), *(Subject(s, "company") for s in suppliers)),
        anchors=(buyer,),
        event_key=f"{_TYPES[kind]}|{base}",
        title=f"疑似化整为零：{names.of(buyer)}“{what}”分{total}，每部分低于{yuan(limit)}（{years(period)}）",
        statement=tuple(statement),
        reasons=(
            Reason("money", strength, f"各部分低于限额、合计达到限额；{why}", first_rows(rows)),
        ),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(excused, together),
        legal=("split-procurement",) if kind == "procurement" else ("must-tender",),
        place=buyer,
        data_gaps=tuple(gaps),
    )


def _span(period: tuple[date, date] | None) -> str:
    if period is None:
        return "日期不详时"
    return day(period[0]) if period[0] == period[1] else f"{day(period[0])}至{day(period[1])}"


def _strength(parts: Sequence[Part], names: Names, settings: Settings) -> tuple[Strength, str]:
    """One supplier for all parts, or parts handed out almost at once, make it strong."""
    suppliers = {p.supplier for p in parts}
    if len(suppliers) == 1 and None not in suppliers:
        return "strong", f"各部分均由{names.of(next(iter(s for s in suppliers if s)))}承接"
    days = sorted(_day(p) for p in parts)
    widest = max((b - a).days for a, b in pairwise(days))
    if widest <= settings.adjacent_days:
        return "strong", f"相邻部分发包间隔不超过{widest}天"
    return "weak", f"各部分承接单位不同，发包间隔最长{widest}天"


_EXCUSES: tuple[tuple[str, str], ...] = (
    ("tendered", "已经招标"),
    ("framework", "属框架协议或定点采购"),
    ("budget_change", "属追加、变更或增补"),
    ("emergency", "属抢险应急"),
)


def _benign(excused: Counter[str], together: Sequence[Part]) -> tuple[BenignResult, ...]:
    results = []
    for key, text in _EXCUSES:
        state: Literal["partly", "ruled_out", "unknown"] = "ruled_out"
        told = f"所列部分未见{text}的记录。"
        if excused[key]:
            state, told = "partly", f"另有{excused[key]}部分{text}，未计入。"
        elif key == "tendered" and any(p.method == "" for p in together):
            state, told = "unknown", "部分记录没有招标方式，须核对是否已经招标。"
        results.append(BenignResult(key, state, told))
    unknown = BenignResult("separate_budget", "unknown", "须以立项和预算批复核对。")
    return (*results, unknown)
