"""A sheet of A4 to draw on: Chinese words, boxes and lines told apart without colour."""

from __future__ import annotations

import functools
import itertools
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.ft2font import FT2Font
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path as Curve

from graph.fonts import cjk_family
from graph.layout import Box
from graph.schema import NODE_KINDS
from graph.wrapping import LINE

A4_WIDTH = 11.0  # inches of A4 landscape between narrow margins
A4_HEIGHT = 7.4
POINTS = 10.0
LEAST_POINTS = 7.0
INK = "#1a1a1a"
# Told apart by border and tint; the tint is lost in black and white, the border and words are not.
STYLES: dict[str, tuple[str, str, str]] = {
    "person": ("#fdf3e1", "round,pad=0,rounding_size=0.45", "solid"),
    "company": ("#e6eff8", "square,pad=0", "solid"),
    "unit": ("#e9f3e6", "square,pad=0", "solid"),
    "village": ("#e9f3e6", "round,pad=0,rounding_size=0.3", "solid"),
    "tender": ("#f3eaf6", "square,pad=0", "dashed"),
    "money": ("#f3eaf6", "square,pad=0", "dashed"),
    "account": ("#f2f2f2", "square,pad=0", "dotted"),
    "phone": ("#f2f2f2", "square,pad=0", "dotted"),
    "address": ("#f2f2f2", "square,pad=0", "dotted"),
    "group": ("#f2f2f2", "round,pad=0,rounding_size=0.45", "dashed"),
    "rival": ("#f2f2f2", "square,pad=0", "dotted"),
}
KIND_NAMES: dict[str, str] = dict(NODE_KINDS.items()) | {
    "money": "合同与资金",
    "group": "团体",
    "rival": "同场较多的其他企业",
}
LINES: dict[str, tuple[str, str]] = {
    "certain": ("solid", "号码或登记名称确定"),
    "probable": ("dashed", "很可能是同一主体，须核对"),
    "name_only": ("dotted", "仅姓名相同，须核对"),
}


@functools.cache
def _face(family: str) -> FT2Font:
    return font_manager.get_font(font_manager.findfont(family, fallback_to_default=False))


def legible(text: str) -> str:
    """Write characters that the font lacks as their code, so that no empty box is ever drawn.

    Examples
    --------
    >>> legible("张三")
    '张三'
    """
    face = _face(cjk_family())
    return "".join(
        c if c.isspace() or face.get_char_index(ord(c)) else f"[U+{ord(c):04X}]" for c in text
    )


class Sheet:
    """Axes in ems with the font to write on them."""

    def __init__(self, axes: Axes, points: float, family: str) -> None:
        self.axes = axes
        self.points = points
        self.family = family

    def write(self, x: float, y: float, text: str, scale: float = 1.0, **style: Any) -> None:
        style = {"ha": "center", "va": "center", "color": INK, **style}
        self.axes.text(x, y, text, fontsize=self.points * scale, family=self.family, **style)

    def lines(self, box: Box, x: float, y: float) -> None:
        top = y + (len(box.lines) - 1) * LINE / 2
        for i, line in enumerate(box.lines):
            weight = "bold" if i < box.head else "normal"
            self.write(x, top - i * LINE, line, zorder=5, weight=weight)

    def box(self, x: float, y: float, width: float, height: float, kind: str, focus: bool) -> None:
        tint, shape, border = STYLES.get(kind, STYLES["group"])
        patch = FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height, boxstyle=shape, zorder=4,
            facecolor=tint, edgecolor=INK, linestyle=border, linewidth=2.2 if focus else 0.9,
        )  # fmt: skip
        self.axes.add_patch(patch)

    def line(self, points: list[tuple[float, float]], style: str, width: float = 0.9) -> None:
        """A smooth line through the points, horizontal at each of them."""
        vertices, codes = [points[0]], [Curve.MOVETO]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            middle = (x0 + x1) / 2
            vertices += [(middle, y0), (middle, y1), (x1, y1)]
            codes += [Curve.CURVE4] * 3
        patch = PathPatch(
            Curve(vertices, codes), fill=False, edgecolor="#555555", linestyle=style,
            linewidth=width, zorder=1,
        )  # fmt: skip
        self.axes.add_patch(patch)
