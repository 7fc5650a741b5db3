"""Whether a yes/no outcome grows more frequent over time, beyond what each trial's odds explain.

A trial has a time (a year), log-odds that are known beforehand (one of n equal bidders wins with
log-odds -log(n - 1)) and an outcome. A subject's skill is an unknown constant a; the question is
whether log-odds = known + a + b × time has b > 0. Given how many trials succeeded, the
distribution of the sum of their times doesn't depend on a: the exact conditional test of logistic
regression (D. R. Cox, Analysis of Binary Data, 1970; K. F. Hirji, C. R. Mehta and N. R. Patel,
J. Am. Stat. Assoc. 82, 1110, 1987), reckoned by recursion over trials.

Honest shares go up and down from year to year more than chance alone makes them. That spread is
estimated over all subjects, and each subject's own unrest about its trend is added, before a trend
counts as one. Plain numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_ndtr, ndtr, ndtri

from graph.peers import between_spread

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Below this score a trend is no trend whatever the exact test would say: p is about 0.07 or more.
_WORTH_A_LOOK = 1.5
# Cells × trials that one exact test may take; beyond it there are so many trials that a normal does.
_MOST_STEPS = 20_000_000
# A subject's own unrest weighs as if so many further years had been as calm as the market.
_CALM_YEARS = 10.0
# Slopes a year are taken to lie about 0 with this standard deviation, so that a share that goes
# from none to all has a finite one.
_SLOPE = 2.0
_STEP = 3.0
_DROP = 1.92


@dataclass(frozen=True)
class Trends:
    """Subjects and their trends; arrays of shape (n_subjects,).

    ``slope``: change of log-odds a year; ``first``, ``last``: fitted share of wins at the odds of
    the first and of the last year, over the same trials, so that a change in their known odds
    doesn't show; ``unrest``: variance about the trend against what the market's is; ``p``: chance
    of as steep a rise or a steeper without any; ``spread``: year-to-year standard deviation of
    log-odds over all subjects.
    """

    trials: Ints
    wins: Ints
    slope: Floats
    first: Floats
    last: Floats
    unrest: Floats
    p: Floats
    spread: float


@dataclass(frozen=True)
class Break:
    """When a rise began.

    ``kind``: ``ramp`` (grows from then on) or ``step`` (jumps then), whichever fits better; ``at``,
    ``low``, ``high``: positions among the trials in order of time, the latter two the ends of the
    95% likelihood interval.
    """

    kind: Literal["ramp", "step"]
    at: int
    low: int
    high: int


def trends(
    subject: Ints, time: Ints, known: Floats, won: Bools, *, least_spread: float = 0.0
) -> Trends:
    """Fit and test a rising trend for many subjects.

    Parameters
    ----------
    subject : (n,) int64
        Numbered from 0 without gaps.
    time : (n,) int64
        Years.
    known : (n,) float64
        Log-odds of each trial that need no explaining.
    won : (n,) bool
    least_spread : float
        Ordinary subjects' log-odds are taken to move by at least so much from year to year
        (standard deviation); stands in where there are too few to tell.

    Returns
    -------
    Trends

    Examples
    --------
    >>> time = np.repeat(np.arange(2018, 2023), 8)
    >>> won = np.concatenate([np.arange(8) < k for k in (1, 2, 4, 6, 7)])
    >>> found = trends(np.zeros(40, dtype=np.int64), time, np.full(40, -np.log(3)), won)
    >>> bool(found.p[0] < 1e-3), found.first.round(1).tolist(), found.last.round(1).tolist()
    (True, [0.1], [0.9])
    """
    n = int(subject.max(initial=-1)) + 1
    trials = np.bincount(subject, minlength=n).astype(np.int64)
    wins = np.bincount(subject, weights=won, minlength=n).astype(np.int64)
    first_year = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first_year, subject, time)
    t = (time - first_year[subject]).astype(np.float64)
    flat = _fit(subject, n, known, won)
    score = _score(subject, n, t, known + flat[subject], won)
    level, slope = _fit_line(subject, n, t, known, won)
    cells = _Cells.of(subject, t, known, won, flat, level, slope)
    spread = max(least_spread, cells.spread())
    unrest = cells.unrest(n, spread)
    wide = cells.widened(n, spread) * np.maximum(unrest, 1.0)
    p = ndtr(-score / np.sqrt(wide))
    order = np.argsort(subject, kind="stable")
    ends = np.cumsum(trials)
    for i in np.flatnonzero(score >= _WORTH_A_LOOK):
        mine = order[ends[i] - trials[i] : ends[i]]
        exact = trend_tail(time[mine], known[mine] + flat[i], won[mine])
        p[i] = _widened(exact, float(wide[i]))
    last_time = np.zeros(n)
    np.maximum.at(last_time, subject, t)
    shares = [
        np.bincount(subject, weights=expit(known + level[subject] + s), minlength=n) / trials
        for s in (np.zeros(len(t)), (slope * last_time)[subject])
    ]
    return Trends(trials, wins, slope, shares[0], shares[1], unrest, p, spread)


def trend_tail(time: Ints, log_odds: Floats, won: Bools, stratum: Ints | None = None) -> float:
    """Exact chance of wins as late as these or later, given how many there are.

    Parameters
    ----------
    time : (n,) int64
    log_odds : (n,) float64
        Of each trial if there is no trend, up to a constant per stratum.
    won : (n,) bool
    stratum : (n,) int64, optional
        Kinds of trials with a constant of their own, such as trades: wins are fixed in each, so
        that a shift of demand towards one that suits the subject is no trend.

    Returns
    -------
    float
        P(sum of times of wins > seen | wins in each stratum), and half of P(as seen): the mid-p
        value, since whole years make the plain one too cautious (A. Agresti, Categorical Data
        Analysis, 2013, section 1.4). Where there are very many trials, the normal tail with the
        same mean and variance.

    Examples
    --------
    >>> trend_tail(np.array([0, 1, 2]), np.zeros(3), np.array([False, False, True])).__round__(3)
    0.167
    """
    stratum = np.zeros(len(time), dtype=np.int64) if stratum is None else stratum
    total: Floats = np.ones(1)
    seen = 0
    for one in np.unique(stratum):
        inside = stratum == one
        t = time[inside] - time[inside].min()
        seen += int(t[won[inside]].sum())
        k = int(won[inside].sum())
        if (k + 1) * (int(t.sum()) + 1) * len(t) > _MOST_STEPS:
            return float(ndtr(-_late(time, log_odds, won, stratum)))
        total = np.convolve(total, _late_sums(t, log_odds[inside], k))
    return float(min(total[seen + 1 :].sum() + total[seen] / 2, 1.0))


def find_break(day: Floats, known: Floats, won: Bools, *, widened: float = 1.0) -> Break:
    """Tell when a rise began, and how well the data say so.

    Parameters
    ----------
    day : (n,) float64
        Time of each trial in years, in rising order.
    known : (n,) float64
        Log-odds that need no explaining.
    won : (n,) bool
    widened : float
        Variance of the outcome against what chance alone gives; widens the interval.

    Returns
    -------
    Break

    Examples
    --------
    >>> day = np.arange(40) / 8
    >>> found = find_break(day, np.zeros(40), day >= 2.5)
    >>> found.kind, found.at
    ('step', 20)
    """
    starts = [i for i in range(len(day) - 2) if i == 0 or day[i] > day[i - 1]]
    fits = {
        ("ramp", i): _likelihood(known, np.maximum(day - day[i], 0.0), won, _SLOPE) for i in starts
    }
    fits |= {
        ("step", i): _likelihood(known, (day >= day[i]).astype(np.float64), won, _STEP)
        for i in starts
        if i > 0
    }
    kind, at = max(fits, key=lambda f: (round(fits[f], 9), f[0] == "ramp", -f[1]))
    best = fits[kind, at]
    inside = [i for (k, i), fit in fits.items() if k == kind and best - fit <= _DROP * widened]
    return Break("ramp" if kind == "ramp" else "step", at, min(inside), max(inside))


# -- fitting ---------------------------------------------------------------------------------------


def _fit(subject: Ints, n: int, known: Floats, won: Bools) -> Floats:
    """Constant of each subject at which as many wins are expected as there were, within ±8."""
    wins = np.bincount(subject, weights=won, minlength=n)
    low, high = np.full(n, -8.0), np.full(n, 8.0)
    for _ in range(30):
        middle = (low + high) / 2
        over = np.bincount(subject, weights=expit(known + middle[subject]), minlength=n) > wins
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return (low + high) / 2


def _score(subject: Ints, n: int, t: Floats, log_odds: Floats, won: Bools) -> Floats:
    """Standardised covariance of time and outcome, given the number of wins."""
    p = expit(log_odds)
    weight = p * (1 - p)
    total = np.maximum(np.bincount(subject, weights=weight, minlength=n), 1e-12)
    mean = np.bincount(subject, weights=weight * t, minlength=n) / total
    centred = t - mean[subject]
    rise = np.bincount(subject, weights=centred * (won - p), minlength=n)
    variance = np.bincount(subject, weights=weight * centred**2, minlength=n)
    return np.asarray(rise / np.sqrt(np.maximum(variance, 1e-12)))


def _late(time: Ints, log_odds: Floats, won: Bools, stratum: Ints) -> float:
    """Score over strata: its normal tail is that of the mid-p value."""
    p = expit(log_odds)
    rise = variance = 0.0
    for one in np.unique(stratum):
        inside = stratum == one
        weight = p[inside] * (1 - p[inside])
        centred = time[inside] - np.average(time[inside], weights=weight)
        rise += float((centred * (won[inside] - p[inside])).sum())
        variance += float((weight * centred**2).sum())
    return rise / max(variance, 1e-12) ** 0.5


def _fit_line(subject: Ints, n: int, t: Floats, known: Floats, won: Bools) -> tuple[Floats, Floats]:
    """Constant and slope of each subject by Newton steps; both held by a wide prior."""
    a, b = np.zeros(n), np.zeros(n)

    def add(x: Floats) -> Floats:
        return np.bincount(subject, weights=x, minlength=n).astype(np.float64)

    for _ in range(30):
        p = expit(known + a[subject] + b[subject] * t)
        w = p * (1 - p)
        ga, gb = add(won - p) - a / 25, add((won - p) * t) - b / _SLOPE**2
        haa, hab, hbb = add(w) + 1 / 25, add(w * t), add(w * t * t) + 1 / _SLOPE**2
        det = haa * hbb - hab**2
        step_a, step_b = (hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det
        # Whole steps overshoot where nearly all trials were won or lost.
        size = np.minimum(1.0, 2.0 / np.maximum(np.abs(step_a) + np.abs(step_b), 1e-12))
        a, b = a + size * step_a, b + size * step_b
    return a, b


def _likelihood(known: Floats, x: Floats, won: Bools, prior: float) -> float:
    """Penalised log-likelihood of log-odds = known + a + b × x at its maximum."""
    zero = np.zeros(len(x), dtype=np.int64)
    scale = _SLOPE / prior
    a, b = _fit_line(zero, 1, x / scale, known, won)
    eta = known + a[0] + b[0] * x / scale
    # log(expit(x)) without overflow; the prior is the one of the fit.
    fit = -np.logaddexp(0, np.where(won, -eta, eta)).sum()
    return float(fit - a[0] ** 2 / 50 - b[0] ** 2 / (2 * _SLOPE**2))


def _late_sums(t: Ints, log_odds: Floats, k: int) -> Floats:
    """Distribution of the sum of times of ``k`` wins among trials."""
    p = expit(log_odds)
    width = int(np.sort(t)[::-1][:k].sum()) + 1
    state = np.zeros((k + 1, width))
    state[0, 0] = 1.0
    for time, chance in zip(t.tolist(), p.tolist(), strict=True):
        moved = state[:-1, : width - time] * chance
        state *= 1 - chance
        state[1:, time:] += moved
        # Only ratios within a row of the last state count.
        state /= state.max()
    return np.asarray(state[k] / state[k].sum())


def _widened(p: float, factor: float) -> float:
    """Tail of a normal whose variance is ``factor`` times that by which ``p`` was reckoned."""
    if p <= 0:
        return 0.0
    if p >= 0.5 or factor <= 1:
        return p
    # The quantile of a tiny tail by its logarithm.
    z = -float(ndtri(p)) if p > 1e-300 else float((-2 * np.log(p)) ** 0.5)
    return float(np.exp(log_ndtr(-z / factor**0.5)))


@dataclass(frozen=True)
class _Cells:
    """Years of subjects: wins, wins fitted with a trend, and variances; one entry a year that had trials.

    ``years``: how many years its subject has; ``lever``: squared distance of the year from the
    subject's mean.
    """

    owner: Ints
    wins: Floats
    fitted: Floats
    variance: Floats
    flat_variance: Floats
    lever: Floats
    years: Floats

    @classmethod
    def of(
        cls,
        subject: Ints,
        t: Floats,
        known: Floats,
        won: Bools,
        flat: Floats,
        level: Floats,
        slope: Floats,
    ) -> _Cells:
        span = int(t.max(initial=0)) + 1
        key, cell = np.unique(subject * span + t.astype(np.int64), return_inverse=True)
        owner, year = key // span, (key % span).astype(np.float64)
        p = expit(known + level[subject] + slope[subject] * t)
        p0 = expit(known + flat[subject])

        def add(x: Floats) -> Floats:
            return np.bincount(cell, weights=x, minlength=len(key)).astype(np.float64)

        flat_variance = add(p0 * (1 - p0))
        total = np.bincount(owner, weights=flat_variance)
        mean = np.bincount(owner, weights=flat_variance * year) / np.maximum(total, 1e-12)
        return cls(
            owner,
            add(won.astype(np.float64)),
            add(p),
            add(p * (1 - p)),
            flat_variance,
            (year - mean[owner]) ** 2,
            np.bincount(owner)[owner].astype(np.float64),
        )

    def spread(self) -> float:
        """Year-to-year spread of log-odds; a line through T years takes two of them."""
        usable = self.years >= 3
        stretch = np.sqrt(self.years / np.maximum(self.years - 2, 1))
        wins = self.fitted + (self.wins - self.fitted) * stretch
        found = between_spread(wins[usable], self.fitted[usable], self.variance[usable])
        return found or 0.0

    def unrest(self, n: int, spread: float) -> Floats:
        """Each subject's squared deviations from its trend against the market's, shrunk to 1."""
        usual = self.variance + (self.variance * spread) ** 2
        squares = (self.wins - self.fitted) ** 2 / np.maximum(usual, 0.05)
        total = np.bincount(self.owner, weights=squares, minlength=n)
        free = np.maximum(np.bincount(self.owner, minlength=n) - 2, 0)
        return np.asarray((_CALM_YEARS + total) / (_CALM_YEARS + free))

    def widened(self, n: int, spread: float) -> Floats:
        """Variance of the score with the market's spread against that without."""
        calm = np.bincount(self.owner, weights=self.lever * self.flat_variance, minlength=n)
        more = self.lever * (self.flat_variance * spread) ** 2
        restless = np.bincount(self.owner, weights=more, minlength=n)
        return np.asarray(1 + restless / np.maximum(calm, 1e-12))
