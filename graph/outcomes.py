"""Who wins inside a group of bidders: turns, even shares and territories, tested against chance.

A contest is an award that a member won with another member bidding too. Chance means: the winner
is drawn among the members who bid, each with its own weight. Weights may differ by member, by
place and kind of work, and by what happened before (a firm busy with its last contract, a firm
that has worked in the place already), so that honest reasons for the same picture are part of
what is compared with. Attendance is kept as it is: a firm that stays away while busy explains
itself.

Patterns are scored step by step, and p-values come from importance sampling (P. Glasserman,
Monte Carlo Methods in Financial Engineering, 2003, chapter 4.6): winners are drawn with more and
more pull towards the pattern, every draw weighted by how much less often chance would give it (the
balance heuristic of E. Veach and L. Guibas, 1995). That resolves p-values far below one over the
number of draws, which a correction for many groups needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graph.cobidding import LEAST_P, Floats, Ints

Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
# (draws, members) numbers of the state before a contest → factors on the members' weights.
Factor = Callable[["State", int], Floats]

# Pulls towards a pattern scored by ranks: the strongest makes the best fit of twelve near certain.
_PULLS = (0.0, 1.5, 4.0, 10.0, 30.0, 80.0)
_QUICK = 200
_DRAWS = 1200
_ENOUGH = 12


@dataclass(frozen=True)
class Contests:
    """Awards among the members of one group, in order of time.

    Parameters
    ----------
    attended : (n, members) bool
        At least two a row, the winner among them.
    winner : (n,) int64
        Which member won.
    day : (n,) datetime64[D]
        Not falling.
    place : (n,) int64
        Number of the area, -1 where unknown.
    kind : (n,) int64
        Number of the category, -1 where unknown.
    """

    attended: Bools
    winner: Ints
    day: Days
    place: Ints
    kind: Ints


@dataclass
class State:
    """What has happened so far in a number of draws side by side.

    ``wait``: contests a member attended since it last won (draws, members); ``wins``; ``here``:
    wins in each place (draws, members, places); ``last``: day of the last win as a number;
    ``foremost``: a member drawn for each place (draws, places).
    """

    wait: Floats
    wins: Floats
    here: Floats
    last: Floats
    foremost: Ints

    @classmethod
    def fresh(cls, draws: int, members: int, places: int, rng: np.random.Generator) -> State:
        """Return the state before the first contest."""
        zero = np.zeros((draws, members))
        return cls(
            zero,
            zero.copy(),
            np.zeros((draws, members, places)),
            np.full_like(zero, -np.inf),
            # Another one in every place as far as there are: firms live apart.
            np.argsort(rng.random((draws, members)), axis=1)[:, np.arange(places) % members],
        )

    def step(self, attended: Bools, winner: Ints, place: int, day: float) -> None:
        """Let the winners of one contest win."""
        rows = np.arange(len(winner))
        self.wait += attended
        self.wait[rows, winner] = 0
        self.wins[rows, winner] += 1
        self.last[rows, winner] = day
        if place >= 0:
            self.here[rows, winner, place] += 1


class Pattern(Protocol):
    """A pattern that winners may follow."""

    @property
    def pulls(self) -> tuple[float, ...]:
        """Strengths of the pull towards the pattern that draws are made with; the first is none."""

    def scores(self, state: State, t: int) -> Floats:
        """How well each member's winning contest ``t`` would fit (draws, members)."""

    def value(self, total: Floats, state: State) -> Floats:
        """The statistic at the end: from the winners' summed scores and the last state."""


def _mid_ranks(value: Floats, there: Bools) -> Floats:
    """Rank the values of those present, from -1/2 to 1/2 with 0 for the middle; 0 for others."""
    seen = np.round(value[:, there], 6)
    below = (seen[:, :, None] > seen[:, None, :]).sum(axis=2)
    same = (seen[:, :, None] == seen[:, None, :]).sum(axis=2)
    out = np.zeros_like(value)
    out[:, there] = (below + same / 2) / there.sum() - 0.5
    return out


@dataclass(frozen=True)
class Turns:
    """Whoever has waited longest, in contests it attended, wins.

    The score is the winner's mid-rank among those present, 0 on average under equal chances.
    """

    contests: Contests
    pulls: tuple[float, ...] = _PULLS

    def scores(self, state: State, t: int) -> Floats:
        """Mid-rank of each member's wait, from -1/2 to 1/2."""
        return _mid_ranks(state.wait, self.contests.attended[t])

    def value(self, total: Floats, state: State) -> Floats:
        """Sum of scores."""
        return total


@dataclass(frozen=True)
class EvenShares:
    """Whoever is furthest behind its share wins, so that all end up with what is due to each.

    ``due``: wins of each member if all present had equal chances, summed up before each contest.
    Looked at all along the way, since what it comes to in the end says far less.
    """

    contests: Contests
    due: Floats
    pulls: tuple[float, ...] = _PULLS

    @classmethod
    def of(cls, contests: Contests) -> EvenShares:
        """Return the pattern for these contests."""
        due = contests.attended / contests.attended.sum(axis=1, keepdims=True)
        return cls(contests, np.cumsum(due, axis=0) - due)

    def scores(self, state: State, t: int) -> Floats:
        """Mid-rank of how far each member is behind, from -1/2 to 1/2."""
        return _mid_ranks(self.due[t] - state.wins, self.contests.attended[t])

    def value(self, total: Floats, state: State) -> Floats:
        """Sum of scores."""
        return total


@dataclass(frozen=True)
class Territories:
    """In every place the same member wins, and another elsewhere."""

    contests: Contests
    pulls: tuple[float, ...] = (0.0, 1.5, 4.0, 8.0)

    def scores(self, state: State, t: int) -> Floats:
        """Share of the place's awards that a member has won so far."""
        place = int(self.contests.place[t])
        if place < 0:
            return np.zeros_like(state.wait)
        here = state.here[:, :, place]
        return np.asarray((here + 0.1) / (here.sum(axis=1, keepdims=True) + 0.1))

    def value(self, total: Floats, state: State) -> Floats:
        """Log-likelihood ratio of winner and place, less that of winners who win everywhere."""
        here = state.here
        by_place = here.sum(axis=1)
        return np.asarray(
            _xlogx(here).sum(axis=(1, 2))
            - _xlogx(by_place).sum(axis=1)
            - _xlogx(here.sum(axis=2)).sum(axis=1)
        )


def chance_of(
    contests: Contests,
    pattern: Pattern,
    weights: Floats,
    rng: np.random.Generator,
    factor: Factor | None = None,
) -> float:
    """Chance that winners drawn at random follow a pattern as closely as those that were.

    Parameters
    ----------
    contests : Contests
    pattern : Pattern
    weights : (n, members) float64
        Positive; those of absent members don't count.
    rng : numpy Generator
    factor : function of (state, contest), optional
        What the weights are multiplied by, given what happened before.

    Returns
    -------
    float
        Estimate plus two of its standard errors, so that luck in drawing never makes a group
        stand out; at least 1e-9.
    """
    seen = _observed(contests, pattern)
    quick, weight = _draw(contests, pattern, weights, factor, (0.0,), _QUICK, rng)
    hits = quick >= seen - 1e-9
    if hits.sum() >= _ENOUGH:
        return float(hits.mean())
    values, weight = _draw(contests, pattern, weights, factor, pattern.pulls, _DRAWS, rng)
    part = np.where(values >= seen - 1e-9, weight, 0.0)
    if not part.any():
        return 3 / _DRAWS
    error = part.std() / np.sqrt(len(part))
    return float(np.clip(part.mean() + 2 * error, LEAST_P, 1.0))


def _observed(contests: Contests, pattern: Pattern) -> float:
    total, state = np.zeros(1), _fresh(contests, 1, np.random.default_rng(0))
    days = contests.day.astype("datetime64[D]").astype(np.float64)
    for t, winner in enumerate(contests.winner):
        total = total + pattern.scores(state, t)[:, winner]
        state.step(contests.attended[t], np.array([winner]), int(contests.place[t]), days[t])
    return float(pattern.value(total, state)[0])


def _fresh(contests: Contests, draws: int, rng: np.random.Generator) -> State:
    places = max(int(contests.place.max(initial=-1)) + 1, 1)
    return State.fresh(draws, contests.attended.shape[1], places, rng)


def _draw(
    contests: Contests,
    pattern: Pattern,
    weights: Floats,
    factor: Factor | None,
    pulls: tuple[float, ...],
    draws: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return (statistic, weight) of draws made with each pull in equal number."""
    pull = np.array(pulls)
    own = np.repeat(np.arange(len(pull)), draws // len(pull))
    n = len(own)
    state, total = _fresh(contests, n, rng), np.zeros(n)
    # Log chance of each path as drawn with each pull, relative to no pull.
    relative = np.zeros((n, len(pull)))
    rows = np.arange(n)
    days = contests.day.astype("datetime64[D]").astype(np.float64)
    for t in range(len(contests.winner)):
        there = contests.attended[t]
        chance = np.where(there, weights[t], 0.0)[None, :]
        if factor is not None:
            chance = chance * factor(state, t)
        chance = np.broadcast_to(chance / chance.sum(axis=1, keepdims=True), (n, len(there)))
        score = pattern.scores(state, t)
        tilt = np.exp(score[:, :, None] * pull)
        norm = (chance[:, :, None] * tilt).sum(axis=1)
        drawn_from = chance * tilt[rows, :, own] / norm[rows, own][:, None]
        edge = np.cumsum(drawn_from, axis=1)
        winner = (rng.random(n)[:, None] * edge[:, -1:] >= edge).sum(axis=1)
        won = score[rows, winner]
        total += won
        relative += won[:, None] * pull - np.log(norm)
        state.step(there, winner, int(contests.place[t]), days[t])
    # Chance alone over the mixture of all pulls.
    top = relative.max(axis=1)
    weight = np.exp(-top) / np.exp(relative - top[:, None]).mean(axis=1)
    return pattern.value(total, state), weight


# -- weights -------------------------------------------------------------------------------------


def equal_weights(contests: Contests) -> Floats:
    """Weights under which all who are present have the same chance (n, members)."""
    return np.ones(contests.attended.shape)


def fitted_weights(contests: Contests, cell: Ints | None = None, hold: float = 2.0) -> Floats:
    """Weights as the members' own record has them, over all or in each cell.

    Parameters
    ----------
    contests : Contests
    cell : (n,) int64, optional
        Number of each contest's place or kind; -1 (unknown) is a cell of its own.
    hold : float
        How many expected wins equal chances count for beside the record over all, and that beside
        the record of a cell with few contests.

    Returns
    -------
    (n, members) float64

    Examples
    --------
    >>> there = np.ones((4, 2), dtype=bool)
    >>> day = np.datetime64("2022-01-01") + np.arange(4)
    >>> none = np.zeros(4, dtype=np.int64)
    >>> made = Contests(there, np.array([0, 0, 0, 1]), day, none, none)
    >>> fitted_weights(made)[0].tolist()
    [1.25, 0.75]
    """
    there = contests.attended
    n, members = there.shape
    due = there / there.sum(axis=1, keepdims=True)
    won = np.zeros((n, members))
    won[np.arange(n), contests.winner] = 1
    overall = (won.sum(axis=0) + hold) / (due.sum(axis=0) + hold)
    if cell is None:
        return np.broadcast_to(overall, (n, members)).copy()
    number = np.unique(cell, return_inverse=True)[1]
    cells = int(number.max()) + 1
    in_won, in_due = np.zeros((cells, members)), np.zeros((cells, members))
    np.add.at(in_won, number, won)
    np.add.at(in_due, number, due)
    # A cell with many contests speaks for itself, so that territories make no turns.
    held = hold / (1 + in_due**2)
    return np.asarray(((in_won + held * overall) / (in_due + held))[number])


def busy_factor(contests: Contests, days: int, ratio: float) -> Factor:
    """Factor on the chances of a firm that won within the last ``days`` days."""
    when = contests.day.astype("datetime64[D]").astype(np.float64)

    def factor(state: State, t: int) -> Floats:
        return np.where(state.last > when[t] - days, ratio, 1.0)

    return factor


def local_factor(contests: Contests, foremost: float, home: float, at_home: Bools) -> Factor:
    """Factor on the chances of a place's foremost firm, and of those that sit there.

    Which member is foremost in a place is drawn anew for every draw: natural territories come
    about as firms happen to live.

    Parameters
    ----------
    contests : Contests
    foremost : float
        Odds of a place's foremost firm against others.
    home : float
        Odds of a firm seated in the place.
    at_home : (n, members) bool
        Whether a member's registered seat lies in the contest's place.
    """
    at_seat = np.where(at_home, home, 1.0)
    members = np.arange(at_home.shape[1])

    def factor(state: State, t: int) -> Floats:
        place = int(contests.place[t])
        if place < 0 or foremost == 1:
            return at_seat[t][None, :]
        first = state.foremost[:, place, None] == members
        return np.where(first, foremost, 1.0) * at_seat[t]

    return factor


# -- tests ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RotationTest:
    """How far winners take turns or share out.

    ``p``: twice the smaller of the two; ``longest``: contests won by who had waited longest (or
    one of them); ``due_longest``: how many under equal chances.
    """

    p: float
    turns: float
    shares: float
    longest: int
    due_longest: float

    @property
    def effect(self) -> float:
        """Contests won by who had waited longest, over what equal chances give."""
        return self.longest / self.due_longest if self.due_longest else 0.0


def rotation_test(contests: Contests, seed: int, busy: tuple[int, float]) -> RotationTest:
    """Test whether members take turns winning, or win more evenly than chance lets them.

    Parameters
    ----------
    contests : Contests
    seed : int
    busy : (days, ratio)
        How long a win keeps a firm busy, and the odds of a busy firm as the market at large has
        them (1: no less than others').

    Returns
    -------
    RotationTest
        Each p-value is the largest over equal chances and chances fitted by member, by place and
        by kind of work.
    """
    rng = np.random.default_rng([seed, len(contests.winner)])
    factor = busy_factor(contests, *busy) if busy[1] < 1 else None
    views = [equal_weights(contests), fitted_weights(contests)]
    views += [fitted_weights(contests, c) for c in (contests.place, contests.kind) if _several(c)]
    turns = _largest(contests, Turns(contests), views, rng, factor)
    shares = _largest(contests, EvenShares.of(contests), views, rng, factor)
    longest, due = longest_waiting(contests)
    return RotationTest(min(1.0, 2 * min(turns, shares)), turns, shares, longest, due)


@dataclass(frozen=True)
class TerritoryTest:
    """How far members win each in its own places.

    ``own``: contests won by the place's main winner; ``due_own``: how many under chance.
    """

    p: float
    own: int
    due_own: float

    @property
    def effect(self) -> float:
        """Contests won by the place's main winner, over what chance gives."""
        return self.own / self.due_own if self.due_own else 0.0


def territory_test(contests: Contests, seed: int, factor: Factor | None = None) -> TerritoryTest:
    """Test whether winner and place go together beyond chance, given who attended.

    Parameters
    ----------
    contests : Contests
        Those of unknown place carry nothing and may be left out.
    seed : int
    factor : function, optional
        Advantage of local firms in the market at large (:func:`local_factor`).

    Returns
    -------
    TerritoryTest
        ``p`` is the larger over equal chances and chances fitted by member.
    """
    rng = np.random.default_rng([seed, len(contests.winner), 1])
    views = [fitted_weights(contests), equal_weights(contests)]
    p = _largest(contests, Territories(contests), views, rng, factor)
    own = _main_wins(_counts(contests)[None])[0]
    drawn = _Main(contests)
    values, _ = _draw(contests, drawn, views[0], factor, (0.0,), _QUICK, rng)
    return TerritoryTest(p, int(own), float(values.mean()))


@dataclass(frozen=True)
class _Main(Territories):
    """Counts the wins of each place's main winner."""

    def value(self, total: Floats, state: State) -> Floats:
        return _main_wins(state.here)


def _main_wins(here: Floats) -> Floats:
    return np.asarray(here.max(axis=1).sum(axis=1))


def _counts(contests: Contests) -> Floats:
    """Wins by member and place."""
    out = np.zeros((contests.attended.shape[1], max(int(contests.place.max(initial=-1)) + 1, 1)))
    known = contests.place >= 0
    np.add.at(out, (contests.winner[known], contests.place[known]), 1)
    return out


def _largest(
    contests: Contests,
    pattern: Pattern,
    views: list[Floats],
    rng: np.random.Generator,
    factor: Factor | None,
) -> float:
    p = 0.0
    for weights in views:
        p = max(p, chance_of(contests, pattern, weights, rng, factor))
        # Nothing that follows could make it smaller.
        if p > 0.1:
            break
    return p


def _several(cell: Ints) -> bool:
    return len(np.unique(cell)) > 1


def longest_waiting(contests: Contests) -> tuple[int, float]:
    """Count contests won by who had waited longest, and how many equal chances would give.

    Examples
    --------
    >>> there = np.ones((4, 2), dtype=bool)
    >>> day = np.datetime64("2022-01-01") + np.arange(4)
    >>> none = np.zeros(4, dtype=np.int64)
    >>> longest_waiting(Contests(there, np.array([0, 1, 0, 1]), day, none, none))
    (4, 2.5)
    """
    state, won, due = _fresh(contests, 1, np.random.default_rng(0)), 0, 0.0
    for t, winner in enumerate(contests.winner):
        there = contests.attended[t]
        wait = np.where(there, state.wait[0], -1)
        first = wait == wait.max()
        won += bool(first[winner])
        due += first.sum() / there.sum()
        state.step(there, np.array([winner]), -1, 0.0)
    return won, float(due)


def _xlogx(x: Floats) -> Floats:
    return np.asarray(x * np.log(np.maximum(x, 1.0)))


def thin(contests: Contests, most: int) -> Contests:
    """Keep the last ``most`` contests of a long history.

    Examples
    --------
    >>> there = np.ones((4, 2), dtype=bool)
    >>> day = np.datetime64("2022-01-01") + np.arange(4)
    >>> none = np.zeros(4, dtype=np.int64)
    >>> len(thin(Contests(there, np.array([0, 0, 0, 1]), day, none, none), 3).winner)
    3
    """
    if len(contests.winner) <= most:
        return contests
    return replace(
        contests,
        attended=contests.attended[-most:],
        winner=contests.winner[-most:],
        day=contests.day[-most:],
        place=contests.place[-most:],
        kind=contests.kind[-most:],
    )
