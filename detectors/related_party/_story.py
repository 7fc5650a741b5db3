"""Telling the finding of a relative's firm: sentences, title, innocent explanations, path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from detectors.detector import BenignResult, Finding, Reason, Row, Sentence, Strength, Subject
from detectors.evidence import (
    cite,
    first_rows,
    period_of,
    weakest,
    years,
)
from detectors.names import Names
from detectors.related_party._checks import (
    RECUSED,
    CompetitionSettings,
    competition,
    time_results,
)
from detectors.related_party._drawn import kin_path
from detectors.related_party._reach import Case, Option
from detectors.related_party._supplies import Supply
from detectors.related_party._words import (
    POST_COLUMNS,
    amount_of,
    doubt_text,
    inferred_gap,
    kin_name,
    kin_text,
    post_span,
    post_text,
    supplies_text,
    tie_text,
    unique,
)
from graph.kinship import parse_term

__all__ = ["StorySettings", "Tale", "finding", "leading", "tie_text"]

# Shapes of kinship that discipline-107 names: spouse, child, child's spouse.
_SPOUSE_AND_CHILDREN = frozenset(("S", "C", "CS"))


class StorySettings(CompetitionSettings, Protocol):
    """The settings that wording and benign checks need."""

    @property
    def leading_posts(self) -> tuple[str, ...]:
        """Words in a post that mark a leading official."""


@dataclass(frozen=True)
class Tale:
    """What a detector's findings are called; ``event_key`` is part of their ids.

    ``unchecked``: innocent explanations of this detector alone that no data can check.
    """

    title: str
    event_key: str
    unchecked: tuple[BenignResult, ...] = ()


def finding(
    case: Case, settings: StorySettings, names: Names, bidders: dict[str, int], tale: Tale
) -> Finding:
    """Tell one official, one firm and what it supplied while all held."""
    supplies = [supply for supply, _ in case.held]
    period = period_of(s.when for s in supplies)
    chosen = [_with_total(option, case) for option in case.chosen]
    identity, chance = weakest(
        [*(j for o in chosen for j in o.joins), *(j for s in supplies for j in s.joins)]
    )
    competitive = competition(supplies, bidders, settings)
    lead = chosen[0]
    official, firm = names.of(case.official), names.of(case.company)
    relative = kin_name(lead.kin, names)
    lead_text = f"{official}（{post_text(lead.post)}）的{relative}{tie_text(lead.tie, names)}"
    grounds = {s.unit: o.post["area"].near for s, o in case.held if o.post["area"]}
    done = f"{firm}在其任职期间{supplies_text(supplies, names.of, grounds)}"
    strength: Strength = "weak" if competitive.state == "partly" and competitive.all else "strong"
    statement, cites = _statement(case, names, chosen, done, supplies)
    legal = ("discipline-107",) if _leading_member_family(case, chosen, settings) else ()
    return Finding(
        subjects=(
            Subject(case.official, "official"),
            *(Subject(r, "relative") for r in unique(o.kin["dst"] for o in chosen)),
            Subject(case.company, "company"),
        ),
        anchors=(case.official, case.company),
        event_key=tale.event_key,
        title=f"{tale.title}：{lead_text}，{done}（{years(period)}）",
        statement=statement,
        reasons=(Reason("relation", strength, f"{lead_text}，{done}", cites),),
        amount=amount_of(supplies),
        period=period,
        identity=identity,
        probability=chance,
        benign=(*time_results(case), competitive.result(), *tale.unchecked, RECUSED),
        legal=legal,
        path=kin_path(case, chosen, supplies, names),
        place=None,
        data_gaps=_gaps(case, chosen, supplies),
    )


def _with_total(option: Option, case: Case) -> Option:
    """The share over all chains on the day of the first supply, where it is more than this one's."""
    day = next((s.when for s, o in case.held if option.covers(s) and s.when), None)
    return replace(option, tie={**option.tie, "total": option.total(day) if day else None})


def _statement(
    case: Case, names: Names, chosen: list[Option], done: str, supplies: list[Supply]
) -> tuple[tuple[Sentence, ...], tuple[Row, ...]]:
    official = names.of(case.official)
    sentences = []
    posts = {o.post["row_id"]: o.post for _, o in case.held}
    for post in sorted(posts.values(), key=lambda p: (str(p["start_date"]), post_text(p))):
        row = Row("officials", post["row_id"], "任职记录", POST_COLUMNS)
        sentences.append(Sentence(f"{official}任{post_text(post)}，{post_span(post)}。", (row,)))
    sentences += _grounds(case, names)
    for relative in unique(o.kin["dst"] for o in chosen):
        ways = [o for o in chosen if o.kin["dst"] == relative]
        kin = ways[0].kin
        sentences.append(
            Sentence(f"{kin_text(kin, names)}。", cite(kin["sources"], "亲属关系记录"))
        )
        for way in ways:
            tie_rows = [r for e in way.tie["edges"] for r in cite(e["sources"], "企业登记记录")]
            told = f"{tie_text(way.tie, names)}{_control_text(way, case)}{doubt_text(way.joins)}"
            sentences.append(Sentence(f"{names.of(relative)}{told}。", first_rows(tie_rows)))
    rows = first_rows(r for s in supplies for r in s.rows)
    sentences.append(Sentence(f"{done}。", rows))
    cites = first_rows((r for s in sentences for r in s.cites if isinstance(r, Row)), 60)
    return tuple(sentences), cites


def _grounds(case: Case, names: Names) -> list[Sentence]:
    """Say why buyers other than the own unit lie in the official's area or field."""
    told: dict[str, tuple[Row, ...]] = {}
    for supply, option in case.held:
        area = option.post["area"]
        if area:
            told.setdefault(f"{area.why.format(unit=names.of(supply.unit))}。", area.rows)
    return [Sentence(text, rows) for text, rows in told.items()]


def _control_text(option: Option, case: Case) -> str:
    """Say that somebody behind layers of firms stands at the end of the largest holders."""
    edges = option.tie["edges"]
    day = next((s.when for s, o in case.held if option.covers(s) and s.when), None)
    if len(edges) < 2 or edges[0]["kind"] != "shareholder" or day is None:
        return ""
    chain = option.holdings.on(day).control_chain(case.company)
    if option.tie["person"] not in {step.holder for step in chain}:
        return ""
    return "，沿各层最大股东上溯，为该企业最终的最大股东"


# -- law and gaps --------------------------------------------------------------------------------


def _shapes(option: Option) -> set[str]:
    """Shapes of all readings of the term; one that can't be read has the empty shape."""
    return {r.shape for r in parse_term(option.kin["term"] or "")} or {""}


def _leading_member_family(case: Case, chosen: list[Option], settings: StorySettings) -> bool:
    """The clause speaks of leading Party members' spouses, children and children's spouses only."""
    family = any(_shapes(o) <= _SPOUSE_AND_CHILDREN for o in chosen)
    return family and any(
        "党员" in (o.post["political_status"] or "") and leading(o.post, settings.leading_posts)
        for _, o in case.held
    )


def leading(post: dict[str, Any], words: tuple[str, ...]) -> bool:
    """Tell whether a post is a leading one, by its name or its rank."""
    return any(w in (post["position"] or "") for w in words) or "领导" in (post["rank"] or "")


def _gaps(case: Case, chosen: list[Option], supplies: list[Supply]) -> tuple[str, ...]:
    gaps = []
    if any(o.post["start_date"] is None for _, o in case.held):
        gaps.append("任职起始日期缺失，按任职期间有效处理。")
    if any(
        o.post["end_date"] is None and "村" in (o.post["identity_type"] or "") for _, o in case.held
    ):
        gaps.append("村级任职缺少离任日期，按任至下一次换届推定。")
    if any(
        o.kin["start_date"] is None and any("S" in shape for shape in _shapes(o)) for o in chosen
    ):
        gaps.append("结婚日期缺失，不能核对事项发生时婚姻关系是否已经存在。")
    gaps += inferred_gap(o.kin for o in chosen)
    if any(e["start_date"] is None for o in chosen for e in o.tie["edges"]):
        gaps.append("入股或任职日期缺失，按登记状态一直有效处理。")
    if any(
        e["share"] is None and e["kind"] == "shareholder" for o in chosen for e in o.tie["edges"]
    ):
        gaps.append("持股比例缺失，未能计算实际持股。")
    if any(s.amount is None for s in supplies):
        gaps.append("部分项目没有金额，合计偏低。")
    if case.undated:
        gaps.append(f"另有{case.undated}项没有日期，不能判断是否在任职期间。")
    return tuple(gaps)
