"""The command: usage errors, help and faults, in Chinese and without a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.errors import UserError
from tanwei import cli


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TANWEI_KEY_FILE", raising=False)


def refused(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 2) -> str:
    """Run a command that must fail and return its one line on standard error."""
    assert cli.invoke(list(argv)) == status
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err + captured.out
    return captured.err


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["rum"], "是否想写 run"),
        (["run", "data"], "--out"),
        (["run", "--out", "x"], "DATA_DIR"),
        (["run", "data", "--out"], "--out"),
        (["run", "data", "--out", "x", "--bogus"], "--bogus"),
        (["run", "data", "more", "--out", "x"], "多余的参数：more"),
        (["run", "data", "--out", "x", "--as-of", "2024-13-01"], "2024-13-01"),
        (["check", "a", "b"], "多余的参数"),
        (["runs", "absent"], "absent"),
    ],
)
def test_usage_errors_are_one_chinese_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], part: str
) -> None:
    line = refused(capsys, *argv)
    assert part in line
    assert not any(word in line for word in ("Error", "Usage", "Missing", "Try"))


@pytest.mark.parametrize(
    "argv", [[], ["--help"], *([c, "--help"] for c in ("run", "check", "handover", "explain"))]
)
def test_help_is_chinese(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert cli.invoke(argv) == 0
    text = capsys.readouterr().out
    assert "用法：" in text
    assert "显示帮助" in text
    for word in ("Usage", "Options", "Arguments", "Commands", "Show this", "required", "default"):
        assert word not in text


def test_missing_data_folder_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refused(capsys, "run", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert "数据目录不存在" in line
    assert not (tmp_path / "out").exists()


def test_data_folder_without_a_file_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    assert "没有文件" in refused(capsys, "check", str(tmp_path / "data"))


def test_data_folder_that_is_a_file_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("姓名\n")
    assert "是文件" in refused(capsys, "check", str(tmp_path / "data.csv"))


def test_fault_is_one_line_and_a_log_with_masked_numbers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ValueError("could not read 320281199001011234")

    monkeypatch.setattr("tanwei.folders.resolve", crash)
    line = refused(capsys, "explain", str(tmp_path), "abc", status=1)
    log = next((tmp_path / "log").iterdir())
    assert str(log) in line
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "320281199001011234" not in text


def test_fault_without_a_place_for_the_log_is_still_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("tanwei.folders.resolve", crash)
    assert "ValueError" in refused(capsys, "explain", str(tmp_path / "no"), "abc", status=1)


def test_interrupt_gives_130(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tanwei.folders.resolve", interrupt)
    assert cli.invoke(["explain", str(tmp_path), "abc"]) == 130
    assert "已中断" in capsys.readouterr().err


def test_status_of_a_user_error_is_passed_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UserError("另一次运行正在进行。", 4)

    monkeypatch.setattr("tanwei.folders.resolve", refuse)
    assert "另一次运行" in refused(capsys, "explain", str(tmp_path), "abc", status=4)


def test_the_command_starts_without_heavy_libraries() -> None:
    code = (
        "import sys, tanwei.cli\n"
        "heavy = {'duckdb', 'ibis', 'pandas', 'numpy', 'matplotlib', 'networkx', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
