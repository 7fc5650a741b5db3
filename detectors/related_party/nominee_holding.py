"""疑似代持: a supplier's people share numbers with an official's relative who is not on its papers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from detectors.detector import KIN, Benign, Requires, Result, Spec, setting
from detectors.names import Names
from detectors.related_party._firms import without_collectives
from detectors.related_party._nominee_case import Case, Store, nearest
from detectors.related_party._nominee_story import finding, with_hubs
from detectors.related_party._shared_marks import hub_note, links
from detectors.related_party._supplies import projects, suppliers, supplies_of


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    hub_limit: int = setting(
        8,
        unit="方",
        reason="共用者超过此数的电话、账户、地址、工作单位（代办机构、集中登记地、大企业）不作依据",
        least=2,
        most=100,
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )
    village_elections: tuple[str, ...] = setting(
        ("2018-06-30", "2021-03-31", "2026-03-31"),
        unit="日期",
        reason="村级任职缺少离任日期时，推定任至下一次换届",
        source="当地换届工作安排，须按当地实际调整",
    )


SPEC = Spec(
    id="nominee_holding",
    title="疑似代持",
    family="related_party",
    version=1,
    what=(
        "承接公共项目的企业，其本身或股东、法定代表人、主要人员、投标联系人，与公职人员或其近亲属共用电话、"
        "账户、地址，或者同在另一家企业任职，而该公职人员及其近亲属在这家企业没有任何登记。"
        "可能有实际出资人不在登记之中，也可能只是熟人、同事或旧号码。"
    ),
    strength=("weak",),
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
        Requires("companies", ("phone", "address")),
        Requires("shareholders", ("shareholder",)),
        Requires("bids", ("contact", "contact_phone")),
        Requires("people", ("phone", "address")),
        Requires("kinship", ("relative_phone", "relative_employer")),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "hub",
            "代办机构的电话、集中登记的地址等许多人共用的信息",
            "清点共用者数目，超过界限的不作依据，并在疑点中列明",
        ),
        Benign(
            "on_paper",
            "关系本来就在登记之中",
            "该公职人员或其近亲属在企业有登记的，由“亲属企业承接本单位项目”等检测项反映",
        ),
        Benign("family", "共用者与企业人员是一家人", "核对两人之间的近亲属关系"),
        Benign(
            "tenure",
            "企业承接公共项目不在其任职期间，或者亲属关系、企业任职当时已经终止",
            "逐项比对中标、签订、支付日期与任职、婚姻、持股起止日期",
        ),
        Benign("old_number", "电话号码转让、旧地址未更新，或者只是同事、朋友", None),
    ),
    next_steps=(
        "向登记机关和通信部门核实电话、地址的实际使用人和使用时间。",
        "调取企业出资、分红资料，核实登记股东的出资能力和资金来源。",
        "询问投标联系人与该亲属的关系，核实实际经营人。",
        "核实本人是否参与该企业承接项目的决策、审批和付款。",
    ),
    event_key="同一公职人员与同一企业",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find suppliers whose people share something with an official's side that is not on paper.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an official and a supplying firm tied by something shared.
    """
    firms = without_collectives(snapshot, suppliers(snapshot).select("company").distinct())
    rows = links(snapshot, firms, settings)
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        pairs[row["official"], row["company"]].append(row)
    companies = {company for _, company in pairs}
    store = Store(snapshot, rows, companies)
    supplies = supplies_of(snapshot, companies)
    names = Names(snapshot, store.named(rows, supplies))
    cleared: Counter[str] = Counter()
    odd, undated = [], 0
    for (official, company), found in sorted(pairs.items()):
        case = Case(official, company, found)
        key = case.judge(store, projects(supplies.get(company, ())), settings)
        if key is None:
            odd.append(case)
        elif key == "undated":
            undated += 1
        else:
            cleared[key] += 1
    findings = [
        finding(case, others, store, names, settings) for case, others in nearest(odd, store)
    ]
    if findings:
        findings = with_hubs(snapshot, findings, settings)
    return Result(
        subject_kind="干部·企业",
        subjects=len(pairs),
        triggered=len(odd),
        not_triggered=cleared.total(),
        insufficient=undated,
        not_applicable=0,
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
        notes=(note,) if (note := hub_note(snapshot, settings.hub_limit)) else (),
    )
