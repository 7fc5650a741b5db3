"""Blocking: which groups of references to firms are worth comparing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from pypinyin import lazy_pinyin

from graph.resolve.firm_clusters import Group
from graph.resolve.firm_names import SHORTEST
from ingest.company_names import CompanyName
from ingest.company_numbers import is_organisation_code, is_registration_number

CODE = 18
"""Characters of a unified code."""
_STEM = 4
"""Characters from which a stem with one left open says something."""


class Index:
    """Groups by core, by stem with one character open, and by number."""

    def __init__(self) -> None:
        self.cores: dict[str, list[str]] = defaultdict(list)
        self.stems: dict[str, list[str]] = defaultdict(list)
        self.numbers: dict[str, list[str]] = defaultdict(list)

    def add(self, group: Group) -> None:
        """Let later groups find this one."""
        for core in {n.core for n in group.names}:
            self.cores[core].append(group.key)
        for pattern in {p for n in group.names for p in _patterns(n)}:
            self.stems[pattern].append(group.key)
        for number in (*old_numbers(group), *_halves(group)):
            self.numbers[number].append(group.key)

    def near(self, group: Group) -> Iterator[str]:
        """Keys of groups worth comparing, some of them more than once."""
        for name in group.names:
            yield from self.cores.get(name.core, ())
            for pattern in _patterns(name):
                yield from self.stems.get(pattern, ())
        for number in (*old_numbers(group), *_halves(group)):
            yield from self.numbers.get(number, ())


def _patterns(name: CompanyName) -> list[str]:
    """A stem with each character left open in turn: stems with one in common differ in one.

    In a core of two characters the one left open must sound alike: dozens of firms share the other.
    """
    stem, short = name.stem, len(name.core) == SHORTEST
    if len(stem) < _STEM:
        return []
    return [
        f"{stem[:i]}{_reading(char) if short and i < SHORTEST else '?'}{stem[i + 1 :]}"
        for i, char in enumerate(stem)
    ]


@cache
def _reading(char: str) -> str:
    return str(lazy_pinyin(char)[0])


def old_numbers(group: Group) -> set[str]:
    """Sound organisation codes and registration numbers of a group, that within its code too."""
    old = {n for n in group.weak if is_organisation_code(n) or is_registration_number(n)}
    return old | ({group.code[8:17]} if group.code else set())


def _halves(group: Group) -> list[str]:
    """Halves of codes: a slip or two leaves one of them whole."""
    codes = [group.code] if group.code else [n for n in group.weak if len(n) == CODE]
    return [half for code in codes for half in (f"<{code[:9]}", f">{code[9:]}")]
