"""What readers of linked records (BODS, FollowTheMoney) give, and how they name who is who.

Such data say themselves which record is which person, while our tables tell people apart by number
and name. So a person without a number bears the number of its record: within a source the record is
the person, and a name alone would join namesakes or part one person in two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingest.numbers import parse_id_number, parse_uscc

RECORD_NUMBER = "记录号"
LEGAL_REPRESENTATIVE = "法定代表人"
_LISTED = 5


@dataclass(frozen=True)
class RecordRow:
    """One row for a canonical table: where a person finds it, and canonical column → text."""

    row: int
    values: dict[str, str]


@dataclass(frozen=True)
class BadRecord:
    """What of a record can't be used: its place, the table it was for, and the Chinese reason.

    ``whole`` False: nothing is wrong with the record, but it says that something is not known.
    """

    row: int
    table: str | None
    reason: str
    value: str | None = None
    whole: bool = True


@dataclass
class RecordTables:
    """What one file gives.

    ``tables`` maps canonical tables to rows; ``unstored`` maps them to fields that no column takes;
    ``notes`` are Chinese lines for the intake report, with ``counts`` still to be added to them.
    """

    tables: dict[str, list[RecordRow]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)
    unstored: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bad: list[BadRecord] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, table: str, row: int, values: Mapping[str, str | None]) -> None:
        """Add a row; absent and empty values get no key."""
        self.tables[table].append(RecordRow(row, {c: t for c, t in values.items() if t}))

    def tell(self, note: str, row: int) -> None:
        """Count a note and remember where it holds."""
        self.counts[note] += 1
        self.places[note].append(row)

    def all_notes(self) -> list[str]:
        """Return all notes, counted ones with the rows they hold for."""
        return [
            *self.notes,
            *(f"{note}：{n}处（{_rows(self.places[note])}）" for note, n in self.counts.items()),
        ]


def _rows(rows: Iterable[int]) -> str:
    found = sorted(set(rows))
    shown = "、".join(map(str, found[:_LISTED]))
    return f"第{shown}行" if len(found) <= _LISTED else f"第{shown}行等"


def person_number(numbers: Iterable[str], record: str) -> str:
    """Return the number by which a person is known: an identity number, another one, the record's.

    Examples
    --------
    >>> person_number(["E1234", "11010519491231002x"], "r1")
    '11010519491231002x'
    >>> person_number(["E1234"], "r1"), person_number([], "r1")
    ('E1234', '记录号r1')
    """
    found = list(numbers)
    for number in found:
        read = parse_id_number(number)
        if read is not None and read.status in ("valid", "valid15", "masked"):
            return number
    return found[0] if found else f"{RECORD_NUMBER}{record}"


def firm_number(numbers: Iterable[str]) -> str | None:
    """Return the credit code among the numbers of a firm, else its first number.

    Examples
    --------
    >>> firm_number(["06328", "91110000600037341L"]), firm_number(["06328"]), firm_number([])
    ('91110000600037341L', '06328', None)
    """
    found = list(numbers)
    for number in found:
        code = parse_uscc(number)
        if code is not None and code.valid:
            return number
    return found[0] if found else None


def tell_apart(firms: Mapping[str, tuple[str, str | None]]) -> dict[str, str | None]:
    """Give firms without a number their record's, where another record bears the same name.

    Parameters
    ----------
    firms : mapping
        Record → (name, number or None).

    Returns
    -------
    dict
        Record → number or None.

    Examples
    --------
    >>> tell_apart({"a": ("甲公司", None), "b": ("甲公司", "1"), "c": ("乙公司", None)})
    {'a': '记录号a', 'b': '1', 'c': None}
    """
    bearers = Counter(name for name, _ in firms.values())
    return {
        record: number or (f"{RECORD_NUMBER}{record}" if bearers[name] > 1 else None)
        for record, (name, number) in firms.items()
    }


def is_current(end: str | None, dissolved: str | None) -> bool:
    """Whether a post was held to the end of the firm: the register has no column for former ones.

    Examples
    --------
    >>> is_current(None, None), is_current("2020-01-01", "2020-01-01"), is_current("2020", None)
    (True, True, False)
    """
    return end is None or end == dissolved
