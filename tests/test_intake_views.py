"""Typed tables of big sheets are views of the stored cells: the same rows as when written out."""

from pathlib import Path

import duckdb
import pytest

from ingest import typed
from ingest.intake import read_folder

ROWS = """补贴项目,年度,姓名,身份证号,补贴金额,发放日期
低保金,2023,张三,110105194912310021,1200.50,2023-05-01
低保金,2023,张三,110105194912310021,1200.50,2023-05-01
危房改造,2023,李四,,300,2023/6/1
合计,,,,2700.50,
"""


def _read(folder: Path, large: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list, list, str, int]:
    monkeypatch.setattr(typed, "LARGE_SHEET", large)
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS typed")
        report = read_folder(folder, con)
        rows = con.execute("FROM typed.subsidies ORDER BY row_id").fetchall()
        types = con.execute("DESCRIBE typed.subsidies").fetchall()
        views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        kind = "view" if ("subsidies",) in views else "table"
        return rows, types, kind, report.files[0].sheets[0].kept


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("repeats", ROWS, "table"),  # repeats are marked, so the rows are written out
        ("plain", "".join(ROWS.splitlines(keepends=True)[i] for i in (0, 1, 3)), "view"),
        ("total", "".join(ROWS.splitlines(keepends=True)[i] for i in (0, 1, 3, 4)), "view"),
        ("unusual", ROWS.replace("300,2023/6/1", "三百元,2023.6"), "table"),
    ],
)
def test_view_and_table_hold_the_same(
    name: str, text: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    small = _read(tmp_path, 10**9, monkeypatch)
    large = _read(tmp_path, 0, monkeypatch)
    assert small[2] == "table"
    assert large[2] == kind
    assert (small[0], small[1], small[3]) == (large[0], large[1], large[3])
    assert large[3] == len(large[0]) >= 2
