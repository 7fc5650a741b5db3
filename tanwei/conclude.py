"""What was found when a clue was checked: into the casebook and the audit log, and out again."""

from __future__ import annotations

from clues import conclusions
from clues.casebook import Casebook
from clues.conclusions import Conclusion, word_of
from clues.model import Clue
from tanwei import audit
from tanwei.folders import RunFolder


def conclude(
    folder: RunFolder,
    book: Casebook,
    clue: Clue,
    word: str,
    *,
    by: str,
    reason: str | None = None,
) -> Conclusion:
    """Write a conclusion into the casebook and the audit log: into both or neither.

    Parameters
    ----------
    folder : RunFolder
    book : Casebook
    clue : Clue
    word : str
        查实, 部分查实, 查否, 无法核实 or 澄清.
    by : str
    reason : str, optional

    Raises
    ------
    UserError
        If the word or ``by`` says nothing, or casebook or log can't be written.
    """

    def note(made: Conclusion) -> None:
        detail = {
            "conclusion": made.id, "by": made.made_by, "clue": made.clue, "word": made.conclusion,
            "run": folder.run_id,
        }  # fmt: skip
        audit.append(folder.out_dir, "conclude", detail, made.reason)

    return conclusions.conclude(
        book,
        (clue.id, clue.detector, clue.title),
        word_of(word),
        by=by,
        reason=reason,
        run=folder.run_id,
        note=note,
    )


def lines(book: Casebook) -> list[str]:
    """Every conclusion as a line, the ones that no longer hold marked."""
    held = conclusions.standing(book)
    out = []
    for made in conclusions.history(book):
        later = "" if held[made.clue].id == made.id else "（后有新的结论）"
        reason = f"；{made.reason}" if made.reason else ""
        out.append(
            f"{made.made_at[:10]} {made.clue} {made.conclusion}{later}，{made.made_by}{reason}："
            f"{made.title}"
        )
    return out
