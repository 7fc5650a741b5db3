"""交叉受益: A's unit serves B's relative, and B's unit serves A's; also round three officials.

In a small county most people are kin to some official, so cycles come by chance. What counts as a
favour is therefore narrow: contracts and posts of a unit whose business the official is in charge of,
benefits that the official handled or approved, for close relatives, within two years; givers who serve
the relatives of many officials are set aside and named. Passing on a list that many people stand on is
routine: with a contract or a post on another side it leaves a weak sign, with lists alone none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from detectors.detector import (
    KIN,
    Benign,
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Requires,
    Result,
    Row,
    Sentence,
    Spec,
    Statistic,
    Strength,
    Subject,
    setting,
)
from detectors.evidence import day, first_rows, listing, period_of, weakest, years, yuan
from detectors.names import Names
from detectors.related_party._cycles import Cycle, exchanges, expected, tightest
from detectors.related_party._favours import Favour, digraph, favours_of
from detectors.related_party._telling import (
    holding_edges,
    holding_sentence,
    kin_edges,
    kin_sentence,
    nodes_of,
    post_edge,
    post_sentence,
)
from detectors.related_party._words import inferred_gap, kin_name


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    window_days: int = setting(730, unit="天", reason="相隔两年以上的受益难以认为互有关联", least=1)
    relations: tuple[str, ...] = setting(
        (
            "配偶", "子女", "父母", "兄弟姐妹", "子女的配偶", "兄弟姐妹的配偶", "配偶的父母",
            "配偶的兄弟姐妹",
        ),
        unit="无",
        reason="县域内亲缘普遍，更远的亲属会使巧合成环增多",
    )  # fmt: skip
    charge_words: tuple[str, ...] = setting(
        (
            "书记", "局长", "县长", "区长", "市长", "镇长", "乡长", "主任", "理事长", "院长", "校长",
            "处长", "厅长", "采购", "招投标", "工程", "财务", "人事",
        ),
        unit="无",
        reason="职务或分管工作含这些字样的，才把单位的合同、用人算作其本人可以影响的事项",
        source="干部管理口径，须按当地实际调整",
    )  # fmt: skip
    benefit_words: tuple[str, ...] = setting(
        ("最低生活保障", "低保", "特困", "临时救助", "危房改造", "公益性岗位", "公益岗位"),
        unit="无",
        reason="《补贴政策》未写明类别时，名称含这些字样的按须审核的补贴处理；普惠补贴不计",
    )
    most_served: int = setting(
        20,
        unit="名",
        reason="一人为多名干部的亲属办事属岗位使然，超过此数的不计并列出",
        least=1,
    )
    routine_people: int = setting(
        5,
        unit="人",
        reason="同一补贴经其手享受的超过此数，属例行经办；不超过的才视为专门办理",
        least=1,
    )
    least_amount: int = setting(
        100_000,
        unit="元",
        reason="一家企业与一个单位的业务合计不足此数的属零星采购，成环多为巧合",
        least=0,
    )
    most_chance: float = setting(
        1.0,
        unit="组",
        reason="按随机配对预期的成环数达到此数的，巧合已足以说明，降为较弱",
        least=0,
    )
    least_bidders: int = setting(
        3,
        unit="家",
        reason="公开招标至少三家投标才视为有竞争",
        source="招标投标法第二十八条",
        least=1,
    )
    market_ratio: float = setting(
        0.95, unit="比例", reason="中标价不高于最高限价的此比例，视为价格有竞争", least=0, most=1
    )
    max_layers: int = setting(
        3, unit="层", reason="间接持股超过三层时实际影响难以核实", least=1, most=4
    )
    least_share: float = setting(
        0.05, unit="比例", reason="更低的持股（如上市公司散股）不足以说明利益关联", least=0, most=1
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )
    village_elections: tuple[str, ...] = setting(
        ("2018-06-30", "2021-03-31", "2026-03-31"),
        unit="日期",
        reason="村级任职缺少离任日期时，推定任至下一次换届",
        source="当地换届工作安排，须按当地实际调整",
    )


SPEC = Spec(
    id="favour_exchange",
    title="交叉受益",
    family="related_party",
    version=1,
    what=(
        "两名公职人员的近亲属分别受益于对方：甲任负责职务的单位与乙的近亲属的企业签订合同、录用乙的近亲属，"
        "或者甲经办、审批乙的近亲属享受须审核的补贴，同时乙对甲的近亲属也是如此；三名公职人员依次循环的同样计入。"
        "各事项相隔不超过两年，任职、亲属、持股均在有效期内。经充分竞争的公开招标、普惠补贴不计。"
        "县域内亲缘普遍，成环容易出于巧合：各方均有合同、用人或专门办理的才作较强信号；"
        "一方只是例行经办众多人享受的补贴，或各方都只是办理补贴的，只作较弱信号；各方都只有补贴且有一方属例行经办的，不计。"
    ),
    strength=("strong", "weak"),
    kinds=("relation",),
    requires=(
        Requires("officials", ("name", "organization")),
        KIN,
    ),
    requires_any=(
        Requires("contracts", ("party_a", "party_b")),
        Requires("tenders", ("purchaser", "winner")),
        Requires("payments", ("payer", "payee")),
        Requires("subsidies", ("programme", "name", "handler")),
        Requires("subsidy_applications", ("programme", "name", "handler")),
        Requires("payroll", ("name", "unit")),
    ),
    optional=(
        Requires("shareholders", ("shareholder", "share_percent")),
        Requires("companies", ("legal_representative",)),
        Requires("subsidy_programmes", ("kind",)),
        Requires("bids", ("bidder",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("tenure", "事项发生时不在任", "逐项比对发生日期与任职起止日期"),
        Benign("kin_ended", "事项发生时婚姻等亲属关系已经终止", "比对发生日期与亲属关系起止日期"),
        Benign("tie_ended", "事项发生时亲属已退出企业", "比对发生日期与持股、任职起止日期"),
        Benign(
            "competitive",
            "经公开招标、充分竞争，以市场价格中标",
            "核对招标方式、投标家数、中标价与最高限价之比，均符合的不计",
        ),
        Benign("far_apart", "两事相隔过久", "各事项之间相隔超过设置天数的不计"),
        Benign("universal", "人人可享受的普惠补贴", "按《补贴政策》类别和名称，普惠补贴不计"),
        Benign(
            "own_family",
            "受益人同时是经办方自己的近亲属",
            "核对经办方本人的亲属关系；由其他检测项反映，不计",
        ),
        Benign(
            "hub",
            "窗口岗位、大单位为众多干部的亲属办事",
            "统计一人为多少名干部的亲属办事，超过设置数的不计并列出",
        ),
        Benign(
            "routine",
            "例行经办众多人享受的补贴",
            "统计经其手享受同一补贴的人数，超过设置数的降为较弱；没有合同、用人的不计",
        ),
        Benign("petty", "零星采购", "一家企业与一个单位的业务合计不足设置金额的不计"),
        Benign(
            "chance",
            "县域内亲缘普遍，互不知情的巧合",
            "按各人办事和受益的次数计算随机配对预期的组数，达到设置数的降为较弱",
        ),
    ),
    next_steps=(
        "调取各事项的立项、采购、审批或录用资料，核实双方是否参与、是否打过招呼。",
        "核实双方交往情况及各自是否知情、是否申请回避。",
        "对照同类合同价格和同类享受人条件，核实是否符合规定。",
    ),
    event_key="同一组公职人员",
)

_ORDER = ("far_apart", "competitive", "tie_ended", "kin_ended", "tenure")
_TEXTS = {
    "tenure": "所列事项发生时有关人员在任",
    "kin_ended": "所列事项发生时未见亲属关系终止的记录",
    "tie_ended": "所列事项发生时亲属在企业的持股、任职有效",
    "competitive": "所列项目均不属于充分竞争的公开招标",
    "far_apart": "所列事项相隔均未超过设置天数",
}


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find officials who serve each other's near relatives, in twos or round three.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are the cycles of two and three in the digraph of favours before dates are judged.
    """
    rows, aside = digraph(snapshot, settings)
    candidates = exchanges(rows, nested=True)
    chance = dict(zip((2, 3), expected(rows), strict=True))
    pairs = {edge for cycle in candidates for edge in _edges(cycle)}
    favours = favours_of(snapshot, rows, pairs, settings)
    by_pair: dict[tuple[str, str], list[Favour]] = defaultdict(list)
    for favour in favours:
        by_pair[favour.giver, favour.receiver].append(favour)
    good = {p: [f for f in own if f.failed is None] for p, own in by_pair.items()}
    dated = {
        cycle: _together(cycle, good, settings.window_days)
        for cycle in _dated(good, settings.window_days)
    }
    chosen = {c: own for c, own in dated.items() if _strength(c, own, settings) is not None}
    entities = {e for own in chosen.values() for f in own for e in _entities(f)}
    names = Names(snapshot, entities | {hub["giver"] for hub in aside})
    findings = tuple(
        _finding(cycle, own, by_pair, chance[len(cycle)], settings, names)
        for cycle, own in chosen.items()
    )
    cleared, insufficient = Counter[str](), 0
    for cycle in candidates:
        if cycle in chosen:
            continue
        why = "routine" if cycle in dated else _why(cycle, by_pair, good)
        if why == "undated":
            insufficient += 1
        elif why:
            cleared[why] += 1
    return Result(
        subject_kind="干部组合",
        subjects=len(candidates),
        triggered=len(findings),
        not_triggered=len(candidates) - len(findings) - insufficient,
        insufficient=insufficient,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
        notes=_notes(aside, settings, names),
    )


def _edges(cycle: Cycle) -> list[tuple[str, str]]:
    return [(one, cycle[(i + 1) % len(cycle)]) for i, one in enumerate(cycle)]


def _dated(good: dict[tuple[str, str], list[Favour]], window: int) -> list[Cycle]:
    """Cycles of the favours that hold, within the window."""
    found = [f for own in good.values() for f in own if f.when is not None]
    if not found:
        return []
    table = pa.table(
        {
            "giver": [f.giver for f in found],
            "receiver": [f.receiver for f in found],
            "day": pa.array([f.when for f in found], type=pa.date32()),
        }
    )
    return exchanges(ibis.memtable(table), window)


def _together(cycle: Cycle, good: dict[tuple[str, str], list[Favour]], window: int) -> list[Favour]:
    """The favours of a cycle that lie within the window of its tightest choice, by edge and day."""
    own = [good[edge] for edge in _edges(cycle)]
    first, last = tightest([[f.when for f in favours if f.when] for favours in own])
    return [
        f
        for favours in own
        for f in favours
        if f.when and (last - f.when).days <= window and (f.when - first).days <= window
    ]


def _why(
    cycle: Cycle,
    by_pair: dict[tuple[str, str], list[Favour]],
    good: dict[tuple[str, str], list[Favour]],
) -> str | None:
    """Name what explains a candidate that is no exchange; None where two members' own covers it."""
    empty = [edge for edge in _edges(cycle) if not good.get(edge)]
    if not empty:
        return "far_apart" if len(cycle) == 2 else None
    reasons = {f.failed for edge in empty for f in by_pair.get(edge, ()) if f.failed}
    if "undated" in reasons:
        return "undated"
    return min(reasons, key=_ORDER.index, default=None)


def _notes(aside: Sequence[dict[str, Any]], settings: Settings, names: Names) -> tuple[str, ...]:
    what = {"contract": "单位合同", "benefit": "经办补贴", "payroll": "单位用人"}
    return tuple(
        f"{names.of(hub['giver'])}以{what[hub['kind']]}涉及{hub['served']}名干部的亲属，"
        f"超过{settings.most_served}名，属岗位使然，未计入。"
        for hub in aside
    )


def _entities(favour: Favour) -> set[str]:
    found = {favour.giver, favour.receiver, favour.kin.relative, favour.kin.ego, favour.kin.person}
    if favour.unit:
        found.add(favour.unit)
    if favour.holding:
        found |= {e[end] for e in favour.holding.edges for end in ("src", "dst")}
    return found


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Deed:
    """What one official did for one relative of another in one way."""

    favours: tuple[Favour, ...]

    @property
    def lead(self) -> Favour:
        """The first of them."""
        return self.favours[0]

    @property
    def amount(self) -> Decimal | None:
        """Sum of the known amounts."""
        known = [f.amount for f in self.favours if f.amount is not None]
        return sum(known, Decimal(0)) if known else None


def _deeds(favours: Sequence[Favour]) -> list[_Deed]:
    grouped: dict[tuple[Any, ...], list[Favour]] = defaultdict(list)
    for f in favours:
        company = f.holding.company if f.holding else ""
        grouped[f.giver, f.receiver, f.kind, f.kin.relative, company, f.unit, f.programme].append(f)
    return [_Deed(tuple(sorted(own, key=lambda f: f.order))) for own in grouped.values()]


def _said(deed: _Deed, names: Names) -> str:
    """Say a deed in one clause: 县住建局与王建军的弟弟王强的恒达公司发生业务2项、共30万元."""
    f = deed.lead
    whose = f"{names.of(f.receiver)}的{kin_name(f.kin.edge, names)}"
    if f.kind == "contract" and f.holding:
        total = f"、共{yuan(deed.amount)}" if deed.amount is not None else "、金额不详"
        firm = names.of(f.holding.company)
        return (
            f"{whose}的{firm}承接{names.of(f.giver)}任职的{names.of(f.unit or '')}"
            f"业务{len(deed.favours)}项{total}"
        )
    if f.kind == "payroll":
        when = day(f.when) if f.when else "日期不详"
        return f"{whose}{when}起在{names.of(f.giver)}任职的{names.of(f.unit or '')}列入财政供养"
    paid = [x for x in deed.favours if x.amount is not None]
    if paid and deed.amount is not None:
        got = f"享受{f.programme}{len(paid)}笔、共{yuan(deed.amount)}"
    else:
        got = f"列入{f.programme}名单"
    return f"{whose}经{names.of(f.giver)}经办、审批{got}"


def _routine(favours: Sequence[Favour], settings: Settings) -> bool:
    """Whether all that one official did for another's relatives was to pass on long lists."""
    return all(f.kind == "benefit" and f.handled > settings.routine_people for f in favours)


def _strength(cycle: Cycle, favours: Sequence[Favour], settings: Settings) -> Strength | None:
    """Strength of an exchange; None where it is lists alone, and one of them a long one."""
    sides = [[f for f in favours if (f.giver, f.receiver) == edge] for edge in _edges(cycle)]
    routine = any(_routine(own, settings) for own in sides)
    solid = any(f.kind != "benefit" for f in favours)
    if not solid:
        return None if routine else "weak"
    return "weak" if routine else "strong"


def _finding(
    cycle: Cycle,
    favours: list[Favour],
    by_pair: dict[tuple[str, str], list[Favour]],
    chance: float,
    settings: Settings,
    names: Names,
) -> Finding:
    edges = _edges(cycle)
    own = {edge: [f for f in favours if (f.giver, f.receiver) == edge] for edge in edges}
    deeds = {edge: _deeds(own[edge]) for edge in edges}
    routine = any(_routine(found, settings) for found in own.values())
    common = round(chance, 2) >= settings.most_chance
    strength = "weak" if common else _strength(cycle, favours, settings) or "weak"
    posts = {a: next((f.post for f in own[a, b] if f.post), None) for a, b in edges}
    people = []
    for member in cycle:
        post = posts[member]
        people.append(f"{names.of(member)}（{post.text}）" if post else names.of(member))
    how = "分别受益于对方" if len(cycle) == 2 else "依次受益于另一方"
    lead = "；".join(_said(deeds[edge][0], names) for edge in edges)
    more = sum(len(found) - 1 for found in deeds.values())
    rest = f"；另有{more}类事项" if more else ""
    whole = f"{'、'.join(people)}的近亲属{how}：{lead}{rest}"
    amounts = [f.amount for f in favours if f.amount is not None]
    period = period_of(f.when for f in favours)
    statement = (
        *_statement(edges, own, deeds, names),
        _chance_sentence(cycle, chance, favours),
    )
    cites = first_rows((c for s in statement for c in s.cites if isinstance(c, Row)), 60)
    identity, probability = weakest(j for f in favours for j in f.joins)
    relatives = dict.fromkeys(f.kin.relative for f in favours)
    firms = dict.fromkeys(f.holding.company for f in favours if f.holding)
    return Finding(
        subjects=(
            *(Subject(member, "official") for member in cycle),
            *(Subject(r, "relative") for r in relatives),
            *(Subject(c, "company") for c in firms),
        ),
        anchors=cycle,
        event_key="交叉受益",
        title=f"疑似交叉受益：{whole}（{years(period)}）",
        statement=statement,
        reasons=(Reason("relation", strength, whole, cites),),
        amount=sum(amounts, Decimal(0)) if amounts else None,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(
            [f for edge in edges for f in by_pair[edge]], favours, routine, chance, common
        ),
        legal=(),
        path=_path(edges, deeds, names),
        data_gaps=_gaps(favours),
    )


def _statement(
    edges: Sequence[tuple[str, str]],
    own: dict[tuple[str, str], list[Favour]],
    deeds: dict[tuple[str, str], list[_Deed]],
    names: Names,
) -> tuple[Sentence, ...]:
    sentences: dict[str, Sentence] = {}

    def say(sentence: Sentence) -> None:
        sentences.setdefault(sentence.text, sentence)

    for edge in edges:
        for post in {f.post.row: f.post for f in own[edge] if f.post}.values():
            say(post_sentence(names.of(edge[0]), post))
    for edge in edges:
        for deed in deeds[edge]:
            f = deed.lead
            say(kin_sentence(f.kin, names))
            if f.holding:
                say(holding_sentence(f.holding, names.of(f.kin.relative), names))
            say(_deed_sentence(deed, names))
    return tuple(sentences.values())


def _chance_sentence(cycle: Cycle, chance: float, favours: Sequence[Favour]) -> Sentence:
    many = "两人相互" if len(cycle) == 2 else "三人循环"
    text = f"若按各人办事和受益的次数随机配对，{many}的组合预期有{chance:.2f}组"
    counted = Statistic(text, (("随机配对预期组数", round(chance, 2)),), favours[0].rows[:1])
    return Sentence(f"{text}。", (counted,))


def _deed_sentence(deed: _Deed, names: Names) -> Sentence:
    f = deed.lead
    span = period_of(x.when for x in deed.favours)
    when = "" if span is None else day(span[0])
    if span is not None and span[0] != span[1]:
        when = f"{when}至{day(span[1])}"
    rows = first_rows(r for x in deed.favours for r in x.rows)
    if f.kind != "benefit":
        titles = [f"“{t}”" for t in dict.fromkeys(x.title for x in deed.favours) if t]
        which = f"（{listing(titles, '项', 3)}）" if titles else ""
        return Sentence(f"{when}，{_said(deed, names)}{which}。", rows)
    counted = Statistic(
        f"经{names.of(f.giver)}经办、审批享受{f.programme}的共{f.handled}人",
        (("经办、审批人数", f.handled),),
        rows[:1],
    )
    text = f"{when}，{_said(deed, names)}；经其手享受该补贴的共{f.handled}人。"
    return Sentence(text, (*rows, counted))


def _benign(
    every: Sequence[Favour], told: Sequence[Favour], routine: bool, chance: float, common: bool
) -> tuple[BenignResult, ...]:
    failed = Counter(f.failed for f in every if f.failed)
    failed["far_apart"] = sum(f.failed is None for f in every) - len(told)
    results = []
    for key, text in _TEXTS.items():
        count = failed[key]
        more = f"；另有{count}项因此未列入" if count else ""
        results.append(BenignResult(key, "partly" if count else "ruled_out", f"{text}{more}。"))
    results += [
        BenignResult(
            "universal",
            "ruled_out",
            "所列补贴均须审核。"
            if any(f.kind == "benefit" for f in told)
            else "所列事项没有补贴。",
        ),
        BenignResult("own_family", "ruled_out", "受益人未登记为经办方本人的近亲属。"),
        BenignResult("hub", "ruled_out", "所列人员没有为众多干部的亲属办事。"),
        BenignResult(
            "routine",
            "partly" if routine else "ruled_out",
            "有一方属于例行经办众多人享受的补贴，已降低强度。"
            if routine
            else "各方均有合同、用人，或经其手享受的人数不多。",
        ),
        BenignResult(
            "petty", "ruled_out", "所列合同业务，一家企业与一个单位的合计均达到设置金额或金额不详。"
        ),
        BenignResult(
            "chance",
            "partly" if common else "unknown",
            f"随机配对预期有{chance:.2f}组{'，已降低强度' if common else ''}；是否知情须向双方核实。",
        ),
    ]
    return tuple(results)


def _gaps(favours: Sequence[Favour]) -> tuple[str, ...]:
    gaps = []
    if any(f.post is None or f.post.start is None for f in favours):
        gaps.append("部分任职起始日期缺失，按任职期间有效处理。")
    if any("姻" in f.kin.edge["legal_class"] and f.kin.edge["start_date"] is None for f in favours):
        gaps.append("结婚日期缺失，不能核对事项发生时婚姻关系是否已经存在。")
    if any(e["start_date"] is None for f in favours if f.holding for e in f.holding.edges):
        gaps.append("入股或任职日期缺失，按登记状态一直有效处理。")
    if any(f.amount is None and f.kind == "contract" for f in favours):
        gaps.append("部分事项没有金额，合计偏低。")
    gaps += inferred_gap(f.kin.edge for f in favours)
    return tuple(gaps)


def _path(
    edges: Sequence[tuple[str, str]],
    deeds: dict[tuple[str, str], list[_Deed]],
    names: Names,
) -> Path:
    drawn: list[PathEdge] = []
    roles: dict[str, str] = {}
    for edge in edges:
        for deed in deeds[edge]:
            f = deed.lead
            start, end = period_of(x.when for x in deed.favours) or (None, None)
            cites = first_rows(r for x in deed.favours for r in x.rows)
            drawn += kin_edges(f.kin)
            if f.unit and f.post:
                position = f.post.text.removeprefix(names.of(f.unit)) or "任职"
                drawn.append(post_edge(f.giver, f.unit, f.post, position))
                roles[f.unit] = "purchaser" if f.kind == "contract" else "unit"
            if f.kind == "contract" and f.holding:
                drawn += holding_edges(f.holding)
                total = yuan(deed.amount) if deed.amount is not None else "金额不详"
                term = f"业务{len(deed.favours)}项{total}"
                drawn.append(
                    PathEdge(
                        f.holding.company, f.unit or "", "contract", term, start, end, cites=cites
                    )
                )
            elif f.kind == "payroll":
                drawn.append(
                    PathEdge(f.kin.person, f.unit or "", "position", "财政供养", start, None,
                             cites=cites)
                )  # fmt: skip
            else:
                total = f"、{yuan(deed.amount)}" if deed.amount is not None else ""
                term = f"经办{f.programme}{len(deed.favours)}笔{total}"
                drawn.append(PathEdge(f.giver, f.kin.person, "tie", term, start, end, cites=cites))
    unique = list({(e.src, e.dst, e.kind, e.term): e for e in drawn}.values())
    firsts = list(dict.fromkeys(member for edge in edges for member in edge))
    return Path(nodes_of(firsts, unique), tuple(unique), tuple(roles.items()))
