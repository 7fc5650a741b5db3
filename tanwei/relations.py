"""From a name to its relatives, their firms and the firms' public contracts, each with its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from clues.model import Place
from clues.names import IDENTITIES
from detectors.evidence import among, records
from graph.holdings import Holdings
from graph.kinship.chains import term_degree
from graph.schema import EDGE_KINDS
from graph.snapshot import Entity, RowSource, Snapshot
from ingest.masking import mask_id, mask_text
from tanwei.explain import place_text
from tanwei.views import Listing, html_table

if TYPE_CHECKING:
    import pandas as pd

BEHIND_FIRMS = ("legal_representative", "officer", "shareholder")
DEALINGS = ("wins", "contract", "pays")
MOST_LAYERS = 3
"""Firms one above the other through which holdings are followed."""
_SHOWN_SOURCES = 2
_SURENESS = tuple(IDENTITIES)


@dataclass(frozen=True)
class Tie:
    """One dated tie of somebody to somebody else, with the rows that say so.

    ``term``: what the other is, or does, to the one asked about; of kin ``degree`` counts the births
    between them. ``sources``: file, sheet and row
    of the rows cited on the edge; ``n_sources`` of all that say the same.
    """

    term: str
    name: str
    kind: str
    number: str | None
    detail: str
    entity: str
    legal_class: str | None
    degree: int | None
    share: float | None
    amount: Decimal | None
    start: date | None
    end: date | None
    identity: str
    probability: float
    sources: tuple[str, ...]
    n_sources: int


class Ties(Listing[Tie]):
    """Ties of one party, as a table in Jupyter and lines in a terminal."""

    def __init__(self, items: Iterable[Tie], caption: str) -> None:
        super().__init__(items)
        self.caption = caption

    def __getitem__(self, index: Any) -> Any:
        found = self._items[index]
        return Ties(found, self.caption) if isinstance(index, slice) else found

    def lines(self) -> list[str]:
        """Return one plain line for each."""
        return ["，".join(cell for cell in _cells(tie) if cell) for tie in self]

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame, one row each."""
        import pandas as pd

        return pd.DataFrame([vars(tie) for tie in self], columns=list(Tie.__dataclass_fields__))

    def __repr__(self) -> str:
        return (
            "\n".join([self.caption, *self.lines()]) if len(self) else f"{self.caption}：没有找到"
        )

    def _repr_html_(self) -> str:
        if not len(self):
            return f"<p>{escape(self.caption)}：没有找到</p>"
        table = [_cells(tie) for tie in self]
        # A column that says nothing of anybody only takes room.
        used = [n for n in range(len(_HEADERS)) if any(row[n] for row in table)]
        return html_table(
            [_HEADERS[n] for n in used],
            [["<br>".join(map(escape, row[n].split("\n"))) for n in used] for row in table],
            self.caption,
        )


_HEADERS = (
    "关系", "姓名或名称", "号码", "辨认信息", "亲属类别", "亲等", "持股", "金额（元）", "期间", "身份认定",
    "依据", "编号",
)  # fmt: skip


def _cells(tie: Tie) -> tuple[str, ...]:
    share = "" if tie.share is None else f"{tie.share:.2%}".replace(".00%", "%")
    amount = "" if tie.amount is None else f"{tie.amount:,.2f}"
    identity = IDENTITIES[tie.identity]
    if tie.identity == "probable":
        identity += f"（概率{tie.probability:.1%}）"
    more = tie.n_sources - _SHOWN_SOURCES
    sources = [*tie.sources[:_SHOWN_SOURCES], *([f"另有{more}处"] if more > 0 else [])]
    return (
        tie.term, tie.name, tie.number or "", tie.detail, tie.legal_class or "",
        "" if tie.degree is None else str(tie.degree), share, amount,
        _period(tie.start, tie.end), identity, "\n".join(sources), tie.entity,
    )  # fmt: skip


def _period(start: date | None, end: date | None) -> str:
    if start is None and end is None:
        return ""
    if start == end:
        return str(start)
    return f"{start or '起始不详'}至{end or '今'}"


def relatives(snapshot: Snapshot, entity: str) -> Ties:
    """List everybody who is kin of a person, nearest legal class first."""
    edges = snapshot.edges
    kin = edges.filter((edges.kind == "kin") & (edges.src == entity))
    found = _told_once(_ties(snapshot, kin, "dst"))
    order = ("夫妻", "直系血亲", "三代以内旁系血亲", "近姻亲")
    place = {name: n for n, name in enumerate(order)}
    found.sort(key=lambda t: (place.get(t.legal_class or "", 9), t.term, t.name, t.entity))
    return Ties(found, f"{_name(snapshot, entity)}的亲属")


def firms(snapshot: Snapshot, entity: str) -> Ties:
    """List the firms in which somebody holds an office or shares, through other firms too.

    What is held through others is a line a firm that holds: its share is the holder's effective one
    over all chains, whatever their dates (``graph.holdings``).
    """
    edges = snapshot.edges
    own = edges.filter(edges.kind.isin(BEHIND_FIRMS) & (edges.src == entity))
    found = _ties(snapshot, own, "dst")
    holders = {t.entity: t.name for t in found if t.share is not None and t.kind == "company"}
    below = []
    for _ in range(MOST_LAYERS - 1):
        held = edges.filter(edges.kind == "shareholder")
        rows = records(among(held, "src", holders)) if holders else []
        below += [(holders[row["src"]], row) for row in rows if row["dst"] != entity]
        names = snapshot.names({row["dst"] for row in rows})
        holders = {e: name for e, name in names.items() if e not in {r["src"] for _, r in below}}
    network = Holdings.above(snapshot, {row["dst"] for _, row in below})
    for through, row in below:
        row = row | {"term": f"经{through}持股", "share": network.share(entity, row["dst"])}
        found += _told(snapshot, [row], "dst")
    found.sort(key=lambda t: (t.name, t.term, str(t.start)))
    return Ties(found, f"{_name(snapshot, entity)}任职或持股的企业")


def dealings(snapshot: Snapshot, entity: str) -> Ties:
    """List what a firm won, signed and was paid by public bodies, the latest first."""
    edges = snapshot.edges
    won = edges.filter((edges.kind == "wins") & (edges.src == entity))
    supplied = edges.filter(edges.kind.isin(("contract", "pays")) & (edges.dst == entity))
    found = [*_ties(snapshot, won, "dst"), *_ties(snapshot, supplied, "src")]
    found.sort(key=lambda t: (t.start or date.min, t.term, t.name, t.entity), reverse=True)
    return Ties(found, f"{_name(snapshot, entity)}的中标、合同和收款")


def _told_once(ties: list[Tie]) -> list[Tie]:
    """Tell a relation once: sources that don't date it stand beside the one that does.

    A second marriage of the same two people has dates of its own and stays a line of its own.
    """
    told: dict[tuple[str, str], list[Tie]] = {}
    for tie in sorted(ties, key=lambda t: (t.start is None, t.end is None, str(t.start))):
        same = told.setdefault((tie.entity, tie.term), [])
        host = next((n for n, one in enumerate(same) if _agree(one, tie)), None)
        if host is None:
            same.append(tie)
            continue
        one = same[host]
        surer = min((one, tie), key=lambda t: (_SURENESS.index(t.identity), -t.probability))
        same[host] = replace(
            one,
            end=one.end or tie.end,
            identity=surer.identity,
            probability=surer.probability,
            sources=tuple(dict.fromkeys((*one.sources, *tie.sources))),
            n_sources=one.n_sources + tie.n_sources,
        )
    return [tie for same in told.values() for tie in same]


def _agree(one: Tie, other: Tie) -> bool:
    return other.start in (None, one.start) and other.end in (None, one.end)


def _name(snapshot: Snapshot, entity: str) -> str:
    return snapshot.names([entity]).get(entity, entity)


def _ties(snapshot: Snapshot, edges: Any, end: str) -> list[Tie]:
    """Fetch edges and what is known of the parties at their other ``end``."""
    return _told(snapshot, records(edges), end)


def _told(snapshot: Snapshot, rows: list[dict[str, Any]], end: str) -> list[Tie]:
    others = snapshot.lookup({row[end] for row in rows})
    cited = {(s["t"], s["r"]) for row in rows for s in row["sources"]}
    places = snapshot.sources(cited)
    return [_tie(row, others[row[end]], places) for row in rows]


def _tie(row: dict[str, Any], other: Entity, places: dict[tuple[str, int], RowSource]) -> Tie:
    found = [places[s["t"], s["r"]] for s in row["sources"] if (s["t"], s["r"]) in places]
    return Tie(
        term=_term(row),
        name=other.name,
        kind=other.kind,
        number=mask_id(other.number) if other.number and other.kind == "person" else other.number,
        detail=other.detail or "",
        entity=other.entity,
        legal_class=row["legal_class"],
        degree=term_degree(row["term"]) if row["kind"] == "kin" else None,
        share=row["share"],
        amount=row["amount"],
        start=row["start_date"],
        end=row["end_date"],
        identity=row["identity"],
        probability=row["probability"],
        sources=tuple(_place_text(source) for source in found),
        n_sources=row["n_sources"],
    )


def _term(row: dict[str, Any]) -> str:
    said = row["term"]
    if row["kind"] in DEALINGS:
        return EDGE_KINDS[row["kind"]] + (f"：{said}" if said and row["kind"] == "contract" else "")
    return str(said or EDGE_KINDS[row["kind"]])


def _place_text(source: RowSource) -> str:
    sheet = mask_text(source.sheet) if source.sheet else None
    return place_text(Place(mask_text(source.file), sheet, source.row))
