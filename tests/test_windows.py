"""Breaks in what a group does: planted dates lie within the interval that is given."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from graph.windows import Break, course, life, sliding

FIRST = np.datetime64("2019-01-01")


def spread(rng: np.random.Generator, n: int, length: int = 1800) -> np.ndarray:
    """Sorted days of n events over some years."""
    return np.sort(FIRST + rng.integers(0, length, size=n))


def holds(found: Break, true: np.datetime64) -> bool:
    """Tell whether the interval holds the planted day."""
    return bool(np.datetime64(found.first) <= true <= np.datetime64(found.last))


def test_one_planted_break_lies_within_the_interval() -> None:
    inside, width, found = 0, [], 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        days = spread(rng, int(rng.integers(25, 150)))
        true = FIRST + int(rng.integers(500, 1300))
        low, high = rng.uniform(0.05, 0.25), rng.uniform(0.6, 0.95)
        shown = rng.random(len(days)) < np.where(days >= true, high, low)
        breaks = course(shown, days).breaks
        if len(breaks) == 1:
            found += 1
            inside += holds(breaks[0], true)
            width.append((breaks[0].last - breaks[0].first).days)
    assert found >= 170
    assert inside / found >= 0.85
    # An interval over all five years would hold every date and say nothing.
    assert np.median(width) < 365


def test_start_and_stop_lie_within_their_intervals() -> None:
    inside, found = 0, 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        days = spread(rng, int(rng.integers(60, 150)))
        start, stop = FIRST + int(rng.integers(400, 700)), FIRST + int(rng.integers(1100, 1400))
        active = (days >= start) & (days < stop)
        # A ring of four: together while active, by chance in pairs otherwise.
        attended = rng.random((len(days), 4)) < np.where(active, 0.92, 0.3)[:, None]
        kept = attended.any(axis=1)
        seen = life(attended[kept], days[kept])
        if seen.start and seen.stop:
            found += 1
            inside += holds(seen.start, start) + holds(seen.stop, stop)
    assert found >= 85
    assert inside / (2 * found) >= 0.85


def test_a_lost_member_is_dated_and_the_others_stay() -> None:
    inside, wrong = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        days = spread(rng, 80)
        left = FIRST + int(rng.integers(700, 1200))
        attended = rng.random((80, 5)) < 0.9
        attended[days >= left, 2] = rng.random(int((days >= left).sum())) < 0.05
        kept = attended.any(axis=1)
        seen = life(attended[kept], days[kept])
        end = seen.members[2].left
        inside += end is not None and holds(end, left)
        wrong += sum(m.left is not None or m.joined is not None for m in seen.members) - (
            end is not None
        )
    assert inside >= 0.85 * 60
    assert wrong <= 0.05 * 60 * 5


def test_a_steady_sequence_has_no_break() -> None:
    told = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        days = spread(rng, int(rng.integers(10, 200)))
        told += bool(course(rng.random(len(days)) < rng.uniform(0.05, 0.95), days).breaks)
    assert told <= 0.05 * 200


@given(seed=st.integers(0, 10_000), n=st.integers(0, 40))
@examples(max_examples=40, deadline=None)
def test_order_of_events_changes_nothing_and_bounds_are_in_order(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    days = FIRST + rng.integers(0, 60, size=n)
    shown = rng.random(n) < np.where(days > FIRST + 30, 0.9, 0.1)
    again = rng.permutation(n)
    found = course(shown, days)
    assert course(shown[again], days[again]) == found
    for b in found.breaks:
        assert b.first <= b.day <= b.last


def test_many_events_are_taken_together() -> None:
    rng = np.random.default_rng(1)
    days = spread(rng, 20_000)
    true = FIRST + 900
    found = course(rng.random(20_000) < np.where(days >= true, 0.8, 0.2), days)
    assert len(found.breaks) == 1
    assert abs((np.datetime64(found.breaks[0].day) - true).astype(int)) <= 10


def test_a_pause_is_neither_beginning_nor_end() -> None:
    days = FIRST + np.arange(0, 900, 10)
    index = np.arange(90)
    together = (index < 30) | (index >= 60)
    attended = np.repeat(together[:, None], 3, axis=1)
    attended[:, 0] = True
    seen = life(attended, days)
    assert (seen.start, seen.stop) == (None, None)


def test_windows_slide_over_events() -> None:
    days = FIRST + np.arange(5)
    middle, share = sliding(np.array([True, True, False, False, False]), days, 2)
    assert share.tolist() == [1.0, 0.5, 0.0, 0.0]
    assert middle.tolist() == (FIRST + np.arange(1, 5)).tolist()
    assert len(sliding(np.array([True]), days[:1], 3)[1]) == 0
