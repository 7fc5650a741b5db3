"""Which table a sheet is, where its header stands, and which columns are never read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.recognise import FileRule, Head, Layout, Unknown, is_private, recognise


def layout_of(*rows: list[str], rule: FileRule | None = None) -> Layout:
    layout = recognise(Head(rows, rows), rule)
    assert isinstance(layout, Layout), layout
    return layout


def test_most_headers_explained_wins() -> None:
    layout = layout_of(["姓名", "身份证号", "单位", "起薪日期"])
    assert layout.table.name == "payroll"
    layout = layout_of(["姓名", "身份证号", "单位", "职务", "任职时间"])
    assert layout.table.name == "officials"


def test_distinctive_headers_decide_a_tie() -> None:
    # Both explain three headers; 付款人 and 收款人 are in each.
    layout = layout_of(["付款人", "收款人", "金额", "交易日期"])
    assert layout.table.name == "bank_flows"


def test_a_true_tie_is_ambiguous_and_names_the_tables() -> None:
    rows = [["姓名", "身份证号", "单位"]]
    unknown = recognise(Head(rows, rows))
    assert isinstance(unknown, Unknown)
    assert unknown.ambiguous
    assert "公职人员" in unknown.reason
    assert "财政供养人员" in unknown.reason


def test_configuration_decides_what_headers_do_not() -> None:
    rule = FileRule("*.csv", table="payroll")
    assert layout_of(["姓名", "身份证号", "单位"], rule=rule).table.name == "payroll"


def test_unknown_sheet_says_what_is_missing() -> None:
    rows = [["补贴项目", "姓名", "身份证号", "村"]]
    # Without an amount it is no list of payments, but one of applications.
    assert layout_of(*rows).table.name == "subsidy_applications"
    rows = [["项目编号", "专家姓名", "专家身份证号"]]
    unknown = recognise(Head(rows, rows))
    assert isinstance(unknown, Unknown)
    assert not unknown.ambiguous
    assert "投标人" in unknown.reason
    assert "得分" in unknown.reason


def test_one_common_header_among_unknown_ones_is_no_table() -> None:
    rows = [["姓名", "科目", "分数"], ["张三", "语文", "90"]]
    assert isinstance(recognise(Head(rows, rows)), Unknown)


def test_title_rows_and_blank_rows_are_passed_over() -> None:
    layout = layout_of(["某县死亡登记表", "", ""], ["", "", ""], ["姓名", "身份证号", "死亡日期"])
    assert layout.header_row == 3


def test_unit_in_a_title_row_holds_for_amounts_without_their_own() -> None:
    layout = layout_of(
        ["某县合同台账", "", "", "", "金额单位：万元"],
        ["合同编号", "甲方", "乙方", "合同金额", "结算金额（元）"],
    )
    assert layout.factors[3:] == (Decimal(10000), Decimal(1))


def test_two_row_headers_are_joined() -> None:
    layout = layout_of(
        ["干部信息", "", "称谓", "亲属信息", ""],
        ["姓名", "身份证号", "", "姓名", "身份证号"],
        ["甲", "", "妻", "乙", ""],
    )
    assert layout.header_row == 2
    assert layout.columns == (
        "name",
        "id_number",
        "relation",
        "relative_name",
        "relative_id_number",
    )


def test_data_rows_are_not_taken_for_the_second_row_of_a_header() -> None:
    assert layout_of(["姓名", "死亡日期"], ["", ""], ["张三", "2020-01-01"]).header_row == 1


@pytest.mark.parametrize(
    ("header", "private"),
    [
        ("举报人", True),
        ("举 报 人姓名", True),
        ("来信人电话", True),
        ("反映人", True),
        ("信访人\n住址", True),
        ("投诉人", True),
        ("被举报人", False),
        ("被反映人身份证号", False),
        ("反映问题", False),
    ],
)
def test_complainants_are_known_by_header(header: str, private: bool) -> None:
    assert is_private(header) == private


@pytest.mark.parametrize(
    "lower", [["", "", "姓名", "电话", ""], ["编号", "被反映人", "姓名", "电话", "办理结果"]]
)
def test_complainants_under_a_group_header_are_private(lower: list[str]) -> None:
    upper = ["编号", "被反映人", "举报人信息", "", "办理结果"]
    layout = layout_of(upper, lower)
    assert layout.table.name == "complaints"
    assert layout.private == (False, False, True, True, False)


def test_a_title_that_speaks_of_complaints_removes_nothing() -> None:
    title = "某县信访举报人员情况登记表"
    rows = [["编号", "被反映人", "办理结果"]]
    spread = [[title] * 3, *rows]
    layout = recognise(Head([[title, "", ""], *rows], spread))
    assert isinstance(layout, Layout)
    assert layout.private == (False, False, False)


def test_own_headers_are_mapped_by_configuration() -> None:
    rule = FileRule("低保*", table="subsidies", columns={"补助对象": "name", "金额": "amount"})
    layout = layout_of(["补贴项目", "补助对象", "金额"], rule=rule)
    assert layout.columns == ("programme", "name", "amount")


def test_header_row_given_by_configuration() -> None:
    rule = FileRule("*", header_row=3)
    rows = ["姓名", "死亡日期"], ["注", ""], ["姓名", "死亡日期"]
    assert layout_of(*rows, rule=rule).header_row == 3
