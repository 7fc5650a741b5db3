"""Ctrl-C and termination end a run in good order, even when a library swallows them.

The embedded engine turns an interrupt that hits a query into an ordinary error of that query, which
a careful caller records as that query's fault and goes on. So the wish to stop is also kept here
and asked for at every step.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ingest.progress import Progress


class Interrupts:
    """Remembers that somebody asked the run to stop."""

    def __init__(self) -> None:
        self.asked = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note the wish and raise it in the main thread."""
        self.asked = True
        raise KeyboardInterrupt

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if the run was asked to stop."""
        if self.asked:
            raise KeyboardInterrupt

    def watching(self, progress: Progress) -> Progress:
        """Return a progress receiver that checks at every report."""

        def report(stage: str, done: float, total: float | None) -> None:
            self.check()
            progress(stage, done, total)

        return report


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Yield the watch; SIGINT and SIGTERM go to it while the block runs (main thread only)."""
    watch = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield watch
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, watch.handle)
        yield watch
    except Exception:
        # What an engine made of the interrupt is no fault of the program.
        watch.check()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
