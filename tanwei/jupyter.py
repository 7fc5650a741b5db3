"""What a notebook needs: figures that show, and errors for people without a traceback."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from ingest.errors import UserError


def prepare() -> None:
    """Teach the running notebook, if there is one, about our figures and errors."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    # Figures made without pyplot have no display of their own.
    png = shell.display_formatter.formatters["image/png"]
    png.for_type_by_name("matplotlib.figure", "Figure", _figure_png)
    shell.set_custom_exc((UserError,), _show_error)


def _figure_png(figure: Any) -> bytes:
    from tanwei.views import figure_png

    return figure_png(figure)


def _show_error(
    shell: Any, kind: type[UserError], error: UserError, trace: TracebackType, tb_offset: Any = None
) -> list[str]:
    text = f"错误：{error.message}"
    print(text, file=sys.stderr)
    return [text]
