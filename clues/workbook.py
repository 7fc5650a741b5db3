"""``clues.xlsx``: a summary to print, a row a clue, the evidence, and what did not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from clues.build import level_counts
from clues.evidence import marks, told
from clues.fit import row_height
from clues.levels import Q_SIGN
from clues.model import LEVEL_NAMES, LEVELS, Clue, ClueEvidence, ClueReason, Source
from clues.names import (
    EVIDENCE_KINDS,
    FAMILIES,
    STATES,
    absorbed_lines,
    identity_text,
    period_text,
    subject_text,
    systemic_text,
)
from clues.write import STATUS_NAMES, benign_text
from detectors.detector import KINDS, STRENGTHS, Result
from detectors.legal import CLAUSES, cite
from detectors.runner import Outcome
from ingest.bearers import HEADERS, NOTE, WIDTHS, NumberBearer

# Light fills that still differ in grey; the word stands beside the colour for black and white.
LEVEL_FILLS = {"red": "#E06666", "orange": "#F6B26B", "yellow": "#FFF2CC"}
_CELL_MOST = 32_000
_ROWS_MOST = 1_048_000
_TOP = 10
_NOTE = "本表所列均为疑点，是核查的理由，不是结论；未经核实和审批，不得作为认定问题的依据。"

Columns = tuple[tuple[str, float], ...]
CLUE_COLUMNS: Columns = (
    ("序号", 6), ("级别", 6), ("分值", 8), ("线索", 46), ("类别", 16), ("涉及对象", 34),
    ("金额（元）", 16), ("期间", 24), ("身份核对", 16), ("事实陈述", 70), ("定级依据", 46),
    ("其他可能及核对结果", 50), ("建议核查", 46), ("数据缺口", 34), ("相关规定", 40),
    ("同类情况", 26), ("并入的检测结果", 40), ("曾用编号", 20), ("线索编号", 20),
)  # fmt: skip
EVIDENCE_COLUMNS: Columns = (
    ("线索编号", 20), ("级别", 6), ("证据号", 8), ("类型", 10), ("说明", 46), ("内容（已脱敏）", 70),
    ("文件", 34), ("工作表", 16), ("行号", 8), ("相同记录的其他位置", 34),
)  # fmt: skip
OUTCOME_COLUMNS: Columns = (
    ("检测项", 28), ("类别", 18), ("状态", 12), ("原因或说明", 70), ("核对对象", 16), ("对象总数", 10),
    ("触发", 8), ("未触发", 8), ("数据不足", 10), ("不适用", 8), ("已排除的情形", 50),
)  # fmt: skip


def write_xlsx(
    clues: Sequence[Clue],
    outcomes: Iterable[Outcome],
    path: Path,
    bearers: Sequence[NumberBearer] = (),
) -> None:
    """Write the workbook for people.

    Parameters
    ----------
    clues : sequence of Clue
        In their final order.
    outcomes : iterable of Outcome
        All detectors, those that did not run included.
    path : Path
        The file to write.
    bearers : sequence of NumberBearer
        Numbers that clearly different names bear.
    """
    ran = sorted(outcomes, key=lambda o: (o.detector.spec.family, o.detector.spec.id))
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        # The file's own date is not the clock's: the same run gives the same workbook.
        book.set_properties({"title": "疑点线索", "created": datetime(2000, 1, 1)})
        sheets = _Sheets(book)
        _summary(sheets, clues, ran)
        _clues(sheets, clues)
        _evidence(sheets, clues)
        _outcomes(sheets, ran)
        _bearers(sheets, bearers)


class _Sheets:
    """The formats that all sheets share, and sheets laid out alike."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.widths: dict[str, list[float]] = {}
        base = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1}
        add = book.add_format
        self.text = add({**base, "text_wrap": True})
        self.money = add({**base, "num_format": "#,##0.00"})
        self.number = add({**base, "num_format": "0"})
        self.score = add({**base, "num_format": "0.000"})
        self.head = add(
            {**base, "bold": True, "text_wrap": True, "bg_color": "#D9D9D9", "align": "center",
             "valign": "vcenter"}
        )  # fmt: skip
        self.levels = {
            level: add({**base, "bold": True, "align": "center", "bg_color": fill})
            for level, fill in LEVEL_FILLS.items()
        }
        plain = {"font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "top"}
        self.title = add({"font_name": "黑体", "font_size": 18, "align": "center"})
        self.section = add({"font_name": "黑体", "font_size": 12, "valign": "vcenter"})
        self.note = add(plain)

    def listing(self, name: str, columns: Columns, freeze: int) -> Any:
        """A sheet with a header, its first ``freeze`` columns and the header standing still."""
        sheet = self.book.add_worksheet(name)
        self.widths[name] = [width for _, width in columns]
        for i, (header, width) in enumerate(columns):
            sheet.set_column(i, i, width)
            sheet.write_string(0, i, header, self.head)
        sheet.freeze_panes(1, freeze)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        return sheet

    def row(self, sheet: Any, at: int, cells: Sequence[Any]) -> None:
        """Write cells: pairs of (value, format) or text."""
        widths = self.widths.get(sheet.get_name())
        if widths:  # the summary's merged rows get their heights where they are written
            texts = [str((c[0] if isinstance(c, tuple) else c) or "") for c in cells]
            sheet.set_row(at, row_height(texts, widths))
        for i, cell in enumerate(cells):
            value, form = cell if isinstance(cell, tuple) else (cell, self.text)
            if value is None or value == "":
                sheet.write_blank(at, i, None, form)
            elif isinstance(value, str):
                sheet.write_string(at, i, _fitting(value), form)
            else:
                sheet.write_number(at, i, value, form)


def _clues(sheets: _Sheets, clues: Sequence[Clue]) -> None:
    sheet = sheets.listing("线索", CLUE_COLUMNS, 4)
    for at, clue in enumerate(clues[:_ROWS_MOST], 1):
        cells = [
            (at, sheets.number),
            (LEVEL_NAMES[clue.level], sheets.levels[clue.level]),
            (clue.score, sheets.score),
            clue.title,
            FAMILIES.get(clue.family, clue.family),
            "\n".join(_subject_line(clue)),
            (None if clue.amount is None else float(clue.amount), sheets.money),
            period_text(clue.period),
            identity_text(clue),
            "\n".join(told(sentence) for sentence in clue.statement),
            "\n".join(reason_lines(clue)),
            "\n".join(benign_lines(clue)),
            _listed(clue.next_steps),
            _listed(clue.data_gaps),
            "\n".join(cite(key) if key in CLAUSES else key for key in clue.legal_basis),
            systemic_text(clue),
            "\n".join(absorbed_lines(clue)),
            "\n".join(clue.formerly),
            clue.id,
        ]
        sheets.row(sheet, at, cells)
    if clues:
        sheet.autofilter(0, 0, len(clues), len(CLUE_COLUMNS) - 1)


def _evidence(sheets: _Sheets, clues: Sequence[Clue]) -> None:
    sheet = sheets.listing("证据", EVIDENCE_COLUMNS, 3)
    pieces = [(clue, piece) for clue in clues for piece in clue.evidence]
    for at, (clue, piece) in enumerate(pieces[:_ROWS_MOST], 1):
        source = piece.source
        cells = [
            clue.id,
            (LEVEL_NAMES[clue.level], sheets.levels[clue.level]),
            (piece.no, sheets.number),
            EVIDENCE_KINDS[piece.kind],
            piece.text,
            values_text(piece),
            source.file if source else "",
            (source.sheet or "") if source else "",
            (source.row if source else None, sheets.number),
            also_text(source),
        ]
        sheets.row(sheet, at, cells)
    if len(pieces) > _ROWS_MOST:
        rest = len(pieces) - _ROWS_MOST
        sheet.write_string(_ROWS_MOST + 1, 0, f"另有{rest}条证据超出表格行数上限，见 clues.jsonl")
    if pieces:
        sheet.autofilter(0, 0, min(len(pieces), _ROWS_MOST), len(EVIDENCE_COLUMNS) - 1)


def _outcomes(sheets: _Sheets, outcomes: Sequence[Outcome]) -> None:
    sheet = sheets.listing("未运行或数据不足", OUTCOME_COLUMNS, 1)
    at = 0
    for outcome in outcomes:
        result = outcome.result
        short = result is not None and result.insufficient > 0
        if outcome.status == "ran" and not short:
            continue
        at += 1
        spec = outcome.detector.spec
        cells: list[Any] = [
            spec.title,
            FAMILIES.get(spec.family, spec.family),
            "数据不足" if short else STATUS_NAMES[outcome.status],
            outcome.reason
            or "；".join(result.notes if result is not None else ())
            or _short(result),
        ]
        if result is not None:
            counts = (result.subjects, result.triggered, result.not_triggered)
            more = (result.insufficient, result.not_applicable)
            cells += [result.subject_kind, *((n, sheets.number) for n in (*counts, *more))]
            cells.append(
                "\n".join(f"{benign_text(spec, k)}：{n}" for k, n in sorted(result.cleared.items()))
            )
        else:
            cells += [""] * 7
        sheets.row(sheet, at, cells)
    if at == 0:
        sheets.row(sheet, 1, ["（全部检测项均已运行，没有数据不足的情形）"])


def _bearers(sheets: _Sheets, bearers: Sequence[NumberBearer]) -> None:
    """What is wrong with numbers: whom a clue may have missed, or would have mixed up."""
    columns = tuple(zip(HEADERS, WIDTHS, strict=True))
    sheet = sheets.listing("数据质量（号码冲突）", columns, 3)
    for at, bearer in enumerate(bearers[:_ROWS_MOST], 1):
        sheets.row(sheet, at, bearer.cells())
    sheets.row(
        sheet, len(bearers) + 1, [NOTE if bearers else "（未发现同一号码对应明显不同的姓名或名称）"]
    )


def _short(result: Result | None) -> str:
    if result is None:
        return ""
    return f"{result.insufficient}个{result.subject_kind}缺少判断所需的日期、号码或金额"


def _summary(sheets: _Sheets, clues: Sequence[Clue], outcomes: Sequence[Outcome]) -> None:
    """One page of A4: how many of which level and kind, the first clues, what did not run."""
    sheet = sheets.book.add_worksheet("摘要")
    for i, width in enumerate((6, 8, 44, 18, 9, 9)):
        sheet.set_column(i, i, width)
    sheet.set_paper(9)
    sheet.set_portrait()
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.merge_range(0, 0, 0, 5, "疑点线索摘要", sheets.title)
    sheet.set_row(0, 30)
    sheet.merge_range(1, 0, 1, 5, _NOTE, sheets.note)
    sheet.set_row(1, 28)
    at = _summary_counts(sheets, sheet, clues, 3)
    at = _summary_top(sheets, sheet, clues, at + 1)
    at = _summary_runs(sheets, sheet, outcomes, at + 1)
    sheet.print_area(0, 0, at, 5)


def _summary_counts(sheets: _Sheets, sheet: Any, clues: Sequence[Clue], at: int) -> int:
    sheet.merge_range(at, 0, at, 5, "一、数量", sheets.section)
    at += 1
    sheet.merge_range(at, 0, at, 2, "类别", sheets.head)
    for i, level in enumerate(LEVELS):
        sheet.write_string(at, 3 + i, LEVEL_NAMES[level], sheets.levels[level])
    counts = Counter((clue.family, clue.level) for clue in clues)
    for family in [f for f in FAMILIES if any(counts[f, level] for level in LEVELS)]:
        at += 1
        sheet.merge_range(at, 0, at, 2, FAMILIES[family], sheets.text)
        for i, level in enumerate(LEVELS):
            sheet.write_number(at, 3 + i, counts[family, level], sheets.number)
    at += 1
    sheet.merge_range(at, 0, at, 2, f"合计{len(clues)}条", sheets.head)
    for i, count in enumerate(level_counts(clues).values()):
        sheet.write_number(at, 3 + i, count, sheets.number)
    return at + 1


def _summary_top(sheets: _Sheets, sheet: Any, clues: Sequence[Clue], at: int) -> int:
    shown = min(len(clues), _TOP)
    sheet.merge_range(at, 0, at, 5, f"二、排在最前的{shown}条线索", sheets.section)
    at += 1
    for i, header in enumerate(("序号", "级别", "线索", "金额（元）")):
        sheet.write_string(at, i, header, sheets.head)
    sheet.merge_range(at, 4, at, 5, "分值", sheets.head)
    for n, clue in enumerate(clues[:_TOP], 1):
        at += 1
        amount = None if clue.amount is None else float(clue.amount)
        level = (LEVEL_NAMES[clue.level], sheets.levels[clue.level])
        cells = [(n, sheets.number), level, clue.title, (amount, sheets.money)]
        sheets.row(sheet, at, cells)
        sheet.merge_range(at, 4, at, 5, clue.score, sheets.score)
        # Excel fits no height to merged rows by itself; 22 characters a line at this width.
        sheet.set_row(at, 14.5 * max(1, -(-len(clue.title) // 22)))
    return at + 1


def _summary_runs(sheets: _Sheets, sheet: Any, outcomes: Sequence[Outcome], at: int) -> int:
    sheet.merge_range(at, 0, at, 5, "三、检测项运行情况", sheets.section)
    status = Counter(str(outcome.status) for outcome in outcomes)
    parts = [f"{STATUS_NAMES[key]}{status[key]}项" for key in STATUS_NAMES if status[key]]
    lines = ["，".join(parts) + "。" if parts else "没有运行任何检测项。"]
    left = [o for o in outcomes if o.status != "ran"]
    lines += [f"{o.detector.spec.title}：{o.reason or STATUS_NAMES[o.status]}" for o in left[:12]]
    if len(left) > 12:
        lines.append(f"其余{len(left) - 12}项见“未运行或数据不足”表。")
    for line in lines:
        at += 1
        sheet.merge_range(at, 0, at, 5, line, sheets.note)
        sheet.set_row(at, 14.5 * max(1, -(-len(line) // 46)))
    return at


# -- texts that the letter uses too --------------------------------------------------------------


def reason_lines(clue: Clue) -> list[str]:
    """One line a sign: kind, strength, text, evidence; what did not count is said."""
    lines = []
    for reason in clue.reasons:
        numbers = marks(reason.evidence)
        said = reason.q is None or "q=" in reason.text or "q小于" in reason.text
        figures = "" if said or reason.q is None else f"（{_q_text(reason.q)}）"
        left = "" if reason.counted else f"（{_not_counted(reason)}）"
        text = reason.text.rstrip("。；")
        lines.append(
            f"【{KINDS[reason.kind]}·{STRENGTHS[reason.strength]}】{text}{figures}{left}{numbers}"
        )
    return lines


def _q_text(q: float) -> str:
    return "q<0.001" if q < 0.0005 else f"q={q:.3f}"


def _not_counted(reason: ClueReason) -> str:
    if reason.strength == "statistical" and (reason.q is None or reason.q > Q_SIGN):
        return "未达显著标准，不计入"
    return "与其他迹象同类或出自同一事实，不重复计入"


def benign_lines(clue: Clue) -> list[str]:
    """One line an innocent explanation: what it is and how its check came out."""
    return [
        f"{item['text'].rstrip('。；')}——{STATES[item['state']]}："
        f"{_without(item['result'], STATES[item['state']])}"
        for item in clue.benign_explanations
    ]


def values_text(piece: ClueEvidence) -> str:
    """Headers and filled cells of one piece of evidence in one line."""
    filled = ((k, v) for k, v in piece.values.items() if v not in (None, ""))
    return "；".join(f"{k}：{_shown(v)}" for k, v in filled)


def also_text(source: Source | None) -> str:
    """The places of merged duplicates, one a line."""
    if source is None:
        return ""
    return "\n".join(
        f"{p.file}{f'（{p.sheet}）' if p.sheet else ''}第{p.row}行" for p in source.also
    )


def _subject_line(clue: Clue) -> list[str]:
    return [
        subject_text(s) + (f" {s.id_number or s.uscc}" if s.id_number or s.uscc else "")
        for s in clue.subjects
    ]


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_shown(item) for item in value)
    return f"{value:,}" if isinstance(value, float) else str(value)


def _without(text: str, start: str) -> str:
    return text.removeprefix(start).lstrip("：:，")


def _fitting(text: str) -> str:
    """A cell holds 32,767 characters; what is cut is said, and stands in full in clues.jsonl."""
    return text if len(text) <= _CELL_MOST else text[:_CELL_MOST] + "……（全文见 clues.jsonl）"
