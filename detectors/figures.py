"""P-values and chances as people read them."""

from __future__ import annotations


def small(p: float) -> str:
    """Write a p- or q-value as people read it.

    Examples
    --------
    >>> small(0.0123), small(2e-9)
    ('0.012', '小于百万分之一')
    """
    return f"{p:.2g}" if p >= 1e-6 else "小于百万分之一"


def figure(name: str, p: float) -> str:
    """Write a p- or q-value with its name.

    Examples
    --------
    >>> figure("q", 0.0123), figure("p", 2e-9)
    ('q=0.012', 'p小于百万分之一')
    """
    return f"{name}={small(p)}" if p >= 1e-6 else f"{name}{small(p)}"


def odds(p: float) -> str:
    """Write a chance in words that a reader of Chinese expects in a sentence.

    Examples
    --------
    >>> odds(0.21), odds(0.0034), odds(0.00002), odds(1e-9)
    ('约21%', '约千分之3.4', '约十万分之2', '小于百万分之一')
    """
    if p < 1e-6:
        return "小于百万分之一"
    if p >= 0.01:
        return f"约{p * 100:.2g}%"
    steps = ((1e-3, "千"), (1e-4, "万"), (1e-5, "十万"), (1e-6, "百万"))
    least, word = next((least, word) for least, word in steps if p >= least)
    return f"约{word}分之{float(f'{p / least:.2g}'):g}"
