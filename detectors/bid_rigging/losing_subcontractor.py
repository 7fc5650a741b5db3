"""落标方分包: the winner pays a bidder that had lost to it, afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from detectors.bid_rigging._consortium import consortium, winner_names
from detectors.bid_rigging._counts import LotCounts, lot_result
from detectors.bid_rigging._deals import (
    Deal,
    Lost,
    Pair,
    busy_payees,
    deals_between_firms,
    fetch_deals,
    first_meetings,
    lost_lots,
    payees_of,
)
from detectors.bid_rigging._lots import Lot, lot_list, lots_of
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


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    window_days: int = setting(
        548, unit="天", reason="工程类合同多在中标后一年半内分包、付款", least=30, most=1825
    )
    least_share: float = setting(
        0.05,
        unit="比例（0—1）",
        reason="付给落标方的金额达到中标金额的此比例才值得核查",
        least=0.005,
        most=1,
    )
    least_amount: float = setting(
        100_000, unit="元", reason="中标金额不详时，付款达到此数才值得核查", least=0
    )
    regular_days: int = setting(
        90,
        unit="天",
        reason="双方首次同场投标之前至少此天数就有往来的，视为长期供应关系",
        least=0,
    )
    goods_words: tuple[str, ...] = setting(
        (
            "材料",
            "货款",
            "设备",
            "租赁",
            "供应",
            "采购",
            "混凝土",
            "砂石",
            "钢材",
            "苗木",
            "运费",
            "机械",
        ),
        unit="无",
        reason="合同名称、付款摘要是买卖、租赁的，可能是正常经营，只作弱提示",
    )
    other_suppliers: int = setting(
        4,
        unit="家",
        reason="中标人同期还向至少此数的其他企业付款的，买卖、租赁视为正常采购",
        least=1,
    )
    market_payers: int = setting(
        10, unit="家", reason="向落标方付款的企业达到此数，多为本地通用的材料、设备供应商", least=3
    )


SPEC = Spec(
    id="losing_subcontractor",
    title="落标方分包",
    family="bid_rigging",
    version=1,
    what=(
        "中标后一段时间内，中标人与同一标段未中标的投标人签订合同，或依法调取的资金流水显示向其付款，金额达到中标金额的"
        "一定比例（OCP R070）。名目是买卖、租赁的只作弱提示，中标人同期向许多企业采购的不计；双方投标前已有往来、落标方是本地通用供应商、公开组成联合体的除外。"
        "同两家企业在多个标段出现的合并为一条。"
    ),
    strength=("strong", "weak"),
    kinds=("money",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(
        Requires("contracts", ("party_a", "party_b", "sign_date")),
        Requires("bank_flows", ("payer", "payee", "flow_date")),
    ),
    optional=(
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("award_amount",)),
        Requires("contracts", ("party_a",)),
        Requires("bank_flows", ("payer",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("small", "金额很小，属零星采购", "与中标金额比较，低于比例的予以排除"),
        Benign(
            "regular",
            "双方投标之前就有长期的材料、设备供应关系",
            "核对双方首次同场投标之前的合同和资金往来，早有往来的予以排除",
        ),
        Benign(
            "market_supplier",
            "落标方是本地通用的材料、设备供应商",
            "核对向其付款的企业数，众多的予以排除",
        ),
        Benign(
            "ordinary_trade",
            "落标方只是中标人众多供应商中的一家",
            "名目是买卖、租赁的，核对中标人同期还向多少家其他企业付款，众多的予以排除",
        ),
        Benign("before_award", "合同签订、付款在中标之前，与中标结果无关", "只计中标当日以后的"),
        Benign("consortium", "双方公开组成联合体", "核对投标人、中标人名称中的联合体记录"),
        Benign("declared_subcontract", "投标文件已载明、招标人已同意的依法分包", None),
    ),
    next_steps=(
        "调取分包合同、招标人同意分包的文件和投标文件中的分包计划。",
        "核实分包内容由谁实际施工、价格是否合理、款项的最终去向。",
        "核对双方在其他标段的投标和中标情况，有无相互让标。",
    ),
    event_key="两家企业之间的付款",
)

_BID_COLUMNS = ("tender_no", "lot", "bidder", "amount", "is_winner", "rank")
_TENDER_COLUMNS = ("tender_no", "lot", "title", "winner", "award_amount", "open_date")


@dataclass(frozen=True)
class Paid:
    """A lost lot and what the winner paid the loser after it."""

    lost: Lost
    deals: tuple[Deal, ...]

    @property
    def amount(self) -> Decimal:
        """Sum of the contracts or of the payments, whichever is more: the one pays the other."""
        return max(_sum(self.deals, "contracts"), _sum(self.deals, "bank_flows"))

    @property
    def share(self) -> float | None:
        """Share of the award, None where that is unknown."""
        if not self.lost.award:
            return None
        return round(float(self.amount / self.lost.award), 4)


def _sum(deals: Iterable[Deal], table: str) -> Decimal:
    return sum((d.amount for d in deals if d.table == table and d.amount is not None), Decimal(0))


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find losing bidders whom the winner paid afterwards.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding two firms, over all the lots that one of them won.
    """
    table = snapshot.table("bids")
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    deals = deals_between_firms(snapshot).cache()
    lost = lost_lots(snapshot, deals.select(winner="payer", loser="payee").distinct())
    by_pair: dict[Pair, list[Deal]] = defaultdict(list)
    for deal in fetch_deals(snapshot, deals, {(x.winner, x.loser) for x in lost}):
        by_pair[deal.payer, deal.payee].append(deal)
    judge = _Judge(snapshot, table, lost, settings)
    judge.market = busy_payees(deals, settings.market_payers)
    judge.payees = payees_of(deals, {x.winner for x in lost})
    found: dict[tuple[str, ...], list[Paid]] = defaultdict(list)
    cleared: dict[str, set[str]] = {b.key: set() for b in SPEC.benign if b.check}
    for pair, paid in _attributed(lost, by_pair, settings).items():
        both = [d for p in (pair, pair[::-1]) for d in by_pair.get(p, ())]
        for item in paid:
            key = judge.explain(item, both)
            if key is None:
                found[tuple(sorted(pair))].append(item)
            elif key:
                cleared[key].add(item.lost.lot)
    names = Names(snapshot, {firm for ring in found for firm in ring})
    findings = [_finding(ring, paid, judge, names) for ring, paid in sorted(found.items())]
    held = {p.lost.lot for paid in found.values() for p in paid}
    return lot_result(_counts(snapshot, bids), findings, held, cleared)


def _counts(snapshot: Any, bids: Any) -> LotCounts:
    """Lots; those of one bidder; those of several whose winner or day is unknown."""
    edges = snapshot.edges
    won = edges.filter((edges.kind == "wins") & edges.start_date.notnull())
    won = won.select(lot="dst").distinct()
    per_lot = bids.group_by(lot=bids.lot_entity).agg(bidders=bids.bidder_entity.nunique())
    known = per_lot.left_join(won, "lot")
    totals = known.agg(
        lots=known.count(),
        alone=(known.bidders < 2).sum(),
        silent=((known.bidders >= 2) & known.lot_right.isnull()).sum(),
    )
    row = totals.to_pyarrow().to_pylist()[0]
    return LotCounts(row["lots"], row["alone"] or 0, row["silent"] or 0)


def _attributed(
    lost: Sequence[Lost], by_pair: dict[Pair, list[Deal]], settings: Settings
) -> dict[Pair, list[Paid]]:
    """Give each deal to one lot: that of its tender number, else the last one lost before it."""
    lots: dict[Pair, list[Lost]] = defaultdict(list)
    for item in lost:
        lots[item.winner, item.loser].append(item)
    found: dict[Pair, list[Paid]] = {}
    for pair, mine in sorted(lots.items()):
        mine.sort(key=lambda x: (x.when, x.lot))
        given: dict[str, list[Deal]] = {x.lot: [] for x in mine}
        for deal in by_pair.get(pair, ()):
            last = deal.when - timedelta(days=settings.window_days)
            before = [x for x in mine if last <= x.when <= deal.when]
            if before:
                given[before[-1].lot].append(deal)
        found[pair] = [Paid(x, tuple(given[x.lot])) for x in mine]
    return found


class _Judge:
    """Judges payments; what it needs to know of the lots is fetched once."""

    market: set[str]
    payees: dict[str, list[tuple[date, str]]]

    def __init__(self, snapshot: Any, table: Any, lost: Sequence[Lost], settings: Settings) -> None:
        self.settings = settings
        lots = {x.lot for x in lost}
        firms = {f for x in lost for f in (x.winner, x.loser)}
        rows = records(among(among(table, "lot_entity", lots), "bidder_entity", firms))
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self.rows[row["lot_entity"], row["bidder_entity"]].append(row)
        self.lots: dict[str, Lot] = lots_of(snapshot, rows)
        self.winners = winner_names(snapshot, lots)
        self.first = first_meetings(snapshot, {(x.winner, x.loser) for x in lost})
        self.tenders: dict[str, Row] = {}
        if snapshot.has("tenders"):
            for row in records(among(snapshot.table("tenders"), "lot_entity", lots)):
                cited = Row("tenders", row["row_id"], "招标记录", _TENDER_COLUMNS)
                self.tenders.setdefault(row["lot_entity"], cited)

    def explain(self, paid: Paid, deals: Sequence[Deal]) -> str | None:
        """Name what clears a lost lot, None if nothing does; empty if nothing looked odd."""
        lost = paid.lost
        if not paid.deals:
            before = any(d.payer == lost.winner and d.when < lost.when for d in deals)
            return "before_award" if before else ""
        if consortium(self._sides(lost), self.winners.get(lost.lot, "")):
            return "consortium"
        met = self.first.get(frozenset((lost.winner, lost.loser)), lost.when)
        long_before = met - timedelta(days=self.settings.regular_days)
        if any(d.when <= long_before for d in deals):
            return "regular"
        if lost.loser in self.market:
            return "market_supplier"
        if self.goods(paid) and self._others(lost) >= self.settings.other_suppliers:
            return "ordinary_trade"
        share = paid.share
        enough = (
            float(paid.amount) >= self.settings.least_amount
            if share is None
            else share >= self.settings.least_share
        )
        return None if enough else "small"

    def goods(self, paid: Paid) -> bool:
        """Whether contracts and payments all speak of buying or hiring."""
        words = self.settings.goods_words
        return all(any(w in d.title for w in words) and "分包" not in d.title for d in paid.deals)

    def _others(self, lost: Lost) -> int:
        """How many other firms the winner paid in the time looked at."""
        last = lost.when + timedelta(days=self.settings.window_days)
        paid = self.payees.get(lost.winner, ())
        return len({payee for when, payee in paid if lost.when <= when <= last} - {lost.loser})

    def _sides(self, lost: Lost) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return self.rows[lost.lot, lost.winner], self.rows[lost.lot, lost.loser]

    def lot_rows(self, lost: Lost) -> tuple[Row, ...]:
        """The lot's tender and the two firms' bids as evidence."""
        tender = self.tenders.get(lost.lot)
        bids = (
            Row("bids", r["row_id"], "投标记录", _BID_COLUMNS)
            for side in self._sides(lost)
            for r in side
        )
        return (*((tender,) if tender else ()), *bids)


# -- wording ---------------------------------------------------------------------------------------


def _finding(ring: tuple[str, ...], found: Sequence[Paid], judge: _Judge, names: Names) -> Finding:
    paid = sorted(found, key=lambda p: (p.lost.when, p.lost.lot))
    amount = sum((p.amount for p in paid), Decimal(0))
    dates: list[date | None] = [p.lost.when for p in paid]
    period = period_of([*dates, *(d.when for p in paid for d in p.deals)])
    statement = []
    for item in paid:
        statement += _told(item, judge, names)
    lots = [judge.lots[p.lost.lot] for p in paid]
    joins = [j for p in paid for j in p.lost.joins]
    joins += [j for p in paid for d in p.deals for j in d.joins]
    identity, probability = weakest(joins)
    winner, loser = names.of(paid[0].lost.winner), names.of(paid[0].lost.loser)
    mutual = len({p.lost.winner for p in paid}) > 1
    flows = any(d.table == "bank_flows" for p in paid for d in p.deals)
    contracts = any(d.table == "contracts" for p in paid for d in p.deals)
    goods = all(judge.goods(p) for p in paid)
    how = "签订合同并付款" if flows and contracts else "付款" if flows else "签订合同"
    who = (
        f"{winner}、{loser}互为中标人和落标人，中标后相互{how}"
        if mutual
        else f"{winner}中标后{'与' if contracts else '向'}落标的{loser}{how}"
    )
    return Finding(
        subjects=tuple(Subject(b, "bidder") for b in ring),
        anchors=ring,
        event_key="落标方分包",
        title=f"疑似落标方分包：{who}共{yuan(amount)}，涉及{lot_list(lots)}（{years(period)}）",
        statement=tuple(statement),
        reasons=(
            Reason(
                "money",
                "weak" if goods else "strong",
                f"中标人在中标后与同一标段的落标方{how}，金额达到中标金额的一定比例"
                + ("；名目是买卖、租赁，可能是正常经营" if goods else ""),
                first_rows(c for s in statement for c in s.cites if isinstance(c, Row)),
            ),
        ),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(goods),
        legal=(),
        path=_path(paid, judge),
        data_gaps=_gaps(paid, contracts, flows),
    )


def _told(paid: Paid, judge: _Judge, names: Names) -> list[Sentence]:
    lost = paid.lost
    winner, loser = names.of(lost.winner), names.of(lost.loser)
    award = f"，中标金额{yuan(lost.award)}" if lost.award else ""
    told = [
        Sentence(
            f"{day(lost.when)}，{winner}中标“{judge.lots[lost.lot].name}”{award}，{loser}参加投标未中标。",
            judge.lot_rows(lost),
        )
    ]
    for table, verb in (("contracts", "签订合同"), ("bank_flows", "付款")):
        mine = [d for d in paid.deals if d.table == table]
        if not mine:
            continue
        total = _sum(mine, table)
        share = (
            f"，为中标金额的{percent(round(float(total / lost.award), 4))}" if lost.award else ""
        )
        unit = "份" if table == "contracts" else "笔"
        first, last = mine[0].when, mine[-1].when
        span = day(first) if first == last else f"{day(first)}至{day(last)}"
        named = "、".join(dict.fromkeys(f"“{d.title}”" for d in mine[:2]))
        more = "等" if len(mine) > 2 else ""
        link = "与" if table == "contracts" else "向"
        text = f"其后{span}，{winner}{link}{loser}{verb}{len(mine)}{unit}（{named}{more}），共{yuan(total)}{share}。"
        told.append(Sentence(text, first_rows(d.row for d in mine)))
    return told


def _benign(goods: bool) -> tuple[BenignResult, ...]:
    return (
        BenignResult("small", "ruled_out", "金额达到设定的比例。"),
        BenignResult("regular", "ruled_out", "双方首次同场投标之前未见长期往来。"),
        BenignResult("market_supplier", "ruled_out", "向落标方付款的企业不多，不像通用供应商。"),
        BenignResult(
            "ordinary_trade",
            "unknown" if goods else "ruled_out",
            "名目是买卖、租赁，须核对是否实际供货和价格。"
            if goods
            else "名目不全是买卖、租赁，或未注明。",
        ),
        BenignResult("before_award", "ruled_out", "所列合同、付款均在中标当日或以后。"),
        BenignResult("consortium", "ruled_out", "未见联合体记录。"),
        BenignResult(
            "declared_subcontract", "unknown", "须核对投标文件的分包计划和招标人同意分包的文件。"
        ),
    )


def _gaps(paid: Sequence[Paid], contracts: bool, flows: bool) -> tuple[str, ...]:
    gaps = []
    if not flows:
        gaps.append("没有依法调取的双方资金流水，不能核对是否实际付款。")
    if not contracts:
        gaps.append("没有双方之间的合同，不能核对付款的原因。")
    if any(not p.lost.award for p in paid):
        gaps.append("部分标段中标金额不详，不能计算比例。")
    return tuple(gaps)


def _path(paid: Sequence[Paid], judge: _Judge) -> Path:
    edges: list[PathEdge] = []
    for item in paid[:3]:
        lost = item.lost
        rows = judge.lot_rows(lost)
        term = "中标" + (yuan(lost.award) if lost.award else "")
        edges.append(
            PathEdge(lost.winner, lost.lot, "wins", term, lost.when, lost.when, cites=rows)
        )
        edges.append(
            PathEdge(lost.loser, lost.lot, "bids", "落标", lost.when, lost.when, cites=rows)
        )
    pairs: dict[Pair, list[Deal]] = defaultdict(list)
    for item in paid:
        pairs[item.lost.winner, item.lost.loser] += item.deals
    for (winner, loser), deals in sorted(pairs.items()):
        total = sum(
            (p.amount for p in paid if (p.lost.winner, p.lost.loser) == (winner, loser)),
            Decimal(0),
        )
        first, last = deals[0].when, deals[-1].when
        kind = "contract" if any(d.table == "contracts" for d in deals) else "pays"
        term = f"{'合同' if kind == 'contract' else '付款'}{len(deals)}笔、共{yuan(total)}"
        trust = weakest(j for d in deals for j in d.joins)[0]
        rows = first_rows(d.row for d in deals)
        edges.append(PathEdge(winner, loser, kind, term, first, last, trust, rows))
    nodes = dict.fromkeys(n for p in paid[:3] for n in (p.lost.winner, p.lost.lot, p.lost.loser))
    return Path(tuple(nodes), tuple(edges))
