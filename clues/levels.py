"""Levels 红、橙、黄: from signs and identity, by rules a reader can redo by hand.

Signs of one kind, or from one fact, count once. Figures are rounded to three places before any
comparison, and every bound is inclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from clues.model import Level
from detectors.detector import Identity, Reason

Q_SIGN = 0.05
Q_ORANGE = 0.001
_RANK: dict[Level, int] = {"yellow": 1, "orange": 2, "red": 3}
_CAPS: dict[Identity, Level] = {"certain": "red", "probable": "orange", "name_only": "yellow"}
_CAP_CHECKS: dict[Identity, str] = {
    "certain": "",
    "probable": "身份为推断一致，尚未确证：请先核对相关人员的完整身份证号码或企业统一社会信用代码是否一致",
    "name_only": "仅姓名相同，不能排除重名：请先核对相关人员的完整身份证号码，确认是否为同一人",
}


@dataclass(frozen=True)
class Decision:
    """How a level came about.

    ``level`` None: no sign reaches yellow. ``before_cap`` is the level that certain identity would
    give. ``counted`` says for each reason, in the given order, whether it counted. ``check`` is the
    Chinese line on what to verify about identity, empty where identity is certain.
    """

    level: Level | None
    before_cap: Level | None
    counted: tuple[bool, ...]
    check: str


def is_sign(reason: Reason) -> bool:
    """Tell whether a reason is a sign at all: a statistical one needs q at or below 0.05."""
    if reason.strength != "statistical":
        return True
    return reason.q is not None and round(reason.q, 3) <= Q_SIGN


def is_orange_alone(reason: Reason, orange_effect: float | None) -> bool:
    """Tell whether one sign by itself gives orange.

    Parameters
    ----------
    reason : Reason
        The sign.
    orange_effect : float or None
        Effect from which a statistical sign with q at or below 0.001 is orange; None: never.
        A bound of the sign's own goes before it.
    """
    if reason.orange_effect is not None:
        orange_effect = reason.orange_effect
    if reason.strength in ("proof", "strong"):
        return True
    if reason.strength == "weak" or reason.q is None or reason.effect is None:
        return False
    if orange_effect is None:
        return False
    enough = round(reason.effect, 3) >= round(orange_effect, 3)
    return round(reason.q, 3) <= Q_ORANGE and enough


def independent(one: Reason, other: Reason) -> bool:
    """Tell whether two signs count as two: of different kinds and not from one fact."""
    same_fact = bool(one.fact) and one.fact == other.fact
    return one.kind != other.kind and not same_fact


def decide(
    reasons: Sequence[Reason], identity: Identity, orange_effect: float | None = None
) -> Decision:
    """Set the level of a finding from its reasons and the weakest join it needs.

    Parameters
    ----------
    reasons : sequence of Reason
        All signs of the finding, in any order.
    identity : {"certain", "probable", "name_only"}
        Probable identity caps the level at orange, a name alone at yellow.
    orange_effect : float or None
        The spec's effect size from which one statistical sign may be orange.

    Returns
    -------
    Decision

    Examples
    --------
    >>> weak = Reason(kind="relation", strength="weak", text="", cites=())
    >>> decide([weak], "certain").level
    'yellow'
    >>> strong = Reason(kind="money", strength="strong", text="", cites=())
    >>> decide([weak, strong], "certain").level
    'red'
    >>> decide([weak, strong], "probable").level
    'orange'
    """
    order = sorted(
        (i for i, reason in enumerate(reasons) if is_sign(reason)),
        key=lambda i: _sign_key(reasons[i], orange_effect),
    )
    if not order:
        return Decision(None, None, (False,) * len(reasons), "")
    raw, deciding = _raw_level([reasons[i] for i in order], orange_effect)
    chosen: list[int] = [order[k] for k in deciding]
    for i in order:
        if i not in chosen and all(independent(reasons[i], reasons[j]) for j in chosen):
            chosen.append(i)
    cap = _CAPS[identity]
    level = raw if _RANK[raw] <= _RANK[cap] else cap
    counted = tuple(i in chosen for i in range(len(reasons)))
    return Decision(level, raw, counted, _CAP_CHECKS[identity])


def _raw_level(signs: list[Reason], orange_effect: float | None) -> tuple[Level, tuple[int, ...]]:
    """Level with certain identity, and the positions of the signs that decide it."""
    for i, sign in enumerate(signs):
        if sign.strength == "proof":
            return "red", (i,)
    pairs = [
        pair
        for pair in combinations(range(len(signs)), 2)
        if independent(*(signs[i] for i in pair))
    ]
    for pair in pairs:
        if any(signs[i].strength == "strong" for i in pair):
            return "red", pair
    for i, sign in enumerate(signs):
        if is_orange_alone(sign, orange_effect):
            return "orange", (i,)
    if pairs:
        return "orange", pairs[0]
    return "yellow", (0,)


def _sign_key(
    reason: Reason, orange_effect: float | None
) -> tuple[int, float, float, str, str, str]:
    """Strongest first; ties by content, so that the order of reasons changes nothing."""
    rank = {"proof": 0, "strong": 1, "statistical": 3, "weak": 4}[reason.strength]
    if reason.strength == "statistical" and is_orange_alone(reason, orange_effect):
        rank = 2
    q = 1.0 if reason.q is None else round(reason.q, 3)
    effect = 0.0 if reason.effect is None else round(reason.effect, 3)
    return rank, q, -effect, reason.kind, reason.fact, reason.text
