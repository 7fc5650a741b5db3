"""Draw a timeline on a sheet: a row for each bidder, marks for bids and wins by date."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from graph.picture import Timeline, TimelineMark
from graph.sheet import INK, Sheet
from graph.wrapping import LINE, text_width, wrap

LABEL_EMS = 16.0
SUB_EMS = 16.5
_SMALL = 0.92
_GAP = 0.5
_AXIS = 2.6
_NOTE = 1.5
# Beyond these the lines that join marks would hide the marks.
_MOST_GUIDED = 80
_MOST_LINKED = 60
_CROWDED = 60
_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
_MOST_TICKS = 9
_LINK: dict[str, Any] = {
    "color": "#777777",
    "linewidth": 0.9,
    "linestyle": (0, (4, 2)),
    "zorder": 2,
}
Kind = Literal["bid", "win", "other"]


@dataclass(frozen=True)
class _Row:
    label: tuple[str, ...]
    sub: tuple[str, ...]
    y: float


def height_of(timeline: Timeline) -> float:
    """Height in ems that a timeline needs."""
    rows = sum(_row_height(*_lines(timeline, i)) for i in range(len(timeline.rows)))
    return rows + _AXIS + _NOTE


def _lines(timeline: Timeline, i: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    row = timeline.rows[i]
    return wrap(row.label, LABEL_EMS / _SMALL), wrap(row.sub, SUB_EMS / _SMALL)


def _row_height(label: tuple[str, ...], sub: tuple[str, ...]) -> float:
    return max(len(label), len(sub), 1) * LINE + _GAP


def draw_timeline(sheet: Sheet, timeline: Timeline, top: float, width: float) -> None:
    """Draw a timeline from ``top`` downwards over the width of the sheet (ems).

    Parameters
    ----------
    sheet : Sheet
    timeline : Timeline
    top, width : float
        In ems.
    """
    left, right = LABEL_EMS + 1.8, width - SUB_EMS - 1.4
    rows, y = [], top
    for i in range(len(timeline.rows)):
        label, sub = _lines(timeline, i)
        tall = _row_height(label, sub)
        rows.append(_Row(label, sub, y - tall / 2))
        y -= tall
    for row in rows:
        sheet.axes.plot([left, right], [row.y, row.y], color="#cccccc", linewidth=0.7, zorder=1)
        _text(sheet, row.label, 1.0, row.y, "left")
        _text(sheet, row.sub, right + 0.8, row.y, "left")
    days = [mark.day for mark in timeline.marks]
    place = _Scale.of(days, left + 0.8, right - 0.8)
    _axis(sheet, place, (top, y), (left, right))
    _guides(sheet, timeline, rows, place)
    crowded = _crowded(timeline)
    for mark in timeline.marks:
        _mark(sheet, mark, place.x(mark.day), rows[mark.row].y, crowded)
    if timeline.note:
        sheet.write(left, y - _AXIS - 0.3, timeline.note, 0.86, ha="left", color="#444444")


def _crowded(timeline: Timeline) -> bool:
    return len({m.lot for m in timeline.marks}) > _CROWDED


def _linked(timeline: Timeline) -> bool:
    return 2 <= sum(m.kind == "win" for m in timeline.marks) <= _MOST_LINKED


def _text(sheet: Sheet, lines: tuple[str, ...], x: float, y: float, side: str) -> None:
    top = y + (len(lines) - 1) * LINE / 2
    for i, line in enumerate(lines):
        sheet.write(x, top - i * LINE, line, _SMALL, ha=side, zorder=5)


@dataclass(frozen=True)
class _Scale:
    """Days to ems."""

    first: date
    last: date
    left: float
    right: float

    @classmethod
    def of(cls, days: list[date], left: float, right: float) -> _Scale:
        return cls(min(days), max(days), left, right)

    def x(self, day: date) -> float:
        span = (self.last - self.first).days
        if not span:
            return (self.left + self.right) / 2
        return self.left + (self.right - self.left) * (day - self.first).days / span

    def ticks(self) -> list[date]:
        """First days of months, at most a handful of them, at an even distance."""
        months = range(
            self.first.year * 12 + self.first.month, self.last.year * 12 + self.last.month
        )
        for step in _STEPS:
            chosen = [m for m in months if m % step == 0]
            if len(chosen) <= _MOST_TICKS:
                break
        return [date(m // 12, m % 12 + 1, 1) for m in chosen] or [self.first]


def _axis(
    sheet: Sheet, place: _Scale, span: tuple[float, float], sides: tuple[float, float]
) -> None:
    top, bottom = span
    sheet.axes.plot(sides, [bottom, bottom], color=INK, linewidth=0.9, zorder=2)
    end = -1e9
    for day in place.ticks():
        x = place.x(day)
        sheet.axes.plot([x, x], [top, bottom - 0.4], color="#dddddd", linewidth=0.7, zorder=0)
        text = f"{day.year}.{day.month:02d}"
        half = text_width(text) * 0.86 / 2
        if x - half > end:
            sheet.write(x, bottom - 1.2, text, 0.86)
            end = x + half + 0.4


def _guides(sheet: Sheet, timeline: Timeline, rows: list[_Row], place: _Scale) -> None:
    """Join the marks of one lot, and one win to the next, where there are few enough to follow."""
    lots: dict[int, list[TimelineMark]] = defaultdict(list)
    for mark in timeline.marks:
        lots[mark.lot].append(mark)
    if len(lots) <= _MOST_GUIDED:
        for marks in lots.values():
            ys = [rows[m.row].y for m in marks]
            x = place.x(marks[0].day)
            sheet.axes.plot([x, x], [min(ys), max(ys)], color="#bbbbbb", linewidth=0.6, zorder=1)
    wins = sorted((m for m in timeline.marks if m.kind == "win"), key=lambda m: (m.day, m.lot))
    if _linked(timeline):
        for one, other in pairwise(wins):
            xs = [place.x(one.day), place.x(other.day)]
            ys = [rows[one.row].y, rows[other.row].y]
            sheet.axes.plot(xs, ys, **_LINK)


def _mark(sheet: Sheet, mark: TimelineMark, x: float, y: float, crowded: bool) -> None:
    if mark.kind == "bid" and crowded:
        sheet.axes.plot([x, x], [y - 0.3, y + 0.3], color=INK, linewidth=0.7, zorder=3)
        return
    area = max(0.0, min(1.0, mark.size))
    size = 0.45 if mark.kind == "bid" else 0.45 + 0.6 * area**0.5
    sheet.axes.plot(
        [x],
        [y],
        linestyle="none",
        marker="s" if mark.kind == "other" else "o",
        markersize=sheet.points * size,  # the font size is one em
        markerfacecolor=INK if mark.kind == "win" else "white",
        markeredgecolor=INK,
        markeredgewidth=0.8,
        zorder=4 if mark.kind == "bid" else 5,
    )


def draw_key(sheet: Sheet, timeline: Timeline, x: float, y: float) -> None:
    """Explain the marks of a timeline from ``x`` on."""
    day = date(2000, 1, 1)
    keys: tuple[tuple[Kind, str], ...] = (
        ("bid", "投标"),
        ("win", "中标（面积示金额）"),
        ("other", "其他企业中标"),
    )
    for kind, name in keys:
        if all(mark.kind != kind for mark in timeline.marks):
            continue
        _mark(sheet, TimelineMark(0, 0, day, kind, 0.6, ""), x + 0.5, y, _crowded(timeline))
        sheet.write(x + 1.4, y, name, 0.86, ha="left")
        x += 1.4 + text_width(name) * 0.86 + 1.2
    if _linked(timeline):
        sheet.axes.plot([x, x + 2.0], [y, y], **_LINK)
        sheet.write(x + 2.4, y, "前后两次成员中标", 0.86, ha="left")
