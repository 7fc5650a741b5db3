"""Set a letter as DOCX, in the fonts and measures of GB/T 9704, for an office to go on writing in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from clues.handover.content import (
    Block,
    Break,
    Cell,
    CutLine,
    Figure,
    Heading,
    Letter,
    Para,
    Space,
    Table,
)

# GB/T 9704: A4, margins 37/35/28/26 mm, title 2号, body 3号, 22 lines a page.
PAGE = (210, 297)
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
BODY, TITLE, HEAD, NOTE, GRID, LIST = 16.0, 22.0, 16.0, 12.0, 12.0, 10.5
LINE, TITLE_LINE, NOTE_LINE = 28.9, 34.0, 18.0
FANGSONG, HEITI, KAITI, TITLE_FONT = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
# What a machine without these fonts may take in their place, free ones last.
FALLBACKS = {
    FANGSONG: "仿宋;FangSong;STFangsong;Noto Serif CJK SC",
    HEITI: "SimHei;Noto Sans CJK SC",
    KAITI: "楷体;KaiTi;STKaiti;Noto Serif CJK SC",
    TITLE_FONT: "小标宋;STZhongsong;Noto Serif CJK SC",
}
_ALIGN = {
    "body": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "note": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
RED = RGBColor(0xC0, 0x00, 0x00)


def write_docx(letter: Letter, path: Path) -> None:
    """Write a letter as DOCX.

    Parameters
    ----------
    letter : Letter
        What to set; figures lie beside ``path``.
    path : Path
        The file to write.
    """
    document = Document()
    _styles(document)
    _fallback_fonts(document)
    _page(document.sections[0], landscape=False)
    document.settings.odd_and_even_pages_header_footer = True
    _footers(document.sections[0], letterhead=letter.letterhead is not None)
    if letter.letterhead:
        _letterhead(document, letter.letterhead)
    _marks(document, letter.marks)
    for line in letter.title.split("\n"):
        _paragraph(document, line, TITLE_FONT, TITLE, TITLE_LINE, "center")
    _gap(document, 1)
    for n, block in enumerate(letter.blocks):
        following = letter.blocks[n + 1] if n + 1 < len(letter.blocks) else None
        _block(document, block, path.parent, following)
    properties = document.core_properties
    properties.title, properties.author = letter.title.replace("\n", ""), ""
    properties.comments = ""
    document.save(str(path))


# -- pages ---------------------------------------------------------------------------------------


def _page(section: Any, landscape: bool) -> None:
    width, height = PAGE[::-1] if landscape else PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    # A lying page is the upright one turned: the narrow margins come to lie above and below.
    lying, upright = (LEFT, RIGHT, BOTTOM - 10, BOTTOM - 10), (TOP, BOTTOM, LEFT, RIGHT)
    margins = lying if landscape else upright
    section.top_margin, section.bottom_margin = Mm(margins[0]), Mm(margins[1])
    section.left_margin, section.right_margin = Mm(margins[2]), Mm(margins[3])
    section.footer_distance = Mm(26 if not landscape else 16)


def _footers(section: Any, letterhead: bool) -> None:
    """Page numbers — 1 — outside: right on odd pages, left on even ones."""
    for footer, style in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = _ALIGN[style]
        _run(paragraph, "　— " if style == "left" else "— ", "宋体", 14)
        _page_number(paragraph)
        _run(paragraph, " —" if style == "left" else " —　", "宋体", 14)
    if letterhead:
        # A letter's first page has a red double line at its foot and no number.
        section.different_first_page_header_footer = True
        section.first_page_footer.is_linked_to_previous = False
        _border(section.first_page_footer.paragraphs[0], "top", "thinThickSmallGap")


def _page_number(paragraph: Any) -> None:
    run = _run(paragraph, "", "宋体", 14)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind is None:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _letterhead(document: Any, office: str) -> None:
    size = 30.0 if len(office) <= 14 else 22.0
    paragraph = _paragraph(document, office, TITLE_FONT, size, size * 1.3, "center")
    paragraph.runs[0].font.color.rgb = RED
    _border(paragraph, "bottom", "thickThinSmallGap")


def _border(paragraph: Any, side: str, line: str) -> None:
    xml = (
        f"<w:pBdr {nsdecls('w')}>"
        f'<w:{side} w:val="{line}" w:sz="24" w:space="4" w:color="C00000"/></w:pBdr>'
    )
    _insert(paragraph, parse_xml(xml))


def _insert(paragraph: Any, element: Any) -> None:
    """Paragraph properties have a fixed order; borders come before spacing and alignment."""
    properties = paragraph._p.get_or_add_pPr()
    later = {qn(f"w:{tag}") for tag in ("shd", "spacing", "ind", "jc", "rPr", "sectPr")}
    position = next(
        (i for i, child in enumerate(properties) if child.tag in later), len(properties)
    )
    properties.insert(position, element)


def _marks(document: Any, marks: tuple[tuple[str, str], ...]) -> None:
    if not marks:
        return
    table = document.add_table(rows=0, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for left, right in marks:
        cells = table.add_row().cells
        for cell, text, style in ((cells[0], left, "left"), (cells[1], right, "right")):
            font = HEITI if "保密" in text and "期限" not in text else FANGSONG
            _fill(cell.paragraphs[0], text, font, 14, 22, style)
    _gap(document, 1, 14)


# -- blocks --------------------------------------------------------------------------------------


def _block(document: Any, block: Block, folder: Path, following: Block | None) -> None:
    if isinstance(block, Heading):
        _heading(document, block)
    elif isinstance(block, Para):
        _para(document, block).paragraph_format.keep_with_next = block.keep or isinstance(
            following, Table
        )
    elif isinstance(block, Table):
        _table(document, block)
        if not isinstance(following, (Break, CutLine, Space)) and following is not None:
            _gap(document, 1, 8)
    elif isinstance(block, Figure):
        _figure(document, block, folder)
    elif isinstance(block, Break):
        section = document.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = False
        _page(section, block.landscape)
    elif isinstance(block, CutLine):
        line = "－　" * 6
        _paragraph(document, f"{line}裁　切　线　{line}".strip(), FANGSONG, 12, 20, "center")
        _gap(document, 1)
    else:
        _gap(document, block.lines)


def _heading(document: Any, heading: Heading) -> None:
    if heading.level == 0:
        _paragraph(document, heading.text, TITLE_FONT, 20, TITLE_LINE, "center")
        _gap(document, 1, 8)
        return
    font = HEITI if heading.level == 1 else KAITI
    paragraph = _paragraph(document, heading.text, font, HEAD, LINE, "body")
    paragraph.paragraph_format.keep_with_next = True


def _para(document: Any, para: Para) -> Any:
    if para.style == "note":
        return _paragraph(document, para.text, FANGSONG, NOTE, NOTE_LINE, "note")
    return _paragraph(document, para.text, FANGSONG, BODY, LINE, para.style)


def _table(document: Any, table: Table) -> None:
    landscape = document.sections[-1].orientation == WD_ORIENT.LANDSCAPE
    line = (PAGE[1] - 2 * (BOTTOM - 10)) if landscape else PAGE[0] - LEFT - RIGHT
    columns = len(table.widths)
    made = document.add_table(rows=len(table.rows), cols=columns)
    made.style = "Table Grid"
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    size = LIST if table.header else GRID
    for i, width in enumerate(table.widths):
        made.columns[i].width = Mm(line * width)
    for n, row in enumerate(table.rows):
        target = made.rows[n]
        least = table.heights[n] if n < len(table.heights) else 0
        if least:
            target.height, target.height_rule = Mm(least), WD_ROW_HEIGHT_RULE.AT_LEAST
        _row_properties(target, header=n < table.header)
        at = 0
        for cell in row:
            made_cell = target.cells[at]
            if cell.span > 1:
                made_cell = made_cell.merge(target.cells[at + cell.span - 1])
            made_cell.width = Mm(line * sum(table.widths[at : at + cell.span]))
            _cell(made_cell, cell, size)
            at += cell.span


def _row_properties(row: Any, header: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))


def _cell(made: Any, cell: Cell, size: float) -> None:
    made.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    lines = cell.text.split("\n")
    for n, line in enumerate(lines):
        paragraph = made.paragraphs[0] if n == 0 else made.add_paragraph()
        font = HEITI if cell.label else FANGSONG
        _fill(paragraph, line, font, size, size * 1.35, "center" if cell.label else "left")


def _figure(document: Any, figure: Figure, folder: Path) -> None:
    width, height = fitted(figure, PAGE[1] - 2 * (BOTTOM - 10), 118)
    paragraph = document.add_paragraph()
    paragraph.alignment = _ALIGN["center"]
    picture = paragraph.add_run().add_picture(str(folder / figure.file), Mm(width), Mm(height))
    picture._inline.docPr.set("descr", figure.alt)


def fitted(figure: Figure, most_width: float, most_height: float) -> tuple[float, float]:
    """Width and height in mm of a figure as large as the space lets it be.

    Examples
    --------
    >>> fitted(Figure("a.png", "", 200, 100), 100, 100)
    (100.0, 50.0)
    """
    scale = min(most_width / figure.width, most_height / figure.height)
    return round(figure.width * scale, 1), round(figure.height * scale, 1)


# -- text ----------------------------------------------------------------------------------------


def _paragraph(document: Any, text: str, font: str, size: float, line: float, style: str) -> Any:
    return _fill(document.add_paragraph(), text, font, size, line, style)


def _fill(paragraph: Any, text: str, font: str, size: float, line: float, style: str) -> Any:
    form = paragraph.paragraph_format
    form.alignment = _ALIGN[style]
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.space_before = form.space_after = Pt(0)
    if style == "body":
        form.first_line_indent = Emu(int(Pt(size) * 2))
    _run(paragraph, text, font, size)
    return paragraph


def _gap(document: Any, lines: int, size: float = BODY) -> None:
    for _ in range(lines):
        _paragraph(document, "", FANGSONG, size, LINE if size == BODY else size * 1.3, "left")


def _run(paragraph: Any, text: str, font: str, size: float) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for slot in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{slot}"), font)
    # Quotation marks and dashes are in both scripts; they are meant as Chinese ones.
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def _styles(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = FANGSONG, Pt(BODY)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), FANGSONG)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def _fallback_fonts(document: Any) -> None:
    """Name in the font table what may stand in for a font that a machine lacks."""
    part = next(
        p for p in document.part.package.iter_parts() if str(p.partname) == "/word/fontTable.xml"
    )
    table = parse_xml(part.blob)
    for font, others in FALLBACKS.items():
        xml = (
            f'<w:font {nsdecls("w")} w:name="{font}"><w:altName w:val="{others.replace(";", ",")}"/>'
            '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        )
        table.append(parse_xml(xml))
    part._blob = serialize_part_xml(table)
