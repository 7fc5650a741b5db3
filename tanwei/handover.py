"""``tanwei handover``: which clues, about whom, made under whose name, and noted in the audit log."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clues.handover import make_handover
from clues.handover.options import FORMATS, HandoverOptions, HandoverResult
from clues.model import LEVEL_NAMES, Clue
from ingest.errors import UserError
from tanwei import audit, folders
from tanwei.run import owner_only
from tanwei.views import Candidates, level_key

if TYPE_CHECKING:
    from tanwei.workspace import Workspace


@dataclass(frozen=True)
class HandoverRequest:
    """What to hand over: exactly one of ``subject``, ``clues`` and ``level``.

    Parameters
    ----------
    subject : str, optional
        Name or entity id of a first subject; all clues about it go into one file.
    clues : tuple of str
        Clue ids, which may be cut short as long as they stay unique.
    level : str, optional
        All clues of a level, as drafts, a file for each first subject.
    formats : tuple of str
    unmask : bool
        Adds the sealed sheet with full numbers; needs ``reason``.
    reason : str, optional
        Goes into the audit log.
    approved_by, approval_no : str, optional
        Who approved the matter as a 问题线索, and under what number.
    office : str
        The office that hands over.
    """

    subject: str | None = None
    clues: tuple[str, ...] = ()
    level: str | None = None
    formats: tuple[str, ...] = FORMATS
    unmask: bool = False
    reason: str | None = None
    approved_by: str | None = None
    approval_no: str | None = None
    office: str = ""

    def __post_init__(self) -> None:
        chosen = [self.subject is not None, bool(self.clues), self.level is not None]
        if sum(chosen) != 1:
            raise UserError("请写明移交什么：--subject、--clue、--level 三者用且只用一个。")
        if self.unmask and not (self.reason or "").strip():
            raise UserError("导出完整号码必须写明理由：请加 --reason 理由。")
        if self.level is not None and (self.approved_by or self.approval_no):
            raise UserError(
                "--level 只制作待审批的草稿，不能同时写审批信息；审批须逐件进行，请改用 --subject 或 --clue。"
            )


def hand_over(ws: Workspace, request: HandoverRequest) -> list[HandoverResult]:
    """Write a handover folder for each first subject.

    Returns
    -------
    list of HandoverResult
        In the order of the clues.

    Raises
    ------
    UserError
        If nothing fits, or a name fits several; the message lists them.
    """
    options = HandoverOptions(
        formats=request.formats,
        approved_by=request.approved_by,
        approval_no=request.approval_no,
        unmask_reason=request.reason if request.unmask else None,
        office=request.office,
        exported_by=_user(),
        run=ws.folder.record(),
    )
    made = []
    with owner_only(), folders.handing_over(ws.folder.out_dir) as folder:
        for clues in chosen(ws, request):
            # Noted first: what can't be logged must not leave.
            _note(ws, request, clues)
            made.append(
                make_handover(
                    ws.snapshot,
                    clues,
                    name=folder_name(clues[0]),
                    out_dir=folder,
                    options=options,
                )
            )
    return made


def chosen(ws: Workspace, request: HandoverRequest) -> list[list[Clue]]:
    """Return the clues of each file: one person, one file."""
    every = [view.clue for view in ws.clues]
    if request.subject is not None:
        entity = _first_subject(ws, every, request.subject)
        return [[clue for clue in every if clue.subjects[0].entity == entity]]
    if request.clues:
        ids = {ws.clues.by_id(text).clue.id for text in request.clues}
        return _grouped([clue for clue in every if clue.id in ids])
    level = level_key(request.level or "")
    found = [clue for clue in every if clue.level == level]
    if not found:
        level_name = next(name for key, name in LEVEL_NAMES.items() if key == level)
        raise UserError(f"没有{level_name}色级别的疑点，没有制作移交材料。")
    return _grouped(found)


def folder_name(clue: Clue) -> str:
    """Return name and short entity id of the first subject, so that namesakes don't collide."""
    first = clue.subjects[0]
    return f"{first.name}-{first.entity.split('-')[-1][:8]}"


def _grouped(clues: Sequence[Clue]) -> list[list[Clue]]:
    groups: dict[str, list[Clue]] = {}
    for clue in clues:
        groups.setdefault(clue.subjects[0].entity, []).append(clue)
    return list(groups.values())


def _first_subject(ws: Workspace, clues: Sequence[Clue], text: str) -> str:
    found = {
        c.subjects[0].entity for c in clues if text in (c.subjects[0].entity, c.subjects[0].name)
    }
    if len(found) == 1:
        return found.pop()
    if found:
        people = Candidates(c for entity in sorted(found) for c in ws.find(entity))
        lines = "\n".join(f"  {line}" for line in people.lines())
        raise UserError(
            f"有 {len(found)} 个“{text}”是疑点的首要对象，请改用行末的编号指明是哪一个：\n{lines}"
        )
    others = {c.id for c in clues if any(text in (s.entity, s.name) for s in c.subjects)}
    aside = f"其关联出现在 {len(others)} 条疑点中，可用 --clue 编号移交。" if others else ""
    raise UserError(f"没有以“{text}”为首要对象的疑点。{aside}")


def _note(ws: Workspace, request: HandoverRequest, clues: Sequence[Clue]) -> None:
    detail = {
        "run": ws.folder.run_id,
        "subject": clues[0].subjects[0].entity,
        "clues": [clue.id for clue in clues],
        "formats": list(request.formats),
    }
    out_dir = ws.folder.out_dir
    if request.approved_by:
        approval = {"approved_by": request.approved_by, "approval_no": request.approval_no}
        audit.append(out_dir, "approve", {**detail, **approval}, request.reason)
    audit.append(out_dir, "unmask" if request.unmask else "export", detail, request.reason)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
