"""A number borne by two clearly different people is said where people look, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from graph.quality import number_bearers
from tanwei.run import RunReport, RunRequest, run
from tests.helpers import snapshot_from_tables, write_tables
from tests.test_resolve import A, B

TABLES = {
    "卫健/deaths": f"姓名,身份证号,死亡日期\n王秀英,{A},2020-01-02\n李四,{B},2020-01-03",
    "财政/payroll": f"姓名,身份证号,发放单位,起薪日期\n李建国,{A},县财政局,2001-01-01\n李四,{B},县财政局,2001-01-01",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    base = tmp_path_factory.mktemp("run")
    write_tables(base / "data", TABLES)
    return run(RunRequest(base / "data", base / "out"))


def _rows(path: Path, sheet: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))[1:]


@pytest.mark.parametrize(
    ("book", "sheet"), [("intake.xlsx", "号码冲突"), ("clues.xlsx", "数据质量（号码冲突）")]
)
def test_workbooks_name_file_and_row_of_each_bearer(
    report: RunReport, book: str, sheet: str
) -> None:
    rows = [row for row in _rows(report.folder.path / book, sheet) if row[1]]
    masked = A[:6] + "********" + A[14:]
    assert sorted((r[1], r[2], r[4], r[6]) for r in rows) == [
        (masked, "李建国", "财政/payroll.csv", 2),
        (masked, "王秀英", "卫健/deaths.csv", 2),
    ]


def test_the_terminal_and_the_record_say_so(report: RunReport) -> None:
    line = next(line for line in report.intake.summary_lines() if line.startswith("号码冲突"))
    assert "李建国（财政/payroll.csv 第 2 行）" in line
    assert "王秀英（卫健/deaths.csv 第 2 行）" in line
    assert A not in line
    record = json.loads((report.folder.path / "run.json").read_text(encoding="utf-8"))
    assert record["identity"]["number_conflicts"] == 1
    assert record["identity"]["person_unsure_by_rule"] == 1
    assert line in record["intake"]
    listed = json.loads((report.folder.path / "intake.json").read_text(encoding="utf-8"))
    assert {b["name"] for b in listed["number_bearers"]} == {"李建国", "王秀英"}


def test_many_rows_of_one_name_are_counted_not_listed() -> None:
    rows = "\n".join(f"王秀英,{A},2020-01-{d:02d}" for d in range(1, 11))
    with snapshot_from_tables(
        {
            "deaths": "姓名,身份证号,死亡日期\n" + rows,
            "payroll": f"姓名,身份证号,发放单位,起薪日期\n李建国,{A},县财政局,2001-01-01",
        }
    ) as s:
        found = [b for b in number_bearers(s) if b.name == "王秀英"]
        assert [b.row for b in found] == [2, 3, 4]
        assert {b.rows for b in found} == {10}


def test_no_conflict_no_finding() -> None:
    with snapshot_from_tables({"deaths": TABLES["卫健/deaths"]}) as s:
        assert number_bearers(s) == []
