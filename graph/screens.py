"""Price screens: what the bids of one lot look like beside each other.

Formulas on bids b_1 <= … <= b_n of one lot, mean m and sample standard deviation s (n - 1):

=============  =====================================================================  ======
``cv``         s / m                                                                  n >= 2
``spd``        (b_n - b_1) / b_1                                                      n >= 2
``diffp``      (b_2 - b_1) / b_1                                                      n >= 2
``rd``         (b_2 - b_1) / standard deviation of the losing bids b_2 … b_n          n >= 3
``rdnor``      (b_2 - b_1) / mean gap of neighbouring bids = (n-1)(b_2-b_1)/(b_n-b_1)  n >= 3
``skew``       n / ((n-1)(n-2)) · Σ((b-m)/s)³                                         n >= 3
``kurt``       n(n+1)/((n-1)(n-2)(n-3)) · Σ((b-m)/s)⁴ - 3(n-1)²/((n-2)(n-3))          n >= 4
``ks``         greatest distance of the bids' distribution from the uniform one       n >= 3
               on [b_1, b_n] (Kolmogorov–Smirnov)
``low_top``    b_1 / ceiling price          ``mean_top``    m / ceiling price         n >= 1
``low_floor``  b_1 / floor price            ``mean_floor``  m / floor price           n >= 1
=============  =====================================================================  ======

Sources: D. Imhof, Simple statistical screens to detect bid rigging, Working Papers SES 484,
Université de Fribourg (2017) for cv, diffp, rd, skew, kurt; M. Huber and D. Imhof, Int. J. Ind.
Organ. 65, 277 (2019) for spd, rdnor, ks; H. Wallimann, D. Imhof and M. Huber, Comput. Econ. (2022)
for the screens of all subgroups of three and four bids, which see a cartel that some honest
outsiders bid against. The prices relative to ceiling and floor are ours.

NaN stands where a screen is undefined: too few bids, no spread, no ceiling. A cartel may lie at
either end of most of these: cover bids far above the winner raise ``diffp``, mimicry lowers it.
Values mean something only beside like lots (``graph.price_peers``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Cells of one block of work: a few arrays of this size fit into the cache.
_CELLS = 1 << 19
# Of a crowded lot's subgroups so many are drawn, spread evenly over all of them.
_MOST_SUBGROUPS = 500


@dataclass(frozen=True)
class Screens:
    """One value of every screen for each of (n,) lots; formulas above."""

    cv: Floats
    spd: Floats
    diffp: Floats
    rd: Floats
    rdnor: Floats
    skew: Floats
    kurt: Floats
    ks: Floats
    low_top: Floats
    mean_top: Floats
    low_floor: Floats
    mean_floor: Floats

    @classmethod
    def empty(cls, n: int) -> Screens:
        """All NaN, for ``n`` lots."""
        return cls(*(np.full(n, np.nan) for _ in fields(cls)))


SHAPES: tuple[str, ...] = ("cv", "spd", "diffp", "rd", "rdnor", "skew", "kurt", "ks")


@dataclass(frozen=True)
class SubgroupScreens:
    """Least, mean, median and greatest value of each screen over a lot's subgroups."""

    least: Screens
    mean: Screens
    median: Screens
    most: Screens


def lot_screens(
    lot: ArrayLike,
    amount: ArrayLike,
    ceiling: ArrayLike | None = None,
    floor: ArrayLike | None = None,
    n_lots: int | None = None,
) -> Screens:
    """Compute every screen for every lot.

    Parameters
    ----------
    lot : int array of shape (n_bids,)
        The lot of each bid, numbered from 0, in any order. For the screens of a group of bidders
        pass its own bids only, with lots numbered anew.
    amount : array of shape (n_bids,)
        Prices in yuan; those that are not positive numbers are left out.
    ceiling, floor : arrays of shape (n_lots,), optional
        Highest and lowest price allowed, NaN where there is none.
    n_lots : int, optional
        Number of lots where some have no bid; else the greatest lot number and one.

    Returns
    -------
    Screens
        Arrays of shape (n_lots,).

    Examples
    --------
    >>> found = lot_screens([0, 0, 0, 1], [100.0, 110.0, 120.0, 7.0], ceiling=[125.0, np.nan])
    >>> found.diffp.round(3).tolist(), found.rdnor.round(3).tolist()
    ([0.1, nan], [1.0, nan])
    >>> found.low_top.tolist()
    [0.8, nan]
    """
    out = Screens.empty(_count(lot, ceiling, n_lots))
    for lots, bids in by_size(lot, amount):
        _fill(out, lots, bids)
    _relative(out, lot, amount, ceiling, floor)
    return out


def subgroup_screens(
    lot: ArrayLike, amount: ArrayLike, n_lots: int | None = None
) -> SubgroupScreens:
    """Summarise the screens of all subgroups of three and four bids of every lot.

    Parameters
    ----------
    lot, amount, n_lots
        As for :func:`lot_screens`. Lots of more than twelve bids have hundreds of subgroups or
        more: an even choice of 500 is taken of each size.

    Returns
    -------
    SubgroupScreens
        Shapes (cv … ks) of lots of three bids and more; NaN elsewhere and for prices relative to
        ceiling and floor, which say the same of a subgroup as of a lot.

    Examples
    --------
    >>> found = subgroup_screens([0, 0, 0, 0], [100.0, 101.0, 102.0, 150.0])
    >>> found.least.cv.round(4).tolist(), found.most.cv.round(4).tolist()
    ([0.0099], [0.2443])
    """
    n = _count(lot, None, n_lots)
    out = SubgroupScreens(*(Screens.empty(n) for _ in range(4)))
    for lots, bids in by_size(lot, amount):
        size = bids.shape[1]
        if size < 3:
            continue
        chosen = [c for r in (3, 4) if r <= size for c in _subgroups(size, r)]
        of_three = np.array([c for c in chosen if len(c) == 3], dtype=np.int64)
        of_four = np.array([c for c in chosen if len(c) == 4], dtype=np.int64).reshape(-1, 4)
        step = max(1, _CELLS // (3 * len(of_three) + 4 * max(len(of_four), 1)))
        for start in range(0, len(lots), step):
            block, here = bids[start : start + step], lots[start : start + step]
            parts = [shapes(block[:, of_three])]
            if len(of_four):
                parts.append(shapes(block[:, of_four]))
            for name in SHAPES:
                if defined := [p[name] for p in parts if name in p]:
                    _summarise(out, name, here, np.concatenate(defined, axis=1))
    return out


def by_size(lot: ArrayLike, amount: ArrayLike) -> Iterator[tuple[Ints, Floats]]:
    """Yield lots of equal numbers of bids together: their numbers (k,), sorted bids (k, n).

    Parameters
    ----------
    lot, amount
        As for :func:`lot_screens`.

    Examples
    --------
    >>> [(lots.tolist(), bids.tolist()) for lots, bids in by_size([1, 0, 1], [5.0, 4.0, 3.0])]
    [([0], [[4.0]]), ([1], [[3.0, 5.0]])]
    """
    number = np.asarray(lot, dtype=np.int64)
    price = np.asarray(amount, dtype=np.float64)
    usable = np.isfinite(price) & (price > 0)
    number, price = number[usable], price[usable]
    if not len(number):
        return
    order = np.lexsort((price, number))
    number, price = number[order], price[order]
    first = np.flatnonzero(np.concatenate([[True], number[1:] != number[:-1]]))
    sizes = np.diff(np.append(first, len(number)))
    for size in np.unique(sizes):
        starts = first[sizes == size]
        yield number[starts], price[starts[:, None] + np.arange(size)]


def _count(lot: ArrayLike, ceiling: ArrayLike | None, n_lots: int | None) -> int:
    if n_lots is not None:
        return n_lots
    if ceiling is not None:
        return len(np.asarray(ceiling))
    number = np.asarray(lot)
    return int(number.max()) + 1 if len(number) else 0


def _fill(out: Screens, lots: Ints, bids: Floats) -> None:
    if bids.shape[1] < 2:
        return
    for name, values in shapes(bids).items():
        getattr(out, name)[lots] = values


def shapes(bids: Floats) -> dict[str, Floats]:
    """Screens of sorted bids along the last axis.

    Parameters
    ----------
    bids : (..., n) float64
        Positive prices, rising, two or more.

    Returns
    -------
    dict
        Screen (``cv`` … ``ks``) → (...,) float64; those not defined for so few bids are left out.

    Examples
    --------
    >>> sorted(shapes(np.array([[100.0, 103.0]])))
    ['cv', 'diffp', 'spd']
    """
    n = bids.shape[-1]
    low, high = bids[..., 0], bids[..., -1]
    gap, span = bids[..., 1] - low, high - low
    mean = bids.mean(axis=-1)
    centred = bids - mean[..., None]
    squares = centred * centred
    variance = squares.sum(axis=-1) / (n - 1)
    # Sums of equal prices may differ from them by the last digit: no spread is exactly none.
    deviation = np.where(span > 0, np.sqrt(variance), 0.0)
    out = {"cv": deviation / mean, "spd": span / low, "diffp": gap / low}
    if n < 3:
        return out
    with np.errstate(divide="ignore", invalid="ignore"):
        losing = bids[..., 1:].std(axis=-1, ddof=1)
        # Equal losing bids leave nothing to measure the gap by.
        out["rd"] = np.where(high > bids[..., 1], gap / losing, np.nan)
        out["rdnor"] = np.where(span > 0, (n - 1) * gap / span, np.nan)
        scale = np.where(span > 0, variance, np.nan)
        out["skew"] = (
            n / ((n - 1) * (n - 2)) * (squares * centred).sum(axis=-1) / (scale * np.sqrt(scale))
        )
        at = (bids - low[..., None]) / np.where(span > 0, span, np.nan)[..., None]
        above = np.arange(1, n + 1) / n - at
        out["ks"] = np.maximum(above.max(axis=-1), (1 / n - above).max(axis=-1))
        if n >= 4:
            fourth = (squares * squares).sum(axis=-1) / (scale * scale)
            out["kurt"] = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * fourth - 3 * (
                n - 1
            ) ** 2 / ((n - 2) * (n - 3))
    return out


def _relative(
    out: Screens,
    lot: ArrayLike,
    amount: ArrayLike,
    ceiling: ArrayLike | None,
    floor: ArrayLike | None,
) -> None:
    for bound, low, mean in (
        (ceiling, out.low_top, out.mean_top),
        (floor, out.low_floor, out.mean_floor),
    ):
        if bound is None:
            continue
        limit = np.asarray(bound, dtype=np.float64)
        limit = np.where(limit > 0, limit, np.nan)
        for lots, bids in by_size(lot, amount):
            low[lots] = bids[:, 0] / limit[lots]
            mean[lots] = bids.mean(axis=1) / limit[lots]


def _subgroups(n: int, size: int) -> list[tuple[int, ...]]:
    """Positions of all subgroups of ``size`` out of n sorted bids, or an even choice of them."""
    total = comb(n, size)
    if total <= _MOST_SUBGROUPS:
        return list(combinations(range(n), size))
    # Drawn with one seed, so that every lot of this size is measured by the same choice.
    rng = np.random.default_rng([n, size])
    drawn = {
        tuple(sorted(rng.choice(n, size, replace=False).tolist())) for _ in range(_MOST_SUBGROUPS)
    }
    return sorted(drawn)


def _summarise(out: SubgroupScreens, name: str, lots: Ints, values: Floats) -> None:
    """Put least, mean, median and greatest of (lots, subgroups) values where they belong."""
    missing = np.isnan(values)
    if missing.any():
        # Rare: bids alike. Rows with nothing left stay NaN.
        held = ~missing.all(axis=1)
        lots, values = lots[held], values[held]
        if len(lots):
            getattr(out.least, name)[lots] = np.nanmin(values, axis=1)
            getattr(out.mean, name)[lots] = np.nanmean(values, axis=1)
            getattr(out.median, name)[lots] = np.nanmedian(values, axis=1)
            getattr(out.most, name)[lots] = np.nanmax(values, axis=1)
        return
    getattr(out.least, name)[lots] = values.min(axis=1)
    getattr(out.mean, name)[lots] = values.mean(axis=1)
    getattr(out.median, name)[lots] = np.median(values, axis=1)
    getattr(out.most, name)[lots] = values.max(axis=1)
