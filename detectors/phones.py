"""Telephone numbers that stand for a service and for nobody in particular."""

from __future__ import annotations

from typing import Any

_HOTLINE = "^(400[0-9]{7}|800[0-9]{7}|9[56][0-9]{3,4}|1[12][0-9]{3})$"


def hotline(number: Any) -> Any:
    """Tell whether digits are a service number, which hundreds answer: 400…, 95…, 12345.

    Parameters
    ----------
    number : ibis string column
        Digits alone.
    """
    return number.re_search(_HOTLINE)
