"""Firms' names taken apart, and two of them compared."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.resolve.firm_names import compare
from ingest.company_names import CompanyName, Gazetteer, parse_company_name
from ingest.company_numbers import is_organisation_code, is_registration_number
from ingest.org_words import PROVINCES, TRADES

PLACES = Gazetteer.of(["青澜县", "临川市", "江南省", "河口镇"])
# Characters of which firms make cores; none begins or ends a word of another part.
CORES = st.text("恒达瑞丰鸿泰永盛鼎华宏远鑫隆诚德润禾升创启佳融汇利", min_size=2, max_size=3)
REGIONS = st.sampled_from(
    ["", "青澜县", "青澜", "临川市", "江南省", "南京市", "江苏省南京市", *sorted(PROVINCES)]
)
WORDS = st.lists(
    st.sampled_from(
        ["建设", "工程", "建筑", "市政", "园林", "绿化", "网络", "科技", "商贸", "种养殖"]
    ),
    min_size=1,
    max_size=2,
    unique=True,
).map("".join)
FORMS = st.sampled_from(
    ["有限公司", "股份有限公司", "集团有限公司", "专业合作社", "经营部", "合伙企业(有限合伙)"]
)
BRANCHES = st.sampled_from(["", "南京分公司", "第一分公司", "河口镇分公司", "临川市项目部"])


@given(REGIONS, CORES, WORDS, FORMS, BRANCHES)
def test_parts_put_together_come_apart_again(
    region: str, core: str, trade: str, form: str, branch: str
) -> None:
    assume(not branch or form.endswith("公司"))
    found = parse_company_name(region + core + trade + form + branch, PLACES)
    assert found == CompanyName(region, core, trade, form, branch)


@given(CORES, WORDS, st.sampled_from(["()", "（）", "〔〕", "【】", "[]"]))
def test_a_region_in_brackets_is_the_region_in_front(core: str, trade: str, marks: str) -> None:
    inside = parse_company_name(f"{core}{marks[0]}江苏{marks[1]}{trade}有限责任公司", PLACES)
    assert inside == parse_company_name(f"江苏{core}{trade}有限公司", PLACES)


@given(st.text(max_size=30))
def test_any_text_has_parts_and_loses_no_core(text: str) -> None:
    found = parse_company_name(text, PLACES)
    assert found == parse_company_name(text, PLACES)
    assert parse_company_name(f"恒达{text}", PLACES).core


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("江苏恒达建设工程有限公司南京分公司", ("江苏", "恒达", "建设工程", "有限公司", "南京分公司")),
        ("恒達〔江蘇〕建設有限責任公司", ("江苏", "恒达", "建设", "有限公司", "")),
        ("恒达江苏建设有限公司", ("江苏", "恒达", "建设", "有限公司", "")),
        ("恒达（集团）有限公司", ("", "恒达", "", "集团有限公司", "")),
        ("恒达建设集团股份公司", ("", "恒达", "建设", "集团股份有限公司", "")),
        ("青澜县河口镇恒达建材经营部（个体工商户）", ("青澜县河口镇", "恒达", "建材", "经营部", "")),
        ("恒达超市河口分店", ("", "恒达", "", "超市", "河口分店")),
        ("恒达建设河口分公司", ("", "恒达", "建设", "", "河口分公司")),
        ("中国农业银行股份有限公司青澜县支行", ("中国", "农业银行", "", "股份有限公司", "青澜县支行")),
        ("江南省恒达投资管理合伙企业（有限合伙）", ("江南省", "恒达", "投资管理", "合伙企业(有限合伙)", "")),
        ("安庆建材有限公司", ("", "安庆", "建材", "有限公司", "")),
        ("青澜县安庆建材有限公司", ("青澜县", "安庆", "建材", "有限公司", "")),
        ("建设工程有限公司", ("", "建设", "工程", "有限公司", "")),
        ("北京城市之光传媒有限公司", ("北京", "城市之光", "传媒", "有限公司", "")),
        ("ＡＢＣ 恒达 科技有限公司", ("", "ABC恒达", "科技", "有限公司", "")),
        ("恒达建设有限公司（已吊销）", ("", "恒达", "建设", "有限公司", "")),
        ("恒达超市", ("", "恒达", "", "超市", "")),
    ],
)  # fmt: skip
def test_names_as_they_are_written(name: str, parts: tuple[str, ...]) -> None:
    found = parse_company_name(name, PLACES)
    assert (found.region, found.core, found.trade, found.form, found.branch) == parts


FULL = "江苏恒达建设工程有限公司"


@pytest.mark.parametrize(
    "written",
    [
        "恒达建设工程有限公司",
        "恒达（江苏）建设工程有限公司",
        "江蘇恆達建設工程有限責任公司",
        "江苏省恒达建设工程有限公司",
        "恒达建设工程",
        "恒达建设",
        "江苏恒达建设公司",
        "江苏恒达建设工和有限公司",
        "江苏 恒达 建设工程 有限公司",
    ],
)
def test_one_firm(written: str) -> None:
    found = compare(parse_company_name(written, PLACES), parse_company_name(FULL, PLACES))
    assert (found.verdict, found.reasons != ()) == ("same", True)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ("江苏瑞丰建设工程有限公司", "different"),
        ("瑞丰建设", "different"),
        ("浙江恒达建设工程有限公司", "different"),
        ("南京恒达建设工程有限公司", "different"),
        ("江苏恒达建筑工程有限公司", "different"),
        ("江苏恒达装饰工程有限公司", "different"),
        ("江苏恒达建材经营部", "different"),
        ("江苏恒达建设工程有限公司南京分公司", "different"),
        ("江苏新恒达建设工程有限公司", "different"),
        ("江苏恒达建设工程专业合作社", "different"),
        ("江苏恒大建设工程有限公司", "unsure"),
        ("江苏恒达建设有限公司", "unsure"),
        ("江苏恒达建设工程股份有限公司", "unsure"),
        ("江苏恒达建设工程集团有限公司", "unsure"),
        ("恒达", "unsure"),
        ("恒达公司", "unsure"),
    ],
)
def test_not_one_firm_by_the_name_alone(written: str, verdict: str) -> None:
    a, b = parse_company_name(written, PLACES), parse_company_name(FULL, PLACES)
    assert compare(a, b).verdict == compare(b, a).verdict == verdict


@given(CORES, CORES, WORDS)
def test_likeness_has_no_direction_and_other_cores_never_join(a: str, b: str, trade: str) -> None:
    one, other = (parse_company_name(f"江苏{core}{trade}有限公司") for core in (a, b))
    assert compare(one, other).verdict == compare(other, one).verdict
    assert (compare(one, other).verdict == "same") is (a == b)


def test_trades_are_words_of_two_or_more() -> None:
    assert min(map(len, TRADES)) >= 2


def test_old_numbers_by_their_check_characters() -> None:
    assert is_organisation_code("600037341")
    assert not is_organisation_code("600037342")
    assert is_registration_number("110108000000016")
    assert not is_registration_number("110108000000017")
