"""Suppliers that nearly always win at their only purchaser, and what may innocently explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from detectors.evidence import among, records
from detectors.procurement._market import says


@dataclass(frozen=True)
class Captive:
    """One supplier that nearly always wins at its only purchaser."""

    supplier: str
    buyer: str
    trials: int
    wins: int
    expected: float
    p: float
    q: float
    spread: float
    tested: int
    lots: pd.DataFrame


@dataclass(frozen=True)
class Excuses:
    """What the checks found of each supplier."""

    elsewhere: dict[str, tuple[int, int]]
    monopoly: frozenset[str]
    founded: dict[str, date]
    least_elsewhere: int
    new_days: int
    categories: bool
    townships: bool

    @classmethod
    def of(
        cls,
        snapshot: Any,
        captives: Sequence[Captive],
        lots: pd.DataFrame,
        *,
        monopoly_words: Sequence[str],
        least_elsewhere: int,
        new_days: int,
    ) -> Excuses:
        firms = {c.supplier for c in captives}
        founded: dict[str, date] = {}
        names: dict[str, str] = {}
        if captives:
            table = among(snapshot.entities.select("entity", "name"), "entity", firms)
            names = {r["entity"]: str(r["name"]) for r in records(table)}
            if snapshot.has("companies", "established_date"):
                table = among(snapshot.table("companies"), "name_entity", firms)
                for row in records(table.select("name_entity", "established_date")):
                    if row["established_date"] is not None:
                        founded[row["name_entity"]] = row["established_date"]
        texts = {
            c.supplier: [names[c.supplier], *c.lots["category"].dropna().astype(str)]
            for c in captives
        }
        return cls(
            {c.supplier: _elsewhere(c, lots) for c in captives},
            frozenset(
                s for s, said in texts.items() if says(pd.Series(said), monopoly_words).any()
            ),
            founded,
            least_elsewhere,
            new_days,
            bool(lots["category"].notna().any()),
            bool(lots["township"].notna().any()),
        )  # fmt: skip

    def of_supplier(self, one: Captive) -> str | None:
        """Key of the explanation that clears a supplier, if any."""
        if one.supplier in self.monopoly:
            return "monopoly"
        if self.is_new(one):
            return "new_firm"
        if self.categories and self.elsewhere[one.supplier][0] < self.least_elsewhere:
            return "only_purchaser"
        return None

    def is_new(self, one: Captive) -> bool:
        """Tell whether the supplier's last bid came before it was a year old."""
        last = one.lots["day"].max()
        founded = self.founded.get(one.supplier)
        if founded is None or pd.isna(last):
            return False
        return bool((last.date() - founded).days < self.new_days)


def _elsewhere(one: Captive, lots: pd.DataFrame) -> tuple[int, int]:
    """Other purchasers' lots of the same trade and years; all, and those in the same townships."""
    first, last = one.lots["year"].min(), one.lots["year"].max()
    same = lots[
        (lots["purchaser_entity"] != one.buyer)
        & (lots["usable"] > 0)
        & lots["category"].isin(one.lots["category"].dropna())
        & lots["year"].between(first, last)
    ]
    return len(same), int(same["township"].isin(one.lots["township"].dropna()).sum())
