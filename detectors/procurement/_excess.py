"""Buyers, and buyers with suppliers, to whom something happens more often than to their peers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detectors.detector import setting
from detectors.procurement._market import Bools, code
from graph.cobidding import false_discovery
from graph.peers import Excess, Floats, Ints, Peers, excess, peer_rates

BUYER = ("purchaser_entity",)
PAIR = ("purchaser_entity", "winner")
WINNER = ("winner",)


@dataclass(frozen=True)
class PeerSettings:
    """Thresholds that the comparisons with peers share."""

    least_lots: int = setting(
        8, unit="个标段", reason="可比标段少于此数的采购人，偶然波动太大", least=2
    )
    least_won: int = setting(
        5, unit="个标段", reason="同一供应商在同一采购人处中标少于此数的，不单独比较", least=2
    )
    least_hits: int = setting(
        4, unit="个标段", reason="一两个标段出现不说明问题，须反复出现", least=2
    )
    least_effect: float = setting(
        2.0, unit="倍", reason="标段很多时很小的偏离也会显著，须同时有实际意义", least=1.0
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部采购人和供应商一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    least_peers: int = setting(
        20, unit="个标段", reason="可比分组内其他单位的标段少于此数时并入较粗的分组", least=5
    )
    least_spread: float = setting(
        0.3,
        unit="无",
        reason="单位之间比例本来有高有低：对数发生比的标准差至少按此计，数据显示更大的按数据计",
        least=0.0,
        most=3.0,
    )


@dataclass(frozen=True)
class Stood:
    """A buyer, a buyer with a supplier, or a supplier that stands out.

    ``lots``: its trials, with ``hit`` and ``excuse``; ``also``: suppliers that stand out at this
    buyer, most hits first. ``peer_lots``: trials of others compared with (median over its own).
    """

    buyer: str | None
    supplier: str | None
    lots: pd.DataFrame
    expected: float
    peer_rate: float
    peer_lots: int
    level: int
    spread: float
    p: float
    q: float
    tested: int
    also: tuple[str, ...] = ()

    @property
    def clean(self) -> pd.DataFrame:
        """Trials without those set aside."""
        return self.lots[self.lots["excuse"].isna()]

    @property
    def hits(self) -> pd.DataFrame:
        """Trials in which it happened, without those set aside."""
        clean = self.clean
        return clean[clean["hit"]]

    @property
    def effect(self) -> float:
        """Hits over hits expected; an expectation below a half counts as a half."""
        return round(len(self.hits) / max(self.expected, 0.5), 3)

    def excused(self, key: str) -> int:
        """How many of its trials an innocent explanation sets aside."""
        return int((self.lots["excuse"] == key).sum())


@dataclass(frozen=True)
class Compared:
    """The outcome over all subjects; the counts are those of ``detectors.detector.Result``."""

    stood: tuple[Stood, ...] = ()
    subjects: int = 0
    triggered: int = 0
    insufficient: int = 0
    cleared: dict[str, int] = field(default_factory=dict)
    buyers: int = 0


@dataclass(frozen=True)
class _Group:
    """One way of saying who is the subject, and its test."""

    by: tuple[str, ...]
    subject: Ints
    first: pd.DataFrame
    peers: Peers
    tested: Bools
    outcome: Excess


def compare(
    lots: pd.DataFrame,
    keys: Sequence[tuple[str, ...]],
    groupings: Sequence[tuple[str, ...]],
    settings: PeerSettings,
) -> Compared:
    """Compare buyers and suppliers with their peers.

    Parameters
    ----------
    lots : DataFrame
        Trials: those of ``_market.lots_of`` with ``hit`` (bool) and ``excuse`` (key of an innocent
        explanation that sets the lot aside, or None).
    keys : sequence of tuple of str
        Columns that make lots comparable, finest way first.
    groupings : sequence of tuple of str
        Of ``BUYER``, ``PAIR``, ``WINNER``; corrected for false discoveries together.
    settings : PeerSettings

    Returns
    -------
    Compared
        A subject is cleared when it would stand out if the lots set aside were counted.
    """
    if lots.empty:
        return Compared()
    clean = _groups(lots[lots["excuse"].isna()], keys, groupings, settings)
    stood = _standing(clean, lots, settings)
    flagged = {(s.buyer, s.supplier) for s in stood}
    explained: Counter[str] = Counter()
    freed: set[tuple[str | None, str | None]] = set()
    if lots["excuse"].notna().any():
        for one in _standing(_groups(lots, keys, groupings, settings), lots, settings, raw=True):
            who = (one.buyer, one.supplier)
            known = one.supplier is None or len(one.clean) >= settings.least_won
            if who in flagged or not known:
                # Pairs of few comparable lots are no subjects; their buyer is.
                continue
            odd = Counter(one.lots.loc[one.lots["hit"], "excuse"].dropna())
            if odd:
                explained[min(odd, key=lambda k: (-odd[k], k))] += 1
                freed.add(who)
    short = _short(lots, settings)
    buyers = lots["purchaser_entity"].nunique()
    pairs = sum(int(g.tested.sum()) for g in clean if g.by != BUYER)
    return Compared(
        stood=_gathered(stood),
        subjects=buyers + pairs,
        triggered=len(stood),
        insufficient=len([b for b in short if (b, None) not in freed]),
        cleared=dict(sorted(explained.items())),
        buyers=buyers,
    )


def _short(lots: pd.DataFrame, settings: PeerSettings) -> list[str]:
    """Buyers with too few trials that aren't set aside."""
    usable = lots["excuse"].isna().groupby(lots["purchaser_entity"]).sum()
    return [str(b) for b in usable.index[usable < settings.least_lots]]


def _groups(
    lots: pd.DataFrame,
    keys: Sequence[tuple[str, ...]],
    groupings: Sequence[tuple[str, ...]],
    settings: PeerSettings,
) -> list[_Group]:
    strata = [code(lots, key) for key in keys]
    groups = []
    for by in groupings:
        inside = lots[list(by)].notna().all(axis=1).to_numpy()
        owner = code(lots, by[:1])
        peers = peer_rates(lots["hit"].to_numpy(), owner, strata, settings.least_peers)
        peers = peers.of(inside)
        mine = lots[inside]
        subject = code(mine, by)
        hit = mine["hit"].to_numpy()
        outcome = excess(
            hit,
            peers.rate,
            subject,
            least_spread=settings.least_spread,
            least_effect=settings.least_effect,
            doubt=peers.doubt,
        )
        least = settings.least_lots if by == BUYER else settings.least_won
        first = mine.assign(subject=subject).drop_duplicates("subject").sort_values("subject")
        groups.append(_Group(by, subject, first, peers, outcome.trials >= least, outcome))
    return groups


def _standing(
    groups: Sequence[_Group], lots: pd.DataFrame, settings: PeerSettings, raw: bool = False
) -> list[Stood]:
    """Return the subjects that stand out; ``raw``: lots set aside count."""
    p = np.concatenate([g.outcome.p[g.tested] for g in groups])
    q_all: Floats = false_discovery(p)
    found, done = [], 0
    for group in groups:
        out = group.outcome
        q = np.ones(len(out.p))
        q[group.tested] = q_all[done : done + int(group.tested.sum())]
        done += int(group.tested.sum())
        effect = np.round(out.hits / np.maximum(out.expected, 0.5), 3)
        chosen = group.tested & (q <= settings.false_discovery)
        chosen &= (out.hits >= settings.least_hits) & (effect >= settings.least_effect)
        for i in np.flatnonzero(chosen):
            found.append(_stood(group, int(i), lots, float(q[i]), len(p)))
    return found


def _stood(group: _Group, i: int, lots: pd.DataFrame, q: float, tested: int) -> Stood:
    who = {column: str(group.first.iloc[i][column]) for column in group.by}
    held = np.logical_and.reduce([(lots[c] == v).to_numpy() for c, v in who.items()])
    mine = group.subject == i
    level = Counter(group.peers.level[mine].tolist())
    return Stood(
        buyer=who.get("purchaser_entity"),
        supplier=who.get("winner"),
        lots=lots[held],
        expected=float(group.outcome.expected[i]),
        peer_rate=float(group.peers.rate[mine].mean()),
        peer_lots=int(np.median(group.peers.others[mine])),
        level=min(level, key=lambda k: (-level[k], k)),
        spread=group.outcome.spread,
        p=float(group.outcome.p[i]),
        q=q,
        tested=tested,
    )


def _gathered(stood: Sequence[Stood]) -> tuple[Stood, ...]:
    """One entry a buyer that stands out, with its suppliers; pairs and suppliers beside it.

    A supplier that stands out over all its buyers is told once, with those buyers where they are
    not told already.
    """
    buyers = {s.buyer for s in stood if s.supplier is None}
    pairs = [s for s in stood if s.buyer is not None and s.supplier is not None]
    told: list[Stood] = []
    for one in stood:
        if one.supplier is None:
            mine = sorted(
                (p for p in pairs if p.buyer == one.buyer),
                key=lambda p: (-len(p.hits), str(p.supplier)),
            )
            also = tuple(str(p.supplier) for p in mine)
            told.append(Stood(**{**one.__dict__, "also": also}))
        elif (one.buyer is None and one.supplier not in {p.supplier for p in pairs}) or (
            one.buyer is not None and one.buyer not in buyers
        ):
            told.append(one)
    return tuple(sorted(told, key=lambda s: (str(s.buyer), str(s.supplier))))
