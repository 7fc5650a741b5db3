"""Rooms with one-way doors: a room imports only from the rooms before it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("ingest", "graph", "detectors", "clues", "tanwei")


def imported_rooms(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and room of every import of a room in a source text, nested ones included."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        for name in names:
            if (room := name.split(".")[0]) in ROOMS:
                yield node.lineno, room


def forbidden(room: str, source: str) -> list[tuple[int, str]]:
    allowed = ROOMS[: ROOMS.index(room) + 1]
    return [(line, other) for line, other in imported_rooms(source) if other not in allowed]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_before_it(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    wrong = {
        f"{path.relative_to(ROOT)}:{line}": other
        for path in files
        for line, other in forbidden(room, path.read_text(encoding="utf-8"))
    }
    assert wrong == {}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_neither_tests_nor_examples(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[0] not in ("tests", "examples", "benchmarks"), path


def test_the_check_sees_what_it_is_to_forbid() -> None:
    source = "def f():\n    from detectors.runner import Outcome\nimport clues.model as m\n"
    assert forbidden("graph", source) == [(2, "detectors"), (3, "clues")] or forbidden(
        "graph", source
    ) == [(3, "clues"), (2, "detectors")]
    assert forbidden("tanwei", source) == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_imported_rooms_are_ours(room: str) -> None:
    # "graph" and "clues" are names that other distributions might take as well.
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve().parent == ROOT / room
