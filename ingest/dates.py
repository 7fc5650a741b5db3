"""Dates and moments. No clock: a reading never depends on the day it is made."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from ingest.amounts import chinese_integer
from ingest.cells import normalise_text

MonthAs = Literal["first", "last"]

YEARS = (1850, 2100)
# Serial numbers are only believed where a day of county business or a birth can fall.
EXCEL_SERIALS = (18264, 73415)  # 1950-01-01 .. 2100-12-31
EXCEL_EPOCH = dt.date(1899, 12, 30)


_TIME = (
    r"(?:(?P<half>上午|下午|晚上|凌晨|中午)?(?P<hour>[0-9]{1,2})(?:[:]|时|点)"
    r"(?:(?P<minute>[0-9]{1,2})(?:分|(?:[:](?P<second>[0-9]{1,2})(?:\.[0-9]{1,9})?))?"
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
_SPACE_IN_DATE = re.compile(r"\s*([-/.年月日号:时点分秒])\s*")


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
        month = chinese_integer(m["month"]) if m["month"] else None
        day = chinese_integer(m["day"]) if m["day"] else None
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
