"""Which firm a branch belongs to, by its name: tied by an edge, never merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from graph.resolve.firm_clusters import Group
from graph.resolve.firm_names import SAME_PARTS, compare
from ingest.company_names import CompanyName


@dataclass(frozen=True)
class Branch:
    """A branch and its parent, by keys of clusters; ``probability`` that the parent is the one."""

    parent: str
    branch: str
    probability: float


def branches(groups: Collection[Group], joined: Mapping[str, tuple[str, float]]) -> list[Branch]:
    """Find the parents of branches: the only firm, or the only one of exactly that name.

    Parameters
    ----------
    groups : collection of Group
    joined : mapping of str to (str, float)
        Key of a joined group to that of its cluster.

    Returns
    -------
    list of Branch
        One a branch whose parent is in the data and beyond doubt.
    """
    parts = [g for g in groups if any(n.branch for n in g.names)]
    if not parts:
        return []
    wanted = {n.core for g in parts for n in g.names}
    heads: dict[str, list[tuple[CompanyName, str]]] = defaultdict(list)
    for group in groups:
        for name in group.names:
            if not name.branch and name.core in wanted:
                heads[name.core].append((name, joined.get(group.key, (group.key, 1.0))[0]))
    found: dict[str, Branch] = {}
    for group in parts:
        own = joined.get(group.key, (group.key, 1.0))[0]
        best: dict[str, float] = {}
        for name in group.names:
            for other, key in heads[name.core]:
                likeness = compare(replace(name, branch=""), other)
                if likeness.verdict == "same" and key != own:
                    best[key] = max(best.get(key, 0.0), likeness.probability)
        exact = [key for key, p in best.items() if p >= SAME_PARTS]
        chosen = exact if len(exact) == 1 else list(best)
        if len(chosen) == 1:
            found[own] = Branch(chosen[0], own, best[chosen[0]])
    return sorted(found.values(), key=lambda b: (b.parent, b.branch))
