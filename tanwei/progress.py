"""Progress bars on standard error for whatever takes over two seconds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingest.progress import Progress, silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

DELAY_SECONDS = 2.0


@contextmanager
def on_terminal(delay: float = DELAY_SECONDS) -> Iterator[Progress]:
    """Yield a progress receiver that draws on standard error, silent when that is no terminal.

    Nothing is drawn before ``delay`` seconds have gone by: quick work leaves a clean screen.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    watcher = _Watcher()
    timer = threading.Timer(delay, watcher.show)
    timer.daemon = True
    timer.start()
    try:
        yield watcher
    finally:
        timer.cancel()
        watcher.stop()


class _Watcher:
    """Keeps the latest stage; draws one line for it once ``show`` was called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._latest: tuple[str, float, float | None] | None = None
        self._stopped = False

    def __call__(self, stage: str, done: float, total: float | None) -> None:
        with self._lock:
            before = self._latest
            self._latest = (stage, done, total)
            if self._bars is not None:
                self._draw(new=before is None or before[0] != stage)

    def show(self) -> None:
        """Start drawing."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        with self._lock:
            if self._stopped:
                return
            self._bars = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
            self._draw(new=True)

    def stop(self) -> None:
        """Remove what was drawn."""
        with self._lock:
            self._stopped = True
            if self._bars is not None:
                self._bars.stop()
                self._bars = None

    def _draw(self, *, new: bool) -> None:
        if self._bars is None or self._latest is None:
            return
        stage, done, total = self._latest
        if new or self._task is None:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task = self._bars.add_task(stage, total=total, completed=int(done))
        else:
            self._bars.update(self._task, total=total, completed=int(done))
