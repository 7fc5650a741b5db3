"""公职人员参股任职: an official is legal representative, officer or shareholder of a live firm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Reason,
    Requires,
    Result,
    Row,
    Sentence,
    Spec,
    Strength,
    Subject,
    setting,
)
from detectors.evidence import first_rows, period_of, weakest, years
from detectors.names import Names
from detectors.related_party._areas import village_base
from detectors.related_party._firms import Firm, firms_of, holder_names
from detectors.related_party._own_firms import OwnFirm, Tie, below_text, own_firms, ties_text
from detectors.related_party._own_story import (
    below_sentences,
    joins_of,
    own_gaps,
    own_path,
    post_sentences,
    tie_sentences,
)
from detectors.related_party._posts import Span, in_village, overlap, tenure, within
from detectors.related_party._supplies import Supply, projects, supplies_of
from detectors.related_party._words import amount_of, post_text, supplies_text, unique
from graph.holdings import Holdings


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    max_layers: int = setting(
        3, unit="层", reason="经所持企业再持股的企业承接公共项目也计入，超过三层影响难以核实",
        least=1, most=4,
    )  # fmt: skip
    least_share: float = setting(
        0.05, unit="比例", reason="再往下的企业，实际持股低于此数的不计", least=0, most=1
    )
    listed_share: float = setting(
        0.01, unit="比例", reason="股份有限公司中低于此比例的持股视为上市公司散股", least=0, most=1
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
    not_deals: tuple[str, ...] = setting(
        ("补贴", "补助", "奖补", "奖励", "退税", "退款", "退还", "保证金"),
        unit="无",
        reason="摘要含这些字样的付款不是买卖，不作为承接公共项目",
    )


SPEC = Spec(
    id="self_dealing",
    title="公职人员参股任职",
    family="related_party",
    version=1,
    what=(
        "公职人员本人在任职期间担任存续企业的法定代表人、主要人员或股东。企业（含其逐层持股的企业）在此期间"
        "承接公共项目的为较强，否则为较弱。只看《公职人员》表中的人员；集体经济组织、国有企业、组织安排的"
        "岗位、上市公司散股不计，村干部自家的农场、商铺不与本村发生业务的不计。"
    ),
    strength=("strong", "weak"),
    kinds=("relation",),
    requires=(Requires("officials", ("name", "organization")),),
    requires_any=(
        Requires("companies", ("name", "legal_representative")),
        Requires("company_officers", ("company", "name")),
        Requires("shareholders", ("company", "shareholder")),
    ),
    optional=(
        Requires("companies", ("status", "company_type")),
        Requires("shareholders", ("share_percent",)),
        Requires("tenders", ("purchaser", "winner")),
        Requires("contracts", ("party_a", "party_b")),
        Requires("payments", ("payer", "payee")),
    ),
    settings=Settings,
    legal=("discipline-103",),
    benign=(
        Benign(
            "tenure",
            "任职之前已退出企业，或离任之后才参股任职",
            "比对持股、任职起止日期与公职任职起止日期；村级任职缺离任日期的推定任至下一次换届",
        ),
        Benign(
            "deregistered",
            "企业已经注销或吊销，任职期间没有承接公共项目",
            "查看登记状态、注销日期，以及任职期间的中标、合同、付款记录",
        ),
        Benign(
            "collective",
            "集体经济组织，由村干部依职务担任负责人",
            "企业名称或类型为股份经济合作社、集体资产等",
        ),
        Benign(
            "state",
            "国有企业，由组织委派任职",
            "沿各层最大股东上溯到公共单位，或登记为国有，且本人只任职、不持股",
        ),
        Benign(
            "approved",
            "经组织安排或批准在该企业任职",
            "公职人员信息中的任职单位就是该企业",
        ),
        Benign("listed", "上市公司的少量股份", "股份有限公司中持股低于界限，或登记为上市公司"),
        Benign(
            "own_farm",
            "村干部自家的农场、合作社或商铺，没有与本村发生业务",
            "按企业名称和类型辨认，并核对本村付款、合同和村级项目",
        ),
        Benign("never_run", "被他人冒用身份登记，或企业从未实际经营", None),
    ),
    next_steps=(
        "核实本人个人有关事项报告中的投资、兼职情况，有无批准文件。",
        "调取企业登记档案、股权变更资料，核实是否本人签字、实际出资和分红。",
        "企业承接公共项目的，核实本人是否参与有关决策、审批和付款。",
        "调取企业纳税、用工和账户情况，核实是否实际经营。",
    ),
    event_key="同一公职人员与同一企业",
)
# Not an innocent reason: the data can't tell.
_UNDATED = "undated"


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find officials who are themselves tied to firms in tenure.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an official and a firm to which the official is tied directly.
    """
    pairs = own_firms(snapshot, settings)
    companies = {company for pair in pairs for company in pair.companies}
    firms = firms_of(snapshot, companies)
    holdings = Holdings.above(snapshot, {pair.company for pair in pairs})
    holders = holder_names(snapshot, holdings, [pair.company for pair in pairs])
    supplies = _deals(supplies_of(snapshot, companies) if _any_supply(snapshot) else {}, settings)
    named = {e for pair in pairs for e in pair.entities()}
    named |= {s.unit for found in supplies.values() for s in found if s.unit}
    names = Names(snapshot, named)
    cases = [_Case(pair, firms[pair.company], settings, names) for pair in pairs]
    cleared: Counter[str] = Counter()
    findings, undated = [], 0
    for case in cases:
        state = firms[case.pair.company].of_the_state(holdings, holders)
        key = case.judge(supplies, state, snapshot.as_of)
        if key is None:
            findings.append(_finding(case, names))
        elif key == _UNDATED:
            undated += 1
        else:
            cleared[key] += 1
    return Result(
        subject_kind="干部·企业",
        subjects=len(cases),
        triggered=len(findings),
        not_triggered=cleared.total(),
        insufficient=undated,
        not_applicable=0,
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
    )


def _any_supply(snapshot: Any) -> bool:
    return any(snapshot.has(t) for t in ("tenders", "contracts", "payments", "village_projects"))


def _deals(
    supplies: dict[str, tuple[Supply, ...]], settings: Settings
) -> dict[str, tuple[Supply, ...]]:
    """Leave out payments that are benefits or refunds, not purchases."""
    return {
        company: tuple(
            s
            for s in found
            if s.kind != "payment" or not any(word in s.title for word in settings.not_deals)
        )
        for company, found in supplies.items()
    }


@dataclass
class _Case:
    """One official and one firm, and what came of judging it."""

    pair: OwnFirm
    firm: Firm
    settings: Settings
    names: Names
    held: list[tuple[dict[str, Any], Tie, Span]] = field(default_factory=list)
    deals: list[Supply] = field(default_factory=list)
    undated: int = 0

    def judge(
        self, supplies: dict[str, tuple[Supply, ...]], state: bool, as_of: date | None
    ) -> str | None:
        """Name the innocent explanation that holds, or None where none does."""
        owns = any(t.edge["kind"] == "shareholder" for t in self.pair.ties)
        if self.firm.collective:
            return "collective"
        if any(p["organization"] == self.firm.name for p in self.pair.posts):
            return "approved"
        if state and not owns:
            return "state"
        if self._listed():
            return "listed"
        unclear = False
        for post in self.pair.posts:
            held = tenure(post, self.settings.village_elections)
            left = held[1] is not None and (as_of is None or held[1] < as_of)
            for tie in self.pair.ties:
                if left and tie.edge["kind"] == "legal_representative":
                    # The register tells who represents a firm now, not since when: that says
                    # nothing of a tenure already over.
                    unclear = True
                    continue
                span = overlap(held, (tie.edge["start_date"], tie.edge["end_date"]), self.firm.life)
                if span is not None:
                    self.held.append((post, tie, span))
        if not self.held:
            return _UNDATED if unclear else "tenure"
        self._trust()
        self._find_deals(supplies)
        if self.firm.gone and not self.deals:
            return "deregistered"
        if all(in_village(post) for post, _, _ in self.held) and self.firm.farm_or_shop:
            self.deals = [s for s in self.deals if self._own_village(s)]
            if not self.deals:
                return "own_farm"
        return None

    def _listed(self) -> bool:
        kinds = {t.edge["kind"] for t in self.pair.ties}
        if kinds != {"shareholder"}:
            return False
        joint_stock = "股份有限公司" in self.firm.kind or "股份有限公司" in self.firm.name
        limit = (
            self.settings.least_share if "上市" in self.firm.kind else self.settings.listed_share
        )
        shares = [t.edge["share"] for t in self.pair.ties]
        small = all(s is not None and round(s, 6) < limit for s in shares)
        return small and (joint_stock or "上市" in self.firm.kind)

    def _trust(self) -> None:
        """Keep the surest ties: a doubtful one beside a sure one would only pull the clue down."""
        best = min(_sureness(tie) for _, tie, _ in self.held)
        self.held = [entry for entry in self.held if _sureness(entry[1]) == best]

    def _find_deals(self, supplies: dict[str, tuple[Supply, ...]]) -> None:
        for company in sorted(self.pair.companies):
            chain = self.pair.below.get(company, ())
            for supply in projects(supplies.get(company, ())):
                when = supply.when
                if when is None:
                    self.undated += 1
                    continue
                dated = all(within(when, (e["start_date"], e["end_date"])) for e in chain)
                if dated and any(within(when, span) for _, _, span in self.held):
                    self.deals.append(supply)

    def _own_village(self, supply: Supply) -> bool:
        base = village_base(self.names.of(supply.unit))
        seats = {
            village_base(text) or text
            for post, _, _ in self.held
            for text in (post["organization"], post.get("village"))
            if text
        }
        return base is not None and base in seats


def _sureness(tie: Tie) -> int:
    return ("certain", "probable", "name_only").index(weakest(tie.joins)[0])


# -- telling -------------------------------------------------------------------------------------


def _finding(case: _Case, names: Names) -> Finding:
    pair = case.pair
    official, firm = names.of(pair.official), names.of(pair.company)
    posts = list({p["row_id"]: p for p, _, _ in case.held}.values())
    ties = list({t.edge["edge"]: t for _, t, _ in case.held}.values())
    post = next((p for p in posts if not in_village(p)), posts[0])
    told = f"{official}（{post_text(post)}）在任职期间{ties_text(ties, firm)}"
    strength: Strength = "strong" if case.deals else "weak"
    below = unique(s.company for s in case.deals if s.company != pair.company)
    chains = "".join(f"，{below_text(pair.below[c], names)}" for c in below)
    done = "，".join(
        f"{names.of(c)}此间{supplies_text([s for s in case.deals if s.company == c], names.of)}"
        for c in unique(s.company for s in case.deals)
    )
    period = period_of(s.when for s in case.deals) if case.deals else _period(case)
    text = told + chains + (f"，{done}" if done else "")
    statement = [
        *post_sentences(official, posts),
        *tie_sentences(official, ties, case.firm),
        *below_sentences(pair, below, names),
    ]
    if done:
        rows = first_rows(r for s in case.deals for r in s.rows)
        statement.append(Sentence(f"{done}。", rows))
    cites = first_rows((r for s in statement for r in s.cites if isinstance(r, Row)), 60)
    identity, chance = weakest(joins_of(pair, posts, ties, case.deals))
    gaps = own_gaps(posts, ties, case.deals, case.firm)
    if case.undated:
        gaps.append(f"另有{case.undated}项没有日期，不能判断是否在任职期间。")
    return Finding(
        subjects=(
            Subject(pair.official, "official"),
            Subject(pair.company, "company"),
            *(Subject(c, "company") for c in below),
        ),
        anchors=(pair.official, pair.company),
        event_key="公职人员参股任职",
        title=f"疑似公职人员参股任职：{text}" + (f"（{years(period)}）" if case.deals else ""),
        statement=tuple(statement),
        reasons=(Reason("relation", strength, text, cites),),
        amount=amount_of(case.deals),
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(case),
        legal=_legal(posts),
        path=own_path(pair, posts, ties, case.deals, names),
        data_gaps=tuple(gaps),
    )


def _period(case: _Case) -> tuple[date, date] | None:
    """When the first of the ties began to overlap with a post; it may go on to this day."""
    starts = [span[0] for _, _, span in case.held if span[0]]
    ends = [span[1] for _, _, span in case.held if span[1]]
    return (min(starts), max([*ends, *starts])) if starts else None


def _benign(case: _Case) -> tuple[BenignResult, ...]:
    gone = case.firm.gone
    kind = case.firm.kind or "类型未登记"
    return (
        BenignResult("tenure", "ruled_out", "参股任职与公职任职的时间有重叠。"),
        BenignResult(
            "deregistered",
            "partly" if gone else "ruled_out" if case.firm.row else "unknown",
            "企业现已注销或吊销，但任职期间承接过公共项目。"
            if gone
            else "登记资料中未见注销或吊销记录。"
            if case.firm.row
            else "没有该企业的工商登记记录，不能核对。",
        ),
        BenignResult("collective", "ruled_out", f"名称和类型（{kind}）不是集体经济组织。"),
        BenignResult("state", "ruled_out", "沿各层最大股东上溯未见公共单位，或者本人自己持股。"),
        BenignResult(
            "approved",
            "unknown",
            "公职人员信息中没有在该企业的任职；有无批准文件须向组织部门核实。",
        ),
        BenignResult("listed", "ruled_out", "不是上市公司的少量股份。"),
        BenignResult("own_farm", "ruled_out", _farm_text(case)),
        BenignResult(
            "never_run", "unknown", "现有数据不能反映登记是否本人所为、企业是否实际经营。"
        ),
    )


def _farm_text(case: _Case) -> str:
    if case.firm.farm_or_shop and all(in_village(p) for p, _, _ in case.held):
        return "是农场、合作社或商铺一类，但与本村有业务往来。"
    return "本人不是村干部，或者企业不是农场、商铺一类。"


def _legal(posts: list[dict[str, Any]]) -> tuple[str, ...]:
    """The clause binds Party members; village cadres may run a business of their own."""
    member = any("党员" in (p["political_status"] or "") and not in_village(p) for p in posts)
    return ("discipline-103",) if member else ()
