"""Telling what ties an official himself to a firm: posts, ties, the firm, the path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from detectors.detector import Path, PathEdge, Row, Sentence
from detectors.evidence import cite, first_rows, weakest
from detectors.names import Names
from detectors.related_party._drawn import path_of, post_edge, supply_edges, tie_edges
from detectors.related_party._firms import Firm
from detectors.related_party._own_firms import OwnFirm, Tie, below_text, ties_text
from detectors.related_party._posts import in_village
from detectors.related_party._supplies import Supply
from detectors.related_party._words import (
    POST_COLUMNS,
    doubt_text,
    post_span,
    post_text,
    unique,
)


def post_sentences(official: str, posts: Iterable[dict[str, Any]]) -> list[Sentence]:
    """Say which posts an official holds or held, and when."""
    return [
        Sentence(
            f"{official}任{post_text(post)}，{post_span(post)}。",
            (Row("officials", post["row_id"], "任职记录", POST_COLUMNS),),
        )
        for post in posts
    ]


def tie_sentences(
    official: str, ties: Sequence[Tie], firm: Firm, dated: str = ""
) -> list[Sentence]:
    """Say what ties an official to a firm, since when, and what the register says of the firm."""
    rows = first_rows(r for t in ties for r in cite(t.edge["sources"], "企业登记记录"))
    doubt = doubt_text(j for t in ties for j in t.joins)
    sentences = [Sentence(f"{official}{dated}{ties_text(ties, firm.name)}{doubt}。", rows)]
    if firm.row is not None and (firm.row.get("status") or firm.kind):
        status = firm.row.get("status")
        said = f"登记状态为{status}" if status else "登记状态不详"
        kind = f"，类型为{firm.kind}" if firm.kind else ""
        sentences.append(Sentence(f"{firm.name}{said}{kind}。", firm.cite()))
    return sentences


def below_sentences(pair: OwnFirm, below: Iterable[str], names: Names) -> list[Sentence]:
    """Say how firms further down are held."""
    return [
        Sentence(
            f"{below_text(pair.below[company], names)}。",
            first_rows(r for e in pair.below[company] for r in cite(e["sources"], "企业登记记录")),
        )
        for company in below
    ]


def own_gaps(
    posts: Iterable[dict[str, Any]], ties: Iterable[Tie], deals: Iterable[Supply], firm: Firm
) -> list[str]:
    """Name what is missing that could change the result."""
    posts, gaps = list(posts), []
    if any(p["start_date"] is None for p in posts):
        gaps.append("任职起始日期缺失，按任职期间有效处理。")
    if any(p["end_date"] is None and in_village(p) for p in posts):
        gaps.append("村级任职缺少离任日期，按任至下一次换届推定。")
    if any(t.edge["start_date"] is None for t in ties):
        gaps.append("入股或任职日期缺失，按登记状态一直有效处理。")
    if firm.row is None:
        gaps.append("没有该企业的工商登记记录，不能核对登记状态和类型。")
    if any(s.amount is None for s in deals):
        gaps.append("部分项目没有金额，合计偏低。")
    return gaps


def own_path(
    pair: OwnFirm,
    posts: Sequence[dict[str, Any]],
    ties: Sequence[Tie],
    deals: Sequence[Supply],
    names: Names,
) -> Path:
    """Draw the official, the ties, the firms below, what they supplied, and the posts."""
    edges: list[PathEdge] = []
    for tie in ties:
        person = tie.edge["src"]
        if person != pair.official:
            identity = weakest([tie.join])[0]
            edges.append(
                PathEdge(pair.official, person, "same_as", "疑为同一人", identity=identity)
            )
    edges += tie_edges(t.edge for t in ties)
    below = unique(s.company for s in deals if s.company != pair.company)
    edges += tie_edges(e for c in below for e in pair.below[c])
    units = sorted({s.unit for s in deals}, key=names.of)
    edges += supply_edges(deals, units)
    seats = [p["organization_entity"] for p in posts]
    edges += [post_edge(pair.official, p, seat) for p, seat in zip(posts, seats, strict=True)]
    return path_of(pair.official, edges, units)


def joins_of(
    pair: OwnFirm,
    posts: Iterable[dict[str, Any]],
    ties: Iterable[Tie],
    deals: Sequence[Supply],
) -> list[tuple[str | None, float | None]]:
    """Every join that a finding about these needs."""
    below = unique(s.company for s in deals if s.company != pair.company)
    return [
        *(j for t in ties for j in t.joins),
        *((p["name_identity"], p["name_probability"]) for p in posts),
        *(j for s in deals for j in s.joins),
        *((e["identity"], e["probability"]) for c in below for e in pair.below[c]),
    ]
