"""Learning from verified cases: what it finds, what it refuses, what it never looks at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.bid_rigging._features import LABELS, price_features
from detectors.bid_rigging._ring_model import RingModel
from detectors.bid_rigging._training import (
    Recipe,
    Sample,
    TooFew,
    auc,
    auc_within,
    average_precision,
    disjoint_folds,
    train,
)

QUICK = Recipe(resamples=100)


def _sample(signal: float, n: int = 120, circles: int = 12, seed: int = 1) -> Sample:
    """Lots of ``circles`` circles of four firms; half are rigged, by circle."""
    rng = np.random.default_rng(seed)
    circle = np.arange(n) % circles
    rigged = circle % 2 == 0
    values = rng.normal(size=(n, 3))
    values[:, 0] += signal * rigged
    bid_lot = np.repeat(np.arange(n), 4)
    bid_bidder = np.repeat(circle * 4, 4) + np.tile(np.arange(4), n)
    crowd = np.full(n, 4)
    return Sample(
        values, ("cv", "ks", "skew"), rigged, bid_lot, bid_bidder, np.zeros(n, dtype=int), crowd
    )


def test_a_difference_is_learned_and_nothing_is_found_where_there_is_none() -> None:
    there = train(_sample(2.0), "2024-01-01", QUICK)
    assert there.judged.auc.low > 0.8
    assert there.judged.within.value > 0.8
    assert there.contributions[0][0] == "cv"
    assert there.judged.brier < there.judged.base_brier
    honest = [train(_sample(0.0, seed=s), "2024-01-01", QUICK).judged.auc for s in range(5)]
    assert np.mean([a.value for a in honest]) < 0.6
    assert sum(a.low > 0.5 for a in honest) <= 1


def test_probabilities_are_right_on_average() -> None:
    found = train(_sample(1.5, n=600, circles=60), "2024-01-01", QUICK)
    for _, said, was in found.judged.bins:
        assert abs(said - was) < 0.15


def test_no_firm_of_a_judged_lot_was_learned_from() -> None:
    sample = _sample(1.0)
    # A firm that bids everywhere: its lots can be judged by none that it bids in.
    everywhere = replace(
        sample,
        bid_lot=np.append(sample.bid_lot, np.arange(60)),
        bid_bidder=np.append(sample.bid_bidder, np.full(60, 999)),
    )
    fold = disjoint_folds(sample, QUICK)
    for k in np.unique(fold):
        theirs = set(sample.bid_bidder[np.isin(sample.bid_lot, np.flatnonzero(fold == k))])
        others = set(sample.bid_bidder[np.isin(sample.bid_lot, np.flatnonzero(fold != k))])
        assert not theirs & others
    assert train(everywhere, "2024-01-01", QUICK).judged.lots <= 120


def test_what_is_learned_of_one_circle_of_firms_is_no_success_elsewhere() -> None:
    """A feature that only names the circle does wonders within it, and nothing beyond."""
    sample = _sample(0.0, n=240, circles=24)
    named = sample.values.copy()
    circle = sample.bid_bidder[::4] // 4
    named[:, 0] = np.random.default_rng(3).normal(size=24)[circle]
    assert train(replace(sample, values=named), "2024-01-01", QUICK).judged.auc.low < 0.6


def test_too_few_cases_teach_nothing() -> None:
    sample = _sample(2.0)
    few = sample.rigged & (np.arange(len(sample.rigged)) < 20)
    with pytest.raises(TooFew, match="各须至少20个"):
        train(replace(sample, rigged=few), "2024-01-01", QUICK)


def test_cases_of_one_circle_alone_can_not_be_judged() -> None:
    sample = _sample(2.0, n=120, circles=2)
    with pytest.raises(TooFew, match="按企业分开"):
        train(sample, "2024-01-01", QUICK)


def test_within_strata_a_model_of_the_number_of_bidders_is_worth_nothing() -> None:
    crowd = np.repeat([3, 8], 50)
    rigged = np.tile([True, False], 50)
    rigged[:40] = True
    rigged[60:] = False
    score = -crowd.astype(float)
    assert auc(score, rigged) > 0.7
    assert auc_within(score, rigged, crowd)[0] == 0.5
    assert np.isnan(auc_within(score, rigged, np.full(100, -1))[0])


def test_average_precision_by_hand() -> None:
    assert average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])) == (
        pytest.approx((1 + 2 / 3) / 2)
    )


def test_a_model_survives_its_file_and_no_other_file_is_one() -> None:
    model = train(_sample(2.0), "2024-01-01", QUICK).model
    again = RingModel.from_json(model.to_json())
    assert again == model
    values = np.zeros((1, len(model.features)))
    assert 0 < again.probability(values)[0] < 1
    for text in ("{}", "[1]", "nonsense", model.to_json().replace('"cv"', '"year"')):
        with pytest.raises(ValueError, match=r".*"):
            RingModel.from_json(text)


def test_features_say_how_firms_bid_not_how_many_or_when() -> None:
    assert not {"year", "bidder", "count", "size", "n"} & set(LABELS)
    rng = np.random.default_rng(0)
    # Honest lots of three and of eight bids, by the hundred: no feature is larger in either.
    lot = np.concatenate([np.repeat(np.arange(300), 3), np.repeat(np.arange(300, 600), 8)])
    amount = rng.normal(100, 5, len(lot))
    nothing = np.full(600, np.nan)
    found = price_features(lot, amount, np.zeros(600, dtype=int), nothing, nothing)
    for column in found.values.T:
        assert abs(column[:300].mean() - column[300:].mean()) <= 0.1 * column.std()
