"""评分极端偏离: an expert lifts one bidder, sinks the rest, and thereby decides the award."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
from detectors.evidence import first_rows, period_of, weakest, years, yuan
from detectors.figures import figure, odds, small
from detectors.names import Names
from detectors.scores import Sheet, sheets
from graph.cobidding import false_discovery
from graph.panels import Leanings, extreme_p, leanings


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_experts: int = setting(
        4, unit="人", reason="专家更少时，其他人的评分不足以说明通常的分歧有多大", least=4
    )
    least_points: float = setting(
        3.0, unit="分", reason="偏离更小的，即使显著也难以说明有意抬压", least=0.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部专家、全部标段一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    own_lots: int = setting(
        3, unit="个标段", reason="另有这么多次评分的，才能与该专家自己通常的离散程度比较", least=2
    )


SPEC = Spec(
    id="score_deviation",
    title="评分极端偏离",
    family="bid_rigging",
    version=1,
    what=(
        "一名评审专家给一家投标人的评分远高于其他专家、同时压低其余投标人，并且左右了结果："
        "以其他专家的平均分代替该专家的评分，总分第一就换人。"
        "偏离是该专家对这家投标人与对其余投标人的评分差，减去其他专家的同一差值，"
        "打分普遍偏宽或偏严不影响；与其他专家之间通常的分歧相比得出概率，"
        "并考虑该专家自己通常的离散程度和全部评分中极端值出现的频度，对全部专家、全部标段一并校正。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(Requires("expert_scores", ("tender_no", "expert", "bidder", "score")),),
    optional=(
        Requires("tenders", ("winner",)),
        Requires("bids", ("disqualified",)),
        Requires("expert_scores", ("expert_id",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "not_decisive",
            "个别评分偏离，但没有改变结果",
            "以其他专家的平均分代替后重新计算总分第一",
        ),
        Benign(
            "own_spread",
            "该专家一贯打分差距大",
            "与该专家在其他标段的偏离程度比较",
        ),
        Benign(
            "all_one_side",
            "多数专家都更认可这家投标人",
            "只计该专家超出其他专家平均的部分",
        ),
        Benign(
            "trimmed_rule",
            "评标办法去掉最高分、最低分，该专家的评分可能未起作用",
            "去掉最高、最低分后重算，第一名不变的最多为黄色",
        ),
        Benign("objective_items", "业绩、价格等客观分按资料计算，各专家应当相同", None),
        Benign("slip", "填写、录入错误（如两家投标人的分数填反）", None),
    ),
    next_steps=(
        "调取评分明细、评标报告和评审现场录音录像，核实打分理由，排除填写错误。",
        "核对评标办法的汇总规则，确认该专家的评分是否计入、是否左右结果。",
        "核查该专家与投标人之间的任职、亲属、股权和资金往来。",
    ),
    event_key="固定为“评分偏离”，以专家、投标人区分",
    # Four standard deviations of one contrast: with five experts and five points of noise, some
    # thirty points between one bidder and the rest.
    orange_effect=4.0,
    effect_name="偏离与通常分歧之比（标准差）",
    small_projection="每个标段的评分表用 numpy 计算：逐人剔除后的残差无法写成关系查询。",
)


@dataclass(frozen=True)
class Leaning:
    """One expert's leaning in one lot, with what it was tested by."""

    lot: str
    expert: str
    bidder: str
    contrast: float
    lift: float
    sink: float
    noise: float
    t: float
    p: float
    q: float
    trimmed: bool


@dataclass(frozen=True)
class _Scores:
    """All scores, and the names of what the numbers in ``found`` stand for."""

    found: Leanings
    lots: tuple[str, ...]
    experts: tuple[str, ...]
    bidders: tuple[str, ...]
    pairs: int


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find experts who decided an award by scoring against their panel.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are experts × lots; panels too small, incomplete or of one bidder are insufficient.
    """
    scores = _read(snapshot, settings)
    tested = len(scores.found.p)
    kept, cleared = _stood(scores, settings)
    kept = _awarded(snapshot, kept, cleared)
    by_pair: dict[tuple[str, str], list[Leaning]] = defaultdict(list)
    for one in kept:
        by_pair[one.expert, one.bidder].append(one)
    found = sheets(snapshot, {one.lot for one in kept})
    names = Names(
        snapshot,
        {e for pair in by_pair for e in pair}
        | {b for one in kept for _, b in found[one.lot].scores},
    )
    findings = tuple(
        _finding(pair, own, found, tested, names) for pair, own in sorted(by_pair.items())
    )
    return Result(
        subject_kind="专家·标段",
        subjects=scores.pairs,
        triggered=len(kept),
        not_triggered=tested - len(kept),
        insufficient=scores.pairs - tested,
        not_applicable=0,
        findings=findings,
        cleared={key: count for key, count in sorted(cleared.items()) if count},
    )


def _read(snapshot: Any, settings: Settings) -> _Scores:
    """Read scores, parts of one score added up, bids that were turned down left out."""
    table = snapshot.table("expert_scores")
    table = table.filter(
        table.lot_entity.notnull()
        & table.expert_entity.notnull()
        & table.bidder_entity.notnull()
        & table.score.notnull()
    )
    keys = {"lot": "lot_entity", "expert": "expert_entity", "bidder": "bidder_entity"}
    summed = table.group_by(**keys).agg(score=table.score.cast("float64").sum())
    frame: pd.DataFrame = summed.order_by("lot", "expert", "bidder").to_pandas()
    if snapshot.has("bids", "disqualified"):
        bids = snapshot.table("bids").filter(lambda t: t.disqualified.fill_null(False))
        out = bids.select(lot="lot_entity", bidder="bidder_entity").distinct().to_pandas()
        frame = frame.merge(out.assign(out=1), how="left", on=["lot", "bidder"])
        frame = frame[frame["out"].isna()]
    lot, lots = pd.factorize(frame["lot"], sort=True)
    expert, experts = pd.factorize(frame["expert"], sort=True)
    bidder, bidders = pd.factorize(frame["bidder"], sort=True)
    found = leanings(
        lot.astype(np.int64),
        expert.astype(np.int64),
        bidder.astype(np.int64),
        frame["score"].to_numpy(dtype=np.float64),
        settings.least_experts,
    )
    pairs = len(frame[["lot", "expert"]].drop_duplicates())
    return _Scores(found, tuple(lots), tuple(experts), tuple(bidders), pairs)


def _stood(scores: _Scores, settings: Settings) -> tuple[list[Leaning], Counter[str]]:
    """Keep leanings beyond chance that decided the ranking; count what explains the others."""
    found = scores.found
    cleared: Counter[str] = Counter()
    if not len(found.p):
        return [], cleared
    p = found.p.copy()
    q = false_discovery(p)
    odd = np.flatnonzero(
        (q <= settings.false_discovery) & (found.contrast >= settings.least_points)
    )
    usual = float(np.sqrt(np.mean(found.t**2)))
    wide = set()
    for i in odd:
        p[i] = max(p[i], _beyond_the_usual(found, int(i)))
        own = np.flatnonzero((found.expert == found.expert[i]) & (found.lot != found.lot[i]))
        if len(own) >= settings.own_lots:
            # Whoever always spreads his points more is judged by his own measure.
            factor = float(np.sqrt(np.mean(found.t[own] ** 2))) / usual
            if factor > 1:
                # A Gaussian tail falls off with the square of the deviation.
                p[i] = max(p[i], p[i] ** (1 / factor**2))
                wide.add(int(i))
    q = false_discovery(p)
    kept = []
    for i in odd:
        if q[i] > settings.false_discovery:
            cleared["own_spread"] += int(i) in wide
            continue
        if not found.decisive[i]:
            cleared["not_decisive"] += 1
            continue
        kept.append(
            Leaning(
                scores.lots[found.lot[i]],
                scores.experts[found.expert[i]],
                scores.bidders[found.bidder[i]],
                float(found.contrast[i]),
                float(found.lift[i]),
                float(found.sink[i]),
                float(found.noise[i]),
                float(found.t[i]),
                float(p[i]),
                float(q[i]),
                bool(found.trimmed[i]),
            )
        )
    return kept, cleared


def _beyond_the_usual(found: Leanings, i: int) -> float:
    """How often the strongest leanings of other lots go as far, by their own fitted tail.

    Real scores have more extremes than normal noise; where there are, the tail is longer. Too few
    others to fit a tail say only that it is rarer than any of them.
    """
    others = np.flatnonzero(found.lot != found.lot[i])
    pool: NDArray[np.float64] = -np.log(np.maximum(found.p[others], 1e-300))
    value = -np.log(max(float(found.p[i]), 1e-300))
    return extreme_p(value, pool)


def _awarded(snapshot: Any, kept: Sequence[Leaning], cleared: Counter[str]) -> list[Leaning]:
    """Leave out those whose bidder didn't get the award, as far as it is known."""
    found = sheets(snapshot, {one.lot for one in kept})
    out = []
    for one in kept:
        winner = found[one.lot].winner
        if winner is not None and winner != one.bidder:
            cleared["not_decisive"] += 1
        else:
            out.append(one)
    return out


# -- wording ---------------------------------------------------------------------------------------


def _points(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _finding(
    pair: tuple[str, str],
    own: Sequence[Leaning],
    found: dict[str, Sheet],
    tested: int,
    names: Names,
) -> Finding:
    expert, firm = names.of(pair[0]), names.of(pair[1])
    ordered = sorted(own, key=lambda one: (str(found[one.lot].when), found[one.lot].title))
    lead = min(own, key=lambda one: (one.p, one.lot))
    statement = [s for one in ordered for s in _told(one, found[one.lot], tested, names)]
    awards = [a for one in own if (a := found[one.lot].award) is not None]
    amount = sum(awards, Decimal(0)) if awards else None
    period = period_of(found[one.lot].when for one in own)
    identity, chance = weakest(_joins(pair, [found[one.lot] for one in own]))
    effect = round(lead.t, 3)
    items = f"“{found[lead.lot].title}”" if len(own) == 1 else f"{len(own)}个标段"
    reason = Reason(
        "outcome",
        "statistical",
        f"评分与其他专家的偏离为通常分歧的{effect:.1f}倍，并左右了结果（校正后{figure('q', lead.q)}）",
        (_statistic(lead, tested),),
        q=lead.q,
        # Where the highest and the lowest score are struck out, the score may not have counted.
        effect=None if lead.trimmed else effect,
    )
    cites = first_rows((r for one in own for r in _rows(found[one.lot], pair)), 4)
    return Finding(
        subjects=(Subject(pair[0], "expert"), Subject(pair[1], "bidder")),
        anchors=pair,
        event_key="评分偏离",
        title=(
            f"疑似评分极端偏离：评审专家{expert}在{items}中抬高{firm}、压低其余投标人，左右中标结果"
            f"{f'，{yuan(amount)}' if amount is not None else ''}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(lead),
        path=Path(
            pair,
            (
                PathEdge(
                    pair[0], pair[1], "scores", f"评分高出{_points(lead.contrast)}分",
                    period[0] if period else None, period[1] if period else None, identity, cites,
                ),
            ),
            ((pair[0], "expert"), (pair[1], "bidder")),
        ),
        data_gaps=()
        if all(found[one.lot].winner for one in own)
        else ("没有中标人记录，以总分第一推算，须核对实际中标人。",),
    )  # fmt: skip


def _joins(pair: tuple[str, str], lots: Sequence[Sheet]) -> list[tuple[str | None, float | None]]:
    """Joins that the finding needs: within one lot the expert is whoever the rows name."""
    joins = [j for sheet in lots for j in sheet.joins[pair]]
    # Expert and bidder take turns.
    return joins if len(lots) > 1 else joins[1::2]


def _rows(sheet: Sheet, pair: tuple[str, str]) -> list[Row]:
    """The expert's own scores, the favoured bidder first, then the panel's of that bidder."""
    expert, bidder = pair
    keys = sorted(sheet.rows, key=lambda k: (k[0] != expert, k[1] != bidder, k))
    return [r for k in keys if k[0] == expert or k[1] == bidder for r in sheet.rows[k]]


def _told(one: Leaning, sheet: Sheet, tested: int, names: Names) -> list[Sentence]:
    expert, firm = names.of(one.expert), names.of(one.bidder)
    panel = sorted({e for e, _ in sheet.scores})
    totals = {
        b: sum(sheet.scores.get((e, b), 0.0) for e in panel)
        for b in {b for _, b in sheet.scores} - sheet.rejected
    }
    without = {
        b: total
        - sheet.scores.get((one.expert, b), 0.0)
        + (total - sheet.scores.get((one.expert, b), 0.0)) / (len(panel) - 1)
        for b, total in totals.items()
    }
    other = min(without, key=lambda b: (-without[b], b))
    others = sorted(s for (e, b), s in sheet.scores.items() if b == one.bidder and e != one.expert)
    rest = "高于" if one.sink > 0 else "低于"
    rows = tuple(_rows(sheet, (one.expert, one.bidder)))
    return [
        Sentence(
            f"“{sheet.title}”评标，{expert}给{firm}{_points(sheet.scores[one.expert, one.bidder])}分，"
            f"其他{len(panel) - 1}名专家给{_points(others[0])}至{_points(others[-1])}分；"
            f"给其余投标人的分数平均{rest}其他专家{_points(abs(one.sink))}分。",
            first_rows(rows, 20),
        ),
        Sentence(
            f"两项相差{_points(one.contrast)}分，为专家之间通常分歧的{one.t:.1f}倍，"
            f"偶然出现的可能性{odds(one.p)}（校正后{figure('q', one.q)}）；"
            f"以其他专家的平均分代替，总分第一由{firm}变为{names.of(other)}。",
            (_statistic(one, tested), *sheet.tender_rows),
        ),
    ]


def _statistic(one: Leaning, tested: int) -> Statistic:
    values: tuple[tuple[str, Any], ...] = (
        ("对该投标人高出其他专家平均（分）", round(one.lift, 2)),
        ("对其余投标人高出其他专家平均（分，负数为低于）", round(one.sink, 2)),
        ("两项之差（分）", round(one.contrast, 2)),
        ("单个评分的通常分歧（标准差，分）", round(one.noise, 2)),
        ("偏离与通常分歧之比", round(one.t, 2)),
        ("p值", small(one.p)),
        ("校正后q值", small(one.q)),
        ("一并检验的专家·标段数", tested),
        ("去掉最高、最低分后结果是否不变", "不变" if one.trimmed else "改变"),
    )
    text = (
        f"偏离{one.contrast:.1f}分，为通常分歧的{one.t:.1f}倍，{figure('p', one.p)}，"
        f"校正后{figure('q', one.q)}"
    )
    return Statistic(text, values)


def _benign(lead: Leaning) -> tuple[BenignResult, ...]:
    return (
        BenignResult("not_decisive", "ruled_out", "以其他专家的平均分代替后，总分第一换人。"),
        BenignResult("own_spread", "ruled_out", "与该专家其他标段的评分（如有）相比仍然突出。"),
        BenignResult("all_one_side", "ruled_out", "只计该专家超出其他专家平均的部分。"),
        BenignResult(
            "trimmed_rule",
            "partly" if lead.trimmed else "ruled_out",
            "去掉最高、最低分后第一名不变，须核对评标办法的汇总规则。"
            if lead.trimmed
            else "去掉最高、最低分后，结果仍取决于该专家的评分，或评委不足五人。",
        ),
        BenignResult("objective_items", "unknown", "没有分项评分，须调取评分明细。"),
        BenignResult("slip", "unknown", "须核对评分原始表格。"),
    )
