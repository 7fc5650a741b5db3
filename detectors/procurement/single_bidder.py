"""单一投标偏多: lots that should draw competition and drew one valid bid, against peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.detector import Benign, Requires, Result, Spec, setting
from detectors.procurement._excess import BUYER, PAIR, Compared, PeerSettings, compare
from detectors.procurement._excess_story import Words, result
from detectors.procurement._market import (
    FRAMEWORK_WORDS,
    SOLE_WORDS,
    lots_of,
    retendered,
    says,
)
from detectors.procurement._telling import Gaps


@dataclass(frozen=True)
class Settings(PeerSettings):
    """Thresholds of the detector."""

    most_bidders: int = setting(
        2,
        unit="家",
        reason="三家以上投标、其余均被否决的，由“其他投标均被否决偏多”检测，不重复计算",
        least=1,
    )
    most_share: float = setting(
        0.5,
        unit="无",
        reason="全部标段超过此比例只有一条投标记录的，多半只收到了中标人的记录，不作比较",
        least=0.0,
        most=1.0,
    )


_KEYS = (
    ("category", "method", "size", "year"),
    ("category", "method", "size"),
    ("category", "method"),
    ("method", "size"),
    ("category",),
    ("method",),
)
_WORDS = Words(
    title="单一投标偏多",
    hit="只有一家有效投标",
    trials="竞争性采购标段",
    kind="participation",
    event="单一投标",
    keys=_KEYS,
    excuses={
        "sole_source": "单一来源、直接发包",
        "framework": "框架协议、定点采购",
        "retender": "重新招标",
    },
    open={
        "thin_market": "须核实当地有资质、有能力参加的企业有几家。",
        "incomplete": "须向交易平台核对未列出的投标人和递交后撤回的投标。",
    },
)

SPEC = Spec(
    id="single_bidder",
    title="单一投标偏多",
    family="procurement",
    version=1,
    what=(
        "应有竞争的标段只有一家投标，或两家投标中一家被否决。单个标段只有一家投标不是线索；"
        "某采购人、或某采购人由某供应商中标的标段中，这样的标段明显多于其他单位同类别、同方式、"
        "同规模、同年份的标段，才提示核查。比例按同类标段推算，计入单位之间通常的差异，"
        "全部采购人和供应商一并校正。"
    ),
    strength=("statistical",),
    kinds=("participation",),
    requires=(Requires("tenders", ("tender_no", "purchaser")), Requires("bids", ("bidder",))),
    optional=(
        Requires("tenders", ("method",)),
        Requires("tenders", ("category",)),
        Requires("tenders", ("ceiling_price",)),
        Requires("tenders", ("retender",)),
        Requires("bids", ("disqualified",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("sole_source", "依法采用单一来源、直接发包", "核对采购方式，这类标段不列入比较"),
        Benign("framework", "框架协议、定点采购项下的订单", "核对采购方式和项目名称中的字样"),
        Benign(
            "retender",
            "首次招标失败后重新招标，依法可以继续",
            "核对是否重新招标及项目名称中的字样，这类标段不计入",
        ),
        Benign("thin_market", "专业性强、地处偏远，有能力参加的企业本来就少", None),
        Benign("incomplete", "移交的投标记录不全，只有中标人", None),
    ),
    next_steps=(
        "调取招标文件，核对资格条件、业绩要求、品牌参数是否只有个别企业能够满足。",
        "核对公告发布的渠道、期限和购买文件的企业名单，向未递交投标的企业了解原因。",
        "核对只有一家投标时继续开标、评审的依据和审批。",
    ),
    event_key="固定为“单一投标”，以采购人、供应商区分",
    # Ordinary buyers differ; three times the expectation with q <= 0.001 none of the honest
    # example counties reaches.
    orange_effect=3.0,
    effect_name="只有一家有效投标的标段数与同类预期之比",
    small_projection="标段层面的汇总用关系查询，泊松二项尾概率用 numpy 计算。",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find purchasers whose lots draw a single valid bid far more often than their peers'.

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
    lots = lots[lots["bidders"] > 0]
    excuse = np.select(
        [
            says(lots["method"], SOLE_WORDS),
            says(lots["method"], FRAMEWORK_WORDS) | says(lots["title"], FRAMEWORK_WORDS),
            retendered(lots),
        ],
        ["sole_source", "framework", "retender"],
        "",
    )
    hit = (lots["valid"] == 1) & (lots["bidders"] <= settings.most_bidders)
    lots = lots.assign(hit=hit, excuse=excuse)
    lots["excuse"] = lots["excuse"].where(excuse != "", None)
    open_lots = lots[lots["excuse"].isna()]
    if len(open_lots) and (open_lots["bidders"] == 1).mean() > settings.most_share:
        note = (
            f"有投标记录的{len(open_lots)}个竞争性标段中，"
            f"{int((open_lots['bidders'] == 1).sum())}个只有一条投标记录，"
            "可能只移交了中标人的记录，未作比较"
        )
        return Result("采购人、采购人·供应商", buyers, 0, 0, buyers, 0, (), notes=(note,))
    compared = compare(lots, _KEYS, (BUYER, PAIR), settings) if len(lots) else Compared()
    return result(snapshot, SPEC, compared, _WORDS, buyers=buyers, gaps=_gaps(snapshot))


def _gaps(snapshot: Any) -> Gaps:
    return Gaps.of(
        snapshot,
        "没有投标报名、购买文件和撤回投标的记录，不能核对有多少企业原本有意参加。",
        (
            (
                "tenders",
                "method",
                "招标项目没有采购方式，依法可以不竞争的未能排除。",
                "sole_source",
            ),
            ("tenders", "retender", "没有是否重新招标的记录，只按项目名称排除。", "retender"),
            ("bids", "disqualified", "投标记录没有是否否决，否决后仅剩一家的未能识别。", ""),
        ),
    )
