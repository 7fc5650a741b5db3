"""Which rules govern a lot: tendering of works, purchasing of goods and services."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from detectors.evidence import among, records
from detectors.procurement._parts import type_of

Rules = Literal["tendering", "purchase_tender", "purchase_other"]
"""招标投标法 and its ordinance; 87号令, which covers tenders for goods and services; other purchases
(磋商, 询价), for which neither says what counts as collusion."""


@dataclass(frozen=True)
class Regime:
    """The rules of one lot; ``known`` False: nothing says what was put out, tendering is assumed."""

    rules: Rules
    known: bool = True


def regimes(snapshot: Any, lots: Iterable[str]) -> dict[str, Regime]:
    """Tell which rules govern each of a few lots; lot entity → regime.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    lots : iterable of str
        Lot entities.
    """
    wanted = set(lots)
    found = dict.fromkeys(wanted, Regime("tendering", known=False))
    if not wanted or not snapshot.has("tenders"):
        return found
    rows = records(among(snapshot.table("tenders"), "lot_entity", wanted))
    for row in sorted(rows, key=lambda r: (str(r["open_date"]), str(r["title"])), reverse=True):
        found[row["lot_entity"]] = _regime(
            row["title"] or "", row["category"] or "", row["method"] or ""
        )
    return found


def _regime(title: str, category: str, method: str) -> Regime:
    if method and "招标" not in method:
        return Regime("purchase_other")
    if not title and not category:
        return Regime("tendering", known=False)
    kind = type_of(title, category)
    return Regime("tendering" if kind in ("works", "survey") else "purchase_tender")


def clauses(found: Collection[Regime], keys: dict[Rules, tuple[str, ...]]) -> tuple[str, ...]:
    """Clauses that hold for at least one of several lots, in the order given."""
    here = {regime.rules for regime in found}
    return tuple(dict.fromkeys(k for rules, ks in keys.items() if rules in here for k in ks))


def regime_gap(found: Collection[Regime]) -> tuple[str, ...]:
    """Say that what was put out is unknown, if it is."""
    if all(regime.known for regime in found):
        return ()
    return ("部分标段没有项目类别和名称，不能区分工程与货物、服务，适用的规定须另行核对。",)
