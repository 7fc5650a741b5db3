"""Who reaches whom within k hops: by joins for the many, by networkx for the one pair at hand.

Edges are walked in either direction. Nodes that tie many strangers together (an agent's telephone,
a village) are hubs: never walked through, but named, so that a reader knows what was left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Literal

import networkx as nx
import pandas as pd

from graph.schema import ATTRIBUTE_KINDS
from graph.settings import HUB_LIMIT, OTHER_HUB_LIMIT
from graph.snapshot import Snapshot

EVENT_KINDS = ("purchases", "bids", "wins", "agent", "contract", "pays")
"""Edges that happened on a day; all others hold over a time."""

UNDATED_KINDS = ("has_phone", "has_account", "has_address", "lives_in")
"""Edges for which the data give no beginning, so that it is always unknown when they held."""


@dataclass(frozen=True)
class Search:
    """How far and where to look.

    Parameters
    ----------
    max_hops : int
        Edges on a path at most.
    kinds : tuple of str, optional
        Kinds of edges to walk; all by default.
    on_date : date, optional
        Only walk edges that held on that day or may have (events are walked whatever their day).
    hub_limit : int
        Neighbours above which an account, telephone, address or village is a hub.
    other_hub_limit : int
        The same for people, firms, units and lots, which have many neighbours by nature.
    without_sources : tuple of str
        Tables whose edges are not walked (``kin_filings`` lists only kin who received something).
    """

    max_hops: int = 4
    kinds: tuple[str, ...] | None = None
    on_date: date | None = None
    hub_limit: int = HUB_LIMIT
    other_hub_limit: int = OTHER_HUB_LIMIT
    without_sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hub:
    """A node set aside because of its degree."""

    entity: str
    name: str
    kind: str
    degree: int


@dataclass(frozen=True)
class Reached:
    """Pairs found: columns ``source``, ``target``, ``hops`` (least number); and the hubs."""

    pairs: pd.DataFrame
    hubs: tuple[Hub, ...]


@dataclass(frozen=True)
class Hop:
    """One edge of a path, walked from ``src`` to ``dst`` of the path (``forward``) or against."""

    edge: int
    kind: str
    src: str
    dst: str
    term: str | None
    share: float | None
    amount: Any
    start: date | None
    end: date | None
    identity: str
    probability: float
    sources: tuple[tuple[str, int], ...]
    forward: bool


@dataclass(frozen=True)
class FoundPath:
    """A simple path.

    ``identity`` and ``probability`` are those of its weakest edge. ``holds``: ``yes`` when its
    edges of known dates all held on one day, ``no`` when they never did, ``unknown`` when a date
    that could decide it is unknown.
    """

    nodes: tuple[str, ...]
    hops: tuple[Hop, ...]
    identity: str
    probability: float
    holds: Literal["yes", "no", "unknown"]
    unknown_dates: tuple[int, ...]


def _where(search: Search, events: str = "e") -> tuple[str, list[Any]]:
    parts = [f"{events}.src <> {events}.dst"]
    values: list[Any] = []
    if search.kinds is not None:
        parts.append(f"list_contains(?::VARCHAR[], {events}.kind)")
        values.append(list(search.kinds))
    if search.on_date is not None:
        parts.append(
            f"(list_contains(?::VARCHAR[], {events}.kind) OR"
            f" (coalesce({events}.start_date <= ?, true) AND coalesce({events}.end_date >= ?, true)))"
        )
        values += [list(EVENT_KINDS), search.on_date, search.on_date]
    if search.without_sources:
        parts.append(f"NOT list_contains(?::VARCHAR[], {events}.sources[1].t)")
        values.append(list(search.without_sources))
    return " AND ".join(parts), values


def adjacency(snapshot: Snapshot, search: Search) -> None:
    """Make ``path_adj(a, b)``: both directions, nodes as 64-bit hashes, and ``path_hubs(node)``."""
    where, values = _where(search)
    con = snapshot.con
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE path_adj AS
        WITH e AS (SELECT hash(src) AS a, hash(dst) AS b FROM main.edges e WHERE {where})
        SELECT a, b FROM e UNION SELECT b, a FROM e
        """,
        values,
    )
    kinds = ", ".join(f"'{kind}'" for kind in ATTRIBUTE_KINDS)
    least = min(search.hub_limit, search.other_hub_limit)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE path_hubs AS
        WITH many AS (SELECT a AS node, count(*) AS degree FROM path_adj GROUP BY a
                      HAVING count(*) > {least})
        SELECT m.node, m.degree, e.entity, e.name, e.kind
        FROM many m JOIN main.entities e ON hash(e.entity) = m.node
        WHERE m.degree > CASE WHEN e.kind IN ({kinds}) THEN {search.hub_limit}
                              ELSE {search.other_hub_limit} END
        """
    )


def spread(snapshot: Snapshot, name: str, starts: Sequence[str], hops: int) -> None:
    """Make ``name(origin, node, hops)``: all nodes within ``hops`` of each start, at the least hops.

    A hub is reached but not passed, unless it is the start itself.
    """
    con = snapshot.con
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT hash(s) AS origin,"
        " hash(s) AS node, 0 AS hops FROM (SELECT unnest(?::VARCHAR[]) AS s)",
        [list(starts)],
    )
    for hop in range(hops):
        con.execute(
            f"""
            INSERT INTO {name}
            SELECT DISTINCT r.origin, n.b, {hop + 1}
            FROM {name} r JOIN path_adj n ON n.a = r.node
            WHERE r.hops = {hop}
              AND ({hop} = 0 OR NOT EXISTS (SELECT 1 FROM path_hubs h WHERE h.node = r.node))
              AND NOT EXISTS (SELECT 1 FROM {name} o WHERE o.origin = r.origin AND o.node = n.b)
            """
        )


def reach(
    snapshot: Snapshot,
    sources: Collection[str],
    targets: Collection[str],
    search: Search | None = None,
) -> Reached:
    """Every (source, target) pair within ``search.max_hops``, meeting in the middle.

    Parameters
    ----------
    snapshot : Snapshot
    sources, targets : collection of str
        Entity ids.
    search : Search, optional

    Returns
    -------
    Reached
        Pairs sorted by source and target; a source is no target of itself.

    Examples
    --------
    >>> found = reach(snapshot, officials, companies, Search(max_hops=3))  # doctest: +SKIP
    """
    search = search or Search()
    con = snapshot.con
    adjacency(snapshot, search)
    ahead = (search.max_hops + 1) // 2
    spread(snapshot, "path_ahead", sorted(set(sources)), ahead)
    spread(snapshot, "path_back", sorted(set(targets)), search.max_hops - ahead)
    pairs = con.execute(
        """
        WITH met AS (
            SELECT a.origin AS s, b.origin AS t, min(a.hops + b.hops) AS hops
            FROM path_ahead a JOIN path_back b USING (node)
            WHERE a.origin <> b.origin
              AND (a.hops = 0 OR b.hops = 0
                   OR NOT EXISTS (SELECT 1 FROM path_hubs h WHERE h.node = a.node))
            GROUP BY 1, 2),
        s AS (SELECT DISTINCT unnest(?::VARCHAR[]) AS entity),
        t AS (SELECT DISTINCT unnest(?::VARCHAR[]) AS entity)
        SELECT s.entity AS source, t.entity AS target, met.hops::INTEGER AS hops
        FROM met JOIN s ON hash(s.entity) = met.s JOIN t ON hash(t.entity) = met.t
        ORDER BY source, target
        """,
        [list(sources), list(targets)],
    ).df()
    return Reached(pairs, path_hubs(snapshot))


def hubs_between(snapshot: Snapshot, max_hops: int) -> tuple[Hub, ...]:
    """The hubs through which the last ``simple_paths`` would have gone, largest first."""
    rows = snapshot.con.execute(
        f"""
        SELECT h.entity, h.name, h.kind, h.degree
        FROM path_hubs h JOIN path_ahead a USING (node) JOIN path_back b USING (node)
        WHERE a.hops > 0 AND b.hops > 0 AND a.hops + b.hops <= {max_hops}
        ORDER BY h.degree DESC, h.entity
        """
    ).fetchall()
    return tuple(Hub(*row) for row in rows)


def path_hubs(snapshot: Snapshot) -> tuple[Hub, ...]:
    """The hubs that the last search set aside, largest first."""
    rows = snapshot.con.execute(
        "SELECT entity, name, kind, degree FROM path_hubs ORDER BY degree DESC, entity"
    ).fetchall()
    return tuple(Hub(*row) for row in rows)


def simple_paths(
    snapshot: Snapshot,
    source: str,
    target: str,
    search: Search | None = None,
    limit: int = 20,
) -> tuple[FoundPath, ...]:
    """The simple paths between two entities, shortest first.

    Only nodes that lie on a path of at most ``max_hops`` are loaded. Where several edges join two
    nodes, the surest is shown; whether the path holds is asked of all of them.

    Parameters
    ----------
    snapshot : Snapshot
    source, target : str
    search : Search, optional
    limit : int
        Paths at most.

    Returns
    -------
    tuple of FoundPath
        By length, then by entities on the way; empty where there is none.
    """
    search = search or Search()
    if source == target:
        return ()
    con = snapshot.con
    adjacency(snapshot, search)
    spread(snapshot, "path_ahead", [source], search.max_hops - 1)
    spread(snapshot, "path_back", [target], search.max_hops - 1)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE path_near AS
        WITH near AS (
            SELECT node FROM path_ahead a JOIN path_back b USING (node)
            WHERE a.hops + b.hops <= {search.max_hops}
              AND node NOT IN (SELECT node FROM path_hubs)
            UNION SELECT hash(?) UNION SELECT hash(?))
        SELECT e.entity FROM near JOIN main.entities e ON hash(e.entity) = near.node
        """,
        [source, target],
    )
    where, values = _where(search)
    rows = con.execute(
        f"""
        SELECT edge, kind, src, dst, term, share, amount, start_date, end_date, identity,
               probability, sources
        FROM main.edges e
        WHERE src IN (FROM path_near) AND dst IN (FROM path_near) AND {where}
        ORDER BY src, dst, kind, term, start_date, end_date, edge
        """,
        values,
    ).fetchall()
    between: dict[frozenset[str], list[Hop]] = {}
    for row in rows:
        hop = _hop(row)
        between.setdefault(frozenset((hop.src, hop.dst)), []).append(hop)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from((source, target))
    graph.add_edges_from(sorted((min(pair), max(pair)) for pair in between))
    found: list[FoundPath] = []
    try:
        for nodes in itertools.islice(nx.shortest_simple_paths(graph, source, target), 5 * limit):
            if len(nodes) - 1 > search.max_hops:
                break
            found.append(_found(nodes, between))
    except nx.NetworkXNoPath:
        return ()
    return tuple(sorted(found, key=lambda p: (len(p.nodes), -p.probability, p.nodes))[:limit])


def _hop(row: tuple[Any, ...]) -> Hop:
    *plain, cites = row
    return Hop(*plain, tuple((cite["t"], cite["r"]) for cite in cites), True)  # type: ignore[call-arg]


_TRUST = {"certain": 2, "probable": 1, "name_only": 0}


def _found(nodes: list[str], between: dict[frozenset[str], list[Hop]]) -> FoundPath:
    choices = [between[frozenset(pair)] for pair in itertools.pairwise(nodes)]
    hops = tuple(
        _turned(max(choice, key=partial(_worth, src)), src)
        for src, choice in zip(nodes, choices, strict=False)
    )
    weakest = min(hops, key=lambda hop: (_TRUST[hop.identity], hop.probability))
    unknown = tuple(i for i, choice in enumerate(choices) if all(_undated(h) for h in choice))
    return FoundPath(
        tuple(nodes), hops, weakest.identity, weakest.probability, _holds(choices), unknown
    )


_SAYING = {"shareholder": 2, "legal_representative": 1}


def _worth(src: str, hop: Hop) -> tuple[int, float, bool, int, float]:
    """Surest first; of kinship, which stands both ways, the edge that reads along the path.

    Of several ties to a firm the holding says most, the largest first.
    """
    saying = _SAYING.get(hop.kind, 0)
    return _TRUST[hop.identity], hop.probability, hop.src == src, saying, hop.share or 0.0


def _turned(hop: Hop, src: str) -> Hop:
    return hop if hop.src == src else replace(hop, forward=False)


def _by_blood(hop: Hop) -> bool:
    """Kinship by blood has no dates because it needs none; marriages do."""
    return hop.kind == "kin" and hop.start is None and not _by_marriage(hop.term or "")


def _by_marriage(term: str) -> bool:
    return any(mark in term for mark in "夫妻媳婿岳婆公嫂偶襟") or term.startswith(("内", "舅子"))


def _undated(hop: Hop) -> bool:
    """Whether it is unknown since when the edge holds; without an end it goes on."""
    return hop.start is None and not _by_blood(hop)


def _holds(choices: list[list[Hop]]) -> Literal["yes", "no", "unknown"]:
    """Whether on some day every step had an edge that held."""
    states = [[h for h in c if h.kind not in EVENT_KINDS] for c in choices]
    lasting = [c for c in states if c]
    days = {h.start for c in choices for h in c if h.start is not None}
    days |= {h.end for c in choices for h in c if h.end is not None}
    if not days:
        return "unknown" if any(all(_undated(h) for h in c) for c in lasting) else "yes"
    best: Literal["yes", "no", "unknown"] = "no"
    for day in sorted(days):
        known = True
        for choice in lasting:
            holding = [h for h in choice if _covers(h, day)]
            if not holding:
                break
            known = known and any(not _undated(h) for h in holding)
        else:
            if known:
                return "yes"
            best = "unknown"
    return best


def _covers(hop: Hop, day: date) -> bool:
    return (hop.start is None or hop.start <= day) and (hop.end is None or day <= hop.end)
