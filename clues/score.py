"""The score: a figure from 0 to 1 that ranks clues of one level.

Each counted sign has a weight *w* (proof 0.90, strong 0.65, weak 0.30). A statistical sign has 0.30
at q = 0.05 and rises with the logarithm of q to 0.60 at q = 0.001; with q and effect at or beyond
the spec's ``orange_effect`` it has 0.65. Independent kinds are combined once each:

    score = (1 - (1 - w1)(1 - w2)...) x identity x innocence

``identity`` is 1 when certain, the probability (0.7 when none is known) when probable, 0.3 by name
alone; ``innocence`` is 0.8 where an innocent explanation was found to hold in part. The weights are
values from experience until feedback replaces them; the level never depends on the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from clues.levels import Q_ORANGE, Q_SIGN, is_orange_alone, is_sign
from detectors.detector import BenignResult, Identity, Reason

WEIGHTS = {"proof": 0.90, "strong": 0.65, "weak": 0.30}
STATISTICAL_LEAST, STATISTICAL_MOST, STATISTICAL_ORANGE = 0.30, 0.60, 0.65
PROBABLE_DEFAULT, NAME_ONLY, PARTLY_INNOCENT = 0.7, 0.3, 0.8


def weight(reason: Reason, orange_effect: float | None = None) -> float:
    """Weight of one sign between 0 and 1; 0 for what is no sign.

    Examples
    --------
    >>> weight(Reason(kind="register", strength="strong", text="", cites=()))
    0.65
    >>> weight(Reason(kind="price", strength="statistical", text="", cites=(), q=0.05))
    0.3
    """
    if not is_sign(reason):
        return 0.0
    if reason.strength != "statistical":
        return WEIGHTS[reason.strength]
    if is_orange_alone(reason, orange_effect):
        return STATISTICAL_ORANGE
    q = max(round(reason.q or 0.0, 3), Q_ORANGE)
    share = log(Q_SIGN / q) / log(Q_SIGN / Q_ORANGE)
    return STATISTICAL_LEAST + (STATISTICAL_MOST - STATISTICAL_LEAST) * share


def score(
    reasons: Sequence[Reason],
    identity: Identity,
    probability: float | None = None,
    benign: Sequence[BenignResult] = (),
    orange_effect: float | None = None,
) -> float:
    """Combine counted signs into a figure from 0 to 1, rounded to three places.

    Parameters
    ----------
    reasons : sequence of Reason
        The signs that counted (``clues.levels.decide``), in any order.
    identity, probability
        The weakest join the finding needs.
    benign : sequence of BenignResult
        How innocent explanations came out.
    orange_effect : float or None
        The spec's bound for statistical signs.

    Examples
    --------
    >>> strong = Reason(kind="relation", strength="strong", text="", cites=())
    >>> weak = Reason(kind="register", strength="weak", text="", cites=())
    >>> score([strong, weak], "certain")
    0.755
    >>> score([strong, weak], "name_only")
    0.226
    """
    rest = 1.0
    # Sorted, since the product of floats depends on the order in its last digits.
    for value in sorted(weight(reason, orange_effect) for reason in reasons):
        rest *= 1.0 - value
    if identity == "certain":
        factor = 1.0
    elif identity == "probable":
        factor = PROBABLE_DEFAULT if probability is None else round(probability, 3)
    else:
        factor = NAME_ONLY
    if any(result.state == "partly" for result in benign):
        factor *= PARTLY_INNOCENT
    return round((1.0 - rest) * factor, 3)
