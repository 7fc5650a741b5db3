"""The market that bid-rigging detectors share: read once, whatever the order and shape of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from detectors.bid_rigging import _market
from detectors.bid_rigging._market import (
    Bids,
    GroupSettings,
    bids_of,
    described,
    groups_of,
    has_word,
    view_of,
)
from detectors.bid_rigging.cobidding_group import Settings
from detectors.detector import borrowed
from detectors.runner import lend
from graph.cobidding import Groups
from graph.snapshot import Snapshot
from tests.helpers import snapshot_from_tables

TABLES = {
    "bids": """
        项目编号,标段,投标人,投标报价,是否中标,是否废标,上传时间
        X1,1,甲公司,100,否,是,2022-03-01 08:00
        X1,1,甲公司,90,否,否,2022-03-02 08:00
        X1,1,乙公司,95,是,否,2022-03-02 09:00
        X1,2,乙公司,80,,,2022-03-02 09:00
        X1,2,丙公司,81,,,2022-03-02 09:00
        X2,,甲公司,50,,,2023-03-02 09:00
    """,
    "tenders": """
        项目编号,标段,招标人,招标方式,项目类别,乡镇,最高限价,开标日期,中标人
        X1,1,县水利局,公开招标,水利工程,河东镇,110,2022-03-05,丙公司
        X1,2,县水利局,框架协议采购,水利工程,,120,,丙公司
    """,
}


@pytest.fixture
def snapshot() -> Iterator[Snapshot]:
    with snapshot_from_tables(TABLES) as made:
        yield made


def told(snapshot: Snapshot, bids: Bids) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Name of bidder and tender → what is known of the bid."""
    names = snapshot.names([*bids.bidders, *bids.lots])
    return {
        (names[bids.lots[t]], names[bids.bidders[b]]): (
            float(bids.amount[i]),
            bool(bids.won[i]),
            bool(bids.disqualified[i]),
        )
        for i, (t, b) in enumerate(zip(bids.lot, bids.bidder, strict=True))
    }


def test_a_bidder_counts_once_a_lot_and_the_tender_names_the_winner_where_bids_do_not(
    snapshot: Snapshot,
) -> None:
    bids = bids_of(snapshot)
    seen = {(lot[-4:], name): what for (lot, name), what in told(snapshot, bids).items()}
    assert len(seen) == 5
    by_name = sorted((name, *what) for (_, name), what in seen.items())
    assert by_name == [
        ("丙公司", 81.0, True, False),
        ("乙公司", 80.0, False, False),
        # The bid that is marked as the winner stands against the tender's own column.
        ("乙公司", 95.0, True, False),
        ("甲公司", 50.0, False, False),
        ("甲公司", 90.0, False, False),
    ]
    assert sorted(w >= 0 for w in bids.winner) == [False, True, True]


def test_a_lot_takes_from_its_tender_what_its_own_row_leaves_out(snapshot: Snapshot) -> None:
    bids = bids_of(snapshot)
    x1 = bids.tenders.index("X1")
    lots = np.flatnonzero(bids.tender == x1)
    assert set(bids.area[lots]) == {"河东镇"}
    assert set(bids.category[lots]) == {"水利工程"}
    assert set(bids.day[lots].astype(str)) == {"2022-03-05"}
    assert sorted(bids.ceiling[lots]) == [110, 120]
    other = np.flatnonzero(bids.tender != x1)
    assert bids.day[other].astype(str).tolist() == ["2023-03-02"]
    assert bids.category[other].tolist() == [None]
    frame = described(bids, ("框架",))
    assert frame["form"].tolist() == [True, False]
    assert frame["year"].tolist() == [2022, 2023]


def test_tenders_of_one_bidder_are_no_market(snapshot: Snapshot) -> None:
    view = view_of(snapshot, Settings())
    assert view.tenders == ("X1",)
    assert len(view.market.bidder) == 3
    assert {"category", "area", "year"} == set(view.columns)


def test_groups_are_found_once_a_snapshot_and_settings(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def count(market: Any, search: Any) -> Groups:
        asked.append(search.most_size)
        return Groups((), 0, 0)

    monkeypatch.setattr(_market, "find_groups", count)
    # What cobidding_group adds to the settings of groups makes no other groups.
    first = groups_of(snapshot, Settings(least_joint=9))
    assert groups_of(snapshot, GroupSettings()) is first
    groups_of(snapshot, GroupSettings(most_size=5))
    assert asked == [12, 5]
    with snapshot_from_tables(TABLES) as other:
        groups_of(other, GroupSettings())
    assert asked == [12, 5, 12]


def test_borrowed_settings_are_those_of_the_run() -> None:
    @dataclass(frozen=True)
    class Own:
        groups: GroupSettings = borrowed("cobidding_group", GroupSettings)

    known = {"cobidding_group": Settings(most_size=7)}
    assert lend(Own(), known).groups.most_size == 7
    assert lend(Own(), {}).groups.most_size == 12


def test_words_are_found_in_any_case() -> None:
    values = np.array(["FRAMEWORK agreement", "公开招标", None], dtype=object)
    assert has_word(values, ("framework",)).tolist() == [True, False, False]
    assert not has_word(values, ()).any()
