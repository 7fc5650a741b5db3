"""The example county: every planted case is found at its level, no innocent look-alike is reported."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from stdnum import luhn
from stdnum.cn import ric, uscc

from clues.model import LEVELS, Clue
from detectors.discover import discover
from examples.county import County, make_county
from examples.headers import HEADERS
from examples.save import save
from examples.world import Lookalike, Planted
from tanwei.run import RunReport, RunRequest, run

SEED = 7


@dataclass(frozen=True)
class Whole:
    """A county, its delivery and the run over it."""

    county: County
    data: Path
    report: RunReport


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    base = tmp_path_factory.mktemp("county")
    county = make_county(SEED)
    save(county, base / "data")
    return Whole(county, base / "data", run(RunRequest(base / "data", base / "out")))


def _parties(clue: Clue) -> set[str]:
    nodes = clue.path.nodes if clue.path else ()
    return {s.name for s in clue.subjects} | {n.name for n in nodes}


def _masked(number: str) -> str:
    return number[:6] + "********" + number[14:] if len(number) == 18 else number


def _reports(clue: Clue, case: Planted | Lookalike) -> bool:
    """Tell whether a clue is about a case: its detector, all its subjects, no other number.

    A clue that tells what other detectors found is about their cases too.
    """
    told = {clue.detector, *(one.detector for one in clue.absorbs)}
    if case.detector not in told or not set(case.subjects) <= _parties(clue):
        return False
    known = {s.name: s.id_number for s in clue.subjects if s.id_number}
    return all(
        number is None or name not in known or known[name][-4:] == number[-4:]
        for name, number in zip(case.subjects, case.numbers, strict=True)
    )


def _level(clue: Clue, case: Planted) -> str:
    """The clue's level; that of the case where another clue tells it and stands no lower."""
    no_lower = LEVELS.index(clue.level) <= LEVELS.index(case.level)  # type: ignore[arg-type]
    return case.level if clue.detector != case.detector and no_lower else clue.level


def test_every_planted_case_is_found_once_at_its_level(whole: Whole) -> None:
    found = {
        case.title: [_level(c, case) for c in whole.report.clues if _reports(c, case)]
        for case in whole.county.truth.planted
    }
    assert found == {case.title: [case.level] for case in whole.county.truth.planted}


def test_no_look_alike_is_reported_above_what_it_deserves(whole: Whole) -> None:
    wrong = [
        (case.why, clue.level, clue.title)
        for case in whole.county.truth.lookalikes
        for clue in whole.report.clues
        if _reports(clue, case)
        and (case.at_most is None or LEVELS.index(clue.level) < LEVELS.index(case.at_most))
    ]
    assert wrong == []


def test_nothing_else_is_reported(whole: Whole) -> None:
    truth = whole.county.truth
    cases: list[Planted | Lookalike] = [*truth.planted, *truth.lookalikes]
    extra = [
        (clue.detector, clue.title)
        for clue in whole.report.clues
        if not any(_reports(clue, case) for case in cases)
    ]
    assert extra == []


def test_truth_covers_every_detector(whole: Whole) -> None:
    planted = Counter(case.detector for case in whole.county.truth.planted)
    innocent = Counter(case.detector for case in whole.county.truth.lookalikes)
    assert whole.county.truth.left_out == []
    assert set(planted) == set(discover())
    assert planted.total() >= 12
    assert set(innocent) == set(planted)
    assert min(innocent.values()) >= 2


def test_intake_reads_the_whole_delivery(whole: Whole) -> None:
    assert whole.report.exit_status == 0
    with duckdb.connect(str(whole.report.folder.snapshot), read_only=True) as con:
        tables = {row[0] for row in con.execute("SELECT table_name FROM sheets").fetchall()}
        counts = {
            name: con.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # type: ignore[index]
            for name in whole.county.tables
        }
    assert set(whole.county.tables) <= tables
    assert counts == {name: len(frame) for name, frame in whole.county.tables.items()}


def test_amounts_survive_units_and_totals(whole: Whole) -> None:
    money = {
        "tenders": "award_amount", "contracts": "amount", "subsidies": "amount",
        "companies": "registered_capital", "village_projects": "budget",
    }  # fmt: skip
    with duckdb.connect(str(whole.report.folder.snapshot), read_only=True) as con:
        for table, column in money.items():
            found = con.execute(f"SELECT sum({column}) FROM {table}").fetchone()
            assert found is not None
            assert found[0] == whole.county.tables[table][column].sum(), table


def test_dates_survive_every_notation(whole: Whole) -> None:
    dates = {
        "contracts": "sign_date", "kin_filings": "filing_date", "deaths": "death_date",
        "payments": "pay_date", "officials": "start_date", "leases": "end_date",
    }  # fmt: skip
    with duckdb.connect(str(whole.report.folder.snapshot), read_only=True) as con:
        for table, column in dates.items():
            found = Counter(
                row[0] for row in con.execute(f"SELECT {column} FROM {table}").fetchall()
            )
            assert found == Counter(whole.county.tables[table][column]), table


def test_evidence_stands_where_it_is_said_to_stand(whole: Whole) -> None:
    """Opened as a person would: the cells of the original row are those shown, but for masking."""
    pieces = [e for clue in whole.report.clues for e in clue.evidence if e.source is not None]
    for piece in random.Random(SEED).sample(pieces, 15):
        assert piece.source is not None
        rows = _original(whole.data / piece.source.file, piece.source.sheet)
        above, row = rows[: piece.source.row - 1], rows[piece.source.row - 1]
        for header, shown in piece.values.items():
            # A merged cell has its value in its first row only.
            merged = [r[i] for i, c in enumerate(row) if c is None for r in above if i < len(r)]
            cells = [str(c).strip() for c in (*row, *merged) if c is not None]
            fits = any(_same(str(shown), cell) for cell in cells)
            assert not shown or fits, (piece.source, header, shown, row)


def _original(path: Path, sheet: str | None) -> list[list[object]]:
    if path.suffix == ".csv":
        data = path.read_bytes()
        codes = ["utf-16"] if data[:2] == b"\xff\xfe" else ["utf-8-sig", "gb18030"]
        for code in codes:
            with contextlib.suppress(UnicodeDecodeError):
                text = data.decode(code)
                break
        marks = max(",;\t", key=text.count)
        return [list(row) for row in csv.reader(io.StringIO(text), delimiter=marks)]
    if path.suffix == ".xls":
        book = CalamineWorkbook.from_path(path)
        return [list(r) for r in book.get_sheet_by_name(sheet or "").to_python(False)]
    return [list(row) for row in openpyxl.load_workbook(path)[sheet or ""].values]


def _same(shown: str, cell: str) -> bool:
    if "*" in shown:
        return re.fullmatch(re.escape(shown).replace(r"\*", "."), cell) is not None
    # Dates and figures that a workbook stores as such are shown as it displays them.
    figures = [text.replace(",", "").removesuffix(".0") for text in (shown, cell)]
    return figures[0] == figures[1] or (len(shown) >= 10 and cell.startswith(shown))


def test_who_complained_is_nowhere_in_the_run(whole: Whole) -> None:
    complaints = whole.county.tables["complaints"]
    named = set(complaints["subject"]) | set(complaints["handler"])
    complainants = set(complaints["complainant"]) - named
    assert len(complainants) > 20
    with duckdb.connect(str(whole.report.folder.snapshot), read_only=True) as con:
        sheets = con.execute("SELECT sheet_id FROM sheets WHERE table_name = 'complaints'")
        cells = {
            str(cell)
            for (sheet,) in sheets.fetchall()
            for row in con.execute(f"SELECT * FROM raw.sheet_{sheet}").fetchall()
            for cell in row
        }
    assert set(complaints["complaint_no"]) <= cells
    assert complainants.isdisjoint(cells)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    def digest(folder: Path) -> dict[str, str]:
        county = make_county(SEED, villages_per_township=2)
        truth = save(county, folder)
        files = [truth, *sorted(p for p in folder.rglob("*") if p.is_file())]
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files[1:]}

    assert digest(tmp_path / "a" / "data") == digest(tmp_path / "b" / "data")


def test_truth_stands_beside_the_data(whole: Whole) -> None:
    truth = whole.data.with_name("data.truth.json")
    record = json.loads(truth.read_text(encoding="utf-8"))
    assert len(record["planted"]) == len(whole.county.truth.planted)
    assert not [p for p in whole.data.rglob("*") if "truth" in p.name]


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(FileExistsError):
        save(make_county(1, villages_per_township=1), tmp_path)


def test_numbers_are_well_formed(whole: Whole) -> None:
    people = whole.county.tables["people"]["id_number"]
    assert people.is_unique
    assert all(ric.calc_check_digit(number) == number[-1] for number in people)
    assert all(uscc.is_valid(code) for code in whole.county.tables["companies"]["uscc"])
    assert all(luhn.is_valid(a) for a in whole.county.tables["subsidies"]["account"].unique())


def test_the_county_is_as_large_and_as_full_of_namesakes_as_it_should_be(whole: Whole) -> None:
    tables = whole.county.tables
    assert 4_400 <= len(tables["people"]) <= 5_600
    assert 150 <= len(tables["officials"]) <= 160
    assert 280 <= len(tables["companies"]) <= 650
    assert 140 <= len(tables["tenders"]) <= 900
    assert set(HEADERS) == set(tables)
    bearers = Counter(tables["people"]["name"])
    assert bearers.most_common(1)[0][1] >= 5
    assert sum(count for count in bearers.values() if count > 1) / len(tables["people"]) > 0.1


def test_plain_delivery_is_one_csv_a_table(tmp_path: Path) -> None:
    county = make_county(1, villages_per_township=1)
    save(county, tmp_path / "data", "none")
    files = sorted((tmp_path / "data").rglob("*"))
    assert {p.suffix for p in files if p.is_file()} == {".csv"}
    rows = list(
        csv.reader(
            (tmp_path / "data" / "卫生健康局" / "死亡医学证明登记.csv").open(encoding="utf-8")
        )
    )
    assert len(rows) == len(county.tables["deaths"]) + 1
