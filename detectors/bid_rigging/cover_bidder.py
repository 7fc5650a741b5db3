"""疑似陪标: a firm bids often, wins never, and comes along with one winner beyond chance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.bid_rigging._contests import attendance_of, awards_of
from detectors.bid_rigging._market import Bids, Bools, GroupSettings, bids_of, view_of
from detectors.bid_rigging._story import MOST_LOTS, Story, Told
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
    borrowed,
    setting,
)
from detectors.evidence import among, day, percent, records, years, yuan
from detectors.figures import figure, small
from graph.cobidding import Floats, Ints, false_discovery
from graph.cover import Attendance, Pairs, cover_pairs, never_wins


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_bids: int = setting(
        10,
        unit="个项目",
        reason="投标次数少于此数时，没有中标并不奇怪",
        source="开放合同伙伴关系红旗指标R025（屡投不中）",
        least=5,
    )
    most_chance: float = setting(
        0.05,
        unit="无",
        reason="按各项目投标家数机会均等计算，一次不中的概率不超过此数才列入",
        least=0.0,
        most=0.2,
    )
    least_won_share: float = setting(
        0.6,
        unit="比例",
        reason="所投项目多数由同一家中标，才像固定陪标",
        source="开放合同伙伴关系红旗指标R053（同场企业固定由一家中标）",
        least=0.3,
        most=1.0,
    )
    least_met: int = setting(
        8, unit="个项目", reason="与该中标企业同场少于此数的，偶然相遇难以排除", least=5
    )
    least_effect: float = setting(
        1.3, unit="倍", reason="大市场里很小的偏离也会显著，须同时有实际意义", least=1.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部可能的组合一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    new_days: int = setting(
        365,
        unit="天",
        reason="成立后一年内开始投标、且投标不满一年的，可能只是尚未打开局面",
        least=0,
    )
    groups: GroupSettings = borrowed("cobidding_group", GroupSettings)


SPEC = Spec(
    id="cover_bidder",
    title="疑似陪标",
    family="bid_rigging",
    version=1,
    what=(
        "企业屡次投标从未中标，所投项目多数由同一家企业中标，且与这家企业同场的次数"
        "超出同类别、同区域、同年份市场内随机相遇的程度。一次不中的概率按各项目有效投标家数计算，"
        "被否决的投标不计机会；同场次数按该中标企业在可比项目中的投标频度计算；"
        "同一项目的多个标段只计第一个；全部可能的组合一并校正。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("tenders", ("category",)),
        Requires("tenders", ("township",)),
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("award_amount",)),
        Requires("bids", ("disqualified",)),
        Requires("companies", ("established_date",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "small_market",
            "当地同类项目有资质的企业就这几家，次次相遇",
            "只与同类别、同区域、同年份的项目比较",
        ),
        Benign(
            "newcomer",
            "新成立的企业尚未打开局面",
            "比对成立日期：成立一年内开始投标、且投标不满一年的不列入",
        ),
        Benign(
            "specialist",
            "专业企业跨出本行投标，在本行有中标",
            "查看其他类别项目有无中标：有的不列入",
        ),
        Benign("weak", "实力偏弱、报价偏高的企业，恰与强企业经营范围相同", None),
    ),
    next_steps=(
        "对照两家企业在同场项目中的报价和投标文件，核对编制人、设备特征、保证金来源。",
        "核对两家企业的股东、法定代表人、主要人员和经营地址有无关联。",
        "了解未中标企业每次投标的成本由谁承担、标书由谁制作，有无收取陪标费用的往来。",
        "由招标投标行政监督部门依职权认定。",
    ),
    event_key="固定为“陪标”，以陪标企业和中标企业区分",
    # Simulated honest markets (2,700 tenders of 12 markets): no pair of the kind reaches q 0.05;
    # a firm that comes along to all of a winner's tenders meets it 2 to 6 times as often as due.
    orange_effect=1.5,
    effect_name="与固定中标企业同场次数与随机期望之比",
    small_projection="企业与项目的稀疏矩阵用 scipy 计算：精确概率无法写成关系查询。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find firms that bid often, never win, and come along with one winner.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are firms with at least one bid in a tender of known winner; those with fewer than
        ``least_bids`` are insufficient data.
    """
    bids = bids_of(snapshot)
    view = view_of(snapshot, settings.groups)
    awards = awards_of(bids, dated=False)
    seen, lots = attendance_of(awards, view)
    tried = np.bincount(seen.bidder, minlength=seen.n_bidders)
    enough = tried >= settings.least_bids
    covers = never_wins(seen, settings.least_bids, settings.most_chance)
    hits, q, pairs = _flagged(seen, covers, settings)
    established = _established(snapshot, bids, [int(pairs.cover[i]) for i in hits])
    cleared: dict[int, str] = {}
    kept: list[int] = []
    for i in hits:
        cover = int(pairs.cover[i])
        if _is_new(bids, cover, established.get(cover), settings.new_days):
            cleared[cover] = "newcomer"
        else:
            kept.append(i)
    flagged_covers = {int(pairs.cover[i]) for i in kept}
    for cover in _specialists(seen, bids.category[lots], settings):
        cleared.setdefault(cover, "specialist")
    for cover in _of_small_markets(seen, covers, settings):
        cleared.setdefault(cover, "small_market")
    cleared = {c: key for c, key in cleared.items() if c not in flagged_covers}
    told = [_told(seen, lots, pairs, i) for i in kept]
    story = Story(snapshot, bids, told)
    findings = tuple(
        _finding(t, pairs, i, float(q[i]), story, view.columns, established)
        for t, i in zip(told, kept, strict=True)
    )
    n_seen = int((tried > 0).sum())
    return Result(
        subject_kind="企业",
        subjects=n_seen,
        triggered=len(flagged_covers),
        not_triggered=int(enough.sum()) - len(flagged_covers),
        insufficient=n_seen - int(enough.sum()),
        not_applicable=0,
        findings=findings,
        cleared=dict(Counter(cleared.values())),
        notes=view.notes,
    )


def _flagged(seen: Attendance, covers: Ints, settings: Settings) -> tuple[list[int], Floats, Pairs]:
    pairs = cover_pairs(seen, covers, settings.least_met, settings.least_won_share)
    # Those that could have met and didn't, or seldom, were looked at too.
    q = false_discovery(pairs.p, pairs.tested)
    effect = np.round(pairs.met / np.maximum(pairs.due, 1e-9), 3)
    good = (q <= settings.false_discovery) & (effect >= settings.least_effect)
    # As often a winner of the others' tenders: that he wins so much must not be chance either.
    good &= pairs.p_win <= settings.most_chance
    return np.flatnonzero(good).tolist(), q, pairs


def _specialists(seen: Attendance, category: NDArray[np.object_], settings: Settings) -> list[int]:
    """Firms that would be called if their awards in other categories were overlooked.

    ``category``: of each tender, None where unknown.
    """
    names = sorted({c for c in category.tolist() if c is not None})
    number = {c: i + 1 for i, c in enumerate(names)}
    code = np.array([number.get(c, 0) for c in category.tolist()], dtype=np.int64)
    wins = np.zeros((seen.n_bidders, len(names) + 1), dtype=bool)
    wins[seen.winner, code] = True
    at_home = wins[seen.bidder, code[seen.tender]]
    covers = never_wins(_without(seen, at_home), settings.least_bids, settings.most_chance)
    covers = covers[wins[covers].any(axis=1)]
    if not len(covers):
        return []
    # Only the firms asked about lose their own field: whom they meet keeps his.
    asked = np.isin(seen.bidder, covers)
    hits, _, pairs = _flagged(_without(seen, at_home & asked), covers, settings)
    return sorted({int(pairs.cover[i]) for i in hits})


def _without(seen: Attendance, gone: Bools) -> Attendance:
    return replace(
        seen,
        bidder=seen.bidder[~gone],
        tender=seen.tender[~gone],
        could_win=seen.could_win[~gone],
    )


def _of_small_markets(seen: Attendance, covers: Ints, settings: Settings) -> list[int]:
    """Firms that would be called if all tenders were one market."""
    one = replace(seen, strata=[np.zeros(len(seen.winner), dtype=np.int64)])
    hits, _, pairs = _flagged(one, covers, settings)
    return sorted({int(pairs.cover[i]) for i in hits})


def _established(snapshot: Any, bids: Bids, firms: list[int]) -> dict[int, date]:
    """Day of registration of firms that the register has."""
    if not firms or not snapshot.has("companies", "established_date"):
        return {}
    table = snapshot.table("companies").select("name_entity", "established_date")
    number = {bids.bidders[f]: f for f in firms}
    rows = records(among(table, "name_entity", number))
    found: dict[int, date] = {}
    for row in rows:
        if row["established_date"] is not None:
            firm = number[row["name_entity"]]
            found[firm] = min(found.get(firm, row["established_date"]), row["established_date"])
    return found


def _is_new(bids: Bids, firm: int, established: date | None, new_days: int) -> bool:
    days = bids.day[bids.lot[bids.bidder == firm]]
    days = days[~np.isnat(days)]
    if established is None or not len(days):
        return False
    first, last = days.min().item(), days.max().item()
    return bool((first - established).days <= new_days and (last - first).days <= new_days)


def _told(seen: Attendance, lots: Ints, pairs: Pairs, i: int) -> Told:
    """The two firms and the lots in which they met, those the winner won first."""
    cover, winner = int(pairs.cover[i]), int(pairs.winner[i])
    both = np.intersect1d(seen.tender[seen.bidder == cover], seen.tender[seen.bidder == winner])
    order = np.lexsort((both, seen.winner[both] != winner))
    return Told((cover, winner), tuple(lots[both[order]].tolist()))


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    told: Told,
    pairs: Pairs,
    i: int,
    q: float,
    story: Story,
    columns: tuple[str, ...],
    established: dict[int, date],
) -> Finding:
    cover, winner = (story.name(m) for m in told.members)
    entities = tuple(story.bids.bidders[m] for m in told.members)
    tenders, met, won = int(pairs.tenders[i]), int(pairs.met[i]), int(pairs.won[i])
    effect = round(float(pairs.met[i] / max(pairs.due[i], 1e-9)), 3)
    with_wins = Told(told.members, told.lots[:won])
    amount, period = story.amount(with_wins), story.period(told)
    statistic = _statistic(pairs, i, q, effect, columns)
    more = f"（证据列出前{MOST_LOTS}个）" if len(told.lots) > MOST_LOTS else ""
    total = f"，金额合计{yuan(amount)}" if amount is not None else ""
    statement = (
        Sentence(
            f"{cover}在已知中标结果的{tenders}个项目中投标，一次未中；"
            f"按各项目投标家数机会均等计算，一次不中的概率为{small(float(pairs.p_lose[i]))}。",
            (statistic,),
        ),
        Sentence(
            f"其中{met}个项目与{winner}同场，{won}个由{winner}中标"
            f"（占其所投项目的{percent(won / tenders)}）{total}{more}。",
            story.cited(told),
        ),
        Sentence(
            f"按{winner}在同类项目中的投标频度，两家随机同场约{round(float(pairs.due[i]), 1)}次，"
            f"实际为随机情况的{effect:.1f}倍。",
            (statistic,),
        ),
    )
    identity, probability = story.identity(told)
    reason = Reason(
        "outcome",
        "statistical",
        f"屡投不中，并固定随同一家中标企业投标（同场为随机情况的{effect:.1f}倍，"
        f"校正后{figure('q', q)}）",
        (statistic,),
        q=q,
        # Without trade and area a small market looks the same: such a pair is yellow at most.
        effect=effect if {"category", "area"} <= set(columns) else None,
    )
    return Finding(
        subjects=tuple(Subject(e, "bidder") for e in entities),
        anchors=entities,
        event_key="陪标",
        title=f"疑似陪标：{cover}投标{tenders}次未中，其中{won}次由{winner}中标（{years(period)}）",
        statement=statement,
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(columns, established.get(told.members[0])),
        path=story.path(told),
        data_gaps=_gaps(columns),
    )


def _statistic(
    pairs: Pairs, i: int, q: float, effect: float, columns: tuple[str, ...]
) -> Statistic:
    labels = {"category": "项目类别", "area": "区域", "year": "年份"}
    values: tuple[tuple[str, Any], ...] = (
        ("投标项目数", int(pairs.tenders[i])),
        ("中标项目数", 0),
        ("一次不中的概率", small(float(pairs.p_lose[i]))),
        ("与中标企业同场数", int(pairs.met[i])),
        ("同场中由其中标数", int(pairs.won[i])),
        ("其中标如此之多的概率", small(float(pairs.p_win[i]))),
        ("随机同场的均值", round(float(pairs.due[i]), 2)),
        ("实际与均值之比", effect),
        ("同场p值", small(float(pairs.p[i]))),
        ("校正后q值", small(q)),
        ("一并检验的组合数", pairs.tested),
        ("可比分组", "×".join(labels[c] for c in columns) or "全部项目"),
    )
    text = (
        f"投标{int(pairs.tenders[i])}次未中，与固定中标企业同场{int(pairs.met[i])}次，"
        f"随机情况下约{round(float(pairs.due[i]), 1)}次，{figure('p', float(pairs.p[i]))}，"
        f"校正后{figure('q', q)}"
    )
    return Statistic(text, values)


def _benign(columns: tuple[str, ...], established: date | None) -> tuple[BenignResult, ...]:
    complete = {"category", "area", "year"} <= set(columns)
    return (
        BenignResult(
            "small_market", "ruled_out", "在同类别、同区域、同年份的项目内比较后仍然成立。"
        )
        if complete
        else BenignResult(
            "small_market", "unknown", "数据缺少类别、区域或年份，只能在较粗的分组内比较。"
        ),
        BenignResult("newcomer", "ruled_out", f"该企业成立于{day(established)}，并非刚起步。")
        if established
        else BenignResult("newcomer", "unknown", "没有该企业的成立日期，须查工商登记。"),
        BenignResult("specialist", "ruled_out", "该企业在其他类别的项目中也没有中标。")
        if "category" in columns
        else BenignResult("specialist", "unknown", "项目没有类别，须核对该企业的主业。"),
        BenignResult("weak", "unknown", "须核对该企业的资质、业绩和报价水平。"),
    )


def _gaps(columns: tuple[str, ...]) -> tuple[str, ...]:
    names = {"category": "项目类别", "area": "乡镇或采购人", "year": "年份"}
    missing = [names[c] for c in names if c not in columns]
    return (f"没有{'、'.join(missing)}，可比分组较粗。",) if missing else ()
