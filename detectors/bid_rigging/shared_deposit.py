"""保证金同源: bid deposits of different bidders of one lot from one account or payer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import ibis

from detectors.bid_rigging._groups import (
    Shared,
    bid_rows,
    by_bidders,
    gather,
    shared_values,
    spread,
)
from detectors.bid_rigging._lots import Lot, lot_list, lots_of
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Identity,
    Reason,
    Requires,
    Result,
    Sentence,
    Spec,
    Subject,
    setting,
)
from detectors.evidence import listing, period_of, records, years
from detectors.names import Names


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    guarantee_words: tuple[str, ...] = setting(
        ("保函", "保险", "担保", "保证保险", "免交", "免收"),
        unit="无",
        reason="保函、保险不由账户转出，出具机构相同不说明问题",
        source="招标投标法实施条例第二十六条（保证金形式）",
    )
    platform_words: tuple[str, ...] = setting(
        ("交易中心", "交易平台", "代理", "银行", "担保", "保险", "财政"),
        unit="无",
        reason="付款人为平台、代理机构、金融机构的属代收代付或子账户",
    )
    hub_bidders: int = setting(
        10, unit="家", reason="同一账户累计对应的投标人达到此数，多为平台子账户或代收账户", least=3
    )
    hub_lots: int = setting(5, unit="个", reason="平台账户必然出现在许多标段", least=2)


SPEC = Spec(
    id="shared_deposit",
    title="保证金同源",
    family="bid_rigging",
    version=1,
    what=(
        "同一标段不同投标人的投标保证金从同一账户转出，或由同一付款人支付。"
        "保函、保险不计，平台子账户和代收账户除外。同一组投标人在多个标段出现的合并为一条。"
    ),
    strength=("proof", "weak"),
    kinds=("money",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(
        Requires("bids", ("deposit_account",)),
        Requires("bids", ("deposit_payer",)),
    ),
    optional=(Requires("tenders", ("title",)), Requires("bids", ("deposit_form",))),
    settings=Settings,
    legal=("ztb-40-6",),
    benign=(
        Benign("guarantee", "以保函、保险等形式提交，不是账户转出", "核对保证金形式"),
        Benign(
            "platform_account",
            "平台分配的子账户、代理机构代收账户或金融机构账户",
            "核对付款人名称，以及该账户累计对应的投标人和标段数，众多互不相关的投标人共用的予以排除",
        ),
        Benign("own_payment", "付款人就是投标人自己", "付款人与投标人一致的不计"),
        Benign("wrong_record", "平台登记有误", None),
    ),
    next_steps=(
        "向交易平台、开户银行核对保证金实际转出账户和户名。",
        "核实付款人与各投标人的关系、资金来源和退还去向。",
        "由招标投标行政监督部门依职权认定。",
    ),
    event_key="同一组投标人",
)

_COLUMNS = (
    "tender_no", "lot", "bidder", "amount",
    "deposit_account", "deposit_payer", "deposit_form", "is_winner",
)  # fmt: skip
_TEXT = "投标保证金记录"
Sign = Literal["account", "payer"]


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders of one lot whose deposits came from one account or payer.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding a set of bidders, over all the lots they share a source in.
    """
    table = snapshot.table("bids")
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    bids = bids.mutate(by_guarantee=_mentions(bids.deposit_form, settings.guarantee_words))
    account = _account(bids)
    by_account = gather(records(shared_values(bids, account)))
    by_payer = [g for g in gather(records(shared_values(bids, _payer(bids)))) if _others_money(g)]
    hubs = _hubs(bids, account, settings) | _hubs(bids, _payer(bids), settings)
    # Where account and payer say the same of the same bidders, it is one fact.
    told = {(g.lot, g.bidders) for g in by_account}
    groups: list[tuple[Sign, Shared]] = [("account", g) for g in by_account]
    groups += [("payer", g) for g in by_payer if (g.lot, g.bidders) not in told]
    explained = {id(g): key for _, g in groups if (key := _explanation(g, hubs, settings))}
    held = _widest([(sign, g) for sign, g in groups if id(g) not in explained])
    signs: dict[int, Sign] = {id(g): sign for sign, g in held}
    rings = by_bidders(g for _, g in held)
    lots = lots_of(snapshot, [r for _, g in held for r in g.rows])
    names = Names(snapshot, {b for ring in rings for b in ring})
    findings = tuple(_finding(ring, found, signs, lots, names) for ring, found in rings.items())
    triggered = {g.lot for _, g in held}
    cleared: dict[str, set[str]] = {}
    for _, group in groups:
        if (key := explained.get(id(group))) and group.lot not in triggered:
            cleared.setdefault(key, set()).add(group.lot)
    return _result(bids, findings, triggered, cleared)


def _widest(groups: list[tuple[Sign, Shared]]) -> list[tuple[Sign, Shared]]:
    """Leave out a part of a lot's bidders where a sure sign holds for more of them: one clue a lot."""
    sure = [(g.lot, set(g.bidders)) for s, g in groups if _source_identity(g, s) == _SURE[0]]
    return [
        (sign, g)
        for sign, g in groups
        if not any(lot == g.lot and set(g.bidders) < wider for lot, wider in sure)
    ]


def _mentions(column: Any, words: tuple[str, ...]) -> Any:
    pattern = "|".join(words)
    return column.fill_null("").re_search(pattern) if pattern else ibis.literal(False)


def _account(bids: Any) -> Any:
    """Account digits; a masked account keeps its stars, which make it less than certain."""
    bare = bids.deposit_account.upper().re_replace("[^0-9A-Z*]", "")
    return ibis.ifelse((bare.length() < 6) | bare.re_search("^0+$"), ibis.null("string"), bare)


def _payer(bids: Any) -> Any:
    bare = bids.deposit_payer.re_replace(r"\s", "").replace("（", "(").replace("）", ")")
    return ibis.ifelse(bare.length() < 2, ibis.null("string"), bare)


def _bare(name: str) -> str:
    """Write a name as :func:`_payer` does."""
    return "".join(name.split()).replace("（", "(").replace("）", ")")


def _others_money(group: Shared) -> bool:
    """Tell whether the shared payer paid for somebody besides itself: two rows of one firm don't."""
    return len({r["bidder_entity"] for r in group.rows if _bare(r["bidder"]) != group.value}) >= 1


def _hubs(bids: Any, value: Any, settings: Settings) -> set[str]:
    wide = spread(bids, value).filter(
        lambda t: (t.bidders >= settings.hub_bidders) & (t.lots >= settings.hub_lots)
    )
    # A ring that always bids together is wide too, but no wider than its largest lot.
    strangers = wide.filter(lambda t: t.bidders >= 1.5 * t.most)
    return {r["value"] for r in records(strangers)}


def _explanation(group: Shared, hubs: set[str], settings: Settings) -> str | None:
    """Name the innocent explanation that holds for the whole group."""
    paid = {r["bidder_entity"] for r in group.rows if not r["by_guarantee"]}
    if len(paid) < 2:
        return "guarantee"
    if group.value in hubs:
        return "platform_account"
    payers = {_bare(r["deposit_payer"]) for r in group.rows if r["deposit_payer"]}
    bidders = {_bare(r["bidder"]) for r in group.rows}
    outside = payers - bidders
    if outside and all(any(w in p for w in settings.platform_words) for p in outside):
        return "platform_account"
    return None


def _result(
    bids: Any, findings: tuple[Finding, ...], triggered: set[str], cleared: dict[str, set[str]]
) -> Result:
    known = bids.deposit_account.notnull() | bids.deposit_payer.notnull() | bids.by_guarantee
    counted = bids.mutate(known=ibis.ifelse(known, bids.bidder_entity, ibis.null("string")))
    per_lot = counted.group_by("lot_entity").agg(
        bidders=counted.bidder_entity.nunique(), known=counted.known.nunique()
    )
    lots = records(per_lot)
    alone = sum(r["bidders"] < 2 for r in lots)
    silent = sum(r["bidders"] >= 2 and r["known"] < 2 for r in lots)
    return Result(
        subject_kind="标段",
        subjects=len(lots),
        triggered=len(triggered),
        not_triggered=len(lots) - len(triggered) - alone - silent,
        insufficient=silent,
        not_applicable=alone,
        findings=findings,
        cleared={key: len(found) for key, found in sorted(cleared.items())},
    )


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    ring: tuple[str, ...],
    groups: Sequence[Shared],
    signs: dict[int, Sign],
    lots: dict[str, Lot],
    names: Names,
) -> Finding:
    mine = sorted(
        {g.lot: lots[g.lot] for g in groups}.values(), key=lambda x: (str(x.when), x.name)
    )
    period = period_of(lot.when for lot in mine)
    awards = [lot.award for lot in mine if lot.award is not None]
    bidders = listing(sorted(names.of(b) for b in ring), "家")
    statement = []
    for group in sorted(groups, key=lambda g: (str(lots[g.lot].when), lots[g.lot].name)):
        source = (
            "从同一账户转出" if signs[id(group)] == "account" else f"由{_payer_name(group)}支付"
        )
        text = f"{bidders}投标“{lots[group.lot].name}”的保证金{source}。"
        statement.append(Sentence(text, bid_rows([group], _TEXT, _COLUMNS)))
    # Rows of one lot need no join between records; what may be unsure is the source of the money.
    identity, chance = min((_source_identity(g, signs[id(g)]) for g in groups), key=_SURE.index)
    how = "从同一账户转出" if any(signs[id(g)] == "account" for g in groups) else "由同一付款人支付"
    return Finding(
        subjects=tuple(Subject(b, "bidder") for b in ring),
        anchors=ring,
        event_key="保证金",
        title=f"疑似保证金同源：{bidders}投标{lot_list(mine)}的保证金{how}（{years(period)}）",
        statement=tuple(statement),
        reasons=(
            Reason(
                "money",
                "proof",
                f"同一标段不同投标人的投标保证金{how}",
                bid_rows(groups, _TEXT, _COLUMNS),
            ),
        ),
        amount=sum(awards, Decimal(0)) if awards else None,
        period=period,
        identity=identity,
        probability=chance,
        benign=(
            BenignResult("guarantee", *_guarantee_text(groups)),
            BenignResult(
                "platform_account",
                "ruled_out",
                "该账户或付款人没有为众多互不相关的投标人付款，付款人名称不属于平台、代理或金融机构。",
            ),
            BenignResult(
                "own_payment", "ruled_out", "至少一家投标人的保证金由他人支付或与他人同账户。"
            ),
            BenignResult("wrong_record", "unknown", "须以银行回单核对。"),
        ),
        data_gaps=()
        if all(r["deposit_form"] for g in groups for r in g.rows)
        else ("部分投标记录没有保证金形式，不能排除保函、保险。",),
    )


_SURE: tuple[tuple[Identity, float | None], ...] = (
    ("certain", None),
    ("probable", 0.8),
    ("name_only", None),
)


def _source_identity(group: Shared, sign: Sign) -> tuple[Identity, float | None]:
    """Say how sure it is that the money has one source.

    A full account number is sure, a masked one probable. A payer by name is sure where it is one
    of the bidders or a firm or one account goes with it; a person's bare name is a name only.
    """
    if sign == "account":
        return _SURE[1] if "*" in group.value else _SURE[0]
    if any(_bare(r["bidder"]) == group.value for r in group.rows) or _is_firm(group.value):
        return _SURE[0]
    return _SURE[2]


def _is_firm(name: str) -> bool:
    return any(w in name for w in ("公司", "厂", "中心", "合作社", "事务所", "商行", "经营部"))


def _payer_name(group: Shared) -> str:
    own = any(_bare(r["bidder"]) == group.value for r in group.rows)
    return f"其中的{group.value}" if own else group.value


def _guarantee_text(groups: Sequence[Shared]) -> tuple[Literal["ruled_out", "unknown"], str]:
    if all(r["deposit_form"] for g in groups for r in g.rows):
        return "ruled_out", "保证金形式不是保函、保险。"
    return "unknown", "部分记录没有保证金形式。"
