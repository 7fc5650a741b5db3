"""Values as departments write them."""

from __future__ import annotations

import datetime as dt
import doctest
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import amounts, cells, dates, masking, names, numbers, sqlvalues, values

QUICK = settings(max_examples=200, deadline=None)
DAYS = st.dates(dt.date(1850, 1, 1), dt.date(2100, 12, 31))


# ---------------------------------------------------------------- text and names


@pytest.mark.parametrize(
    ("text", "clean", "normal"),
    [
        (" 张三 ", "张三", "张三"),
        ("张\u200b三\ufeff", "张三", "张三"),
        ("青石镇\n\n 人民政府", "青石镇 人民政府", "青石镇 人民政府"),
        ("　（１）", "（１）", "(1)"),
        ("\u202e甲\u202c", "甲", "甲"),
        ("=1+1", "=1+1", "=1+1"),
        ("", "", ""),
    ],
)
def test_text(text: str, clean: str, normal: str) -> None:
    assert values.clean_text(text) == clean
    assert values.normalise_text(text) == normal


@QUICK
@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    for fold in (values.clean_text, values.normalise_text, values.normalise_org_name):
        assert fold(fold(text)) == fold(text)
    assert values.normalise_header(values.normalise_header(text)[0])[1] >= 1


@pytest.mark.parametrize(
    "text", ["", " ", "-", "—", "/", "无", "NULL", "n/a", "（空）", None, "　"]
)
def test_blanks(text: str | None) -> None:
    assert values.is_blank(text)
    for parse in (values.parse_text, values.parse_money, values.parse_number, values.parse_date):
        assert parse(text) is None  # type: ignore[operator]
    assert values.parse_id_number(text) is None
    assert values.parse_uscc(text) is None


def test_blank_depends_on_the_kind() -> None:
    assert not values.is_blank("无", "yes/no")
    assert values.is_blank("至今", "date")
    assert not values.is_blank("至今")
    assert not values.is_blank("0")


@pytest.mark.parametrize(
    ("header", "name", "factor"),
    [
        ("金额(万元)", "金额", 10000),
        ("金 额\n（万元）", "金额", 10000),
        ("金额（单位：万元）", "金额", 10000),
        ("投标报价（人民币元）", "投标报价", 1),
        ("注册资本[亿元]", "注册资本", 10**8),
        ("预算金额/千元", "预算金额", 1000),
        ("面积（亩）", "面积", 1),
        ("持股比例（%）", "持股比例", 1),
        ("村（社区）", "村(社区)", 1),
        ("乡镇(街道)", "乡镇(街道)", 1),
        ("*姓名：", "姓名", 1),
        ("ＩＰ地址", "IP地址", 1),
    ],
)
def test_headers(header: str, name: str, factor: int) -> None:
    assert values.normalise_header(header) == (name, Decimal(factor))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张 三", "张三"),
        ("張國榮", "张国荣"),
        ("阿迪力•买买提", "阿迪力·买买提"),
        ("阿迪力．买买提", "阿迪力·买买提"),
        ("John  Smith", "JOHN SMITH"),
    ],
)
def test_people_written_in_two_ways(one: str, other: str) -> None:
    assert values.normalise_person_name(one) == values.normalise_person_name(other)


def test_simplifying_makes_no_namesakes() -> None:
    assert values.normalise_person_name("王乾") != values.normalise_person_name("王干")
    assert values.normalise_person_name("張三", simplify=False) == "張三"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江苏恒达（集团）有限公司", "江苏恒达(集团)有限责任公司"),
        ("江苏恒达建设 有限公司", "江苏恒达建设有限公司"),
        ("江蘇恆達建設有限公司", "江苏恒达建设有限公司"),
        ("Ａ＆Ｂ有限公司", "a&b有限公司"),
    ],
)
def test_firms_written_in_two_ways(one: str, other: str) -> None:
    assert values.normalise_org_name(one) == values.normalise_org_name(other)


def test_firms_with_other_region_or_core_stay_apart() -> None:
    names = [
        "江苏恒达建设有限公司",
        "江苏瑞丰建设有限公司",
        "恒达建设有限公司",
        "江苏恒达建设股份有限公司",
    ]
    assert len({values.normalise_org_name(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("names", "form"),
    [
        (
            "恒达建设有限公司 恒达公司 青石农机合作社 老李饭店 青石农商银行 Acme-Co.,Ltd. 江苏恒达建设",
            "company",
        ),
        (
            "青石镇人民政府 财政局 水利局 张家村 张家庄 东风社区 青石镇 青石镇财政所（本级） 村委会",
            "unit",
        ),
        ("张三 欧阳修 李国镇 徐志村 阿迪力·买买提 陈建设 司马光 王小店 上官婉儿 張國榮", "person"),
    ],
)
def test_form_of_names(names: str, form: str) -> None:
    assert {name: values.looks_like_org(name) for name in names.split()} == dict.fromkeys(
        names.split(), form
    )


# ---------------------------------------------------------------- identity numbers


def number_of(area: int, born: dt.date, sequence: int) -> str:
    stem = f"{area:06}{born:%Y%m%d}{sequence:03}"
    return stem + values.check_digit(stem)


NUMBERS = st.builds(number_of, st.integers(0, 999999), DAYS, st.integers(0, 999))


@QUICK
@given(NUMBERS, DAYS)
def test_valid_numbers_say_birth_and_sex(number: str, born: dt.date) -> None:
    parsed = values.parse_id_number(number)
    assert parsed is not None
    assert (parsed.status, parsed.full_number, parsed.reason) == ("valid", number, None)
    assert f"{parsed.birth_date:%Y%m%d}" == number[6:14]
    assert parsed.sex == ("男" if int(number[16]) % 2 else "女")


@QUICK
@given(NUMBERS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_never_valid(number: str, place: int, shift: int) -> None:
    digit = "0123456789X".index(number[place])
    wrong = number[:place] + str((digit + shift) % 10) + number[place + 1 :]
    if wrong != number:
        parsed = values.parse_id_number(wrong)
        assert parsed is not None
        assert parsed.status in ("bad", "masked")
        assert parsed.reason
        assert parsed.full_number is None


@pytest.mark.parametrize(
    ("text", "number", "status"),
    [
        ("11010519491231002x", "11010519491231002X", "valid"),
        ("'11010519491231002X", "11010519491231002X", "valid"),
        ("１１０１０５ 19491231 002Ｘ", "11010519491231002X", "valid"),
        ("810000199001010015", "810000199001010015", "bad"),
        ("110105491231002", "110105491231002", "valid15"),
        ("110105491331002", "110105491331002", "bad"),
        ("320281********1234", "320281********1234", "masked"),
        ("320281＊＊＊＊＊＊＊＊1234", "320281********1234", "masked"),
        ("3202811990XXXX1234", "3202811990****1234", "masked"),
        ("3.20281E+17", "3.20281E+17", "masked"),
        ("320281199001011260.0", "320281199001011***", "masked"),
        ("320281199001011000", "320281199001011000", "masked"),
        ("11010519490231002X", "11010519490231002X", "bad"),
        ("18010519491231002X", "18010519491231002X", "bad"),
        ("H12345678", "H12345678", "bad"),
        ("3202811990", "3202811990", "bad"),
        ("****", "****", "bad"),
    ],
)
def test_id_numbers(text: str, number: str, status: str) -> None:
    parsed = values.parse_id_number(text)
    assert parsed is not None
    assert (parsed.number, parsed.status) == (number, status)
    assert (parsed.reason is None) == (status in ("valid", "valid15"))


def test_area_codes_never_reject() -> None:
    for area in (810000, 830000, 999999):
        parsed = values.parse_id_number(number_of(area, dt.date(1990, 1, 1), 1))
        assert parsed is not None
        assert parsed.status == "valid"


def test_fifteen_digits_have_a_successor() -> None:
    parsed = values.parse_id_number("110105491231002")
    assert parsed is not None
    assert parsed.full_number == "11010519491231002X"
    assert parsed.birth_date == dt.date(1949, 12, 31)


WRITTEN = st.one_of(
    NUMBERS,
    NUMBERS.map(lambda n: n[:14] + "****"),
    NUMBERS.map(lambda n: n[:6] + n[8:17]),
    NUMBERS.map(lambda n: n[:15] + "000"),
    NUMBERS.map(lambda n: n[:-1] + "0"),
    st.text("0123456789Xx*E+. 张", max_size=20),
    st.from_regex("[0-9]{17}[0-9X]", fullmatch=True),
)


@QUICK
@given(st.lists(WRITTEN))
def test_many_numbers_at_once_are_read_as_one_by_one(numbers: list[str]) -> None:
    table = values.classify_id_numbers(pa.array(numbers, pa.string()))
    assert table.column("number").to_pylist() == numbers
    for row in table.to_pylist():
        one = values.parse_id_number(row["number"])
        expected = one or values.IdNumber("", "bad", values.REASON_CHARS)
        for name in ("status", "reason", "full_number", "birth_date", "sex"):
            assert row[name] == getattr(expected, name), row


@QUICK
@given(WRITTEN)
def test_reading_a_normalised_number_again_changes_nothing(text: str) -> None:
    once = values.parse_id_number(text)
    if once is not None:
        twice = values.parse_id_number(once.number)
        assert twice is not None
        assert (twice.number, twice.status) == (once.number, once.status)
        assert (twice.birth_date, twice.full_number) == (once.birth_date, once.full_number)


def test_slices_and_empty_arrays_of_numbers() -> None:
    good = number_of(320281, dt.date(1990, 1, 1), 123)
    array = pa.array(["x", good, good])
    assert values.classify_id_numbers(array[1:]).column("status").to_pylist() == ["valid"] * 2
    assert values.classify_id_numbers([]).num_rows == 0


@pytest.mark.parametrize(
    ("text", "number", "valid"),
    [
        ("91110000600037341L", "91110000600037341L", True),
        (" 9111 0000 6000 3734 1l", "91110000600037341L", True),
        ("91110000600037341M", "91110000600037341M", False),
        ("320281000012345", "320281000012345", False),
        ("9.11E+17", "9.11E+17", False),
        ("9111", "9111", False),
    ],
)
def test_uscc(text: str, number: str, valid: bool) -> None:
    parsed = values.parse_uscc(text)
    assert parsed is not None
    assert (parsed.number, parsed.valid) == (number, valid)
    assert (parsed.reason is None) == valid


# ---------------------------------------------------------------- money and numbers


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("1,234.50", "1234.50"),
        ("￥1234", "1234"),
        ("¥ 1,234", "1234"),
        ("人民币1234元整", "1234"),
        ("12.5万", "125000"),
        ("12.5万元", "125000"),
        ("1.2亿", "120000000"),
        ("1百万", "1000000"),
        ("壹佰贰拾万元整", "1200000"),
        ("人民币壹拾贰万叁仟肆佰伍拾陆元柒角捌分", "123456.78"),
        ("壹佰元零伍分", "100.05"),
        ("三千零五", "3005"),
        ("(1,200.005)", "-1200.01"),
        ("-3.005", "-3.01"),
        ("负壹佰元", "-100"),
        ("1.005", "1.01"),
        ("1.0049", "1.00"),
        ("1E+05", "100000"),
        ("１２３４．５", "1234.5"),
        ("0", "0"),
        ("-0.001", "0"),
        ("1,2345,6789", "123456789"),
        ("99999999999999999", None),
        ("12,34", None),
        ("1.2.3", None),
        ("约12万", None),
        ("abc", None),
        ("元", None),
        ("1万2", None),
    ],
)
def test_money(text: str, yuan: str | None) -> None:
    assert values.parse_money(text) == (None if yuan is None else Decimal(yuan))


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("12.5", "125000"), ("5000元", "5000"), ("12.5万", "125000"), ("三", "30000")],
)
def test_a_unit_in_the_cell_goes_before_the_headers(text: str, yuan: str) -> None:
    assert values.parse_money(text, Decimal(10000)) == Decimal(yuan)


@QUICK
@given(st.decimals(-(10**11), 10**11, places=4), st.sampled_from([1, 1000, 10000]))
def test_money_is_rounded_half_up(amount: Decimal, factor: int) -> None:
    expected = (amount * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert values.parse_money(f"{amount:f}", Decimal(factor)) == expected
    assert values.parse_money(f"{amount:,f}", Decimal(factor)) == expected


@QUICK
@given(st.text(max_size=30))
def test_parsers_never_fail(text: str) -> None:
    amount = values.parse_money(text)
    assert amount is None or -amount.as_tuple().exponent == 2  # type: ignore[operator]
    for parse in (values.parse_number, values.parse_date, values.parse_datetime):
        parse(text)
    values.parse_yes_no(text)
    values.parse_uscc(text)
    values.looks_like_org(text)
    values.normalise_person_name(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("51%", 51.0),
        ("3.5亩", 3.5),
        ("1,200", 1200.0),
        ("第二名", 2.0),
        ("三", 3.0),
        ("-0.5", -0.5),
        ("1.2万", 12000.0),
        ("A", None),
        ("1-2", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_numbers(text: str, number: float | None) -> None:
    assert values.parse_number(text) == number


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023-05-06", "2023-05-06", "2023-05-06"),
        ("2023/5/6", "2023-05-06", "2023-05-06"),
        ("2023年5月6日", "2023-05-06", "2023-05-06"),
        ("2023 年 5 月 6 日", "2023-05-06", "2023-05-06"),
        ("2023年5月6号", "2023-05-06", "2023-05-06"),
        ("20230506", "2023-05-06", "2023-05-06"),
        ("2023.5.6", "2023-05-06", "2023-05-06"),
        ("２０２３－０５－０６", "2023-05-06", "2023-05-06"),
        ("二〇二三年五月六日", "2023-05-06", "2023-05-06"),
        ("二零二三年十二月三十一日", "2023-12-31", "2023-12-31"),
        ("2023-05-06 00:00:00", "2023-05-06", "2023-05-06"),
        ("2023-05-06T22:00:00Z", "2023-05-06", "2023-05-06"),
        ("2023年5月6日上午9时", "2023-05-06", "2023-05-06"),
        ("45052", "2023-05-06", "2023-05-06"),
        ("45052.5", "2023-05-06", "2023-05-06"),
        ("2023年2月", "2023-02-01", "2023-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023.05", "2023-05-01", "2023-05-31"),
        ("202305", "2023-05-01", "2023-05-31"),
        ("二〇二三年五月", "2023-05-01", "2023-05-31"),
        ("2023年", "2023-01-01", "2023-12-31"),
        ("2023.1", None, None),
        ("2023-02-30", None, None),
        ("2023-13-01", None, None),
        ("23-05-06", None, None),
        ("2023-05/06", None, None),
        ("12345", None, None),
        ("99999", None, None),
        ("9999-12-31", None, None),
        ("1849-12-31", None, None),
        ("2023-05-06 25:00", None, None),
        ("2023年5月上旬", None, None),
        ("不详", None, None),
    ],
)
def test_dates(text: str, first: str | None, last: str | None) -> None:
    for month_as, expected in (("first", first), ("last", last)):
        read = values.parse_date(text, month_as)  # type: ignore[arg-type]
        assert read == (None if expected is None else dt.date.fromisoformat(expected))


@QUICK
@given(DAYS)
def test_all_spellings_of_a_day_mean_it(day: dt.date) -> None:
    y, m, d = day.year, day.month, day.day
    for text in (f"{y}-{m}-{d}", f"{y}/{m:02}/{d:02}", f"{y}年{m}月{d}日", f"{y}.{m}.{d}"):
        assert values.parse_date(text) == day
        assert values.parse_datetime(f"{text} 9:05") == dt.datetime(y, m, d, 9, 5)
    assert values.parse_date(f"{y}{m:02}{d:02}") == day
    if y >= 1950:
        assert values.parse_date(str((day - dt.date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-05-06 09:30", "2023-05-06 09:30:00"),
        ("2023-05-06T09:30:15.25+08:00", "2023-05-06 09:30:15"),
        ("2023年5月6日 下午2时30分", "2023-05-06 14:30:00"),
        ("2023年5月6日 9时30分15秒", "2023-05-06 09:30:15"),
        ("20230506093015", "2023-05-06 09:30:15"),
        ("202305060930", "2023-05-06 09:30:00"),
        ("45052.5", "2023-05-06 12:00:00"),
        ("2023-05-06", "2023-05-06 00:00:00"),
        ("2023年5月", None),
        ("2023-05-06 24:00", None),
    ],
)
def test_moments(text: str, moment: str | None) -> None:
    expected = None if moment is None else dt.datetime.fromisoformat(moment)
    assert values.parse_datetime(text) == expected


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        ("是 有 √ 1 Y yes TRUE 中标 １", True),
        ("否 无 × 0 N no False 未中标", False),
        ("待定 2 -", None),
    ],
)
def test_yes_no(texts: str, answer: bool | None) -> None:
    assert {values.parse_yes_no(text) for text in texts.split()} == {answer}


@pytest.mark.parametrize(
    "module", [amounts, cells, dates, masking, names, numbers, sqlvalues, values]
)
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
