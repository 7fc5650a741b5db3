"""Draw the ties of a group of bidders: wide where two met often, grey to those around it."""

from __future__ import annotations

from graph.draw_timeline import draw_key
from graph.layout import MOST_LABELLED, Layout
from graph.picture import Picture
from graph.sheet import Sheet
from graph.wrapping import text_width

_LEAST, _MOST, _MOST_CROWDED = 0.6, 4.0, 2.2  # points


def draw_ties(sheet: Sheet, placed: Layout, picture: Picture, offset: tuple[float, float]) -> None:
    """Draw the edges of a ``group`` picture.

    Parameters
    ----------
    sheet : Sheet
    placed : Layout
    picture : Picture
    offset : (float, float)
        Where the layout's origin lies on the sheet, in ems.
    """
    dx, dy = offset
    outside = {node.key for node in picture.nodes if node.lane}
    widest = _MOST if _labelled(picture) else _MOST_CROWDED
    most = max((edge.weight for edge in picture.edges), default=1.0) or 1.0
    for edge in picture.edges:
        a, b = placed.nodes[edge.src], placed.nodes[edge.dst]
        aside = edge.src in outside or edge.dst in outside
        sheet.axes.plot(
            [a.x + dx, b.x + dx],
            [a.y + dy, b.y + dy],
            color="#c8c8c8" if aside else "#555555",
            linewidth=_LEAST + (widest - _LEAST) * edge.weight / most,
            solid_capstyle="butt",
            zorder=0.5 if aside else 1,
        )


def _labelled(picture: Picture) -> bool:
    return sum(not node.lane for node in picture.nodes) <= MOST_LABELLED


def draw_legend(sheet: Sheet, picture: Picture, y: float) -> None:
    """Explain boxes, lines and marks of a ``group`` picture."""
    x = 1.0
    for kind, focus, name in (("company", True, "成员"), ("rival", False, "同场较多的其他企业")):
        if not focus and not any(node.lane for node in picture.nodes):
            continue
        sheet.box(x + 1.0, y, 2.0, 1.0, kind, focus)
        sheet.write(x + 2.5, y, name, 0.86, ha="left")
        x += text_width(name) * 0.86 + 3.7
    name = f"{'线上数字、' if _labelled(picture) else ''}线宽：共同投标的标段数"
    sheet.axes.plot([x, x + 2.0], [y, y], color="#555555", linewidth=2.4)
    sheet.write(x + 2.5, y, name, 0.86, ha="left")
    x += text_width(name) * 0.86 + 4.0
    if picture.timeline is not None:
        draw_key(sheet, picture.timeline, x, y)
