"""How wide and how high cells of a workbook must be for their text to be read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from graph.wrapping import text_width

LINE_POINTS = 13.5
MOST_POINTS = 400.0
"""Excel allows 409."""


def units(text: str) -> float:
    """Width of a text in Excel's column units: Latin characters 1, Chinese ones nearly 2.

    Examples
    --------
    >>> units("ab") < units("甲乙")
    True
    """
    return text_width(text) * 1.85


def row_height(cells: Iterable[str], widths: Sequence[float]) -> float:
    """Points that a row needs so that every wrapped cell is seen whole.

    Spreadsheet programs differ in fitting heights on opening; a height that stands in the file is
    the same for all, and on paper.

    Parameters
    ----------
    cells : iterable of str
        Texts in the order of the columns.
    widths : sequence of float
        Column widths in Excel's units.

    Examples
    --------
    >>> row_height(["甲" * 30, "乙"], [20, 20]) > row_height(["甲", "乙"], [20, 20])
    True
    """
    lines = 1
    for text, width in zip(cells, widths, strict=False):
        needed = sum(
            max(1, math.ceil(units(part) / max(width - 1, 1))) for part in text.split("\n")
        )
        lines = max(lines, needed)
    return min(lines * LINE_POINTS + 3, MOST_POINTS)


def column_width(header: str, texts: Iterable[str], least: float = 9, most: float = 36) -> float:
    """Width that shows the header and the longest text, within bounds, in Excel's units."""
    longest = max((units(text) for text in texts), default=0.0)
    return max(least, min(most, max(units(header), longest) + 2))
