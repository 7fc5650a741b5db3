"""投标截止时间过短: too few days between the notice and the deadline for bids."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import numpy as np
import pandas as pd

from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
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
from detectors.evidence import among, day, first_rows, percent, period_of, records, weakest, years
from detectors.names import Names
from detectors.procurement import _deals as deals
from detectors.procurement._peers import Record, records_of


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    tender_days: int = setting(
        20,
        unit="天",
        reason="依法必须招标和政府采购公开招标，自招标文件发出之日起不少于二十日",
        source="招标投标法、政府采购法关于等标期的规定，待核",
        least=1,
    )
    consultation_days: int = setting(
        10,
        unit="天",
        reason="竞争性磋商自磋商文件发出之日起不少于十日",
        source="竞争性磋商管理办法，待核",
        least=1,
    )
    inquiry_days: int = setting(
        3,
        unit="个工作日",
        reason="询价、竞争性谈判自文件发出之日起不少于三个工作日",
        source="政府采购非招标采购方式管理办法，待核",
        least=1,
    )
    works_limit: int = setting(
        4_000_000,
        unit="元",
        reason="低于必须招标限额的工程自愿招标，不受二十日限制",
        source="必须招标的工程项目规定",
        least=1,
    )
    survey_limit: int = setting(
        1_000_000,
        unit="元",
        reason="低于必须招标限额的勘察、设计、监理自愿招标，不受二十日限制",
        source="必须招标的工程项目规定",
        least=1,
    )
    notice_days: int = setting(
        180, unit="天", reason="这么多天内有同名项目的更早公告，视为更正或延期后的公告", least=1
    )
    few_bidders: int = setting(
        2, unit="家", reason="投标人不多于此数的，等标期过短可能影响了竞争", least=1
    )
    least_tenders: int = setting(
        5, unit="个项目", reason="可比项目少于此数的采购人，不与其他采购人比较比例", least=2
    )
    most_everywhere: float = setting(
        0.5,
        unit="比例",
        reason="全部项目超过此比例都不足规定天数，多半是公告日期一列另有含义，只作提示",
        least=0,
        most=1,
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部采购人一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0,
        most=0.05,
    )
    least_effect: float = setting(
        2.0, unit="倍", reason="过短次数须达到同类期望的这么多倍，才有实际意义", least=1
    )


SPEC = Spec(
    id="short_deadline",
    title="投标截止时间过短",
    family="procurement",
    version=1,
    what=(
        "从公告到投标截止：公开招标、邀请招标不足20天，竞争性磋商不足10天，询价、竞争性谈判不足3个工作日"
        "（只扣除周末，未扣除法定节假日）。必须招标限额以下的工程自愿招标的不算。"
        "同一采购人的项目合为一条，与其他采购人比较；过短的项目投标人也明显更少的，另作一方面的疑点。"
    ),
    strength=("weak", "statistical"),
    kinds=("register", "participation"),
    requires=(Requires("tenders", ("purchaser", "method", "publish_date")),),
    requires_any=(Requires("tenders", ("deadline",)), Requires("tenders", ("open_date",))),
    optional=(
        Requires("bids", ("bidder",)),
        Requires("tenders", ("deadline",)),
        Requires("tenders", ("retender",)),
        Requires("tenders", ("category",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("retender", "重新招标", "核对是否重新招标，名称中的重新、二次等字样"),
        Benign("emergency", "抢险救灾等紧急项目", "核对名称中的抢险、应急、救灾等字样"),
        Benign(
            "corrected",
            "此前已发布公告，所列为更正或延期后的公告",
            "核对同一采购人同名项目有无更早的公告，名称中的更正、延期等字样",
        ),
        Benign(
            "voluntary",
            "必须招标限额以下的工程自愿招标，不受二十日限制",
            "核对类别与最高限价（没有的用中标金额）",
        ),
        Benign(
            "counting",
            "只有日期没有时刻，首尾两日都算则已满",
            "只差一天的不作疑点",
        ),
        Benign("holidays", "当地另有缩短等标期的规定，如全流程电子化", None),
    ),
    next_steps=(
        "向平台调取公告原文和历次更正公告，核对公告发布时间和截止时间。",
        "核对潜在投标人下载文件的时间和数量，有无来不及投标的反映。",
        "核对过短项目的中标人有无重复、与采购人有无关联。",
    ),
    event_key="固定为“截止时间过短”，以采购人区分",
    # As for overruns: purchasers differ honestly, three times their peers' share leaves room for it.
    orange_effect=3.0,
    effect_name="过短的项目数与同类期望之比",
    small_projection="各采购人的项目数、过短数构成的小表用 numpy、scipy 作二项检验。",
)

_CHECKED = ("retender", "emergency", "corrected", "voluntary", "counting")
_RULES = {"tender": "招标", "consultation": "竞争性磋商", "inquiry": "询价、谈判"}


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find purchasers whose deadlines come too soon after the notice.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are tender numbers. Those without both dates, or with the deadline on or before the
        day of the notice, are insufficient data; other ways of purchase are not applicable.
    """
    frame = _judged(_notices(snapshot, settings), settings)
    states = Counter(frame["state"])
    compared = frame[frame["state"].isin(["fine", "hit"])]
    compared = compared.assign(kind=compared["rule"], band=0, hit=compared["state"] == "hit")
    peers = records_of(compared, "buyer", settings.least_tenders)
    short = float(compared["hit"].mean()) if len(compared) else 0.0
    common = len(compared) >= 4 * settings.least_tenders and short > settings.most_everywhere
    cleared = {key: states[key] for key in _CHECKED if states[key]}
    return Result(
        subject_kind="招标采购项目",
        subjects=len(frame),
        triggered=states["hit"],
        not_triggered=states["fine"] + sum(cleared.values()),
        insufficient=states["insufficient"],
        not_applicable=states["other"],
        findings=_findings(snapshot, compared, _Told(peers, short, common, settings)),
        cleared=cleared,
        places=int(compared["buyer"].nunique()),
        place_kind="unit",
        notes=("只扣除周末，未扣除法定节假日和调休。",),
    )


# -- notices ---------------------------------------------------------------------------------------


def _notices(snapshot: Any, settings: Settings) -> pd.DataFrame:
    """List tender numbers with their first notice, first deadline and what may excuse them."""
    table = deals.tenders(snapshot).filter(lambda t: t.key.notnull())
    closes = table.deadline.cast("date").coalesce(table.opened)
    said = table.title.fill_null("") + " " + table.method.fill_null("")
    method = table.method.fill_null("")
    table = table.mutate(
        closes=closes,
        rule=ibis.cases(
            (method.contains("磋商"), "consultation"),
            (method.re_search("询价|谈判"), "inquiry"),
            (method.contains("招标") & ~method.re_search("不招标|非招标"), "tender"),
            else_=ibis.null("string"),
        ),
        estimate=table.ceiling_price.coalesce(table.award_amount),
        again=table.retender.fill_null(False) | deals.says(table.title, ("重新招标", "二次", "重新采购")),
        urgent=deals.emergency(said),
        mended=deals.says(said, ("更正", "延期", "变更公告")),
    )  # fmt: skip
    table = deals.typed(table).select(
        "row_id", "key", "buyer", "base", "publish_date", "closes", "rule", "estimate", "type",
        "again", "urgent", "mended", "lot_entity",
    ).cache()  # fmt: skip
    numbers = table.group_by("buyer", "key").agg(
        base=table.base.min(),
        rule=table.rule.max(),
        type=table.type.max(),
        published=table.publish_date.min(),
        closes=table.closes.min(),
        estimate=table.estimate.sum().cast("float64"),
        again=table.again.any(),
        urgent=table.urgent.any(),
        mended=table.mended.any(),
    )
    if snapshot.has("bids", "bidder"):
        bids = snapshot.table("bids").filter(lambda t: t.lot_entity.notnull())
        counted = bids.group_by("lot_entity").agg(n=bids.bidder_entity.nunique())
        counted = table.join(counted, "lot_entity")
        counted = counted.group_by("buyer", "key").agg(bidders=counted.n.min())
        numbers = numbers.left_join(counted, ["buyer", "key"]).drop("buyer_right", "key_right")
    else:
        numbers = numbers.mutate(bidders=ibis.null("int64"))
    frame: pd.DataFrame = numbers.to_pandas()
    # The same thing put out before under another number.
    ordered = frame.sort_values(["buyer", "base", "published", "key"])
    before = ordered.groupby(["buyer", "base"])["published"].shift()
    since = (pd.to_datetime(ordered["published"]) - pd.to_datetime(before)).dt.days
    return ordered.assign(mended=ordered["mended"] | since.between(1, settings.notice_days))


def _judged(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Add ``days`` (working days for inquiries), ``least`` and ``state``."""
    published, closes = pd.to_datetime(frame["published"]), pd.to_datetime(frame["closes"])
    days: pd.Series[float] = (closes - published).dt.days.astype(float)
    known = days > 0
    least = frame["rule"].map(
        {
            "tender": settings.tender_days,
            "consultation": settings.consultation_days,
            "inquiry": settings.inquiry_days,
        }
    )
    inquiry = (frame["rule"] == "inquiry") & known
    one = np.timedelta64(1, "D")
    first = published[inquiry].to_numpy().astype("datetime64[D]") + one
    last = closes[inquiry].to_numpy().astype("datetime64[D]") + one
    days[inquiry] = np.busday_count(first, last)
    limit = frame["type"].map({"works": settings.works_limit, "survey": settings.survey_limit})
    # Nothing is known of an amount of nought.
    small = (frame["rule"] == "tender") & (frame["estimate"] > 0) & (frame["estimate"] < limit)
    state = pd.Series("fine", index=frame.index, dtype=object)
    state = state.mask(days < least, "hit")
    for column, key in (("again", "retender"), ("urgent", "emergency"), ("mended", "corrected")):
        state = state.mask((state == "hit") & frame[column].astype(bool), key)
    state = state.mask((state == "hit") & small, "voluntary")
    state = state.mask((state == "hit") & (days == least - 1), "counting")
    state = state.mask(~known, "insufficient").mask(frame["rule"].isna(), "other")
    return frame.assign(days=days, least=least, state=state)


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Told:
    """What holds for all findings: purchasers' records, and the share of short ones over all."""

    peers: dict[str, Record]
    short: float
    common: bool
    settings: Settings


@dataclass(frozen=True)
class _Notice:
    """A tender whose deadline came too soon; ``rows`` are its lots."""

    rows: tuple[dict[str, Any], ...]
    rule: str
    published: date
    closes: date
    days: int
    least: int
    bidders: int | None

    @property
    def title(self) -> str:
        """Title, else the number."""
        return str(self.rows[0]["title"] or self.rows[0]["tender_no"])

    @property
    def amount(self) -> Decimal | None:
        """Yuan awarded in all lots; where no award is known, their ceilings."""
        awards = deals.total(r["award_amount"] for r in self.rows)
        return awards if awards is not None else deals.total(r["ceiling_price"] for r in self.rows)

    def cite(self) -> tuple[Row, ...]:
        """Cite its lots."""
        return tuple(deals.tender_row(r) for r in self.rows)

    def few(self, settings: Settings) -> bool:
        """Tell whether hardly anybody bid."""
        return self.bidders is not None and self.bidders <= settings.few_bidders


def _findings(snapshot: Any, compared: pd.DataFrame, told: _Told) -> tuple[Finding, ...]:
    hits = compared[compared["hit"]]
    if hits.empty:
        return ()
    judged = {
        (str(r["buyer"]), str(r["key"])): {str(k): v for k, v in r.items()}
        for r in hits.to_dict("records")
    }
    lots: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in records(among(deals.tenders(snapshot), "key", {key for _, key in judged})):
        if (row["buyer"], row["key"]) in judged:
            lots[row["buyer"], row["key"]].append(row)
    groups: dict[str, list[_Notice]] = defaultdict(list)
    for (buyer, key), rows in lots.items():
        groups[buyer].append(_notice(rows, judged[buyer, key]))
    winners = {r["supplier"] for rows in lots.values() for r in rows if r["supplier"]}
    names = Names(snapshot, {*groups, *winners})
    usual = _few_elsewhere(compared, told.settings)
    return tuple(_finding(b, groups[b], names, usual, told) for b in sorted(groups))


def _notice(rows: Sequence[dict[str, Any]], told: dict[str, Any]) -> _Notice:
    return _Notice(
        tuple(sorted(rows, key=lambda r: (str(r["lot"]), str(r["title"])))),
        told["rule"],
        pd.Timestamp(told["published"]).date(),
        pd.Timestamp(told["closes"]).date(),
        int(told["days"]),
        int(told["least"]),
        None if pd.isna(told["bidders"]) else int(told["bidders"]),
    )


def _few_elsewhere(compared: pd.DataFrame, settings: Settings) -> float | None:
    """Share of tenders with hardly any bidder among those whose deadline was long enough."""
    long = compared[~compared["hit"] & compared["bidders"].notna()]
    return float((long["bidders"] <= settings.few_bidders).mean()) if len(long) else None


def _finding(
    buyer: str, found: Sequence[_Notice], names: Names, usual: float | None, told: _Told
) -> Finding:
    found = sorted(found, key=lambda n: (n.days / n.least, n.published, n.title))
    rows = first_rows(r for n in found for r in n.cite())
    amount = deals.total(n.amount for n in found)
    period = period_of([d for n in found for d in (n.published, n.closes)])
    lines = _lines(buyer, found)
    winners = list(dict.fromkeys(line.supplier for line in lines))
    # Many winners of many tenders are no part of the matter.
    named = winners if len(winners) <= 3 else []
    joins = [j for n in found for r in n.rows for j in deals.parties(r, "purchaser")]
    if named:
        joins += [
            j for n in found for r in n.rows if r["supplier"] for j in deals.parties(r, "winner")
        ]
    identity, chance = weakest(joins)
    statement = [_sentence(n) for n in found[:5]]
    if rest := found[5:]:
        statement.append(
            Sentence(
                f"另有{len(rest)}个项目情形相同。", first_rows(r for n in rest for r in n.cite())
            )
        )
    reasons = [
        Reason(
            "register",
            "weak",
            f"{len(found)}个项目从公告到截止不足规定天数，最短{_length(found[0])}",
            rows,
        )
    ]
    if (record := told.peers.get(buyer)) is not None:
        sentence, reason = _compared(names.of(buyer), record, told)
        statement.append(sentence)
        reasons += [reason] if reason else []
    if not told.common and (reason := _few(found, usual, told.settings)):
        reasons.append(reason)
    return Finding(
        subjects=(Subject(buyer, "purchaser"), *(Subject(w, "company") for w in named)),
        anchors=(buyer,),
        event_key="截止时间过短",
        title=(
            f"疑似投标截止时间过短：{names.of(buyer)}{len(found)}个项目从公告到截止不足规定天数，"
            f"最短{_length(found[0])}（{years(period)}）"
        ),
        statement=tuple(statement),
        reasons=tuple(reasons),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(),
        path=deals.drawn([line for line in lines if line.supplier in named]),
        place=buyer,
        data_gaps=_gaps(found, told),
    )


def _length(notice: _Notice) -> str:
    return f"{notice.days}个工作日" if notice.rule == "inquiry" else f"{notice.days}天"


def _sentence(notice: _Notice) -> Sentence:
    unit = "个工作日" if notice.rule == "inquiry" else "天"
    least = f"{_RULES[notice.rule]}应有的{notice.least}{unit}"
    bidders = f"，{notice.bidders}家投标" if notice.bidders is not None else ""
    return Sentence(
        f"“{notice.title}”于{day(notice.published)}公告、{day(notice.closes)}截止，"
        f"相隔{_length(notice)}，少于{least}{bidders}。",
        notice.cite(),
    )


def _compared(buyer: str, record: Record, told: _Told) -> tuple[Sentence, Reason | None]:
    expected = round(record.expected, 1)
    statistic = Statistic(
        f"可比项目{record.n}个，过短{record.hits}个；按其他采购人的比例，期望{expected}个，"
        f"校正后q={record.q:.2g}",
        (
            ("可比项目", record.n),
            ("截止时间过短", record.hits),
            ("同类期望", round(record.expected, 2)),
            ("全部采购人过短的比例", round(told.short, 3)),
            ("p值", float(f"{record.p:.3g}")),
            ("校正后q值", float(f"{record.q:.3g}")),
        ),
    )
    sentence = Sentence(
        f"{buyer}可比的项目共{record.n}个，其中{record.hits}个过短；"
        f"按其他采购人同类项目的比例，约为{expected}个。",
        (statistic,),
    )
    settings = told.settings
    odd = record.q <= settings.false_discovery and record.effect >= settings.least_effect
    if told.common or not odd:
        return sentence, None
    reason = Reason(
        "register",
        "statistical",
        f"过短的比例为其他采购人的{record.effect:.1f}倍（校正后q={record.q:.2g}）",
        (statistic,),
        q=record.q,
        effect=round(record.effect, 3),
    )
    return sentence, reason


def _few(found: Sequence[_Notice], usual: float | None, settings: Settings) -> Reason | None:
    """Say that hardly anybody bid where the deadline was short, if that is rarer elsewhere."""
    known = [n for n in found if n.bidders is not None]
    few = [n for n in known if n.few(settings)]
    if not few or usual is None or len(few) / len(known) < 2 * usual:
        return None
    text = (
        f"过短的{len(known)}个项目中{len(few)}个投标人不多于{settings.few_bidders}家"
        f"（{percent(len(few) / len(known))}，天数足够的项目中为{percent(usual)}）"
    )
    return Reason("participation", "weak", text, first_rows(r for n in few for r in n.cite()))


def _lines(buyer: str, found: Sequence[_Notice]) -> list[deals.Line]:
    won: dict[str, list[_Notice]] = defaultdict(list)
    for notice in found:
        for supplier in dict.fromkeys(r["supplier"] for r in notice.rows if r["supplier"]):
            won[supplier].append(notice)
    lines = []
    for supplier, own in sorted(won.items()):
        rows = [r for n in own for r in n.rows if r["supplier"] == supplier]
        lines.append(
            deals.Line(
                buyer,
                supplier,
                f"中标{len(own)}个项目，最短{_length(own[0])}",
                period_of([n.closes for n in own]),
                tuple(j for r in rows for j in deals.parties(r, "purchaser", "winner")),
                tuple(deals.tender_row(r) for r in rows),
            )
        )
    return lines


def _benign() -> tuple[BenignResult, ...]:
    return (
        BenignResult("retender", "ruled_out", "未标明重新招标，名称未见重新、二次等字样。"),
        BenignResult("emergency", "ruled_out", "名称未见抢险、应急、救灾等字样。"),
        BenignResult("corrected", "ruled_out", "未见同名项目更早的公告。"),
        BenignResult("voluntary", "ruled_out", "不是必须招标限额以下的工程。"),
        BenignResult("counting", "ruled_out", "相差两天以上，不是首尾计法的出入。"),
        BenignResult("holidays", "unknown", "须核对当地缩短等标期的规定。"),
    )


def _gaps(found: Sequence[_Notice], told: _Told) -> tuple[str, ...]:
    gaps = ["没有招标文件发出时间，以公告日期计算。"]
    if any(n.rule == "inquiry" for n in found):
        gaps.append("工作日只扣除周末，未扣除法定节假日和调休。")
    if any(n.bidders is None for n in found):
        gaps.append("部分项目没有投标记录，不知道有几家投标。")
    if told.common:
        gaps.append("全部项目大多不足规定天数，公告日期一列可能另有含义，须先核对。")
    return tuple(gaps)
