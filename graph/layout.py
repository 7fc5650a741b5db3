"""Place a lane picture so that no label lies on another: layered drawing with labels as nodes.

Sugiyama's method in its plain form: every edge label gets a place of its own in a column between
two lanes, long edges get a bend in every column they cross, columns are ordered by the barycentre
of their neighbours, and heights are the least-squares ones that keep the order and the gaps
(isotonic regression). General graph layouts know nothing of labels, which is why it is here.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np

from graph.picture import Picture, PictureEdge, PictureNode

LINE = 1.32  # line height in ems
SWEEPS = 12


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


def text_width(text: str) -> float:
    """Width of a text in ems: full-width characters 1, others a little over a half.

    Examples
    --------
    >>> text_width("张三") == 2
    True
    """
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.58 for c in text)


def wrap(text: str, ems: float) -> tuple[str, ...]:
    """Break a text into lines of at most ``ems`` ems, of about equal length.

    Numbers and Latin words stay whole, even where that makes a line longer.

    Examples
    --------
    >>> wrap("江州恒达建设工程有限公司", 11)
    ('江州恒达建设', '工程有限公司')
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        broken = _break(paragraph, ems)
        # One character on a last line reads badly: share the text out over as many lines.
        for narrower in np.arange(text_width(paragraph) / max(len(broken), 1), ems, 0.5):
            balanced = _break(paragraph, float(narrower))
            if len(balanced) == len(broken):
                broken = balanced
                break
        lines += broken
    return tuple(lines)


def _break(text: str, ems: float) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        # Closing punctuation hangs rather than begin a line.
        if line and text_width(line + piece) > ems and piece[0] not in "，。、；：）》”,.;:)%—":
            lines.append(line.strip())
            line = ""
        line += piece
    return [*lines, line.strip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for char in text:
        narrow = unicodedata.east_asian_width(char) not in "WFA" and char != "["
        glue = narrow and pieces and unicodedata.east_asian_width(pieces[-1][-1]) not in "WFA"
        # A run longer than any column must still break somewhere.
        if glue and not char.isspace() and len(pieces[-1]) < 24:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


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
        for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73):
            x, y = a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t
            spot = Box(item.key, item.lines, x, y, item.width, item.height)
            if not any(overlap(spot, other) for other in taken):
                labels[n] = spot
                taken.append(spot)
                break
    left = min(b.x - b.width / 2 for b in taken)
    right = max(b.x + b.width / 2 for b in taken)
    low = min(b.y - b.height / 2 for b in taken)
    high = max(b.y + b.height / 2 for b in taken)

    def moved(b: Box) -> Box:
        return replace(b, x=b.x - left, y=b.y - low)

    return Layout(
        nodes={k: moved(b) for k, b in nodes.items()},
        labels={n: moved(b) for n, b in labels.items()},
        bends=dict.fromkeys(range(len(picture.edges)), ()),
        width=right - left,
        height=high - low,
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
    return ring(picture) if picture.layout == "ring" else lanes(picture, node_ems, label_ems)
