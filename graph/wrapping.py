"""Breaking Chinese text into lines: how wide it is and where it may break."""

from __future__ import annotations

import unicodedata

import numpy as np

LINE = 1.32  # line height in ems


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
