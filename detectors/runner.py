"""Run the chosen detectors on a snapshot; a crash of one never stops the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from detectors.detector import Detector, Result


@dataclass(frozen=True)
class Outcome:
    """What became of one detector in a run.

    ``status``: ``ran``, ``skipped`` (tables or columns missing, or switched off; ``reason`` says
    which, in Chinese) or ``crashed`` (``reason`` names the exception; the others went on).
    """

    detector: Detector
    settings: Any
    status: Literal["ran", "skipped", "crashed"]
    reason: str | None
    result: Result | None
    seconds: float
