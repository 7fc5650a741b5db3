"""Place a lane picture so that no label lies on another: layered drawing with labels as nodes.

Sugiyama's method in its plain form: every edge label gets a place of its own in a column between
two lanes, long edges get a bend in every column they cross, columns are ordered by the barycentre
of their neighbours, and heights are the least-squares ones that keep the order and the gaps
(isotonic regression). General graph layouts know nothing of labels, which is why it is here.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np

from graph.picture import Picture, PictureEdge, PictureNode
from graph.wrapping import LINE, text_width, wrap

SWEEPS = 12
# Groups with more members show by width alone how often two met: numbers would hide the lines.
MOST_LABELLED = 6


@dataclass(frozen=True)
class Box:
    """A placed box of wrapped text, in ems, y upwards, (x, y) its centre.

    ``head`` lines are the name, the rest the second line of a node.
    """

    key: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float
    head: int = 0


@dataclass(frozen=True)
class Layout:
    """Placed nodes and labels, the bends of every edge, and the size of the whole, in ems.

    ``flows`` tells whether edges run from left to right (lanes) or straight (ring).
    """

    nodes: dict[str, Box]
    labels: dict[int, Box]
    bends: dict[int, tuple[tuple[float, float], ...]]
    width: float
    height: float
    flows: bool = True


@dataclass
class _Item:
    key: str
    column: int
    lines: tuple[str, ...]
    width: float
    height: float
    gap: float
    y: float = 0.0
    head: int = 0
    neighbours: list[_Item] = field(default_factory=list)


def label_text(edge: PictureEdge) -> str:
    """The text on an edge: its label and the numbers of its evidence."""
    return edge.label + "".join(f"[{n}]" for n in edge.evidence)


def _item(key: str, column: int, lines: tuple[str, ...], pad: float, gap: float) -> _Item:
    width = max((text_width(line) for line in lines), default=0.0) + pad * 2
    height = len(lines) * LINE + pad
    return _Item(key, column, lines, width, height, gap)


def _node(node: PictureNode, column: int, ems: float, gap: float) -> _Item:
    name = wrap(node.name, ems)
    sub = wrap(node.sub, ems) if node.sub else ()
    item = _item(node.key, column, (*name, *sub), pad=0.6, gap=gap)
    item.head = len(name)
    return item


def lanes(picture: Picture, node_ems: float = 10.0, label_ems: float = 8.0) -> Layout:
    """Lay out a lane picture.

    Parameters
    ----------
    picture : Picture
        Nodes with lanes; edges between any two of them.
    node_ems, label_ems : float
        Widest line in a node and in a label, in ems.

    Returns
    -------
    Layout
        No two boxes of the layout overlap.

    References
    ----------
    Sugiyama, Tagawa, Toda (1981), Methods for visual understanding of hierarchical systems.
    """
    used = sorted({node.lane for node in picture.nodes})
    column_of = {lane: 2 * i for i, lane in enumerate(used)}
    items: dict[str, _Item] = {}
    for node in picture.nodes:
        items[node.key] = _node(node, column_of[node.lane], node_ems, gap=1.1)
    chains: dict[int, list[_Item]] = {}
    label_items: dict[int, _Item] = {}
    for n, edge in enumerate(picture.edges):
        a, b = items[edge.src], items[edge.dst]
        if a.column > b.column:
            a, b = b, a
        label = _item(
            f"label{n}", a.column + 1, wrap(label_text(edge), label_ems), pad=0.25, gap=0.45
        )
        label_items[n] = label
        bends = [_Item(f"bend{n}.{c}", c, (), 0.0, 0.3, 0.5) for c in range(a.column + 2, b.column)]
        chain = [a, label, *bends, b]
        chains[n] = chain
        for left, right in itertools.pairwise(chain):
            left.neighbours.append(right)
            right.neighbours.append(left)
    columns: dict[int, list[_Item]] = defaultdict(list)
    for item in (*items.values(), *(i for c in chains.values() for i in c[1:-1])):
        columns[item.column].append(item)
    _order_and_place(columns)
    for chain in chains.values():
        _straighten(chain[2:-1], columns)
    xs, widths, width = _columns(columns)
    top = max((i.y + i.height / 2 for c in columns.values() for i in c), default=0.0)
    bottom = min((i.y - i.height / 2 for c in columns.values() for i in c), default=0.0)

    def box(item: _Item) -> Box:
        x, y = xs[item.column], item.y - bottom
        return Box(item.key, item.lines, x, y, item.width, item.height, item.head)

    return Layout(
        nodes={key: box(item) for key, item in items.items()},
        labels={n: box(item) for n, item in label_items.items()},
        bends={
            n: tuple(
                (xs[i.column] + side * widths[i.column] / 2, i.y - bottom)
                for i in chain[2:-1]
                for side in (-1, 1)
            )
            for n, chain in chains.items()
        },
        width=width,
        height=top - bottom,
    )


def _order_and_place(columns: dict[int, list[_Item]]) -> None:
    for column in columns.values():
        _place(column, [0.0] * len(column))
    order = sorted(columns)
    for sweep in range(SWEEPS):
        for c in order if sweep % 2 == 0 else reversed(order):
            column = columns[c]
            wanted = [
                float(np.mean([o.y for o in i.neighbours])) if i.neighbours else i.y for i in column
            ]
            ranked = sorted(range(len(column)), key=lambda k: (-wanted[k], k))
            columns[c] = [column[k] for k in ranked]
            _place(columns[c], [wanted[k] for k in ranked])


def _place(column: list[_Item], wanted: list[float]) -> None:
    """Heights nearest to the wanted ones (least squares) that keep order and gaps."""
    if not column:
        return
    offsets = [0.0]
    for above, below in itertools.pairwise(column):
        need = (above.height + below.height) / 2 + max(above.gap, below.gap)
        offsets.append(offsets[-1] + need)
    free = np.array([-w for w in wanted]) - np.array(offsets)
    # Bends weigh more than boxes, so that long edges run straight.
    weights = [1.0 if item.lines else 6.0 for item in column]
    # Takes half a second to load, and most who use this module draw nothing.
    from scipy.optimize import isotonic_regression

    fitted = isotonic_regression(free, weights=weights).x + np.array(offsets)
    for item, y in zip(column, fitted, strict=True):
        item.y = -float(y)


def _straighten(bends: list[_Item], columns: dict[int, list[_Item]]) -> None:
    """Put the bends of one edge on one height, the nearest at which all of them are free."""

    def free(y: float) -> bool:
        return all(
            abs(y - other.y) * 2 >= other.height + 0.8
            for bend in bends
            for other in columns[bend.column]
            if other is not bend
        )

    heights = sorted({b.y for b in bends}, key=lambda y: (sum(abs(b.y - y) for b in bends), y))
    level = next((y for y in heights if free(y)), None)
    if level is not None:
        for bend in bends:
            bend.y = level


def _columns(
    columns: dict[int, list[_Item]],
) -> tuple[dict[int, float], dict[int, float], float]:
    """Centre and width of every column, and the width of all."""
    centres, widths, x = {}, {}, 0.0
    for c in sorted(columns):
        widths[c] = max(i.width for i in columns[c])
        margin = 1.2 if c % 2 else 0.0  # labels keep clear of the boxes beside them
        centres[c] = x + margin + widths[c] / 2
        x += widths[c] + 2 * margin
    return centres, widths, x


def ring(picture: Picture, radius: float = 15.0) -> Layout:
    """Lay out a ring picture: nodes on an ellipse, labels on their edges where they are free.

    Parameters
    ----------
    picture : Picture
        Nodes and edges; lanes are not looked at.
    radius : float
        Vertical half-axis in ems; the horizontal one is 1.5 times as long.

    Returns
    -------
    Layout
        Labels that find no free place are left out (their edge is drawn all the same).
    """
    radius = max(radius, 2.6 * len(picture.nodes))
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(node.key for node in picture.nodes)
    spots = nx.circular_layout(graph)
    wide, nodes = radius * 1.5, {}
    for node in picture.nodes:
        item = _node(node, 0, 11.0, gap=0)
        x, y = float(spots[node.key][0]) * wide, float(spots[node.key][1]) * radius
        nodes[node.key] = Box(node.key, item.lines, x, y, item.width, item.height, item.head)
    labels: dict[int, Box] = {}
    taken = list(nodes.values())
    for n, edge in enumerate(picture.edges):
        a, b = nodes[edge.src], nodes[edge.dst]
        item = _item(f"label{n}", 0, wrap(label_text(edge), 9.0), pad=0.2, gap=0)
        spot = _free_spot(item, (a, b), taken)
        if spot is not None:
            labels[n] = spot
            taken.append(spot)
    return _at_origin(nodes, labels, dict.fromkeys(range(len(picture.edges)), ()))


def group(picture: Picture, node_ems: float = 8.5) -> Layout:
    """Lay out a group: members on an ellipse, the others in a column at each side.

    Parameters
    ----------
    picture : Picture
        Members in lane 0; edges between members get labels, the others none.
    node_ems : float
        Widest line in a node, in ems.

    Returns
    -------
    Layout
        Labels that find no free place are left out (the width of their edge still tells).
    """
    made = {node.key: _node(node, node.lane, node_ems, gap=0.9) for node in picture.nodes}
    members = [item for item in made.values() if item.column == 0]
    wide, high, inner = _on_ellipse(members)
    nodes = {box.key: box for box in inner}
    others = [item for item in made.values() if item.column != 0]
    for side, column in ((-1, others[::2]), (1, others[1::2])):
        total = sum(item.height + item.gap for item in column)
        # Short columns are spread out over the height of the ellipse.
        spare = max(0.0, 2 * high - total) / max(len(column), 1)
        y = (total + spare * len(column)) / 2
        for item in column:
            y -= (item.height + item.gap + spare) / 2
            x = side * (wide + 3.5 + item.width / 2)
            nodes[item.key] = Box(item.key, item.lines, x, y, item.width, item.height, item.head)
            y -= (item.height + item.gap + spare) / 2
    taken = list(nodes.values())
    labels: dict[int, Box] = {}
    for n, edge in enumerate(picture.edges):
        if made[edge.src].column or made[edge.dst].column or len(members) > MOST_LABELLED:
            continue
        item = _item(f"label{n}", 0, (f"{edge.weight:g}",), pad=0.15, gap=0)
        spot = _free_spot(item, (nodes[edge.src], nodes[edge.dst]), taken)
        if spot is not None:
            labels[n] = spot
            taken.append(spot)
    return _at_origin(nodes, labels, dict.fromkeys(range(len(picture.edges)), ()))


def _on_ellipse(items: list[_Item]) -> tuple[float, float, list[Box]]:
    """Half-width, half-height and boxes of items on the least ellipse on which none overlap."""
    n = max(len(items), 1)
    # An even number stands in two rows, so that lines across don't meet where labels are.
    start = np.pi / 2 + (np.pi / n if n % 2 == 0 else 0.0)
    angles = [start - 2 * np.pi * i / n for i in range(n)]
    gap = (4.5, 3.2) if n <= MOST_LABELLED else (1.5, 1.2)
    for scale in np.arange(0.7, 4.0, 0.1):
        rx, ry = 15.0 * scale, 7.5 * scale
        boxes = [
            Box(
                i.key,
                i.lines,
                rx * float(np.cos(t)),
                ry * float(np.sin(t)),
                i.width,
                i.height,
                i.head,
            )
            for i, t in zip(items, angles, strict=False)
        ]
        roomy = [replace(b, width=b.width + gap[0], height=b.height + gap[1]) for b in boxes]
        if not any(overlap(a, b) for a, b in itertools.combinations(roomy, 2)):
            break
    wide = max((abs(b.x) + b.width / 2 for b in boxes), default=0.0)
    high = max((abs(b.y) + b.height / 2 for b in boxes), default=0.0)
    return wide, high, boxes


def _free_spot(item: _Item, ends: tuple[Box, Box], taken: list[Box]) -> Box | None:
    """Place a label on the line between two boxes where it covers nothing, near the middle."""
    a, b = ends
    for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73):
        x, y = a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t
        spot = Box(item.key, item.lines, x, y, item.width, item.height)
        if not any(overlap(spot, other) for other in taken):
            return spot
    return None


def _at_origin(
    nodes: dict[str, Box], labels: dict[int, Box], bends: dict[int, tuple[tuple[float, float], ...]]
) -> Layout:
    """Move everything so that the lower left corner is the origin; edges run straight."""
    taken = [*nodes.values(), *labels.values()]
    left = min(b.x - b.width / 2 for b in taken)
    low = min(b.y - b.height / 2 for b in taken)

    def moved(b: Box) -> Box:
        return replace(b, x=b.x - left, y=b.y - low)

    return Layout(
        nodes={k: moved(b) for k, b in nodes.items()},
        labels={n: moved(b) for n, b in labels.items()},
        bends=bends,
        width=max(b.x + b.width / 2 for b in taken) - left,
        height=max(b.y + b.height / 2 for b in taken) - low,
        flows=False,
    )


def overlap(a: Box, b: Box) -> bool:
    """Tell whether two boxes share any area."""
    return (
        abs(a.x - b.x) * 2 < a.width + b.width - 1e-6
        and abs(a.y - b.y) * 2 < a.height + b.height - 1e-6
    )


def of(picture: Picture, node_ems: float = 10.0, label_ems: float = 8.0) -> Layout:
    """Lay out a picture by its own kind of layout."""
    if picture.layout == "group":
        return group(picture, node_ems)
    return ring(picture) if picture.layout == "ring" else lanes(picture, node_ems, label_ems)
