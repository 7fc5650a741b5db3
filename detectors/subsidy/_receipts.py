"""What near relatives of village cadres and of handlers receive or apply for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import ibis

from detectors.evidence import among, day, holds, post_name, records, village_term_end
from detectors.links import aliases, certain_pairs
from detectors.names import Names
from graph.kinship import parse_term, within_scope

_REFUSED = ("未通过", "不通过", "不符合", "不予", "退回")


class ReceiptSettings(Protocol):
    """The settings that the search needs."""

    @property
    def filing_programmes(self) -> tuple[str, ...]:
        """Words of programmes that need a filing."""

    @property
    def cadre_types(self) -> tuple[str, ...]:
        """Words of the identity type of village-committee members."""

    @property
    def scope(self) -> str:
        """Key of the range of relatives."""

    @property
    def most_namesakes(self) -> int:
        """Most numbered bearers of a name that may join by name alone."""


@dataclass(frozen=True)
class Post:
    """A village post; ``village`` may be None where the data don't say."""

    row: int
    text: str
    village: str | None
    places: frozenset[str]
    start: date | None
    end: date | None

    def holds(self, when: date, elections: Iterable[str]) -> bool:
        """Tell whether the post is held on a day; without an end, until the next election."""
        end = self.end
        if end is None and self.start is not None:
            end = village_term_end(self.start, elections)
        return holds(when, self.start, end)

    @property
    def span(self) -> str:
        """Say from when to when, in Chinese."""
        start = f"{day(self.start)}起" if self.start else "任职起始日期不详"
        return f"任职时间{start}{f'至{day(self.end)}' if self.end else '，未见离任记录'}"


@dataclass(frozen=True)
class Link:
    """An official, a near relative, and the joins that tie them to the payee of a receipt."""

    official: str
    relative: str
    relative_name: str
    payee: str
    term: str
    start: date | None
    end: date | None
    basis: str | None
    sources: tuple[dict[str, Any], ...]
    joins: tuple[tuple[str | None, float | None], ...]

    def kin_holds(self, when: date) -> bool:
        """Tell whether the kinship is in force on a day."""
        return holds(when, self.start, self.end)


@dataclass(frozen=True)
class Receipt:
    """A payment to, or an application of, a near relative.

    ``handled``: the official handled or approved it; ``posts_here``: the official's posts in the
    village of the payee.
    """

    link: Link
    table: str
    row: int
    programme: str
    village: str | None
    when: date | None
    amount: Decimal | None
    handled: bool
    posts_here: tuple[Post, ...]
    payee_join: tuple[str | None, float | None]

    def joins(self) -> tuple[tuple[str | None, float | None], ...]:
        """List all the joins the receipt rests on."""
        return (*self.link.joins, self.payee_join)

    def entities(self) -> tuple[str, ...]:
        """List the entities to be named."""
        village = (self.village,) if self.village else ()
        return (self.link.official, self.link.relative, *village)


def village_count(snapshot: Any, settings: ReceiptSettings) -> int | None:
    """Count the villages in which a programme that needs a filing is paid or applied for."""
    lists = _lists(snapshot, settings)
    villages = lists.filter(lists.village.notnull()).village.nunique()
    count = int(villages.execute())
    return count or None


def kin_receipts(snapshot: Any, settings: ReceiptSettings) -> list[Receipt]:
    """List what near relatives of cadres and handlers received, in content order."""
    lists = _lists(snapshot, settings)
    powers = _powers(snapshot, lists, settings)
    egos = aliases(snapshot, powers, settings.most_namesakes).rename(
        official="entity", ego="other", ego_identity="identity", ego_chance="probability"
    )
    edges = snapshot.edges
    kin = edges.filter(edges.kind == "kin").select(
        ego="src", relative="dst", kin_edge="edge", term="term"
    )
    terms = [r["term"] for r in records(kin.select("term").distinct())]
    near = sorted(t for t in terms if t and _in_scope(t, settings.scope))
    tied = egos.join(kin.filter(kin.term.isin(near)), "ego")
    payees = aliases(
        snapshot, tied.select(entity=tied.relative).distinct(), settings.most_namesakes
    ).rename(
        relative="entity", payee="other", payee_identity="identity", payee_chance="probability"
    )
    rows = certain_pairs(
        tied.join(payees, "relative").join(lists, "payee"), "ego_identity", "payee_identity"
    )
    found = records(rows.filter(rows.official != rows.payee))
    return _receipts(snapshot, found, settings)


def _in_scope(term: str, scope: str) -> bool:
    """Tell whether every reading of a term is in scope: a term in doubt accuses nobody."""
    readings = parse_term(term)
    return bool(readings) and all(within_scope(r, scope) for r in readings)


def _lists(snapshot: Any, settings: ReceiptSettings) -> Any:
    """Payments and applications of the programmes that need a filing, in one shape."""
    parts = []
    required = _required(snapshot, settings)
    if snapshot.has("subsidies", "name"):
        t = snapshot.table("subsidies")
        parts.append(_shape(t, "subsidies", t.pay_date, t.amount))
    if snapshot.has("subsidy_applications", "name"):
        t = snapshot.table("subsidy_applications")
        refused = t.result.fill_null("").re_search("|".join(_REFUSED))
        t = t.filter(~refused)
        parts.append(_shape(t, "subsidy_applications", t.list_date, ibis.null("decimal(18,2)")))
    lists = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
    return lists.filter(lists.programme.isin(required) & lists.payee.notnull())


def _shape(table: Any, name: str, when: Any, amount: Any) -> Any:
    return table.select(
        table=ibis.literal(name),
        row=table.row_id,
        programme=table.programme,
        payee=table.name_entity,
        list_identity=table.name_identity,
        list_chance=table.name_probability,
        village=table.village_entity,
        when=when,
        amount=amount,
        handler=table.handler_entity,
        approver=table.approver_entity,
    )


def _required(snapshot: Any, settings: ReceiptSettings) -> list[str]:
    """Programmes that need a filing: as the policy table says, else by their names."""
    said: dict[str, bool] = {}
    if snapshot.has("subsidy_programmes", "filing_required"):
        policies = snapshot.table("subsidy_programmes").filter(
            lambda t: t.filing_required.notnull()
        )
        for row in records(policies.select("programme", "filing_required")):
            said[row["programme"]] = row["filing_required"] or said.get(row["programme"], False)
    names: set[str] = set()
    for table in ("subsidies", "subsidy_applications"):
        if snapshot.has(table, "programme"):
            found = snapshot.table(table).select("programme").distinct()
            names |= {r["programme"] for r in records(found) if r["programme"]}
    return sorted(n for n in names if said.get(n, any(w in n for w in settings.filing_programmes)))


def _powers(snapshot: Any, lists: Any, settings: ReceiptSettings) -> Any:
    """Village-committee members and those who handle or approve the lists."""
    parts = [
        lists.select(entity=lists.handler).filter(lambda t: t.entity.notnull()),
        lists.select(entity=lists.approver).filter(lambda t: t.entity.notnull()),
    ]
    if snapshot.has("officials", "name"):
        cadres = _cadres(snapshot, settings)
        parts.append(cadres.select(entity=cadres.name_entity))
    return ibis.union(*parts, distinct=True)


def _cadres(snapshot: Any, settings: ReceiptSettings) -> Any:
    table = snapshot.table("officials").filter(lambda t: t.name_entity.notnull())
    return table.filter(table.identity_type.fill_null("").re_search("|".join(settings.cadre_types)))


def _receipts(
    snapshot: Any, rows: list[dict[str, Any]], settings: ReceiptSettings
) -> list[Receipt]:
    egos = {r["ego"] for r in rows} | {r["official"] for r in rows}
    posts = _posts(snapshot, egos, settings)
    edges = snapshot.edges
    kin = {e["edge"]: e for e in records(among(edges, "edge", {r["kin_edge"] for r in rows}))}
    names = Names(snapshot, {r["relative"] for r in rows})
    best: dict[tuple[str, str, int], tuple[tuple[Any, ...], Receipt]] = {}
    for row in rows:
        edge = kin[row["kin_edge"]]
        handled = row["official"] in (row["handler"], row["approver"])
        own = (*posts.get(row["official"], ()), *posts.get(row["ego"], ()))
        here = tuple(p for p in dict.fromkeys(own) if row["village"] in p.places)
        # One person in the officials' table and in the kin table: the official stands first.
        official = row["ego"] if row["ego"] in posts else row["official"]
        link = Link(
            official,
            row["relative"],
            names.of(row["relative"]),
            row["payee"],
            row["term"],
            edge["start_date"],
            edge["end_date"],
            edge["basis"],
            tuple(edge["sources"]),
            (
                (row["ego_identity"], row["ego_chance"]),
                (row["payee_identity"], row["payee_chance"]),
                (edge["identity"], edge["probability"]),
            ),
        )
        receipt = Receipt(
            link,
            row["table"],
            row["row"],
            row["programme"],
            row["village"],
            row["when"],
            row["amount"],
            handled,
            here,
            (row["list_identity"], row["list_chance"]),
        )
        key = (official, row["table"], row["row"])
        order = _order(receipt)
        if key not in best or order < best[key][0]:
            best[key] = (order, receipt)
    return [receipt for _, receipt in sorted(best.values(), key=lambda item: item[0])]


def _order(receipt: Receipt) -> tuple[Any, ...]:
    """Authority first, then the surest join, then content."""
    doubt = sum(identity != "certain" for identity, _ in receipt.joins())
    return (
        not (receipt.handled or receipt.posts_here),
        doubt,
        receipt.link.basis == "inferred",
        receipt.link.relative,
        receipt.link.term,
        str(receipt.when),
        str(receipt.amount),
        receipt.table,
        receipt.programme,
    )


def _posts(
    snapshot: Any, people: set[str], settings: ReceiptSettings
) -> dict[str, tuple[Post, ...]]:
    if not people or not snapshot.has("officials", "name"):
        return {}
    cadres = _cadres(snapshot, settings)
    found: dict[str, list[Post]] = defaultdict(list)
    for r in records(among(cadres, "name_entity", people)):
        places = frozenset(p for p in (r["village_entity"], r["organization_entity"]) if p)
        text = post_name(r["organization"], r["position"])
        post = Post(r["row_id"], text, r["village_entity"], places, r["start_date"], r["end_date"])
        found[r["name_entity"]].append(post)
    return {
        person: tuple(sorted(posts, key=lambda p: (str(p.start), p.text)))
        for person, posts in found.items()
    }
