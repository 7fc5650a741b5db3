"""How odd a figure is beside its peers: lots alike in trade, size and number of bidders.

Three steps. ``peer_strata`` says which lots are alike. ``peer_p`` gives the p-value of one lot's
figure among them. ``Reference`` and ``pooled_scores`` test a *group of bidders* over all its lots:
each lot's figure becomes a normal score among all peers (B. L. van der Waerden, Indag. Math. 14, 453
(1952), by strata as P. H. van Elteren, Bull. Int. Stat. Inst. 37, 351 (1960)), and the scores are
added up. Under the null the group's lots are drawn at random from each stratum and its members at
random from each lot's bidders; mean and variance of the sum under that draw are exact, whatever the
distribution of the figure, so that lots of two to four bids need no approximation of their own.

Honest bidders differ lastingly in costs and habits, and lasting differences add up over many lots
to any significance. ``lasting_spread`` measures how much, over all groups, and the p-values allow
for it: a group must stand out among groups, not against a world in which all firms are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtr, ndtri

from graph.cobidding import LEAST_P, stratify

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_TAIL = 0.1
# Fewer figures than this above the start of the tail say nothing of its slope.
_LEAST_TAIL = 10
# Median of a chi-squared variable of one degree of freedom.
_MEDIAN_CHI2 = 0.4549364


def peer_strata(category: Ints, size: ArrayLike, bidders: ArrayLike, least: int = 30) -> Ints:
    """Say which lots are alike in category, size and number of bidders.

    Parameters
    ----------
    category : (n,) int64
        Number of each lot's category; lots without one share a number of their own.
    size : (n,) array
        Ceiling price, or another measure of size in yuan, NaN where unknown; bands are half powers
        of ten, the same whatever else is in the data.
    bidders : (n,) int array
        Number of bids compared.
    least : int
        Lots a stratum needs; smaller ones are compared without size, then without category. The
        number of bidders is never given up: every screen depends on it.

    Returns
    -------
    (n,) int64
        Stratum of each lot, numbered from 0.

    Examples
    --------
    >>> peer_strata(np.array([0, 0, 1, 1]), [1e5, 1e6, 1e6, np.nan], [3, 3, 3, 5], least=2)
    array([0, 0, 1, 2])
    """
    price = np.asarray(size, dtype=np.float64)
    known = np.isfinite(price) & (price > 0)
    band = np.where(known, np.floor(2 * np.log10(np.where(known, price, 1.0))), -1).astype(np.int64)
    # From six bidders on, one more changes little.
    edges = np.array([1, 2, 3, 4, 5, 6, 8, 11, 16, 31])
    crowd = np.searchsorted(edges, np.asarray(bidders), side="right")
    return stratify([_code(category, band, crowd), _code(category, crowd), _code(crowd)], least)


def _code(*keys: Ints) -> Ints:
    code = keys[0].astype(np.int64)
    for key in keys[1:]:
        least = int(key.min(initial=0))
        code = code * (int(key.max(initial=0)) - least + 1) + (key - least)
    return code


def peer_p(value: ArrayLike, stratum: Ints, high: bool = True) -> Floats:
    """Return how seldom a lot of the same stratum has as extreme a figure.

    Parameters
    ----------
    value : (n,) array
        NaN where undefined.
    stratum : (n,) int64
    high : bool
        True: large figures are odd; False: small ones.

    Returns
    -------
    (n,) float64
        Rank over number, which is exact when lots are exchangeable and can't go below one over the
        number of peers. The top tenth is refined by a tail fitted to the *other* lots of that
        tenth (exponential in the logarithm of positive figures, in the figure itself otherwise),
        its scale at the upper end of the 95% interval, so that few peers give larger p-values,
        never smaller ones. NaN where the figure is.

    Examples
    --------
    >>> peer_p([3.0, 1.0, 2.0, np.nan], np.zeros(4, dtype=np.int64)).round(3).tolist()
    [0.333, 1.0, 0.667, nan]
    """
    figure = np.asarray(value, dtype=np.float64)
    out = np.full(len(figure), np.nan)
    known = np.flatnonzero(~np.isnan(figure))
    if not len(known):
        return out
    x = figure[known] if high else -figure[known]
    positive = bool((figure[known] >= 0).all())
    group = np.unique(stratum[known], return_inverse=True)[1]
    order = np.lexsort((-x, group))
    group, x = group[order], x[order]
    count = np.bincount(group)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    # The last place of equal figures counts: ties are as odd as the least odd of them.
    last = np.flatnonzero(np.append((group[1:] != group[:-1]) | (x[1:] != x[:-1]), True))
    place = last[np.searchsorted(last, np.arange(len(x)))] - first[group] + 1
    rank_p = place / count[group]
    out[known[order]] = np.minimum(rank_p, _tail_p(x, group, count, first, positive, high))
    return out


def _tail_p(x: Floats, group: Ints, count: Ints, first: Ints, positive: bool, high: bool) -> Floats:
    """Fitted tail of figures sorted falling within each group; 1 where there is nothing to fit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        y = (np.log(x) if high else -np.log(-x)) if positive else x
    n_tail = np.floor(count * _TAIL).astype(np.int64)
    start = y[np.minimum(first + n_tail, len(y) - 1)]
    above = y - start[group]
    inside = (np.arange(len(y)) - first[group] < n_tail[group]) & (above > 0) & np.isfinite(above)
    held = np.where(inside, above, 0.0)
    n_above = np.bincount(group, weights=inside)
    total = np.bincount(group, weights=held)
    # Each lot is judged by the others of the tail.
    n_other = n_above[group] - 1
    fit = inside & (n_other >= _LEAST_TAIL)
    scale = np.where(fit, (total[group] - held) / gammaincinv(np.maximum(n_other, 1), 0.05), np.inf)
    share = (n_above[group] + 1) / (count[group] + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(fit & (scale > 0), share * np.exp(-held / scale), 1.0)
    return np.clip(p, LEAST_P, 1.0)


# -- groups of bidders ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """The figures of all peers, by stratum, to score others by.

    ``values`` sorted within strata, ``weight`` running up to 1 in each; ``start`` (n_strata + 1,)
    says where each begins. ``lots``: lots in each; ``spread`` and ``between``: variance of scores
    over all peers, and of their means by lot.
    """

    values: Floats
    weight: Floats
    start: Ints
    lots: Ints
    mean: Floats
    spread: Floats
    between: Floats

    @classmethod
    def of(cls, value: Floats, lot: Ints, stratum: Ints, n_strata: int) -> Reference:
        """Make one.

        Parameters
        ----------
        value : (n,) float64
            Figures of subgroups of bids; NaN ones are left out. Every lot weighs the same,
            however many subgroups stand for it.
        lot, stratum : (n,) int64
            Of each figure.
        n_strata : int
        """
        known = ~np.isnan(value)
        value, lot, stratum = value[known], lot[known], stratum[known]
        order = np.argsort(stratum, kind="stable")
        value, lot, stratum = value[order], lot[order], stratum[order]
        start = np.searchsorted(stratum, np.arange(n_strata + 1)).astype(np.int64)
        for s in range(n_strata):
            part = slice(start[s], start[s + 1])
            by = np.argsort(value[part])
            value[part], lot[part] = value[part][by], lot[part][by]
        number, lot_of = np.unique(lot, return_inverse=True)
        share = 1.0 / np.bincount(lot_of)[lot_of]
        lots = np.bincount(stratum, weights=share, minlength=n_strata)
        share = share / np.maximum(lots[stratum], 1e-9)
        total = np.cumsum(share)
        before = np.concatenate([[0.0], total])[start[:-1]]
        running = total - before[stratum]
        made = cls(
            value, np.asarray(running), start, np.round(lots).astype(np.int64),
            np.zeros(n_strata), np.ones(n_strata), np.ones(n_strata),
        )  # fmt: skip
        z = made.score(value, stratum)
        mean = np.bincount(stratum, weights=share * z, minlength=n_strata)
        off = z - mean[stratum]
        spread = np.bincount(stratum, weights=share * off * off, minlength=n_strata)
        of_lot = np.bincount(lot_of, weights=off) / np.bincount(lot_of)
        at = np.zeros(len(number), dtype=np.int64)
        at[lot_of] = stratum
        squares = np.bincount(at, weights=of_lot * of_lot, minlength=n_strata)
        between = np.minimum(squares / np.maximum(np.bincount(at, minlength=n_strata), 1), spread)
        return cls(
            value, made.weight, start, made.lots,
            mean.astype(np.float64), spread.astype(np.float64), between.astype(np.float64),
        )  # fmt: skip

    def score(self, value: Floats, stratum: Ints) -> Floats:
        """Return normal scores of figures among the peers of their stratum.

        Equal figures share the middle of their ranks. NaN where the figure is, or the stratum has
        no peers.
        """
        out = np.full(len(value), np.nan)
        usable = np.flatnonzero(~np.isnan(value))
        usable = usable[np.argsort(stratum[usable], kind="stable")]
        ends = np.searchsorted(stratum[usable], np.arange(len(self.start)))
        for s in np.flatnonzero((np.diff(ends) > 0) & (np.diff(self.start) > 0)):
            here = usable[ends[s] : ends[s + 1]]
            peers = self.values[self.start[s] : self.start[s + 1]]
            running = np.append(0.0, self.weight[self.start[s] : self.start[s + 1]])
            low = running[np.searchsorted(peers, value[here], side="left")]
            high = running[np.searchsorted(peers, value[here], side="right")]
            # Half a lot is kept back at both ends, so that no score is infinite.
            edge = 0.5 / max(self.lots[s], 1)
            out[here] = np.clip((low + high) / 2, edge, 1 - edge)
        return np.asarray(ndtri(out))


@dataclass(frozen=True)
class Pooled:
    """Scores of (n,) groups added up over their lots.

    ``lots``: how many counted; ``mean``: mean score less its expectation, in standard deviations
    of one lot; ``z``: the sum, standardised; ``weight``: what a lasting difference of one standard
    deviation would add to ``z``, squared.
    """

    lots: Ints
    mean: Floats
    z: Floats
    weight: Floats

    def p(self, lasting: float, high: bool) -> Floats:
        """One-sided p-values, allowing for lasting honest differences.

        Parameters
        ----------
        lasting : float
            Standard deviation of groups' lasting differences, from :func:`lasting_spread`.
        high : bool
            True: large figures are odd; False: small ones.
        """
        allowed = self.z / np.sqrt(1 + lasting * lasting * self.weight)
        p = ndtr(-allowed if high else allowed)
        return np.where(np.isnan(p), 1.0, np.clip(p, LEAST_P, 1.0))


def pooled_scores(
    score: Floats, subject: Ints, tender: Ints, stratum: Ints, reference: Reference, n: int
) -> Pooled:
    """Add up each group's scores over its lots.

    Parameters
    ----------
    score : (m,) float64
        From :meth:`Reference.score`; NaN ones are left out.
    subject, tender, stratum : (m,) int64
        Whose score, of which tender, among which peers. Lots of one tender count as one: the same
        firms bid for them on the same day by the same reckoning.
    reference : Reference
    n : int
        Number of groups.
    """
    known = ~np.isnan(score)
    score, subject = score[known], subject[known]
    tender, stratum = tender[known], stratum[known]
    off = score - reference.mean[stratum]
    share = np.asarray(1.0 / _times(subject, tender), dtype=np.float64)
    lots = np.bincount(subject, weights=share, minlength=n)
    total = np.bincount(subject, weights=share * off, minlength=n)
    # How many of a stratum's lots are the group's own: drawn without replacement, they vary less.
    n_strata = len(reference.lots)
    cell, cell_of = np.unique(subject * n_strata + stratum, return_inverse=True)
    own = np.bincount(cell_of, weights=share)
    whose, where = cell // n_strata, cell % n_strata
    left = np.clip(1 - (own - 1) / np.maximum(reference.lots[where] - 1, 1), 0.0, 1.0)
    within = reference.spread[where] - reference.between[where]
    variance = np.bincount(
        whose, weights=own * (within + reference.between[where] * left), minlength=n
    )
    free = np.bincount(whose, weights=own * reference.spread[where], minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 1e-9, total / np.sqrt(variance), np.nan)
        one = np.sqrt(free / lots)
        mean = np.where(lots > 0, total / lots / one, np.nan)
        weight = np.where(variance > 1e-9, (lots * one) ** 2 / variance, 0.0)
    return Pooled(np.round(lots).astype(np.int64), mean, z, weight)


def _times(subject: Ints, tender: Ints) -> Ints:
    """How often each (subject, tender) occurs, for each entry."""
    if not len(subject):
        return np.ones(0, dtype=np.int64)
    key = subject * (int(tender.max()) + 1) + tender
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(count[place])


def lasting_spread(pooled: Pooled, members: Ints, custom: float = 0.25) -> float:
    """Estimate how far groups differ lastingly, in standard deviations of one lot.

    Parameters
    ----------
    pooled : Pooled
        Of *all* groups that met more than once, most of them honest.
    members : (n, size) int64
        Bidders of each group, numbered from 0. Whoever is in many groups counts for less in each:
        one ring is in dozens of pairs and triples, and must not make its own ways the custom.
    custom : float
        What is allowed for in any case: 0.25 is somewhat above what firms whose levels differ by a
        third of the scatter of one bid come to in simulated honest markets (0.1 to 0.19).

    Returns
    -------
    float
        The least value at which z² lies within what chance allows about its median (one standard
        error): groups far out don't move it, and a ring among few groups hardly does.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> lots = np.full(4000, 20)
    >>> mean = rng.normal(0, 0.5, 4000) + rng.normal(0, 1, 4000) / np.sqrt(20)
    >>> pooled = Pooled(lots, mean, mean * np.sqrt(20), lots.astype(float))
    >>> bool(abs(lasting_spread(pooled, np.arange(8000).reshape(-1, 2)) - 0.5) < 0.05)
    True
    """
    known = ~np.isnan(pooled.z)
    z2, weight, who = pooled.z[known] ** 2, pooled.weight[known], members[known]
    if not len(z2):
        return custom
    share = 1.0 / np.bincount(who.ravel())[who].max(axis=1)
    most = 0.5 + 0.5 / np.sqrt(share.sum() ** 2 / (share * share).sum())
    low, high = 0.0, 10.0
    for _ in range(20):
        middle = (low + high) / 2
        beyond = z2 > _MEDIAN_CHI2 * (1 + middle * middle * weight)
        if float(share[beyond].sum()) > most * float(share.sum()):
            low = middle
        else:
            high = middle
    return max(custom, round(high, 3))
