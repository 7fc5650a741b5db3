"""What commands print: tables and a last line that sums up."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from clues.model import Clue
    from detectors.detector import Detector
    from ingest.report import IntakeReport
    from tanwei.check import CheckReport
    from tanwei.folders import ListedRun
    from tanwei.identity_views import Decisions
    from tanwei.run import RunReport

TOP = 15
# Cells in quarantine that are shown.
TROUBLES = 10
# Wide enough for a table where output goes to a file and there is no terminal to ask.
FILE_WIDTH = 140
STYLES = {"red": "bold red", "orange": "bold yellow", "yellow": "yellow"}


def print_run(report: RunReport) -> None:
    """Print the intake in short, the top clues, what did not run, and the one-line summary."""
    from clues.build import level_counts
    from clues.model import LEVEL_NAMES, LEVELS

    console = _console()
    for line in report.intake.summary_lines():
        print(line)
    if report.clues:
        console.print(_clue_table(report.clues[:TOP], len(report.clues)))
    crashed = [o for o in report.outcomes if o.status == "crashed"]
    for outcome in crashed:
        print(
            f"运行出错：{outcome.detector.spec.title}（{outcome.detector.spec.id}）{outcome.reason}"
        )
    ran = sum(o.status == "ran" for o in report.outcomes)
    skipped = sum(o.status == "skipped" for o in report.outcomes)
    counts = level_counts(report.clues)
    levels = "，".join(f"{LEVEL_NAMES[level]} {counts.get(level, 0)}" for level in LEVELS)
    trouble = f"，{len(crashed)} 个检测项出错" if crashed else ""
    attention = "，数据有问题待处理（见 intake.xlsx）" if report.intake.needs_attention else ""
    print(
        f"完成：疑点 {len(report.clues)} 条（{levels}），运行检测项 {ran} 个，"
        f"未运行 {skipped} 个（原因见 clues.xlsx）{trouble}{attention}。结果目录：{report.folder.path}"
    )


def print_check(report: CheckReport) -> None:
    """Print what was recognised, what is wrong, and which detectors could run."""
    _console().print(_sheet_table(report.intake))
    for line in report.intake.summary_lines():
        print(line)
    _print_quarantine(report.intake)
    table = _table("检测项", "能否运行", "缺少的数据；可补充的数据")
    for status in report.requirements:
        able = Text("可以", "green") if status.missing is None else Text("不能", "red")
        lacks = [status.missing] if status.missing else []
        lacks += [f"可补充：{'；'.join(status.gaps)}"] if status.gaps else []
        table.add_row(
            f"{status.detector.spec.title}\n{status.detector.spec.id}", able, "\n".join(lacks)
        )
    _console().print(table)
    able_count = sum(status.missing is None for status in report.requirements)
    attention = "；有数据问题需处理" if report.intake.needs_attention else ""
    print(f"检查完成：{able_count}/{len(report.requirements)} 个检测项可以运行{attention}。")


def _sheet_table(intake: IntakeReport) -> Table:
    from ingest.report import FILE_STATUS, SHEET_STATUS

    headers = ("文件", "工作表", "识别为", "表头行", "行数", "保留", "合并重复", "隔离行")
    table = _table(*headers)
    for file in intake.files:
        if not file.sheets:
            table.add_row(file.file, "", FILE_STATUS[file.status], *[""] * 5)
        for sheet in file.sheets:
            known = sheet.title if sheet.status == "read" else SHEET_STATUS[sheet.status]
            rows = (sheet.rows_in, sheet.kept, sheet.merged, sheet.quarantined_rows)
            figures = ["" if n is None else f"{n:,}" for n in (sheet.header_row, *rows)]
            table.add_row(file.file, sheet.sheet or "", known, *figures)
    return table


def _print_quarantine(intake: IntakeReport) -> None:
    for bad in intake.quarantine[:TROUBLES]:
        where = f"{bad.file}（{bad.sheet}）" if bad.sheet else bad.file
        what = "整行隔离" if bad.whole_row else "单元格隔离"
        cell = f" {bad.header or bad.column or ''}“{bad.value or ''}”"
        print(f"{what}：{where} 第{bad.row}行{cell}：{bad.reason}")
    if intake.quarantine_total > TROUBLES:
        print(f"另有 {intake.quarantine_total - TROUBLES:,} 处隔离，运行后见 intake.xlsx")


def print_runs(runs: Sequence[ListedRun]) -> None:
    """Print the runs of an output folder, the newest first."""
    table = _table("运行", "当前", "疑点", "退出状态", "基准日期")
    for run in runs:
        record = run.record
        if record is None:
            table.add_row(run.run_id, "", "记录读不了", "", "")
            continue
        table.add_row(
            run.run_id,
            "✓" if run.current else "",
            str(record["clues"]["total"]),
            str(record["exit_status"]),
            str(record["as_of"] or ""),
        )
    _console().print(table)
    print(f"共 {len(runs)} 次运行。")


def print_detectors(detectors: Mapping[str, Detector]) -> None:
    """Print all detectors with family and needs."""
    from detectors.discover import FAMILY_TITLES
    from detectors.runner import describe

    table = _table("编号", "名称", "类别", "需要的数据")
    for name, detector in detectors.items():
        spec = detector.spec
        needs = [describe(required) for required in spec.requires]
        if spec.requires_any:
            needs.append("其中之一：" + " 或 ".join(describe(r) for r in spec.requires_any))
        off = "" if spec.enabled else "（默认不运行）"
        table.add_row(name, spec.title + off, FAMILY_TITLES[spec.family], "\n".join(needs))
    _console().print(table)
    print(f"共 {len(detectors)} 个检测项。")


def print_decisions(decisions: Decisions) -> None:
    """Print the decisions on who is who, those taken back too."""
    table = _table(*decisions.HEADERS)
    for row in decisions.rows():
        table.add_row(*row)
    if len(decisions):
        _console().print(table)
    standing = sum(entry.undone_at is None for entry in decisions)
    print(f"人工认定共 {len(decisions)} 条，其中有效 {standing} 条。")


def _clue_table(clues: Sequence[Clue], total: int) -> Table:
    from clues.model import LEVEL_NAMES
    from clues.names import identity_text

    shown = f"前 {len(clues)} 条，共 {total} 条" if len(clues) < total else f"共 {total} 条"
    table = _table("级别", "疑点", "金额（元）", "身份认定", "编号")
    table.title = f"疑点（{shown}；仅供核查，不是结论）"
    for clue in clues:
        table.add_row(
            Text(LEVEL_NAMES[clue.level], STYLES[clue.level]),
            Text(clue.title),
            "" if clue.amount is None else f"{clue.amount:,.2f}",
            identity_text(clue),
            clue.id,
        )
    table.columns[2].justify = "right"
    return table


def _table(*headers: str) -> Table:
    table = Table(show_lines=False, header_style="bold")
    for header in headers:
        # An id cut in two can't be copied.
        whole = header in ("编号", "运行", "级别", "金额（元）")
        table.add_column(header, no_wrap=whole, overflow="fold")
    return table


def _console() -> Console:
    # Asked of the stream itself: notebooks force colour on commands whose output they keep.
    if sys.stdout.isatty():
        return Console(markup=False, highlight=False)
    return Console(width=FILE_WIDTH, force_terminal=False, markup=False, highlight=False)
