"""Honest counties, full of innocent look-alikes, give no clue above yellow."""

from __future__ import annotations

from pathlib import Path

from examples.county import make_county
from examples.save import save
from tanwei.run import RunReport, RunRequest, run

SEEDS = range(101, 121)
# Orange or red clues among what was looked at, over all seeds.
MOST_PER_SUBJECT = 1 / 1000


def _run(folder: Path, seed: int, villages_per_township: int, plain: bool) -> RunReport:
    county = make_county(seed, planted=False, villages_per_township=villages_per_township)
    save(county, folder / "data", "none" if plain else "typical")
    return run(RunRequest(folder / "data", folder / "out"))


def _high(report: RunReport) -> list[str]:
    return [f"{c.detector} {c.level} {c.title}" for c in report.clues if c.level != "yellow"]


def _subjects(report: RunReport) -> int:
    return sum(outcome.result.subjects for outcome in report.outcomes if outcome.result)


def test_whole_clean_county_gives_nothing_above_yellow(tmp_path: Path) -> None:
    report = _run(tmp_path, 8, villages_per_township=5, plain=False)
    assert report.exit_status == 0
    assert all(outcome.status == "ran" for outcome in report.outcomes)
    assert _high(report) == []
    # Hints that innocent cases may rightly give: land subsidies of families whose head has died,
    # and relatives who won open tenders.
    assert {c.detector for c in report.clues} <= {"paid_after_death", "own_unit_supplier"}
    assert len(report.clues) <= 6


def test_twenty_clean_counties_give_next_to_nothing(tmp_path: Path) -> None:
    high: list[str] = []
    subjects = 0
    for seed in SEEDS:
        report = _run(tmp_path / str(seed), seed, villages_per_township=1, plain=True)
        assert report.exit_status == 0
        high += [f"种子{seed}: {line}" for line in _high(report)]
        subjects += _subjects(report)
    assert subjects > 10_000
    assert len(high) <= subjects * MOST_PER_SUBJECT, "\n".join(high)
