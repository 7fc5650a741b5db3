"""BODS statements as they stand in files, and the JSON values in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ingest.readers.json_items import Broken
from ingest.readers.records import BadRecord

Json = dict[str, Any]

_TABLES = {"entity": "companies", "person": "people", "relationship": "shareholders"}
_STATEMENT = {
    "statementId", "statementDate", "recordId", "recordType", "recordStatus", "recordDetails",
}  # fmt: skip
_DETAILS = {
    "entity": {
        "isComponent", "entityType", "unspecifiedEntityDetails", "name", "identifiers",
        "foundingDate", "dissolutionDate", "addresses",
    },
    "person": {
        "isComponent", "personType", "unspecifiedPersonDetails", "names", "identifiers",
        "birthDate", "deathDate", "addresses", "placeOfResidence",
    },
    "relationship": {
        "isComponent", "componentRecords", "componentStatementIDs", "componentStatementIds",
        "subject", "interestedParty", "interests",
    },
}  # fmt: skip
_INTEREST = {"type", "directOrIndirect", "details", "share", "startDate", "endDate"}


@dataclass(frozen=True)
class Statement:
    """One statement that can be used; ``file`` and ``row`` say where it stands."""

    file: int
    row: int
    id: str
    record: str
    kind: str
    status: str
    date: str | None
    details: Json


@dataclass
class BodsFile:
    """The statements of one file, and what could not be read as one."""

    statements: list[Statement]
    bad: list[BadRecord]
    unstored: dict[str, set[str]]


def parse_bods(items: Iterable[tuple[int, Any]], file: int = 0) -> BodsFile:
    """Sort the items of a file into statements and what is none.

    Parameters
    ----------
    items : iterable of (int, value or Broken)
        Row number and JSON value.
    file : int
        Number of the file among those read together.

    Returns
    -------
    BodsFile

    Examples
    --------
    >>> parse_bods([(1, {"recordType": "person", "recordId": "p"})]).bad[0].reason
    'BODS声明缺少recordDetails'
    """
    found = BodsFile([], [], defaultdict(set))
    for row, item in items:
        reason = _why_bad(item)
        kind = item.get("recordType") if isinstance(item, dict) else None
        table = _TABLES.get(kind) if isinstance(kind, str) else None
        if reason is not None:
            shown = text_of(item.get("statementId")) if isinstance(item, dict) else None
            found.bad.append(BadRecord(row, table, reason, shown))
            continue
        assert isinstance(kind, str)
        assert table is not None
        details = item["recordDetails"]
        used = found.unstored[table]
        used |= {key for key in item if key not in _STATEMENT}
        used |= {f"recordDetails.{key}" for key in details if key not in _DETAILS[kind]}
        for interest in dicts_of(details.get("interests")):
            used |= {f"interests.{key}" for key in interest if key not in _INTEREST}
        date = text_of(item.get("statementDate")) or text_of(
            dict_of(item.get("publicationDetails")).get("publicationDate")
        )
        found.statements.append(
            Statement(
                file,
                row,
                text_of(item.get("statementId")) or "",
                text_of(item["recordId"]) or "",
                kind,
                text_of(item.get("recordStatus")) or "new",
                date[:10] if date else None,
                details,
            )
        )
    return found


def _why_bad(item: Any) -> str | None:
    if isinstance(item, Broken):
        return item.reason
    if not isinstance(item, dict):
        return "不是BODS声明（不是JSON对象）"
    if item.get("recordType") not in list(_TABLES):
        return f"BODS声明的recordType不是entity、person或relationship：{item.get('recordType')}"
    if text_of(item.get("recordId")) is None:
        return "BODS声明缺少recordId"
    if not isinstance(item.get("recordDetails"), dict):
        return "BODS声明缺少recordDetails"
    if item.get("recordStatus") not in (None, "new", "updated", "closed"):
        return f"BODS声明的recordStatus不是new、updated或closed：{item.get('recordStatus')}"
    return None


def text_of(value: Any) -> str | None:
    """Return a scalar as trimmed text; None for absent, empty, true/false and containers."""
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    return " ".join(str(value).split()) or None


def dict_of(value: Any) -> Json:
    """Return an object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return a list, empty for anything else."""
    return value if isinstance(value, list) else []


def dicts_of(value: Any) -> list[Json]:
    """Return the objects of a list."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
