"""Firms that never win and follow one winner: chance attendance seldom looks so, planted does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graph.cover import Attendance, cover_pairs, never_wins


def market(seed: int, tenders: int = 120, firms: int = 40, strata: int = 6) -> Attendance:
    """Firms of uneven activity and strength meet by chance within strata; the last never wins."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(strata, size=tenders)
    likes = rng.lognormal(0, 0.8, (firms, strata))
    strength = rng.lognormal(0, 0.7, firms)
    strength[-6:] = 1e-9
    bidder, tender, winner = [], [], []
    for t in range(tenders):
        p = likes[:, stratum[t]] / likes[:, stratum[t]].sum()
        there = rng.choice(firms, int(rng.integers(3, 7)), replace=False, p=p)
        bidder += there.tolist()
        tender += [t] * len(there)
        winner.append(int(rng.choice(there, p=strength[there] / strength[there].sum())))
    return Attendance(
        np.array(bidder), np.array(tender), np.ones(len(bidder), dtype=bool),
        np.array(winner), [stratum], firms,
    )  # fmt: skip


def test_meetings_by_chance_seldom_look_arranged() -> None:
    p, tested = [], 0
    for seed in range(30):
        seen = market(seed)
        pairs = cover_pairs(seen, never_wins(seen, 10, 0.2), 1)
        p += pairs.p.tolist()
        tested += pairs.tested
    assert tested >= len(p) > 1000
    assert np.mean(np.array(p) <= 0.05) <= 0.05
    assert np.mean(np.array(p) <= 0.001) <= 0.002


def test_a_follower_is_found_with_its_winner() -> None:
    found = 0
    for seed in range(10):
        base = market(seed)
        # Firm 40 attends what firm 41 attends, who wins it all.
        rng = np.random.default_rng([seed, 1])
        joint = rng.choice(120, 24, replace=False)
        winner = base.winner.copy()
        winner[joint] = 41
        seen = Attendance(
            np.concatenate([base.bidder, np.repeat([40, 41], 24)]),
            np.concatenate([base.tender, joint, joint]),
            np.ones(len(base.bidder) + 48, dtype=bool),
            winner,
            base.strata,
            42,
        )
        covers = never_wins(seen, 10, 0.05)
        assert 40 in covers
        pairs = cover_pairs(seen, covers, 8, 0.6)
        assert pairs.winner[pairs.cover == 40].tolist() == [41]
        i = int(np.flatnonzero(pairs.cover == 40)[0])
        assert (pairs.tenders[i], pairs.met[i], pairs.won[i]) == (24, 24, 24)
        found += bool(pairs.p[i] < 1e-6 and pairs.p_win[i] < 1e-6)
        # Where both attend everything there is, meeting says nothing.
        alone = replace(seen, strata=[np.where(np.isin(np.arange(120), joint), 9, seen.strata[0])])
        pairs = cover_pairs(alone, covers, 8, 0.6)
        assert pairs.p[pairs.cover == 40].tolist() == [1.0]
    assert found == 10


def test_bids_turned_down_had_no_chance() -> None:
    seen = market(1)
    out = replace(seen, could_win=seen.bidder < 34)
    covers = never_wins(out, 10, 0.9)
    assert not set(covers.tolist()) & set(range(34, 40))


def test_nobody_to_look_at_gives_nothing() -> None:
    seen = market(1)
    none = np.empty(0, dtype=np.int64)
    assert len(cover_pairs(seen, none, 5).p) == 0
    assert len(cover_pairs(seen, never_wins(seen, 10, 0.5), 1000).p) == 0
