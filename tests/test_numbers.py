"""Incomplete identity numbers: what of a number is still known, and that it fits."""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from examples.slips import old_number, scientific
from ingest.values import check_digit, number_pattern, parse_id_number


def _number(area: int, born: dt.date, order: int) -> str:
    digits = f"{area}{born:%Y%m%d}{order:03d}"
    return digits + check_digit(digits)


NUMBERS = st.builds(
    _number,
    st.integers(110_000, 659_999),
    st.dates(dt.date(1920, 1, 1), dt.date(2023, 12, 31)),
    st.integers(1, 999),
)


def _fits(pattern: str, number: str) -> bool:
    return re.fullmatch(pattern.replace("*", "."), number) is not None


@given(NUMBERS, st.integers(0, 17), st.integers(1, 18))
def test_what_a_masked_number_shows_fits_the_number(number: str, start: int, length: int) -> None:
    masked = number[:start] + "*" * len(number[start : start + length]) + number[start + length :]
    parsed = parse_id_number(masked)
    assert parsed is not None
    if parsed.status == "masked":
        pattern = number_pattern(parsed.number)
        assert pattern is not None
        assert len(pattern) == 18
        assert _fits(pattern, number)


@given(NUMBERS)
def test_what_a_spreadsheet_left_of_a_number_fits_it(number: str) -> None:
    for spoilt in (scientific(number), number[:15] + "000", f"{float(int(number[:17] + '0'))}"):
        parsed = parse_id_number(spoilt)
        assert parsed is not None
        assert parsed.status in ("masked", "valid")
        if parsed.status == "masked":
            pattern = number_pattern(parsed.number)
            assert pattern is not None
            assert _fits(pattern, number)


@given(NUMBERS.filter(lambda n: n[6:8] == "19"), st.integers(1, 9))
def test_fifteen_masked_digits_fit_the_successor(number: str, masked: int) -> None:
    old = number[:6] + number[8:17]
    parsed = parse_id_number(old[: 15 - masked] + "*" * masked)
    assert parsed is not None
    pattern = number_pattern(parsed.number)
    assert pattern is not None
    assert _fits(pattern, number)


@given(NUMBERS.filter(lambda n: n[6:14] < "19991001" and n[6:8] == "19"))
def test_fifteen_digits_and_their_successor_are_one_number(number: str) -> None:
    old, new = parse_id_number(old_number(number)), parse_id_number(number)
    assert old is not None
    assert new is not None
    assert (old.status, new.status) == ("valid15", "valid")
    assert old.full_number == new.full_number == number
    assert (old.birth_date, old.sex) == (new.birth_date, new.sex)


def test_numbers_of_which_nothing_is_known() -> None:
    assert number_pattern("3.2E+10") is None
    assert number_pattern("1234*") is None
