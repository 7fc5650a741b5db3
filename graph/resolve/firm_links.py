"""Which groups of references are one firm: comparison of what blocking brings together.

A group holds references that the exact step joined: one unified code, or one name. Groups without a
sound code look for the one group that they can be; where two answer, they join neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from graph.resolve.firm_blocks import CODE, Index, old_numbers
from graph.resolve.firm_clusters import Clusters, Group, Judged
from graph.resolve.firm_names import (
    FAINT,
    SAME_PARTS,
    SUPPORTED,
    WHOLE,
    Likeness,
    compare,
    fullness,
)

NUMBER_SLIP = 2
"""Characters in which a code that fails its check may differ from the sound one it was meant for."""
MOST_NOTED = 5
"""Doubts and refusals kept a group: a core that dozens of firms share says nothing."""
OLD_NUMBER = 0.95


@dataclass(frozen=True)
class Linked:
    """What came of the groups.

    ``joined``: key of a joined group to that of its cluster, and the probability; ``judged``: every
    merge, doubt and refusal; ``open``: groups that several firms fit, and how many: whether all
    references under such a name mean one firm is unknown.
    """

    joined: Mapping[str, tuple[str, float]]
    judged: Sequence[Judged]
    open: Mapping[str, int]


@dataclass(frozen=True)
class _Weighed:
    """What names, numbers and accounts say together; ``supported`` where more than names speak."""

    key: str
    likeness: Likeness
    supported: bool = False


@dataclass(frozen=True)
class _Placed:
    """At most one merge of a group, doubts and refusals, and how many firms it fits alike."""

    merges: list[Judged]
    others: list[Judged]
    several: int


def _rank(group: Group) -> tuple[bool, bool, int, int, str]:
    return (
        group.code is None,
        not group.registered,
        -fullness(group.names),
        -group.rows,
        group.key,
    )


def link(groups: Iterable[Group], decided: Sequence[Judged] = ()) -> Linked:
    """Join groups that are one firm.

    Parameters
    ----------
    groups : iterable of Group
    decided : sequence of Judged
        What codes say and what people decided, by keys of groups; it goes before everything, and
        what could not be followed comes back as ``different``.
    """
    ordered = sorted(groups, key=_rank)
    by_key = {group.key: group for group in ordered}
    clusters = Clusters(
        {g.key: {g.code} if g.code else set() for g in ordered},
        order={g.key: n for n, g in enumerate(ordered)},
    )
    judged = _follow(clusters, decided)
    settled = {(j.a, j.b) for j in judged} | {(j.b, j.a) for j in judged}
    index = Index()
    open_groups = {}
    for group in ordered:
        if group.code is None:
            placed = _place(group, index, by_key, clusters, settled)
            for merge in placed.merges:
                clusters.join(merge.a, merge.b, merge.probability)
            judged += [*placed.merges, *placed.others]
            if placed.several and clusters.root(group.key) == group.key:
                open_groups[group.key] = placed.several
        index.add(group)
    joined = {g.key: clusters.climb(g.key) for g in ordered if g.key in clusters.parent}
    return Linked(joined, judged, open_groups)


def _follow(clusters: Clusters, decided: Sequence[Judged]) -> list[Judged]:
    """Carry out what people decided; say of each decision whether it could be."""
    out = []
    for item in decided:
        if item.verdict == "different":
            clusters.keep_apart(item.a, item.b)
            out.append(item)
    for item in decided:
        if item.verdict != "same":
            continue
        why = clusters.refusal(item.a, item.b)
        if why is None:
            clusters.join(item.a, item.b, item.probability)
            out.append(item)
        else:
            reasons = (why, "人工认定为同一企业，未予采纳")
            out.append(Judged(item.a, item.b, "different", 0.0, "rule", reasons))
    return out


def _place(
    group: Group,
    index: Index,
    by_key: Mapping[str, Group],
    clusters: Clusters,
    settled: set[tuple[str, str]],
) -> _Placed:
    """Find the firm that a group is: at most one merge, and what speaks for and against others."""
    found: dict[str, _Weighed] = {}
    refused: dict[str, Judged] = {}
    for key in dict.fromkeys(index.near(group)):
        if (group.key, key) in settled:
            continue
        root = clusters.root(key)
        weighed = _weigh(group, by_key[key])
        if weighed.likeness.verdict == "different":
            refused.setdefault(root, _judged(group.key, weighed))
            continue
        if why := clusters.refusal(group.key, key):
            refused.setdefault(root, Judged(group.key, key, "different", 0.0, "rule", (why,)))
            continue
        if root != clusters.root(group.key) and (
            root not in found or found[root].likeness.probability < weighed.likeness.probability
        ):
            found[root] = weighed
    # A cluster with one member that is surely another firm is none that this one can join, unless
    # another member is written exactly so.
    found = {
        root: weighed
        for root, weighed in found.items()
        if root not in refused or weighed.likeness.probability >= SAME_PARTS
    }
    same = [w for w in found.values() if w.likeness.verdict == "same"]
    chosen = _only(group, same)
    several = 0 if chosen else len(same)
    # Who has found its firm is asked about rivals only, not about every firm of a like name.
    left = [w for w in found.values() if w not in chosen]
    left = [w for w in left if w.likeness.verdict == "same"] if chosen else left
    doubts = [_doubt(group.key, w, several) for w in left]
    # Another trade or core needs no explanation; another region or form does.
    stems = {name.stem for name in group.names}
    telling = [j for j in refused.values() if any(n.stem in stems for n in by_key[j.b].names)]
    return _Placed(
        [_judged(group.key, w) for w in chosen],
        [*doubts[:MOST_NOTED], *telling[:MOST_NOTED]],
        several,
    )


def _only(group: Group, same: list[_Weighed]) -> list[_Weighed]:
    """The one firm that a group can be: the only one, the only one that more than names speak for,
    or, for a whole name, the only one written exactly so."""
    whole = fullness(group.names) == WHOLE
    exact = [w for w in same if whole and w.likeness.probability >= SAME_PARTS]
    for fitting in (same, [w for w in same if w.supported], exact):
        if len(fitting) == 1:
            return fitting
    return []


def _judged(key: str, other: _Weighed) -> Judged:
    found = other.likeness
    return Judged(key, other.key, found.verdict, found.probability, "rule", found.reasons)


def _doubt(key: str, other: _Weighed, several: int) -> Judged:
    reasons, probability = other.likeness.reasons, other.likeness.probability
    if other.likeness.verdict == "same" and several:
        reasons = (*reasons, f"有 {several} 家企业与此名称相符")
        probability = round(1 / several, 3)
    elif other.likeness.verdict == "same":
        reasons, probability = (*reasons, "另有一家更相符"), 0.3
    return Judged(key, other.key, "unsure", probability, "rule", reasons)


def _weigh(group: Group, other: Group) -> _Weighed:
    """Compare two groups: the best of their names, then what numbers and accounts say."""
    names = max(
        (compare(a, b) for a in group.names for b in other.names),
        key=lambda found: (found.verdict != "different", found.probability),
    )
    if old_numbers(group) & old_numbers(other):
        if names.verdict == "different":
            reasons = (*names.reasons, "组织机构代码或旧注册号相同，可能更名")
            return _Weighed(other.key, Likeness("unsure", 0.5, reasons))
        reasons = (*names.reasons, "组织机构代码或旧注册号相同")
        return _Weighed(other.key, Likeness("same", OLD_NUMBER, reasons), True)
    if names.verdict == "different":
        return _Weighed(other.key, names)
    for_it, against = _side(group, other)
    if against and names.verdict == "same":
        return _Weighed(other.key, Likeness("unsure", 0.5, (*names.reasons, against)))
    if for_it:
        probability = max(names.probability, SUPPORTED)
        return _Weighed(other.key, Likeness("same", probability, (*names.reasons, for_it)), True)
    if names.verdict == "same" and _adds_region(group, other):
        reasons = (*names.reasons, "较全的名称没有地域，此处多出地域")
        return _Weighed(other.key, Likeness("unsure", 0.5, reasons))
    if names.verdict == "unsure" and names.probability <= FAINT:
        return _Weighed(other.key, Likeness("different", 0.0, names.reasons))
    if group.registered and other.registered and names.verdict == "same":
        return _Weighed(other.key, Likeness("unsure", 0.5, (*names.reasons, "登记表中是两户")))
    return _Weighed(other.key, names)


def _adds_region(group: Group, other: Group) -> bool:
    """Whether a name has a region that the one which should be whole lacks."""
    widest = max((n.places for n in other.names), key=len)
    return all(len(n.places) > len(widest) for n in group.names)


def _side(group: Group, other: Group) -> tuple[str, str]:
    """What unsound numbers and accounts say for and against two groups being one firm."""
    long = [n for n in group.weak if len(n) == CODE]
    fits = [n for n in long if other.code and _fits(n, other.code)]
    if fits:
        return "证件号相近（差一两位或被遮盖）", ""
    if long and other.code:
        return "", "所写代码与该企业的统一社会信用代码不符"
    if group.accounts & other.accounts:
        return "收款账号相同", ""
    return "", ""


def _fits(number: str, code: str) -> bool:
    if "*" in number:
        return all(x in ("*", y) for x, y in zip(number, code, strict=True))
    return int(OSA.distance(number, code)) <= NUMBER_SLIP
