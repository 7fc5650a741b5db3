"""What people behind a supplying firm share with officials or their relatives: numbers, places, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import ibis
import pyarrow as pa

from detectors.evidence import among, records
from detectors.links import aliases
from detectors.phones import hotline
from graph.holdings import DIRECT, company_ties

MARKS = ("has_phone", "has_account", "has_address")
MARK_NAMES = {
    "has_phone": "电话",
    "has_account": "账户",
    "has_address": "地址",
    "position": "工作单位",
    "office": "工作单位",
}
_MOST_LAYERS = 4


class MarkSettings(Protocol):
    """The settings of the search."""

    @property
    def hub_limit(self) -> int:
        """Parties that share a number, address or employer beyond which it says nothing."""

    @property
    def most_namesakes(self) -> int:
        """Most numbered bearers of a name that may join by name alone."""


@dataclass(frozen=True)
class Hub:
    """A value shared by too many, set aside."""

    kind: str
    name: str
    degree: int


def links(snapshot: Any, firms: Any, settings: MarkSettings) -> list[dict[str, Any]]:
    """Join supplying firms, over what is shared, to officials or relatives without a part in them.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    firms : ibis table
        Entity ids in its column ``company``, each once.
    settings : MarkSettings

    Returns
    -------
    list of dict
        ``official``, ``ego_identity``, ``ego_chance``, ``kin_edge`` (None: the official himself),
        ``relative``, ``company``, ``front`` (the firm, or who holds, represents or speaks for it),
        ``mark`` (kind of edge), ``value``, ``front_edge``, ``relative_edge``.
    """
    people = _near_officials(snapshot, settings)
    fronts = _fronts(snapshot, firms)
    marks = _marks(snapshot)
    degree = marks.group_by("value").agg(parties=marks.party.nunique())
    few = marks.semi_join(degree.filter(degree.parties <= settings.hub_limit), "value")
    # Two who run a firm together are partners on paper; an employee of that firm is not.
    employed = few.filter(few.mark != "office")
    theirs = employed.select(
        relative="party", value="value", mark="mark", relative_edge="mark_edge"
    )
    ours = few.select(front="party", value="value", front_edge="mark_edge", own_mark="mark")
    shared = people.join(theirs, "relative").join(fronts.join(ours, "front"), "value")
    # A firm's own part in itself is no third employer.
    shared = shared.filter((shared.front != shared.relative) & (shared.value != shared.company))
    outside = shared.anti_join(_insiders(snapshot, firms), ["company", "relative"])
    return records(outside.drop("own_mark").distinct())


def _near_officials(snapshot: Any, settings: MarkSettings) -> Any:
    """Officials and their near relatives: official, relative, kin_edge, identity of the official."""
    table = snapshot.table("officials")
    officials = table.filter(table.name_entity.notnull()).select(entity="name_entity").distinct()
    same = aliases(snapshot, officials, settings.most_namesakes).select(
        official="entity", ego="other", ego_identity="identity", ego_chance="probability"
    )
    edges = snapshot.edges
    kin = edges.filter((edges.kind == "kin") & edges.legal_class.notnull()).select(
        ego="src", relative="dst", kin_edge="edge"
    )
    relatives = same.join(kin, "ego")
    relatives = relatives.filter(relatives.relative != relatives.official)
    columns = ["official", "ego_identity", "ego_chance", "relative", "kin_edge"]
    own = same.mutate(relative=same.ego, kin_edge=ibis.literal(None, "int64"))
    return relatives.select(*columns).union(own.select(*columns), distinct=True)


def _fronts(snapshot: Any, firms: Any) -> Any:
    """Who stands for a firm: itself, holders, representatives, officers, contacts of its bids."""
    edges = snapshot.edges
    direct = edges.filter(edges.kind.isin(DIRECT) & edges.src.startswith("p-"))
    parts = [
        firms.select(company="company", front="company"),
        direct.select(company="dst", front="src").semi_join(firms, "company"),
    ]
    if snapshot.has("bids", "contact"):
        bids = snapshot.table("bids")
        contacts = bids.filter(bids.contact_entity.notnull())
        parts.append(
            contacts.select(company="bidder_entity", front="contact_entity").semi_join(
                firms, "company"
            )
        )
    return ibis.union(*parts).distinct()


def _marks(snapshot: Any) -> Any:
    """Numbers, addresses and employing firms of parties: party, value, mark, mark_edge."""
    edges = snapshot.edges
    numbers = edges.filter(edges.kind.isin(MARKS)).select(
        party="src", value="dst", mark="kind", mark_edge="edge"
    )
    phones = snapshot.entities.filter(snapshot.entities.kind == "phone")
    services = phones.filter(hotline(phones.number.fill_null(""))).select(value="entity")
    numbers = numbers.anti_join(services, "value")
    jobs = edges.filter(
        edges.kind.isin(("position", "legal_representative", "officer"))
        & edges.src.startswith("p-")
        & edges.dst.startswith("c-")
    )
    employers = jobs.select(
        party="src",
        value="dst",
        mark=ibis.cases((jobs.kind == "position", "position"), else_="office"),
        mark_edge="edge",
    )
    return numbers.union(employers, distinct=False)


def _insiders(snapshot: Any, firms: Any) -> Any:
    """Who has a part in a firm on paper, or may be somebody who has: company, relative."""
    ties = company_ties(snapshot, firms, _MOST_LAYERS, 0.0)
    own = ties.select("company", relative=ties.person)
    same = snapshot.same_as.select(person="entity", relative="other")
    other = ties.join(same, "person").select("company", "relative")
    return own.union(other, distinct=True)


def insiders_near(
    snapshot: Any, companies: set[str]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """People with a part in firms, by firm; and their near kin, by person."""
    firms = snapshot.memtable(pa.table({"company": pa.array(sorted(companies), pa.string())}))
    rows = records(_insiders(snapshot, firms).distinct())
    inside: dict[str, set[str]] = {}
    for row in rows:
        inside.setdefault(row["company"], set()).add(row["relative"])
    edges = snapshot.edges
    kin = edges.filter((edges.kind == "kin") & edges.legal_class.notnull()).select("src", "dst")
    near: dict[str, set[str]] = {}
    for row in records(among(kin, "src", {p for people in inside.values() for p in people})):
        near.setdefault(row["src"], set()).add(row["dst"])
    return inside, near


def hub_note(snapshot: Any, limit: int) -> str | None:
    """Say how many values were set aside because too many share them, and name the largest."""
    marks = _marks(snapshot)
    degree = marks.group_by("value").agg(parties=marks.party.nunique(), mark=marks.mark.max())
    many = degree.filter(degree.parties > limit)
    count = int(many.count().execute())
    if not count:
        return None
    named = many.join(snapshot.entities.select(value="entity", name="name"), "value")
    largest = records(named.order_by(named.parties.desc(), named.name).limit(3))
    largest.sort(key=lambda row: (-row["parties"], row["name"]))
    told = "、".join(f"{MARK_NAMES[r['mark']]}{r['name']}（{r['parties']}方）" for r in largest)
    return f"共用者超过{limit}方、没有作为依据的电话、账户、地址和工作单位共{count}个，最多的是：{told}。"


def hubs_between(snapshot: Any, parties: set[str], limit: int) -> dict[str, list[tuple[str, Hub]]]:
    """Values above the limit that given parties have: party → (value, hub)."""
    marks = _marks(snapshot)
    degree = marks.group_by("value").agg(parties=marks.party.nunique())
    many = among(marks, "party", parties).join(degree.filter(degree.parties > limit), "value")
    named = many.join(snapshot.entities.select(value="entity", name="name"), "value").select(
        "party", "value", "mark", "parties", "name"
    )
    found: dict[str, list[tuple[str, Hub]]] = {}
    for row in records(named.distinct()):
        hub = Hub(MARK_NAMES[row["mark"]], row["name"], row["parties"])
        found.setdefault(row["party"], []).append((row["value"], hub))
    return found
