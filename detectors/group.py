"""What a finding about a group of bidders says of it lot by lot, for pictures and tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class GroupMember:
    """A member: its part in Chinese, its bids and wins in the joint lots, what it won in yuan."""

    entity: str
    part: str
    bids: int
    wins: int
    amount: Decimal | None


@dataclass(frozen=True)
class GroupRival:
    """A firm outside that often bids where members meet: how many joint lots it was in and won."""

    entity: str
    lots: int
    wins: int


@dataclass(frozen=True)
class GroupLot:
    """A joint lot: the members that bid, and who won it (a member, another firm, None: unknown)."""

    name: str
    when: date | None
    amount: Decimal | None
    bidders: tuple[str, ...]
    winner: str | None


@dataclass(frozen=True)
class Group:
    """Members, rivals around them, lots in order of date.

    ``pairs``: (entity, entity, lots in which both bid), of any two members or of a member and a
    rival, those that never met left out.
    """

    members: tuple[GroupMember, ...]
    rivals: tuple[GroupRival, ...]
    pairs: tuple[tuple[str, str, int], ...]
    lots: tuple[GroupLot, ...]
