"""Simulated markets: the same for the same seed, bids as honest firms and rings make them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from examples.market_parts import MarketPlan, RingPlan
from examples.market_tables import firm_name, market_tables, write_market
from examples.markets import SimulatedMarket, simulate


def ring_lot(market: SimulatedMarket, lot: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Firms, prices and winners of a lot."""
    rows = market.lot == lot
    return market.firm[rows], market.price[rows], market.winner[rows]


def test_same_seed_same_market() -> None:
    plan = MarketPlan(lots=80, rings=(RingPlan(lots=10, style="sophisticated"),))
    one, other = simulate(plan, 3), simulate(plan, 3)
    assert one.rings == other.rings
    np.testing.assert_array_equal(one.price, other.price)
    assert not np.array_equal(one.firm, simulate(plan, 4).firm)


@pytest.mark.parametrize("seed", range(3))
def test_every_lot_has_distinct_bidders_and_its_lowest_price_wins(seed: int) -> None:
    market = simulate(MarketPlan(lots=150, rings=(RingPlan(5, 20, "sophisticated", True),)), seed)
    assert len(set(zip(market.lot.tolist(), market.firm.tolist(), strict=True))) == len(market.lot)
    for lot in range(150):
        _, price, winner = ring_lot(market, lot)
        assert len(price) >= 2
        assert winner.sum() == 1
        assert price[winner][0] == price.min()
        assert price.max() <= market.lots.ceiling[lot]
        assert price.min() > 0.5 * market.lots.estimate[lot]


def test_easy_ring_always_meets_and_takes_turns() -> None:
    market = simulate(MarketPlan(lots=200, rings=(RingPlan(4, 20, "easy"),)), 5)
    ring = market.rings[0]
    winners = []
    for lot in ring.lots:
        firm, _, winner = ring_lot(market, lot)
        assert set(firm.tolist()) == set(ring.members)
        winners.append(int(firm[winner][0]))
    assert winners == [ring.members[turn % 4] for turn in range(20)]


def test_sophisticated_ring_varies_its_bidders_and_shares_out_wins() -> None:
    market = simulate(MarketPlan(lots=300, rings=(RingPlan(6, 60, "sophisticated"),)), 5)
    ring = market.rings[0]
    seen = [frozenset(ring_lot(market, lot)[0].tolist()) for lot in ring.lots]
    assert len(set(seen)) > 20
    assert all(3 <= len(s) <= 6 and s <= set(ring.members) for s in seen)
    inside = np.isin(market.lot, ring.lots)
    wins = [int((market.winner & inside & (market.firm == m)).sum()) for m in ring.members]
    assert sum(wins) == 60
    assert max(wins) - min(wins) <= 6
    assert (np.isin(market.firm, ring.members) & ~inside).sum() > 6


def test_partial_ring_meets_outsiders_in_every_lot() -> None:
    market = simulate(MarketPlan(lots=200, rings=(RingPlan(3, 20, "easy", True),)), 2)
    for lot in market.rings[0].lots:
        assert set(ring_lot(market, lot)[0].tolist()) > set(market.rings[0].members)


def test_ring_starts_stops_and_loses_a_member() -> None:
    plan = RingPlan(4, 20, "easy", start=0.3, stop=0.8, leaves=0.5)
    market = simulate(MarketPlan(lots=300, rings=(plan,)), 1)
    ring = market.rings[0]
    days = market.lots.day[list(ring.lots)] / (market.lots.day[-1] + 1)
    assert 0.3 <= days.min() <= days.max() < 0.8
    there = [ring.left in ring_lot(market, lot)[0] for lot in ring.lots]
    assert there == [True] * 10 + [False] * 10


def test_the_same_firms_always_meet_in_a_niche() -> None:
    market = simulate(MarketPlan(lots=400, niches=1), 2)
    town, trade = market.niches[0]
    inside = np.flatnonzero((market.lots.town == town) & (market.lots.trade == trade))
    assert len(inside) >= 5
    assert len(set(market.firm[np.isin(market.lot, inside)].tolist())) <= 5


def test_a_ring_too_large_for_its_market_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        simulate(MarketPlan(lots=60, rings=(RingPlan(4, 50),)), 1)


def test_tables_name_every_firm_apart(tmp_path: Path) -> None:
    assert len({firm_name(n) for n in range(40_000)}) == 40_000
    made = simulate(MarketPlan(lots=50), 1)
    tables = market_tables(made)
    assert len(tables["投标记录"]) == len(made.lot)
    assert tables["招标项目"]["中标金额"].min() > 0
    write_market(made, tmp_path / "made")
    assert sorted(p.name for p in (tmp_path / "made").iterdir()) == ["投标记录.csv", "招标项目.csv"]
