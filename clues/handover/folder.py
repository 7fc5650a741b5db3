"""Make the folder of a handover: letter, pictures, list of evidence, list of files."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from docx.image.image import Image

from clues.build import SnapshotRead
from clues.dossier import Dossier, combine
from clues.handover.content import Figure, Letter
from clues.handover.form import form_of
from clues.handover.identity import identity_table
from clues.handover.letter import Matter, write_letter
from clues.handover.options import HandoverOptions, HandoverResult
from clues.handover.pdf import write_pdf
from clues.handover.sheet import write_evidence
from clues.handover.word import write_docx
from clues.model import Clue
from clues.picture import picture_of
from graph.draw import draw
from graph.export import to_networkx, write_graphml
from graph.page import write_page
from graph.picture import Picture
from ingest.errors import UserError, why
from ingest.masking import mask_text

MANIFEST = "移交清单.json"
PICTURE = "关系图"
# Folders in the making begin so.
UNFINISHED = ".移交-"


def make_handover(
    snapshot: SnapshotRead,
    clues: Sequence[Clue],
    *,
    out_dir: Path,
    name: str | None = None,
    options: HandoverOptions | None = None,
) -> HandoverResult:
    """Write the folder that is handed over for one person or matter.

    Parameters
    ----------
    snapshot : SnapshotRead
        For what tells namesakes apart, and full numbers where a reason was given.
    clues : sequence of Clue
        All of one matter, the leading one first.
    out_dir : Path
        Where the folder is made; absent folders are created.
    name : str, optional
        Name of the folder; by default ``folder_name(clues)``.
    options : HandoverOptions, optional
        Formats, approval, reason for full numbers, office.

    Returns
    -------
    HandoverResult

    Raises
    ------
    UserError
        If there is no clue, or the folder can't be written.
    """
    if not clues:
        raise UserError("没有可移交的疑点：请检查 --subject、--clue 或 --level 的取值。")
    options = options or HandoverOptions()
    folder = out_dir / _safe(name or folder_name(clues))
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        # Written whole beside its place, so that an interruption leaves no half folder there.
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=out_dir) as scratch:
            made = Path(scratch) / "files"
            made.mkdir()
            files = _fill(made, snapshot, combine(clues), options)
            kept = _put(made, folder)
    except OSError as error:
        raise UserError(
            f"无法写入移交文件夹 {folder}：{why(error)}。请检查权限和磁盘空间。"
        ) from error
    return HandoverResult(folder, files, kept)


def folder_name(clues: Sequence[Clue]) -> str:
    """``<name>-<short entity id>`` of whom the matter is about.

    The id tells namesakes apart; a group is named after its first member and its size.
    """
    first = clues[0].subjects[0]
    members = {s.entity for clue in clues for s in clue.subjects if s.role == "bidder"}
    several = f"等{len(members)}家" if len(members) > 1 and first.role == "bidder" else ""
    return f"{first.name}{several}-{first.entity.rsplit('-', 1)[-1][:8]}"


def _fill(
    folder: Path, snapshot: SnapshotRead, dossier: Dossier, options: HandoverOptions
) -> tuple[str, ...]:
    form = form_of(dossier.clues, options.approved)
    picture = picture_of(dossier.clues)
    facts = _facts(snapshot, dossier.clues)
    details = {e: mask_text(d) for e, f in facts.items() if (d := getattr(f, "detail", None))}
    figure = _draw(picture, folder, options)
    letter = write_letter(Matter(dossier, form, options, picture, figure, details))
    letters = [letter]
    if options.unmask_reason:
        letters.append(identity_table(dossier.clues, facts, options))
    for one in letters:
        _set(one, folder, options)
    if "xlsx" in options.formats:
        write_evidence(dossier, folder / "证据清单.xlsx")
    _manifest(folder, dossier, form.name, options)
    names = sorted(path.name for path in folder.iterdir() if path.name != MANIFEST)
    return (*names, MANIFEST)


def _facts(snapshot: SnapshotRead, clues: Sequence[Clue]) -> dict[str, Any]:
    wanted = {s.entity for c in clues for s in c.subjects}
    wanted |= {n.entity for c in clues if c.path is not None for n in c.path.nodes}
    return dict(snapshot.lookup(sorted(wanted)))


def _draw(picture: Picture, folder: Path, options: HandoverOptions) -> Figure:
    png = folder / f"{PICTURE}.png"
    draw(picture, png)
    draw(picture, folder / f"{PICTURE}.svg")
    write_graphml(to_networkx(picture), folder / f"{PICTURE}.graphml")
    if "html" in options.formats:
        write_page(picture, folder / f"{PICTURE}.html")
    image = Image.from_file(str(png))
    return Figure(png.name, picture.title, image.px_width, image.px_height)


def _set(letter: Letter, folder: Path, options: HandoverOptions) -> None:
    if "docx" in options.formats:
        write_docx(letter, folder / f"{letter.file}.docx")
    if "pdf" in options.formats:
        write_pdf(letter, folder / f"{letter.file}.pdf")


def _manifest(folder: Path, dossier: Dossier, form: str, options: HandoverOptions) -> None:
    when = options.exported_at or datetime.now().astimezone()
    record = {
        "文书": form,
        "线索编号": [clue.id for clue in dossier.clues],
        "运行编号": options.run.get("run"),
        "导出人": options.exported_by or None,
        "导出时间": when.isoformat(timespec="seconds"),
        "批准人": options.approved_by,
        "批准文号": options.approval_no,
        "含完整号码": options.unmask_reason is not None,
        "查看完整号码的理由": mask_text(options.unmask_reason or "") or None,
        "文件": [
            {"文件": path.name, "字节": path.stat().st_size, "SHA-256": _sha256(path)}
            for path in sorted(folder.iterdir())
        ],
    }
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _put(made: Path, folder: Path) -> Path | None:
    """Move the new folder to its place; what was edited or approved is moved aside, not lost."""
    kept: Path | None = None
    if folder.exists():
        if _replaceable(folder):
            shutil.rmtree(folder)
        else:
            kept = _free(folder)
            folder.rename(kept)
    made.rename(folder)
    return kept


def _free(folder: Path) -> Path:
    numbered = (folder.with_name(f"{folder.name}（旧稿{n}）") for n in count(1))
    return next(path for path in numbered if not path.exists())


def _replaceable(folder: Path) -> bool:
    """Tell whether a folder is a draft nobody approved and holds just what its list of files says."""
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed = {item["文件"]: item["SHA-256"] for item in record["文件"]}
        if record["批准人"] is not None:
            return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    return present == set(listed) and all(_sha256(folder / f) == h for f, h in listed.items())


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _safe(name: str) -> str:
    """A folder name that every system takes."""
    cleaned = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in name).strip(" .")
    return cleaned[:80] or "移交"
