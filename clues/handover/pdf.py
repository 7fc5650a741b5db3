"""Set a letter as PDF with free fonts embedded, from the same content as the DOCX."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from clues.handover.content import Block, Figure, Letter
from graph.fonts import cjk_family, cjk_font_files
from ingest.errors import UserError

# Hashes and words of other scripts would run out of their cells: let them break here.
_LONG_RUN = re.compile(r"([^\W\u3400-\u9fff]{24})(?=[^\W\u3400-\u9fff])")


def write_pdf(letter: Letter, path: Path) -> None:
    """Write a letter as PDF.

    Parameters
    ----------
    letter : Letter
        What to set; figures lie beside ``path``.
    path : Path
        The file to write.

    Raises
    ------
    UserError
        When no Chinese font is installed.
    """
    template = files("clues.handover").joinpath("letter.typ").read_text(encoding="utf-8")
    folders = sorted({str(Path(file).parent) for file in cjk_font_files()})
    content = {
        "title": letter.title.split("\n"),
        "letterhead": letter.letterhead,
        "marks": [list(pair) for pair in letter.marks],
        "blocks": [_plain(block) for block in letter.blocks],
        "serif": cjk_family(serif=True),
        "sans": cjk_family(),
    }
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        text = _LONG_RUN.sub("\\1\u200b", json.dumps(content, ensure_ascii=False))
        (root / "letter.json").write_text(text, encoding="utf-8")
        (root / "letter.typ").write_text(template, encoding="utf-8")
        for block in letter.blocks:
            if isinstance(block, Figure):
                shutil.copyfile(path.parent / block.file, root / block.file)
        try:
            typst.compile(str(root / "letter.typ"), output=str(path), root=name, font_paths=folders)
        except RuntimeError as error:
            raise UserError(f"PDF 排版失败：{error}", exit_status=1) from error


def _plain(block: Block) -> dict[str, Any]:
    return {"type": type(block).__name__.lower(), **asdict(block)}
