"""探微: graph analytics that point at conflicts of interest worth a look.

Examples
--------
>>> import tanwei
>>> ws = tanwei.open("OUT_DIR")  # doctest: +SKIP
>>> ws.clues.filter(level="red")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from tanwei.workspace import Workspace

__all__ = ["open"]


def open(path: str | PathLike[str]) -> Workspace:
    """Open an output folder (its current run) or one run folder for a closer look.

    Parameters
    ----------
    path : str or path
        OUT_DIR, or a folder under ``OUT_DIR/runs``.

    Returns
    -------
    Workspace
        Reads only; close it or use it as a context manager.

    Raises
    ------
    UserError
        If there is no whole run there.
    """
    # Loaded here: the command line starts with this package and must start at once.
    from tanwei.workspace import open_workspace

    return open_workspace(path)
