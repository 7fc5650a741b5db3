"""What the tender table says of a few lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from detectors.evidence import among, records


@dataclass(frozen=True)
class Lot:
    """A lot as a reader knows it; absent tender rows leave number and lot of the bids."""

    entity: str
    name: str
    when: date | None
    award: Decimal | None
    purchaser: str | None


def lots_of(snapshot: Any, rows: list[dict[str, Any]]) -> dict[str, Lot]:
    """Describe the lots of bid rows; lot entity → lot.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    rows : list of dict
        Bid rows with ``lot_entity``, ``tender_no``, ``lot`` and ``submit_time``.
    """
    found: dict[str, Lot] = {}
    for row in sorted(rows, key=lambda r: str(r["submit_time"])):
        when = row["submit_time"].date() if row["submit_time"] else None
        name = f"{row['tender_no']}{_lot_name(row['lot'])}"
        found.setdefault(row["lot_entity"], Lot(row["lot_entity"], name, when, None, None))
    if not found or not snapshot.has("tenders"):
        return found
    tenders = snapshot.table("tenders")
    wanted = records(among(tenders, "lot_entity", found))
    for row in sorted(wanted, key=lambda r: (str(r["open_date"]), str(r["title"])), reverse=True):
        when = row["open_date"] or row["deadline"] or row["publish_date"]
        known = found[row["lot_entity"]]
        title = row["title"] or row["tender_no"]
        found[row["lot_entity"]] = Lot(
            row["lot_entity"],
            f"{title}{_lot_name(row['lot'])}",
            (when.date() if hasattr(when, "date") else when) or known.when,
            row["award_amount"],
            row["purchaser_entity"],
        )
    return found


def _lot_name(lot: str | None) -> str:
    if not lot:
        return ""
    return f"（{lot}标段）" if lot.isdigit() else f"（{lot}）"


def lot_list(lots: list[Lot], limit: int = 3) -> str:
    """Name a few lots and count the rest: 「甲工程」等5个标段."""
    names = [f"“{lot.name}”" for lot in lots]
    if len(names) <= limit:
        return "、".join(names)
    return f"{'、'.join(names[:limit])}等{len(names)}个标段"
