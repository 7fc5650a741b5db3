"""Creeping shares are told from honest stable and honest volatile ones."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from graph.cobidding import false_discovery
from graph.trend import Trends, find_break, trend_tail, trends

Arrays = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]
# Share of wins that a captured purchaser gives in five years, eight lots each.
CREEPING = (0.2, 0.375, 0.55, 0.725, 0.9)


def honest(rng: np.random.Generator, pairs: int, unrest: float) -> list[Arrays]:
    """Pairs of 20 to 60 lots in 3 to 7 years; skills differ, shares move by ``unrest`` a year."""
    made = []
    for _ in range(pairs):
        years = int(rng.integers(3, 8))
        lots = int(rng.integers(20, 61))
        time = np.sort(rng.integers(0, years, lots))
        known = -np.log(rng.integers(2, 8, lots) - 1.0)
        level = rng.normal(0, 0.8) + rng.normal(0, unrest, years)[time]
        made.append(
            (np.zeros(lots, np.int64), time, known, rng.random(lots) < expit(known + level))
        )
    return made


def creeping(rng: np.random.Generator, pairs: int, per_year: int = 8) -> list[Arrays]:
    """Pairs whose share goes from 20% to 90% in five years."""
    time = np.repeat(np.arange(5), per_year)
    return [
        (
            np.zeros(len(time), np.int64),
            time,
            -np.log(rng.integers(3, 6, len(time)) - 1.0),
            rng.random(len(time)) < np.array(CREEPING)[time],
        )
        for _ in range(pairs)
    ]


def called(market: list[Arrays]) -> NDArray[np.bool_]:
    """Which pairs are called, by the rules of the detector."""
    subject = np.repeat(np.arange(len(market)), [len(m[1]) for m in market])
    time, known, won = (np.concatenate([m[k] for m in market]) for k in (1, 2, 3))
    found: Trends = trends(subject, time, known, won)
    expected = np.bincount(subject, weights=expit(known))
    tested = (found.wins >= 1.5 * expected) & (3 * found.wins >= found.trials)
    q = np.ones(len(market))
    q[tested] = false_discovery(found.p[tested])
    return (q <= 0.05) & (found.last - found.first >= 0.25)


@pytest.mark.parametrize("unrest", [0.0, 0.5, 1.0])
def test_honest_shares_are_not_called(unrest: float) -> None:
    market = honest(np.random.default_rng(11), 1000, unrest)
    assert called(market).mean() <= 0.01


def test_honest_shares_some_calm_some_restless_are_not_called() -> None:
    rng = np.random.default_rng(12)
    market = [m for unrest in (0.0, 0.0, 0.5, 1.0) for m in honest(rng, 250, unrest)]
    assert called(market).mean() <= 0.01


def test_creeping_captures_are_found_among_honest_pairs() -> None:
    rng = np.random.default_rng(13)
    market = [*honest(rng, 250, 0.0), *honest(rng, 250, 0.5), *creeping(rng, 25)]
    found = called(market)
    assert found[500:].mean() >= 0.6
    assert found[:500].mean() <= 0.01


def test_a_single_capture_is_found_in_a_county() -> None:
    """Among 40 honest pairs; what 40 lots can show at all is found more often than not."""
    hits = 0
    for seed in range(20):
        rng = np.random.default_rng([14, seed])
        hits += bool(called([*honest(rng, 40, 0.0), *creeping(rng, 1)])[-1])
    assert hits >= 12


def test_a_single_capture_of_many_lots_is_found_in_a_province() -> None:
    hits = 0
    for seed in range(10):
        rng = np.random.default_rng([15, seed])
        hits += bool(called([*honest(rng, 500, 0.3), *creeping(rng, 1, per_year=20)])[-1])
    assert hits >= 8


def test_rivals_that_stay_away_explain_a_rise() -> None:
    """The share rises from an eighth to a half, as one of eight and one of two equals would."""
    rng = np.random.default_rng(16)
    bidders = np.repeat([8, 6, 4, 3, 2], 40)
    known = -np.log(bidders - 1.0)
    time = np.repeat(np.arange(5), 40)
    ps = [
        trends(np.zeros(200, np.int64), time, known, rng.random(200) < expit(known)).p[0]
        for _ in range(60)
    ]
    assert np.mean(np.array(ps) < 0.05) < 0.15


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(-2, 2), st.booleans()), min_size=1, max_size=8)
)
def test_tail_is_the_sum_over_all_ways_to_win_as_often(
    trials: list[tuple[int, float, bool]],
) -> None:
    time = np.array([t for t, _, _ in trials])
    odds = np.exp([o for _, o, _ in trials])
    won = np.array([w for _, _, w in trials])
    seen, total, above = time[won].sum(), 0.0, 0.0
    for chosen in combinations(range(len(trials)), int(won.sum())):
        weight = float(np.prod(odds[list(chosen)]))
        late = time[list(chosen)].sum()
        total += weight
        above += weight * (float(late > seen) + float(late == seen) / 2)
    assert trend_tail(time, np.log(odds), won) == pytest.approx(above / total, rel=1e-6)


def test_within_strata_a_shift_of_demand_is_no_trend() -> None:
    """Roads are lost and bridges won, in all years; only what is bought changes."""
    time = np.repeat(np.arange(5), 8)
    bridge = np.concatenate([np.arange(8) < k for k in (0, 2, 4, 6, 8)])
    assert trend_tail(time, np.zeros(40), bridge) < 1e-6
    assert trend_tail(time, np.zeros(40), bridge, bridge.astype(np.int64)) == pytest.approx(0.5)


def test_many_trials_take_the_normal_tail() -> None:
    rng = np.random.default_rng(17)
    time = rng.integers(0, 8, 1500)
    won = rng.random(1500) < 0.3 + 0.03 * time
    few = rng.permutation(1500)[:300]
    exact = trend_tail(time[few], np.zeros(300), won[few])
    found = trends(np.zeros(300, np.int64), time[few], np.zeros(300), won[few])
    assert found.p[0] == pytest.approx(exact, rel=0.7)
    assert 0 < trend_tail(time, np.zeros(1500), won) < 1e-3


@pytest.mark.parametrize("start", [12, 20, 28])
def test_break_lies_in_its_interval(start: int) -> None:
    inside = 0
    for seed in range(20):
        rng = np.random.default_rng([18, seed, start])
        day = np.sort(rng.uniform(0, 5, 40))
        won = rng.random(40) < np.where(np.arange(40) < start, 0.15, 0.9)
        found = find_break(day, np.zeros(40), won)
        assert found.low <= found.at <= found.high
        # A rise that crept up and one that jumped can't be told apart in every case.
        inside += found.low <= start <= found.high + 1
    assert inside >= 15
