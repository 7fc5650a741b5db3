"""固定供应商: a supplier that bids to one purchaser only and nearly always wins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd

from detectors.detector import Benign, Requires, Result, Spec, setting
from detectors.evidence import among
from detectors.procurement._captive_story import tell
from detectors.procurement._captives import Captive, Excuses
from detectors.procurement._market import FRAMEWORK_WORDS, bids_of, competitive, lots_of, says
from detectors.procurement._telling import Told
from graph.cobidding import false_discovery
from graph.peers import between_spread, tails


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_lots: int = setting(
        5, unit="个标段", reason="投标少于此数的，次次中标也可能是偶然", least=2
    )
    least_share: float = setting(
        0.8, unit="无", reason="投五中四以上，才说得上固定", least=0.0, most=1.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部只向一家单位投标的供应商一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_spread: float = setting(
        0.3,
        unit="无",
        reason="企业竞争力本来有强有弱：对数发生比的标准差至少按此计，数据显示更大的按数据计",
        least=0.0,
        most=3.0,
    )
    least_elsewhere: int = setting(
        5,
        unit="个标段",
        reason="同期同类别其他单位的标段少于此数的，该单位就是唯一的客户",
        least=1,
    )
    new_days: int = setting(
        365, unit="天", reason="成立未满此数的企业，还来不及有第二家客户", least=0
    )
    monopoly_words: tuple[str, ...] = setting(
        ("供电", "电力公司", "自来水", "供水", "燃气", "热力", "邮政", "电信", "移动通信", "联通", "铁塔", "广电", "烟草"),
        unit="无",
        reason="企业名称或项目类别含这些字样的，多为依法专营或公用事业",
    )  # fmt: skip


SPEC = Spec(
    id="captive_supplier",
    title="固定供应商",
    family="procurement",
    version=1,
    what=(
        "在全部数据中只向一家采购人投标的企业，投标五次以上、中标八成以上。按每个标段的投标家数推算应中标几次，"
        "计入企业之间竞争力通常的差异，算出偶然达到这么多次的可能性，全部此类供应商一并校正。"
        "只有一家投标的标段必然中标，不增加分量。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(Requires("tenders", ("tender_no", "purchaser")), Requires("bids", ("bidder",))),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("tenders", ("category",)),
        Requires("tenders", ("method",)),
        Requires("tenders", ("open_date",)),
        Requires("companies", ("established_date",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "only_purchaser",
            "当地只有这一家单位采购这类项目",
            "清点同期其他单位同类别（有乡镇的也看同乡镇）的标段",
        ),
        Benign("monopoly", "依法专营、公用事业企业", "核对企业名称和项目类别中的字样"),
        Benign("new_firm", "新成立的企业，尚未开拓其他客户", "与成立日期比较最后一次投标的日期"),
        Benign("framework", "框架协议、定点入围供应商", "核对采购方式和项目名称，这类标段不计入"),
        Benign("outside", "在本地数据以外的单位也有投标", None),
    ),
    next_steps=(
        "核对该企业的股东、主要人员与采购人经办人员、负责人之间有无关联。",
        "调取各标段的招标文件，核对资格条件、参数是否指向该企业。",
        "核对落标企业是否固定，报价有无陪标的迹象。",
        "向省市交易平台核对该企业在本地以外的投标情况。",
    ),
    event_key="固定为“固定供应商”，以采购人、供应商区分",
    # Four wins in five lots of two bidders are 1.6 times the expectation, of three 2.4 times.
    orange_effect=2.0,
    effect_name="中标数与按投标家数推算的预期之比",
    small_projection="企业层面的汇总用关系查询，泊松二项尾概率用 numpy 计算。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find suppliers of one purchaser that win more than their lots' numbers of bidders allow.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are suppliers that bid; those with fewer lots than ``least_lots`` are insufficient.
    """
    lots = lots_of(snapshot)
    framed = says(lots["method"], FRAMEWORK_WORDS) | says(lots["title"], FRAMEWORK_WORDS)
    decided = (lots["winner"].notna() & (lots["bidders"] > 0)).to_numpy()
    lots = lots.assign(
        usable=(decided & competitive(lots)).astype(np.int64),
        framed=(decided & framed).astype(np.int64),
        chance=1 / lots["bidders"].clip(lower=1),
    )
    firms = _firms(snapshot, lots)
    enough = firms["trials"] >= settings.least_lots
    loyal = (firms["buyers"] == 1) & (firms["homeless"] == 0)
    captives = _captives(snapshot, firms, lots, settings)
    excuses = Excuses.of(
        snapshot,
        captives,
        lots,
        monopoly_words=settings.monopoly_words,
        least_elsewhere=settings.least_elsewhere,
        new_days=settings.new_days,
    )
    kept = [c for c in captives if excuses.of_supplier(c) is None]
    cleared = Counter(e for c in captives if (e := excuses.of_supplier(c)) is not None)
    # Those whose lots at their only purchaser were mostly orders under a framework.
    ordered = firms["trials"] + firms["framed"]
    framework = (
        loyal & ~enough & (ordered >= settings.least_lots)
        & (firms["wins"] + firms["framed_wins"] >= settings.least_share * ordered)
    )  # fmt: skip
    if framework.any():
        cleared["framework"] += int(framework.sum())
    told = Told.of(
        snapshot,
        {lot for c in kept for lot in c.lots["lot_entity"]},
        {e for c in kept for e in (c.supplier, c.buyer)},
    )
    findings = tuple(tell(c, told, excuses, snapshot) for c in kept)
    short = int((~enough & ~framework).sum())
    return Result(
        subject_kind="供应商",
        subjects=len(firms),
        triggered=len(findings),
        not_triggered=len(firms) - short - len(findings),
        insufficient=short,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
        places=int(lots.loc[lots["usable"] > 0, "purchaser_entity"].nunique()),
        place_kind="unit",
    )


def _firms(snapshot: Any, lots: pd.DataFrame) -> pd.DataFrame:
    """Per bidder: purchasers, comparable lots, wins, and wins expected from numbers of bidders."""
    known = ibis.memtable(
        lots[["lot_entity", "purchaser_entity", "winner", "usable", "framed", "chance"]].rename(
            columns={"lot_entity": "known_lot"}
        )
    )
    bids = bids_of(snapshot)
    bids = bids.left_join(known, bids.lot_entity == known.known_lot)
    won = (bids.bidder_entity == bids.winner).fill_null(False).cast("int8")
    trial = bids.usable.fill_null(0)
    firms: pd.DataFrame = (
        bids.group_by("bidder_entity")
        .agg(
            buyer=bids.purchaser_entity.max(),
            buyers=bids.purchaser_entity.nunique(),
            # Bids in lots that no tender row describes may have gone to anyone.
            homeless=bids.purchaser_entity.isnull().cast("int8").sum(),
            trials=trial.sum(),
            wins=(trial * won).sum(),
            expected=(trial * bids.chance).sum().fill_null(0.0),
            variance=(trial * bids.chance * (1 - bids.chance)).sum().fill_null(0.0),
            framed=bids.framed.fill_null(0).sum(),
            framed_wins=(bids.framed.fill_null(0) * won).sum(),
        )
        .order_by("bidder_entity")
        .to_pandas()
    )
    return firms


def _captives(
    snapshot: Any, firms: pd.DataFrame, lots: pd.DataFrame, settings: Settings
) -> list[Captive]:
    """Suppliers whose wins an ordinary supplier would hardly reach."""
    enough = firms["trials"] >= settings.least_lots
    skilled = firms[enough]
    spread = max(
        settings.least_spread,
        between_spread(
            skilled["wins"].to_numpy(np.int64),
            skilled["expected"].to_numpy(np.float64),
            skilled["variance"].to_numpy(np.float64),
        )
        or 0.0,
    )
    loyal = skilled[(skilled["buyers"] == 1) & (skilled["homeless"] == 0)].reset_index(drop=True)
    chosen = np.asarray(loyal["wins"] >= (settings.least_share * loyal["trials"]).round(9))
    if not chosen.any():
        return []
    wanted = loyal.loc[chosen, "bidder_entity"]
    theirs = among(bids_of(snapshot), "bidder_entity", wanted).to_pandas()
    usable = lots[lots["usable"] > 0]
    mine = theirs[["bidder_entity", "lot_entity"]].merge(usable, on="lot_entity")
    mine = mine.sort_values(["bidder_entity", "lot_entity"], ignore_index=True)
    subject = pd.Index(loyal["bidder_entity"]).get_indexer(mine["bidder_entity"]).astype(np.int64)
    p = tails(
        loyal["wins"].to_numpy(np.int64),
        mine["chance"].to_numpy(np.float64),
        subject,
        chosen,
        np.full(len(loyal), spread),
    )
    q = false_discovery(p)
    return [
        Captive(
            supplier=str(loyal["bidder_entity"][i]),
            buyer=str(loyal["buyer"][i]),
            trials=int(loyal["trials"][i]),
            wins=int(loyal["wins"][i]),
            expected=float(loyal["expected"][i]),
            p=float(p[i]),
            q=float(q[i]),
            spread=spread,
            tested=len(loyal),
            lots=mine[subject == i],
        )
        for i in np.flatnonzero(chosen & (q <= settings.false_discovery))
    ]
