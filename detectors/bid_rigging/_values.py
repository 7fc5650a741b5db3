"""Serial numbers, telephones and names as they stand in bid records, made comparable.

What every second record says by default identifies nobody: placeholders become null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import ibis

# One and the same character all over: 000000, FFFFFF, XXXX.
_ALIKE = "|".join(f"{c}+" for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_RUNS = (*("1234567890"[:n] for n in range(4, 11)), "0123456789", "987654321", "ABCDEF")
_PERSON = re.compile(r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+")
_FIRM = ("公司", "事务所", "咨询", "研究院", "设计院", "中心", "合作社", "经营部", "商行", "厂")


def strip(text: str) -> str:
    """Letters and digits of a text in upper case.

    Examples
    --------
    >>> strip("To be filled by O.E.M.")
    'TOBEFILLEDBYOEM'
    """
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


def serial(column: Any, placeholders: Iterable[str], least: int = 4) -> Any:
    """Upper case, letters and digits only; placeholders and monotonous values become null.

    Parameters
    ----------
    column : ibis string column
    placeholders : iterable of str
        Values that identify nothing, however written.
    least : int
        Characters that a serial number has at least.
    """
    dummies = sorted({strip(p) for p in placeholders} | set(_RUNS))
    bare = column.upper().re_replace("[^0-9A-Z]", "")
    dummy = bare.isin(dummies) | bare.re_search(f"^({_ALIKE})$") | (bare.length() < least)
    return ibis.ifelse(dummy, ibis.null("string"), bare)


def telephone(column: Any, placeholders: Iterable[str]) -> Any:
    """Digits of a telephone without the country's code; placeholders become null."""
    bare = column.re_replace("[^0-9*]", "").re_replace("^(86|0086)(1[0-9]{10})$", r"\2")
    dummy = bare.isin(sorted(set(placeholders))) | bare.re_search(f"^({_ALIKE})$")
    return ibis.ifelse(dummy | (bare.length() < 5), ibis.null("string"), bare)


def words(column: Any, generic: Iterable[str]) -> Any:
    """A name without blanks, in upper case; what names nobody (管理员, user) becomes null."""
    bare = column.re_replace("[\\s\u3000]", "").upper()
    dummies = sorted({"".join(g.split()).upper() for g in generic})
    dummy = bare.isin(dummies) | (bare.length() < 2) | ~bare.re_search(r"[\p{Han}A-Z]")
    return ibis.ifelse(dummy, ibis.null("string"), bare)


def cleaned(table: Any, column: str, **clean: Callable[[Any], Any]) -> Any:
    """Clean each value of a column once: a firm writes the same in all of its bids.

    Parameters
    ----------
    table : ibis table
    column : str
        Name of a string column.
    **clean : function of an ibis column to an ibis column
        Named as what it makes.

    Returns
    -------
    ibis table
        Cached: ``raw`` (each value of the column once) and the columns made of it.
    """
    raw = table.select(raw=table[column]).distinct()
    raw = raw.filter(raw.raw.notnull())
    return raw.mutate(**{name: make(raw.raw) for name, make in clean.items()}).cache()


def is_person(name: str) -> bool:
    """Tell whether a text has the form of a person's name.

    Examples
    --------
    >>> is_person("欧阳靖雯"), is_person("DESKTOP-8F3K2Q"), is_person("江州造价咨询有限公司")
    (True, False, False)
    """
    return _PERSON.fullmatch(name) is not None and not is_firm(name)


def is_firm(name: str) -> bool:
    """Tell whether a text has the form of a firm's name.

    Examples
    --------
    >>> is_firm("江州造价咨询有限公司"), is_firm("李四")
    (True, False)
    """
    return any(word in name for word in _FIRM)
