"""The output folder: runs beside each other, a pointer to the last good one, and a lock.

A run is written into ``runs/.building-<run-id>``, renamed to ``runs/<run-id>`` when whole, and only
then named by ``CURRENT``, which is replaced by one rename. Whatever is killed when, ``CURRENT``
names a whole run. It is a file and no symlink because office Windows machines forbid those.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ingest.errors import UserError, why

CURRENT = "CURRENT"
RUNS = "runs"
BUILDING = ".building-"
RECORD = "run.json"
HANDOVER = "handover"


@dataclass(frozen=True)
class RunFolder:
    """A whole run and the output folder it belongs to."""

    out_dir: Path
    path: Path

    @property
    def run_id(self) -> str:
        """Name of the run's folder."""
        return self.path.name

    @property
    def snapshot(self) -> Path:
        """The store of tables and graph."""
        return self.path / "snapshot.duckdb"

    @property
    def clues(self) -> Path:
        """The clues, one JSON object a line."""
        return self.path / "clues.jsonl"

    def record(self) -> dict[str, Any]:
        """Return ``run.json``."""
        loaded = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
        assert isinstance(loaded, dict)
        return loaded


@dataclass(frozen=True)
class ListedRun:
    """One line of ``tanwei runs``; ``record`` is None where ``run.json`` can't be read."""

    run_id: str
    path: Path
    current: bool
    record: dict[str, Any] | None


def prepare(out_dir: Path, data_dir: Path) -> None:
    """Make the output folder, for its owner only, and make sure that it can be written.

    Raises
    ------
    UserError
        If it can't be made or written, lies inside the data folder (or is it), or is a run.
    """
    if out_dir.resolve().is_relative_to(data_dir.resolve()):
        # The next run would read this one's workbooks as department files.
        raise UserError(f"输出目录不能放在数据目录里面：{out_dir}。请用 --out 另选一个目录。")
    if (out_dir / RECORD).is_file():
        raise UserError(
            f"{out_dir} 是某一次运行的目录，不能再写入。请用 --out 写它所在的输出目录。"
        )
    try:
        # Folders above get the mode of the umask; these two are named, so that theirs is sure.
        for folder in (out_dir, out_dir / RUNS):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = out_dir / RUNS / f".probe-{secrets.token_hex(4)}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"输出目录不能写入：{out_dir}（{why(error)}）。请检查路径、权限和磁盘空间。"
        ) from error


@contextmanager
def locked(out_dir: Path) -> Iterator[None]:
    """Hold the output folder for one run; the lock of a process that died doesn't hold.

    Raises
    ------
    UserError
        With exit status 4 if another run is on.
    """
    busy = f"另一次运行正在使用这个输出目录：{out_dir}。请等它结束，或另选输出目录。"
    with _held(out_dir / ".lock", busy):
        yield


@contextmanager
def handing_over(out_dir: Path) -> Iterator[Path]:
    """Hold and yield the folder of handovers, free of what killed ones left behind.

    Raises
    ------
    UserError
        With exit status 4 if another handover is being made, 2 if the folder can't be written.
    """
    from clues.handover.folder import UNFINISHED  # loads all that draws and sets

    folder = out_dir / HANDOVER
    busy = f"另一次移交正在使用这个输出目录：{out_dir}。请等它结束后重试。"
    try:
        with _held(out_dir / ".handover.lock", busy):
            for left in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield folder
    except OSError as error:
        raise UserError(
            f"输出目录不能写入：{out_dir}（{why(error)}）。请检查路径、权限和磁盘空间。"
        ) from error


@contextmanager
def _held(path: Path, busy: str) -> Iterator[None]:
    lock = FileLock(path, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(busy, 4) from error
    try:
        yield
    finally:
        lock.release()


def clean_up(out_dir: Path) -> list[str]:
    """Remove what killed runs left behind and return the names; call with the lock held."""
    left = sorted((out_dir / RUNS).glob(f"{BUILDING}*"))
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    for pointer in out_dir.glob(f".{CURRENT}-*"):
        pointer.unlink(missing_ok=True)
    return [folder.name for folder in left]


@contextmanager
def building(out_dir: Path) -> Iterator[tuple[str, Path]]:
    """Yield a new run's id and the folder to write it in; publish it if the block ends well."""
    run_id = _new_id(out_dir)
    folder = out_dir / RUNS / f"{BUILDING}{run_id}"
    folder.mkdir(mode=0o700)
    try:
        yield run_id, folder
        os.replace(folder, out_dir / RUNS / run_id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _point(out_dir, run_id)


def resolve(path: Path) -> RunFolder:
    """Return the run that an OUT_DIR (its current one) or a run folder stands for.

    Raises
    ------
    UserError
        If there is no whole run there.
    """
    if not path.is_dir():
        raise UserError(f"输出目录不存在：{path}。")
    if (path / RECORD).is_file():
        run = path.resolve()
        out_dir = run.parent.parent if run.parent.name == RUNS else run.parent
        return RunFolder(out_dir, run)
    pointer = path / CURRENT
    if not pointer.is_file():
        raise UserError(f"这里还没有运行结果：{path}。请先运行：tanwei run 数据目录 --out {path}")
    run = path / RUNS / pointer.read_text(encoding="utf-8").strip()
    if not (run / RECORD).is_file():
        raise UserError(
            f"{pointer} 指向的运行结果不完整：{run.name}。"
            f"请用 tanwei runs {path} 查看其他运行，或重新运行。"
        )
    return RunFolder(path, run)


def current(out_dir: Path) -> RunFolder | None:
    """Return the current run of an output folder, or None where there is none yet."""
    try:
        return resolve(out_dir)
    except UserError:
        return None


def list_runs(out_dir: Path) -> list[ListedRun]:
    """Return the runs of an output folder, the newest first."""
    if not (out_dir / RUNS).is_dir():
        # A run folder stands for the output folder it lies in; anything else is refused there.
        out_dir = resolve(out_dir).out_dir
    if not (out_dir / RUNS).is_dir():
        raise UserError(f"{out_dir} 不是输出目录：里面没有 {RUNS} 目录。")
    folders = [p for p in (out_dir / RUNS).iterdir() if p.is_dir() and p.name[0] != "."]
    pointed = current(out_dir)
    listed = []
    for folder in sorted(folders, key=lambda p: p.name, reverse=True):
        try:
            record = RunFolder(out_dir, folder).record()
        except (OSError, ValueError):
            record = None
        is_current = pointed is not None and pointed.run_id == folder.name
        listed.append(ListedRun(folder.name, folder, is_current, record))
    return listed


def _new_id(out_dir: Path) -> str:
    """Return an id that sorts by time; of two in one second the later gets a suffix."""
    stem = datetime.now().strftime("%Y%m%d-%H%M%S")
    for n in range(1, 1000):
        run_id = stem if n == 1 else f"{stem}-{n:03d}"
        if not (out_dir / RUNS / run_id).exists():
            return run_id
    raise RuntimeError("a thousand runs within one second")


def _point(out_dir: Path, run_id: str) -> None:
    waiting = out_dir / f".{CURRENT}-{secrets.token_hex(4)}"
    with open(waiting, "w", encoding="utf-8") as stream:
        stream.write(run_id + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(waiting, out_dir / CURRENT)
    # So that the rename itself outlives a power cut; Windows can't open folders and needs it not.
    with contextlib.suppress(OSError):
        handle = os.open(out_dir, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
