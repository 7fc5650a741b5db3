"""Honest counties, full of innocent look-alikes, give no clue above yellow."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from examples.county import County, make_county
from examples.mess import MessLevel
from examples.save import save
from tanwei.run import RunReport, RunRequest, run

SEEDS = range(101, 121)
# Orange or red clues among what was looked at, over all seeds.
MOST_PER_SUBJECT = 1 / 1000


# What the detectors read; the rest would only cost time.
TABLES = frozenset(
    [
        "people",
        "households",
        "kinship",
        "officials",
        "companies",
        "shareholders",
        "company_officers",
        "payroll",
        "village_projects",
        "tenders",
        "bids",
        "contracts",
        "payments",
        "subsidies",
        "subsidy_applications",
        "subsidy_programmes",
        "kin_filings",
        "deaths",
        "payroll",
        "expert_scores",
        "bank_flows",
    ]
)


@dataclass(frozen=True)
class Tally:
    """Orange and red clues of one county, and how much was looked at."""

    high: tuple[str, ...]
    subjects: int


def _run_county(folder: Path, county: County, mess: MessLevel) -> RunReport:
    save(county, folder / "data", mess)
    return run(RunRequest(folder / "data", folder / "out"))


def _high(report: RunReport) -> tuple[str, ...]:
    return tuple(f"{c.detector} {c.level} {c.title}" for c in report.clues if c.level != "yellow")


def tally(folder: Path, seed: int) -> Tally:
    """Run over one small clean county (in a process of its own)."""
    county = make_county(seed, planted=False, villages_per_township=1)
    county = replace(county, tables={k: v for k, v in county.tables.items() if k in TABLES})
    report = _run_county(folder, county, "none")
    assert all(outcome.status == "ran" for outcome in report.outcomes)
    return Tally(
        tuple(f"种子{seed}: {line}" for line in _high(report)),
        sum(outcome.result.subjects for outcome in report.outcomes if outcome.result),
    )


def test_whole_clean_county_gives_nothing_above_yellow(tmp_path: Path) -> None:
    report = _run_county(tmp_path, make_county(8, planted=False), "typical")
    assert report.exit_status == 0
    assert all(outcome.status == "ran" for outcome in report.outcomes)
    assert _high(report) == ()
    # Hints that innocent cases may rightly give: land subsidies of families whose head has died,
    # relatives who won open tenders, relief that two cadres passed on for each other's kin,
    # firms of near relatives that met in an open market, and losers who were paid for materials.
    hints = {
        "paid_after_death", "own_unit_supplier", "jurisdiction_supplier", "favour_exchange",
        "common_control", "losing_subcontractor",
    }  # fmt: skip
    assert {c.detector for c in report.clues} <= hints
    assert len(report.clues) <= 8


def test_twenty_clean_counties_give_next_to_nothing(tmp_path: Path) -> None:
    folders = [tmp_path / str(seed) for seed in SEEDS]
    # Fresh processes: the engine's threads don't survive a fork.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        tallies = list(pool.map(tally, folders, SEEDS))
    high = [line for one in tallies for line in one.high]
    subjects = sum(one.subjects for one in tallies)
    assert subjects > 10_000
    assert len(high) <= subjects * MOST_PER_SUBJECT, "\n".join(high)
