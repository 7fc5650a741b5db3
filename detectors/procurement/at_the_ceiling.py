"""贴近最高限价中标偏多: awards at the ceiling price, against peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detectors.detector import Benign, Requires, Result, Spec, setting
from detectors.procurement._excess import BUYER, PAIR, Compared, PeerSettings, compare
from detectors.procurement._excess_story import Words, result
from detectors.procurement._market import FRAMEWORK_WORDS, SOLE_WORDS, lots_of, says
from detectors.procurement._telling import Gaps


@dataclass(frozen=True)
class Settings(PeerSettings):
    """Thresholds of the detector."""

    least_ratio: float = setting(
        0.995, unit="倍", reason="中标价与最高限价之比达到此数，等于没有下浮", least=0.9, most=1.0
    )
    fixed_words: tuple[str, ...] = setting(
        ("单价", "费率", "下浮率", "固定价", "固定总价", "政府定价", "指导价", "定额"),
        unit="无",
        reason="项目名称、类别或方式含这些字样的，价格由单价、费率或定价决定，限价多与中标价相同",
    )
    negotiated_words: tuple[str, ...] = setting(
        ("谈判", "磋商"),
        unit="无",
        reason="谈判、磋商以最后报价成交，预算常已公开：只与同样方式的比较，没有足够的同方式标段则不列入",
    )


_KEYS = (
    ("category", "method", "size", "bidders"),
    ("category", "method", "bidders"),
    ("category", "method"),
    ("method", "bidders"),
    ("method",),
    ("category",),
)
_WORDS = Words(
    title="贴近最高限价中标偏多",
    hit="中标价贴近最高限价",
    trials="有限价的竞争性标段",
    kind="price",
    event="贴近最高限价",
    keys=_KEYS,
    excuses={
        "fixed_price": "单价、费率、政府定价",
        "single_source": "单一来源、直接发包、框架协议",
        "negotiation": "以谈判、磋商成交而没有足够的同方式标段可比",
    },
    open={"tight_ceiling": "须核对限价的编制依据，是否按市场价压到最低。"},
)

SPEC = Spec(
    id="at_the_ceiling",
    title="贴近最高限价中标偏多",
    family="procurement",
    version=1,
    what=(
        "中标价与最高限价之比达到0.995。单个标段不是线索；某采购人、或某采购人由某供应商中标的标段中，"
        "这样的标段明显多于其他单位同类别、同方式、同规模、同投标家数的标段，才提示核查。"
        "单价、费率和政府定价的项目，单一来源和框架协议，不列入比较；谈判、磋商只与同样方式的比较。"
    ),
    strength=("statistical",),
    kinds=("price",),
    requires=(Requires("tenders", ("tender_no", "purchaser", "ceiling_price", "award_amount")),),
    optional=(
        Requires("tenders", ("method",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("winner",)),
        Requires("bids", ("bidder",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "fixed_price",
            "以单价、费率或政府定价计，中标价本来等于限价",
            "核对项目名称、类别和方式中的字样，这类标段不列入比较",
        ),
        Benign(
            "single_source",
            "单一来源、直接发包、框架协议，没有竞价",
            "核对采购方式，这类标段不列入比较",
        ),
        Benign(
            "negotiation",
            "谈判、磋商以公开的预算为限成交",
            "只与其他单位同样方式的标段比较，同方式标段不足的不列入",
        ),
        Benign("tight_ceiling", "限价编得紧，已接近成本", None),
    ),
    next_steps=(
        "调取限价编制资料，核对由谁编制、何时确定、是否泄露。",
        "核对其余投标人的报价是否高于限价或被否决，是否有陪标的迹象。",
        "与同期同类项目的中标下浮率比较，核对是否值得重新询价。",
    ),
    event_key="固定为“贴近最高限价”，以采购人、供应商区分",
    # Ordinary buyers differ; three times the expectation with q <= 0.001 none of the honest
    # example counties reaches.
    orange_effect=3.0,
    effect_name="贴近限价中标的标段数与同类预期之比",
    small_projection="标段层面的汇总用关系查询，泊松二项尾概率用 numpy 计算。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find purchasers whose awards meet the ceiling far more often than their peers'.

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
    lots = lots[(lots["ceiling"] > 0) & (lots["award"] > 0)]
    # Rounded so that 0.995 of a round ceiling counts, whatever its last binary digit.
    hit = (lots["award"] / lots["ceiling"]).round(9) >= settings.least_ratio
    excuse = np.select(
        [
            says(lots["method"], (*SOLE_WORDS, *FRAMEWORK_WORDS))
            | says(lots["title"], FRAMEWORK_WORDS),
            says(lots["title"], settings.fixed_words)
            | says(lots["category"], settings.fixed_words)
            | says(lots["method"], settings.fixed_words),
            says(lots["method"], settings.negotiated_words) & ~_has_peers(lots, settings),
        ],
        ["single_source", "fixed_price", "negotiation"],
        "",
    )
    lots = lots.assign(hit=hit)
    lots["excuse"] = pd.Series(excuse, index=lots.index, dtype=object).where(excuse != "", None)
    compared = compare(lots, _KEYS, (BUYER, PAIR), settings) if len(lots) else Compared()
    return result(snapshot, SPEC, compared, _WORDS, buyers=buyers, gaps=_gaps(snapshot))


def _has_peers(lots: pd.DataFrame, settings: Settings) -> Any:
    """Tell of each lot whether other buyers have enough lots bought in the same way."""
    method = lots["method"].fillna("")
    everywhere = method.map(method.value_counts())
    here = lots.groupby([method, "purchaser_entity"])["lot_entity"].transform("size")
    return np.asarray(everywhere - here >= settings.least_peers)


def _gaps(snapshot: Any) -> Gaps:
    return Gaps.of(
        snapshot,
        "没有限价的编制资料，不能核对限价本身是否偏高、偏低。",
        (
            ("tenders", "method", "招标项目没有采购方式，单一来源等未能排除。", "single_source"),
            ("tenders", "method", "招标项目没有采购方式，谈判、磋商未能分开比较。", "negotiation"),
            ("bids", "bidder", "没有投标记录，未能与投标家数相同的标段比较。", ""),
        ),
    )
