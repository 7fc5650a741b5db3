"""Rows that are no data: blank ones, totals, footers, repeated headers, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ingest import values
from ingest.sheets import SheetSource

_TOTALS = ("合计", "小计", "总计", "共计", "累计", "本页合计", "本页小计", "合 计", "小 计", "总 计", "合　计", "小　计", "总　计")  # fmt: skip
TOTAL_CELLS = tuple(f"{word}{mark}" for word in _TOTALS for mark in ("", ":", "："))
_TOTAL = re.compile(r"(?:合计|小计|总计|共计|累计)[:：]?$|^(?:合计|小计|总计|共计|累计)")
_FOOTER = re.compile(
    r"^(?:制表|填表|填报|审核|复核|审批|经办|报送|统计|负责|分管|主管|联系|打印|导出|编制|签字|盖章|单位负责)"
    r"[^:：]{0,8}[:：]"
    r"|^(?:备注|注|说明|附注|日期|单位|电话)(?:[0-9一二三]?)[:：]|^(?:共|第)\s*\d+\s*(?:页|条|行|户|人)"
)
_NOTE_LENGTH = 12


def passed_over(
    sheet: SheetSource, read: dict[int, Any], cells: Sequence[str | None]
) -> str | None:
    """Say in Chinese why a row that is not whole is no data at all; None where it may be."""
    filled = [
        (column, text)
        for column, cell in zip(sheet.columns, cells, strict=True)
        if cell is not None and (text := values.normalise_text(cell))
    ]
    content = [(c, t) for c, t in filled if values.normalise_header(c.header)[0] != "序号"]
    if not content:
        return "空行"
    same = sum(
        values.normalise_header(t)[0] == values.normalise_header(c.header)[0] for c, t in content
    )
    if same * 2 >= len(content) and same >= min(2, len(content)):
        return "重复的表头"
    # 合计 often stands under 序号.
    texts = ["".join(text.split()) for _, text in filled]
    positions = [sheet.position(column.name) for column in sheet.table.required]
    lacking = any(p is None or read[p] is None for p in positions)
    if any(
        text.rstrip(":：") in ("合计", "小计", "总计", "共计", "累计", "本页合计", "本页小计")
        for text in texts
    ):
        return "合计行"
    if not any(p is not None and read[p] is None for p in positions):
        return None
    if lacking and any(_TOTAL.search(text) for text in texts[:3] if len(text) <= 20):
        return "合计行"
    if lacking and _FOOTER.search(texts[0]):
        return "表尾（制表人、审核人等）"
    if lacking and len(content) == 1 and len(texts[0]) > _NOTE_LENGTH and len(sheet.columns) > 2:
        return "说明文字"
    return None
