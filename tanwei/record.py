"""``run.json``: what went in, what ran with which settings, what came out, what was left out."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from clues.build import level_counts
from clues.model import Clue
from clues.write import outcomes_record
from detectors.runner import Outcome
from ingest.report import IntakeReport
from tanwei.config import Config

ENGINES = ("tanwei", "duckdb", "ibis-framework", "sqlglot", "pandas", "networkx")


@dataclass(frozen=True)
class RunFacts:
    """What the record says of the run itself.

    ``as_of`` is the date that time rules went by; ``decisions`` what came of those of analysts;
    ``models`` what is known of those it was given.
    """

    run_id: str
    data_dir: Path
    config: Config
    only: tuple[str, ...]
    as_of: date | None
    seconds: Mapping[str, float]
    exit_status: int
    decisions: Mapping[str, Any]
    models: Mapping[str, Any]


def write_record(
    path: Path,
    facts: RunFacts,
    intake: IntakeReport,
    outcomes: Sequence[Outcome],
    clues: Sequence[Clue],
    identity: Mapping[str, int],
) -> None:
    """Write ``run.json``; times and versions stand here and nowhere in ``clues.jsonl``."""
    config = facts.config
    record = {
        "run": facts.run_id,
        "written": datetime.now().astimezone().isoformat(timespec="seconds"),
        "exit_status": facts.exit_status,
        "as_of": facts.as_of,
        "data_dir": str(facts.data_dir.resolve()),
        "inputs": inputs(intake),
        "config": {
            "file": config.path.name if config.path else None,
            "path": str(config.path.resolve()) if config.path else None,
            "sha256": sha256(config.path) if config.path else None,
            "only": list(facts.only),
            "intake": dataclasses.asdict(config.intake),
            "graph": dataclasses.asdict(config.graph),
            "run": dataclasses.asdict(config.run),
        },
        "decisions": dict(facts.decisions),
        "models": dict(facts.models),
        "intake": intake.summary_lines(),
        "identity": dict(identity),
        "detectors": outcomes_record(outcomes),
        "clues": {"total": len(clues), **level_counts(clues)},
        "engine": {"python": platform.python_version(), **_versions()},
        "seconds": dict(facts.seconds),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def inputs(intake: IntakeReport) -> list[dict[str, Any]]:
    """Return every file that was read, or could not be, with size and SHA-256."""
    return [{"file": file.file, "bytes": file.size, "sha256": file.sha256} for file in intake.files]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for name in ENGINES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
