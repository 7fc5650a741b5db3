"""One run: a folder of department files in, a whole run folder out, or nothing changed."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from clues.build import build_clues
from clues.casebook import open_casebook
from clues.model import Clue
from clues.workbook import write_xlsx
from clues.write import read_records, write_jsonl
from detectors.detector import Detector
from detectors.discover import discover, select
from detectors.runner import Outcome, run_detectors
from graph.quality import identity_counts, number_bearers
from graph.snapshot import Snapshot, build
from ingest.errors import UserError
from ingest.intake import read_folder
from ingest.masking import mask_text
from ingest.progress import Progress, silent
from ingest.report import IntakeReport
from tanwei import audit, folders, models
from tanwei.config import Config, RunSettings, find_config, read_config
from tanwei.identity import outcome
from tanwei.interrupt import Interrupts, interruptible
from tanwei.keys import entity_key
from tanwei.record import RunFacts, write_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OVERFLOW = "overflow"


@dataclass(frozen=True)
class RunRequest:
    """What to run, on what, and where to."""

    data_dir: Path
    out_dir: Path
    config_path: Path | None = None
    only: tuple[str, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True)
class RunReport:
    """What a run made; ``exit_status`` as in ``docs/clues.md``."""

    folder: folders.RunFolder
    intake: IntakeReport
    outcomes: tuple[Outcome, ...]
    clues: tuple[Clue, ...]
    exit_status: int


@dataclass
class Timings:
    """Seconds a stage of the run took, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begin, 3)


def run(request: RunRequest, progress: Progress = silent) -> RunReport:
    """Read a data folder, build the snapshot, run the detectors and publish the run.

    Parameters
    ----------
    request : RunRequest
    progress : Progress, optional
        Told of stages and steps.

    Returns
    -------
    RunReport
        ``exit_status`` 0, 1 (a detector crashed) or 3 (see the intake report).

    Raises
    ------
    UserError
        Exit status 2 (unusable arguments or configuration) or 4 (another run is on).
    KeyboardInterrupt
        If asked to stop; the previous run stays current and whole.
    """
    check_data_dir(request.data_dir)
    detectors = select(request.only)
    config = read_config(find_config(request.data_dir, request.config_path), discover())
    with owner_only(), seldom_collected(), interruptible() as watch:
        folders.prepare(request.out_dir, request.data_dir)
        with folders.locked(request.out_dir):
            folders.clean_up(request.out_dir)
            return _run(request, config, detectors, watch, watch.watching(progress))


def _run(
    request: RunRequest,
    config: Config,
    detectors: Sequence[Detector],
    watch: Interrupts,
    progress: Progress,
) -> RunReport:
    out_dir = request.out_dir
    previous = folders.current(out_dir)
    key = entity_key(out_dir, config.privacy.key_file)
    decisions = open_casebook(out_dir, config.casebook.url).decisions()
    model = models.read_model(out_dir)
    timings = Timings()
    with folders.building(out_dir) as (run_id, folder):
        with engine(folder / "snapshot.duckdb", config.run) as con:
            with timings.stage("intake"):
                intake = read_folder(request.data_dir, con, config.intake, progress)
            with timings.stage("graph"):
                build(con, key, config.graph, request.as_of, progress, decisions)
                models.give(con, model)
        with Snapshot(reader(folder / "snapshot.duckdb", config.run)) as snapshot:
            intake.number_bearers = number_bearers(snapshot)
            identity = identity_counts(snapshot)
            with timings.stage("detectors"):
                ran = run_detectors(snapshot, detectors, config.detectors, progress)
                # What an engine says when a detector crashes may quote cells.
                outcomes = tuple(replace(o, reason=o.reason and mask_text(o.reason)) for o in ran)
            watch.check()
            with timings.stage("clues"):
                earlier = read_records(previous.clues) if previous else []
                clues = tuple(build_clues(snapshot, outcomes, earlier))
            as_of = snapshot.as_of
            followed = outcome(snapshot, decisions, config.casebook.url)
        shutil.rmtree(folder / OVERFLOW, ignore_errors=True)
        with timings.stage("write"):
            progress("写出结果", 0, None)
            write_jsonl(clues, folder / "clues.jsonl")
            write_xlsx(clues, outcomes, folder / "clues.xlsx", intake.number_bearers)
            intake.write_json(folder / "intake.json")
            intake.write_xlsx(folder / "intake.xlsx")
        crashed = any(outcome.status == "crashed" for outcome in outcomes)
        status = 1 if crashed else 3 if intake.needs_attention else 0
        facts = RunFacts(
            run_id, request.data_dir, config, request.only, as_of, timings.seconds, status,
            followed, models.record(model),
        )  # fmt: skip
        write_record(folder / folders.RECORD, facts, intake, outcomes, clues, identity)
        watch.check()
        audit.append(
            out_dir, "run", {"run": run_id, "files": len(intake.files), "clues": len(clues)}
        )
    return RunReport(
        folders.RunFolder(out_dir, out_dir / folders.RUNS / run_id),
        intake,
        outcomes,
        clues,
        status,
    )


def check_data_dir(data_dir: Path) -> None:
    """Make sure that the data folder is there and holds a file.

    Raises
    ------
    UserError
        If it doesn't.
    """
    if not data_dir.exists():
        raise UserError(f"数据目录不存在：{data_dir}。请检查路径。")
    if not data_dir.is_dir():
        raise UserError(f"{data_dir} 是文件，不是目录。请写存放各部门数据文件的目录。")
    try:
        found = any(path.is_file() for path in data_dir.rglob("*"))
    except OSError as error:
        raise UserError(f"数据目录读不了：{data_dir}。请检查读取权限。") from error
    if not found:
        raise UserError(f"数据目录里没有文件：{data_dir}。请先放入各部门提供的数据文件。")


@contextmanager
def engine(path: Path, settings: RunSettings) -> Iterator[DuckDBPyConnection]:
    """Open a new store at ``path`` with ``raw`` in it and ``typed`` attached as scaffolding.

    The scaffolding is held in memory as far as the engine's limit allows; the overflow lies beside
    the store and is deleted at the end.
    """
    with contextlib.closing(duckdb.connect(str(path), config=_options(path, settings))) as con:
        con.execute("CREATE SCHEMA IF NOT EXISTS raw")
        con.execute("ATTACH ':memory:' AS typed")
        yield con
        con.execute("DETACH typed")
        con.execute("CHECKPOINT")


def reader(path: Path, settings: RunSettings) -> DuckDBPyConnection:
    """Open a finished store for reading, within the same limits as it was built."""
    return duckdb.connect(str(path), read_only=True, config=_options(path, settings))


def _options(path: Path, settings: RunSettings) -> dict[str, str | bool | int | float | list[str]]:
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(path.parent / OVERFLOW),
        # A store in the making that is broken off is thrown away, so it is put in order once, at the end.
        "wal_autocheckpoint": "1GB",
        # Nothing is to be fetched while department files are open.
        "autoinstall_known_extensions": False,
    }
    if settings.threads is not None:
        options["threads"] = settings.threads
    return options


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the garbage collector look at new objects seldom and at the loaded modules not at all.

    Tens of thousands of rows as dicts make it walk the whole heap again and again, which took a
    seventh of the time of the detectors; a run makes next to no cycles.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def owner_only() -> Iterator[None]:
    """Make files created in the block readable by their owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
