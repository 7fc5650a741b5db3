"""Telling of buyers and suppliers that stand out among their peers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from detectors.detector import (
    BenignResult,
    Finding,
    Kind,
    Path,
    PathEdge,
    Reason,
    Result,
    Sentence,
    Spec,
    Statistic,
    Subject,
)
from detectors.evidence import day, first_rows, listing, percent, period_of, weakest, years, yuan
from detectors.names import Names
from detectors.procurement._excess import Compared, Stood
from detectors.procurement._telling import Gaps, Lot, Told, chance, small

_MOST_LOTS = 12
_MOST_ROWS = 60
_MOST_DRAWN = 6
_LABELS = {
    "category": "项目类别", "method": "采购方式", "size": "规模", "year": "年份",
    "bidders": "投标家数",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What one detector calls things.

    ``title``: what is suspected; ``hit``: what happened in a lot (predicate); ``trials``: what
    the lots compared are called; ``event``: the event key; ``excuses``: key → what lots set
    aside are a case of; ``open``: what no table can tell, key → text.
    """

    title: str
    hit: str
    trials: str
    kind: Kind
    event: str
    keys: tuple[tuple[str, ...], ...]
    excuses: Mapping[str, str]
    open: Mapping[str, str]


def result(
    snapshot: Any,
    spec: Spec,
    compared: Compared,
    words: Words,
    *,
    buyers: int,
    gaps: Gaps,
) -> Result:
    """Write the result of a comparison.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    spec : Spec
    compared : Compared
    words : Words
    buyers : int
        All buyers in the data; those without a comparable lot are not applicable.
    gaps : Gaps
    """
    lots = {lot for s in compared.stood for lot in s.hits["lot_entity"]}
    entities = {e for s in compared.stood for e in _entities(s)}
    told = Told.of(snapshot, lots, entities)
    findings = tuple(_finding(s, spec, words, told, gaps) for s in compared.stood)
    outside = buyers - compared.buyers
    settled = compared.triggered + compared.insufficient
    return Result(
        subject_kind="采购人、采购人·供应商",
        subjects=compared.subjects + outside,
        triggered=compared.triggered,
        not_triggered=compared.subjects - settled,
        insufficient=compared.insufficient,
        not_applicable=outside,
        findings=findings,
        cleared=compared.cleared,
        places=compared.buyers - compared.insufficient,
        place_kind="unit",
    )


def _entities(stood: Stood) -> set[str]:
    held = {stood.buyer, stood.supplier, *stood.also}
    held |= set(stood.hits["winner"].dropna()) | set(stood.hits["purchaser_entity"])
    return {e for e in held if e is not None}


def _finding(stood: Stood, spec: Spec, words: Words, told: Told, gaps: Gaps) -> Finding:
    names = told.names
    ordered = sorted(
        (told.lots[lot] for lot in stood.hits["lot_entity"]),
        key=lambda lot: (str(lot.when), str(lot.tenders[0]["title"]), lot.tenders[0]["row_id"]),
    )
    period = period_of(lot.when for lot in ordered)
    awards = [a for lot in ordered if (a := lot.award) is not None]
    amount = sum(awards, Decimal(0)) if awards else None
    rows = first_rows((r for lot in ordered[:_MOST_LOTS] for r in lot.rows()), limit=_MOST_ROWS)
    statistic = _statistic(stood, words)
    who, won = _who(stood, names)
    n, k = len(stood.clean), len(ordered)
    total = f"，中标金额合计{yuan(amount)}" if amount is not None else ""
    more = f"（证据列出前{_MOST_LOTS}个标段）" if k > _MOST_LOTS else ""
    statement = [
        Sentence(f"{who}{_span(period)}{won}{n}个{words.trials}中，{k}个{words.hit}{total}{more}。", rows),
        Sentence(
            f"其他单位同类标段中这一比例{_rate(stood.peer_rate)}，按此预期{_count(stood.expected)}；"
            f"计入单位之间通常的差异和同类标段的多少，偶然达到{k}个的可能性{chance(stood.p)}"
            f"（对{stood.tested}个对象一并校正后q为{small(stood.q)}）。",
            (statistic,),
        ),
    ]  # fmt: skip
    winners = Counter(stood.hits["winner"].dropna())
    if stood.supplier is None and winners:
        statement.append(_winners_sentence(winners, stood, ordered, names))
    text = f"{words.title}：{k}个标段{words.hit}，约为同类预期的{stood.effect:.1f}倍（校正后q={small(stood.q)}）"
    return Finding(
        subjects=_subjects(stood),
        anchors=tuple(e for e in (stood.buyer, stood.supplier) if e is not None),
        event_key=words.event,
        title=(
            f"疑似{words.title}：{who}{won}{n}个{words.trials}中{k}个{words.hit}，"
            f"同类预期{_count(stood.expected)}{total.replace('合计', '')}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=(
            Reason(
                words.kind, "statistical", text, (statistic,), q=stood.q, effect=stood.effect
            ),
        ),
        amount=amount,
        period=period,
        **_identity(stood, ordered),
        benign=_benign(stood, words, spec, gaps.unchecked),
        path=_path(stood, ordered, told, words),
        place=stood.buyer,
        data_gaps=gaps.texts,
    )  # fmt: skip


def _who(stood: Stood, names: Names) -> tuple[str, str]:
    """Whose lots they are, and how the lots are told: （乙公司中标的）."""
    if stood.buyer is None:
        return names.of(str(stood.supplier)), "中标的"
    if stood.supplier is None:
        return names.of(stood.buyer), "的"
    return names.of(stood.buyer), f"由{names.of(stood.supplier)}中标的"


def _span(period: tuple[date, date] | None) -> str:
    if period is None:
        return ""
    return f"{day(period[0])}至{day(period[1])}" if period[0] != period[1] else day(period[0])


def _subjects(stood: Stood) -> tuple[Subject, ...]:
    held = [Subject(stood.buyer, "purchaser")] if stood.buyer else []
    firms = [stood.supplier] if stood.supplier else list(stood.also)
    return (*held, *(Subject(f, "bidder") for f in firms))


def _identity(stood: Stood, ordered: Sequence[Lot]) -> dict[str, Any]:
    """The weakest join that brings the lots together under their subject."""
    joins = []
    for lot in ordered:
        lead = lot.tenders[0]
        if stood.buyer:
            joins.append((lead["purchaser_identity"], lead["purchaser_probability"]))
        if stood.supplier:
            bid = next((b for b in lot.bids if b["bidder_entity"] == stood.supplier), None)
            joins.append(
                (bid["bidder_identity"], bid["bidder_probability"])
                if bid
                else (lead["winner_identity"], lead["winner_probability"])
            )
    identity, probability = weakest(joins)
    return {"identity": identity, "probability": probability}


def _winners_sentence(
    winners: Counter[str], stood: Stood, ordered: Sequence[Lot], names: Names
) -> Sentence:
    most = sorted(winners, key=lambda e: (-winners[e], names.of(e)))
    told = listing([f"{names.of(e)}{winners[e]}个" for e in most], "家")
    text = f"上述标段的中标人为：{told}。"
    if stood.also:
        held = "、".join(names.of(e) for e in stood.also)
        text = f"上述标段的中标人为：{told}；其中{held}在该单位单独比较也明显偏多。"
    rows = first_rows((r for lot in ordered for r in lot.rows()[:1]), limit=_MOST_LOTS)
    return Sentence(text, rows)


def _statistic(stood: Stood, words: Words) -> Statistic:
    k, n = len(stood.hits), len(stood.clean)
    key = words.keys[stood.level] if stood.level < len(words.keys) else ()
    basis = "×".join(_LABELS[c] for c in key) or "全部标段"
    values: tuple[tuple[str, Any], ...] = (
        ("可比标段", n),
        ("出现的标段", k),
        ("本对象的比例", round(k / n, 3)),
        ("同类标段的平均比例（不含本对象）", round(stood.peer_rate, 3)),
        ("预期标段数", round(stood.expected, 2)),
        ("实际与预期之比", stood.effect),
        ("可比分组（多数标段）", basis),
        ("分组内其他单位的标段数（中位数）", stood.peer_lots),
        ("单位之间对数发生比的标准差", round(stood.spread, 2)),
        ("p值", small(stood.p)),
        ("校正后q值", small(stood.q)),
        ("一并检验的对象数", stood.tested),
    )
    text = (
        f"{n}个标段中{k}个，预期{stood.expected:.1f}个，{stood.effect:.1f}倍；"
        f"p={small(stood.p)}，校正后q={small(stood.q)}"
    )
    return Statistic(text, values)


def _count(expected: float) -> str:
    return f"约{expected:.1f}个" if expected >= 0.05 else "不足0.1个"


def _rate(rate: float) -> str:
    return f"约{percent(round(rate, 2))}" if rate >= 0.01 else "不到1%"


def _benign(
    stood: Stood, words: Words, spec: Spec, unchecked: Sequence[str]
) -> tuple[BenignResult, ...]:
    results = []
    for benign in spec.benign:
        if benign.key in words.open:
            results.append(BenignResult(benign.key, "unknown", words.open[benign.key]))
            continue
        named = words.excuses[benign.key]
        if count := stood.excused(benign.key):
            text = f"另有{count}个标段为{named}的情形，未计入。"
            results.append(BenignResult(benign.key, "partly", text))
        elif benign.key in unchecked:
            text = f"数据没有相应记录，须核对是否有{named}的情形。"
            results.append(BenignResult(benign.key, "unknown", text))
        else:
            results.append(BenignResult(benign.key, "ruled_out", f"所列标段未见{named}的情形。"))
    return tuple(results)


def _path(stood: Stood, ordered: Sequence[Lot], told: Told, words: Words) -> Path | None:
    """Draw buyers and winners, each edge with the number of such lots."""
    hits: pd.DataFrame = stood.hits[stood.hits["winner"].notna()]
    together: Counter[tuple[str, str]] = Counter(
        zip(hits["purchaser_entity"], hits["winner"], strict=True)
    )
    if not together:
        return None
    names = told.names
    most = sorted(together, key=lambda k: (-together[k], names.of(k[0]), names.of(k[1])))
    edges = []
    for buyer, winner in most[:_MOST_DRAWN]:
        mine = [
            told.lots[lot]
            for lot, b, w in zip(hits["lot_entity"], hits["purchaser_entity"], hits["winner"], strict=True)
            if (b, w) == (buyer, winner)
        ]  # fmt: skip
        mine.sort(key=lambda lot: (str(lot.when), lot.tenders[0]["row_id"]))
        period = period_of(lot.when for lot in mine)
        edges.append(
            PathEdge(
                buyer, winner, "wins", f"{len(mine)}个标段{words.hit}",
                period[0] if period else None, period[1] if period else None,
                cites=first_rows((r for lot in mine for r in lot.rows()[:1]), limit=2),
            )
        )  # fmt: skip
    nodes = tuple(dict.fromkeys(e for edge in edges for e in (edge.src, edge.dst)))
    buyers = {edge.src for edge in edges}
    return Path(
        nodes, tuple(edges), tuple((n, "purchaser" if n in buyers else "bidder") for n in nodes)
    )
