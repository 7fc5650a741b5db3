"""How long work reports where it is, without knowing who watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a long piece of work."""

    def __call__(self, stage: str, done: float, total: float | None) -> None:
        """Report ``done`` of ``total`` units of the Chinese-named ``stage`` (total None: unknown)."""


def silent(stage: str, done: float, total: float | None) -> None:
    """Report nothing.

    Examples
    --------
    >>> silent("读取文件", 1, 2)
    """
