"""Lots of public buyers with who came, who won and at what price: what comparisons rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Ways of buying in which nobody competes, in Chinese files and in OCDS ones.
SOLE_WORDS = ("单一来源", "直接", "委托", "指定", "direct", "limited")
FRAMEWORK_WORDS = ("框架", "入围", "定点", "协议供货")
RETENDER_WORDS = (
    "重新招标", "二次招标", "二次采购", "重新采购", "再次招标", "重招", "（二次）", "(二次)", "第二次招标",
)  # fmt: skip
TENDER_COLUMNS = (
    "tender_no", "lot", "title", "purchaser", "method", "category", "ceiling_price", "open_date",
    "winner", "award_amount",
)  # fmt: skip
BID_COLUMNS = ("tender_no", "lot", "bidder", "amount", "is_winner", "disqualified")


def bids_of(snapshot: Any) -> Any:
    """One row a lot and bidder, as an expression.

    Returns
    -------
    ibis table
        ``lot_entity``, ``bidder_entity``, ``price`` (lowest above zero, float), ``marked`` (as the
        winner) and ``out`` (disqualified), 0 or 1, null where not told.
    """
    bids = snapshot.table("bids")
    bids = bids.filter(bids.lot_entity.notnull() & bids.bidder_entity.notnull())
    price = ibis.ifelse(bids.amount > 0, bids.amount.cast("float64"), ibis.null("float64"))
    return bids.group_by("lot_entity", "bidder_entity").agg(
        price=price.min(),
        marked=bids.is_winner.cast("int8").max(),
        # Whoever handed in two bids is out when both are.
        out=bids.disqualified.cast("int8").min(),
    )


def tenders_of(snapshot: Any) -> Any:
    """Tender rows with a purchaser, as an expression, in the columns that comparisons need.

    Returns
    -------
    ibis table
        ``day``: opening, deadline or publication; ``ceiling``, ``floor``, ``award``: floats.
    """
    t = snapshot.table("tenders")
    t = t.filter(t.lot_entity.notnull() & t.purchaser_entity.notnull())
    day = t.open_date.cast("timestamp").coalesce(
        t.deadline.cast("timestamp"), t.publish_date.cast("timestamp")
    )
    return t.select(
        "lot_entity", "purchaser_entity", "winner_entity", "title", "method", "category",
        "township", "retender",
        ceiling=t.ceiling_price.cast("float64"), floor=t.floor_price.cast("float64"),
        award=t.award_amount.cast("float64"), day=day,
    )  # fmt: skip


def lots_of(snapshot: Any) -> pd.DataFrame:
    """Read the lots that have a purchaser, with what their bids say, ordered by content.

    Returns
    -------
    DataFrame
        The columns of :func:`tenders_of`, one row a lot, and

        - ``bidders``, ``valid`` (not known to be disqualified), ``told`` (bidders of whom it is
          said whether they were), 0 without bids;
        - ``winner``: None unless there is exactly one; the tender's where no bid is marked;
        - ``low``, ``low_won``, ``low_out``: lowest price, and whether one who bid it won or was
          disqualified; ``others_low``: the mean of the prices above it; ``priced``: bids with one;
        - ``year``, ``size``: half decades of ceiling or award, both -1 where unknown.
    """
    frame = _one_a_lot(tenders_of(snapshot).to_pandas())
    if snapshot.has("bids", "bidder"):
        frame = frame.merge(_bid_figures(snapshot), on="lot_entity", how="left")
    for name in ("bidders", "rejected", "told", "marks", "priced"):
        frame[name] = frame[name].fillna(0).astype(np.int64) if name in frame else 0
    for name in ("marked_one", "low", "total", "low_winner", "low_out"):
        if name not in frame:
            frame[name] = None if name == "marked_one" else np.nan
    frame["winner"] = frame["marked_one"].where(frame["marks"] == 1, None)
    frame["winner"] = frame["winner"].where(frame["marks"] > 0, frame["winner_entity"])
    frame["low_won"] = frame["low_winner"] == frame["low"]
    frame["low_out"] = frame["low_out"] == frame["low"]
    frame["valid"] = frame["bidders"] - frame["rejected"]
    above = (frame["priced"] - 1).clip(lower=1)
    frame["others_low"] = ((frame["total"] - frame["low"]) / above).where(frame["priced"] > 1)
    frame["year"] = pd.to_datetime(frame["day"]).dt.year.fillna(-1).astype(np.int64)
    money = frame["ceiling"].where(frame["ceiling"] > 0, frame["award"])
    frame["size"] = np.floor(2 * np.log10(money.where(money > 0))).fillna(-1).astype(np.int64)
    return frame.drop(columns=["marked_one", "total", "rejected", "low_winner", "marks"])


def _one_a_lot(tenders: pd.DataFrame) -> pd.DataFrame:
    """Of several rows of a lot keep the latest; of those alike in date the first by content."""
    twice = tenders["lot_entity"].duplicated(keep=False)
    if twice.any():
        columns = [c for c in tenders.columns if c != "day"]
        several = tenders[twice].sort_values(columns, key=lambda c: c.astype(str), kind="stable")
        several = several.sort_values("day", ascending=False, na_position="last", kind="stable")
        tenders = pd.concat([tenders[~twice], several.drop_duplicates("lot_entity")])
    return tenders.sort_values("lot_entity", ignore_index=True)


def _bid_figures(snapshot: Any) -> pd.DataFrame:
    """Per lot what its bids say; a lot none of whose bids is marked takes the tender's winner."""
    said = snapshot.table("tenders").filter(lambda t: t.winner_entity.notnull())
    said = said.group_by(said_lot=said.lot_entity).agg(said_winner=said.winner_entity.max())
    bids = bids_of(snapshot)
    bids = bids.left_join(said, bids.lot_entity == said.said_lot)
    marked = bids.marked.fill_null(0) > 0
    figures = bids.group_by("lot_entity").agg(
        bidders=bids.count(),
        rejected=bids.out.sum(),
        told=bids.out.count(),
        marks=marked.cast("int8").sum(),
        marked_one=bids.bidder_entity.max(where=marked),
        priced=bids.price.count(),
        low=bids.price.min(),
        total=bids.price.sum(),
        low_marked=bids.price.min(where=marked),
        low_said=bids.price.min(where=bids.bidder_entity == bids.said_winner),
        low_out=bids.price.min(where=bids.out > 0),
    )
    low_winner = ibis.ifelse(figures.marks > 0, figures.low_marked, figures.low_said)
    frame: pd.DataFrame = (
        figures.mutate(low_winner=low_winner).drop("low_marked", "low_said").to_pandas()
    )
    return frame


def says(values: Any, words: Sequence[str]) -> Bools:
    """Tell of each text whether it holds one of the words; null holds none."""
    pattern = "|".join(re.escape(w) for w in words)
    found = pc.match_substring_regex(
        pa.array(values, type=pa.string(), from_pandas=True), pattern, ignore_case=True
    )
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def competitive(lots: pd.DataFrame) -> Bools:
    """Tell of each lot whether its way of buying is one in which bidders compete.

    A way that isn't told counts as one; framework orders don't.
    """
    return ~says(lots["method"], (*SOLE_WORDS, *FRAMEWORK_WORDS)) & ~says(
        lots["title"], FRAMEWORK_WORDS
    )


def retendered(lots: pd.DataFrame) -> Bools:
    """Tell of each lot whether it was put out again after a failed tender."""
    return np.asarray(lots["retender"].fillna(False).astype(bool)) | says(
        lots["title"], RETENDER_WORDS
    )


def code(frame: pd.DataFrame, columns: Iterable[str]) -> Ints:
    """Number the combinations of columns; an unknown value is a value of its own."""
    number = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        part, distinct = pd.factorize(frame[column], sort=True)
        number = np.unique(number * (len(distinct) + 1) + part + 1, return_inverse=True)[1]
    return number.astype(np.int64)
