"""Find a free font that has Chinese characters, or say plainly what is missing."""

from __future__ import annotations

import os
from functools import cache

from matplotlib import font_manager

from ingest.errors import UserError

# Free fonts with simplified Chinese, best first. SimHei and other proprietary fonts are never used.
SANS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
SERIF = (
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "AR PL UMing CN",
    *SANS,
)
REMEDY = "没有找到可用的中文字体，无法绘图或生成 PDF。请运行：sudo apt-get install fonts-noto-cjk"


@cache
def _families() -> frozenset[str]:
    known = _installed()
    if not known & {*SANS, *SERIF}:
        # The list is cached on disk and may be older than a font installed since.
        listed = {entry.fname for entry in font_manager.fontManager.ttflist}
        for path in font_manager.findSystemFonts():
            if path not in listed:
                try:
                    font_manager.fontManager.addfont(path)
                except (OSError, RuntimeError):
                    continue
        known = _installed()
    return frozenset(known)


def _installed() -> set[str]:
    """Families whose file is still there: the list on disk outlives a font's removal."""
    return {e.name for e in font_manager.fontManager.ttflist if os.path.exists(e.fname)}


def has_cjk_font() -> bool:
    """Tell whether a free font with Chinese characters is installed.

    Examples
    --------
    >>> has_cjk_font() in (True, False)
    True
    """
    return any(name in _families() for name in (*SANS, *SERIF))


def cjk_family(serif: bool = False) -> str:
    """Name the installed family to draw Chinese with.

    Parameters
    ----------
    serif : bool
        Prefer a serif (Song) face, as letters use it.

    Returns
    -------
    str
        Family name as font libraries know it, such as ``Noto Sans CJK SC``.

    Raises
    ------
    UserError
        When none is installed; the message holds the one command that mends it.
    """
    for name in SERIF if serif else SANS:
        if name in _families():
            return name
    if serif or not has_cjk_font():
        raise UserError(REMEDY, exit_status=1)
    return next(name for name in SERIF if name in _families())


def cjk_font_files() -> tuple[str, ...]:
    """Paths of the files that hold the families ``cjk_family`` names, for PDF embedding.

    Raises
    ------
    UserError
        When no Chinese font is installed.
    """
    wanted = {cjk_family(), cjk_family(serif=True)}
    paths = {e.fname for e in font_manager.fontManager.ttflist if e.name in wanted}
    return tuple(sorted(paths))
