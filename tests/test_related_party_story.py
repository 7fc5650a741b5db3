"""One story through the whole pipeline: which detectors tell what of it, and nothing twice.

The tables and what is expected stand in ``stories/related_party.toml``; a further detector of the
family is added there by listing it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from detector_cases import fill, yuan
from helpers import write_tables

from clues.model import Clue
from tanwei.run import RunReport, RunRequest, run

STORY = Path(__file__).parent / "stories" / "related_party.toml"
# Tables in which a row is one thing that happened; registers and posts rightly serve many clues.
EVENTS = ("tenders", "contracts", "payments", "bank_flows", "expert_scores")


@dataclass(frozen=True)
class Told:
    """The story as written and the run over it."""

    expect: tuple[dict[str, Any], ...]
    report: RunReport

    @property
    def clues(self) -> list[Clue]:
        """Clues of the detectors that are listed."""
        listed = {wanted["detector"] for wanted in self.expect}
        return [clue for clue in self.report.clues if clue.detector in listed]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    content = tomllib.loads(STORY.read_text(encoding="utf-8"))
    base = tmp_path_factory.mktemp("story")
    write_tables(base / "data", {name: fill(text) for name, text in content["tables"].items()})
    report = run(RunRequest(base / "data", base / "out", only=("related_party",)))
    return Told(tuple(content["expect"]), report)


def test_every_listed_detector_ran(told: Told) -> None:
    listed = {wanted["detector"] for wanted in told.expect}
    status = {o.detector.spec.id: o.status for o in told.report.outcomes}
    assert {status[name] for name in listed} == {"ran"}


def test_each_detector_tells_its_part_and_no_more(told: Told) -> None:
    def key(detector: str, level: str, subjects: Any, amount: Any) -> tuple[Any, ...]:
        return detector, level, frozenset(subjects), yuan(amount)

    found = sorted(
        (key(c.detector, c.level, (s.name for s in c.subjects), c.amount) for c in told.clues),
        key=str,
    )
    wanted = sorted(
        (key(w["detector"], w["level"], w["subjects"], w.get("amount")) for w in told.expect),
        key=str,
    )
    assert found == wanted


def test_no_two_clues_of_one_detector_tell_the_same_event(told: Told) -> None:
    for one, other in combinations(told.clues, 2):
        if one.detector == other.detector:
            assert not _events(one) & _events(other), (one.title, other.title)


def test_no_clue_has_the_subjects_of_another(told: Told) -> None:
    subjects = [frozenset(s.entity for s in clue.subjects) for clue in told.clues]
    assert len(set(subjects)) == len(subjects)


def test_every_event_of_a_clue_is_dated_within_its_period(told: Told) -> None:
    for clue in told.clues:
        assert clue.period is not None
        assert clue.period[0] <= clue.period[1]
    # The contract of 2023 was signed after 陈立群 had left.
    assert not any("护栏更换合同" in str(e.values) for c in told.clues for e in c.evidence)


def _events(clue: Clue) -> set[tuple[str, int]]:
    return {
        (str(piece.source.file), piece.source.row)
        for piece in clue.evidence
        if piece.source is not None and piece.table in EVENTS
    }
