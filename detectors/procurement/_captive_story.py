"""Telling of a supplier that nearly always wins at its only purchaser."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

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
from detectors.evidence import day, first_rows, period_of, weakest, years, yuan
from detectors.procurement._captives import Captive, Excuses
from detectors.procurement._market import BID_COLUMNS, TENDER_COLUMNS
from detectors.procurement._telling import Told, chance, small

_MOST_LOTS = 12


def tell(one: Captive, told: Told, excuses: Excuses, snapshot: Any) -> Finding:
    """Write the finding on one supplier."""
    firm, buyer = told.names.of(one.supplier), told.names.of(one.buyer)
    ordered = sorted(
        (told.lots[lot] for lot in one.lots["lot_entity"]),
        key=lambda lot: (str(lot.when), str(lot.tenders[0]["title"])),
    )
    period = period_of(lot.when for lot in ordered)
    winners = dict(zip(one.lots["lot_entity"], one.lots["winner"], strict=True))
    won = [lot for lot in ordered if winners[lot.tenders[0]["lot_entity"]] == one.supplier]
    awards = [a for lot in won if (a := lot.award) is not None]
    amount = sum(awards, Decimal(0)) if awards else None
    money = f"，中标金额合计{yuan(amount)}" if amount is not None else ""
    own = [b for lot in ordered for b in lot.bids if b["bidder_entity"] == one.supplier]
    rows = first_rows(
        (
            *(Row("bids", b["row_id"], "投标记录", BID_COLUMNS) for b in own[: 2 * _MOST_LOTS]),
            *(
                Row("tenders", lot.tenders[0]["row_id"], "招标采购记录", TENDER_COLUMNS)
                for lot in won[:_MOST_LOTS]
            ),
        ),
        limit=3 * _MOST_LOTS,
    )
    n = one.lots["bidders"]
    statistic = _statistic(one)
    other = excuses.elsewhere[one.supplier][0]
    many = f"{n.min()}至{n.max()}" if n.min() < n.max() else f"{n.min()}"
    span = "" if period is None else f"{day(period[0])}至{day(period[1])}"
    effect = round(one.wins / max(one.expected, 0.5), 3)
    statement = [
        Sentence(
            f"在收到的数据中，{firm}只向{buyer}投标；{span}参加{one.trials}个标段"
            f"（每个标段{many}家投标），中标{one.wins}个{money}。",
            rows,
        ),
        Sentence(
            f"按各标段的投标家数推算应中标约{one.expected:.1f}个；计入企业之间竞争力通常的差异，"
            f"偶然中标{one.wins}个以上的可能性{chance(one.p)}"
            f"（对{one.tested}家只向一家单位投标的供应商一并校正后q为{small(one.q)}）。",
            (statistic,),
        ),
    ]
    if excuses.categories:
        statement.append(
            Sentence(f"同期其他单位另有{other}个同类别标段，未见该企业投标。", (statistic,))
        )
    joins = [
        (lot.tenders[0]["purchaser_identity"], lot.tenders[0]["purchaser_probability"])
        for lot in ordered
    ]
    joins += [(b["bidder_identity"], b["bidder_probability"]) for b in own]
    identity, probability = weakest(joins)
    reason = (
        f"只向一家单位投标，{one.trials}个标段中标{one.wins}个，"
        f"约为预期的{effect:.1f}倍（校正后q={small(one.q)}）"
    )
    return Finding(
        subjects=(Subject(one.buyer, "purchaser"), Subject(one.supplier, "bidder")),
        anchors=(one.buyer, one.supplier),
        event_key="固定供应商",
        title=(
            f"疑似固定供应商：{firm}只向{buyer}投标，{one.trials}个标段中标{one.wins}个"
            f"{f'，{yuan(amount)}' if amount is not None else ''}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=(
            Reason("outcome", "statistical", reason, (statistic,), q=one.q, effect=effect),
        ),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(one, excuses, snapshot),
        path=Path(
            (one.buyer, one.supplier),
            (
                PathEdge(
                    one.buyer, one.supplier, "wins", f"投标{one.trials}次中标{one.wins}次",
                    period[0] if period else None, period[1] if period else None, identity,
                    rows[:2],
                ),
            ),
            ((one.buyer, "purchaser"), (one.supplier, "bidder")),
        ),
        place=one.buyer,
        data_gaps=_gaps(excuses, snapshot),
    )  # fmt: skip


def _statistic(one: Captive) -> Statistic:
    sizes = Counter(one.lots["bidders"].tolist())
    alone = sizes.get(1, 0)
    values: tuple[tuple[str, Any], ...] = (
        ("投标标段", one.trials),
        ("中标标段", one.wins),
        ("按投标家数推算的预期", round(one.expected, 2)),
        ("各标段投标家数", "；".join(f"{k}家{v}个" for k, v in sorted(sizes.items()))),
        ("只有一家投标的标段", alone),
        ("企业之间对数发生比的标准差", round(one.spread, 2)),
        ("p值", small(one.p)),
        ("校正后q值", small(one.q)),
        ("一并检验的供应商数", one.tested),
    )
    text = (
        f"投标{one.trials}次中标{one.wins}次，预期{one.expected:.1f}次；"
        f"p={small(one.p)}，校正后q={small(one.q)}"
    )
    return Statistic(text, values)


def _benign(one: Captive, excuses: Excuses, snapshot: Any) -> tuple[BenignResult, ...]:
    other, near = excuses.elsewhere[one.supplier]
    if not excuses.categories:
        only = BenignResult("only_purchaser", "unknown", "招标项目没有类别，不能清点同类标段。")
    elif excuses.townships and near < excuses.least_elsewhere:
        text = f"其他单位另有{other}个同类标段，但在同乡镇的只有{near}个，不排除只做本乡镇的业务。"
        only = BenignResult("only_purchaser", "partly", text)
    else:
        text = f"同期其他单位另有{other}个同类标段。"
        only = BenignResult("only_purchaser", "ruled_out", text)
    founded = excuses.founded.get(one.supplier)
    new = (
        BenignResult("new_firm", "ruled_out", f"企业成立于{day(founded)}。")
        if founded
        else BenignResult("new_firm", "unknown", "没有该企业的成立日期。")
    )
    framework = (
        BenignResult("framework", "ruled_out", "框架协议、定点入围的标段未计入。")
        if snapshot.has("tenders", "method")
        else BenignResult("framework", "unknown", "招标项目没有采购方式，须核对是否为框架协议。")
    )
    return (
        only,
        BenignResult("monopoly", "ruled_out", "企业名称和项目类别未见专营、公用事业字样。"),
        new,
        framework,
        BenignResult("outside", "unknown", "须向省市交易平台核对在本地数据以外的投标。"),
    )


def _gaps(excuses: Excuses, snapshot: Any) -> tuple[str, ...]:
    gaps = ["只有本地交来的招标投标数据，企业在其他地方的投标不在其中。"]
    if not excuses.categories:
        gaps.append("招标项目没有类别，不能核对其他单位有无同类项目。")
    if not snapshot.has("tenders", "method"):
        gaps.append("招标项目没有采购方式，框架协议项下的标段只按名称排除。")
    if not snapshot.has("companies", "established_date"):
        gaps.append("没有企业成立日期，新成立的企业未能排除。")
    return tuple(gaps)
