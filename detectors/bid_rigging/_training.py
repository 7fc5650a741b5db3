"""Learning from verified cases: a small logistic model, judged on lots of firms it never saw.

Folds are bidder-disjoint: firms are split by the communities they bid in, every lot goes to the
community of most of its bidders, and a model is judged on a fold's lots after learning only from
lots none of whose bidders stands in them. Figures are given pooled, and *within* lots of equal
number of bidders and year: a model that has only learned how many firms bid, or when, is at 0.5
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from detectors.bid_rigging._ring_model import RingModel
from graph.cobidding import Floats, Ints

Bools = NDArray[np.bool_]

LEAST_LOTS = 20
"""Rigged and clean lots below which nothing is trained: two dozen features fit any ten lots."""


@dataclass(frozen=True)
class Recipe:
    """How the model is fitted.

    ``shrinkage``: weight of the squared penalty, many times its usual value, since features overlap
    and verified cases are few; fixed beforehand, not chosen by the figures it gives.
    """

    folds: int = 5
    shrinkage: float = 10.0
    resamples: int = 1000
    seed: int = 20240601


@dataclass(frozen=True)
class Sample:
    """Verified lots.

    Parameters
    ----------
    values : (n, k) float64
    names : tuple of str
    rigged : (n,) bool
    bid_lot, bid_bidder : (m,) int64
        Who bid in which of these lots; empty where nobody is named, and then folds are of lots.
    stratum : (n,) int64
        Number of bidders and year; -1 where one of them is unknown.
    crowd : (n,) int64
        Number of bidders, as a rival that knows nothing else.
    """

    values: Floats
    names: tuple[str, ...]
    rigged: Bools
    bid_lot: Ints
    bid_bidder: Ints
    stratum: Ints
    crowd: Ints


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% interval (bootstrap over lots); all NaN where it can't be told."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """How well held-out lots were told apart.

    ``within``: share of pairs of a rigged and a clean lot of equal number of bidders and year that
    are ranked rightly; ``pairs`` of them. ``crowd``: AUC of the number of bidders alone.
    ``best_screen``: the single feature that separates these very lots best, which flatters it.
    ``bins``: (lots, mean probability, share rigged) by rising probability.
    """

    lots: int
    rigged: int
    folds: int
    auc: Interval
    precision: Interval
    within: Interval
    pairs: int
    brier: float
    base_brier: float
    crowd: float
    best_screen: tuple[str, float]
    bins: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Training:
    """A model and how it did on held-out lots; ``contributions``: (feature, share, direction)."""

    model: RingModel
    judged: Judged
    contributions: tuple[tuple[str, float, int], ...]
    held_out: Floats


class TooFew(Exception):  # noqa: N818 - says what the sample is, not what went wrong here
    """The sample can't teach anything; the message says in Chinese what is missing."""


def train(sample: Sample, trained_on: str, recipe: Recipe = Recipe()) -> Training:
    """Fit a model on verified lots and judge it on lots of other firms.

    Parameters
    ----------
    sample : Sample
    trained_on : str
        ISO date, for the record.
    recipe : Recipe

    Returns
    -------
    Training

    Raises
    ------
    TooFew
        If there are fewer than twenty lots of a kind, or they can't be split by firms.
    """
    n_rigged = int(sample.rigged.sum())
    n_clean = len(sample.rigged) - n_rigged
    if min(n_rigged, n_clean) < LEAST_LOTS:
        raise TooFew(
            f"查实的标段{n_rigged}个、查否的标段{n_clean}个，各须至少{LEAST_LOTS}个才能训练"
        )
    used = np.flatnonzero(sample.values.std(axis=0) > 0)
    if not len(used):
        raise TooFew("这些标段的特征全部相同，学不到任何区别")
    values = sample.values[:, used]
    score, fold = _held_out(sample, values, recipe)
    seen = fold >= 0
    truth = sample.rigged[seen]
    if truth.all() or not truth.any():
        raise TooFew("按企业分开后，没有一组既能训练又能检验：查实的标段集中在同一批企业")
    slope, offset = _calibrate(score[seen], truth)
    whole = _fit(values, sample.rigged, recipe)
    names = tuple(sample.names[i] for i in used)
    model = RingModel(
        names,
        tuple(whole.centre.tolist()),
        tuple(whole.scale.tolist()),
        tuple(whole.weight.tolist()),
        whole.intercept,
        slope,
        offset,
        n_rigged,
        n_clean,
        trained_on,
    )
    chance = np.full(len(score), np.nan)
    chance[seen] = 1 / (1 + np.exp(-(slope * score[seen] + offset)))
    return Training(
        model,
        _judge(sample, values, names, score, chance, fold, recipe),
        _contributions(model, values),
        chance,
    )


# -- fitting ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fit:
    centre: Floats
    scale: Floats
    weight: Floats
    intercept: float

    def score(self, values: Floats) -> Floats:
        return np.asarray((values - self.centre) / self.scale @ self.weight + self.intercept)


def _fit(values: Floats, rigged: Bools, recipe: Recipe) -> _Fit:
    # A second to load: only training needs it.
    from sklearn.linear_model import LogisticRegression

    centre, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    fitted = LogisticRegression(C=1 / recipe.shrinkage, max_iter=2000)
    fitted.fit((values - centre) / scale, rigged)
    return _Fit(centre, scale, fitted.coef_[0], float(fitted.intercept_[0]))


def _calibrate(score: Floats, rigged: Bools) -> tuple[float, float]:
    """Fit a logistic curve to held-out scores; a slope of nought where they say nothing."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6, max_iter=2000).fit(score[:, None], rigged)
    slope = max(float(fitted.coef_[0][0]), 0.0)
    if slope == 0.0:
        share = rigged.mean()
        return 0.0, float(np.log(share / (1 - share)))
    return slope, float(fitted.intercept_[0])


def _held_out(sample: Sample, values: Floats, recipe: Recipe) -> tuple[Floats, Ints]:
    """Score every lot by a model of other firms' lots; fold of each, -1 where none could be made."""
    fold = disjoint_folds(sample, recipe)
    score = np.full(len(fold), np.nan)
    judged = np.full(len(fold), -1, dtype=np.int64)
    for k in range(recipe.folds):
        test = fold == k
        if not test.any():
            continue
        learn = ~test & ~_meets(sample, test)
        if min(sample.rigged[learn].sum(), (~sample.rigged[learn]).sum()) < LEAST_LOTS // 2:
            continue
        score[test] = _fit(values[learn], sample.rigged[learn], recipe).score(values[test])
        judged[test] = k
    return score, judged


def _meets(sample: Sample, test: Bools) -> Bools:
    """Lots in which some bidder of the test lots bids too."""
    theirs = np.unique(sample.bid_bidder[test[sample.bid_lot]])
    meets = np.zeros(len(test), dtype=bool)
    meets[sample.bid_lot[np.isin(sample.bid_bidder, theirs)]] = True
    return meets


def disjoint_folds(sample: Sample, recipe: Recipe) -> Ints:
    """Split lots so that firms that bid together stay together.

    Parameters
    ----------
    sample : Sample
    recipe : Recipe

    Returns
    -------
    (n,) int64
        Fold of each lot. Without bidders, lots are split evenly by kind.
    """
    n = len(sample.rigged)
    if not len(sample.bid_lot):
        fold = np.empty(n, dtype=np.int64)
        rng = np.random.default_rng(recipe.seed)
        for kind in (True, False):
            members = rng.permutation(np.flatnonzero(sample.rigged == kind))
            fold[members] = np.arange(len(members)) % recipe.folds
        return fold
    community = _communities(sample, recipe.seed)
    lead = np.zeros(n, dtype=np.int64)
    order = np.argsort(sample.bid_lot, kind="stable")
    for lot, own in zip(
        *_split(sample.bid_lot[order], community[sample.bid_bidder[order]]), strict=True
    ):
        lead[lot] = np.bincount(own).argmax()
    return _balanced(lead, sample.rigged, recipe.folds)


def _communities(sample: Sample, seed: int) -> Ints:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(int(sample.bid_bidder.max()) + 1))
    order = np.argsort(sample.bid_lot, kind="stable")
    for _, own in zip(*_split(sample.bid_lot[order], sample.bid_bidder[order]), strict=True):
        for i, a in enumerate(own):
            for b in own[i + 1 :]:
                held = graph.get_edge_data(int(a), int(b), {"weight": 0.0})["weight"]
                graph.add_edge(int(a), int(b), weight=held + 1 / (len(own) - 1))
    out = np.zeros(graph.number_of_nodes(), dtype=np.int64)
    found = nx.community.louvain_communities(graph, seed=seed)
    for number, members in enumerate(sorted(found, key=min)):
        out[list(members)] = number
    return out


def _split(key: Ints, value: Ints) -> tuple[list[int], list[Ints]]:
    """Cut sorted entries into one array a key."""
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    return key[first].tolist(), np.split(value, first[1:])


def _balanced(lead: Ints, rigged: Bools, folds: int) -> Ints:
    """Deal communities out, the largest first, to the fold that needs their lots most."""
    number, of = np.unique(lead, return_inverse=True)
    bad = np.bincount(of, weights=rigged)
    good = np.bincount(of, weights=~rigged)
    held = np.zeros((folds, 2))
    fold = np.zeros(len(number), dtype=np.int64)
    whole = np.maximum([bad.sum(), good.sum()], 1)
    for i in sorted(range(len(number)), key=lambda i: (-bad[i], -good[i], i)):
        fullest = (held + np.array([bad[i], good[i]])) / whole
        fold[i] = int(np.argmin(fullest.max(axis=1)))
        held[fold[i]] += [bad[i], good[i]]
    return fold[of]


# -- judging ---------------------------------------------------------------------------------------


def auc(score: Floats, rigged: Bools) -> float:
    """Chance that a rigged lot scores above a clean one, ties half; NaN where a kind is absent.

    Examples
    --------
    >>> auc(np.array([1.0, 2.0, 2.0]), np.array([False, True, False]))
    0.75
    """
    bad, good = score[rigged], np.sort(score[~rigged])
    if not len(bad) or not len(good):
        return float("nan")
    below = np.searchsorted(good, bad, "left") + np.searchsorted(good, bad, "right")
    return float(below.mean() / 2 / len(good))


def auc_within(score: Floats, rigged: Bools, stratum: Ints) -> tuple[float, int]:
    """AUC over pairs of lots of one stratum only, and how many pairs there are.

    Parameters
    ----------
    score : (n,) float64
    rigged : (n,) bool
    stratum : (n,) int64
        -1: unknown, in no pair.

    Examples
    --------
    >>> score, rigged = np.array([1.0, 2.0, 3.0]), np.array([False, True, False])
    >>> auc_within(score, rigged, np.array([0, 0, 1]))
    (1.0, 1)
    """
    right, pairs = 0.0, 0
    for s in np.unique(stratum[(stratum >= 0)]):
        here = stratum == s
        n = int(rigged[here].sum()) * int((~rigged[here]).sum())
        if n:
            right += auc(score[here], rigged[here]) * n
            pairs += n
    return (right / pairs if pairs else float("nan")), pairs


def average_precision(score: Floats, rigged: Bools) -> float:
    """Mean precision at each rigged lot, going down the ranking; ties count as one step."""
    if not rigged.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    ranked, hit = score[order], rigged[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    found = np.cumsum(hit)[last]
    gained = np.diff(np.concatenate([[0], found]))
    return float((gained * found / (last + 1)).sum() / hit.sum())


def _judge(
    sample: Sample,
    values: Floats,
    names: Sequence[str],
    score: Floats,
    chance: Floats,
    fold: Ints,
    recipe: Recipe,
) -> Judged:
    seen = np.flatnonzero(fold >= 0)
    truth, stratum = sample.rigged[seen], sample.stratum[seen]
    # Log-odds of different folds' models share one scale; calibration keeps their order.
    ranked = chance[seen]
    rng = np.random.default_rng(recipe.seed)
    draws = [rng.integers(0, len(seen), len(seen)) for _ in range(recipe.resamples)]
    singles = [
        (max(a, 1 - a), name)
        for name, column in zip(names, values[seen].T, strict=True)
        if not np.isnan(a := auc(column, truth))
    ]
    best, best_name = max(singles, default=(float("nan"), ""))
    crowd = auc(sample.crowd[seen].astype(np.float64), truth)
    within, pairs = auc_within(ranked, truth, stratum)
    return Judged(
        lots=len(seen),
        rigged=int(truth.sum()),
        folds=len(np.unique(fold[seen])),
        auc=_interval(auc(ranked, truth), [auc(ranked[d], truth[d]) for d in draws]),
        precision=_interval(
            average_precision(ranked, truth),
            [average_precision(ranked[d], truth[d]) for d in draws],
        ),
        within=_interval(within, [auc_within(ranked[d], truth[d], stratum[d])[0] for d in draws]),
        pairs=pairs,
        brier=float(((ranked - truth) ** 2).mean()),
        base_brier=float(truth.mean() * (1 - truth.mean())),
        crowd=max(crowd, 1 - crowd),
        best_screen=(best_name, float(best)),
        bins=_bins(ranked, truth),
    )


def _interval(value: float, drawn: Sequence[float]) -> Interval:
    known = np.array([d for d in drawn if not np.isnan(d)])
    if np.isnan(value) or len(known) < len(drawn) / 2:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _bins(chance: Floats, truth: Bools, count: int = 5) -> tuple[tuple[int, float, float], ...]:
    order = np.argsort(chance, kind="stable")
    parts = [p for p in np.array_split(order, count) if len(p)]
    return tuple((len(p), float(chance[p].mean()), float(truth[p].mean())) for p in parts)


def _contributions(model: RingModel, values: Floats) -> tuple[tuple[str, float, int], ...]:
    """Each feature's share in moving the score, and the direction in which it moves it."""
    standard = (values - np.array(model.centre)) / np.array(model.scale)
    moved = np.abs(standard * np.array(model.weight)).mean(axis=0)
    share = moved / moved.sum() if moved.sum() else moved
    found = [
        (name, float(part), 1 if weight > 0 else -1)
        for name, part, weight in zip(model.features, share, model.weight, strict=True)
    ]
    return tuple(sorted(found, key=lambda x: (-x[1], x[0])))
