"""No full number leaves; what is no number of a person stays readable."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from ingest.masking import mask_account, mask_id, mask_phone, mask_text, mask_value

IDS = st.builds(
    lambda area, day, tail: f"{area}{day:%Y%m%d}{tail}",
    st.integers(110000, 829999),
    st.dates(min_value=dt.date(1900, 1, 1)).filter(lambda d: d.year < 2100),
    st.from_regex(r"[0-9]{3}[0-9X]", fullmatch=True),
)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
CARDS = st.from_regex(r"6[0-9]{15,18}", fullmatch=True)
AROUND = st.sampled_from(
    ["", "（", "）", "，", "：", "电话", "为", " ", "。", "、", "1.", "-", "\n"]
)
AFTER = AROUND.filter(lambda text: not text.startswith("1"))


@pytest.mark.parametrize(
    ("mask", "number", "masked"),
    [
        (mask_id, "320281199001011234", "320281********1234"),
        (mask_id, "32028119900101123X", "320281********123X"),
        (mask_id, "320281900101123", "320281******123"),
        (mask_id, "320281********1234", "320281********1234"),
        (mask_id, "3202811990", "32******90"),
        (mask_id, "1234", "1234"),
        (mask_id, "", ""),
        (mask_phone, "13812345678", "138****5678"),
        (mask_phone, "0510-86801234", "0510*****1234"),
        (mask_phone, "138****5678", "138****5678"),
        (mask_account, "6212261234561234", "6212********1234"),
        (mask_account, "12345678", "12345678"),
    ],
)
def test_masks(mask: object, number: str, masked: str) -> None:
    assert mask(number) == masked  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "合同编号HT202305061234567890",
        "统一社会信用代码91110000600037341L",
        "项目XM-2023-13812345678号",
        "编号XM320281199001011234",
        "XM_20230506123456789_1",
        "招标2023050612345678901-1",
        "金额1234567.89元，占0.13812345678",
        "2023-05-06 12:30:15",
        "人民币壹佰万元",
        "320281********1234",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证320281 19900101 1234", "身份证320281********1234"),
        ("卡号6212 2612 3456 1234 567。", "卡号6212***********4567。"),
        ("联系+8613812345678", "联系+86138****5678"),
        ("３２０２８１１９９００１０１１２３４", "320281********1234"),
        ("旧号320281900101123", "旧号320281******123"),
        ("低保_320281199001011233_13812345678.csv", "低保_320281********1233_138****5678.csv"),
        ("SFZ320281199001011233号", "SFZ320281********1233号"),
        ("电话138-1234-5678", "电话138****5678"),
        ("电话138 1234 5678转2", "电话138****5678转2"),
        ("tel13812345678", "tel138****5678"),
        ("座机0510-86801234。", "座机0510*****1234。"),
        ("账号：1020304050607，", "账号：1020*****0607，"),
        ("账号32001628736050001234-1", "账号3200*************2341"),
    ],
)
def test_masks_in_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@settings(max_examples=200, deadline=None)
@given(before=AROUND, number=st.one_of(IDS, PHONES, CARDS), after=AFTER)
def test_no_full_number_survives(before: str, number: str, after: str) -> None:
    masked = mask_text(f"张三{before}{number}{after}")
    assert number not in masked
    assert masked.startswith(f"张三{before}")
    assert masked.endswith(after)
    assert re.search(r"[0-9]{10}", masked) is None
    assert mask_text(masked) == masked


@settings(max_examples=100, deadline=None)
@given(numbers=st.lists(PHONES, min_size=1, max_size=3))
def test_cells_with_several_numbers(numbers: list[str]) -> None:
    masked = mask_value("、".join(numbers), "phone")
    assert masked == "、".join(f"{n[:3]}****{n[-4:]}" for n in numbers)


def test_column_kinds() -> None:
    assert mask_value("'320281199001011234", "id") == "'320281********1234"
    assert mask_value("H12345678", "id") == "H1*****78"
    assert mask_value("91110000600037341L", "id") == "91110000600037341L"
    assert mask_value("6212 2612 3456 1234", "account") == "6212********1234"
    assert mask_value("张三 13812345678", None) == "张三 138****5678"
    assert mask_value("=HYPERLINK(1)", None) == "=HYPERLINK(1)"


@settings(max_examples=300, deadline=None)
@given(number=st.one_of(IDS, CARDS))
def test_no_full_number_survives_its_column(number: str) -> None:
    assert number not in mask_value(number, "id" if len(number) == 18 else "account")
    assert number not in mask_value(number, "account")


def test_identity_numbers_that_make_a_credit_code_are_masked() -> None:
    stems = [f"11010519491231{n:03}" for n in range(999)]
    numbers = [stem + uscc.calc_check_digit(stem + "0") for stem in stems]
    clashes = [n for n in numbers if n.isdigit() and uscc.is_valid(n)]
    assert clashes
    assert not [n for n in clashes if n in (mask_value(n, "id"), mask_text(n))]
