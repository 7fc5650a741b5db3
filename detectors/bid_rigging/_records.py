"""Who bid against how many, who won, and what a firm's own record looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.bid_rigging._joint import BID_COLUMNS
from detectors.bid_rigging._lots import Lot, lots_of
from detectors.evidence import among, records

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trials:
    """One trial a firm and tender with two valid bidders or more and one known winner.

    ``firm`` (positions in ``firms``), ``chance`` (one over the number of bidders; the mean over a
    tender's lots) and ``won`` (more than half of the tender's lots): each (n_trials,). ``framed``
    and ``framed_wins``: lots under framework agreements of each firm, which are no trials.
    """

    firms: tuple[str, ...]
    firm: Ints
    chance: Floats
    won: NDArray[np.bool_]
    framed: Ints
    framed_wins: Ints


@dataclass(frozen=True)
class BidRecord:
    """One bid of a firm: ``share`` of the ceiling, ``lowest`` of its lot, number of ``bidders``."""

    row: dict[str, Any]
    lot: Lot
    buyer: str | None
    bidders: int
    won: bool
    share: float | None
    lowest: bool


@dataclass(frozen=True)
class Record:
    """All comparable bids of a firm by date, and what its market is like.

    ``usual_share``: median award over ceiling of lots of the same categories that others won;
    ``rivals``: other firms that bid regularly in its markets, None where lots have no category.
    """

    bids: tuple[BidRecord, ...]
    buyers: frozenset[str]
    usual_share: float | None
    rivals: int | None


class Contests:
    """All lots with who bid and who won.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    framework_words : sequence of str
        Lots whose method or title holds one are set apart.
    """

    def __init__(self, snapshot: Any, framework_words: Sequence[str]) -> None:
        bids = snapshot.table("bids")
        bids = bids.filter(bids.lot_entity.notnull() & bids.bidder_entity.notnull())
        if snapshot.has("bids", "disqualified"):
            bids = bids.filter(~bids.disqualified.fill_null(False))
        frame = bids.group_by(lot="lot_entity", firm="bidder_entity").agg(
            tender=bids.tender_no.min(),
            row=bids.row_id.min(),
            price=bids.amount.cast("float64").min(),
            marked=bids.is_winner.cast("int8").max(),
        )
        self.bids: pd.DataFrame = frame.order_by("lot", "firm").to_pandas()
        self.lots = self._lots(snapshot, framework_words)
        self.known = frozenset(
            c for c in ("category", "township", "ceiling") if self.lots[c].notna().any()
        )
        self.snapshot = snapshot
        lots = self.lots
        at = lots.index.get_indexer(self.bids["lot"])
        self.bids["place"] = at
        self.bids["won"] = self.bids["firm"].to_numpy() == lots["winner"].to_numpy(object)[at]
        # Where no award is told, the winner's own price stands for it.
        price = self.bids[self.bids["won"]].groupby("lot")["price"].first()
        lots["award"] = lots["award"].fillna(price.reindex(lots.index))
        counted = (lots["bidders"] >= 2) & lots["decided"]
        self.usable = (counted & ~lots["framed"]).to_numpy()
        self.framed = (counted & lots["framed"]).to_numpy()

    def _lots(self, snapshot: Any, words: Sequence[str]) -> pd.DataFrame:
        """One row a lot that has bids: number of bidders, winner and what tenders say of it."""
        by_lot = self.bids.groupby("lot", sort=True)
        lots = pd.DataFrame({"bidders": by_lot["firm"].size(), "low": by_lot["price"].min()})
        marked = self.bids[self.bids["marked"].fillna(0) > 0]
        marks = marked.groupby("lot")["firm"].agg(["size", "min"])
        lots["marks"] = marks["size"].reindex(lots.index).fillna(0)
        columns = ["winner_entity", "category", "township", "title", "method", "purchaser_entity"]
        if snapshot.has("tenders"):
            table = snapshot.table("tenders")
            known = table.filter(table.lot_entity.notnull()).select(
                "lot_entity",
                *columns,
                ceiling=table.ceiling_price.cast("float64"),
                award=table.award_amount.cast("float64"),
            )
            told = known.order_by("lot_entity", *columns, "ceiling", "award").to_pandas()
            lots = lots.join(told.groupby("lot_entity").first())
        else:
            lots[columns] = None
            lots[["ceiling", "award"]] = np.nan
        lots["ceiling"] = lots["ceiling"].where(lots["ceiling"] > 0)
        # One marked bidder, else the tender's winner if it is among the bidders.
        one = marks["min"].reindex(lots.index).where(lots["marks"] == 1)
        lots["winner"] = one.where(lots["marks"] > 0, lots["winner_entity"]).astype(object)
        pairs = pd.MultiIndex.from_frame(self.bids[["lot", "firm"]])
        wanted = pd.MultiIndex.from_arrays([lots.index, lots["winner"]])
        lots["decided"] = lots["winner"].notna() & wanted.isin(pairs)
        text = lots["method"].fillna("").astype(str) + " " + lots["title"].fillna("").astype(str)
        framed = np.zeros(len(lots), dtype=bool)
        for word in words:
            framed |= text.str.contains(word, regex=False).to_numpy(dtype=bool)
        lots["framed"] = framed
        return lots

    def trials(self) -> Trials:
        """Return every firm's trials."""
        code, firms = pd.factorize(self.bids["firm"], sort=True)
        place, won = self.bids["place"].to_numpy(), self.bids["won"].to_numpy(dtype=bool)
        usable, framed = self.usable[place], self.framed[place]
        tender = pd.factorize(self.bids["tender"], sort=True)[0]
        key = code[usable].astype(np.int64) * (int(tender.max(initial=0)) + 1) + tender[usable]
        distinct, of = np.unique(key, return_inverse=True)
        lots = np.bincount(of, minlength=len(distinct))
        chance = 1 / self.lots["bidders"].to_numpy()[place[usable]]
        share = np.bincount(of, weights=won[usable], minlength=len(distinct))
        n = len(firms)
        return Trials(
            tuple(firms),
            (distinct // (int(tender.max(initial=0)) + 1)).astype(np.int64),
            np.asarray(np.bincount(of, weights=chance, minlength=len(distinct)) / lots),
            share * 2 > lots,
            np.bincount(code[framed], minlength=n).astype(np.int64),
            np.bincount(code[framed], weights=won[framed], minlength=n).astype(np.int64),
        )

    def records(self, firms: Sequence[str], regular_lots: int) -> dict[str, Record]:
        """Describe a few firms.

        Parameters
        ----------
        firms : sequence of str
        regular_lots : int
            Lots in one market that make a rival a regular one.
        """
        if not firms:
            return {}
        wanted = self.bids["firm"].isin(list(firms)).to_numpy()
        mine = self.bids[wanted & self.usable[self.bids["place"].to_numpy()]]
        rows = {
            r["row_id"]: r
            for r in records(
                among(self.snapshot.table("bids"), "row_id", mine["row"].tolist()).select(
                    "row_id",
                    "lot_entity",
                    "bidder_entity",
                    "bidder_identity",
                    "bidder_probability",
                    *BID_COLUMNS,
                )
            )
        }
        lots = lots_of(self.snapshot, list(rows.values()))
        return {
            firm: self._record(firm, mine[mine["firm"] == firm], rows, lots, regular_lots)
            for firm in firms
        }

    def _record(
        self,
        firm: str,
        mine: pd.DataFrame,
        rows: dict[int, dict[str, Any]],
        lots: dict[str, Lot],
        regular_lots: int,
    ) -> Record:
        bids: list[BidRecord] = []
        described: list[dict[str, Any]] = mine.to_dict("records")  # type: ignore[assignment]
        for bid in described:
            told = self.lots.iloc[bid["place"]]
            ceiling, price, buyer = told["ceiling"], bid["price"], told["purchaser_entity"]
            bids.append(
                BidRecord(
                    rows[bid["row"]],
                    lots[bid["lot"]],
                    buyer if isinstance(buyer, str) else None,
                    int(told["bidders"]),
                    bool(bid["won"]),
                    float(price / ceiling) if price > 0 and ceiling > 0 else None,
                    bool(price <= told["low"]),
                )
            )
        bids.sort(key=lambda b: (str(b.lot.when), b.lot.name, b.lot.entity))
        return Record(
            tuple(bids),
            frozenset(b.buyer for b in bids if b.buyer),
            self._usual(firm, mine),
            self._rivals(firm, mine, regular_lots),
        )

    def _usual(self, firm: str, mine: pd.DataFrame) -> float | None:
        """Median award over ceiling of lots of the same categories that others won."""
        if "ceiling" not in self.known:
            return None
        lots = self.lots
        same = self.usable & (lots["winner"] != firm).to_numpy()
        if "category" in self.known:
            categories = lots["category"].iloc[mine["place"]].dropna().unique()
            same &= lots["category"].isin(categories).to_numpy()
        share = (lots["award"] / lots["ceiling"])[same].dropna()
        share = share[share > 0]
        return float(share.median()) if len(share) >= 5 else None

    def _rivals(self, firm: str, mine: pd.DataFrame, regular_lots: int) -> int | None:
        """Other firms that bid regularly in the markets in which the firm does."""
        if "category" not in self.known:
            return None
        columns = ["category", *(["township"] if "township" in self.known else [])]
        markets = self.lots[columns].iloc[mine["place"]].drop_duplicates()
        here = self.lots[columns].merge(markets, how="left", on=columns, indicator=True)
        inside = (here["_merge"] == "both").to_numpy() & self.usable
        others = self.bids[inside[self.bids["place"].to_numpy()]]
        counts = others.loc[others["firm"] != firm, "firm"].value_counts()
        return int((counts >= regular_lots).sum())
