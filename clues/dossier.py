"""All clues about one person or group told as one: evidence numbered through, facts stated once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from clues.evidence import BEHIND, ranges
from clues.model import Clue, ClueEvidence, CluePath

_MARKS = re.compile(r"(?:\[\d+\])+$")
_RANGE = re.compile(r"\[(\d+)\](?:至\[(\d+)\])?")


@dataclass(frozen=True)
class Dossier:
    """Clues whose evidence numbers all refer to the one list ``evidence``."""

    clues: tuple[Clue, ...]
    evidence: tuple[ClueEvidence, ...]

    def sentences(self) -> tuple[tuple[Clue, tuple[str, ...]], ...]:
        """Sentences by clue; what an earlier clue has stated word for word is not said again."""
        said: set[str] = set()
        out = []
        for clue in self.clues:
            mine = tuple(s for s in clue.statement if _MARKS.sub("", s) not in said)
            said.update(_MARKS.sub("", s) for s in clue.statement)
            out.append((clue, mine))
        return tuple(out)


def combine(clues: Sequence[Clue]) -> Dossier:
    """Number the evidence of several clues through; the same row keeps one number.

    Parameters
    ----------
    clues : sequence of Clue
        In the order in which they are to be told. Combining twice changes nothing.
    """
    numbers: dict[Any, int] = {}
    pieces: list[ClueEvidence] = []
    told = []
    for clue in clues:
        mapping: dict[int, int] = {}
        for piece in clue.evidence:
            key = _key(piece)
            if key not in numbers:
                pieces.append(piece)
                numbers[key] = len(pieces)
            mapping[piece.no] = numbers[key]
            kept = pieces[numbers[key] - 1]
            if piece.kind == "row":
                # One clue may show more columns of a row than another.
                pieces[numbers[key] - 1] = replace(kept, values={**kept.values, **piece.values})
        told.append(_renumbered(clue, mapping, pieces))
    final = tuple(replace(piece, no=no) for no, piece in enumerate(pieces, 1))
    return Dossier(tuple(_with_evidence(clue, final) for clue in told), final)


def _key(piece: ClueEvidence) -> Any:
    source = piece.source
    if source is None:
        values = sorted((k, str(v)) for k, v in piece.values.items() if k != BEHIND)
        return piece.kind, piece.text, tuple(values)
    return piece.table, source.file, source.sheet, source.row


def _renumbered(clue: Clue, new: dict[int, int], pieces: list[ClueEvidence]) -> Clue:
    def numbers(old: Sequence[int]) -> tuple[int, ...]:
        return tuple(sorted(new[n] for n in old))

    for piece in clue.evidence:
        behind = piece.values.get(BEHIND)
        if piece.kind == "statistic" and isinstance(behind, str):
            kept = pieces[new[piece.no] - 1]
            text = ranges(numbers(_expanded(behind)))
            pieces[new[piece.no] - 1] = replace(kept, values={**kept.values, BEHIND: text})
    path = clue.path
    if path is not None:
        edges = tuple(replace(e, evidence=numbers(e.evidence)) for e in path.edges)
        path = CluePath(path.nodes, edges)
    return replace(
        clue,
        statement=tuple(_remarked(sentence, new) for sentence in clue.statement),
        reasons=tuple(replace(r, evidence=numbers(r.evidence)) for r in clue.reasons),
        evidence=tuple(replace(piece, no=new[piece.no]) for piece in clue.evidence),
        path=path,
    )


def _with_evidence(clue: Clue, final: tuple[ClueEvidence, ...]) -> Clue:
    return replace(clue, evidence=tuple(final[piece.no - 1] for piece in clue.evidence))


def _expanded(text: str) -> list[int]:
    out: list[int] = []
    for first, last in _RANGE.findall(text):
        out += range(int(first), int(last or first) + 1)
    return out


def _remarked(sentence: str, new: dict[int, int]) -> str:
    found = _MARKS.search(sentence)
    if found is None:
        return sentence
    old = (int(n) for n in re.findall(r"\d+", found[0]))
    return sentence[: found.start()] + "".join(f"[{n}]" for n in sorted(new[n] for n in old))
