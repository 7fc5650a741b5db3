"""其他投标均被否决偏多: all bids but the winner's are disqualified, against peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detectors.detector import Benign, Requires, Result, Spec, setting
from detectors.evidence import among
from detectors.procurement._excess import BUYER, PAIR, WINNER, Compared, PeerSettings, compare
from detectors.procurement._excess_story import Words, result
from detectors.procurement._market import (
    Bools,
    bids_of,
    competitive,
    lots_of,
    retendered,
    tenders_of,
)
from detectors.procurement._telling import Gaps


@dataclass(frozen=True)
class Settings(PeerSettings):
    """Thresholds of the detector."""

    least_bidders: int = setting(
        3, unit="家", reason="两家投标时否决一家很常见，三家以上全数否决才少见", least=2
    )
    unfit_bids: int = setting(
        2, unit="次", reason="在其他单位投标少于此数的，看不出是否总是不合格", least=1
    )
    unfit_share: float = setting(
        0.5,
        unit="无",
        reason="在其他单位投标也有此比例以上被否决的，多半是自身不合格",
        least=0.0,
        most=1.0,
    )


_KEYS = (
    ("category", "method", "bidders", "year"),
    ("category", "method", "bidders"),
    ("method", "bidders"),
    ("bidders",),
    ("method",),
)
_WORDS = Words(
    title="其他投标均被否决偏多",
    hit="除中标人外均被否决",
    trials="三家以上投标的标段",
    kind="outcome",
    event="其他投标均被否决",
    keys=_KEYS,
    excuses={
        "unfit": "被否决的企业在其他单位也多被否决",
        "retender": "重新招标",
    },
    open={"strict_terms": "须核对招标文件的资格和实质性条款是否必要、是否指向个别企业。"},
)

SPEC = Spec(
    id="others_rejected",
    title="其他投标均被否决偏多",
    family="procurement",
    version=1,
    what=(
        "三家以上投标的标段，除中标人外的投标全部被否决。单个标段不是线索；某采购人、某采购人由某供应商"
        "中标的标段、或某供应商中标的全部标段中，这样的标段明显多于其他单位同类别、同方式、同投标家数、"
        "同年份的标段，才提示核查。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(
        Requires("tenders", ("tender_no", "purchaser")),
        Requires("bids", ("bidder", "disqualified")),
    ),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("tenders", ("method",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("retender",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "unfit",
            "被否决的企业本来就缺资质、缺材料",
            "核对这些企业在其他单位投标时是否也多被否决，是的不计入",
        ),
        Benign("retender", "重新招标的项目，合格者本来就少", "核对是否重新招标，这类标段不计入"),
        Benign("strict_terms", "项目有特殊要求，条款确需严格", None),
    ),
    next_steps=(
        "调取评标报告，逐家核对否决的条款、理由和评委意见是否一致。",
        "核对中标人的投标文件有无同样的问题未被否决。",
        "向被否决的企业了解有无异议、投诉及答复。",
    ),
    event_key="固定为“其他投标均被否决”，以采购人、供应商区分",
    # Ordinary buyers differ; three times the expectation with q <= 0.001 none of the honest
    # example counties reaches.
    orange_effect=3.0,
    effect_name="其他投标均被否决的标段数与同类预期之比",
    small_projection="标段层面的汇总用关系查询，泊松二项尾概率用 numpy 计算。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find purchasers and winners whose rivals are all disqualified far more often than others'.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are purchasers, pairs of purchaser and winner, and winners, with enough lots.
    """
    lots = lots_of(snapshot)
    buyers = lots["purchaser_entity"].nunique()
    lots = lots[
        (lots["bidders"] >= settings.least_bidders)
        & lots["winner"].notna()
        # Who isn't said to have been disqualified may have been, unless that is said of others.
        & (lots["told"] > 0)
        & competitive(lots)
    ]
    hit = lots["valid"] == 1
    excuse = np.select(
        [_unfit(snapshot, lots, settings), retendered(lots)], ["unfit", "retender"], ""
    )
    lots = lots.assign(hit=hit)
    lots["excuse"] = pd.Series(excuse, index=lots.index, dtype=object).where(excuse != "", None)
    compared = compare(lots, _KEYS, (BUYER, PAIR, WINNER), settings) if len(lots) else Compared()
    return result(snapshot, SPEC, compared, _WORDS, buyers=buyers, gaps=_gaps(snapshot))


def _unfit(snapshot: Any, lots: pd.DataFrame, settings: Settings) -> Bools:
    """Tell of each lot whether all it disqualified are mostly disqualified at other buyers, too."""
    cleared_out = lots.loc[lots["valid"] == 1, ["lot_entity", "purchaser_entity"]]
    bids = bids_of(snapshot).filter(lambda t: t.out.notnull())
    here = among(bids, "lot_entity", cleared_out["lot_entity"])
    out = here.filter(here.out > 0).select("lot_entity", "bidder_entity").to_pandas()
    buyers = tenders_of(snapshot).select("lot_entity", "purchaser_entity").distinct()
    theirs = among(bids, "bidder_entity", out["bidder_entity"]).join(buyers, "lot_entity")
    record = theirs.group_by("bidder_entity", "purchaser_entity").agg(
        bids=theirs.count(), out=theirs.out.sum()
    )
    known = record.to_pandas()
    total = known.groupby("bidder_entity")[["bids", "out"]].sum()
    pairs = out.merge(cleared_out, on="lot_entity").merge(
        known, on=["bidder_entity", "purchaser_entity"], how="left"
    )
    elsewhere = (
        total.reindex(pairs["bidder_entity"]).reset_index(drop=True) - pairs[["bids", "out"]]
    )
    unfit = (elsewhere["bids"] >= settings.unfit_bids) & (
        elsewhere["out"] >= settings.unfit_share * elsewhere["bids"]
    )
    all_unfit = unfit.groupby(pairs["lot_entity"]).all()
    held = all_unfit.index[all_unfit]
    return np.asarray(lots["lot_entity"].isin(held), dtype=bool)


def _gaps(snapshot: Any) -> Gaps:
    return Gaps.of(
        snapshot,
        "没有评标报告，不能核对否决的条款和理由。",
        (
            ("tenders", "method", "招标项目没有采购方式，可比分组较粗。", ""),
            ("tenders", "retender", "没有是否重新招标的记录，只按项目名称排除。", "retender"),
        ),
    )
