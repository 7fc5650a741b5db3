"""What firms supply to public bodies: lots won, contracts and payments, each counted once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import ibis

from detectors.detector import Row
from detectors.evidence import among, cite, records

LOT_COLUMNS = (
    "tender_no",
    "lot",
    "title",
    "purchaser",
    "method",
    "winner",
    "award_amount",
    "open_date",
)
CONTRACT_COLUMNS = ("contract_no", "title", "party_a", "party_b", "amount", "sign_date")
PROJECT_COLUMNS = ("village", "project", "contractor", "settled", "budget", "start_date")
PAYMENT_COLUMNS = ("voucher_no", "payer", "payee", "amount", "pay_date", "purpose")


@dataclass(frozen=True)
class Supply:
    """One lot, contract, village project or payment by which a firm supplies a unit.

    ``tender_no`` and ``contract_no`` tell the same project again in another table.
    """

    kind: Literal["lot", "contract", "project", "payment"]
    company: str
    unit: str
    entity: str | None
    title: str
    when: date | None
    amount: Decimal | None
    ceiling: Decimal | None
    method: str
    tender_no: str | None
    contract_no: str | None
    joins: tuple[tuple[str | None, float | None], ...]
    rows: tuple[Row, ...]


def suppliers(snapshot: Any) -> Any:
    """Return the distinct (``company``, ``unit``) pairs of supply, as an Ibis expression."""
    edges = snapshot.edges
    parts = []
    if snapshot.has("tenders"):
        wins = edges.filter(edges.kind == "wins").select(company="src", lot="dst")
        buys = edges.filter(edges.kind == "purchases").select(unit="src", lot="dst")
        parts.append(wins.join(buys, "lot").select("company", "unit"))
    for kind, tables in (("contract", ("contracts", "village_projects")), ("pays", ("payments",))):
        if any(snapshot.has(table) for table in tables):
            direct = edges.filter((edges.kind == kind) & edges.dst.startswith("c-"))
            parts.append(direct.select(company="dst", unit="src"))
    if not parts:
        return edges.filter(edges.kind == "").select(company="dst", unit="src")
    together = parts[0] if len(parts) == 1 else ibis.union(*parts)
    return together.distinct()


def supplies_of(snapshot: Any, companies: set[str]) -> dict[str, tuple[Supply, ...]]:
    """List what given firms supply, to whomever; company → its supplies in content order."""
    if not companies:
        return {}
    wanted = sorted(companies)
    found: dict[str, list[Supply]] = defaultdict(list)
    for supply in [
        *(_lots(snapshot, wanted) if snapshot.has("tenders") else ()),
        *(_contracts(snapshot, wanted) if snapshot.has("contracts") else ()),
        *(_village_works(snapshot, wanted) if snapshot.has("village_projects") else ()),
        *(_payments(snapshot, wanted) if snapshot.has("payments") else ()),
    ]:
        found[supply.company].append(supply)
    return {company: tuple(sorted(items, key=_content)) for company, items in found.items()}


def _content(supply: Supply) -> tuple[Any, ...]:
    order = {"lot": 0, "contract": 1, "project": 2, "payment": 3}
    return (
        order[supply.kind],
        supply.when or date.max,
        supply.title,
        supply.amount or Decimal(0),
        supply.tender_no or "",
        supply.contract_no or "",
        supply.entity or "",
    )


def _lots(snapshot: Any, companies: list[str]) -> list[Supply]:
    edges, tenders = snapshot.edges, snapshot.table("tenders")
    wins = among(edges.filter(edges.kind == "wins"), "src", companies).select(
        company="src",
        lot_entity="dst",
        sources="sources",
        win_identity="identity",
        win_probability="probability",
        win_amount="amount",
    )
    rows = records(wins.join(tenders, "lot_entity"))
    seen: dict[tuple[str, str, str], Supply] = {}
    for row in sorted(rows, key=lambda r: str((r["open_date"], r["publish_date"], r["title"]))):
        when = row["open_date"] or row["deadline"] or row["publish_date"]
        key = (row["company"], row["lot_entity"], row["purchaser_entity"])
        own = Row("tenders", row["row_id"], "招标项目记录", LOT_COLUMNS)
        won = cite(row["sources"], "中标记录", ())
        supply = Supply(
            "lot",
            row["company"],
            row["purchaser_entity"],
            row["lot_entity"],
            row["title"] or row["tender_no"],
            _date(when),
            row["award_amount"] if row["award_amount"] is not None else row["win_amount"],
            row["ceiling_price"],
            row["method"] or "",
            row["tender_no"],
            None,
            (
                (row["win_identity"], row["win_probability"]),
                (row["purchaser_identity"], row["purchaser_probability"]),
            ),
            (own, *(w for w in won if w.table != "tenders")),
        )
        # The same lot twice in the data is one project; the first in content order stands.
        seen.setdefault(key, supply)
    return list(seen.values())


def _date(value: Any) -> date | None:
    return value.date() if hasattr(value, "date") else value


def _contracts(snapshot: Any, companies: list[str]) -> list[Supply]:
    table = snapshot.table("contracts")
    rows = records(among(table, "party_b_entity", companies))
    return [
        Supply(
            "contract",
            row["party_b_entity"],
            row["party_a_entity"],
            None,
            row["title"] or row["contract_no"] or "未载明名称的合同",
            row["sign_date"],
            row["amount"],
            None,
            "",
            row["tender_no"],
            row["contract_no"],
            (
                (row["party_a_identity"], row["party_a_probability"]),
                (row["party_b_identity"], row["party_b_probability"]),
            ),
            (Row("contracts", row["row_id"], "合同记录", CONTRACT_COLUMNS),),
        )
        for row in rows
        if row["repeat_of"] is None
    ]


def _village_works(snapshot: Any, companies: list[str]) -> list[Supply]:
    table = snapshot.table("village_projects")
    return [
        Supply(
            "project",
            row["contractor_entity"],
            row["village_entity"],
            None,
            row["project"],
            row["start_date"] or row["decision_date"],
            row["settled"] if row["settled"] is not None else row["budget"],
            None,
            row["method"] or "",
            row["tender_no"],
            None,
            (
                (row["village_identity"], row["village_probability"]),
                (row["contractor_identity"], row["contractor_probability"]),
            ),
            (Row("village_projects", row["row_id"], "村级项目记录", PROJECT_COLUMNS),),
        )
        for row in records(among(table, "contractor_entity", companies))
        if row["repeat_of"] is None
    ]


def _payments(snapshot: Any, companies: list[str]) -> list[Supply]:
    table = snapshot.table("payments")
    rows = records(among(table, "payee_entity", companies))
    return [
        Supply(
            "payment",
            row["payee_entity"],
            row["payer_entity"],
            None,
            row["purpose"] or "未载明用途的付款",
            row["pay_date"],
            row["amount"],
            None,
            "",
            None,
            row["contract_no"],
            (
                (row["payer_identity"], row["payer_probability"]),
                (row["payee_identity"], row["payee_probability"]),
            ),
            (Row("payments", row["row_id"], "支付记录", PAYMENT_COLUMNS),),
        )
        for row in rows
        if row["repeat_of"] is None
    ]


def projects(supplies: tuple[Supply, ...]) -> tuple[Supply, ...]:
    """Drop what is the same project under another name, so that no yuan is counted twice.

    A contract or village project that names a tender already listed, a village project under the
    title of a listed contract, and a payment under a listed contract or for a listed village
    project add nothing; a payment that names no contract is dropped where the firm has any project
    with the same unit, since it is likely paid under one.
    """
    kept = [s for s in supplies if s.kind == "lot"]
    tenders = {(s.unit, s.tender_no) for s in kept}
    numbers = {s.tender_no for s in kept if s.tender_no}
    contracts = [
        s for s in supplies if s.kind == "contract" and (s.unit, s.tender_no) not in tenders
    ]
    # A village signs as its committee and builds as a village: only titles tell.
    titles = [s.title for s in contracts]
    built = [
        s
        for s in supplies
        if s.kind == "project"
        and s.tender_no not in numbers
        and not any(s.title in title or title in s.title for title in titles)
    ]
    units = {s.unit for s in supplies if s.kind != "payment"}
    paid = [
        s
        for s in supplies
        if s.kind == "payment"
        and s.unit not in units
        and not any(b.title in s.title for b in supplies if b.kind == "project")
    ]
    return (*kept, *contracts, *built, *paid)


def bidder_counts(snapshot: Any, lots: set[str]) -> dict[str, int]:
    """Count the bidders of lots that were not disqualified; lots without bids are absent."""
    if not lots or not snapshot.has("bids"):
        return {}
    bids = snapshot.table("bids")
    valid = among(bids.filter(~bids.disqualified.fill_null(False)), "lot_entity", lots)
    counted = valid.group_by("lot_entity").agg(bidders=valid.bidder_entity.nunique())
    return {row["lot_entity"]: row["bidders"] for row in records(counted)}
