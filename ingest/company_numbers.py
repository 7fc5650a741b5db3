"""Numbers that firms had before unified codes: organisation codes and registration numbers."""

from __future__ import annotations

import re

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_10

_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_organisation_code(number: str) -> bool:
    """Whether nine characters are a sound organisation code (GB 11714, weighted sum modulo 11).

    Characters 9 to 17 of a unified code are the firm's organisation code.

    Examples
    --------
    >>> is_organisation_code("600037341"), is_organisation_code("600037342")
    (True, False)
    """
    if not _ORGANISATION.fullmatch(number):
        return False
    total = sum(_DIGITS.index(c) * w for c, w in zip(number[:8], _WEIGHTS, strict=True))
    return number[8] == "0123456789X0"[11 - total % 11]


def is_registration_number(number: str) -> bool:
    """Whether 15 digits are a sound registration number (GS 15, ISO 7064 MOD 11,10).

    Examples
    --------
    >>> is_registration_number("110108000000016"), is_registration_number("110108000000011")
    (True, False)
    """
    if len(number) != 15 or not (number.isascii() and number.isdigit()):
        return False
    try:
        mod_11_10.validate(number)
    except ValidationError:
        return False
    return True
