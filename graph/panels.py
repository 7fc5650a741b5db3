"""Experts who score against their panel: lifting one bidder while sinking the rest.

Scores of one lot are a table of experts × bidders. An expert's own level (a generous hand) and a
bidder's quality explain most of it; what is left is the expert's leaning towards single bidders.
An expert's contrast for a bidder is what he gives it beyond the other experts' mean, less what he
gives the other bidders beyond theirs. With E experts, B bidders and noise of variance s² it has
variance s² (1 + 1/(E-1)) (1 + 1/(B-1)); s² is taken from the *other* experts' table (two-way
residuals, (E-2)(B-1) degrees of freedom), which is independent of his scores, and drawn towards
the usual one (G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 3, 3 (2004)). The ratio has Student's t
distribution, exactly so for normal noise; the greatest of B contrasts counts B times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# The usual noise weighs as much as so many degrees of freedom.
_PRIOR = 4.0
# Noise below this is rounding: experts who agree to the half point are not to be held to it.
_LEAST_NOISE = 0.25
# Of fewer experts nobody strikes out two.
_LEAST_TRIMMED = 5
# The tail is fitted to the strongest fifth; of the very strongest only their number counts.
_TAIL, _STRONGEST = 0.2, 0.04


@dataclass(frozen=True)
class Leanings:
    """Each expert's strongest leaning in each lot; arrays of shape (n,).

    ``lot``, ``expert``, ``bidder`` as numbered in the input; ``contrast`` in points, ``lift`` and
    ``sink``: what he gives the bidder, and the others on the mean, beyond the panel; ``noise``:
    standard deviation of one score; ``t`` and ``p``; ``decisive``: the bidder has the most points,
    and would not if his scores were replaced by the other experts' mean; ``trimmed``: with the
    highest and the lowest score of every bidder struck out it leads either way (five experts or
    more).
    """

    lot: Ints
    expert: Ints
    bidder: Ints
    contrast: Floats
    lift: Floats
    sink: Floats
    noise: Floats
    t: Floats
    p: Floats
    decisive: Bools
    trimmed: Bools


def leanings(
    lot: Ints, expert: Ints, bidder: Ints, score: Floats, least_experts: int = 4
) -> Leanings:
    """Find what every expert of every complete panel leans to most.

    Parameters
    ----------
    lot, expert, bidder : (n,) int64
        Of each score, numbered from 0; one score an expert and bidder of a lot.
    score : (n,) float64
        Points.
    least_experts : int
        At least 3. Smaller panels, lots of one bidder and incomplete tables are left out.

    Examples
    --------
    >>> lots, experts = np.zeros(12, dtype=np.int64), np.repeat(np.arange(4), 3)
    >>> points = np.array([99.0, 70, 72, 85, 88, 84, 86, 89, 85, 84, 88, 85])
    >>> found = leanings(lots, experts, np.tile(np.arange(3), 4), points)
    >>> best = int(found.p.argmin())
    >>> int(found.expert[best]), int(found.bidder[best]), bool(found.decisive[best])
    (0, 0, True)
    """
    order = np.lexsort((bidder, expert, lot))
    lot, expert, bidder, score = lot[order], expert[order], bidder[order], score[order]
    first = np.flatnonzero(np.concatenate([[True], lot[1:] != lot[:-1]])[: len(lot)])
    size = np.diff(np.append(first, len(lot)))
    experts = _distinct(lot, expert, first)
    bidders = size // np.maximum(experts, 1)
    whole = (experts * bidders == size) & (experts >= least_experts) & (bidders >= 2)
    tables: list[tuple[Ints, Floats]] = []
    for e, b in sorted(set(zip(experts[whole].tolist(), bidders[whole].tolist(), strict=True))):
        starts = first[whole & (experts == e) & (bidders == b)]
        at = (starts[:, None] + np.arange(e * b)).reshape(-1, e, b)
        # A table is complete when every row names the same bidders.
        complete = (bidder[at] == bidder[at[:, :1]]).all(axis=(1, 2))
        if complete.any():
            tables.append((at[complete], score[at[complete]]))
    noise = [_noise(s) for _, s in tables]
    usual = float(np.median(np.concatenate([n.ravel() for n in noise]))) if noise else 1.0
    parts = [
        _strongest(at, s, own, usual, (lot, expert, bidder))
        for (at, s), own in zip(tables, noise, strict=True)
    ]
    if not parts:
        none, no = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
        empty = np.zeros(0)
        return Leanings(none, none, none, empty, empty, empty, empty, empty, empty, no, no)
    return Leanings(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _distinct(lot: Ints, expert: Ints, first: Ints) -> Ints:
    """Number of experts of each lot."""
    if not len(lot):
        return np.zeros(0, dtype=np.int64)
    new = np.ones(len(lot), dtype=np.int64)
    new[1:] = (lot[1:] != lot[:-1]) | (expert[1:] != expert[:-1])
    return np.add.reduceat(new, first)


def _noise(scores: Floats) -> Floats:
    """Variance of two-way residuals of the panel without each expert, (lots, experts)."""
    e, b = scores.shape[1:]
    out = np.empty(scores.shape[:2])
    for who in range(e):
        rest = np.delete(scores, who, axis=1)
        residual = rest - rest.mean(axis=1, keepdims=True) - rest.mean(axis=2, keepdims=True)
        residual += rest.mean(axis=(1, 2), keepdims=True)
        out[:, who] = (residual**2).sum(axis=(1, 2)) / ((e - 2) * (b - 1))
    return out


def _strongest(
    at: Ints, scores: Floats, noise: Floats, usual: float, labels: tuple[Ints, Ints, Ints]
) -> tuple[NDArray[Any], ...]:
    """Columns of :class:`Leanings` for lots of one shape."""
    k, e, b = scores.shape
    others = (scores.sum(axis=1, keepdims=True) - scores) / (e - 1)
    beyond = scores - others
    rest = (beyond.sum(axis=2, keepdims=True) - beyond) / (b - 1)
    contrast = beyond - rest
    best = contrast.argmax(axis=2)
    pick = np.ix_(np.arange(k), np.arange(e))
    chosen = contrast[(*pick, best)]
    df = (e - 2) * (b - 1)
    variance = np.maximum((df * noise + _PRIOR * usual) / (df + _PRIOR), _LEAST_NOISE**2)
    t = chosen / np.sqrt(variance * (1 + 1 / (e - 1)) * (1 + 1 / (b - 1)))
    p = np.minimum(b * stdtr(df + _PRIOR, -t), 1.0)
    total = scores.sum(axis=1)
    leader = total.argmax(axis=1)
    replaced = total[:, None, :] + others - scores
    decisive = (best == leader[:, None]) & (replaced.argmax(axis=2) != best)
    trimmed = np.zeros((k, e), dtype=bool)
    if e >= _LEAST_TRIMMED:
        trimmed = (_trimmed_leader(scores)[:, None] == best) & (
            _trimmed_without(scores, others) == best
        )
    lot, expert, bidder = labels
    rows = at[:, :, 0]
    whose = bidder[at[:, 0, :]]
    columns: tuple[NDArray[Any], ...] = (
        lot[rows],
        expert[rows],
        whose[np.arange(k)[:, None], best],
        chosen,
        beyond[(*pick, best)],
        rest[(*pick, best)],
        np.sqrt(variance),
        t,
        p,
        decisive,
        trimmed,
    )
    return tuple(c.ravel() for c in columns)


def _trimmed_leader(scores: Floats) -> Ints:
    """Who leads each lot when every bidder's highest and lowest score are struck out."""
    total = scores.sum(axis=1) - scores.max(axis=1) - scores.min(axis=1)
    return np.asarray(total.argmax(axis=1), dtype=np.int64)


def _trimmed_without(scores: Floats, others: Floats) -> Ints:
    """Likewise with each expert's scores replaced by the others' mean, (lots, experts)."""
    out = np.empty(scores.shape[:2], dtype=np.int64)
    for who in range(scores.shape[1]):
        changed = scores.copy()
        changed[:, who] = others[:, who]
        out[:, who] = _trimmed_leader(changed)
    return out


def extreme_p(value: float, pool: Floats) -> float:
    """How often a statistic of a pool goes as far, by an exponential tail that outliers can't bend.

    Parameters
    ----------
    value : float
    pool : (n,) float64
        Statistics of others, most of them ordinary; for p-values their negative logarithms.

    Returns
    -------
    float
        Beyond the pool's strongest fifth the fitted tail, else the share of the pool as far out.
        The strongest twenty-fifth (two at least) enter the fit as "at least as far as the next"
        (a censored sample), since among them are those that are looked for. The scale is at least
        1, that of the logarithm of an honest p-value.

    Examples
    --------
    >>> pool = np.random.default_rng(0).exponential(size=500)
    >>> bool(extreme_p(9.2, pool) < 5e-4), bool(extreme_p(9.2, np.append(pool, 60.0)) < 5e-4)
    (True, True)
    """
    ordered = np.sort(pool)
    n = len(ordered)
    tail = int(n * _TAIL)
    hidden = max(2, round(n * _STRONGEST))
    if tail < hidden + 5:
        return float((1 + (ordered >= value).sum()) / (1 + n))
    start, last = ordered[n - tail - 1], ordered[n - hidden - 1]
    if value <= start:
        return float((1 + (ordered >= value).sum()) / (1 + n))
    seen = ordered[n - tail : n - hidden] - start
    total = seen.sum() + hidden * (last - start)
    scale = max(float(total / len(seen)), 1.0)
    return float(tail / n * np.exp(-(value - start) / scale))
