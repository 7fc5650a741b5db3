"""When a group began to act together, when it stopped and who left: breaks in yes-or-no sequences.

Each event (a tender that members attended) either shows the pattern (they came together) or not.
Between breaks the chance of it is constant and unknown. With a flat Beta(1/2, 1/2) prior on every
chance the likelihood of a stretch of n events with k successes has a closed form,
B(k + 1/2, n - k + 1/2) / B(1/2, 1/2), so that the weight of every possible set of breaks is exact:
no sampling, no asymptotics (D. Barry and J. A. Hartigan, Annals of Statistics 20, 260, 1992, with
at most two breaks). All places are equally likely beforehand, and so are no, one and two breaks.
A break is dated by the middle of that distribution and given with an interval that holds the
stated share of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, logsumexp

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

# More events than this are taken together in runs of equal length before breaks are looked for.
_MOST_EVENTS = 600
_HALF = 0.5


@dataclass(frozen=True)
class Break:
    """A change of pace: the first day of the new one, and how surely it is dated.

    ``day``: first event after the likeliest break; ``first``, ``last``: the interval's bounds;
    ``before``, ``after``: shares of events showing the pattern on either side.
    """

    day: date
    first: date
    last: date
    before: float
    after: float


@dataclass(frozen=True)
class Course:
    """How a yes-or-no sequence went.

    ``probability``: weight of there being any break at all; ``breaks``: none, one or two, in order.
    """

    breaks: tuple[Break, ...]
    probability: float


@dataclass(frozen=True)
class Member:
    """When one member joined in and left; None where it was in from the first or to the last."""

    joined: Break | None
    left: Break | None


@dataclass(frozen=True)
class Life:
    """When a group acted together.

    ``start``, ``stop``: None where it did so from the first event known, or to the last.
    ``members``: one entry a member, of its own coming and going while the group was active.
    """

    start: Break | None
    stop: Break | None
    members: tuple[Member, ...]


def course(shown: Bools, days: Days, *, level: float = 0.9, least: float = 0.95) -> Course:
    """Find the breaks of a yes-or-no sequence.

    Parameters
    ----------
    shown : (n,) bool
        Whether each event shows the pattern.
    days : (n,) datetime64[D]
        Day of each event, none missing; sorted here, so that any order gives the same.
    level : float
        Share of the distribution that an interval holds.
    least : float
        Weight that one break must have against none, and two against one, to be told of.

    Returns
    -------
    Course

    Examples
    --------
    >>> days = np.datetime64("2022-01-01") + np.arange(0, 400, 10)
    >>> found = course(np.arange(40) >= 20, days)
    >>> [(b.day.isoformat(), b.before, b.after) for b in found.breaks]
    [('2022-07-20', 0.0, 1.0)]
    """
    order = np.lexsort((~shown, days))
    successes, sizes, first_day, last_day = _gathered(shown[order], days[order])
    n = len(sizes)
    if n < 2:
        return Course((), 0.0)
    k = np.concatenate([[0], np.cumsum(successes)])
    m = np.concatenate([[0], np.cumsum(sizes)])
    one, two = _one_break(k, m), _two_breaks(k, m)
    weights = np.array([_stretch(k[-1], m[-1]), _mean(one), _mean(two)])
    weights = np.exp(weights - logsumexp(weights))
    probability = float(1 - weights[0])
    if probability < least:
        return Course((), probability)
    # A second break must show as clearly against one as the first against none.
    if weights[2] < least * (weights[1] + weights[2]):
        places = [np.exp(one - logsumexp(one))]
    else:
        joint = np.exp(two - logsumexp(two))
        places = [joint.sum(axis=1), joint.sum(axis=0)]
    # Place i: the break lies between event i and event i + 1.
    chosen = [int(np.searchsorted(np.cumsum(p), 0.5)) for p in places]
    bounds = [0, *(c + 1 for c in chosen), n]
    shares = [float((k[b] - k[a]) / (m[b] - m[a])) for a, b in pairwise(bounds)]
    breaks = []
    for i, (weight, place) in enumerate(zip(places, chosen, strict=True)):
        low, high = _interval(weight, level)
        breaks.append(
            Break(
                first_day[place + 1].item(),
                last_day[low].item(),
                first_day[high + 1].item(),
                round(shares[i], 3),
                round(shares[i + 1], 3),
            )
        )
    return Course(tuple(breaks), probability)


def life(attended: Bools, days: Days, *, together: int = 3, level: float = 0.9) -> Life:
    """Find when a group acted together and when each member joined and left.

    Parameters
    ----------
    attended : (n, members) bool
        Who attended each tender that at least one member attended.
    days : (n,) datetime64[D]
    together : int
        Members that make a joint tender; never more than there are.
    level : float
        Share of the distribution that an interval holds.

    Returns
    -------
    Life
    """
    members = attended.shape[1]
    joint = attended.sum(axis=1) >= min(together, members)
    start, stop = _rise_and_fall(course(joint, days, level=level))
    active = np.ones(len(days), dtype=bool)
    if start is not None:
        active &= days >= np.datetime64(start.day, "D")
    if stop is not None:
        active &= days < np.datetime64(stop.day, "D")
    own = []
    for m in range(members):
        # Only where the others came together can a member be missing.
        others = attended.sum(axis=1) - attended[:, m] >= min(together, members) - 1
        asked = active & others
        found = course(attended[asked, m], days[asked], level=level)
        own.append(Member(*_rise_and_fall(found)))
    return Life(start, stop, tuple(own))


def _rise_and_fall(found: Course) -> tuple[Break | None, Break | None]:
    """Take the first rise as a beginning and the last fall as an end."""
    start = next((b for b in found.breaks if b.after > b.before), None)
    stop = next((b for b in reversed(found.breaks) if b.after < b.before), None)
    if start is not None and stop is not None and stop.day <= start.day:
        # A pause is neither a beginning nor an end.
        return None, None
    return start, stop


def sliding(shown: Bools, days: Days, width: int) -> tuple[Days, Floats]:
    """Share of events showing the pattern in windows of so many events, dated by their middle.

    Parameters
    ----------
    shown : (n,) bool
    days : (n,) datetime64[D]
    width : int
        Events a window.

    Returns
    -------
    (middle days, shares)
        Both of length max(n - width + 1, 0).

    Examples
    --------
    >>> days = np.datetime64("2022-01-01") + np.arange(4)
    >>> sliding(np.array([False, True, True, True]), days, 2)[1].tolist()
    [0.5, 1.0, 1.0]
    """
    order = np.lexsort((~shown, days))
    total = np.concatenate([[0], np.cumsum(shown[order])])
    shares = (total[width:] - total[:-width]) / width if width <= len(shown) else np.empty(0)
    middle = days[order][width // 2 : width // 2 + len(shares)]
    return middle, np.asarray(shares, dtype=np.float64)


def _gathered(shown: Bools, days: Days) -> tuple[Floats, Floats, Days, Days]:
    """Return successes, events, first and last day a run; events of one day stay together."""
    n = len(shown)
    new_day = np.concatenate([[True], days[1:] != days[:-1]])[:n]
    at_least = max(1, -(-n // _MOST_EVENTS))
    starts: list[int] = []
    for i in np.flatnonzero(new_day).tolist():
        if not starts or i - starts[-1] >= at_least:
            starts.append(i)
    if not starts:
        empty = np.empty(0)
        return empty, empty, days, days
    ends = [*starts[1:], n]
    successes = np.add.reduceat(shown.astype(np.float64), starts)
    sizes = np.diff([*starts, n]).astype(np.float64)
    return successes, sizes, days[starts], days[np.array(ends) - 1]


def _stretch(k: Any, n: Any) -> Any:
    """Return the log likelihood of k successes in n events, their chance integrated out."""
    return betaln(k + _HALF, n - k + _HALF) - betaln(_HALF, _HALF)


def _one_break(k: Floats, m: Floats) -> Floats:
    inner_k, inner_m = k[1:-1], m[1:-1]
    return np.asarray(_stretch(inner_k, inner_m) + _stretch(k[-1] - inner_k, m[-1] - inner_m))


def _two_breaks(k: Floats, m: Floats) -> Floats:
    """Return log likelihoods of breaks after i and after j > i; -inf elsewhere."""
    a, b = k[1:-1], m[1:-1]
    middle = _stretch(
        np.maximum(a[None, :] - a[:, None], 0.0), np.maximum(b[None, :] - b[:, None], 0.0)
    )
    out = _stretch(a, b)[:, None] + middle + _stretch(k[-1] - a, m[-1] - b)[None, :]
    return np.where(np.triu(np.ones_like(out, dtype=bool), 1), out, -np.inf)


def _mean(weights: Floats) -> float:
    """Return the log of the mean weight over the places there are."""
    places = int(np.isfinite(weights).sum())
    return float(logsumexp(weights) - np.log(places)) if places else -np.inf


def _interval(weight: Floats, level: float) -> tuple[int, int]:
    """Return the shortest run of places that holds ``level`` of the weight."""
    total = np.concatenate([[0.0], np.cumsum(weight)])
    ends = np.searchsorted(total, total[:-1] + level - 1e-12)
    fits = ends < len(total)
    starts = np.flatnonzero(fits)
    best = starts[np.argmin(ends[fits] - starts)]
    return int(best), int(ends[best] - 1)
