"""Write graphs as GraphML and GEXF for other tools; networkx does the writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
from networkx.readwrite.gexf import GEXFWriter

from graph.disclosure import Disclosure
from graph.picture import Picture
from graph.provenance import places
from graph.schema import EDGE_KINDS, NODE_KINDS
from graph.snapshot import Snapshot

_COLOURS = {
    "person": (217, 95, 2),
    "company": (27, 120, 180),
    "unit": (178, 24, 43),
    "village": (90, 150, 60),
    "tender": (117, 112, 179),
    "account": (150, 150, 150),
    "phone": (150, 150, 150),
    "address": (150, 150, 150),
}


def to_networkx(picture: Picture) -> nx.MultiDiGraph[str]:
    """The picture as a networkx graph.

    Parameters
    ----------
    picture : Picture
        Nodes and edges.

    Returns
    -------
    networkx.MultiDiGraph
        Node attributes name, kind, lane, sub, focus; edge attributes label, identity, evidence
        (numbers joined by commas).

    Examples
    --------
    >>> from graph.picture import PictureNode
    >>> to_networkx(Picture("", (PictureNode("a", "张三", "person", 0),), ())).nodes["a"]["name"]
    '张三'
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(title=picture.title)
    for node in picture.nodes:
        graph.add_node(
            node.key, name=node.name, kind=node.kind, lane=node.lane, sub=node.sub, focus=node.focus
        )
    for edge in picture.edges:
        evidence = ",".join(map(str, edge.evidence))
        graph.add_edge(
            edge.src, edge.dst, label=edge.label, identity=edge.identity, evidence=evidence
        )
    return graph


def edge_id(edge: int) -> str:
    """Return the id of an edge outside: in hexadecimal, so that none looks like a person's number.

    Examples
    --------
    >>> edge_id(125346468428210617)
    'e-01bd51f2ec8361b9'
    """
    return f"e-{edge:016x}"


def labelled(
    snapshot: Snapshot, graph: nx.MultiDiGraph[str], shown: Disclosure
) -> nx.MultiDiGraph[str]:
    """A part of a snapshot's graph with the attributes that other tools show and filter by.

    Parameters
    ----------
    snapshot : Snapshot
    graph : MultiDiGraph
        As ``graph.project.subgraph`` gives it.
    shown : Disclosure

    Returns
    -------
    MultiDiGraph
        Nodes: label, kind, kind_name, number, birth_date, sex, detail, rows. Edges, keyed by
        ``edge_id``: label, kind, kind_name, term, share (0-1), amount (yuan), start, end (ISO dates),
        identity, probability, legal_class, weight (rows behind it), source (file, sheet and row of
        those it cites). Absent values have no key.
    """
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        kind = data["kind"]
        detail = data.get("detail")
        facts = {
            "label": shown.name(kind, data["name"], data.get("number")),
            "kind": kind,
            "kind_name": NODE_KINDS.get(kind, kind),
            "number": shown.number(kind, data.get("number")),
            "birth_date": shown.birth(data.get("birth_date")),
            "sex": data.get("sex"),
            "detail": shown.text(detail) if detail else None,
            "rows": data.get("n_rows"),
        }
        made.add_node(node, **_plain(facts))
    edges = list(graph.edges(data=True))
    cited = places(snapshot, [data["sources"] for _, _, data in edges], shown)
    for (src, dst, data), source in zip(edges, cited, strict=True):
        term = shown.text(data["term"]) if data["term"] else None
        name = EDGE_KINDS.get(data["kind"], data["kind"])
        facts = {
            "label": term or name,
            "kind": data["kind"],
            "kind_name": name,
            "term": term,
            "share": data["share"],
            "amount": data["amount"],
            "start": data["start_date"],
            "end": data["end_date"],
            "identity": data["identity"],
            "probability": data["probability"],
            "legal_class": data["legal_class"],
            "weight": float(data["n_sources"]),
            "source": "；".join(source),
        }
        made.add_edge(src, dst, key=edge_id(data["edge"]), **_plain(facts))
    return made


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Values as GraphML and GEXF have types for them."""
    return {
        key: value.isoformat()
        if isinstance(value, date)
        else float(value)
        if isinstance(value, Decimal)
        else value
        for key, value in facts.items()
        if value is not None
    }


def write_graphml(graph: nx.MultiDiGraph[str], path: Path) -> Path:
    """Write a graph as GraphML; control characters, which XML can't hold, are left out.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Attributes are texts, numbers and truth values.
    path : pathlib.Path
    """
    _clean(graph)
    nx.write_graphml(graph, path, encoding="utf-8")
    return path


def write_gexf(graph: nx.MultiDiGraph[str], path: Path, day: date | None = None) -> Path:
    """Write a graph as GEXF 1.2 with colours by kind; edges with start and end make it dynamic.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As ``labelled`` gives it.
    path : pathlib.Path
    day : date, optional
        Stands in the file as its date instead of today's, so that equal graphs give equal bytes.
    """
    _clean(graph)
    for _, data in graph.nodes(data=True):
        red, green, blue = _COLOURS.get(data["kind"], (120, 120, 120))
        data["viz"] = {"color": {"r": red, "g": green, "b": blue, "a": 1.0}}
    writer = GEXFWriter(encoding="utf-8", prettyprint=True, version="1.2draft")
    writer.add_graph(graph)
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)
        if day is not None:
            meta.set("lastmodifieddate", day.isoformat())
    with path.open("wb") as stream:
        writer.write(stream)
    return path


def _clean(graph: nx.MultiDiGraph[str]) -> None:
    for attributes in _attributes(graph):
        for key, value in attributes.items():
            if isinstance(value, str) and not value.isprintable():
                attributes[key] = "".join(c for c in value if c.isprintable() or c == "\n")


def _attributes(graph: nx.MultiDiGraph[str]) -> Iterator[dict[str, Any]]:
    yield graph.graph
    for _, data in graph.nodes(data=True):
        yield data
    for _, _, data in graph.edges(data=True):
        yield data
