"""Officials whose near relatives stand behind firms that supply the officials' own units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from detectors.evidence import among, holds, records, village_term_end, weakest
from detectors.links import aliases, certain_pairs
from detectors.related_party._firms import without_collectives
from detectors.related_party._supplies import Supply, projects
from graph.holdings import Holdings, company_ties, edge_ids


class ReachSettings(Protocol):
    """The settings that the search and the judging of dates need."""

    @property
    def max_layers(self) -> int:
        """Most holdings on a chain."""

    @property
    def least_share(self) -> float:
        """Least effective share, 0–1."""

    @property
    def most_namesakes(self) -> int:
        """Most numbered bearers of a name that may join by name alone."""


@dataclass(frozen=True)
class Option:
    """One way in which an official is tied to a firm and the firm to a unit of the official's.

    ``post["unit"]`` is the buyer; with ``post["lots"]`` only these lots of it count.
    """

    post: dict[str, Any]
    kin: dict[str, Any]
    tie: dict[str, Any]
    joins: tuple[tuple[str | None, float | None], ...]
    holdings: Holdings
    least_share: float

    def failing(self, when: date, elections: Iterable[str]) -> str | None:
        """Name the benign explanation that clears an event of this day, or None if all holds."""
        if not holds(when, self.post["start_date"], tenure_end(self.post, elections)):
            return "tenure"
        if not holds(when, self.kin["start_date"], self.kin["end_date"]):
            return "kin_ended"
        if not all(holds(when, e["start_date"], e["end_date"]) for e in self.tie["edges"]):
            return "tie_ended"
        total = self.total(when)
        if total is not None and total < self.least_share:
            return "tie_ended"
        return None

    def total(self, when: date) -> float | None:
        """Effective share (0–1) over all chains on a day; None without shares or for other ties."""
        if self.tie["share"] is None or self.tie["edges"][0]["kind"] != "shareholder":
            return None
        company = self.tie["edges"][-1]["dst"]
        return self.holdings.on(when).share(self.tie["person"], company)

    def covers(self, supply: Supply) -> bool:
        """Tell whether a supply is one to the unit this option is about."""
        lots = self.post.get("lots")
        return self.post["unit"] == supply.unit and (lots is None or supply.entity in lots)


def reach_units(snapshot: Any, pairs: Any, settings: ReachSettings) -> Any:
    """Join supplying firms to tied people, to relatives, to officials and their posts."""
    posts = own_posts(snapshot)
    return reach_officials(snapshot, pairs, settings).join(posts, "official")


def reach_officials(snapshot: Any, pairs: Any, settings: ReachSettings) -> Any:
    """Join supplying firms to tied people, to relatives, to officials, whatever their posts.

    Returns
    -------
    ibis table
        ``company``, ``person``, ``chain``, ``share``, ``relative``, ``kin_edge``, ``official`` and
        the identities of the joins on the way; who is an official is for the posts to say.
    """
    firms = without_collectives(snapshot, pairs.select("company").distinct())
    ties = company_ties(snapshot, firms, settings.max_layers, settings.least_share)
    holders = aliases(
        snapshot, ties.select(entity=ties.person).distinct(), settings.most_namesakes
    ).select(person="entity", relative="other", tie_identity="identity", tie_chance="probability")
    edges = snapshot.edges
    kin = edges.filter((edges.kind == "kin") & edges.legal_class.notnull()).select(
        ego="src", relative="dst", kin_edge="edge"
    )
    egos = ties.join(holders, "person").join(kin, "relative")
    officers = aliases(
        snapshot, egos.select(entity=egos.ego).distinct(), settings.most_namesakes
    ).select(ego="entity", official="other", ego_identity="identity", ego_chance="probability")
    reach = egos.join(officers, "ego")
    # The official's own firm is another detector's business.
    reach = reach.filter((reach.official != reach.person) & (reach.official != reach.relative))
    return certain_pairs(reach, "tie_identity", "ego_identity")


def own_posts(snapshot: Any) -> Any:
    """Posts with the unit that is the official's own; a village cadre's is also the village."""
    table = snapshot.table("officials")
    columns = {"official": table.name_entity, "post_row": table.row_id}
    posts = table.select(unit=table.organization_entity, **columns)
    if "village_entity" in table.columns:
        village = table.filter(_is_village(table)).select(unit=table.village_entity, **columns)
        posts = posts.union(village.filter(village.unit.notnull()), distinct=True)
    return posts.filter(posts.unit.notnull() & posts.official.notnull())


def _is_village(table: Any) -> Any:
    return table.identity_type.fill_null("").contains("村")


def fetch_options(
    snapshot: Any, rows: list[dict[str, Any]], least_share: float
) -> dict[tuple[str, str], list[Option]]:
    """Fetch the posts, kin edges, tie edges and holdings behind the joined rows."""
    holdings = Holdings.above(snapshot, {r["company"] for r in rows})
    wanted = {r["kin_edge"] for r in rows} | {e for r in rows for e in edge_ids(r["chain"])}
    edges = snapshot.edges
    by_edge = {e["edge"]: e for e in records(among(edges, "edge", wanted))}
    officials = snapshot.table("officials")
    post_ids = {r["post_row"] for r in rows}
    by_post = {p["row_id"]: p for p in records(among(officials, "row_id", post_ids))}
    options: dict[tuple[str, str], list[Option]] = defaultdict(list)
    for row in rows:
        kin = by_edge[row["kin_edge"]]
        tie_edges = [by_edge[e] for e in edge_ids(row["chain"])]
        area = row.get("area")
        post = {**by_post[row["post_row"]], "unit": row["unit"], "area": area}
        post["lots"] = area.lots if area else None
        # Where the post is: the buyer itself unless the buyer only lies in the official's area.
        post["seat"] = post["organization_entity"] if area else row["unit"]
        joins = (
            (row["tie_identity"], row["tie_chance"]),
            (row["ego_identity"], row["ego_chance"]),
            (kin["identity"], kin["probability"]),
            (post["name_identity"], post["name_probability"]),
            *((e["identity"], e["probability"]) for e in tie_edges),
        )
        tie = {"edges": tie_edges, "share": row["share"], "person": row["person"]}
        option = Option(post, kin, tie, joins, holdings, least_share)
        options[row["official"], row["company"]].append(option)
    return {key: sorted(found, key=_option_order) for key, found in options.items()}


# A holding says more of who gains than a seat does.
_TOLD = ("shareholder", "legal_representative", "officer")


def _option_order(option: Option) -> tuple[Any, ...]:
    """Best explanation first: sure, short, large share, dated; then by content, to the last."""
    identity, chance = weakest(option.joins)
    return (
        ("certain", "probable", "name_only").index(identity),
        -(chance or 1.0),
        # What a row states says more than what several show together.
        option.kin["basis"] == "inferred",
        len(option.tie["edges"]),
        _TOLD.index(option.tie["edges"][0]["kind"]),
        -(option.tie["share"] or 0.0),
        option.kin["dst"],
        [(e["kind"], e["src"], e["dst"], str(e["start_date"])) for e in option.tie["edges"]],
        str(option.kin["term"]),
        # A marriage that two sources tell is told by the one that knows since when.
        option.kin["start_date"] is None,
        str(option.kin["start_date"]),
        str(option.post["start_date"]),
        option.post["unit"],
        str(option.post["position"]),
        str(option.post["end_date"]),
        # Edges are named by what they say; of posts alike in all this the first serves.
        option.kin["edge"],
        [e["edge"] for e in option.tie["edges"]],
        option.post["row_id"],
    )


def tenure_end(post: dict[str, Any], elections: Iterable[str]) -> date | None:
    """Return when a post ended; a village post without an end ends at the next election."""
    if post["end_date"] is not None or "村" not in (post["identity_type"] or ""):
        return post["end_date"]
    if post["start_date"] is None:
        return None
    return village_term_end(post["start_date"], elections)


# -- one official and one firm -------------------------------------------------------------------


@dataclass
class Case:
    """An official, a firm, the ways they are tied, and what came of judging each supply."""

    official: str
    company: str
    options: list[Option]
    elections: tuple[str, ...]

    def __post_init__(self) -> None:
        self.held: list[tuple[Supply, Option]] = []
        self.failed: list[str] = []
        self.undated = 0

    def judge(self, supplies: Iterable[Supply]) -> None:
        """Sort the supplies to the official's units into held, explained and undated."""
        for supply in projects(tuple(supplies)):
            ways = [o for o in self.options if o.covers(supply)]
            if not ways:
                continue
            if supply.when is None:
                self.undated += 1
                continue
            outcomes = [(o.failing(supply.when, self.elections), o) for o in ways]
            good = [o for failing, o in outcomes if failing is None]
            if good:
                self.held.append((supply, good[0]))
            else:
                self.failed.extend(failing for failing, _ in outcomes if failing)

    @property
    def chosen(self) -> list[Option]:
        """The explanations used, one a relative and kind of tie, best first."""
        first: dict[tuple[Any, ...], Option] = {}
        for option in self.options:
            dates = [s.when for s, _ in self.held if option.covers(s) and s.when]
            if not any(option.failing(d, self.elections) is None for d in dates):
                continue
            key = (option.kin["dst"], *((e["kind"], e["src"]) for e in option.tie["edges"]))
            first.setdefault(key, option)
        best_relative = next(iter(first.values())).joins
        limit = weakest(best_relative)[0]
        # Weaker joins than the best one would only pull the clue down.
        return [o for o in first.values() if weakest(o.joins)[0] == limit]

    def cleared(self) -> str | None:
        """Name the benign explanation that holds for all supplies, the commonest check first."""
        if self.undated or not self.failed:
            return None
        return min(self.failed, key=("tenure", "kin_ended", "tie_ended").index)

    def entities(self) -> set[str]:
        """List every entity that the story may name."""
        found = {self.official, self.company}
        for option in self.options:
            found |= {option.kin["src"], option.kin["dst"], option.post["unit"]}
            found.add(option.post["seat"])
            found |= {e[end] for e in option.tie["edges"] for end in ("src", "dst")}
        return found
