"""Every detector's cases through the whole pipeline, and what the cases must cover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from detector_cases import KINDS, Case, all_cases, yuan
from helpers import snapshot_from_tables

from clues.build import build_clues
from clues.model import Clue
from detectors.discover import discover
from detectors.runner import run_detectors
from ingest.progress import silent

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.detector}:{c.name}")
def test_case(case: Case) -> None:
    with snapshot_from_tables(case.tables) as snapshot:
        detector = discover()[case.detector]
        [outcome] = run_detectors(snapshot, [detector], {case.detector: case.settings}, silent)
        assert outcome.status == "ran", outcome.reason
        clues = build_clues(snapshot, [outcome])
    assert len(clues) == len(case.expect), [clue.title for clue in clues]
    for wanted in case.expect:
        match = [clue for clue in clues if _fits(clue, wanted)]
        seen = [(c.title, c.level, c.amount, [s.name for s in c.subjects]) for c in clues]
        assert match, f"{wanted} not among {seen}"
    assert outcome.result is not None
    for name, count in case.outcomes.items():
        assert getattr(outcome.result, name) == count, name
    if case.cleared is not None:
        assert dict(outcome.result.cleared) == case.cleared


def _fits(clue: Clue, wanted: Mapping[str, Any]) -> bool:
    return (
        set(wanted["subjects"]) <= {subject.name for subject in clue.subjects}
        and ("amount" not in wanted or clue.amount == yuan(wanted["amount"]))
        and wanted.get("level", clue.level) == clue.level
        and wanted.get("contains", "") in clue.title + "".join(clue.statement)
    )


@pytest.mark.parametrize("name", sorted(discover()))
def test_clues_do_not_change_when_rows_are_shuffled(name: str) -> None:
    """But for row numbers: the last row of each table becomes the first."""
    case = next(c for c in CASES if c.detector == name and c.kind == "hit")
    assert _told(case, case.tables) == _told(
        case, {k: _reversed(t) for k, t in case.tables.items()}
    )


def _reversed(text: str) -> str:
    header, *rows = text.strip().splitlines()
    return "\n".join([header, *reversed(rows)])


def _told(case: Case, tables: Mapping[str, str]) -> list[Clue]:
    with snapshot_from_tables(tables) as snapshot:
        chosen = [discover()[case.detector]]
        clues = build_clues(
            snapshot, run_detectors(snapshot, chosen, {case.detector: case.settings})
        )
    return [
        replace(clue, evidence=tuple(replace(e, source=None) for e in clue.evidence))
        for clue in clues
    ]


@pytest.mark.parametrize("name", sorted(discover()))
def test_cases_cover_the_detector(name: str) -> None:
    """Two hits, two near misses, and an exclusion for each innocent explanation that is checked."""
    mine = [case for case in CASES if case.detector == name]
    kinds = Counter(case.kind for case in mine)
    assert kinds["hit"] >= 2
    assert kinds["near_miss"] >= 2
    assert all(case.kind in KINDS for case in mine)
    assert all(case.expect for case in mine if case.kind == "hit")
    assert not any(case.expect for case in mine if case.kind == "near_miss")
    checked = {b.key for b in discover()[name].spec.benign if b.check is not None}
    excluded = {case.benign for case in mine if case.kind == "exclusion"}
    assert checked <= excluded, f"no exclusion case for {sorted(checked - excluded)}"
    assert excluded <= {b.key for b in discover()[name].spec.benign}


def test_case_names_are_unique() -> None:
    counts = Counter((case.detector, case.name) for case in CASES)
    assert max(counts.values()) == 1


def test_amounts_are_exact() -> None:
    assert yuan("1200.10") == Decimal("1200.10")
