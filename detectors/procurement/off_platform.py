"""应进未进平台: deals over the limit for the public platform that the platform knows nothing of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
from detectors.evidence import among, first_rows, percent, period_of, records, weakest, years, yuan
from detectors.names import Names
from detectors.procurement import _deals as deals

_RULE = "必须招标的工程项目规定"
_NEAR_DAYS = 366
_WORKS_GOODS = ("工程", "安装", "建设", "施工", "管网", "建材", "钢材", "水泥")


@dataclass(frozen=True)
class Settings:
    """Limits of the detector."""

    works_limit: int = setting(
        4_000_000, unit="元", reason="施工单项合同估算价达到此数必须招标", source=_RULE, least=1
    )
    goods_limit: int = setting(
        2_000_000, unit="元", reason="工程的重要设备、材料达到此数必须招标", source=_RULE, least=1
    )
    survey_limit: int = setting(
        1_000_000, unit="元", reason="勘察、设计、监理达到此数必须招标", source=_RULE, least=1
    )
    procurement_limit: int | None = setting(
        None,
        unit="元",
        reason="与工程无关的货物、服务进平台的数额由各地规定，不设置则不检查",
        source="当地集中采购目录及标准",
        least=1,
    )
    platform_words: tuple[str, ...] = setting(
        ("公共资源交易", "政府采购", "招标投标公共服务", "交易中心", "电子招标投标", "阳光采购"),
        unit="无",
        reason="交易平台名称含这些字样的视为公共平台",
    )
    platform_year: int | None = setting(
        None,
        unit="年",
        reason="平台启用的年份；不设置则以招标记录最早的开标日期推算",
        least=1990,
        most=2100,
    )
    lead_days: int = setting(
        60,
        unit="天",
        reason="开标到签约一般不超过两个月，招标记录须早于合同这么久才算覆盖",
        least=0,
    )
    least_contracts: int = setting(
        5, unit="份", reason="达到限额的合同少于此数时，看不出单位的招标记录是否齐全", least=2
    )
    most_untraced: float = setting(
        0.5,
        unit="比例",
        reason="超过此比例的合同查不到招标记录，多半是招标数据不全，不作疑点",
        least=0,
        most=1,
    )
    platform_filled: float = setting(
        0.9, unit="比例", reason="填写平台的项目达到此比例，空白的才值得核对", least=0, most=1
    )


SPEC = Spec(
    id="off_platform",
    title="应进未进平台",
    family="procurement",
    version=1,
    in_yuan=True,
    what=(
        "公共单位的合同达到必须招标的限额（与工程无关的货物、服务按当地标准，须设置），"
        "却没有项目编号或编号在招标记录中查不到，同名项目和同一中标金额的项目也查不到；"
        "或招标项目达到限额，交易平台不是公共平台。单位的合同大多查不到招标记录时，"
        "视为数据不全，不作疑点。村级项目由“村级项目应进未进平台”检查。"
    ),
    strength=("strong", "weak"),
    kinds=("register",),
    requires=(
        Requires("contracts", ("title", "party_a", "amount", "sign_date")),
        Requires("tenders", ("tender_no", "purchaser")),
    ),
    optional=(Requires("contracts", ("tender_no",)), Requires("tenders", ("platform",))),
    settings=Settings,
    legal=("must-tender",),
    benign=(
        Benign("public_party", "对方是公共单位，属拨款、借款或委托", "核对对方是否为单位或村"),
        Benign(
            "no_purchase",
            "借款、土地、征收补偿、出租等不属于采购的合同",
            "核对合同名称中的借款、出让、征收、出租等字样",
        ),
        Benign("secret", "涉密项目", "核对名称中的涉密等字样"),
        Benign("emergency", "抢险救灾等紧急工程", "核对名称中的抢险、应急、救灾等字样"),
        Benign("single_source", "经批准的单一来源采购", "核对名称和方式中的单一来源字样"),
        Benign("framework", "框架协议、定点采购项下的订单", "核对名称中的框架、定点、入围等字样"),
        Benign(
            "supplement",
            "已招标合同的补充协议",
            "核对名称中的补充、变更字样，并核对双方之间有无已招标的合同",
        ),
        Benign(
            "listed",
            "已在平台招标，只是合同漏登项目编号",
            "以同一采购人的同名项目、同一中标人和中标金额在招标记录中查找",
        ),
        Benign(
            "before_platform",
            "合同早于平台启用或招标记录的起始日期",
            "核对签订日期与招标记录最早的开标日期",
        ),
        Benign("exempt", "经批准不招标、以其他依法方式采购", None),
    ),
    next_steps=(
        "向公共资源交易中心查询该项目有无进场交易记录。",
        "调取项目立项、招标事项核准或不招标的批准文件。",
        "核实由谁决定不进平台，承接单位如何选定。",
    ),
    event_key="固定为“未进平台”，以采购人与承接单位区分",
)

_TYPES = {"works": "施工", "goods": "工程设备、材料", "survey": "勘察设计监理"}
_CHECKED = (
    "public_party", "no_purchase", "secret", "emergency", "single_source", "framework",
    "supplement", "listed", "before_platform",
)  # fmt: skip


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find deals over the limit that the platform knows nothing of.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are contracts and tenders at or over their limit. A unit most of whose contracts
        have no tender is insufficient data.
    """
    contracts = _judged(_contracts(snapshot, settings), snapshot, settings)
    tenders = _judged_tenders(_tenders(snapshot, settings), settings)
    states = Counter([*contracts["state"], *tenders["state"]])
    cleared = {key: states[key] for key in _CHECKED if states[key]}
    findings = _findings(snapshot, contracts, tenders, settings)
    buyers = pd.concat([contracts["buyer"], tenders["buyer"]])
    return Result(
        subject_kind="达到限额的合同·项目",
        subjects=states.total(),
        triggered=states["hit"],
        not_triggered=states["fine"] + sum(cleared.values()),
        insufficient=states["insufficient"],
        not_applicable=0,
        findings=findings,
        cleared=cleared,
        places=int(buyers.nunique()),
        place_kind="unit",
        notes=_notes(contracts, settings),
    )


def _notes(contracts: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    notes = []
    if settings.procurement_limit is None:
        notes.append(
            "未设置当地进平台的采购数额标准（procurement_limit），与工程无关的货物、服务未检查。"
        )
    if unclear := int((contracts["state"] == "insufficient").sum()):
        notes.append(f"{unclear}份达到限额的合同因招标记录不全或没有签订日期，未作判断。")
    return tuple(notes)


# -- what is over the limit ----------------------------------------------------------------------


def _over(table: Any, estimate: Any, category: Any, settings: Settings) -> Any:
    """Keep what is at or over the limit of its type; adds ``estimate`` and ``limit``."""
    limits = [settings.works_limit, settings.goods_limit, settings.survey_limit]
    if settings.procurement_limit is not None:
        limits.append(settings.procurement_limit)
    table = table.mutate(estimate=estimate, context=table.title.fill_null("") + category)
    # Titles are sorted into types one by one, so only those that can matter.
    table = deals.typed(table.filter(table.estimate >= min(limits)))
    works_goods = (table.type == "goods") & deals.says(table.context, _WORKS_GOODS)
    limit = ibis.cases(
        (table.type == "works", settings.works_limit),
        (table.type == "survey", settings.survey_limit),
        (works_goods, settings.goods_limit),
        else_=ibis.literal(settings.procurement_limit, "int64"),
    )
    kind = ibis.cases(
        (table.type == "works", "works"),
        (table.type == "survey", "survey"),
        (works_goods, "goods"),
        else_="procurement",
    )
    table = table.mutate(threshold=limit, kind=kind)
    return table.filter(table.threshold.notnull() & (table.estimate >= table.threshold))


def _excuse(table: Any, spoken: Any, public_party: Any, *more: tuple[Any, str]) -> Any:
    return ibis.cases(
        (public_party, "public_party"),
        (deals.says(spoken, deals.NO_PURCHASE), "no_purchase"),
        (deals.says(spoken, deals.SECRET), "secret"),
        (deals.emergency(spoken), "emergency"),
        (deals.says(spoken, deals.SINGLE_SOURCE), "single_source"),
        (deals.says(spoken, deals.FRAMEWORK), "framework"),
        *more,
        else_=ibis.null("string"),
    )


def _contracts(snapshot: Any, settings: Settings) -> pd.DataFrame:
    everything = deals.contracts(snapshot)
    tenders = deals.tenders(snapshot)
    everything = deals.flagged(
        everything, tenders.filter(tenders.key.notnull()), ("key",), "traced"
    )
    purchasers = deals.tenders(snapshot).select("buyer")
    everything = deals.flagged(everything, purchasers, ("buyer",), "purchases")
    everything = everything.select(
        "row_id", "buyer", "supplier", "buyer_kind", "supplier_kind", "party_a", "title", "base",
        "tender_no", "amount", "sign_date", "traced", "purchases",
    ).cache()  # fmt: skip
    tenders = tenders.select("buyer", "supplier", "base", "award_amount", "opened").cache()
    village = deals.village_buyer(everything.party_a, everything.buyer_kind)
    public = (everything.buyer_kind == "unit") | everything.purchases
    table = _over(
        everything.filter(public & ~village),
        everything.amount,
        ibis.literal(""),
        settings,
    )
    pairs = everything.filter(everything.traced & everything.supplier.notnull())
    table = deals.flagged(table, pairs, ("buyer", "supplier"), "supplied")
    named = tenders.filter(tenders.base.notnull()).select("buyer", "base", "opened")
    table = _flag_near(table, named, ("buyer", "base"), "named")
    won = tenders.filter(tenders.award_amount > 0)
    won = won.select("buyer", "supplier", "opened", amount=won.award_amount)
    table = _flag_near(table, won, ("buyer", "supplier", "amount"), "won")
    supplement = deals.says(table.title, deals.SUPPLEMENT) & table.supplied
    excuse = _excuse(
        table,
        table.title,
        table.supplier_kind.isin(["unit", "village"]).fill_null(False),
        (supplement, "supplement"),
        (table.named | table.won, "listed"),
    )
    numbered = table.tender_no.notnull()
    chosen = table.select(
        "row_id", "buyer", "supplier", "kind", "threshold", "traced", "sign_date",
        excuse=excuse, numbered=numbered,
    )  # fmt: skip
    frame: pd.DataFrame = chosen.to_pandas()
    return frame


def _flag_near(table: Any, tenders: Any, keys: Sequence[str], name: str) -> Any:
    """Flag contracts that a tender with the same keys was opened for within a year.

    What is bought year after year under one title is another tender each time.
    """
    both = table.select("row_id", "sign_date", *keys).join(tenders, list(keys))
    apart = both.sign_date.delta(both.opened, unit="day").abs().fill_null(0)
    return deals.flagged(table, both.filter(apart <= _NEAR_DAYS), ("row_id",), name)


def _judged(frame: pd.DataFrame, snapshot: Any, settings: Settings) -> pd.DataFrame:
    """Add ``state`` (fine, hit, insufficient or the key of what clears it) and the unit's record.

    Whether tenders are on record is asked of what has no excuse: those must all be there.
    """
    asked = frame[frame["excuse"].isna() | frame["traced"]]
    record = asked.groupby("buyer")["traced"].agg(over="size", found="sum")
    frame = frame.join(record, on="buyer").fillna({"over": 0, "found": 0})
    first, last = _covered(snapshot, settings)
    signed = pd.to_datetime(frame["sign_date"])
    lead = pd.Timedelta(days=settings.lead_days)
    complete = _complete(len(asked), int(asked["traced"].sum()), settings)
    poor = (frame["over"] >= settings.least_contracts) & (
        1 - frame["found"] / frame["over"].clip(lower=1) > settings.most_untraced
    )
    state = frame["excuse"].fillna("hit")
    early = (signed < first) if first is not None else pd.Series(False, frame.index)
    late = (signed > last + lead) if last is not None else pd.Series(False, frame.index)
    open_ = state == "hit"
    state = state.mask(open_ & early, "before_platform")
    state = state.mask(
        open_ & ~early & (late | signed.isna() | poor | (not complete)), "insufficient"
    )
    return frame.assign(state=state.mask(frame["traced"], "fine"))


def _complete(asked: int, traced: int, settings: Settings) -> bool:
    """Tell whether the tenders at hand are those that the contracts came from."""
    if not traced:
        return False
    few = asked < 2 * settings.least_contracts
    return few or 1 - traced / asked <= settings.most_untraced


def _covered(snapshot: Any, settings: Settings) -> tuple[Any, Any]:
    """First day whose contracts, and last day whose tenders, the records cover."""
    table = deals.tenders(snapshot)
    row = records(table.aggregate(first=table.opened.min(), last=table.opened.max()))[0]
    since = date(settings.platform_year, 1, 1) if settings.platform_year else None
    if since is None and row["first"] is not None:
        since = row["first"] + timedelta(days=settings.lead_days)
    last = row["last"]
    return (
        pd.Timestamp(since) if since is not None else None,
        pd.Timestamp(last) if last is not None else None,
    )


def _tenders(snapshot: Any, settings: Settings) -> pd.DataFrame:
    columns = ["row_id", "buyer", "supplier", "kind", "threshold", "excuse", "public", "named"]
    if not snapshot.has("tenders", "platform"):
        return pd.DataFrame({c: pd.Series(dtype=object) for c in columns})
    table = deals.tenders(snapshot)
    estimate = table.ceiling_price.coalesce(table.award_amount)
    village = deals.village_buyer(table.purchaser, ibis.literal(""))
    over = _over(table.filter(~village), estimate, table.category.fill_null(""), settings)
    spoken = over.title.fill_null("") + over.method.fill_null("")
    chosen = over.select(
        "row_id", "buyer", "supplier", "kind", "threshold",
        excuse=_excuse(over, spoken, ibis.literal(False)),
        public=deals.says(over.platform, settings.platform_words),
        named=over.platform.notnull(),
    )  # fmt: skip
    frame: pd.DataFrame = chosen.to_pandas()
    return frame


def _judged_tenders(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    named = frame["named"].astype(bool)
    state = frame["excuse"].fillna("hit").astype(object)
    # Where the platform is often left blank, a blank says nothing.
    filled = len(frame) > 0 and named.mean() >= settings.platform_filled
    if not filled:
        state = state.mask((state == "hit") & ~named, "insufficient")
    return frame.assign(state=state.mask(frame["public"].astype(bool), "fine"))


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Item:
    """A contract or tender to be told of."""

    contract: bool
    row: Row
    title: str
    amount: Decimal
    limit: str
    when: date | None
    why: str
    strong: bool
    joins: tuple[tuple[str | None, float | None], ...]
    over: int = 0
    found: int = 0


def _findings(
    snapshot: Any, contracts: pd.DataFrame, tenders: pd.DataFrame, settings: Settings
) -> tuple[Finding, ...]:
    groups: dict[tuple[str, str | None], list[_Item]] = defaultdict(list)
    for key, item in (
        *_contract_items(snapshot, contracts[contracts["state"] == "hit"]),
        *_tender_items(snapshot, tenders[tenders["state"] == "hit"]),
    ):
        groups[key].append(item)
    entities = {e for key in groups for e in key if e}
    names = Names(snapshot, entities)
    ordered = sorted(groups, key=lambda k: (k[0], k[1] or ""))
    return tuple(_finding(key, groups[key], names, snapshot) for key in ordered)


def _limit(kind: str, limit: int) -> str:
    return f"{_TYPES.get(kind, '当地采购')}限额{yuan(Decimal(limit))}"


Found = tuple[tuple[str, str | None], _Item]


def _contract_items(snapshot: Any, hits: pd.DataFrame) -> list[Found]:
    judged = {r["row_id"]: r for r in hits.to_dict("records")}
    found: list[Found] = []
    for row in records(among(deals.contracts(snapshot), "row_id", judged)):
        told = judged[row["row_id"]]
        why = "合同没有项目编号"
        if row["tender_no"]:
            why = f"合同所列项目编号{row['tender_no']}在招标记录中查不到"
        item = _Item(
            True,
            deals.contract_row(row),
            row["title"],
            row["amount"],
            _limit(told["kind"], int(told["threshold"])),
            row["sign_date"],
            why,
            not row["tender_no"],
            tuple(deals.parties(row, "party_a", *(["party_b"] if row["supplier"] else []))),
            int(told["over"]),
            int(told["found"]),
        )
        found.append(((row["buyer"], row["supplier"]), item))
    return found


def _tender_items(snapshot: Any, hits: pd.DataFrame) -> list[Found]:
    judged = {r["row_id"]: r for r in hits.to_dict("records")}
    if not judged:
        return []
    found: list[Found] = []
    for row in records(among(deals.tenders(snapshot), "row_id", judged)):
        told = judged[row["row_id"]]
        award, ceiling = row["award_amount"], row["ceiling_price"]
        why = f"所列交易平台为{row['platform']}" if row["platform"] else "没有填写交易平台"
        item = _Item(
            False,
            deals.tender_row(row),
            row["title"] or row["tender_no"],
            award if award is not None else ceiling,
            _limit(told["kind"], int(told["threshold"])),
            row["opened"] or row["publish_date"],
            why,
            False,
            tuple(deals.parties(row, "purchaser", *(["winner"] if row["supplier"] else []))),
        )
        found.append(((row["buyer"], row["supplier"]), item))
    return found


def _finding(
    key: tuple[str, str | None], items: Sequence[_Item], names: Names, snapshot: Any
) -> Finding:
    buyer, supplier = key
    items = sorted(items, key=lambda i: (not i.contract, str(i.when), i.title, i.amount))
    signed = [i for i in items if i.contract]
    called = [i for i in items if not i.contract]
    who = f"{names.of(buyer)}与{names.of(supplier)}" if supplier else names.of(buyer)
    period = period_of(i.when for i in items)
    amount = sum((i.amount for i in items), Decimal(0))
    rows = [i.row for i in items]
    statement: list[Sentence] = []
    if signed:
        statement += _signed(who, names.of(buyer), signed)
    if called:
        won = f"，中标人为{names.of(supplier)}" if supplier else ""
        statement.append(
            Sentence(
                f"{names.of(buyer)}的{deals.quoted([i.title for i in called])}达到"
                f"{_each(called)}{won}，{_reasons(called)}。",
                first_rows(i.row for i in called),
            )
        )
    strong = any(i.strong for i in items)
    text = "；".join(
        [f"{len(signed)}份达到限额的合同未见招标记录"] * bool(signed)
        + [f"{len(called)}个达到限额的项目未见公共平台"] * bool(called)
    )
    joins = [j for i in items for j in i.joins]
    identity, chance = weakest(joins)
    what = deals.counted(len(items), "份合同" if signed and not called else "个项目", amount)
    subjects = [Subject(buyer, "purchaser")]
    if supplier:
        subjects.append(Subject(supplier, "company"))
    term = what
    lines = (
        [deals.Line(buyer, supplier, term, period, tuple(joins), tuple(rows))] if supplier else []
    )
    return Finding(
        subjects=tuple(subjects),
        anchors=tuple(s.entity for s in subjects),
        event_key="未进平台",
        title=f"疑似应进未进平台：{who}{what}未见公共平台交易记录（{years(period)}）",
        statement=tuple(statement),
        reasons=(Reason("register", "strong" if strong else "weak", text, first_rows(rows)),),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(),
        path=deals.drawn(lines),
        place=buyer,
        data_gaps=_gaps(snapshot),
    )


def _signed(who: str, buyer: str, signed: Sequence[_Item]) -> list[Sentence]:
    period = deals.span(period_of(i.when for i in signed))
    amount = sum((i.amount for i in signed), Decimal(0))
    many = f"共{len(signed)}份合同，合计" if len(signed) > 1 else "，合同金额"
    told = [
        Sentence(
            f"{who}于{period}签订{deals.quoted([i.title for i in signed])}{many}{yuan(amount)}，"
            f"{'每份均' if len(signed) > 1 else ''}达到{_each(signed)}，{_reasons(signed)}，"
            "招标记录中也未见同名项目。",
            first_rows(i.row for i in signed),
        )
    ]
    over, found = signed[0].over, signed[0].found
    if over > len(signed):
        statistic = Statistic(
            f"达到限额的合同{over}份，其中{found}份查得到招标记录（{percent(found / over)}）",
            (("达到限额的合同", over), ("查得到招标记录", found)),
        )
        told.append(
            Sentence(
                f"{buyer}达到限额的合同共{over}份，其中{found}份查得到招标记录。", (statistic,)
            )
        )
    return told


def _each(items: Sequence[_Item]) -> str:
    return "、".join(dict.fromkeys(i.limit for i in items))


def _reasons(items: Sequence[_Item]) -> str:
    return "；".join(list(dict.fromkeys(i.why for i in items))[:3])


_RULED_OUT = {
    "public_party": "对方不是公共单位。",
    "no_purchase": "名称未见借款、出让、征收、出租等字样。",
    "secret": "名称未见涉密字样。",
    "emergency": "名称未见抢险、应急、救灾等字样。",
    "single_source": "名称和方式未见单一来源字样。",
    "framework": "名称未见框架、定点、入围等字样。",
    "supplement": "未见属于已招标合同的补充协议。",
    "listed": "招标记录中未见同名项目或同一中标金额的项目。",
    "before_platform": "日期在招标记录覆盖的期间内。",
}


def _benign() -> tuple[BenignResult, ...]:
    checked = tuple(BenignResult(k, "ruled_out", t) for k, t in _RULED_OUT.items())
    return (*checked, BenignResult("exempt", "unknown", "须以不招标的批准文件核对。"))


def _gaps(snapshot: Any) -> tuple[str, ...]:
    gaps = ["没有不招标、单一来源的批准文件数据，不能排除已经批准。"]
    if not snapshot.has("contracts", "tender_no"):
        gaps.append("合同没有项目编号一列，只能以项目名称和金额与招标记录核对。")
    if not snapshot.has("tenders", "platform"):
        gaps.append("招标记录没有交易平台，不能核对已招标项目是否进了公共平台。")
    return tuple(gaps)
