"""Handover folders: the right document for the state of the matter, complete, masked, hashed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import clue_samples as made
import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn

from clues.build import build_clues
from clues.dossier import combine
from clues.handover import HandoverOptions, HandoverResult, folder_name, make_handover
from clues.handover.form import form_of
from clues.handover.letter import numeral
from clues.model import Clue
from clues.picture import picture_of
from clues.wording import verdicts
from detectors.detector import Path as Path_
from detectors.detector import PathEdge, Reason, Sentence, Subject
from ingest.errors import UserError

SECTIONS = (
    "线索来源", "基本情况", "反映的主要问题", "关系图", "证据材料", "已核对的其他可能",
    "建议核查事项", "处置意见",
)  # fmt: skip
SECRETS = (made.person_number(1), made.person_number(2), made.person_number(3), "13800000001",
           "6217000000000000123")  # fmt: skip
WHEN = datetime(2024, 7, 1, 9, 30)
RUN = {
    "run": "20240701-0900",
    "as_of": "2024-06-30",
    "inputs": [{"file": "财政局/合同.xlsx", "sha256": "ab" * 32}],
    "detectors": [],
}


def approved(**more: Any) -> HandoverOptions:
    return HandoverOptions(
        approved_by="林某某", approval_no="江纪批〔2024〕3号", office="江城县纪委监委",
        exported_by="沈某", exported_at=WHEN, run=RUN, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def clues() -> dict[str, Clue]:
    return {clue.detector: clue for clue in build_clues(made.snapshot(), made.outcomes())}


@pytest.fixture(scope="module")
def task(clues: dict[str, Clue], tmp_path_factory: pytest.TempPathFactory) -> HandoverResult:
    both = [clues["own_unit_supplier"], clues["paid_after_death"]]
    out = tmp_path_factory.mktemp("task")
    options = HandoverOptions(run=RUN, exported_at=WHEN)
    return make_handover(made.snapshot(), both, name="章明远-p01", out_dir=out, options=options)


@pytest.fixture(scope="module")
def letter(clues: dict[str, Clue], tmp_path_factory: pytest.TempPathFactory) -> HandoverResult:
    out = tmp_path_factory.mktemp("letter")
    options = approved(unmask_reason="核对身份，排除重名")
    one = [clues["own_unit_supplier"]]
    return make_handover(made.snapshot(), one, name="章明远-p01", out_dir=out, options=options)


def docx_text(path: Path) -> str:
    document = Document(str(path))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += [cell.text for row in table.rows for cell in row.cells]
    return "\n".join(lines)


# -- the folder ----------------------------------------------------------------------------------


def test_folder_holds_what_it_should(task: HandoverResult) -> None:
    assert task.folder.name == "章明远-p01"
    assert set(task.files) == {
        "疑点核查交办单.docx", "疑点核查交办单.pdf", "关系图.png", "关系图.svg", "关系图.html",
        "关系图.graphml", "证据清单.xlsx", "移交清单.json",
    }  # fmt: skip
    assert {path.name for path in task.folder.iterdir()} == set(task.files)
    assert {path.name for path in task.folder.parent.iterdir()} == {"章明远-p01"}


def test_list_of_files_hashes_every_file(letter: HandoverResult) -> None:
    record = json.loads((letter.folder / "移交清单.json").read_text(encoding="utf-8"))
    listed = {item["文件"]: item["SHA-256"] for item in record["文件"]}
    assert set(listed) == set(letter.files) - {"移交清单.json"}
    for name, expected in listed.items():
        assert hashlib.sha256((letter.folder / name).read_bytes()).hexdigest() == expected
    assert record["导出人"] == "沈某"
    assert record["导出时间"] == "2024-07-01T09:30:00"
    assert record["批准文号"] == "江纪批〔2024〕3号"


def test_formats_are_chosen(clues: dict[str, Clue], tmp_path: Path) -> None:
    options = HandoverOptions(formats=("docx",))
    result = make_handover(
        made.snapshot(), [clues["paid_after_death"]], name="a", out_dir=tmp_path, options=options
    )
    assert {Path(name).suffix for name in result.files} == {
        ".docx",
        ".png",
        ".svg",
        ".graphml",
        ".json",
    }


def test_an_edited_folder_is_kept_and_an_untouched_one_replaced(
    clues: dict[str, Clue], tmp_path: Path
) -> None:
    options = HandoverOptions(formats=("docx",))

    def again() -> HandoverResult:
        one = [clues["paid_after_death"]]
        return make_handover(made.snapshot(), one, name="a", out_dir=tmp_path, options=options)

    first = again()
    assert again().kept is None
    with (first.folder / "疑点核查交办单.docx").open("ab") as out:
        out.write(b"edited")
    kept = again().kept
    assert kept is not None
    assert (kept / "疑点核查交办单.docx").read_bytes().endswith(b"edited")
    assert not (first.folder / "疑点核查交办单.docx").read_bytes().endswith(b"edited")


def test_names_are_safe_on_every_system(clues: dict[str, Clue], tmp_path: Path) -> None:
    options = HandoverOptions(formats=("html",))
    one = [clues["paid_after_death"]]
    result = make_handover(
        made.snapshot(), one, name="../甲/乙:1", out_dir=tmp_path, options=options
    )
    assert result.folder.parent == tmp_path


def test_a_folder_is_named_after_whom_it_is_about(clues: dict[str, Clue], tmp_path: Path) -> None:
    assert folder_name([clues["own_unit_supplier"]]) == "章明远-01"
    assert folder_name([clues["cobidding_group"]]) == "江城甲工程有限公司等4家-11"
    options = HandoverOptions(formats=("html",))
    one = [clues["own_unit_supplier"]]
    result = make_handover(made.snapshot(), one, out_dir=tmp_path, options=options)
    assert result.folder.name == "章明远-01"


def test_bad_requests_are_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="没有可移交"):
        make_handover(made.snapshot(), [], name="a", out_dir=tmp_path)
    with pytest.raises(UserError, match="不认识的格式：doc"):
        HandoverOptions(formats=("doc",))
    with pytest.raises(UserError, match="同时给出"):
        HandoverOptions(approved_by="林某某")
    with pytest.raises(UserError, match="理由"):
        HandoverOptions(unmask_reason=" ")


# -- the document --------------------------------------------------------------------------------


def test_unapproved_matter_is_a_task_for_checking(task: HandoverResult) -> None:
    text = docx_text(task.folder / "疑点核查交办单.docx")
    assert "疑点核查交办单" in text
    assert "不是结论" in text
    assert "移送函" not in text
    for numeral_, section in zip("一二三四五六七八", SECTIONS, strict=True):
        assert f"{numeral_}、{section}" in text


def test_approved_matter_is_a_letter_that_names_the_approval(letter: HandoverResult) -> None:
    text = docx_text(letter.folder / "问题线索移送函.docx")
    assert "关于移送章明远" in text
    assert "批准人：林某某；批准文号：江纪批〔2024〕3号" in text
    assert "江城县纪委监委" in text
    assert "交办单" not in text


def test_register_numbers_recipient_and_disposition_are_left_blank(letter: HandoverResult) -> None:
    text = docx_text(letter.folder / "问题线索移送函.docx")
    for blank in (
        "发文字号：＿",
        "移交编号：＿",
        "线索编号：＿",
        "密级：＿",
        "保密期限：＿",
        "份号：＿",
    ):
        assert blank in text
    assert "内部资料　注意保密" in text
    assert "□谈话函询" in text
    assert "本件不提出处置建议" in text
    assert "■" not in text


def test_the_letter_never_goes_to_the_subjects_own_unit(letter: HandoverResult) -> None:
    text = docx_text(letter.folder / "问题线索移送函.docx")
    assert "不得送被反映人任职的单位：青石镇人民政府" in text


def test_annexes_and_two_receipts(letter: HandoverResult) -> None:
    text = docx_text(letter.folder / "问题线索移送函.docx")
    for annex in (
        "问题线索登记表", "证据清单", "其他可能及核对结果", "数据来源与授权",
        "检测项、参数、版本和既往核实率", "审批单", "身份核对表（另册密封）",
    ):  # fmt: skip
        assert annex in text
    assert [text.count(f"第{n}联") for n in "一二"] == [1, 1]
    assert text.count("监交人") >= 2
    assert text.count("移交人（二）") >= 2


def test_every_piece_of_evidence_stands_in_the_letter_with_its_place(task: HandoverResult) -> None:
    text = docx_text(task.folder / "疑点核查交办单.docx")
    for n in range(1, 14):
        assert f"[{n}]" in text
    assert "财政局/合同.xlsx，工作表“合同”，第5行" in text
    assert "公安/死亡登记.csv，第3行" in text


def test_facts_are_stated_once_in_a_dossier(clues: dict[str, Clue]) -> None:
    first = clues["own_unit_supplier"]
    other = build_clues(
        made.snapshot(), [made.outcome(made.spec(id="jurisdiction"), made.supplier_finding())]
    )[0]
    dossier = combine([first, other])
    assert len(dossier.evidence) == len(first.evidence)
    assert [len(sentences) for _, sentences in dossier.sentences()] == [3, 0]
    assert combine(dossier.clues) == dossier


def test_evidence_is_numbered_through_in_a_dossier(clues: dict[str, Clue]) -> None:
    dossier = combine([clues["own_unit_supplier"], clues["cobidding_group"]])
    assert [piece.no for piece in dossier.evidence] == list(range(1, 27))
    assert dossier.clues[1].statement[0].endswith("[10]")
    assert dossier.evidence[9].values["所依据的证据"] == "[11]至[26]"
    assert dossier.clues[1].reasons[0].evidence == (10,)


def test_fonts_margins_and_page_numbers_follow_the_standard(letter: HandoverResult) -> None:
    document = Document(str(letter.folder / "问题线索移送函.docx"))
    section = document.sections[0]
    sizes = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(size.mm) for size in sizes] == [37, 35, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    fonts = {
        run._r.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run._r.rPr is not None and run._r.rPr.rFonts is not None
    }
    assert {"仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"} <= fonts
    body = next(p for p in document.paragraphs if p.text.startswith("经批准"))
    assert body.runs[0].font.size.pt == 16
    assert 28 <= body.paragraph_format.line_spacing.pt <= 30
    assert "PAGE" in section.footer._element.xml
    table = next(
        part for part in document.part.package.iter_parts() if "fontTable" in str(part.partname)
    )
    assert "Noto Serif CJK SC" in table.blob.decode("utf-8")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_pdf_says_what_the_docx_says_with_fonts_embedded(letter: HandoverResult) -> None:
    pdf = letter.folder / "问题线索移送函.pdf"
    run = ["pdftotext", "-layout", str(pdf), "-"]
    text = "".join(subprocess.run(run, capture_output=True, check=True).stdout.decode().split())
    document = Document(str(letter.folder / "问题线索移送函.docx"))
    for paragraph in document.paragraphs:
        words = "".join(paragraph.text.split())
        # A paragraph that crosses a page is parted by the page number there.
        assert words[:12] in text, words
    fonts = subprocess.run(["pdffonts", str(pdf)], capture_output=True, check=True)
    lines = fonts.stdout.decode().splitlines()[2:]
    assert lines
    assert all(line.split()[-5] == "yes" for line in lines)


# -- numbers and words ---------------------------------------------------------------------------


def test_full_numbers_stand_in_the_sealed_table_alone(
    task: HandoverResult, letter: HandoverResult
) -> None:
    for result in (task, letter):
        for path in result.folder.iterdir():
            if path.suffix == ".docx" and not path.name.startswith("身份核对表"):
                text = docx_text(path)
            elif path.suffix == ".xlsx":
                book = openpyxl.load_workbook(path)
                rows = (r for s in book for r in s.iter_rows(values_only=True))
                text = "".join(str(cell) for row in rows for cell in row)
            elif path.suffix in (".html", ".graphml", ".json", ".svg"):
                text = path.read_text(encoding="utf-8")
            else:
                continue
            assert not [secret for secret in SECRETS if secret in text], path.name
    sealed = docx_text(letter.folder / "身份核对表（密封）.docx")
    assert made.person_number(1) in sealed
    assert "核对身份，排除重名" in sealed
    assert not [name for name in task.files if "身份" in name]


def test_no_verdict_in_any_document(task: HandoverResult, letter: HandoverResult) -> None:
    for result in (task, letter):
        for path in result.folder.glob("*.docx"):
            text = docx_text(path)
            assert verdicts(text.splitlines()) == ()
            # One word for one thing, here as in the command and the workbooks.
            assert "规则" not in text


def test_evidence_sheet_keeps_headers_places_and_numbers(task: HandoverResult) -> None:
    book = openpyxl.load_workbook(task.folder / "证据清单.xlsx")
    rows = list(book["证据清单"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == list(range(1, 14))
    contracts = next(s for s in book.worksheets[1:] if "合同金额(万元)" in [c.value for c in s[1]])
    header = [cell.value for cell in contracts[1]]
    assert header[:4] == ["证据号", "文件", "工作表", "行号"]
    first = dict(zip(header, [cell.value for cell in contracts[2]], strict=True))
    assert (first["文件"], first["工作表"], first["行号"]) == ("财政局/合同.xlsx", "合同", 5)
    assert first["合同金额(万元)"] == "10.5"


# -- which form ----------------------------------------------------------------------------------


def test_a_ring_of_firms_alone_goes_to_administrative_supervision(clues: dict[str, Clue]) -> None:
    for done in (False, True):
        form = form_of([clues["cobidding_group"]], approved=done)
        assert form.target is None
        assert "行政监督部门" in form.recipient
    assert form_of([clues["cobidding_group"]], approved=True).name == "有关情况移送函"


def test_relatives_and_firms_are_never_the_subject(clues: dict[str, Clue]) -> None:
    form = form_of([clues["paid_after_death"], clues["own_unit_supplier"]], approved=True)
    assert form.target is not None
    assert form.target.name == "章明远"
    assert form_of([clues["paid_after_death"]], approved=True).target is None


def test_a_common_problem_without_a_person_becomes_advice() -> None:
    findings = [
        made.death_finding(place=f"v-{n}", anchors=(f"p-{n}",), event_key=str(n)) for n in range(4)
    ]
    clues = build_clues(made.snapshot(), [made.outcome(made.death_spec(), *findings)])
    assert form_of(clues, approved=True).name == "巡察建议书"
    assert form_of(clues, approved=False).name == "疑点核查交办单"


# -- pictures ------------------------------------------------------------------------------------


def test_power_holder_left_money_right(clues: dict[str, Clue]) -> None:
    picture = picture_of([clues["own_unit_supplier"]])
    lanes = {node.name: node.lane for node in picture.nodes}
    money = next(node for node in picture.nodes if node.kind == "money")
    assert lanes["章明远"] == 0
    assert lanes["章明远"] < lanes["闻人立"] < lanes["江城县立恒建设有限公司"] < money.lane
    assert [node.name for node in picture.nodes if node.focus] == ["章明远"]


def test_many_contracts_become_one_node_with_number_and_sum(clues: dict[str, Clue]) -> None:
    picture = picture_of([clues["own_unit_supplier"]])
    money = [node for node in picture.nodes if node.kind == "money"]
    assert [(node.name, node.sub) for node in money] == [("合同6个 共213万元", "2022.01—2022.06")]
    edge = next(e for e in picture.edges if e.dst == money[0].key)
    assert edge.evidence == (4, 5, 6, 7, 8, 9)


def test_edges_say_relation_dates_and_evidence(clues: dict[str, Clue]) -> None:
    edges = {e.label: e for e in picture_of([clues["own_unit_supplier"]]).edges}
    assert edges["妻弟"].evidence == (2,)
    assert edges["持股60% 2020.05起"].evidence == (3,)
    assert edges["镇长 2021.03起"].evidence == (1,)


def test_a_clue_without_path_is_drawn_from_its_evidence(clues: dict[str, Clue]) -> None:
    picture = picture_of([clues["paid_after_death"]])
    names = {node.name: node for node in picture.nodes}
    assert "2021-02-03[1]" in names["祁守田"].sub
    money = next(node for node in picture.nodes if node.kind == "money")
    assert money.name.endswith("3笔 共900.00元")
    assert money.lane > names["祁守田"].lane


def test_bidders_on_a_par_stand_in_a_ring(clues: dict[str, Clue]) -> None:
    picture = picture_of([clues["cobidding_group"]])
    assert picture.layout == "ring"
    assert (len(picture.nodes), len(picture.edges)) == (4, 6)


def test_bidders_who_share_one_thing_stand_around_it() -> None:
    bids = tuple(made.row("bids", n, f"第{n}条投标记录") for n in range(1, 4))
    reason = Reason("money", "proof", "保证金由同一账户转出", bids)
    finding = made.group_finding(reasons=(reason,), statement=(Sentence("保证金同源。", bids),))
    clue = build_clues(made.snapshot(), [made.outcome(made.group_spec(), finding)])[0]
    picture = picture_of([clue])
    shared = next(node for node in picture.nodes if node.kind == "共同特征")
    assert (picture.layout, shared.name) == ("lanes", "保证金由同一账户转出")
    ends = {edge.src: edge.evidence for edge in picture.edges if edge.dst == shared.key}
    assert ends[made.RIVALS[0]] == (1,)
    assert set(ends) == set(made.RIVALS)
    assert all(shared.lane > node.lane for node in picture.nodes if node is not shared)


def test_money_that_a_path_leaves_out_is_drawn() -> None:
    paid = tuple(made.row("subsidies", n, "发放记录") for n in range(1, 4))
    finding = made.supplier_finding(
        subjects=(Subject(made.OFFICIAL, "official"), Subject(made.DEAD, "relative")),
        path=Path_(
            (made.OFFICIAL, made.DEAD),
            (PathEdge(made.OFFICIAL, made.DEAD, "kin", "叔父", cites=(made.KIN,)),),
        ),
        statement=(Sentence("其叔父领取高龄津贴。", paid),),
        amount=Decimal("900"),
    )
    clue = build_clues(made.snapshot(), [made.outcome(made.spec(), finding)])[0]
    picture = picture_of([clue])
    money = next(node for node in picture.nodes if node.kind == "money")
    assert money.name.endswith("3笔 共900.00元")
    assert [edge.src for edge in picture.edges if edge.dst == money.key] == [made.DEAD]


def test_a_dossier_shares_nodes(clues: dict[str, Clue]) -> None:
    twice = picture_of([clues["own_unit_supplier"], clues["own_unit_supplier"]])
    assert twice.nodes == picture_of([clues["own_unit_supplier"]]).nodes


@pytest.mark.parametrize(
    ("n", "text"), [(1, "一"), (10, "十"), (11, "十一"), (21, "二十一"), (30, "三十")]
)
def test_chinese_numerals(n: int, text: str) -> None:
    assert numeral(n) == text


def test_an_approved_letter_is_never_replaced_by_a_draft(
    clues: dict[str, Clue], tmp_path: Path
) -> None:
    one = [clues["own_unit_supplier"]]

    def made_with(options: HandoverOptions) -> HandoverResult:
        return make_handover(made.snapshot(), one, name="甲", out_dir=tmp_path, options=options)

    made_with(approved(formats=("docx",)))
    later = made_with(HandoverOptions(run=RUN, exported_at=WHEN, formats=("docx",)))
    assert later.kept is not None
    record = json.loads((later.kept / "移交清单.json").read_text(encoding="utf-8"))
    assert record["批准文号"] == "江纪批〔2024〕3号"
