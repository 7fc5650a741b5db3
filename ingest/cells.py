"""Text of cells and headers: cleaned, folded for comparison, told from blanks."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Literal

Kind = Literal["text", "id", "uscc", "money", "number", "date", "date-time", "yes/no"]


def words(listing: str) -> frozenset[str]:
    """The words of a listing, separated by white space."""
    return frozenset(listing.split())


# Soft hyphen, zero-width, bidi and invisible marks, byte order mark, controls but white space.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)

BLANKS = frozenset(
    {"", "-", "--", "---", "—", "——", "–", "/", "//", "\\", "无", "空", "暂无", "没有"}
    | {"NULL", "NONE", "NAN", "NAT", "N/A", "NA", "#N/A", "(空)", "(NULL)", "(无)", "."}
)
_OPEN_ENDED = frozenset({"至今", "今", "现在", "长期", "长期有效", "永久", "在任", "在职", "现任"})


def clean_text(text: str) -> str:
    """Text as people see it: trimmed, inner white space folded, invisible characters removed.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Full-width characters stay as written; see `normalise_text` for comparison.

    Examples
    --------
    >>> clean_text(" 张\\u200b三 \\n 李四 ")
    '张三 李四'
    """
    return " ".join(_INVISIBLE.sub("", text).split())


def parse_text(text: str | None) -> str | None:
    """A text cell: `clean_text`, None where it says nothing (see `is_blank`).

    Examples
    --------
    >>> parse_text(" 青石镇 "), parse_text("/")
    ('青石镇', None)
    """
    return None if text is None or is_blank(text) else clean_text(text)


def normalise_text(text: str) -> str:
    """Text for comparison: `clean_text` with full-width and compatibility forms folded (NFKC).

    Examples
    --------
    >>> normalise_text("　ＡＢ（１）  号 ")
    'AB(1) 号'
    """
    return clean_text(unicodedata.normalize("NFKC", clean_text(text)))


def is_blank(text: str | None, kind: Kind | None = None) -> bool:
    """Whether a cell says nothing: empty, or a placeholder such as ``-``, ``/``, 无, NULL.

    Parameters
    ----------
    text : str or None
    kind : str, optional
        Type of the column. For ``yes/no``, 无 and 没有 are answers; for ``date`` and ``date-time``,
        至今 and 长期 stand for an end that has not come.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_blank(" — "), is_blank("无"), is_blank("无", "yes/no"), is_blank("至今", "date")
    (True, True, False, True)
    """
    if text is None:
        return True
    form = normalise_text(text).upper()
    if kind == "yes/no" and form in ("无", "没有"):
        return False
    if kind in ("date", "date-time") and form in _OPEN_ENDED:
        return True
    return form in BLANKS


_MONEY_UNITS = {
    "元": Decimal(1),
    "圆": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10) ** 4,
    "万": Decimal(10) ** 4,
    "百万元": Decimal(10) ** 6,
    "千万元": Decimal(10) ** 7,
    "亿元": Decimal(10) ** 8,
    "亿": Decimal(10) ** 8,
}
_PLAIN_UNITS = words(
    "亩 % 个 人 户 次 张 件 份 台 头 棵 株 只 分 年 月 天 平方米 m2 元/亩 元/人 元/月 元/户 元/年 元/台 元/头"
)
_HEADER_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_UNIT_PREFIX = re.compile(r"^(?:单位)?[:]?(?:人民币|RMB|CNY)?[:]?", re.IGNORECASE)


def normalise_header(header: str) -> tuple[str, Decimal]:
    """A header for comparison, and the factor its unit puts on amounts.

    Parameters
    ----------
    header : str
        As in the file.

    Returns
    -------
    tuple of (str, Decimal)
        The header without white space, width differences, trailing marks and bracketed unit (other
        brackets, as in 村(社区), stay); the factor to yuan, 1 without a money unit.

    Examples
    --------
    >>> normalise_header("金 额\\n（万元）")
    ('金额', Decimal('10000'))
    >>> normalise_header("村（社区）")
    ('村(社区)', Decimal('1'))
    """
    name = "".join(normalise_text(header).split())
    factor = Decimal(1)
    for match in _HEADER_BRACKET.finditer(name):
        unit = _UNIT_PREFIX.sub("", match[1])
        if unit in _MONEY_UNITS:
            factor = _MONEY_UNITS[unit]
        elif unit not in _PLAIN_UNITS and unit.lower() not in _PLAIN_UNITS:
            continue
        name = name.replace(match[0], "")
    stem, slash, unit = name.rpartition("/")
    if slash and stem and unit in _MONEY_UNITS:
        name, factor = stem, _MONEY_UNITS[unit]
    return name.strip("*:,;。、"), factor
