"""Cycles of favours: against brute force on small graphs, and on a large random one."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import combinations, permutations, product

import ibis
import pandas as pd
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from detectors.related_party._cycles import exchanges, expected, hubs, tightest

DAY = date(2022, 1, 1)
Favour = tuple[str, str, int]


def _table(favours: list[Favour]) -> ibis.Table:
    frame = pd.DataFrame(
        [(a, b, DAY + timedelta(days=d)) for a, b, d in favours],
        columns=["giver", "receiver", "day"],
    )
    frame["day"] = pd.to_datetime(frame["day"])
    table = ibis.memtable(
        frame, schema={"giver": "string", "receiver": "string", "day": "timestamp"}
    )
    return table.mutate(day=table.day.date())


def _oracle(
    favours: list[Favour], window: int | None, nested: bool = False
) -> list[tuple[str, ...]]:
    """Every choice of members and of one favour an edge, looked at one by one."""
    days: dict[tuple[str, str], list[int]] = {}
    for a, b, d in favours:
        days.setdefault((a, b), []).append(d)
    people = sorted({p for a, b, _ in favours for p in (a, b)})

    def fits(*edges: tuple[str, str]) -> bool:
        choices = product(*(days.get(e, []) for e in edges))
        return any(window is None or max(c) - min(c) <= window for c in choices)

    found: list[tuple[str, ...]] = [
        (a, b) for a, b in combinations(people, 2) if fits((a, b), (b, a))
    ]
    mutual = [set(pair) for pair in found]
    for a, b, c in permutations(people, 3):
        whole = a < b and a < c and fits((a, b), (b, c), (c, a))
        if whole and (nested or not any(pair <= {a, b, c} for pair in mutual)):
            found.append((a, b, c))
    return sorted(found)


_PEOPLE = st.sampled_from("abcdef")
_FAVOURS = st.lists(
    st.tuples(_PEOPLE, _PEOPLE, st.integers(0, 40)).filter(lambda f: f[0] != f[1]),
    min_size=1,
    max_size=18,
)


@given(_FAVOURS, st.one_of(st.none(), st.integers(0, 40)), st.booleans())
@examples(max_examples=40, deadline=None)
def test_cycles_are_those_that_brute_force_finds(
    favours: list[Favour], window: int | None, nested: bool
) -> None:
    found = exchanges(_table(favours), window, nested=nested)
    assert found == _oracle(favours, window, nested)


def test_days_must_lie_together_for_one_choice_of_favours() -> None:
    favours = [("a", "b", 0), ("b", "c", 10), ("c", "a", 21), ("c", "a", 500)]
    assert exchanges(_table(favours), 20) == []
    assert exchanges(_table(favours), 21) == [("a", "b", "c")]


def test_direction_matters() -> None:
    one_way = [("a", "b", 0), ("b", "c", 0), ("a", "c", 0)]
    assert exchanges(_table(one_way)) == []


def test_a_large_random_graph_is_searched_whole() -> None:
    """100,000 favours among 20,000 officials; the planted cycles are among what is found."""
    rng = random.Random(7)
    people = [f"p{n:05d}" for n in range(20_000)]
    favours = {(*rng.sample(people, 2), rng.randrange(2000)) for _ in range(100_000)}
    planted = [("q1", "q2"), ("r1", "r2", "r3")]
    favours |= {("q1", "q2", 5), ("q2", "q1", 9)}
    favours |= {("r1", "r2", 5), ("r2", "r3", 9), ("r3", "r1", 11)}
    found = exchanges(_table(sorted(favours)), 365)
    assert set(planted) <= set(found)
    # An oracle of its own: neighbours as sets, walked from each edge.
    serves: dict[str, dict[str, list[int]]] = {}
    for a, b, d in favours:
        serves.setdefault(a, {}).setdefault(b, []).append(d)
    pairs = {
        tuple(sorted((a, b)))
        for a, onward in serves.items()
        for b, days in onward.items()
        if any(abs(x - y) <= 365 for x in days for y in serves.get(b, {}).get(a, ()))
    }
    assert {c for c in found if len(c) == 2} == pairs


def test_hubs_are_those_who_serve_more_than_the_limit() -> None:
    favours = [("a", x, 0) for x in "bcde"] + [("b", "a", 0)]
    found = hubs(_table(favours), 3).execute()
    assert list(zip(found.giver, found.served, strict=True)) == [("a", 4)]
    assert hubs(_table(favours), 4).execute().empty


_DAYS = st.lists(st.integers(0, 60), min_size=1, max_size=6)


@given(st.lists(_DAYS, min_size=2, max_size=3))
@examples(max_examples=200, deadline=None)
def test_the_tightest_span_is_the_shortest_of_all_choices(days: list[list[int]]) -> None:
    dated = [[DAY + timedelta(days=d) for d in own] for own in days]
    first, last = tightest(dated)
    assert (last - first).days == min(max(c) - min(c) for c in product(*days))
    assert all(any(first <= d <= last for d in own) for own in dated)


def test_expected_cycles_are_those_of_random_matching() -> None:
    """The formula against the sum over pairs and triples written out."""
    rng = random.Random(3)
    people = "abcdefgh"
    edges = sorted({(rng.choice(people), rng.choice(people)) for _ in range(30)})
    edges = [(a, b) for a, b in edges if a != b]
    out = {p: sum(a == p for a, _ in edges) for p in people}
    into = {p: sum(b == p for _, b in edges) for p in people}

    def chance(a: str, b: str) -> float:
        return out[a] * into[b] / len(edges)

    pairs = sum(chance(a, b) * chance(b, a) for a, b in combinations(people, 2))
    triples = sum(
        chance(a, b) * chance(b, c) * chance(c, a)
        for a, b, c in permutations(people, 3)
        if a < b and a < c
    )
    found = expected(_table([(a, b, 0) for a, b in edges]))
    assert [round(x, 9) for x in found] == [round(pairs, 9), round(triples, 9)]
