"""``make bench``: measure, print the ratios and write ``docs/benchmarks.md``."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from benchmarks import bids_speed, brazil, kin, ohio, reading, rings, tsuchiura
from benchmarks.identity import quality_rows
from benchmarks.measure import Measured, median_peak, median_seconds, python, run, side_by_side

ROUNDS = 3
DOCS = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def _inner(runs: list[Measured]) -> float:
    return statistics.median(float(m.stdout.strip().splitlines()[-1]) for m in runs)


def measure_reading(folder: Path) -> list[str]:
    """Rows of the reading table: what, floor, ours, ratio, goal, peak memory."""
    rows = []
    for kind, label, goal in (
        ("csv", f"CSV, {reading.CSV_ROWS:,} rows: DuckDB text + table", 3.0),
        ("xlsx", f"XLSX, {reading.XLSX_ROWS:,} rows: bare calamine", 2.0),
    ):
        names = {
            n: python("benchmarks.reading", f"{kind}_{n}", str(folder)) for n in ("floor", "tanwei")
        }
        runs = side_by_side(names, ROUNDS)
        floor, ours = _inner(runs["floor"]), _inner(runs["tanwei"])
        rows.append(
            f"| {label} | {floor:.2f} s | {ours:.2f} s | {ours / floor:.2f} | ≤ {goal:g} | "
            f"{median_peak(runs['floor']):.0f} / {median_peak(runs['tanwei']):.0f} MB |"
        )
    return rows


def measure_run(county: Path, out: Path) -> list[str]:
    """Rows of the whole-run table: the rivals and ``tanwei run``."""
    tanwei = str(Path(sys.executable).with_name("tanwei"))
    commands = {
        "pandas + networkx, files read whole": python("benchmarks.rival", str(county)),
        "pandas + networkx, only the columns needed": python(
            "benchmarks.rival", str(county), "--lean"
        ),
        "`tanwei run`": [tanwei, "run", str(county), "--out", str(out)],
    }
    runs = side_by_side(commands, ROUNDS)
    base = runs["pandas + networkx, files read whole"]
    return [
        f"| {name} | {median_seconds(m):.1f} s | {median_seconds(m) / median_seconds(base):.2f} | "
        f"{median_peak(m):.0f} MB | {median_peak(m) / median_peak(base):.2f} |"
        for name, m in runs.items()
    ]


def measure_kin(folder: Path) -> list[str]:
    """Rows of the kinship table: the rough join and the walk."""
    names = {
        "rough join": python("benchmarks.kin", "rough", str(folder)),
        "`graph.kin_walk`": python("benchmarks.kin", "tanwei", str(folder)),
    }
    runs = side_by_side(names, ROUNDS)
    return [
        f"| {name} | {int(m[0].stdout.split()[0]):,} | {_inner(m):.2f} s | {median_peak(m):.0f} MB |"
        for name, m in runs.items()
    ]


def measure_favours() -> list[str]:
    """Rows of the table of exchanges: joins against sets of neighbours in memory."""
    names = {n: python("benchmarks.favours", n) for n in ("plain", "tanwei")}
    runs = side_by_side(names, ROUNDS)
    return [
        f"| {name} | {m[0].stdout.splitlines()[0]} | {_inner(m):.2f} s | {median_peak(m):.0f} MB |"
        for name, m in runs.items()
    ]


def measure_identity(county: Path) -> list[str]:
    """Rows of the identity table's time: the big county with a tenth of the numbers missing."""
    run(python("benchmarks.identity_speed", "half_name", str(county)))
    runs = side_by_side({"": python("benchmarks.identity_speed", "measure", str(county))}, ROUNDS)
    lines = [dict(line.split() for line in m.stdout.strip().splitlines()) for m in runs[""]]
    median = {k: statistics.median(float(line[k]) for line in lines) for k in lines[0]}
    return [
        f"| {median['references']:,.0f} | {median['unnumbered']:,.0f} | {median['pairs']:,.0f} | "
        f"{median['judgements']:,.0f} | {median['read']:.1f} s | {median['resolve']:.1f} s | "
        f"{median_peak(runs['']):.0f} MB |"
    ]


def main() -> None:
    """Make the data, measure, print and write the page."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        # In processes of their own: a child's peak counts its parent's size at the fork.
        run(python("benchmarks.data", str(folder / "county")))
        run(python("benchmarks.reading", "make", str(folder)))
        read_rows = measure_reading(folder)
        run_rows = measure_run(folder / "county", folder / "out")
        run(python("benchmarks.kin", "make", str(folder)))
        kin_rows = measure_kin(folder)
        identity_rows = measure_identity(folder / "county")
        bid_lines = bids_speed.page(folder)
    favour_rows = measure_favours()
    quality = list(quality_rows())
    page = "\n".join(
        [
            "# Benchmarks",
            "",
            f"Made by `make bench` on {date.today()}: {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, DuckDB {duckdb.__version__}; medians of {ROUNDS} rounds, the "
            "rivals in turn within one run, since the machine is shared and noisy: read the ratios.",
            "",
            "## Reading to typed tables with sources and quarantine",
            "",
            "| what, and its floor | floor | tanwei | ratio | goal | peak memory |",
            "| --- | --- | --- | --- | --- | --- |",
            *read_rows,
            "",
            "## A whole run: 300,000 residents, 2,000,000 subsidy rows, 20,000 tenders (CSV)",
            "",
            "The rival (`benchmarks/rival.py`) answers the same seven questions without sources, "
            "quarantine, identity resolution, null model or explanations. Goal: ratios of at most 1 "
            "against the script that reads its files whole; the lean one is shown beside it.",
            "",
            "| what | time | ratio | peak memory | ratio |",
            "| --- | --- | --- | --- | --- |",
            *run_rows,
            "",
            "## Who is who: the example county at each level of mess",
            "",
            "Pairs of references (a column with the values that identify in a row of it, once however "
            "many rows repeat it) put together and belonging together, all of them and those of which "
            "one has no valid number; namesakes taken for one. The rivals join the same references.",
            "",
            "| mess | way | precision | recall | precision, one without number | recall | wrong namesakes |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *quality,
            "",
            "Time on the big county above, a twentieth of its subsidy rows without number and as many "
            "masked:",
            "",
            "| references | groups without number | pairs compared | judgements | reading | identity | peak memory |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *identity_rows,
            "",
            "Where the time of a run goes stands in its `run.json` under `seconds`.",
            "",
            f"## Near relatives of {kin.OFFICIALS:,} officials: {kin.RESIDENTS:,} residents, "
            f"{kin.FACTS:,} kinship facts",
            "",
            "From the facts in a table to every pair within the legal classes. The walk names each "
            "relation by the algebra and keeps its chain and dates; the rough join knows neither "
            "sexes nor dates and takes every spouse of a relative. Goal: 5 s and 2 GB on two cores.",
            "",
            "| what | pairs | time | peak memory |",
            "| --- | --- | --- | --- |",
            *kin_rows,
            "",
            "## Exchanges between two and three officials: 100,000 random favours, 20,000 officials",
            "",
            "| what | found | time | peak memory |",
            "| --- | --- | --- | --- |",
            *favour_rows,
            "",
            *rings.page(),
            *ohio.page(),
            *brazil.page(),
            *tsuchiura.page(),
            *bid_lines,
        ]
    )
    print(page)
    DOCS.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
