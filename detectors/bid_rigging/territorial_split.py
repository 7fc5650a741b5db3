"""疑似划片中标: members of a group each win only in their own area though all bid everywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.bid_rigging._contests import Awards, Odds, awards_of, foremost_here, odds
from detectors.bid_rigging._market import Bids, GroupSettings, bids_of, groups_of, view_of
from detectors.bid_rigging._seats import areas_of, at_seat, seats_of
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
from graph.cobidding import Ints, false_discovery
from graph.outcomes import Contests, TerritoryTest, local_factor, territory_test, thin

# Odds from a handful of awards may be anything; beyond this a local firm wins always.
_MOST_ODDS = 30.0


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_contests: int = setting(
        10, unit="个项目", reason="成员之间争得的项目少于此数时，划片与偶然难以区分", least=6
    )
    least_in_place: int = setting(
        3,
        unit="个项目",
        reason="一个区域至少有这么多项目，且这样的区域至少两个，才谈得上划片",
        least=2,
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
    id="territorial_split",
    title="疑似划片中标",
    family="bid_rigging",
    version=1,
    what=(
        "同场投标的团体内部，各成员在各区域都投标，却只在各自的区域中标，超出随机程度。"
        "只看两家以上成员同场且由成员中标的项目；每个项目的到场成员保持不变，中标人按机会均等、"
        "按各成员自身中标率随机抽取；本地企业的优势（当地中标最多、注册地在当地）"
        "按团体以外的全部项目折算，取最不利的结果；全部团体一并校正。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(Requires("bids", ("tender_no", "bidder")), Requires("tenders")),
    requires_any=(Requires("tenders", ("township",)), Requires("tenders", ("purchaser",))),
    optional=(
        Requires("tenders", ("township",)),
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("method",)),
        Requires("tenders", ("award_amount",)),
        Requires("companies", ("address",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "distance",
            "就近施工成本低，离得近的企业自然在当地中标",
            "本地企业的优势（当地中标最多、注册地在当地）按团体以外的企业折算",
        ),
        Benign(
            "framework",
            "框架协议按片区分派",
            "方式为框架、入围、定点的项目不列入比较",
        ),
        Benign(
            "small_market", "区域太少或集中在一处，谈不上划片", "至少两个区域各有数个项目才作比较"
        ),
        Benign("branch", "企业在当地设有项目部、料场或分公司", None),
    ),
    next_steps=(
        "按区域列出各项目的中标人和各家报价，核对外片成员的报价是否明显偏高。",
        "核对各成员的注册地、料场、项目部与其中标区域的远近。",
        "核对中标后有无分包、转包给其他成员，有无资金往来。",
        "由招标投标行政监督部门依职权认定。",
    ),
    event_key="固定为“划片中标”，团体以成员区分",
    # Simulated: honest groups without local firms stay below 1.5 at any q; rings that split four
    # areas among themselves, one slip in ten, reach 1.7 to 2.5.
    orange_effect=1.5,
    effect_name="由当地主要中标人中标的项目数与随机期望之比",
    small_projection="每个团体的中标区域用 numpy 计算：随机抽取中标人无法写成关系查询。",
)


@dataclass(frozen=True)
class _Local:
    """How much local firms win in the market at large, and who sits where."""

    foremost: Odds
    home: Odds
    seats: Ints
    areas: dict[str, int]

    def ratios(self, lots: Ints) -> tuple[float, float]:
        """Odds of an area's foremost firm, and of firms seated there, without these lots."""
        found = (self.foremost.without(lots), self.home.without(lots))
        return (
            float(np.clip(found[0], 1.0, _MOST_ODDS)),
            float(np.clip(found[1], 1.0, _MOST_ODDS)),
        )


@dataclass(frozen=True)
class _Tested:
    """A group, its contests and how the test came out."""

    told: Told
    contests: Contests
    test: TerritoryTest
    foremost: float
    home: float
    seated: bool


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find groups whose members win each in its own area though all bid.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are the groups that the co-bidding search gives, whatever their own p-value; those
        with fewer than ``least_contests`` contests of known area are insufficient data, those
        within one area not applicable.
    """
    bids = bids_of(snapshot)
    groups = [g.members for g in groups_of(snapshot, settings.groups).groups]
    framework, lottery = settings.groups.framework_words, settings.lottery_words
    awards = awards_of(bids, (*framework, *lottery))
    seats = seats_of(snapshot, bids)
    local = _Local(
        odds(awards, foremost_here(awards)),
        odds(awards, at_seat(bids, seats)),
        seats,
        {a: i for i, a in enumerate(areas_of(bids))},
    )
    contests = {m: _contests(awards, m, settings) for m in groups}
    split = {m for m, (c, _) in contests.items() if _places(c, settings.least_in_place) >= 2}
    long = {m for m, (c, _) in contests.items() if len(c.winner) >= settings.least_contests}
    tested = [_test(bids, *contests[m], m, local, settings) for m in groups if m in split & long]
    q = false_discovery(np.array([t.test.p for t in tested]))
    flagged = [
        (t, float(v))
        for t, v in zip(tested, q, strict=True)
        if v <= settings.false_discovery and round(t.test.effect, 3) >= settings.least_effect
    ]
    held = {t.told.members for t, _ in flagged}
    with_framework = awards_of(bids, lottery)
    cleared = _cleared(
        [m for m in groups if m not in held], contests, with_framework, split & long, settings
    )
    looked_at = {t.told.members for t in tested} | set(cleared)
    story = Story(snapshot, bids, (t.told for t, _ in flagged))
    methods = view_of(snapshot, settings.groups).methods
    findings = tuple(_finding(t, v, len(tested), story, methods) for t, v in flagged)
    one_place = [m for m in groups if m in long - split and m not in looked_at]
    return Result(
        subject_kind="团体",
        subjects=len(groups),
        triggered=len(findings),
        not_triggered=len(looked_at) - len(findings),
        insufficient=len(groups) - len(looked_at) - len(one_place),
        not_applicable=len(one_place),
        findings=findings,
        cleared=dict(Counter(cleared.values())),
        notes=() if bids.area_is_township else ("招标项目没有乡镇，以采购人代替区域",),
    )


def _contests(
    awards: Awards, members: tuple[int, ...], settings: Settings
) -> tuple[Contests, Ints]:
    """Return the contests of known area and their lots."""
    contests, lots = awards.contests(members)
    known = contests.place >= 0
    place = np.unique(contests.place[known], return_inverse=True)[1].astype(np.int64)
    kept = Contests(
        contests.attended[known],
        contests.winner[known],
        contests.day[known],
        place,
        contests.kind[known],
    )
    return thin(kept, settings.most_contests), lots[known][-settings.most_contests :]


def _places(contests: Contests, least: int) -> int:
    """Return how many places have enough contests."""
    return int((np.bincount(contests.place) >= least).sum()) if len(contests.place) else 0


def _test(
    bids: Bids,
    contests: Contests,
    lots: Ints,
    members: tuple[int, ...],
    local: _Local,
    settings: Settings,
) -> _Tested:
    foremost, home = local.ratios(lots)
    seats = local.seats[list(members)]
    area = np.array([local.areas[a] for a in bids.area[lots].tolist()], dtype=np.int64)
    at_home = seats[None, :] == area[:, None]
    nowhere = np.zeros_like(at_home)
    seed = settings.groups.seed
    # Two accounts of the same advantage: either may explain the picture, so the worse one counts.
    tests = [territory_test(contests, seed, local_factor(contests, foremost, 1.0, nowhere))]
    seated = bool(at_home.any())
    if seated and tests[0].p <= settings.false_discovery:
        tests.append(territory_test(contests, seed, local_factor(contests, 1.0, home, at_home)))
    worst = max(tests, key=lambda test: test.p)
    least = min(tests, key=lambda test: test.effect)
    test = TerritoryTest(worst.p, worst.own, least.due_own)
    return _Tested(Told(members, tuple(lots.tolist())), contests, test, foremost, home, seated)


def _cleared(
    groups: list[tuple[int, ...]],
    contests: dict[tuple[int, ...], tuple[Contests, Ints]],
    with_framework: Awards,
    testable: set[tuple[int, ...]],
    settings: Settings,
) -> dict[tuple[int, ...], str]:
    """Find groups that would stand out but for an explanation; members → its key."""
    found: dict[tuple[int, ...], str] = {}
    level = settings.false_discovery / max(len(groups), 1)

    def stands_out(made: Contests) -> bool:
        test = territory_test(made, settings.groups.seed)
        return test.p <= level and round(test.effect, 3) >= settings.least_effect

    for members in groups:
        own, lots = contests[members]
        if members in testable and stands_out(own):
            found[members] = "distance"
            continue
        more, all_lots = _contests(with_framework, members, settings)
        if (
            len(all_lots) > len(lots)
            and len(all_lots) >= settings.least_contests
            and _places(more, settings.least_in_place) >= 2
            and stands_out(more)
        ):
            found[members] = "framework"
    return found


# -- wording ---------------------------------------------------------------------------------------


def _finding(tested: _Tested, q: float, n_tested: int, story: Story, methods: bool) -> Finding:
    test = tested.test
    told = in_order(tested.told, story.bids)
    called = [story.name(m) for m in told.members]
    n = len(told.lots)
    amount = story.amount(told)
    total = f"，金额合计{yuan(amount)}" if amount is not None else ""
    effect = round(test.effect, 3)
    statistic = _statistic(tested, q, n_tested, story)
    more = f"（证据列出前{MOST_LOTS}个）" if n > MOST_LOTS else ""
    rival = f"团体以外，当地中标最多的企业到场时，中标机会约为其他企业的{tested.foremost:.1f}倍"
    if tested.seated:
        rival += f"，注册地在当地的约{tested.home:.1f}倍"
    statement = [
        Sentence(
            f"{'、'.join(called)}共{len(called)}家企业，在{n}个项目中有两家以上同场投标"
            f"并由其中一家中标{total}{more}。",
            story.cited(told),
        ),
        Sentence(
            f"分区域看：{_by_area(told, story)}。",
            story.cited(told, winners=True) or (statistic,),
        ),
        Sentence(
            f"合计{test.own}个项目由当地中标最多的成员中标，随机情况下约{round(test.due_own, 1)}个，"
            f"为{effect:.1f}倍；{rival}，已据此折算。",
            (statistic,),
        ),
        *story.lifetime(told.members, (statistic,))[0],
    ]
    return outcome_finding(
        story,
        told,
        Outcome(
            label="划片中标",
            does="各在一片中标",
            says="团体内中标人与区域的对应超出随机程度",
            statement=tuple(statement),
            statistic=statistic,
            q=q,
            effect=effect,
            benign=_benign(tested, methods),
            gaps=_gaps(story.bids, tested, methods),
        ),
    )


def _by_area(told: Told, story: Story) -> str:
    """Say of each area who won how many: 「河东镇9个（甲8个、乙1个）」."""
    counts: dict[str, Counter[int]] = {}
    for lot in told.lots:
        area = story.area(lot)
        counts.setdefault(area, Counter())[int(story.winner[lot])] += 1
    said = []
    for area in sorted(counts, key=lambda a: (-counts[a].total(), a)):
        winners = sorted(counts[area].items(), key=lambda item: (-item[1], story.name(item[0])))
        names = "、".join(f"{story.name(m)}{n}个" for m, n in winners)
        said.append(f"{area}{counts[area].total()}个（{names}）")
    return "；".join(said)


def _statistic(tested: _Tested, q: float, n_tested: int, story: Story) -> Statistic:
    test, told = tested.test, tested.told
    values: tuple[tuple[str, Any], ...] = (
        ("成员数", len(told.members)),
        ("成员之间争得的项目数", len(told.lots)),
        ("区域数", len(np.unique(tested.contests.place))),
        ("由当地主要中标人中标的项目数", test.own),
        ("随机情况下", round(test.due_own, 2)),
        ("实际与随机之比", round(test.effect, 3)),
        ("p值", small(test.p)),
        ("校正后q值", small(q)),
        ("一并检验的团体数", n_tested),
        ("团体以外当地中标最多企业的机会之比", round(tested.foremost, 2)),
        (
            "团体以外注册地在当地企业的机会之比",
            round(tested.home, 2) if tested.seated else "成员注册地不在这些区域或不详",
        ),
        ("各区域中标", _by_area(told, story)),
    )
    text = (
        f"{len(told.lots)}个项目中{test.own}个由当地主要中标人中标，随机情况下约"
        f"{round(test.due_own, 1)}个，{figure('p', test.p)}，校正后{figure('q', q)}"
    )
    return Statistic(text, values)


def _benign(tested: _Tested, methods: bool) -> tuple[BenignResult, ...]:
    seats = "成员注册地也已比对" if tested.seated else "成员注册地不在这些区域或不详"
    return (
        BenignResult(
            "distance",
            "ruled_out" if tested.seated else "partly",
            f"按团体以外企业的本地优势（{tested.foremost:.1f}倍）折算后仍然成立；{seats}。",
        ),
        BenignResult("framework", "ruled_out", "框架、入围、定点方式的项目已剔除。")
        if methods
        else BenignResult("framework", "unknown", "招标项目没有招标方式，须核对有无按片区分派。"),
        BenignResult("small_market", "ruled_out", "两个以上区域各有数个项目。"),
        BenignResult("branch", "unknown", "须核对各成员在当地有无项目部、料场或分公司。"),
    )


def _gaps(bids: Bids, tested: _Tested, methods: bool) -> tuple[str, ...]:
    gaps = []
    if not bids.area_is_township:
        gaps.append("招标项目没有乡镇，以采购人代替区域。")
    if not tested.seated:
        gaps.append("工商登记没有能与区域对应的成员地址，远近无法直接比较。")
    if not methods:
        gaps.append("招标项目没有招标方式，无法剔除框架派单项目。")
    return tuple(gaps)
