"""How things show in Jupyter and in a terminal: tables, clues, explanations, pictures.

Everything that comes out of data is escaped: a company may be called ``<script>``.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from clues.model import LEVEL_NAMES, Clue
from clues.names import FAMILIES, identity_text, period_text, subject_text
from ingest.errors import UserError

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from matplotlib.figure import Figure

    from graph.picture import Picture

COLOURS = {"red": "#b3261e", "orange": "#c75b00", "yellow": "#8a6d00"}
SHOWN = 50
_SHORT = 6
T = TypeVar("T")


def html_table(headers: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table; cells are HTML already, headers and caption are text."""
    head = "".join(f'<th style="text-align:left">{escape(h)}</th>' for h in headers)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:left;vertical-align:top{_wrap(c)}">{c}</td>' for c in row)
        + "</tr>"
        for row in rows
    )
    top = f'<caption style="text-align:left">{escape(caption)}</caption>' if caption else ""
    return f"<table>{top}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _wrap(cell: str) -> str:
    """Keep short words, numbers and dates on one line: 妻子 one character a line can't be read."""
    whole = "<" not in cell and (len(cell) <= _SHORT or (cell.isascii() and " " not in cell))
    return ";white-space:nowrap" if whole else ""


def level_html(level: str) -> str:
    """Return a level as coloured word: colour alone is lost on paper and on some eyes."""
    name = escape(LEVEL_NAMES[level])  # type: ignore[index]
    style = f"color:white;background:{COLOURS[level]};padding:1px 6px;border-radius:3px"
    return f'<span style="{style}">{name}</span>'


class Listing(Sequence[T], Generic[T]):
    """An immutable sequence that shows as a table."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = tuple(items)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return type(self)(self._items[index])
        return self._items[index]


class ClueView:
    """A clue with what one wants to do with it; its fields are attributes (``clue.title``)."""

    def __init__(self, clue: Clue, explain: Callable[[Clue], Explanation]) -> None:
        self.clue = clue
        self._explain = explain

    def __getattr__(self, name: str) -> Any:
        if name == "clue":  # only while being unpickled
            raise AttributeError(name)
        return getattr(self.clue, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.clue.__dataclass_fields__})

    def __repr__(self) -> str:
        return f"[{LEVEL_NAMES[self.clue.level]}] {self.clue.title} ({self.clue.id})"

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()

    def explain(self) -> Explanation:
        """Return the clue in plain words, with its evidence and where each piece stands."""
        return self._explain(self.clue)

    def draw(self) -> Figure:
        """Return the picture of the clue: power-holder left, relatives and firms, money right."""
        from clues.picture import picture_of
        from graph.draw import figure

        return figure(picture_of([self.clue]))

    def graph(self) -> nx.MultiDiGraph:
        """Return the picture as a networkx graph; nodes and edges carry what the picture shows."""
        from clues.picture import picture_of
        from graph.export import to_networkx

        return to_networkx(picture_of([self.clue]))


class ClueList(Listing[ClueView]):
    """The clues of a run in their order: level, score, amount."""

    def __init__(self, items: Iterable[ClueView]) -> None:
        super().__init__(items)

    def filter(
        self, *, level: str | None = None, family: str | None = None, detector: str | None = None
    ) -> ClueList:
        """Return the clues of a level (``red`` or ``红``), a family and a detector.

        Raises
        ------
        UserError
            If there is no such level.
        """
        wanted = level_key(level) if level is not None else None
        return ClueList(
            view
            for view in self
            if (wanted is None or view.clue.level == wanted)
            and (family is None or view.clue.family == family)
            and (detector is None or view.clue.detector == detector)
        )

    def by_id(self, clue_id: str) -> ClueView:
        """Return the clue with an id, or with the only id that begins so.

        Raises
        ------
        UserError
            If there is none, or more than one.
        """
        hits = [view for view in self if clue_id and view.clue.id.startswith(clue_id)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            ids = "、".join(view.clue.id for view in hits[:5])
            raise UserError(f"有 {len(hits)} 条疑点的编号以 {clue_id} 开头：{ids}。请写全。")
        raise UserError(f"没有编号为 {clue_id} 的疑点。编号见 clues.xlsx 或 clues.jsonl。")

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame, one row a clue; numbers are masked."""
        import pandas as pd

        columns = [
            "id", "level", "score", "family", "detector", "title", "first_subject",
            "subjects", "amount", "first_date", "last_date", "identity", "probability", "evidence",
        ]  # fmt: skip
        rows = [_flat(view.clue) for view in self]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        lines = [repr(view) for view in self[:SHOWN]]
        more = [f"…… 共 {len(self)} 条"] if len(self) > SHOWN else []
        return "\n".join([*lines, *more]) or "没有疑点"

    def _repr_html_(self) -> str:
        if not len(self):
            return "<p>没有疑点</p>"
        shown = f"，显示前 {SHOWN} 条" if len(self) > SHOWN else ""
        caption = f"疑点 {len(self)} 条{shown}。疑点只是核查的由头，不是结论。"
        headers = ("序号", "级别", "疑点", "涉及", "类别", "金额（元）", "期间", "身份认定", "编号")
        rows = [(str(n), *_cells(view.clue)) for n, view in enumerate(self[:SHOWN])]
        return html_table(headers, rows, caption)


def level_key(text: str) -> str:
    """Return the key of a level given by key or Chinese name.

    Examples
    --------
    >>> level_key("红")
    'red'
    """
    for key, name in LEVEL_NAMES.items():
        if text in (key, name, f"{name}色"):
            return key
    raise UserError(f"没有名为 {text} 的级别。可用的有：red（红）、orange（橙）、yellow（黄）。")


def _cells(clue: Clue) -> tuple[str, ...]:
    amount = "" if clue.amount is None else f"{clue.amount:,.2f}"
    return (
        level_html(clue.level),
        escape(clue.title),
        "<br>".join(escape(subject_text(s)) for s in clue.subjects),
        escape(FAMILIES.get(clue.family, clue.family)),
        amount,
        escape(period_text(clue.period)),
        escape(identity_text(clue)),
        f"<code>{escape(clue.id)}</code>",
    )


def _flat(clue: Clue) -> dict[str, Any]:
    return {
        "id": clue.id,
        "level": clue.level,
        "score": clue.score,
        "family": clue.family,
        "detector": clue.detector,
        "title": clue.title,
        "first_subject": clue.subjects[0].name if clue.subjects else None,
        "subjects": "、".join(subject_text(s) for s in clue.subjects),
        "amount": clue.amount,
        "first_date": clue.period[0] if clue.period else None,
        "last_date": clue.period[1] if clue.period else None,
        "identity": clue.identity["level"],
        "probability": clue.identity.get("probability"),
        "evidence": len(clue.evidence),
    }


@dataclass(frozen=True)
class Candidate:
    """Somebody or something with the name looked for; the number is masked."""

    entity: str
    kind: str
    name: str
    number: str | None
    birth: str | None
    detail: str
    clues: int


class Candidates(Listing[Candidate]):
    """Who a name may be: one row each, with what tells namesakes apart."""

    HEADERS = ("姓名或名称", "类别", "号码", "出生年月", "辨认信息", "疑点数", "编号")

    def lines(self) -> list[str]:
        """Return one plain line for each."""
        return ["，".join(part for part in self._row(c) if part) for c in self]

    def _row(self, c: Candidate) -> tuple[str, ...]:
        return (
            c.name, c.kind, c.number or "无有效号码", c.birth or "", c.detail,
            f"{c.clues} 条疑点" if c.clues else "", c.entity,
        )  # fmt: skip

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame, one row each."""
        import pandas as pd

        return pd.DataFrame([vars(c) for c in self], columns=list(Candidate.__dataclass_fields__))

    def __repr__(self) -> str:
        return "\n".join(self.lines()) or "没有找到"

    def _repr_html_(self) -> str:
        if not len(self):
            return "<p>没有找到</p>"
        return html_table(self.HEADERS, [[escape(cell) for cell in self._row(c)] for c in self])


@dataclass(frozen=True)
class Explanation:
    """A text under headings; shows as HTML in Jupyter and as plain text elsewhere."""

    title: str
    level: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        lines = [f"[{LEVEL_NAMES[self.level]}] {self.title}"]  # type: ignore[index]
        for heading, items in self.sections:
            lines += ["", f"{heading}：", *(f"  {item}" for item in items)]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<h4>{level_html(self.level)} {escape(self.title)}</h4>"]
        for heading, items in self.sections:
            body = "".join(f"<li>{escape(item)}</li>" for item in items)
            style = "list-style:none;padding-left:1em"
            parts.append(f'<b>{escape(heading)}</b><ul style="{style}">{body}</ul>')
        return "".join(parts)


@dataclass(frozen=True)
class Drawing:
    """A picture that shows itself in Jupyter."""

    picture: Picture

    @property
    def figure(self) -> Figure:
        """The picture as a matplotlib figure."""
        from graph.draw import figure

        return figure(self.picture)

    def graph(self) -> nx.MultiDiGraph:
        """Return the picture as a networkx graph."""
        from graph.export import to_networkx

        return to_networkx(self.picture)

    def save(self, path: str) -> None:
        """Write the picture to a file (``.png``, ``.svg``, ``.pdf``)."""
        from pathlib import Path

        from graph.draw import draw

        draw(self.picture, Path(path))

    def __repr__(self) -> str:
        names = {node.key: node.name for node in self.picture.nodes}
        lines = [f"{names[e.src]} —{e.label}→ {names[e.dst]}" for e in self.picture.edges]
        return "\n".join([self.picture.title, *lines])

    def _repr_png_(self) -> bytes:
        return figure_png(self.figure)


@dataclass(frozen=True)
class TieView(Drawing):
    """The explanations of a tie, best first, with their picture.

    ``sentences`` are numbered when shown; ``note`` names what was set aside.
    """

    sentences: tuple[str, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        told = [f"{n}. {text}" for n, text in enumerate(self.sentences, 1)]
        return "\n".join([self.picture.title, *told, *filter(None, [self.note])])

    def _repr_html_(self) -> str:
        told = "".join(f"<li>{escape(text)}</li>" for text in self.sentences)
        image = base64.b64encode(self._repr_png_()).decode("ascii")
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f"<h4>{escape(self.picture.title)}</h4><ol>{told}</ol>{note}"
            f'<img alt="{escape(self.picture.title)}" src="data:image/png;base64,{image}">'
        )


def figure_png(figure: Figure) -> bytes:
    """Return a figure as PNG bytes."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return stream.getvalue()
