"""Subjects against their peers: honest differences are no exception, excess is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from graph.cobidding import false_discovery
from graph.peers import between_spread, excess, peer_rates


def _market(seed: int, spread: float, guilty: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """400 purchasers with 5 to 60 lots, of eight strata whose rates differ."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(5, 61, 400)
    subject = np.repeat(np.arange(400), sizes)
    stratum = rng.integers(0, 8, len(subject))
    own = rng.normal(0, spread, 400)
    own[:guilty] += 3.0
    p = expit(logit(np.linspace(0.02, 0.4, 8))[stratum] + own[subject])
    return rng.random(len(subject)) < p, subject, stratum


def _q(hit: np.ndarray, subject: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    peers = peer_rates(hit, subject, [stratum], 20)
    return false_discovery(excess(hit, peers.rate, subject, least_spread=0.3, doubt=peers.doubt).p)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_honest_purchasers_are_not_called_out(spread: float) -> None:
    called = sum(int((_q(*_market(seed, spread)) <= 0.05).sum()) for seed in range(5))
    assert called <= 3


def test_purchasers_far_beyond_their_peers_are_found() -> None:
    """Of those with 20 lots or more at least four in five, over five markets together."""
    found = large = wrong = 0
    for seed in range(3, 8):
        hit, subject, stratum = _market(seed, 0.5, guilty=20)
        called = set(np.flatnonzero(_q(hit, subject, stratum) <= 0.05))
        many = set(np.flatnonzero(np.bincount(subject)[:20] >= 20))
        found, large = found + len(called & many), large + len(many)
        wrong += len(called - set(range(20)))
    assert found >= 0.8 * large
    assert wrong <= 4


def test_spread_is_told_apart_from_chance() -> None:
    rng = np.random.default_rng(2)
    for spread in (0.0, 0.6, 1.2):
        p = expit(logit(0.25) + rng.normal(0, spread, 3000))
        hits = rng.binomial(40, p)
        found = between_spread(hits, np.full(3000, 10.0), np.full(3000, 7.5))
        assert found == pytest.approx(spread, abs=0.25)


def test_too_few_subjects_tell_no_spread() -> None:
    assert between_spread(np.ones(9, dtype=np.int64), np.ones(9), np.ones(9)) is None


def test_without_any_spread_the_tail_is_binomial() -> None:
    hit = np.arange(30) < 9
    found = excess(hit, np.full(30, 0.1), np.zeros(30, dtype=np.int64), least_spread=0.0)
    assert found.p[0] == pytest.approx(stats.binom.sf(8, 30, 0.1))


def test_own_lots_are_no_peers() -> None:
    hit = np.array([True] * 30 + [False] * 60)
    owner = np.repeat(np.arange(3), 30)
    peers = peer_rates(hit, owner, [np.zeros(90, dtype=np.int64)], 20)
    assert peers.rate[0] < 0.02
    assert peers.others[0] == 60
    assert peers.rate[40] == pytest.approx(0.5)


def test_small_strata_fall_back_to_coarser_ones() -> None:
    hit = np.array([False, True] * 30)
    owner = np.arange(60) // 10
    fine = np.arange(60) // 3
    coarse = np.arange(60) % 2
    peers = peer_rates(hit, owner, [fine, coarse], 20)
    assert set(peers.level) == {1}
    assert peers.rate[1] > 0.75 > 0.25 > peers.rate[0]


def test_few_peers_leave_doubt() -> None:
    """Nothing among 25 lots of peers says less than nothing among 2,500."""
    p = []
    for others in (25, 2500):
        hit = np.array([True] * 4 + [False] * (6 + others))
        subject = np.array([0] * 10 + [1] * others)
        peers = peer_rates(hit, subject, [np.zeros(len(hit), dtype=np.int64)], 20)
        p.append(excess(hit, peers.rate, subject, least_spread=0.3, doubt=peers.doubt).p[0])
    assert p[0] > 20 * p[1]
