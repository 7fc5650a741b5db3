"""评审关联: an expert scores a bidder that he, or a near relative of his, stands behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Requires,
    Result,
    Row,
    Sentence,
    Spec,
    Statistic,
    Strength,
    Subject,
    setting,
)
from detectors.evidence import day, first_rows, period_of, records, weakest, years, yuan
from detectors.links import aliases
from detectors.names import Names
from detectors.related_party._dealings import (
    Holding,
    Join,
    Kin,
    company_ties,
    edge_ids,
    fetch_edges,
    holding_from,
    holding_order,
    kin_from,
    kin_order,
    near_kin,
    tie_text,
)
from detectors.related_party._telling import (
    holding_edges,
    holding_rows,
    kin_edges,
    kin_sentence,
    nodes_of,
)
from detectors.related_party._words import doubt_text, inferred_gap, kin_name
from detectors.scores import Deviation, Sheet, deviation, sheets


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    max_layers: int = setting(
        3, unit="层", reason="间接持股超过三层时实际影响难以核实", least=1, most=4
    )
    least_share: float = setting(
        0.05, unit="比例", reason="更低的持股（如上市公司散股）不足以说明利益关联", least=0, most=1
    )
    former_years: int = setting(
        3,
        unit="年",
        reason="离开投标单位不满此年数的，作为曾任职的较弱关联；更早的不计",
        least=0,
    )
    hub_experts: int = setting(
        4,
        unit="人",
        reason="高校、设计院等单位评审专家达到此数的，仅凭同单位只作较弱关联",
        least=1,
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )


SPEC = Spec(
    id="evaluator_tie",
    title="评审关联",
    family="related_party",
    version=1,
    what=(
        "评审专家给投标人评分时，本人或其近亲属是该投标人的法定代表人、主要人员或股东（含逐层相乘的间接持股），"
        "或者本人在该投标人处工作，各环节在评审日均有效；并列出该评分与其他专家评分中位数的差。"
        "评分不高于其他专家中位数的不作为线索；仅有曾任职关系，或仅为专家众多的单位的同事，只作较弱关联。"
    ),
    strength=("strong", "weak"),
    kinds=("relation",),
    requires=(
        Requires("expert_scores", ("expert", "bidder", "score")),
        Requires("tenders", ("open_date",)),
    ),
    requires_any=(
        Requires("companies", ("legal_representative",)),
        Requires("shareholders", ("shareholder",)),
        Requires("company_officers", ("name",)),
        Requires("kinship", ("relative_employer",)),
    ),
    optional=(
        Requires("kinship", ("relation", "relative_name")),
        Requires("bids", ("disqualified",)),
        Requires("expert_scores", ("expert_id",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "tie_ended",
            "评审时已退出企业，或尚未入股任职",
            "比对评审日期与持股、任职起止日期；离任不久的降为较弱",
        ),
        Benign("kin_ended", "评审时婚姻等亲属关系已经终止", "比对评审日期与亲属关系起止日期"),
        Benign(
            "not_counted",
            "该投标被否决，评分未起作用",
            "核对《投标记录》是否废标、否决",
        ),
        Benign(
            "not_lifted",
            "评分不高于其他专家",
            "与其他专家对同一投标人的评分中位数比较",
        ),
        Benign(
            "hub_employer",
            "所在单位专家众多，与投标事务未必有关",
            "统计同一单位的评审专家人数，达到设置人数的降为较弱",
        ),
        Benign("recused", "已申请回避，评分未计入汇总", None),
    ),
    next_steps=(
        "调取专家抽取记录、评标报告和专家承诺书，核实是否申请过回避、评分是否计入汇总。",
        "调取评审现场录音录像和各项评分明细，核实打分理由。",
        "核实专家本人及亲属在该企业的持股、任职和取酬情况。",
    ),
    event_key="同一专家与同一投标人",
)

_ORDER = ("not_lifted", "not_counted", "tie_ended", "kin_ended")


@dataclass(frozen=True)
class Tie:
    """One way in which an expert is tied to a bidder: self or a relative, and the holding."""

    expert: str
    holding: Holding
    kin: Kin | None
    own_joins: tuple[Join, ...]

    @property
    def joins(self) -> tuple[Join, ...]:
        """Identity of all that the tie rests on."""
        return (*self.own_joins, *(self.kin.joins if self.kin else ()), *self.holding.joins)

    @property
    def employed(self) -> bool:
        """Whether all that is known is where the expert works."""
        return self.holding.edges[0]["kind"] == "position"


@dataclass(frozen=True)
class Scored:
    """One lot in which a tied expert scored the bidder; ``former``: only a tie that has ended."""

    sheet: Sheet
    tie: Tie
    former: bool
    deviation: Deviation | None


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find experts tied to bidders whom they scored.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an expert and a bidder whom the expert scored.
    """
    table = snapshot.table("expert_scores")
    known = table.filter(table.expert_entity.notnull() & table.bidder_entity.notnull())
    pairs = known.select(expert="expert_entity", bidder="bidder_entity").distinct()
    subjects = int(pairs.count().execute())
    ties = _ties(snapshot, pairs, settings)
    lots: dict[tuple[str, str], set[str]] = defaultdict(set)
    if ties:
        scored = known.select(expert="expert_entity", bidder="bidder_entity", lot="lot_entity")
        for row in records(scored.distinct()):
            if (row["expert"], row["bidder"]) in ties and row["lot"]:
                lots[row["expert"], row["bidder"]].add(row["lot"])
    found = sheets(snapshot, {lot for own in lots.values() for lot in own})
    crowd = _colleagues(snapshot, pairs)
    told, cleared, insufficient = [], Counter[str](), 0
    for pair, ways in sorted(ties.items()):
        held, failed = _judge(ways, [found[lot] for lot in sorted(lots[pair])], settings)
        if held:
            told.append((pair, held, failed))
        elif "undated" in failed:
            insufficient += 1
        elif failed:
            cleared[min(failed, key=_ORDER.index)] += 1
    names = Names(snapshot, {e for pair, held, _ in told for e in _entities(pair, held)})
    findings = tuple(
        _finding(pair, held, failed, crowd.get(pair[1], 0), settings, names)
        for pair, held, failed in told
    )
    return Result(
        subject_kind="专家·投标人",
        subjects=subjects,
        triggered=len(findings),
        not_triggered=subjects - len(findings) - insufficient,
        insufficient=insufficient,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
    )


def _ties(snapshot: Any, pairs: Any, settings: Settings) -> dict[tuple[str, str], list[Tie]]:
    """All ties of experts to bidders whom they scored, surest first."""
    firms = pairs.select(company="bidder").distinct()
    experts = pairs.select(entity="expert").distinct()
    behind = company_ties(snapshot, firms, settings.max_layers, settings.least_share)
    own = aliases(snapshot, experts, settings.most_namesakes).select(
        expert="entity", person="other", identity="identity", chance="probability"
    )
    edges = snapshot.edges
    work = edges.filter((edges.kind == "position") & edges.dst.startswith("c-")).select(
        person="src", company="dst", chain=edges.edge.cast("string") + ","
    )
    scored = pairs.select("expert", company="bidder")
    rows = [
        *records(own.join(behind, "person").semi_join(scored, ["expert", "company"])),
        *records(own.join(work, "person").semi_join(scored, ["expert", "company"])),
    ]
    kin_rows: list[dict[str, Any]] = []
    if bool(edges.filter(edges.kind == "kin").count().execute()):
        kin = near_kin(snapshot, experts, settings.most_namesakes)
        tied = kin.join(behind, "person").rename(expert="ego")
        kin_rows = records(tied.semi_join(scored, ["expert", "company"]))
    wanted = {e for r in [*rows, *kin_rows] for e in edge_ids(r["chain"])}
    by_edge = fetch_edges(snapshot, wanted | {r["kin_edge"] for r in kin_rows})
    found: dict[tuple[str, str], list[Tie]] = defaultdict(list)
    for row in rows:
        holding = holding_from({"share": None, **row}, by_edge)
        joins = ((row["identity"], row["chance"]),)
        found[row["expert"], row["company"]].append(Tie(row["expert"], holding, None, joins))
    for row in kin_rows:
        kin_ = kin_from({**row, "ego": row["expert"]}, by_edge)
        holding = holding_from(row, by_edge)
        found[row["expert"], row["company"]].append(Tie(row["expert"], holding, kin_, ()))
    return {pair: sorted(ways, key=_tie_order) for pair, ways in found.items()}


def _tie_order(tie: Tie) -> tuple[Any, ...]:
    doubtful = ("certain", "probable", "name_only").index(weakest(tie.joins)[0])
    kin = kin_order(tie.kin) if tie.kin else ()
    return (doubtful, tie.kin is not None, tie.employed, holding_order(tie.holding), kin)


def _colleagues(snapshot: Any, pairs: Any) -> dict[str, int]:
    """How many scoring experts are known to work for each bidder."""
    edges = snapshot.edges
    work = edges.filter((edges.kind == "position") & edges.dst.startswith("c-"))
    work = work.semi_join(pairs, work.src == pairs.expert)
    counted = work.group_by("dst").agg(experts=work.src.nunique())
    return {r["dst"]: r["experts"] for r in records(counted)}


def _judge(
    ways: Sequence[Tie], lots: Sequence[Sheet], settings: Settings
) -> tuple[list[Scored], list[str]]:
    """Sort the lots into held ones and what explains the others."""
    held, failed = [], []
    for sheet in sorted(lots, key=lambda s: (str(s.when), s.title, s.lot)):
        outcomes = [_explain(tie, sheet, settings) for tie in ways]
        good = [s for s in outcomes if isinstance(s, Scored)]
        if good:
            # A tie in force tells more than one that has ended.
            held.append(min(good, key=lambda s: s.former))
        else:
            reasons = [s for s in outcomes if isinstance(s, str)]
            failed.append(min(reasons, key=("undated", *_ORDER).index))
    return held, failed


def _explain(tie: Tie, sheet: Sheet, settings: Settings) -> Scored | str:
    former = False
    dates = [e[c] for e in tie.holding.edges for c in ("start_date", "end_date")]
    if tie.kin:
        dates += [tie.kin.edge["start_date"], tie.kin.edge["end_date"]]
    if sheet.when is None:
        if any(d is not None for d in dates):
            return "undated"
    else:
        if tie.kin and not tie.kin.holds(sheet.when):
            return "kin_ended"
        if not tie.holding.holds(sheet.when):
            if not _left_lately(tie, sheet.when, settings):
                return "tie_ended"
            former = True
    if tie.holding.company in sheet.rejected:
        return "not_counted"
    found = deviation(sheet.scores, tie.expert, tie.holding.company)
    if found is not None and found.lift <= 0:
        return "not_lifted"
    return Scored(sheet, tie, former, found)


def _left_lately(tie: Tie, when: date, settings: Settings) -> bool:
    """Tell whether the expert's own post in the firm ended not long before."""
    [*chain] = tie.holding.edges
    if tie.kin is not None or len(chain) > 1 or chain[0]["kind"] not in ("officer", "position"):
        return False
    start, end = chain[0]["start_date"], chain[0]["end_date"]
    if end is None or end >= when or (start is not None and start > when):
        return False
    return bool(end >= when - timedelta(days=366 * settings.former_years))


def _entities(pair: tuple[str, str], held: Sequence[Scored]) -> set[str]:
    found = set(pair) | {s.sheet.lot for s in held}
    for s in held:
        found |= {e[end] for e in s.tie.holding.edges for end in ("src", "dst")}
        if s.tie.kin:
            found |= {s.tie.kin.ego, s.tie.kin.relative, s.tie.kin.person}
    return found


# -- wording ---------------------------------------------------------------------------------------


def _tie_text(scored: Scored, names: Names) -> str:
    """Say how the expert is tied: 的妻弟李某持有恒达公司60%股权."""
    tie = scored.tie
    if tie.employed:
        done = "曾在" if scored.former else "在"
        return f"{done}{names.of(tie.holding.company)}工作"
    text = tie_text(tie.holding.tie, names)
    if tie.kin:
        return f"的{kin_name(tie.kin.edge, names)}{text}"
    return f"曾{text}" if scored.former else text


def _finding(
    pair: tuple[str, str],
    held: Sequence[Scored],
    failed: Sequence[str],
    crowd: int,
    settings: Settings,
    names: Names,
) -> Finding:
    expert, firm = names.of(pair[0]), names.of(pair[1])
    lead = min(held, key=lambda s: (s.former, str(s.sheet.when), s.sheet.title))
    hub = all(s.tie.employed for s in held) and crowd >= settings.hub_experts
    former = all(s.former for s in held)
    strength: Strength = "weak" if hub or former else "strong"
    won = [s.sheet for s in held if s.sheet.winner == pair[1]]
    amounts = [s.award for s in won if s.award is not None]
    amount = sum(amounts, Decimal(0)) if amounts else None
    tied = f"评审专家{expert}{_tie_text(lead, names)}"
    done = f"{expert}在{len(held)}个项目中为{firm}评分{_lift_text(held)}"
    if won:
        done += f"，{firm}中标{len(won)}个{f'、共{yuan(amount)}' if amount else ''}"
    sentences = [
        *_tie_sentences(held, names),
        *(x for s in held for x in _score_sentences(s, expert, firm)),
    ]
    cites = first_rows((c for s in sentences for c in s.cites if isinstance(c, Row)), 60)
    joins = [j for s in held for j in (*s.tie.joins, *s.sheet.joins[pair])]
    identity, chance = weakest(joins)
    relatives = dict.fromkeys(s.tie.kin.relative for s in held if s.tie.kin)
    period = period_of(s.sheet.when for s in held)
    return Finding(
        subjects=(
            Subject(pair[0], "expert"),
            *(Subject(r, "relative") for r in relatives),
            Subject(pair[1], "bidder"),
        ),
        anchors=pair,
        event_key="评审关联",
        title=f"疑似评审关联：{tied}，{done}（{years(period)}）",
        statement=tuple(sentences),
        reasons=(Reason("relation", strength, f"{tied}，{done}", cites),),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(held, failed, crowd, hub),
        legal=(),
        path=_path(pair, held),
        data_gaps=_gaps(held, failed),
    )


def _lift_text(held: Sequence[Scored]) -> str:
    lifts = [s.deviation.lift for s in held if s.deviation]
    if not lifts:
        return "（没有其他专家的评分可比）"
    if len(lifts) == 1:
        return f"，高于其他专家评分中位数{_points(lifts[0])}分"
    return f"，高于其他专家评分中位数{_points(min(lifts))}至{_points(max(lifts))}分"


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _tie_sentences(held: Sequence[Scored], names: Names) -> list[Sentence]:
    found: dict[str, Sentence] = {}
    for s in held:
        tie = s.tie
        who = names.of(tie.kin.relative if tie.kin else tie.expert)
        rows = holding_rows(tie.holding)
        if tie.kin:
            sentence = kin_sentence(tie.kin, names)
            found.setdefault(sentence.text, sentence)
        if tie.employed:
            post = tie.holding.edges[0]["term"]
            role = "" if post in (None, "工作") else f"（{post}）"
            text = f"{who}{_tie_text(s, names)}{role}{doubt_text(tie.own_joins)}。"
        else:
            past = "曾" if s.former else ""
            text = f"{who}{past}{tie_text(tie.holding.tie, names)}{doubt_text(tie.own_joins)}。"
        end = tie.holding.edges[0]["end_date"]
        if s.former and end:
            text = f"{text[:-1]}，{day(end)}离任。"
        found.setdefault(text, Sentence(text, rows))
    return list(found.values())


def _score_sentences(scored: Scored, expert: str, firm: str) -> list[Sentence]:
    sheet, found = scored.sheet, scored.deviation
    when = day(sheet.when) if sheet.when else "日期不详"
    key = (scored.tie.expert, scored.tie.holding.company)
    own = (*sheet.rows[key], *sheet.tender_rows)
    won = f"；{firm}中标" if sheet.winner == key[1] else ""
    if found is None:
        text = f"{when}，{expert}在“{sheet.title}”的评审中为{firm}评{_points(sheet.scores[key])}分{won}。"
        return [Sentence(text, own)]
    low, high = min(found.others), max(found.others)
    span = _points(low) if low == high else f"{_points(low)}至{_points(high)}"
    rows = first_rows(
        [
            *sheet.rows[key],
            *(r for (_, b), rs in sorted(sheet.rows.items()) if b == key[1] for r in rs),
        ]
    )
    statistic = Statistic(
        f"{firm}在“{sheet.title}”的评分：{expert}{_points(found.own)}分，"
        f"其他{len(found.others)}名专家{span}分",
        (
            ("本专家评分", found.own),
            ("其他专家评分", "、".join(map(_points, found.others))),
            ("与其他专家中位数之差", round(found.lift, 2)),
            ("其他专家评分离散程度", round(found.spread, 2)),
            (
                "对其余投标人的差（中位数）",
                "无" if found.elsewhere is None else round(found.elsewhere, 2),
            ),
        ),
        rows,
    )
    text = (
        f"{when}，{expert}在“{sheet.title}”的评审中为{firm}评{_points(found.own)}分，"
        f"其他{len(found.others)}名专家评{span}分，高于其中位数{_points(found.lift)}分{won}。"
    )
    sentences = [Sentence(text, (*own, statistic))]
    if found.elsewhere is not None:
        more = "高" if found.elsewhere > 0 else "低"
        level = (
            f"一般比其他专家评分中位数{more}{_points(abs(found.elsewhere))}分"
            if found.elsewhere
            else "一般与其他专家评分中位数相同"
        )
        text = f"{expert}对该项目其余投标人的评分，{level}。"
        sentences.append(Sentence(text, (statistic,)))
    return sentences


def _benign(
    held: Sequence[Scored], failed: Sequence[str], crowd: int, hub: bool
) -> tuple[BenignResult, ...]:
    def also(key: str, text: str) -> BenignResult:
        count = failed.count(key)
        more = f"；另有{count}个项目因此未列入" if count else ""
        return BenignResult(key, "partly" if count else "ruled_out", f"{text}{more}。")

    former = any(s.former for s in held)
    tie = also("tie_ended", "所列项目评审时持股、任职有效")
    if former:
        tie = replace(tie, state="partly", text="所列项目中有评审时已离任不久的，已降低强度。")
    employed = [s for s in held if s.tie.employed]
    if not employed:
        hub_text = "关联不以同单位为据。"
    else:
        hub_text = f"在该投标人处工作的评审专家有{crowd}人。"
    compared = all(s.deviation for s in held)
    lifted = also("not_lifted", "所列项目的评分均高于其他专家中位数")
    if not compared:
        lifted = BenignResult("not_lifted", "unknown", "部分项目没有其他专家的评分可比。")
    return (
        tie,
        also("kin_ended", "所列项目评审时未见亲属关系终止的记录"),
        also("not_counted", "未见该投标被否决的记录"),
        lifted,
        BenignResult("hub_employer", "partly" if hub else "ruled_out", hub_text),
        BenignResult("recused", "unknown", "评分表不能反映是否申请回避，须看评标报告。"),
    )


def _gaps(held: Sequence[Scored], failed: Sequence[str]) -> tuple[str, ...]:
    gaps = []
    if any(e["start_date"] is None for s in held for e in s.tie.holding.edges):
        gaps.append("入股或任职日期缺失，按登记状态一直有效处理。")
    if any(
        s.tie.kin and s.tie.kin.edge["start_date"] is None and "姻" in s.tie.kin.edge["legal_class"]
        for s in held
    ):
        gaps.append("结婚日期缺失，不能核对评审时婚姻关系是否已经存在。")
    gaps += inferred_gap(s.tie.kin.edge for s in held if s.tie.kin)
    if "undated" in failed:
        gaps.append(f"另有{failed.count('undated')}个项目没有日期，未列入。")
    return tuple(gaps)


def _path(pair: tuple[str, str], held: Sequence[Scored]) -> Path:
    edges: list[PathEdge] = []
    for s in held:
        if s.tie.kin:
            edges += kin_edges(s.tie.kin)
        edges += _drawn(s.tie.holding)
    for s in held:
        key = (s.tie.expert, s.tie.holding.company)
        won = s.sheet.winner == key[1]
        points = f"评分{_points(s.sheet.scores[key])}"
        when = s.sheet.when
        edges.append(
            PathEdge(pair[0], s.sheet.lot, "tie", points, when, when, cites=s.sheet.rows[key])
        )
        edges.append(
            PathEdge(
                key[1],
                s.sheet.lot,
                "wins" if won else "bids",
                "中标" if won else "投标",
                s.sheet.when,
                s.sheet.when,
                cites=s.sheet.tender_rows or s.sheet.rows[key],
            )
        )
    unique = list({(e.src, e.dst, e.kind, e.term): e for e in edges}.values())
    return Path(nodes_of([pair[0]], unique), tuple(unique))


def _drawn(holding: Holding) -> list[PathEdge]:
    return [replace(e, term="工作") if e.kind == "position" else e for e in holding_edges(holding)]
