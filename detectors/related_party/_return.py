"""Following public money from a firm to an official's side within some days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

import ibis

from detectors.evidence import among, records
from detectors.links import aliases
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
    sureness,
)
from detectors.related_party._flows import Flow, Ledger, busy, private_pairs, publicly_paid


class ReturnSettings(Protocol):
    """The settings of the search."""

    @property
    def window_days(self) -> int:
        """Days from the public payment within which money goes on."""

    @property
    def least_return(self) -> float:
        """Least share of the payment that goes on, 0–1."""

    @property
    def most_hops(self) -> int:
        """Parties between the firm and the official's side: 0 or 1."""

    @property
    def most_parties(self) -> int:
        """Most counterparts of a party that money may pass through."""

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
class Side:
    """A party on an official's side: the official, a relative, or a firm of either."""

    official: str
    receiver: str
    kin: Kin | None
    holding: Holding | None
    own_joins: tuple[Join, ...]

    @property
    def joins(self) -> tuple[Join, ...]:
        """Identity of all that ties the receiver to the official."""
        kin = self.kin.joins if self.kin else ()
        return (*self.own_joins, *kin, *(self.holding.joins if self.holding else ()))

    @property
    def in_person(self) -> bool:
        """Whether the official receives in person."""
        return self.kin is None and self.holding is None

    def entities(self) -> set[str]:
        """Every party that a story may name."""
        found = {self.official, self.receiver}
        if self.kin:
            found |= {self.kin.ego, self.kin.relative, self.kin.person}
        if self.holding:
            found |= {e[end] for e in self.holding.edges for end in ("src", "dst")}
        return found


@dataclass(frozen=True)
class Search:
    """Candidates: (firm, official) with the sides reached and the parties between."""

    sides: dict[tuple[str, str], tuple[Side, ...]]
    between: dict[tuple[str, str], frozenset[str]]
    aside: tuple[str, ...]


def search(snapshot: Any, settings: ReturnSettings) -> Search:
    """Find firms whose money reaches an official's side at all, by joins on distinct pairs."""
    firms = publicly_paid(snapshot)
    pairs = private_pairs(snapshot)
    sides = _sides(snapshot, pairs, settings)
    receivers = sides.select("receiver").distinct()
    paid = pairs.semi_join(firms, pairs.payer == firms.firm).select(firm="payer", mid="payee")
    direct = paid.semi_join(receivers, paid.mid == receivers.receiver)
    parts = [direct.select(firm="firm", mid=ibis.null("string"), receiver="mid")]
    crowded = busy(pairs, settings.most_parties)
    if settings.most_hops:
        quiet = paid.anti_join(crowded, paid.mid == crowded.party)
        onward = pairs.semi_join(receivers, pairs.payee == receivers.receiver)
        onward = onward.select(mid="payer", receiver="payee")
        through = quiet.join(onward, "mid")
        parts.append(
            through.filter(through.receiver != through.firm).select("firm", "mid", "receiver")
        )
    reached = parts[0] if len(parts) == 1 else ibis.union(*parts)
    rows = records(reached.distinct())
    aside = {r["mid"] for r in records(paid.semi_join(crowded, paid.mid == crowded.party))}
    return _collect(snapshot, sides, rows, tuple(sorted(aside)))


def _sides(snapshot: Any, pairs: Any, settings: ReturnSettings) -> Any:
    """Payees of flows that are officials, near relatives, or firms of either."""
    payees = pairs.select(entity="payee").distinct()
    people = officials(snapshot)
    own = aliases(snapshot, people, settings.most_namesakes).select(
        official="entity", person="other", ego_identity="identity", ego_chance="probability"
    )
    empty = {
        "kin_edge": ibis.null("int64"),
        "relative": ibis.null("string"),
        "own_identity": ibis.null("string"),
        "own_chance": ibis.null("float64"),
    }
    columns = ("official", "person", "ego_identity", "ego_chance", *empty)
    members = own.mutate(**empty).select(*columns)
    edges = snapshot.edges
    if bool(edges.filter(edges.kind == "kin").count().execute()):
        kin = near_kin(snapshot, people, settings.most_namesakes).rename(official="ego")
        members = members.union(kin.select(*columns))
    in_person = members.semi_join(payees, members.person == payees.entity)
    in_person = in_person.mutate(
        receiver=in_person.person, chain=ibis.literal(""), share=ibis.null("float64")
    )
    companies = payees.filter(payees.entity.startswith("c-")).select(company="entity")
    behind = company_ties(snapshot, companies, settings.max_layers, settings.least_share)
    firms = members.join(behind, "person").rename(receiver="company")
    wanted = (*columns, "receiver", "chain", "share")
    return in_person.select(*wanted).union(firms.select(*wanted))


def _collect(
    snapshot: Any, sides: Any, rows: list[dict[str, Any]], aside: tuple[str, ...]
) -> Search:
    found = records(among(sides, "receiver", {r["receiver"] for r in rows}))
    ids = {e for r in found for e in edge_ids(r["chain"])}
    edges = fetch_edges(snapshot, ids | {r["kin_edge"] for r in found if r["kin_edge"] is not None})
    by_receiver: dict[str, list[Side]] = defaultdict(list)
    for r in found:
        joins: tuple[Join, ...] = ((r["ego_identity"], r["ego_chance"]),)
        kin = None
        if r["kin_edge"] is not None:
            kin = kin_from({**r, "ego": r["official"]}, edges)
            joins = ()
        holding = None
        if r["chain"]:
            holding = holding_from({**r, "company": r["receiver"]}, edges)
        by_receiver[r["receiver"]].append(Side(r["official"], r["receiver"], kin, holding, joins))
    ways: dict[tuple[str, str], dict[str, Side]] = defaultdict(dict)
    between: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for side in sorted(by_receiver[row["receiver"]], key=_side_order):
            key = (row["firm"], side.official)
            ways[key].setdefault(side.receiver, side)
            if row["mid"]:
                between[key].add(row["mid"])
    # Money that passes through the official's own side has arrived; that is no party between.
    return Search(
        {key: tuple(s for _, s in sorted(own.items())) for key, own in sorted(ways.items())},
        {key: frozenset(between[key] - set(ways[key]) - {key[0]}) for key in ways},
        aside,
    )


def _side_order(side: Side) -> tuple[Any, ...]:
    return (
        *sureness(side.joins),
        side.kin is not None,
        side.holding is not None,
        kin_order(side.kin) if side.kin else (),
        holding_order(side.holding) if side.holding else (),
    )


# -- one firm and one official -----------------------------------------------------------------------


@dataclass(frozen=True)
class Passed:
    """Money that reached one receiver: final transfers, and those to the party between."""

    side: Side
    through: str | None
    last: tuple[Flow, ...]
    first: tuple[Flow, ...]
    amount: Decimal


@dataclass(frozen=True)
class Returned:
    """One public payment and what went on of it."""

    payment: Flow
    post: Post
    passed: tuple[Passed, ...]

    @property
    def rows(self) -> set[int]:
        """Rows of the transfers that reached the official's side."""
        return {f.row for p in self.passed for f in p.last}

    @property
    def amount(self) -> Decimal:
        """Sum of what reached the official's side."""
        return sum((p.amount for p in self.passed), Decimal(0))


@dataclass
class Case:
    """A firm and an official: which payments went on to the official's side."""

    firm: str
    official: str
    sides: Sequence[Side]
    between: Sequence[str]
    owners: frozenset[str]
    posts: Sequence[Post]
    held: list[Returned] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def judge(self, payments: Sequence[Flow], ledger: Ledger, settings: ReturnSettings) -> None:
        """Go over the public payments, the latest first, so that each transfer counts once."""
        used: set[int] = set()
        share = Decimal(str(settings.least_return))
        for payment in reversed(payments):
            last = payment.when + timedelta(days=settings.window_days)
            floor = payment.amount * share
            raw, net, why = Decimal(0), [], Counter[str]()
            for side in self.sides:
                for passed, reason in self._passed(side, payment.when, last, ledger, floor, used):
                    raw += passed.amount
                    reason = reason or self._excused(side, payment)
                    if reason:
                        why[reason] += 1
                    else:
                        net.append(passed)
            if sum((p.amount for p in net), Decimal(0)) >= floor and net:
                post = next(p for p in self.posts if p.holds(payment.when))
                best = next(
                    (p for p in self.posts if p.holds(payment.when) and payment.payer in p.units),
                    post,
                )
                self.held.append(Returned(payment, best, tuple(net)))
                used |= self.held[-1].rows
            elif raw >= floor and why:
                self.failed += why
        self.held.reverse()

    def _passed(
        self,
        side: Side,
        first: date,
        last: date,
        ledger: Ledger,
        floor: Decimal,
        used: set[int],
    ) -> list[tuple[Passed, str | None]]:
        """Transfers to one receiver, direct and through one party, each with what explains it."""
        found: list[tuple[Passed, str | None]] = []
        grouped: dict[str | None, list[Flow]] = defaultdict(list)
        for flow in ledger.between(self.firm, side.receiver):
            if first <= flow.when <= last and flow.row not in used:
                grouped[ledger.explain(flow)].append(flow)
        for reason, flows in grouped.items():
            total = sum((f.amount for f in flows), Decimal(0))
            found.append((Passed(side, None, tuple(flows), (), total), reason))
        for mid in self.between:
            into = [f for f in ledger.between(self.firm, mid) if first <= f.when <= last]
            if not into:
                continue
            out: dict[str | None, list[Flow]] = defaultdict(list)
            for flow in ledger.between(mid, side.receiver):
                if into[0].when <= flow.when <= last and flow.row not in used:
                    out[ledger.explain(flow)].append(flow)
            came = sum((f.amount for f in into), Decimal(0))
            for reason, flows in out.items():
                went = sum((f.amount for f in flows), Decimal(0))
                # What only passes through must be of the payment's order on both legs.
                if min(came, went) >= floor:
                    passed = Passed(side, mid, tuple(flows), tuple(into), min(came, went))
                    found.append((passed, reason or _leg(into, ledger)))
        return found

    def _excused(self, side: Side, payment: Flow) -> str | None:
        """Name what makes a receiver innocent for this payment whatever the transfer."""
        behind = {side.receiver}
        if side.holding:
            behind.add(side.kin.person if side.kin else self.official)
        if behind & self.owners:
            return "owner"
        held = [p for p in self.posts if p.holds(payment.when)]
        if not held:
            return "tenure"
        if not side.in_person and not any(payment.payer in p.units for p in held):
            return "other_unit"
        if side.kin and not side.kin.holds(payment.when):
            return "kin_ended"
        if side.holding and not side.holding.holds(payment.when):
            return "tie_ended"
        return None


def drop_told_twice(cases: Sequence[Case]) -> None:
    """Leave transfers to an official of another body to the case of the body that paid.

    Where the receiver is both an official and a near relative of one in the paying body, the same
    money would make two stories; the one with power over the payment stands.
    """
    told: dict[str, set[int]] = defaultdict(set)
    for case in cases:
        for returned in case.held:
            if returned.payment.payer in returned.post.units:
                told[case.firm] |= returned.rows
    for case in cases:
        case.held[:] = [
            r for r in case.held if r.payment.payer in r.post.units or not r.rows <= told[case.firm]
        ]


def _leg(into: Sequence[Flow], ledger: Ledger) -> str | None:
    """What explains the whole first leg: all of its transfers for one reason."""
    reasons = {ledger.explain(f) for f in into}
    return reasons.pop() if len(reasons) == 1 else None


def owners_of(snapshot: Any, firms: set[str], settings: ReturnSettings) -> dict[str, set[str]]:
    """Who stands behind firms in the registers, and the firms on the way; firm → parties."""
    if not firms:
        return {}
    rows = among(snapshot.edges, "dst", firms)
    direct = rows.filter(rows.kind.isin(["legal_representative", "officer", "shareholder"]))
    companies = direct.select(company="dst").distinct()
    ties = company_ties(snapshot, companies, settings.max_layers, settings.least_share)
    found: dict[str, set[str]] = defaultdict(set)
    for r in records(direct.filter(direct.kind != "officer").select("src", "dst")):
        found[r["dst"]].add(r["src"])
    for r in records(ties.select("company", "person").distinct()):
        found[r["company"]].add(r["person"])
    return found
