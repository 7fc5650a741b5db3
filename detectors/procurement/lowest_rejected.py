"""最低报价未中标偏多: the lowest bid is turned down though price decides, against peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detectors.detector import Benign, Requires, Result, Spec, setting
from detectors.evidence import records
from detectors.procurement._excess import BUYER, PAIR, Compared, PeerSettings, compare
from detectors.procurement._excess_story import Words, result
from detectors.procurement._market import Bools, competitive, lots_of, says
from detectors.procurement._telling import Gaps


@dataclass(frozen=True)
class Settings(PeerSettings):
    """Thresholds of the detector."""

    abnormally_low: float = setting(
        0.85,
        unit="倍",
        reason="最低报价不到其余报价平均数的此倍时，可能因低于成本被否决，不计入",
        least=0.0,
        most=1.0,
    )
    scoring_words: tuple[str, ...] = setting(
        ("磋商", "综合评", "评分", "比选"),
        unit="无",
        reason="采购方式含这些字样的以得分定标，价格不起决定作用",
    )


_KEYS = (
    ("category", "method", "bidders", "year"),
    ("category", "method", "bidders"),
    ("category", "method"),
    ("method", "bidders"),
    ("category",),
    ("method",),
)
_WORDS = Words(
    title="最低报价未中标偏多",
    hit="最低报价未中标",
    trials="以价格竞争的标段",
    kind="outcome",
    event="最低报价未中标",
    keys=_KEYS,
    excuses={
        "below_floor": "最低报价低于最低限价",
        "abnormally_low": "最低报价远低于其余报价",
        "scoring": "以综合评分定标",
    },
    open={
        "documents": "须调取评标报告，核对最低报价被否决或未推荐的理由。",
        "lots_limit": "须核对招标文件有无每家限中标段数、联合体等约定。",
    },
)

SPEC = Spec(
    id="lowest_rejected",
    title="最低报价未中标偏多",
    family="procurement",
    version=1,
    what=(
        "以价格竞争的标段，最低报价被否决或未被选中。单个标段不是线索；某采购人、或某采购人由某供应商"
        "中标的标段中，这样的标段明显多于其他单位同类别、同方式、同投标家数、同年份的标段，才提示核查。"
        "有评委打分或采购方式为磋商、综合评分的标段不列入比较。"
    ),
    strength=("statistical",),
    kinds=("outcome",),
    requires=(
        Requires("tenders", ("tender_no", "purchaser")),
        Requires("bids", ("bidder", "amount")),
    ),
    requires_any=(Requires("bids", ("is_winner",)), Requires("tenders", ("winner",))),
    optional=(
        Requires("tenders", ("method",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("floor_price",)),
        Requires("bids", ("disqualified",)),
        Requires("expert_scores", ("score",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("below_floor", "最低报价低于最低投标限价", "与招标项目的最低限价比较，不计入"),
        Benign(
            "abnormally_low",
            "最低报价异常低，可能低于成本或有漏项",
            "与同标段其余报价的平均数比较，远低的不计入",
        ),
        Benign(
            "scoring",
            "以综合评分定标，价格不起决定作用",
            "核对采购方式和有无评委打分，这类标段不列入比较",
        ),
        Benign("documents", "最低报价的投标文件不符合实质性要求", None),
        Benign("lots_limit", "已在其他标段中标，按约定不再推荐", None),
    ),
    next_steps=(
        "调取评标报告和否决投标的说明，逐个核对最低报价未中标的理由。",
        "核对同样的理由对中标人是否同样适用。",
        "核对评标办法是否以价格为决定因素，评委组成和抽取记录。",
    ),
    event_key="固定为“最低报价未中标”，以采购人、供应商区分",
    # Ordinary buyers differ; three times the expectation with q <= 0.001 none of the honest
    # example counties reaches.
    orange_effect=3.0,
    effect_name="最低报价未中标的标段数与同类预期之比",
    small_projection="标段层面的汇总用关系查询，泊松二项尾概率用 numpy 计算。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find purchasers that turn down the lowest bid far more often than their peers.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are purchasers, and pairs of purchaser and winner with enough lots.
    """
    lots = lots_of(snapshot)
    buyers = lots["purchaser_entity"].nunique()
    told = (lots["priced"] >= 2) & lots["winner"].notna()
    # Framework and sole-source orders have no lowest bid to turn down; after a failed tender the
    # same bidders come back and price decides as before.
    lots = lots[told & competitive(lots)]
    excuse = np.select(
        [
            says(lots["method"], settings.scoring_words) | _scored(snapshot, lots),
            lots["low"] < lots["floor"],
            lots["low"] < settings.abnormally_low * lots["others_low"],
        ],
        ["scoring", "below_floor", "abnormally_low"],
        "",
    )
    lots = lots.assign(hit=~lots["low_won"])
    lots["excuse"] = pd.Series(excuse, index=lots.index, dtype=object).where(excuse != "", None)
    compared = compare(lots, _KEYS, (BUYER, PAIR), settings) if len(lots) else Compared()
    return result(snapshot, SPEC, compared, _WORDS, buyers=buyers, gaps=_gaps(snapshot))


def _scored(snapshot: Any, lots: pd.DataFrame) -> Bools:
    """Tell of each lot whether experts scored it."""
    if not snapshot.has("expert_scores", "score"):
        return np.zeros(len(lots), dtype=bool)
    scored = snapshot.table("expert_scores").select("lot_entity").distinct()
    held = {r["lot_entity"] for r in records(scored)}
    return np.asarray(lots["lot_entity"].isin(held), dtype=bool)


def _gaps(snapshot: Any) -> Gaps:
    return Gaps.of(
        snapshot,
        "没有评标办法和评标报告，不能核对最低报价未中标的理由。",
        (
            ("tenders", "method", "招标项目没有采购方式，以得分定标的未能全部排除。", "scoring"),
            (
                "tenders",
                "floor_price",
                "招标项目没有最低限价，低于限价的报价未能排除。",
                "below_floor",
            ),
            ("bids", "disqualified", "投标记录没有是否否决，不能区分被否决和未被选中。", ""),
            ("expert_scores", "score", "没有评标打分，以得分定标的只按采购方式排除。", ""),
        ),
    )
