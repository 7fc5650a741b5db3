"""Words that the detectors of this family share: posts, ties to firms, projects, doubtful joins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from detectors.evidence import (
    INFERRED_GAP,
    day,
    inferred_from,
    listing,
    percent,
    post_name,
    weakest,
    yuan,
)
from detectors.names import Names
from detectors.related_party._supplies import Supply
from graph.holdings import BRANCH

POST_COLUMNS = ("name", "organization", "position", "start_date", "end_date", "political_status")

# More buyers than this are named by a few and their number.
_MOST_BUYERS = 4

_SAID = {
    "lot": "中标{unit}项目{n}个",
    "contract": "与{unit}签订合同{n}份",
    "project": "承建{unit}项目{n}个",
    "payment": "收到{unit}付款{n}笔",
}
_SHORT = {
    "lot": "中标项目{n}个",
    "contract": "合同{n}份",
    "project": "承建项目{n}个",
    "payment": "付款{n}笔",
}


def unique(items: Iterable[str]) -> list[str]:
    """Keep each item once, in the order given."""
    return list(dict.fromkeys(items))


def post_text(post: dict[str, Any]) -> str:
    """Name a post: 县住建局副局长."""
    return post_name(post["organization"], post["position"])


def post_span(post: dict[str, Any]) -> str:
    """Say from when to when a post was held."""
    start = f"{day(post['start_date'])}起" if post["start_date"] else "任职起始日期不详"
    end = f"至{day(post['end_date'])}" if post["end_date"] else "，未见离任记录"
    return f"任职时间{start}{end}"


def tie_text(tie: dict[str, Any], names: Names) -> str:
    """Say how a person is tied to a firm: 持有恒达公司60%股权, or through which firms.

    ``tie``: ``edges`` from the person to the firm, ``share`` along them, and where known ``total``,
    the effective share over all chains.
    """
    edges = tie["edges"]
    if edges[0]["kind"] == "shareholder" and all(e["share"] is not None for e in edges):
        return _equity_text(tie, names)
    parts = []
    for position, edge in enumerate(edges):
        firm = names.of(edge["dst"])
        holder = "" if position == 0 else names.of(edge["src"])
        if edge["kind"] == "legal_representative":
            parts.append(f"{holder}担任{firm}法定代表人")
        elif edge["kind"] == "officer":
            parts.append(f"{holder}担任{firm}{edge['term'] or '主要人员'}")
        elif edge["kind"] == BRANCH:
            parts.append(f"{firm}是{holder}的分支机构")
        elif edge["share"] is None:
            parts.append(f"{holder}持有{firm}股权（比例不详）")
        else:
            parts.append(f"{holder}持有{firm}{percent(edge['share'])}股权")
    return "，".join(parts)


def _equity_text(tie: dict[str, Any], names: Names) -> str:
    edges, share = tie["edges"], tie["share"]
    text = f"持有{names.of(edges[-1]['dst'])}{percent(share)}股权"
    if len(edges) > 1:
        through = "、".join(names.of(e["dst"]) for e in edges[:-1])
        factors = "×".join(percent(e["share"]) for e in edges)
        text += f"（经{through}，逐层相乘{factors}）"
    total = tie.get("total")
    if total is not None and total > share + 0.0005:
        text += f"，连同其他持股路径合计{percent(total)}"
    return text


def tie_term(edge: dict[str, Any]) -> str:
    """What stands on the line between a person or firm and a firm: 法定代表人, 持股60%."""
    if edge["kind"] == "legal_representative":
        return "法定代表人"
    if edge["kind"] == "officer":
        return edge["term"] or "主要人员"
    if edge["kind"] == BRANCH:
        return "分支机构"
    return "持股" if edge["share"] is None else f"持股{percent(edge['share'])}"


def amount_of(supplies: Iterable[Supply]) -> Decimal | None:
    """Add up the known amounts; None where none is known."""
    known = [s.amount for s in supplies if s.amount is not None]
    return sum(known, Decimal(0)) if known else None


def supplies_text(
    supplies: Sequence[Supply], name: Callable[[str], str], near: Mapping[str, str] | None = None
) -> str:
    """Say what was supplied to whom: 中标县住建局项目3个，与…签订合同1份、共1,234.5万元.

    ``name``: what to call a buyer by its entity; ``near``: what to say before it (其辖区内的).
    """
    parts = []
    for kind, said in _SAID.items():
        mine = [s for s in supplies if s.kind == kind]
        groups: dict[str, list[str]] = {}
        for unit in unique(s.unit for s in mine):
            groups.setdefault((near or {}).get(unit, ""), []).append(name(unit))
        if mine:
            units = "、".join(
                before + listing(unique(sorted(called)), "家单位", _MOST_BUYERS)
                for before, called in sorted(groups.items())
            )
            parts.append(said.format(unit=units, n=len(mine)))
    return "，".join(parts) + _total_text(supplies)


def short_text(supplies: Sequence[Supply]) -> str:
    """The same for a line of a picture, where the buyer stands at its end."""
    parts = []
    for kind, said in _SHORT.items():
        count = sum(s.kind == kind for s in supplies)
        if count:
            parts.append(said.format(n=count))
    return "，".join(parts) + _total_text(supplies)


def _total_text(supplies: Sequence[Supply]) -> str:
    amount = amount_of(supplies)
    return f"、共{yuan(amount)}" if amount else "、金额不详"


def doubt_text(joins: Iterable[tuple[str | None, float | None]]) -> str:
    """Say in brackets that a join is doubtful; empty where it is certain."""
    identity, chance = weakest(joins)
    if identity == "certain":
        return ""
    if identity == "name_only":
        return "（仅姓名相同，须先核对身份）"
    likely = "" if chance is None else f"，可能性{percent(chance)}"
    return f"（疑为同一人{likely}，须先核对身份）"


def kin_name(kin: dict[str, Any], names: Names) -> str:
    """Name a relative by an edge of kinship, and say where it was inferred: 妻兄李某（据户籍推断）."""
    told = inferred_from(kin["basis"], kin["sources"])
    return f"{kin['term']}{names.of(kin['dst'])}{told and f'（{told}）'}"


def kin_text(kin: dict[str, Any], names: Names, register: str = "") -> str:
    """State an edge of kinship, first saying what it was inferred from, else ``register``."""
    told = inferred_from(kin["basis"], kin["sources"])
    lead = f"{told}，" if told else register
    return f"{lead}{names.of(kin['dst'])}是{names.of(kin['src'])}的{kin['term']}（{kin['legal_class']}）"


def drawn_term(kin: dict[str, Any]) -> str:
    """Say on a line of a picture what a relative is, marked where no row states it."""
    return f"{kin['term']}（推断）" if kin["basis"] == "inferred" else str(kin["term"])


def inferred_gap(kins: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Name the gap that inferred kinship leaves, if any of the edges is inferred."""
    return (INFERRED_GAP,) if any(kin["basis"] == "inferred" for kin in kins) else ()
