"""Lawfully obtained flows of money: public payments to firms, what went on, and what explains it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Protocol

import ibis

from detectors.detector import Row
from detectors.evidence import among, records

FLOW_COLUMNS = ("authority_doc", "payer", "payee", "amount", "flow_date", "purpose")
PAYMENT_COLUMNS = ("voucher_no", "payer", "payee", "amount", "pay_date", "purpose")
# The register of payments and the bank book the same payment a few days apart.
_BOOKED_APART_DAYS = 5


class ExplainSettings(Protocol):
    """The settings that explanations need."""

    @property
    def wage_words(self) -> tuple[str, ...]:
        """Words of purposes that are wages and the like."""

    @property
    def wage_months(self) -> int:
        """Months in which such transfers must come to count as regular."""

    @property
    def loan_words(self) -> tuple[str, ...]:
        """Words of purposes that are loans and their repayment."""

    @property
    def deposit_words(self) -> tuple[str, ...]:
        """Words of purposes that are deposits and their refund."""


@dataclass(frozen=True)
class Flow:
    """One transfer; ``public`` ones are payments of a public body to a firm."""

    table: str
    row: int
    payer: str
    payee: str
    when: date
    amount: Decimal
    purpose: str
    authority: str
    joins: tuple[tuple[str | None, float | None], ...]

    @property
    def cited(self) -> Row:
        """The row to cite."""
        if self.table == "payments":
            return Row("payments", self.row, "支付记录", PAYMENT_COLUMNS)
        return Row("bank_flows", self.row, "资金流水", FLOW_COLUMNS)

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key by day and content."""
        return (self.when, self.payer, self.payee, self.amount, self.purpose, self.table, self.row)


def private_pairs(snapshot: Any) -> Any:
    """Distinct (``payer``, ``payee``) of flows whose payer is no public body."""
    flows = _usable(snapshot)
    private = ~(flows.payer_entity.startswith("u-") | flows.payer_entity.startswith("v-"))
    return flows.filter(private).select(payer="payer_entity", payee="payee_entity").distinct()


def _usable(snapshot: Any) -> Any:
    flows = snapshot.table("bank_flows")
    return flows.filter(
        flows.payer_entity.notnull()
        & flows.payee_entity.notnull()
        & (flows.payer_entity != flows.payee_entity)
        & (flows.amount > 0)
        & flows.repeat_of.isnull()
    )


def publicly_paid(snapshot: Any) -> Any:
    """Firms that a public body paid, by the payments register or by flows; column ``firm``."""
    flows = _usable(snapshot)
    public = flows.payer_entity.startswith("u-") | flows.payer_entity.startswith("v-")
    parts = [flows.filter(public).select(firm="payee_entity")]
    if snapshot.has("payments", "payer", "payee", "amount", "pay_date"):
        payments = snapshot.table("payments")
        parts.append(payments.select(firm="payee_entity"))
    firms = parts[0] if len(parts) == 1 else ibis.union(*parts)
    return firms.filter(firms.firm.startswith("c-")).distinct()


def busy(pairs: Any, most_parties: int) -> Any:
    """Parties of flows with so many counterparts that passing through them says nothing."""
    sides = pairs.select(party="payer", other="payee").union(
        pairs.select(party="payee", other="payer"), distinct=True
    )
    counted = sides.group_by("party").agg(parties=sides.other.nunique())
    return counted.filter(counted.parties > most_parties).select("party")


def flows_between(snapshot: Any, payers: Iterable[str], payees: Iterable[str]) -> list[Flow]:
    """Flows from some parties to some parties, by day and content."""
    rows = records(among(among(_usable(snapshot), "payer_entity", payers), "payee_entity", payees))
    return sorted((_flow("bank_flows", "flow_date", r) for r in rows), key=lambda f: f.order)


def public_payments(snapshot: Any, firms: Iterable[str]) -> dict[str, list[Flow]]:
    """Payments of public bodies to firms, each once, by day; firm → payments."""
    wanted = set(firms)
    found: dict[str, list[Flow]] = defaultdict(list)
    if snapshot.has("payments", "payer", "payee", "amount", "pay_date"):
        table = snapshot.table("payments")
        usable = table.filter(
            table.payer_entity.notnull() & (table.amount > 0) & table.repeat_of.isnull()
        )
        for row in records(among(usable, "payee_entity", wanted)):
            found[row["payee_entity"]].append(_flow("payments", "pay_date", row))
    flows = _usable(snapshot)
    public = flows.payer_entity.startswith("u-") | flows.payer_entity.startswith("v-")
    for row in records(among(flows.filter(public), "payee_entity", wanted)):
        flow = _flow("bank_flows", "flow_date", row)
        if not any(_same_payment(flow, known) for known in found[flow.payee]):
            found[flow.payee].append(flow)
    return {firm: sorted(own, key=lambda f: f.order) for firm, own in found.items()}


def _same_payment(one: Flow, other: Flow) -> bool:
    return (
        other.table == "payments"
        and one.payer == other.payer
        and one.amount == other.amount
        and abs((one.when - other.when).days) <= _BOOKED_APART_DAYS
    )


def _flow(table: str, day: str, row: dict[str, Any]) -> Flow:
    return Flow(
        table,
        row["row_id"],
        row["payer_entity"],
        row["payee_entity"],
        row[day],
        row["amount"],
        row["purpose"] or "",
        row.get("authority_doc") or "",
        (
            (row["payer_identity"], row["payer_probability"]),
            (row["payee_identity"], row["payee_probability"]),
        ),
    )


# -- innocent reasons ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contract:
    """A contract between a payer and a payee."""

    signed: date | None
    amount: Decimal


def contracts_between(
    snapshot: Any, buyers: Iterable[str], sellers: Iterable[str]
) -> dict[tuple[str, str], list[Contract]]:
    """Contracts from some parties with some parties; (buyer, seller) → contracts."""
    found: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    if not snapshot.has("contracts"):
        return found
    table = among(snapshot.table("contracts"), "party_a_entity", buyers)
    for row in records(among(table, "party_b_entity", sellers)):
        amount = max(a for a in (row["amount"], row["final_amount"]) if a is not None)
        key = (row["party_a_entity"], row["party_b_entity"])
        found[key].append(Contract(row["sign_date"], amount))
    return found


class Ledger:
    """All flows and contracts between the parties of a search, asked for innocent reasons.

    Parameters
    ----------
    flows : sequence of Flow
    contracts : mapping of (buyer, seller) to list of Contract
    settings : ExplainSettings
    """

    def __init__(
        self,
        flows: Sequence[Flow],
        contracts: dict[tuple[str, str], list[Contract]],
        settings: ExplainSettings,
    ) -> None:
        self._pairs: dict[tuple[str, str], list[Flow]] = defaultdict(list)
        for flow in sorted(flows, key=lambda f: f.order):
            self._pairs[flow.payer, flow.payee].append(flow)
        self._contracts = contracts
        self._settings = settings

    def between(self, payer: str, payee: str) -> Sequence[Flow]:
        """Flows from one party to another, by day."""
        return self._pairs.get((payer, payee), ())

    def explain(self, flow: Flow) -> str | None:
        """Name what explains a flow: wages, deposit, loan or trade; None for nothing."""
        if self._wages(flow):
            return "wages"
        if self._given_back(flow, self._settings.deposit_words):
            return "deposit"
        if self._given_back(flow, self._settings.loan_words):
            return "loan"
        return "trade" if self._trade(flow) else None

    def _wages(self, flow: Flow) -> bool:
        """Regular: in several months, and no more than half above the usual amount."""
        if not _says(flow, self._settings.wage_words):
            return False
        own = [
            f for f in self.between(flow.payer, flow.payee) if _says(f, self._settings.wage_words)
        ]
        months = {(f.when.year, f.when.month) for f in own}
        usual = median(f.amount for f in own)
        return len(months) >= self._settings.wage_months and flow.amount <= usual * Decimal("1.5")

    def _given_back(self, flow: Flow, words: tuple[str, ...]) -> bool:
        """Whether the payee had paid the payer at least as much before, under such a purpose.

        What has been given back already is taken off, so that one loan clears itself once only.
        """
        earlier = [f for f in self.between(flow.payee, flow.payer) if f.when <= flow.when]
        before = [f for f in self.between(flow.payer, flow.payee) if f.order < flow.order]
        lent = sum((f.amount for f in earlier if _says(f, words)), Decimal(0))
        if not lent and _says(flow, words):
            # The purpose may stand on the way back only.
            lent = sum((f.amount for f in earlier if not f.purpose), Decimal(0))
        returned = sum((f.amount for f in before if _says(f, words)), Decimal(0))
        return flow.amount <= lent - returned

    def _trade(self, flow: Flow) -> bool:
        """Whether contracts signed by then cover all that was paid up to and with this flow."""
        known = self._contracts.get((flow.payer, flow.payee), ())
        covered = sum(
            (c.amount for c in known if c.signed is None or c.signed <= flow.when), Decimal(0)
        )
        paid = [f for f in self.between(flow.payer, flow.payee) if f.order <= flow.order]
        return covered >= sum((f.amount for f in paid), Decimal(0)) > 0


def _says(flow: Flow, words: Iterable[str]) -> bool:
    return any(word in flow.purpose for word in words)
