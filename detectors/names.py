"""Names of entities, fetched once for all the findings of a detector."""

from __future__ import annotations

from typing import Any

from detectors.evidence import among, records


class Names:
    """Names and details of a small set of entities.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    entities : iterable of str
        Entity ids; those of all findings together, so that one query is enough.
    """

    def __init__(self, snapshot: Any, entities: set[str]) -> None:
        table = snapshot.entities
        wanted = {e for e in entities if e is not None}
        found = records(among(table.select("entity", "name", "detail"), "entity", wanted))
        self._found = {row["entity"]: row for row in found}

    def of(self, entity: str) -> str:
        """Return the name of an entity."""
        return str(self._found[entity]["name"])

    def detail(self, entity: str) -> str:
        """Return the short text that tells namesakes apart; empty where there is none."""
        return self._found[entity]["detail"] or ""
