"""Numbers that clearly different names bear: a finding about the data, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.tables import TABLES

LISTED = 5
"""Numbers named on the terminal; the workbooks name all."""


@dataclass(frozen=True)
class NumberBearer:
    """A row in which a number stands beside one of several clearly different names.

    ``number`` is masked; ``kind`` person or company; ``rows`` counts the table's rows of this name
    and number, of which this is one.
    """

    number: str
    kind: str
    name: str
    table: str
    file: str
    sheet: str | None
    row: int
    rows: int

    def cells(self) -> tuple[Any, ...]:
        """What a workbook shows of it."""
        kind = "统一社会信用代码" if self.kind == "company" else "身份证号"
        title = TABLES[self.table].title
        return kind, self.number, self.name, title, self.file, self.sheet or "", self.row, self.rows


HEADERS = ("号码种类", "号码（已脱敏）", "姓名或名称", "表", "文件", "工作表", "行", "同类行数")
WIDTHS = (18, 24, 24, 20, 44, 16, 8, 10)
NOTE = "同一号码对应明显不同的姓名或名称，未据此认定为同一主体，请与提供单位核对"


def bearer_lines(bearers: Sequence[NumberBearer]) -> list[str]:
    """Lines for the terminal: each number with the first row of each of its names.

    Parameters
    ----------
    bearers : sequence of NumberBearer

    Examples
    --------
    >>> rows = [NumberBearer("3202**", "person", n, "deaths", "a.csv", None, 2, 1) for n in "甲乙"]
    >>> bearer_lines(rows)[0][:24]
    '号码冲突：3202**：乙（a.csv 第 2 行）'
    """
    numbers = list(dict.fromkeys(b.number for b in bearers))
    lines = []
    for number in numbers[:LISTED]:
        first = {b.name: b for b in reversed(bearers) if b.number == number}
        where = "；".join(
            f"{name}（{b.file}{f'［{b.sheet}］' if b.sheet else ''} 第 {b.row} 行）"
            for name, b in sorted(first.items())
        )
        lines.append(f"号码冲突：{number}：{where}。{NOTE}。")
    if len(numbers) > LISTED:
        lines.append(f"另有 {len(numbers) - LISTED} 个号码冲突，见 intake.xlsx 的“号码冲突”页。")
    return lines
