"""Firms to which officials themselves are tied, directly or through firms that they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from detectors.evidence import among, percent, records
from detectors.links import aliases
from detectors.names import Names
from detectors.related_party._posts import posts_by_official
from detectors.related_party._supplies import suppliers
from detectors.related_party._words import unique
from graph.holdings import DIRECT, company_ties, edge_ids


class OwnFirmSettings(Protocol):
    """The settings of the search."""

    @property
    def max_layers(self) -> int:
        """Most holdings on a chain."""

    @property
    def least_share(self) -> float:
        """Least effective share, 0–1, in a firm further down."""

    @property
    def most_namesakes(self) -> int:
        """Most numbered bearers of a name that may join by name alone."""


@dataclass(frozen=True)
class Tie:
    """An edge from an official, or who may be the same, to a firm; ``join`` is that sameness."""

    edge: dict[str, Any]
    join: tuple[str, float | None]

    @property
    def joins(self) -> tuple[tuple[str | None, float | None], ...]:
        """Every join that the tie needs."""
        return (self.join, (self.edge["identity"], self.edge["probability"]))


@dataclass(frozen=True)
class OwnFirm:
    """An official, a firm, the direct ties between them, and firms held through it.

    ``below``: supplying firm → edges of the holding chain from this firm down to it.
    """

    official: str
    company: str
    posts: tuple[dict[str, Any], ...]
    ties: tuple[Tie, ...]
    below: dict[str, tuple[dict[str, Any], ...]]

    @property
    def companies(self) -> set[str]:
        """The firm and those held through it."""
        return {self.company, *self.below}

    def entities(self) -> set[str]:
        """Every entity that the story may name."""
        found = {self.official, *self.companies}
        for tie in self.ties:
            found.add(tie.edge["src"])
        for chain in self.below.values():
            found |= {e[end] for e in chain for end in ("src", "dst")}
        return found | {p["organization_entity"] for p in self.posts}


def own_firms(snapshot: Any, settings: OwnFirmSettings) -> list[OwnFirm]:
    """List every pair of an official and a firm to which he is tied directly."""
    posts = posts_by_official(snapshot)
    people = snapshot.memtable(pa.table({"entity": pa.array(sorted(posts), pa.string())}))
    same = aliases(snapshot, people, settings.most_namesakes)
    edges = snapshot.edges
    direct = edges.filter(edges.kind.isin(DIRECT) & edges.dst.startswith("c-"))
    tied = same.join(direct.select(other="src", company="dst", tie_edge="edge"), "other")
    rows = records(tied)
    by_edge = {
        e["edge"]: e for e in records(among(edges, "edge", {row["tie_edge"] for row in rows}))
    }
    ties: dict[tuple[str, str], list[Tie]] = defaultdict(list)
    for row in rows:
        tie = Tie(by_edge[row["tie_edge"]], (row["identity"], row["probability"]))
        ties[row["entity"], row["company"]].append(tie)
    below = _below(snapshot, {t.edge["src"] for found in ties.values() for t in found}, settings)
    return [
        OwnFirm(
            official,
            company,
            tuple(posts[official]),
            tuple(sorted(found, key=_order)),
            _under(below, company, {t.edge["src"] for t in found}),
        )
        for (official, company), found in sorted(ties.items())
    ]


def _order(tie: Tie) -> tuple[Any, ...]:
    e = tie.edge
    sureness = ("certain", "probable", "name_only").index(tie.join[0])
    kind = DIRECT.index(e["kind"])
    return sureness, kind, str(e["term"]), str(e["start_date"]), str(e["end_date"]), e["edge"]


_Chain = tuple[dict[str, Any], ...]


def _below(
    snapshot: Any, people: set[str], settings: OwnFirmSettings
) -> dict[str, list[tuple[str, _Chain]]]:
    """person → (supplying firm, edges from the person to it) over at least two holdings."""
    if settings.max_layers < 2 or not people:
        return {}
    firms = suppliers(snapshot).select("company").distinct()
    ties = company_ties(snapshot, firms, settings.max_layers, settings.least_share)
    rows = [r for r in records(among(ties, "person", people)) if len(edge_ids(r["chain"])) > 1]
    wanted = {e for r in rows for e in edge_ids(r["chain"])}
    by_edge = {e["edge"]: e for e in records(among(snapshot.edges, "edge", wanted))}
    found: dict[str, list[tuple[str, _Chain]]] = defaultdict(list)
    for row in rows:
        chain = tuple(by_edge[e] for e in edge_ids(row["chain"]))
        found[row["person"]].append((row["company"], chain))
    return found


def _under(
    below: dict[str, list[tuple[str, _Chain]]], company: str, people: Iterable[str]
) -> dict[str, _Chain]:
    """Supplying firms held through one firm, each with the shortest chain from that firm down."""
    found: dict[str, _Chain] = {}
    for person in sorted(people):
        for supplier, chain in below.get(person, ()):
            if chain[0]["dst"] == company and supplier != company:
                rest = chain[1:]
                if supplier not in found or _rank(rest) < _rank(found[supplier]):
                    found[supplier] = rest
    return dict(sorted(found.items()))


def _rank(chain: _Chain) -> tuple[Any, ...]:
    return len(chain), [(-(e["share"] or 0.0), e["src"], str(e["start_date"])) for e in chain]


def ties_text(ties: Iterable[Tie], firm: str) -> str:
    """Say all ties at once: 担任恒达公司法定代表人、执行董事，持有60%股权."""
    roles, shares = [], []
    for tie in ties:
        edge = tie.edge
        if edge["kind"] == "legal_representative":
            roles.append("法定代表人")
        elif edge["kind"] == "officer":
            roles.append(edge["term"] or "主要人员")
        elif edge["share"] is None:
            shares.append("持有{}股权（比例不详）")
        else:
            shares.append(f"持有{{}}{percent(edge['share'])}股权")
    parts = [f"担任{firm}{'、'.join(unique(roles))}"] if roles else []
    parts += [text.format("" if roles else firm) for text in unique(shares)[:1]]
    return "，".join(parts)


def below_text(chain: _Chain, names: Names) -> str:
    """Say how a firm holds another: 乙公司持有恒达公司60%股权."""
    parts = []
    for edge in chain:
        share = "" if edge["share"] is None else percent(edge["share"])
        parts.append(f"{names.of(edge['src'])}持有{names.of(edge['dst'])}{share}股权")
    return "，".join(parts)
