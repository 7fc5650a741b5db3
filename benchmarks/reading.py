"""Reading alone: one big CSV and one big XLSX, against the floor of the libraries underneath.

``python -m benchmarks.reading csv_floor|csv_tanwei|xlsx_floor|xlsx_tanwei FOLDER`` prints the
seconds of the work itself, without the start of the interpreter; ``make`` writes the two files.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

CSV_ROWS = 1_000_000
XLSX_ROWS = 100_000


def make(folder: Path, county: Path) -> None:
    """Cut the first million subsidy rows of the big county into a CSV, a tenth of it into an XLSX.

    Parameters
    ----------
    folder : Path
        Gets ``csv/subsidies.csv`` and ``xlsx/subsidies.xlsx``.
    county : Path
        Folder written by ``benchmarks.data``.
    """
    (folder / "csv").mkdir(parents=True, exist_ok=True)
    (folder / "xlsx").mkdir(parents=True, exist_ok=True)
    table = pd.read_csv(county / "subsidies.csv", dtype="str", nrows=CSV_ROWS)
    table.to_csv(folder / "csv" / "subsidies.csv", index=False)
    sheet = table.head(XLSX_ROWS).copy()
    sheet["补贴金额"] = pd.to_numeric(sheet["补贴金额"])
    sheet.to_excel(folder / "xlsx" / "subsidies.xlsx", index=False, engine="xlsxwriter")


def csv_floor(folder: Path) -> None:
    """DuckDB's own reader, every column as text, written to a table on disk."""
    with tempfile.TemporaryDirectory() as scratch:
        con = duckdb.connect(f"{scratch}/floor.duckdb")
        path = str(folder / "csv" / "subsidies.csv")
        con.execute("CREATE TABLE t AS SELECT * FROM read_csv(?, all_varchar=true)", [path])
        con.close()


def xlsx_floor(folder: Path) -> None:
    """Bare calamine: every cell as a Python object."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(folder / "xlsx" / "subsidies.xlsx"))
    book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def tanwei(folder: Path) -> None:
    """The whole intake: recognition, typed tables with sources, quarantine, report."""
    from ingest.intake import read_folder

    with tempfile.TemporaryDirectory() as scratch:
        con = duckdb.connect(f"{scratch}/snapshot.duckdb")
        con.execute(f"ATTACH '{scratch}/typed.duckdb' AS typed")
        report = read_folder(folder, con)
        assert not report.needs_attention, report.summary_lines()
        con.close()


def main() -> None:
    """Do the work named on the command line and print its seconds."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "make":
        make(folder, folder / "county")
        return
    work = {
        "csv_floor": lambda: csv_floor(folder),
        "xlsx_floor": lambda: xlsx_floor(folder),
        "csv_tanwei": lambda: tanwei(folder / "csv"),
        "xlsx_tanwei": lambda: tanwei(folder / "xlsx"),
    }[what]
    import ingest.intake  # noqa: F401  (imports are not what is measured)

    start = time.perf_counter()
    work()
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()
