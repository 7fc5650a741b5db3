"""From a name to relatives, firms and contracts, in Jupyter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_data import id_number, write_csv

import tanwei
from ingest.errors import UserError
from tanwei import cli
from tanwei.workspace import Workspace

OFFICIAL, WIFE, BROTHER = id_number(1, "19700101"), id_number(2, "19720202"), id_number(5)


@pytest.fixture(scope="module")
def out_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An official whose wife's brother owns a firm that sells to the official's bureau."""
    base = tmp_path_factory.mktemp("relations")
    data = base / "data"
    write_csv(
        data / "组织部" / "干部.csv",
        ("姓名", "身份证号", "单位", "职务", "任职时间"),
        [("张伟民", OFFICIAL, "县住建局", "副局长", "2015-01-01")],
    )
    write_csv(
        data / "组织部" / "亲属.csv",
        ("姓名", "身份证号", "称谓", "亲属姓名", "亲属身份证号", "结婚日期"),
        [
            ("张伟民", OFFICIAL, "妻弟", "李强", BROTHER, ""),
            ("张伟民", OFFICIAL, "妻子", "李娟", WIFE, "2005-10-01"),
        ],
    )
    write_csv(
        data / "公安" / "户籍.csv",
        ("户号", "姓名", "身份证号", "与户主关系"),
        [("1", "张伟民", OFFICIAL, "户主"), ("1", "李娟", WIFE, "妻")],
    )
    write_csv(
        data / "市监" / "股东.csv",
        ("企业名称", "股东名称", "股东证件号", "持股比例", "入股日期"),
        [
            ("江州恒达建设有限公司", "李强", BROTHER, "60%", "2014-01-01"),
            ("江州远山商贸有限公司", "江州恒达建设有限公司", "", "50%", "2016-01-01"),
        ],
    )
    write_csv(
        data / "财政" / "合同.csv",
        ("合同编号", "合同名称", "甲方", "乙方", "合同金额", "签订日期"),
        [("H1", "管网工程", "县住建局", "江州恒达建设有限公司", "1200000", "2021-04-01")],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(base / "config"))
        patch.delenv("TANWEI_KEY_FILE", raising=False)
        assert cli.invoke(["run", str(data), "--out", str(base / "out")]) == 0
    return base / "out"


@pytest.fixture
def ws(out_dir: Path) -> Iterator[Workspace]:
    with tanwei.open(out_dir) as opened:
        yield opened


def test_a_marriage_known_from_two_sources_is_told_once_with_its_date(ws: Workspace) -> None:
    wife = [tie for tie in ws.relatives("张伟民") if tie.name == "李娟"]
    assert [(t.term, t.legal_class, str(t.start)) for t in wife] == [("妻子", "夫妻", "2005-10-01")]
    assert wife[0].sources[0] == "组织部/亲属.csv › 第3行"
    assert set(wife[0].sources[1:]) == {"公安/户籍.csv › 第2行", "公安/户籍.csv › 第3行"}
    assert wife[0].n_sources == 3


def test_nearest_relatives_come_first(ws: Workspace) -> None:
    assert [t.name for t in ws.relatives("张伟民")] == ["李娟", "李强"]
    assert [t.legal_class for t in ws.relatives("李强")] == ["近姻亲"]


def test_firms_and_dealings_lead_on(ws: Workspace) -> None:
    firm = ws.firms("李强")[0]
    assert (firm.name, firm.term, firm.share) == ("江州恒达建设有限公司", "持股60%", 0.6)
    below = ws.firms("李强")[1]
    assert (below.name, below.term) == ("江州远山商贸有限公司", "经江州恒达建设有限公司持股")
    assert below.share == pytest.approx(0.3)
    deal = ws.dealings(firm.entity)[0]
    assert (deal.name, deal.term, deal.amount) == ("县住建局", "合同：管网工程", 1_200_000)
    assert deal.sources == ("财政/合同.csv › 第2行",)


def test_numbers_show_masked_and_empty_columns_not_at_all(ws: Workspace) -> None:
    shown = ws.relatives("张伟民")._repr_html_() + repr(ws.relatives("张伟民"))
    assert "320281********" in shown
    assert re.search(r"\d{17}[\dX]", shown) is None
    assert "持股" not in shown
    assert list(ws.relatives("张伟民").to_pandas()["name"]) == ["李娟", "李强"]


def test_nobody_and_nothing_are_said(ws: Workspace) -> None:
    assert "没有找到" in ws.firms("张伟民")._repr_html_()
    assert "没有找到" in repr(ws.dealings("县住建局"))
    with pytest.raises(UserError, match="无此人"):
        ws.relatives("无此人")
