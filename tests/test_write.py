"""Clues on disk: reproducible bytes, a workbook for people, the record of outcomes."""

from __future__ import annotations

import json
from pathlib import Path

import clue_samples as made
import openpyxl
import pytest

from clues.build import build_clues
from clues.model import Clue
from clues.workbook import write_xlsx
from clues.write import outcomes_record, read_jsonl, summary_table, write_jsonl
from detectors.detector import Reason, Row
from ingest.errors import UserError


@pytest.fixture(scope="module")
def clues() -> list[Clue]:
    return build_clues(made.snapshot(), made.outcomes())


def test_jsonl_is_the_same_bytes_twice_and_reads_back(clues: list[Clue], tmp_path: Path) -> None:
    write_jsonl(clues, tmp_path / "a.jsonl")
    write_jsonl(build_clues(made.snapshot(), made.outcomes()[::-1]), tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert read_jsonl(tmp_path / "a.jsonl") == clues


def test_amounts_are_numbers_with_two_decimals(clues: list[Clue]) -> None:
    line = next(clue for clue in clues if clue.detector == "paid_after_death").to_json()
    assert '"amount":900.00,' in line
    assert json.loads(line)["amount"] == 900


def test_damaged_files_are_named(tmp_path: Path) -> None:
    bad = tmp_path / "clues.jsonl"
    bad.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="已损坏"):
        read_jsonl(bad)
    bad.write_text('{"id": "1"}\n', encoding="utf-8")
    with pytest.raises(UserError, match="格式"):
        read_jsonl(bad)
    with pytest.raises(UserError, match="无法读取"):
        read_jsonl(tmp_path / "none.jsonl")


def test_workbook_holds_clues_evidence_and_what_did_not_run(
    clues: list[Clue], tmp_path: Path
) -> None:
    write_xlsx(clues, made.outcomes(), tmp_path / "clues.xlsx")
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    assert book.sheetnames == [
        "摘要",
        "线索",
        "证据",
        "未运行或数据不足",
        "数据质量（号码冲突）",
    ]
    sheet = book["线索"]
    assert sheet.freeze_panes == "E2"
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == ["红", "橙", "橙"]
    assert [row[3] for row in rows] == [clue.title for clue in clues]
    fills = [sheet.cell(i, 2).fill.start_color.rgb for i in (2, 3)]
    assert len(set(fills)) == 2
    evidence = list(book["证据"].iter_rows(min_row=2, values_only=True))
    assert len(evidence) == sum(len(clue.evidence) for clue in clues)
    skipped = {
        row[0]: row for row in book["未运行或数据不足"].iter_rows(min_row=2, values_only=True)
    }
    assert skipped["未见近亲属备案记录"][2:4] == ("未运行", "缺少“近亲属备案”表")
    assert skipped["保证金同源"][2] == "运行出错"
    assert skipped["亲属企业承接本单位项目"][8] == 1


def test_summary_is_one_page_of_a4(clues: list[Clue], tmp_path: Path) -> None:
    write_xlsx(clues, made.outcomes(), tmp_path / "clues.xlsx")
    page = openpyxl.load_workbook(tmp_path / "clues.xlsx")["摘要"]
    assert int(page.page_setup.paperSize) == 9
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight or 1) == (1, 1)


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    snapshot = made.snapshot()
    place, cells = snapshot.rows["shareholders", 9]
    danger = '=HYPERLINK("http://x.example","点我")'
    snapshot.rows["shareholders", 9] = (place, {**cells, "股东": (danger, None, "shareholder")})
    clues = build_clues(
        snapshot, [made.outcome(made.spec(), made.supplier_finding(title="=1+1 疑似"))]
    )
    write_xlsx(clues, [], tmp_path / "clues.xlsx")
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    assert book["线索"]["D2"].value == "=1+1 疑似"


def test_no_clues_still_give_a_workbook(tmp_path: Path) -> None:
    write_xlsx([], [], tmp_path / "clues.xlsx")
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    assert book["线索"].max_row == 1


def test_outcomes_reconcile_and_say_why() -> None:
    records = {record["detector"]: record for record in outcomes_record(made.outcomes())}
    ran = records["own_unit_supplier"]
    counts = ran["counts"]
    parts = ("triggered", "not_triggered", "insufficient", "not_applicable")
    assert sum(counts[part] for part in parts) == counts["subjects"]
    assert ran["cleared"] == [{"key": "tenure", "text": "合同签订时已离任", "count": 2}]
    assert ran["parameters"] == {"min_share": 5.0}
    skipped = records["unfiled_kin"]
    assert (skipped["status"], skipped["counts"]) == ("skipped", None)
    assert "近亲属备案" in skipped["reason"]
    assert json.dumps(list(records.values()), ensure_ascii=False)


def test_findings_that_reach_no_level_are_counted_in_the_record() -> None:
    idle = Reason("price", "statistical", "偏高", (Row("officials", 1, "任职"),), q=0.3)
    outcome = made.outcome(made.spec(), made.supplier_finding(reasons=(idle,)))
    assert outcomes_record([outcome])[0]["counts"]["below_yellow"] == 1


def test_terminal_table(clues: list[Clue]) -> None:
    rows = summary_table(clues, most=2)
    assert len(rows) == 2
    assert rows[0][0] == "红"
    assert rows[0][-1] == clues[0].id
