"""What was found when a clue was checked, in the casebook.

A clue keeps its id over runs, so a conclusion stays with it. The last one holds; the earlier ones
are its history and stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal, cast, get_args

from sqlalchemy import insert

from clues.casebook import Casebook, masked_reason, named, now
from clues.casebook_store import CONCLUSIONS
from ingest.errors import UserError

Word = Literal["查实", "部分查实", "查否", "无法核实", "澄清"]
WORDS: tuple[Word, ...] = get_args(Word)


@dataclass(frozen=True)
class Conclusion:
    """One conclusion as it stands in the casebook."""

    id: int
    made_at: str
    made_by: str
    clue: str
    detector: str
    title: str
    conclusion: Word
    reason: str | None
    run: str | None


Note = Callable[[Conclusion], None]


def word_of(text: str) -> Word:
    """Return the conclusion that a text names.

    Raises
    ------
    UserError
        If it names none.

    Examples
    --------
    >>> word_of(" 查实 ")
    '查实'
    """
    if text.strip() not in WORDS:
        raise UserError(f"核查结论只能写{'、'.join(WORDS)}，现为 {text}。")
    return cast(Word, text.strip())


def conclude(
    book: Casebook,
    clue: tuple[str, str, str],
    word: Word,
    *,
    by: str,
    reason: str | None = None,
    run: str | None = None,
    note: Note = lambda conclusion: None,
) -> Conclusion:
    """Add a conclusion on a clue and return it as it stands.

    Parameters
    ----------
    book : Casebook
    clue : (id, detector, title)
    word : Word
    by : str
    reason, run : str, optional
    note : callable
        Told before the conclusion is made final: if it fails, nothing was concluded.

    Raises
    ------
    UserError
        If ``by`` is empty, or from the database.
    """
    values = {
        "made_at": now(), "made_by": named(by), "clue": clue[0], "detector": clue[1],
        "title": clue[2], "conclusion": word, "reason": masked_reason(reason), "run": run,
    }  # fmt: skip
    with book.writing() as con:
        made = con.execute(insert(CONCLUSIONS).values(values).returning(CONCLUSIONS)).one()
        conclusion = _of(made)
        note(conclusion)
        return conclusion


def history(book: Casebook) -> list[Conclusion]:
    """Every conclusion in order, also those that later ones replaced."""
    return [_of(row) for row in book.rows(CONCLUSIONS)]


def standing(book: Casebook) -> dict[str, Conclusion]:
    """The conclusion that holds, by clue."""
    return {c.clue: c for c in history(book)}


_FIELDS = [field.name for field in fields(Conclusion)]


def _of(row: object) -> Conclusion:
    return Conclusion(**{name: getattr(row, name) for name in _FIELDS})
