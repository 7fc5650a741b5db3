"""Price screens against independent computations, and p-values that are honest on small lots."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy import stats

from detectors.bid_rigging._spread import TESTS
from graph.price_patterns import (
    progression_p,
    repeated_p,
    rounding_unit,
    same_chance,
    truncated_product,
)
from graph.price_peers import Reference, lasting_spread, peer_p, peer_strata, pooled_scores
from graph.recurring import pairs, subsets, triples
from graph.screens import SHAPES, lot_screens, shapes, subgroup_screens

BRAZIL = (
    Path(__file__).resolve().parents[2] / "shared/data/brazil_carwash_oil/original-dataset.json"
)
needs_brazil = pytest.mark.skipif(
    not BRAZIL.is_file(), reason="../shared/data/brazil_carwash_oil is absent"
)
prices = st.lists(st.integers(1_000, 2_000_000), min_size=1, max_size=8)


def by_hand(bids: list[float]) -> dict[str, float]:
    """The screens of one lot by scipy and pandas, NaN where undefined."""
    b = np.sort(np.array(bids, dtype=float))
    n, nan = len(b), float("nan")
    out = dict.fromkeys(SHAPES, nan)
    if n < 2:
        return out
    out |= {
        "cv": b.std(ddof=1) / b.mean(),
        "spd": (b[-1] - b[0]) / b[0],
        "diffp": (b[1] - b[0]) / b[0],
    }
    if n < 3 or b[-1] == b[0]:
        return out
    out["rdnor"] = (b[1] - b[0]) / np.diff(b).mean()
    out["skew"] = pd.Series(b).skew()
    out["ks"] = stats.kstest(b, "uniform", args=(b[0], b[-1] - b[0])).statistic
    if b[-1] > b[1]:
        out["rd"] = (b[1] - b[0]) / b[1:].std(ddof=1)
    if n >= 4:
        out["kurt"] = pd.Series(b).kurt()
    return out


@given(st.lists(prices, min_size=1, max_size=6))
@examples(max_examples=60, deadline=None)
def test_screens_are_those_of_scipy_and_pandas(lots: list[list[int]]) -> None:
    number = np.concatenate([np.full(len(b), i) for i, b in enumerate(lots)])
    amount = np.concatenate([np.array(b, dtype=float) for b in lots])
    order = np.random.default_rng(0).permutation(len(number))
    found = lot_screens(number[order], amount[order])
    for i, bids in enumerate(lots):
        for name, value in by_hand([float(b) for b in bids]).items():
            np.testing.assert_allclose(
                getattr(found, name)[i], value, rtol=1e-6, atol=1e-7, err_msg=name
            )


@given(prices)
@examples(max_examples=8, deadline=None)
def test_subgroups_are_summarised_one_by_one(bids: list[int]) -> None:
    amount = np.array(bids, dtype=float)
    found = subgroup_screens(np.zeros(len(bids), dtype=int), amount)
    groups = [c for r in (3, 4) for c in combinations(sorted(amount), r)]
    for name in SHAPES:
        values = np.array([by_hand(list(g))[name] for g in groups])
        values = values[~np.isnan(values)]
        for part, summary in (
            ("least", np.min),
            ("mean", np.mean),
            ("median", np.median),
            ("most", np.max),
        ):
            expected = summary(values) if len(values) else np.nan
            np.testing.assert_allclose(
                getattr(getattr(found, part), name)[0], expected, rtol=1e-6, atol=1e-7
            )


def test_prices_beside_ceiling_and_floor() -> None:
    found = lot_screens([0, 0, 1], [90.0, 98.0, 50.0], ceiling=[100.0, np.nan], floor=[80.0, 0.0])
    assert found.low_top.tolist()[0] == 0.9
    assert found.mean_top.tolist()[0] == 0.94
    assert found.mean_floor.tolist()[0] == 1.175
    assert np.isnan(found.low_top[1])
    assert np.isnan(found.low_floor[1])


@needs_brazil
def test_screens_are_those_published_with_real_bids() -> None:
    data = json.loads(BRAZIL.read_text(encoding="utf-8"))
    frame = pd.DataFrame(data["data"], columns=data["columns"])
    found = lot_screens(frame["Tender"] - 1, frame["Bid_value"])
    known = frame.groupby("Tender").first()
    names = {"CV": "cv", "SPD": "spd", "DIFFP": "diffp", "RD": "rd", "SKEW": "skew", "KSTEST": "ks"}
    for theirs, ours in names.items():
        values = getattr(found, ours)
        defined = ~np.isnan(values)
        # Published with four decimals.
        assert np.abs(known[theirs].to_numpy() - values)[defined].max() < 6e-5, theirs


# -- honesty ---------------------------------------------------------------------------------------

SHAPES_OF_NOISE = ("normal", "skewed", "even")


def honest(
    seed: int, sizes: tuple[int, ...], noise: str, lots: int = 1500
) -> dict[str, np.ndarray]:
    """An honest market: firms of lasting cost levels, lots of several categories and sizes."""
    rng = np.random.default_rng(seed)
    n = rng.choice(sizes, lots)
    lot = np.repeat(np.arange(lots), n)
    market = rng.integers(0, 6, lots)
    first = np.concatenate([[0], np.cumsum(n)[:-1]])
    # Each lot's bidders: distinct firms among the market's thirty.
    place = np.argsort(rng.random((lots, 30)), axis=1)
    bidder = market[lot] * 30 + place[lot, np.arange(len(lot)) - first[lot]]
    shock = {
        "normal": rng.normal(0, 0.022, len(lot)),
        "skewed": 0.03 * (rng.exponential(1, len(lot)) - 1),
        "even": rng.uniform(-0.04, 0.04, len(lot)),
    }[noise]
    level = rng.normal(0, 0.008, 180)
    size = 10 ** rng.uniform(6, 7, lots)
    return {
        "lot": lot,
        "bidder": bidder,
        "amount": np.round(size[lot] * (0.9 + level[bidder] + shock)),
        "stratum": peer_strata(market, size, n),
        "n": n,
    }


@pytest.mark.parametrize("sizes", [(2,), (3,), (4,), (2, 3, 4), (5, 6, 7, 8)])
@pytest.mark.parametrize("noise", SHAPES_OF_NOISE)
def test_lots_p_values_are_honest(sizes: tuple[int, ...], noise: str) -> None:
    market = honest(11, sizes, noise)
    found = lot_screens(market["lot"], market["amount"])
    for name in SHAPES:
        value = getattr(found, name)
        if np.isnan(value).all():
            continue
        for high in (True, False):
            p = peer_p(value, market["stratum"], high)
            p = p[~np.isnan(p)]
            assert (p <= 0.05).mean() <= 0.055, (name, high)
            assert (p <= 0.001).mean() <= 0.004, (name, high)


@pytest.mark.parametrize("sizes", [(2, 3, 4), (5, 6, 7, 8)])
@pytest.mark.parametrize("noise", SHAPES_OF_NOISE)
def test_groups_p_values_are_honest_though_firms_differ(sizes: tuple[int, ...], noise: str) -> None:
    asked: dict[tuple[int, str], list[bool]] = {}
    for test in TESTS:
        asked.setdefault((test.size, test.screen), []).append(test.high)
    market = honest(12, sizes, noise, lots=3000)
    lot, amount = market["lot"], market["amount"]
    two = pairs(market["bidder"], lot, lot)
    for size, combos in ((2, two), (3, triples(market["bidder"], lot, lot, two))):
        if (size, max(sizes)) == (3, 4):
            # Lots of so few bids hardly see three firms meet again.
            continue
        assert (combos.tenders >= 4).sum() > 200
        peers = np.concatenate(subsets(lot, amount, size, choose=12))
        at = lot[peers[:, 0]]
        theirs = shapes(np.sort(amount[peers], axis=1))
        ours = shapes(np.sort(amount[combos.bids], axis=1))
        for name in {name for n, name in asked if n == size}:
            reference = Reference.of(
                theirs[name], at, market["stratum"][at], int(market["stratum"].max()) + 1
            )
            stratum = market["stratum"][combos.lot]
            score = reference.score(ours[name], stratum)
            pooled = pooled_scores(
                score, combos.group, combos.lot, stratum, reference, len(combos.members)
            )
            lasting = lasting_spread(pooled, combos.members)
            for high in asked[size, name]:
                p = pooled.p(lasting, high)[combos.tenders >= 4]
                assert (p <= 0.05).mean() <= 0.055, (size, name, high)
                assert (p <= 0.001).mean() <= 0.004, (size, name, high)


def test_a_group_that_keeps_close_stands_out_in_few_lots() -> None:
    market = honest(13, (4,), "normal", lots=600)
    lot, bidder, amount = (market[k].copy() for k in ("lot", "bidder", "amount"))
    rng = np.random.default_rng(0)
    for where in range(8):
        at = np.flatnonzero(lot == where)
        bidder[at[:2]] = (500, 501)
        amount[at[1]] = amount[at[0]] * (1 + rng.normal(0, 0.002))
    combos = pairs(bidder, lot, lot)
    peers = np.concatenate(subsets(lot, amount, 2))
    at = lot[peers[:, 0]]
    stratum = market["stratum"]
    reference = Reference.of(
        shapes(np.sort(amount[peers], axis=1))["spd"], at, stratum[at], int(stratum.max()) + 1
    )
    score = reference.score(
        shapes(np.sort(amount[combos.bids], axis=1))["spd"], stratum[combos.lot]
    )
    pooled = pooled_scores(
        score, combos.group, combos.lot, stratum[combos.lot], reference, len(combos.members)
    )
    p = pooled.p(lasting_spread(pooled, combos.members), high=False)
    assert combos.members[np.argmin(p)].tolist() == [500, 501]
    assert p.min() < 1e-5


def test_a_stratum_of_its_own_says_nothing() -> None:
    """Four firms that fill a market have no peers: no score, no p-value below 1."""
    lot = np.repeat(np.arange(10), 2)
    bidder = np.tile([0, 1], 10)
    amount = 1e6 * (1 + 0.001 * np.tile([0, 1], 10))
    combos = pairs(bidder, lot, lot)
    stratum = np.zeros(10, dtype=np.int64)
    value = shapes(np.sort(amount[combos.bids], axis=1))["spd"]
    reference = Reference.of(value, combos.lot, stratum[combos.lot], 1)
    pooled = pooled_scores(
        reference.score(value, stratum[combos.lot]),
        combos.group, combos.lot, stratum[combos.lot], reference, 1,
    )  # fmt: skip
    assert pooled.p(0.2, high=False).tolist() == [1.0]


# -- regular prices --------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1.0, 1_000.0, 10_000.0])
@pytest.mark.parametrize("r", [3, 4, 5, 6])
@pytest.mark.parametrize("noise", SHAPES_OF_NOISE)
def test_steps_are_as_rare_as_they_are_said_to_be(r: int, unit: float, noise: str) -> None:
    rng = np.random.default_rng([r, int(unit)])
    k = 200_000
    shock = {
        "normal": rng.normal(0, 0.025, (k, r)),
        "skewed": 0.03 * rng.exponential(1, (k, r)),
        "even": rng.uniform(-0.04, 0.04, (k, r)),
    }[noise]
    bids = np.sort(np.round(1_250_000 * (0.9 + shock) / unit) * unit, axis=1)
    p = progression_p(bids, np.full(k, unit))
    for cut in (0.05, 0.01, 0.001):
        share = (p <= cut).mean()
        assert share <= cut + 3 * np.sqrt(cut / k), cut


@pytest.mark.parametrize("unit", [1.0, 1_000.0, 10_000.0])
def test_constant_gaps_are_as_rare_as_they_are_said_to_be(unit: float) -> None:
    rng = np.random.default_rng(int(unit))
    pairs_, lots = 20_000, 6
    a, b = np.round(1_250_000 * (0.9 + rng.normal(0, 0.025, (2, pairs_, lots))) / unit) * unit
    gap = np.sort(b - a, axis=1)
    hits = np.ones(pairs_, dtype=np.int64)
    run = np.ones(pairs_, dtype=np.int64)
    for j in range(1, lots):
        run = np.where(gap[:, j] == gap[:, j - 1], run + 1, 1)
        hits = np.maximum(hits, run)
    chance = same_chance(np.full(pairs_ * lots, unit), np.full(pairs_ * lots, 1_250_000 * 0.025))
    group = np.repeat(np.arange(pairs_), lots)
    p = repeated_p(chance, group, hits, np.full(pairs_, lots))
    for cut in (0.05, 0.01, 0.001):
        assert (p <= cut).mean() <= cut + 3 * np.sqrt(cut / pairs_), cut


def test_truncated_product_against_drawn_lots() -> None:
    rng = np.random.default_rng(4)
    drawn = rng.random((20_000, 5))
    p = np.array([truncated_product(row[row <= 0.2], 5, 0.2) for row in drawn])
    for cut in (0.3, 0.1, 0.01):
        assert abs((p <= cut).mean() - cut) < 4 * np.sqrt(cut / len(p))


def test_rounding_units() -> None:
    assert rounding_unit([0.01, 100.0, 123_000.0, 5e6]).tolist() == [0.01, 100.0, 1_000.0, 1e6]
