"""Explanations of how two entities are tied: all simple ones, best first, each in a plain sentence.

A path says through whom; this says it in Chinese, with what the firm on it supplied to whom, and
since when all of it held. Lots that one firm won from one buyer make one explanation, not many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from graph.paths import EVENT_KINDS, FoundPath, Hop, Hub, Search, hubs_between, simple_paths
from graph.schema import EDGE_KINDS
from graph.snapshot import Snapshot

MOST_TIES = 12
_LOOKED_AT = 60
_TRUST = ("certain", "probable", "name_only")
_HOLDS = ("yes", "unknown", "no")
_SHARED = {"has_phone": "电话", "has_account": "账户", "has_address": "地址"}
# Sharing a village or a number says less than kin, posts, holdings and business.
_THIN = ("lives_in", *_SHARED)
Span = tuple[date | None, date | None]


@dataclass(frozen=True)
class Tie:
    """One explanation.

    ``span``: the days on which all its lasting edges held, None where they never did together;
    ``holds`` as in ``FoundPath``, on the day asked about where one was; ``paths``: more than one
    where only the lot differs.
    """

    sentence: str
    paths: tuple[FoundPath, ...]
    identity: str
    probability: float
    holds: Literal["yes", "no", "unknown"]
    span: Span | None

    @property
    def nodes(self) -> tuple[str, ...]:
        """The entities on the way, of the first of the paths."""
        return self.paths[0].nodes


@dataclass(frozen=True)
class Ties:
    """The explanations, best first, and the hubs between the two that were not walked through."""

    one: str
    other: str
    ties: tuple[Tie, ...]
    hubs: tuple[Hub, ...]


def explain_ties(
    snapshot: Snapshot,
    one: str,
    other: str,
    search: Search | None = None,
    event: date | None = None,
    limit: int = MOST_TIES,
) -> Ties:
    """Explain how two entities are tied.

    Parameters
    ----------
    snapshot : Snapshot
    one, other : str
        Entity ids.
    search : Search, optional
        How far and where to look.
    event : date, optional
        A day that matters: each explanation says whether it held then.
    limit : int
        Explanations at most.

    Returns
    -------
    Ties
        Best first: sure identity, holding in time, few steps, large shares.

    Examples
    --------
    >>> for tie in explain_ties(snapshot, "p-1", "c-1").ties:  # doctest: +SKIP
    ...     print(tie.sentence)
    """
    search = search or Search()
    found = simple_paths(snapshot, one, other, search, limit=_LOOKED_AT)
    hubs = hubs_between(snapshot, search.max_hops) if one != other else ()
    teller = _Teller(snapshot, found)
    groups: dict[tuple[str, ...], list[FoundPath]] = defaultdict(list)
    for path in found:
        groups[teller.key(path)].append(path)
    ties = [_tie(paths, teller, event) for paths in groups.values()]
    ties.sort(key=_order)
    told = [tie for tie in ties if not any(_implied(tie, direct) for direct in ties)]
    return Ties(one, other, tuple(told[:limit]), hubs)


def _implied(tie: Tie, direct: Tie) -> bool:
    """Whether a way only goes round what another, no less sure, says directly.

    The wife's daughter is the daughter; but who holds a firm also through another holds more.
    """
    surer = _TRUST.index(tie.identity) < _TRUST.index(direct.identity)
    if surer or not set(direct.nodes) < set(tie.nodes):
        return False
    extra = set(tie.nodes) - set(direct.nodes)
    return not any(
        hop.kind == "shareholder" and hop.src in extra and hop.src.startswith("c-")
        for hop in tie.paths[0].hops
    )


def _order(tie: Tie) -> tuple[Any, ...]:
    hops = tie.paths[0].hops
    kinds = {hop.kind for hop in hops}
    share = 1.0
    for hop in hops:
        share *= hop.share if hop.kind == "shareholder" and hop.share is not None else 1.0
    return (
        # Kin and holdings first, then business of the unit, then what is merely shared.
        2 if kinds & set(_THIN) else 1 if kinds & set(EVENT_KINDS) else 0,
        _TRUST.index(tie.identity),
        _HOLDS.index(tie.holds),
        len(hops),
        -share,
        -tie.probability,
        tie.nodes,
    )


def _tie(paths: list[FoundPath], teller: _Teller, event: date | None) -> Tie:
    first = paths[0]
    lasting = [hop for hop in first.hops if hop.kind not in EVENT_KINDS]
    span = _common(lasting)
    holds = first.holds
    if event is not None:
        holds = _on(event, lasting)
    sentence = teller.tell(paths)
    return Tie(
        sentence + _time_text(span, holds, event),
        tuple(paths),
        min((p.identity for p in paths), key=_TRUST.index),
        max(p.probability for p in paths),
        holds,
        span,
    )


def _common(hops: Iterable[Hop]) -> Span | None:
    """The days on which all hops held, as far as their dates are known."""
    hops = list(hops)
    start = max((h.start for h in hops if h.start), default=None)
    end = min((h.end for h in hops if h.end), default=None)
    return None if start and end and start > end else (start, end)


def _on(event: date, hops: list[Hop]) -> Literal["yes", "no", "unknown"]:
    if any((h.start and h.start > event) or (h.end and h.end < event) for h in hops):
        return "no"
    dated = all(h.start is not None or h.kind == "kin" for h in hops)
    return "yes" if dated else "unknown"


def _time_text(span: Span | None, holds: str, event: date | None) -> str:
    if event is not None:
        said = {"yes": "各环节均有效", "no": "有环节无效", "unknown": "有环节起始日期不详"}
        return f"（{_day(event)}{said[holds]}）"
    if span is None or holds == "no":
        return "（各环节没有同时有效的时间）"
    start, end = span
    if start is None and end is None:
        return ""
    since = f"{_day(start)}起" if start else "起始日期不详"
    until = f"至{_day(end)}" if end else ""
    return f"（各环节同时有效：{since}{until}）"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# -- sentences -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Business:
    """Lots, contracts or payments between a firm and a buyer."""

    kind: str
    days: tuple[date | None, ...]
    amount: Decimal | None

    def text(self, unit: str = "") -> str:
        """Say it: 中标县住建局项目3个、共1,234.5万元; without the unit where it was just named."""
        count = len(self.days)
        said = {
            "wins": f"中标{unit}项目{count}个",
            "bids": f"参加{unit}项目投标{count}次",
            "contract": f"{f'与{unit}' if unit else ''}签订合同{count}份",
            "pays": f"收到{unit}付款",
        }[self.kind]
        return said + (f"、共{_yuan(self.amount)}" if self.amount else "")


def _yuan(amount: Decimal) -> str:
    wan = abs(amount) >= 10_000
    text = f"{amount / 10_000 if wan else amount:,.2f}".rstrip("0").rstrip(".")
    return text + ("万元" if wan else "元")


def _percent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"


class _Teller:
    """Names, posts and business of everybody on some paths, fetched once."""

    def __init__(self, snapshot: Snapshot, paths: Sequence[FoundPath]) -> None:
        nodes = sorted({node for path in paths for node in path.nodes})
        self.found = snapshot.lookup(nodes)
        self.posts: dict[str, list[tuple[str, str, Span]]] = defaultdict(list)
        units: set[str] = set()
        for person, unit, term, start, end, name in snapshot.query(
            """
            SELECT e.src, e.dst, e.term, e.start_date, e.end_date, u.name
            FROM main.edges e JOIN main.entities u ON u.entity = e.dst
            WHERE e.kind = 'position' AND e.src IN (SELECT unnest(?::VARCHAR[]))
              AND e.sources[1].t = 'officials' AND u.kind = 'unit'
            ORDER BY e.src, e.start_date DESC NULLS LAST, u.name, e.term
            """,
            [nodes],
        ):
            before = "原" if end and snapshot.as_of and end < snapshot.as_of else ""
            self.posts[person].append((unit, before + _post(name, term), (start, end)))
            units.add(unit)
        firms = [n for n in nodes if n.startswith("c-")]
        buyers = sorted(units | {n for n in nodes if n[:2] in ("u-", "v-")})
        self.names = {e: f.name for e, f in snapshot.lookup([*nodes, *buyers]).items()}
        self.business = _business(snapshot, firms, buyers)

    def key(self, path: FoundPath) -> tuple[str, ...]:
        """What makes two paths one explanation: all but the lots between a firm and a buyer."""
        nodes = path.nodes
        return tuple(
            node
            for n, node in enumerate(nodes)
            if not (self._is_lot(node) and _firm_and_buyer(nodes[n - 1 : n + 2 : 2]))
        )

    def _is_lot(self, node: str) -> bool:
        found = self.found.get(node)
        return found is not None and found.kind == "tender"

    def _name(self, node: str) -> str:
        return self.names.get(node, node)

    def tell(self, paths: list[FoundPath]) -> str:
        """One sentence for paths that differ in lots only."""
        path = paths[0]
        hops, nodes = list(path.hops), list(path.nodes)
        text, said = self._first(path), nodes[0]
        i = 0
        while i < len(hops):
            hop, node, after = hops[i], nodes[i], nodes[i + 1]
            head = "" if said == node else f"，{self._name(node)}"
            if self._is_lot(after) and i + 1 < len(hops):
                text += head + self._over_lot(node, nodes[i + 2], hop, hops[i + 1], paths)
                said, i = "", i + 2
                continue
            run = _holding_run(hops, i)
            if run > 1:
                text += head + self._holding(hops[i : i + run], nodes[i : i + run + 1])
                said, i = "", i + run
                continue
            if hop.kind in _SHARED and i + 1 < len(hops) and hops[i + 1].kind == hop.kind:
                third = nodes[i + 2]
                text += f"{head}与{self._name(third)}共用{_SHARED[hop.kind]}{self._name(after)}"
                said, i = "", i + 2
                continue
            if hop.kind == "kin":
                text += f"{head}{self._kin(hop)}{self._name(after)}"
                said = after
            else:
                text += head + self._plain(hop, node, after)
                said = ""
            i += 1
        return text + self._supplied(nodes) + "。"

    def _first(self, path: FoundPath) -> str:
        """The first entity, with the post unless the path is about that post itself."""
        node = path.nodes[0]
        posts = [p for u, p, _ in self.posts.get(node, ()) if u != path.nodes[1]]
        return self._name(node) + (f"（{posts[0]}）" if posts else "")

    def _kin(self, hop: Hop) -> str:
        if hop.forward:
            return f"的{hop.term or '亲属'}"
        return "的亲属" if hop.term is None else f"（对方称其为{hop.term}）的亲属"

    def _holding(self, hops: list[Hop], nodes: list[str]) -> str:
        shares = [hop.share for hop in hops]
        through = "、".join(self._name(n) for n in nodes[1:-1])
        target = self._name(nodes[-1])
        known = [s for s in shares if s is not None]
        if len(known) < len(shares):
            return f"经{through}持有{target}股权（比例不详）"
        product = 1.0
        for share in known:
            product *= share
        factors = "×".join(_percent(s) for s in known)
        return f"持有{target}{_percent(product)}股权（经{through}，逐层相乘{factors}）"

    def _plain(self, hop: Hop, node: str, after: str) -> str:
        name, term = self._name(after), hop.term or EDGE_KINDS.get(hop.kind, "")  # type: ignore[call-overload]
        share = "股权（比例不详）" if hop.share is None else f"{_percent(hop.share)}股权"
        if hop.kind == "shareholder":
            return f"持有{name}{share}" if hop.forward else f"由{name}持有{share}"
        if hop.kind in ("legal_representative", "officer"):
            return f"担任{name}{term}" if hop.forward else f"的{term}是{name}"
        if hop.kind == "position":
            return f"任{_post(name, term)}" if hop.forward else f"的{term}是{name}"
        if hop.kind in ("contract", "pays"):
            firm, unit = (after, node) if hop.forward else (node, after)
            done = self.business.get((firm, unit))
            if done and node == firm:
                return "，".join(b.text(name) for b in done)
            if done:
                return f"的业务由{name}承接：{'，'.join(b.text() for b in done)}"
        if hop.kind in _SHARED:
            return f"登记的{_SHARED[hop.kind]}为{name}"
        if hop.kind == "lives_in":
            return f"住在{name}" if hop.forward else f"的村民有{name}"
        return f"与{name}有{term}关系"

    def _over_lot(
        self, node: str, after: str, hop: Hop, second: Hop, paths: list[FoundPath]
    ) -> str:
        """A firm and a buyer, or two firms, over one or several lots."""
        name = self._name(after)
        count = len({p.nodes[list(p.nodes).index(node) + 1] for p in paths if node in p.nodes})
        kinds = {hop.kind, second.kind}
        if "purchases" in kinds and kinds & {"wins", "bids"}:
            firm, unit = (node, after) if second.kind == "purchases" else (after, node)
            done = [b for b in self.business.get((firm, unit), ()) if b.kind in ("wins", "bids")]
            if done and node == firm:
                return done[0].text(name)
            if done:
                return f"的业务由{name}承接：{done[0].text()}"
        if kinds <= {"wins", "bids"}:
            return f"与{name}同场投标{count}次"
        return f"与{name}同在{count}个项目中（{EDGE_KINDS.get(hop.kind, '')}、{EDGE_KINDS.get(second.kind, '')}）"  # type: ignore[call-overload]

    def _supplied(self, nodes: list[str]) -> str:
        """Of an official and a firm: what the firm supplied to the official's units in tenure."""
        ends = {nodes[0][:2]: nodes[0], nodes[-1][:2]: nodes[-1]}
        person, firm = ends.get("p-"), ends.get("c-")
        if person is None or firm is None:
            return ""
        parts = []
        for unit, _, span in self.posts.get(person, ()):
            if unit in nodes:
                continue  # told already
            for done in self.business.get((firm, unit), ()):
                inside = [d for d in done.days if d and _within(d, span)]
                if done.kind == "bids" or not inside:
                    continue
                whole = len(inside) == len(done.days)
                when = "在其任职期间" if whole else ""
                note = "" if whole else f"（其中{len(inside)}个在其任职期间）"
                parts.append(f"，{self._name(firm)}{when}{done.text(self._name(unit))}{note}")
        return "".join(dict.fromkeys(parts))


def _firm_and_buyer(pair: Sequence[str]) -> bool:
    """Whether one of two is a firm and the other a unit or village."""
    kinds = {node[:2] for node in pair}
    return "c-" in kinds and bool(kinds & {"u-", "v-"})


def _within(day: date, span: Span) -> bool:
    start, end = span
    return (start is None or start <= day) and (end is None or day <= end)


def _post(unit: str, term: str | None) -> str:
    return unit + (term or "工作人员")


def _holding_run(hops: list[Hop], first: int) -> int:
    """Holdings in a row, all walked from holder to firm."""
    run = 0
    for hop in hops[first:]:
        if hop.kind != "shareholder" or not hop.forward:
            break
        run += 1
    return run


def _business(
    snapshot: Snapshot, firms: list[str], buyers: list[str]
) -> dict[tuple[str, str], tuple[_Business, ...]]:
    """What firms won from, signed with and were paid by buyers; each project once.

    A contract that names a tender is told by the lot, and payments only where nothing else is
    known.
    """
    if not firms or not buyers:
        return {}
    rows = snapshot.query(
        """
        WITH f AS (SELECT unnest(?::VARCHAR[]) AS firm), u AS (SELECT unnest(?::VARCHAR[]) AS unit)
        SELECT w.src, p.src, w.kind, w.start_date, w.amount, NULL AS t, NULL AS r
        FROM main.edges w JOIN main.edges p ON p.dst = w.dst AND p.kind = 'purchases'
        WHERE w.kind IN ('wins', 'bids') AND w.src IN (SELECT firm FROM f)
          AND p.src IN (SELECT unit FROM u)
        UNION ALL
        SELECT e.dst, e.src, e.kind, e.start_date, e.amount, e.sources[1].t, e.sources[1].r
        FROM main.edges e
        WHERE e.kind IN ('contract', 'pays') AND e.dst IN (SELECT firm FROM f)
          AND e.src IN (SELECT unit FROM u) AND e.sources[1].t <> 'collective_assets'
        ORDER BY 1, 2, 3, 4, 5
        """,
        [firms, buyers],
    )
    signed: dict[int, tuple[str | None, Decimal | None]] = {}
    if snapshot.has("contracts"):
        for number, tender, amount in snapshot.query(
            "SELECT row_id, tender_no, amount FROM main.contracts"
            " WHERE row_id IN (SELECT unnest(?::BIGINT[]))",
            [[r for *_, t, r in rows if t == "contracts"]],
        ):
            signed[number] = (tender, amount)
    found: dict[tuple[str, str], dict[str, list[tuple[date | None, Decimal | None]]]]
    found = defaultdict(lambda: defaultdict(list))
    for firm, unit, kind, day, amount, table, row in rows:
        tender, agreed = signed.get(row, (None, None)) if table == "contracts" else (None, None)
        if tender is None:
            # What was signed for; what was settled in the end may be more or less.
            found[firm, unit][kind].append((day, amount if agreed is None else agreed))
    told = {}
    for pair, kinds in found.items():
        if "wins" in kinds or "contract" in kinds:
            kinds.pop("pays", None)
            kinds.pop("bids", None)
        order = ("wins", "contract", "pays", "bids")
        told[pair] = tuple(
            _Business(kind, tuple(d for d, _ in kinds[kind]), _sum(a for _, a in kinds[kind]))
            for kind in order
            if kind in kinds
        )
    return told


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
