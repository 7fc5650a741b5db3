"""同一控制下企业同场投标: bidders of one lot behind which the same people or firms stand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from detectors.bid_rigging._consortium import consortium, winner_names
from detectors.bid_rigging._control import Link, Pair, clusters, links_between
from detectors.bid_rigging._control_story import Held, control_finding
from detectors.bid_rigging._counts import count_lots, lot_result
from detectors.bid_rigging._lots import lots_of
from detectors.bid_rigging._regime import regimes
from detectors.detector import Benign, Requires, Result, Spec, Strength, setting
from detectors.evidence import among, records
from detectors.names import Names
from graph.holdings import DIRECT, Holdings


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    control_share: float = setting(
        0.5,
        unit="比例（0—1）",
        reason="持股达到此比例为控股；不足的，只有第一大股东作较强提示",
        source="公司法关于控股股东的定义（出资额占百分之五十以上）",
        least=0.3,
        most=1,
    )
    least_stake: float = setting(
        0.05, unit="比例（0—1）", reason="更小的参股一般不影响经营", least=0.01, most=1
    )
    max_layers: int = setting(4, unit="层", reason="更长的持股链多为数据错误", least=1, most=8)
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )
    relations: tuple[str, ...] = setting(
        ("配偶", "父母", "子女", "兄弟姐妹"),
        unit="亲属关系",
        reason="村镇企业之间亲属关系普遍，只取最近的几类",
    )
    state_words: tuple[str, ...] = setting(
        ("国有资产", "国资委", "国有资本", "财政局", "财政厅", "人民政府", "供销合作社联合社"),
        unit="无",
        reason="不因同受国家出资而视为同一控制",
        source="公司法关于关联关系的定义",
    )


SPEC = Spec(
    id="common_control",
    title="同一控制下企业同场投标",
    family="bid_rigging",
    version=1,
    what=(
        "同一标段的不同投标人，投标当日单位负责人为同一人，或一家直接控股另一家（含分支机构）：属于限制参加同一标段"
        "投标的情形，本身不说明串通。经多层持股控股、同受一人或一家企业控制的为较强提示；负责人、控股人为近亲属的为"
        "弱提示。同一组投标人在多个标段出现的合并为一条。"
    ),
    strength=("proof", "strong", "weak"),
    kinds=("relation",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(
        Requires("companies", ("name", "legal_representative")),
        Requires("shareholders", ("company", "shareholder")),
    ),
    optional=(
        Requires("tenders", ("open_date",)),
        Requires("companies", ("legal_representative",)),
        Requires("shareholders", ("shareholder",)),
        Requires("bids", ("disqualified",)),
    ),
    settings=Settings,
    legal=("ztb-34", "ggc-18"),
    benign=(
        Benign(
            "ended",
            "任职、持股或亲属关系在投标前已经终止，或投标后才开始",
            "按投标日核对任职、持股、亲属关系的起止日期",
        ),
        Benign(
            "rejected",
            "其中一方的投标已被否决，没有参与竞争",
            "核对投标记录的废标、否决标记",
        ),
        Benign(
            "consortium",
            "双方组成联合体共同投标",
            "核对投标人、中标人名称中的联合体记录，以及同价同时中标",
        ),
        Benign(
            "state",
            "只是同受国有资产监督管理机构或财政部门出资",
            "共同的控制人为国资、财政等机构的予以排除",
        ),
        Benign("stale_register", "登记资料是查询时的状态，投标时负责人、股东另有其人", None),
    ),
    next_steps=(
        "向登记机关调取各企业投标当日的负责人、股东和历次变更记录。",
        "调取投标文件中关于控股、管理关系的声明，核对资格审查是否提出。",
        "由招标投标行政监督部门（政府采购的由财政部门）依职权认定投标是否有效；是否存在串通另行核查。",
    ),
    event_key="同一组投标人",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders of one lot under one control.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding a set of bidders, over all the lots in which they met so.
    """
    table = snapshot.table("bids")
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    found, met = links_between(snapshot, bids, settings)
    links: dict[Pair, list[Link]] = defaultdict(list)
    for link in found:
        links[link.pair].append(link)
    judge = _Judge(snapshot, table, met, links, settings)
    cleared: dict[str, set[str]] = {b.key: set() for b in SPEC.benign if b.check}
    by_lot: dict[str, list[Held]] = defaultdict(list)
    for pair, lots in met.items():
        for lot in lots:
            outcome = judge.judge(pair, lot)
            if isinstance(outcome, str):
                cleared[outcome].add(lot)
            elif outcome is not None:
                by_lot[lot].append(outcome)
    rings = _rings(by_lot)
    names = Names(snapshot, {n for held in rings.values() for h in held for n in h.entities()})
    rules = regimes(snapshot, by_lot)
    findings = [control_finding(ring, held, rules, names) for ring, held in rings.items()]
    return lot_result(
        count_lots(*_registered(snapshot, bids)),
        findings,
        {h.lot.entity for held in rings.values() for h in held},
        cleared,
    )


def _registered(snapshot: Any, bids: Any) -> tuple[Any, Any]:
    """Bids, and whether a register says anything of the bidder."""
    edges = snapshot.edges
    known = edges.filter(edges.kind.isin(DIRECT)).select(firm="dst").distinct()
    joined = bids.left_join(known, bids.bidder_entity == known.firm)
    return joined, joined.firm.notnull()


class _Judge:
    """Judges meetings of two firms; all rows are fetched once."""

    def __init__(
        self,
        snapshot: Any,
        table: Any,
        met: dict[Pair, list[str]],
        links: dict[Pair, list[Link]],
        settings: Settings,
    ) -> None:
        self.links = links
        self.settings = settings
        lots = {lot for found in met.values() for lot in found}
        firms = {firm for pair in met for firm in pair}
        rows = records(among(among(table, "lot_entity", lots), "bidder_entity", firms))
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self.rows[row["lot_entity"], row["bidder_entity"]].append(row)
        self.lots = lots_of(snapshot, rows)
        self.winners = winner_names(snapshot, lots)
        staked = {e["dst"] for p in met for x in links[p] if x.kind == "stake" for e in x.edges}
        self.holdings = Holdings.above(snapshot, staked)
        behind = {who for pair in met for link in links[pair] for who in link.behind}
        self.names = Names(snapshot, behind)

    def judge(self, pair: Pair, lot: str) -> Held | str | None:
        """What a meeting is worth, or the key of the explanation that clears it."""
        day = self.lots[lot].when
        rows = (self.rows[lot, pair[0]], self.rows[lot, pair[1]])
        good = [link for link in self.links[pair] if link.held(day)]
        if not good:
            return "ended"
        if any(all(r["disqualified"] for r in mine) for mine in rows):
            return "rejected"
        if consortium(rows, self.winners.get(lot, "")):
            return "consortium"
        private = [link for link in good if not self._of_the_state(link)]
        if not private:
            return "state"
        held = [
            Held(self.lots[lot], link, strength, (*rows[0], *rows[1]), day is not None)
            for link in private
            if (strength := self._strength(link, day)) is not None
        ]
        return min(held, key=lambda h: h.rank) if held else None

    def _of_the_state(self, link: Link) -> bool:
        """Whether what stands behind both is a public body and nothing else."""
        if link.kind != "controller":
            return False
        return any(
            who.startswith(("u-", "v-"))
            or any(w in self.names.of(who) for w in self.settings.state_words)
            for who in link.behind
        )

    def _strength(self, link: Link, day: date | None) -> Strength | None:
        if link.kind in ("head", "holding"):
            return "proof"
        if link.kind in ("layers", "controller"):
            return "strong"
        if link.kind == "kin":
            return "weak"
        (edge,) = link.edges
        if edge["share"] is None:
            return "strong"
        net = self.holdings.on(day) if day else self.holdings
        largest = net.largest(edge["dst"])
        return "strong" if largest and largest.holder == edge["src"] else "weak"


def _rings(by_lot: dict[str, list[Held]]) -> dict[tuple[str, ...], list[Held]]:
    """Sets of bidders with what ties them, the stronger ties first: one finding each.

    A weaker tie between two firms that a stronger one already ties in the lot adds nothing.
    """
    rings: dict[tuple[str, ...], list[Held]] = defaultdict(list)
    for _, found in sorted(by_lot.items()):
        tied: list[frozenset[str]] = []
        for level in sorted({h.rank[0] for h in found}):
            here = [h for h in found if h.rank[0] == level]
            fresh = [h for h in here if not any(set(h.link.pair) <= t for t in tied)]
            for cluster in clusters([h.link.pair for h in fresh]):
                mine = [h for h in fresh if set(h.link.pair) <= cluster]
                rings[tuple(sorted(cluster))].extend(mine)
                tied.append(cluster)
    return dict(sorted(rings.items()))
