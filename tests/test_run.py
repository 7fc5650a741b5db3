"""Runs as folders: keys, the audit log, the pointer, and what a run leaves."""

from __future__ import annotations

import io
import json
import os
import stat
import time
from pathlib import Path

import pytest

from ingest.errors import UserError
from tanwei import audit, folders
from tanwei.keys import entity_key, user_key_path
from tanwei.progress import on_terminal


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests off the key of whoever runs them."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TANWEI_KEY_FILE", raising=False)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- keys ----------------------------------------------------------------------------------------


def test_output_folders_of_one_user_share_a_key(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = entity_key(tmp_path / "a")
    assert entity_key(tmp_path / "b") == first
    assert len(first) >= 32
    assert mode(tmp_path / "a" / ".key") == 0o600
    assert mode(user_key_path()) == 0o600


def test_an_output_folder_keeps_its_key_when_the_users_own_changes(tmp_path: Path) -> None:
    first = entity_key(tmp_path)
    user_key_path().unlink()
    assert entity_key(tmp_path) == first


def test_users_without_a_common_key_get_different_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = entity_key(tmp_path / "a")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "other"))
    assert entity_key(tmp_path / "b") != first


def test_configured_key_comes_before_environment_before_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = entity_key(tmp_path)
    (tmp_path / "env").write_text("e" * 32)
    (tmp_path / "config-key").write_text("c" * 32 + "\n")
    monkeypatch.setenv("TANWEI_KEY_FILE", str(tmp_path / "env"))
    assert entity_key(tmp_path) == b"e" * 32 != own
    assert entity_key(tmp_path, tmp_path / "config-key") == b"c" * 32


def test_home_that_cannot_be_written_gives_the_folder_its_own_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file" / "below"))
    assert entity_key(tmp_path) == entity_key(tmp_path)


@pytest.mark.parametrize("text", [None, "", "short"])
def test_unusable_key_file_is_refused_by_name(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "key").write_text(text)
    with pytest.raises(UserError, match=r"密钥文件.*key_file"):
        entity_key(tmp_path, tmp_path / "key")


# -- audit ---------------------------------------------------------------------------------------


def _three_entries(out: Path) -> Path:
    audit.append(out, "run", {"run": "1"})
    audit.append(out, "export", {"clue": "x"}, "交办")
    audit.append(out, "unmask", {"clue": "x"}, "核对身份")
    return out / audit.LOG_NAME


def test_audit_entries_say_who_when_what_why(tmp_path: Path) -> None:
    path = _three_entries(tmp_path)
    assert audit.verify(tmp_path) == []
    entry = audit.entries(tmp_path)[2]
    assert entry["action"] == "unmask"
    assert entry["reason"] == "核对身份"
    assert "@" in entry["who"]
    assert entry["at"][4] == "-"
    assert mode(path) == 0o600


@pytest.mark.parametrize("victim", [0, 1])
def test_audit_shows_a_removed_entry(tmp_path: Path, victim: int) -> None:
    path = _three_entries(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[victim]
    path.write_text("".join(lines), encoding="utf-8")
    assert [p.line for p in audit.verify(tmp_path)] == [victim + 1]


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_audit_shows_a_changed_entry(tmp_path: Path, victim: int) -> None:
    path = _three_entries(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    entry = json.loads(lines[victim])
    entry["who"] = "somebody@else"
    lines[victim] = json.dumps(entry, ensure_ascii=False) + "\n"
    path.write_text("".join(lines), encoding="utf-8")
    assert victim + 1 in [p.line for p in audit.verify(tmp_path)]


def test_audit_survives_a_torn_last_line_and_shows_it(tmp_path: Path) -> None:
    path = _three_entries(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    audit.append(tmp_path, "run", {"run": "2"})
    assert [p.line for p in audit.verify(tmp_path)] == [3]
    assert audit.entries(tmp_path)[-1]["detail"] == {"run": "2"}


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_unmasking_needs_a_reason(tmp_path: Path, reason: str | None) -> None:
    with pytest.raises(UserError, match="理由"):
        audit.append(tmp_path, "unmask", {}, reason)
    assert not (tmp_path / audit.LOG_NAME).exists()


# -- folders -------------------------------------------------------------------------------------


def _publish(out: Path, text: str) -> str:
    with folders.building(out) as (run_id, folder):
        (folder / "run.json").write_text(json.dumps({"text": text}))
    return run_id


def _out(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    folders.prepare(tmp_path / "out", tmp_path / "data")
    return tmp_path / "out"


def test_current_names_the_last_run_and_older_ones_stay(tmp_path: Path) -> None:
    out = _out(tmp_path)
    first, second = _publish(out, "1"), _publish(out, "2")
    assert folders.resolve(out).run_id == second != first
    assert folders.resolve(out / "runs" / first).record() == {"text": "1"}
    assert [(r.run_id, r.current) for r in folders.list_runs(out)] == [
        (second, True),
        (first, False),
    ]
    assert mode(out) == 0o700


def test_a_failing_run_leaves_nothing(tmp_path: Path) -> None:
    out = _out(tmp_path)
    first = _publish(out, "1")

    def fail() -> None:
        with folders.building(out) as (_, folder):
            (folder / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert folders.resolve(out).run_id == first
    assert [p.name for p in (out / "runs").iterdir()] == [first]


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    out = _out(tmp_path)
    first = _publish(out, "1")
    (out / "runs" / ".building-x").mkdir()
    (out / "runs" / ".building-x" / "snapshot.duckdb").write_text("x")
    (out / ".CURRENT-ab").write_text("x")
    with folders.locked(out):
        assert folders.clean_up(out) == [".building-x"]
    assert sorted(p.name for p in out.iterdir() if p.name != ".lock") == ["CURRENT", "runs"]
    assert folders.resolve(out).run_id == first


def test_a_run_killed_before_the_pointer_moved_is_listed_and_not_current(tmp_path: Path) -> None:
    out = _out(tmp_path)
    first = _publish(out, "1")
    pointer = (out / "CURRENT").read_bytes()
    second = _publish(out, "2")
    (out / "CURRENT").write_bytes(pointer)
    assert folders.resolve(out).run_id == first
    newest = folders.list_runs(out)[0]
    assert (newest.run_id, newest.current) == (second, False)


def test_runs_are_listed_even_before_the_first_pointer(tmp_path: Path) -> None:
    out = _out(tmp_path)
    first = _publish(out, "1")
    (out / "CURRENT").unlink()
    assert [(r.run_id, r.current) for r in folders.list_runs(out)] == [(first, False)]


def test_pointer_to_a_missing_run_is_named(tmp_path: Path) -> None:
    out = _out(tmp_path)
    _publish(out, "1")
    (out / "CURRENT").write_text("gone\n")
    with pytest.raises(UserError, match="gone"):
        folders.resolve(out)


@pytest.mark.parametrize("place", ["data", "data/out"])
def test_output_inside_the_data_folder_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(UserError, match="不能放在数据目录里面"):
        folders.prepare(tmp_path / place, tmp_path / "data")


@pytest.mark.parametrize("place", ["file", "file/out"])
def test_output_that_cannot_be_made_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "data").mkdir()
    with pytest.raises(UserError, match="不能写入") as caught:
        folders.prepare(tmp_path / place, tmp_path / "data")
    assert caught.value.exit_status == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_output_without_permission_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(UserError, match="没有写入权限"):
        folders.prepare(tmp_path / "closed" / "out", tmp_path / "data")


# -- progress ------------------------------------------------------------------------------------


class _Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "delay", "shown"), [(True, 0.0, True), (True, 60.0, False), (False, 0.0, False)]
)
def test_progress_is_drawn_on_a_terminal_when_work_takes_long(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, delay: float, shown: bool
) -> None:
    stream = _Stream(terminal)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with on_terminal(delay) as progress:
        progress("读取文件", 1, 3)
        deadline = time.monotonic() + (5 if shown else 0.2)
        while "读取文件" not in stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        progress("检测", 1, None)
    assert ("读取文件" in stream.getvalue()) == shown
