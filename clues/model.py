"""A clue (疑点): the schema that leaves the program, one JSON object each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from clues.group import ClueGroup

Level = Literal["yellow", "orange", "red"]
LEVELS: tuple[Level, ...] = ("red", "orange", "yellow")
LEVEL_NAMES: dict[Level, str] = {"red": "红", "orange": "橙", "yellow": "黄"}


@dataclass(frozen=True)
class ClueSubject:
    """Who or what a clue is about; numbers are masked."""

    entity: str
    kind: Literal["person", "company", "unit", "village", "account", "group"]
    name: str
    role: str
    id_number: str | None = None
    uscc: str | None = None


@dataclass(frozen=True)
class ClueReason:
    """One sign from which the level was set; ``evidence`` holds evidence numbers."""

    kind: str
    strength: str
    text: str
    evidence: tuple[int, ...]
    q: float | None = None
    effect: float | None = None
    counted: bool = True


@dataclass(frozen=True)
class Place:
    """Where a row stands as a person sees it: file relative to DATA_DIR, sheet or None, 1-based row."""

    file: str
    sheet: str | None
    row: int


@dataclass(frozen=True)
class Source:
    """The place of a row and of the merged duplicates of it."""

    file: str
    sheet: str | None
    row: int
    also: tuple[Place, ...] = ()


@dataclass(frozen=True)
class ClueEvidence:
    """One numbered piece of evidence; ``values`` maps original headers to masked cells."""

    no: int
    kind: Literal["row", "path", "statistic"]
    text: str
    values: dict[str, Any]
    source: Source | None
    table: str | None = None


@dataclass(frozen=True)
class CluePathNode:
    """A node of a path clue."""

    entity: str
    kind: str
    name: str
    role: str | None = None


@dataclass(frozen=True)
class CluePathEdge:
    """An edge of a path clue, with the term on it, its dates and evidence numbers."""

    src: str
    dst: str
    kind: str
    term: str
    start: str | None
    end: str | None
    identity: str
    evidence: tuple[int, ...]


@dataclass(frozen=True)
class CluePath:
    """Nodes and edges in reading order."""

    nodes: tuple[CluePathNode, ...]
    edges: tuple[CluePathEdge, ...]


@dataclass(frozen=True)
class ClueAbsorbed:
    """What another detector found and this clue tells: the id that it would have had, and its title."""

    id: str
    detector: str
    title: str


@dataclass(frozen=True)
class Clue:
    """A reason to look, never a verdict. Field meanings: ``docs/clues.md``."""

    id: str
    detector: str
    version: int
    family: str
    title: str
    subjects: tuple[ClueSubject, ...]
    level: Level
    score: float
    reasons: tuple[ClueReason, ...]
    amount: Decimal | None
    period: tuple[str, str] | None
    identity: dict[str, Any]
    statement: tuple[str, ...]
    evidence: tuple[ClueEvidence, ...]
    path: CluePath | None
    legal_basis: tuple[str, ...]
    benign_explanations: tuple[dict[str, Any], ...]
    next_steps: tuple[str, ...]
    data_gaps: tuple[str, ...]
    systemic: dict[str, Any] | None
    formerly: tuple[str, ...] = field(default=())
    anchors: tuple[str, ...] = field(default=())
    event_key: str = ""
    absorbs: tuple[ClueAbsorbed, ...] = field(default=())
    group: ClueGroup | None = None

    def to_json(self) -> str:
        """One line of ``clues.jsonl``: keys in declared order, amounts as numbers with two decimals."""
        record: dict[str, Any] = dict(vars(self))
        marker = None
        if self.amount is not None:
            # json has no decimals; a float would print 1234.5 for 1,234.50.
            marker = f"{self.amount:.2f}"
            record["amount"] = "\0amount\0"
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=vars)
        return line if marker is None else line.replace('"\\u0000amount\\u0000"', marker, 1)

    @classmethod
    def from_mapping(cls, record: Mapping[str, Any]) -> Clue:
        """Rebuild a clue from one parsed line of ``clues.jsonl``.

        Parse with ``parse_float=Decimal`` so that amounts stay exact (``clues.write.read_jsonl``).
        """
        path = record["path"]
        amount = record["amount"]
        period = record["period"]
        return cls(
            id=record["id"],
            detector=record["detector"],
            version=int(record["version"]),
            family=record["family"],
            title=record["title"],
            subjects=tuple(ClueSubject(**subject) for subject in record["subjects"]),
            level=record["level"],
            score=float(record["score"]),
            reasons=tuple(_reason(reason) for reason in record["reasons"]),
            amount=None if amount is None else Decimal(str(amount)).quantize(Decimal("0.01")),
            period=None if period is None else (period[0], period[1]),
            identity=_floats(record["identity"]),
            statement=tuple(record["statement"]),
            evidence=tuple(_evidence(piece) for piece in record["evidence"]),
            path=None if path is None else _path(path),
            legal_basis=tuple(record["legal_basis"]),
            benign_explanations=tuple(dict(item) for item in record["benign_explanations"]),
            next_steps=tuple(record["next_steps"]),
            data_gaps=tuple(record["data_gaps"]),
            systemic=record["systemic"],
            formerly=tuple(record.get("formerly", ())),
            anchors=tuple(record.get("anchors", ())),
            event_key=record.get("event_key", ""),
            absorbs=tuple(ClueAbsorbed(**one) for one in record.get("absorbs", ())),
            group=ClueGroup.from_mapping(group) if (group := record.get("group")) else None,
        )


def _floats(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn decimals, as a reader with exact amounts gives them, back into plain floats."""
    return {k: float(v) if isinstance(v, Decimal) else v for k, v in values.items()}


def _reason(record: Mapping[str, Any]) -> ClueReason:
    values = _floats(record)
    values["evidence"] = tuple(record["evidence"])
    return ClueReason(**values)


def _evidence(record: Mapping[str, Any]) -> ClueEvidence:
    source = record["source"]
    values = {
        **record,
        "values": _floats(record["values"]),
        "source": None
        if source is None
        else Source(
            source["file"],
            source["sheet"],
            source["row"],
            tuple(Place(**place) for place in source["also"]),
        ),
    }
    return ClueEvidence(**values)


def _path(record: Mapping[str, Any]) -> CluePath:
    return CluePath(
        tuple(CluePathNode(**node) for node in record["nodes"]),
        tuple(
            CluePathEdge(**{**edge, "evidence": tuple(edge["evidence"])})
            for edge in record["edges"]
        ),
    )
