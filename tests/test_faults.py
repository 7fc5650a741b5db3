"""Whatever ends a run when: the previous run stays current and whole, and the next one cleans up."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from small_data import small_county

from tanwei import audit, cli, folders
from tanwei.interrupt import Interrupts, interruptible

ROOT = Path(__file__).resolve().parent.parent
KILLS = 2


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TANWEI_KEY_FILE", raising=False)


def start(data: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tanwei.cli", "run", str(data), "--out", str(out)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@dataclass(frozen=True)
class Published:
    """Data, an output folder with one good run, and the seconds which that took."""

    data: Path
    out: Path
    seconds: float


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Published:
    base = tmp_path_factory.mktemp("faults")
    data, out = small_county(base / "data"), base / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(base / "config"))
        patch.delenv("TANWEI_KEY_FILE", raising=False)
        began = time.monotonic()
        assert cli.invoke(["run", str(data), "--out", str(out)]) == 0
    return Published(data, out, time.monotonic() - began)


@pytest.fixture
def published(first_run: Published, tmp_path: Path) -> Published:
    """A copy that a test may do to what it likes."""
    out = shutil.copytree(first_run.out, tmp_path / "out")
    return replace(first_run, out=Path(out))


def fingerprint(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def wait_for_building(out: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the run has begun to write."""
    deadline = time.monotonic() + 60
    while not list((out / "runs").glob(".building-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_kill_at_any_moment_leaves_the_previous_run(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = published.data, published.out
    moments = random.Random(20260101)
    for _ in range(KILLS):
        before = folders.resolve(out)
        contents = fingerprint(before.path)
        process = start(data, out)
        wait_for_building(out, process)
        # From the first written byte on; a run killed after its end is a good run as well.
        time.sleep(moments.uniform(0, published.seconds))
        process.kill()
        process.communicate()
        assert fingerprint(before.path) == contents
        after = folders.resolve(out)
        assert after.run_id == before.run_id or after.record()["exit_status"] == 0
    assert cli.invoke(["run", str(data), "--out", str(out)]) == 0
    assert capsys.readouterr().err == ""
    assert [p.name for p in (out / "runs").iterdir() if p.name.startswith(".")] == []
    assert folders.resolve(out).record()["clues"]["total"] == 1
    assert audit.verify(out) == []


def test_second_run_at_the_same_time_is_refused(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = fingerprint(published.out)
    code = (
        "import sys\nfrom filelock import FileLock\n"
        f"lock = FileLock({str(published.out / '.lock')!r})\nlock.acquire()\nprint('held', flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        status = cli.invoke(["run", str(published.data), "--out", str(published.out)])
        holder.communicate("")
    assert status == 4
    assert "另一次运行" in capsys.readouterr().err
    assert fingerprint(published.out) == contents


def test_lock_of_a_dead_process_does_not_hold(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    code = (
        "import os, sys\nfrom filelock import FileLock\n"
        f"lock = FileLock({str(out / '.lock')!r})\nlock.acquire()\nos.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert (out / ".lock").exists()
    with folders.locked(out):
        pass


def test_interrupt_gives_130_and_leaves_nothing(published: Published) -> None:
    out = published.out
    before = folders.resolve(out)
    contents = fingerprint(before.path)
    process = start(published.data, out)
    wait_for_building(out, process)
    os.kill(process.pid, signal.SIGINT)
    status, _, err = finish(process)
    assert status == 130
    assert "Traceback" not in err
    assert err.count("\n") <= 2
    assert folders.resolve(out).run_id == before.run_id
    assert fingerprint(before.path) == contents
    assert [p.name for p in (out / "runs").iterdir()] == [before.run_id]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", ["read_folder", "build", "run_detectors", "build_clues"])
def test_interrupt_at_every_stage(
    published: Published,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    stage: str,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        signal.raise_signal(number)

    before = folders.resolve(published.out)
    monkeypatch.setattr(f"tanwei.run.{stage}", interrupt)
    assert cli.invoke(["run", str(published.data), "--out", str(published.out)]) == 130
    assert "已中断" in capsys.readouterr().err
    assert folders.resolve(published.out).run_id == before.run_id
    assert [p.name for p in (published.out / "runs").iterdir()] == [before.run_id]


def test_interrupt_swallowed_by_a_library_still_ends_the_work() -> None:
    def swallowing() -> None:
        with interruptible() as watch:
            report = watch.watching(lambda stage, done, total: None)
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            report("检测", 1, 2)

    with pytest.raises(KeyboardInterrupt):
        swallowing()


def test_error_that_an_interrupt_became_is_an_interrupt() -> None:
    def transforming() -> None:
        with interruptible():
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                raise RuntimeError("Query interrupted") from None

    with pytest.raises(KeyboardInterrupt):
        transforming()


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as watch:
        assert isinstance(watch, Interrupts)
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_crash_of_the_program_leaves_the_previous_run(
    published: Published, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = published.data, published.out
    before = folders.resolve(out)

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tanwei.run.build_clues", crash)
    assert cli.invoke(["run", str(data), "--out", str(out)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert folders.resolve(out).run_id == before.run_id
    assert [p.name for p in (out / "runs").iterdir()] == [before.run_id]
