"""Sentences and drawn edges that the detectors of dealings share."""

from __future__ import annotations

from collections.abc import Iterable

from detectors.detector import PathEdge, Row, Sentence
from detectors.evidence import cite, day, first_rows, weakest
from detectors.names import Names
from detectors.related_party._dealings import Holding, Kin, Post, post_row, tie_text
from detectors.related_party._drawn import path_edge, tie_edges
from detectors.related_party._words import doubt_text, drawn_term, kin_text


def post_sentence(name: str, post: Post) -> Sentence:
    """Say which post somebody holds, from when to when."""
    start = f"{day(post.start)}起" if post.start else "任职起始日期不详"
    end = f"至{day(post.end)}" if post.end and not post.assumed else "，未见离任记录"
    if post.assumed and post.end:
        end += f"（按任至{day(post.end)}换届推定）"
    return Sentence(f"{name}任{post.text}，任职时间{start}{end}。", (post_row(post),))


def kin_sentence(kin: Kin, names: Names, register: str = "") -> Sentence:
    """Say what a relative is to somebody; ``register`` says where a row states it."""
    return Sentence(
        f"{kin_text(kin.edge, names, register)}{doubt_text(kin.joins)}。", kin_rows(kin)
    )


def kin_rows(kin: Kin) -> tuple[Row, ...]:
    """Rows that a kinship rests on."""
    return cite(kin.edge["sources"], "亲属关系记录")


def holding_rows(holding: Holding) -> tuple[Row, ...]:
    """Rows that a holding rests on."""
    return first_rows(r for e in holding.edges for r in cite(e["sources"], "企业登记记录"))


def holding_sentence(holding: Holding, who: str, names: Names) -> Sentence:
    """Say how somebody stands behind a firm."""
    return Sentence(f"{who}{tie_text(holding.tie, names)}。", holding_rows(holding))


# -- drawn edges -------------------------------------------------------------------------------------


def kin_edges(kin: Kin) -> list[PathEdge]:
    """Draw a kinship, and the doubt whether the relative is who stands in other tables."""
    drawn = [path_edge(kin.edge, drawn_term(kin.edge), "亲属关系记录")]
    if kin.person != kin.relative:
        identity, _ = weakest(kin.joins)
        drawn.append(PathEdge(kin.relative, kin.person, "same_as", "疑为同一人", identity=identity))
    return drawn


def holding_edges(holding: Holding) -> list[PathEdge]:
    """Draw the chain from a person to a firm."""
    return tie_edges(holding.edges)


def post_edge(official: str, unit: str, post: Post, position: str) -> PathEdge:
    """Draw a post; ``position`` is what stands on the line."""
    end = None if post.assumed else post.end
    return PathEdge(official, unit, "position", position, post.start, end, cites=(post_row(post),))


def nodes_of(first: Iterable[str], edges: Iterable[PathEdge]) -> tuple[str, ...]:
    """Nodes of a path in reading order: the given ones first, then by the edges."""
    ends = [end for e in edges for end in (e.src, e.dst)]
    return tuple(dict.fromkeys([*first, *ends]))
