"""Awards to firms, how large they are among their peers, and who stands behind a young firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from detectors.evidence import among, records
from detectors.procurement import _deals as deals
from detectors.related_party._firms import Firm, firms_of
from graph.holdings import MAJORITY
from ingest.company_names import parse_company_name


def awards(snapshot: Any) -> Any:
    """Awards of tenders, and contracts that no listed tender stands behind.

    Returns
    -------
    ibis table
        ``source``, ``row_id``, ``buyer``, ``supplier`` (firms only), ``amount``, ``day``, ``type``,
        ``price_ratio`` (award over ceiling, null where unknown), ``direct`` (single source, or no
        tender on record), ``lot_entity``.
    """
    parts = []
    listed = None
    if snapshot.has("tenders", "winner", "award_amount"):
        tenders = deals.tenders(snapshot)
        listed = tenders.select("key", "buyer", "supplier", amount=tenders.award_amount)
        tenders = tenders.filter((tenders.award_amount > 0) & tenders.supplier.notnull())
        parts.append(
            tenders.select(
                "row_id", "buyer", "supplier", "title", "category", "lot_entity",
                source=ibis.literal("tenders"),
                amount=tenders.award_amount,
                day=tenders.opened.coalesce(tenders.publish_date),
                price_ratio=(tenders.ceiling_price > 0).ifelse(
                    tenders.award_amount.cast("float64") / tenders.ceiling_price.cast("float64"), None
                ),
                direct=deals.says(tenders.method, ("单一来源", "直接")),
            )
        )  # fmt: skip
    if snapshot.has("contracts", "party_b", "sign_date"):
        contracts = deals.contracts(snapshot).filter(lambda t: t.supplier.notnull())
        if listed is not None:
            numbered = listed.filter(listed.key.notnull())
            contracts = deals.flagged(contracts, numbered, ("key",), "numbered")
            contracts = deals.flagged(contracts, listed, ("buyer", "supplier", "amount"), "same")
            contracts = contracts.filter(~(contracts.numbered | contracts.same))
        parts.append(
            contracts.select(
                "row_id", "buyer", "supplier", "title",
                category=ibis.null("string"),
                lot_entity=ibis.null("string"),
                source=ibis.literal("contracts"),
                amount=contracts.amount,
                day=contracts.sign_date,
                price_ratio=ibis.null("float64"),
                # Supplements and call-offs were won by what they belong to; without any tenders
                # at hand nothing is known.
                direct=ibis.literal(listed is not None)
                & ~deals.says(contracts.title, (*deals.SUPPLEMENT, *deals.FRAMEWORK)),
            )
        )  # fmt: skip
    columns = [
        "source", "row_id", "buyer", "supplier", "title", "category", "lot_entity", "amount", "day",
        "price_ratio", "direct",
    ]  # fmt: skip
    parts = [part.select(*columns) for part in parts]
    together = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
    companies = together.filter(together.supplier.startswith("c-"))
    return deals.typed(companies).drop("title", "category")


def founded(snapshot: Any) -> Any:
    """Day of founding of each registered firm: ``supplier``, ``founded`` (the earliest told)."""
    table = snapshot.table("companies")
    table = table.filter(table.name_entity.notnull() & table.established_date.notnull())
    return table.group_by(supplier=table.name_entity).agg(founded=table.established_date.min())


@dataclass(frozen=True)
class Elder:
    """An older firm behind a young one: ``tie`` says in Chinese how, ``rows`` cite it."""

    firm: Firm
    tie: str
    parent: bool
    sources: tuple[dict[str, Any], ...]

    def succeeded_by(self, young: Firm) -> str:
        """Say why the young firm looks like this one's successor or branch; empty if it doesn't."""
        if self.parent:
            return f"控股方{self.firm.name}成立已久"
        same = (self.firm.row or {}).get("industry"), (young.row or {}).get("industry")
        if same[0] and same[0] == same[1]:
            return f"{self.tie}的{self.firm.name}成立已久，行业相同"
        if self.firm.gone:
            return f"{self.tie}的{self.firm.name}已经注销"
        cores = [parse_company_name(f.name).core for f in (self.firm, young)]
        if len(cores[0]) >= 2 and cores[0] == cores[1]:
            return f"{self.tie}的{self.firm.name}成立已久，字号相同"
        return ""


@dataclass(frozen=True)
class Background:
    """What stands behind young firms: the firms themselves, older ones, and public holders."""

    firms: dict[str, Firm]
    elders: dict[str, tuple[Elder, ...]]
    public: frozenset[str]


def background(snapshot: Any, young: Iterable[str], years: int) -> Background:
    """Look up who holds young firms and which older firms the same people hold.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    young : iterable of str
        Entity ids; few.
    years : int
        An older firm was founded at least so long before the young one.
    """
    wanted = set(young)
    edges = snapshot.edges
    ties = edges.filter(edges.kind.isin(["legal_representative", "shareholder", "branch"]))
    own = records(among(ties, "dst", wanted)) if wanted else []
    people = {e["src"] for e in own if e["src"].startswith("p-")}
    others = records(among(ties, "src", people)) if people else []
    parents = {e["src"] for e in own if e["src"].startswith("c-")}
    firms = firms_of(snapshot, wanted | parents | {e["dst"] for e in others})
    by_person: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for edge in others:
        by_person[edge["src"]].append(edge)
    elders: dict[str, list[Elder]] = defaultdict(list)
    for edge in own:
        firm = edge["dst"]
        if edge["src"] in parents:
            share = 1.0 if edge["kind"] == "branch" else edge["share"]
            holds = share is None or share >= MAJORITY
            if holds and _older(firms.get(edge["src"]), firms[firm], years):
                elders[firm].append(Elder(firms[edge["src"]], "控股", True, tuple(edge["sources"])))
            continue
        for other in by_person.get(edge["src"], ()):
            if other["dst"] != firm and _older(firms.get(other["dst"]), firms[firm], years):
                tie = "同一法定代表人" if _heads(edge) and _heads(other) else "同一法定代表人或股东"
                sources = (*edge["sources"], *other["sources"])
                elders[firm].append(Elder(firms[other["dst"]], tie, False, sources))
    public = {e["dst"] for e in own if e["src"].startswith(("u-", "v-"))}
    ordered = {
        f: tuple(sorted(e, key=lambda x: (not x.parent, x.tie, x.firm.name)))
        for f, e in elders.items()
    }
    return Background(firms, ordered, frozenset(public))


def _heads(edge: dict[str, Any]) -> bool:
    return bool(edge["kind"] == "legal_representative")


def _older(elder: Firm | None, young: Firm, years: int) -> bool:
    if elder is None or elder.life[0] is None or young.life[0] is None:
        return False
    first: date = elder.life[0]
    return first + timedelta(days=365 * years) <= young.life[0]
