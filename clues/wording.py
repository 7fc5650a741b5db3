"""Words that may not stand in anything users read: a clue is a reason to look, never a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from clues.model import Clue
from detectors.detector import Spec

BANNED: tuple[str, ...] = ("违法", "违纪", "犯罪", "贪污", "套取", "侵吞", "充当保护伞")


def banned_words(text: str) -> tuple[str, ...]:
    """Return the banned words that occur in a text, in the order of the list.

    Examples
    --------
    >>> banned_words("疑似化整为零，建议核查")
    ()
    >>> banned_words("张三套取补贴")
    ('套取',)
    """
    return tuple(word for word in BANNED if word in text)


def verdicts(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (word, text) for every banned word in the texts.

    Examples
    --------
    >>> verdicts(["未见备案记录", "侵吞资产"])
    (('侵吞', '侵吞资产'),)
    """
    return tuple((word, text) for text in texts for word in banned_words(text))


def spec_texts(spec: Spec) -> Iterator[str]:
    """Yield every Chinese text of a detector's spec that a user may read."""
    yield spec.title
    yield spec.what
    yield spec.event_key
    yield spec.effect_name
    yield spec.small_projection
    yield from spec.next_steps
    for benign in spec.benign:
        yield benign.text
        yield benign.check or ""
    for parameter in spec.parameters():
        yield parameter["reason"]
        yield parameter["source"]


def clue_texts(clue: Clue) -> Iterator[str]:
    """Yield every text of a clue that the program wrote itself.

    Cells copied from source files (``values``) are not among them: a register may call a case
    whatever it likes, and evidence is shown as it stands.
    """
    yield clue.title
    yield from clue.statement
    yield from (reason.text for reason in clue.reasons)
    yield from (piece.text for piece in clue.evidence)
    for benign in clue.benign_explanations:
        yield from (_text(benign.get(key)) for key in ("text", "check", "result"))
    yield from clue.next_steps
    yield from clue.data_gaps
    if clue.path is not None:
        yield from (edge.term for edge in clue.path.edges)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
