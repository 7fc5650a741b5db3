"""A clue in plain Chinese: why it is one, on what evidence, and what might explain it."""

from __future__ import annotations

from clues.model import LEVEL_NAMES, Clue, ClueEvidence, Place, Source
from clues.names import (
    EVIDENCE_KINDS,
    STATES,
    absorbed_lines,
    identity_text,
    period_text,
    subject_text,
    systemic_text,
)
from detectors.detector import KINDS, STRENGTHS
from detectors.legal import CLAUSES, cite
from tanwei.views import Explanation

REMINDER = "以上是数据比对得出的疑点，供核查参考，不是结论；核查前不得作为认定依据。"


def explain(clue: Clue) -> Explanation:
    """Return what a careful colleague would say of a clue, with every source.

    Parameters
    ----------
    clue : Clue

    Returns
    -------
    Explanation
        Sections in reading order; empty ones are left out.
    """
    sections = (
        ("涉及", _who(clue)),
        ("事实", clue.statement),
        (f"定为{LEVEL_NAMES[clue.level]}色的理由", _reasons(clue)),
        ("并入的检测结果", absorbed_lines(clue)),
        ("身份认定", (identity_text(clue),)),
        ("证据及出处", tuple(_evidence(piece) for piece in clue.evidence)),
        ("其他可能及核对情况", _benign(clue)),
        ("建议核查", clue.next_steps),
        ("数据缺口", clue.data_gaps),
        ("普遍程度", (systemic_text(clue),) if clue.systemic else ()),
        ("可参照的规定", tuple(cite(k) if k in CLAUSES else k for k in clue.legal_basis)),
        ("说明", (REMINDER, f"疑点编号：{clue.id}")),
    )
    return Explanation(clue.title, clue.level, tuple((h, s) for h, s in sections if s))


def _who(clue: Clue) -> tuple[str, ...]:
    subjects = tuple(
        "，".join(part for part in (subject_text(s), s.id_number or s.uscc, s.entity) if part)
        for s in clue.subjects
    )
    amount = f"涉及金额 {clue.amount:,.2f} 元" if clue.amount is not None else ""
    period = f"期间 {period_text(clue.period)}" if clue.period else ""
    figures = "，".join(part for part in (amount, period) if part)
    return (*subjects, figures) if figures else subjects


def _reasons(clue: Clue) -> tuple[str, ...]:
    lines = []
    for reason in clue.reasons:
        kind, strength = KINDS.get(reason.kind, reason.kind), STRENGTHS.get(reason.strength, "")
        marks = "".join(f"[{no}]" for no in reason.evidence)
        aside = "" if reason.counted else "（与前面同一事实，不重复计算）"
        lines.append(f"{reason.text}{marks}（{kind}，{strength}）{aside}")
    return tuple(lines)


def _benign(clue: Clue) -> tuple[str, ...]:
    lines = []
    for item in clue.benign_explanations:
        state = STATES.get(str(item.get("state", "")), "")
        parts = dict.fromkeys([str(item["text"]), state, str(item.get("result") or "")])
        lines.append("：".join(part for part in parts if part))
    return tuple(lines)


def _evidence(piece: ClueEvidence) -> str:
    values = "；".join(f"{k}={v}" for k, v in piece.values.items() if v not in (None, ""))
    parts = [f"[{piece.no}] {piece.text}", f"（{EVIDENCE_KINDS[piece.kind]}）"]
    if values:
        parts.append(f" {values}")
    if piece.source is not None:
        parts.append(f" 出处：{source_text(piece.source)}")
    return "".join(parts)


def source_text(source: Source) -> str:
    """Return where a row stands as a person finds it.

    Examples
    --------
    >>> source_text(Source("民政/低保.xlsx", "2023", 7))
    '民政/低保.xlsx › 2023 › 第7行'
    """
    also = [place_text(place) for place in source.also]
    return place_text(Place(source.file, source.sheet, source.row)) + (
        f"（同样内容另见 {'；'.join(also)}）" if also else ""
    )


def place_text(place: Place) -> str:
    """Return file, sheet and row in one line."""
    return " › ".join(part for part in (place.file, place.sheet, f"第{place.row}行") if part)
