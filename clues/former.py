"""Ids over runs: under which ids a clue, or what it tells, was known before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clues.model import Clue


def with_former_ids(clues: list[Clue], previous: list[Mapping[str, Any]]) -> list[Clue]:
    """Carry ids over: a clue lists the ids under which it, or what it now tells, was known.

    That is where its anchors changed, where it tells what was a clue of its own, and where it is
    one again after another clue told it.
    """
    present = {clue.id for clue in clues}
    same = {old["id"]: tuple(old.get("formerly") or ()) for old in previous if old["id"] in present}
    gone = [old for old in previous if old["id"] not in present]
    # What shares an anchor is looked up, so that big runs aren't compared clue by clue.
    by_anchor: dict[tuple[str, str], set[int]] = {}
    by_id: dict[str, set[int]] = {}
    for i, old in enumerate(gone):
        for anchor in _anchors_before(old):
            by_anchor.setdefault((old["detector"], anchor), set()).add(i)
        for key in (old["id"], *(one["id"] for one in old.get("absorbs") or ())):
            by_id.setdefault(key, set()).add(i)
    out = []
    for clue in clues:
        kin = {i for one in clue.absorbs for i in by_id.get(one.id, ())}
        if clue.id not in same:
            kin |= by_id.get(clue.id, set())
            near = {i for a in _anchors_now(clue) for i in by_anchor.get((clue.detector, a), ())}
            kin |= {i for i in near if _continues(clue, gone[i])}
        former = {k for i in kin for k in (str(gone[i]["id"]), *(gone[i].get("formerly") or ()))}
        former = (former | set(same.get(clue.id, ()))) - {clue.id}
        out.append(replace(clue, formerly=tuple(sorted(former))) if former else clue)
    return out


def _continues(clue: Clue, old: Mapping[str, Any]) -> bool:
    """Tell whether an old clue is the same event on anchors of which half or more are shared."""
    if "event_key" in old and old["event_key"] != clue.event_key:
        return False
    before, now = _anchors_before(old), _anchors_now(clue)
    return 2 * len(before & now) >= max(len(before), len(now))


def _anchors_before(old: Mapping[str, Any]) -> set[str]:
    return set(old.get("anchors") or (s["entity"] for s in old["subjects"]))


def _anchors_now(clue: Clue) -> set[str]:
    return set(clue.anchors or (s.entity for s in clue.subjects))
