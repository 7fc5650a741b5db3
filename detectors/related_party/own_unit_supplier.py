"""亲属企业承接本单位项目: a firm of an official's near relative supplies the official's own unit.

The search for (official, firm, unit) runs as joins from the firms that supply public bodies up
through holdings and kin to the officials of the buying unit; dates are then judged in Python on
the few rows that remain.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from detectors.detector import KIN, Benign, Requires, Result, Spec, setting
from detectors.evidence import records
from detectors.names import Names
from detectors.related_party._reach import Case, fetch_options, reach_units
from detectors.related_party._story import Tale, finding
from detectors.related_party._supplies import bidder_counts, suppliers, supplies_of


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    max_layers: int = setting(
        3, unit="层", reason="间接持股超过三层时实际影响难以核实", least=1, most=4
    )
    least_share: float = setting(
        0.05, unit="比例", reason="更低的持股（如上市公司散股）不足以说明利益关联", least=0, most=1
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )
    least_bidders: int = setting(
        3,
        unit="家",
        reason="公开招标至少三家投标才视为有竞争",
        source="招标投标法第二十八条",
        least=1,
    )
    market_ratio: float = setting(
        0.95, unit="比例", reason="中标价不高于最高限价的此比例，视为价格有竞争", least=0, most=1
    )
    village_elections: tuple[str, ...] = setting(
        ("2018-06-30", "2021-03-31", "2026-03-31"),
        unit="日期",
        reason="村级任职缺少离任日期时，推定任至下一次换届",
        source="当地换届工作安排，须按当地实际调整",
    )
    leading_posts: tuple[str, ...] = setting(
        (
            "书记",
            "局长",
            "县长",
            "区长",
            "市长",
            "镇长",
            "乡长",
            "主任",
            "院长",
            "校长",
            "处长",
            "厅长",
        ),
        unit="无",
        reason="职务含这些字样（或职级为乡科级以上领导）才按党员领导干部援引条款",
        source="干部管理口径，须按当地实际调整",
    )


SPEC = Spec(
    id="own_unit_supplier",
    title="亲属企业承接本单位项目",
    family="related_party",
    version=1,
    what=(
        "公职人员的近亲属（夫妻、直系血亲、三代以内旁系血亲、近姻亲）担任法定代表人、主要人员或持股"
        "（含逐层相乘的间接持股）的企业，在该公职人员任职期间中标或承接其所在单位的项目，"
        "且任职、亲属、持股各环节在事项发生日均有效。"
    ),
    strength=("strong", "weak"),
    kinds=("relation",),
    requires=(
        Requires("officials", ("name", "organization")),
        KIN,
    ),
    requires_any=(
        Requires("tenders", ("purchaser",)),
        Requires("contracts", ("party_a", "party_b")),
        Requires("village_projects", ("village", "contractor")),
        Requires("payments", ("payer", "payee")),
    ),
    optional=(
        Requires("companies", ("legal_representative",)),
        Requires("shareholders", ("shareholder", "share_percent")),
        Requires("company_officers", ("name",)),
        Requires("bids", ("bidder",)),
    ),
    settings=Settings,
    legal=("discipline-107",),
    benign=(
        Benign(
            "tenure",
            "事项发生在任职之前或离任之后",
            "逐项比对中标、签订或支付日期与任职起止日期；村级任职缺离任日期的推定任至下一次换届",
        ),
        Benign("kin_ended", "事项发生时婚姻等亲属关系已经终止", "比对事项日期与亲属关系起止日期"),
        Benign(
            "tie_ended",
            "事项发生时亲属已退出企业或尚未入股任职",
            "比对事项日期与持股、任职起止日期",
        ),
        Benign(
            "competitive",
            "经公开招标、充分竞争，以市场价格中标",
            "核对招标方式、投标家数、中标价与最高限价之比，均符合的降低强度",
        ),
        Benign("recused", "本人已按规定报告并在采购中回避", None),
    ),
    next_steps=(
        "调取该单位有关项目的采购、评审、合同审批和验收资料，核实本人是否参与决策或审批。",
        "核实本人个人有关事项报告和近亲属经商办企业申报情况。",
        "核实企业实际出资人、经营人及项目款去向。",
        "对照同类项目价格，核实中标价格和履约情况。",
    ),
    event_key="同一公职人员与同一企业",
)
_TALE = Tale("疑似亲属企业承接本单位项目", "亲属企业承接本单位项目")


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find near relatives' firms that supply the official's own unit in tenure.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an official and a relative's firm that supplies some public body.
    """
    pairs = suppliers(snapshot)
    reach = reach_units(snapshot, pairs, settings)
    subjects = int(reach.select("official", "company").distinct().count().execute())
    options = fetch_options(
        snapshot, records(reach.semi_join(pairs, ["company", "unit"])), settings.least_share
    )
    supplies = supplies_of(snapshot, {company for _, company in options})
    cases = []
    for (official, company), choices in sorted(options.items()):
        case = Case(official, company, choices, settings.village_elections)
        case.judge(supplies.get(company, ()))
        cases.append(case)
    names = Names(snapshot, {e for case in cases for e in case.entities()})
    bidders = bidder_counts(snapshot, {s.entity for c in cases for s, _ in c.held if s.entity})
    findings = tuple(finding(case, settings, names, bidders, _TALE) for case in cases if case.held)
    silent = [case for case in cases if not case.held]
    insufficient = sum(bool(case.undated) for case in silent)
    cleared = Counter(key for case in silent if (key := case.cleared()) is not None)
    return Result(
        subject_kind="干部·企业",
        subjects=subjects,
        triggered=len(findings),
        not_triggered=subjects - len(findings) - insufficient,
        insufficient=insufficient,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
    )
