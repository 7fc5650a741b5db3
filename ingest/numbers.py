"""Identity numbers (GB 11643) and unified social credit codes (GB 32100)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError

from ingest.cells import is_blank, normalise_text
from ingest.dates import YEARS

IdStatus = Literal["valid", "valid15", "masked", "bad"]


@dataclass(frozen=True)
class IdNumber:
    """A resident identity number as far as it can be read.

    ``number`` is the normalised form; ``full_number`` its 18 digits where known; ``birth_date`` and
    ``sex`` (男, 女) what the digits say, none for bad numbers; ``reason`` is Chinese, for people.
    """

    number: str
    status: IdStatus
    reason: str | None = None
    full_number: str | None = None
    birth_date: dt.date | None = None
    sex: str | None = None


REASON_FLOAT = "电子表格以科学计数法保存，末几位已丢失"
REASON_ROUNDED = "末三位为 000 且校验码不符，应是被电子表格舍去"
REASON_MASKED = "号码部分被遮盖"
REASON_CHECK = "校验码不符"
REASON_DATE = "出生日期不成立"
REASON_LENGTH = "位数不对"
REASON_CHARS = "不是居民身份证号码的写法"

_NUMBER_NOISE = re.compile(r"[\s'\"`’‘“”´,\-‐‑–—_]+")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}")
_MASK_MARKS = re.compile(r"[×●•∗#?]")
_MASK_RUN = re.compile(r"X{2,}")
_PARTIAL = re.compile(r"[0-9*]+[0-9X*]")


def normalise_number(text: str) -> str:
    """An identity, registration or account number without spaces, quotes, hyphens and width.

    Examples
    --------
    >>> normalise_number("'３２０２８１ 19900101-123x")
    '32028119900101123X'
    """
    return _NUMBER_NOISE.sub("", normalise_text(text)).upper()


def _birth_date(digits: str) -> dt.date | None:
    """The date of eight digits, if the calendar has it and a living register could."""
    try:
        born = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return born if YEARS[0] <= born.year <= YEARS[1] else None


def check_digit(number: str) -> str:
    """Check character of the first 17 digits of an identity number (GB 11643, ISO 7064 MOD 11-2).

    Examples
    --------
    >>> check_digit("11010519491231002")
    'X'
    """
    digit: str = ric.calc_check_digit(number[:17] + "0")
    return digit


def parse_id_number(text: str | None) -> IdNumber | None:
    """Read a resident identity number (18 or 15 digits, masked, or spoilt by a spreadsheet).

    Parameters
    ----------
    text : str or None

    Returns
    -------
    IdNumber or None
        None for an empty cell. The area code is not judged: counties are renamed and their codes
        retired, and residence permits begin with 81 to 83.

    Examples
    --------
    >>> parse_id_number("11010519491231002x").status
    'valid'
    >>> parse_id_number("110105491231002").full_number
    '11010519491231002X'
    >>> parse_id_number("3.20281E+17").reason
    '电子表格以科学计数法保存，末几位已丢失'
    """
    if text is None or is_blank(text):
        return None
    number = normalise_number(text)
    if not number:
        return None
    whole, dot, zeros = number.partition(".")
    if dot and not zeros.strip("0") and whole.isascii() and whole.isdigit():
        # A float of more than 15 digits is rounded, whatever it shows.
        if len(whole) > 15:
            kept = whole[:15] + "*" * (len(whole) - 15)
            return replace(_partial(kept), reason=REASON_FLOAT)
        number = whole
    if _SCIENTIFIC.fullmatch(number):
        return IdNumber(number, "masked", REASON_FLOAT)
    number = _mask_marks(number)
    if "*" in number:
        return _partial(number)
    if not (number.isascii() and number[:-1].isdigit() and number[-1] in "0123456789X"):
        return IdNumber(number, "bad", REASON_CHARS)
    if len(number) == 18:
        return _eighteen(number)
    if len(number) == 15 and number.isdigit():
        return _fifteen(number)
    return IdNumber(number, "bad", f"{REASON_LENGTH}：{len(number)} 位")


def _mask_marks(number: str) -> str:
    number = _MASK_MARKS.sub("*", number)
    return _MASK_RUN.sub(lambda m: "*" * len(m[0]), number)


def _eighteen(number: str) -> IdNumber:
    born = _birth_date(number[6:14])
    if not number[:17].isdigit():
        return IdNumber(number, "bad", REASON_CHARS)
    if born is None:
        return IdNumber(number, "bad", REASON_DATE)
    if number[17] != check_digit(number):
        if number.endswith("000"):
            return IdNumber(number, "masked", REASON_ROUNDED, None, born)
        return IdNumber(number, "bad", REASON_CHECK)
    return IdNumber(number, "valid", None, number, born, _sex(number[16]))


def _fifteen(number: str) -> IdNumber:
    born = _birth_date("19" + number[6:12])
    if born is None:
        return IdNumber(number, "bad", REASON_DATE)
    longer = number[:6] + "19" + number[6:]
    return IdNumber(number, "valid15", None, longer + check_digit(longer), born, _sex(number[14]))


def _partial(number: str) -> IdNumber:
    if not _PARTIAL.fullmatch(number) or not any(c.isdigit() for c in number):
        return IdNumber(number, "bad", REASON_CHARS)
    born = sex = None
    if len(number) == 18:
        born = _birth_date(number[6:14]) if number[6:14].isdigit() else None
        sex = _sex(number[16]) if number[16].isdigit() else None
    return IdNumber(number, "masked", REASON_MASKED, None, born, sex)


def _sex(digit: str) -> str:
    return "男" if int(digit) % 2 else "女"


def number_pattern(number: str) -> str | None:
    """The 18 places of an incomplete number, ``*`` where nothing is known; null where none fits.

    Masked numbers of 18 or 15 places, numbers a spreadsheet has cut to their first digits and those
    in scientific notation, whose last shown digit is rounded and therefore not believed.

    Parameters
    ----------
    number : str
        As `parse_id_number` normalises it, of status masked.

    Examples
    --------
    >>> number_pattern("320281********123X"), number_pattern("3.20281E+17")
    ('320281********123X', '32028*************')
    >>> number_pattern("320281800101***"), number_pattern("320281198001012000")
    ('32028119800101****', '320281198001012***')
    """
    if _SCIENTIFIC.fullmatch(number):
        mantissa, _, exponent = number.partition("E")
        digits = mantissa.replace(".", "")[:-1]
        return digits.ljust(18, "*") if int(exponent.lstrip("+")) == 17 else None
    if len(number) == 15 and "*" in number:
        return f"{number[:6]}19{number[6:]}*"
    if len(number) != 18:
        return None
    if "*" not in number and number.endswith("000"):
        return number[:15] + "***"
    return number if "*" in number else None


ID_TABLE = pa.schema(
    [
        ("number", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("full_number", pa.string()),
        ("birth_date", pa.date32()),
        ("sex", pa.string()),
    ]
)


def classify_id_numbers(numbers: Sequence[str] | pa.Array) -> pa.Table:
    """`parse_id_number` over many distinct numbers at once.

    Parameters
    ----------
    numbers : sequence of str or pyarrow string array, shape (n,)
        Not null; as the typed tables hold them.

    Returns
    -------
    pyarrow.Table
        n rows in the given order: number (as given), status, reason, full_number, birth_date, sex.
        A blank number has status bad.

    Examples
    --------
    >>> classify_id_numbers(["11010519491231002X"]).column("sex").to_pylist()
    ['女']
    """
    array = numbers if isinstance(numbers, pa.Array | pa.ChunkedArray) else pa.array(list(numbers))
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = array.cast(pa.string())
    usual = pc.equal(pc.binary_length(array), 18)
    candidates = array.filter(usual)
    data = _bytes18(candidates)
    formed = ((data[:, :17] >= 48) & (data[:, :17] <= 57)).all(axis=1)
    formed &= ((data[:, 17] >= 48) & (data[:, 17] <= 57)) | (data[:, 17] == ord("X"))
    where = np.flatnonzero(usual.to_numpy(zero_copy_only=False))[formed]
    well = _classify_formed(candidates.filter(pa.array(formed)), data[formed])
    if len(where) == len(array):
        return well
    rest_mask = np.ones(len(array), dtype=bool)
    rest_mask[where] = False
    rest = np.flatnonzero(rest_mask)
    order = np.empty(len(array), dtype=np.int64)
    order[where] = np.arange(len(where))
    order[rest] = np.arange(len(where), len(array))
    others = _classify_others(array.take(pa.array(rest)).to_pylist())
    return pa.concat_tables([well, others]).take(pa.array(order)).combine_chunks()


def _bytes18(candidates: pa.Array) -> np.ndarray:
    """The bytes of strings that are all 18 bytes long, shape (n, 18)."""
    flat = b"" if len(candidates) == 0 else candidates.buffers()[2]
    start = candidates.offset * 18
    data = np.frombuffer(flat, dtype=np.uint8)[start : start + len(candidates) * 18]
    return data.reshape(-1, 18)


def _classify_formed(numbers: pa.Array, data: np.ndarray) -> pa.Table:
    digits = data.astype(np.int32) - 48
    digits[:, 17] = np.where(data[:, 17] == ord("X"), 10, digits[:, 17])
    # ISO 7064 MOD 11-2: weights 2^(17-i) mod 11; the whole number is congruent to 1.
    weights = np.array([pow(2, 17 - i, 11) for i in range(18)], dtype=np.int32)
    checked = (digits @ weights) % 11 == 1
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1], dtype=np.int32)
    month = digits[:, 10] * 10 + digits[:, 11]
    day = digits[:, 12] * 10 + digits[:, 13]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month_ok = (month >= 1) & (month <= 12)
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int32)
    last = lengths[np.where(month_ok, month, 0)] + ((month == 2) & leap)
    dated = month_ok & (day >= 1) & (day <= last) & (year >= YEARS[0]) & (year <= YEARS[1])
    valid = checked & dated
    months = (np.where(dated, year, 1970) - 1970) * 12 + np.where(dated, month, 1) - 1
    born = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    born = born + np.where(dated, day, 1).astype(np.int32) - 1
    # Spreadsheets keep 15 digits of a number and fill up with zeros.
    rounded = dated & ~checked & (data[:, 15:] == ord("0")).all(axis=1)
    verdict = np.where(valid, 0, np.where(rounded, 3, np.where(dated, 1, 2))).astype(np.int8)
    sex = (digits[:, 16] % 2).astype(np.int8)
    invalid = pa.array(~valid)
    null = pa.scalar(None, pa.string())
    return pa.table(
        [
            numbers,
            pa.array(["valid", "bad", "bad", "masked"]).take(pa.array(verdict)),
            pa.array([None, REASON_CHECK, REASON_DATE, REASON_ROUNDED]).take(pa.array(verdict)),
            pc.if_else(invalid, null, numbers),
            pa.array(born.astype(np.int32), mask=~(valid | rounded)).cast(pa.date32()),
            pa.array(["女", "男"]).take(pa.array(sex, mask=~valid)),
        ],
        schema=ID_TABLE,
    )


def _classify_others(numbers: list[str]) -> pa.Table:
    parsed = [(n, parse_id_number(n) or IdNumber(n, "bad", REASON_CHARS)) for n in numbers]
    columns = {
        "number": [n for n, _ in parsed],
        **{
            name: [getattr(p, name) for _, p in parsed]
            for name in ("status", "reason", "full_number", "birth_date", "sex")
        },
    }
    return pa.table(columns, schema=ID_TABLE)


@dataclass(frozen=True)
class Uscc:
    """A unified social credit code, or what stands in its place; ``reason`` when not valid."""

    number: str
    valid: bool
    reason: str | None = None


def parse_uscc(text: str | None) -> Uscc | None:
    """Read a unified social credit code (GB 32100); old 15-digit registration numbers are kept.

    Parameters
    ----------
    text : str or None

    Returns
    -------
    Uscc or None
        None for an empty cell.

    Examples
    --------
    >>> parse_uscc(" 91110000600037341l").valid
    True
    >>> parse_uscc("320281000012345").reason
    '旧式15位注册号'
    """
    if text is None or is_blank(text):
        return None
    number = normalise_number(text)
    if not number:
        return None
    if len(number) == 15 and number.isascii() and number.isdigit():
        return Uscc(number, False, "旧式15位注册号")
    if _SCIENTIFIC.fullmatch(number):
        return Uscc(number, False, REASON_FLOAT)
    if "*" in number:
        return Uscc(number, False, REASON_MASKED)
    if len(number) != 18:
        return Uscc(number, False, f"{REASON_LENGTH}：{len(number)} 位")
    try:
        stdnum_uscc.validate(number)
    except ValidationError as error:
        checksum = type(error).__name__ == "InvalidChecksum"
        return Uscc(number, False, REASON_CHECK if checksum else "不是统一社会信用代码的写法")
    return Uscc(number, True)
