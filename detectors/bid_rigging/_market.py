"""Who bid where and who won, as arrays, and the groups of bidders: read once for all detectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from detectors.detector import setting
from graph.cobidding import Floats, Groups, Ints, Market, Search, find_groups, stratify

Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class GroupSettings:
    """What decides which groups of bidders are found; set with ``cobidding_group``."""

    most_size: int = setting(
        12, unit="家", reason="更大的团体多为整个行业，不再像一个团伙", least=3, most=30
    )
    least_stratum: int = setting(
        2,
        unit="个项目",
        reason="同类别、同区域、同年份的项目少于此数时并入较粗的分组；"
        "分组越细越不会把本地小市场当成团体（模拟：放宽到5个时，只做本地本行的企业会被误报）",
        source="模拟市场检验",
        least=2,
    )
    most_bidders: int = setting(
        100, unit="家", reason="投标人过多的项目说明不了谁与谁同行", least=10
    )
    framework_words: tuple[str, ...] = setting(
        ("框架", "入围", "定点", "Framework"),
        unit="无",
        reason="入围名单内的竞争，参加者本就固定：方式含这些字样的项目单独比较",
    )
    seed: int = setting(20240601, unit="无", reason="随机重排的种子，固定后结果可重现", least=0)

    def of_groups(self) -> GroupSettings:
        """Return these settings alone, without what a detector adds to them."""
        return GroupSettings(**{f.name: getattr(self, f.name) for f in fields(GroupSettings)})


@dataclass(frozen=True)
class Bids:
    """All bids of a snapshot, one entry a (lot, bidder), sorted by lot and bidder.

    Numbers are positions in ``bidders``, ``lots`` and ``tenders``, which are sorted by entity (and
    tender number), so that the order of rows in the files changes nothing.

    Parameters
    ----------
    bidder, lot : (n_bids,) int64
    amount, rank : (n_bids,) float64
        Yuan and place; NaN where unknown.
    won, disqualified : (n_bids,) bool
        The winner is the bid so marked, else the tender's winner where that firm bid.
    first_day : (n_bids,) datetime64[D]
        Day on which the bid came in; NaT where unknown.
    tender : (n_lots,) int64
        Tender of a lot; a tender may have several lots.
    category, area, method : (n_lots,) object
        None where unknown; the area is the township, or the purchaser where no tender has one.
    day : (n_lots,) datetime64[D]
        Opening, else deadline, publication or first bid; NaT where none is known.
    ceiling, award : (n_lots,) float64
        Yuan; NaN where unknown.
    area_is_township, has_tenders : bool
    """

    bidders: tuple[str, ...]
    lots: tuple[str, ...]
    tenders: tuple[str, ...]
    bidder: Ints
    lot: Ints
    amount: Floats
    rank: Floats
    won: Bools
    disqualified: Bools
    first_day: Days
    tender: Ints
    category: NDArray[np.object_]
    area: NDArray[np.object_]
    method: NDArray[np.object_]
    day: Days
    ceiling: Floats
    award: Floats
    area_is_township: bool
    has_tenders: bool

    @property
    def winner(self) -> Ints:
        """Winner of each lot, -1 where none is known."""
        winner = np.full(len(self.lots), -1, dtype=np.int64)
        # Of two winners of one lot (a consortium) the first by number stands for both.
        winner[self.lot[self.won][::-1]] = self.bidder[self.won][::-1]
        return winner


@dataclass(frozen=True)
class View:
    """The market in which groups are looked for: tenders with at least two bidders.

    ``columns``: which of category, area and year are known. ``tenders`` and ``bidders`` are what
    the numbers in ``market`` stand for.
    """

    market: Market
    bidders: tuple[str, ...]
    tenders: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    methods: bool


def bids_of(snapshot: Any) -> Bids:
    """Read all bids and what is known of their lots; once a snapshot.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
        With the table ``bids``.
    """
    bids: Bids = snapshot.remember("bids of the market", lambda: _read(snapshot))
    return bids


def view_of(snapshot: Any, settings: GroupSettings) -> View:
    """Return the market that groups are looked for in; once a snapshot and settings."""
    chosen = settings.of_groups()
    view: View = snapshot.remember(
        ("market view", chosen), lambda: _view(snapshot, bids_of(snapshot), chosen)
    )
    return view


def groups_of(snapshot: Any, settings: GroupSettings) -> Groups:
    """Find the groups of bidders; once a snapshot and settings.

    Members are positions in ``view_of(snapshot, settings).bidders``, which are those of
    ``bids_of(snapshot).bidders``.
    """
    chosen = settings.of_groups()
    search = Search(most_size=chosen.most_size, seed=chosen.seed)
    groups: Groups = snapshot.remember(
        ("groups of bidders", chosen),
        lambda: find_groups(view_of(snapshot, chosen).market, search),
    )
    return groups


# -- reading ---------------------------------------------------------------------------------------


def _read(snapshot: Any) -> Bids:
    table = snapshot.table("bids")
    table = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    rows = table.group_by("lot_entity", "bidder_entity").agg(
        tender_no=table.tender_no.min(),
        amount=table.amount.min().cast("float64"),
        rank=table["rank"].min().cast("float64"),
        won=table.is_winner.any().fill_null(False),
        # A firm is out when all that it handed in was turned down.
        out=table.disqualified.fill_null(False).all(),
        day=table.submit_time.min().cast("timestamp"),
    )
    found = rows.to_pyarrow()
    lot, lots = _numbered(found["lot_entity"])
    bidder, bidders = _numbered(found["bidder_entity"])
    order = np.lexsort((bidder, lot))
    lot, bidder = lot[order], bidder[order]
    number, tenders = _numbered(found["tender_no"])
    tender = np.zeros(len(lots), dtype=np.int64)
    tender[lot] = number[order]
    first_day = _days(found["day"].to_pandas())[order]
    described, area_is_township = _lots(snapshot, lots, tenders, tender)
    opened = pd.Series(_days(described["when"]))
    earliest = pd.Series(first_day).groupby(lot).min().reindex(range(len(lots)))
    won = _marked(found["won"])[order]
    won |= _by_tender(won, lot, bidder, bidders, described["winner"])
    return Bids(
        bidders=tuple(bidders),
        lots=tuple(lots),
        tenders=tuple(tenders),
        bidder=bidder,
        lot=lot,
        amount=_floats(found["amount"])[order],
        rank=_floats(found["rank"])[order],
        won=won,
        disqualified=_marked(found["out"])[order],
        first_day=first_day,
        tender=tender,
        category=_objects(described["category"]),
        area=_objects(described["area"]),
        method=_objects(described["method"]),
        day=_days(opened.fillna(earliest)),
        ceiling=described["ceiling"].to_numpy(np.float64),
        award=described["award"].to_numpy(np.float64),
        area_is_township=area_is_township,
        has_tenders=bool(snapshot.has("tenders")),
    )


_DESCRIBED = ("category", "area", "method", "when", "ceiling", "award", "winner")


def _lots(
    snapshot: Any, lots: Sequence[str], tenders: Sequence[str], tender: Ints
) -> tuple[pd.DataFrame, bool]:
    """Describe each lot by its own row, and where that is silent by its tender's rows."""
    if not snapshot.has("tenders"):
        empty = pd.DataFrame(index=range(len(lots)), columns=list(_DESCRIBED), dtype=object)
        return empty.astype({"ceiling": "float64", "award": "float64"}), False
    table = snapshot.table("tenders")
    table = table.filter(table.lot_entity.notnull())
    area_is_township = bool(snapshot.has("tenders", "township"))
    # One type for dates and date-times; what matters is the day.
    when = table.open_date.cast("timestamp")
    when = when.coalesce(table.deadline.cast("timestamp"), table.publish_date.cast("timestamp"))
    chosen = table.mutate(
        area=table["township" if area_is_township else "purchaser_entity"],
        when=when,
        ceiling=table.ceiling_price.cast("float64"),
        award=table.award_amount.cast("float64"),
        winner=table.winner_entity,
    )
    own = chosen.group_by("lot_entity").agg(**{c: chosen[c].min() for c in _DESCRIBED})
    described = own.to_pandas().set_index("lot_entity").reindex(lots).reset_index(drop=True)
    shared = ("category", "area", "method", "when")
    whole = chosen.group_by("tender_no").agg(**{c: chosen[c].min() for c in shared})
    of_tender = whole.to_pandas().set_index("tender_no").reindex(tenders).reset_index(drop=True)
    for column in shared:
        by_tender = of_tender[column].iloc[tender].reset_index(drop=True)
        described[column] = described[column].where(described[column].notna(), by_tender)
    return described, area_is_township


def _by_tender(
    won: Bools, lot: Ints, bidder: Ints, bidders: Sequence[str], winner: pd.Series[Any]
) -> Bools:
    """Mark the winner that the tender names, where no bid of the lot is marked."""
    number = {entity: n for n, entity in enumerate(bidders)}
    # A copy: what pandas hands out may be read-only.
    named = np.array(winner.map(number).fillna(-1), dtype=np.int64)
    named[lot[won]] = -1
    return np.asarray(bidder == named[lot])


def _numbered(column: Any) -> tuple[Ints, list[str]]:
    """Number the distinct values of a string column in sorted order."""
    encoded = pa.chunked_array(column).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda i: str(values[i]))
    place = np.empty(len(values), dtype=np.int64)
    place[order] = np.arange(len(values))
    return place[encoded.indices.to_numpy(zero_copy_only=False)], [values[i] for i in order]


def _floats(column: Any) -> Floats:
    return np.asarray(column.to_pandas().to_numpy(np.float64, na_value=np.nan))


def _marked(column: Any) -> Bools:
    return np.array(column.to_pandas().fillna(False).to_numpy(bool))


def _days(column: pd.Series[Any]) -> Days:
    return np.asarray(pd.to_datetime(column).to_numpy("datetime64[D]"))


def _objects(column: pd.Series[Any]) -> NDArray[np.object_]:
    values = column.astype(object)
    return np.asarray(values.where(values.notna(), None).to_numpy(object))


# -- the market of groups --------------------------------------------------------------------------


def _view(snapshot: Any, bids: Bids, settings: GroupSettings) -> View:
    """Say who attended which tender, each once, and which tenders are comparable."""
    notes = []
    if bids.has_tenders and not bids.area_is_township:
        notes.append("招标项目没有乡镇，以采购人代替区域")
    key = np.unique(bids.tender[bids.lot] * len(bids.bidders) + bids.bidder)
    tender, bidder = key // max(len(bids.bidders), 1), key % max(len(bids.bidders), 1)
    size = np.bincount(tender, minlength=len(bids.tenders))
    if crowded := int((size > settings.most_bidders).sum()):
        notes.append(f"投标人超过{settings.most_bidders}家的{crowded}个项目未列入比较")
    kept = (size >= 2) & (size <= settings.most_bidders)
    bidder = bidder[kept[tender]]
    place = np.cumsum(kept) - 1
    tender = place[tender[kept[tender]]]
    numbers = tuple(n for n, keep in zip(bids.tenders, kept, strict=True) if keep)
    frame = described(bids, settings.framework_words).iloc[np.flatnonzero(kept)]
    known = tuple(c for c in ("category", "area", "year") if frame[c].notna().any())
    strata = tuple(
        stratify(
            # Those admitted to a framework are compared among themselves at every level.
            [_code(frame, ("form", *c)) for c in (("category", "area", "year"), *coarser)],
            settings.least_stratum,
        )
        for coarser in (
            (("category", "area"), ("category", "year"), ("category",)),
            (("category", "area"), ("area", "year"), ("area",)),
        )
    )
    names = {"category": "项目类别", "area": "乡镇或采购人", "year": "年份"}
    if missing := [names[c] for c in names if c not in known]:
        notes.append(f"没有{'、'.join(missing)}，可比分组较粗，小市场里企业少的情形难以完全排除")
    return View(
        Market(bidder, tender, strata),
        bids.bidders,
        numbers,
        tuple(notes),
        known,
        bool(snapshot.has("tenders", "method")),
    )


def described(bids: Bids, framework_words: Sequence[str] = ()) -> pd.DataFrame:
    """Return category, area, year and form (framework or not) of each tender.

    Parameters
    ----------
    bids : Bids
    framework_words : sequence of str
        A method that holds one of them is a framework's.

    Returns
    -------
    data frame of n_tenders rows
        Null where nothing is known.
    """
    lots = pd.DataFrame(
        {
            "category": bids.category,
            "area": bids.area,
            "day": bids.day.astype("datetime64[s]"),
            "form": has_word(bids.method, framework_words),
        }
    )
    groups = lots.groupby(bids.tender)
    frame = groups[["category", "area"]].first().reindex(range(len(bids.tenders)))
    frame["year"] = groups["day"].min().dt.year
    frame["form"] = groups["form"].any()
    return frame


def has_word(values: NDArray[np.object_], words: Sequence[str]) -> Bools:
    """Tell which texts hold one of the words, in any case; None holds none.

    Examples
    --------
    >>> has_word(np.array(["框架协议采购", None], dtype=object), ("框架",)).tolist()
    [True, False]
    """
    code, distinct = pd.factorize(values)
    lowered = [str(text).lower() for text in distinct]
    found = [any(word.lower() in text for word in words) for text in lowered]
    # An absent value is coded -1: the last entry.
    return np.asarray([*found, False], dtype=bool)[code]


def _code(frame: pd.DataFrame, columns: Sequence[str]) -> Ints:
    """Number the combinations of columns; an unknown value is a value of its own."""
    number = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        code, distinct = pd.factorize(frame[column], sort=True)
        # An absent value is coded -1.
        number = number * (len(distinct) + 1) + code + 1
    return np.unique(number, return_inverse=True)[1].astype(np.int64)
