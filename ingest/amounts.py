"""Money and plain numbers."""

from __future__ import annotations

import functools
import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ingest.cells import is_blank, normalise_text

MONEY_LIMIT = Decimal(10) ** 16  # DECIMAL(18,2)


_CONTEXT = Context(prec=80)
_CENT = Decimal("0.01")
_MULTIPLES = {
    "十": 10,
    "百": 100,
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
    "千亿": 10**11,
    "万亿": 10**12,
}
# Grouped by threes, or by fours as 万 and 亿 do.
_PLAIN_NUMBER = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,4}(?:,[0-9]{4})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+"
)
_ARABIC = re.compile(
    rf"(?P<number>{_PLAIN_NUMBER})(?P<power>E[+-]?[0-9]{{1,2}})?"
    r"(?P<multiple>[十百千]?[万亿]|万亿|[十百千])?(?P<unit>元|圆|块)?(?:整|正)?"
)
_CN_DIGITS = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_CN_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅]+")
_CN_MONEY = re.compile(
    rf"(?P<whole>{_CN_NUMERAL.pattern})?(?P<unit>[元圆块])?零?"
    rf"(?:(?P<jiao>[{_CN_DIGITS}])角)?零?(?:(?P<fen>[{_CN_DIGITS}])分)?[整正]?"
)
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|¥)[:]?")
_VARIANT_NUMERALS = str.maketrans("貳參叄陸兩萬億圓佰仟○Ｏ", "贰叁叁陆两万亿元佰仟〇〇")


def _signed(text: str) -> tuple[str, int]:
    """A number text without currency sign, and its sign."""
    form = "".join(normalise_text(text).upper().split()).replace("−", "-")
    sign = 1
    if form.startswith("(") and form.endswith(")"):
        form, sign = form[1:-1], -1
    form = _CURRENCY.sub("", form)
    if form.startswith(("-", "负")):
        form, sign = form[1:], -sign
    elif form.startswith("+"):
        form = form[1:]
    return _CURRENCY.sub("", form), sign


def _decimal(number: str, power: str | None) -> Decimal | None:
    try:
        return _CONTEXT.create_decimal(number.replace(",", "") + (power or ""))
    except InvalidOperation:
        return None


@functools.lru_cache(maxsize=4096)
def chinese_integer(numeral: str) -> int | None:
    """A Chinese numeral as a whole number, None when it is none."""
    try:
        import cn2an  # slow to load, and few files write amounts in words

        value = cn2an.cn2an(numeral, "normal")
    except (ValueError, KeyError, IndexError):
        return None
    return int(value) if value == int(value) else None


def _chinese_money(form: str) -> tuple[Decimal, bool] | None:
    """A Chinese numeral with 元角分, and whether it names its unit."""
    match = _CN_MONEY.fullmatch(form.translate(_VARIANT_NUMERALS))
    if match is None or not (match["whole"] or match["jiao"] or match["fen"]):
        return None
    parts = [match["whole"], match["jiao"], match["fen"]]
    if parts[0] and (parts[1] or parts[2]) and not match["unit"]:
        return None
    whole, jiao, fen = (chinese_integer(p) if p else 0 for p in parts)
    if whole is None or jiao is None or fen is None:
        return None
    says_unit = bool(match["unit"] or match["jiao"] or match["fen"]) or any(
        mark in form for mark in "万亿萬億"
    )
    return Decimal(whole) + Decimal(jiao * 10 + fen) / 100, says_unit


def parse_money(text: str | None, factor: Decimal = Decimal(1)) -> Decimal | None:
    """Read an amount of money in yuan, to the cent (half up).

    Parameters
    ----------
    text : str or None
    factor : Decimal
        Yuan for one unit of the column (10000 under a header in 万元). A unit written in the cell
        itself (``5000元``, ``12.5万``) goes before it.

    Returns
    -------
    Decimal or None
        None for an empty or unreadable cell, and beyond DECIMAL(18,2).

    Examples
    --------
    >>> parse_money("￥1,234.50"), parse_money("12.5万"), parse_money("壹佰贰拾万元整")
    (Decimal('1234.50'), Decimal('125000.00'), Decimal('1200000.00'))
    >>> parse_money("12.5", Decimal(10000)), parse_money("(3.005)")
    (Decimal('125000.00'), Decimal('-3.01'))
    """
    if text is None or is_blank(text) or len(text) > 60:
        return None
    form, sign = _signed(text)
    match = _ARABIC.fullmatch(form)
    value: Decimal | None
    if match is not None:
        value = _decimal(match["number"], match["power"])
        multiple, unit = match["multiple"], match["unit"]
        scale = Decimal(_MULTIPLES[multiple]) if multiple else Decimal(1)
        if not (multiple or unit):
            scale = factor
    else:
        chinese = _chinese_money(form)
        if chinese is None:
            return None
        value = chinese[0]
        scale = Decimal(1) if chinese[1] else factor
    if value is None:
        return None
    try:
        amount = _CONTEXT.multiply(value, scale * sign).quantize(
            _CENT, rounding=ROUND_HALF_UP, context=_CONTEXT
        )
    except InvalidOperation:
        return None
    if abs(amount) >= MONEY_LIMIT:
        return None
    return abs(amount) if amount == 0 else amount


_COUNTERS = re.compile(r"(?:%|亩|个|人|户|次|张|件|份|台|头|只|株|棵|分|岁|名|位)$")


def parse_number(text: str | None) -> float | None:
    """Read a plain number; a trailing ``%`` or counting word is passed over, not applied.

    Parameters
    ----------
    text : str or None

    Returns
    -------
    float or None
        ``51%`` is 51.0; None for an empty or unreadable cell.

    Examples
    --------
    >>> parse_number("51%"), parse_number("1,200.5亩"), parse_number("第二名")
    (51.0, 1200.5, 2.0)
    """
    if text is None or is_blank(text) or len(text) > 60:
        return None
    form, sign = _signed(text)
    form = _COUNTERS.sub("", form.removeprefix("第"))
    match = _ARABIC.fullmatch(form)
    if match is not None and not match["unit"] and not form.endswith(("整", "正")):
        value = _decimal(match["number"], match["power"])
        if value is None:
            return None
        scale = _MULTIPLES[match["multiple"]] if match["multiple"] else 1
        return float(_CONTEXT.multiply(value, Decimal(scale * sign))) + 0.0
    form = form.translate(_VARIANT_NUMERALS)
    if _CN_NUMERAL.fullmatch(form) is None:
        return None
    whole = chinese_integer(form)
    return None if whole is None else float(whole * sign)
