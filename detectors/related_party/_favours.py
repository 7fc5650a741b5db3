"""Favours between officials: A's unit, or A in person, serves a near relative of B.

First a small digraph by joins alone (who serves whose relative at all), then, for the few pairs that
stand in a cycle, every favour with its day, rows and what explains it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol

import ibis
import pyarrow as pa

from detectors.detector import Row
from detectors.evidence import among, records
from detectors.links import aliases
from detectors.related_party._benefits import approved_benefits, benefit_row
from detectors.related_party._cycles import hubs
from detectors.related_party._dealings import (
    Holding,
    Join,
    Kin,
    Post,
    company_ties,
    edge_ids,
    fetch_edges,
    holding_from,
    holding_order,
    kin_from,
    kin_order,
    near_kin,
    officials,
    posts_of,
    shapes_of,
    sureness,
)
from detectors.related_party._supplies import (
    Supply,
    bidder_counts,
    projects,
    supplies_of,
)

Kind = Literal["contract", "benefit", "payroll"]
_PAYROLL_COLUMNS = ("name", "unit", "start_date", "end_date")
_DETAILS = (
    "kind", "giver", "receiver", "relative", "person", "kin_edge", "ego_identity", "ego_chance",
    "own_identity", "own_chance", "unit", "company", "chain", "share", "table", "row", "given_identity",
    "given_chance",
)  # fmt: skip


class FavourSettings(Protocol):
    """The settings of the search."""

    @property
    def relations(self) -> tuple[str, ...]:
        """Relations that count."""

    @property
    def charge_words(self) -> tuple[str, ...]:
        """Words in position or duties that put the holder in charge."""

    @property
    def benefit_words(self) -> tuple[str, ...]:
        """Words of programmes that need approval."""

    @property
    def most_served(self) -> int:
        """Most officials whose relatives one giver may serve in one way."""

    @property
    def least_amount(self) -> int:
        """Least sum, in yuan, of a firm's business with a unit."""

    @property
    def max_layers(self) -> int:
        """Most holdings on a chain."""

    @property
    def least_share(self) -> float:
        """Least effective share, 0–1."""

    @property
    def most_namesakes(self) -> int:
        """Most numbered bearers of a name that may join by name alone."""

    @property
    def least_bidders(self) -> int:
        """Bidders from which an open tender counts as competitive."""

    @property
    def market_ratio(self) -> float:
        """Most award ÷ ceiling price, 0–1, of a competitive price."""

    @property
    def village_elections(self) -> tuple[str, ...]:
        """ISO dates at which village posts of unknown end are taken to end."""


@dataclass(frozen=True)
class Favour:
    """One thing done for a near relative of an official; ``failed`` names what explains it."""

    kind: Kind
    giver: str
    receiver: str
    kin: Kin
    holding: Holding | None
    unit: str | None
    post: Post | None
    programme: str
    title: str
    when: date | None
    amount: Decimal | None
    rows: tuple[Row, ...]
    joins: tuple[Join, ...]
    failed: str | None
    handled: int

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: day, then content."""
        return (
            str(self.when), self.kind, self.programme, str(self.amount), self.kin.relative,
            [(r.table, r.row_id) for r in self.rows],
        )  # fmt: skip


def digraph(snapshot: Any, settings: FavourSettings) -> tuple[Any, list[dict[str, Any]]]:
    """Who serves whose relative at all, and the givers set aside because they serve too many.

    Returns
    -------
    (ibis table, list of dict)
        Rows of detail with at least ``giver``, ``receiver`` and ``kind``; hubs with ``giver``,
        ``kind`` and ``served``.
    """
    kin = near_kin(
        snapshot, officials(snapshot), settings.most_namesakes, shapes_of(settings.relations)
    ).rename(receiver="ego")
    parts = [
        *_contracts(snapshot, kin, settings),
        *_benefits(snapshot, kin, settings),
        *_payroll(snapshot, kin, settings),
    ]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    # What is done for one's own near relative is another detector's business.
    own = near_kin(snapshot, officials(snapshot), settings.most_namesakes)
    own = own.select(giver="ego", person="person").distinct()
    rows = rows.filter((rows.giver != rows.receiver) & (rows.giver != rows.person))
    rows = rows.anti_join(own, ["giver", "person"]).cache()
    aside: list[dict[str, Any]] = []
    for kind in ("contract", "benefit", "payroll"):
        crowded = hubs(rows.filter(rows.kind == kind), settings.most_served)
        aside += [{**r, "kind": kind} for r in records(crowded)]
    for hub in aside:
        rows = rows.filter(~((rows.giver == hub["giver"]) & (rows.kind == hub["kind"])))
    return rows, aside


def _detail(table: Any, kind: Kind, **more: Any) -> Any:
    """Bring a part into the common shape."""
    nothing = {
        "unit": ibis.null("string"), "company": ibis.null("string"),
        "chain": ibis.literal(""), "share": ibis.null("float64"), "table": ibis.null("string"),
        "row": ibis.null("int64"), "given_identity": ibis.literal("certain"),
        "given_chance": ibis.literal(1.0),
    }  # fmt: skip
    known = {k: v for k, v in nothing.items() if k not in table.columns}
    return table.mutate(kind=ibis.literal(kind), **{**known, **more}).select(*_DETAILS).distinct()


def _charges(snapshot: Any, settings: FavourSettings) -> Any:
    """(``giver``, ``unit``): whom a unit's dealings may be put down to."""
    table = snapshot.table("officials").filter(lambda t: t.name_entity.notnull())
    said = table.position.fill_null("") + " " + table.duties.fill_null("")
    table = table.filter(said.re_search("|".join(settings.charge_words)))
    posts = table.select(giver="name_entity", unit="organization_entity")
    village = table.filter(table.identity_type.fill_null("").contains("村"))
    posts = posts.union(village.select(giver="name_entity", unit="village_entity"), distinct=True)
    return posts.filter(posts.unit.notnull())


def _contracts(snapshot: Any, kin: Any, settings: FavourSettings) -> list[Any]:
    pairs = _direct_business(snapshot, settings)
    if pairs is None:
        return []
    firms = pairs.select("company").distinct()
    ties = company_ties(snapshot, firms, settings.max_layers, settings.least_share)
    served = (
        ties.join(kin, "person").join(pairs, "company").join(_charges(snapshot, settings), "unit")
    )
    return [_detail(served, "contract")]


def _direct_business(snapshot: Any, settings: FavourSettings) -> Any | None:
    """(``company``, ``unit``) with business beyond petty orders that no open competition decided."""
    parts, every = [], []
    numbers = None
    if snapshot.has("tenders", "purchaser", "winner"):
        lots = snapshot.table("tenders").filter(lambda t: t.winner_entity.notnull())
        numbers = lots.filter(lots.tender_no.notnull()).select(known_no="tender_no").distinct()
        direct = lots.filter(~_open_competition(snapshot, lots, settings))
        parts.append(_business(direct, "winner_entity", "purchaser_entity", "award_amount"))
        every.append(_business(lots, "winner_entity", "purchaser_entity", "award_amount"))
    if snapshot.has("contracts", "party_a", "party_b"):
        signed = snapshot.table("contracts").filter(lambda t: t.repeat_of.isnull())
        every.append(_business(signed, "party_b_entity", "party_a_entity", "amount"))
        if numbers is not None:
            # A contract under a tender is told by the tender.
            signed = signed.anti_join(numbers, signed.tender_no == numbers.known_no)
        parts.append(_business(signed, "party_b_entity", "party_a_entity", "amount"))
    if snapshot.has("payments", "payer", "payee"):
        paid = snapshot.table("payments").filter(lambda t: t.repeat_of.isnull())
        business = _business(paid, "payee_entity", "payer_entity", "amount")
        if every:
            told = every[0] if len(every) == 1 else ibis.union(*every)
            business = business.anti_join(told, ["company", "unit"])
        parts.append(business)
    if not parts:
        return None
    together = parts[0] if len(parts) == 1 else ibis.union(*parts)
    together = together.filter(together.company.startswith("c-") & together.unit.notnull())
    summed = together.group_by("company", "unit").agg(total=together.amount.sum())
    # Where no amount is known nothing shows that it was petty.
    large = summed.total.isnull() | (summed.total >= settings.least_amount)
    return summed.filter(large).select("company", "unit")


def _business(table: Any, company: str, unit: str, amount: str) -> Any:
    return table.select(company=company, unit=unit, amount=table[amount].cast("decimal(18,2)"))


def _open_competition(snapshot: Any, lots: Any, settings: FavourSettings) -> Any:
    """Whether lots were won in open competition at a competitive price, as a column."""
    ratio = lots.award_amount / lots.ceiling_price.nullif(0)
    cheap = (ratio <= settings.market_ratio).fill_null(False)
    won = lots.method.fill_null("").contains("公开") & cheap
    if not snapshot.has("bids", "bidder"):
        return won & False
    bids = snapshot.table("bids")
    valid = bids.filter(~bids.disqualified.fill_null(False))
    counted = valid.group_by("lot_entity").agg(bidders=valid.bidder_entity.nunique())
    many = counted.filter(counted.bidders >= settings.least_bidders)
    return won & lots.lot_entity.isin(many.lot_entity)


def _benefits(snapshot: Any, kin: Any, settings: FavourSettings) -> list[Any]:
    lists = approved_benefits(snapshot, settings.benefit_words)
    if lists is None:
        return []
    acts = [
        lists.filter(lists[c].notnull()).select("table", "row", "payee", actor=c)
        for c in ("handler", "approver")
    ]
    acted = acts[0].union(acts[1], distinct=True)
    known = officials(snapshot)
    givers = aliases(snapshot, known, settings.most_namesakes).select(
        giver="entity", actor="other", given_identity="identity", given_chance="probability"
    )
    served = acted.join(givers, "actor").join(kin, [("payee", "person")])
    return [_detail(served, "benefit")]


def _payroll(snapshot: Any, kin: Any, settings: FavourSettings) -> list[Any]:
    if not snapshot.has("payroll", "name", "unit"):
        return []
    table = snapshot.table("payroll")
    rows = table.select(
        person="name_entity", unit="unit_entity", row="row_id", table=ibis.literal("payroll")
    )
    served = rows.join(kin, "person").join(_charges(snapshot, settings), "unit")
    return [_detail(served, "payroll")]


# -- the favours of a few pairs ----------------------------------------------------------------------


def favours_of(
    snapshot: Any, rows: Any, pairs: Iterable[tuple[str, str]], settings: FavourSettings
) -> list[Favour]:
    """Fetch and judge every favour between some pairs of officials, in content order.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    rows : ibis table
        From :func:`digraph`.
    pairs : iterable of (giver, receiver)
    settings : FavourSettings
    """
    wanted = sorted(set(pairs))
    if not wanted:
        return []
    keys = ibis.memtable(
        pa.table({"giver": [a for a, _ in wanted], "receiver": [b for _, b in wanted]})
    )
    found = records(rows.semi_join(keys, ["giver", "receiver"]))
    ids = {e for r in found for e in edge_ids(r["chain"])} | {r["kin_edge"] for r in found}
    edges = fetch_edges(snapshot, ids)
    posts = posts_of(
        snapshot, {a for a, _ in wanted}, settings.village_elections, settings.charge_words
    )
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        by_kind[row["kind"]].append(row)
    favours = [
        *_contract_favours(snapshot, by_kind["contract"], edges, posts, settings),
        *_benefit_favours(snapshot, by_kind["benefit"], edges, posts, settings),
        *_payroll_favours(snapshot, by_kind["payroll"], edges, posts),
    ]
    return sorted(_unique(favours), key=lambda f: (f.giver, f.receiver, *f.order))


def _unique(favours: Iterable[Favour]) -> list[Favour]:
    """Tell one thing once: of several ways the one that holds, then the surest."""
    best: dict[tuple[Any, ...], tuple[tuple[Any, ...], Favour]] = {}
    for f in favours:
        key = (
            f.giver,
            f.receiver,
            f.kind,
            f.kin.relative,
            tuple((r.table, r.row_id) for r in f.rows),
        )
        rank = (
            f.failed is not None,
            *sureness(f.joins),
            *kin_order(f.kin),
            holding_order(f.holding) if f.holding else (),
        )
        if key not in best or rank < best[key][0]:
            best[key] = (rank, f)
    return [f for _, f in best.values()]


def _contract_favours(
    snapshot: Any,
    rows: Sequence[dict[str, Any]],
    edges: dict[int, dict[str, Any]],
    posts: dict[str, tuple[Post, ...]],
    settings: FavourSettings,
) -> list[Favour]:
    supplies = supplies_of(snapshot, {r["company"] for r in rows})
    lots = {s.entity for own in supplies.values() for s in own if s.entity}
    bidders = bidder_counts(snapshot, lots)
    favours = []
    for row in rows:
        kin, holding = kin_from({**row, "ego": row["receiver"]}, edges), holding_from(row, edges)
        own = [p for p in posts.get(row["giver"], ()) if p.in_charge and row["unit"] in p.units]
        for supply in projects(
            tuple(s for s in supplies.get(row["company"], ()) if s.unit == row["unit"])
        ):
            post = next((p for p in own if supply.when and p.holds(supply.when)), None)
            failed = _failed(kin, supply.when, holding)
            if failed is None and post is None:
                failed = "tenure"
            if failed is None and _competitive(supply, bidders, settings):
                failed = "competitive"
            best = post or next(iter(own), None)
            joins = (*kin.joins, *holding.joins, *supply.joins, *([best.join] if best else []))
            favours.append(
                Favour(
                    "contract",
                    row["giver"],
                    row["receiver"],
                    kin,
                    holding,
                    row["unit"],
                    best,
                    "",
                    supply.title,
                    supply.when,
                    supply.amount,
                    supply.rows,
                    joins,
                    failed,
                    0,
                )
            )
    return favours


def _failed(kin: Kin, when: date | None, holding: Holding | None = None) -> str | None:
    if when is None:
        return "undated"
    if not kin.holds(when):
        return "kin_ended"
    return "tie_ended" if holding is not None and not holding.holds(when) else None


def _competitive(supply: Supply, bidders: dict[str, int], settings: FavourSettings) -> bool:
    """Whether a lot was won in open competition at a competitive price."""
    if supply.kind != "lot" or "公开" not in supply.method:
        return False
    count = bidders.get(supply.entity or "")
    if count is None or supply.amount is None or not supply.ceiling:
        return False
    ratio = float(round(supply.amount / supply.ceiling, 4))
    return count >= settings.least_bidders and ratio <= settings.market_ratio


def _benefit_favours(
    snapshot: Any,
    rows: Sequence[dict[str, Any]],
    edges: dict[int, dict[str, Any]],
    posts: dict[str, tuple[Post, ...]],
    settings: FavourSettings,
) -> list[Favour]:
    lists = approved_benefits(snapshot, settings.benefit_words)
    if lists is None or not rows:
        return []
    receipts: dict[tuple[str, int], dict[str, Any]] = {}
    for name in ("subsidies", "subsidy_applications"):
        wanted = {r["row"] for r in rows if r["table"] == name}
        if wanted:
            for receipt in records(among(lists.filter(lists.table == name), "row", wanted)):
                receipts[name, receipt["row"]] = receipt
    handled = _handled(snapshot, lists, {r["giver"] for r in rows}, settings)
    favours = []
    for row in rows:
        receipt = receipts[row["table"], row["row"]]
        kin = kin_from({**row, "ego": row["receiver"]}, edges)
        own = posts.get(row["giver"], ())
        when = receipt["when"]
        post = next((p for p in own if when and p.holds(when)), None) or next(iter(own), None)
        joins = (
            *kin.joins,
            (row["given_identity"], row["given_chance"]),
            (receipt["list_identity"], receipt["list_chance"]),
        )
        favours.append(
            Favour(
                "benefit",
                row["giver"],
                row["receiver"],
                kin,
                None,
                None,
                post,
                receipt["programme"],
                "",
                when,
                receipt["amount"],
                (benefit_row(receipt),),
                joins,
                _failed(kin, when),
                handled.get((row["giver"], receipt["programme"]), 0),
            )
        )
    return favours


def _handled(
    snapshot: Any, lists: Any, givers: set[str], settings: FavourSettings
) -> dict[tuple[str, str], int]:
    """How many people's benefits of a programme a giver handled or approved in all."""
    known = among(officials(snapshot), "entity", givers)
    actors = aliases(snapshot, known, settings.most_namesakes).select(giver="entity", actor="other")
    acts = [lists.select("programme", "payee", actor=c) for c in ("handler", "approver")]
    counted = (
        acts[0]
        .union(acts[1])
        .join(actors, "actor")
        .group_by("giver", "programme")
        .agg(people=lambda t: t.payee.nunique())
    )
    return {(r["giver"], r["programme"]): r["people"] for r in records(counted)}


def _payroll_favours(
    snapshot: Any,
    rows: Sequence[dict[str, Any]],
    edges: dict[int, dict[str, Any]],
    posts: dict[str, tuple[Post, ...]],
) -> list[Favour]:
    if not rows:
        return []
    table = among(snapshot.table("payroll"), "row_id", {r["row"] for r in rows})
    known = {r["row_id"]: r for r in records(table)}
    favours = []
    for row in rows:
        paid = known[row["row"]]
        kin = kin_from({**row, "ego": row["receiver"]}, edges)
        own = [p for p in posts.get(row["giver"], ()) if p.in_charge and row["unit"] in p.units]
        when = paid["start_date"]
        post = next((p for p in own if when and p.holds(when)), None)
        failed = _failed(kin, when) or (None if post else "tenure")
        best = post or next(iter(own), None)
        joins = (
            *kin.joins,
            (paid["name_identity"], paid["name_probability"]),
            (paid["unit_identity"], paid["unit_probability"]),
            *([best.join] if best else []),
        )
        cited = Row("payroll", paid["row_id"], "财政供养记录", _PAYROLL_COLUMNS)
        favours.append(
            Favour(
                "payroll",
                row["giver"],
                row["receiver"],
                kin,
                None,
                row["unit"],
                best,
                "",
                "",
                when,
                None,
                (cited,),
                joins,
                failed,
                0,
            )
        )
    return favours
