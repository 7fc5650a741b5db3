"""What several detectors tell of lots with: their rows, chances in words, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from detectors.detector import Row
from detectors.evidence import among, percent, records
from detectors.names import Names
from detectors.procurement._market import BID_COLUMNS, TENDER_COLUMNS


@dataclass(frozen=True)
class Gaps:
    """What the data lack; ``unchecked``: keys of explanations that could not be checked for it."""

    texts: tuple[str, ...]
    unchecked: tuple[str, ...]

    @classmethod
    def of(cls, snapshot: Any, always: str, columns: Sequence[tuple[str, str, str, str]]) -> Gaps:
        """List what is missing.

        Parameters
        ----------
        snapshot : graph.snapshot.Snapshot
        always : str
            What no table holds.
        columns : sequence of (table, column, text, key)
            What is said where the column is absent, and the explanation it leaves unchecked.
        """
        missing = [c for c in columns if not snapshot.has(c[0], c[1])]
        return cls(
            (always, *(text for _, _, text, _ in missing)), tuple(k for *_, k in missing if k)
        )


@dataclass(frozen=True)
class Lot:
    """Rows of one lot; a buyer's later row of it stands first."""

    tenders: tuple[dict[str, Any], ...]
    bids: tuple[dict[str, Any], ...]

    @property
    def when(self) -> date | None:
        lead = self.tenders[0]
        found = lead["open_date"] or lead["deadline"] or lead["publish_date"]
        return found.date() if hasattr(found, "date") else found

    @property
    def award(self) -> Decimal | None:
        return next((t["award_amount"] for t in self.tenders if t["in_yuan"]), None)

    def rows(self) -> tuple[Row, ...]:
        return (
            *(Row("tenders", t["row_id"], "招标采购记录", TENDER_COLUMNS) for t in self.tenders),
            *(Row("bids", b["row_id"], "投标记录", BID_COLUMNS) for b in self.bids),
        )


@dataclass(frozen=True)
class Told:
    """Lots and names of all findings of a run, fetched at once."""

    lots: Mapping[str, Lot]
    names: Names

    @classmethod
    def of(cls, snapshot: Any, lots: set[str], entities: set[str]) -> Told:
        """Read the rows of lots and the names of entities."""
        tenders, bids = defaultdict(list), defaultdict(list)
        if lots:
            yuan_rows = {
                r["row_id"]
                for r in records(
                    among(snapshot.in_yuan("tenders"), "lot_entity", lots).select("row_id")
                )
            }
            for row in records(among(snapshot.table("tenders"), "lot_entity", lots)):
                row["in_yuan"] = row["row_id"] in yuan_rows
                tenders[row["lot_entity"]].append(row)
        if lots and snapshot.has("bids"):
            for row in records(among(snapshot.table("bids"), "lot_entity", lots)):
                bids[row["lot_entity"]].append(row)
        found = {
            lot: Lot(
                tuple(sorted(rows, key=lambda r: str(r["open_date"]), reverse=True)),
                tuple(sorted(bids[lot], key=_bid_order)),
            )
            for lot, rows in tenders.items()
        }
        return cls(found, Names(snapshot, entities))


def _bid_order(row: dict[str, Any]) -> tuple[bool, bool, Decimal, str]:
    price = row["amount"]
    return (not row["is_winner"], price is None, price or Decimal(0), str(row["bidder"]))


def small(p: float) -> str:
    """Write a p- or q-value.

    Examples
    --------
    >>> small(0.0123), small(1e-9)
    ('0.012', '百万分之一以下')
    """
    return f"{p:.2g}" if p >= 1e-6 else "百万分之一以下"


def chance(p: float) -> str:
    """Write a small chance as people say it.

    Examples
    --------
    >>> chance(0.03), chance(1 / 2800), chance(2.8e-6), chance(1e-12)
    ('约3%', '约2,800分之一', '约36万分之一', '不到一亿分之一')
    """
    if p >= 0.01:
        return f"约{percent(round(p, 2))}"
    if p < 1e-8:
        return "不到一亿分之一"
    odds = 1 / p
    return f"约{odds / 10_000:,.0f}万分之一" if odds >= 10_000 else f"约{odds:,.0f}分之一"
