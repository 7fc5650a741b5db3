"""What is to be drawn: nodes in lanes from power-holder to money, and labelled edges."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A labelled edge; ``label`` holds relation and dates, ``evidence`` the numbers behind it."""

    src: str
    dst: str
    label: str
    identity: Literal["certain", "probable", "name_only"] = "certain"
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A small graph to be drawn; ``layout`` ``lanes`` (paths) or ``ring`` (co-bidding groups)."""

    title: str
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    note: str = ""
    layout: Literal["lanes", "ring"] = "lanes"
