"""What is to be drawn: nodes in lanes from power-holder to money, and labelled edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class PictureNode:
    """A node; ``lane`` 0 is the left edge (officials), larger lanes lie further right.

    ``kind`` is a node kind of ``graph.schema`` (or ``group``, ``money``); ``sub`` is a short second
    line (post, masked number, amount); ``focus`` marks whom the picture is about.
    """

    key: str
    name: str
    kind: str
    lane: int
    sub: str = ""
    focus: bool = False


@dataclass(frozen=True)
class PictureEdge:
    """A labelled edge; ``label`` holds relation and dates, ``evidence`` the numbers behind it.

    ``weight``: how often the two met, which a ``group`` picture shows as width; 0: of no matter.
    """

    src: str
    dst: str
    label: str
    identity: Literal["certain", "probable", "name_only"] = "certain"
    evidence: tuple[int, ...] = ()
    weight: float = 0.0


@dataclass(frozen=True)
class TimelineRow:
    """A line of a timeline: a name at its left, figures at its right."""

    label: str
    sub: str = ""


@dataclass(frozen=True)
class TimelineMark:
    """What happened on a day in a row: ``bid``, ``win``, or ``other`` (somebody else won).

    ``lot`` numbers what is put out to tender, so that marks of one lot can be joined; ``size`` is
    the amount relative to the largest (0 to 1); ``text`` says it in words.
    """

    row: int
    lot: int
    day: date
    kind: Literal["bid", "win", "other"]
    size: float
    text: str


@dataclass(frozen=True)
class Timeline:
    """Who bid and won when; ``note`` tells what the sizes mean and what could not be drawn."""

    rows: tuple[TimelineRow, ...]
    marks: tuple[TimelineMark, ...]
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A small graph to be drawn.

    ``layout``: ``lanes`` (paths), ``ring`` (bidders on a par), ``group`` (members of a group in lane
    0 with the market around them in lane 1, and a ``timeline`` below).
    """

    title: str
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    note: str = ""
    layout: Literal["lanes", "ring", "group"] = "lanes"
    timeline: Timeline | None = None
