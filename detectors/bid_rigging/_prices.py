"""All valid bid prices as arrays, with what makes their lots comparable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Those admitted to a framework compete among themselves: such lots are compared with each other.
FRAMEWORK_WORDS = ("框架", "入围", "定点", "Framework")


@dataclass(frozen=True)
class Prices:
    """Bids of lots with two prices or more, numbered by content.

    A bid: ``bidder``, ``lot``, ``tender``, ``amount`` (yuan), ``row`` (row_id), each (n_bids,).
    A lot: ``category`` (number), ``ceiling``, ``floor`` (yuan, NaN where there is none), ``bids``
    (how many), ``text`` (title, category and method), each (n_lots,). ``bidders`` and ``lots`` are
    the entities numbered; ``known`` names the columns of tenders that hold anything.
    """

    bidder: Ints
    lot: Ints
    tender: Ints
    amount: Floats
    row: Ints
    category: Ints
    ceiling: Floats
    floor: Floats
    bids: Ints
    text: NDArray[np.object_]
    bidders: tuple[str, ...]
    lots: tuple[str, ...]
    known: frozenset[str]

    @property
    def size(self) -> Floats:
        """Ceiling price of each lot, its mean bid where there is none."""
        total = np.bincount(self.lot, weights=self.amount, minlength=len(self.lots))
        return np.where(np.isnan(self.ceiling), total / np.maximum(self.bids, 1), self.ceiling)

    def says(self, words: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which lots' title, category or method holds one of the words."""
        found = np.zeros(len(self.lots), dtype=bool)
        # Many lots share a text but for their titles; a plain search over strings is fast enough.
        series = pd.Series(self.text, dtype="string")
        for word in words:
            found |= series.str.contains(word, case=False, regex=False).to_numpy(dtype=bool)
        return found


def read_prices(snapshot: Any) -> Prices:
    """Read every bid with a positive price that was not rejected.

    A bidder's second price in a lot (a later round) replaces the first; where nothing tells them
    apart the lower one counts. Lots left with fewer than two prices are dropped.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    """
    table = snapshot.table("bids")
    table = table.filter(
        table.lot_entity.notnull() & table.bidder_entity.notnull() & (table.amount > 0)
    )
    if snapshot.has("bids", "disqualified"):
        table = table.filter(~table.disqualified.fill_null(False))
    frame = table.select(
        "row_id",
        "tender_no",
        "submit_time",
        lot="lot_entity",
        bidder="bidder_entity",
        amount=table.amount.cast("float64"),
    ).to_pandas()
    frame = frame.sort_values(
        ["lot", "bidder", "submit_time", "amount", "row_id"],
        ascending=[True, True, False, True, True],
    )
    frame = frame.drop_duplicates(["lot", "bidder"])
    frame = frame[frame.groupby("lot")["bidder"].transform("size") >= 2]
    bidder, bidders = pd.factorize(frame["bidder"], sort=True)
    lot, lots = pd.factorize(frame["lot"], sort=True)
    tender, _ = pd.factorize(frame["tender_no"], sort=True)
    details, known = _tenders(snapshot, lots)
    category, _ = pd.factorize(
        details["category"].fillna("") + details["method"].map(_form), sort=True
    )
    floor = details["floor_price"].to_numpy(dtype=np.float64)
    # Where a floor price holds, bids huddle above it: such lots are compared among themselves.
    category = category * 2 + np.isfinite(floor)
    return Prices(
        bidder.astype(np.int64),
        lot.astype(np.int64),
        tender.astype(np.int64),
        frame["amount"].to_numpy(dtype=np.float64),
        frame["row_id"].to_numpy(dtype=np.int64),
        category.astype(np.int64),
        details["ceiling_price"].to_numpy(dtype=np.float64),
        floor,
        np.bincount(lot, minlength=len(lots)).astype(np.int64),
        (
            details["title"].fillna("")
            + " "
            + details["category"].fillna("")
            + " "
            + details["method"].fillna("")
        ).to_numpy(dtype=object),
        tuple(bidders),
        tuple(lots),
        known,
    )


def _tenders(snapshot: Any, lots: Any) -> tuple[pd.DataFrame, frozenset[str]]:
    """Return category, method, title, ceiling and floor of each lot, nulls where unknown."""
    text, money = ("category", "method", "title"), ("ceiling_price", "floor_price")
    if not snapshot.has("tenders"):
        empty = {c: pd.Series(None, index=lots, dtype=object) for c in text}
        return pd.DataFrame(
            {**empty, **{c: np.full(len(lots), np.nan) for c in money}}
        ), frozenset()
    table = snapshot.table("tenders")
    table = table.filter(table.lot_entity.notnull())
    frame = table.select(
        "lot_entity", *text, **{c: table[c].cast("float64") for c in money}
    ).to_pandas()
    frame = frame.sort_values([*text, *money], na_position="last")
    for column in money:
        frame.loc[~(frame[column] > 0), column] = np.nan
    known = frozenset(c for c in (*text, *money) if frame[c].notna().any())
    return frame.groupby("lot_entity")[[*text, *money]].first().reindex(lots), known


def _form(method: Any) -> str:
    framework = isinstance(method, str) and any(w in method for w in FRAMEWORK_WORDS)
    return "／框架" if framework else ""
