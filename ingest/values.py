"""Values as departments write them, read into what the tables hold. Pure functions, no clock."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Literal

import cn2an
import numpy as np
import opencc
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError

IdStatus = Literal["valid", "valid15", "masked", "bad"]
OrgForm = Literal["company", "unit", "person"]
MonthAs = Literal["first", "last"]
Kind = Literal["text", "id", "uscc", "money", "number", "date", "date-time", "yes/no"]

YEARS = (1850, 2100)
# Serial numbers are only believed where a day of county business or a birth can fall.
EXCEL_SERIALS = (18264, 73415)  # 1950-01-01 .. 2100-12-31
EXCEL_EPOCH = dt.date(1899, 12, 30)
MONEY_LIMIT = Decimal(10) ** 16  # DECIMAL(18,2)


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


# ---------------------------------------------------------------- text

# Soft hyphen, zero-width, bidi and invisible marks, byte order mark, controls but white space.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)

BLANKS = frozenset(
    {"", "-", "--", "---", "—", "——", "–", "/", "//", "\\", "无", "空", "暂无", "没有"}
    | {"NULL", "NONE", "NAN", "NAT", "N/A", "NA", "#N/A", "(空)", "(NULL)", "(无)", "."}
)
_OPEN_ENDED = frozenset({"至今", "今", "现在", "长期", "长期有效", "永久", "在任", "在职", "现任"})


def clean_text(text: str) -> str:
    """Text as people see it: trimmed, inner white space folded, invisible characters removed.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Full-width characters stay as written; see `normalise_text` for comparison.

    Examples
    --------
    >>> clean_text(" 张\\u200b三 \\n 李四 ")
    '张三 李四'
    """
    return " ".join(_INVISIBLE.sub("", text).split())


def parse_text(text: str | None) -> str | None:
    """A text cell: `clean_text`, None where it says nothing (see `is_blank`).

    Examples
    --------
    >>> parse_text(" 青石镇 "), parse_text("/")
    ('青石镇', None)
    """
    return None if text is None or is_blank(text) else clean_text(text)


def normalise_text(text: str) -> str:
    """Text for comparison: `clean_text` with full-width and compatibility forms folded (NFKC).

    Examples
    --------
    >>> normalise_text("　ＡＢ（１）  号 ")
    'AB(1) 号'
    """
    return clean_text(unicodedata.normalize("NFKC", clean_text(text)))


def is_blank(text: str | None, kind: Kind | None = None) -> bool:
    """Whether a cell says nothing: empty, or a placeholder such as ``-``, ``/``, 无, NULL.

    Parameters
    ----------
    text : str or None
    kind : str, optional
        Type of the column. For ``yes/no``, 无 and 没有 are answers; for ``date`` and ``date-time``,
        至今 and 长期 stand for an end that has not come.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_blank(" — "), is_blank("无"), is_blank("无", "yes/no"), is_blank("至今", "date")
    (True, True, False, True)
    """
    if text is None:
        return True
    form = normalise_text(text).upper()
    if kind == "yes/no" and form in ("无", "没有"):
        return False
    if kind in ("date", "date-time") and form in _OPEN_ENDED:
        return True
    return form in BLANKS


# ---------------------------------------------------------------- headers

_MONEY_UNITS = {
    "元": Decimal(1),
    "圆": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10) ** 4,
    "万": Decimal(10) ** 4,
    "百万元": Decimal(10) ** 6,
    "千万元": Decimal(10) ** 7,
    "亿元": Decimal(10) ** 8,
    "亿": Decimal(10) ** 8,
}
_PLAIN_UNITS = _words(
    "亩 % 个 人 户 次 张 件 份 台 头 棵 株 只 分 年 月 天 平方米 m2 元/亩 元/人 元/月 元/户 元/年 元/台 元/头"
)
_HEADER_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_UNIT_PREFIX = re.compile(r"^(?:单位)?[::]?(?:人民币|RMB|CNY)?[::]?", re.IGNORECASE)


def normalise_header(header: str) -> tuple[str, Decimal]:
    """A header for comparison, and the factor its unit puts on amounts.

    Parameters
    ----------
    header : str
        As in the file.

    Returns
    -------
    tuple of (str, Decimal)
        The header without white space, width differences, trailing marks and bracketed unit (other
        brackets, as in 村(社区), stay); the factor to yuan, 1 without a money unit.

    Examples
    --------
    >>> normalise_header("金 额\\n（万元）")
    ('金额', Decimal('10000'))
    >>> normalise_header("村（社区）")
    ('村(社区)', Decimal('1'))
    """
    name = "".join(normalise_text(header).split())
    factor = Decimal(1)
    for match in _HEADER_BRACKET.finditer(name):
        unit = _UNIT_PREFIX.sub("", match[1])
        if unit in _MONEY_UNITS:
            factor = _MONEY_UNITS[unit]
        elif unit not in _PLAIN_UNITS and unit.lower() not in _PLAIN_UNITS:
            continue
        name = name.replace(match[0], "")
    stem, slash, unit = name.rpartition("/")
    if slash and stem and unit in _MONEY_UNITS:
        name, factor = stem, _MONEY_UNITS[unit]
    return name.strip("*:,;。、"), factor


# ---------------------------------------------------------------- names

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
# In use in simplified names too, where conversion would make two people one (王乾, 王干).
_ALSO_SIMPLIFIED = frozenset("乾於甯徵昇锺瞭藉著夥麽覆堃喆淼祇迺仝")
_DOTS = re.compile(r"[·•・‧∙⋅．.。]")
_SPACES = re.compile(r"\s+")


def _simplified(text: str) -> str:
    if text.isascii():
        return text
    if not any(
        char not in _ALSO_SIMPLIFIED and _TO_SIMPLIFIED.convert(char) != char for char in text
    ):
        return text
    converted: str = _TO_SIMPLIFIED.convert(text)
    return converted


def normalise_person_name(name: str, *, simplify: bool = True) -> str:
    """The key by which two written names of people are the same.

    Parameters
    ----------
    name : str
    simplify : bool
        Turn traditional characters into simplified ones; with ``False`` the key keeps them.

    Returns
    -------
    str
        Without spaces between Chinese characters, one form of ``·``, half-width, upper case.
        Characters such as 乾 that simplified names use too are converted only beside others that
        are surely traditional.

    Examples
    --------
    >>> normalise_person_name("張 三"), normalise_person_name("王乾")
    ('张三', '王乾')
    >>> normalise_person_name("阿迪力•买买提"), normalise_person_name("張三", simplify=False)
    ('阿迪力·买买提', '張三')
    """
    form = normalise_text(name).upper()
    if any("\u3400" <= char <= "\u9fff" for char in form):
        form = _DOTS.sub("·", _SPACES.sub("", form)).strip("·")
    return _simplified(form) if simplify else form


_ORG_MARKS = re.compile(r"[\s()\[\]{}<>〈〉《》【】〔〕「」『』\"'“”‘’·•・.,,、。;;::_*]")


def normalise_org_name(name: str) -> str:
    """The key by which two written names of firms or units are the same.

    Region and core stay; only the ways of writing are folded: width, spaces, brackets and other
    marks, traditional characters, 有限责任公司 and 有限公司.

    Examples
    --------
    >>> normalise_org_name("江蘇恆達（集團） 有限責任公司")
    '江苏恒达集团有限公司'
    """
    form = _simplified(_ORG_MARKS.sub("", normalise_text(name).upper()))
    return unicodedata.normalize("NFKC", form.replace("有限责任公司", "有限公司"))


_COMPANY_ENDS = re.compile(
    r"(公司|集团|合作社|合作联社|联合社|信用社|经营部|经销部|商行|商店|商场|商贸|超市|工厂|厂|事务所|合伙|企业|工作室|农场|林场|"
    r"养殖场|种植场|家庭农场|饭店|酒店|餐馆|门市部|服务部|加工坊|维修部|网吧|药房|苗圃|工程队|施工队|建材|批发部|分店|"
    r"宾馆|茶楼|银行|支行|分行|合作银行|有限合伙|店|\bLLC|\bLTD\.?|\bINC\.?|\bCORP\.?|\bGMBH|CO\.)$",
    re.IGNORECASE,
)
_UNIT_ENDS = re.compile(
    r"(政府|委员会|村委会|居委会|党委|纪委|党支部|总支部|监委|政法委|组织部|宣传部|统战部|管委会|办公室|办事处|指挥部|大队|支队|中队|"
    r"派出所|财政所|司法所|国土所|水利站|农经站|学校|小学|中学|大学|学院|幼儿园|医院|卫生院|卫生室|敬老院|福利院|"
    r"法院|检察院|研究院|设计院|中心|社区|街道|小组|村民组|组|局|厅|委|办|院|站|校|所|处|科|馆|协会|联合会|学会|工会|妇联|"
    r"村|镇|乡|县|区|市|省|会|队|公安|人大|政协|残联|团委)$"
)
_LATIN_COMPANY = re.compile(r"\b(LLC|LTD|INC|CORP|GMBH|CO|COMPANY|LIMITED|GROUP|S\.?A)\b\.?", re.I)
_SURE_ORG = re.compile(
    r"(公司|集团|合作社|事务所|经营部|饭店|酒店|商店|超市|银行|支行|政府|委员会|委会|大队|社区|学校|小学|中学|医院|卫生院)$"
)
_HAMLET = re.compile(r".家[庄湾桥沟河塘山岗店头坪坝港圩屯寨营集埠墩]")
_PLACE_MIDDLE = frozenset("家庄湾桥沟河塘山岗店头里坪坝港圩屯寨营集埠墩店口垛泾浜")
_NAME_LIKE_ENDS = frozenset("村镇乡县市省区会队科处组校店")
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季温芦葛章殷华俞安申庞鲁詹"
    "倪耿关焦翟辛管祝左涂骆穆包单盛尚靳牛欧卜解柳裴梅游凌童齐沙柯滕庄阮纪甘岳舒符阎牟苗饶花樊艾车柏屈谷霍蒲路储井丛娄仇瞿臧"
    "支褚冉班宗巩鞠敖连宁房池柴聂蓝辜麻奚缪桂景鲍郁应谈晏盖冷"
)
COMPOUND_SURNAMES = _words(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 "
    "长孙 宇文 司徒 鲜于 司空 闾丘 令狐 呼延 第五 西门 东郭 南门 轩辕"
)


def _looks_like_person(form: str) -> bool:
    """Whether a Chinese form without company marks reads as surname and given name."""
    if "·" in form:
        return True
    if not 2 <= len(form) <= 4:
        return False
    if _SURE_ORG.search(form) or _HAMLET.fullmatch(form):
        return False
    surname = form[:2] in COMPOUND_SURNAMES or form[0] in SURNAMES
    if len(form) == 4 and not surname:
        return _UNIT_ENDS.search(form) is None
    if _UNIT_ENDS.search(form) is None and _COMPANY_ENDS.search(form) is None:
        return True
    # 李国镇 and 徐志村 are people, 张家村 is not.
    return (
        len(form) <= 3
        and surname
        and form[-1] in _NAME_LIKE_ENDS
        and (len(form) == 2 or form[1] not in _PLACE_MIDDLE)
    )


def looks_like_org(name: str) -> OrgForm:
    """Whether a name has the form of a firm, of a public unit (villages included) or of a person.

    Parameters
    ----------
    name : str

    Returns
    -------
    {'company', 'unit', 'person'}
        By form alone: a hint where no number and no register says more.

    Examples
    --------
    >>> [looks_like_org(n) for n in ("恒达建设有限公司", "青石镇人民政府", "王小明", "张家村")]
    ['company', 'unit', 'person', 'unit']
    """
    form = normalise_person_name(name)
    if not form:
        return "person"
    if not any("\u3400" <= char <= "\u9fff" for char in form):
        is_company = bool(_LATIN_COMPANY.search(form)) or len(form.split()) > 4
        return "company" if is_company or any(c.isdigit() for c in form) else "person"
    form = re.sub(r"\([^()]*\)$", "", form) or form
    if _looks_like_person(form):
        return "person"
    if _COMPANY_ENDS.search(form):
        return "company"
    if _UNIT_ENDS.search(form) or _HAMLET.fullmatch(form):
        return "unit"
    return "company" if len(form) >= 5 else "person"


# ---------------------------------------------------------------- identity numbers


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
_MASK_MARKS = re.compile(r"[×●•∗#??]")
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


# ---------------------------------------------------------------- firms


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


# ---------------------------------------------------------------- money and numbers

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
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|¥)[::]?")
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
def _chinese_integer(numeral: str) -> int | None:
    try:
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
    whole, jiao, fen = (_chinese_integer(p) if p else 0 for p in parts)
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
    whole = _chinese_integer(form)
    return None if whole is None else float(whole * sign)


# ---------------------------------------------------------------- dates

_TIME = (
    r"(?:(?P<half>上午|下午|晚上|凌晨|中午)?(?P<hour>[0-9]{1,2})(?:[::]|时|点)"
    r"(?:(?P<minute>[0-9]{1,2})(?:分|(?:[::](?P<second>[0-9]{1,2})(?:\.[0-9]{1,9})?))?"
    r"(?:(?P<second2>[0-9]{1,2})秒)?)?)"
)
_ZONE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
# A year-month alone may carry no time. Spaces are gone except the one before a time.
_DAY = re.compile(
    r"(?P<year>[0-9]{4})(?P<sep>[-/.年])(?P<month>[0-9]{1,2})(?P<sep2>[-/.月])"
    rf"(?P<day>[0-9]{{1,2}})(?P<end>[日号]?)(?:[T ,]?{_TIME}{_ZONE})?"
)
_COMPACT = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<time>[0-9]{4}|[0-9]{6})?"
)
_MONTH = re.compile(
    r"(?P<year>[0-9]{4})(?:(?P<sep>[-/.年])(?P<month>[0-9]{1,2})月?|(?P<bare>[0-9]{2}))"
)
_YEAR = re.compile(r"(?P<year>[0-9]{4})年?")
_SERIAL = re.compile(r"(?P<days>[0-9]{5})(?:\.(?P<fraction>[0-9]+))?")
_CN_DATE = re.compile(
    r"(?P<year>[〇零一二三四五六七八九]{4})年(?:(?P<month>[一二三四五六七八九十]{1,3})月"
    r"(?:(?P<day>[一二三四五六七八九十廿卅]{1,3})[日号])?)?"
)
_CN_YEAR = str.maketrans("〇零一二三四五六七八九", "00123456789")
_SPACE_IN_DATE = re.compile(r"\s*([-/.年月日号::时点分秒])\s*")


@dataclass(frozen=True)
class _Moment:
    """A date as far as it is written: month and day None when not given; time as (h, m, s)."""

    year: int
    month: int | None = None
    day: int | None = None
    time: tuple[int, int, int] | None = None


def _time(match: re.Match[str]) -> tuple[int, int, int] | None:
    if match["hour"] is None:
        return None
    hour = int(match["hour"])
    if match["half"] in ("下午", "晚上") and 1 <= hour < 12:
        hour += 12
    return hour, int(match["minute"] or 0), int(match["second"] or match["second2"] or 0)


def _moment(text: str) -> _Moment | None:
    form = normalise_text(text).upper()
    form = _SPACE_IN_DATE.sub(r"\1", form).replace("○", "〇")
    if (m := _DAY.fullmatch(form)) is not None:
        chinese = m["sep"] == "年"
        if (m["sep2"] == "月") != chinese or (not chinese and (m["end"] or m["sep"] != m["sep2"])):
            return None
        return _Moment(int(m["year"]), int(m["month"]), int(m["day"]), _time(m))
    if (m := _COMPACT.fullmatch(form)) is not None:
        clock = (m["time"] or "").ljust(6, "0")
        time = (int(clock[:2]), int(clock[2:4]), int(clock[4:])) if m["time"] else None
        return _Moment(int(m["year"]), int(m["month"]), int(m["day"]), time)
    if (m := _MONTH.fullmatch(form)) is not None:
        if m["sep"] == "." and m["month"] == "1":
            return None  # a spreadsheet writes 2023.10 as 2023.1 too
        if form.endswith("月") and m["sep"] != "年":
            return None
        return _Moment(int(m["year"]), int(m["month"] or m["bare"]))
    if (m := _YEAR.fullmatch(form)) is not None:
        return _Moment(int(m["year"]))
    if (m := _SERIAL.fullmatch(form)) is not None:
        return _serial(int(m["days"]), m["fraction"])
    if (m := _CN_DATE.fullmatch(form)) is not None:
        month = _chinese_integer(m["month"]) if m["month"] else None
        day = _chinese_integer(m["day"]) if m["day"] else None
        return _Moment(int(m["year"].translate(_CN_YEAR)), month, day)
    return None


def _serial(days: int, fraction: str | None) -> _Moment | None:
    if not EXCEL_SERIALS[0] <= days <= EXCEL_SERIALS[1]:
        return None
    seconds = round(float(f"0.{fraction}") * 86400) if fraction else 0
    moment = dt.datetime.combine(EXCEL_EPOCH, dt.time()) + dt.timedelta(days=days, seconds=seconds)
    time = (moment.hour, moment.minute, moment.second) if fraction else None
    return _Moment(moment.year, moment.month, moment.day, time)


def parse_date(text: str | None, month_as: MonthAs = "first") -> dt.date | None:
    """Read a date; months and years stand for their first or last day.

    Parameters
    ----------
    text : str or None
    month_as : {'first', 'last'}

    Returns
    -------
    datetime.date or None
        None for an empty or unreadable cell, days the calendar lacks, years outside 1850 to 2100,
        two-digit years, and ``2023.1``, which may be what a spreadsheet left of ``2023.10``. A time
        after the date is passed over.

    Examples
    --------
    >>> parse_date("2023年5月6日"), parse_date("2023.5", "last")
    (datetime.date(2023, 5, 6), datetime.date(2023, 5, 31))
    >>> parse_date("45052"), parse_date("二〇二三年五月六日 ")
    (datetime.date(2023, 5, 6), datetime.date(2023, 5, 6))
    """
    if text is None or len(text) > 60:
        return None
    moment = _moment(text)
    if moment is None or not YEARS[0] <= moment.year <= YEARS[1]:
        return None
    month = moment.month if moment.month is not None else (1 if month_as == "first" else 12)
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(moment.year, month)[1]
    day = moment.day if moment.day is not None else (1 if month_as == "first" else last)
    if not 1 <= day <= last or not _is_time(moment.time):
        return None
    return dt.date(moment.year, month, day)


def _is_time(time: tuple[int, int, int] | None) -> bool:
    return time is None or (time[0] < 24 and time[1] < 60 and time[2] < 60)


def parse_datetime(text: str | None) -> dt.datetime | None:
    """Read a moment to the second; a date alone is its midnight, a month alone is unreadable.

    Parameters
    ----------
    text : str or None

    Returns
    -------
    datetime.datetime or None
        Wall-clock time as written; a zone (``Z``, ``+08:00``) is passed over.

    Examples
    --------
    >>> parse_datetime("2023年5月6日 下午2时30分")
    datetime.datetime(2023, 5, 6, 14, 30)
    """
    if text is None or len(text) > 60:
        return None
    moment = _moment(text)
    if moment is None or moment.day is None:
        return None
    day = parse_date(text)
    return None if day is None else dt.datetime.combine(day, dt.time(*(moment.time or (0, 0, 0))))


# ---------------------------------------------------------------- yes and no

YES = _words("是 有 对 已 √ ✓ ✔ ☑ 1 1.0 Y YES T TRUE 中标 已中标 成交 中选 废标 已废标 否决 已否决")
NO = _words(
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
