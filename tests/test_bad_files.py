"""Files as departments send them: every case of bad input is found, named and passed over."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import xlwt
from small_data import id_number

from ingest.errors import UserError
from ingest.intake import FileRule, IntakeReport, IntakeSettings, read_folder
from ingest.readers import archive
from ingest.report import FileReport, SheetReport

GOOD = "姓名,身份证号,死亡日期\n张三,,2020-01-02\n"


class Intake:
    """A folder, what came out of it, and short ways to ask."""

    def __init__(self, folder: Path, settings: IntakeSettings | None = None) -> None:
        self.con = duckdb.connect()
        self.report: IntakeReport = read_folder(folder, self.con, settings)
        for _, sheet in self.report.sheets():
            passed = sum(sheet.passed_over.values())
            parts = sheet.kept + sheet.merged + sheet.quarantined_rows + passed
            assert sheet.rows_in == parts, sheet

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def file(self, name: str) -> FileReport:
        return next(f for f in self.report.files if f.file == name)

    def sheet(self, name: str, number: int = 0) -> SheetReport:
        return self.file(name).sheets[number]

    def everything(self) -> str:
        """All that is stored or reported, as one text."""
        tables = self.rows("SELECT database_name, schema_name, table_name FROM duckdb_tables()")
        texts = [str(self.rows(f'FROM "{s}"."{t}"')) for _, s, t in tables]
        texts.append(json.dumps(self.report.to_dict(), ensure_ascii=False))
        return "\n".join([*texts, *self.report.summary_lines()])


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, rows: list[list[Any]], merge: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "明细"
    for r, row in enumerate(rows, start=1):
        for c, value in enumerate(row, start=1):
            cell = sheet.cell(r, c)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # a formula sign is text here
    for cells in merge:
        sheet.merge_cells(cells)
    book.save(path)
    return path


# -- shape of sheets -----------------------------------------------------------------------------


def test_titles_blank_rows_totals_and_footers_are_passed_over_with_true_row_numbers(
    tmp_path: Path,
) -> None:
    workbook(
        tmp_path / "a.xlsx",
        [
            [],
            ["某县2023年补贴发放明细表"],
            ["单位：元"],
            ["序号", "补贴项目", "姓名", "村居", "补贴金额"],
            [1, "地力补贴", "张三", "杨树村", 100.5],
            [],
            [2, "地力补贴", "李四", "杨树村", 200],
            ["", "", "小计", "", 300.5],
            ["序号", "补贴项目", "姓名", "村居", "补贴金额"],
            [3, "地力补贴", "王五", "柳树村", 50],
            ["合计", "", "", "", 350.5],
            ["", "地力补贴", "合  计", "", 350.5],
            ["制表人：赵六", "", "审核人：钱七"],
        ],
        ("A2:E2",),
    )
    found = Intake(tmp_path)
    assert found.rows("SELECT row_no, name, amount FROM typed.subsidies ORDER BY 1") == [
        (5, "张三", Decimal("100.50")),
        (7, "李四", Decimal("200.00")),
        (10, "王五", Decimal("50.00")),
    ]
    sheet = found.sheet("a.xlsx")
    assert sheet.header_row == 4
    assert sheet.passed_over == {
        "空行": 1,
        "合计行": 3,
        "重复的表头": 1,
        "表尾（制表人、审核人等）": 1,
    }
    assert not found.report.needs_attention


def test_two_row_header_with_merged_cells(tmp_path: Path) -> None:
    workbook(
        tmp_path / "a.xlsx",
        [
            ["近亲属申报"],
            ["干部信息", "", "称谓", "亲属信息", ""],
            ["姓名", "身份证号", "", "姓名", "工作单位"],
            ["甲某", "", "妻弟", "乙某", "某公司"],
        ],
        ("A1:E1", "A2:B2", "C2:C3", "D2:E2"),
    )
    found = Intake(tmp_path)
    rows = found.rows(
        "SELECT row_no, name, relation, relative_name, relative_employer FROM typed.kinship"
    )
    assert rows == [(4, "甲某", "妻弟", "乙某", "某公司")]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_vertically_merged_cells_are_filled_down(tmp_path: Path, kind: str) -> None:
    if kind == "xlsx":
        rows = [
            ["补贴项目", "姓名", "补贴金额"],
            ["甲项目", "张三", 1],
            ["", "李四", 2],
            ["乙项目", "王五", 3],
        ]
        workbook(tmp_path / "a.xlsx", rows, ("A2:A3",))
    else:
        book = xlwt.Workbook()
        sheet = book.add_sheet("明细")
        for c, header in enumerate(["补贴项目", "姓名", "补贴金额"]):
            sheet.write(0, c, header)
        sheet.write_merge(1, 2, 0, 0, "甲项目")
        for r, (name, amount) in enumerate([("张三", 1), ("李四", 2), ("王五", 3)], start=1):
            sheet.write(r, 1, name)
            sheet.write(r, 2, amount)
        sheet.write(3, 0, "乙项目")
        book.save(str(tmp_path / "a.xls"))
    found = Intake(tmp_path)
    assert found.rows("SELECT row_no, programme, name FROM typed.subsidies ORDER BY 1") == [
        (2, "甲项目", "张三"),
        (3, "甲项目", "李四"),
        (4, "乙项目", "王五"),
    ]


def test_several_sheets_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "死亡"
    for row in (["姓名", "死亡日期"], ["张三", date(2020, 1, 2)]):
        first.append(row)
    second = book.create_sheet("封面")
    second.append(["某县民政局"])
    third = book.create_sheet("低保")
    for row in (["补贴项目", "姓名", "补贴金额(万元)"], ["低保", "张三", 0.06]):
        third.append(row)
    book.save(tmp_path / "a.xlsx")
    found = Intake(tmp_path)
    assert [s.status for s in found.file("a.xlsx").sheets] == ["read", "unknown", "read"]
    assert found.rows("SELECT death_date FROM typed.deaths") == [(date(2020, 1, 2),)]
    assert found.rows("SELECT amount FROM typed.subsidies") == [(Decimal("600.00"),)]
    assert found.rows("SELECT sheet, header_row FROM typed.sheets ORDER BY 1") == [
        ("低保", 1),
        ("死亡", 1),
    ]
    assert not found.report.needs_attention


# -- encodings and separators --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8（带 BOM）"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_encodings_and_separators(
    tmp_path: Path, encoding: str, shown: str, separator: str
) -> None:
    rows = [["姓名", "身份证号", "死亡日期"], ["张㐂", id_number(1), "2020年1月2日"]]
    if encoding == "gbk":
        rows[1][0] = "张喜"
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    write(tmp_path / "a.csv", text, encoding)
    found = Intake(tmp_path)
    assert found.rows("SELECT row_no, name, death_date FROM typed.deaths") == [
        (2, rows[1][0], date(2020, 1, 2))
    ]
    assert found.file("a.csv").encoding == shown


# -- unreadable files ----------------------------------------------------------------------------


def truncated_xlsx(path: Path) -> None:
    data = workbook(path, [["姓名", "死亡日期"], ["张三", "2020-01-02"]]).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def encrypted_xlsx(path: Path) -> None:
    # What Office writes for a workbook with a password: an OLE container of an encrypted package.
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + stream + b"\0" * 500)


def encrypted_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as inner:
        inner.writestr("a.csv", GOOD)
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag «encrypted», in the local header and in the directory
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))


def truncated_gz(path: Path) -> None:
    path.write_bytes(gzip.compress(GOOD.encode() * 50)[:-20])


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("truncated.xlsx", truncated_xlsx, "损坏"),
    ("encrypted.xlsx", encrypted_xlsx, "加密"),
    ("empty.xlsx", lambda p: p.write_bytes(b""), "空"),
    ("empty.csv", lambda p: p.write_bytes(b""), "空"),
    ("blank.csv", lambda p: p.write_bytes(b" \r\n\r\n"), "空"),
    ("blank.xlsx", lambda p: workbook(p, []), "没有任何内容"),
    (
        "noise.xls",
        lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 3000),
        "损坏",
    ),
    ("binary.csv", lambda p: p.write_bytes(bytes(range(256)) * 40), "不是文本文件"),
    ("page.xls", lambda p: p.write_text("<html><table></table></html>"), "网页"),
    ("truncated.json", lambda p: p.write_text('{"releases": [{"ocid": "x-1", "tag"'), "不完整"),
    ("truncated.csv.gz", truncated_gz, "损坏"),
    ("noise.zip", lambda p: p.write_bytes(b"PK\x03\x04" + b"x" * 300), "损坏"),
]


@pytest.mark.parametrize(("name", "make", "reason"), BROKEN, ids=[b[0] for b in BROKEN])
def test_an_unreadable_file_is_named_and_the_others_go_on(
    tmp_path: Path, name: str, make: Callable[[Path], object], reason: str
) -> None:
    make(tmp_path / name)
    write(tmp_path / "zz.csv", GOOD)
    found = Intake(tmp_path)
    file = found.file(name)
    assert file.status == "unreadable"
    assert file.reason is not None
    assert reason in file.reason
    assert found.report.needs_attention
    assert any(name in line and reason in line for line in found.report.summary_lines())
    assert found.rows("SELECT name FROM typed.deaths") == [("张三",)]


def test_links_that_lead_nowhere_or_out_are_named(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    write(elsewhere / "b.csv", "姓名,死亡日期\n李四,2020-01-02\n")
    write(data / "a.csv", "姓名,死亡日期\n张三,2020-01-02\n")
    (data / "断.csv").symlink_to(tmp_path / "none.csv")
    (data / "外").symlink_to(elsewhere)
    reasons = {f.file: f.reason for f in Intake(data).report.unreadable}
    assert set(reasons) == {"断.csv", "外"}
    assert "链接" in (reasons["断.csv"] or "")
    assert "复制到数据目录" in (reasons["外"] or "")


def test_an_encrypted_member_of_an_archive_is_named(tmp_path: Path) -> None:
    encrypted_zip(tmp_path / "a.zip")
    found = Intake(tmp_path)
    assert found.file("a.zip/a.csv").status == "unreadable"
    assert "加密" in (found.file("a.zip/a.csv").reason or "")


def test_unknown_sheets_types_and_json_are_reported_only(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", GOOD)
    write(tmp_path / "b.csv", "学校,班级\n一中,三班\n")
    write(tmp_path / "c.pdf", "%PDF")
    write(tmp_path / "d.json", '{"a": 1}')
    write(tmp_path / ".hidden.csv", "x")
    write(tmp_path / "~$a.xlsx", "x")
    write(tmp_path / "tanwei.toml", "x")
    found = Intake(tmp_path)
    assert {f.file: f.status for f in found.report.files} == {
        "a.csv": "read",
        "b.csv": "unknown",
        "c.pdf": "unknown",
        "d.json": "unknown",
    }
    assert not found.report.needs_attention


def test_ambiguous_sheet_is_reported_and_configuration_settles_it(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "姓名,身份证号,单位\n张三,,某局\n")
    found = Intake(tmp_path)
    assert found.sheet("a.csv").status == "ambiguous"
    assert found.rows("FROM typed.sheets") == []
    rule = FileRule("a.csv", table="payroll")
    found = Intake(tmp_path, IntakeSettings(files=(rule,)))
    assert found.rows("SELECT name, unit FROM typed.payroll") == [("张三", "某局")]


def test_files_rule_maps_what_is_not_recognised(tmp_path: Path) -> None:
    write(tmp_path / "民政" / "低保1.csv", "说明\n类别,补助对象,发放数\n低保,张三,0.06\n")
    rule = FileRule(
        "民政/低保*.csv",
        table="subsidies",
        header_row=2,
        unit="万元",
        columns={"类别": "programme", "补助对象": "name", "发放数": "amount"},
    )
    found = Intake(tmp_path, IntakeSettings(files=(rule,)))
    assert found.rows("SELECT row_no, programme, name, amount FROM typed.subsidies") == [
        (3, "低保", "张三", Decimal("600.00"))
    ]


def test_a_rule_that_cannot_be_right_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", GOOD)
    for rule in (
        FileRule("*", table="nothing"),
        FileRule("*", table="deaths", columns={"a": "amount"}),
        FileRule("*", unit="美元"),
        FileRule("*", header_row=0),
    ):
        with pytest.raises(UserError) as caught:
            Intake(tmp_path, IntakeSettings(files=(rule,)))
        assert caught.value.exit_status == 2


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_a_folder_that_is_absent_empty_or_a_file(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "data")
    with pytest.raises(UserError) as caught:
        Intake(tmp_path / "data")
    assert caught.value.exit_status == 2


# -- archives ------------------------------------------------------------------------------------


def test_archives_are_opened(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as inner:
        inner.writestr("内/死亡.csv", GOOD.replace("张三", "李四"))
        inner.writestr("__MACOSX/._a.csv", "x")
    found = Intake(tmp_path)
    assert found.rows(
        "SELECT file, row_no, name FROM typed.deaths JOIN typed.sheets USING (sheet_id) ORDER BY 1"
    ) == [("a.csv.gz/a.csv", 2, "张三"), ("b.zip/内/死亡.csv", 2, "李四")]


def test_names_in_archives_of_chinese_windows(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("si.csv")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as inner:
        inner.writestr(info, GOOD)
    data = (tmp_path / "a.zip").read_bytes().replace(b"si.csv", "死.csv".encode("gbk"))
    (tmp_path / "a.zip").write_bytes(data)
    assert Intake(tmp_path).file("a.zip/死.csv").status == "read"


def test_archives_that_swell_point_outside_or_nest_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SIZE_LIMIT", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("../../outside.csv", GOOD)
        inner.writestr("bomb.csv", "0" * (2 << 20))
        inner.writestr("inner.zip", "x")
        inner.writestr("sound.csv", GOOD)
    found = Intake(tmp_path)
    reasons = {f.file: (f.status, f.reason or "") for f in found.report.files}
    assert reasons["a.zip/sound.csv"][0] == "read"
    assert "过大" in reasons["a.zip/bomb.csv"][1]
    assert "包外" in reasons["a.zip/outside.csv"][1]
    assert "压缩包里还有压缩包" in reasons["a.zip/inner.zip"][1]
    assert not (tmp_path.parent / "outside.csv").exists()
    assert found.report.needs_attention


def test_files_of_the_same_content_are_read_once(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", GOOD)
    write(tmp_path / "b" / "copy.csv", GOOD)
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    found = Intake(tmp_path)
    assert found.file("b/copy.csv").status == "duplicate"
    assert "a.csv" in (found.file("b/copy.csv").reason or "")
    assert found.file("c.csv.gz/c.csv").status == "duplicate"
    assert found.rows("SELECT count(*) FROM typed.deaths") == [(1,)]
    assert not found.report.needs_attention


# -- values --------------------------------------------------------------------------------------


def test_cells_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    cells = ["=1+1", "+张三", "-李四", "@王五"]
    rows = [[cell, "2020-01-02"] for cell in cells]
    workbook(tmp_path / "a.xlsx", [["姓名", "死亡日期"], *rows])
    text = "".join(f"{cell}乙,2020-01-02\n" for cell in cells)
    write(tmp_path / "b.csv", "姓名,死亡日期\n" + text)
    found = Intake(tmp_path)
    names = [row[0] for row in found.rows("SELECT name FROM typed.deaths ORDER BY row_id")]
    assert names == [*cells, *(f"{cell}乙" for cell in cells)]
    found.report.write_xlsx(tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert all(cell.data_type != "f" for s in book for row in s.iter_rows() for cell in row)


def test_a_formula_like_value_in_quarantine_stays_text_on_the_way_out(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", '姓名,死亡日期\n张三,"=HYPERLINK(""x"")"\n')
    found = Intake(tmp_path)
    found.report.write_xlsx(tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["隔离"]
    assert sheet["F2"].value == '=HYPERLINK("x")'
    assert sheet["F2"].data_type == "s"


def test_excel_values_read_as_people_see_them(tmp_path: Path) -> None:
    workbook(
        tmp_path / "a.xlsx",
        [
            ["补贴项目", "年度", "姓名", "身份证号", "银行账号", "补贴金额", "发放日期"],
            [
                "低保",
                2023,
                "张三",
                320281199001011234,
                6212261103001231.0,
                12.3,
                datetime(2023, 5, 6),
            ],
            ["低保", 2023.0, "李四", 3.20281199001011e17, "", "1,234.50", "45052"],
        ],
    )
    found = Intake(tmp_path)
    assert found.rows("SELECT year, amount, pay_date FROM typed.subsidies ORDER BY 2") == [
        ("2023", Decimal("12.30"), date(2023, 5, 6)),
        ("2023", Decimal("1234.50"), date(2023, 5, 6)),
    ]
    ids = found.rows("SELECT DISTINCT status, reason FROM typed.id_numbers")
    assert ids == [("masked", "电子表格以科学计数法保存，末几位已丢失")]
    assert sum(found.sheet("a.xlsx").number_checks.values()) == 2


def test_required_cells_empty_or_unreadable_put_the_row_in_quarantine(tmp_path: Path) -> None:
    write(
        tmp_path / "a.csv",
        "姓名,身份证号,死亡日期\n张三,,不详\n,320281199001011234,2020-01-02\n李四,,2020-02-30\n王五,,2020年5月\n",
    )
    found = Intake(tmp_path)
    assert found.rows("SELECT row_no, name, death_date FROM typed.deaths") == [
        (5, "王五", date(2020, 5, 31))
    ]
    entries = [(q.row, q.column, q.header, q.value, q.whole_row) for q in found.report.quarantine]
    assert entries == [
        (2, "death_date", "死亡日期", "不详", True),
        (3, "name", "姓名", None, True),
        (4, "death_date", "死亡日期", "2020-02-30", True),
    ]
    assert found.sheet("a.csv").quarantined_rows == 3
    assert found.report.needs_attention  # far above one per cent


def test_other_bad_values_are_set_aside_and_the_row_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path / "a.csv",
        "补贴项目,姓名,身份证号,补贴金额,到账金额,发放日期\n"
        "低保,张三,320281199001011234,100,一百多,2023-13-01\n低保,李四,,100,,至今\n",
    )
    found = Intake(tmp_path)
    assert found.rows("SELECT name, credited_amount, pay_date FROM typed.subsidies ORDER BY 1") == [
        ("张三", None, None),
        ("李四", None, None),
    ]
    sheet = found.sheet("a.csv")
    assert (sheet.kept, sheet.quarantined_rows, sheet.quarantined_cells) == (2, 0, 2)
    assert {(q.column, q.value, q.whole_row) for q in found.report.quarantine} == {
        ("credited_amount", "一百多", False),
        ("pay_date", "2023-13-01", False),
    }
    assert not found.report.needs_attention
    # The number fails its check and is kept all the same.
    assert found.rows("SELECT number, status FROM typed.id_numbers") == [
        ("320281199001011234", "bad")
    ]
    assert sheet.number_checks == {"身份证号：校验码不符": 1}


def test_quarantined_values_are_masked(tmp_path: Path) -> None:
    number = id_number(7)
    write(tmp_path / "a.csv", f"姓名,身份证号,死亡日期\n张三,,{number}\n")
    found = Intake(tmp_path)
    (entry,) = found.report.quarantine
    assert entry.value == f"{number[:6]}********{number[-4:]}"
    found.report.write_json(tmp_path / "r.json")
    assert number not in (tmp_path / "r.json").read_text(encoding="utf-8")


def test_quarantine_limit_is_a_share_of_a_tables_rows(tmp_path: Path) -> None:
    rows = "".join(f"张{i},2020-01-02\n" for i in range(99))
    write(tmp_path / "a.csv", f"姓名,死亡日期\n{rows}李四,\n")
    assert not Intake(tmp_path).report.needs_attention
    write(tmp_path / "a.csv", f"姓名,死亡日期\n{rows}李四,\n王五,\n")
    assert Intake(tmp_path).report.needs_attention
    assert not Intake(tmp_path, IntakeSettings(max_quarantine=0.05)).report.needs_attention


def test_private_flows_without_authority_are_quarantined(tmp_path: Path) -> None:
    head = "付款人,付款账号,收款人,收款账号,金额,交易日期"
    row = "甲某,6200000000000000001,乙某,6200000000000000002,100,2023-01-01"
    write(tmp_path / "a.csv", f"查询依据,{head}\n查字1号,{row}\n,{row}\n")
    write(tmp_path / "b.csv", f"{head}\n{row}\n")
    found = Intake(tmp_path)
    assert found.rows("SELECT authority_doc FROM typed.bank_flows") == [("查字1号",)]
    assert found.sheet("b.csv").table == "bank_flows"
    assert found.sheet("b.csv").quarantined_rows == 1
    assert all(q.column == "authority_doc" for q in found.report.quarantine)


def test_rows_with_more_cells_than_the_header_are_quarantined(tmp_path: Path) -> None:
    write(
        tmp_path / "a.csv", "姓名,死亡日期\n张三,2020-01-02\n李,四,2020-01-02\n王五,2020-01-02,\n"
    )
    found = Intake(tmp_path)
    assert found.rows("SELECT row_no, name FROM typed.deaths ORDER BY 1") == [
        (2, "张三"),
        (4, "王五"),
    ]
    assert [(q.row, q.whole_row) for q in found.report.quarantine] == [(3, True)]


def test_unknown_columns_are_kept_aside_and_reported(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "序号,姓名,死亡日期,死因\n1,张三,2020-01-02,病故\n")
    found = Intake(tmp_path)
    assert found.sheet("a.csv").unknown_columns == ["死因"]
    assert found.rows("SELECT c4 FROM raw.sheet_1") == [("病故",)]
    assert found.rows("SELECT header, column_name FROM typed.sheet_columns WHERE position = 4") == [
        ("死因", None)
    ]


# -- complainants --------------------------------------------------------------------------------

SECRET = "林告密"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "two_rows_csv", "two_rows_xlsx"])
def test_complainants_are_never_read_in(tmp_path: Path, kind: str) -> None:
    if kind.startswith("two_rows"):
        rows = [
            ["编号", "被反映人", "举报人信息", "", "受理日期", "经手"],
            ["", "", "姓名", "电话", "", ""],
            ["X1", "甲某", SECRET, "13912345678", "2023-01-01", SECRET],
            ["X2", "乙某", SECRET, "13912345678", "不详", SECRET],
            ["", "丙某", SECRET, "13912345678", "2023-01-01", SECRET],
        ]
        merge = ("C1:D1", "A1:A2", "B1:B2", "E1:E2", "F1:F2")
    else:
        rows = [
            ["编号", "被反映人", "举 报\n人", "来信人电话", "受理日期", "经手"],
            ["X1", "甲某", SECRET, "13912345678", "2023-01-01", SECRET],
            ["X2", "乙某", SECRET, "13912345678", "不详", SECRET],
            ["", "丙某", SECRET, "13912345678", "2023-01-01", SECRET],
            [f"举报人：{SECRET}", "", "", "", "", ""],
        ]
        merge = ()
    if kind.endswith("xlsx"):
        workbook(tmp_path / "a.xlsx", rows, merge)
    else:
        lines = [",".join('"' + cell + '"' for cell in row) for row in rows]
        write(tmp_path / "a.csv", "\n".join(lines) + "\n")
    found = Intake(tmp_path)
    everything = found.everything()
    assert SECRET not in everything
    assert "13912345678" not in everything
    assert "139****5678" not in everything
    assert found.rows("SELECT complaint_no, subject FROM typed.complaints ORDER BY 1") == [
        ("X1", "甲某"),
        ("X2", "乙某"),
    ]
    (sheet,) = (s for _, s in found.report.sheets())
    assert len(sheet.private_columns) == 2
    assert sheet.unstored_columns == ["经手"]
    found.report.write_xlsx(tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    cells = [str(c.value) for s in book for row in s.iter_rows() for c in row]
    assert not any(SECRET in cell for cell in cells)


def test_complainants_named_in_columns_of_the_matter_are_not_read_in(tmp_path: Path) -> None:
    write(
        tmp_path / "a.csv",
        "编号,被反映人,举报人,问题类别,受理日期\n"
        f"X1,甲某,{SECRET},信访人{SECRET}反映工程,2023-01-01\n"
        f"X2,乙某,{SECRET},打击报复举报人,看{SECRET}\n",
    )
    found = Intake(tmp_path)
    assert SECRET not in str(found.rows("SELECT * FROM typed.complaints"))
    found.report.write_json(tmp_path / "intake.json")
    assert SECRET not in (tmp_path / "intake.json").read_text(encoding="utf-8")
    assert found.report.quarantine[0].value is None
    assert found.rows("SELECT topic FROM typed.complaints ORDER BY complaint_no") == [
        (None,),
        ("打击报复举报人",),
    ]


def test_complainants_are_removed_on_any_sheet(tmp_path: Path) -> None:
    write(
        tmp_path / "a.csv",
        f"姓名,死亡日期,反映人,备注\n张三,2020-01-02,{SECRET},x\n,2020-01-02,{SECRET},\n",
    )
    found = Intake(tmp_path)
    assert SECRET not in found.everything()
    assert found.sheet("a.csv").private_columns == ["反映人"]
    assert [
        r[0] for r in found.rows("SELECT header FROM typed.sheet_columns ORDER BY position")
    ] == [
        "姓名",
        "死亡日期",
        "备注",
    ]


# -- duplicates ----------------------------------------------------------------------------------

HEAD = "序号,补贴项目,姓名,补贴金额,备注\n"


def test_the_same_row_in_two_files_is_kept_once_with_both_places(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", HEAD + "1,低保,张三,100,\n2,低保,李四,100,\n")
    write(tmp_path / "b.csv", "补贴金额,姓名,补贴项目,备注\n100,张三,低保,再报\n")
    found = Intake(tmp_path)
    assert found.rows("SELECT name, row_no, repeat_of FROM typed.subsidies ORDER BY 2") == [
        ("张三", 2, None),
        ("李四", 3, None),
    ]
    assert found.rows("SELECT table_name, row_id, sheet_id, row_no FROM typed.row_also") == [
        ("subsidies", 1, 2, 2)
    ]
    assert (found.sheet("b.csv").merged, found.sheet("b.csv").kept) == (1, 0)


def test_the_same_row_twice_in_a_file_of_payments_is_kept_and_marked(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", HEAD + "1,低保,张三,100,\n2,低保,张三,100,x\n3,低保,李四,100,\n")
    found = Intake(tmp_path)
    rows = found.rows("SELECT row_id, row_no, repeat_of FROM typed.subsidies ORDER BY 1")
    assert rows == [(1, 2, None), (2, 3, 1), (3, 4, None)]
    assert found.sheet("a.csv").repeats == 1
    assert found.sheet("a.csv").merged == 0


def test_a_file_sent_again_with_its_repeats_adds_nothing(tmp_path: Path) -> None:
    body = "1,低保,张三,100,\n2,低保,张三,100,x\n"
    write(tmp_path / "a.csv", HEAD + body)
    write(tmp_path / "b.csv", HEAD + body + "3,低保,李四,100,\n")
    found = Intake(tmp_path)
    rows = found.rows("SELECT name, row_id, repeat_of FROM typed.subsidies ORDER BY 2")
    assert rows == [("张三", 1, None), ("张三", 2, 1), ("李四", 5, None)]
    assert found.sheet("b.csv").merged == 2


def test_the_same_row_twice_in_a_file_of_another_table_is_merged(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "姓名,死亡日期\n张三,2020-01-02\n张三,2020-01-02\n张三,2020-01-03\n")
    found = Intake(tmp_path)
    assert found.rows("SELECT row_no FROM typed.deaths ORDER BY 1") == [(2,), (4,)]
    assert found.rows("SELECT row_id, row_no FROM typed.row_also") == [(1, 3)]


def test_rows_that_differ_in_an_unknown_column_are_not_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "姓名,死亡日期,死因\n张三,2020-01-02,甲\n张三,2020-01-02,乙\n")
    assert Intake(tmp_path).rows("SELECT count(*) FROM typed.deaths") == [(2,)]
