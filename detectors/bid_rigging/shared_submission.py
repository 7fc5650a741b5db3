"""投标设备相同: bidders of one lot that submitted from the same machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
from detectors.bid_rigging._values import serial
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Reason,
    Requires,
    Result,
    Sentence,
    Spec,
    Strength,
    Subject,
    setting,
)
from detectors.evidence import among, listing, period_of, records, years
from detectors.names import Names


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    local_rule: bool = setting(
        False,
        unit="是/否",
        reason="当地有网卡、CPU、硬盘三者相同即行认定的规定时才开启",
        source="闽建筑〔2018〕29号（仅限当地）",
    )
    placeholders: tuple[str, ...] = setting(
        (
            "To be filled by O.E.M.",
            "Default string",
            "System Serial Number",
            "Not Available",
            "Not Applicable",
            "None",
            "Null",
            "N/A",
            "Unknown",
            "Invalid",
            "123456789",
            "1234567890",
            "127.0.0.1",
        ),
        unit="无",
        reason="主板、硬盘厂家的占位值和采集失败值不是设备特征",
        source="常见硬件占位值",
    )
    hub_bidders: int = setting(
        6,
        unit="家",
        reason="同一天同一设备上传的投标人达到此数并跨多个标段，视为现场集中上传",
        least=2,
    )
    hub_lots: int = setting(2, unit="个", reason="现场集中上传须跨至少此数的标段", least=1)
    hub_ratio: float = setting(
        1.5,
        unit="倍",
        reason="各标段投标人各不相同才像现场上传：总家数至少为单个标段最多家数的此倍",
        least=1,
    )
    ip_hub_bidders: int = setting(
        15, unit="家", reason="同一IP累计投标人达到此数，多为交易中心或运营商共用出口", least=2
    )


SPEC = Spec(
    id="shared_submission",
    title="投标设备相同",
    family="bid_rigging",
    version=1,
    what=(
        "同一标段的不同投标人上传投标文件时，网卡MAC地址、CPU序列号、硬盘序列号三者均相同；"
        "仅IP地址相同的只作弱提示。占位值不计，现场集中上传除外。同一组投标人在多个标段出现的合并为一条。"
    ),
    strength=("proof", "strong", "weak"),
    kinds=("hardware",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(
        Requires("bids", ("mac_address", "cpu_id", "disk_id")),
        Requires("bids", ("ip_address",)),
    ),
    optional=(Requires("tenders", ("title",)), Requires("bids", ("submit_time",))),
    settings=Settings,
    legal=("ztb-40-1", "ztb-40-2", "fj-2018-29"),
    benign=(
        Benign(
            "on_site_upload",
            "在交易中心现场或同一公用设备、公用网络上传",
            "核对同日使用该设备或IP的投标人和标段数，众多互不相关的投标人共用的予以排除",
        ),
        Benign(
            "placeholder", "采集到的是厂家占位值或采集失败值", "比对占位值清单，排除全0、全F等值"
        ),
        Benign("shared_office", "同一写字楼、同一运营商出口导致IP相同", None),
    ),
    next_steps=(
        "向交易平台调取原始上传日志和文件特征，核对采集是否有误。",
        "核实投标文件由何人、在何处编制和上传，委托代理人之间有无关联。",
        "由招标投标行政监督部门依职权认定是否属于视为串通的情形。",
    ),
    event_key="同一组投标人",
)

_COLUMNS = (
    "tender_no", "lot", "bidder", "amount", "submit_time",
    "ip_address", "mac_address", "cpu_id", "disk_id",
)  # fmt: skip
_TEXT = "投标记录"
_MARKS = ("mac_address", "cpu_id", "disk_id", "ip_address")


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders of one lot that share a machine or an address.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding a set of bidders, over all the lots they share something in.
    """
    table = snapshot.table("bids")
    marks = _marks(table, settings)
    hardware, hardware_hubs = _split(table, marks, "device", settings)
    network, network_hubs = _split(table, marks, "address", settings)
    # An address adds nothing to bidders already tied by their machine in the same lot.
    tied = {(g.lot, b) for g in hardware for b in g.bidders}
    network = [g for g in network if not all((g.lot, b) in tied for b in g.bidders)]
    rings = by_bidders([*hardware, *network])
    lots = lots_of(snapshot, [r for groups in rings.values() for g in groups for r in g.rows])
    names = Names(snapshot, {b for ring in rings for b in ring})
    machines = {(g.lot, g.value) for g in hardware}
    findings = tuple(
        _finding(ring, groups, machines, lots, names, settings) for ring, groups in rings.items()
    )
    return _result(marks, findings, (rings, hardware_hubs + network_hubs))


def _device(bids: Any, settings: Settings) -> Any:
    """Join the three serial numbers; null unless all three are there."""
    parts = [serial(bids[c], settings.placeholders) for c in ("mac_address", "cpu_id", "disk_id")]
    return parts[0] + "|" + parts[1] + "|" + parts[2]


def _marks(table: Any, settings: Settings) -> Any:
    """Clean the marks of every bid once: the patterns cost more than all that is asked of them."""
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    dummies = {
        f"dummy_{column}": ibis.ifelse(
            serial(bids[column], settings.placeholders).isnull(),
            bids[column].upper(),
            ibis.null("string"),
        )
        for column in _MARKS
    }
    return bids.select(
        "row_id",
        "lot_entity",
        "bidder_entity",
        day=bids.submit_time.date(),
        device=_device(bids, settings),
        address=serial(bids.ip_address, settings.placeholders),
        **dummies,
    ).cache()


def _split(
    table: Any, marks: Any, mark: str, settings: Settings
) -> tuple[list[Shared], list[Shared]]:
    """Separate shared values from those that a whole hall of bidders used."""
    found = {r["row_id"]: r for r in records(shared_values(marks, marks[mark]))}
    if not found:
        return [], []
    full = records(among(table, "row_id", found))
    groups = gather({**row, **found[row["row_id"]]} for row in full)

    def wide(t: Any, bidders: int) -> Any:
        return (
            (t.bidders >= bidders)
            & (t.lots >= settings.hub_lots)
            & (t.bidders >= settings.hub_ratio * t.most)
        )

    dated = marks.filter(marks.day.notnull())
    days = spread(dated, dated[mark], "day").filter(lambda t: wide(t, settings.hub_bidders))
    always = spread(marks, marks[mark]).filter(lambda t: wide(t, settings.ip_hub_bidders))
    busy = {(r["value"], r["day"]) for r in records(days)}
    public = {r["value"] for r in records(always)}

    def is_hub(group: Shared) -> bool:
        return group.value in public or all((group.value, r["day"]) in busy for r in group.rows)

    return [g for g in groups if not is_hub(g)], [g for g in groups if is_hub(g)]


def _result(
    marks: Any,
    findings: tuple[Finding, ...],
    groups: tuple[dict[tuple[str, ...], list[Shared]], list[Shared]],
) -> Result:
    rings, hubs = groups
    known = marks.device.notnull() | marks.address.notnull()
    counted = marks.mutate(known=ibis.ifelse(known, marks.bidder_entity, ibis.null("string")))
    per_lot = counted.group_by("lot_entity").agg(
        bidders=counted.bidder_entity.nunique(), known=counted.known.nunique()
    )
    lots = records(per_lot)
    triggered = {g.lot for found in rings.values() for g in found}
    silent = {r["lot_entity"] for r in lots if r["bidders"] >= 2 and r["known"] < 2} - triggered
    alone = sum(r["bidders"] < 2 for r in lots)
    halls = {g.lot for g in hubs} - triggered
    told = {r["lot_entity"] for r in lots if r["bidders"] >= 2} - silent - triggered
    cleared = {
        "on_site_upload": len(halls),
        "placeholder": len((_dummy_lots(marks) & told) - halls),
    }
    return Result(
        subject_kind="标段",
        subjects=len(lots),
        triggered=len(triggered),
        not_triggered=len(lots) - len(triggered) - alone - len(silent),
        insufficient=len(silent),
        not_applicable=alone,
        findings=findings,
        cleared={key: count for key, count in cleared.items() if count},
    )


def _dummy_lots(marks: Any) -> set[str]:
    """Lots in which bidders share placeholder values."""
    found: set[str] = set()
    for column in _MARKS:
        rows = shared_values(marks, marks[f"dummy_{column}"]).select("lot_entity")
        found |= {r["lot_entity"] for r in records(rows)}
    return found


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    ring: tuple[str, ...],
    groups: Sequence[Shared],
    machines: set[tuple[str, str]],
    lots: dict[str, Lot],
    names: Names,
    settings: Settings,
) -> Finding:
    strong = [g for g in groups if (g.lot, g.value) in machines]
    weak = [g for g in groups if (g.lot, g.value) not in machines]
    mine = _lots_in_order(groups, lots)
    period = period_of(lot.when for lot in mine)
    awards = [lot.award for lot in mine if lot.award is not None]
    bidders = listing(sorted(names.of(b) for b in ring), "家")
    what = "网卡MAC地址、CPU序列号、硬盘序列号均相同" if strong else "投标IP地址相同"
    where = lot_list(mine)
    statement = []
    if strong:
        text = f"{bidders}在{lot_list(_lots_in_order(strong, lots))}投标时，{what}。"
        statement.append(Sentence(text, bid_rows(strong, _TEXT, _COLUMNS)))
    if weak:
        text = f"{bidders}在{lot_list(_lots_in_order(weak, lots))}投标时，投标IP地址相同。"
        statement.append(Sentence(text, bid_rows(weak, _TEXT, _COLUMNS)))
    strength, reason, legal = _judgement(bool(strong), settings)
    cites = bid_rows(strong or weak, _TEXT, _COLUMNS)
    gaps = [] if all(r["submit_time"] for g in groups for r in g.rows) else [_NO_TIME]
    return Finding(
        subjects=tuple(Subject(b, "bidder") for b in ring),
        anchors=ring,
        event_key="投标设备",
        title=f"疑似{'投标设备' if strong else '投标IP'}相同：{bidders}在{where}投标，{what}（{years(period)}）",
        statement=tuple(statement),
        reasons=(Reason("hardware", strength, reason, cites),),
        amount=sum(awards, Decimal(0)) if awards else None,
        period=period,
        # Rows of one lot need no join between records; further lots only add to it.
        identity="certain",
        benign=(
            BenignResult(
                "on_site_upload",
                "unknown" if gaps else "ruled_out",
                "部分记录没有上传时间，未能逐日核对。"
                if gaps
                else "当日使用同一设备或IP的只有上述投标人一组，不像现场集中上传。",
            ),
            BenignResult(
                "placeholder", "ruled_out", "所列值不在占位值清单内，也不是全0、全F等值。"
            ),
            BenignResult("shared_office", "unknown", "须核实各投标人办公地点和网络出口。"),
        ),
        legal=legal,
        data_gaps=tuple(gaps),
    )


_NO_TIME = "部分投标记录没有上传时间，不能核对是否为同日现场集中上传。"


def _judgement(hardware: bool, settings: Settings) -> tuple[Strength, str, tuple[str, ...]]:
    if not hardware:
        return "weak", "同一标段不同投标人的投标IP地址相同", ()
    text = "同一标段不同投标人的网卡MAC地址、CPU序列号、硬盘序列号均相同"
    likely = "可能对应招标投标法实施条例第四十条（一）或（二），由行政监督部门认定"
    if settings.local_rule:
        return "proof", f"{text}；{likely}", ("ztb-40-1", "ztb-40-2", "fj-2018-29")
    return "strong", f"{text}；{likely}", ("ztb-40-1", "ztb-40-2")


def _lots_in_order(groups: Sequence[Shared], lots: dict[str, Lot]) -> list[Lot]:
    mine = {g.lot: lots[g.lot] for g in groups}
    return sorted(mine.values(), key=lambda lot: (str(lot.when), lot.name))
