"""离职后从业: a former official in a firm that supplied the former unit while he served there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
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
    Subject,
    setting,
)
from detectors.evidence import day, first_rows, period_of, weakest, years
from detectors.names import Names
from detectors.related_party._firms import Firm, firms_of, holder_names
from detectors.related_party._leavers import Leaver, leavers, paid_by_firms
from detectors.related_party._own_firms import OwnFirm, Tie, below_text, own_firms, ties_text
from detectors.related_party._own_story import (
    below_sentences,
    joins_of,
    own_gaps,
    own_path,
    post_sentences,
    tie_sentences,
)
from detectors.related_party._posts import (
    civil_servant,
    in_village,
    posts_by_official,
    within,
)
from detectors.related_party._story import leading
from detectors.related_party._supplies import Supply, projects, supplies_of
from detectors.related_party._words import amount_of, post_text, supplies_text, unique
from graph.holdings import Holdings


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    leading_years: int = setting(
        3, unit="年", reason="原系领导成员的从业限制期", source="公务员法离职从业限制条款",
        least=1, most=10,
    )  # fmt: skip
    other_years: int = setting(
        2, unit="年", reason="其他人员的从业限制期", source="公务员法离职从业限制条款",
        least=1, most=10,
    )  # fmt: skip
    leading_posts: tuple[str, ...] = setting(
        ("书记", "局长", "县长", "区长", "市长", "镇长", "乡长", "院长", "校长", "处长", "厅长",
         "理事长", "主席"),
        unit="无",
        reason="职务含这些字样（或职级写明领导、正职、副职）的按领导成员计算限制期",
        source="干部管理口径，须按当地实际调整",
    )  # fmt: skip
    max_layers: int = setting(
        3, unit="层", reason="经所持企业再持股的企业也计入，超过三层影响难以核实", least=1, most=4
    )
    least_share: float = setting(
        0.05, unit="比例", reason="更低的持股不足以说明利益关联", least=0, most=1
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )


SPEC = Spec(
    id="revolving_door",
    title="离职后从业",
    family="related_party",
    version=1,
    what=(
        "公职人员离任（辞职、退休，其后未见任何任职）后，在限制期内到其任职期间承接过原单位项目的企业担任"
        "法定代表人、主要人员、领薪人员或者入股。限制期：原系领导成员的三年，其他人员两年。调任其他单位的不算；"
        "村干部不适用。"
    ),
    strength=("strong",),
    kinds=("relation",),
    requires=(Requires("officials", ("name", "organization", "end_date")),),
    requires_any=(
        Requires("tenders", ("purchaser",)),
        Requires("contracts", ("party_a", "party_b")),
        Requires("payments", ("payer", "payee")),
    ),
    optional=(
        Requires("company_officers", ("name", "start_date")),
        Requires("shareholders", ("shareholder", "start_date")),
        Requires("companies", ("legal_representative",)),
        Requires("payroll", ("name", "unit")),
    ),
    settings=Settings,
    legal=("resign-3y",),
    benign=(
        Benign(
            "transfer",
            "调任其他单位，没有离开公职",
            "查看离任之后有无其他任职，或者在其他单位的财政供养记录",
        ),
        Benign("late", "限制期满之后才到企业任职或入股", "比对离任日期与任职、入股日期"),
        Benign(
            "not_served",
            "企业承接原单位项目不在本人任职期间",
            "比对中标、签订、支付日期与任职起止日期",
        ),
        Benign(
            "assigned",
            "国有企业，由组织安排任职",
            "沿各层最大股东上溯到公共单位，或登记为国有，且本人只任职、不持股",
        ),
        Benign("approved", "任职经原单位同意，所任工作与原工作业务没有直接关系", None),
    ),
    next_steps=(
        "向组织人事部门核实离任原因、离任日期、限制期和有无从业报告。",
        "调取企业劳动合同、工资发放、社保缴纳记录，核实实际到岗时间和所任工作。",
        "核实其任职期间参与该企业承接项目的决策、审批和付款情况。",
        "核实离任前后与企业之间的资金往来和约定。",
    ),
    event_key="同一离任人员与同一企业",
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find former officials in firms that supplied their units while they served.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an official with an ended post and a firm, to which the official is
        tied, that supplies one of the official's units. Village cadres are not applicable.
    """
    posts = posts_by_official(snapshot)
    ended = {o: p for o, p in posts.items() if any(post["end_date"] for post in p)}
    left = leavers(snapshot, ended)
    pairs = _with_wages(snapshot, own_firms(snapshot, settings), ended)
    supplies = supplies_of(snapshot, {company for pair in pairs for company in pair.companies})
    pairs = [pair for pair in pairs if _to_own_units(pair, supplies)]
    companies = [pair.company for pair in pairs]
    holdings = Holdings.above(snapshot, companies)
    holders = holder_names(snapshot, holdings, companies)
    firms = firms_of(snapshot, companies)
    named = {e for pair in pairs for e in pair.entities()}
    named |= {s.unit for pair in pairs for s in _to_own_units(pair, supplies)}
    names = Names(snapshot, named)
    counts: Counter[str] = Counter()
    cleared: Counter[str] = Counter()
    findings = []
    for pair in pairs:
        firm = firms[pair.company]
        case = _Case(pair, left.get(pair.official), firm, settings)
        state = firm.of_the_state(holdings, holders)
        verdict = case.judge(_to_own_units(pair, supplies), snapshot.as_of, state)
        counts[verdict] += 1
        if verdict == "triggered":
            findings.append(_finding(case, names))
        elif verdict in {b.key for b in SPEC.benign}:
            cleared[verdict] += 1
    return Result(
        subject_kind="离任人员·企业",
        subjects=len(pairs),
        triggered=len(findings),
        not_triggered=cleared.total() + counts["earlier"],
        insufficient=counts["undated"],
        not_applicable=counts["village"],
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
    )


def _with_wages(
    snapshot: Any, pairs: list[OwnFirm], ended: dict[str, list[dict[str, Any]]]
) -> list[OwnFirm]:
    """Keep the pairs of officials with an ended post, and add those whom a firm pays wages."""
    found = {(p.official, p.company): p for p in pairs if p.official in ended}
    for key, ties in paid_by_firms(snapshot, ended).items():
        known = found.get(key) or OwnFirm(*key, tuple(ended[key[0]]), (), {})
        found[key] = replace(known, ties=(*known.ties, *ties))
    return [found[key] for key in sorted(found)]


def _to_own_units(pair: OwnFirm, supplies: dict[str, tuple[Supply, ...]]) -> list[Supply]:
    units = {p["organization_entity"] for p in pair.posts}
    return [
        s for c in sorted(pair.companies) for s in projects(supplies.get(c, ())) if s.unit in units
    ]


@dataclass
class _Case:
    """One former official and one firm, and what came of judging it."""

    pair: OwnFirm
    leaver: Leaver | None
    firm: Firm
    settings: Settings
    ties: list[Tie] = field(default_factory=list)
    deals: list[Supply] = field(default_factory=list)

    @property
    def posts(self) -> list[dict[str, Any]]:
        """The posts of public office other than in a village."""
        return [p for p in self.pair.posts if not in_village(p)]

    @property
    def years(self) -> int:
        """Years of the restriction."""
        lead = any(
            leading(p, self.settings.leading_posts)
            or any(word in (p["rank"] or "") for word in ("正职", "副职"))
            for p in self.posts
        )
        return self.settings.leading_years if lead else self.settings.other_years

    def judge(self, supplies: list[Supply], as_of: date | None, state: bool) -> str:
        """Say what came of it: ``triggered``, a benign key, or why it can't be told."""
        if not self.posts:
            return "village"
        if self.leaver is None or self.leaver.elsewhere:
            return "transfer"
        states = [self._state(tie, as_of) for tie in self.pair.ties]
        self.ties = [t for t, s in zip(self.pair.ties, states, strict=True) if s == "within"]
        if not self.ties:
            return next((s for s in ("undated", "late") if s in states), "earlier")
        best = min(_sureness(t) for t in self.ties)
        self.ties = [t for t in self.ties if _sureness(t) == best]
        if state and all(t.edge["kind"] != "shareholder" for t in self.ties):
            return "assigned"
        for supply in supplies:
            if supply.when is not None and any(
                supply.unit == p["organization_entity"]
                and within(supply.when, (p["start_date"], p["end_date"]))
                for p in self.posts
            ):
                self.deals.append(supply)
        if not self.deals:
            return "undated" if any(s.when is None for s in supplies) else "not_served"
        return "triggered"

    def _state(self, tie: Tie, as_of: date | None) -> str:
        """Whether a tie began within the years after leaving: within, late, earlier, undated."""
        assert self.leaver is not None
        since = self.leaver.since
        until = _years_after(since, self.years)
        start = tie.edge["start_date"]
        if tie.edge["kind"] == "legal_representative" and (start is None or start <= since):
            # The register tells who represents the firm now and when it was founded, not since
            # when: who does so today, within the years, does so within the years.
            start = None
        if start is None:
            end = tie.edge["end_date"]
            if end is not None and end <= since:
                return "earlier"
            last = min(d for d in (end, as_of, date.max) if d is not None)
            return "within" if since < last <= until else "undated"
        if start <= since:
            return "earlier"
        return "within" if start <= until else "late"


def _sureness(tie: Tie) -> int:
    return ("certain", "probable", "name_only").index(weakest(tie.joins)[0])


def _years_after(start: date, years: int) -> date:
    """The same day some years later; 29 February becomes 28 February."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


# -- telling -------------------------------------------------------------------------------------


def _finding(case: _Case, names: Names) -> Finding:
    pair, leaver = case.pair, case.leaver
    assert leaver is not None
    official, firm = names.of(pair.official), names.of(pair.company)
    units = {s.unit for s in case.deals}
    posts = [p for p in case.posts if p["organization_entity"] in units]
    last = max(posts, key=lambda p: (p["end_date"], str(p["start_date"])))
    starts = [t.edge["start_date"] for t in case.ties if _dated(t, leaver)]
    since = f"{day(min(starts))}起" if starts else "离任后"
    below = unique(s.company for s in case.deals if s.company != pair.company)
    chains = "".join(f"，{below_text(pair.below[c], names)}" for c in below)
    done = "，".join(
        f"{names.of(c)}在其任职期间"
        f"{supplies_text([s for s in case.deals if s.company == c], names.of)}"
        for c in unique(s.company for s in case.deals)
    )
    told = (
        f"{official}（原{post_text(last)}，{day(leaver.since)}离任）"
        f"{since}{ties_text(case.ties, firm)}{chains}，{done}"
    )
    statement = [
        *post_sentences(official, posts),
        *tie_sentences(official, case.ties, case.firm, since),
        *below_sentences(pair, below, names),
        Sentence(f"{done}。", first_rows(r for s in case.deals for r in s.rows)),
    ]
    cites = first_rows((r for s in statement for r in s.cites if isinstance(r, Row)), 60)
    period = period_of([*(s.when for s in case.deals), *starts])
    identity, chance = weakest(joins_of(pair, posts, case.ties, case.deals))
    return Finding(
        subjects=(
            Subject(pair.official, "official"),
            Subject(pair.company, "company"),
            *(Subject(c, "company") for c in below),
        ),
        anchors=(pair.official, pair.company),
        event_key="离职后从业",
        title=f"疑似离职后到原单位供应商从业：{told}（{years(period)}）",
        statement=tuple(statement),
        reasons=(Reason("relation", "strong", told, cites),),
        amount=amount_of(case.deals),
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(case, bool(starts)),
        legal=("resign-3y",) if any(civil_servant(p) for p in posts) else (),
        path=own_path(pair, posts, case.ties, case.deals, names),
        data_gaps=_gaps(case, bool(starts)),
    )


def _dated(tie: Tie, leaver: Leaver) -> bool:
    """Whether it is known since when a tie holds (of legal representatives only for new firms)."""
    start = tie.edge["start_date"]
    return start is not None and start > leaver.since


def _benign(case: _Case, dated: bool) -> tuple[BenignResult, ...]:
    return (
        BenignResult(
            "transfer",
            "unknown",
            "离任之后未见其他任职和其他单位的财政供养记录；是否调往外地或上级单位须核实。",
        ),
        BenignResult(
            "late",
            "ruled_out" if dated else "partly",
            f"到企业任职或入股的日期在离任后{case.years}年之内。"
            if dated
            else f"任职日期不详；按登记资料，离任后{case.years}年之内已在该企业。",
        ),
        BenignResult("not_served", "ruled_out", "所列项目均在其任职期间。"),
        BenignResult("assigned", "ruled_out", "沿各层最大股东上溯未见公共单位，或者本人自己持股。"),
        BenignResult(
            "approved", "unknown", "现有数据不能反映是否经过同意、所任工作是否与原业务有关。"
        ),
    )


def _gaps(case: _Case, dated: bool) -> tuple[str, ...]:
    gaps = own_gaps(case.posts, (), case.deals, case.firm)
    if not dated:
        gaps.append("到企业任职的日期缺失，只能按登记现状判断是否在限制期内。")
    gaps.append("离任原因（辞职、退休、调动或其他）没有数据，须核实。")
    return tuple(dict.fromkeys(gaps))
