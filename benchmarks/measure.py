"""Run a command or a function in a process of its own and measure wall time and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Wall seconds and peak resident MB of one process, and what it printed."""

    seconds: float
    peak_mb: float
    stdout: str


def run(command: Sequence[str]) -> Measured:
    """Run one command to its end.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.

    Returns
    -------
    Measured
        Wall seconds and the kernel's own peak resident size of the process, in MB.

    Raises
    ------
    RuntimeError
        When the command exits with a status other than 0 or 3 (3: done, but rows need attention).
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    printed = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    # wait4 has taken the child already; tell Popen so that it doesn't wait for it again.
    process.returncode = code
    if code not in (0, 3):
        raise RuntimeError(f"{' '.join(command)} ended with {code}\n{printed}")
    return Measured(seconds, usage.ru_maxrss / 1024, printed)


def side_by_side(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, list[Measured]]:
    """Run the commands in turn, ``rounds`` times over, so that noise falls on all alike."""
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            results[name].append(run(command))
    return results


def median_seconds(runs: Sequence[Measured]) -> float:
    """Median wall seconds."""
    return statistics.median(m.seconds for m in runs)


def median_peak(runs: Sequence[Measured]) -> float:
    """Median peak resident size in MB."""
    return statistics.median(m.peak_mb for m in runs)


def python(module: str, *args: str) -> list[str]:
    """Command line of a module of this package."""
    return [sys.executable, "-m", module, *args]
