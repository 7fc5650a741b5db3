"""Made-up numbers that are well formed: identity numbers, credit codes, phones, accounts, devices.

Area codes are of places that don't exist, so no number can be a real person's.
"""

from __future__ import annotations

from datetime import date
from random import Random

AREA = "329921"  # the county; 3299 is no prefecture
OTHER_AREAS = ("329922", "329925", "339921", "349931")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_check_digit(first17: str) -> str:
    """Check character of a resident identity number (GB 11643).

    Examples
    --------
    >>> id_check_digit("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(first17, _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def id_number(area: str, birth: date, sequence: int) -> str:
    """An 18-digit identity number; the parity of ``sequence`` (0–999) is the sex, odd for men."""
    first17 = f"{area}{birth:%Y%m%d}{sequence:03d}"
    return first17 + id_check_digit(first17)


def old_id_number(number: str) -> str:
    """The 15-digit number that its bearer had before the 18-digit one.

    Examples
    --------
    >>> old_id_number("11010519491231002X")
    '110105491231002'
    """
    return number[:6] + number[8:17]


def uscc(rng: Random, kind: str = "91") -> str:
    """A unified social credit code (GB 32100); ``kind`` 91 enterprise, 93 farmers' cooperative."""
    organisation = "".join(rng.choice(_USCC_CHARS) for _ in range(8))
    body = kind + AREA + organisation + _organisation_check(organisation)
    total = sum(_USCC_CHARS.index(char) * pow(3, i, 31) for i, char in enumerate(body))
    return body + _USCC_CHARS[(31 - total % 31) % 31]


def _organisation_check(body: str) -> str:
    """Check character of the organisation code (GB 11714) inside a credit code."""
    chars = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(chars.index(char) * weight for char, weight in zip(body, weights, strict=True))
    return "0123456789X0"[11 - total % 11]


def phone(rng: Random) -> str:
    """A mobile number of an unassigned range."""
    return "100" + f"{rng.randrange(10**8):08d}"


def account(rng: Random, prefix: str = "621799") -> str:
    """A 19-digit account number with its Luhn digit.

    Examples
    --------
    >>> len(account(Random(1)))
    19
    """
    body = prefix + f"{rng.randrange(10 ** (18 - len(prefix))):0{18 - len(prefix)}d}"
    doubled = 0
    for place, char in enumerate(reversed(body)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        doubled += value - 9 if value > 9 else value
    return body + str(-doubled % 10)


def mac_address(rng: Random) -> str:
    """A network card's address."""
    return "-".join(f"{rng.randrange(256):02X}" for _ in range(6))


def hardware(rng: Random) -> dict[str, str]:
    """The four device numbers that a platform logs of one computer."""
    return {
        "mac_address": mac_address(rng),
        "cpu_id": "BFEBFBFF000" + "".join(rng.choice("0123456789ABCDEF") for _ in range(5)),
        "disk_id": "WD-WX"
        + "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXY0123456789") for _ in range(10)),
        "dongle_no": f"GL{rng.randrange(10**9):09d}",
    }


def ip_address(rng: Random) -> str:
    """An address of a documentation range, so that no real line is named."""
    return f"{rng.choice(('198.18', '198.19'))}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
