"""Sets of firms that hang together: who belongs, who chains nothing together."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.bid_rigging._market import Bids
from detectors.bid_rigging._ring_lots import BIDS, COVER, MAIN, SOME, TURNS, Lots
from detectors.bid_rigging._ring_sets import (
    Firms,
    Sign,
    attach,
    grow,
    independent_kinds,
    seeds,
    ties_of,
    told_whole,
)
from detectors.detector import Finding, Reason

Lot = tuple[tuple[int, ...], int | None]


def bids_of(lots: list[Lot]) -> Bids:
    """A market out of (bidders, winner) a lot, one lot a day."""
    rows = [(lot, firm) for lot, (firms, _) in enumerate(lots) for firm in sorted(set(firms))]
    lot, firm = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    won = np.array([lots[x][1] == f for x, f in rows], dtype=bool)
    n, m = len(rows), len(lots)
    firms = max((f for _, f in rows), default=-1) + 1
    nothing = np.full(m, None, dtype=object)
    return Bids(
        bidders=tuple(f"c-{i:02d}" for i in range(firms)),
        lots=tuple(f"l-{i:03d}" for i in range(m)),
        tenders=tuple(f"T{i}" for i in range(m)),
        bidder=firm,
        lot=lot,
        amount=np.full(n, np.nan),
        rank=np.full(n, np.nan),
        won=won,
        disqualified=np.zeros(n, dtype=bool),
        first_day=np.full(n, np.datetime64("NaT"), dtype="datetime64[D]"),
        tender=np.arange(m),
        category=nothing,
        area=nothing,
        method=nothing,
        day=np.datetime64("2022-01-01") + np.arange(m),
        ceiling=np.full(m, np.nan),
        floor=np.full(m, np.nan),
        award=np.full(m, np.nan),
        area_is_township=False,
        has_tenders=False,
    )


def sign(
    firms: str, lots: int = 1, strength: str = "strong", kind: str = "hardware", fact: str = ""
) -> Sign:
    """A sign about firms called by digits."""
    members = frozenset(int(c) for c in firms)
    q = 0.001 if strength == "statistical" else None
    reason = Reason(kind, strength, "", (), fact=fact, q=q)  # type: ignore[arg-type]
    anchors = tuple(str(m) for m in sorted(members))
    finding = Finding((), anchors, "", f"{kind}{firms}", (), (reason,), None, None, "certain")
    return Sign(kind, finding, members, frozenset(range(lots)), (reason,))


def sets(signs: list[Sign], lots: list[Lot], most: int = 12) -> set[str]:
    bids = bids_of(lots)
    start = seeds(signs, 2)
    ties = ties_of(start, bids, 2, 0.5)
    return {"".join(map(str, sorted(s))) for s in grow(start, ties, most)}


ALL_THREE: list[Lot] = [((0, 1, 2), 0), ((0, 1, 2), 1), ((0, 1, 2), 2)]


def test_pairs_that_overlap_join_where_all_meet() -> None:
    assert sets([sign("01"), sign("12")], ALL_THREE) == {"012"}


def test_pairs_that_overlap_stay_apart_where_the_others_never_meet() -> None:
    lots: list[Lot] = [((0, 1), 0), ((0, 1), 1), ((1, 2), 2), ((1, 2), 1)]
    assert sets([sign("01"), sign("12")], lots) == {"01", "12"}


def test_two_rings_that_share_a_firm_stay_two() -> None:
    lots: list[Lot] = [((0, 1, 2, 4), 0)] * 6 + [((4, 5, 6, 7), 5)] * 6
    assert sets([sign("0124"), sign("4567")], lots) == {"0124", "4567"}


def test_a_firm_tied_to_two_of_them_by_strong_signs_belongs() -> None:
    lots: list[Lot] = [((0, 1, 2, 3), 0)] * 4 + [((0, 1, 5), 1)]
    group = sign("0123", lots=4, strength="statistical", kind="participation")
    assert sets([group, sign("015")], lots) == {"01235"}


def test_a_figure_of_one_lot_makes_no_set() -> None:
    assert seeds([sign("0123", lots=1, strength="statistical", kind="price")], 2) == []


def test_no_set_grows_beyond_its_bound() -> None:
    assert sets([sign("01"), sign("12")], ALL_THREE, most=2) == {"01", "12"}


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 9), min_size=2, max_size=4), max_size=8), st.randoms())
def test_order_changes_nothing_and_nothing_is_lost(found: list[set[int]], order: object) -> None:
    signs = [sign("".join(map(str, sorted(f)))) for f in found]
    lots: list[Lot] = [(tuple(sorted(f)), None) for f in found]
    if not lots:
        return
    once = sets(signs, lots)
    shuffled = list(signs)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sets(shuffled, lots) == once
    assert all(any(set(map(int, s)) >= f for s in once) for f in found)
    assert not any(set(a) < set(b) for a, b in combinations(once, 2))


def test_a_sign_goes_to_the_set_that_has_most_of_its_firms() -> None:
    first, second = frozenset({0, 1, 2}), frozenset({3, 4, 5})
    mostly = sign("0134", strength="statistical", kind="price")
    inside, alone = sign("45"), sign("3", strength="statistical", kind="outcome")
    got = attach([first, second], [mostly, inside, alone, sign("129")])
    assert [sorted(s.finding.title for s in c.signs) for c in got] == [
        ["hardware129"],
        ["hardware45", "outcome3"],
    ]
    # Two of four are no majority; a strong sign on somebody outside keeps its own clue.
    assert not told_whole(sign("129"), first)
    assert told_whole(sign("129", strength="statistical", kind="price"), first)
    assert told_whole(inside, second)


def test_signs_of_one_fact_are_one_kind() -> None:
    reasons = [*sign("01", kind="money", fact="a").reasons, *sign("01", fact="a").reasons]
    assert len(independent_kinds(reasons)) == 1
    assert independent_kinds([*reasons, *sign("01", kind="price").reasons]) == ("money", "price")


# -- the lots ------------------------------------------------------------------------------------


def parts(lots: list[Lot], firms: Firms) -> dict[int, str]:
    return {m.firm: m.part for m in Lots(bids_of(lots)).joint(sorted(firms)).members}


TRIO = frozenset({0, 1, 2})


@pytest.mark.parametrize(
    ("winners", "said"),
    [
        ([0, 1, 2, 0, 1, 2], {0: TURNS, 1: TURNS, 2: TURNS}),
        ([0, 0, 0, 0, 0, 1], {0: MAIN, 1: SOME, 2: BIDS}),
        ([0, 1] * 6, {0: TURNS, 1: TURNS, 2: COVER}),
        ([0, 1] * 3, {0: TURNS, 1: TURNS, 2: BIDS}),
        ([0, None, None], {0: SOME, 1: BIDS, 2: BIDS}),
        ([None] * 12, {0: BIDS, 1: BIDS, 2: BIDS}),
        ([0] * 5 + [1] * 5 + [2], {0: TURNS, 1: TURNS, 2: SOME}),
    ],
)
def test_parts_follow_from_bids_and_wins(winners: list[int | None], said: dict[int, str]) -> None:
    assert parts([((0, 1, 2), w) for w in winners], TRIO) == said


def test_joint_lots_are_those_of_half_the_members_in_order_of_day() -> None:
    lots: list[Lot] = [((0, 9), 9), ((0, 1), 0), ((0, 1, 2, 3, 9), 9), ((2, 3, 9), 2)]
    joint = Lots(bids_of(lots)).joint([0, 1, 2, 3])
    assert [x.lot for x in joint.lots] == [1, 2, 3]
    assert joint.rivals == ((9, 2, 1),)
    assert joint.pairs[0, 1] == 2
    assert joint.pairs[2, 9] == 2
    assert (9, 9) not in joint.pairs
    members = {m.firm: (m.bids, m.wins) for m in joint.members}
    assert members == {0: (2, 1), 1: (2, 0), 2: (2, 1), 3: (2, 0)}
