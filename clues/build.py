"""From findings to clues: numbering of evidence, masking, levels, ids, order.

Evidence is numbered in the order in which the statement first rests on it; within a sentence the
order is by content, never by row number, so that shuffled input rows give the same clues.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol, cast

from clues import levels
from clues.evidence import Numbering, RowFacts
from clues.former import with_former_ids
from clues.group import clue_group
from clues.group import entities as group_entities
from clues.model import (
    LEVELS,
    Clue,
    ClueAbsorbed,
    CluePath,
    CluePathEdge,
    CluePathNode,
    ClueReason,
    ClueSubject,
)
from clues.score import score
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Path,
    Result,
    Row,
    Spec,
    Statistic,
    Subject,
)
from detectors.runner import Outcome
from graph.schema import NodeKind
from ingest.masking import mask_text, mask_value
from ingest.tables import TABLES

POWER_HOLDERS = ("official", "handler", "purchaser", "unit", "village")
# 普遍 from three places and a fifth of all comparable ones (经验值); else 个案.
COMMON_PLACES, COMMON_SHARE = 3, 0.2
_UNCHECKED = "未核对：现有数据无法判断，需人工核实"
_SUBJECT_KINDS = ("person", "company", "unit", "village", "account", "group")
_IDENTITY_RANK = {"certain": 0, "probable": 1, "name_only": 2}


class EntityFacts(Protocol):
    """What is known of an entity; number in full (it is masked here)."""

    @property
    def kind(self) -> str:
        """Node kind of ``graph.schema``."""

    @property
    def name(self) -> str:
        """Name as registered."""

    @property
    def number(self) -> str | None:
        """Identity number or USCC."""


class SnapshotRead(Protocol):
    """The part of ``graph.snapshot.Snapshot`` that clues are built from."""

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the table is there and each of the columns has at least one value."""

    def lookup(self, entities: Iterable[str]) -> Mapping[str, Any]:
        """Facts (``EntityFacts``) of entities by id; unknown ids are left out."""

    def sources(self, rows: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], Any]:
        """Where rows stand: objects with file, sheet, row and also."""

    def raw_rows(
        self, rows: Iterable[tuple[str, int]]
    ) -> Mapping[tuple[str, int], Mapping[str, tuple[str | None, str | None, str | None]]]:
        """Cells as in the file: header → (cell, mask kind, canonical column)."""


def build_clues(
    snapshot: SnapshotRead,
    outcomes: Iterable[Outcome],
    previous: Iterable[Mapping[str, Any]] = (),
) -> list[Clue]:
    """Turn the findings of a run into clues in their final order.

    Parameters
    ----------
    snapshot : SnapshotRead
        Where names, rows and sources are looked up.
    outcomes : iterable of Outcome
        What became of each detector; only those that ran have findings.
    previous : iterable of mapping
        Parsed clues of the last good run, for ``formerly``.

    Returns
    -------
    list of Clue
        By level, score, amount (descending), id. Findings without any sign that counts give none,
        nor do those that another clue tells.
    """
    drafts = _not_absorbed(_all_drafts(outcomes))
    kept = {draft.id for draft in drafts}
    rows = {key for draft in drafts for key in _rows_of(draft.finding)}
    wanted = sorted(rows)
    facts = RowFacts(snapshot.sources(wanted), snapshot.raw_rows(wanted))
    named = {entity for draft in drafts for entity in _entities_of(draft.finding)}
    entities = _Entities(snapshot.lookup(sorted(named)))
    clues = [
        replace(clue, absorbs=tuple(one for one in clue.absorbs if one.id not in kept))
        for clue in (_clue(draft, facts, entities, snapshot) for draft in drafts)
    ]
    return sorted(with_former_ids(clues, list(previous)), key=_order)


def clue_id(detector: str, subjects: Sequence[Subject], anchors: Sequence[str], event: str) -> str:
    """First 16 hexadecimal digits of the hash over detector, anchors and event key.

    Anchors are sorted with their roles, so that symmetric ones give the same id in any order.

    Examples
    --------
    >>> two = (Subject("c-1", "bidder"), Subject("c-2", "bidder"))
    >>> clue_id("d", two, ("c-1", "c-2"), "e") == clue_id("d", two, ("c-2", "c-1"), "e")
    True
    """
    roles: dict[str, str] = {}
    for subject in subjects:
        roles.setdefault(subject.entity, subject.role)
    members = sorted(f"{roles.get(anchor, '')}:{anchor}" for anchor in anchors)
    text = "\x1f".join([detector, *members, event])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def below_yellow(spec: Spec, result: Result) -> int:
    """Count the findings whose signs reach no level (a statistical sign alone with q above 0.05)."""
    return sum(
        levels.decide(f.reasons, f.identity, spec.orange_effect).level is None
        for f in result.findings
    )


def absorbed(outcomes: Iterable[Outcome]) -> Counter[str]:
    """Count by detector the findings that give no clue because another clue tells them."""
    drafts = _all_drafts(outcomes)
    kept = {draft.id for draft in _not_absorbed(drafts)}
    return Counter(draft.spec.id for draft in drafts if draft.id not in kept)


# -- one finding ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Draft:
    """A finding that reaches a level, with its id and how common it is."""

    spec: Spec
    finding: Finding
    decision: levels.Decision
    id: str
    systemic: dict[str, Any] | None


class _Entities:
    """Entities by id, all looked up at once."""

    def __init__(self, known: Mapping[str, EntityFacts]) -> None:
        self._known = known

    def get(self, entity: str) -> EntityFacts | None:
        return self._known.get(entity)

    def name(self, entity: str) -> str:
        facts = self.get(entity)
        return mask_text(facts.name) if facts is not None else entity

    def kind(self, entity: str) -> str:
        facts = self.get(entity)
        return facts.kind if facts is not None else "group"


def _drafts(spec: Spec, result: Result) -> list[_Draft]:
    merged: dict[str, Finding] = {}
    for finding in sorted(result.findings, key=_finding_key):
        key = clue_id(spec.id, finding.subjects, finding.anchors, finding.event_key)
        merged[key] = _merge(merged[key], finding) if key in merged else finding
    kept = [
        (key, finding, decision)
        for key, finding in merged.items()
        if (decision := levels.decide(finding.reasons, finding.identity, spec.orange_effect)).level
        is not None
    ]
    showing = len({finding.place for _, finding, _ in kept if finding.place is not None})
    return [
        _Draft(spec, finding, decision, key, _systemic(finding, showing, result))
        for key, finding, decision in kept
    ]


def _all_drafts(outcomes: Iterable[Outcome]) -> list[_Draft]:
    ran = [(o.detector.spec, o.result) for o in outcomes if o.result is not None]
    return [draft for spec, result in ran for draft in _drafts(spec, result)]


def _not_absorbed(drafts: list[_Draft]) -> list[_Draft]:
    """Leave out what another draft tells, but for what stands higher alone than told there."""
    tellers: dict[str, list[_Draft]] = {}
    for draft in drafts:
        for one in _absorbed(draft.finding):
            tellers.setdefault(one.id, []).append(draft)

    def rank(draft: _Draft) -> int:
        assert draft.decision.level is not None
        return LEVELS.index(draft.decision.level)

    return [d for d in drafts if all(rank(d) < rank(teller) for teller in tellers.get(d.id, ()))]


def _absorbed(finding: Finding) -> tuple[ClueAbsorbed, ...]:
    """What a finding tells of others, under the ids that those would have."""
    found = {}
    for detector, other in finding.absorbs:
        key = clue_id(detector, other.subjects, other.anchors, other.event_key)
        found[key] = ClueAbsorbed(key, detector, mask_text(other.title))
    return tuple(sorted(found.values(), key=lambda one: (one.detector, one.title, one.id)))


def _finding_key(finding: Finding) -> tuple[Any, ...]:
    return (
        finding.title,
        tuple(sentence.text for sentence in finding.statement),
        str(finding.amount),
        finding.anchors,
    )


def _merge(first: Finding, second: Finding) -> Finding:
    """Join two findings on the same anchors and event: nothing that either rests on is lost."""
    weaker = max(first, second, key=lambda f: _IDENTITY_RANK[f.identity])
    amounts = [f.amount for f in (first, second) if f.amount is not None]
    periods = [f.period for f in (first, second) if f.period is not None]
    return replace(
        first,
        statement=(*first.statement, *(s for s in second.statement if s not in first.statement)),
        reasons=(*first.reasons, *(r for r in second.reasons if r not in first.reasons)),
        amount=max(amounts, default=None),
        period=(min(p[0] for p in periods), max(p[1] for p in periods)) if periods else None,
        identity=weaker.identity,
        probability=weaker.probability,
        benign=(*first.benign, *(b for b in second.benign if b not in first.benign)),
        data_gaps=tuple(dict.fromkeys((*first.data_gaps, *second.data_gaps))),
        absorbs=(*first.absorbs, *second.absorbs),
    )


def _systemic(finding: Finding, showing: int, result: Result) -> dict[str, Any] | None:
    if finding.place is None or not result.places:
        return None
    common = showing >= COMMON_PLACES and round(showing / result.places, 3) >= COMMON_SHARE
    return {
        "kind": result.place_kind,
        "showing": showing,
        "of": result.places,
        "label": "普遍" if common else "个案",
    }


def _rows_of(finding: Finding) -> Iterable[tuple[str, int]]:
    cites: list[Row | Statistic] = [c for s in finding.statement for c in s.cites]
    cites += [c for r in finding.reasons for c in r.cites]
    if finding.path is not None:
        cites += [c for e in finding.path.edges for c in e.cites]
    for cite in cites:
        if isinstance(cite, Row):
            yield cite.table, cite.row_id
        else:
            yield from ((row.table, row.row_id) for row in cite.rows)


def _entities_of(finding: Finding) -> Iterable[str]:
    yield from (subject.entity for subject in finding.subjects)
    if finding.path is not None:
        yield from finding.path.nodes
        yield from (end for edge in finding.path.edges for end in (edge.src, edge.dst))
    if finding.group is not None:
        yield from group_entities(finding.group)


def _clue(draft: _Draft, facts: RowFacts, entities: _Entities, snapshot: SnapshotRead) -> Clue:
    spec, finding, decision = draft.spec, draft.finding, draft.decision
    numbering = Numbering(facts)
    statement = tuple(
        mask_text(sentence.text) + numbering.marks(sentence.cites) for sentence in finding.statement
    )
    reasons = tuple(
        ClueReason(
            kind=reason.kind,
            strength=reason.strength,
            text=mask_text(reason.text),
            evidence=numbering.numbers(reason.cites),
            q=None if reason.q is None else round(reason.q, 3),
            effect=None if reason.effect is None else round(reason.effect, 3),
            counted=counted,
        )
        for reason, counted in zip(finding.reasons, decision.counted, strict=True)
    )
    subjects = _sorted_subjects(finding.subjects)
    path = None if finding.path is None else _path(finding.path, subjects, entities, numbering)
    counted = [r for r, c in zip(finding.reasons, decision.counted, strict=True) if c]
    value = score(
        counted, finding.identity, finding.probability, finding.benign, spec.orange_effect
    )
    steps = spec.next_steps if finding.next_steps is None else finding.next_steps
    if decision.check:
        steps = (decision.check, *steps)
    assert decision.level is not None
    return Clue(
        id=draft.id,
        detector=spec.id,
        version=spec.version,
        family=spec.family,
        title=mask_text(finding.title),
        subjects=tuple(_subject(subject, entities) for subject in subjects),
        level=decision.level,
        score=value,
        reasons=reasons,
        amount=_yuan(finding.amount),
        period=_period(finding.period),
        identity={
            "level": finding.identity,
            "probability": None if finding.probability is None else round(finding.probability, 3),
        },
        statement=statement,
        evidence=numbering.evidence(),
        path=path,
        legal_basis=tuple(spec.legal if finding.legal is None else finding.legal),
        benign_explanations=_benign(spec.benign, finding.benign),
        next_steps=tuple(mask_text(step) for step in steps),
        data_gaps=(*(mask_text(gap) for gap in finding.data_gaps), *_missing(spec, snapshot)),
        systemic=draft.systemic,
        anchors=tuple(sorted(finding.anchors)),
        event_key=mask_text(finding.event_key),
        absorbs=_absorbed(finding),
        group=None if finding.group is None else clue_group(finding.group, entities.name),
    )


def _sorted_subjects(subjects: Sequence[Subject]) -> list[Subject]:
    """Power-holders first, then payees; subjects of one role are symmetric: sorted by entity."""
    first: dict[str, int] = {}
    for i, subject in enumerate(subjects):
        first.setdefault(subject.role, i)

    def place(subject: Subject) -> tuple[int, int, str]:
        rank = 0 if subject.role in POWER_HOLDERS else 1 if subject.role == "payee" else 2
        return rank, first[subject.role], subject.entity

    return sorted(dict.fromkeys(subjects), key=place)


def _subject(subject: Subject, entities: _Entities) -> ClueSubject:
    facts = entities.get(subject.entity)
    kind = entities.kind(subject.entity)
    number = None if facts is None else facts.number
    person = kind == "person"
    return ClueSubject(
        entity=subject.entity,
        kind=cast(Any, kind if kind in _SUBJECT_KINDS else "unit"),
        name=entities.name(subject.entity),
        role=subject.role,
        id_number=mask_value(number, "id") if person and number else None,
        uscc=number if not person and number else None,
    )


def _path(
    path: Path, subjects: Sequence[Subject], entities: _Entities, numbering: Numbering
) -> CluePath:
    roles = dict(path.roles) | {s.entity: s.role for s in reversed(subjects)}
    ends = [end for edge in path.edges for end in (edge.src, edge.dst)]
    nodes = dict.fromkeys((*path.nodes, *ends))
    return CluePath(
        tuple(
            CluePathNode(
                node, cast(NodeKind, entities.kind(node)), entities.name(node), roles.get(node)
            )
            for node in nodes
        ),
        tuple(
            CluePathEdge(
                src=edge.src,
                dst=edge.dst,
                kind=edge.kind,
                term=mask_text(edge.term),
                start=_iso(edge.start),
                end=_iso(edge.end),
                identity=edge.identity,
                evidence=numbering.numbers(edge.cites),
            )
            for edge in path.edges
        ),
    )


def _benign(
    declared: Sequence[Benign], results: Sequence[BenignResult]
) -> tuple[dict[str, Any], ...]:
    found: dict[str, list[BenignResult]] = {}
    for result in results:
        found.setdefault(result.key, []).append(result)
    items = []
    for benign in declared:
        mine = found.pop(benign.key, [])
        # What holds in part matters most to a reader, then what nobody could check.
        states: tuple[Literal["partly", "unknown", "ruled_out"], ...] = (
            "partly",
            "unknown",
            "ruled_out",
        )
        state = next((s for s in states if any(r.state == s for r in mine)), "unknown")
        text = "；".join(dict.fromkeys(r.text.rstrip("。；") for r in mine if r.text))
        items.append(
            {
                "key": benign.key,
                "text": benign.text,
                "check": benign.check,
                "state": state,
                "result": mask_text(text) if text else _UNCHECKED,
            }
        )
    for key, mine in sorted(found.items()):
        items += [
            {
                "key": key,
                "text": r.explains or r.text,
                "check": None,
                "state": r.state,
                "result": mask_text(r.text),
            }
            for r in mine
        ]
    return tuple(items)


def _missing(spec: Spec, snapshot: SnapshotRead) -> tuple[str, ...]:
    """Tables that would improve the result and are absent."""
    gaps = []
    for optional in spec.optional:
        if not snapshot.has(optional.table, *optional.columns):
            title = TABLES[optional.table].title if optional.table in TABLES else optional.table
            gaps.append(f"未提供“{title}”的相应数据，补充后结果可能变化")
    return tuple(dict.fromkeys(gaps))


# -- order -----------------------------------------------------------------------------------------


def _order(clue: Clue) -> tuple[int, float, Decimal, str]:
    amount = clue.amount if clue.amount is not None else Decimal(-1)
    return LEVELS.index(clue.level), -clue.score, -amount, clue.id


def _yuan(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).quantize(Decimal("0.01"))


def _period(period: tuple[date, date] | None) -> tuple[str, str] | None:
    return None if period is None else (period[0].isoformat(), period[1].isoformat())


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def level_counts(clues: Iterable[Clue]) -> dict[str, int]:
    """How many clues of each level, strongest first.

    Examples
    --------
    >>> level_counts([])
    {'red': 0, 'orange': 0, 'yellow': 0}
    """
    counts = Counter(clue.level for clue in clues)
    return {level: counts[level] for level in LEVELS}
