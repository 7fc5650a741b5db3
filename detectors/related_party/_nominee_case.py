"""One official and one supplier tied by something shared: who is on its papers, and when it held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from detectors.evidence import among, holds, records, weakest
from detectors.related_party._posts import posts_by_official, tenure, within
from detectors.related_party._shared_marks import insiders_near
from detectors.related_party._supplies import Supply
from graph.holdings import DIRECT

# Nearest first, as written on kin edges.
_CLASSES = ("夫妻", "直系血亲", "三代以内旁系血亲", "近姻亲")


class NomineeSettings(Protocol):
    """The settings that judging and telling need."""

    @property
    def hub_limit(self) -> int:
        """Parties that share a value beyond which it says nothing."""

    @property
    def village_elections(self) -> tuple[str, ...]:
        """Days on which village posts of unknown end are taken to end."""


class Store:
    """Edges, posts, insiders and kin behind the joined rows, fetched once."""

    def __init__(self, snapshot: Any, rows: list[dict[str, Any]], companies: set[str]) -> None:
        edges = snapshot.edges
        wanted = {r[c] for r in rows for c in ("kin_edge", "front_edge", "relative_edge") if r[c]}
        self.edges = {e["edge"]: e for e in records(among(edges, "edge", wanted))}
        self.posts = posts_by_official(snapshot) if rows else {}
        self.inside, self.kin = insiders_near(snapshot, companies) if rows else ({}, {})
        direct = edges.filter(edges.kind.isin(DIRECT) & edges.src.startswith("p-"))
        self.ties: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for tie in records(among(direct, "dst", companies)):
            self.ties[tie["src"], tie["dst"]].append(tie)

    def named(
        self, rows: list[dict[str, Any]], supplies: dict[str, tuple[Supply, ...]]
    ) -> set[str]:
        """Every entity that a story may name."""
        found = {s.unit for many in supplies.values() for s in many}
        for row in rows:
            found |= {row[c] for c in ("official", "relative", "company", "front", "value")}
            found |= {p["organization_entity"] for p in self.posts[row["official"]]}
            if row["kin_edge"]:
                found.add(self.edges[row["kin_edge"]]["src"])
        return found


@dataclass
class Case:
    """One official, one firm, what is shared, and what came of judging it."""

    official: str
    company: str
    links: list[dict[str, Any]]
    posts: list[dict[str, Any]] = field(default_factory=list)
    deals: list[Supply] = field(default_factory=list)
    own_deals: list[Supply] = field(default_factory=list)

    def judge(
        self, store: Store, supplies: Iterable[Supply], settings: NomineeSettings
    ) -> str | None:
        """Name the innocent explanation that holds, or None where none does."""
        inside = store.inside.get(self.company, set())
        side = {self.official, *(row["relative"] for row in self.links)}
        if any(p in side or self.official in store.kin.get(p, ()) for p in inside):
            return "on_paper"
        strangers = [
            row for row in self.links if row["relative"] not in store.kin.get(row["front"], ())
        ]
        if not strangers:
            return "family"
        known = [s for s in supplies if s.when is not None]
        self.links = [row for row in strangers if self._in_time(row, store, known, settings)]
        if not self.links:
            return "tenure" if known else "undated"
        best = min(_sureness(row, store) for row in self.links)
        self.links = [row for row in self.links if _sureness(row, store) == best]
        return None

    def _in_time(
        self, row: dict[str, Any], store: Store, known: list[Supply], settings: NomineeSettings
    ) -> bool:
        """Keep the supplies during which post, kinship and the part in the firm held."""
        kin = store.edges.get(row["kin_edge"])
        ties = store.ties.get((row["front"], self.company), [])
        found = False
        for supply in known:
            when = supply.when
            assert when is not None
            posts = [
                p
                for p in store.posts[self.official]
                if within(when, tenure(p, settings.village_elections))
            ]
            if not posts or (kin and not holds(when, kin["start_date"], kin["end_date"])):
                continue
            if ties and not any(holds(when, t["start_date"], t["end_date"]) for t in ties):
                continue
            found = True
            own = [p for p in posts if supply.unit in _seats(p)]
            self.posts += [p for p in own or posts if p not in self.posts]
            if supply not in self.deals:
                self.deals.append(supply)
            if own and supply not in self.own_deals:
                self.own_deals.append(supply)
        return found

    def narrow(self) -> None:
        """Where the firm supplied the official's own unit, only that is told."""
        if self.own_deals:
            units = {s.unit for s in self.own_deals}
            self.deals = self.own_deals
            self.posts = [p for p in self.posts if units & _seats(p)]


def _seats(post: dict[str, Any]) -> set[str]:
    """The official's own unit, and for a village post the village."""
    return {post["organization_entity"], post.get("village_entity") or post["organization_entity"]}


def nearest(cases: list[Case], store: Store) -> list[tuple[Case, list[Case]]]:
    """One relative may be kin to many officials: of those, whose unit bought, else the nearest.

    Returns
    -------
    list of (case, others)
        ``others`` are the officials to whom the same sharing ties the same firm.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Case]] = defaultdict(list)
    for case in cases:
        case.narrow()
        values = tuple(sorted({row["value"] for row in case.links}))
        groups[case.company, values].append(case)
    chosen = []
    for group in groups.values():
        buying = [case for case in group if case.own_deals]
        kept = buying or [min(group, key=lambda case: _nearness(case, store))]
        for case in kept:
            chosen.append((case, [other for other in group if other not in kept]))
    return chosen


def _nearness(case: Case, store: Store) -> tuple[int, str]:
    ranks = [
        len(_CLASSES) if edge is None else _CLASSES.index(edge["legal_class"])
        for edge in (store.edges.get(row["kin_edge"]) for row in case.links)
        if edge is None or edge["legal_class"] in _CLASSES
    ]
    own = any(row["kin_edge"] is None for row in case.links)
    return (-1 if own else min(ranks, default=len(_CLASSES))), case.official


def joins_of_link(row: dict[str, Any], store: Store) -> list[tuple[str | None, float | None]]:
    used = [store.edges[row[c]] for c in ("kin_edge", "front_edge", "relative_edge") if row[c]]
    return [
        (row["ego_identity"], row["ego_chance"]),
        *((e["identity"], e["probability"]) for e in used),
    ]


def _sureness(row: dict[str, Any], store: Store) -> int:
    return ("certain", "probable", "name_only").index(weakest(joins_of_link(row, store))[0])
