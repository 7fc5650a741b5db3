"""The picture of a clue or a dossier: power-holders left, relatives and firms between, money right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations
from typing import Literal

import networkx as nx

from clues.dossier import combine
from clues.group_picture import group_picture
from clues.model import Clue, ClueEvidence, CluePathEdge, ClueSubject
from clues.names import ROLES
from graph.picture import Picture, PictureEdge, PictureNode
from graph.schema import EDGE_KINDS
from ingest.tables import TABLES

MOST_CONTRACTS = 4
MOST_LABELLED = 6
# No kind of the graph: what bidders have in common; legends show it as it stands.
SHARED = "共同特征"
_HOLDERS = ("official", "handler", "expert", "inspector")
_OWNED = ("shareholder", "officer", "legal_representative", "position")
_MONEY_EDGES = ("contract", "pays", "leases", "wins")
_MONEY_TABLES = ("subsidies", "payments", "bank_flows", "contracts", "vouchers", "card_swipes")
_MUTUAL = ("participation", "outcome", "price")
_PAYER_LABELS = {"contract": "甲方", "pays": "付款方", "leases": "发包方", "wins": "招标人"}
_MONEY_NAMES = {"contract": "合同", "pays": "付款", "leases": "承租", "wins": "中标项目"}
_AMOUNT = re.compile(r"([\d,]+(?:\.\d+)?)(万元|元)")
_NOTE = "本图依据登记资料绘制，仅供核查参考，不是结论。"
Identity = Literal["certain", "probable", "name_only"]
_WEAKER: dict[Identity, int] = {"certain": 0, "probable": 1, "name_only": 2}


def picture_of(clues: Sequence[Clue], title: str = "") -> Picture:
    """Lay out what one clue, or several about the same people, say about who is tied to what.

    Parameters
    ----------
    clues : sequence of Clue
        Several become one picture with shared nodes; evidence is then numbered through as
        ``clues.dossier.combine`` does.
    title : str
        Heading; by default the names of the first subjects.

    Returns
    -------
    Picture
        ``group`` for one clue about a group with its lots, ``ring`` for others about bidders who
        are on a par, else ``lanes``.

    Raises
    ------
    ValueError
        If no clue is given.
    """
    if not clues:
        raise ValueError("a picture needs a clue")
    told = combine(clues).clues if len(clues) > 1 else tuple(clues)
    heading = title or f"{'、'.join(dict.fromkeys(c.subjects[0].name for c in told))}关系图"
    if len(told) == 1 and told[0].group is not None:
        return group_picture(told[0], title or "疑似围标团伙：同场投标与历次中标")
    if all(_is_ring(clue) for clue in told):
        return _ring(told, title or "共同投标企业关系图")
    draft = _Draft()
    for clue in told:
        if clue.path is not None:
            _add_path(draft, clue)
            _add_payments(draft, clue)
        elif _on_a_par(clue):
            _add_star(draft, clue)
        else:
            _add_facts(draft, clue)
    _merge_lots(draft)
    _money_nodes(draft)
    nodes, edges = _placed(draft)
    return Picture(title=heading, nodes=nodes, edges=edges, note=_NOTE)


# -- a draft of nodes and edges ------------------------------------------------------------------


@dataclass
class _Node:
    name: str
    kind: str
    role: str | None = None
    sub: str = ""
    focus: bool = False


@dataclass(frozen=True)
class _Edge:
    src: str
    dst: str
    kind: str
    term: str
    span: str
    identity: Identity
    evidence: tuple[int, ...]


@dataclass
class _Draft:
    nodes: dict[str, _Node] = field(default_factory=dict)
    edges: list[_Edge] = field(default_factory=list)

    def node(self, key: str, name: str, kind: str, role: str | None) -> _Node:
        node = self.nodes.setdefault(key, _Node(name, kind, role))
        # The part of a power-holder is kept whatever else somebody is in another clue.
        if role is not None and (node.role is None or role in _HOLDERS):
            node.role = role
        return node


def _subjects(draft: _Draft, clue: Clue) -> None:
    for subject in clue.subjects:
        node = draft.node(subject.entity, subject.name, subject.kind, subject.role)
        node.sub = node.sub or _subline(subject)
    draft.nodes[clue.subjects[0].entity].focus = True


def _subline(subject: ClueSubject) -> str:
    role = ROLES.get(subject.role, "")
    return f"{role} {subject.id_number or subject.uscc or ''}".strip()


def _add_path(draft: _Draft, clue: Clue) -> None:
    assert clue.path is not None
    _subjects(draft, clue)
    for node in clue.path.nodes:
        draft.node(node.entity, node.name, node.kind, node.role)
    for edge in clue.path.edges:
        term = edge.term or EDGE_KINDS.get(edge.kind, "")  # type: ignore[call-overload]
        made = _Edge(
            edge.src, edge.dst, edge.kind, term, _span(edge), _identity(edge.identity), edge.evidence
        )  # fmt: skip
        if made not in draft.edges:
            draft.edges.append(made)


def _add_facts(draft: _Draft, clue: Clue) -> None:
    """A clue without a path: others are tied to whom it is about by the records that name them."""
    _subjects(draft, clue)
    owner = next((s for s in clue.subjects if s.role == "payee"), clue.subjects[0])
    identity = _identity(clue.identity["level"])
    told: set[str] = set()
    for other in clue.subjects:
        if other.entity == owner.entity:
            continue
        mine = _naming(clue, other)
        if mine:
            label = "；".join(f"{_title(t)}{len(p)}条" for t, p in _by_table(mine).items())
            told |= {str(piece.table) for piece in mine}
        else:
            label = {"village": "所在村", "unit": "所在单位"}.get(other.role, "同一疑点")
        numbers = tuple(piece.no for piece in mine)
        ends = (owner.entity, other.entity)
        if other.kind in ("village", "unit"):
            ends = ends[::-1]
        draft.edges.append(_Edge(*ends, "tie", label, "", identity, numbers))
    rest = [p for p in clue.evidence if p.table is not None and p.table not in told]
    _add_money(draft, clue, owner, [p for p in rest if p.table in _MONEY_TABLES])
    node = draft.nodes[owner.entity]
    registers = _by_table(p for p in rest if p.table not in _MONEY_TABLES)
    lines = [f"{_title(t)}{_day(p)}{_marks(p)}" for t, p in list(registers.items())[:3]]
    if clue.amount is not None and not any(p.table in _MONEY_TABLES for p in rest):
        lines.insert(0, f"涉及{_yuan(clue.amount)}")
    node.sub = "；".join(filter(None, (node.sub, *lines)))


def _add_star(draft: _Draft, clue: Clue) -> None:
    """Bidders tied by one thing they share: it stands to their right."""
    _subjects(draft, clue)
    reason = clue.reasons[0]
    key = f"shared:{clue.id}"
    # The clause that says what is the same; what may follow from it stands in the letter.
    said = re.split("[；。]", reason.text)[0]
    if clue.group is not None:
        said = f"{len(clue.group.lots)}个标段同场投标"
    draft.node(key, said, SHARED, None)
    for subject in clue.subjects:
        draft.nodes[subject.entity].focus = True
        numbers = tuple(piece.no for piece in _naming(clue, subject)) or reason.evidence
        identity = _identity(clue.identity["level"])
        draft.edges.append(_Edge(subject.entity, key, "tie", "投标", "", identity, numbers))


def _add_payments(draft: _Draft, clue: Clue) -> None:
    """Money that a path leaves out stands to the right of whom the records name."""
    assert clue.path is not None
    kinds = {node.kind for node in clue.path.nodes}
    if "tender" in kinds or any(edge.kind in _MONEY_EDGES for edge in clue.path.edges):
        return
    paid = [p for p in clue.evidence if p.table in _MONEY_TABLES]
    for subject in clue.subjects:
        if subject.role not in _HOLDERS and subject.kind in ("person", "company"):
            mine = [piece for piece in _naming(clue, subject) if piece in paid]
            _add_money(draft, clue, subject, mine, whole=len(mine) == len(paid))


def _add_money(
    draft: _Draft,
    clue: Clue,
    owner: ClueSubject,
    pieces: Sequence[ClueEvidence],
    whole: bool = True,
) -> None:
    tables = _by_table(pieces)
    for table, rows in tables.items():
        key = f"money:{clue.id}:{owner.entity}:{table}"
        single = clue.amount is not None and whole and len(tables) == 1
        total = f" 共{_yuan(clue.amount)}" if single and clue.amount is not None else ""
        draft.node(key, f"{_title(table)}{len(rows)}笔{total}", "money", None)
        span = _dots(clue.period) if whole else ""
        numbers = tuple(piece.no for piece in rows)
        identity = _identity(clue.identity["level"])
        draft.edges.append(_Edge(owner.entity, key, "pays", "收到", span, identity, numbers))


def _naming(clue: Clue, subject: ClueSubject) -> list[ClueEvidence]:
    """Row evidence in which the subject's name stands."""
    return [p for p in clue.evidence if p.table is not None and subject.name in p.values.values()]


def _by_table(pieces: Iterable[ClueEvidence]) -> dict[str, list[ClueEvidence]]:
    tables: dict[str, list[ClueEvidence]] = defaultdict(list)
    for piece in pieces:
        tables[str(piece.table)].append(piece)
    return tables


def _merge_lots(draft: _Draft) -> None:
    """Many lots that one firm won from one buyer become one node with their number and sum."""
    won = {e.dst: e for e in draft.edges if e.kind == "wins"}
    bought = {e.src: e for e in draft.edges if e.kind == "purchases"}
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for lot, win in won.items():
        ties = sum(lot in (e.src, e.dst) for e in draft.edges)
        if lot in bought and ties == 2:
            pairs[win.src, bought[lot].dst].append(lot)
    for (_, buyer), lots in pairs.items():
        if len(lots) <= MOST_CONTRACTS:
            continue
        wins = [won[lot] for lot in lots]
        gone = {id(e) for lot in lots for e in (won[lot], bought[lot])}
        draft.edges = [e for e in draft.edges if id(e) not in gone]
        for lot in lots:
            del draft.nodes[lot]
        draft.edges += [replace(win, dst=buyer) for win in wins]


def _money_nodes(draft: _Draft) -> None:
    """Contracts, payments and leases between two parties become nodes on the right."""
    groups: dict[tuple[str, str, str], list[_Edge]] = defaultdict(list)
    for edge in draft.edges:
        kinds = [draft.nodes[key].kind for key in (edge.src, edge.dst)]
        if edge.kind in _MONEY_EDGES and not {"tender", "money", "account"} & set(kinds):
            buyer, seller = _buyer_first(draft, edge)
            groups[buyer, seller, edge.kind].append(edge)
    for (buyer, seller, kind), edges in groups.items():
        gone = {id(edge) for edge in edges}
        draft.edges = [edge for edge in draft.edges if id(edge) not in gone]
        parts = [edges] if len(edges) > MOST_CONTRACTS else [[edge] for edge in edges]
        for n, part in enumerate(parts):
            key = f"money:{kind}:{buyer}:{seller}:{n}"
            name, sub = _money_text(part, kind)
            draft.node(key, name, "money", None).sub = sub
            identity = max((e.identity for e in part), key=lambda i: _WEAKER[i])
            numbers = tuple(sorted({n for e in part for n in e.evidence}))
            received = {"contract": "承接", "wins": "中标", "leases": "承租"}.get(kind, "收款")
            draft.edges.append(_Edge(seller, key, kind, received, "", identity, numbers))
            label = _PAYER_LABELS[kind]
            draft.edges.append(_Edge(key, buyer, kind, label, "", identity, numbers))


def _buyer_first(draft: _Draft, edge: _Edge) -> tuple[str, str]:
    """(who pays or lets, who receives), whichever way the edge was written."""
    src, dst = draft.nodes[edge.src], draft.nodes[edge.dst]
    public = ("unit", "village")
    if dst.kind in public and src.kind not in public:
        return edge.dst, edge.src
    return edge.src, edge.dst


def _money_text(edges: Sequence[_Edge], kind: str) -> tuple[str, str]:
    if len(edges) == 1:
        return edges[0].term, edges[0].span
    sums = [_sum(edge.term) for edge in edges]
    known = [value for value in sums if value is not None]
    total = f" 共{_yuan(sum(known, Decimal(0)))}" if len(known) == len(edges) else ""
    days = sorted(d for edge in edges for d in re.findall(r"\d{4}\.\d\d(?:\.\d\d)?", edge.span))
    span = f"{days[0][:7]}—{days[-1][:7]}" if days else ""
    return f"{_MONEY_NAMES[kind]}{len(edges)}个{total}", span


def _sum(term: str) -> Decimal | None:
    found = _AMOUNT.search(term)
    if found is None:
        return None
    return Decimal(found[1].replace(",", "")) * (10000 if found[2] == "万元" else 1)


# -- lanes ---------------------------------------------------------------------------------------


def _placed(draft: _Draft) -> tuple[tuple[PictureNode, ...], tuple[PictureEdge, ...]]:
    lanes = _lanes(draft)
    used = {lane: i for i, lane in enumerate(sorted(set(lanes.values())))}
    nodes = tuple(
        PictureNode(key, node.name, node.kind, used[lanes[key]], node.sub, node.focus)
        for key, node in draft.nodes.items()
    )
    merged: dict[tuple[str, str, Identity], list[_Edge]] = defaultdict(list)
    for edge in draft.edges:
        merged[edge.src, edge.dst, edge.identity].append(edge)
    edges = tuple(
        PictureEdge(
            src,
            dst,
            "；".join(dict.fromkeys(f"{e.term} {e.span}".strip() for e in part)),
            identity,
            tuple(sorted({n for e in part for n in e.evidence})),
        )
        for (src, dst, identity), part in merged.items()
    )
    return nodes, edges


def _lanes(draft: _Draft) -> dict[str, int]:
    """Officials 0, other people 1, phones and the like 2, firms from 3 by holding, money, buyers."""
    nodes = draft.nodes
    depth = _holding_depth(draft)
    holder = any(node.role in _HOLDERS and node.kind == "person" for node in nodes.values())
    deepest = 3 + max(depth.values(), default=0)
    offices = {edge.src for edge in draft.edges if edge.kind == "area"}
    lanes = {}
    for key, node in nodes.items():
        if node.kind in ("money", "tender", SHARED):
            lanes[key] = deepest + 1
        elif node.kind in ("unit", "village"):
            lanes[key] = (
                deepest + 2 if holder or node.role not in ("purchaser", "unit", "village") else 0
            )
            # An office stands right of the buyers that lie in its area.
            lanes[key] += key in offices
        elif node.kind == "person":
            lanes[key] = 0 if node.role in _HOLDERS else 1
        elif node.kind == "company":
            lanes[key] = 3 + depth.get(key, 0)
        else:
            lanes[key] = 2
    return lanes


def _holding_depth(draft: _Draft) -> dict[str, int]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for edge in draft.edges:
        kinds = {draft.nodes[edge.src].kind, draft.nodes[edge.dst].kind}
        if edge.kind in _OWNED and kinds == {"company"}:
            graph.add_edge(edge.src, edge.dst)
    if not nx.is_directed_acyclic_graph(graph):
        return {}  # cross-holdings have no order: all firms stand in one lane
    return {key: i for i, layer in enumerate(nx.topological_generations(graph)) for key in layer}


# -- rings ---------------------------------------------------------------------------------------


def _on_a_par(clue: Clue) -> bool:
    bidders = sum(s.role == "bidder" for s in clue.subjects)
    return bidders >= 2 and all(s.role in ("bidder", "group") for s in clue.subjects)


def _is_ring(clue: Clue) -> bool:
    if not _on_a_par(clue) or len(clue.subjects) < 3:
        return False
    if clue.group is not None:
        return True
    if clue.path is None:
        # Bidding together ties every pair; a shared account or device ties all to one thing.
        return any(reason.kind in _MUTUAL for reason in clue.reasons)
    return {n.entity for n in clue.path.nodes} <= {s.entity for s in clue.subjects}


def _ring(clues: Sequence[Clue], title: str) -> Picture:
    nodes: dict[str, PictureNode] = {}
    pairs: dict[tuple[str, str], tuple[list[str], set[int]]] = {}
    for clue in clues:
        bidders = [s for s in clue.subjects if s.role == "bidder"]
        for s in bidders:
            nodes.setdefault(
                s.entity, PictureNode(s.entity, s.name, s.kind, 0, s.uscc or "", focus=True)
            )
        if clue.group is not None:
            inside = {s.entity for s in bidders}
            for pair in clue.group.pairs:
                if {pair.one, pair.other} <= inside:
                    said, _ = pairs.setdefault(_ordered(pair.one, pair.other), ([], set()))
                    said.append(f"共同投标{pair.lots}个标段")
            continue
        if clue.path is None:
            # Known as a group only: every pair is joined; words on all pairs would crowd the ring.
            words = ["同场投标"] if len(bidders) <= MOST_LABELLED else []
            for one, other in combinations(sorted(s.entity for s in bidders), 2):
                pairs.setdefault((one, other), (words, set()))
            continue
        for edge in clue.path.edges:
            label, numbers = pairs.setdefault(_ordered(edge.src, edge.dst), ([], set()))
            text = f"{edge.term} {_span(edge)}".strip()
            if text not in label:
                label.append(text)
            numbers.update(edge.evidence)
    edges = tuple(
        PictureEdge(one, other, "；".join(label), evidence=_few(numbers))
        for (one, other), (label, numbers) in pairs.items()
    )
    return Picture(title, tuple(nodes.values()), edges, note=_NOTE, layout="ring")


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _few(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


# -- words ---------------------------------------------------------------------------------------


def _span(edge: CluePathEdge) -> str:
    if edge.start is None and edge.end is None:
        return "日期不详" if edge.kind in _OWNED else ""
    if edge.start is not None and edge.start == edge.end:
        return edge.start.replace("-", ".")
    start = "" if edge.start is None else edge.start[:7].replace("-", ".")
    end = "" if edge.end is None else edge.end[:7].replace("-", ".")
    if not end:
        return f"{start}起"
    return f"{start}—{end}" if start else f"至{end}"


def _dots(period: tuple[str, str] | None) -> str:
    if period is None:
        return ""
    first, last = (day.replace("-", ".") for day in period)
    return first if first == last else f"{first[:7]}—{last[:7]}"


def _day(pieces: Sequence[ClueEvidence]) -> str:
    for header, value in pieces[0].values.items():
        if value and any(word in header for word in ("日期", "时间")):
            return f" {value}"
    return ""


def _marks(pieces: Sequence[ClueEvidence]) -> str:
    return "".join(f"[{piece.no}]" for piece in pieces[:3]) + ("等" if len(pieces) > 3 else "")


def _title(table: str) -> str:
    return TABLES[table].title if table in TABLES else table


def _yuan(amount: Decimal) -> str:
    if abs(amount) >= 10000:
        return f"{(amount / 10000).quantize(Decimal('0.01')).normalize():,f}万元"
    return f"{amount:,.2f}元"


def _identity(value: str) -> Identity:
    return value if value in ("certain", "probable", "name_only") else "certain"  # type: ignore[return-value]
