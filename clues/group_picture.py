"""The picture of a group of bidders: who bids with whom, the market around, who won what when."""

from __future__ import annotations

import string
from datetime import date
from decimal import Decimal

from clues.group import ClueGroup, ClueLot
from clues.model import Clue
from graph.picture import (
    Picture,
    PictureEdge,
    PictureNode,
    Timeline,
    TimelineMark,
    TimelineRow,
)

OTHERS = "其他企业中标"
_NOTE = (
    "本图依据投标记录绘制，仅供核查参考，不是结论。"
    "灰线为成员与其他企业的同场次数，供对照：市场小的地方，同行之间经常同场是正常的。"
)


def group_picture(clue: Clue, title: str) -> Picture:
    """Lay out a clue's group with its timeline.

    Parameters
    ----------
    clue : Clue
        With a group.
    title : str

    Raises
    ------
    ValueError
        If the clue has no group.
    """
    group = clue.group
    if group is None:
        raise ValueError("the clue is about no group")
    letters = letters_of(group)
    members = tuple(
        PictureNode(m.entity, f"{letters[m.entity]} {m.name}", "company", 0, m.part, focus=True)
        for m in group.members
    )
    rivals = tuple(PictureNode(r.entity, r.name, "rival", 1) for r in group.rivals)
    edges = tuple(
        PictureEdge(p.one, p.other, f"共同投标{p.lots}个标段", weight=float(p.lots))
        for p in group.pairs
    )
    return Picture(
        title, (*members, *rivals), edges, _NOTE, layout="group", timeline=_timeline(group)
    )


def letters_of(group: ClueGroup) -> dict[str, str]:
    """The letters by which the statement calls the members."""
    return {
        m.entity: letter for m, letter in zip(group.members, string.ascii_uppercase, strict=False)
    }


def parts_of(clue: Clue) -> dict[str, str]:
    """Letter and part of each member of a clue's group: ``A 轮流中标``."""
    if clue.group is None:
        return {}
    letters = letters_of(clue.group)
    return {m.entity: f"{letters[m.entity]} {m.part}" for m in clue.group.members}


def _timeline(group: ClueGroup) -> Timeline | None:
    dated = [lot for lot in group.lots if lot.when is not None]
    if not dated:
        return None
    letters = letters_of(group)
    row_of = {m.entity: i for i, m in enumerate(group.members)}
    rows = [
        TimelineRow(
            f"{letters[m.entity]} {m.name}",
            f"投标{m.bids} 中标{m.wins}" + (f" {_wan(m.amount)}" if m.amount else ""),
        )
        for m in group.members
    ]
    lost = [lot for lot in dated if lot.winner is not None and lot.winner not in row_of]
    if lost:
        rows.append(TimelineRow(OTHERS, f"{len(lost)}个标段"))
    most = max((lot.amount or 0.0 for lot in dated), default=0.0)
    marks: list[TimelineMark] = []
    for n, lot in enumerate(dated):
        marks += _marks(n, lot, row_of, most)
    said = [f"金额最大的标段{_wan(most)}"] if most else []
    if len(dated) < len(group.lots):
        said.append(f"另有{len(group.lots) - len(dated)}个标段没有日期，未画")
    said.append("横轴为开标日期")
    return Timeline(tuple(rows), tuple(marks), "；".join(said))


def _marks(n: int, lot: ClueLot, row_of: dict[str, int], most: float) -> list[TimelineMark]:
    assert lot.when is not None
    day = date.fromisoformat(lot.when)
    size = (lot.amount or 0.0) / most if most else 0.5
    worth = f" {_wan(lot.amount)}" if lot.amount else ""
    said = f"{lot.when} {lot.name}"
    out = [
        TimelineMark(row_of[b], n, day, "bid", 0.0, f"{said} 投标")
        for b in lot.bidders
        if b in row_of and b != lot.winner
    ]
    if lot.winner in row_of:
        out.append(TimelineMark(row_of[lot.winner], n, day, "win", size, f"{said} 中标{worth}"))
    elif lot.winner is not None:
        out.append(TimelineMark(len(row_of), n, day, "other", size, f"{said} {OTHERS}{worth}"))
    return out


def _wan(amount: float | None) -> str:
    value = Decimal(str(amount or 0)) / 10000
    return f"{value.quantize(Decimal('0.1')):,f}万元"
