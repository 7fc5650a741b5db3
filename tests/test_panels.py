"""Experts against their panel: honest p-values, and one who decides an award."""

from __future__ import annotations

import numpy as np
import pytest

from graph.panels import leanings


@pytest.mark.parametrize(("experts", "bidders"), [(4, 2), (5, 3), (5, 6), (7, 4)])
def test_p_values_of_honest_panels_are_honest(experts: int, bidders: int) -> None:
    rng = np.random.default_rng([experts, bidders])
    lots = 2000
    scores = rng.normal(85, 4, (lots, 1, bidders)) + rng.normal(0, 2, (lots, experts, 1))
    scores = np.round((scores + rng.normal(0, 1.2, (lots, experts, bidders))) * 2) / 2
    shape = np.indices(scores.shape)
    found = leanings(*(a.ravel() for a in shape), scores.ravel())
    assert len(found.p) == lots * experts
    assert (found.p <= 0.05).mean() <= 0.055
    assert (found.p <= 0.001).mean() <= 0.002


def test_incomplete_and_small_panels_are_left_out() -> None:
    lot = np.repeat([0, 1], [11, 9])
    expert = np.concatenate([np.repeat(np.arange(4), 3)[:11], np.repeat(np.arange(3), 3)])
    bidder = np.concatenate([np.tile(np.arange(3), 4)[:11], np.tile(np.arange(3), 3)])
    assert not len(leanings(lot, expert, bidder, np.arange(20.0)).p)
