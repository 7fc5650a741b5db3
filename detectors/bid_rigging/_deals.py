"""What winners paid to bidders that had lost to them: contracts and lawfully obtained flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import ibis
import pyarrow as pa

from detectors.detector import Row
from detectors.evidence import among, records

Pair = tuple[str, str]
"""(payer, payee)"""

_CONTRACT_COLUMNS = (
    "contract_no",
    "tender_no",
    "title",
    "party_a",
    "party_b",
    "amount",
    "sign_date",
)
_FLOW_COLUMNS = ("authority_doc", "payer", "payee", "amount", "flow_date", "purpose")


@dataclass(frozen=True)
class Deal:
    """One contract or payment from one firm to another."""

    table: Literal["contracts", "bank_flows"]
    row_id: int
    payer: str
    payee: str
    when: date
    amount: Decimal | None
    title: str
    tender_no: str | None
    joins: tuple[tuple[str | None, float | None], ...]

    @property
    def row(self) -> Row:
        """The row as evidence."""
        if self.table == "contracts":
            return Row("contracts", self.row_id, "合同记录", _CONTRACT_COLUMNS)
        return Row("bank_flows", self.row_id, "依法调取的资金流水", _FLOW_COLUMNS)

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key by content."""
        return self.when, self.table, self.title, str(self.amount), self.row_id


@dataclass(frozen=True)
class Lost:
    """A lot that one firm won while another bid and lost; ``when`` is the day of the award."""

    lot: str
    winner: str
    loser: str
    when: date
    award: Decimal | None
    joins: tuple[tuple[str | None, float | None], ...]


def deals_between_firms(snapshot: Any) -> Any:
    """All dated contracts and flows between firms, as ``source, row_id, payer, payee, day``."""
    parts = []
    for source, payer, payee, day in (
        ("contracts", "party_a", "party_b", "sign_date"),
        ("bank_flows", "payer", "payee", "flow_date"),
    ):
        if not snapshot.has(source, payer, payee, day):
            continue
        table = snapshot.in_yuan(source)
        one, other = table[f"{payer}_entity"], table[f"{payee}_entity"]
        mine = table.filter(
            one.startswith("c-")
            & other.startswith("c-")
            & (one != other)
            & table[day].notnull()
            & (table.repeat_of.isnull() if source == "contracts" else ibis.literal(True))
        )
        parts.append(
            mine.select(
                source=ibis.literal(source),
                row_id=mine.row_id,
                payer=mine[f"{payer}_entity"],
                payee=mine[f"{payee}_entity"],
                day=mine[day],
            )
        )
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def lost_lots(snapshot: Any, pairs: Any) -> list[Lost]:
    """Lots that the first of a pair won and the second lost.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    pairs : ibis table
        ``winner`` and ``loser``, each pair once.
    """
    edges = snapshot.edges
    wins = edges.filter(edges.kind == "wins").select(
        winner="src", lot="dst", day="start_date", award="amount", trust="identity",
        chance="probability",
    )  # fmt: skip
    bids = edges.filter(edges.kind == "bids").select(
        loser="src", lot="dst", bid_trust="identity", bid_chance="probability"
    )
    met = wins.join(pairs, "winner").join(bids, ["lot", "loser"])
    # Where several share an award nobody of them lost.
    won = wins.select(loser=wins.winner, lot=wins.lot)
    lost = met.filter(met.day.notnull()).anti_join(won, ["lot", "loser"])
    return [
        Lost(
            r["lot"], r["winner"], r["loser"], r["day"], r["award"],
            ((r["trust"], r["chance"]), (r["bid_trust"], r["bid_chance"])),
        )
        for r in records(lost)
    ]  # fmt: skip


def first_meetings(snapshot: Any, pairs: Iterable[Pair]) -> dict[frozenset[str], date]:
    """The day on which two firms first bid for one lot."""
    wanted = sorted({tuple(sorted(pair)) for pair in pairs})
    if not wanted:
        return {}
    table = snapshot.memtable(
        pa.table({"one": [a for a, _ in wanted], "other": [b for _, b in wanted]})
    )
    edges = snapshot.edges
    dated = edges.filter((edges.kind == "bids") & edges.start_date.notnull())
    left = dated.select(one="src", lot="dst", day="start_date")
    right = dated.select(other="src", lot="dst")
    met = left.join(table, "one").join(right, ["lot", "other"])
    first = met.group_by("one", "other").agg(day=met.day.min())
    return {frozenset((r["one"], r["other"])): r["day"] for r in records(first)}


def fetch_deals(snapshot: Any, deals: Any, pairs: Iterable[Pair]) -> list[Deal]:
    """Fetch the deals between pairs of firms, in both directions.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    deals : ibis table
        As :func:`deals_between_firms` returns it.
    pairs : iterable of (str, str)
    """
    wanted = sorted({p for a, b in pairs for p in ((a, b), (b, a))})
    if not wanted:
        return []
    table = snapshot.memtable(
        pa.table({"payer": [a for a, _ in wanted], "payee": [b for _, b in wanted]})
    )
    keys = records(deals.semi_join(table, ["payer", "payee"]))
    found = []
    for row in _rows(snapshot, "contracts", keys):
        found.append(
            Deal(
                "contracts",
                row["row_id"],
                row["party_a_entity"],
                row["party_b_entity"],
                row["sign_date"],
                row["amount"],
                row["title"] or "合同",
                row["tender_no"],
                _joins(row, "party_a", "party_b"),
            )
        )
    for row in _rows(snapshot, "bank_flows", keys):
        found.append(
            Deal(
                "bank_flows",
                row["row_id"],
                row["payer_entity"],
                row["payee_entity"],
                row["flow_date"],
                row["amount"],
                row["purpose"] or "未注明用途",
                None,
                _joins(row, "payer", "payee"),
            )
        )
    return sorted(found, key=lambda d: d.order)


def _rows(snapshot: Any, source: str, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = {k["row_id"] for k in keys if k["source"] == source}
    return records(among(snapshot.table(source), "row_id", ids)) if ids else []


def _joins(row: dict[str, Any], *parties: str) -> tuple[tuple[str | None, float | None], ...]:
    return tuple((row[f"{p}_identity"], row[f"{p}_probability"]) for p in parties)


def busy_payees(deals: Any, least_payers: int) -> set[str]:
    """Firms that so many others pay that they supply the whole market."""
    counted = deals.group_by("payee").agg(payers=deals.payer.nunique())
    return {r["payee"] for r in records(counted.filter(counted.payers >= least_payers))}


def payees_of(deals: Any, payers: Iterable[str]) -> dict[str, list[tuple[date, str]]]:
    """When and whom a few firms paid; payer → (day, payee)."""
    found: dict[str, list[tuple[date, str]]] = {}
    for row in records(among(deals.select("payer", "payee", "day"), "payer", payers).distinct()):
        found.setdefault(row["payer"], []).append((row["day"], row["payee"]))
    return found
