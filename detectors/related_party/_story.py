"""Telling the finding of a relative's firm: sentences, title, innocent explanations, path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from detectors.detector import (
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Row,
    Sentence,
    Strength,
    Subject,
)
from detectors.evidence import (
    INFERRED_GAP,
    cite,
    day,
    first_rows,
    inferred_from,
    percent,
    period_of,
    post_name,
    weakest,
    years,
    yuan,
)
from detectors.names import Names
from detectors.related_party._reach import Case, Option
from detectors.related_party._supplies import Supply
from graph.kinship import parse_term

# More lots than this are drawn as one edge with their number and sum.
_MOST_LOTS = 4
_MOST_TIES = 4
# Shapes of kinship that discipline-107 names: spouse, child, child's spouse.
_SPOUSE_AND_CHILDREN = frozenset(("S", "C", "CS"))


class StorySettings(Protocol):
    """The settings that wording and benign checks need."""

    @property
    def least_bidders(self) -> int:
        """Bidders from which an open tender counts as competitive."""

    @property
    def market_ratio(self) -> float:
        """Most award ÷ ceiling price, 0–1, of a competitive price."""

    @property
    def leading_posts(self) -> tuple[str, ...]:
        """Words in a post that mark a leading official."""


# -- wording -------------------------------------------------------------------------------------


def finding(case: Case, settings: StorySettings, names: Names, bidders: dict[str, int]) -> Finding:
    supplies = [supply for supply, _ in case.held]
    amount = sum((s.amount for s in supplies if s.amount is not None), Decimal(0))
    period = period_of(s.when for s in supplies)
    chosen = case.chosen
    lead = chosen[0]
    used = {id(o): o for o in [lead, *chosen]}.values()
    identity, chance = weakest(
        [*(j for o in used for j in o.joins), *(j for s in supplies for j in s.joins)]
    )
    competitive = _competition(supplies, bidders, settings)
    units = sorted({s.unit for s in supplies}, key=names.of)
    what = _projects_text(supplies, amount)
    official, firm = names.of(case.official), names.of(case.company)
    unit_text = "、".join(names.of(u) for u in units)
    lead_text = f"{official}（{_post_text(lead.post)}）的{_kin_name(lead, names)}{tie_text(lead.tie, names)}"
    done = f"{firm}在其任职期间{what.replace('{unit}', unit_text)}"
    strength: Strength = "weak" if competitive.state == "partly" and competitive.all else "strong"
    statement, cites = _statement(case, names, chosen, done, supplies)
    legal = ("discipline-107",) if _leading_member_family(case, chosen, settings) else ()
    return Finding(
        subjects=(
            Subject(case.official, "official"),
            *(Subject(r, "relative") for r in _unique(o.kin["dst"] for o in chosen)),
            Subject(case.company, "company"),
        ),
        anchors=(case.official, case.company),
        event_key="亲属企业承接本单位项目",
        title=f"疑似亲属企业承接本单位项目：{lead_text}，{done}（{years(period)}）",
        statement=statement,
        reasons=(Reason("relation", strength, f"{lead_text}，{done}", cites),),
        amount=amount if any(s.amount is not None for s in supplies) else None,
        period=period,
        identity=identity,
        probability=chance,
        benign=(*_time_results(case), competitive.result(), _RECUSED),
        legal=legal,
        path=_path(case, chosen, supplies, names),
        place=None,
        data_gaps=_gaps(case, chosen, supplies),
    )


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _post_text(post: dict[str, Any]) -> str:
    return post_name(post["organization"], post["position"])


def _kin_name(option: Option, names: Names) -> str:
    told = inferred_from(option.kin["basis"], option.kin["sources"])
    return f"{option.kin['term']}{names.of(option.kin['dst'])}{told and f'（{told}）'}"


def tie_text(tie: dict[str, Any], names: Names) -> str:
    """Say how a person is tied to a firm: 持有恒达公司60%股权, or through which firms."""
    parts = []
    for position, edge in enumerate(tie["edges"]):
        firm = names.of(edge["dst"])
        holder = "" if position == 0 else names.of(edge["src"])
        if edge["kind"] == "legal_representative":
            parts.append(f"{holder}担任{firm}法定代表人")
        elif edge["kind"] == "officer":
            parts.append(f"{holder}担任{firm}{edge['term'] or '主要人员'}")
        elif edge["share"] is None:
            parts.append(f"{holder}持有{firm}股权（比例不详）")
        else:
            parts.append(f"{holder}持有{firm}{percent(edge['share'])}股权")
    text = "，".join(parts)
    if len(tie["edges"]) > 1 and tie["share"] is not None:
        text += f"，逐层相乘为{percent(tie['share'])}"
    return text


def _projects_text(supplies: list[Supply], amount: Decimal) -> str:
    counts = {
        kind: sum(s.kind == kind for s in supplies) for kind in ("lot", "contract", "payment")
    }
    parts = []
    if counts["lot"]:
        parts.append(f"中标{{unit}}项目{counts['lot']}个")
    if counts["contract"]:
        parts.append(f"与{{unit}}签订合同{counts['contract']}份")
    if counts["payment"]:
        parts.append(f"收到{{unit}}付款{counts['payment']}笔")
    total = f"、共{yuan(amount)}" if amount else "、金额不详"
    return "，".join(parts) + total


def _statement(
    case: Case, names: Names, chosen: list[Option], done: str, supplies: list[Supply]
) -> tuple[tuple[Sentence, ...], tuple[Row, ...]]:
    official = names.of(case.official)
    sentences = []
    posts = {o.post["row_id"]: o.post for _, o in case.held}
    for post in sorted(posts.values(), key=lambda p: (str(p["start_date"]), _post_text(p))):
        row = Row("officials", post["row_id"], "任职记录", _POST_COLUMNS)
        sentences.append(Sentence(f"{official}任{_post_text(post)}，{_span(post)}。", (row,)))
    for relative in _unique(o.kin["dst"] for o in chosen):
        ways = [o for o in chosen if o.kin["dst"] == relative]
        kin = ways[0].kin
        told = inferred_from(kin["basis"], kin["sources"])
        text = f"{names.of(relative)}是{official}的{kin['term']}（{kin['legal_class']}）。"
        text = f"{told}，{text}" if told else text
        sentences.append(Sentence(text, cite(kin["sources"], "亲属关系记录")))
        for way in ways:
            tie_rows = [r for e in way.tie["edges"] for r in cite(e["sources"], "企业登记记录")]
            link = _link_text(way)
            sentences.append(
                Sentence(
                    f"{names.of(relative)}{tie_text(way.tie, names)}{link}。", first_rows(tie_rows)
                )
            )
    rows = first_rows(r for s in supplies for r in s.rows)
    sentences.append(Sentence(f"{done}。", rows))
    cites = first_rows((r for s in sentences for r in s.cites if isinstance(r, Row)), 60)
    return tuple(sentences), cites


def _link_text(option: Option) -> str:
    doubtful = weakest(option.joins)
    if doubtful[0] == "certain":
        return ""
    if doubtful[0] == "name_only":
        return "（仅姓名相同，须先核对身份）"
    chance = "" if doubtful[1] is None else f"，可能性{percent(doubtful[1])}"
    return f"（疑为同一人{chance}，须先核对身份）"


def _span(post: dict[str, Any]) -> str:
    start = f"{day(post['start_date'])}起" if post["start_date"] else "任职起始日期不详"
    end = f"至{day(post['end_date'])}" if post["end_date"] else "，未见离任记录"
    return f"任职时间{start}{end}"


# -- innocent explanations, law, gaps, path ---------------------------------------------------------

_BENIGN_ORDER = ("tenure", "kin_ended", "tie_ended")
_POST_COLUMNS = ("name", "organization", "position", "start_date", "end_date", "political_status")
_RECUSED = BenignResult(
    "recused", "unknown", "现有数据不能反映本人是否报告和回避，须向其单位核实。"
)


def _time_results(case: Case) -> tuple[BenignResult, ...]:
    texts = {
        "tenure": "所列事项均在任职期间",
        "kin_ended": "所列事项发生时未见亲属关系终止的记录",
        "tie_ended": "所列事项发生时亲属在企业的任职或持股有效",
    }
    results = []
    for key in _BENIGN_ORDER:
        also = case.failed.count(key)
        text = texts[key] + (f"；另有{also}项因此已排除" if also else "") + "。"
        results.append(BenignResult(key, "partly" if also else "ruled_out", text))
    return tuple(results)


@dataclass(frozen=True)
class _Competition:
    """How many of the lots were won in open competition at a competitive price."""

    open_lots: int
    unknown: int
    projects: int

    @property
    def all(self) -> bool:
        return self.open_lots == self.projects

    @property
    def state(self) -> str:
        if self.open_lots:
            return "partly"
        return "unknown" if self.unknown else "ruled_out"

    def result(self) -> BenignResult:
        if self.open_lots:
            text = f"{self.projects}项中有{self.open_lots}项经公开招标、投标家数充分且中标价低于最高限价。"
            return BenignResult("competitive", "partly", text)
        if self.unknown:
            text = "招标方式、投标家数或最高限价数据不全，不能判断是否充分竞争。"
            return BenignResult("competitive", "unknown", text)
        return BenignResult("competitive", "ruled_out", "所列项目均不属于充分竞争的公开招标。")


def _competition(
    supplies: list[Supply], bidders: dict[str, int], settings: StorySettings
) -> _Competition:
    competitive = unknown = 0
    for s in supplies:
        if s.kind != "lot":
            unknown += s.kind == "contract"
            continue
        count = bidders.get(s.entity or "")
        if not s.method or count is None or s.amount is None or not s.ceiling:
            # A method other than open tender is an answer, whatever else is missing.
            unknown += not s.method or "公开" in s.method
            continue
        ratio = float(round(s.amount / s.ceiling, 4))
        competitive += (
            "公开" in s.method
            and count >= settings.least_bidders
            and ratio <= settings.market_ratio
        )
    return _Competition(competitive, unknown, len(supplies))


def _shapes(option: Option) -> set[str]:
    """Shapes of all readings of the term; one that can't be read has the empty shape."""
    return {r.shape for r in parse_term(option.kin["term"] or "")} or {""}


def _leading_member_family(case: Case, chosen: list[Option], settings: StorySettings) -> bool:
    """The clause speaks of leading Party members' spouses, children and children's spouses only."""
    family = any(_shapes(o) <= _SPOUSE_AND_CHILDREN for o in chosen)
    leading = any(
        "党员" in (o.post["political_status"] or "")
        and (
            any(p in (o.post["position"] or "") for p in settings.leading_posts)
            or "领导" in (o.post["rank"] or "")
        )
        for _, o in case.held
    )
    return family and leading


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
    if any(o.kin["basis"] == "inferred" for o in chosen):
        gaps.append(INFERRED_GAP)
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


def _path(case: Case, chosen: list[Option], supplies: list[Supply], names: Names) -> Path:
    edges: list[PathEdge] = []
    firms: list[str] = []
    for option in chosen[:_MOST_TIES]:
        kin = option.kin
        edges.append(_path_edge(kin, kin["term"], "亲属关系记录"))
        person = option.tie["person"]
        if person != kin["dst"]:
            identity, _ = weakest(option.joins)
            edges.append(PathEdge(kin["dst"], person, "same_as", "疑为同一人", identity=identity))
        for tie in option.tie["edges"]:
            edges.append(_path_edge(tie, _tie_term(tie), "企业登记记录"))
            firms.append(tie["dst"])
    units = sorted({s.unit for s in supplies}, key=names.of)
    lots = [s for s in supplies if s.entity]
    if len(lots) <= _MOST_LOTS:
        for s in lots:
            term = "中标" + (f"{yuan(s.amount)}" if s.amount is not None else "")
            edges.append(
                PathEdge(case.company, s.entity or "", "wins", term, s.when, s.when, cites=s.rows)
            )
            edges.append(PathEdge(s.entity or "", s.unit, "purchases", "招标人", cites=s.rows[:1]))
    for unit in units:
        rest = [s for s in supplies if s.unit == unit and (not s.entity or len(lots) > _MOST_LOTS)]
        if rest:
            total = sum((s.amount for s in rest if s.amount is not None), Decimal(0))
            term = _projects_text(rest, total).replace("与{unit}签订", "").replace("{unit}", "")
            first, last = period_of(s.when for s in rest) or (None, None)
            rows = first_rows(r for s in rest for r in s.rows)
            edges.append(PathEdge(case.company, unit, "contract", term, first, last, cites=rows))
    for post in {o.post["row_id"]: o.post for _, o in case.held}.values():
        row = Row("officials", post["row_id"], "任职记录", _POST_COLUMNS)
        edges.append(
            PathEdge(
                case.official,
                post["unit"],
                "position",
                post["position"] or "任职",
                post["start_date"],
                post["end_date"],
                cites=(row,),
            )
        )
    edges = list({(e.src, e.dst, e.kind, e.term): e for e in edges}.values())
    between = [n for e in edges for n in (e.src, e.dst) if n not in units]
    nodes = tuple(_unique([case.official, *between, *units]))
    roles = tuple((u, "purchaser") for u in units)
    return Path(nodes, tuple(edges), roles)


def _path_edge(edge: dict[str, Any], term: str, text: str) -> PathEdge:
    return PathEdge(
        edge["src"],
        edge["dst"],
        edge["kind"],
        term,
        edge["start_date"],
        edge["end_date"],
        edge["identity"] or "certain",
        cite(edge["sources"], text),
    )


def _tie_term(edge: dict[str, Any]) -> str:
    if edge["kind"] == "legal_representative":
        return "法定代表人"
    if edge["kind"] == "officer":
        return edge["term"] or "主要人员"
    return "持股" if edge["share"] is None else f"持股{percent(edge['share'])}"
