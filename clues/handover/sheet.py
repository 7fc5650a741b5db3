"""``证据清单.xlsx``: rows as in the source, masked, each with the place it stands at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from clues.dossier import Dossier
from clues.fit import column_width, row_height
from clues.model import ClueEvidence
from clues.names import EVIDENCE_KINDS
from clues.workbook import also_text, values_text
from ingest.tables import TABLES

_FORBIDDEN = str.maketrans("[]:*?/\\'", "（）： ？　　 ")


def write_evidence(dossier: Dossier, path: Path) -> None:
    """Write the list of evidence: one sheet of all, and a sheet a source table with its own headers.

    Parameters
    ----------
    dossier : Dossier
        Clues numbered through.
    path : Path
        The file to write.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        base = {
            "font_name": "宋体",
            "font_size": 10,
            "text_wrap": True,
            "valign": "top",
            "border": 1,
        }
        text = book.add_format(base)
        head = book.add_format({**base, "bold": True, "bg_color": "#D9D9D9", "align": "center"})
        _all(book, dossier, text, head)
        groups: dict[str, list[ClueEvidence]] = defaultdict(list)
        for piece in dossier.evidence:
            if piece.kind == "row" and piece.table is not None:
                groups[piece.table].append(piece)
        for table, pieces in groups.items():
            _table(book, table, pieces, text, head)


def _all(book: Any, dossier: Dossier, text: Any, head: Any) -> None:
    uses: dict[int, list[str]] = defaultdict(list)
    for clue in dossier.clues:
        for piece in clue.evidence:
            uses[piece.no].append(clue.id)
    columns = (
        ("证据号", 8), ("类型", 10), ("说明", 36), ("内容（已脱敏）", 60), ("文件", 32), ("工作表", 14),
        ("行号", 8), ("相同记录的其他位置", 30), ("所属线索", 20),
    )  # fmt: skip
    rows = []
    for piece in dossier.evidence:
        source = piece.source
        place = (source.file, source.sheet or "", str(source.row)) if source else ("", "", "")
        cells = (str(piece.no), EVIDENCE_KINDS[piece.kind], piece.text, values_text(piece), *place)
        rows.append((*cells, also_text(source), "\n".join(uses[piece.no])))
    _sheet(book, "证据清单", columns, rows, text, head)


def _table(book: Any, table: str, pieces: Sequence[ClueEvidence], text: Any, head: Any) -> None:
    headers = list(dict.fromkeys(header for piece in pieces for header in piece.values))
    columns = (
        ("证据号", 8), ("文件", 32), ("工作表", 14), ("行号", 8),
        *((h, column_width(h, (str(p.values.get(h) or "") for p in pieces))) for h in headers),
    )  # fmt: skip
    rows = []
    for piece in pieces:
        source = piece.source
        place = (source.file, source.sheet or "", str(source.row)) if source else ("", "", "")
        cells = ("" if (v := piece.values.get(h)) is None else str(v) for h in headers)
        rows.append((str(piece.no), *place, *cells))
    title = TABLES[table].title if table in TABLES else table
    _sheet(book, title.translate(_FORBIDDEN)[:31], columns, rows, text, head)


def _sheet(book: Any, name: str, columns: Any, rows: Any, text: Any, head: Any) -> None:
    sheet = book.add_worksheet(name)
    for i, (header, width) in enumerate(columns):
        sheet.set_column(i, i, width)
        sheet.write_string(0, i, header, head)
    widths = [width for _, width in columns]
    for n, row in enumerate(rows, 1):
        sheet.set_row(n, row_height(row, widths))
        for i, cell in enumerate(row):
            if columns[i][0] in ("证据号", "行号") and cell.isdigit():
                sheet.write_number(n, i, int(cell), text)
            else:
                sheet.write_string(n, i, cell[:32_000], text)
    sheet.freeze_panes(1, 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C第 &P 页，共 &N 页")
