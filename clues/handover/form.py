"""Which document a matter needs, to whom it may go and to whom it must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clues.model import Clue, ClueSubject

_OFFICIAL_ROLES = ("official", "handler", "expert", "inspector")
_UNIT_KINDS = ("unit", "village")
Kind = Literal["task", "letter", "advice"]


@dataclass(frozen=True)
class Form:
    """The form of a document.

    ``kind``: ``task`` 疑点核查交办单, ``letter`` 移送函, ``advice`` 巡察建议书. ``recipient`` names the
    sort of body that it goes to, ``why`` says for what reason; ``barred`` are units that must not get
    it, since whom it is about serves there. ``target`` is the 被反映人, None where no public official
    or Party member is concerned.
    """

    kind: Kind
    name: str
    recipient: str
    why: str
    target: ClueSubject | None
    barred: tuple[str, ...]

    @property
    def approved(self) -> bool:
        """Whether the matter is a 问题线索 and no longer only a 疑点."""
        return self.kind != "task"


def form_of(clues: Sequence[Clue], approved: bool) -> Form:
    """Choose form and recipient.

    Parameters
    ----------
    clues : sequence of Clue
        All clues of the matter, the leading one first.
    approved : bool
        Whether a named leader approved it as a 问题线索.
    """
    target = _target(clues)
    recipient, why = _recipient(clues, target, approved)
    common = any(clue.systemic and clue.systemic["label"] == "普遍" for clue in clues)
    if not approved:
        kind, name = "task", "疑点核查交办单"
    elif target is None and common:
        kind, name = "advice", "巡察建议书"
        recipient, why = (
            "行业主管部门党组（党委）",
            "同类情况在多个村（单位）出现，属于普遍性、行业性问题",
        )
    else:
        kind, name = "letter", "问题线索移送函"
        if target is None:
            name = "有关情况移送函"
    barred = _own_units(clues) if target is not None else _concerned_units(clues)
    return Form(kind, name, recipient, why, target, barred)  # type: ignore[arg-type]


def _target(clues: Sequence[Clue]) -> ClueSubject | None:
    """The 被反映人: the first public official among first subjects, then among all."""
    people = [clue.subjects[0] for clue in clues] + [s for clue in clues for s in clue.subjects]
    return next((s for s in people if s.kind == "person" and s.role in _OFFICIAL_ROLES), None)


def _recipient(
    clues: Sequence[Clue], target: ClueSubject | None, approved: bool
) -> tuple[str, str]:
    if target is not None and approved:
        return "有管理权限的纪检监察机关", "被反映人为公职人员，按干部管理权限移送"
    if target is not None:
        return (
            "承办核查的乡镇（街道）纪（工）委或派驻纪检监察组",
            "涉及公职人员，由与其无隶属关系的单位核查",
        )
    roles = {s.role for clue in clues for s in clue.subjects}
    if "bidder" in roles:
        return (
            "对该类项目招标投标负有监督职责的行政监督部门",
            "仅涉及企业，未见公职人员参与的记录",
        )
    if roles & {"village", "unit", "purchaser"}:
        return "上级主管部门或乡镇（街道）", "涉及单位，由其上级或主管部门核查"
    return "该项资金的主管部门或乡镇（街道）", "未见公职人员参与的记录，先核实资金发放情况"


def _own_units(clues: Sequence[Clue]) -> tuple[str, ...]:
    """Units in which any public official of the matter serves: an exchange has several."""
    names = []
    holders = {s.entity for c in clues for s in c.subjects if s.role in _OFFICIAL_ROLES}
    for clue in clues:
        if clue.path is None:
            continue
        nodes = {node.entity: node for node in clue.path.nodes}
        for edge in clue.path.edges:
            if edge.src in holders and nodes[edge.dst].kind in _UNIT_KINDS:
                names.append(nodes[edge.dst].name)
    return tuple(dict.fromkeys(names))


def _concerned_units(clues: Sequence[Clue]) -> tuple[str, ...]:
    found = (s.name for clue in clues for s in clue.subjects if s.kind in _UNIT_KINDS)
    return tuple(dict.fromkeys(found))
