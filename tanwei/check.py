"""``tanwei check``: the intake alone, in a store that is thrown away."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from detectors.discover import discover
from detectors.runner import RequirementStatus, requirements_status
from ingest.currency import Foreign, foreign
from ingest.intake import read_folder
from ingest.progress import Progress, silent
from ingest.report import IntakeReport
from tanwei.config import find_config, read_config
from tanwei.interrupt import interruptible
from tanwei.run import check_data_dir, engine, owner_only


@dataclass(frozen=True)
class CheckReport:
    """What was read, and which detectors could run on it."""

    intake: IntakeReport
    requirements: tuple[RequirementStatus, ...]
    exit_status: int


@dataclass(frozen=True)
class _Filled:
    """The intake's account of which columns hold anything."""

    tables: frozenset[str]
    columns: frozenset[tuple[str, str]]
    foreign: dict[str, Foreign]

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the table is there and each of the columns has at least one value."""
        return table in self.tables and all((table, column) in self.columns for column in columns)

    def foreign_currency(self, name: str) -> str | None:
        """The currency of a table none of whose amounts is in yuan, else None."""
        found = self.foreign.get(name)
        return found.currency if found and found.all_sheets else None


def check(
    data_dir: Path, config_path: Path | None = None, progress: Progress = silent
) -> CheckReport:
    """Read a data folder without keeping anything.

    Parameters
    ----------
    data_dir : Path
    config_path : Path, optional
    progress : Progress, optional

    Returns
    -------
    CheckReport
        ``exit_status`` 0, or 3 as for a run.

    Raises
    ------
    UserError
        If the folder or the configuration is unusable.
    """
    check_data_dir(data_dir)
    config = read_config(find_config(data_dir, config_path), discover())
    with (
        owner_only(),
        interruptible() as watch,
        tempfile.TemporaryDirectory(prefix="tanwei-") as folder,
        engine(Path(folder) / "check.duckdb", config.run) as con,
    ):
        intake = read_folder(data_dir, con, config.intake, watch.watching(progress))
        filled = _filled(con)
        watch.check()
    requirements = requirements_status(filled, tuple(discover().values()))
    return CheckReport(intake, tuple(requirements), 3 if intake.needs_attention else 0)


def _filled(con: DuckDBPyConnection) -> _Filled:
    rows = con.execute("SELECT table_name, column_name, filled FROM typed.table_columns").fetchall()
    return _Filled(
        frozenset(table for table, _, _ in rows),
        frozenset((table, column) for table, column, filled in rows if filled),
        foreign(con, "typed"),
    )
