"""申报信息与登记信息不一致: kin that registers show and the official's own form leaves out.

Only relations that this form asks for are looked at, and only relatives who stand behind a firm or
receive a benefit that somebody approved: a form with a gap alone is not worth a person's time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    Subject,
    setting,
)
from detectors.evidence import among, day, first_rows, period_of, records, weakest, years, yuan
from detectors.names import Names
from detectors.related_party._benefits import approved_benefits, benefit_row
from detectors.related_party._dealings import Holding, Post, best_post, firms_of, posts_of, tie_text
from detectors.related_party._forms import Declared, Forms, Rule, Seen, register_kin
from detectors.related_party._telling import (
    holding_edges,
    holding_sentence,
    kin_edges,
    kin_sentence,
    nodes_of,
    post_sentence,
)
from detectors.related_party._words import inferred_gap, kin_name


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    form_relations: tuple[str, ...] = setting(
        (
            "个人有关事项：配偶、子女、子女的配偶",
            "廉政档案：配偶、子女、子女的配偶、父母、兄弟姐妹",
            "村干部亲属：配偶、父母、子女、兄弟姐妹、配偶的父母、配偶的兄弟姐妹、子女的配偶",
            "近亲属申报：配偶、父母、子女、兄弟姐妹、祖父母、外祖父母、孙子女、外孙子女",
        ),
        unit="无",
        reason="申报表类型含冒号前字样的，须填报冒号后的关系；先列的先用；未列出的申报表不适用",
        source="领导干部报告个人有关事项规定；民法典第一千零四十五条；其余须按当地表样调整",
    )
    benefit_words: tuple[str, ...] = setting(
        ("最低生活保障", "低保", "特困", "临时救助", "危房改造", "公益性岗位", "公益岗位"),
        unit="无",
        reason="《补贴政策》未写明类别时，名称含这些字样的按须审核的补贴处理；普惠补贴不计",
    )
    benefit_days: int = setting(
        365, unit="天", reason="填报前一年内起享受补贴的，与该次填报有关", least=0
    )
    max_layers: int = setting(
        3, unit="层", reason="间接持股超过三层时实际影响难以核实", least=1, most=4
    )
    least_share: float = setting(
        0.05, unit="比例", reason="更低的持股（如上市公司散股）不值得专门核对", least=0, most=1
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

    def __post_init__(self) -> None:
        """Refuse a rule that can't be read, before anything runs."""
        self.rules()

    def rules(self) -> tuple[Rule, ...]:
        """Rules of the forms, in order."""
        return tuple(Rule.read(text) for text in self.form_relations)


SPEC = Spec(
    id="undeclared_kin",
    title="申报信息与登记信息不一致",
    family="related_party",
    version=1,
    what=(
        "户籍等登记资料显示的亲属，属于公职人员本人所填申报表在填报日要求填报的关系，而表中未见其人，"
        "且该亲属在填报日或其后持股、任职于企业，或者享受须审核的补贴。没有填报、申报表类型不明、"
        "该表不要求填报这种关系的，均不适用；亲属没有企业、也不享受补贴的，只计数，不作为线索。"
    ),
    strength=("weak",),
    kinds=("register",),
    requires=(
        Requires("officials", ("name", "organization")),
        Requires("kinship", ("name", "relation", "relative_name", "form", "filed_on")),
        Requires("households", ("household_no", "name", "relation_to_head")),
    ),
    requires_any=(
        Requires("companies", ("legal_representative",)),
        Requires("shareholders", ("shareholder",)),
        Requires("company_officers", ("name",)),
        Requires("subsidies", ("programme", "name")),
        Requires("subsidy_applications", ("programme", "name")),
    ),
    optional=(
        Requires("deaths", ("death_date",)),
        Requires("households", ("registered_date", "household_type")),
        Requires("people", ("birth_date",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "after_filing",
            "填报之后才结婚、出生或迁入同户",
            "比对填报日期与结婚日期、出生日期、户籍登记日期",
        ),
        Benign("ended", "填报之前关系已经终止", "比对填报日期与离婚等关系终止日期"),
        Benign("deceased", "亲属在填报之前已经去世", "比对填报日期与《死亡登记》"),
        Benign("collective", "集体户口，同户不等于亲属", "查看所依据户籍记录的户类型"),
        Benign(
            "other_name",
            "已经填报，姓名写法有出入",
            "同一份表中关系相同、姓名只差一个字或证件号码只差一位的，视为已填报",
        ),
        Benign(
            "other_term", "已经填报，写的是另一种称谓", "同一人以任何称谓列入该表的，视为已填报"
        ),
        Benign(
            "other_form",
            "已在本人的另一份申报表中填报",
            "核对本人其他申报表中有无此人",
        ),
        Benign("approved_omission", "按填报说明可以不填，或已在附页说明", None),
    ),
    next_steps=(
        "调取申报表原件及附页、补充说明，核实是否确未填报，还是录入遗漏。",
        "调取户籍底册、婚姻登记，核实两人关系及其起止时间。",
        "向本人了解未填报的原因，核实该亲属经商办企业或享受补贴的情况。",
    ),
    event_key="同一公职人员与同一亲属",
)

_FORM_COLUMNS = ("name", "relation", "relative_name", "form", "filed_on")
_CLEARED = (
    "other_term", "other_name", "other_form", "deceased", "collective", "ended", "after_filing",
)  # fmt: skip


@dataclass(frozen=True)
class _Worth:
    """Why an undeclared relative is worth a look: firms and receipts."""

    firms: tuple[Holding, ...]
    receipts: tuple[dict[str, Any], ...]


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find relatives whom registers show and the official's own form leaves out.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an official and a near relative whom registers show.
    """
    seen = register_kin(snapshot, settings.most_namesakes)
    forms = Forms(snapshot, seen, settings.rules())
    judged = [(pair, forms.judge(pair)) for pair in seen]
    counts: Counter[str] = Counter(outcome for _, (outcome, _) in judged)
    open_pairs = [(pair, filings) for pair, (outcome, filings) in judged if outcome == "absent"]
    worth = _worth(snapshot, open_pairs, settings)
    told = [(pair, filings, w) for (pair, filings), w in zip(open_pairs, worth, strict=True) if w]
    posts = posts_of(snapshot, {p.official for p, _, _ in told}, settings.village_elections)
    names = Names(snapshot, {e for pair, _, w in told for e in _entities(pair, w)})
    findings = tuple(
        _finding(pair, filings, w, best_post(posts[pair.official], filings[0].filed_on), names)
        for pair, filings, w in told
        if w
    )
    idle = len(open_pairs) - len(told)
    notes = (
        (f"另有{idle}名亲属未见于应填报的申报表，但未见其有企业或享受须审核的补贴，不作为线索。",)
        if idle
        else ()
    )
    insufficient, not_applicable = counts["undated"], counts["not_required"]
    return Result(
        subject_kind="干部·亲属",
        subjects=len(seen),
        triggered=len(findings),
        not_triggered=len(seen) - len(findings) - insufficient - not_applicable,
        insufficient=insufficient,
        not_applicable=not_applicable,
        findings=findings,
        cleared={key: counts[key] for key in sorted(_CLEARED) if counts[key]},
        notes=notes,
    )


def _entities(pair: Seen, worth: _Worth) -> set[str]:
    ends = {e[end] for h in worth.firms for e in h.edges for end in ("src", "dst")}
    return {pair.official, pair.kin.ego, pair.kin.relative, pair.kin.person} | ends


def _worth(
    snapshot: Any, pairs: Sequence[tuple[Seen, tuple[Declared, ...]]], settings: Settings
) -> list[_Worth | None]:
    """Firms held on the day of filing or later, and receipts since a year before it."""
    people = {pair.kin.person for pair, _ in pairs}
    firms: dict[str, list[Holding]] = defaultdict(list)
    for holding in firms_of(snapshot, people, settings.max_layers, settings.least_share):
        firms[holding.person].append(holding)
    receipts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    lists = approved_benefits(snapshot, settings.benefit_words)
    if lists is not None and people:
        for row in records(among(lists, "payee", people)):
            receipts[row["payee"]].append(row)
    found: list[_Worth | None] = []
    for pair, filings in pairs:
        since = min(f.filed_on for f in filings)
        held: dict[str, Holding] = {}
        for holding in firms[pair.kin.person]:
            ends = [e["end_date"] for e in holding.edges if e["end_date"]]
            if not ends or min(ends) >= since:
                held.setdefault(holding.company, holding)
        first = since - timedelta(days=settings.benefit_days)
        got = [r for r in receipts[pair.kin.person] if r["when"] and r["when"] >= first]
        found.append(_Worth(tuple(held.values()), tuple(got)) if held or got else None)
    return found


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    pair: Seen, filings: tuple[Declared, ...], worth: _Worth, post: Post | None, names: Names
) -> Finding:
    official, relative = names.of(pair.official), names.of(pair.kin.relative)
    where = f"（{post.text}）" if post else ""
    form = filings[0]
    firms = [tie_text(h.tie, names) for h in worth.firms]
    said = [*firms[:2], *([_received(worth.receipts)] if worth.receipts else [])]
    lead = f"{official}{where}{day(form.filed_on)}填报的《{form.form}》中未见{kin_name(pair.kin.edge, names)}"
    about = f"{relative}{'，'.join(said)}"
    joins = [*pair.kin.joins, *(j for h in worth.firms[:1] for j in h.joins)]
    if post:
        joins.append(post.join)
    if not worth.firms:
        joins += [(r["list_identity"], r["list_chance"]) for r in worth.receipts]
    identity, chance = weakest(joins)
    sentences = [
        *([post_sentence(official, post)] if post else []),
        *(_form_sentence(official, relative, f) for f in filings),
        kin_sentence(pair.kin, names, "户籍登记显示，"),
        *(holding_sentence(h, relative, names) for h in worth.firms),
    ]
    if worth.receipts:
        rows = first_rows(benefit_row(r) for r in worth.receipts)
        span = period_of(r["when"] for r in worth.receipts)
        when = "" if span is None else day(span[0])
        if span is not None and span[0] != span[1]:
            when = f"{when}至{day(span[1])}"
        sentences.append(Sentence(f"{when}，{relative}{_received(worth.receipts)}。", rows))
    cites = first_rows((c for s in sentences for c in s.cites if isinstance(c, Row)), 60)
    amounts = [r["amount"] for r in worth.receipts if r["amount"] is not None]
    # Money has days of its own; the day of filing stands in the title.
    paid = period_of(r["when"] for r in worth.receipts)
    period = paid or period_of(f.filed_on for f in filings)
    ending = f"（{years(paid)}）" if paid else ""
    return Finding(
        subjects=(
            Subject(pair.official, "official"),
            Subject(pair.kin.relative, "relative"),
            *(Subject(h.company, "company") for h in worth.firms),
        ),
        anchors=(pair.official, pair.kin.relative),
        event_key="申报与登记",
        title=f"申报信息与登记信息不一致：{lead}，{about}{ending}",
        statement=tuple(sentences),
        reasons=(Reason("register", "weak", f"申报表要求填报的亲属未见于表中，{about}", cites),),
        amount=sum(amounts, Decimal(0)) if amounts else None,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(pair),
        legal=(),
        path=_path(pair, worth),
        data_gaps=_gaps(pair, worth, post),
    )


def _form_sentence(official: str, relative: str, form: Declared) -> Sentence:
    listed = Statistic(
        f"《{form.form}》{day(form.filed_on)}填报，列亲属{len(form.rows)}人，未见{relative}",
        (("列入亲属", len(form.rows)), ("须填报的关系", form.rule.words)),
        tuple(Row("kinship", r["row_id"], "申报记录", _FORM_COLUMNS) for r in form.rows[:10]),
    )
    return Sentence(
        f"{official}{day(form.filed_on)}填报《{form.form}》，列亲属{len(form.rows)}人，未见{relative}；"
        f"该表须填报的关系为{form.rule.words}。",
        (listed, *listed.rows),
    )


def _received(receipts: Iterable[dict[str, Any]]) -> str:
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for r in receipts:
        by_name[r["programme"]].append(r)
    parts = []
    for programme, rows in sorted(by_name.items()):
        paid = [r["amount"] for r in rows if r["amount"] is not None]
        if paid:
            parts.append(f"领取{programme}{len(paid)}笔、共{yuan(sum(paid, Decimal(0)))}")
        else:
            parts.append(f"在{programme}申报公示名单中")
    return "，".join(parts)


def _benign(pair: Seen) -> tuple[BenignResult, ...]:
    began = pair.known_since is not None
    return (
        BenignResult(
            "after_filing",
            "ruled_out" if began else "unknown",
            f"亲属{pair.known_by}日期（{day(pair.known_since)}）早于填报日期。"
            if pair.known_since
            else "没有结婚、出生或户籍登记日期，不能核对关系在填报时是否已经存在。",
        ),
        BenignResult("ended", "ruled_out", "未见填报之前关系终止的记录。"),
        BenignResult("deceased", "ruled_out", "未见填报之前的死亡登记。"),
        BenignResult("collective", "ruled_out", "所依据的户籍记录未注明集体户。"),
        BenignResult("other_name", "ruled_out", "表中没有关系相同而姓名、号码相近的人。"),
        BenignResult("other_term", "ruled_out", "此人未以其他称谓列入表中。"),
        BenignResult("other_form", "ruled_out", "本人其他申报表中也未见此人。"),
        BenignResult("approved_omission", "unknown", "须看申报表原件、填报说明和附页。"),
    )


def _gaps(pair: Seen, worth: _Worth, post: Post | None) -> tuple[str, ...]:
    gaps = ["申报数据为汇总表，录入时可能漏行，须以申报表原件为准。"]
    gaps += inferred_gap([pair.kin.edge])
    if post is None or post.start is None:
        gaps.append("任职起始日期缺失。")
    if any(e["start_date"] is None for h in worth.firms for e in h.edges):
        gaps.append("入股或任职日期缺失，按登记状态一直有效处理。")
    if pair.known_since is None:
        gaps.append("没有能说明关系何时开始的日期。")
    return tuple(gaps)


def _path(pair: Seen, worth: _Worth) -> Path:
    edges: list[PathEdge] = kin_edges(pair.kin)
    for holding in worth.firms:
        edges += holding_edges(holding)
    unique = list({(e.src, e.dst, e.kind, e.term): e for e in edges}.values())
    return Path(nodes_of([pair.official], unique), tuple(unique))
