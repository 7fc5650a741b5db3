"""Connected components under constraints: which record groups become one party.

Links are taken from the strongest down, as in Kruskal's spanning tree. One that would put two
different valid numbers, or two groups that must stay apart, into one cluster is refused and named.
The result depends on the links alone, not on the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Refusal = Literal["numbers", "apart"]


@dataclass(frozen=True)
class Link:
    """A reason to take two record groups for one party.

    ``probability`` 0 to 1; ``certain`` marks what an analyst decided, taken before all others.
    """

    a: str
    b: str
    probability: float
    certain: bool = False


@dataclass(frozen=True)
class Clusters:
    """What came of the links.

    ``root``: each linked group to its cluster's name (the least of its groups); ``used``: links of
    the spanning forest; ``refused``: links not taken, with the constraint that forbade each.
    """

    root: Mapping[str, str]
    used: tuple[Link, ...]
    refused: tuple[tuple[Link, Refusal], ...]


class _Sets:
    """Disjoint sets that know their number and from which groups each must stay apart."""

    def __init__(self, numbers: Mapping[str, str], apart: Iterable[tuple[str, str]]) -> None:
        self._numbers = dict(numbers)
        self._parent: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._apart: dict[str, set[str]] = {}
        for a, b in apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def find(self, group: str) -> str:
        if group not in self._parent:
            self._parent[group] = group
            self._members[group] = {group}
        parent = self._parent[group]
        while parent != self._parent[parent]:
            self._parent[parent] = self._parent[self._parent[parent]]
            parent = self._parent[parent]
        return parent

    def refusal(self, x: str, y: str) -> Refusal | None:
        one, other = self._numbers.get(x), self._numbers.get(y)
        if one is not None and other is not None and one != other:
            return "numbers"
        small, large = sorted((x, y), key=lambda root: len(self._members[root]))
        for member in self._members[small]:
            if not self._apart.get(member, set()).isdisjoint(self._members[large]):
                return "apart"
        return None

    def join(self, x: str, y: str) -> None:
        small, large = sorted((x, y), key=lambda root: (len(self._members[root]), root))
        self._parent[small] = large
        self._members[large] |= self._members.pop(small)
        if small in self._numbers:
            self._numbers[large] = self._numbers[small]

    def roots(self) -> dict[str, str]:
        return {m: min(members) for members in self._members.values() for m in sorted(members)}


def cluster(
    links: Iterable[Link], numbers: Mapping[str, str], apart: Iterable[tuple[str, str]] = ()
) -> Clusters:
    """Join record groups by links, never against a constraint.

    Parameters
    ----------
    links : iterable of Link
    numbers : mapping
        Group to its valid identity number; a cluster holds at most one.
    apart : iterable of pairs
        Groups that may not end in one cluster.

    Examples
    --------
    >>> found = cluster([Link("a", "b", 0.9), Link("b", "c", 0.95)], {"a": "1", "c": "2"})
    >>> dict(found.root), found.refused[0][1]
    ({'a': 'a', 'b': 'b', 'c': 'b'}, 'numbers')
    """
    sets = _Sets(numbers, apart)
    ordered = sorted(
        links,
        key=lambda x: (not x.certain, -x.probability, min(x.a, x.b), max(x.a, x.b)),
    )
    used, refused = [], []
    for link in ordered:
        x, y = sets.find(link.a), sets.find(link.b)
        if x == y:
            continue
        refusal = sets.refusal(x, y)
        if refusal is None:
            sets.join(x, y)
            used.append(link)
        else:
            refused.append((link, refusal))
    return Clusters(sets.roots(), tuple(used), tuple(refused))


def strengths(root: str, links: Mapping[str, list[Link]]) -> dict[str, tuple[float, bool]]:
    """Probability of each group of a cluster to be its root's party, along the spanning tree.

    Parameters
    ----------
    root : str
    links : mapping
        Links of the spanning forest under each of their ends.

    Returns
    -------
    dict
        Group to the product of the probabilities on its path, and whether all were certain.
    """
    found = {root: (1.0, True)}
    open_ends = [root]
    while open_ends:
        here = open_ends.pop()
        probability, certain = found[here]
        for link in links.get(here, ()):
            other = link.b if link.a == here else link.a
            if other not in found:
                found[other] = (probability * link.probability, certain and link.certain)
                open_ends.append(other)
    return found
