"""Kinship told once a pair: edges tell it from both sides, other tools expect one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar, cast

from graph.kinship import Sex, parse_term, term
from graph.kinship.chains import MOST_READINGS


class KinTie(Protocol):
    """A kin edge: ``term`` is what dst is to src."""

    @property
    def src(self) -> str: ...

    @property
    def dst(self) -> str: ...

    @property
    def term(self) -> str | None: ...

    @property
    def start(self) -> Any: ...

    @property
    def end(self) -> Any: ...


Tie = TypeVar("Tie", bound=KinTie)


def one_direction(
    ties: Sequence[Tie], sexes: Mapping[str, str | None]
) -> list[tuple[Tie, list[Tie]]]:
    """Choose of all kin edges between two people the fewest that the others follow from.

    Parameters
    ----------
    ties : sequence
        Edges between the same two people, both ways, perhaps from several tables.
    sexes : mapping
        Person → 男, 女 or None.

    Returns
    -------
    list of (edge, edges)
        Each chosen edge with those that say the same, itself among them. From 妻弟 the other side's
        姐夫 follows; from 姐夫 only that the other is a brother or sister of his wife.

    Examples
    --------
    >>> from types import SimpleNamespace as Edge
    >>> a = Edge(src="a", dst="b", term="妻弟", start=None, end=None)
    >>> b = Edge(src="b", dst="a", term="姐夫", start=None, end=None)
    >>> [(tie.src, len(same)) for tie, same in one_direction([b, a], {})]
    [('a', 2)]
    """
    alike: dict[tuple[Any, ...], list[Tie]] = defaultdict(list)
    for tie in ties:
        alike[tie.src, tie.dst, tie.term, tie.start, tie.end].append(tie)

    def partners(key: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        src, dst, said, start, end = key
        back = _back(said, sexes.get(src), sexes.get(dst)) if said else None
        other = (dst, src, back, start, end)
        return [other] if other in alike and other != key else []

    # Those from which the other side follows come first, shorter terms before longer ones.
    order = sorted(alike, key=lambda k: (not partners(k), len(k[2] or ""), str(k)))
    chosen: list[tuple[Tie, list[Tie]]] = []
    told: set[tuple[Any, ...]] = set()
    for key in order:
        if key in told:
            continue
        same = [key, *partners(key)]
        told.update(same)
        edges = [tie for k in same for tie in alike[k]]
        chosen.append((edges[0], edges))
    return chosen


@lru_cache(maxsize=100_000)
def _back(said: str, ego_sex: str | None, relative_sex: str | None) -> str | None:
    """What ego is to the relative, as edges word it; None where a term is not understood."""
    ego, relative = cast("Sex | None", ego_sex), cast("Sex | None", relative_sex)
    readings = parse_term(said, ego)
    fitting = tuple(r for r in readings if relative is None or r.sex in (None, relative))
    readings = tuple(r for r in fitting or readings if r.steps)
    back = list(dict.fromkeys(term(r.inverse(ego)) for r in readings))
    return "或".join(back[:MOST_READINGS]) or None
