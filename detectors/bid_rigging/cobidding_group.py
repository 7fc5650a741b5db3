"""共同投标团体: groups of bidders that keep meeting beyond what their own market explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np

from detectors.bid_rigging._lots import Lot, lots_of
from detectors.bid_rigging._market import GroupSettings, View, groups_of, view_of
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
    Statistic,
    Subject,
    setting,
)
from detectors.evidence import first_rows, listing, period_of, records, weakest, years, yuan
from detectors.figures import figure, small
from detectors.names import Names
from graph.cobidding import Group, Groups, Market


@dataclass(frozen=True)
class Settings(GroupSettings):
    """Thresholds of the detector."""

    least_joint: int = setting(
        5, unit="个项目", reason="三家以上成员同场少于此数的，偶然相遇难以排除", least=3
    )
    least_effect: float = setting(
        1.2, unit="倍", reason="大市场里很小的偏离也会显著，须同时有实际意义", least=1.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部团体一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_tenders: int = setting(
        20, unit="个项目", reason="有两家以上投标人的项目少于此数时，无法与随机情况比较", least=5
    )


SPEC = Spec(
    id="cobidding_group",
    title="共同投标团体",
    family="bid_rigging",
    version=1,
    what=(
        "三至十二家企业反复同场投标，超出同类别、同区域、同年份市场内随机相遇的程度。"
        "按一致度（各对成员同场是否均匀，从未同场的一对按零计）、封闭度（与团体外企业同场的多少）"
        "和超出随机的程度综合排序；同一项目的多个标段算一次参与；"
        "每家企业在每个分组内的投标次数、每个项目的投标家数均保持不变，随机重排后作同样的搜索，"
        "以此计算显著性；全市场的团体普遍比随机情况紧密时，按其普遍程度调低（市场膨胀系数），"
        "再对全部团体校正。没有项目类别或区域时最多为黄色。"
    ),
    strength=("statistical",),
    kinds=("participation",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    optional=(
        Requires("tenders", ("category",)),
        Requires("tenders", ("township",)),
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("method",)),
        Requires("tenders", ("award_amount",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "small_market",
            "当地同类项目有资质、有能力参加的企业就这几家",
            "只与同类别、同区域、同年份的项目比较，企业在其中的投标次数保持不变",
        ),
        Benign(
            "framework",
            "同一框架协议的入围供应商",
            "采购方式为框架、入围、定点的项目单独作为一个市场比较",
        ),
        Benign("packages", "同一项目分成多个标段，一并投标", "同一项目的多个标段只算一次"),
        Benign("consortium", "以联合体或总分包方式公开合作", None),
        Benign("trade", "同一行业协会、同一园区的企业获取招标信息的渠道相同", None),
    ),
    next_steps=(
        "调取共同参加的项目的投标文件，核对编制人、设备特征、保证金来源和联系人。",
        "核对各成员的股东、法定代表人、主要人员和经营地址有无关联。",
        "核对成员之间轮流中标、固定陪标、报价规律的情况。",
        "由招标投标行政监督部门依职权认定。",
    ),
    event_key="固定为“共同投标”，团体以成员区分",
    # Within fine strata a ring is part of its own expectation, which holds the ratio down: planted
    # rings of four in 25 of 150 tenders reach 1.4 to 2.4, honest markets with q <= 0.001 none.
    orange_effect=1.3,
    effect_name="实际同场次数与随机期望之比",
    small_projection=(
        "投标人两两同场次数构成的小图用 numpy、scipy 计算：随机重排和团体搜索无法写成关系查询。"
    ),
)

_BID_COLUMNS = ("tender_no", "lot", "bidder", "amount", "is_winner", "submit_time")
_MOST_LOTS = 12


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find groups of bidders that meet beyond chance within their own market.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are groups of three or more that reach the test; those with fewer joint tenders
        than ``least_joint`` are insufficient data. A market too small to be redrawn counts as one
        subject with insufficient data.
    """
    bids = view_of(snapshot, settings)
    comparable = _comparable(bids.market)
    if comparable < settings.least_tenders:
        note = (
            f"有两家以上投标人、且有同组项目可比的项目只有{comparable}个，"
            f"少于{settings.least_tenders}个，无法与随机情况比较"
        )
        return Result("团体", 1, 0, 0, 1, 0, (), notes=(*bids.notes, note))
    found = groups_of(snapshot, settings)
    tested = [g for g in found.groups if g.joint >= settings.least_joint]
    surprising = [
        g
        for g in tested
        if g.q <= settings.false_discovery and round(g.effect, 3) >= settings.least_effect
    ]
    details = _Details.of(snapshot, surprising, bids)
    # Members of one tender may have gone for different lots of it, and never met.
    flagged = [g for g in surprising if details.n_joint(g) >= settings.least_joint]
    tested = [g for g in tested if g in flagged or g not in surprising]
    findings = tuple(_finding(g, found, bids, details) for g in flagged)
    held = {g.members for g in flagged}
    explained = sum(
        _plain_effect(bids.market, g) >= (SPEC.orange_effect or 0)
        for g in tested
        if g.members not in held
    )
    return Result(
        subject_kind="团体",
        subjects=len(found.groups),
        triggered=len(findings),
        not_triggered=len(tested) - len(findings),
        insufficient=len(found.groups) - len(tested),
        not_applicable=0,
        findings=findings,
        cleared={"small_market": int(explained)} if explained else {},
        notes=bids.notes,
    )


def _comparable(market: Market) -> int:
    """Return how many tenders stand in a stratum with another one, in every stratification."""
    counts = [int((np.bincount(s)[s] > 1).sum()) for s in market.strata if len(s)]
    return min(counts, default=0)


def _plain_effect(market: Market, group: Group) -> float:
    """Return meetings over what chance would give if all tenders were one market."""
    attendance = np.bincount(market.bidder)
    n = len(market.strata[0])
    expected = sum(attendance[a] * attendance[b] / n for a, b in combinations(group.members, 2))
    return group.meetings / expected if expected else 0.0


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Details:
    """Bid rows, lots and names of the groups to be told of."""

    bidders: tuple[str, ...]
    rows: list[dict[str, Any]]
    lots: dict[str, Lot]
    names: Names

    @classmethod
    def of(cls, snapshot: Any, groups: Sequence[Group], bids: View) -> _Details:
        everyone = {bids.bidders[m] for g in groups for m in g.members}
        if not everyone:
            return cls(bids.bidders, [], {}, Names(snapshot, set()))
        table = snapshot.table("bids")
        wanted = table.filter(
            table.bidder_entity.isin(sorted(everyone)) & table.lot_entity.notnull()
        ).select(
            "row_id",
            "lot_entity",
            "bidder_entity",
            "bidder_identity",
            "bidder_probability",
            *_BID_COLUMNS,
        )
        known = set(bids.tenders)
        rows = [r for r in records(wanted) if r["tender_no"] in known]
        return cls(bids.bidders, rows, lots_of(snapshot, rows), Names(snapshot, everyone))

    def members(self, group: Group) -> tuple[str, ...]:
        return tuple(sorted(self.bidders[m] for m in group.members))

    def joint(self, group: Group) -> list[dict[str, Any]]:
        return _joint_rows(self.members(group), self.rows, self.lots)

    def n_joint(self, group: Group) -> int:
        return len({r["tender_no"] for r in self.joint(group)})


def _finding(group: Group, found: Groups, bids: View, details: _Details) -> Finding:
    lots, names = details.lots, details.names
    members, joint = details.members(group), details.joint(group)
    called = [names.of(m) for m in members]
    attended = {r["tender_no"] for r in joint}
    joint_lots = list(dict.fromkeys(r["lot_entity"] for r in joint))
    wins = [r for r in joint if r["is_winner"]]
    amounts = [_award(r, lots) for r in wins]
    known = [a for a in amounts if a is not None]
    amount = sum(known, Decimal(0)) if known else None
    period = period_of(lots[lot].when for lot in joint_lots)
    shown = [r for r in joint if r["lot_entity"] in set(joint_lots[:_MOST_LOTS])]
    cited = first_rows((_row(r) for r in shown), limit=_MOST_LOTS * len(members))
    more = f"（证据列出前{_MOST_LOTS}个标段）" if len(joint_lots) > _MOST_LOTS else ""
    pairs = _pair_counts(members, joint)
    statistic = _statistic(group, found, bids, pairs, names)
    effect, expected = round(group.effect, 3), round(group.expected, 1)
    statement = [
        Sentence(
            f"{'、'.join(called)}共{len(members)}家企业，"
            f"在{len(attended)}个项目（{len(joint_lots)}个标段）中有三家以上同场投标{more}。",
            cited,
        ),
        Sentence(
            f"成员两两同场合计{group.meetings}次，同类市场内随机情况下约{expected}次，"
            f"为随机情况的{effect:.1f}倍。",
            (statistic,),
        ),
    ]
    if wins:
        total = f"，已知金额合计{yuan(amount)}" if amount is not None else ""
        won = first_rows((_row(r) for r in wins), limit=_MOST_LOTS)
        statement.append(
            Sentence(f"其中{len(wins)}个标段由成员中标{total}：{_winners(wins, names)}。", won)
        )
    identity, probability = weakest((r["bidder_identity"], r["bidder_probability"]) for r in joint)
    title = (
        f"疑似共同投标团体：{listing(called, '家', 3)}，{len(attended)}个项目同场投标"
        f"{f'，成员中标{yuan(amount)}' if amount is not None else ''}（{years(period)}）"
    )
    reason = Reason(
        "participation",
        "statistical",
        f"反复同场投标超出同类市场的随机程度（{effect:.1f}倍，校正后{figure('q', group.q)}）",
        (statistic,),
        q=group.q,
        # Without trade and area a small market looks the same: such a group is yellow at most.
        effect=effect if {"category", "area"} <= set(bids.columns) else None,
    )
    return Finding(
        subjects=tuple(Subject(m, "bidder") for m in members),
        anchors=members,
        event_key="共同投标",
        title=title,
        statement=tuple(statement),
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(bids),
        path=_path(members, joint, lots),
        data_gaps=_gaps(bids, wins, amounts),
    )


def _joint_rows(
    members: Sequence[str], rows: list[dict[str, Any]], lots: dict[str, Lot]
) -> list[dict[str, Any]]:
    """Return the members' bids in lots that three or more of them attended, fullest lots first."""
    own: dict[str, dict[str, dict[str, Any]]] = {}
    order = sorted(rows, key=lambda r: (r["bidder"], str(r["submit_time"]), str(r["amount"])))
    for row in order:
        if row["bidder_entity"] in members:
            own.setdefault(row["lot_entity"], {}).setdefault(row["bidder_entity"], row)
    full = [(lot, bids) for lot, bids in own.items() if len(bids) >= 3]
    full.sort(key=lambda x: (-len(x[1]), str(lots[x[0]].when), lots[x[0]].name, x[0]))
    return [bids[m] for _, bids in full for m in members if m in bids]


def _row(row: dict[str, Any]) -> Row:
    return Row("bids", row["row_id"], "投标记录", _BID_COLUMNS)


def _award(row: dict[str, Any], lots: dict[str, Lot]) -> Decimal | None:
    award = lots[row["lot_entity"]].award
    amount: Decimal | None = award if award is not None else row["amount"]
    return amount


def _winners(wins: list[dict[str, Any]], names: Names) -> str:
    counts = Counter(r["bidder_entity"] for r in wins)
    ordered = sorted(counts, key=lambda e: (-counts[e], names.of(e)))
    return "，".join(f"{names.of(e)}{counts[e]}个" for e in ordered)


def _pair_counts(
    members: Sequence[str], joint: list[dict[str, Any]]
) -> dict[tuple[str, str], set[str]]:
    """Return for each pair the tenders it attended together among the joint ones."""
    attended: dict[str, set[str]] = {m: set() for m in members}
    for row in joint:
        attended[row["bidder_entity"]].add(row["tender_no"])
    return {(a, b): attended[a] & attended[b] for a, b in combinations(members, 2)}


def _statistic(
    group: Group,
    found: Groups,
    bids: View,
    pairs: dict[tuple[str, str], set[str]],
    names: Names,
) -> Statistic:
    spread = group.deviation
    z = (group.meetings - group.expected) / spread if spread > 0 else None
    table = "；".join(f"{names.of(a)}—{names.of(b)} {len(t)}次" for (a, b), t in pairs.items())
    labels = {"category": "项目类别", "area": "区域", "year": "年份"}
    values: tuple[tuple[str, Any], ...] = (
        ("成员数", len(group.members)),
        ("三家以上同场的项目数", group.joint),
        ("两两同场合计", group.meetings),
        ("随机情况下的均值", round(group.expected, 2)),
        ("随机情况下的标准差", round(spread, 2)),
        ("实际与均值之比", round(group.effect, 3)),
        ("标准化偏离z", None if z is None else round(z, 2)),
        ("一致度", round(group.coherence, 3)),
        ("封闭度", round(group.exclusivity, 3)),
        ("p值", small(group.p)),
        ("校正后q值", small(group.q)),
        ("一并检验的团体数", len(found.groups)),
        ("随机重排次数", found.draws),
        ("随机重排中出现的团体数", found.null_groups),
        ("市场膨胀系数", round(found.inflation, 2)),
        ("可比分组", "×".join(labels[c] for c in bids.columns) or "全部项目"),
        ("共同标段中的两两同场", table),
    )
    text = (
        f"两两同场{group.meetings}次，随机情况下{round(group.expected, 1)}±{round(spread, 1)}次，"
        f"{round(group.effect, 3):.1f}倍，{figure('p', group.p)}，校正后{figure('q', group.q)}"
    )
    return Statistic(text, values)


def _path(members: Sequence[str], joint: list[dict[str, Any]], lots: dict[str, Lot]) -> Path:
    """Draw the members as a ring, each edge with the number of tenders attended together."""
    together = _pair_counts(members, joint)
    ring = [tuple(sorted((members[i], members[i - 1]))) for i in range(len(members))]
    if len(members) == 4:
        # Few enough to show every pair.
        ring = list(combinations(members, 2))
    edges = []
    for a, b in ring:
        tenders = together[a, b]
        if not tenders:
            continue
        both = [r for r in joint if r["tender_no"] in tenders and r["bidder_entity"] in (a, b)]
        period = period_of(lots[r["lot_entity"]].when for r in both)
        identity, _ = weakest((r["bidder_identity"], r["bidder_probability"]) for r in both)
        edges.append(
            PathEdge(
                a,
                b,
                "bids",
                f"共同投标{len(tenders)}次",
                period[0] if period else None,
                period[1] if period else None,
                identity,
                first_rows((_row(r) for r in both), limit=2),
            )
        )
    return Path(tuple(members), tuple(edges), tuple((m, "bidder") for m in members))


def _benign(bids: View) -> tuple[BenignResult, ...]:
    complete = {"category", "area", "year"} <= set(bids.columns)
    return (
        BenignResult(
            "small_market", "ruled_out", "在同类别、同区域、同年份的项目内比较后仍然成立。"
        )
        if complete
        else BenignResult(
            "small_market", "unknown", "数据缺少类别、区域或年份，只能在较粗的分组内比较。"
        ),
        BenignResult("framework", "ruled_out", "框架、入围、定点方式的项目已单独比较。")
        if bids.methods
        else BenignResult("framework", "unknown", "招标项目没有采购方式，须核对是否为框架协议。"),
        BenignResult("packages", "ruled_out", "同一项目的多个标段只计一次。"),
        BenignResult("consortium", "unknown", "须核对投标文件中有无联合体协议。"),
        BenignResult("trade", "unknown", "须核对企业的信息渠道、所在园区和协会。"),
    )


def _gaps(bids: View, wins: list[dict[str, Any]], amounts: list[Decimal | None]) -> tuple[str, ...]:
    gaps = [f"{note}。" for note in bids.notes]
    if not wins:
        gaps.append("共同标段没有成员中标的记录，无法说明中标金额。")
    elif any(a is None for a in amounts):
        gaps.append("部分标段没有中标金额，合计偏低。")
    return tuple(gaps)
