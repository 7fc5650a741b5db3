"""Exact tail probabilities of counts whose trials differ in their chances.

Pure functions on arrays. The sum of independent trials with chances p_1 … p_n has the
Poisson-binomial distribution; the recursion over trials used here is that of R. E. Barlow and
K. D. Heidtmann, IEEE Trans. Reliability 33, 322 (1984). Only positive terms are added up, so
that small tails keep their relative accuracy, which 1 - cdf loses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Cells of one batch's table of states: small enough to stay in the processor's cache.
_CELLS = 1 << 17


def poisson_binomial_tail(p: ArrayLike, k: int) -> float:
    """Chance of at least ``k`` successes in independent trials of different chances.

    Parameters
    ----------
    p : array of shape (n,)
        Chance of each trial, 0 to 1.
    k : int
        Successes seen.

    Returns
    -------
    float
        P(X >= k); 1 for k <= 0, 0 for k > n.

    Raises
    ------
    ValueError
        If a chance is outside 0 to 1 or not a number.

    Examples
    --------
    >>> round(poisson_binomial_tail([0.5, 0.5], 1), 3)
    0.75
    >>> round(poisson_binomial_tail([1 / 3, 1 / 4, 1 / 5], 3), 5)
    0.01667
    """
    chances = np.asarray(p, dtype=np.float64).ravel()
    subject = np.zeros(len(chances), dtype=np.int64)
    return float(poisson_binomial_tails(chances, subject, np.array([k]))[0])


def poisson_binomial_tails(p: ArrayLike, subject: ArrayLike, k: ArrayLike) -> Floats:
    """Tail of :func:`poisson_binomial_tail` for many subjects at once.

    Parameters
    ----------
    p : array of shape (n_trials,)
        Chance of each trial, 0 to 1.
    subject : int array of shape (n_trials,)
        Whose trial it is: a position in ``k``. In any order.
    k : int array of shape (n_subjects,)
        Successes seen by each subject.

    Returns
    -------
    array of shape (n_subjects,)
        P(X >= k) of each; 1 where k <= 0, 0 where k exceeds the subject's trials.

    Raises
    ------
    ValueError
        If a chance is outside 0 to 1 or not a number, or a subject has no place in ``k``.

    Notes
    -----
    Time grows with the sum over subjects of trials × k.

    Examples
    --------
    >>> poisson_binomial_tails([0.5, 0.1, 0.5], [0, 1, 0], [2, 1]).tolist()
    [0.25, 0.1]
    """
    chances = np.asarray(p, dtype=np.float64).ravel()
    owner = np.asarray(subject, dtype=np.int64).ravel()
    wanted = np.asarray(k, dtype=np.int64).ravel()
    if not np.all((chances >= 0) & (chances <= 1)):
        raise ValueError("chances must lie between 0 and 1")
    if len(owner) != len(chances) or (
        len(owner) and not 0 <= owner.min() <= owner.max() < len(wanted)
    ):
        raise ValueError("every trial needs a subject that stands in k")
    trials = np.bincount(owner, minlength=len(wanted)).astype(np.int64)
    out = np.where(wanted <= 0, 1.0, 0.0)
    order = np.argsort(owner, kind="stable")
    chances = chances[order]
    start = np.concatenate([[0], np.cumsum(trials)[:-1]]).astype(np.int64)
    open_ = np.flatnonzero((wanted > 0) & (wanted <= trials))
    # Subjects of like size together, so that little is padded.
    open_ = open_[np.lexsort((wanted[open_], trials[open_]))]
    done = 0
    while done < len(open_):
        least = int(trials[open_[done]])
        stop = int(np.searchsorted(trials[open_], max(least + 4, least * 5 // 4), side="right"))
        width = int(wanted[open_[done:stop]].max())
        stop = min(stop, done + max(1, _CELLS // width))
        batch = open_[done:stop]
        out[batch] = _batch(chances, start[batch], trials[batch], wanted[batch])
        done = stop
    # Sums of many terms may pass 1 by the last digit.
    return np.minimum(out, 1.0)


def _batch(chances: Floats, start: Ints, trials: Ints, k: Ints) -> Floats:
    """Tails of a few subjects by one recursion; all k are at least 1 and at most the trials."""
    width = int(k.max())
    rows = np.arange(len(k))
    # Column c holds the chance of width - c successes still wanting; rows begin at their own k.
    state = np.zeros((width, len(k)))
    state[width - k, rows] = 1.0
    tail = np.zeros(len(k))
    for t in range(int(trials.max())):
        inside = t < trials
        p = np.where(inside, chances[np.where(inside, start + t, 0)], 0.0)
        tail += state[-1] * p
        moved = state[:-1] * p
        state *= 1.0 - p
        state[1:] += moved
    return tail
