"""Compare two snapshots of the same facts: who is in them, and what ties them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from graph.snapshot import Snapshot
from ingest.readers.records import RECORD_NUMBER

PARTIES = ("person", "company", "unit", "village")
# What a way out and in again keeps.
KEPT = (
    "shareholder",
    "officer",
    "legal_representative",
    "kin",
    "position",
    "lives_in",
    "has_phone",
)
Fact = tuple[Any, ...]


def known_as(snapshot: Snapshot) -> dict[str, str]:
    """Entity → what it is known by outside: its number, its record's number, or its name."""
    names = {e: f"{kind}:{number or name}" for e, kind, name, number in _entities(snapshot)}
    for table, entity, number in (
        ("people", "name_entity", "id_number"),
        ("companies", "name_entity", "uscc"),
    ):
        if snapshot.has(table, number):
            recorded = snapshot.query(
                f"SELECT {entity}, {number} FROM main.{table} WHERE {number} LIKE ?",
                [f"{RECORD_NUMBER}%"],
            )
            for found, text in recorded:
                names[found] = text.removeprefix(RECORD_NUMBER).upper()
    return names


def exported_as(snapshot: Snapshot) -> dict[str, str]:
    """Entity → what `known_as` should call it after a way out and in again."""
    firms = Counter(
        name for _, kind, name, number in _entities(snapshot) if kind == "company" and not number
    )
    return {
        entity: _record(entity)
        if (kind == "person" and not number) or (kind == "company" and firms[name] > 1)
        else f"{kind}:{number or name}"
        for entity, kind, name, number in _entities(snapshot)
    }


def _record(entity: str) -> str:
    # As numbers are read: in capitals, without hyphens.
    return entity.replace("-", "").upper()


def _entities(snapshot: Snapshot) -> list[tuple[str, str, str, str | None]]:
    rows = snapshot.query("SELECT entity, kind, name, number FROM entities ORDER BY 1")
    return [(e, k, n, number) for e, k, n, number in rows]


def parties(snapshot: Snapshot, called: dict[str, str], *kinds: str) -> set[tuple[str, str]]:
    """People, firms, units and villages by what they are called, with their names."""
    return {
        (called[entity], name)
        for entity, kind, name, _ in _entities(snapshot)
        if kind in (kinds or PARTIES)
    }


def facts(snapshot: Snapshot, called: dict[str, str], *kinds: str) -> set[Fact]:
    """Ties as (kind, who, whom, term or share, start, end), without those inferred from others."""
    rows = snapshot.query(
        "SELECT kind, src, dst, term, round(share, 6), start_date, end_date FROM edges"
        " WHERE kind IN (SELECT unnest(?::VARCHAR[])) AND basis IS DISTINCT FROM 'inferred'",
        [list(kinds or KEPT)],
    )
    return {
        (kind, called[src], called[dst], share if kind == "shareholder" else term, start, end)
        for kind, src, dst, term, share, start, end in rows
    }
