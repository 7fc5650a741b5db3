"""What a document is made of: one content, set on paper in two ways (DOCX and PDF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Heading:
    """A heading: level 1 一、 (黑体), 2 （一） (楷体); level 0 the title of an annex."""

    text: str
    level: Literal[0, 1, 2]


@dataclass(frozen=True)
class Para:
    """A paragraph; ``body`` is indented by two characters, ``note`` smaller and not indented.

    ``keep``: on one page with what follows.
    """

    text: str
    style: Literal["body", "left", "center", "right", "note"] = "body"
    keep: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a table; ``span`` columns wide, ``label`` set apart and centred."""

    text: str
    span: int = 1
    label: bool = False


@dataclass(frozen=True)
class Table:
    """A table; widths are shares of the line, ``heights`` the least height of each row in mm (0: none).

    The first ``header`` rows are repeated on every page the table runs over.
    """

    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    header: int = 0
    heights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """An image file of the folder, as wide as the line or as high as the page lets it be."""

    file: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Break:
    """A new page, upright or lying."""

    landscape: bool = False


@dataclass(frozen=True)
class CutLine:
    """A dashed line across the page, along which two copies are parted."""


@dataclass(frozen=True)
class Space:
    """Empty lines."""

    lines: int = 1


Block = Heading | Para | Table | Figure | Break | CutLine | Space


@dataclass(frozen=True)
class Letter:
    """A document ready to be set.

    Parameters
    ----------
    file : str
        File name without suffix.
    title : str
        Its title; a line feed breaks the line there.
    letterhead : str or None
        The office's name for the red head of a 信函格式 letter; None for an internal form.
    marks : tuple of (str, str)
        What stands left and right above the title, line by line.
    blocks : tuple of Block
        The rest, in order.
    """

    file: str
    title: str
    letterhead: str | None
    marks: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]


def texts(letter: Letter) -> tuple[str, ...]:
    """Every text of a letter in reading order.

    Examples
    --------
    >>> texts(Letter("a", "标题", None, (), (Para("正文"),)))
    ('标题', '正文')
    """
    out = [letter.letterhead or "", *(t for pair in letter.marks for t in pair), letter.title]
    for block in letter.blocks:
        if isinstance(block, (Heading, Para)):
            out.append(block.text)
        elif isinstance(block, Table):
            out += [cell.text for row in block.rows for cell in row]
    return tuple(text for text in out if text)
