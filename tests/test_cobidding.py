"""Groups of bidders: honest markets stay quiet, a planted ring is found with its members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from detectors.bid_rigging import cobidding_group as detector
from graph.bid_market import View
from graph.bid_shuffle import Shuffle
from graph.cobidding import (
    Market,
    Search,
    false_discovery,
    find_groups,
    stratify,
    tail_p,
)

QUICK = Search(draws=(12, 25))
RING = (0, 1, 2, 3)
LEAST = detector.Settings().least_stratum


@dataclass(frozen=True)
class County:
    """A made-up market: who bid where, and what each tender is."""

    bids: list[tuple[int, int]]
    category: np.ndarray
    area: np.ndarray
    year: np.ndarray

    def market(self) -> Market:
        """The market with tenders comparable as the detector sees them."""
        bidder, tender = np.array(sorted(self.bids), dtype=np.int64).T

        def code(*columns: np.ndarray) -> np.ndarray:
            rows = np.stack(columns, axis=1)
            return np.unique(rows, axis=0, return_inverse=True)[1].ravel().astype(np.int64)

        c, a, y = self.category, self.area, self.year
        by_category = stratify([code(c, a, y), code(c, a), code(c, y), code(c)], LEAST)
        by_area = stratify([code(c, a, y), code(c, a), code(a, y), code(a)], LEAST)
        return Market(bidder, tender, (by_category, by_area))


def county(
    seed: int, ring_tenders: int = 0, tenders: int = 150, firms: int = 300, pull: float = 5.0
) -> County:
    """Firms of uneven activity that prefer their own trade and township by ``pull``.

    With ``ring_tenders`` the first four firms attend that many tenders together.
    """
    rng = np.random.default_rng(seed)
    category, area, year = (rng.integers(n, size=tenders) for n in (4, 8, 2))
    trade, home = rng.integers(4, size=firms), rng.integers(8, size=firms)
    active = rng.lognormal(0, 0.8, size=firms)
    ringed = set(rng.choice(tenders, ring_tenders, replace=False).tolist())
    bids: list[tuple[int, int]] = []
    for t in range(tenders):
        likes = (
            active * np.where(trade == category[t], pull, 1) * np.where(home == area[t], pull, 1)
        )
        size = int(rng.integers(3, 7))
        if t in ringed:
            bids += [(m, t) for m in RING]
            size -= len(RING)
            likes[list(RING)] = 0
        if size > 0:
            drawn = rng.choice(firms, size, replace=False, p=likes / likes.sum())
            bids += [(int(f), t) for f in drawn]
    return County(bids, category, area, year)


# -- the statistics --------------------------------------------------------------------------------


def test_honest_markets_are_left_alone() -> None:
    flagged = 0
    for seed in range(20):
        pull = (2.0, 5.0, 30.0, 100.0)[seed % 4]
        groups = find_groups(county(seed, pull=pull).market(), QUICK).groups
        # Without the detector's least effect, which would spare a few more.
        flagged += any(g.q <= 0.05 and g.joint >= 5 for g in groups)
    assert flagged <= 1


@pytest.mark.parametrize("seed", range(6))
def test_planted_ring_is_found_with_exactly_its_members(seed: int) -> None:
    groups = find_groups(county(seed, ring_tenders=25).market(), QUICK).groups
    called = [g for g in groups if g.q <= 0.05 and g.joint >= 5]
    assert [g.members for g in called] == [RING]
    ring = called[0]
    assert ring.q <= 0.001
    assert ring.effect >= (detector.SPEC.orange_effect or 0)
    # Some of them may meet again by chance.
    assert 150 <= ring.meetings <= 156
    assert ring.coherence > 0.95


def test_small_market_where_the_same_firms_always_meet_is_explained_by_its_stratum() -> None:
    base = county(3, tenders=120)
    # Township 9 has one trade, twelve tenders a year, and five firms that attend them all.
    bids = [*base.bids, *((300 + f, 120 + t) for f in range(5) for t in range(24))]
    more = County(
        bids,
        np.append(base.category, np.repeat(1, 24)),
        np.append(base.area, np.repeat(9, 24)),
        np.append(base.year, np.arange(24) % 2),
    )
    assert not [g for g in find_groups(more.market(), QUICK).groups if g.q <= 0.05 and g.joint >= 5]
    # The same meetings spread over the county are no small market.
    rng = np.random.default_rng(0)
    spread = County(
        bids,
        np.append(base.category, rng.integers(4, size=24)),
        np.append(base.area, rng.integers(8, size=24)),
        more.year,
    )
    called = [g for g in find_groups(spread.market(), QUICK).groups if g.q <= 0.001]
    assert [g.members for g in called] == [(300, 301, 302, 303, 304)]


def test_two_rings_are_two_groups() -> None:
    base = county(5, ring_tenders=20)
    rng = np.random.default_rng(1)
    second = [(310 + f, int(t)) for t in rng.choice(150, 15, replace=False) for f in range(3)]
    bids = [*base.bids, *second]
    groups = find_groups(County(bids, base.category, base.area, base.year).market(), QUICK).groups
    called = {g.members for g in groups if g.q <= 0.05 and g.joint >= 5}
    assert called == {RING, (310, 311, 312)}


def test_a_pair_that_never_meets_leaves_no_coherence() -> None:
    # A bids with B, B with C, but A never with C.
    bids = [(0, t) for t in range(15)] + [(1, t) for t in range(30)]
    bids += [(2, t) for t in range(15, 30)] + [(f, t) for t in range(60) for f in (3 + t % 40,)]
    bids += [(50 + t % 35, t) for t in range(30, 60)]
    zero = np.zeros(60, dtype=np.int64)
    groups = find_groups(County(bids, zero, zero, zero).market(), QUICK).groups
    assert not [g for g in groups if {0, 2} <= set(g.members)]


def test_results_do_not_depend_on_the_order_of_bids() -> None:
    market = county(2, ring_tenders=15).market()
    order = np.lexsort((market.bidder, market.tender))
    again = Market(market.bidder[order], market.tender[order], market.strata)
    first, second = find_groups(market, QUICK), find_groups(again, QUICK)
    assert [g.members for g in first.groups] == [g.members for g in second.groups]
    assert find_groups(market, QUICK) == first


@given(seed=st.integers(0, 10_000), pull=st.sampled_from([1.0, 20.0]))
@examples(max_examples=10, deadline=None)
def test_random_markets_keep_both_degrees_within_strata(seed: int, pull: float) -> None:
    market = county(seed, tenders=40, firms=30, pull=pull).market()
    stratum = market.strata[0]
    shuffle = Shuffle(market, stratum, [seed])
    for _ in range(2):
        tender = shuffle.draw()
        assert len(set(zip(market.bidder.tolist(), tender.tolist(), strict=True))) == len(tender)
        assert (np.bincount(tender) == np.bincount(market.tender)).all()
        before = sorted(zip(market.bidder, stratum[market.tender], strict=True))
        assert sorted(zip(market.bidder, stratum[tender], strict=True)) == before
    assert (tender != market.tender).any()


def test_tail_is_calibrated_and_finer_than_the_number_of_draws() -> None:
    rng = np.random.default_rng(7)
    pool = rng.exponential(2.0, size=400)
    p = tail_p(rng.exponential(2.0, size=4000), pool)
    assert 0.02 < (p <= 0.05).mean() < 0.06
    assert (p <= 0.001).mean() < 0.003
    assert tail_p(np.array([40.0]), pool)[0] < 1e-5
    assert tail_p(np.array([40.0]), pool[:5])[0] == 1


def test_stratify_merges_what_is_too_small() -> None:
    fine, middle = np.array([0, 0, 1, 2, 3, 4]), np.array([0, 0, 1, 1, 2, 3])
    assert stratify([fine, middle, np.zeros(6, dtype=np.int64)], 2).tolist() == [0, 0, 1, 1, 2, 2]


def test_an_empty_market_gives_nothing() -> None:
    none = np.array([], dtype=np.int64)
    assert find_groups(Market(none, none, (none, none))).groups == ()


# -- the detector ----------------------------------------------------------------------------------


class Tables:
    """The part of a snapshot that the detector asks, from data frames."""

    def __init__(self, bids: pd.DataFrame, tenders: pd.DataFrame | None) -> None:
        self.con = ibis.duckdb.connect()
        frames = {"bids": bids} | ({} if tenders is None else {"tenders": tenders})
        firms = sorted(set(bids["bidder_entity"]))
        frames["entities"] = pd.DataFrame(
            {"entity": firms, "name": [f"示例{f[2:]}公司" for f in firms], "detail": ""}
        )
        for name, frame in frames.items():
            self.con.create_table(name, frame)
        self.frames = frames
        self.remembered: dict[Any, Any] = {}
        self.entities = self.con.table("entities")

    def table(self, name: str) -> Any:
        """A table as an Ibis expression."""
        return self.con.table(name)

    def remember(self, key: Any, make: Any) -> Any:
        """What was made for this key."""
        if key not in self.remembered:
            self.remembered[key] = make()
        return self.remembered[key]

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the columns hold anything."""
        frame = self.frames.get(table)
        return frame is not None and all(bool(frame[c].notna().any()) for c in columns)


def snapshot(made: County, *, tenders: bool = True, shuffle: int | None = None) -> Tables:
    """The tables of a county, each tender one lot, the lowest-numbered member winning."""
    bids = pd.DataFrame(
        {
            "tender_no": [f"T{t:03d}" for _, t in made.bids],
            "lot": None,
            "lot_entity": [f"l-{t:03d}" for _, t in made.bids],
            "bidder": [f"示例{f:03d}公司" for f, _ in made.bids],
            "bidder_entity": [f"c-{f:03d}" for f, _ in made.bids],
            "bidder_identity": "certain",
            "bidder_probability": 1.0,
            "amount": [Decimal(100_000 + f) for f, _ in made.bids],
            "submit_time": [datetime(2022 + int(made.year[t]), 5, 1) for _, t in made.bids],
            "rank": np.nan,
            "disqualified": False,
        }
    )
    lowest = bids.groupby("tender_no")["bidder"].transform("min")
    bids["is_winner"] = bids["bidder"] == lowest
    bids["lot"] = bids["lot"].astype("string")
    if shuffle is not None:
        bids = bids.sample(frac=1, random_state=shuffle)
    bids["row_id"] = range(1, len(bids) + 1)
    n = len(made.category)
    frame = pd.DataFrame(
        {
            "row_id": range(1, n + 1),
            "tender_no": [f"T{t:03d}" for t in range(n)],
            "lot": pd.Series([None] * n, dtype="string"),
            "lot_entity": [f"l-{t:03d}" for t in range(n)],
            "title": [f"示例工程{t:03d}" for t in range(n)],
            "category": [f"类别{c}" for c in made.category],
            "township": [f"示例{a}镇" for a in made.area],
            "purchaser_entity": [f"u-{a}" for a in made.area],
            "open_date": [datetime(2022 + int(y), 6, 1) for y in made.year],
            "deadline": [datetime(2022 + int(y), 5, 30) for y in made.year],
            "publish_date": [datetime(2022 + int(y), 4, 30) for y in made.year],
            "method": "公开招标",
            "award_amount": [Decimal("1000000.00")] * n,
            "ceiling_price": [Decimal("1200000.00")] * n,
            "floor_price": [Decimal("900000.00")] * n,
            "winner_entity": pd.Series([None] * n, dtype="string"),
        }
    )
    return Tables(bids, frame if tenders else None)


def run(tables: Tables, **changes: Any) -> Any:
    """Run the detector."""
    return detector.detect(tables, detector.Settings(**changes))


@pytest.fixture(scope="module")
def found() -> Any:
    return run(snapshot(county(0, ring_tenders=25)))


def cites(sentences: Iterable[Any]) -> list[Any]:
    return [c for s in sentences for c in s.cites]


def test_finding_tells_members_tenders_money_and_figures(found: Any) -> None:
    assert len(found.findings) == found.triggered == 1
    ring = found.findings[0]
    assert [s.entity for s in ring.subjects] == [f"c-{m:03d}" for m in RING] == list(ring.anchors)
    assert {s.role for s in ring.subjects} == {"bidder"}
    assert ring.event_key == "共同投标"
    assert "25个项目" in ring.title
    # The ring wins all its tenders but those where an outsider's name sorts lower: none.
    assert ring.amount == Decimal("25000000.00")
    assert ring.period is not None
    assert ring.identity == "certain"
    reason = ring.reasons[0]
    assert (reason.kind, reason.strength) == ("participation", "statistical")
    assert reason.q <= 0.001
    assert reason.effect >= detector.SPEC.orange_effect
    assert all(s.cites and s.text.endswith("。") for s in ring.statement)
    assert len([c for c in ring.statement[0].cites if hasattr(c, "row_id")]) == 48
    values = dict(next(c for c in cites(ring.statement) if hasattr(c, "values")).values)
    assert values["两两同场合计"] >= 150
    assert "示例000公司—示例001公司 25次" in values["共同标段中的两两同场"]
    assert {(e.src, e.dst) for e in ring.path.edges} == {
        (f"c-{a:03d}", f"c-{b:03d}") for a in RING for b in RING if a < b
    }
    assert {b.key for b in ring.benign} == {b.key for b in detector.SPEC.benign}


def test_shuffled_rows_change_nothing(found: Any) -> None:
    again = run(snapshot(county(0, ring_tenders=25), shuffle=3))
    assert again.findings[0].anchors == found.findings[0].anchors
    assert again.findings[0].title == found.findings[0].title
    assert again.findings[0].reasons[0].text == found.findings[0].reasons[0].text
    assert [s.text for s in again.findings[0].statement] == [
        s.text for s in found.findings[0].statement
    ]


def test_without_tenders_the_coarser_comparison_is_said() -> None:
    result = run(snapshot(county(0, ring_tenders=25), tenders=False))
    assert [s.entity for s in result.findings[0].subjects] == [f"c-{m:03d}" for m in RING]
    assert any("项目类别" in note for note in result.notes)
    state = {b.key: b.state for b in result.findings[0].benign}
    assert state["small_market"] == "unknown"


def test_framework_suppliers_are_compared_among_themselves() -> None:
    base = county(3, tenders=120)
    rng = np.random.default_rng(2)
    bids = [*base.bids, *((300 + f, 120 + t) for f in range(4) for t in range(24))]
    made = County(
        bids,
        np.append(base.category, rng.integers(4, size=24)),
        np.append(base.area, rng.integers(8, size=24)),
        np.append(base.year, rng.integers(2, size=24)),
    )
    tables = snapshot(made)
    assert [s.entity for s in run(tables).findings[0].subjects] == [
        f"c-{300 + f}" for f in range(4)
    ]
    tenders = tables.frames["tenders"]
    tenders.loc[tenders["tender_no"] >= "T120", "method"] = "框架协议采购"
    assert run(Tables(tables.frames["bids"], tenders)).findings == ()


def test_too_few_tenders_are_insufficient_data() -> None:
    result = run(snapshot(county(0, tenders=12)))
    assert (result.subjects, result.insufficient, result.findings) == (1, 1, ())
    assert any("12个" in n or "少于" in n for n in result.notes)


def test_lots_of_one_tender_count_once() -> None:
    made = county(4)
    tables = snapshot(made)
    bids = tables.frames["bids"]
    # Three firms meet in forty lots of a single tender: one decision, not forty.
    lots = [f"l-x{n}" for n in range(40)]
    extra = pd.DataFrame(
        [
            {**bids.iloc[0].to_dict(), "tender_no": "X", "lot": str(n), "lot_entity": lot}
            | {"bidder_entity": f"c-{f:03d}", "bidder": f"示例{f:03d}公司"}
            for n, lot in enumerate(lots)
            for f in (400, 401, 402)
        ]
    )
    both = pd.concat([bids, extra], ignore_index=True)
    both["row_id"] = range(1, len(both) + 1)
    result = run(Tables(both, tables.frames["tenders"]))
    assert not [f for f in result.findings if "c-400" in f.anchors]


def test_correction_for_many_groups_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(11)
    for n in (1, 2, 7, 60):
        p = np.round(rng.random(n) ** 3, 2)  # with ties
        np.testing.assert_allclose(false_discovery(p), multipletests(p, method="fdr_bh")[1])


def test_expected_meetings_and_their_spread_are_those_of_random_markets() -> None:
    market = county(4, ring_tenders=20, tenders=120, firms=60).market()
    for stratum in market.strata:
        view = View.of(market, stratum)
        shuffle = Shuffle(market, stratum, [5])
        pairs = np.array([(a, b) for a in range(12) for b in range(a + 1, 12)]).T
        seen = []
        for _ in range(300):
            attended = np.zeros((60, 120), dtype=np.int64)
            attended[market.bidder, shuffle.draw()] = 1
            seen.append((attended @ attended.T)[pairs[0], pairs[1]])
        expected, variance = view.pairs(*pairs)
        mean = np.mean(seen, axis=0)
        # The formula may lie above (a ring counts towards its own expectation), hardly below.
        assert (expected >= mean - 0.15 - 0.05 * mean).all()
        assert abs(expected.sum() - mean.sum()) <= 0.15 * mean.sum()
        assert variance.sum() == pytest.approx(np.var(seen, axis=0).sum(), rel=0.35)


def test_many_rings_in_one_market_don_t_explain_each_other() -> None:
    base = county(6, tenders=400, firms=500)
    rng = np.random.default_rng(3)
    bids = set(base.bids)
    rings = [tuple(range(600 + 4 * r, 604 + 4 * r)) for r in range(8)]
    for ring, tenders in zip(rings, rng.permutation(400)[:160].reshape(8, 20), strict=True):
        bids |= {(m, t) for t in tenders.tolist() for m in ring}
    made = County(sorted(bids), base.category, base.area, base.year)
    called = {g.members for g in find_groups(made.market(), QUICK).groups if g.q <= 0.001}
    assert called == set(rings)


def test_company_that_all_of_a_market_keeps_is_explained_by_its_peers() -> None:
    # Firms of a size go for works of their size, which no stratum shows: blocks of ten.
    rng = np.random.default_rng(8)
    flagged = 0
    for _ in range(5):
        block = rng.integers(12, size=900)
        bids = []
        for t in range(900):
            likes = np.where(np.arange(240) // 20 == block[t], 6.0, 1.0)
            drawn = rng.choice(240, 5, replace=False, p=likes / likes.sum())
            bids += [(int(f), t) for f in drawn]
        zero = np.zeros(900, dtype=np.int64)
        groups = find_groups(County(bids, zero, zero, zero).market(), QUICK).groups
        flagged += sum(g.q <= 0.001 and g.effect >= 1.3 and g.joint >= 5 for g in groups)
    assert flagged <= 1
