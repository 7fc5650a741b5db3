"""Telling what a supplier's people share with an official's side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from detectors.detector import BenignResult, Finding, Path, PathEdge, Reason, Row, Sentence, Subject
from detectors.evidence import cite, first_rows, listing, period_of, weakest, years
from detectors.names import Names
from detectors.related_party._drawn import path_edge, path_of, post_edge, supply_edges, tie_edges
from detectors.related_party._nominee_case import Case, NomineeSettings, Store, joins_of_link
from detectors.related_party._own_story import post_sentences
from detectors.related_party._shared_marks import MARK_NAMES, hubs_between
from detectors.related_party._words import (
    amount_of,
    drawn_term,
    inferred_gap,
    kin_name,
    kin_text,
    post_text,
    supplies_text,
    tie_term,
    unique,
)
from graph.holdings import DIRECT


def finding(
    case: Case, others: list[Case], store: Store, names: Names, settings: NomineeSettings
) -> Finding:
    official, firm = names.of(case.official), names.of(case.company)
    post = case.posts[0]
    ordered = sorted(case.links, key=lambda row: _order(row, store, names))
    sayings = unique(_link_text(row, case, store, names) for row in ordered)
    relatives = unique(r["relative"] for r in ordered if r["kin_edge"])
    who = f"{official}（{post_text(post)}）"
    sides = listing([names.of(r) for r in relatives], "人", 2) or official
    units = unique(sorted((s.unit for s in case.deals), key=names.of))
    done = f"{firm}在其任职期间{supplies_text(case.deals, names.of)}"
    none = f"{sides}在{firm}未见登记任职或持股"
    text = f"{sayings[0].format(who=who)}，{none}，{done}"
    statement = _statement(case, store, names, ordered, none, done)
    cites = first_rows((r for s in statement for r in s.cites if isinstance(r, Row)), 60)
    identity, chance = weakest(
        [
            *(j for row in ordered for j in joins_of_link(row, store)),
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
        data_gaps=(
            "电话、账户、地址没有起止时间，不能判断是否在同一时期共用。",
            *inferred_gap(store.edges[r["kin_edge"]] for r in ordered if r["kin_edge"]),
            *_others_text(others, names),
        ),
    )


def _others_text(others: list[Case], names: Names) -> tuple[str, ...]:
    if not others:
        return ()
    told = [
        f"{names.of(o.official)}（{post_text(o.posts[0])}）"
        for o in sorted(others, key=lambda o: (names.of(o.official), o.official))
    ]
    return (f"同一亲属还是{listing(told, '人', 3)}的近亲属，没有另列疑点。",)


def _order(row: dict[str, Any], store: Store, names: Names) -> tuple[Any, ...]:
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


def _front_text(row: dict[str, Any], case: Case, store: Store, names: Names) -> str:
    if row["front"] == case.company:
        return names.of(case.company)
    ties = store.ties.get((row["front"], case.company), [])
    roles = unique(
        "股东" if t["kind"] == "shareholder" else tie_term(t)
        for t in sorted(ties, key=lambda t: DIRECT.index(t["kind"]))
    )
    role = "、".join(roles) or "投标联系人"
    return f"{names.of(case.company)}的{role}{names.of(row['front'])}"


def _link_text(row: dict[str, Any], case: Case, store: Store, names: Names) -> str:
    """Say what is shared, with ``{who}`` for the official."""
    side = "{who}本人"
    if row["kin_edge"]:
        side = f"{{who}}的{kin_name(store.edges[row['kin_edge']], names)}"
    front = _front_text(row, case, store, names)
    if row["mark"] == "position":
        return f"{front}与{side}同在{names.of(row['value'])}任职"
    return f"{front}与{side}共用{MARK_NAMES[row['mark']]}{names.of(row['value'])}"


def _statement(
    case: Case,
    store: Store,
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
        text = f"{kin_text(edge, names)}。"
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


def _benign(settings: NomineeSettings) -> tuple[BenignResult, ...]:
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
    case: Case,
    store: Store,
    names: Names,
    ordered: list[dict[str, Any]],
    units: list[str],
) -> Path:
    edges: list[PathEdge] = []
    for row in ordered[:4]:
        if row["kin_edge"]:
            kin = store.edges[row["kin_edge"]]
            edges.append(path_edge(kin, drawn_term(kin), "亲属关系记录"))
        mark = MARK_NAMES[row["mark"]]
        edges.append(path_edge(store.edges[row["relative_edge"]], mark, "登记的联系方式"))
        edges.append(path_edge(store.edges[row["front_edge"]], mark, "登记的联系方式"))
        edges += tie_edges(store.ties.get((row["front"], case.company), []))
    edges += supply_edges(case.deals, units)
    edges += [post_edge(case.official, p, p["organization_entity"]) for p in case.posts]
    return path_of(case.official, edges, units)


def with_hubs(snapshot: Any, findings: list[Finding], settings: NomineeSettings) -> list[Finding]:
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
