"""《身份核对表》: full numbers, apart from everything else, only with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clues.handover.content import Block, Cell, Letter, Para, Space, Table
from clues.handover.options import HandoverOptions
from clues.model import Clue
from clues.names import ROLES, SUBJECT_KINDS

FILE = "身份核对表（密封）"


def identity_table(
    clues: tuple[Clue, ...], facts: Mapping[str, Any], options: HandoverOptions
) -> Letter:
    """Write the table of full numbers.

    Parameters
    ----------
    clues : tuple of Clue
        Whose subjects and path nodes are listed.
    facts : mapping
        Entity → facts with ``kind``, ``name``, ``number``, ``birth_date``, ``detail``.
    options : HandoverOptions
        With the reason for which full numbers are shown.
    """
    roles: dict[str, str] = {}
    for clue in clues:
        for subject in clue.subjects:
            roles.setdefault(subject.entity, subject.role)
        for node in clue.path.nodes if clue.path is not None else ():
            if node.kind in ("person", "company"):
                roles.setdefault(node.entity, node.role or "")
    head = ("序号", "姓名（名称）", "身份", "完整号码", "出生日期", "说明")
    rows = [tuple(Cell(text, label=True) for text in head)]
    listed = [(entity, facts[entity]) for entity in roles if entity in facts]
    for n, (entity, fact) in enumerate(listed, 1):
        born = getattr(fact, "birth_date", None)
        cells = (
            str(n),
            fact.name,
            ROLES.get(roles[entity], "") or SUBJECT_KINDS.get(fact.kind, ""),
            fact.number or "未登记",
            born.isoformat() if born else "",
            getattr(fact, "detail", "") or "",
        )
        rows.append(tuple(Cell(text) for text in cells))
    blocks: tuple[Block, ...] = (
        Para(f"查看理由：{options.unmask_reason}"),
        Para(f"导出人：{options.exported_by or '＿＿＿＿＿'}"),
        Table(tuple(rows), (0.08, 0.21, 0.12, 0.29, 0.14, 0.16), header=1),
        Space(),
        Para(
            "本表仅用于核对身份、排除重名，单独密封保管，不得复制，用后按规定销毁或归档。", "note"
        ),
    )
    marks = (("内部资料　注意保密", "份号：＿＿＿＿"),)
    return Letter(FILE, "身份核对表", None, marks, blocks)
