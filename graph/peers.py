"""How often something happens to a subject, against how often it happens to its peers.

A trial (a lot) has a yes/no outcome, a subject (a purchaser, a purchaser and a supplier) and an
owner whose trials never count among its peers. The chance of each trial is the rate among others'
trials of the same stratum, shrunk to the rate of all others. Ordinary subjects differ from each
other more than chance alone makes them, so the log-odds of a subject are let vary by a spread that
is estimated over all subjects, those that stand out most left aside, before anyone is called
exceptional: a logit-normal mixture of Poisson-binomial tails. Pure numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtr, chdtri, expit, logit, roots_hermitenorm

from graph.exact import poisson_binomial_tails

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Subjects left aside when the spread is estimated: those that stand out are what is looked for.
_TRIMMED = 0.05
_LEAST_SUBJECTS = 10
_MOST_SPREAD = 3.0
_NODES = 15


@dataclass(frozen=True)
class Peers:
    """What each trial was compared with.

    ``rate``: chance of the outcome, strictly between 0 and 1; ``doubt``: variance of its log-odds,
    large where peers had few hits or few trials; ``level``: which way of grouping gave it, 0 the
    finest; ``others``: trials of others in that stratum. Each of shape (n_trials,).
    """

    rate: Floats
    doubt: Floats
    level: Ints
    others: Ints

    def of(self, chosen: Bools) -> Peers:
        """Keep some of the trials."""
        return Peers(self.rate[chosen], self.doubt[chosen], self.level[chosen], self.others[chosen])


@dataclass(frozen=True)
class Excess:
    """Subjects against their peers; arrays of shape (n_subjects,).

    ``trials``, ``hits``; ``expected`` hits at the peers' rates; ``p``: chance of as many or more
    hits for an ordinary subject; ``spread``: standard deviation of ordinary subjects' log-odds.
    """

    trials: Ints
    hits: Ints
    expected: Floats
    p: Floats
    spread: float


def peer_rates(hit: Bools, owner: Ints, keys: Sequence[Ints], least: int) -> Peers:
    """Rate of the outcome among others' comparable trials.

    Parameters
    ----------
    hit : (n,) bool
    owner : (n,) int64
        Numbered from 0; an owner's own trials are left out of its peers.
    keys : sequence of (n,) int64
        Ways of grouping comparable trials, finest first; where no stratum has enough trials of
        others, all trials are compared.
    least : int
        Trials of others that a stratum needs.

    Returns
    -------
    Peers
        The rate is shrunk to that of all others, which weighs as much as ``least`` / 2 trials.

    Examples
    --------
    >>> hit = np.array([True, True, False, False, False, False])
    >>> owner = np.array([0, 0, 1, 1, 2, 2])
    >>> peer_rates(hit, owner, [np.zeros(6, dtype=np.int64)], least=2).rate.round(2).tolist()
    [0.02, 0.02, 0.5, 0.5, 0.5, 0.5]
    """
    n = len(hit)
    everything = np.zeros(n, dtype=np.int64)
    all_others, all_hits = _others(hit, owner, everything)
    base = (all_hits + 0.5) / (all_others + 1)
    weight = least / 2
    rate, others = base.copy(), all_others.copy()
    worth = all_others.astype(np.float64)
    level = np.full(n, len(keys), dtype=np.int64)
    for at in range(len(keys) - 1, -1, -1):
        count, hits = _others(hit, owner, keys[at])
        enough = count >= least
        rate = np.where(enough, (hits + weight * base) / (count + weight), rate)
        others = np.where(enough, count, others)
        worth = np.where(enough, count + weight, worth)
        level[enough] = at
    doubt = 1 / (rate * worth + 0.5) + 1 / ((1 - rate) * worth + 0.5)
    return Peers(rate, doubt, level, others)


def _others(hit: Bools, owner: Ints, key: Ints) -> tuple[Ints, Ints]:
    """Trials and hits in the stratum of each trial that aren't its owner's."""
    stratum = np.unique(key, return_inverse=True)[1]
    mine = np.unique(stratum * (int(owner.max(initial=0)) + 1) + owner, return_inverse=True)[1]
    counts = []
    for weight in (np.ones(len(hit)), hit.astype(np.float64)):
        total = np.bincount(stratum, weights=weight)[stratum]
        own = np.bincount(mine, weights=weight)[mine]
        counts.append(np.rint(total - own).astype(np.int64))
    return counts[0], counts[1]


def excess(
    hit: Bools,
    chance: Floats,
    subject: Ints,
    *,
    least_spread: float,
    least_effect: float = 1.0,
    doubt: Floats | None = None,
) -> Excess:
    """Test whether subjects have more hits than ordinary subjects would.

    Parameters
    ----------
    hit : (n,) bool
    chance : (n,) float64
        Of each trial, for a subject like its peers; 0 to 1.
    subject : (n,) int64
        Numbered from 0 without gaps.
    least_spread : float
        Ordinary subjects are taken to differ by at least so much (standard deviation of log-odds);
        stands in where there are too few subjects to tell.
    least_effect : float
        Hits over expected hits, an expectation below a half counting as a half, below which a
        subject is of no interest: it gets a p of 1 unreckoned.
    doubt : (n,) float64, optional
        Variance of the log-odds of each chance: what is not known of the peers' own rate. A
        subject's trials are taken to be off together.

    Returns
    -------
    Excess

    Examples
    --------
    >>> chance = np.full(60, 0.2)
    >>> subject = np.repeat(np.arange(6), 10)
    >>> hit = np.zeros(60, dtype=bool)
    >>> hit[:9] = True
    >>> excess(hit, chance, subject, least_spread=0.3).p.round(5).tolist()
    [3e-05, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    n = int(subject.max(initial=-1)) + 1
    trials = np.bincount(subject, minlength=n).astype(np.int64)
    hits = np.bincount(subject, weights=hit, minlength=n).astype(np.int64)
    expected: Floats = np.bincount(subject, weights=chance, minlength=n).astype(np.float64)
    variance: Floats = np.bincount(subject, weights=chance * (1 - chance), minlength=n).astype(
        np.float64
    )
    spread = max(least_spread, between_spread(hits, expected, variance) or 0.0)
    wide = np.full(n, spread)
    if doubt is not None:
        mean = np.bincount(subject, weights=doubt, minlength=n) / np.maximum(trials, 1)
        wide = np.sqrt(spread**2 + mean)
    odd = (hits > expected) & (hits >= least_effect * np.maximum(expected, 0.5))
    return Excess(trials, hits, expected, tails(hits, chance, subject, odd, wide), spread)


def tails(hits: Ints, chance: Floats, subject: Ints, chosen: Bools, spread: Floats) -> Floats:
    """Chance of as many hits or more where the log-odds vary by ``spread``.

    Parameters
    ----------
    hits : (n_subjects,)
    chosen : (n_subjects,) bool
        Of whom it is asked; the others get 1.
    chance, subject : (n_trials,)
    spread : (n_subjects,) float64
        Standard deviation of log-odds, common to all trials of a subject; at least 0.

    Returns
    -------
    (n_subjects,) float64
        Gauss–Hermite mean of Poisson-binomial tails.
    """
    p = np.ones(len(hits))
    number = np.cumsum(chosen) - 1
    mine = chosen[subject]
    # Nobody fails to reach what is certain; the logit of 0 or 1 stays where it is.
    log_odds, who = logit(chance[mine]), number[subject[mine]]
    own = spread[chosen][who]
    nodes, weights = roots_hermitenorm(_NODES if own.any() else 1)
    total = np.zeros(int(chosen.sum()))
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        total += weight * poisson_binomial_tails(expit(log_odds + node * own), who, hits[chosen])
    p[chosen] = np.minimum(total, 1.0)
    return p


def between_spread(hits: Ints | Floats, expected: Floats, variance: Floats) -> float | None:
    """Estimate how much ordinary subjects differ beyond chance.

    Parameters
    ----------
    hits, expected, variance : (n,)
        Of each subject: hits seen, mean and variance of hits at the peers' chances.

    Returns
    -------
    float or None
        Standard deviation of log-odds between subjects, 0 to 3: the value at which squared
        deviations, the largest twentieth left aside, have the mean that a normal would give them.
        None with fewer than 10 subjects of variance 0.5 or more.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = expit(logit(0.2) + rng.normal(0, 0.8, 2000))
    >>> x = rng.binomial(40, p)
    >>> bool(abs(between_spread(x, np.full(2000, 8.0), np.full(2000, 6.4)) - 0.8) < 0.2)
    True
    """
    telling = variance >= 0.5
    if telling.sum() < _LEAST_SUBJECTS:
        return None
    squares, v = (hits[telling] - expected[telling]) ** 2, variance[telling]
    kept = int(np.floor(len(v) * (1 - _TRIMMED)))
    share = kept / len(v)
    # Mean of a chi-square of one degree below its quantile, times the share kept.
    wanted = float(chdtr(3, chdtri(1, 1 - share))) if share < 1 else 1.0

    def too_wide(spread: float) -> bool:
        ratio = np.sort(squares / (v + (v * spread) ** 2))[:kept]
        return bool(ratio.sum() / len(v) <= wanted)

    low, high = 0.0, _MOST_SPREAD
    if too_wide(low):
        return 0.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if too_wide(middle) else (middle, high)
    return high
