"""报价规律性差异: prices in equal steps, equal prices, or the same gap between a pair again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from detectors.bid_rigging._joint import BidBook, JointLots, cliques
from detectors.bid_rigging._prices import Prices, read_prices
from detectors.bid_rigging._regular import Limits, Regular, Search, find_regular
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Reason,
    Requires,
    Result,
    Sentence,
    Spec,
    Statistic,
    Subject,
    setting,
)
from detectors.evidence import listing, years, yuan
from detectors.figures import figure, odds, small
from detectors.names import Names


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_joint: int = setting(
        3, unit="个项目", reason="两家同场少于此数时，不谈差额是否固定", least=3
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部标段、全部企业组合一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_peers: int = setting(
        30,
        unit="个标段",
        reason="同类别、同规模、同投标家数的标段少于此数时并入较粗的分组，用于估计通常的报价离散程度",
        least=10,
    )
    bound_margin: float = setting(
        0.0005,
        unit="比例",
        reason="两家报价都等于最高限价或最低限价（相差不超过此比例）的，相同是限价造成的",
        least=0.0,
        most=0.05,
    )
    fixed_words: tuple[str, ...] = setting(
        ("政府指导价", "政府定价", "固定价", "固定单价", "固定费率", "统一报价"),
        unit="无",
        reason="项目名称、类别或方式含这些字样的，价格由规则定出，不作比较",
    )


SPEC = Spec(
    id="price_pattern",
    title="报价规律性差异",
    family="bid_rigging",
    version=1,
    what=(
        "投标报价呈规律：一个标段中三家以上的报价依次等差或等比；"
        "两家在多个项目中报价相同，或者差额、比例固定不变。"
        "每一种都按该标段报价自身的离散程度和取整单位（元、千元、万元）计算偶然出现的概率："
        "三个报价接近等差十分常见，取整到万元的报价更容易碰巧。"
        "同一组合在多个项目中的结果合并计算，再对全部标段和企业组合一并校正。"
        "只在一两个项目中出现的最多为黄色。"
    ),
    strength=("statistical",),
    kinds=("price",),
    requires=(Requires("bids", ("tender_no", "bidder", "amount")),),
    optional=(
        Requires("tenders", ("ceiling_price",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("title",)),
        Requires("bids", ("disqualified",)),
    ),
    settings=Settings,
    legal=("ztb-40-4",),
    benign=(
        Benign(
            "fixed_price",
            "单价或总价由政府定价、指导价、统一报价规定",
            "名称、类别或方式注明的标段不计；同类标段中报价相同本就常见的，概率相应提高",
        ),
        Benign(
            "rounding",
            "报价取整到千元、万元，容易碰巧呈规律",
            "概率按报价的取整单位计算",
        ),
        Benign(
            "ceiling_capped",
            "都按最高限价（或最低限价）报价，所以相同",
            "两家报价都等于限价的不计",
        ),
        Benign(
            "fixed_discount",
            "各家习惯按固定下浮率报价，两家之比因此不变",
            "两家报价占最高限价的比例在没有对方参加的标段也固定不变的，不计",
        ),
        Benign("same_consultant", "委托同一造价咨询人或使用同一计价软件、同一信息价", None),
    ),
    next_steps=(
        "调取相关标段的分部分项报价清单，核对单价是否同样呈等差、等比或固定比例。",
        "核对投标文件的编制人、计价软件加密锁号和生成时间。",
        "询问报价的形成过程，是否属于规律性差异由行政监督部门依职权认定。",
    ),
    event_key="固定为“规律性差异”，团体以成员区分",
    # One lot is never enough for orange, however unlikely; of three lots none is chance at this q.
    orange_effect=3.0,
    effect_name="呈规律的标段数",
    small_projection="各标段三家、四家组合的报价用 numpy 计算：逐一枚举无法写成关系查询。",
)

_WHAT = {
    "steps": "报价依次等差或等比",
    "equal": "报价相同",
    "gap": "报价差额固定",
    "ratio": "报价比例固定",
}


@dataclass(frozen=True)
class _Group:
    """Bidders told of together, and the regularities among them.

    ``lead`` is the surest: that four go in step is less likely than that three of them do.
    """

    members: tuple[int, ...]
    parts: tuple[Regular, ...]

    @property
    def lead(self) -> Regular:
        return _distinct(self.parts)[0]


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find prices more regular than chance allows.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots of three bids or more (steps) and pairs of bidders (equal prices and
        gaps); pairs with fewer joint tenders than ``least_joint`` are insufficient data.
    """
    prices = read_prices(snapshot)
    kind = "标段、企业对"
    if not len(prices.lots):
        return Result(kind, 0, 0, 0, 0, 0, (), notes=("没有两家以上有效报价的标段",))
    limits = Limits(
        settings.least_joint,
        settings.false_discovery,
        settings.least_peers,
        settings.bound_margin,
    )
    found = find_regular(prices, prices.says(settings.fixed_words), limits)
    groups = [
        _Group(members, tuple(found.held[i] for i in parts))
        for members, parts in cliques([r.members for r in found.held])
    ]
    stepped = {n for r in found.held if r.pattern == "steps" for n in r.hits}
    paired = {r.members for r in found.held if r.pattern != "steps"}
    triggered = len(stepped) + len(paired)
    excused = {
        "ceiling_capped": len(found.capped - paired),
        "fixed_discount": len(found.habits - paired),
        "fixed_price": len(found.fixed - paired),
    }
    return Result(
        subject_kind=kind,
        subjects=found.lots + found.pairs + found.short,
        triggered=triggered,
        not_triggered=found.lots + found.pairs - triggered,
        insufficient=found.short,
        not_applicable=0,
        findings=_findings(snapshot, prices, found, groups),
        cleared={key: count for key, count in excused.items() if count},
        notes=_notes(prices),
    )


def _notes(prices: Prices) -> tuple[str, ...]:
    if "ceiling_price" in prices.known:
        return ()
    return ("没有最高限价，无法排除按限价报价和固定下浮率",)


# -- wording ---------------------------------------------------------------------------------------


def _findings(
    snapshot: Any, prices: Prices, found: Search, groups: Sequence[_Group]
) -> tuple[Finding, ...]:
    if not groups:
        return ()
    wanted = {(m, n) for g in groups for r in g.parts for n in r.hits for m in g.members}
    numbers = {n for _, n in wanted}
    everyone = {m for m, _ in wanted}
    rows = [
        int(row)
        for b, n, row in zip(prices.bidder, prices.lot, prices.row, strict=True)
        if n in numbers and b in everyone
    ]
    book = BidBook.of(snapshot, rows)
    names = Names(snapshot, {prices.bidders[m] for m in everyone})
    return tuple(_finding(g, book, prices, found, names) for g in groups)


def _finding(group: _Group, book: BidBook, prices: Prices, found: Search, names: Names) -> Finding:
    lead = group.lead
    members = tuple(sorted(prices.bidders[m] for m in group.members))
    called = [names.of(m) for m in members]
    every_lot = sorted({prices.lots[n] for r in group.parts for n in r.hits})
    joint = book.joint(members, every_lot)
    period = joint.period()
    wins, amount = joint.won()
    statement = []
    for part in _distinct(group.parts):
        who = tuple(prices.bidders[m] for m in part.members)
        own = book.joint(who, [prices.lots[n] for n in part.hits])
        statement.append(
            Sentence(
                f"{_what(part, names, prices)}{_example(own, part)}。",
                (*own.cites(6), _statistic(part, found, prices, names)),
            )
        )
    if wins:
        total = f"，已知金额合计{yuan(amount)}" if amount is not None else ""
        statement.append(Sentence(f"上述标段中{wins}个由成员中标{total}。", joint.cites()))
    count = len(lead.hits)
    identity, probability = joint.identity()
    reason = Reason(
        "price",
        "statistical",
        f"{_WHAT[lead.pattern]}，偶然出现的概率{odds(lead.p)}（校正后{figure('q', lead.q)}）",
        (_statistic(lead, found, prices, names),),
        q=lead.q,
        effect=float(count),
    )
    clear = count >= (SPEC.orange_effect or 0) and lead.q <= 0.001
    return Finding(
        subjects=tuple(Subject(m, "bidder") for m in members),
        anchors=members,
        event_key="规律性差异",
        title=(
            f"疑似报价规律性差异：{listing(called, '家', 3)}，{_short(lead)}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(prices, group),
        # The clause speaks of a regular difference, which a single lot hardly shows.
        legal=("ztb-40-4",) if clear else (),
        path=joint.path(),
        data_gaps=tuple(f"{note}。" for note in _notes(prices)),
    )


def _distinct(parts: Sequence[Regular], most: int = 6) -> list[Regular]:
    """Leave out what a larger or surer regularity of the same lots already says."""
    out: list[Regular] = []
    for part in sorted(parts, key=lambda r: (r.p, -len(r.members), r.members)):
        inside = set(part.members)
        if any(
            inside <= set(o.members)
            and set(part.hits) <= set(o.hits)
            and (o.pattern == part.pattern or {o.pattern, part.pattern} == {"gap", "ratio"})
            for o in out
        ):
            continue
        out.append(part)
    return out[:most]


def _short(part: Regular) -> str:
    count = len(part.hits)
    if part.pattern == "steps":
        return f"{count}个标段报价依次等差或等比"
    if part.pattern == "equal":
        return f"{count}个项目报价相同"
    if part.pattern == "gap":
        return f"{count}个项目报价差额均为{yuan(Decimal(str(abs(part.figure or 0))))}"
    return f"{count}个项目报价之比均约为{part.figure:.4f}"


def _what(part: Regular, names: Names, prices: Prices) -> str:
    who = "、".join(names.of(prices.bidders[m]) for m in part.members)
    if part.pattern == "steps":
        return f"{who}{len(part.members)}家共同投标{part.lots}个标段，其中{_short(part)}"
    return f"{who}可比的共同投标项目{part.lots}个，其中{_short(part)}"


def _example(joint: JointLots, part: Regular) -> str:
    """Show the prices of the first lot."""
    if not joint.lots:
        return ""
    lot, bids = joint.lots[0]
    ordered = sorted(bids, key=lambda r: (r["amount"], r["bidder"]))
    prices = "、".join(f"{row['amount']:,.2f}".rstrip("0").rstrip(".") for row in ordered)
    return f"，如“{lot.name}”报价{prices}元"


def _statistic(part: Regular, found: Search, prices: Prices, names: Names) -> Statistic:
    values: tuple[tuple[str, Any], ...] = (
        ("规律", _WHAT[part.pattern]),
        ("企业", "、".join(names.of(prices.bidders[m]) for m in part.members)),
        ("可比的共同标段数", part.lots),
        ("其中呈规律的标段数", len(part.hits)),
        *((("差额（元）", part.figure),) if part.pattern == "gap" else ()),
        *((("报价之比", part.figure),) if part.pattern == "ratio" else ()),
        ("p值（按报价离散程度和取整单位）", small(part.p)),
        ("校正后q值", small(part.q)),
        ("一并检验的次数", found.tests),
    )
    text = (
        f"{_short(part)}，按报价离散程度和取整单位，偶然出现的概率{odds(part.p)}，"
        f"校正后{figure('q', part.q)}"
    )
    return Statistic(text, values)


def _benign(prices: Prices, group: _Group) -> tuple[BenignResult, ...]:
    told = Counter(r.pattern for r in group.parts)
    ceiling = "ceiling_price" in prices.known
    return (
        BenignResult(
            "fixed_price",
            "ruled_out",
            "注明政府定价、指导价的标段已经剔除，同类标段中报价相同的比例已计入概率。",
        )
        if prices.known & {"title", "category", "method"}
        else BenignResult("fixed_price", "unknown", "招标项目没有名称、类别和方式，无法核对。"),
        BenignResult("rounding", "ruled_out", "概率已按报价的取整单位计算。"),
        BenignResult("ceiling_capped", "ruled_out", "两家报价都等于限价的已经剔除。")
        if ceiling
        else BenignResult("ceiling_capped", "unknown", "没有最高限价，无法核对。"),
        BenignResult(
            "fixed_discount", "ruled_out", "没有对方参加的标段中，未见两家各自按固定下浮率报价。"
        )
        if ceiling and told["gap"] + told["ratio"] + told["equal"]
        else BenignResult("fixed_discount", "unknown", "须核对各家报价占最高限价的比例是否一贯。"),
        BenignResult("same_consultant", "unknown", "须核对造价咨询合同、计价软件和信息价。"),
    )
