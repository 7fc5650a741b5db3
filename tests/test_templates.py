"""Templates: written for every table, and read back by the intake without a complaint."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import pytest

from ingest.intake import IntakeReport, read_folder
from ingest.tables import TABLES
from ingest.templates import write_templates


@pytest.fixture(scope="module")
def read_back(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], IntakeReport]:
    folder = tmp_path_factory.mktemp("templates")
    paths = write_templates(folder)
    return paths, read_folder(folder, duckdb.connect())


def test_one_template_a_table_named_after_it(
    read_back: tuple[list[Path], IntakeReport],
) -> None:
    paths, _ = read_back
    assert [p.name for p in paths] == [f"{t.name}_{t.title}.xlsx" for t in TABLES.values()]


def test_every_template_is_recognised_as_its_table(
    read_back: tuple[list[Path], IntakeReport],
) -> None:
    _, report = read_back
    found = {file.file: [s.table for s in file.sheets] for file in report.files}
    assert found == {f"{t.name}_{t.title}.xlsx": [t.name] for t in TABLES.values()}


def test_the_example_row_is_whole(read_back: tuple[list[Path], IntakeReport]) -> None:
    _, report = read_back
    assert report.quarantine == []
    assert all(sheet.kept == 1 and not sheet.unknown_columns for _, sheet in report.sheets())
    assert not report.needs_attention
    # A made-up identity number passes its check, too.
    assert all(not sheet.number_checks for _, sheet in report.sheets())


def test_required_headers_are_marked_and_every_column_is_explained(
    read_back: tuple[list[Path], IntakeReport],
) -> None:
    paths, _ = read_back
    book = openpyxl.load_workbook(next(p for p in paths if p.name.startswith("subsidies_")))
    data, notes = book.worksheets
    headers = {cell.value: cell.fill.fgColor.rgb for cell in data[1]}
    table = TABLES["subsidies"]
    required = {headers[c.headers[0]] for c in table.columns if c.required}
    optional = {headers[c.headers[0]] for c in table.columns if not c.required}
    assert len(required) == len(optional) == 1
    assert required != optional
    explained = {row[1].value for row in notes.iter_rows(min_row=5)}
    assert {c.name for c in table.columns} <= explained
