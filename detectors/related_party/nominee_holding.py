"""疑似代持: a supplier's people share numbers with an official's relative who is not on its papers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
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
    Subject,
    setting,
)
from detectors.evidence import (
    among,
    cite,
    first_rows,
    holds,
    listing,
    period_of,
    records,
    weakest,
    years,
)
from detectors.names import Names
from detectors.related_party._drawn import path_edge, path_of, post_edge, supply_edges, tie_edges
from detectors.related_party._own_story import post_sentences
from detectors.related_party._posts import posts_by_official, tenure, within
from detectors.related_party._shared_marks import (
    MARK_NAMES,
    hubs_between,
    insiders_near,
    links,
)
from detectors.related_party._supplies import Supply, projects, suppliers, supplies_of
from detectors.related_party._words import amount_of, post_text, supplies_text, tie_term, unique
from graph.holdings import DIRECT


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
        Requires("kinship", ("name", "relation", "relative_name")),
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
    firms = suppliers(snapshot).select("company").distinct()
    rows = links(snapshot, firms, settings)
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        pairs[row["official"], row["company"]].append(row)
    companies = {company for _, company in pairs}
    store = _Store(snapshot, rows, companies)
    supplies = supplies_of(snapshot, companies)
    names = Names(snapshot, store.named(rows, supplies))
    cleared: Counter[str] = Counter()
    findings, undated = [], 0
    for (official, company), found in sorted(pairs.items()):
        case = _Case(official, company, found)
        key = case.judge(store, projects(supplies.get(company, ())), settings)
        if key is None:
            findings.append(_finding(case, store, names, settings))
        elif key == "undated":
            undated += 1
        else:
            cleared[key] += 1
    if findings:
        findings = _with_hubs(snapshot, findings, settings)
    return Result(
        subject_kind="干部·企业",
        subjects=len(pairs),
        triggered=len(findings),
        not_triggered=cleared.total(),
        insufficient=undated,
        not_applicable=0,
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
    )


class _Store:
    """Edges, posts, insiders and kin behind the joined rows, fetched once."""

    def __init__(self, snapshot: Any, rows: list[dict[str, Any]], companies: set[str]) -> None:
        edges = snapshot.edges
        wanted = {r[c] for r in rows for c in ("kin_edge", "front_edge", "relative_edge") if r[c]}
        self.edges = {e["edge"]: e for e in records(among(edges, "edge", wanted))}
        self.posts = posts_by_official(snapshot) if rows else {}
        self.inside, self.kin = insiders_near(snapshot, companies) if rows else ({}, {})
        direct = edges.filter(edges.kind.isin(DIRECT) & edges.src.startswith("p-"))
        self.ties: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for tie in records(among(direct, "dst", companies)):
            self.ties[tie["src"], tie["dst"]].append(tie)

    def named(
        self, rows: list[dict[str, Any]], supplies: dict[str, tuple[Supply, ...]]
    ) -> set[str]:
        """Every entity that a story may name."""
        found = {s.unit for many in supplies.values() for s in many}
        for row in rows:
            found |= {row[c] for c in ("official", "relative", "company", "front", "value")}
            found |= {p["organization_entity"] for p in self.posts[row["official"]]}
            if row["kin_edge"]:
                found.add(self.edges[row["kin_edge"]]["src"])
        return found


@dataclass
class _Case:
    """One official, one firm, what is shared, and what came of judging it."""

    official: str
    company: str
    links: list[dict[str, Any]]
    posts: list[dict[str, Any]] = field(default_factory=list)
    deals: list[Supply] = field(default_factory=list)

    def judge(self, store: _Store, supplies: Iterable[Supply], settings: Settings) -> str | None:
        """Name the innocent explanation that holds, or None where none does."""
        inside = store.inside.get(self.company, set())
        side = {self.official, *(row["relative"] for row in self.links)}
        if any(p in side or self.official in store.kin.get(p, ()) for p in inside):
            return "on_paper"
        strangers = [
            row for row in self.links if row["relative"] not in store.kin.get(row["front"], ())
        ]
        if not strangers:
            return "family"
        known = [s for s in supplies if s.when is not None]
        self.links = [row for row in strangers if self._in_time(row, store, known, settings)]
        if not self.links:
            return "tenure" if known else "undated"
        best = min(_sureness(row, store) for row in self.links)
        self.links = [row for row in self.links if _sureness(row, store) == best]
        return None

    def _in_time(
        self, row: dict[str, Any], store: _Store, known: list[Supply], settings: Settings
    ) -> bool:
        """Keep the supplies during which post, kinship and the part in the firm held."""
        kin = store.edges.get(row["kin_edge"])
        ties = store.ties.get((row["front"], self.company), [])
        found = False
        for supply in known:
            when = supply.when
            assert when is not None
            posts = [
                p
                for p in store.posts[self.official]
                if within(when, tenure(p, settings.village_elections))
            ]
            if not posts or (kin and not holds(when, kin["start_date"], kin["end_date"])):
                continue
            if ties and not any(holds(when, t["start_date"], t["end_date"]) for t in ties):
                continue
            found = True
            self.posts += [p for p in posts if p not in self.posts]
            if supply not in self.deals:
                self.deals.append(supply)
        return found


def _joins(row: dict[str, Any], store: _Store) -> list[tuple[str | None, float | None]]:
    used = [store.edges[row[c]] for c in ("kin_edge", "front_edge", "relative_edge") if row[c]]
    return [
        (row["ego_identity"], row["ego_chance"]),
        *((e["identity"], e["probability"]) for e in used),
    ]


def _sureness(row: dict[str, Any], store: _Store) -> int:
    return ("certain", "probable", "name_only").index(weakest(_joins(row, store))[0])


# -- telling -------------------------------------------------------------------------------------


def _finding(case: _Case, store: _Store, names: Names, settings: Settings) -> Finding:
    official, firm = names.of(case.official), names.of(case.company)
    post = case.posts[0]
    ordered = sorted(case.links, key=lambda row: _order(row, store, names))
    sayings = unique(_link_text(row, case, store, names) for row in ordered)
    relatives = unique(r["relative"] for r in ordered if r["kin_edge"])
    who = f"{official}（{post_text(post)}）"
    sides = "、".join(names.of(r) for r in relatives) or official
    units = unique(sorted((s.unit for s in case.deals), key=names.of))
    buyers = listing([names.of(u) for u in units], "家单位", 3)
    done = f"{firm}在其任职期间{supplies_text(case.deals, lambda _: buyers)}"
    none = f"{sides}在{firm}未见登记任职或持股"
    text = f"{sayings[0].format(who=who)}，{none}，{done}"
    statement = _statement(case, store, names, ordered, none, done)
    cites = first_rows((r for s in statement for r in s.cites if isinstance(r, Row)), 60)
    identity, chance = weakest(
        [
            *(j for row in ordered for j in _joins(row, store)),
            *((p["name_identity"], p["name_probability"]) for p in case.posts),
            *(j for s in case.deals for j in s.joins),
        ]
    )
    period = period_of(s.when for s in case.deals)
    return Finding(
        subjects=(
            Subject(case.official, "official"),
            *(Subject(r, "relative") for r in relatives),
            Subject(case.company, "company"),
        ),
        anchors=(case.official, case.company),
        event_key="疑似代持",
        title=f"疑似代持：{text}（{years(period)}）",
        statement=statement,
        reasons=(Reason("relation", "weak", text, cites),),
        amount=amount_of(case.deals),
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(settings),
        path=_path(case, store, names, ordered, units),
        data_gaps=("电话、账户、地址没有起止时间，不能判断是否在同一时期共用。",),
    )


def _order(row: dict[str, Any], store: _Store, names: Names) -> tuple[Any, ...]:
    kinds = list(MARK_NAMES)
    return (
        kinds.index(row["mark"]),
        row["front"] != row["company"],
        names.of(row["relative"]),
        names.of(row["front"]),
        names.of(row["value"]),
        row["relative_edge"],
        row["front_edge"],
    )


def _front_text(row: dict[str, Any], case: _Case, store: _Store, names: Names) -> str:
    if row["front"] == case.company:
        return names.of(case.company)
    ties = store.ties.get((row["front"], case.company), [])
    roles = unique(
        "股东" if t["kind"] == "shareholder" else tie_term(t)
        for t in sorted(ties, key=lambda t: DIRECT.index(t["kind"]))
    )
    role = "、".join(roles) or "投标联系人"
    return f"{names.of(case.company)}的{role}{names.of(row['front'])}"


def _link_text(row: dict[str, Any], case: _Case, store: _Store, names: Names) -> str:
    """Say what is shared, with ``{who}`` for the official."""
    side = "{who}本人"
    if row["kin_edge"]:
        side = f"{{who}}的{store.edges[row['kin_edge']]['term']}{names.of(row['relative'])}"
    front = _front_text(row, case, store, names)
    if row["mark"] == "position":
        return f"{front}与{side}同在{names.of(row['value'])}任职"
    return f"{front}与{side}共用{MARK_NAMES[row['mark']]}{names.of(row['value'])}"


def _statement(
    case: _Case,
    store: _Store,
    names: Names,
    ordered: list[dict[str, Any]],
    none: str,
    done: str,
) -> tuple[Sentence, ...]:
    official = names.of(case.official)
    sentences = post_sentences(official, case.posts)
    kin = {r["kin_edge"]: store.edges[r["kin_edge"]] for r in ordered if r["kin_edge"]}
    told: dict[str, Sentence] = {}
    for edge in kin.values():
        text = f"{names.of(edge['dst'])}是{official}的{edge['term']}（{edge['legal_class']}）。"
        told.setdefault(text, Sentence(text, cite(edge["sources"], "亲属关系记录")))
    for row in ordered:
        text = f"{_link_text(row, case, store, names).format(who=official)}。"
        marks = [store.edges[row[c]] for c in ("front_edge", "relative_edge")]
        rows = [r for e in marks for r in cite(e["sources"], "登记的联系方式")]
        rows += [
            r
            for t in store.ties.get((row["front"], case.company), [])
            for r in cite(t["sources"], "企业登记记录")
        ]
        told.setdefault(text, Sentence(text, first_rows(rows)))
    sentences += told.values()
    register = [
        r
        for (_, company), ties in sorted(store.ties.items())
        if company == case.company
        for t in ties
        for r in cite(t["sources"], "企业登记记录")
    ]
    if register:
        sentences.append(Sentence(f"{none}。", first_rows(register)))
    sentences.append(Sentence(f"{done}。", first_rows(r for s in case.deals for r in s.rows)))
    return tuple(sentences)


def _benign(settings: Settings) -> tuple[BenignResult, ...]:
    return (
        BenignResult("hub", "ruled_out", f"所列信息的共用者不超过{settings.hub_limit}方。"),
        BenignResult("on_paper", "ruled_out", "本人及近亲属在该企业未见登记。"),
        BenignResult("family", "ruled_out", "共用者与企业有关人员之间未见近亲属关系。"),
        BenignResult("tenure", "ruled_out", "所列项目发生时任职、亲属关系和企业任职均有效。"),
        BenignResult(
            "old_number",
            "unknown",
            "现有数据不能反映号码、地址何时由谁实际使用，须向登记机关核实。",
        ),
    )


def _path(
    case: _Case,
    store: _Store,
    names: Names,
    ordered: list[dict[str, Any]],
    units: list[str],
) -> Path:
    edges: list[PathEdge] = []
    for row in ordered[:4]:
        if row["kin_edge"]:
            kin = store.edges[row["kin_edge"]]
            edges.append(path_edge(kin, kin["term"], "亲属关系记录"))
        mark = MARK_NAMES[row["mark"]]
        edges.append(path_edge(store.edges[row["relative_edge"]], mark, "登记的联系方式"))
        edges.append(path_edge(store.edges[row["front_edge"]], mark, "登记的联系方式"))
        edges += tie_edges(store.ties.get((row["front"], case.company), []))
    edges += supply_edges(case.deals, units)
    edges += [post_edge(case.official, p, p["organization_entity"]) for p in case.posts]
    return path_of(case.official, edges, units)


def _with_hubs(snapshot: Any, findings: list[Finding], settings: Settings) -> list[Finding]:
    """Name in each clue what its parties share with each other and with too many others."""
    parties = {n for f in findings for n in (f.path.nodes if f.path else ())}
    hubs = hubs_between(snapshot, parties, settings.hub_limit)
    told = []
    for finding in findings:
        nodes = finding.path.nodes if finding.path else ()
        values: dict[str, list[Any]] = defaultdict(list)
        for node in nodes:
            for value, hub in hubs.get(node, ()):
                values[value].append(hub)
        gaps = [
            f"{found[0].kind}{found[0].name}的共用者有{found[0].degree}方，"
            f"超过{settings.hub_limit}方，没有作为依据。"
            for _, found in sorted(values.items(), key=lambda item: item[1][0].name)
            if len(found) > 1
        ]
        told.append(replace(finding, data_gaps=(*finding.data_gaps, *gaps)))
    return told
