"""One XLSX template a table: headers, one made-up row, and notes on every column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from ingest.tables import NOTES_MARK, TABLES, TYPE_NAMES, Column, ColumnType, Table

_TYPE_EXAMPLES: dict[ColumnType, str] = {
    "text": "示例",
    "id": "110105199003070017",
    "uscc": "91110000600037341L",
    "party_id": "110105199003070017",
    "money": "1200.00",
    "number": "2",
    "date": "2024-05-06",
    "date-time": "2024-05-06 09:30",
    "yes/no": "是",
}
_TYPE_NOTES: dict[ColumnType, str] = {
    "text": "",
    "id": "18 位；单元格请设为“文本”格式，否则末几位会丢失",
    "uscc": "18 位统一社会信用代码，单元格请设为“文本”格式",
    "party_id": "个人填身份证号，单位填统一社会信用代码；单元格请设为“文本”格式",
    "money": "单位为元；以万元计时表头写成“…（万元）”",
    "number": "只填数字",
    "date": "如 2024-05-06；只知道月份时写 2024年5月",
    "date-time": "如 2024-05-06 09:30",
    "yes/no": "填 是 或 否",
}
_NAMES = frozenset(
    {"name", "relative_name", "official_name", "legal_representative", "contact", "manager"}
    | {"expert", "handler", "approver", "suspect", "subject", "holder", "file_author"}
    | {"shareholder", "transferee", "lessee", "acquirer", "payee", "deposit_payer"}
)
_EXAMPLES: dict[str, str] = {
    "gender": "女",
    "phone": "13800000000",
    "relative_phone": "13800000000",
    "contact_phone": "13800000000",
    "address": "示例路1号",
    "village": "示例村",
    "township": "示例镇",
    "household_no": "H0001",
    "relation_to_head": "配偶",
    "relation": "妻弟",
    "organization": "示例镇人民政府",
    "position": "科员",
    "identity_type": "公务员",
    "company": "示例建设有限公司",
    "bidder": "示例建设有限公司",
    "winner": "示例建设有限公司",
    "contractor": "示例建设有限公司",
    "party_b": "示例建设有限公司",
    "party_a": "示例镇人民政府",
    "purchaser": "示例镇人民政府",
    "payer": "示例镇人民政府",
    "unit": "示例镇人民政府",
    "role": "监事",
    "share_percent": "60",
    "tender_no": "SL-2024-001",
    "contract_no": "HT-2024-001",
    "lot": "1",
    "voucher_no": "记-0001",
    "case_no": "A2024-001",
    "complaint_no": "X2024-001",
    "authority_doc": "查询通知书2024第1号",
    "programme": "示例补贴",
    "year": "2024",
    "account": "6200000000000000000",
    "account_no": "6200000000000000000",
    "payer_account": "6200000000000000000",
    "payee_account": "6200000000000000000",
    "deposit_account": "6200000000000000000",
    "card_no": "6200000000000000000",
    "ip_address": "192.0.2.1",
    "mac_address": "00-00-5E-00-53-01",
    "asset_type": "车辆",
    "area_basis": "确权",
    "kind": "需审核",
    "payee_unit": "户",
    "excluded_statuses": "财政供养、死亡",
    "reception_kind": "公务",
    "deposit_form": "转账",
    "signatories": "示例甲、示例乙",
    "system": "财务记账",
}
_COLUMN_NOTES: dict[str, str] = {
    "relation": "亲属是本人（干部）的什么人，例如：妻弟",
    "authority_doc": "没有查询依据的行不予使用",
    "excluded_statuses": "用顿号分隔：财政供养、村干部、企业股东、购车、购房、死亡",
    "exclusive_with": "用顿号分隔",
    "signatories": "用顿号分隔",
    "former_units": "用分号分隔",
    "identity_type": "公务员、参公、事业、国企、村两委",
    "kind": "普惠 或 需审核",
    "payee_unit": "人 或 户",
    "area_basis": "确权、二轮、计税、实种",
}


def write_templates(directory: Path) -> list[Path]:
    """Write the template of every table.

    Parameters
    ----------
    directory : Path
        An existing folder; templates of an earlier time are overwritten.

    Returns
    -------
    list of Path
        ``<name>_<Chinese title>.xlsx``, in the order of the tables.
    """
    return [_write(directory, table) for table in TABLES.values()]


def example(column: Column) -> str:
    """Return a made-up cell for a column.

    Examples
    --------
    >>> example(TABLES["deaths"].column("name")), example(TABLES["deaths"].column("death_date"))
    ('示例甲', '2024-05-06')
    """
    if column.type != "text":
        return _TYPE_EXAMPLES[column.type]
    return _EXAMPLES.get(column.name) or ("示例甲" if column.name in _NAMES else "示例")


def _write(directory: Path, table: Table) -> Path:
    path = directory / f"{table.name}_{table.title}.xlsx"
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        _data_sheet(book, table)
        _notes_sheet(book, table)
    return path


def _data_sheet(book: Any, table: Table) -> None:
    sheet = book.add_worksheet(table.title)
    required = book.add_format({"bold": True, "bg_color": "#F8CBAD", "border": 1})
    optional = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1})
    # Text format keeps long numbers whole when people type over the example.
    text = book.add_format({"num_format": "@"})
    for i, column in enumerate(table.columns):
        header = column.headers[0]
        sample = example(column)
        sheet.set_column(i, i, max(len(header) * 2 + 4, len(sample) + 4, 12), text)
        sheet.write_string(0, i, header, required if column.required else optional)
        sheet.write_string(1, i, sample, text)
    sheet.freeze_panes(1, 0)


def _notes_sheet(book: Any, table: Table) -> None:
    sheet = book.add_worksheet("填写说明")
    bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, NOTES_MARK, book.add_format({"bold": True}))
    lines = [
        f"本模板用于《{table.title}》。第 2 行是示例，填写前请删除。橙色表头为必填：为空的行会被隔离。",
        "表头可以换成“也认得的表头”中的任何一个；多出的列不影响读取，会在接收报告中列出。",
    ]
    if table.known_columns_only:
        lines.append("本表不收举报人信息：未列出的列一律不保存。")
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line)
    top = len(lines) + 2
    headers = ("表头", "规范列名", "必填", "类型", "也认得的表头", "说明")
    for i, (header, width) in enumerate(zip(headers, (22, 24, 8, 28, 44, 60), strict=True)):
        sheet.set_column(i, i, width)
        sheet.write_string(top, i, header, bold)
    for row, column in enumerate(table.columns, start=top + 1):
        notes = (_COLUMN_NOTES.get(column.name, ""), _TYPE_NOTES[column.type])
        cells = (
            column.headers[0],
            column.name,
            "必填" if column.required else "",
            TYPE_NAMES[column.type],
            "、".join(column.headers[1:]),
            "；".join(note for note in notes if note),
        )
        for i, cell in enumerate(cells):
            sheet.write_string(row, i, cell, wrap)
