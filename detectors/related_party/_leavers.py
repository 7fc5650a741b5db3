"""Officials who left: when, from which posts, and whether they serve elsewhere since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from detectors.evidence import among, records
from detectors.related_party._own_firms import Tie


@dataclass(frozen=True)
class Leaver:
    """An official whose posts have all ended; ``since`` is the last day in office.

    ``elsewhere``: on the payroll of another unit after that day, so transferred and not gone.
    """

    official: str
    posts: tuple[dict[str, Any], ...]
    since: date
    elsewhere: bool


def leavers(snapshot: Any, posts: dict[str, list[dict[str, Any]]]) -> dict[str, Leaver]:
    """Find officials all of whose posts have ended."""
    found = {}
    for official, held in posts.items():
        ends = [p["end_date"] for p in held]
        if any(end is None for end in ends):
            continue
        found[official] = Leaver(official, tuple(held), max(ends), False)
    paid = _payroll(snapshot, found)
    for official, leaver in found.items():
        units = {p["organization_entity"] for p in leaver.posts}
        later = any(
            row["unit_entity"] not in units
            and (row["end_date"] is None or row["end_date"] > leaver.since)
            and not row["of_firm"]
            for row in paid[official]
        )
        found[official] = Leaver(official, leaver.posts, leaver.since, later)
    return found


def _payroll(snapshot: Any, officials: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the payroll by person; ``of_firm``: the unit bears the name of a firm."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    wanted = set(officials)
    if not snapshot.has("payroll", "unit") or not wanted:
        return found
    rows = records(among(snapshot.table("payroll"), "name_entity", wanted))
    firms = _firms_by_name(snapshot, {row["unit"] for row in rows})
    for row in rows:
        found[row["name_entity"]].append({**row, "of_firm": row["unit"] in firms})
    return found


def _firms_by_name(snapshot: Any, names: set[str]) -> dict[str, str]:
    table = snapshot.entities
    firms = table.filter(table.kind == "company").select("entity", "name")
    return {row["name"]: row["entity"] for row in records(among(firms, "name", names))}


def paid_by_firms(snapshot: Any, officials: Iterable[str]) -> dict[tuple[str, str], list[Tie]]:
    """Former officials whom a firm pays wages, as ties: (official, firm) → ties."""
    found: dict[tuple[str, str], list[Tie]] = defaultdict(list)
    rows = [row for many in _payroll(snapshot, officials).values() for row in many]
    firms = _firms_by_name(snapshot, {row["unit"] for row in rows if row["of_firm"]})
    for row in rows:
        if row["of_firm"]:
            edge = {
                "edge": -int(row["row_id"]),
                "kind": "officer",
                "src": row["name_entity"],
                "dst": firms[row["unit"]],
                "term": "领薪人员",
                "share": None,
                "start_date": row["start_date"],
                "end_date": row["end_date"],
                "identity": row["name_identity"],
                "probability": row["name_probability"],
                "sources": [{"t": "payroll", "r": row["row_id"]}],
            }
            found[row["name_entity"], firms[row["unit"]]].append(Tie(edge, ("certain", 1.0)))
    return found
