"""A trained model of rigged lots: its weights, and the probability it gives.

Stored as plain JSON: weights can be read, and nothing in the file can run. Training itself, which
needs scikit-learn and verified cases, is in ``_training``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from detectors.bid_rigging._features import LABELS, lot_features
from detectors.bid_rigging._market import GroupSettings, bids_of, groups_of
from graph.cobidding import Floats

KEY = "ring_model"
"""Under which the snapshot's ``meta`` holds the model that the run was given."""


@dataclass(frozen=True)
class RingModel:
    """A logistic model on standardised features, calibrated on scores of lots it had not seen.

    ``centre``, ``scale``, ``weight`` : one figure a feature; ``slope`` and ``offset`` turn its score
    into a probability (J. Platt, in: Advances in Large Margin Classifiers, 61, 1999). ``rigged`` and
    ``clean``: verified lots it learned from; ``trained_on``: date.
    """

    features: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    intercept: float
    slope: float
    offset: float
    rigged: int
    clean: int
    trained_on: str

    def score(self, values: Floats) -> Floats:
        """Return the raw score of (n, k) features: larger is likelier rigged."""
        standard = (values - np.array(self.centre)) / np.array(self.scale)
        return np.asarray(standard @ np.array(self.weight) + self.intercept)

    def probability(self, values: Floats) -> Floats:
        """Return the calibrated probability of (n, k) features.

        Examples
        --------
        >>> model = RingModel(("cv",), (0.0,), (1.0,), (2.0,), 0.0, 1.0, 0.0, 30, 30, "2024-01-01")
        >>> model.probability(np.array([[-2.0], [0.0], [2.0]])).round(3).tolist()
        [0.018, 0.5, 0.982]
        """
        return np.asarray(1 / (1 + np.exp(-(self.slope * self.score(values) + self.offset))))

    def to_json(self) -> str:
        """Write the model."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> RingModel:
        """Read a model.

        Raises
        ------
        ValueError
            If the text is no model, or of features that this version doesn't know.
        """
        found: Any = json.loads(text)
        if not isinstance(found, Mapping):
            raise ValueError("no model")
        try:
            lists = {k: tuple(found[k]) for k in ("features", "centre", "scale", "weight")}
            model = cls(**{**found, **lists})
        except (KeyError, TypeError) as error:
            raise ValueError("no model") from error
        if len({len(v) for v in lists.values()}) != 1 or not set(model.features) <= set(LABELS):
            raise ValueError("features differ")
        return model


@dataclass(frozen=True)
class Chance:
    """What a model says of some lots: mean and least and greatest probability, and the model."""

    mean: float
    least: float
    most: float
    lots: int
    model: RingModel


def ring_chance(snapshot: Any, settings: GroupSettings, lots: Iterable[str]) -> Chance | None:
    """Return what the run's trained model says of a ring's joint lots; None without a model.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : GroupSettings
        Of the groups that the features speak of.
    lots : iterable of str
        Lot entities.
    """
    written = snapshot.meta.get(KEY)
    if not written:
        return None
    model = RingModel.from_json(written)
    bids = bids_of(snapshot)
    found = snapshot.remember(
        ("features of lots", settings.of_groups()),
        lambda: lot_features(bids, groups_of(snapshot, settings)),
    )
    number = {lot: n for n, lot in enumerate(bids.lots)}
    rows = sorted(number[lot] for lot in set(lots) if lot in number)
    if not rows:
        return None
    columns = [found.names.index(name) for name in model.features]
    chance = model.probability(found.values[np.ix_(rows, columns)])
    return Chance(float(chance.mean()), float(chance.min()), float(chance.max()), len(rows), model)
