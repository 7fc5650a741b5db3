"""轮流中标: inside a group of bidders winners take turns, or share out, beyond chance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.bid_rigging._contests import Awards, Odds, awards_of, busy, odds
from detectors.bid_rigging._market import Bids, GroupSettings, bids_of, groups_of, view_of
from detectors.bid_rigging._story import MOST_LOTS, Outcome, Story, Told, in_order, outcome_finding
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Requires,
    Result,
    Sentence,
    Spec,
    Statistic,
    borrowed,
    setting,
)
from detectors.evidence import yuan
from detectors.figures import figure, small
from graph.cobidding import false_discovery
from graph.outcomes import Contests, RotationTest, longest_waiting, rotation_test, thin


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_contests: int = setting(
        8, unit="个项目", reason="成员之间争得的项目少于此数时，轮换与偶然难以区分", least=4
    )
    least_effect: float = setting(
        1.3, unit="倍", reason="项目很多时很小的偏离也会显著，须同时有实际意义", least=1.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部团体一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    busy_days: int = setting(
        120, unit="天", reason="中标后在建期间产能不足、报价偏高，按全市场同期情况折算", least=0
    )
    lottery_words: tuple[str, ...] = setting(
        ("抽签", "摇号", "抽取", "抓阄"),
        unit="无",
        reason="以抽签、摇号确定中标人的项目，结果不由报价决定，不作比较",
    )
    most_contests: int = setting(
        300, unit="个项目", reason="只看最近的项目已足够，再多只增加计算时间", least=50
    )
    groups: GroupSettings = borrowed("cobidding_group", GroupSettings)


SPEC = Spec(
    id="rotation",
    title="轮流中标",
    family="bid_rigging",
    version=1,
    what=(
        "同场投标的团体内部，中标人按次序轮换（等候最久的成员中标），或各成员中标次数过于均匀，"
        "超出随机程度。只看两家以上成员同场且由成员中标的项目；每个项目的到场成员保持不变，"
        "中标人按机会均等、按各成员自身中标率、按其在各区域和各类别的中标率三种情况分别随机抽取，"
        "取最不利的结果；中标后在建期间的产能影响按全市场同期情况折算；全部团体一并校正。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("method",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("township",)),
        Requires("tenders", ("award_amount",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "capacity",
            "企业中标后忙于施工，暂时不投或报价偏高，自然形成轮换",
            "到场成员保持不变；中标后在建期间的影响按全市场其他项目折算",
        ),
        Benign(
            "framework",
            "框架协议按次序派单",
            "方式为框架、入围、定点的项目不列入比较",
        ),
        Benign("lottery", "以抽签、摇号确定中标人", "方式含抽签、摇号的项目不列入比较"),
        Benign(
            "one_lot_each",
            "同一项目多个标段，规定每家只能中一个",
            "同一项目的多个标段只计第一个",
        ),
        Benign("small_market", "各家实力相当，当地只有这几家", None),
    ),
    next_steps=(
        "按开标先后列出各项目的中标人和各家报价，核对未中标成员的报价是否明显偏高。",
        "核对各项目中标后有无分包、转包给其他成员，有无资金往来。",
        "向未中标成员了解投标文件由谁编制、保证金由谁支付。",
        "由招标投标行政监督部门依职权认定。",
    ),
    event_key="固定为“轮流中标”，团体以成员区分",
    # Simulated: groups of three or four with equal or unequal strength, 8 to 80 contests, reach
    # 1.5 in one of a hundred; rings that take turns with one slip in ten reach 1.9 to 2.5.
    orange_effect=1.6,
    effect_name="等候最久的成员中标的项目数与机会均等时之比",
    small_projection="每个团体的中标次序用 numpy 计算：随机抽取中标人无法写成关系查询。",
)


@dataclass(frozen=True)
class _Tested:
    """A group, its contests and how the test came out."""

    told: Told
    contests: Contests
    test: RotationTest
    ratio: float


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find groups whose members win in turns or share out beyond chance.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are the groups that the co-bidding search gives, whatever their own p-value; those
        with fewer than ``least_contests`` contests are insufficient data.
    """
    bids = bids_of(snapshot)
    groups = groups_of(snapshot, settings.groups).groups
    words = (*settings.groups.framework_words, *settings.lottery_words)
    awards = awards_of(bids, words)
    market = odds(awards, busy(awards, settings.busy_days))
    tested = [t for g in groups if (t := _test(awards, market, g.members, settings)) is not None]
    q = false_discovery(np.array([t.test.p for t in tested]))
    flagged = [
        (t, float(v))
        for t, v in zip(tested, q, strict=True)
        if v <= settings.false_discovery and round(t.test.effect, 3) >= settings.least_effect
    ]
    held = {t.told.members for t, _ in flagged}
    rest = [g.members for g in groups if g.members not in held]
    cleared = _cleared(bids, awards, rest, settings)
    story = Story(snapshot, bids, (t.told for t, _ in flagged))
    view = view_of(snapshot, settings.groups)
    findings = tuple(_finding(t, v, len(tested), story, view.methods) for t, v in flagged)
    # Those set aside wholly have too few contests left to be tested, yet were looked at.
    looked_at = {t.told.members for t in tested} | set(cleared)
    return Result(
        subject_kind="团体",
        subjects=len(groups),
        triggered=len(findings),
        not_triggered=len(looked_at) - len(findings),
        insufficient=len(groups) - len(looked_at),
        not_applicable=0,
        findings=findings,
        cleared=dict(Counter(cleared.values())),
        notes=_notes(bids),
    )


def _test(
    awards: Awards, market: Odds | None, members: tuple[int, ...], settings: Settings
) -> _Tested | None:
    contests, lots = awards.contests(members)
    contests, lots = thin(contests, settings.most_contests), lots[-settings.most_contests :]
    if len(lots) < settings.least_contests:
        return None
    ratio = 1.0 if market is None else min(1.0, market.without(lots))
    seed = settings.groups.seed
    test = rotation_test(contests, seed, (settings.busy_days, ratio))
    return _Tested(Told(members, tuple(lots.tolist())), contests, test, ratio)


def _cleared(
    bids: Bids, awards: Awards, groups: list[tuple[int, ...]], settings: Settings
) -> dict[tuple[int, ...], str]:
    """Find groups that would stand out but for an explanation; members → its key."""
    framework, lottery = settings.groups.framework_words, settings.lottery_words
    views = {
        "capacity": awards,
        "framework": awards_of(bids, lottery),
        "lottery": awards_of(bids, framework),
        "one_lot_each": awards_of(bids, (*framework, *lottery), every_lot=True),
    }
    found: dict[tuple[int, ...], str] = {}
    for members in groups:
        looked_at = len(awards.contests(members)[1])
        for key, view in views.items():
            contests, lots = view.contests(members)
            if key != "capacity" and len(lots) == looked_at:
                continue
            longest, due = longest_waiting(contests)
            # Without a test for those who take no turns at all: most groups.
            if longest < settings.least_effect * due:
                continue
            tested = _test(view, None, members, settings)
            if tested is not None and tested.test.p <= settings.false_discovery / max(
                len(groups), 1
            ):
                found[members] = key
                break
    return found


def _notes(bids: Bids) -> tuple[str, ...]:
    notes = []
    if not len(bids.lots) or np.isnat(bids.day).all():
        notes.append("没有开标、公告或递交日期，无法判断先后次序")
    elif undated := int(np.isnat(bids.day).sum()):
        notes.append(f"{undated}个标段没有日期，未列入比较")
    return tuple(notes)


# -- wording ---------------------------------------------------------------------------------------


def _finding(tested: _Tested, q: float, n_tested: int, story: Story, methods: bool) -> Finding:
    told, test = in_order(tested.told, story.bids), tested.test
    called = [story.name(m) for m in told.members]
    n = len(told.lots)
    amount = story.amount(told)
    total = f"，金额合计{yuan(amount)}" if amount is not None else ""
    statistic = _statistic(tested, q, n_tested, story)
    effect = round(test.effect, 3)
    more = f"（证据列出前{MOST_LOTS}个）" if n > MOST_LOTS else ""
    statement = [
        Sentence(
            f"{'、'.join(called)}共{len(called)}家企业，在{n}个项目中有两家以上同场投标"
            f"并由其中一家中标{more}。",
            story.cited(told),
        ),
        Sentence(
            f"中标次数：{story.wins(told)}{total}。",
            story.cited(told, winners=True) or (statistic,),
        ),
        Sentence(
            f"按开标先后，其中{test.longest}个项目由当时等候最久的到场成员中标，"
            f"机会均等时约{round(test.due_longest, 1)}个，为{effect:.1f}倍。",
            (statistic,),
        ),
    ]
    if test.shares <= 0.05:
        statement.append(
            Sentence(
                f"多由中标次数落后的成员中标，各家次数比随机情况更均匀（{figure('p', test.shares)}）。",
                (statistic,),
            )
        )
    statement.extend(story.lifetime(told.members, (statistic,))[0])
    return outcome_finding(
        story,
        told,
        Outcome(
            label="轮流中标",
            does="轮流中标",
            says="团体内中标人轮换超出随机程度",
            statement=tuple(statement),
            statistic=statistic,
            q=q,
            effect=effect,
            benign=_benign(tested, methods),
            gaps=() if methods else ("招标项目没有招标方式，无法剔除框架派单和抽签、摇号项目。",),
        ),
    )


def _statistic(tested: _Tested, q: float, n_tested: int, story: Story) -> Statistic:
    test, told = tested.test, tested.told
    order = " → ".join(story.name(int(story.winner[lot])) for lot in told.lots[:60])
    values: tuple[tuple[str, Any], ...] = (
        ("成员数", len(told.members)),
        ("成员之间争得的项目数", len(told.lots)),
        ("等候最久的成员中标数", test.longest),
        ("机会均等时", round(test.due_longest, 2)),
        ("实际与均等之比", round(test.effect, 3)),
        ("轮换次序p值", small(test.turns)),
        ("次数均匀p值", small(test.shares)),
        ("合并p值", small(test.p)),
        ("校正后q值", small(q)),
        ("一并检验的团体数", n_tested),
        ("全市场在建企业与其他企业中标机会之比", round(tested.ratio, 2)),
        ("中标次序" if len(told.lots) <= 60 else "中标次序（前60个）", order),
    )
    text = (
        f"{len(told.lots)}个项目中{test.longest}个由等候最久的成员中标，"
        f"机会均等时约{round(test.due_longest, 1)}个，{figure('p', test.p)}，"
        f"校正后{figure('q', q)}"
    )
    return Statistic(text, values)


def _benign(tested: _Tested, methods: bool) -> tuple[BenignResult, ...]:
    known = (
        BenignResult("framework", "ruled_out", "框架、入围、定点方式的项目已剔除。"),
        BenignResult("lottery", "ruled_out", "抽签、摇号方式的项目已剔除。"),
    )
    unknown = (
        BenignResult("framework", "unknown", "招标项目没有招标方式，须核对有无按次序派单。"),
        BenignResult("lottery", "unknown", "招标项目没有招标方式，须核对有无抽签、摇号。"),
    )
    return (
        BenignResult(
            "capacity",
            "ruled_out",
            "到场企业保持不变，并按全市场在建企业的中标机会"
            f"（为其他企业的{tested.ratio:.2f}倍）折算后仍然成立。",
        ),
        *(known if methods else unknown),
        BenignResult("one_lot_each", "ruled_out", "同一项目的多个标段只计第一个。"),
        BenignResult("small_market", "unknown", "须核对当地有资质的企业数量和各家实力。"),
    )
