"""Draw a picture for paper: Chinese labels readable at A4, also in black and white."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from graph import layout
from graph.draw_group import draw_legend, draw_ties
from graph.draw_timeline import draw_timeline, height_of
from graph.fonts import cjk_family
from graph.layout import Layout
from graph.picture import Picture, PictureEdge, Timeline
from graph.sheet import A4_HEIGHT, A4_WIDTH, KIND_NAMES, LEAST_POINTS, LINES, POINTS, Sheet, legible
from graph.wrapping import text_width, wrap
from ingest.errors import UserError


def _legible_picture(picture: Picture) -> Picture:
    return replace(
        picture,
        title=legible(picture.title),
        note=legible(picture.note),
        nodes=tuple(replace(n, name=legible(n.name), sub=legible(n.sub)) for n in picture.nodes),
        edges=tuple(replace(e, label=legible(e.label)) for e in picture.edges),
        timeline=None if picture.timeline is None else _legible_timeline(picture.timeline),
    )


def _legible_timeline(timeline: Timeline) -> Timeline:
    rows = (replace(r, label=legible(r.label), sub=legible(r.sub)) for r in timeline.rows)
    return replace(timeline, rows=tuple(rows), note=legible(timeline.note))


def _fit(picture: Picture) -> tuple[Layout, float]:
    """The layout and the font size at which it fits A4, narrowing columns before the font."""
    best: tuple[Layout, float] | None = None
    for points in (POINTS, 9.0, 8.0, LEAST_POINTS):
        for node_ems, label_ems in ((12.0, 9.0), (10.0, 8.0), (8.0, 7.0), (7.0, 6.0)):
            placed = layout.of(picture, node_ems, label_ems)
            em = points / 72
            if (placed.width + 2) * em > A4_WIDTH:
                continue
            best = best or (placed, points)
            if (placed.height + 9 + _below(picture)) * em <= A4_HEIGHT:
                return placed, points
    # Too tall for one page at any size: legible on a longer sheet beats tiny on one.
    return best or (layout.of(picture, 7.0, 6.0), LEAST_POINTS)


def _below(picture: Picture) -> float:
    """Height in ems of what stands below the graph."""
    return 0.0 if picture.timeline is None else height_of(picture.timeline) + 1.5


def figure(picture: Picture) -> Figure:
    """Draw a picture as a matplotlib figure of A4 width.

    Parameters
    ----------
    picture : Picture
        Nodes, edges, title and note.

    Returns
    -------
    matplotlib.figure.Figure
        Font size 10 points, down to 7 where the picture is wide; taller than A4 only when there is
        no other way to keep the labels readable.

    Raises
    ------
    UserError
        When no Chinese font is installed, or the picture has no node.
    """
    if not picture.nodes:
        raise UserError("没有可画的内容：图中没有任何节点。", exit_status=1)
    family = cjk_family()
    picture = _legible_picture(picture)
    placed, points = _fit(picture)
    em = points / 72
    width = A4_WIDTH / em
    title = wrap(picture.title, width / 1.35 - 2)
    note = wrap(picture.note, width / 0.86 - 2) if picture.note else ()
    below = _below(picture)
    top, foot = len(title) * 1.9 + 1.4, len(note) * 1.25 + 3.2 + below
    height = placed.height + top + foot + 1.6
    fig = Figure(figsize=(A4_WIDTH, height * em), facecolor="white")
    FigureCanvasAgg(fig)
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")
    sheet = Sheet(axes, points, family)
    for i, line in enumerate(title):
        sheet.write(width / 2, height - 1.5 - i * 1.9, line, 1.35, weight="bold")
    dx, dy = (width - placed.width) / 2, foot + 0.8
    if picture.layout == "group":
        draw_ties(sheet, placed, picture, (dx, dy))
    else:
        for n, edge in enumerate(picture.edges):
            _draw_edge(sheet, placed, n, edge, dx, dy)
    for box in placed.labels.values():
        sheet.axes.add_patch(
            Rectangle(
                (box.x + dx - box.width / 2, box.y + dy - box.height / 2), box.width, box.height,
                facecolor="white", edgecolor="none", zorder=2,
            )
        )  # fmt: skip
        sheet.lines(box, box.x + dx, box.y + dy)
    for node in picture.nodes:
        box = placed.nodes[node.key]
        sheet.box(box.x + dx, box.y + dy, box.width, box.height, node.kind, node.focus)
        sheet.lines(box, box.x + dx, box.y + dy)
    if picture.timeline is not None:
        draw_timeline(sheet, picture.timeline, foot - 0.5, width)
    legend = draw_legend if picture.layout == "group" else _draw_legend
    legend(sheet, picture, foot - below - 0.9)
    for i, line in enumerate(note):
        y = 1.0 + (len(note) - 1 - i) * 1.25
        sheet.write(1.0, y, line, 0.86, ha="left", color="#444444")
    return fig


def _draw_edge(
    sheet: Sheet, placed: Layout, n: int, edge: PictureEdge, dx: float, dy: float
) -> None:
    a, b = placed.nodes[edge.src], placed.nodes[edge.dst]
    style = LINES[edge.identity][0]
    label = placed.labels.get(n)
    if not placed.flows:
        sheet.axes.plot(
            [a.x + dx, b.x + dx], [a.y + dy, b.y + dy], color="#555555", linestyle=style,
            linewidth=0.9, zorder=1,
        )  # fmt: skip
        return
    if a.x > b.x:
        a, b = b, a
    points = [(a.x + a.width / 2, a.y)]
    if label:
        points += [(label.x - label.width / 2, label.y), (label.x + label.width / 2, label.y)]
    points += placed.bends[n]
    if abs(a.x - b.x) < 1e-6:  # both in one lane: out to the label and back to the same side
        points = [points[0], (label.x, label.y), (b.x + b.width / 2, b.y)] if label else points
    else:
        points.append((b.x - b.width / 2, b.y))
    sheet.line([(x + dx, y + dy) for x, y in points], style)


def _draw_legend(sheet: Sheet, picture: Picture, y: float) -> None:
    x = 1.0
    for kind in sorted({node.kind for node in picture.nodes}):
        name = KIND_NAMES.get(kind, kind)
        sheet.box(x + 1.0, y, 2.0, 1.0, kind, False)
        sheet.write(x + 2.5, y, name, 0.86, ha="left")
        x += text_width(name) * 0.86 + 4.0
    for identity in sorted({edge.identity for edge in picture.edges}, key=list(LINES).index):
        style, name = LINES[identity]
        sheet.line([(x, y), (x + 3.0, y)], style, 1.2)
        sheet.write(x + 3.5, y, name, 0.86, ha="left")
        x += text_width(name) * 0.86 + 5.0
    sheet.write(x, y, "[数字] 证据序号　粗框 本图所涉对象", 0.86, ha="left")


def draw(picture: Picture, path: FilePath) -> FilePath:
    """Write a picture as PNG or SVG, by the suffix of the path.

    Parameters
    ----------
    picture : Picture
        What to draw.
    path : pathlib.Path
        Ends in ``.png`` (200 dots an inch) or ``.svg`` (letters as outlines, no font needed).

    Returns
    -------
    pathlib.Path
        The path written; the same picture gives the same bytes.

    Raises
    ------
    UserError
        As ``figure`` does.
    """
    fig = figure(picture)
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "tanwei"}):
        metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        fig.savefig(path, dpi=200, metadata=metadata)
    return path
