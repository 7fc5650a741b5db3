"""Numbers leave masked: identity numbers, phones, accounts, also inside free text."""

from __future__ import annotations

import re
from typing import Literal

from stdnum.cn import uscc as stdnum_uscc

MaskKind = Literal["id", "phone", "account"]

# Digits that belong to a longer word (contract and tender numbers, hashes, social credit codes) are
# no number of a person; nor are those behind 0. in a fraction. An underscore parts words in names of
# files, but joins the parts of long codes.
_START = r"(?<![0-9A-Za-z*])(?<![0-9A-Za-z]-)(?<!0\.)"
_END = r"(?![0-9A-Za-z*])"
_ID_18 = (
    r"[1-9][0-9]{5}(?:1[89]|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
)
_ID_15 = r"[1-9][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
_MOBILE = r"(?:\+?86[- ]?)?1[3-9][0-9](?:[0-9]{8}|([ -])[0-9]{4}\3[0-9]{4})"
_LANDLINE = r"0[1-9][0-9]{1,2}-[2-9][0-9]{6,7}(?!-[0-9])"
_ID_SPACED = _ID_18.replace("[0-9]{5}", "[0-9]{5}[ -]", 1).replace(
    "[0-9]{3}[0-9Xx]", "[ -][0-9]{3}[0-9Xx]"
)
_CARD = r"(?<!_)(?:[0-9]{4}(?: [0-9]{4}){3}(?: [0-9]{1,3})?|[0-9]{16,22})(?!-[0-9]|_)"
# What a word before it names as an account or telephone is one, whatever it looks like.
_NAMED_ACCOUNT = r"(?:账号|账户|帐号|帐户|卡号)[为是:：]?\s?"
_NAMED_PHONE = r"(?<![A-Za-z])(?:[Tt]el|TEL|[Pp]hone|[Mm]obile|微信|[Vv][Xx]|[Ww][Xx])[:：]?\s?"
_IN_TEXT = re.compile(
    f"{_START}(?:(?P<id>{_ID_18}|{_ID_15}|{_ID_SPACED})"
    f"|(?P<phone>{_MOBILE}|{_LANDLINE})|(?P<account>{_CARD})){_END}"
    f"|(?<![0-9*])(?P<joined_id>{_ID_18})(?![0-9*])"
    f"|(?P<named_account>{_NAMED_ACCOUNT}[0-9][0-9 -]{{7,28}}[0-9]){_END}"
    f"|(?P<named_phone>{_NAMED_PHONE}1[3-9][0-9]{{9}}){_END}"
)
_RUNS = {"id": r"[0-9A-Za-z*]{7,}", "phone": r"[0-9*+-]{7,}", "account": r"[0-9A-Za-z*-]{7,}"}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９ｘＸ", "0123456789xX")


def _middle(text: str, head: int, tail: int) -> str:
    """Text with all but its first and last characters starred; short or masked text as it is."""
    if "*" in text or len(text) <= head + tail:
        return text
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def _is_public(number: str) -> bool:
    """Whether it is a social credit code; those of firms, units and associations begin 9, 1, 5."""
    if number[0] not in "159" or re.fullmatch(_ID_18, number):
        return False
    return bool(stdnum_uscc.is_valid(number))


def mask_id(number: str) -> str:
    """An identity number with the birth date starred.

    Parameters
    ----------
    number : str
        Masked and short values stay as they are, among them what a spreadsheet left of a number.

    Returns
    -------
    str

    Examples
    --------
    >>> mask_id("320281199001011234"), mask_id("320281********1234")
    ('320281********1234', '320281********1234')
    """
    if len(number) < 15:  # passports and permits
        return _middle(number, 2, 2) if len(number) >= 7 else number
    return _middle(number, 6, 3 if len(number) == 15 else 4)


def mask_phone(number: str) -> str:
    """A phone number with its middle digits starred; the last four stay.

    Examples
    --------
    >>> mask_phone("13812345678"), mask_phone("0510-86801234")
    ('138****5678', '0510*****1234')
    """
    if len(number) < 9:  # a local number without area code
        return _middle(number, 2, 2) if len(number) >= 7 else number
    return _middle(number, 4 if number.startswith("0") else 3, 4)


def mask_account(number: str) -> str:
    """An account or card number with all but its first and last four characters starred.

    Examples
    --------
    >>> mask_account("6212261103001231234")
    '6212***********1234'
    """
    return _middle(number, 4, 4)


def mask_text(text: str) -> str:
    """Free text with identity, telephone and account numbers masked.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Numbers joined to letters (tender, contract and social credit codes) stay, unless they are
        identity numbers down to the check digit.

    Examples
    --------
    >>> mask_text("张三（320281199001011234）电话13812345678，合同HT202305061234567")
    '张三（320281********1234）电话138****5678，合同HT202305061234567'
    """
    narrow = text.translate(_FULL_WIDTH)
    parts: list[str] = []
    done = 0
    for match in _IN_TEXT.finditer(narrow):
        parts += [text[done : match.start()], _mask_match(match)]
        done = match.end()
    return "".join(parts) + text[done:]


def _mask_match(match: re.Match[str]) -> str:
    if match["id"]:
        return mask_id(re.sub("[ -]", "", match["id"]))
    if match["joined_id"]:
        # Joined to letters it may be part of a code, unless its check digit says otherwise.
        number = match["joined_id"]
        return mask_id(number) if _has_check_digit(number) else number
    if match["phone"]:
        return _mask_phone_in_text(match["phone"])
    if match["named_phone"]:
        return match["named_phone"][:-11] + mask_phone(match["named_phone"][-11:])
    if match["named_account"]:
        word, number = re.split("(?=[0-9])", match["named_account"], maxsplit=1)
        return word + mask_account(re.sub("[ -]", "", number))
    account = match["account"].replace(" ", "")
    return account if _is_public(account) else mask_account(account)


def _mask_phone_in_text(text: str) -> str:
    if text.startswith("0"):
        return mask_phone(text)
    bare = re.sub("[ -]", "", text[-13:])[-11:]
    prefix = text[: -13 if text[-5] in " -" else -11]
    return prefix + mask_phone(bare)


def _has_check_digit(number: str) -> bool:
    """Whether an identity number ends in the check character of GB 11643."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def mask_value(value: str, kind: MaskKind | None) -> str:
    """A cell as it may leave: by the kind of its column, else as free text.

    Parameters
    ----------
    value : str
        May hold several numbers, or words beside the number.
    kind : {'id', 'phone', 'account'} or None
        None: a column of no such kind, in which numbers may still stand.

    Returns
    -------
    str
        Valid social credit codes stay: they are public.

    Examples
    --------
    >>> mask_value("13812345678、86801234", "phone"), mask_value("13812345678转2", None)
    ('138****5678、86****34', '138****5678转2')
    """
    if kind is None:
        return mask_text(value)
    masks = {"id": mask_id, "phone": mask_phone, "account": mask_account}
    bare = "".join(value.translate(_FULL_WIDTH).split())
    return re.sub(
        _RUNS[kind],
        lambda m: m[0] if kind != "account" and _is_public(m[0]) else masks[kind](m[0]),
        bare,
    )
