"""Holdings: effective shares against linear algebra and walks, and control along chains."""

from __future__ import annotations

import itertools
from datetime import date

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.holdings import Holding, Holdings

FIRMS = [f"c{i}" for i in range(6)]
PEOPLE = [f"p{i}" for i in range(3)]


@st.composite
def networks(draw: st.DrawFn) -> list[Holding]:
    """Random holdings, cycles and whole loops included; no firm is held beyond the whole."""
    holdings = []
    for firm in FIRMS:
        holders = draw(st.lists(st.sampled_from(FIRMS + PEOPLE), unique=True, max_size=4))
        left = 100
        for holder in holders:
            share = draw(st.integers(0, left))
            left -= share
            if holder != firm and share:
                holdings.append(Holding(holder, firm, share / 100))
    return holdings


def _matrix(holdings: list[Holding]) -> tuple[np.ndarray, list[str]]:
    names = FIRMS + PEOPLE
    matrix = np.zeros((len(names), len(names)))
    for held in holdings:
        matrix[names.index(held.holder), names.index(held.firm)] = held.share
    return matrix, names


@settings(max_examples=200, deadline=None)
@given(networks(), st.sampled_from(FIRMS + PEOPLE), st.sampled_from(FIRMS))
def test_share_is_the_sum_of_all_walks(holdings: list[Holding], holder: str, firm: str) -> None:
    """The oracle adds up the powers of the matrix, what is held in the holder itself left out."""
    assume(holder != firm)
    matrix, names = _matrix(holdings)
    matrix[:, names.index(holder)] = 0
    row = matrix[names.index(holder)].copy()
    total = np.zeros(len(names))
    for _ in range(20_000):
        total += row
        row = row @ matrix
        if row.max() < 1e-12:
            break
    assert Holdings(holdings).share(holder, firm) == pytest.approx(
        total[names.index(firm)], abs=1e-6
    )


@settings(max_examples=200, deadline=None)
@given(networks())
def test_shares_never_exceed_the_whole(holdings: list[Holding]) -> None:
    net = Holdings(holdings)
    for firm in FIRMS:
        for holder in FIRMS + PEOPLE:
            assert 0 <= net.share(holder, firm) <= 1
        # People outside the network divide each firm among themselves.
        assert sum(net.share(person, firm) for person in PEOPLE) <= 1 + 1e-6


@settings(max_examples=200, deadline=None)
@given(networks(), st.sampled_from(FIRMS))
def test_control_is_transitive_along_largest_holders(holdings: list[Holding], firm: str) -> None:
    net = Holdings(holdings)
    chain = net.control_chain(firm)
    assert len({step.holder for step in chain} | {firm}) == len(chain) + 1
    for lower, upper in itertools.pairwise(chain):
        assert net.controls(upper.holder, lower.holder)
        assert net.controls(upper.holder, firm)
        assert upper.firm == lower.holder
    for step in chain:
        assert step.share == max(net.holders(step.firm).values())


@settings(max_examples=100, deadline=None)
@given(networks(), st.sampled_from(FIRMS + PEOPLE), st.sampled_from(FIRMS), st.integers(1, 4))
def test_chains_are_the_simple_paths(
    holdings: list[Holding], holder: str, firm: str, layers: int
) -> None:
    assume(holder != firm)
    graph = nx.DiGraph([(h.holder, h.firm) for h in holdings])
    graph.add_nodes_from(FIRMS + PEOPLE)
    expected = {tuple(path) for path in nx.all_simple_paths(graph, holder, firm, cutoff=layers)}
    chains = Holdings(holdings).chains(holder, firm, layers)
    assert set(chains) == expected
    assert len(chains) == len(expected)


def test_majority_together_with_controlled_firms() -> None:
    net = Holdings([
        Holding("p0", "c0", 0.6),
        Holding("c0", "c1", 0.3),
        Holding("p0", "c1", 0.21),
        Holding("p1", "c1", 0.49),
    ])  # fmt: skip
    assert net.largest("c1") is not None
    assert net.control_chain("c1")[0].holder == "p1"
    assert net.controls("p0", "c1")  # 30% of his own firm and 21% by himself
    assert net.share("p0", "c1") == pytest.approx(0.39)


def test_what_was_held_on_a_day() -> None:
    net = Holdings([
        Holding("p0", "c0", 0.6, date(2015, 1, 1), date(2018, 12, 31)),
        Holding("p0", "c0", 0.4, date(2019, 1, 1), None),
    ])  # fmt: skip
    assert net.on(date(2018, 12, 31)).share("p0", "c0") == 0.6
    assert net.on(date(2019, 1, 1)).share("p0", "c0") == 0.4
    assert net.on(date(2014, 12, 31)).share("p0", "c0") == 0.0


def test_bad_registers_are_scaled_and_named() -> None:
    net = Holdings([Holding("p0", "c0", 0.9), Holding("p1", "c0", 0.9), Holding("p2", "c0", None)])
    assert net.overfull == ("c0",)
    assert net.share("p0", "c0") == pytest.approx(0.5)
    assert net.share("p2", "c0") == 0.0
    assert net.largest("c0") is None


def test_two_firms_that_hold_each_other_whole_belong_to_nobody() -> None:
    net = Holdings([Holding("c0", "c1", 1.0), Holding("c1", "c0", 1.0), Holding("p0", "c2", 1.0)])
    assert net.share("p0", "c0") == 0.0
    assert net.share("c0", "c1") == 1.0
    assert net.control_chain("c0") == net.control_chain("c0")
    assert [step.holder for step in net.control_chain("c0")] == ["c1"]
