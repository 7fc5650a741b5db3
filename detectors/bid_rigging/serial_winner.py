"""中标异常集中: a firm that wins more often than the numbers of bidders in its lots allow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from detectors.bid_rigging._joint import cite_bid
from detectors.bid_rigging._records import Contests, Record
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Requires,
    Result,
    Sentence,
    Spec,
    Statistic,
    Subject,
    setting,
)
from detectors.evidence import first_rows, percent, period_of, weakest, years, yuan
from detectors.figures import figure, odds, small
from detectors.names import Names
from graph.cobidding import false_discovery
from graph.peers import between_spread, tails


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_lots: int = setting(8, unit="个项目", reason="投标更少时，连中几次也可能是运气", least=5)
    least_effect: float = setting(
        1.5, unit="倍", reason="投标很多时，略多于预期也会显著，须同时有实际意义", least=1.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部投标企业一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_spread: float = setting(
        0.5,
        unit="对数发生比",
        reason="企业之间的竞争力本来就不同，可比企业太少、无从估计时至少按此计",
        least=0.0,
        most=3.0,
    )
    price_margin: float = setting(
        0.02,
        unit="比例",
        reason="中标价与最高限价之比比同类项目的通常水平低这么多，且未中标时报价也低，可由价格解释",
        least=0.0,
        most=0.5,
    )
    regular_lots: int = setting(
        3, unit="个项目", reason="在同一市场投标达到此数的，算作常在的竞争对手", least=2
    )
    least_rivals: int = setting(
        2, unit="家", reason="常在的竞争对手少于此数的，可能只有该企业有能力就近承接", least=1
    )
    framework_words: tuple[str, ...] = setting(
        ("框架", "入围", "定点", "协议供货"),
        unit="无",
        reason="框架、入围项下的订单按约定分配，不作比较",
    )


SPEC = Spec(
    id="serial_winner",
    title="中标异常集中",
    family="bid_rigging",
    version=1,
    what=(
        "一家企业的中标次数超出各标段投标家数所能允许的程度：有四家投标的标段，"
        "竞争力相当时每家中标的机会是四分之一，各标段机会不同，按泊松二项分布合计；"
        "企业之间竞争力通常的差异由全部投标企业估计并计入，对全部企业一并校正。"
        "只有一家有效投标的标段不增加分量，同一项目的多个标段算一次。"
        "价格确实更低、未中标时报价也低的，可由价格解释，不作为线索；"
        "常在的竞争对手太少的，最多为黄色。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("bids", ("amount",)),
        Requires("tenders", ("ceiling_price",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("township",)),
        Requires("tenders", ("method",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "few_rivals",
            "参加投标的企业少，中标机会本来就大",
            "按每个标段的投标家数计算中标机会，只有一家投标的不增加分量",
        ),
        Benign(
            "better_price",
            "价格确实更低",
            "中标价与最高限价之比明显低于同类项目，几乎都是最低报价，且未中标时报价水平相同",
        ),
        Benign(
            "only_capable",
            "就近只有该企业有能力承接",
            "清点同类别（有乡镇的限同乡镇）市场中常在的竞争对手，太少的最多为黄色",
        ),
        Benign("framework", "框架协议、定点入围的订单", "采购方式或名称为框架、入围、定点的不计"),
        Benign("quality", "业绩、资质、技术明显优于对手", None),
    ),
    next_steps=(
        "核对落标企业是否固定、报价是否总是高于该企业，有无陪标。",
        "调取招标文件，核对资格条件、评分办法是否有利于该企业。",
        "核对该企业的股东、主要人员与采购人、代理机构有无关联。",
    ),
    event_key="固定为“中标集中”，以企业区分",
    # Eight wins of ten lots with four bidders each are 3.2 times the expectation.
    orange_effect=2.0,
    effect_name="中标数与按投标家数推算的预期之比",
    small_projection="泊松二项尾概率用 numpy 计算；企业差异的混合无法写成关系查询。",
)

_MOST_LOTS = 12


@dataclass(frozen=True)
class Winner:
    """A firm that stood out: its trials, wins, what was expected, and how it was tested."""

    firm: str
    trials: int
    wins: int
    expected: float
    p: float
    q: float


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find firms that win more than their lots' numbers of bidders allow.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are firms that bid; those with fewer tenders of known winner than ``least_lots``
        are insufficient data.
    """
    contests = Contests(snapshot, settings.framework_words)
    trials = contests.trials()
    n = len(trials.firms)
    count = np.bincount(trials.firm, minlength=n)
    wins = np.bincount(trials.firm, weights=trials.won, minlength=n).astype(np.int64)
    per_trial = (trials.chance, trials.chance * (1 - trials.chance))
    expected, variance = (
        np.bincount(trials.firm, weights=w, minlength=n).astype(np.float64) for w in per_trial
    )
    enough = count >= settings.least_lots
    spread = max(
        settings.least_spread,
        between_spread(wins[enough], expected[enough], variance[enough]) or 0.0,
    )
    odd = enough & (wins >= settings.least_effect * np.maximum(expected, 0.5))
    p = tails(wins, trials.chance, trials.firm, odd, np.full(n, spread))
    q = np.ones(n)
    q[enough] = false_discovery(p[enough])
    stood = [
        Winner(trials.firms[i], int(count[i]), int(wins[i]), float(expected[i]), float(p[i]), float(q[i]))
        for i in np.flatnonzero(odd & (q <= settings.false_discovery))
    ]  # fmt: skip
    stood.sort(key=lambda w: (w.p, w.firm))
    records = contests.records([w.firm for w in stood], settings.regular_lots)
    cleared: Counter[str] = Counter()
    told = []
    for winner in stood:
        record = records[winner.firm]
        if _cheaper(record, settings):
            cleared["better_price"] += 1
        else:
            told.append((winner, record))
    names = Names(
        snapshot,
        {w.firm for w, _ in told} | {b for _, r in told for b in r.buyers},
    )
    held = {w.firm for w in stood}
    flagged = np.array([firm in held for firm in trials.firms], dtype=bool)
    # They win half of the time, as they may well where few others come.
    cleared["few_rivals"] = int((enough & ~flagged & (2 * wins >= count)).sum())
    # Orders under a framework alone make them frequent winners.
    ordered = count + trials.framed
    framework = ~enough & (ordered >= settings.least_lots)
    framework &= wins + trials.framed_wins >= settings.least_effect * ordered / 4
    framework &= trials.framed > count
    cleared["framework"] = int(framework.sum())
    findings = tuple(
        _finding(w, r, spread, int(enough.sum()), snapshot, settings, names) for w, r in told
    )
    short = int((~enough & ~framework).sum())
    return Result(
        subject_kind="投标企业",
        subjects=n,
        triggered=len(findings),
        not_triggered=n - short - len(findings),
        insufficient=short,
        not_applicable=0,
        findings=findings,
        cleared={k: v for k, v in sorted(cleared.items()) if v},
    )


def _cheaper(record: Record, settings: Settings) -> bool:
    """Tell whether the firm wins because it is cheaper, and is so when it loses, too."""
    won = [b for b in record.bids if b.won and b.share is not None]
    if len(won) < 3 or record.usual_share is None:
        return False
    lowest = sum(b.lowest for b in won) >= 0.9 * len(won)
    level = float(np.median([b.share for b in won if b.share is not None]))
    if not lowest or level > record.usual_share - settings.price_margin:
        return False
    lost = [b.share for b in record.bids if not b.won and b.share is not None]
    # One that bids low only where it is to win doesn't owe its wins to its costs.
    return len(lost) < 2 or float(np.median(lost)) <= level + settings.price_margin


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    winner: Winner,
    record: Record,
    spread: float,
    tested: int,
    snapshot: Any,
    settings: Settings,
    names: Names,
) -> Finding:
    firm = names.of(winner.firm)
    won = [b for b in record.bids if b.won]
    awards = [a for b in won if (a := b.lot.award or b.row["amount"]) is not None]
    amount = sum(awards, Decimal(0)) if awards else None
    period = period_of(b.lot.when for b in record.bids)
    statistic = _statistic(winner, record, spread, tested)
    ordered = [*won, *(b for b in record.bids if not b.won)]
    rows = first_rows((cite_bid(b.row) for b in ordered), limit=2 * _MOST_LOTS)
    effect = round(winner.wins / max(winner.expected, 0.5), 3)
    alone = record.rivals is not None and record.rivals < settings.least_rivals
    sizes = [b.bidders for b in record.bids]
    many = f"{min(sizes)}至{max(sizes)}" if min(sizes) < max(sizes) else f"{sizes[0]}"
    money = f"，中标金额合计{yuan(amount)}" if amount is not None else ""
    statement = [
        Sentence(
            f"{firm}参加了{winner.trials}个有竞争的项目（每个标段{many}家投标），"
            f"中标{winner.wins}个{money}。",
            rows,
        ),
        Sentence(
            f"按各标段的投标家数，竞争力相当的企业应中标约{winner.expected:.1f}个；"
            f"计入企业之间竞争力通常的差异，偶然达到这么多的可能性"
            f"{odds(winner.p)}（校正后{figure('q', winner.q)}）。",
            (statistic,),
        ),
    ]
    top = _buyers(record)
    if top and top[0][1] * 2 > len(won) and len(won) > 1:
        at = [b for b in won if b.buyer == top[0][0]]
        statement.append(
            Sentence(
                f"其中{top[0][1]}个由{names.of(top[0][0])}发包。",
                first_rows((cite_bid(b.row) for b in at), limit=_MOST_LOTS),
            )
        )
    identity, probability = weakest(
        (b.row["bidder_identity"], b.row["bidder_probability"]) for b in record.bids
    )
    reason = Reason(
        "outcome",
        "statistical",
        f"{winner.trials}个项目中标{winner.wins}个，为预期的{effect:.1f}倍（校正后{figure('q', winner.q)}）",
        (statistic,),
        q=winner.q,
        # Where hardly anybody else is about, one firm's winning is no wonder: yellow at most.
        effect=None if alone else effect,
    )
    return Finding(
        subjects=(Subject(winner.firm, "bidder"),),
        anchors=(winner.firm,),
        event_key="中标集中",
        title=(
            f"疑似中标异常集中：{firm}投标{winner.trials}个项目中标{winner.wins}个"
            f"{f'，{yuan(amount)}' if amount is not None else ''}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(record, alone, snapshot),
        path=_path(winner.firm, record, top),
        data_gaps=_gaps(record, snapshot),
    )


def _buyers(record: Record) -> list[tuple[str, int]]:
    counts = Counter(b.buyer for b in record.bids if b.won and b.buyer)
    return sorted(counts.items(), key=lambda x: (-x[1], x[0]))


def _statistic(winner: Winner, record: Record, spread: float, tested: int) -> Statistic:
    sizes = Counter(b.bidders for b in record.bids)
    shares = [b.share for b in record.bids if b.won and b.share is not None]
    values: tuple[tuple[str, Any], ...] = (
        ("投标项目数", winner.trials),
        ("中标项目数", winner.wins),
        ("按投标家数推算的预期", round(winner.expected, 2)),
        ("各标段投标家数", "；".join(f"{k}家{v}个" for k, v in sorted(sizes.items()))),
        ("企业之间对数发生比的标准差", round(spread, 2)),
        ("p值", small(winner.p)),
        ("校正后q值", small(winner.q)),
        ("一并检验的企业数", tested),
        *(
            (("中标价与最高限价之比（中位数；同类通常）",
              f"{percent(round(float(np.median(shares)), 4))}；{percent(round(record.usual_share, 4))}"),)
            if shares and record.usual_share is not None else ()
        ),
        *((("常在的竞争对手（家）", record.rivals),) if record.rivals is not None else ()),
    )  # fmt: skip
    text = (
        f"投标{winner.trials}个项目中标{winner.wins}个，预期{winner.expected:.1f}个，"
        f"{figure('p', winner.p)}，校正后{figure('q', winner.q)}"
    )
    return Statistic(text, values)


def _path(firm: str, record: Record, top: list[tuple[str, int]]) -> Path | None:
    edges = []
    for buyer, count in top[:4]:
        won = [b for b in record.bids if b.won and b.buyer == buyer]
        period = period_of(b.lot.when for b in won)
        identity, _ = weakest((b.row["bidder_identity"], b.row["bidder_probability"]) for b in won)
        edges.append(
            PathEdge(
                buyer,
                firm,
                "wins",
                f"中标{count}次",
                period[0] if period else None,
                period[1] if period else None,
                identity,
                first_rows((cite_bid(b.row) for b in won), limit=2),
            )
        )
    if not edges:
        return None
    nodes = (*(e.src for e in edges), firm)
    return Path(nodes, tuple(edges), (*((e.src, "purchaser") for e in edges), (firm, "bidder")))


def _benign(record: Record, alone: bool, snapshot: Any) -> tuple[BenignResult, ...]:
    shares = [b.share for b in record.bids if b.won and b.share is not None]
    return (
        BenignResult("few_rivals", "ruled_out", "中标机会已按每个标段的投标家数计算。"),
        BenignResult(
            "better_price",
            "ruled_out",
            f"中标价与最高限价之比的中位数为{percent(round(float(np.median(shares)), 4))}，"
            f"同类项目通常为{percent(round(record.usual_share, 4))}，"
            "不是一贯的最低报价，或未中标时报价水平不同，价格不足以解释。",
        )
        if len(shares) >= 3 and record.usual_share is not None
        else BenignResult("better_price", "unknown", "没有足够的报价和最高限价，须核对价格水平。"),
        BenignResult("only_capable", "unknown", "招标项目没有类别，不能清点竞争对手。")
        if record.rivals is None
        else BenignResult(
            "only_capable",
            "partly" if alone else "ruled_out",
            f"同一市场中常在的竞争对手有{record.rivals}家"
            f"{'，可能只有该企业能够就近承接' if alone else ''}。",
        ),
        BenignResult("framework", "ruled_out", "框架协议、定点入围的项目没有计入。")
        if snapshot.has("tenders", "method")
        else BenignResult("framework", "unknown", "招标项目没有采购方式，须核对是否为框架协议。"),
        BenignResult("quality", "unknown", "须核对评标报告中的业绩、资质和技术得分。"),
    )


def _gaps(record: Record, snapshot: Any) -> tuple[str, ...]:
    gaps = []
    if record.usual_share is None:
        gaps.append("没有足够的报价和最高限价，无法判断是否因价格更低而中标。")
    if record.rivals is None:
        gaps.append("招标项目没有类别，无法清点同一市场的竞争对手。")
    if not snapshot.has("tenders", "method"):
        gaps.append("招标项目没有采购方式，框架协议项下的项目未能排除。")
    return tuple(gaps)
