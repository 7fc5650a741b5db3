"""先签后招: contracts signed or paid before the bids of their tender were opened."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
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
from detectors.evidence import (
    among,
    day,
    first_rows,
    percent,
    period_of,
    records,
    weakest,
    years,
    yuan,
)
from detectors.names import Names
from detectors.procurement import _deals as deals
from ingest.dates import parse_date


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_days: int = setting(
        1, unit="天", reason="签订或付款早于开标至少这么多天；当天的不算", least=1
    )
    strong_days: int = setting(
        5, unit="天", reason="早几天可能是录入误差，早于此数的较难用误差解释", least=1
    )
    most_days: int = setting(
        365, unit="天", reason="早一年以上的多为年份录错或编号张冠李戴", least=30
    )
    typo_days: int = setting(
        120, unit="天", reason="年份加一后恰好落在开标后这么多天内的，视为年份录错", least=0
    )
    most_common: float = setting(
        0.5,
        unit="比例",
        reason="一个单位的合同超过此比例都早于开标，多半是日期口径不同，只作提示",
        least=0,
        most=1,
    )
    most_everywhere: float = setting(
        0.25,
        unit="比例",
        reason="全部合同超过此比例都早于开标，多半是开标日期一列另有含义，只作提示",
        least=0,
        most=1,
    )
    least_contracts: int = setting(
        5, unit="份", reason="可比合同少于此数时，看不出是否普遍", least=2
    )


SPEC = Spec(
    id="early_contract",
    title="疑似先签后招",
    family="procurement",
    version=1,
    what=(
        "有项目编号的合同，签订日期早于该项目的开标日期（没有开标日期的用投标截止日期），"
        "或者在开标之前已向承接单位付款。一个项目有多个标段的，取承接单位中标的标段。"
        "一个单位的合同大多早于开标时，视为日期口径问题，只作提示。"
    ),
    strength=("strong", "weak"),
    kinds=("register", "money"),
    requires=(
        Requires("contracts", ("title", "party_a", "tender_no", "sign_date")),
        Requires("tenders", ("tender_no", "purchaser")),
    ),
    requires_any=(Requires("tenders", ("open_date",)), Requires("tenders", ("deadline",))),
    optional=(
        Requires("payments", ("contract_no", "pay_date")),
        Requires("tenders", ("publish_date",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("emergency", "抢险救灾，先行实施后补手续", "核对名称中的抢险、应急、救灾等字样"),
        Benign("framework", "框架协议先签，项目后招", "核对名称和方式中的框架、定点、入围等字样"),
        Benign("renewal", "原合同续签，编号沿用新一轮采购", "核对名称中的续签、续租等字样"),
        Benign(
            "date_typo",
            "日期录错，尤其是年份",
            "早一年以上的，或年份加一后恰好在开标之后不久的，视为录错",
        ),
        Benign(
            "month_only",
            "签订日期只写到月，可能在开标之后",
            "核对原表中的签订日期是否写到日",
        ),
        Benign(
            "other_contract",
            "付款属于双方之间的另一份合同，合同编号填错",
            "核对双方之间有无付款前已签订的其他合同，且摘要未写明本项目",
        ),
        Benign("retender", "首次招标后签约，编号填成重新招标的编号", None),
    ),
    next_steps=(
        "调取合同原件、用印登记和开标记录，核对签订日期和开标日期。",
        "调取付款审批单，核实开标前付款的依据和经办人。",
        "核实开标时的其他投标人是如何邀请的，招标是否补办。",
    ),
    event_key="固定为“先签后招”，以采购人与承接单位区分",
)

_CHECKED = ("emergency", "framework", "renewal", "date_typo", "month_only", "other_contract")
_PAYMENT_COLUMNS = ("voucher_no", "payer", "payee", "amount", "pay_date", "purpose", "contract_no")


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find contracts signed or paid before their tender was opened.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are contracts whose tender is on record; those without a date of signing or of
        opening are insufficient data.
    """
    known = _contracts(snapshot)
    paid = _early_payments(snapshot, known, settings)
    frame = known.drop("base", "said").to_pandas()
    frame = frame.assign(days=_days_early(frame, "sign_date"))
    frame = _judged(frame, paid, snapshot, settings)
    states = Counter(frame["state"])
    cleared = {key: states[key] for key in _CHECKED if states[key]}
    return Result(
        subject_kind="有招标记录的合同",
        subjects=len(frame),
        triggered=states["hit"],
        not_triggered=states["fine"] + sum(cleared.values()),
        insufficient=states["insufficient"],
        not_applicable=0,
        findings=_findings(snapshot, frame, paid, settings),
        cleared=cleared,
        places=int(frame["buyer"].nunique()),
        place_kind="unit",
    )


# -- contracts beside their tenders ----------------------------------------------------------------


def _contracts(snapshot: Any) -> Any:
    """Contracts whose tender is on record, with the day its bids were opened."""
    tenders = deals.tenders(snapshot).filter(lambda t: t.key.notnull())
    tenders = tenders.select(
        "key", "buyer", "supplier", "opened", "publish_date", method=tenders.method.fill_null("")
    )
    whole = tenders.group_by("key").agg(
        opened=tenders.opened.min(),
        published=tenders.publish_date.min(),
        method=tenders.method.max(),
        buyers=tenders.buyer.nunique(),
    )
    # One number of two purchasers is no number.
    whole = whole.filter(whole.buyers == 1)
    won = tenders.filter(tenders.supplier.notnull())
    won = won.group_by("key", "supplier").agg(
        own_opened=won.opened.min(), own_published=won.publish_date.min()
    )
    table = deals.contracts(snapshot)
    table = table.join(whole, "key").left_join(won, ["key", "supplier"])
    return table.select(
        "row_id", "contract_no", "buyer", "supplier", "sign_date", "base", "method",
        opened=table.own_opened.coalesce(table.opened),
        published=table.own_published.coalesce(table.published),
        said=table.title.fill_null("") + table.method,
        excuse=_excuse(table.title.fill_null("") + table.method),
    ).cache()  # fmt: skip


def _excuse(said: Any) -> Any:
    return ibis.cases(
        (deals.emergency(said), "emergency"),
        (deals.says(said, deals.FRAMEWORK), "framework"),
        (deals.says(said, deals.RENEWAL), "renewal"),
        else_=ibis.null("string"),
    )


def _days_early(frame: pd.DataFrame, column: str) -> pd.Series[Any]:
    """Days from a date to the opening; below zero where it came after."""
    return (pd.to_datetime(frame["opened"]) - pd.to_datetime(frame[column])).dt.days


def _early_payments(snapshot: Any, known: Any, settings: Settings) -> pd.DataFrame:
    """Payments on these contracts before the opening, a row a payment, with ``days`` and ``other``.

    ``other``: the same parties have another contract, signed before, that may be meant.
    """
    columns = ["payment", "row_id", "days", "pay_date", "opened", "other"]
    if not snapshot.has("payments", "contract_no", "pay_date"):
        return pd.DataFrame({c: pd.Series(dtype=object) for c in columns})
    numbers = deals.contracts(snapshot)
    numbers = numbers.group_by("contract_no").agg(bearers=numbers.count())
    sole = numbers.filter(numbers.bearers == 1)
    payments = snapshot.in_yuan("payments")
    payments = payments.filter(payments.amount > 0)
    payments = payments.filter(~deals.says(payments.purpose, ("退", "保证金")))
    paid = payments.select(
        "contract_no", "payee_entity", "pay_date", payment="row_id",
        purpose=deals.title_key(payments.purpose.fill_null("")),
    )  # fmt: skip
    both = paid.join(known.semi_join(sole, "contract_no"), "contract_no")
    early = both.filter(
        (both.payee_entity == both.supplier) & (both.pay_date.cast("date") < both.opened)
    ).cache()
    others = deals.contracts(snapshot).select(
        "buyer", "supplier", other_row="row_id", signed="sign_date"
    )
    other = early.join(others, ["buyer", "supplier"])
    other = other.filter((other.other_row != other.row_id) & (other.signed <= other.pay_date))
    early = deals.flagged(early, other, ("payment",), "another")
    # What the purpose says in words outweighs a doubt about the number.
    told = early.purpose.contains(early.base).fill_null(False)
    frame: pd.DataFrame = early.select(
        "payment", "row_id", "pay_date", "opened", other=early.another & ~told
    ).to_pandas()
    return frame.assign(days=_days_early(frame, "pay_date"))


def _typed_wrong(frame: pd.DataFrame, column: str, settings: Settings) -> pd.Series[bool]:
    """Tell which dates lie too far off, or fit once their year is one later."""
    later = pd.to_datetime(frame[column]) + pd.DateOffset(years=1)
    after = (later - pd.to_datetime(frame["opened"])).dt.days
    return (frame["days"] > settings.most_days) | after.between(0, settings.typo_days)


def _judged(
    frame: pd.DataFrame, paid: pd.DataFrame, snapshot: Any, settings: Settings
) -> pd.DataFrame:
    """Add ``signed`` and ``paid`` (early beyond doubt) and ``state``."""
    early = frame["days"] >= settings.least_days
    wrong = early & _typed_wrong(frame, "sign_date", settings)
    month = early & ~wrong & frame["row_id"].isin(_month_only(frame[early & ~wrong], snapshot))
    sound = paid[paid["days"].astype(float) >= settings.least_days]
    typed = _typed_wrong(sound, "pay_date", settings) if len(sound) else pd.Series(dtype=bool)
    other = sound["other"].astype(bool)
    counted = set(sound.loc[~other & ~typed, "row_id"])
    signed = early & ~wrong & ~month
    paid_early = frame["row_id"].isin(counted)
    state = pd.Series("fine", index=frame.index, dtype=object)
    state = state.mask(frame["opened"].isna() | frame["sign_date"].isna(), "insufficient")
    state = state.mask(frame["row_id"].isin(set(sound.loc[typed, "row_id"])) | wrong, "date_typo")
    state = state.mask(month, "month_only")
    state = state.mask(frame["row_id"].isin(set(sound.loc[other, "row_id"])), "other_contract")
    state = state.mask(signed | paid_early, "hit")
    state = state.mask((state == "hit") & frame["excuse"].notna(), frame["excuse"])
    return frame.assign(signed=signed, paid=paid_early, state=state)


def _month_only(frame: pd.DataFrame, snapshot: Any) -> set[int]:
    """Contracts whose date says no day and may lie at or after the opening."""
    # A month is read as its first day; only those need their cells looked at.
    first = frame[pd.to_datetime(frame["sign_date"]).dt.day == 1] if len(frame) else frame
    opened = dict(zip(first["row_id"], pd.to_datetime(first["opened"]), strict=True))
    found = set()
    for (_, row_id), cells in snapshot.raw_rows(("contracts", r) for r in opened).items():
        text = next((c.text for c in cells.values() if c.column == "sign_date"), None)
        last = parse_date(text, "last") if text else None
        if last is not None and pd.Timestamp(last) >= opened[row_id]:
            found.add(row_id)
    return found


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Deal:
    """A contract to be told of, with the payments that came too early."""

    row: dict[str, Any]
    opened: date
    published: date | None
    signed: bool
    days: int
    payments: tuple[dict[str, Any], ...]
    tender: dict[str, Any] | None
    single: bool

    @property
    def first(self) -> date:
        """The earliest day that lies before the opening."""
        return min(self.early())

    def early(self) -> list[date]:
        """Days of signing and payment that lie before the opening."""
        days = [p["pay_date"] for p in self.payments]
        return [*days, *([self.row["sign_date"]] if self.signed else [])]

    @property
    def sure(self) -> bool:
        """Whether the day of opening is borne out: by the deadline, or by a notice still later
        than all that was early."""
        tender = self.tender or {}
        closes, opens = tender.get("deadline"), tender.get("open_date")
        if closes is not None and opens is not None:
            return bool(pd.Timestamp(closes).date() == pd.Timestamp(opens).date())
        return self.published is not None and max(self.early()) < self.published


Key = tuple[str, str]


@dataclass(frozen=True)
class _Peers:
    """How many contracts of a buyer, and of all, came before their opening."""

    buyer: tuple[int, int]
    everyone: tuple[int, int]

    def common(self, settings: Settings) -> bool:
        """Tell whether so many did that dates must mean something else."""
        (n, early), (total, all_early) = self.buyer, self.everyone
        here = n >= settings.least_contracts and early / n > settings.most_common
        many = total >= 4 * settings.least_contracts
        return here or (many and all_early / total > settings.most_everywhere)


def _findings(
    snapshot: Any, frame: pd.DataFrame, paid: pd.DataFrame, settings: Settings
) -> tuple[Finding, ...]:
    hits = frame[frame["state"] == "hit"]
    groups: dict[Key, list[_Deal]] = defaultdict(list)
    for key, deal in _told(snapshot, hits, paid):
        groups[key].append(deal)
    names = Names(snapshot, {e for key in groups for e in key if e})
    compared = frame[frame["state"] != "insufficient"]
    n = compared.groupby("buyer")["row_id"].count()
    early = hits.groupby("buyer")["row_id"].count()
    everyone = (len(compared), len(hits))
    return tuple(
        _finding(
            key,
            groups[key],
            names,
            _Peers((int(n[key[0]]), int(early[key[0]])), everyone),
            settings,
        )
        for key in sorted(groups, key=lambda k: (k[0], k[1] or ""))
    )


def _told(snapshot: Any, hits: pd.DataFrame, paid: pd.DataFrame) -> list[tuple[Key, _Deal]]:
    judged = {r["row_id"]: r for r in hits.to_dict("records")}
    if not judged:
        return []
    rows = records(among(deals.contracts(snapshot), "row_id", judged))
    payments = _payment_rows(snapshot, paid, {r for r, told in judged.items() if told["paid"]})
    tenders: dict[tuple[str, str | None], dict[str, Any]] = {}
    keys = {row["key"] for row in rows}
    for tender in records(among(deals.tenders(snapshot), "key", keys)):
        for supplier in (tender["supplier"], None):
            tenders.setdefault((tender["key"], supplier), tender)
    found = []
    for row in rows:
        told = judged[row["row_id"]]
        deal = _Deal(
            row,
            pd.Timestamp(told["opened"]).date(),
            None if pd.isna(told["published"]) else pd.Timestamp(told["published"]).date(),
            bool(told["signed"]),
            int(told["days"]) if not pd.isna(told["days"]) else 0,
            tuple(payments.get(row["row_id"], ())),
            tenders.get((row["key"], row["supplier"])) or tenders.get((row["key"], None)),
            "单一来源" in told["method"] or "直接" in told["method"],
        )
        found.append(((row["buyer"], row["supplier"]), deal))
    return found


def _payment_rows(
    snapshot: Any, paid: pd.DataFrame, contracts: set[int]
) -> dict[int, list[dict[str, Any]]]:
    chosen = paid[paid["row_id"].isin(contracts) & ~paid["other"].astype(bool)]
    of = dict(zip(chosen["payment"], chosen["row_id"], strict=True))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in records(among(snapshot.table("payments"), "row_id", of)) if of else ():
        found[of[row["row_id"]]].append(row)
    return found


def _payment(row: dict[str, Any]) -> Row:
    return Row("payments", row["row_id"], "支付记录", _PAYMENT_COLUMNS)


def _rows(deal: _Deal) -> tuple[Row, ...]:
    tender = (deals.tender_row(deal.tender),) if deal.tender else ()
    return (deals.contract_row(deal.row), *tender, *(_payment(p) for p in deal.payments))


def _finding(
    key: Key, found: Sequence[_Deal], names: Names, peers: _Peers, settings: Settings
) -> Finding:
    buyer, supplier = key
    found = sorted(found, key=lambda d: (d.first, d.row["title"] or "", d.row["amount"]))
    rows = first_rows(r for d in found for r in _rows(d))
    amount = sum((d.row["amount"] for d in found), Decimal(0))
    dates = [x for d in found for x in (d.first, d.opened)]
    joins = [
        j
        for d in found
        for j in deals.parties(d.row, "party_a", *(["party_b"] if supplier else []))
    ]
    identity, chance = weakest(joins)
    who = names.of(buyer) + (f"与{names.of(supplier)}" if supplier else "")
    common = peers.common(settings)
    signed = [d for d in found if d.signed]
    paid = [d for d in found if d.payments]
    what = "签订" if signed and not paid else "付款" if paid and not signed else "签订、付款"
    total, early = peers.buyer
    statistic = Statistic(
        f"可与开标日期比较的合同{total}份，其中{early}份签订或付款早于开标（{percent(early / total)}）",
        (("可比合同", total), ("早于开标", early), ("全部单位可比合同", peers.everyone[0]),
         ("全部单位早于开标", peers.everyone[1])),
    )  # fmt: skip
    statement = [_sentence(d) for d in found[:5]]
    if rest := found[5:]:
        told = first_rows(r for d in rest for r in _rows(d))
        statement.append(Sentence(f"另有{len(rest)}份合同情形相同。", told))
    if total > len(found):
        statement.append(
            Sentence(
                f"{names.of(buyer)}可与开标日期比较的合同共{total}份，其中{early}份早于开标。",
                (statistic,),
            )
        )
    subjects = [Subject(buyer, "purchaser")]
    if supplier:
        subjects.append(Subject(supplier, "company"))
    term = deals.counted(len(found), "份合同", amount)
    period = period_of(dates)
    lines = (
        [deals.Line(buyer, supplier, term, period, tuple(joins), tuple(rows))] if supplier else []
    )
    return Finding(
        subjects=tuple(subjects),
        anchors=tuple(s.entity for s in subjects),
        event_key="先签后招",
        title=f"疑似先签后招：{who}{term}，{what}早于开标（{years(period)}）",
        statement=tuple(statement),
        reasons=_reasons(found, common, settings),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(found),
        path=deals.drawn(lines),
        place=buyer,
        data_gaps=_gaps(found, common),
    )


def _sentence(deal: _Deal) -> Sentence:
    title = deal.row["title"] or deal.row["tender_no"]
    told = []

    def ahead(when: date) -> str:
        before = deal.published is not None and when < deal.published
        return f"，也早于公告日期{day(deal.published)}" if before and deal.published else ""

    if deal.signed:
        signed = deal.row["sign_date"]
        told.append(f"合同于{day(signed)}签订，早{deal.days}天{ahead(signed)}")
    if deal.payments:
        first = min(p["pay_date"] for p in deal.payments)
        sum_ = sum((p["amount"] for p in deal.payments), Decimal(0))
        told.append(
            f"开标前已付款{len(deal.payments)}笔、共{yuan(sum_)}（最早{day(first)}{ahead(first)}）"
        )
    return Sentence(
        f"“{title}”（合同金额{yuan(deal.row['amount'])}）于{day(deal.opened)}开标；{'；'.join(told)}。",
        _rows(deal),
    )


def _reasons(found: Sequence[_Deal], common: bool, settings: Settings) -> tuple[Reason, ...]:
    reasons = []
    # A wrong date of opening makes signing and payment look early at once: they count as two only
    # where something else bears that date out.
    fact = "" if any(d.sure for d in found) else "开标日期"

    def strength(days: int, chosen: Sequence[_Deal]) -> Any:
        weak = common or days < settings.strong_days or all(d.single for d in chosen)
        return "weak" if weak else "strong"

    if signed := [d for d in found if d.signed]:
        longest = max(d.days for d in signed)
        reasons.append(
            Reason(
                "register",
                strength(longest, signed),
                f"{len(signed)}份合同签订早于开标，最多早{longest}天",
                first_rows(r for d in signed for r in _rows(d)),
                fact,
            )
        )
    if paid := [d for d in found if d.payments]:
        longest = max((d.opened - p["pay_date"]).days for d in paid for p in d.payments)
        reasons.append(
            Reason(
                "money",
                strength(longest, paid),
                f"{len(paid)}份合同在开标前已经付款，最多早{longest}天",
                first_rows(_payment(p) for d in paid for p in d.payments),
                fact,
            )
        )
    return tuple(reasons)


def _benign(found: Sequence[_Deal]) -> tuple[BenignResult, ...]:
    paid = any(d.payments for d in found)
    other = "双方之间未见可能对应的其他合同，或付款摘要写明本项目。" if paid else "本条不涉及付款。"
    return (
        BenignResult("emergency", "ruled_out", "名称未见抢险、应急、救灾等字样。"),
        BenignResult("framework", "ruled_out", "名称和方式未见框架、定点、入围等字样。"),
        BenignResult("renewal", "ruled_out", "名称未见续签、续租等字样。"),
        BenignResult("date_typo", "ruled_out", "早于开标不足一年，年份加一后也不在开标后不久。"),
        BenignResult("month_only", "ruled_out", "签订日期写到日，或整月都在开标之前。"),
        BenignResult("other_contract", "ruled_out", other),
        BenignResult("retender", "unknown", "须核对同一项目此前有无招标。"),
    )


def _gaps(found: Sequence[_Deal], common: bool) -> tuple[str, ...]:
    gaps = ["没有中标通知书日期，以开标日期（或投标截止日期）比较。"]
    if common:
        gaps.append("早于开标的合同过于普遍，可能是日期一列的口径不同，须先核对原件。")
    if any(d.single for d in found):
        gaps.append("部分项目是单一来源或直接采购，所列开标日期可能只是补录日期。")
    if all(d.published is None for d in found):
        gaps.append("没有公告日期，不能以公告日期印证开标日期。")
    return tuple(gaps)
