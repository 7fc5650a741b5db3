"""How often chance makes prices look regular: progressions, equal prices, constant gaps.

Three honest prices in near-arithmetic progression are common, and prices in round thousands fall
into step more often than prices in yuan. So every p-value here takes the lot's own spread and the
unit that its prices are rounded to. Sources of the signs: Open Contracting Partnership, red flags
R023 and R028; the probabilities are derived in the functions.
"""

from __future__ import annotations

from math import comb, factorial, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.exact import poisson_binomial_tails

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Equal steps are a little likelier for bell-shaped than for even prices: by simulation of three to
# six prices 1.10 to 1.15 times for normal ones, at most once for skewed and heavy-tailed ones.
_SHAPE = 1.2
_UNITS = 10.0 ** np.arange(-2, 7)


def rounding_unit(amount: ArrayLike) -> Floats:
    """Return the largest power of ten (0.01 to 1,000,000 yuan) that divides each price.

    Examples
    --------
    >>> rounding_unit([1_250_000.0, 1_234_567.0, 99.5]).tolist()
    [10000.0, 1.0, 0.1]
    """
    cents = np.round(np.asarray(amount, dtype=np.float64) * 100).astype(np.int64)
    unit = np.full(cents.shape, 0.01)
    for power, size in enumerate(_UNITS[1:], start=1):
        unit = np.where(cents % 10**power == 0, size, unit)
    return unit


def progression_p(bids: Floats, unit: Floats) -> Floats:
    """Chance that honest prices come as close to equal steps, or to equal ratios.

    Between the lowest and the highest, r - 2 prices are free. For even prices their places are as
    those of r - 2 sorted uniform ones, so that the chance of all lying within d of equal steps is
    (r-2)! (2d)^(r-2); a price rounded to u on a span of R finds one place in R / u, so that 2d
    becomes 2d + u / R. Two ways to be regular count twice.

    Parameters
    ----------
    bids : (k, r) float64
        Rising prices, r >= 3.
    unit : (k,) float64
        Unit in yuan that they are rounded to.

    Returns
    -------
    (k,) float64
        1 where all prices are alike.

    Examples
    --------
    >>> bids = np.array([[500_000.0, 505_000.0, 510_000.0]])
    >>> progression_p(bids, np.array([1_000.0])), progression_p(bids, np.array([1.0])).round(4)
    (array([0.24]), array([0.0002]))
    """
    r = bids.shape[1]
    steps = np.arange(1, r - 1) / (r - 1)
    out = np.ones(len(bids))
    for x, grain in ((bids, unit), (np.log(bids), unit / bids[:, 0])):
        span = x[:, -1] - x[:, 0]
        apart = np.flatnonzero(span > 0)
        at = (x[apart, 1:-1] - x[apart, :1]) / span[apart, None]
        # A distance below the rounding is none.
        off = np.abs(at - steps).max(axis=1)
        width = np.minimum(2 * off + grain[apart] / span[apart], 1.0)
        p = 2 * _SHAPE * factorial(r - 2) * width ** (r - 2)
        out[apart] = np.minimum(out[apart], p)
    return out


def truncated_product(p: ArrayLike, lots: int, cut: float) -> float:
    """Combine the p-values of ``lots`` lots of which only those up to ``cut`` are known.

    D. V. Zaykin et al., Genetic Epidemiology 22, 170 (2002): distribution of the product of those
    p-values that don't exceed the cut.

    Parameters
    ----------
    p : array of shape (k,)
        Those at or below ``cut``; k <= ``lots``.
    lots : int
    cut : float

    Returns
    -------
    float
        1 where there are none.

    Examples
    --------
    >>> round(truncated_product([0.01], 1, 0.05), 3), round(truncated_product([0.01], 3, 0.05), 3)
    (0.01, 0.034)
    """
    known = np.asarray(p, dtype=np.float64)
    if not len(known):
        return 1.0
    w = float(np.log(known).sum())
    total = 0.0
    for k in range(1, lots + 1):
        chance = comb(lots, k) * (1 - cut) ** (lots - k)
        if w > k * log(cut):
            total += chance * cut**k
            continue
        # P(sum of k exponentials beyond -w), each counted from the cut.
        excess = k * log(cut) - w
        term, terms = 1.0, 1.0
        for s in range(1, k):
            term *= excess / s
            terms += term
        total += chance * float(np.exp(w)) * terms
    return min(1.0, total)


def same_chance(width: Floats, spread: Floats) -> Floats:
    """Chance at most that the difference of two prices falls into a given interval.

    Parameters
    ----------
    width : (n,) float64
        Width of the interval; for exact equality the rounding unit. In the unit of ``spread``.
    spread : (n,) float64
        Standard deviation of one price of such a lot: the density of a normal difference is at
        most 1 / (2 √π spread).

    Examples
    --------
    >>> same_chance(np.array([1000.0]), np.array([25_000.0])).round(4).tolist()
    [0.0113]
    """
    with np.errstate(divide="ignore"):
        return np.minimum(1.0, width / (2 * np.sqrt(np.pi) * spread))


def repeated_p(chance: Floats, group: Ints, hits: Ints, lots: Ints) -> Floats:
    """Chance that some one gap recurs in ``hits`` of a pair's lots.

    Whatever the gap is, one of its lots sets it and ``hits`` - 1 others follow, each by
    ``chance``. The sum over the lots that may set it counts every such outcome ``hits`` times.

    Parameters
    ----------
    chance : (m,) float64
        Of each meeting, that its gap falls onto a given one.
    group : (m,) int64
        Pair of each meeting, a position in ``hits``.
    hits, lots : (n,) int64
        Of each pair: meetings that share the commonest gap, and meetings at all.

    Examples
    --------
    >>> chance, pair = np.full(5, 0.01), np.zeros(5, dtype=np.int64)
    >>> repeated_p(chance, pair, np.array([3]), np.array([5])).round(5).tolist()
    [0.00163]
    """
    tail = poisson_binomial_tails(chance, group, hits - 1)
    return np.where(hits >= 2, np.minimum(1.0, tail * lots / np.maximum(hits, 1)), 1.0)
