"""Levels and scores: every row of the table of levels and both sides of every bound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clues.levels import decide
from clues.score import score, weight
from detectors.detector import BenignResult, Reason


def sign(kind: str, strength: str, fact: str = "", **more: Any) -> Reason:
    return Reason(kind=kind, strength=strength, text=f"{kind}{fact}", cites=(), fact=fact, **more)  # type: ignore[arg-type]


def stat(kind: str, q: float | None, effect: float | None = None, fact: str = "") -> Reason:
    return sign(kind, "statistical", fact, q=q, effect=effect)


TABLE = [
    # yellow
    ([sign("relation", "weak")], "yellow"),
    ([stat("price", 0.05)], "yellow"),
    ([stat("price", 0.0504)], "yellow"),  # rounds to 0.050
    ([stat("price", 0.0506)], None),
    ([stat("price", None)], None),
    ([], None),
    # two of one kind, or of one fact, count once
    ([sign("relation", "weak"), sign("relation", "weak", "other")], "yellow"),
    ([sign("relation", "weak", "f"), sign("register", "weak", "f")], "yellow"),
    ([sign("relation", "strong"), sign("relation", "strong", "b")], "orange"),
    ([sign("relation", "strong", "f"), sign("money", "weak", "f")], "orange"),
    # orange
    ([sign("relation", "strong")], "orange"),
    ([stat("price", 0.001, 3.0)], "orange"),
    ([stat("price", 0.00149, 2.9996)], "orange"),  # 0.001 and 3.000 when rounded
    ([stat("price", 0.0016, 3.0)], "yellow"),
    ([stat("price", 0.001, 2.999)], "yellow"),
    ([stat("price", 0.001, None)], "yellow"),
    ([sign("relation", "weak"), sign("register", "weak")], "orange"),
    ([stat("price", 0.05), sign("register", "weak")], "orange"),
    ([stat("price", 0.06), sign("register", "weak")], "yellow"),
    ([stat("price", 0.001, 9.0), stat("outcome", 0.001, 9.0)], "orange"),
    # red
    ([sign("register", "proof")], "red"),
    ([sign("relation", "strong"), sign("money", "weak")], "red"),
    ([sign("relation", "strong"), sign("money", "strong")], "red"),
    ([sign("relation", "strong"), stat("price", 0.05)], "red"),
    ([sign("relation", "strong"), stat("price", 0.06)], "orange"),
    # the strongest sign shares its fact with one and its kind with the other, which are independent
    (
        [
            sign("relation", "strong", "f"),
            sign("money", "strong", "f"),
            sign("relation", "weak", "g"),
        ],
        "red",
    ),
]


@pytest.mark.parametrize(("reasons", "expected"), TABLE)
def test_level_by_table(reasons: list[Reason], expected: str | None) -> None:
    assert decide(reasons, "certain", orange_effect=3.0).level == expected


@pytest.mark.parametrize(
    ("identity", "expected"), [("certain", "red"), ("probable", "orange"), ("name_only", "yellow")]
)
@pytest.mark.parametrize(
    "reasons",
    [[sign("register", "proof")], [sign("relation", "strong"), sign("money", "weak")]],
)
def test_identity_caps_the_level_and_says_what_to_check(
    reasons: list[Reason], identity: Any, expected: str
) -> None:
    decision = decide(reasons, identity)
    assert decision.level == expected
    assert decision.before_cap == "red"
    assert bool(decision.check) == (identity != "certain")


def test_identity_never_raises_a_level() -> None:
    assert decide([sign("relation", "weak")], "probable").level == "yellow"
    assert decide([sign("relation", "strong")], "name_only").level == "yellow"


def test_a_statistic_is_never_orange_without_a_bound_for_its_effect() -> None:
    assert decide([stat("price", 0.0001, 99.0)], "certain", orange_effect=None).level == "yellow"


def test_what_counts_is_marked() -> None:
    reasons = [
        sign("relation", "weak", "a"),
        sign("relation", "strong", "b"),
        stat("price", 0.2),
        sign("register", "weak", "b"),
        sign("money", "weak", "c"),
    ]
    assert decide(reasons, "certain").counted == (False, True, False, False, True)


kinds = st.sampled_from(["relation", "register", "money", "price", "outcome"])
signs = st.builds(
    lambda kind, strength, fact, q, effect: Reason(
        kind=kind, strength=strength, text="", cites=(), fact=fact, q=q, effect=effect
    ),
    kinds,
    st.sampled_from(["proof", "strong", "weak", "statistical"]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from([0.0001, 0.001, 0.02, 0.05, 0.3]),
    st.sampled_from([0.5, 3.0, 10.0]),
)
RANK = {None: 0, "yellow": 1, "orange": 2, "red": 3}


@given(st.lists(signs, max_size=5), st.randoms(use_true_random=False))
def test_order_of_reasons_changes_nothing(reasons: list[Reason], rng: Any) -> None:
    shuffled = rng.sample(reasons, len(reasons))
    one, other = decide(reasons, "certain", 3.0), decide(shuffled, "certain", 3.0)
    assert one.level == other.level
    assert score(counted(reasons, one.counted), "certain", orange_effect=3.0) == score(
        counted(shuffled, other.counted), "certain", orange_effect=3.0
    )


@given(st.lists(signs, max_size=4), signs)
def test_one_more_sign_never_lowers_a_level(reasons: list[Reason], more: Reason) -> None:
    before = decide(reasons, "certain", 3.0).level
    assert RANK[decide([*reasons, more], "certain", 3.0).level] >= RANK[before]


@given(st.lists(signs, min_size=1, max_size=5))
def test_counted_signs_are_independent_of_each_other(reasons: list[Reason]) -> None:
    chosen = counted(reasons, decide(reasons, "certain", 3.0).counted)
    assert len({r.kind for r in chosen}) == len(chosen)
    facts = [r.fact for r in chosen if r.fact]
    assert len(set(facts)) == len(facts)


def counted(reasons: list[Reason], flags: tuple[bool, ...]) -> list[Reason]:
    return [reason for reason, flag in zip(reasons, flags, strict=True) if flag]


@pytest.mark.parametrize(
    ("reasons", "identity", "probability", "expected"),
    [
        ([sign("register", "proof")], "certain", None, 0.9),
        ([sign("relation", "strong")], "certain", None, 0.65),
        ([sign("relation", "weak")], "certain", None, 0.3),
        ([stat("price", 0.05)], "certain", None, 0.3),
        ([stat("price", 0.001)], "certain", None, 0.6),
        ([stat("price", 0.001, 3.0)], "certain", None, 0.65),
        ([stat("price", 0.06)], "certain", None, 0.0),
        ([sign("relation", "strong"), sign("money", "weak")], "certain", None, 0.755),
        ([sign("relation", "strong")], "probable", 0.9, 0.585),
        ([sign("relation", "strong")], "probable", None, 0.455),
        ([sign("relation", "strong")], "name_only", None, 0.195),
    ],
)
def test_score(reasons: list[Reason], identity: Any, probability: Any, expected: float) -> None:
    assert score(reasons, identity, probability, orange_effect=3.0) == expected


def test_an_innocent_explanation_that_holds_in_part_lowers_the_score() -> None:
    reasons = [sign("relation", "strong")]
    partly = [BenignResult("open", "partly", ""), BenignResult("b", "unknown", "")]
    assert score(reasons, "certain", None, partly) == 0.52


@given(st.lists(st.sampled_from([0.0, 0.0004, 0.001, 0.003, 0.02, 0.05]), min_size=2, max_size=2))
def test_smaller_q_never_weighs_less(qs: list[float]) -> None:
    low, high = sorted(qs)
    assert weight(stat("price", low)) >= weight(stat("price", high))


def test_a_sign_of_another_detector_keeps_its_own_bound() -> None:
    """Effects of two detectors are not on one scale."""
    own = sign("price", "statistical", q=0.0001, effect=1.5, orange_effect=1.3)
    common = stat("price", 0.0001, 1.5)
    assert decide([own], "certain", orange_effect=4.0).level == "orange"
    assert decide([common], "certain", orange_effect=4.0).level == "yellow"
    assert weight(own, 4.0) > weight(common, 4.0)
