"""报价离散度异常: bidders whose prices keep closer, or further apart, than those of their peers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.bid_rigging._joint import BidBook, JointLots
from detectors.bid_rigging._prices import Prices, read_prices
from detectors.bid_rigging._spread import (
    Cluster,
    Limits,
    Spread,
    among_others,
    clusters,
    figures,
    find_spread,
)
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
from detectors.evidence import listing, percent, years, yuan
from detectors.figures import figure, small
from detectors.names import Names


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_joint: int = setting(
        5, unit="个项目", reason="同场更少时，一两次巧合就能左右结果", least=3
    )
    least_effect: float = setting(
        0.5,
        unit="个标准差",
        reason="项目很多时，很小的差别也会显著，须同时有实际意义",
        least=0.0,
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部企业组合、两种迹象一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_peers: int = setting(
        30,
        unit="个标段",
        reason="同类别、同规模、同投标家数的标段少于此数时并入较粗的分组，仍不足的不作比较",
        least=10,
    )
    bound_margin: float = setting(
        0.005,
        unit="比例",
        reason="报价都贴着最高限价或最低限价（相差不超过此比例）的标段，集中是限价造成的",
        least=0.0,
        most=0.05,
    )
    fixed_words: tuple[str, ...] = setting(
        ("政府指导价", "政府定价", "固定价", "固定单价", "固定费率", "统一报价"),
        unit="无",
        reason="项目名称、类别或方式含这些字样的，价格由规则定出，不作比较",
    )
    others_share: float = setting(
        0.7,
        unit="比例",
        reason="同一批标段中其他投标人的偏离达到成员的此比例时，视为价目表、定额等共同原因",
        least=0.0,
        most=1.0,
    )
    least_others: int = setting(
        3,
        unit="个标段",
        reason="可与其他投标人相比的标段少于此数时，无法判断是否为共同原因",
        least=1,
    )
    most_bidders: int = setting(
        30, unit="家", reason="投标人更多的标段里，任意几家的报价都很接近", least=5, most=50
    )


SPEC = Spec(
    id="variance_screens",
    title="报价离散度异常",
    family="bid_rigging",
    version=1,
    what=(
        "两家或三家企业在五个以上共同投标的项目中，报价的离散程度一贯异于同类："
        "与同类别、同规模、同投标家数的标段中任意两家、三家的报价相比。"
        "一贯过于接近（变异系数、极差、最低两价之差偏小）与一家明显偏低而其余集中在高处"
        "（最低两价之差偏大、与其余报价离散度之比偏大）是两种不同的迹象，分别检验，互不相加。"
        "每个标段的数值换算为在同类中的名次，再跨标段合并，"
        "扣除诚实企业之间本来就有的长期差别，对全部企业组合一并校正；"
        "同一迹象的组合合成一个团体。单个标段不能说明问题。没有项目类别时最多为黄色。"
    ),
    strength=("statistical",),
    kinds=("price",),
    requires=(Requires("bids", ("tender_no", "bidder", "amount")),),
    optional=(
        Requires("tenders", ("category",)),
        Requires("tenders", ("ceiling_price",)),
        Requires("tenders", ("floor_price",)),
        Requires("tenders", ("method",)),
        Requires("bids", ("disqualified",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "price_bounds",
            "报价都贴着最高限价或最低限价，集中由限价造成",
            "成员报价都在限价附近的标段不计；设有最低限价的标段只与同样设限的比较",
        ),
        Benign(
            "guide_price",
            "政府指导价、固定价，价格由规则定出",
            "项目名称、类别或方式含指导价、固定价等字样的标段不计",
        ),
        Benign(
            "price_list",
            "执行同一定额、信息价或价目表，市场上各家报价都接近",
            "与同一批标段中其他投标人的报价组合相比，他们同样偏离的不作为线索",
        ),
        Benign("few_lots", "共同投标不多，属巧合", "共同投标不足设置数的不作检验"),
        Benign("same_costs", "规模、工艺相近的企业成本相近", None),
        Benign("same_consultant", "委托同一造价咨询人编制报价", None),
    ),
    next_steps=(
        "调取共同投标项目的投标报价清单，逐项比对分部分项单价是否同比例或同差额。",
        "核对各家投标文件的编制人、计价软件加密锁号和造价咨询合同。",
        "核对成员的中标、陪标情况和相互之间的资金往来。",
    ),
    event_key="迹象（报价接近、最低价突出），团体以成员区分",
    # In simulated honest markets of 13,000 combinations none reached q <= 0.05 with 0.5; planted
    # rings of four that bid within one per cent of each other reach 1.3 to 1.9.
    orange_effect=1.0,
    effect_name="各标段数值偏离同类的平均幅度（标准差）",
    small_projection="两家、三家组合在各标段的报价用 numpy 计算：名次合并无法写成关系查询。",
)

_SIGNS = {"close": "报价接近", "cover": "最低价突出"}
_SCREENS = {
    "cv": "变异系数",
    "spd": "极差与最低价之比",
    "diffp": "最低两价之差与最低价之比",
    "rd": "最低两价之差与其余报价标准差之比",
    "rdnor": "最低两价之差与平均间距之比",
    "skew": "偏度",
    "ks": "与均匀分布的距离",
    "low_top": "最低价与最高限价之比",
    "mean_top": "平均价与最高限价之比",
    "low_floor": "最低价与最低限价之比",
    "mean_floor": "平均价与最低限价之比",
}
_SHARES = frozenset(("cv", "spd", "diffp", "low_top", "mean_top", "low_floor", "mean_floor"))


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders whose prices are spread unlike those of their peers.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs and triples of bidders with three joint tenders or more; those with fewer
        than ``least_joint``, or without enough peers, are insufficient data.
    """
    prices = read_prices(snapshot)
    if not len(prices.lots):
        return Result("投标人组合", 0, 0, 0, 0, 0, (), notes=("没有两家以上有效报价的标段",))
    limits = Limits(
        settings.least_joint,
        settings.least_effect,
        settings.false_discovery,
        settings.least_peers,
        settings.bound_margin,
        settings.most_bidders,
    )
    spread = find_spread(prices, prices.says(settings.fixed_words), limits)
    cleared: Counter[str] = Counter()
    told: list[tuple[Cluster, tuple[int, float, float]]] = []
    held: set[tuple[int, ...]] = set()
    found = clusters(spread.stood)
    for cluster in found:
        if _losers_of(cluster, found):
            held |= {s.members for s in cluster.parts}
            continue
        others = among_others(prices, spread, cluster, settings.most_bidders)
        lots, own, theirs = others
        if lots >= settings.least_others and theirs >= settings.others_share * own:
            cleared["price_list"] += 1
            continue
        told.append((cluster, others))
        held |= {s.members for s in cluster.parts}
    if spread.bounded:
        cleared["price_bounds"] = spread.bounded
    if spread.fixed:
        cleared["guide_price"] = spread.fixed
    findings = _findings(snapshot, prices, spread, told, settings)
    triggered = len(held)
    insufficient = spread.combinations - spread.tested
    return Result(
        subject_kind="投标人组合",
        subjects=spread.combinations,
        triggered=triggered,
        not_triggered=spread.tested - triggered,
        insufficient=insufficient,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
        notes=_notes(prices),
    )


def _losers_of(cluster: Cluster, found: list[Cluster]) -> bool:
    """Tell whether bids that keep close are the losing side of cover bids told of as such."""
    return cluster.sign == "close" and any(
        other.sign == "cover" and set(cluster.members) < set(other.members) for other in found
    )


def _notes(prices: Prices) -> tuple[str, ...]:
    notes = []
    if "category" not in prices.known:
        notes.append("没有项目类别，只能与规模、投标家数相同的标段比较")
    if "ceiling_price" not in prices.known:
        notes.append("没有最高限价，规模以平均报价代替，无法排除报价贴着限价")
    return tuple(notes)


# -- wording ---------------------------------------------------------------------------------------


def _findings(
    snapshot: Any,
    prices: Prices,
    spread: Spread,
    told: list[tuple[Cluster, tuple[int, float, float]]],
    settings: Settings,
) -> tuple[Finding, ...]:
    if not told:
        return ()
    rows: set[int] = set()
    places = []
    for cluster, _ in told:
        chosen = _bids_of(prices, spread, cluster)
        rows |= {int(prices.row[b]) for b in chosen}
        places.append({prices.lots[prices.lot[b]] for b in chosen})
    book = BidBook.of(snapshot, rows)
    everyone = {prices.bidders[m] for c, _ in told for m in c.members}
    names = Names(snapshot, everyone)
    found = []
    for (cluster, others), lots in zip(told, places, strict=True):
        members = tuple(sorted(prices.bidders[m] for m in cluster.members))
        joint = book.joint(members, lots)
        found.append(_finding(cluster, others, joint, prices, spread, settings, names))
    return tuple(found)


def _bids_of(prices: Prices, spread: Spread, cluster: Cluster) -> set[int]:
    """Positions of the members' bids in every lot in which one of the combinations met."""
    lots = np.unique(
        np.concatenate([spread.sides[s.test.size].combos.lot[s.meetings] for s in cluster.parts])
    )
    chosen = np.isin(prices.lot, lots) & np.isin(prices.bidder, cluster.members)
    return {int(i) for i in np.flatnonzero(chosen)}


def _finding(
    cluster: Cluster,
    others: tuple[int, float, float],
    joint: JointLots,
    prices: Prices,
    spread: Spread,
    settings: Settings,
    names: Names,
) -> Finding:
    lead, members = cluster.lead, joint.members
    called = [names.of(m) for m in members]
    wins, amount = joint.won()
    period = joint.period()
    table = figures(prices, spread, lead)
    statistic = _statistic(cluster, others, table, spread, prices, names)
    ours, theirs = table[lead.test.screen]
    screen = _SCREENS[lead.test.screen]
    effect = round(lead.effect, 3)
    led = [names.of(prices.bidders[m]) for m in lead.members]
    who = "成员" if len(led) == len(members) else "、".join(led)
    seen = (
        f"{who}的{screen}中位数为{_value(lead.test.screen, ours)}，"
        f"同类标段中同样家数的报价为{_value(lead.test.screen, theirs)}"
    )
    more = "（证据列出前12个标段）" if len(joint.lots) > 12 else ""
    statement = [
        Sentence(
            f"{'、'.join(called)}共{len(members)}家企业，"
            f"在{len(joint.lots)}个标段中有两家以上同场报价{more}。",
            joint.cites(),
        ),
        Sentence(
            f"{seen}，平均偏离{effect:.1f}个标准差，{_meaning(lead.test.sign)}。", (statistic,)
        ),
    ]
    if wins:
        total = f"，已知金额合计{yuan(amount)}" if amount is not None else ""
        statement.append(Sentence(f"其中{wins}个标段由成员中标{total}。", joint.cites()))
    word = "疑似报价过于接近" if lead.test.sign == "close" else "疑似陪衬报价"
    title = (
        f"{word}：{listing(called, '家', 3)}，{lead.tenders}个共同项目，"
        f"{screen}{_value(lead.test.screen, ours)}（同类{_value(lead.test.screen, theirs)}）"
        f"（{years(period)}）"
    )
    identity, probability = joint.identity()
    reason = Reason(
        "price",
        "statistical",
        f"{screen}一贯{'高' if lead.test.high else '低'}于同类标段"
        f"（平均偏离{effect:.1f}个标准差，校正后{figure('q', lead.q)}）",
        (statistic,),
        q=lead.q,
        # Without categories the peers may simply be of another trade: yellow at most.
        effect=effect if "category" in prices.known else None,
    )
    return Finding(
        subjects=tuple(Subject(m, "bidder") for m in members),
        anchors=members,
        event_key=_SIGNS[lead.test.sign],
        title=title,
        statement=tuple(statement),
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(others, prices, settings),
        path=joint.path(),
        data_gaps=tuple(f"{note}。" for note in _notes(prices)),
    )


def _meaning(sign: str) -> str:
    if sign == "close":
        return "报价一贯过于接近"
    return "一家明显偏低，其余集中在高处，与陪衬报价的样子相符"


def _value(screen: str, value: float) -> str:
    return percent(round(value, 4)) if screen in _SHARES else f"{value:.2f}"


def _statistic(
    cluster: Cluster,
    others: tuple[int, float, float],
    table: dict[str, tuple[float, float]],
    spread: Spread,
    prices: Prices,
    names: Names,
) -> Statistic:
    lead = cluster.lead
    lots, own, theirs = others
    parts = "；".join(
        f"{'、'.join(names.of(prices.bidders[m]) for m in s.members)}"
        f"（{_SCREENS[s.test.screen]}，{s.tenders}个项目，{figure('p', s.p)}）"
        for s in cluster.parts[:10]
    )
    values: list[tuple[str, Any]] = [
        ("迹象", _SIGNS[lead.test.sign]),
        ("企业组合", "、".join(names.of(prices.bidders[m]) for m in lead.members)),
        ("共同投标的项目数", lead.tenders),
        ("平均偏离（标准差）", round(lead.effect, 3)),
        ("已扣除的长期差别（标准差）", round(lead.lasting, 3)),
        ("p值", small(lead.p)),
        ("校正后q值", small(lead.q)),
        ("一并检验的次数", spread.tests),
    ]
    for name, (ours, peers) in table.items():
        if name in _SCREENS:
            values.append(
                (
                    f"{_SCREENS[name]}（中位数；同类）",
                    f"{_value(name, ours)}；{_value(name, peers)}",
                )
            )
    if lots:
        values.append(("可与其他投标人相比的标段数", lots))
        values.append(("其中成员的平均偏离；其他投标人", f"{own:.2f}；{theirs:.2f}"))
    values.append(("达到标准的组合", parts))
    values.append(
        ("同类的范围", "类别×规模×投标家数" if "category" in prices.known else "规模×投标家数")
    )
    text = (
        f"{_SCREENS[lead.test.screen]}平均偏离同类{lead.effect:.1f}个标准差，"
        f"{figure('p', lead.p)}，校正后{figure('q', lead.q)}"
    )
    return Statistic(text, tuple(values))


def _benign(
    others: tuple[int, float, float], prices: Prices, settings: Settings
) -> tuple[BenignResult, ...]:
    lots, own, theirs = others
    bounds = prices.known & {"ceiling_price", "floor_price"}
    return (
        BenignResult("price_bounds", "ruled_out", "成员报价都贴着限价的标段已经剔除。")
        if bounds
        else BenignResult("price_bounds", "unknown", "没有最高、最低限价，无法核对。"),
        BenignResult(
            "guide_price", "ruled_out", "名称、类别、方式注明指导价、固定价的标段已经剔除。"
        )
        if prices.known & {"title", "category", "method"}
        else BenignResult("guide_price", "unknown", "招标项目没有名称、类别和方式，无法核对。"),
        BenignResult(
            "price_list",
            "ruled_out",
            f"有{lots}个标段可与其他投标人相比，成员平均偏离{own:.1f}个标准差，"
            f"其他投标人{theirs:.1f}个，并非各家都如此。",
        )
        if lots >= settings.least_others
        else BenignResult(
            "price_list",
            "unknown",
            "共同投标的标段少有其他投标人，须核对是否执行同一定额或价目表。",
        ),
        BenignResult("few_lots", "ruled_out", f"共同投标不少于{settings.least_joint}个项目。"),
        BenignResult("same_costs", "unknown", "须比对成本构成、材料来源和施工方案。"),
        BenignResult("same_consultant", "unknown", "须核对造价咨询合同和文件编制人。"),
    )
