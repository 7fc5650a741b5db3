"""How pairs that wait for a person and decisions show: terminal, Jupyter, workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, cast

import xlsxwriter

from clues.casebook import Entry
from graph.schema import NODE_KINDS, NodeKind
from ingest.errors import UserError, why
from tanwei import audit
from tanwei.folders import RunFolder
from tanwei.identity import NEXT_RUN, ReviewPair, Side
from tanwei.run import owner_only
from tanwei.views import Listing, html_table

if TYPE_CHECKING:
    import pandas as pd

_BY = {"rule": "规则", "model": "模型", "analyst": "人工"}
_VERDICT = {"unsure": "待认定", "same": "同一", "different": "不同"}
_SAME = {"person": "同一人", "company": "同一企业"}
SHOWN = 20


def verdict_text(kind: str, verdict: str) -> str:
    """同一人, 非同一企业 and so on.

    Examples
    --------
    >>> verdict_text("person", "same"), verdict_text("company", "different")
    ('同一人', '非同一企业')
    """
    same = _SAME.get(kind, "同一主体")
    return same if verdict == "same" else f"非{same}"


def touches(pair: ReviewPair) -> str:
    """What a merge would touch, in words; empty where nothing."""
    parts = [f"涉及疑点 {pair.clues} 条"] if pair.clues else []
    return "，".join([*parts, *(["涉及公职人员"] if pair.official else [])])


def state(pair: ReviewPair) -> str:
    """Who judged how, and what was decided since."""
    if pair.decided is not None:
        word = verdict_text(pair.kind, pair.decided.verdict)
        return f"{pair.decided.made_by}已认定为{word}（认定编号 {pair.decided.id}）"
    if pair.verdict == "unsure":
        return "待认定"
    return f"{_BY[pair.decided_by]}判断：{_VERDICT[pair.verdict]}"


def _kind(pair: ReviewPair) -> str:
    return NODE_KINDS[cast(NodeKind, pair.kind)]


def chance(pair: ReviewPair) -> str:
    """How likely the two are one, as a percentage."""
    return f"{pair.probability:.0%}"


class IdentityReview(Listing[ReviewPair]):
    """Pairs that wait for a person, the most useful first; ``total`` counts those not shown too."""

    def __init__(self, items: Sequence[ReviewPair], total: int | None = None) -> None:
        super().__init__(items)
        self.total = len(items) if total is None else total

    def lines(self) -> list[str]:
        """Return the pairs as plain text, a block each."""
        out: list[str] = []
        for pair in self:
            head = [pair.id, _kind(pair), f"可能性 {chance(pair)}"]
            out.append("  ".join([*head, *filter(None, (state(pair), touches(pair)))]))
            out += [f"    甲：{_side(pair.one)}", f"    乙：{_side(pair.other)}"]
            for label, reasons in (("支持", pair.supports()), ("存疑", pair.objections())):
                if reasons:
                    out.append(f"    {label}：{'；'.join(reasons)}")
            out.append("")
        return out

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame, a row each; numbers are masked."""
        import pandas as pd

        return pd.DataFrame([_flat(pair) for pair in self], columns=list(_HEADERS))

    def __repr__(self) -> str:
        return "\n".join([*self.lines(), self.summary()])

    def summary(self) -> str:
        """Return the last line: how many there are and what to do with them."""
        if not self.total:
            return "没有需要人工认定的人员或企业。"
        more = f"，显示前 {len(self)} 对" if len(self) < self.total else ""
        waiting = all(p.verdict == "unsure" and p.decided is None for p in self)
        return f"{'待认定' if waiting else '共'} {self.total} 对{more}。认定后在{NEXT_RUN}"

    def _repr_html_(self) -> str:
        if not len(self):
            return f"<p>{escape(self.summary())}</p>"
        headers = ("编号", "类别", "甲", "乙", "支持", "存疑", "可能性", "涉及", "状态")
        rows = [
            (
                f"<code>{pair.id}</code>",
                escape(_kind(pair)),
                _side_html(pair.one),
                _side_html(pair.other),
                "<br>".join(escape(r) for r in pair.supports()),
                "<br>".join(escape(r) for r in pair.objections()),
                chance(pair),
                escape(touches(pair)),
                escape(state(pair)),
            )
            for pair in self
        ]
        return html_table(headers, rows, self.summary())


class Decisions(Listing[Entry]):
    """Decisions on who is who, in the order in which they were made."""

    HEADERS = ("编号", "认定", "甲", "乙", "理由", "认定人", "时间", "状态")

    def rows(self) -> list[tuple[str, ...]]:
        """Return the cells of each."""
        return [
            (
                str(e.id), verdict_text(e.kind, e.verdict), e.a_name, e.b_name, e.reason or "",
                e.made_by, e.made_at[:16].replace("T", " "), _standing(e),
            )
            for e in self
        ]  # fmt: skip

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame, a row each."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(self.HEADERS))

    def __repr__(self) -> str:
        lines = ["，".join(cell for cell in row if cell) for row in self.rows()]
        return "\n".join(lines) or "还没有人工认定。"

    def _repr_html_(self) -> str:
        if not len(self):
            return "<p>还没有人工认定。</p>"
        rows = [[escape(cell) for cell in row] for row in self.rows()]
        return html_table(self.HEADERS, rows, f"人工认定 {len(self)} 条。新的认定在{NEXT_RUN}")


def _standing(entry: Entry) -> str:
    if entry.undone_at is None:
        return "有效"
    return f"{entry.undone_by}于 {entry.undone_at[:10]} 撤销"


def _side(side: Side) -> str:
    return f"{side.name}（{side.detail}）" if side.detail else side.name


def _side_html(side: Side) -> str:
    return f"<b>{escape(side.name)}</b><br>{escape(side.detail)}"


_HEADERS = (
    "编号", "类别", "甲", "甲的情况", "乙", "乙的情况", "可能性", "支持", "存疑", "涉及", "状态",
)  # fmt: skip
_WIDTHS = (10, 7, 24, 34, 24, 34, 8, 30, 30, 16, 16, 12, 12, 24)


def _flat(pair: ReviewPair) -> tuple[str, ...]:
    return (
        pair.id, _kind(pair), pair.one.name, pair.one.detail,
        pair.other.name, pair.other.detail, chance(pair), "；".join(pair.supports()),
        "；".join(pair.objections()), touches(pair), state(pair),
    )  # fmt: skip


def write_workbook(folder: RunFolder, pairs: Sequence[ReviewPair]) -> Path:
    """Write the pairs into a workbook with room for verdict, name and remark; return its path.

    It is noted in the audit log first. Every call makes a new file: what somebody filled in stays.

    Raises
    ------
    UserError
        If it can't be written.
    """
    path = folder.out_dir / f"身份待认定-{datetime.now():%Y%m%d-%H%M%S}.xlsx"
    detail = {"run": folder.run_id, "file": path.name, "pairs": len(pairs)}
    audit.append(folder.out_dir, "export", detail)
    try:
        with owner_only():
            _workbook(path, pairs)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        cause = error if isinstance(error, OSError) else OSError(str(error))
        raise UserError(
            f"工作簿写不进去：{path}（{why(cause)}）。请检查权限和磁盘空间。"
        ) from error
    return path


def _workbook(path: Path, pairs: Sequence[ReviewPair]) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("待认定")
        head = book.add_format(
            {"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True}
        )
        cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        blank = book.add_format({"bg_color": "#FFF8E1", "border": 1, "text_wrap": True})
        for column, (title, width) in enumerate(
            zip((*_HEADERS, "认定", "认定人", "备注"), _WIDTHS, strict=True)
        ):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, head)
        for row, pair in enumerate(pairs, start=1):
            for column, text in enumerate(_flat(pair)):
                sheet.write_string(row, column, text, cell)
            for column in range(len(_HEADERS), len(_HEADERS) + 3):
                sheet.write_blank(row, column, None, blank)
        first = len(_HEADERS)
        sheet.data_validation(
            1, first, max(1, len(pairs)), first, {"validate": "list", "source": ["同一", "不同"]}
        )
        note = "填好后请用 tanwei identity decide 逐对录入；本表只供讨论，不会被读回。"
        sheet.write_string(len(pairs) + 2, 0, note)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
