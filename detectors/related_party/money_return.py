"""资金回流: public money goes to a firm and soon in part on to the official's side.

Only flows that were lawfully obtained are looked at (rows without their authority never get this
far), and each clue cites the authority. Relatives and firms count where the official holds a post in
the body that paid; the official in person counts whoever paid.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from detectors.detector import (
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
    Subject,
    setting,
)
from detectors.evidence import (
    day,
    first_rows,
    listing,
    percent,
    period_of,
    weakest,
    years,
    yuan,
)
from detectors.names import Names
from detectors.related_party._dealings import posts_of
from detectors.related_party._flows import (
    Flow,
    Ledger,
    contracts_between,
    flows_between,
    public_payments,
)
from detectors.related_party._return import (
    Case,
    Passed,
    Returned,
    Side,
    drop_told_twice,
    owners_of,
    search,
)
from detectors.related_party._telling import (
    holding_edges,
    holding_sentence,
    kin_edges,
    kin_sentence,
    nodes_of,
    post_edge,
    post_sentence,
)
from detectors.related_party._words import doubt_text, inferred_gap, kin_name


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    window_days: int = setting(
        30, unit="天", reason="收到公款后一个月内转出的，与该笔公款最可能有关", least=1
    )
    least_return: float = setting(
        0.10, unit="比例", reason="低于一成的转出多为零星往来", least=0.01, most=1
    )
    most_hops: int = setting(
        1, unit="次", reason="经一个中间账户转手较常见，再多难以与普通往来区分", least=0, most=1
    )
    most_parties: int = setting(
        30,
        unit="个",
        reason="往来对象多于此数的账户（支付公司、银行、大型供应商）不作为中间账户",
        least=2,
    )
    wage_words: tuple[str, ...] = setting(
        ("工资", "薪", "社保", "社会保险", "公积金", "奖金", "劳务费"),
        unit="无",
        reason="摘要含这些字样且按月发放的，按工资、社保处理",
    )
    wage_months: int = setting(3, unit="个月", reason="三个月以上有同类转账才视为按月发放", least=2)
    loan_words: tuple[str, ...] = setting(
        ("借", "还款", "归还", "垫付", "垫款", "周转"),
        unit="无",
        reason="此前收款人曾借款给该企业的，按归还借款处理",
    )
    deposit_words: tuple[str, ...] = setting(
        ("保证金", "押金", "质保金"),
        unit="无",
        reason="此前收款人曾缴保证金、押金的，按退还处理",
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
    id="money_return",
    title="资金回流",
    family="related_party",
    version=1,
    what=(
        "公共资金付给企业后30日内，该企业直接或经一个中间账户，将不少于该笔款项一成的资金转给"
        "公职人员本人，或者转给付款单位公职人员的近亲属、近亲属或本人持股任职的企业。"
        "只使用依法调取、注明查询依据的资金流水；没有流水数据时不运行。"
    ),
    strength=("strong",),
    kinds=("money",),
    requires=(
        Requires("bank_flows", ("payer", "payee", "amount", "flow_date")),
        Requires("officials", ("name", "organization")),
    ),
    optional=(
        Requires("payments", ("payer", "payee", "amount", "pay_date")),
        Requires("kinship", ("name", "relation", "relative_name")),
        Requires("shareholders", ("shareholder", "share_percent")),
        Requires("contracts", ("party_a", "party_b")),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("wages", "工资、社保等按月发放", "摘要为工资、社保等，且三个月以上金额相近"),
        Benign("loan", "归还此前的借款", "流水中收款人此前曾向该企业转入借款，金额足以抵扣"),
        Benign("deposit", "退还保证金、押金", "流水中收款人此前曾向该企业缴纳，金额足以抵扣"),
        Benign(
            "trade",
            "与亲属企业的正常买卖",
            "双方此前签有合同，合同金额足以覆盖累计付款；发票须另行核对",
        ),
        Benign(
            "owner",
            "收款人是该企业登记的股东、法定代表人或管理人员",
            "核对工商登记；企业与股东之间的往来由其他检测项反映",
        ),
        Benign("other_unit", "付款单位不是该干部所在单位", "比对付款单位与任职单位"),
        Benign("tenure", "付款时干部尚未任职或已离任", "比对付款日期与任职起止日期"),
        Benign("kin_ended", "付款时婚姻等亲属关系已经终止", "比对付款日期与亲属关系起止日期"),
        Benign("tie_ended", "付款时亲属已退出收款企业", "比对付款日期与持股、任职起止日期"),
        Benign("gift_or_debt", "婚丧往来、民间借贷等没有写明的原因", None),
    ),
    next_steps=(
        "按照规定权限补充调取相关账户前后各半年的流水，核实款项最终去向。",
        "核实转款事由，调取对应的合同、发票、借据。",
        "调取该笔公款的合同、审批、验收资料，核实本人是否参与。",
    ),
    event_key="同一企业与同一公职人员",
)
_ORDER = (
    "owner", "wages", "deposit", "loan", "trade", "other_unit", "tenure", "kin_ended", "tie_ended",
)  # fmt: skip


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find public money of which a good part soon went on to an official's side.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of a publicly paid firm and an official whose side its money reaches.
    """
    found = search(snapshot, settings)
    firms = {firm for firm, _ in found.sides}
    receivers = {s.receiver for own in found.sides.values() for s in own}
    mids = {m for own in found.between.values() for m in own}
    senders = firms | mids
    flows = [
        *flows_between(snapshot, senders, mids | receivers),
        *flows_between(snapshot, receivers, senders),
    ]
    flows = list({f.row: f for f in flows}.values())
    ledger = Ledger(flows, contracts_between(snapshot, senders, receivers | mids), settings)
    payments = public_payments(snapshot, firms)
    owners = owners_of(snapshot, firms, settings)
    posts = posts_of(snapshot, {o for _, o in found.sides}, settings.village_elections)
    cases = []
    for (firm, official), sides in found.sides.items():
        case = Case(
            firm,
            official,
            sides,
            sorted(found.between[firm, official]),
            frozenset(owners.get(firm, ())),
            posts.get(official, ()),
        )
        case.judge(payments.get(firm, ()), ledger, settings)
        cases.append(case)
    drop_told_twice(cases)
    names = Names(snapshot, {e for c in cases if c.held for e in _entities(c)} | set(found.aside))
    findings = tuple(_finding(case, settings, names) for case in cases if case.held)
    cleared = Counter(
        min(case.failed, key=_ORDER.index) for case in cases if case.failed and not case.held
    )
    notes: tuple[str, ...] = ()
    if found.aside:
        said = listing([names.of(a) for a in found.aside], "个")
        notes = (f"往来对象多于{settings.most_parties}个、未作为中间账户的：{said}。",)
    return Result(
        subject_kind="企业·干部",
        subjects=len(cases),
        triggered=len(findings),
        not_triggered=len(cases) - len(findings),
        insufficient=0,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
        notes=notes,
    )


def _entities(case: Case) -> set[str]:
    found = {case.firm, case.official}
    for returned in case.held:
        found.add(returned.payment.payer)
        for passed in returned.passed:
            found |= passed.side.entities() | ({passed.through} if passed.through else set())
    return found


# -- wording ---------------------------------------------------------------------------------------


def _finding(case: Case, settings: Settings, names: Names) -> Finding:
    lead = max(case.held, key=lambda r: (r.amount, -r.payment.when.toordinal()))
    firm = names.of(case.firm)
    amount = sum((r.amount for r in case.held), Decimal(0))
    every = [p for r in case.held for p in r.passed]
    flows = [f for p in every for f in (*p.first, *p.last)]
    sides = list({p.side.receiver: p.side for p in every}.values())
    title_to = _whom(lead.passed[0].side, lead, names)
    share = percent(float(lead.amount / lead.payment.amount))
    paid = f"{names.of(lead.payment.payer)}{day(lead.payment.when)}付给{firm}{yuan(lead.payment.amount)}"
    others = len({p.side.receiver for p in lead.passed}) - 1
    more = f"等{others + 1}方" if others else ""
    done = (
        f"{paid}后{settings.window_days}日内，{firm}{_through(lead, names)}"
        f"向{title_to}{more}转出{yuan(lead.amount)}，占该笔款项的{share}"
    )
    rest = f"；同类情形共{len(case.held)}次、{yuan(amount)}" if len(case.held) > 1 else ""
    period = period_of(d for r in case.held for d in (r.payment.when, *_days(r)))
    joins = [
        *(j for s in sides for j in s.joins),
        *(j for f in flows for j in f.joins),
        *(j for r in case.held for j in (*r.payment.joins, r.post.join)),
    ]
    identity, chance = weakest(joins)
    statement = _statement(case, sides, settings, names)
    cites = first_rows((c for s in statement for c in s.cites if isinstance(c, Row)), 60)
    relatives = dict.fromkeys(s.kin.relative for s in sides if s.kin)
    firms = dict.fromkeys(s.receiver for s in sides if s.holding)
    return Finding(
        subjects=(
            Subject(case.official, "official"),
            *(Subject(r, "relative") for r in relatives),
            Subject(case.firm, "company"),
            *(Subject(f, "company") for f in firms if f != case.firm),
        ),
        anchors=(case.official, case.firm),
        event_key="资金回流",
        title=f"疑似资金回流：{done}{rest}（{years(period)}）",
        statement=statement,
        reasons=(Reason("money", "strong", f"{done}{rest}", cites),),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(case),
        legal=(),
        path=_path(case, names),
        data_gaps=_gaps(flows, sides),
    )


def _days(returned: Returned) -> list[Any]:
    return [f.when for p in returned.passed for f in p.last]


def _whom(side: Side, returned: Returned, names: Names) -> str:
    """Name a receiver by what ties it to the official: 张某（…）的妻弟李某."""
    official = f"{names.of(side.official)}（{returned.post.text}）"
    if side.in_person:
        return official
    if side.kin and side.holding is None:
        return f"{official}的{kin_name(side.kin.edge, names)}"
    who = f"的{kin_name(side.kin.edge, names)}" if side.kin else ""
    return f"{official}{who}名下的{names.of(side.receiver)}"


def _through(returned: Returned, names: Names) -> str:
    mids = list(dict.fromkeys(p.through for p in returned.passed if p.through))
    return f"经{'、'.join(names.of(m) for m in mids)}" if mids else ""


def _statement(
    case: Case, sides: Sequence[Side], settings: Settings, names: Names
) -> tuple[Sentence, ...]:
    official, firm = names.of(case.official), names.of(case.firm)
    posts = {r.post.row: r.post for r in case.held}
    sentences = [post_sentence(official, p) for p in posts.values()]
    told: set[str] = set()
    for side in sides:
        if side.kin and side.kin.relative not in told:
            told.add(side.kin.relative)
            sentences.append(kin_sentence(side.kin, names))
        if side.holding:
            who = names.of(side.kin.relative if side.kin else side.official)
            sentences.append(holding_sentence(side.holding, who, names))
        if side.in_person and weakest(side.joins)[0] != "certain":
            rows = tuple(f.cited for r in case.held for p in r.passed for f in p.last)
            text = f"收款人{names.of(side.receiver)}与{official}{doubt_text(side.joins)}。"
            sentences.append(Sentence(text, rows))
    for returned in case.held:
        payment = returned.payment
        text = f"{day(payment.when)}，{names.of(payment.payer)}向{firm}付款{yuan(payment.amount)}"
        if payment.purpose:
            text += f"（摘要：{payment.purpose}）"
        sentences.append(Sentence(f"{text}。", (payment.cited,)))
        for passed in returned.passed:
            sentences.append(_passed_sentence(passed, payment, firm, names))
    flows = [f for r in case.held for p in r.passed for f in (*p.first, *p.last)]
    papers = sorted({f.authority for f in flows if f.authority})
    sentences.append(
        Sentence(f"上述流水的查询依据：{'、'.join(papers)}。", first_rows(f.cited for f in flows))
    )
    return tuple(sentences)


def _passed_sentence(passed: Passed, payment: Flow, firm: str, names: Names) -> Sentence:
    receiver = names.of(passed.side.receiver)
    total = sum((f.amount for f in passed.last), Decimal(0))
    share = percent(float(passed.amount / payment.amount))
    last = _dated(passed.last)
    if passed.through is None:
        text = f"{last}，{firm}向{receiver}转出{yuan(total)}，占该笔款项的{share}"
    else:
        came = sum((f.amount for f in passed.first), Decimal(0))
        mid = names.of(passed.through)
        text = (
            f"{_dated(passed.first)}，{firm}向{mid}转出{yuan(came)}；{last}，"
            f"{mid}向{receiver}转出{yuan(total)}，按较小的一笔计，占该笔款项的{share}"
        )
    purposes = sorted({f.purpose for f in passed.last if f.purpose})
    said = f"（摘要：{'、'.join(purposes)}）" if purposes else "（没有摘要）"
    return Sentence(f"{text}{said}。", first_rows(f.cited for f in (*passed.first, *passed.last)))


def _dated(flows: Sequence[Flow]) -> str:
    first, last = min(f.when for f in flows), max(f.when for f in flows)
    return day(first) if first == last else f"{day(first)}至{day(last)}{len(flows)}次"


def _benign(case: Case) -> tuple[BenignResult, ...]:
    texts = {
        "wages": "所列转账不是按月发放的工资、社保",
        "loan": "流水中未见收款人此前借款给该企业的足额记录",
        "deposit": "流水中未见收款人此前缴纳保证金、押金的足额记录",
        "trade": "未见双方足以覆盖付款的合同；没有发票数据，须另行核对",
        "owner": "收款人未登记为该企业的股东、法定代表人或管理人员",
        "other_unit": "付款单位为该干部所在单位，或由干部本人收款",
        "tenure": "付款时该干部在任",
        "kin_ended": "付款时未见亲属关系终止的记录",
        "tie_ended": "付款时亲属在收款企业的持股、任职有效",
    }
    results = []
    for key, text in texts.items():
        count = case.failed[key]
        more = f"；另有{count}笔因此未列入" if count else ""
        results.append(BenignResult(key, "partly" if count else "ruled_out", f"{text}{more}。"))
    results.append(BenignResult("gift_or_debt", "unknown", "流水不能说明转款原因，须向双方核实。"))
    return tuple(results)


def _gaps(flows: Sequence[Flow], sides: Sequence[Side]) -> tuple[str, ...]:
    gaps = ["流水只覆盖已调取的账户和期间，可能还有其他往来。"]
    if any(not f.purpose for f in flows):
        gaps.append("部分转账没有摘要。")
    gaps += inferred_gap(s.kin.edge for s in sides if s.kin)
    if any(e["start_date"] is None for s in sides if s.holding for e in s.holding.edges):
        gaps.append("入股或任职日期缺失，按登记状态一直有效处理。")
    return tuple(gaps)


def _path(case: Case, names: Names) -> Path:
    edges: list[PathEdge] = []
    for r in case.held:
        posted = r.payment.payer in r.post.units
        if posted:
            edges.append(post_edge(case.official, r.payment.payer, r.post, _short(r, names)))
        for p in r.passed:
            if p.side.kin:
                edges += kin_edges(p.side.kin)
            if p.side.holding:
                edges += holding_edges(p.side.holding)
    # Transfers between the same two are drawn as one, with their number and sum.
    paid: dict[tuple[str, str, str], list[Flow]] = defaultdict(list)
    for r in case.held:
        paid[r.payment.payer, case.firm, "付款"].append(r.payment)
        for p in r.passed:
            if p.through:
                paid[case.firm, p.through, "转出"] += p.first
            paid[p.through or case.firm, p.side.receiver, "转出"] += p.last
    edges += [_money(*key, flows) for key, flows in paid.items()]
    unique = list({(e.src, e.dst, e.kind, e.term, e.start): e for e in edges}.values())
    payers = tuple((r.payment.payer, "purchaser") for r in case.held)
    return Path(nodes_of([case.official], unique), tuple(unique), tuple(dict.fromkeys(payers)))


def _short(returned: Returned, names: Names) -> str:
    unit = names.of(returned.payment.payer)
    return returned.post.text.removeprefix(unit) or "任职"


def _money(src: str, dst: str, verb: str, flows: Sequence[Flow]) -> PathEdge:
    flows = list({(f.table, f.row): f for f in flows}.values())
    total = sum((f.amount for f in flows), Decimal(0))
    days = sorted(f.when for f in flows)
    verb += f"{len(flows)}笔、共" if len(flows) > 1 else ""
    cites = first_rows(f.cited for f in flows)
    return PathEdge(src, dst, "pays", f"{verb}{yuan(total)}", days[0], days[-1], cites=cites)
