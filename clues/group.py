"""A group of bidders as a clue carries it: members, rivals, lots; for pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detectors.group import Group
from ingest.masking import mask_text


@dataclass(frozen=True)
class ClueMember:
    """A member: its part, its bids and wins in the joint lots and the yuan it won there."""

    entity: str
    name: str
    part: str
    bids: int
    wins: int
    amount: float | None


@dataclass(frozen=True)
class ClueRival:
    """A firm outside that often bids where members meet."""

    entity: str
    name: str
    lots: int
    wins: int


@dataclass(frozen=True)
class ClueLot:
    """A joint lot: ISO date, yuan, the members that bid, the winner (any firm's id, or None)."""

    name: str
    when: str | None
    amount: float | None
    bidders: tuple[str, ...]
    winner: str | None


@dataclass(frozen=True)
class CluePair:
    """Two firms and in how many lots both bid."""

    one: str
    other: str
    lots: int


@dataclass(frozen=True)
class ClueGroup:
    """Members, rivals, pairs that met, lots by date."""

    members: tuple[ClueMember, ...]
    rivals: tuple[ClueRival, ...]
    pairs: tuple[CluePair, ...]
    lots: tuple[ClueLot, ...]

    @classmethod
    def from_mapping(cls, record: Mapping[str, Any]) -> ClueGroup:
        """Rebuild from a parsed line of ``clues.jsonl``."""
        return cls(
            tuple(ClueMember(**_floats(m)) for m in record["members"]),
            tuple(ClueRival(**r) for r in record["rivals"]),
            tuple(CluePair(**p) for p in record["pairs"]),
            tuple(ClueLot(**_floats(t) | {"bidders": tuple(t["bidders"])}) for t in record["lots"]),
        )


def _floats(record: Mapping[str, Any]) -> dict[str, Any]:
    amount = record["amount"]
    return {**record, "amount": None if amount is None else float(amount)}


def entities(group: Group) -> Iterator[str]:
    """Everybody whom a group names."""
    yield from (m.entity for m in group.members)
    yield from (r.entity for r in group.rivals)


def clue_group(group: Group, name: Callable[[str], str]) -> ClueGroup:
    """Put names in and numbers into what JSON has.

    Parameters
    ----------
    group : detectors.group.Group
    name : callable
        Masked name of an entity.
    """

    def yuan(amount: Any) -> float | None:
        return None if amount is None else round(float(amount), 2)

    return ClueGroup(
        tuple(
            ClueMember(m.entity, name(m.entity), m.part, m.bids, m.wins, yuan(m.amount))
            for m in group.members
        ),
        tuple(ClueRival(r.entity, name(r.entity), r.lots, r.wins) for r in group.rivals),
        tuple(CluePair(*pair) for pair in group.pairs),
        tuple(
            ClueLot(
                mask_text(lot.name),
                None if lot.when is None else lot.when.isoformat(),
                yuan(lot.amount),
                lot.bidders,
                lot.winner,
            )
            for lot in group.lots
        ),
    )
