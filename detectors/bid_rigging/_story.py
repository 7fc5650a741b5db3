"""Telling of groups of bidders: their bid rows in certain lots, winners, amounts, the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np

from detectors.bid_rigging._lots import Lot, lots_of
from detectors.bid_rigging._market import Bids, Bools, Days
from detectors.detector import (
    BenignResult,
    Evidence,
    Finding,
    Identity,
    Path,
    PathEdge,
    Reason,
    Row,
    Sentence,
    Statistic,
    Subject,
)
from detectors.evidence import (
    among,
    day,
    first_rows,
    listing,
    period_of,
    records,
    weakest,
    years,
    yuan,
)
from detectors.figures import figure
from detectors.names import Names
from graph.windows import Break, life

COLUMNS = ("tender_no", "lot", "bidder", "amount", "is_winner", "submit_time")
MOST_LOTS = 12
_ASKED = (
    "row_id",
    "lot_entity",
    "bidder_entity",
    "bidder_identity",
    "bidder_probability",
    *COLUMNS,
)


@dataclass(frozen=True)
class Told:
    """What is to be told: the members and the lots it rests on, as positions in ``Bids``."""

    members: tuple[int, ...]
    lots: tuple[int, ...]


class Story:
    """Rows, lots and names of all findings of a detector, fetched once.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    bids : Bids
    told : iterable of Told
    """

    def __init__(self, snapshot: Any, bids: Bids, told: Iterable[Told]) -> None:
        told = tuple(told)
        self.bids = bids
        firms = {bids.bidders[m] for t in told for m in t.members}
        places = {bids.lots[lot] for t in told for lot in t.lots}
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        if firms:
            table = snapshot.table("bids").select(*_ASKED)
            found = records(among(among(table, "lot_entity", places), "bidder_entity", firms))
            for row in sorted(found, key=lambda r: (str(r["submit_time"]), str(r["amount"]))):
                self.rows.setdefault((row["lot_entity"], row["bidder_entity"]), row)
        self.lots: dict[str, Lot] = lots_of(snapshot, list(self.rows.values()))
        # Where no tender has a township, areas are purchasers.
        areas = {str(bids.area[lot]) for t in told for lot in t.lots if bids.area[lot] is not None}
        self.names = Names(snapshot, firms if bids.area_is_township else firms | areas)
        self.winner = bids.winner

    def name(self, member: int) -> str:
        """Name of a bidder."""
        return self.names.of(self.bids.bidders[member])

    def area(self, lot: int) -> str:
        """Name of a lot's area."""
        area = self.bids.area[lot]
        if area is None:
            return "区域不详"
        return str(area) if self.bids.area_is_township else self.names.of(str(area))

    def row(self, lot: int, member: int) -> dict[str, Any] | None:
        """The bid of a member in a lot, if it made one."""
        return self.rows.get((self.bids.lots[lot], self.bids.bidders[member]))

    def cited(self, told: Told, *, winners: bool = False) -> tuple[Row, ...]:
        """Bid rows of the members in the first lots, or only those of the winners in all."""
        lots = told.lots if winners else told.lots[:MOST_LOTS]
        rows = [
            Row("bids", row["row_id"], "投标记录", COLUMNS)
            for lot in lots
            for m in told.members
            if (not winners or self.winner[lot] == m) and (row := self.row(lot, m))
        ]
        return first_rows(rows, limit=30 if winners else MOST_LOTS * len(told.members))

    def amount(self, told: Told) -> Decimal | None:
        """What the members won in these lots; None where no amount is known."""
        known = [a for lot in told.lots if (a := self.award(lot)) is not None]
        return sum(known, Decimal(0)) if known else None

    def award(self, lot: int) -> Decimal | None:
        """Amount of an award: the tender's, else the winner's bid."""
        described = self.lots.get(self.bids.lots[lot])
        if described is not None and described.award is not None:
            return described.award
        row = self.row(lot, int(self.winner[lot]))
        return None if row is None else row["amount"]

    def period(self, told: Told) -> tuple[date, date] | None:
        """First and last day of the lots."""
        days = [self.bids.day[lot] for lot in told.lots]
        return period_of(d.item() for d in days if not np.isnat(d))

    def wins(self, told: Told) -> str:
        """Who won how many: 「甲3个，乙2个」."""
        counts = Counter(int(self.winner[lot]) for lot in told.lots)
        ordered = sorted(told.members, key=lambda m: (-counts[m], self.name(m)))
        return "，".join(f"{self.name(m)}{counts[m]}个" for m in ordered)

    def identity(self, told: Told) -> tuple[Identity, float | None]:
        """The weakest join behind the members' bids."""
        rows = [r for lot in told.lots for m in told.members if (r := self.row(lot, m))]
        return weakest((r["bidder_identity"], r["bidder_probability"]) for r in rows)

    def path(self, told: Told) -> Path:
        """Draw the members in a ring; each edge says how often they met and who won then."""
        members = sorted(told.members, key=lambda m: self.bids.bidders[m])
        pairs = [(members[i - 1], members[i]) for i in range(len(members))]
        if len(members) in (2, 4):
            # Few enough to show every pair.
            pairs = list(combinations(members, 2))
        edges = []
        for a, b in pairs:
            both = [lot for lot in told.lots if self.row(lot, a) and self.row(lot, b)]
            if not both:
                continue
            met = Told((a, b), tuple(both))
            period = self.period(met)
            wins = [
                f"{self.name(m)}中标{n}次"
                for m in (a, b)
                if (n := sum(self.winner[lot] == m for lot in both))
            ]
            edges.append(
                PathEdge(
                    self.bids.bidders[a],
                    self.bids.bidders[b],
                    "bids",
                    f"同场{len(both)}次"
                    if len(members) > 2
                    else "，".join([f"同场{len(both)}次", *wins]),
                    period[0] if period else None,
                    period[1] if period else None,
                    self.identity(met)[0],
                    self.cited(met)[:2],
                )
            )
        nodes = tuple(self.bids.bidders[m] for m in members)
        return Path(nodes, tuple(edges), tuple((n, "bidder") for n in nodes))

    def lifetime(
        self, members: Sequence[int], cites: tuple[Evidence, ...]
    ) -> tuple[tuple[Sentence, ...], tuple[tuple[str, str], ...]]:
        """Say when a group began to meet, when it stopped and who came or went, with figures.

        Returns
        -------
        (sentences, figures)
            Nothing where the group met from the first to the last day known.
        """
        attended, days = _attendance(self.bids, members)
        seen = life(attended, days)
        said: list[str] = []
        values: list[tuple[str, str]] = []

        def tell(found: Break | None, what: str, label: str) -> None:
            if found is not None:
                bounds = f"{found.first.isoformat()}至{found.last.isoformat()}"
                said.append(f"{what}（{day(found.day)}前后，90%可信区间{bounds}）")
                values.append((label, f"{found.day.isoformat()}（{bounds}）"))

        tell(seen.start, "开始结伴投标", "开始时间")
        tell(seen.stop, "停止结伴投标", "停止时间")
        for member, own in zip(members, seen.members, strict=True):
            tell(own.joined, f"{self.name(member)}加入", f"{self.name(member)}加入时间")
            tell(own.left, f"{self.name(member)}退出", f"{self.name(member)}退出时间")
        if not said:
            return (), ()
        text = f"从各成员全部投标记录推算：{'；'.join(said)}。"
        return (Sentence(text, cites),), tuple(values)


def _attendance(bids: Bids, members: Sequence[int]) -> tuple[Bools, Days]:
    """Return who of the members attended which tender, and when."""
    number = np.full(len(bids.bidders), -1, dtype=np.int64)
    number[list(members)] = np.arange(len(members))
    mine = (number[bids.bidder] >= 0) & ~np.isnat(bids.day[bids.lot])
    lot = bids.lot[mine]
    tenders, first, row = np.unique(bids.tender[lot], return_index=True, return_inverse=True)
    attended = np.zeros((len(tenders), len(members)), dtype=bool)
    attended[row, number[bids.bidder[mine]]] = True
    return attended, bids.day[lot[first]]


@dataclass(frozen=True)
class Outcome:
    """What is particular to one pattern of who wins in a finding about a group.

    ``label``: the pattern's name, also the event key; ``does``: what the title says of the lots
    (轮流中标); ``says``: the reason, before its figures; ``statement``: all its sentences.
    """

    label: str
    does: str
    says: str
    statement: tuple[Sentence, ...]
    statistic: Statistic
    q: float
    effect: float
    benign: tuple[BenignResult, ...]
    gaps: tuple[str, ...]


def in_order(told: Told, bids: Bids) -> Told:
    """Members in the order of entities, so that the files' order changes nothing."""
    return replace(told, members=tuple(sorted(told.members, key=lambda m: bids.bidders[m])))


def outcome_finding(story: Story, told: Told, outcome: Outcome) -> Finding:
    """Put a group's story into a finding; ``told`` as :func:`in_order` gives it."""
    members = tuple(story.bids.bidders[m] for m in told.members)
    called = [story.name(m) for m in told.members]
    amount, period = story.amount(told), story.period(told)
    won = f"，合计{yuan(amount)}" if amount is not None else ""
    identity, probability = story.identity(told)
    reason = Reason(
        "outcome",
        "statistical",
        f"{outcome.says}（{outcome.effect:.1f}倍，校正后{figure('q', outcome.q)}）",
        (outcome.statistic,),
        q=outcome.q,
        effect=outcome.effect,
    )
    return Finding(
        subjects=tuple(Subject(m, "bidder") for m in members),
        anchors=members,
        event_key=outcome.label,
        title=f"疑似{outcome.label}：{listing(called, '家', 3)}，"
        f"{len(told.lots)}个项目{outcome.does}{won}（{years(period)}）",
        statement=outcome.statement,
        reasons=(reason,),
        amount=amount,
        period=period,
        identity=identity,
        probability=probability,
        benign=outcome.benign,
        path=story.path(told),
        data_gaps=outcome.gaps,
    )
