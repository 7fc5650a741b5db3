"""Public works of Tsuchiura, Japan, 2007 to 2015: what is flagged where nobody knows the truth.

6,013 bids in 1,565 auctions; from a day on, some auctions had a minimum price, which presses bids
together for honest reasons. There is no finding of collusion in the data (its column ``is_cartel`` is
a cut-off of participation), so the only question is how much each way flags, with and without the
minimum price. ``python -m benchmarks.tsuchiura [FOLDER]`` prints the table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.bid_rigging._prices import Prices
from detectors.bid_rigging._spread import Limits, find_spread
from detectors.bid_rigging.variance_screens import Settings
from graph.cobidding import Market, find_groups
from graph.screens import lot_screens

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "japan_tsuchiura"
_WORKS = ("water", "road", "pipe", "sewer")
REGIMES = (("without a minimum price", False), ("with a minimum price", True))


def read(folder: Path = FOLDER) -> pd.DataFrame:
    """Read the bids with a price, a bidder once an auction, auctions with two bids or more."""
    frame = pd.read_csv(folder / "tsuchiura_data.csv", low_memory=False)
    frame = frame[frame["bid"] > 0].drop_duplicates(["pid", "bidder"])
    return frame[frame.groupby("pid")["bidder"].transform("size") >= 2]


def prices_of(frame: pd.DataFrame) -> Prices:
    """The bids as the detectors see them: category by kind of work, floor where there is one."""
    bidder, bidders = pd.factorize(frame["bidder"], sort=True)
    lot, lots = pd.factorize(frame["pid"], sort=True)
    first = frame.groupby(lot).first()
    category = np.zeros(len(lots), dtype=np.int64)
    for n, word in enumerate(_WORKS):
        category += (first[word] > 0).to_numpy(np.int64) << n
    floor = first["minprice"].where(first["minpriceauction"] > 0).to_numpy(np.float64)
    return Prices(
        bidder.astype(np.int64),
        lot.astype(np.int64),
        lot.astype(np.int64),
        frame["bid"].to_numpy(np.float64),
        np.arange(len(frame)),
        category * 2 + np.isfinite(floor),
        first["reserveprice"].to_numpy(np.float64),
        floor,
        np.bincount(lot).astype(np.int64),
        np.full(len(lots), "", dtype=object),
        tuple(bidders),
        tuple(map(str, lots)),
        frozenset({"category", "ceiling_price", "floor_price"}),
    )


def groups(frame: pd.DataFrame) -> tuple[int, int]:
    """Groups that reach the test (five joint auctions), and those at q ≤ 0.05."""
    bidder, _ = pd.factorize(frame["bidder"], sort=True)
    lot, _ = pd.factorize(frame["pid"], sort=True)
    year = frame.groupby(lot)["year"].first().to_numpy()
    stratum = np.unique(year, return_inverse=True)[1].astype(np.int64)
    found = find_groups(Market(bidder.astype(np.int64), lot.astype(np.int64), (stratum,)))
    tested = [g for g in found.groups if g.joint >= 5]
    return len(tested), sum(g.q <= 0.05 for g in tested)


def rows(folder: Path = FOLDER) -> Iterator[str]:
    """One row a regime: the naive thresholds, then the project's tests."""
    settings = Settings()
    limits = Limits(**{name: getattr(settings, name) for name in Limits.__dataclass_fields__})
    bids = read(folder)
    for name, regime in REGIMES:
        frame = bids[(bids["minpriceauction"] > 0) == regime]
        prices = prices_of(frame)
        screens = lot_screens(prices.lot, prices.amount, prices.ceiling, prices.floor)
        spread = find_spread(prices, np.zeros(len(prices.lots), dtype=bool), limits)
        stood = [s for s in spread.stood if s.q <= 0.05]
        tested, called = groups(frame)
        yield (
            f"| {name} | {len(prices.lots):,} | {_share(screens.cv < 0.06, screens.cv)} | "
            f"{_share(screens.rd > 1, screens.rd)} | {len(stood)} of {spread.tested:,} | "
            f"{called} of {tested} |"
        )


def _share(flagged: NDArray[np.bool_], value: NDArray[np.float64]) -> str:
    known = ~np.isnan(value)
    return f"{(flagged & known).sum() / known.sum():.1%}"


def page() -> list[str]:
    """Lines of the benchmarks page; a reason where the data are absent."""
    head = ["## Tsuchiura: what is flagged where nobody knows the truth", ""]
    if not FOLDER.is_dir():
        return [*head, "Not measured: the public development data are not here.", ""]
    return [
        *head,
        "Auctions of 2007 to 2015. A minimum price presses bids together for honest reasons. Auctions "
        "flagged by two published thresholds; pairs and triples with unusual spread among peers "
        "(`variance_screens`) and groups that keep meeting (`cobidding_group`), both at q ≤ 0.05. "
        "There is no truth here: less is not better by itself.",
        "",
        "| auctions | number | CV < 0.06 | RD > 1 | spread, of combinations tested | groups, of those tested |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows(),
        "",
    ]


if __name__ == "__main__":
    print(*rows(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER), sep="\n")
