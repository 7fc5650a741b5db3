"""Numbered evidence: rows with masked cells as in the source, and figures with what they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from clues.model import ClueEvidence, Place, Source
from detectors.detector import Evidence, Row, Statistic
from ingest.masking import MaskKind, mask_text, mask_value

RowKey = tuple[str, int]
Cells = Mapping[str, tuple[str | None, str | None, str | None]]
BEHIND = "所依据的证据"
_MARKS = re.compile(r"。((?:\[\d+\])+)$")


class RowFacts:
    """Sources and raw cells of the rows that a run's findings rest on.

    Parameters
    ----------
    sources : mapping
        (table, row_id) → object with file, sheet, row and also.
    raw : mapping
        (table, row_id) → original header → (cell, mask kind, canonical column or None).
    """

    def __init__(self, sources: Mapping[RowKey, Any], raw: Mapping[RowKey, Cells]) -> None:
        self._sources = sources
        self._raw = raw

    def source(self, row: Row) -> Source:
        """Where the row stands, and where its merged duplicates stand.

        Files and sheets named after a person's number show it masked as well.
        """
        place = self._sources[row.table, row.row_id]
        also = tuple(sorted((_place(p) for p in place.also), key=_place_key))
        shown = _place(place)
        return Source(shown.file, shown.sheet, shown.row, also)

    def values(self, row: Row, columns: Iterable[str]) -> dict[str, Any]:
        """Masked cells by original header: the given canonical columns, or all known ones."""
        cells = self._raw[row.table, row.row_id]
        wanted = set(columns)
        shown = {h: (cell, mask) for h, (cell, mask, column) in cells.items() if column in wanted}
        if not shown:
            shown = {h: (c, m) for h, (c, m, column) in cells.items() if column is not None and c}
        return {mask_text(h): _masked(cell, mask) for h, (cell, mask) in shown.items()}

    def content(self, row: Row) -> tuple[str, ...]:
        """Sort key of a row by what stands in it; its number only tells identical rows apart."""
        cells = self._raw[row.table, row.row_id]
        source = self._sources[row.table, row.row_id]
        parts = [f"{header}={cell or ''}" for header, (cell, _, _) in cells.items()]
        return (row.text, *parts, source.file, source.sheet or "", f"{source.row:012d}")


class Numbering:
    """Gives evidence of one clue its numbers, in the order in which it is first cited."""

    def __init__(self, facts: RowFacts) -> None:
        self._facts = facts
        self._numbers: dict[Any, int] = {}
        self._pieces: list[Evidence] = []
        self._columns: dict[RowKey, set[str] | None] = {}

    def numbers(self, cites: Sequence[Evidence]) -> tuple[int, ...]:
        """Number what is cited and return the numbers in ascending order."""
        out = set()
        for cite in sorted(cites, key=self._content):
            out.add(self._number(cite))
            if isinstance(cite, Statistic):
                for row in sorted(cite.rows, key=self._facts.content):
                    self._number(row)
        return tuple(sorted(out))

    def marks(self, cites: Sequence[Evidence]) -> str:
        """The numbers as they stand behind a sentence: ``[1][3]``."""
        return "".join(f"[{number}]" for number in self.numbers(cites))

    def evidence(self) -> tuple[ClueEvidence, ...]:
        """All pieces in the order of their numbers."""
        return tuple(self._piece(no, piece) for no, piece in enumerate(self._pieces, 1))

    def _content(self, cite: Evidence) -> tuple[int, tuple[str, ...]]:
        if isinstance(cite, Row):
            return 0, self._facts.content(cite)
        return 1, (cite.text, *(f"{name}={value}" for name, value in cite.values))

    def _number(self, cite: Evidence) -> int:
        key: Any
        if isinstance(cite, Row):
            key = (cite.table, cite.row_id)
            self._widen(key, cite.columns)
        else:
            key = (cite.text, str(cite.values))
        if key not in self._numbers:
            self._pieces.append(cite)
            self._numbers[key] = len(self._pieces)
        return self._numbers[key]

    def _widen(self, key: RowKey, columns: tuple[str, ...]) -> None:
        """A row cited for several columns shows them all; cited as a whole, everything known."""
        known = self._columns.get(key, set())
        self._columns[key] = None if known is None or not columns else known | set(columns)

    def _piece(self, no: int, piece: Evidence) -> ClueEvidence:
        if isinstance(piece, Row):
            columns = self._columns[piece.table, piece.row_id] or ()
            return ClueEvidence(
                no=no,
                kind="row",
                text=mask_text(piece.text),
                values=self._facts.values(piece, columns),
                source=self._facts.source(piece),
                table=piece.table,
            )
        values = {name: plain(value) for name, value in piece.values}
        if piece.rows:
            behind = sorted({self._numbers[row.table, row.row_id] for row in piece.rows})
            values[BEHIND] = ranges(behind)
        return ClueEvidence(
            no=no, kind="statistic", text=mask_text(piece.text), values=values, source=None
        )


def plain(value: Any) -> Any:
    """Make a figure fit for JSON: dates ISO, decimals numbers, floats to six significant digits.

    Examples
    --------
    >>> plain(0.1 + 0.2), plain(Decimal("12.50")), plain(date(2023, 5, 6))
    (0.3, 12.5, '2023-05-06')
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float):
        # The last digits of parallel sums differ from run to run.
        return float(f"{value:.6g}")
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [plain(item) for item in items]
    return mask_text(str(value))


def ranges(numbers: Sequence[int]) -> str:
    """Write ascending evidence numbers in short.

    Examples
    --------
    >>> ranges([1, 3, 4, 5, 9])
    '[1]、[3]至[5]、[9]'
    """
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(
        f"[{p[0]}]" if len(p) == 1 else f"[{p[0]}]{'、' if len(p) == 2 else '至'}[{p[-1]}]"
        for p in parts
    )


def marks(numbers: Sequence[int]) -> str:
    """Evidence numbers as people read them: from three in a row on as a range.

    Examples
    --------
    >>> marks([1, 2, 4, 5, 6])
    '[1][2][4]至[6]'
    """
    return ranges(numbers).replace("、", "")


def told(sentence: str) -> str:
    """Write a sentence of a statement for people: numbers in short and before the full stop.

    Behind it they would seem to open the next sentence.

    Examples
    --------
    >>> told("共三份合同。[1][2][3]")
    '共三份合同[1]至[3]。'
    """
    found = _MARKS.search(sentence)
    if found is None:
        return sentence
    numbers = [int(n) for n in re.findall(r"\d+", found[1])]
    return f"{sentence[: found.start()]}{marks(numbers)}。"


def _masked(cell: str | None, mask: str | None) -> str | None:
    if cell is None:
        return None
    return mask_value(cell, cast(MaskKind | None, mask))


def _place(place: Any) -> Place:
    return Place(mask_text(place.file), place.sheet and mask_text(place.sheet), place.row)


def _place_key(place: Place) -> tuple[str, str, int]:
    return place.file, place.sheet or "", place.row
