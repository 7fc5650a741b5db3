"""What a lot looks like to a model that learns from verified cases: prices, and who bid with whom.

Every price screen enters as its distance from lots alike in category, size and number of bidders
(``graph.price_peers``), so that the model can't learn how many firms bid instead of how they bid: on a
real set of convicted cases a published recipe of raw screens with AUC 0.81 falls to 0.50 once number
of bidders and year are held fixed. Year, identity of firms and number of rows are never features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from detectors.bid_rigging._market import Bids
from graph.cobidding import Floats, Groups, Ints
from graph.price_peers import peer_strata
from graph.screens import SHAPES, lot_screens, subgroup_screens

# Screens by which a partial cartel shows among its lot's subgroups of three and four bids.
_SUBGROUP = (("least", "cv"), ("most", "rdnor"), ("most", "diffp"), ("least", "ks"))
_TO_LIMITS = ("low_top", "mean_top", "low_floor", "mean_floor")
# Ratios: what doubles one lot's figure counts as much as what doubles another's.
_RATIOS = ("cv", "spd", "diffp", "rd", "rdnor", "least_cv", "most_rdnor", "most_diffp", *_TO_LIMITS)
_LEAST_RATIO = 1e-4
# Peers of a stratum count as so many lots of the whole besides: of two or three nothing is known.
_LENT = 5
_MOST_SURPRISE = 9.0

LABELS: dict[str, str] = {
    "cv": "报价离散系数",
    "spd": "最高最低报价之差",
    "diffp": "最低两个报价的相对差距",
    "rd": "最低两个报价之差与其余报价离散之比",
    "rdnor": "最低两个报价之差与平均间距之比",
    "skew": "报价偏度",
    "kurt": "报价峰度",
    "ks": "报价偏离均匀分布的程度",
    "low_top": "最低报价与最高限价之比",
    "mean_top": "平均报价与最高限价之比",
    "low_floor": "最低报价与最低限价之比",
    "mean_floor": "平均报价与最低限价之比",
    "least_cv": "三四家子组中最小的离散系数",
    "most_rdnor": "三四家子组中最大的首差间距比",
    "most_diffp": "三四家子组中最大的首差",
    "least_ks": "三四家子组中最接近均匀的程度",
    "group_share": "属于同一反复同场团体的投标人占比",
    "group_surprise": "该团体同场超出随机的程度（p值的负对数）",
    "group_effect": "该团体同场次数与随机期望之比（对数）",
    "group_coherence": "该团体的一致度",
    "group_exclusivity": "该团体的封闭度",
    "group_wins": "团体参加的标段由成员中标的比例",
    "group_turns": "成员分享中标的均匀程度",
    "group_cover": "多次参加而从未中标的成员占比",
}
"""Features and what they are called, in order."""

_LEAST_BIDS = 5
"""Bids after which never having won says something."""


@dataclass(frozen=True)
class Features:
    """One row a lot, one column a feature (``names``); 0 where a lot says nothing of it."""

    names: tuple[str, ...]
    values: Floats


def price_features(
    lot: Ints,
    amount: Floats,
    category: Ints,
    ceiling: Floats,
    floor: Floats,
    size: Floats | None = None,
) -> Features:
    """Compare the screens of lots with those of their peers.

    Parameters
    ----------
    lot : (n_bids,) int64
    amount : (n_bids,) float64
        Yuan; bids that were turned down are left out by the caller.
    category : (n_lots,) int64
    ceiling, floor : (n_lots,) float64
        NaN where there is none.
    size : (n_lots,) float64, optional
        By what lots are told big from small; else the ceiling.

    Returns
    -------
    Features
        Distance from the peers' mean; 0 also where a screen is undefined.
    """
    n = len(category)
    usable = np.isfinite(amount) & (amount > 0)
    crowd = np.bincount(lot[usable], minlength=n)
    stratum = peer_strata(category, ceiling if size is None else size, crowd)
    own = lot_screens(lot, amount, ceiling, floor, n)
    inner = subgroup_screens(lot, amount, n)
    figures = {name: getattr(own, name) for name in (*SHAPES, *_TO_LIMITS)}
    for which, name in _SUBGROUP:
        figures[f"{which}_{name}"] = getattr(getattr(inner, which), name)
    columns = [_beside_peers(name, value, stratum) for name, value in figures.items()]
    return Features(tuple(figures), np.column_stack(columns))


def _beside_peers(name: str, value: Floats, stratum: Ints) -> Floats:
    """Distance of each figure (ratios by their logarithm) from the mean of its stratum."""
    known = ~np.isnan(value)
    if not known.any():
        return np.zeros(len(value))
    figure = np.log(np.maximum(value, _LEAST_RATIO)) if name in _RATIOS else value
    whole = figure[known].mean()
    count = np.bincount(stratum[known], minlength=int(stratum.max()) + 1)
    total = np.bincount(stratum[known], weights=figure[known], minlength=len(count))
    middle = (total + _LENT * whole) / (count + _LENT)
    return np.where(known, figure - middle[stratum], 0.0)


def lot_features(bids: Bids, groups: Groups) -> Features:
    """Describe every lot of a market by its prices and by the group that its bidders belong to.

    Parameters
    ----------
    bids : Bids
    groups : Groups
        Members are positions in ``bids.bidders``.
    """
    category = pd.factorize(bids.category)[0].astype(np.int64)
    in_play = ~bids.disqualified
    size = np.where(np.isfinite(bids.ceiling), bids.ceiling, bids.award)
    prices = price_features(
        bids.lot[in_play], bids.amount[in_play], category, bids.ceiling, bids.floor, size
    )
    meeting = _group_features(bids, groups)
    return Features(
        (*prices.names, *meeting.names), np.column_stack([prices.values, meeting.values])
    )


def _group_features(bids: Bids, groups: Groups) -> Features:
    names = tuple(name for name in LABELS if name.startswith("group_"))
    n_lots, n_bidders = len(bids.lots), len(bids.bidders)
    values = np.zeros((n_lots, len(names)))
    if not groups.groups or not n_lots:
        return Features(names, values)
    attended = _incidence(bids.lot, bids.bidder, (n_lots, n_bidders))
    won = _incidence(bids.lot[bids.won], bids.bidder[bids.won], (n_lots, n_bidders))
    rows = np.concatenate([np.full(len(g.members), i) for i, g in enumerate(groups.groups)])
    members = np.concatenate([np.array(g.members, dtype=np.int64) for g in groups.groups])
    belongs = _incidence(members, rows, (n_bidders, len(groups.groups)))
    here = (attended @ belongs).tocsc()
    bidders = np.bincount(bids.lot, minlength=n_lots)
    best = np.zeros(n_lots)
    for i, group in enumerate(groups.groups):
        lots = here.indices[here.indptr[i] : here.indptr[i + 1]]
        count = here.data[here.indptr[i] : here.indptr[i + 1]]
        # Two of three firms that met by chance are no group's lot; all of two may be.
        joint = (count >= 3) | (count == bidders[lots])
        lots, count = lots[joint & (count >= 2)], count[joint & (count >= 2)]
        if not len(lots):
            continue
        surprise = min(-np.log10(max(group.p, 10.0**-_MOST_SURPRISE)), _MOST_SURPRISE)
        better = surprise > best[lots]
        lots, count = lots[better], count[better]
        best[lots] = surprise
        outcome = _outcomes(won, attended, np.array(group.members), lots)
        values[lots] = np.column_stack(
            [
                count / bidders[lots],
                np.full(len(lots), surprise),
                np.full(len(lots), np.log(max(group.effect, 1e-9))),
                np.full(len(lots), group.coherence),
                np.full(len(lots), group.exclusivity),
                *(np.full(len(lots), figure) for figure in outcome),
            ]
        )
    return Features(names, values)


def _outcomes(won: Any, attended: Any, members: Ints, lots: Ints) -> tuple[float, float, float]:
    """Share of joint lots that members won, evenness of their shares, share that never won."""
    wins = np.asarray(won[lots][:, members].sum(axis=0)).ravel()
    bids = np.asarray(attended[lots][:, members].sum(axis=0)).ravel()
    total = wins.sum()
    share = wins[wins > 0] / total if total else np.zeros(0)
    evenness = float(-(share * np.log(share)).sum() / np.log(len(members))) if total else 0.0
    often = bids >= _LEAST_BIDS
    never = float((wins[often] == 0).mean()) if often.any() else 0.0
    return min(float(total) / len(lots), 1.0), evenness, never


def _incidence(row: Ints, column: Ints, shape: tuple[int, int]) -> Any:
    return sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=shape)
