"""逐年集中: a supplier's share of the lots it bids for creeps up at one purchaser."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd

from detectors.detector import Benign, Requires, Result, Spec, setting
from detectors.procurement._capture import Capture, Explained, explain
from detectors.procurement._capture_story import tell
from detectors.procurement._market import bids_of, competitive, lots_of
from detectors.procurement._telling import Told
from graph.cobidding import false_discovery
from graph.trend import trends


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_lots: int = setting(
        20, unit="个标段", reason="共同标段少于此数的，中标率的起伏看不出趋势", least=6
    )
    least_years: int = setting(3, unit="年", reason="两年之间的变化说不上逐年", least=3)
    least_share: float = setting(
        1 / 3, unit="无", reason="总体中标不到三分之一的，谈不上集中", least=0.0, most=1.0
    )
    least_excess: float = setting(
        1.5,
        unit="倍",
        reason="总体中标数不到按投标家数推算的此倍的，谈不上集中；与趋势检验互不影响，可减少比较的对象",
        least=0.0,
    )
    least_rise: float = setting(
        0.25, unit="无", reason="中标率升幅不到此数的，没有实际意义", least=0.0, most=1.0
    )
    least_spread: float = setting(
        0.25,
        unit="无",
        reason="中标率各年本来有起伏：对数发生比的标准差至少按此计，数据显示更大的按数据计",
        least=0.0,
        most=3.0,
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部采购人与供应商一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_elsewhere: int = setting(
        8, unit="个标段", reason="在其他单位投标少于此数的，看不出是否处处都在上升", least=3
    )
    rivals_left: float = setting(
        0.5,
        unit="无",
        reason="前半段输给的标段有此比例以上落在后来注销的企业手里，上升多因对手退出",
        least=0.0,
        most=1.0,
    )
    same_demand: float = setting(
        0.01,
        unit="无",
        reason="分类别后升幅的p值超过此数的，上升主要来自采购类别的变化",
        least=0.0,
        most=1.0,
    )


SPEC = Spec(
    id="gradual_capture",
    title="逐年集中",
    family="procurement",
    version=1,
    what=(
        "某供应商在某采购人处的中标率逐年上升，超出其投标次数和对手家数所能解释的程度。"
        "每个标段按投标家数给出先验机会，供应商自身的竞争力作为不变的常数，检验中标是否越来越偏向后期"
        "（给定中标总数的精确条件检验）；各年之间通常的起伏由全部供应商估计并计入；"
        "报告中标率的升幅、上升开始的时间及其区间。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(
        Requires("tenders", ("tender_no", "purchaser")),
        Requires("bids", ("bidder",)),
    ),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("method",)),
        Requires("companies", ("cancelled_date",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "rivals_left",
            "主要对手已经注销、退出",
            "核对前半段得标的其他企业的注销日期；对手家数减少本身已计入",
        ),
        Benign(
            "grew_everywhere",
            "企业自身壮大，在其他单位的中标率同样上升",
            "与同期在其他单位投标的中标率变化比较",
        ),
        Benign(
            "demand",
            "采购的类别变了，变成该企业擅长的",
            "在每个项目类别内分别比较后再检验",
        ),
        Benign(
            "framework",
            "框架协议、定点入围供应商的订单",
            "核对采购方式和项目名称，这类标段和单一来源不计入",
        ),
        Benign("better", "企业改进了工艺、在附近建了基地，确有优势", None),
    ),
    next_steps=(
        "把各年的招标文件排在一起，核对资格条件、评分标准是否逐年向该企业靠拢。",
        "核对上升开始前后采购人负责人、经办人、代理机构和评委有无变动。",
        "向后期不再参加或屡次落标的企业了解原因。",
        "核对该企业与采购人有关人员之间有无关联。",
    ),
    event_key="固定为“逐年集中”，以采购人、供应商区分",
    # From a fifth to nine tenths is a rise of 0.7; half of the lots more than before is much.
    orange_effect=0.5,
    effect_name="中标率的升幅（首年至末年，按同样的标段）",
    small_projection="采购人与供应商的汇总用关系查询，条件检验用 numpy 递推计算。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find suppliers whose share of the lots they bid for creeps up at one purchaser.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of purchaser and bidder; those with too few lots or years are
        insufficient.
    """
    lots = lots_of(snapshot)
    usable = (
        lots["winner"].notna() & (lots["bidders"] >= 2) & lots["day"].notna() & competitive(lots)
    )
    if not lots["day"].notna().any():
        buyers = lots["purchaser_entity"].nunique()
        note = "招标项目没有开标、截止或公告日期，无法按年比较"
        return Result("采购人", buyers, 0, 0, buyers, 0, (), notes=(note,))
    lots = lots[usable].reset_index(drop=True)
    pairs, bids = _pairs(snapshot, lots, settings)
    captures = _captures(bids, lots, settings)
    explained = [(c, explain(snapshot, c, lots, _limits(settings))) for c in captures]
    kept = [(c, e) for c, e in explained if e.cleared is None]
    cleared = Counter(e.cleared for _, e in explained if e.cleared is not None)
    told = Told.of(
        snapshot,
        {lot for c, _ in kept for lot in c.lots["lot_entity"]},
        {entity for c, _ in kept for entity in c.entities()},
    )
    findings = tuple(tell(c, e, told, snapshot) for c, e in kept)
    enough = int(bids["pair"].nunique())
    return Result(
        subject_kind="采购人·供应商",
        subjects=pairs,
        triggered=len(findings),
        not_triggered=enough - len(findings),
        insufficient=pairs - enough,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
        places=int(lots["purchaser_entity"].nunique()),
        place_kind="unit",
    )


def _limits(settings: Settings) -> Explained.Limits:
    return Explained.Limits(settings.least_elsewhere, settings.rivals_left, settings.same_demand)


def _pairs(snapshot: Any, lots: pd.DataFrame, settings: Settings) -> tuple[int, pd.DataFrame]:
    """Count pairs of purchaser and bidder, and read the bids of those with lots and years enough.

    Returns
    -------
    int
        All pairs.
    DataFrame
        ``lot_entity``, ``purchaser_entity``, ``bidder_entity`` and ``pair``, numbered from 0 by
        content.
    """
    known = ibis.memtable(
        lots[["lot_entity", "purchaser_entity", "year"]].rename(columns={"lot_entity": "known_lot"})
    )
    bids = bids_of(snapshot).select("lot_entity", "bidder_entity")
    bids = bids.inner_join(known, bids.lot_entity == known.known_lot).drop("known_lot")
    who = ["purchaser_entity", "bidder_entity"]
    pairs = bids.group_by(who).agg(lots=bids.count(), years=bids.year.nunique())
    large = pairs.filter(
        (pairs.lots >= settings.least_lots) & (pairs.years >= settings.least_years)
    )
    frame = bids.semi_join(large, who).drop("year").to_pandas()
    frame = frame.sort_values([*who, "lot_entity"], ignore_index=True)
    frame["pair"] = frame.groupby(who, sort=True).ngroup().astype(np.int64)
    return int(pairs.count().to_pyarrow().as_py()), frame


def _captures(bids: pd.DataFrame, lots: pd.DataFrame, settings: Settings) -> list[Capture]:
    """Test the pairs that win enough to speak of concentration."""
    if bids.empty:
        return []
    held = bids.merge(
        lots[["lot_entity", "winner", "bidders", "day", "year", "category"]], on="lot_entity"
    ).sort_values(["pair", "day", "lot_entity"], ignore_index=True)
    held["won"] = held["winner"] == held["bidder_entity"]
    held["known"] = -np.log(held["bidders"] - 1.0)
    pair = held["pair"].to_numpy(np.int64)
    found = trends(
        pair,
        held["year"].to_numpy(np.int64),
        held["known"].to_numpy(np.float64),
        held["won"].to_numpy(bool),
        least_spread=settings.least_spread,
    )
    expected = np.bincount(pair, weights=1 / held["bidders"])
    # Which pairs are tested follows from numbers of wins, which the test takes as given.
    tested = found.wins >= settings.least_excess * expected
    tested &= (found.wins >= settings.least_share * found.trials) & (found.wins < found.trials)
    if not tested.any():
        return []
    q = np.ones(len(tested))
    q[tested] = false_discovery(found.p[tested])
    rise = np.round(found.last - found.first, 3)
    chosen = tested & (q <= settings.false_discovery) & (rise >= settings.least_rise)
    return [
        Capture(
            buyer=str(mine["purchaser_entity"].iloc[0]),
            supplier=str(mine["bidder_entity"].iloc[0]),
            lots=mine.reset_index(drop=True),
            first=float(found.first[i]),
            last=float(found.last[i]),
            expected=float(expected[i]),
            unrest=float(found.unrest[i]),
            spread=found.spread,
            p=float(found.p[i]),
            q=float(q[i]),
            tested=int(tested.sum()),
        )
        for i in np.flatnonzero(chosen)
        for mine in (held[pair == i],)
    ]
