"""What bidders of one lot have in common, how sure it is, and one story a set of bidders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from detectors.bid_rigging._groups import Shared, bid_rows
from detectors.bid_rigging._lots import Lot, lot_list, lots_of
from detectors.detector import (
    BenignResult,
    Finding,
    Identity,
    Kind,
    Reason,
    Row,
    Sentence,
    Strength,
    Subject,
)
from detectors.evidence import among, listing, period_of, records, years
from detectors.names import Names

_STRENGTHS: tuple[Strength, ...] = ("proof", "strong", "statistical", "weak")
_TRUST: tuple[Identity, ...] = ("certain", "probable", "name_only")


@dataclass(frozen=True)
class Sign:
    """One value shared in one lot.

    ``key`` names what is shared, ``text`` says it in Chinese as the end of a sentence.
    """

    key: str
    group: Shared
    text: str
    strength: Strength
    identity: Identity = "certain"
    probability: float | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """What the sign is worth: a name alone never outweighs a sure sign, however strong."""
        strength = _STRENGTHS.index(self.strength)
        return (3 if self.identity == "name_only" else strength), _TRUST.index(self.identity)


def rings_of(signs: Iterable[Sign]) -> dict[tuple[str, ...], list[Sign]]:
    """Bring together the lots in which the same bidders share something: one finding each.

    A part of a lot's bidders is left out where a sign no weaker holds for more of them.
    """
    by_lot: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        by_lot[sign.group.lot].append(sign)
    rings: dict[tuple[str, ...], list[Sign]] = defaultdict(list)
    for _, here in sorted(by_lot.items()):
        for sign in here:
            mine = set(sign.group.bidders)
            if not any(mine < set(o.group.bidders) and o.rank <= sign.rank for o in here):
                rings[sign.group.bidders].append(sign)
    return dict(sorted(rings.items()))


@dataclass(frozen=True)
class Story:
    """What a finding about a set of bidders says, whatever they share."""

    bidders: str
    lots: tuple[Lot, ...]
    period: tuple[date, date] | None
    amount: Decimal | None
    best: Sign
    statement: tuple[Sentence, ...]
    cites: tuple[Row, ...]

    @property
    def where(self) -> str:
        """The lots by name, the first few."""
        return lot_list(list(self.lots))

    @property
    def span(self) -> str:
        """The years of the lots."""
        return years(self.period)


@dataclass(frozen=True)
class Told:
    """What is particular to one kind of mark in a finding.

    ``what``: what is shared, as the title says it; ``of``: whose it is, in the reason; ``likely``:
    which clause that may point to, empty where none is cited.
    """

    event_key: str
    kind: Kind
    what: str
    of: str
    likely: str
    legal: tuple[str, ...]
    benign: tuple[BenignResult, ...]
    gaps: tuple[str, ...]


def finding(ring: tuple[str, ...], story: Story, told: Told) -> Finding:
    """Put a ring's story into a finding."""
    reason = f"同一标段不同投标人的{told.of}{told.what}"
    return Finding(
        subjects=tuple(Subject(b, "bidder") for b in ring),
        anchors=ring,
        event_key=told.event_key,
        title=f"疑似{told.what}：{story.bidders}投标{story.where}（{story.span}）",
        statement=story.statement,
        reasons=(
            Reason(
                told.kind,
                story.best.strength,
                f"{reason}；{told.likely}" if told.likely else reason,
                story.cites,
            ),
        ),
        amount=story.amount,
        period=story.period,
        identity=story.best.identity,
        probability=story.best.probability,
        benign=told.benign,
        legal=told.legal,
        data_gaps=told.gaps,
    )


class Teller:
    """Tells rings; lots and names are fetched once for all of them."""

    def __init__(
        self, snapshot: Any, rings: dict[tuple[str, ...], list[Sign]], columns: tuple[str, ...]
    ) -> None:
        rows = [r for signs in rings.values() for s in signs for r in s.group.rows]
        self.lots = lots_of(snapshot, rows)
        self.names = Names(snapshot, {b for ring in rings for b in ring})
        self.columns = columns

    def tell(
        self, ring: tuple[str, ...], signs: Sequence[Sign], lead: Callable[[str, str], str]
    ) -> Story:
        """Tell one ring.

        Parameters
        ----------
        ring : tuple of str
        signs : sequence of Sign
        lead : function of (bidders, lots) to str
            Begins a sentence, which ``Sign.text`` ends.
        """
        mine = sorted({s.group.lot: self.lots[s.group.lot] for s in signs}.values(), key=_lot_order)
        awards = [lot.award for lot in mine if lot.award is not None]
        bidders = listing(sorted(self.names.of(b) for b in ring), "家")
        by_text: dict[str, list[Sign]] = defaultdict(list)
        for sign in sorted(signs, key=lambda s: (s.rank, _lot_order(self.lots[s.group.lot]))):
            by_text[sign.text].append(sign)
        statement = []
        for text, same in by_text.items():
            lots = sorted({s.group.lot for s in same}, key=lambda lot: _lot_order(self.lots[lot]))
            where = lot_list([self.lots[lot] for lot in lots])
            rows = bid_rows([s.group for s in same], "投标记录", self.columns)
            statement.append(Sentence(f"{lead(bidders, where)}{text}。", rows))
        best = min(signs, key=lambda s: (s.rank, -(s.probability or 1.0), s.key))
        worth = [s.group for s in signs if s.key == best.key and s.rank == best.rank]
        return Story(
            bidders,
            tuple(mine),
            period_of(lot.when for lot in mine),
            sum(awards, Decimal(0)) if awards else None,
            best,
            tuple(statement),
            bid_rows(worth, "投标记录", self.columns),
        )


def _lot_order(lot: Lot) -> tuple[str, str]:
    return str(lot.when), lot.name


def bearers(snapshot: Any, names: Iterable[str]) -> dict[str, int]:
    """Count the people with a number who bear each name; names that nobody bears are left out.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    names : iterable of str
    """
    people = snapshot.entities
    known = people.filter((people.kind == "person") & people.number.notnull())
    counts = among(known, "name", names).group_by("name").agg(bearers=lambda t: t.count())
    return {row["name"]: row["bearers"] for row in records(counts)}
