"""Write a picture as GraphML for other tools."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

from graph.picture import Picture


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


def write_graphml(picture: Picture, path: Path) -> Path:
    """Write the picture as GraphML; control characters, which XML can't hold, are left out.

    Parameters
    ----------
    picture : Picture
        Nodes and edges.
    path : pathlib.Path
        Ends in ``.graphml``.
    """
    graph = to_networkx(picture)
    for attributes in (
        graph.graph,
        *(d for _, d in graph.nodes(data=True)),
        *(d for _, _, d in graph.edges(data=True)),
    ):
        for key, value in attributes.items():
            if isinstance(value, str):
                attributes[key] = "".join(c for c in value if c.isprintable() or c == "\n")
    nx.write_graphml(graph, path, encoding="utf-8")
    return path
