"""The path that a clue of this family draws: official, kin, firms, projects, units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from detectors.detector import Path, PathEdge, Row
from detectors.evidence import cite, first_rows, period_of, weakest, yuan
from detectors.names import Names
from detectors.related_party._reach import Case, Option
from detectors.related_party._supplies import Supply
from detectors.related_party._words import POST_COLUMNS, drawn_term, short_text, tie_term, unique

# More lots than this are drawn as one edge with their number and sum.
_MOST_LOTS = 4
_MOST_TIES = 4


def kin_path(case: Case, chosen: list[Option], supplies: list[Supply], names: Names) -> Path:
    """Draw an official, the relatives, their ties to the firm, and what the firm supplied."""
    edges: list[PathEdge] = []
    for option in chosen[:_MOST_TIES]:
        kin = option.kin
        edges.append(path_edge(kin, drawn_term(kin), "亲属关系记录"))
        person = option.tie["person"]
        if person != kin["dst"]:
            identity, _ = weakest(option.joins)
            edges.append(PathEdge(kin["dst"], person, "same_as", "疑为同一人", identity=identity))
        edges += tie_edges(option.tie["edges"])
    units = sorted({s.unit for s in supplies}, key=names.of)
    edges += supply_edges(supplies, units)
    posts = {o.post["row_id"]: o.post for _, o in case.held}.values()
    edges += [post_edge(case.official, post, post["seat"]) for post in posts]
    for supply, option in case.held:
        area = option.post["area"]
        if area:
            label = area.near.removeprefix("其").removesuffix("的").removesuffix("内")
            seat = option.post["seat"]
            edges.append(PathEdge(seat, supply.unit, "area", label, cites=area.rows))
    return path_of(case.official, edges, units)


def path_of(first: str, edges: Iterable[PathEdge], units: Sequence[str]) -> Path:
    """Put edges together: each once, the first node first, the buyers last."""
    told = list({(e.src, e.dst, e.kind, e.term): e for e in edges}.values())
    between = [n for e in told for n in (e.src, e.dst) if n not in units]
    nodes = tuple(unique([first, *between, *units]))
    return Path(nodes, tuple(told), tuple((u, "purchaser") for u in units))


def tie_edges(edges: Iterable[dict[str, Any]]) -> list[PathEdge]:
    """Draw the edges from a person to a firm."""
    return [path_edge(edge, tie_term(edge), "企业登记记录") for edge in edges]


def supply_edges(supplies: Sequence[Supply], units: Sequence[str]) -> list[PathEdge]:
    """Draw few lots one by one, and all else as one edge a firm and buyer with number and sum."""
    edges = []
    lots = [s for s in supplies if s.entity]
    if len(lots) <= _MOST_LOTS:
        for s in lots:
            term = "中标" + (f"{yuan(s.amount)}" if s.amount is not None else "")
            lot = s.entity or ""
            edges.append(PathEdge(s.company, lot, "wins", term, s.when, s.when, cites=s.rows))
            edges.append(PathEdge(lot, s.unit, "purchases", "招标人", cites=s.rows[:1]))
    for company in unique(s.company for s in supplies):
        for unit in units:
            mine = [s for s in supplies if s.unit == unit and s.company == company]
            rest = [s for s in mine if not s.entity or len(lots) > _MOST_LOTS]
            if rest:
                first, last = period_of(s.when for s in rest) or (None, None)
                rows = first_rows(r for s in rest for r in s.rows)
                term = short_text(rest)
                edges.append(PathEdge(company, unit, "contract", term, first, last, cites=rows))
    return edges


def post_edge(official: str, post: dict[str, Any], unit: str) -> PathEdge:
    """Draw a post."""
    row = Row("officials", post["row_id"], "任职记录", POST_COLUMNS)
    return PathEdge(
        official,
        unit,
        "position",
        post["position"] or "任职",
        post["start_date"],
        post["end_date"],
        cites=(row,),
    )


def path_edge(edge: dict[str, Any], term: str, text: str) -> PathEdge:
    """Draw an edge of the graph with its dates, identity and rows."""
    return PathEdge(
        edge["src"],
        edge["dst"],
        edge["kind"],
        term,
        edge["start_date"],
        edge["end_date"],
        edge["identity"] or "certain",
        cite(edge["sources"], text),
    )
