"""The story of firms under one control that bid against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from detectors.bid_rigging._control import Link
from detectors.bid_rigging._lots import Lot, lot_list
from detectors.bid_rigging._regime import Regime, Rules, clauses, regime_gap
from detectors.detector import (
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Row,
    Sentence,
    Strength,
    Subject,
)
from detectors.evidence import cite, day, first_rows, listing, percent, period_of, years
from detectors.names import Names
from detectors.related_party._drawn import path_edge, tie_edges
from detectors.related_party._words import (
    doubt_text,
    drawn_term,
    inferred_gap,
    kin_text,
    tie_text,
    unique,
)
from graph.holdings import BRANCH

_BID_COLUMNS = ("tender_no", "lot", "bidder", "amount", "is_winner", "disqualified")
_STRENGTHS: tuple[Strength, ...] = ("proof", "strong", "statistical", "weak")
_TRUST = ("certain", "probable", "name_only")
# More lots than this are not drawn.
_MOST_LOTS = 3
_DIRECT: dict[Rules, tuple[str, ...]] = {
    "tendering": ("ztb-34",),
    "purchase_tender": ("ggc-18",),
    "purchase_other": ("ggc-18",),
}
# The rules of purchasing speak of direct holdings alone.
_LAYERS: dict[Rules, tuple[str, ...]] = {
    "tendering": ("ztb-34",),
    "purchase_tender": (),
    "purchase_other": (),
}


@dataclass(frozen=True)
class Held:
    """Two firms that met in a lot while one of their ties held; ``rows`` are their bids."""

    lot: Lot
    link: Link
    strength: Strength
    rows: tuple[dict[str, Any], ...]
    dated: bool

    @property
    def rank(self) -> tuple[int, int, int]:
        """What it is worth: a name alone never outweighs a sure tie."""
        trust = _TRUST.index(self.link.sureness[0])
        strength = _STRENGTHS.index(self.strength)
        return (3 if trust == 2 else strength), trust, len(self.link.edges)

    def entities(self) -> set[str]:
        """Every entity that the story may name."""
        ends = {e[end] for e in self.link.edges for end in ("src", "dst")}
        return {*self.link.pair, *self.link.behind, *ends}

    def cites(self) -> tuple[Row, ...]:
        """Its bids as evidence."""
        return tuple(Row("bids", r["row_id"], "投标记录", _BID_COLUMNS) for r in self.rows)


def control_finding(
    ring: tuple[str, ...], held: Sequence[Held], rules: Mapping[str, Regime], names: Names
) -> Finding:
    """Tell what ties a set of bidders and where they met.

    Parameters
    ----------
    ring : tuple of str
        The bidders.
    held : sequence of Held
        Their meetings, at least one.
    rules : mapping of str to Regime
        By lot entity.
    names : Names
    """
    best = min(held, key=lambda h: (h.rank, h.lot.name))
    worth = [h for h in held if h.rank[0] == best.rank[0]]
    lots = sorted({h.lot.entity: h.lot for h in held}.values(), key=lambda x: (str(x.when), x.name))
    period = period_of(lot.when for lot in lots)
    awards = [lot.award for lot in lots if lot.award is not None]
    bidders = listing(sorted(names.of(b) for b in ring), "家")
    links = list({(h.link.pair, h.link.behind, h.link.kind): h.link for h in worth}.values())
    statement = [_link_sentence(link, names) for link in links]
    bids = first_rows(r for h in held for r in h.cites())
    limits = (
        "亲属关系本身不限制参加投标"
        if best.link.kind == "kin"
        else "上述关系涉及投标资格，本身不说明投标人之间串通"
    )
    statement.append(Sentence(f"{bidders}同时参加{lot_list(lots)}的投标；{limits}。", bids))
    identity, probability = best.link.sureness
    here = [rules[h.lot.entity] for h in worth]
    what = {"kin": "近亲属企业", "stake": "参股企业"}.get(best.link.kind, "同一控制下企业")
    return Finding(
        subjects=tuple(Subject(b, "bidder") for b in ring),
        anchors=ring,
        event_key="同场投标",
        title=f"疑似{what}同场投标：{bidders}同时投标{lot_list(lots)}，{_short(best.link, names)}（{years(period)}）",
        statement=tuple(statement),
        reasons=(
            Reason(
                "relation",
                best.strength,
                _reason(best, here),
                tuple(c for s in statement[:-1] for c in s.cites) + bids,
            ),
        ),
        amount=sum(awards, Decimal(0)) if awards else None,
        period=period,
        identity=identity,
        probability=probability,
        benign=_benign(best, held),
        legal=_legal(best, here),
        path=_path(ring, links, lots, held),
        data_gaps=_gaps(links, held, here),
    )


def _reason(best: Held, rules: Sequence[Regime]) -> str:
    kind = best.link.kind
    if kind == "kin":
        return "负责人或控股人为近亲属的企业参加同一标段投标；亲属关系不属于限制参加投标的情形"
    says = {
        "head": "单位负责人为同一人的不同单位参加同一标段投标",
        "holding": "存在直接控股、管理关系的不同单位参加同一标段投标",
        "layers": "经多层持股控股的不同单位参加同一标段投标",
        "controller": "同受一人或一家企业控制的不同单位参加同一标段投标",
        "stake": "存在参股关系的不同单位参加同一标段投标",
    }[kind]
    if best.strength == "proof":
        return f"{says}；登记资料显示属于限制参加同一标段投标的情形，本身不说明投标人之间串通"
    if kind == "stake":
        return f"{says}；是否构成控股须按章程和表决权核实，本身不说明投标人之间串通"
    return f"{says}；本身不说明投标人之间串通"


def _legal(best: Held, rules: Sequence[Regime]) -> tuple[str, ...]:
    kind = best.link.kind
    if kind in ("head", "holding") or (kind == "stake" and best.strength == "strong"):
        return clauses(rules, _DIRECT)
    return clauses(rules, _LAYERS) if kind == "layers" else ()


# -- words -----------------------------------------------------------------------------------------


def _short(link: Link, names: Names) -> str:
    """The tie in a few words for the title."""
    one, other = link.behind
    who = names.of(one)
    if link.kind == "head":
        return f"单位负责人均为{who}"
    if link.kind in ("holding", "stake"):
        (edge,) = link.edges
        if edge["kind"] == BRANCH:
            return f"{names.of(edge['dst'])}是{names.of(edge['src'])}的分支机构"
        share = "（比例不详）" if edge["share"] is None else percent(edge["share"])
        return f"{names.of(edge['src'])}持有{names.of(edge['dst'])}{share}股权"
    if link.kind == "layers":
        top, bottom = link.edges[0]["src"], link.edges[-1]["dst"]
        return f"{names.of(top)}经多层持股控股{names.of(bottom)}"
    if link.kind == "controller":
        return f"同受{who}控制"
    return f"负责人或控股人{who}与{names.of(other)}为近亲属"


def _link_sentence(link: Link, names: Names) -> Sentence:
    one, other = link.behind
    rows = first_rows(r for e in link.edges for r in cite(e["sources"], _row_text(e)))
    doubt = doubt_text(link.joins)
    if link.kind == "kin" and link.kin:
        ends = [
            f"{names.of(who)}{_tie(link, side, names)}" for side, who in enumerate((one, other))
        ]
        text = f"{ends[0]}，{ends[1]}；{kin_text(link.kin, names)}"
    elif not link.chains[0] or not link.chains[1]:
        top = link.edges[0]["src"]
        tie = {"edges": list(link.edges), "share": _share(link.edges)}
        told = tie_text(tie, names)
        branch = link.edges[0]["kind"] == BRANCH
        text = told if branch else f"{names.of(top)}{told}"
    else:
        ties = [_tie(link, side, names) for side in (0, 1)]
        same = "" if one == other else f"，{names.of(other)}"
        text = f"{names.of(one)}{ties[0]}{same or '，又'}{ties[1]}"
    return Sentence(f"{text}{_since(link)}{doubt}。", rows)


def _tie(link: Link, side: int, names: Names) -> str:
    edges = list(link.chains[side])
    return tie_text({"edges": edges, "share": _share(edges)}, names)


def _share(edges: Sequence[dict[str, Any]]) -> float | None:
    share = 1.0
    for edge in edges:
        if edge["kind"] == BRANCH:
            continue
        if edge["share"] is None:
            return None
        share *= edge["share"]
    return share


def _since(link: Link) -> str:
    """Say from when holdings of the tie have held, where that is known."""
    starts = [e["start_date"] for e in link.edges if e["kind"] == "shareholder"]
    known = [s for s in starts if s is not None]
    return f"（{day(max(known))}起）" if known and len(known) == len(starts) else ""


def _row_text(edge: dict[str, Any]) -> str:
    return "亲属关系记录" if edge["kind"] == "kin" else "企业登记记录"


# -- checks ----------------------------------------------------------------------------------------


def _benign(best: Held, held: Sequence[Held]) -> tuple[BenignResult, ...]:
    # Of a legal representative the register says the firm's dates, not those of the post.
    dated = all(
        h.dated
        and all(e["start_date"] and e["kind"] != "legal_representative" for e in h.link.edges)
        for h in held
    )
    return (
        BenignResult("ended", "ruled_out", "投标当日有关任职、持股或亲属关系未见终止记录。")
        if dated
        else BenignResult(
            "ended",
            "unknown",
            "登记资料未见终止记录，但部分任职、持股或投标没有日期，须核对投标当日的状态。",
        ),
        BenignResult("rejected", "ruled_out", "投标记录没有否决标记。")
        if all(r["disqualified"] is not None for h in held for r in h.rows)
        else BenignResult("rejected", "unknown", "投标记录没有是否否决一项。"),
        BenignResult("consortium", "ruled_out", "投标人、中标人名称未见联合体记录。"),
        BenignResult(
            "state",
            "ruled_out",
            "共同的控制人不是国资、财政等机构。"
            if best.link.kind == "controller"
            else "不是只因同受国家出资而关联。",
        ),
        BenignResult("stale_register", "unknown", "须向登记机关调取投标当日的登记和变更记录。"),
    )


def _gaps(links: Sequence[Link], held: Sequence[Held], rules: Sequence[Regime]) -> tuple[str, ...]:
    gaps = list(regime_gap(rules))
    if any(e["kind"] == "legal_representative" for link in links for e in link.edges):
        gaps.append(
            "登记资料没有法定代表人任职起止日期，不能反映投标当日的负责人，须调取变更记录。"
        )
    if any(e["kind"] == "shareholder" and e["share"] is None for x in links for e in x.edges):
        gaps.append("部分持股比例不详，不能判断是否控股。")
    if not all(h.dated for h in held):
        gaps.append("部分标段没有开标日期，不能核对当日的持股和任职。")
    return (*gaps, *inferred_gap(link.kin for link in links if link.kin))


# -- picture ---------------------------------------------------------------------------------------


def _path(
    ring: tuple[str, ...], links: Sequence[Link], lots: Sequence[Lot], held: Sequence[Held]
) -> Path:
    edges: list[PathEdge] = []
    for link in links:
        one, other = link.behind
        if link.kin:
            edges.append(path_edge(link.kin, drawn_term(link.kin), "亲属关系记录"))
            for who, end in ((one, link.kin["src"]), (other, link.kin["dst"])):
                if who != end:
                    trust = link.sureness[0]
                    edges.append(PathEdge(end, who, "same_as", "疑为同一人", identity=trust))
        elif one != other:
            trust = link.sureness[0]
            edges.append(PathEdge(one, other, "same_as", "疑为同一人", identity=trust))
        edges += tie_edges([*link.chains[0], *link.chains[1]])
    won = {(r["bidder_entity"], r["lot_entity"]) for h in held for r in h.rows if r["is_winner"]}
    rows = {(r["bidder_entity"], h.lot.entity): h for h in held for r in h.rows}
    for lot in lots[:_MOST_LOTS]:
        for bidder in ring:
            if (found := rows.get((bidder, lot.entity))) is None:
                continue
            mine = tuple(
                Row("bids", r["row_id"], "投标记录", _BID_COLUMNS)
                for r in found.rows
                if r["bidder_entity"] == bidder
            )
            kind, term = ("wins", "中标") if (bidder, lot.entity) in won else ("bids", "投标")
            edges.append(PathEdge(bidder, lot.entity, kind, term, lot.when, lot.when, cites=mine))
    told = list({(e.src, e.dst, e.kind, e.term): e for e in edges}.values())
    ends = [n for e in told for n in (e.src, e.dst)]
    shown = [lot.entity for lot in lots[:_MOST_LOTS]]
    above = [n for n in ends if n not in ring and n not in shown]
    return Path(tuple(unique([*above, *ring, *(n for n in shown if n in ends)])), tuple(told))
