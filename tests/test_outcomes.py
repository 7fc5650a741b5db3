"""Turns, even shares and territories: honest groups are left alone, planted patterns stand out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from graph.outcomes import (
    Contests,
    EvenShares,
    State,
    Turns,
    busy_factor,
    chance_of,
    equal_weights,
    fitted_weights,
    local_factor,
    longest_waiting,
    rotation_test,
    territory_test,
)

FREE = (120, 1.0)


def honest(
    seed: int, n: int = 30, members: int = 4, *, unequal: float = 0.0, local: float = 0.0,
    absent: float = 0.2, busy: float = 1.0,
) -> Contests:  # fmt: skip
    """Winners drawn by chance, members unlike in strength and near different places."""
    rng = np.random.default_rng(seed)
    place, kind = rng.integers(4, size=n), rng.integers(3, size=n)
    own, near = rng.normal(0, unequal, members), rng.normal(0, local, (members, 4))
    day = np.datetime64("2020-01-01") + np.sort(rng.integers(0, 30 * n, size=n))
    attended = np.zeros((n, members), dtype=bool)
    winner = np.zeros(n, dtype=np.int64)
    last = np.full(members, -1e9)
    for t in range(n):
        while attended[t].sum() < 2:
            attended[t] = rng.random(members) >= absent
        now = float(day[t].astype(int))
        weight = np.exp(own + near[:, place[t]]) * np.where(last > now - 120, busy, 1.0)
        weight *= attended[t]
        winner[t] = rng.choice(members, p=weight / weight.sum())
        last[winner[t]] = now
    return Contests(attended, winner, day, place, kind)


def in_turn(seed: int, n: int = 24, members: int = 4, slips: float = 0.1) -> Contests:
    """Whoever has waited longest wins, but for slips."""
    contests = honest(seed, n, members, absent=0.1)
    rng = np.random.default_rng([seed, 1])
    wait, winner = np.zeros(members), contests.winner.copy()
    for t in range(n):
        there = contests.attended[t]
        order = np.where(there, wait + 0.1 * rng.random(members), -1)
        winner[t] = order.argmax() if rng.random() > slips else rng.choice(np.flatnonzero(there))
        wait += there
        wait[winner[t]] = 0
    return replace(contests, winner=winner)


# -- the p-values ----------------------------------------------------------------------------------


def test_chance_is_exact_where_all_outcomes_can_be_counted() -> None:
    n, members = 7, 3
    rng = np.random.default_rng(3)
    weights = rng.uniform(0.5, 2.0, (n, members))
    none = np.zeros(n, dtype=np.int64)
    base = Contests(
        np.ones((n, members), dtype=bool), none, np.datetime64("2022-01-01") + np.arange(n),
        none, none,
    )  # fmt: skip
    share = weights / weights.sum(axis=1, keepdims=True)
    for kind in (Turns, EvenShares.of):
        values, chances = [], []
        for path in product(range(members), repeat=n):
            contests = replace(base, winner=np.array(path))
            values.append(_value(contests, kind(contests)))
            chances.append(np.prod(share[np.arange(n), path]))
        for seen in (0, 5, 30):
            rank = np.argsort(values)[::-1][seen]
            contests = replace(base, winner=np.array(list(product(range(members), repeat=n))[rank]))
            exact = sum(c for v, c in zip(values, chances, strict=True) if v >= values[rank] - 1e-9)
            found = chance_of(contests, kind(contests), weights, np.random.default_rng(1))
            assert exact * 0.85 <= found <= exact * 1.35 + 0.03


def _value(contests: Contests, pattern: Turns | EvenShares) -> float:
    state = State.fresh(1, contests.attended.shape[1], 1, np.random.default_rng(0))
    total = 0.0
    for t, winner in enumerate(contests.winner):
        total += float(pattern.scores(state, t)[0, winner])
        state.step(contests.attended[t], np.array([winner]), 0, float(t))
    return total


def test_perfect_turns_get_a_p_value_far_below_one_over_the_draws() -> None:
    # Six firms in strict turn: after the first round (6!/6^6) every winner is one of six.
    n, members = 30, 6
    none = np.zeros(n, dtype=np.int64)
    contests = Contests(
        np.ones((n, members), dtype=bool), np.arange(n) % members,
        np.datetime64("2022-01-01") + np.arange(n), none, none,
    )  # fmt: skip
    p = chance_of(contests, Turns(contests), equal_weights(contests), np.random.default_rng(0))
    assert p == 1e-9
    twelve = replace(
        contests, attended=contests.attended[:12], winner=contests.winner[:12],
        day=contests.day[:12], place=none[:12], kind=none[:12],
    )  # fmt: skip
    exact = 720 / 6**6 / 6**6
    p = chance_of(twelve, Turns(twelve), equal_weights(twelve), np.random.default_rng(0))
    assert exact / 2 <= p <= exact * 3


@pytest.mark.parametrize(
    "world",
    [
        {},
        {"absent": 0.0, "n": 12, "members": 3},
        {"unequal": 1.0},
        {"local": 1.5, "n": 40},
        {"members": 7, "n": 35},
    ],
)
def test_honest_groups_seldom_look_like_taking_turns(world: dict[str, float]) -> None:
    p = [rotation_test(honest(seed, **world), 1, FREE).p for seed in range(100)]  # type: ignore[arg-type]
    assert np.mean(np.array(p) <= 0.05) <= 0.08
    assert min(p) > 1e-4


def test_planted_turns_are_found() -> None:
    tests = [rotation_test(in_turn(seed), 1, FREE) for seed in range(20)]
    assert np.mean([t.p <= 1e-4 for t in tests]) >= 0.9
    assert np.median([t.effect for t in tests]) >= 1.9


def test_capacity_of_the_market_at_large_explains_turns_that_it_makes() -> None:
    tired = [honest(seed, 60, 4, absent=0.0, busy=0.05) for seed in range(10)]
    alone = np.array([rotation_test(c, 1, FREE).p for c in tired])
    explained = np.array([rotation_test(c, 1, (120, 0.05)).p for c in tired])
    assert np.mean(alone <= 0.05) >= 0.8
    assert np.mean(explained <= 0.05) <= 0.15


def test_places_let_in_turn_are_territory_and_no_rotation() -> None:
    # Four towns let one after another; in each the same firm wins.
    n = 40
    there = np.ones((n, 4), dtype=bool)
    place = np.arange(n) % 4
    contests = Contests(
        there, place.copy(), np.datetime64("2022-01-01") + np.arange(n), place, place * 0
    )
    assert rotation_test(contests, 1, FREE).p > 0.01
    found = territory_test(contests, 1)
    assert found.p <= 1e-6
    assert (found.own, found.effect > 1.8) == (40, True)


@pytest.mark.parametrize("world", [{}, {"unequal": 1.0}, {"members": 6, "n": 50}])
def test_honest_groups_seldom_look_like_having_territories(world: dict[str, float]) -> None:
    p = [territory_test(honest(seed, **world), 1).p for seed in range(100)]  # type: ignore[arg-type]
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_local_advantage_of_the_market_explains_natural_territories() -> None:
    alone, p = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        n = 40
        place = rng.integers(4, size=n)
        home = place[:, None] == np.arange(4)
        weight = np.where(home, 8.0, 1.0)
        winner = np.array([rng.choice(4, p=w / w.sum()) for w in weight])
        contests = Contests(
            np.ones((n, 4), dtype=bool), winner, np.datetime64("2022-01-01") + np.arange(n),
            place, place * 0,
        )  # fmt: skip
        alone.append(territory_test(contests, 1).p)
        p.append(territory_test(contests, 1, local_factor(contests, 1.0, 8.0, home)).p)
        # Nor does it take knowing who lives where.
        p.append(territory_test(contests, 1, local_factor(contests, 8.0, 1.0, home)).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.1


# -- the parts -------------------------------------------------------------------------------------


def test_seeds_alone_decide_what_is_drawn() -> None:
    contests = in_turn(3, 12)
    assert rotation_test(contests, 1, FREE) == rotation_test(contests, 1, FREE)


def test_weights_follow_the_record_of_each_place() -> None:
    contests = honest(1, 60, 3, absent=0.0)
    contests = replace(contests, winner=np.where(contests.place == 0, 0, 1))
    weights = fitted_weights(contests, contests.place)
    first = weights[contests.place == 0][0]
    other = weights[contests.place == 1][0]
    assert first.argmax() == 0
    assert other.argmax() == 1
    assert first[2] < 0.2 < first[0]


def test_a_firm_is_busy_only_so_long() -> None:
    contests = honest(1, 3, 2, absent=0.0)
    contests = replace(
        contests, day=np.array(["2022-01-01", "2022-02-01", "2022-08-01"], "datetime64[D]")
    )
    state = State.fresh(1, 2, 4, np.random.default_rng(0))
    state.step(contests.attended[0], np.array([0]), 0, float(contests.day[0].astype(int)))
    factor = busy_factor(contests, 120, 0.5)
    assert factor(state, 1).tolist() == [[0.5, 1.0]]
    assert factor(state, 2).tolist() == [[1.0, 1.0]]


def test_waiting_is_counted_in_contests_that_were_attended() -> None:
    there = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1]], dtype=bool)
    none = np.zeros(3, dtype=np.int64)
    contests = Contests(
        there, np.array([0, 1, 2]), np.datetime64("2022-01-01") + np.arange(3), none, none
    )
    # The third firm never came before, nor has the second waited: both are equal.
    assert longest_waiting(contests) == (3, 2.5)
