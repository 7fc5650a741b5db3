"""What intake leaves: the relations of docs/structure.md, from text, workbooks and OCDS."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_data import id_number

from ingest.intake import IntakeSettings, read_folder
from ingest.readers.text import TextGrid, read_text
from ingest.tables import TABLES
from ingest.typed import SQL_TYPES

USCC = "91110000600037341L"


def read(folder: Path, con: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyConnection:
    con = con or duckdb.connect()
    read_folder(folder, con)
    return con


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_typed_tables_have_every_declared_column_in_its_type(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "编号,被反映人\nX1,甲某\n")
    write(tmp_path / "b.csv", "项目编号,投标人,投标报价\nT1,某公司,1\n")
    con = read(tmp_path)
    for name in ("complaints", "bids"):
        found = con.execute(f"DESCRIBE typed.{name}").fetchall()
        declared = [(c.name, SQL_TYPES[c.type]) for c in TABLES[name].columns]
        head = [
            ("row_id", "BIGINT"),
            ("sheet_id", "INTEGER"),
            ("row_no", "BIGINT"),
            ("repeat_of", "BIGINT"),
        ]
        assert [(row[0], row[1]) for row in found] == head + declared
    tables = {r[0] for r in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    intake = {"sheets", "sheet_columns", "table_columns", "row_also", "id_numbers"}
    assert {t for t in tables if not t.startswith("sheet_")} == {"complaints", "bids", *intake} - {
        "sheet_columns"
    }


@pytest.mark.parametrize("attached", [False, True])
def test_schemas_or_attached_databases(tmp_path: Path, attached: bool) -> None:
    con = duckdb.connect()
    if attached:
        con.execute("ATTACH ':memory:' AS typed")
    write(tmp_path / "a.csv", "姓名,死亡日期\n张三,2020年5月\n")
    read(tmp_path, con)
    assert con.execute("SELECT name, death_date FROM typed.deaths").fetchall() == [
        ("张三", date(2020, 5, 31))
    ]
    assert con.execute("FROM raw.sheet_1").fetchall() == [(2, "张三", "2020年5月")]


def test_raw_sheets_survive_in_a_file_of_another_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write(tmp_path / "data" / "a.csv", "姓名,死亡日期\n张三,2020-05-01\n")
    with duckdb.connect(str(tmp_path / "one.duckdb")) as con:
        read(tmp_path / "data", con)
    (tmp_path / "one.duckdb").rename(tmp_path / "two.duckdb")
    with duckdb.connect(str(tmp_path / "two.duckdb"), read_only=True) as con:
        assert con.execute("FROM raw.sheet_1").fetchall() == [(2, "张三", "2020-05-01")]


def test_sheets_columns_and_fill_are_described(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "序号,姓 名,身份证号码,联系电话,备注2\n1,张三,,13800000000,x\n")
    con = read(tmp_path)
    assert con.execute("FROM typed.sheets").fetchall() == [(1, "a.csv", None, "people", 1, None)]
    assert con.execute("FROM typed.sheet_columns ORDER BY position").fetchall() == [
        (1, 1, "序号", None, None),
        (1, 2, "姓 名", "name", None),
        (1, 3, "身份证号码", "id_number", "id"),
        (1, 4, "联系电话", "phone", "phone"),
        (1, 5, "备注2", None, None),
    ]
    filled = dict(con.execute("SELECT column_name, filled FROM typed.table_columns").fetchall())
    assert filled == {c.name: int(c.name in ("name", "phone")) for c in TABLES["people"].columns}


def test_identity_numbers_are_judged_once_each(tmp_path: Path) -> None:
    good = id_number(1)
    write(
        tmp_path / "a.csv",
        f"姓名,身份证号\n甲,{good}\n乙, {good.lower()} \n丙,110105491231002\n丁,320281********1234\n戊,123\n",
    )
    write(
        tmp_path / "b.csv",
        f"企业名称,股东名称,股东证件号,持股比例\n某公司,甲,{good},60%\n某公司,乙公司,{USCC},40\n",
    )
    con = read(tmp_path)
    found = con.execute(
        "SELECT number, status, full_number, sex FROM typed.id_numbers ORDER BY 1"
    ).fetchall()
    assert found == [
        ("110105491231002", "valid15", "11010519491231002X", "女"),
        ("123", "bad", None, None),
        ("320281********1234", "masked", None, "男"),
        (good, "valid", good, "男"),
    ]
    shares = con.execute("SELECT shareholder_id, share_percent FROM typed.shareholders ORDER BY 2")
    assert shares.fetchall() == [(USCC, 40.0), (good, 60.0)]


def test_rows_of_several_files_get_their_own_ids(tmp_path: Path) -> None:
    for n in range(3):
        write(tmp_path / f"{n}.csv", f"某表\n姓名,死亡日期\n甲{n},2020-01-01\n乙{n},2020-01-01\n")
    con = read(tmp_path)
    rows = con.execute("SELECT row_id, sheet_id, row_no FROM typed.deaths ORDER BY 1").fetchall()
    assert rows == [(1, 1, 3), (2, 1, 4), (3, 2, 3), (4, 2, 4), (5, 3, 3), (6, 3, 4)]


def test_shuffled_rows_give_the_same_table_but_for_row_numbers(tmp_path: Path) -> None:
    lines = [f"低保,张{i % 7},{i % 5}.50,2023-0{1 + i % 9}-01" for i in range(60)]
    results = []
    for seed in (None, 1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        if seed is not None:
            random.Random(seed).shuffle(lines)
        write(folder / "a.csv", "补贴项目,姓名,补贴金额,发放日期\n" + "\n".join(lines) + "\n")
        con = read(folder)
        results.append(
            con.execute(
                "SELECT name, amount, pay_date, repeat_of IS NULL FROM typed.subsidies ORDER BY ALL"
            ).fetchall()
        )
    assert results[0] == results[1]


def test_report_counts_reconcile_on_a_messy_folder(tmp_path: Path) -> None:
    body = "低保,张三,100\n低保,张三,100\n低保,,100\n合计,,300\n,,\n低保,李四,一百多\n"
    write(tmp_path / "a.csv", "补贴项目,姓名,补贴金额\n" + body)
    write(tmp_path / "b.csv", "补贴项目,姓名,补贴金额\n" + body + "低保,王五,1\n")
    con = duckdb.connect()
    report = read_folder(tmp_path, con, IntakeSettings(max_quarantine=0.9))
    for _, s in report.sheets():
        parts = s.kept + s.merged + s.quarantined_rows + sum(s.passed_over.values())
        assert s.rows_in == parts
        assert s.quarantined_rows == 2
    (a, b) = [s for _, s in report.sheets()]
    assert (a.kept, a.merged, a.repeats) == (2, 0, 1)
    assert (b.kept, b.merged, b.repeats) == (1, 2, 0)
    assert con.execute("SELECT count(*) FROM typed.subsidies").fetchall() == [(3,)]
    report.write_json(tmp_path / "intake.json")
    written = json.loads((tmp_path / "intake.json").read_text(encoding="utf-8"))
    assert written["quarantine_total"] == len(written["quarantine"]) == 4
    assert written["files"][0]["sheets"][0]["passed_over"] == {"合计行": 1, "空行": 1}
    assert not report.needs_attention


def test_summary_speaks_plain_chinese(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "姓名,死亡日期,死因\n张三,2020-01-01,病故\n")
    write(tmp_path / "b.csv", "")
    lines = read_folder(tmp_path, duckdb.connect()).summary_lines()
    assert lines[:2] == ["读取文件 2 个：已读取 1 个，无法读取 1 个。", "《死亡登记》1 行"]
    assert "无法读取：b.csv：文件是空的。" in lines
    assert "未用的列：a.csv：死因。" in lines


def test_progress_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "姓名,死亡日期\n张三,2020-01-01\n")
    told: list[tuple[str, float, float | None]] = []
    read_folder(tmp_path, duckdb.connect(), progress=lambda *a: told.append(a))
    assert told[0] == ("读取文件", 0, 1.0)
    assert told[-1] == ("整理数据表", 2.0, 2.0)


def test_only_wanted_suffixes_are_read(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "姓名,死亡日期\n张三,2020-01-01\n")
    write(tmp_path / "b.json", "{}")
    report = read_folder(tmp_path, duckdb.connect(), only_suffixes={".csv"})
    assert [f.file for f in report.files] == ["a.csv"]


# -- OCDS ----------------------------------------------------------------------------------------


def release(number: int) -> dict[str, Any]:
    return {
        "ocid": f"x-{number}",
        "tag": ["tender", "award"],
        "date": "2023-01-01T00:00:00Z",
        "buyer": {"name": "A county"},
        "tender": {"id": f"T{number}", "title": "Road"},
        "bids": {
            "details": [
                {"id": "1", "tenderers": [{"name": "Firm A"}], "value": {"amount": 10.5}},
                {"id": "2", "tenderers": [{"name": "Firm B"}], "value": {"amount": 11}},
            ]
        },
    }


def test_ocds_lines_become_tables_with_their_line_as_row(tmp_path: Path) -> None:
    lines = [json.dumps(release(n)) for n in (1, 2)]
    write(tmp_path / "a.jsonl", "\n".join(lines) + "\n")
    con = read(tmp_path)
    tenders = con.execute("SELECT row_no, tender_no, purchaser FROM typed.tenders ORDER BY 1")
    assert tenders.fetchall() == [(1, "T1", "A county"), (2, "T2", "A county")]
    bids = con.execute(
        "SELECT row_id, row_no, bidder, amount FROM typed.bids ORDER BY 1"
    ).fetchall()
    assert [row[:2] for row in bids] == [(1, 1), (2, 1), (3, 2), (4, 2)]
    assert bids[0][2:] == ("Firm A", Decimal("10.50"))
    assert con.execute("SELECT DISTINCT file, sheet FROM typed.sheets").fetchall() == [
        ("a.jsonl", None)
    ]


# -- two ways through a text file ----------------------------------------------------------------

HEADER = ["补贴项目", "姓名", "补贴金额"]
CELL = st.one_of(
    st.sampled_from(
        ["", " ", "张三", "1.5", '"', "a,b", "a\nb", "a\r\nb", "=1", "''", "\t", ";", "NULL"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6),
)


def both_ways(path: Path) -> tuple[list[tuple[Any, ...]] | None, list[tuple[Any, ...]]]:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA raw")
    grid = read_text(path)
    assert isinstance(grid, TextGrid)
    fast = None
    if grid.store_fast(con, "fast", [0, 1, 2], 1) is not None:
        fast = con.execute("FROM raw.fast ORDER BY row_no").fetchall()
    grid.store_slowly(con, "slow", [0, 1, 2], 1)
    return fast, con.execute("FROM raw.slow ORDER BY row_no").fetchall()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_both_ways_through_a_text_file_agree(
    tmp_path: Path, rows: list[list[str]], quoting: Any, end: str, last: bool
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=quoting, lineterminator=end).writerows([HEADER, *rows])
    text = stream.getvalue()
    path = tmp_path / "a.csv"
    path.write_bytes((text if last else text.removesuffix(end)).encode())
    fast, slow = both_ways(path)
    assert fast is None or fast == slow


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.text(st.sampled_from('ab,"\n\r 张\t'), max_size=40))
def test_both_ways_agree_on_any_text(tmp_path: Path, body: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((",".join(HEADER) + "\n" + body).encode())
    fast, slow = both_ways(path)
    assert fast is None or fast == slow


def test_usual_files_take_the_fast_way(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ",".join(HEADER) + '\n低保,"张,三",1\n低保,,\n')
    fast, slow = both_ways(path)
    assert fast == slow == [(2, "低保", "张,三", "1"), (3, "低保", None, None)]


def test_blank_records_keep_row_numbers_true(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ",".join(HEADER) + "\n\n低保,张三,1\n\n\n低保,李四,1\n")
    fast, slow = both_ways(path)
    assert fast is None
    assert [row[0] for row in slow if row[2]] == [3, 6]


def test_a_name_that_reads_as_a_pattern_is_only_a_name(tmp_path: Path) -> None:
    write(tmp_path / "死亡1.csv", "姓名,死亡日期\n李四,2020-01-01\n")
    write(tmp_path / "死亡[1].csv", "姓名,死亡日期\n张三,2020-01-01\n")
    con = read(tmp_path)
    names = con.execute("SELECT name FROM typed.deaths ORDER BY 1").fetchall()
    assert names == [("张三",), ("李四",)]


def test_damage_in_the_middle_of_a_text_is_found(tmp_path: Path) -> None:
    rows = "".join(f"张{i},2020-01-01\n" for i in range(20_000)).encode()
    (tmp_path / "a.csv").write_bytes(
        "姓名,死亡日期\n".encode() + rows + b"\xff\xfe\xfd,2020\n" + rows
    )
    report = read_folder(tmp_path, con := duckdb.connect())
    assert report.files[0].status == "unreadable"
    assert con.execute("FROM typed.sheets").fetchall() == []
    assert con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'sheet_1%'"
    ).fetchall() == [(0,)]
