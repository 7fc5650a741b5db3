"""Write a picture as one interactive page that needs no network."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from graph import layout
from graph.picture import Picture, Timeline
from graph.sheet import KIND_NAMES, LINES, STYLES
from graph.wrapping import wrap

EM = 15.0  # pixels


def elements(picture: Picture) -> list[dict[str, Any]]:
    """Nodes and edges with places, as cytoscape.js takes them.

    Parameters
    ----------
    picture : Picture
        Nodes and edges.

    Returns
    -------
    list of dict
        The same places as on paper, in pixels, y downwards.
    """
    placed = layout.of(picture, 9.0, 7.0)
    found: list[dict[str, Any]] = []
    for node in picture.nodes:
        box = placed.nodes[node.key]
        tint, shape, line = STYLES.get(node.kind, STYLES["group"])
        data: dict[str, Any] = {
            "id": f"n:{node.key}", "name": node.name, "sub": node.sub,
            "kind": KIND_NAMES.get(node.kind, node.kind), "label": "\n".join(box.lines),
            "shape": "round-rectangle" if shape.startswith("round") else "rectangle",
            "tint": tint, "line": line, "border": 3 if node.focus else 1.2,
            "width": box.width * EM, "height": box.height * EM,
        }  # fmt: skip
        place = {"x": box.x * EM, "y": -box.y * EM}
        found.append({"group": "nodes", "data": data, "position": place})
    most = max((edge.weight for edge in picture.edges), default=0.0) or 1.0
    outside = {node.key for node in picture.nodes if node.kind == "rival"}
    # What stays in the background is drawn first.
    order = sorted(enumerate(picture.edges), key=lambda e: not outside & {e[1].src, e[1].dst})
    for n, edge in order:
        text = layout.label_text(edge)
        label = placed.labels.get(n)
        data = {
            "id": f"e:{n}", "source": f"n:{edge.src}", "target": f"n:{edge.dst}", "text": text,
            "label": "\n".join(label.lines if label else () if edge.weight else wrap(text, 7.0)),
            "line": LINES[edge.identity][0], "identity": LINES[edge.identity][1],
            "bend": _bend(placed, n, edge.src, edge.dst),
            "shift": _shift(placed, n, edge.src, edge.dst),
            "arrow": "triangle" if placed.flows else "none",
            "width": 1.3 + 4.0 * edge.weight / most, "tone": "#bbb" if outside & {edge.src, edge.dst} else "#555",
        }  # fmt: skip
        found.append({"group": "edges", "data": data})
    return found


def _shift(placed: layout.Layout, n: int, src: str, dst: str) -> list[float]:
    """How far the label of a straight edge stands from its middle."""
    label = placed.labels.get(n)
    if label is None or placed.flows:
        return [0.0, 0.0]
    a, b = placed.nodes[src], placed.nodes[dst]
    return [(label.x - (a.x + b.x) / 2) * EM, ((a.y + b.y) / 2 - label.y) * EM]


def _bend(placed: layout.Layout, n: int, src: str, dst: str) -> float:
    """How far the curve leaves the straight line so that it passes where paper has the label."""
    label = placed.labels.get(n)
    if label is None or not placed.flows:
        return 0.0
    a, b = placed.nodes[src], placed.nodes[dst]
    dx, dy = b.x - a.x, b.y - a.y
    length = (dx * dx + dy * dy) ** 0.5
    if not length:
        return 0.0
    points = [(label.x, label.y), *placed.bends[n]]
    # Of all bends the farthest off decides; a quadratic curve reaches half its control point.
    off = [((x - a.x) * dy - (y - a.y) * dx) / length for x, y in points]
    return 2 * max(off, key=abs) * EM


def timeline_data(timeline: Timeline) -> dict[str, Any]:
    """Rows and marks as the page takes them; days count from the first one."""
    first = min((mark.day for mark in timeline.marks), default=None)
    last = max((mark.day for mark in timeline.marks), default=None)
    return {
        "rows": [{"label": row.label, "sub": row.sub} for row in timeline.rows],
        "marks": [
            {
                "row": mark.row,
                "lot": mark.lot,
                "day": (mark.day - first).days if first else 0,
                "kind": mark.kind,
                "size": round(mark.size, 3),
                "text": mark.text,
            }
            for mark in timeline.marks
        ],
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "",
        "note": timeline.note,
    }


def write_page(picture: Picture, path: Path) -> Path:
    """Write one HTML file with everything in it.

    Parameters
    ----------
    picture : Picture
        Nodes, edges, title and note; text from the data is never read as markup.
    path : pathlib.Path
        Ends in ``.html``.

    Returns
    -------
    pathlib.Path
        The path written.
    """
    here = files("graph")
    template = here.joinpath("page.html").read_text(encoding="utf-8")
    library = here.joinpath("vendor", "cytoscape.min.js").read_text(encoding="utf-8")
    data = {
        "title": picture.title,
        "note": picture.note,
        "elements": elements(picture),
        "timeline": None if picture.timeline is None else timeline_data(picture.timeline),
    }
    # "<" as an escape keeps "</script" and "<!--" in a name from ending the data block.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    page = template.replace("/*LIBRARY*/", library.replace("</script", "<\\/script"), 1)
    path.write_text(page.replace("/*DATA*/", text, 1), encoding="utf-8")
    return path
