"""Values as departments write them, read into what the tables hold. Pure functions, no clock.

The one door: text and headers stand in `ingest.cells`, names in `ingest.names`, identity numbers and
social credit codes in `ingest.numbers`, money in `ingest.amounts`, dates in `ingest.dates`.
"""

from __future__ import annotations

from ingest.amounts import parse_money, parse_number
from ingest.cells import (
    BLANKS,
    Kind,
    clean_text,
    is_blank,
    normalise_header,
    normalise_text,
    parse_text,
    words,
)
from ingest.dates import YEARS, MonthAs, parse_date, parse_datetime
from ingest.names import OrgForm, looks_like_org, normalise_org_name, normalise_person_name
from ingest.numbers import (
    ID_TABLE,
    REASON_CHARS,
    IdNumber,
    IdStatus,
    Uscc,
    check_digit,
    classify_id_numbers,
    normalise_number,
    number_pattern,
    parse_id_number,
    parse_uscc,
)

__all__ = [
    "BLANKS",
    "ID_TABLE",
    "NO",
    "REASON_CHARS",
    "YEARS",
    "YES",
    "IdNumber",
    "IdStatus",
    "Kind",
    "MonthAs",
    "OrgForm",
    "Uscc",
    "check_digit",
    "classify_id_numbers",
    "clean_text",
    "is_blank",
    "looks_like_org",
    "normalise_header",
    "normalise_number",
    "normalise_org_name",
    "normalise_person_name",
    "normalise_text",
    "number_pattern",
    "parse_date",
    "parse_datetime",
    "parse_id_number",
    "parse_money",
    "parse_number",
    "parse_text",
    "parse_uscc",
    "parse_yes_no",
]

YES = words("是 有 对 已 √ ✓ ✔ ☑ 1 1.0 Y YES T TRUE 中标 已中标 成交 中选 废标 已废标 否决 已否决")
NO = words(
    "否 无 没有 不是 未 × ✗ ✘ ✕ X ☐ □ 0 0.0 N NO F FALSE 未中标 不中标 未成交 未中选 未废标 未否决"
)


def parse_yes_no(text: str | None) -> bool | None:
    """Read an answer: 是/否, 有/无, √/×, 1/0, 中标/未中标, Y/N, true/false.

    Examples
    --------
    >>> parse_yes_no("√"), parse_yes_no("未中标"), parse_yes_no("待定")
    (True, False, None)
    """
    if text is None:
        return None
    form = normalise_text(text).upper()
    if form in YES:
        return True
    return False if form in NO else None
