"""Exchanges of favours between two or three officials, found by joins on a small digraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

from detectors.evidence import records

Cycle = tuple[str, ...]


def exchanges(favours: Any, window_days: int | None = None, *, nested: bool = False) -> list[Cycle]:
    """Find the cycles of two and of three in a digraph of favours.

    Nodes that do not both give and receive are dropped first, in two rounds; what is left is joined
    with itself. Nothing walks the whole graph: the cost is that of the paths of two edges between
    people who give and receive.

    Parameters
    ----------
    favours : ibis table
        ``giver``, ``receiver`` and, with a window, ``day`` (date, not null).
    window_days : int, optional
        The cycle's favours, one for each edge, must lie within so many days of each other.
    nested : bool
        Keep cycles of three in which two members already serve each other: their favours for each
        other may still prove to be none.

    Returns
    -------
    list of tuple of str
        Each cycle once, from its smallest member on: (a, b) where a serves b and b serves a;
        (a, b, c) where a serves b, b serves c and c serves a. Unless ``nested``, a cycle of three is
        left out where two of its members already serve each other. Sorted.

    Examples
    --------
    >>> import ibis
    >>> table = ibis.memtable({"giver": ["a", "b", "b"], "receiver": ["b", "a", "c"]})
    >>> exchanges(table)
    [('a', 'b')]
    """
    columns = ["giver", "receiver", *(["day"] if window_days is not None else [])]
    edges = favours.select(*columns).filter(lambda t: t.giver != t.receiver).distinct()
    for _ in range(2):
        givers = edges.select(giver="giver").distinct()
        receivers = edges.select(receiver="receiver").distinct()
        edges = edges.semi_join(receivers, edges.giver == receivers.receiver)
        edges = edges.semi_join(givers, edges.receiver == givers.giver)
    # The engine would otherwise work the pruning out anew for every use of it.
    edges = edges.cache()
    pairs = _pairs(edges, window_days)
    threes = _threes(edges, window_days)
    mutual = {frozenset(r.values()) for r in records(pairs)}
    found: list[Cycle] = [tuple(sorted(pair)) for pair in mutual]
    for row in records(threes):
        cycle = (row["a"], row["b"], row["c"])
        sides = (frozenset(p) for p in combinations(cycle, 2))
        if nested or mutual.isdisjoint(sides):
            found.append(cycle)
    return sorted(found)


def _pairs(edges: Any, window: int | None) -> Any:
    there = edges.rename(
        a="giver", b="receiver", **({"day_1": "day"} if window is not None else {})
    )
    back = edges.rename(b="giver", a="receiver", **({"day_2": "day"} if window is not None else {}))
    both = there.filter(there.a < there.b).join(back, ["a", "b"])
    if window is not None:
        both = both.filter(_apart(both.day_1, both.day_2) <= window)
    return both.select("a", "b").distinct()


def _threes(edges: Any, window: int | None) -> Any:
    dated = window is not None
    first = edges.rename(a="giver", b="receiver", **({"day_1": "day"} if dated else {}))
    second = edges.rename(b="giver", c="receiver", **({"day_2": "day"} if dated else {}))
    third = edges.rename(c="giver", a="receiver", **({"day_3": "day"} if dated else {}))
    # Begun at its smallest member, each cycle is met once.
    first, second, third = (
        first.filter(first.a < first.b),
        second,
        third.filter(third.a < third.c),
    )
    two = first.join(second, "b")
    two = two.filter((two.a < two.c) & (two.b != two.c))
    if dated:
        two = two.filter(_apart(two.day_1, two.day_2) <= window)
    three = two.join(third, ["a", "c"])
    if dated:
        three = three.filter(
            (_apart(three.day_1, three.day_3) <= window)
            & (_apart(three.day_2, three.day_3) <= window)
        )
    return three.select("a", "b", "c").distinct()


def _apart(one: Any, other: Any) -> Any:
    return one.delta(other, unit="day").abs()


def expected(favours: Any) -> tuple[float, float]:
    """Cycles of two and of three that chance alone would make.

    If every favour of a giver went to a receiver at random, in proportion to how often each
    receives, an edge from a to b would be there with out(a)·in(b)/edges. Summed over pairs and
    triples (each both ways round) this gives the expected numbers.

    Parameters
    ----------
    favours : ibis table
        ``giver``, ``receiver``.

    Returns
    -------
    (pairs, triples)

    Examples
    --------
    >>> import ibis
    >>> table = ibis.memtable({"giver": ["a", "b"], "receiver": ["b", "a"]})
    >>> expected(table)
    (0.25, 0.0)
    """
    edges = records(favours.select("giver", "receiver").distinct())
    gives = Counter(e["giver"] for e in edges)
    gets = Counter(e["receiver"] for e in edges)
    both = [gives[p] * gets[p] for p in sorted(gives.keys() & gets.keys())]
    if not edges:
        return 0.0, 0.0
    one, two, three = (sum(b**n for b in both) for n in (1, 2, 3))
    # Sums over unordered pairs and triples of different people, from sums of powers.
    pairs = (one**2 - two) / 2
    triples = (one**3 - 3 * one * two + 2 * three) / 6
    size = len(edges)
    return pairs / size**2, 2 * triples / size**3


def hubs(favours: Any, most: int) -> Any:
    """Givers who serve relatives of more than ``most`` officials: columns ``giver``, ``served``."""
    served = favours.group_by("giver").agg(served=favours.receiver.nunique())
    return served.filter(served.served > most)


def tightest(days: Sequence[Sequence[date]]) -> tuple[date, date]:
    """Find the shortest span that holds at least one day of every list.

    Parameters
    ----------
    days : sequence of sequences of date
        None empty.

    Returns
    -------
    (first, last)
        Of equally short ones the earliest.

    Examples
    --------
    >>> tightest([[date(2022, 1, 1), date(2022, 6, 1)], [date(2022, 6, 9)]])
    (datetime.date(2022, 6, 1), datetime.date(2022, 6, 9))
    """
    events = sorted((day, i) for i, own in enumerate(days) for day in set(own))
    inside: Counter[int] = Counter()
    best: tuple[date, date] | None = None
    start = 0
    for day, i in events:
        inside[i] += 1
        while len(inside) == len(days):
            first, leaving = events[start]
            if best is None or day - first < best[1] - best[0]:
                best = (first, day)
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            start += 1
    assert best is not None, "a list of days is empty"
    return best
