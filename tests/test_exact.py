"""Exact tails against independent ways of reckoning them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from graph.exact import poisson_binomial_tail, poisson_binomial_tails

CHANCES = st.lists(st.floats(0, 1), max_size=9)


def _brute_force(p: list[float], k: int) -> float:
    return sum(
        float(np.prod([c if hit else 1 - c for c, hit in zip(p, hits, strict=True)]))
        for hits in product((0, 1), repeat=len(p))
        if sum(hits) >= k
    )


@given(CHANCES, st.integers(-1, 10))
def test_tail_is_the_sum_over_all_outcomes(p: list[float], k: int) -> None:
    assert poisson_binomial_tail(p, k) == pytest.approx(_brute_force(p, k), rel=1e-9, abs=1e-300)


@given(st.lists(st.tuples(CHANCES, st.integers(-1, 10)), min_size=1, max_size=8), st.randoms())
def test_many_subjects_at_once_are_each_alone(
    cases: list[tuple[list[float], int]], rng: object
) -> None:
    trials = [(c, i) for i, (p, _) in enumerate(cases) for c in p]
    rng.shuffle(trials)  # type: ignore[attr-defined]
    found = poisson_binomial_tails(
        [c for c, _ in trials], [i for _, i in trials], [k for _, k in cases]
    )
    alone = [poisson_binomial_tail(p, k) for p, k in cases]
    assert found == pytest.approx(alone, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("n", "p", "k"), [(40, 0.25, 37), (1000, 0.2, 290), (3000, 0.5, 1400)])
def test_equal_chances_are_binomial_far_into_the_tail(n: int, p: float, k: int) -> None:
    exact = stats.binom.sf(k - 1, n, p)
    assert poisson_binomial_tail(np.full(n, p), k) == pytest.approx(exact, rel=1e-9)


def test_many_subjects_of_many_sizes_agree_with_the_binomial() -> None:
    rng = np.random.default_rng(5)
    trials = rng.integers(0, 400, 3000)
    p = rng.uniform(0.01, 0.9, 3000)
    k = rng.binomial(trials, p) + rng.integers(-1, 3, 3000)
    owner = np.repeat(np.arange(3000), trials)
    found = poisson_binomial_tails(p[owner], owner, k)
    assert found == pytest.approx(stats.binom.sf(k - 1, trials, p), rel=1e-8, abs=1e-300)


def test_subjects_without_trials() -> None:
    assert poisson_binomial_tails([], [], [0, 1]).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("p", [[1.2], [-0.1], [float("nan")]])
def test_what_is_no_chance_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        poisson_binomial_tail(p, 1)


def test_a_trial_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="stands in k"):
        poisson_binomial_tails([0.5], [1], [1])
