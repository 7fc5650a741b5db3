"""Lots of public buyers with who came, who won and at what price: what comparisons rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
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
        ``lot_entity``, ``bidder_entity``, ``price`` (lowest, float, null where none above zero),
        ``won``, ``out`` (disqualified; null where not told). A lot whose bids name no winner takes
        the tender's.
    """
    bids = snapshot.table("bids")
    bids = bids.filter(bids.lot_entity.notnull() & bids.bidder_entity.notnull())
    price = ibis.ifelse(bids.amount > 0, bids.amount.cast("float64"), ibis.null("float64"))
    once = bids.group_by("lot_entity", "bidder_entity").agg(
        price=price.min(),
        marked=bids.is_winner.cast("int8").max(),
        # Whoever handed in two bids is out when both are.
        out=bids.disqualified.cast("int8").min(),
    )
    said = tenders_of(snapshot).filter(lambda t: t.winner_entity.notnull())
    said = said.select(said_lot=said.lot_entity, said_winner=said.winner_entity)
    joined = once.left_join(said, once.lot_entity == said.said_lot)
    window = ibis.window(group_by="lot_entity")
    joined = joined.mutate(any_marked=joined.marked.max().over(window).fill_null(0))
    won = ibis.ifelse(
        joined.any_marked > 0,
        joined.marked.fill_null(0) > 0,
        (joined.bidder_entity == joined.said_winner).fill_null(False),
    )
    return joined.select("lot_entity", "bidder_entity", "price", "out", won=won.cast("int8"))


def tenders_of(snapshot: Any) -> Any:
    """One row a lot out of the tender table, as an expression; of several the latest, by content.

    Returns
    -------
    ibis table
        Canonical columns that comparisons need, and ``day`` (opening, deadline or publication).
    """
    t = snapshot.table("tenders")
    t = t.filter(t.lot_entity.notnull() & t.purchaser_entity.notnull())
    day = t.open_date.cast("timestamp").coalesce(
        t.deadline.cast("timestamp"), t.publish_date.cast("timestamp")
    )
    t = t.select(
        "lot_entity", "purchaser_entity", "winner_entity", "title", "method", "category",
        "township", "retender",
        ceiling=t.ceiling_price.cast("float64"), floor=t.floor_price.cast("float64"),
        award=t.award_amount.cast("float64"), day=day,
    )  # fmt: skip
    order = [t.day.desc(nulls_first=False), *(t[c] for c in t.columns if c != "day")]
    window = ibis.window(group_by="lot_entity", order_by=order)
    return (
        t.mutate(place=ibis.row_number().over(window)).filter(lambda x: x.place == 0).drop("place")
    )


def lots_of(snapshot: Any) -> pd.DataFrame:
    """Read the lots that have a purchaser, with what their bids say, ordered by content.

    Returns
    -------
    DataFrame
        The columns of :func:`tenders_of`, and

        - ``bidders``, ``valid`` (not known to be disqualified), ``told`` (bidders of whom it is
          said whether they were), 0 without bids;
        - ``winners`` (how many), ``winner`` (None unless exactly one);
        - ``low``, ``low_won``, ``low_out``: lowest price, and whether one who bid it won or was
          disqualified; ``others_low``: the mean of the prices above it; ``priced``: bids with one;
        - ``year``, ``size``: half decades of ceiling or award, both -1 where unknown.
    """
    lots = tenders_of(snapshot)
    if snapshot.has("bids", "bidder"):
        bids = bids_of(snapshot)
        lowest = bids.price.min().over(ibis.window(group_by="lot_entity"))
        bids = bids.mutate(is_low=(bids.price == lowest).fill_null(False))
        per_lot = bids.group_by("lot_entity").agg(
            bidders=bids.count(),
            rejected=bids.out.sum().fill_null(0),
            told=bids.out.count(),
            winners=bids.won.sum(),
            only=bids.bidder_entity.max(where=bids.won > 0),
            priced=bids.price.count(),
            low=bids.price.min(),
            total=bids.price.sum(),
            low_won=bids.won.max(where=bids.is_low).fill_null(0),
            low_out=bids.out.max(where=bids.is_low).fill_null(0),
        )
        lots = lots.left_join(per_lot, "lot_entity").drop("lot_entity_right")
    frame = lots.order_by("lot_entity").to_pandas()
    for name in ("bidders", "rejected", "told", "winners", "priced", "low_won", "low_out"):
        frame[name] = frame[name].fillna(0).astype(np.int64) if name in frame else 0
    for name in ("only", "low", "total"):
        if name not in frame:
            frame[name] = None if name == "only" else np.nan
    frame["winner"] = frame["only"].where(frame["winners"] == 1, None)
    told = (frame["winners"] == 0) & frame["winner_entity"].notna()
    frame["winner"] = frame["winner"].where(~told, frame["winner_entity"])
    frame["valid"] = frame["bidders"] - frame["rejected"]
    above = (frame["priced"] - 1).clip(lower=1)
    frame["others_low"] = ((frame["total"] - frame["low"]) / above).where(frame["priced"] > 1)
    frame["year"] = pd.to_datetime(frame["day"]).dt.year.fillna(-1).astype(np.int64)
    money = frame["ceiling"].where(frame["ceiling"] > 0, frame["award"])
    known = money.where(money > 0)
    frame["size"] = np.floor(2 * np.log10(known)).fillna(-1).astype(np.int64)
    return frame.drop(columns=["only", "total", "rejected"])


def says(values: Any, words: Sequence[str]) -> Bools:
    """Tell of each text whether it holds one of the words; null holds none."""
    texts = values.fillna("").astype(str)
    distinct = pd.unique(texts)
    held = {t: any(w in t.lower() for w in words) for t in distinct}
    return np.asarray(texts.map(held), dtype=bool)


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
