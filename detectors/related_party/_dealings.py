"""What the detectors of dealings share: officials' posts, near relatives, and firms behind people.

THE place that touches the family's helpers for holdings: their names stand here once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from detectors.detector import Row
from detectors.evidence import among, holds, post_name, records, village_term_end, weakest
from detectors.links import aliases, certain_pairs
from detectors.related_party._story import tie_text
from graph.holdings import company_ties, edge_ids
from graph.kinship import parse_term

__all__ = ["company_ties", "edge_ids", "tie_text"]

Join = tuple[str | None, float | None]
POST_COLUMNS = ("name", "organization", "position", "duties", "start_date", "end_date")


# -- posts -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """A post: ``units`` are the entities that it is a post of (a village cadre's also the village).

    ``end`` may be the next election, taken for an end that is not recorded; then ``assumed``.
    """

    row: int
    text: str
    units: frozenset[str]
    start: date | None
    end: date | None
    assumed: bool
    in_charge: bool
    join: Join

    def holds(self, when: date) -> bool:
        """Tell whether the post may be held on a day."""
        return holds(when, self.start, self.end)


def posts_of(
    snapshot: Any, people: Iterable[str], elections: Iterable[str], charge: Iterable[str] = ()
) -> dict[str, tuple[Post, ...]]:
    """Fetch the posts of some officials, earliest first.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    people : iterable of str
        Entity ids.
    elections : iterable of str
        ISO dates at which village posts of unknown end are taken to end.
    charge : iterable of str
        Words in position or duties that put the holder in charge of what the unit does.
    """
    found: dict[str, list[Post]] = defaultdict(list)
    waves, words = tuple(elections), tuple(charge)
    for r in records(among(snapshot.table("officials"), "name_entity", people)):
        village = "村" in (r["identity_type"] or "")
        end = r["end_date"]
        if end is None and village and r["start_date"] is not None:
            end = village_term_end(r["start_date"], waves)
        places = (r["organization_entity"], r.get("village_entity") if village else None)
        said = f"{r['position'] or ''} {r['duties'] or ''}"
        found[r["name_entity"]].append(
            Post(
                r["row_id"],
                post_name(r["organization"], r["position"]),
                frozenset(p for p in places if p),
                r["start_date"],
                end,
                end != r["end_date"],
                any(word in said for word in words),
                (r["name_identity"], r["name_probability"]),
            )
        )
    return {p: tuple(sorted(own, key=lambda x: (str(x.start), x.text))) for p, own in found.items()}


def best_post(posts: Iterable[Post], when: date | None) -> Post | None:
    """Choose the post to name somebody by: one held on the day, in charge first."""
    held = [p for p in posts if when is None or p.holds(when)] or list(posts)
    return min(held, key=lambda p: (not p.in_charge, str(p.start), p.text), default=None)


def officials(snapshot: Any) -> Any:
    """Entities that hold or held posts, as an Ibis table with one column ``entity``."""
    table = snapshot.table("officials")
    return table.filter(table.name_entity.notnull()).select(entity=table.name_entity).distinct()


# -- relatives -------------------------------------------------------------------------------------


def shapes_of(words: Iterable[str]) -> frozenset[str]:
    """Shapes of chains that words for relations stand for.

    Raises
    ------
    ValueError
        If a word is no relation.

    Examples
    --------
    >>> sorted(shapes_of(["配偶", "子女的配偶"]))
    ['CS', 'S']
    """
    found = set()
    for word in words:
        readings = parse_term(word)
        if not readings:
            raise ValueError(word)
        found |= {r.shape for r in readings}
    return frozenset(found)


def within(term: str | None, shapes: frozenset[str]) -> bool:
    """Tell whether every reading of a term is of these shapes: a term in doubt accuses nobody.

    Examples
    --------
    >>> within("妻弟", shapes_of(["配偶的兄弟姐妹"])), within("堂弟", shapes_of(["兄弟姐妹"]))
    (True, False)
    """
    readings = parse_term(term or "")
    return bool(readings) and all(r.shape in shapes for r in readings)


def near_kin(
    snapshot: Any, egos: Any, most_namesakes: int, shapes: frozenset[str] | None = None
) -> Any:
    """Near relatives of people, walked to the parties that they may be in other tables.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    egos : ibis table
        Entity ids in its column ``entity``, each once.
    most_namesakes : int
        See :func:`detectors.links.aliases`.
    shapes : frozenset of str, optional
        Only relations all of whose readings have these shapes; else all of a legal class.

    Returns
    -------
    ibis table
        ``ego``, ``relative`` (as the kinship sources name it), ``person`` (as other tables may
        name it), ``kin_edge``, ``ego_identity``, ``ego_chance``, ``own_identity``, ``own_chance``.
    """
    edges = snapshot.edges
    kin = edges.filter((edges.kind == "kin") & edges.legal_class.notnull()).select(
        source="src", relative="dst", kin_edge="edge", term="term"
    )
    if shapes is not None:
        terms = [r["term"] for r in records(kin.select("term").distinct())]
        kin = kin.filter(kin.term.isin(sorted(t for t in terms if within(t, shapes))))
    own = aliases(snapshot, egos, most_namesakes).select(
        ego="entity", source="other", ego_identity="identity", ego_chance="probability"
    )
    tied = own.join(kin.drop("term"), "source")
    people = aliases(snapshot, tied.select(entity=tied.relative).distinct(), most_namesakes).select(
        relative="entity", person="other", own_identity="identity", own_chance="probability"
    )
    both = tied.join(people, "relative")
    both = both.filter((both.ego != both.relative) & (both.ego != both.person))
    return certain_pairs(both, "ego_identity", "own_identity").drop("source")


@dataclass(frozen=True)
class Kin:
    """One way in which a person is a near relative of somebody."""

    ego: str
    relative: str
    person: str
    edge: dict[str, Any]
    joins: tuple[Join, ...]

    @property
    def term(self) -> str:
        """What the relative is to ego."""
        return str(self.edge["term"])

    def holds(self, when: date) -> bool:
        """Tell whether the relation may be in force on a day."""
        return holds(when, self.edge["start_date"], self.edge["end_date"])


def kin_from(row: dict[str, Any], edges: dict[int, dict[str, Any]]) -> Kin:
    """Make a relative from a row of :func:`near_kin` and the fetched edges."""
    edge = edges[row["kin_edge"]]
    joins = (
        (row["ego_identity"], row["ego_chance"]),
        (row["own_identity"], row["own_chance"]),
        (edge["identity"], edge["probability"]),
    )
    return Kin(row["ego"], row["relative"], row["person"], edge, joins)


def kin_order(kin: Kin) -> tuple[Any, ...]:
    """Surest first, then the one that knows its dates, then by content."""
    return (
        *sureness(kin.joins),
        kin.edge["start_date"] is None and kin.edge["end_date"] is None,
        kin.relative,
        kin.person,
        kin.term,
        str(kin.edge["start_date"]),
        kin.edge["edge"],
    )


def sureness(joins: Iterable[Join]) -> tuple[int, float]:
    """Sort key of joins, the surest first."""
    identity, chance = weakest(joins)
    return ("certain", "probable", "name_only").index(identity), -(chance or 1.0)


# -- firms -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holding:
    """One way in which a person stands behind a firm; ``edges`` from the person's own on."""

    person: str
    company: str
    edges: tuple[dict[str, Any], ...]
    share: float | None

    @property
    def joins(self) -> tuple[Join, ...]:
        """Identity of each edge."""
        return tuple((e["identity"], e["probability"]) for e in self.edges)

    def holds(self, when: date) -> bool:
        """Tell whether every edge of the chain may be in force on a day."""
        return all(holds(when, e["start_date"], e["end_date"]) for e in self.edges)

    @property
    def tie(self) -> dict[str, Any]:
        """The tie as the family's wording of holdings takes it."""
        return {"edges": list(self.edges), "share": self.share, "person": self.person}


def holding_from(row: dict[str, Any], edges: dict[int, dict[str, Any]]) -> Holding:
    """Make a holding from a row with ``person``, ``company``, ``chain`` and ``share``."""
    chain = tuple(edges[e] for e in edge_ids(row["chain"]))
    return Holding(row["person"], row["company"], chain, row["share"])


def holding_order(holding: Holding) -> tuple[Any, ...]:
    """Sure, short, large first; then by content."""
    return (
        *sureness(holding.joins),
        len(holding.edges),
        -(holding.share or 0.0),
        [(e["kind"], e["src"], e["dst"], str(e["start_date"])) for e in holding.edges],
        [e["edge"] for e in holding.edges],
    )


def fetch_edges(snapshot: Any, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Fetch edges by id."""
    return {e["edge"]: e for e in records(among(snapshot.edges, "edge", ids))}


def firms_of(
    snapshot: Any, people: Any, max_layers: int, least_share: float
) -> tuple[Holding, ...]:
    """List the firms that people stand behind, best tie first.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    people : set of str
        Entity ids; few.
    max_layers : int
        Holdings on the longest chain.
    least_share : float
        Least effective share, 0–1.
    """
    wanted = set(people)
    if not wanted:
        return ()
    edges = snapshot.edges
    direct = among(
        edges.filter(edges.kind.isin(["legal_representative", "officer", "shareholder"])),
        "src",
        wanted,
    )
    firms = direct.select(company=direct.dst).distinct()
    held = edges.filter((edges.kind == "shareholder") & edges.src.startswith("c-"))
    for _ in range(max_layers - 1):
        below = held.semi_join(firms, held.src == firms.company).select(company="dst")
        firms = firms.union(below, distinct=True)
    ties = among(company_ties(snapshot, firms, max_layers, least_share), "person", wanted)
    rows = records(ties)
    found = fetch_edges(snapshot, {e for r in rows for e in edge_ids(r["chain"])})
    return tuple(sorted((holding_from(r, found) for r in rows), key=holding_order))


def post_row(post: Post) -> Row:
    """The row of a post, to be cited."""
    return Row("officials", post.row, "任职记录", POST_COLUMNS)
