"""Small networkx graphs out of a snapshot: a neighbourhood, the ties between two, a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import networkx as nx

from graph.paths import FoundPath, Search, adjacency, simple_paths, spread
from graph.picture import Picture, PictureEdge, PictureNode
from graph.schema import ATTRIBUTE_KINDS, EDGE_KINDS
from graph.settings import HUB_LIMIT
from graph.snapshot import Snapshot
from ingest.errors import UserError

MOST_NODES = 400
"""Nodes beyond which a neighbourhood is no longer small: farther ones are left out, and it is said."""

MOST_LOOKED_AT = 5_000
MOST_TERMS = 4
"""Ties between the same two that are written out on one line."""

_SURENESS = ("name_only", "probable", "certain")
_LANES = {"person": 1, "unit": 0, "village": 0, "company": 2, "tender": 3}


def ego(
    snapshot: Snapshot, entity: str, hops: int = 2, hub_limit: int = HUB_LIMIT
) -> nx.MultiDiGraph[str]:
    """The neighbourhood of an entity.

    Parameters
    ----------
    snapshot : Snapshot
    entity : str
    hops : int
    hub_limit : int
        See ``graph.paths.Search``: hubs are shown but not passed.

    Returns
    -------
    MultiDiGraph
        Nodes with the fields of ``entities`` and ``hops``; edges keyed by ``edge`` with the columns
        of ``edges``. ``graph["left_out"]``: nodes beyond ``MOST_NODES``; ``graph["hubs"]``: names.

    Raises
    ------
    KeyError
        If there is no such entity.
    """
    snapshot.entity(entity)
    search = Search(hops, hub_limit=hub_limit)
    adjacency(snapshot, search)
    spread(snapshot, "path_ahead", [entity], hops)
    rows = snapshot.con.execute(
        """
        SELECT e.entity, a.hops FROM path_ahead a
        JOIN main.entities e ON hash(e.entity) = a.node ORDER BY a.hops, e.entity
        """
    ).fetchall()
    graph = subgraph(snapshot, [found for found, _ in rows[:MOST_LOOKED_AT]])
    near = _near(graph, entity, hops)
    kept = sorted(near, key=lambda node: (near[node], node))[:MOST_NODES]
    graph = graph.subgraph(kept).copy()
    for found in kept:
        graph.nodes[found]["hops"] = near[found]
    hubs = snapshot.con.execute("SELECT entity, name FROM path_hubs ORDER BY entity").fetchall()
    graph.graph.update(
        focus=(entity,),
        left_out=max(0, len(near) - MOST_NODES),
        hubs=tuple(name for hub, name in hubs if hub in graph and hub != entity),
    )
    return graph


def _near(graph: nx.MultiDiGraph[str], entity: str, hops: int) -> dict[str, int]:
    """Steps to every entity, not walking on through units and villages.

    Whatever else a person's office buys, and whoever else lives in the village, is not the person's
    neighbourhood; a unit looked at itself shows its own ties.
    """
    steps, frontier = {entity: 0}, [entity]
    for distance in range(1, hops + 1):
        reached = []
        for node in frontier:
            if node != entity and graph.nodes[node]["kind"] in ("unit", "village"):
                continue
            for other in (*graph.successors(node), *graph.predecessors(node)):
                if other not in steps:
                    steps[other] = distance
                    reached.append(other)
        frontier = reached
    return steps


def subgraph(snapshot: Snapshot, entities: Collection[str]) -> nx.MultiDiGraph[str]:
    """Some entities and all edges between them.

    Returns
    -------
    MultiDiGraph
        As ``ego``; unknown entities are left out.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for found in sorted(snapshot.lookup(entities).values(), key=lambda e: e.entity):
        graph.add_node(found.entity, **{k: v for k, v in vars(found).items() if k != "entity"})
    cursor = snapshot.con.execute(
        """
        SELECT * FROM main.edges WHERE src IN (SELECT unnest($1::VARCHAR[]))
        AND dst IN (SELECT unnest($1::VARCHAR[])) ORDER BY src, dst, kind, term, edge
        """,
        [sorted(graph)],
    )
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        edge = dict(zip(names, row, strict=True))
        graph.add_edge(edge.pop("src"), edge.pop("dst"), key=edge["edge"], **edge)
    return graph


def between(
    snapshot: Snapshot, one: str, other: str, max_hops: int = 4, hub_limit: int = HUB_LIMIT
) -> nx.MultiDiGraph[str]:
    """The shortest ties between two entities: all paths of the least length.

    Raises
    ------
    UserError
        If nothing ties them within ``max_hops``.
    """
    found = simple_paths(snapshot, one, other, Search(max_hops, hub_limit=hub_limit))
    if not found:
        names = snapshot.names([one, other])
        raise UserError(
            f"“{names.get(one, one)}”与“{names.get(other, other)}”之间，{max_hops} 步之内没有联系"
            f"（共用者超过 {hub_limit} 个的电话、地址、账户和村不计入）。"
        )
    least = min(len(path.nodes) for path in found)
    return along(snapshot, one, other, [path for path in found if len(path.nodes) == least])


def along(
    snapshot: Snapshot, one: str, other: str, paths: Sequence[FoundPath]
) -> nx.MultiDiGraph[str]:
    """The graph of some paths between two entities, laid out by distance from the first."""
    graph = subgraph(snapshot, {node for path in paths for node in path.nodes})
    steps = {frozenset(pair) for p in paths for pair in zip(p.nodes, p.nodes[1:], strict=False)}
    graph.remove_edges_from(
        [(a, b, k) for a, b, k in graph.edges(keys=True) if frozenset((a, b)) not in steps]
    )
    last = max(len(path.nodes) for path in paths) - 1
    for path in paths:
        for distance, node in enumerate(path.nodes):
            lane = last if node == other else distance
            graph.nodes[node]["lane"] = max(lane, graph.nodes[node].get("lane", 0))
    graph.graph.update(focus=(one, other), left_out=0, hubs=())
    return graph


def picture(graph: nx.MultiDiGraph[str], title: str = "") -> Picture:
    """What of a small graph is to be drawn.

    All ties between the same two stand on one line, of the two directions of kinship one is told,
    and telephones, accounts and addresses that tie nobody to anybody are left out, as are villages.
    """
    focus = set(graph.graph.get("focus", ()))
    loose = {
        node
        for node, data in graph.nodes(data=True)
        if data["kind"] in ATTRIBUTE_KINDS
        and node not in focus
        and (
            data["kind"] == "village"
            or len(set(graph.predecessors(node)) | set(graph.successors(node))) < 2
        )
    }
    shown = graph.subgraph([node for node in graph if node not in loose])
    nodes = tuple(_node(node, graph.nodes[node], node in focus) for node in sorted(shown))
    ties: dict[frozenset[str], list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for src, dst, data in shown.edges(data=True):
        if data["kind"] == "lives_in" and dst not in focus:  # told in the text of the node
            continue
        ties[frozenset((src, dst))].append((src, dst, data))
    lane = {node.key: node.lane for node in nodes}
    edges = [
        _tie(sorted(found, key=lambda e: (e[0], e[1], e[2]["kind"], e[2]["edge"])), lane)
        for _, found in sorted(ties.items(), key=lambda item: sorted(item[0]))
    ]
    notes = []
    if loose:
        notes.append(f"只连着一方的电话、账户、地址、村 {len(loose)} 个未画出")
    if graph.graph.get("left_out"):
        notes.append(f"另有 {graph.graph['left_out']} 个较远的对象未画出")
    if graph.graph.get("hubs"):
        notes.append("共用者过多、未再展开：" + "、".join(graph.graph["hubs"][:5]))
    names = [graph.nodes[node]["name"] for node in graph.graph.get("focus", ()) if node in graph]
    heading = title or ("—".join(names) + ("之间的联系" if len(names) > 1 else "的关系网"))
    return Picture(heading, nodes, tuple(edges), "；".join(notes))


def _tie(found: list[tuple[str, str, dict[str, Any]]], lane: dict[str, int]) -> PictureEdge:
    """One line for all edges between two entities; kinship is told from the left one's side."""
    src, dst, _ = found[0]
    kin = [(a, b) for a, b, data in found if data["kind"] == "kin"]
    if kin:
        src, dst = min(kin, key=lambda pair: (lane[pair[0]], pair))
    kinds = {data["kind"] for _, _, data in found}
    texts: list[str] = []
    for one, _, data in found:
        if data["kind"] == "kin" and one != src:
            continue
        if data["kind"] == "bids" and "wins" in kinds:  # whoever won has bid
            continue
        texts.append(_label(data))
    # The same tie from a source that dates it and one that doesn't is told once, dated.
    told = [t for t in dict.fromkeys(texts) if not any(o.startswith(f"{t} ") for o in texts)]
    if len(told) > MOST_TERMS:
        told = [*told[: MOST_TERMS - 1], f"等{len(told)}项"]
    weakest = min((data["identity"] for _, _, data in found), key=_SURENESS.index)
    return PictureEdge(src, dst, "；".join(told), weakest)


def _node(node: str, data: dict[str, Any], focus: bool) -> PictureNode:
    lane = data.get("lane", data.get("hops", _LANES.get(data["kind"], 4)))
    return PictureNode(node, data["name"], data["kind"], lane, data.get("detail") or "", focus)


def _label(data: dict[str, Any]) -> str:
    term = data.get("term") or EDGE_KINDS.get(data["kind"], data["kind"])
    start, end = data.get("start_date"), data.get("end_date")
    if start is None and end is None:
        return term
    if start == end:
        return f"{term} {_month(start)}"
    return f"{term} {_month(start)}—{_month(end)}"


def _month(day: date | None) -> str:
    return f"{day:%Y.%m}" if day is not None else ""
