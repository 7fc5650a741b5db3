"""Telling of a supplier whose share creeps up at a purchaser."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from detectors.detector import (
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Row,
    Sentence,
    Statistic,
    Subject,
)
from detectors.evidence import day, first_rows, percent, period_of, weakest, years, yuan
from detectors.names import Names
from detectors.procurement._capture import Began, Capture, Explained
from detectors.procurement._market import BID_COLUMNS, TENDER_COLUMNS
from detectors.procurement._telling import Lot, Told, chance, small

_MOST_ROWS = 40


def tell(one: Capture, why: Explained, told: Told, snapshot: Any) -> Finding:
    """Write the finding on one pair."""
    firm, buyer = told.names.of(one.supplier), told.names.of(one.buyer)
    ordered = [told.lots[lot] for lot in one.lots["lot_entity"]]
    won = [lot for lot, w in zip(ordered, one.lots["won"], strict=True) if w]
    awards = [a for lot in won if (a := lot.award) is not None]
    amount = sum(awards, Decimal(0)) if awards else None
    period = period_of(lot.when for lot in ordered)
    began = one.began()
    rows = first_rows((_own_row(lot, one.supplier) for lot in ordered), limit=_MOST_ROWS)
    money = f"，中标金额合计{yuan(amount)}" if amount is not None else ""
    more = f"（证据列出前{_MOST_ROWS}个）" if len(ordered) > _MOST_ROWS else ""
    statistic, start = _statistic(one), _start(began)
    shares = f"约{_percent(one.first)}升至约{_percent(one.last)}"
    statement = [
        Sentence(
            f"{firm}{years(period)}参加{buyer}{len(ordered)}个竞争性标段的投标，中标{len(won)}个"
            f"{money}{more}；逐年为：{_by_year(one.lots)}。",
            rows,
        ),
        Sentence(
            f"计入投标次数、每个标段的对手家数和各年之间通常的起伏后，中标率由{shares}；"
            f"若其机会不变，偶然出现这样升势的可能性{chance(one.p)}"
            f"（对{one.tested}个对象一并校正后q为{small(one.q)}）。",
            (statistic,),
        ),
        Sentence(_start_text(began), (start,)),
    ]
    if why.elsewhere is not None:
        lots, wins, first, last = why.elsewhere
        statement.append(
            Sentence(
                f"同期该企业在其他单位参加{lots}个标段、中标{wins}个，中标率由约{_percent(first)}"
                f"到约{_percent(last)}，未见同样的上升。",
                (_away(why.elsewhere),),
            )
        )
    joins = [
        (lot.tenders[0]["purchaser_identity"], lot.tenders[0]["purchaser_probability"])
        for lot in ordered
    ]
    own = (b for lot in ordered for b in lot.bids if b["bidder_entity"] == one.supplier)
    identity, probability = weakest(
        [*joins, *((b["bidder_identity"], b["bidder_probability"]) for b in own)]
    )
    return Finding(
        subjects=(Subject(one.buyer, "purchaser"), Subject(one.supplier, "bidder")),
        anchors=(one.buyer, one.supplier),
        event_key="逐年集中",
        title=(
            f"疑似逐年集中：{firm}在{buyer}的中标率由{shares}"
            f"{f'，{len(won)}个标段{yuan(amount)}' if amount is not None else ''}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=(
            Reason(
                "outcome", "statistical",
                f"中标率上升{round(one.rise * 100)}个百分点，超出投标次数和对手家数的解释"
                f"（校正后q={small(one.q)}）",
                (statistic,), q=one.q, effect=one.rise,
            ),
        ),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(why, snapshot),
        path=_path(one, ordered, told.names, began),
        place=one.buyer,
        data_gaps=_gaps(why, snapshot),
    )  # fmt: skip


def _percent(share: float) -> str:
    return percent(round(share, 2))


def _own_row(lot: Lot, supplier: str) -> Row:
    """The supplier's bid, or the tender row where bids don't say who won."""
    own = next((b for b in lot.bids if b["bidder_entity"] == supplier), None)
    if own is not None and any(b["is_winner"] for b in lot.bids):
        return Row("bids", own["row_id"], "投标记录", BID_COLUMNS)
    return Row("tenders", lot.tenders[0]["row_id"], "招标采购记录", TENDER_COLUMNS)


def _by_year(lots: pd.DataFrame) -> str:
    parts = []
    for year, mine in lots.groupby("year", sort=True):
        rivals = round(float((mine["bidders"] - 1).mean()), 1)
        parts.append(f"{year}年投{len(mine)}中{int(mine['won'].sum())}（平均{rivals:g}家对手）")
    return "、".join(parts)


def _start_text(began: Began) -> str:
    high, at = _month(began.high), _month(began.at)
    if not began.step and began.from_the_start:
        return (
            f"上升最可能始于{at}，也可能在数据起始之前就已开始（95%区间至{high}），此后逐步升高。"
        )
    interval = f"95%区间为{_month(began.low)}至{high}"
    if began.step:
        return f"上升约在{at}一次完成（{interval}），此后保持在较高水平。"
    return f"上升约始于{at}（{interval}），此后逐步升高。"


def _month(when: date) -> str:
    return f"{when.year}年{when.month}月"


def _start(began: Began) -> Statistic:
    values: tuple[tuple[str, Any], ...] = (
        ("上升方式", "一次跃升" if began.step else "逐步上升"),
        ("开始日期（最可能）", day(began.at)),
        ("95%区间起", "数据起始" if began.from_the_start else day(began.low)),
        ("95%区间止", day(began.high)),
    )
    return Statistic(_start_text(began).rstrip("。"), values)


def _statistic(one: Capture) -> Statistic:
    values: tuple[tuple[str, Any], ...] = (
        ("参加的标段", len(one.lots)),
        ("中标的标段", int(one.lots["won"].sum())),
        ("按投标家数推算的预期", round(one.expected, 2)),
        ("首年中标率（拟合）", round(one.first, 3)),
        ("末年中标率（拟合）", round(one.last, 3)),
        ("升幅", one.rise),
        ("市场各年之间对数发生比的标准差", round(one.spread, 2)),
        ("本对象围绕趋势的起伏与市场之比", round(one.unrest, 2)),
        ("p值", small(one.p)),
        ("校正后q值", small(one.q)),
        ("一并检验的对象数", one.tested),
    )
    text = f"中标率由{one.first:.2f}升至{one.last:.2f}，p={small(one.p)}，校正后q={small(one.q)}"
    return Statistic(text, values)


def _away(elsewhere: tuple[int, int, float, float]) -> Statistic:
    lots, wins, first, last = elsewhere
    values: tuple[tuple[str, Any], ...] = (
        ("在其他单位参加的标段", lots),
        ("在其他单位中标的标段", wins),
        ("首年中标率（拟合）", round(first, 3)),
        ("末年中标率（拟合）", round(last, 3)),
    )
    return Statistic(f"在其他单位参加{lots}个标段、中标{wins}个", values)


def _benign(why: Explained, snapshot: Any) -> tuple[BenignResult, ...]:
    if why.gone is None:
        left = BenignResult("rivals_left", "unknown", "没有企业注销日期，须核对主要对手是否退出。")
    elif why.gone[0]:
        text = f"前半段输掉的{why.gone[1]}个标段中{why.gone[0]}个由后来注销的企业中标。"
        left = BenignResult("rivals_left", "partly", text)
    else:
        text = "前半段得标的其他企业均未见注销；对手家数的增减已计入。"
        left = BenignResult("rivals_left", "ruled_out", text)
    if why.elsewhere is None:
        grew = BenignResult("grew_everywhere", "unknown", "在其他单位投标太少，无从比较。")
    else:
        grew = BenignResult("grew_everywhere", "ruled_out", "在其他单位的中标率未见同样上升。")
    if not snapshot.has("tenders", "category"):
        demand = BenignResult("demand", "unknown", "招标项目没有类别。")
    elif why.by_trade is None:
        demand = BenignResult("demand", "ruled_out", "所投标段属同一类别。")
    else:
        text = f"在各类别内分别比较后仍在上升（p={small(why.by_trade)}）。"
        demand = BenignResult("demand", "ruled_out", text)
    framework = (
        BenignResult("framework", "ruled_out", "框架协议、定点和单一来源的标段未计入。")
        if snapshot.has("tenders", "method")
        else BenignResult("framework", "unknown", "招标项目没有采购方式，须核对是否为框架协议。")
    )
    better = BenignResult("better", "unknown", "须核实企业的能力、业绩和场地有无变化。")
    return (left, grew, demand, framework, better)


def _gaps(why: Explained, snapshot: Any) -> tuple[str, ...]:
    gaps = ["没有各年的资格条件和评分标准，不能核对要求是否变化。"]
    if why.elsewhere is None:
        gaps.append("该企业在其他单位的投标太少，不能区分是处处上升还是只在这里上升。")
    if why.gone is None:
        gaps.append("没有企业注销日期，不能核对对手是否退出。")
    if not snapshot.has("tenders", "category"):
        gaps.append("招标项目没有类别，不能核对采购类别是否变化。")
    return tuple(gaps)


def _path(one: Capture, ordered: list[Lot], names: Names, began: Began) -> Path:
    """Draw who won the lots it bid for, before and since the rise."""
    days = pd.to_datetime(one.lots["day"]).dt.date
    # A ramp from the first day on has nothing before it: then the first half against the second.
    cut = began.at if began.at > days.iloc[0] else days.iloc[len(days) // 2]
    since = days >= cut
    edges = []
    for firm in (one.supplier, *sorted(one.rivals(), key=names.of)):
        held = one.lots["winner"] == firm
        mine = [lot for lot, h in zip(ordered, held, strict=True) if h]
        counts = Counter(since[held].tolist())
        period = period_of(lot.when for lot in mine)
        edges.append(
            PathEdge(
                one.buyer, firm, "wins", f"{_month(cut)}前中标{counts[False]}个，此后{counts[True]}个",
                period[0] if period else None, period[1] if period else None,
                cites=tuple(
                    Row("tenders", lot.tenders[0]["row_id"], "招标采购记录", TENDER_COLUMNS)
                    for lot in mine[:2]
                ),
            )
        )  # fmt: skip
    nodes = (one.buyer, *(edge.dst for edge in edges))
    return Path(
        nodes, tuple(edges), tuple((n, "purchaser" if n == one.buyer else "bidder") for n in nodes)
    )
