"""FollowTheMoney entities as they stand in files: lists of values, references by id.

Parts of one entity may stand on several lines or files, and entities within entities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ingest.readers.json_items import Broken
from ingest.readers.records import BadRecord

LOT = "招标标段"
"""Type of a Contract that is a lot to be let, not yet a contract; the export writes it."""
PHONE_NOTE = "电话："
"""Begins a note with a telephone number that the model's own property can't hold; the export's."""
CHINA = "+86"
LIVES_IN = "所在村"
"""Role of the link between a person and the village it lives in, which the model has no name for."""
_WIDE = ("Thing", "LegalEntity", "Organization")
PARTIES = ("Person", "Company", "LegalEntity", "Organization", "PublicBody")
TABLES = {
    "Person": "people", "Company": "companies", "PublicBody": "officials",
    "Ownership": "shareholders", "Directorship": "company_officers", "Employment": "officials",
    "Occupancy": "officials", "Family": "kinship", "Payment": "payments",
    "ContractAward": "contracts", "Contract": "contracts", "Position": "officials",
    "Address": "people", "UnknownLink": "people",
}  # fmt: skip


@dataclass
class FtmEntity:
    """An entity with all that its lines say; ``file`` and ``row`` are those of the first."""

    id: str
    schema: str
    file: int
    row: int
    properties: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *names: str) -> str | None:
        """Return the first value of the first property that has one; Chinese goes first."""
        for name in names:
            values = self.properties.get(name)
            if values:
                return values[0] if len(values) == 1 else min(values, key=_is_foreign)
        return None

    def all(self, *names: str) -> list[str]:
        """Return all values of some properties."""
        return [value for name in names for value in self.properties.get(name, [])]


def _is_foreign(text: str) -> bool:
    return not any("\u3400" <= char <= "\u9fff" for char in text)


@dataclass
class FtmFile:
    """The entities of one file, and what could not be read as one."""

    entities: list[FtmEntity]
    bad: list[BadRecord]


def parse_ftm(items: Iterable[tuple[int, Any]], file: int = 0) -> FtmFile:
    """Sort the items of a file into entities and what is none.

    Parameters
    ----------
    items : iterable of (int, value or Broken)
        Row number and JSON value.
    file : int
        Number of the file among those read together.

    Returns
    -------
    FtmFile

    Examples
    --------
    >>> parse_ftm([(3, {"id": "a", "schema": "Person"})]).bad[0].reason
    'FollowTheMoney实体缺少properties'
    """
    found = FtmFile([], [])
    for row, item in items:
        reason = _why_bad(item)
        if reason is None:
            _take(item, row, file, found.entities)
        else:
            schema = item.get("schema") if isinstance(item, dict) else None
            table = TABLES.get(schema) if isinstance(schema, str) else None
            shown = str(item["id"]) if isinstance(item, dict) and item.get("id") else None
            found.bad.append(BadRecord(row, table, reason, shown))
    return found


def _why_bad(item: Any) -> str | None:
    if isinstance(item, Broken):
        return item.reason
    if not isinstance(item, dict):
        return "不是FollowTheMoney实体（不是JSON对象）"
    for key, kind in (("id", str), ("schema", str), ("properties", dict)):
        if not isinstance(item.get(key), kind) or item[key] == "":
            return f"FollowTheMoney实体缺少{key}"
    return None


def _take(item: dict[str, Any], row: int, file: int, into: list[FtmEntity]) -> str:
    """Add an entity, and those nested in it in place of their ids; return its id."""
    entity = FtmEntity(item["id"], item["schema"], file, row)
    into.append(entity)
    for name, values in item["properties"].items():
        texts = []
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, dict) and _why_bad(value) is None:
                texts.append(_take(value, row, file, into))
            elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
                texts.append(" ".join(str(value).split()))
        if texts := [text for text in texts if text]:
            entity.properties[name] = texts
    return entity.id


FIRMS = ("Company", "LegalEntity", "Organization")


def table_of(entity: FtmEntity) -> str:
    """Return the table that an entity of a known schema is for."""
    return TABLES["Company" if entity.schema in FIRMS else entity.schema]


def merge(merged: dict[str, FtmEntity], entity: FtmEntity) -> None:
    """Add an entity to those known by id, or what a further part says to it."""
    known = merged.get(entity.id)
    if known is None:
        merged[entity.id] = entity
        return
    # Of two schemata the narrower one is meant: parts often say LegalEntity first.
    if known.schema in _WIDE and entity.schema not in _WIDE[: _WIDE.index(known.schema) + 1]:
        known.schema = entity.schema
    for name, values in entity.properties.items():
        held = known.properties.setdefault(name, [])
        held += [value for value in values if value not in held]
