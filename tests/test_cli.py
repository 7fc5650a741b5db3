"""The command: usage errors, help and faults, in Chinese and without a traceback."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from small_data import id_number, small_county, write_csv

from ingest.errors import UserError
from tanwei import audit, cli, folders


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
        (["check", "a", "b"], "多余的参数：b。"),
        (["runs"], "缺少必填的参数 OUT_DIR。"),
        (["run", "data", "--out", "x", "--only", ","], "--only"),
        (["run", "tests", "--out", "/proc/none/x"], "不能写入"),
        (["runs", "absent"], "absent"),
    ],
)
def test_usage_errors_are_one_chinese_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], part: str
) -> None:
    line = refused(capsys, *argv)
    assert part in line
    assert not any(word in line for word in ("Error", "Usage", "Missing", "Try", "No such"))


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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘"),
        (duckdb.IOException("Could not write file: No space left on device"), "磁盘"),
        (duckdb.OutOfMemoryException("failed to allocate 32.0 KiB"), "memory_limit"),
    ],
)
def test_a_machine_that_is_too_small_is_no_fault_of_the_program(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("tanwei.folders.resolve", fail)
    line = refused(capsys, "explain", str(tmp_path), "abc", status=1)
    assert said in line
    assert "程序出错" not in line
    assert "已有结果不受影响" in line


def test_a_run_is_no_place_for_another(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = small_county(tmp_path / "data")
    run = tmp_path / "out" / "runs" / "1"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    assert "某一次运行" in refused(capsys, "run", str(data), "--out", str(run))


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


# -- from folder to handover ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Data and output folder of one good run with one clue."""
    base = tmp_path_factory.mktemp("cli")
    data = small_county(base / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(base / "config"))
        patch.delenv("TANWEI_KEY_FILE", raising=False)
        assert cli.invoke(["run", str(data), "--out", str(base / "out")]) == 0
    return data, base / "out"


def ran(capsys: pytest.CaptureFixture[str], *argv: object, status: int = 0) -> str:
    """Run a command that must work quietly and return what it printed."""
    assert cli.invoke([str(word) for word in argv]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_run_ends_with_a_one_line_summary_and_says_nothing_on_stderr(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = small_county(tmp_path / "data")
    out = ran(capsys, "run", data, "--out", tmp_path / "out")
    last = out.rstrip("\n").split("\n")[-1]
    assert last.startswith("完成：疑点 1 条（红 1，橙 0，黄 0）")
    assert str(folders.resolve(tmp_path / "out").path) in last
    assert "测试001" in out


def test_a_run_leaves_what_is_promised(done: tuple[Path, Path]) -> None:
    run = folders.resolve(done[1])
    names = sorted(path.name for path in run.path.iterdir())
    assert names == [
        "clues.jsonl",
        "clues.xlsx",
        "intake.json",
        "intake.xlsx",
        "run.json",
        "snapshot.duckdb",
    ]
    record = run.record()
    assert [entry["file"] for entry in record["inputs"]] == [
        "公安/人员.csv",
        "民政/死亡.csv",
        "财政/补贴.csv",
    ]
    assert all(len(entry["sha256"]) == 64 for entry in record["inputs"])
    assert record["as_of"] == "2023-06-15"
    assert record["clues"] == {"total": 1, "red": 1, "orange": 0, "yellow": 0}
    by_id = {d["detector"]: d for d in record["detectors"]}
    counts = by_id["paid_after_death"]["counts"]
    outcomes = ("triggered", "not_triggered", "insufficient", "not_applicable")
    assert counts["subjects"] == sum(counts[name] for name in outcomes)
    assert by_id["shared_deposit"]["status"] == "skipped"
    assert "投标记录" in by_id["shared_deposit"]["reason"]
    assert record["engine"]["duckdb"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in run.path.iterdir())


def test_the_same_data_give_the_same_bytes_in_another_output_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = small_county(tmp_path / "data")
    for name in ("one", "two"):
        ran(capsys, "run", data, "--out", tmp_path / name)
    one, two = (folders.resolve(tmp_path / name).clues.read_bytes() for name in ("one", "two"))
    assert one == two != b""


def test_a_run_folder_is_masked(done: tuple[Path, Path]) -> None:
    run = folders.resolve(done[1]).path
    for name in ("clues.jsonl", "intake.json", "run.json"):
        text = (run / name).read_text(encoding="utf-8")
        assert re.search(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])", text) is None, name


def test_numbers_in_names_of_files_are_masked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = small_county(tmp_path / "data")
    number = id_number(1)
    deaths = data / "民政" / "死亡.csv"
    deaths.rename(deaths.with_name(f"死亡_{number}_13976540123.csv"))
    (data / f"坏{number}.xlsx").write_bytes(b"")
    printed = ran(capsys, "run", data, "--out", tmp_path / "out", status=3)
    run = folders.resolve(tmp_path / "out").path
    texts = [(run / name).read_text() for name in ("clues.jsonl", "intake.json", "run.json")]
    for text in (printed, *texts):
        assert number not in text
        assert "13976540123" not in text
        assert f"{number[:6]}********{number[-4:]}" in text or text is texts[0]
    assert "_139****0123.csv" in texts[0]


def test_only_takes_several_names_in_either_spelling(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, out = small_county(tmp_path / "data"), tmp_path / "out"
    ran(capsys, "run", data, "--out", out, "--only", "bid_rigging", "paid_after_death")
    first = {d["detector"] for d in folders.resolve(out).record()["detectors"]}
    ran(capsys, "run", data, "--out", out, "--only", "bid_rigging,paid_after_death")
    second = {d["detector"] for d in folders.resolve(out).record()["detectors"]}
    assert first == second
    assert "paid_after_death" in first
    assert "shared_deposit" in first
    assert "own_unit_supplier" not in first


def test_an_unknown_detector_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data, out = small_county(tmp_path / "data"), tmp_path / "out"
    line = refused(capsys, "run", str(data), "--out", str(out), "--only", "paid_after_deth")
    assert "paid_after_death" in line
    assert not out.exists()


def test_a_wrong_setting_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = small_county(tmp_path / "data")
    (data / "tanwei.toml").write_text("[graph]\nhub_limi = 3\n", encoding="utf-8")
    assert "hub_limit" in refused(capsys, "check", str(data))


def test_a_crashed_detector_is_recorded_and_the_status_is_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detectors import runner
    from detectors.discover import discover

    def crash(*_: object) -> None:
        raise ValueError(f"cell {id_number(7)}")

    detectors = discover()
    broken = {
        **detectors,
        "paid_after_death": runner.Detector(detectors["paid_after_death"].spec, crash),  # type: ignore[arg-type]
    }
    monkeypatch.setattr("tanwei.run.select", lambda only: tuple(broken.values()))
    data, out = small_county(tmp_path / "data"), tmp_path / "out"
    printed = ran(capsys, "run", data, "--out", out, status=1)
    assert "1 个检测项出错" in printed
    text = json.dumps(folders.resolve(out).record(), ensure_ascii=False)
    assert "crashed" in text
    assert id_number(7) not in text + printed


def test_an_unreadable_file_gives_status_3_and_the_others_go_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, out = small_county(tmp_path / "data"), tmp_path / "out"
    (data / "空.csv").write_bytes(b"")
    printed = ran(capsys, "run", data, "--out", out, status=3)
    assert "空.csv" in printed
    assert folders.resolve(out).record()["clues"]["total"] == 1
    assert "空.csv" in ran(capsys, "check", data, status=3)


def test_check_says_which_detectors_could_run(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path]
) -> None:
    before = sorted(path for path in done[0].rglob("*"))
    printed = ran(capsys, "check", done[0])
    assert "补贴发放" in printed
    assert "paid_after_death" in printed
    assert "缺少《投标记录》" in printed
    assert printed.rstrip().split("\n")[-1].startswith("检查完成：1/")
    assert sorted(path for path in done[0].rglob("*")) == before


def test_runs_detectors_and_explain(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path]
) -> None:
    run = folders.resolve(done[1])
    assert run.run_id in ran(capsys, "runs", done[1])
    assert run.run_id in ran(capsys, "runs", run.path)
    assert "own_unit_supplier" in ran(capsys, "detectors")
    clue = json.loads(run.clues.read_text(encoding="utf-8").splitlines()[0])
    for place in (done[1], run.path):
        text = ran(capsys, "explain", place, clue["id"][:8])
        assert "财政/补贴.csv › 第2行" in text
    assert "没有编号为" in refused(capsys, "explain", str(done[1]), "zz")


def test_init_writes_templates_that_check_accepts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran(capsys, "init", tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert "tanwei.toml" in names
    assert sum(name.endswith(".xlsx") for name in names) > 30
    assert "已经存在" in refused(capsys, "init", str(tmp_path / "new"))


def test_handover_for_a_name_and_its_audit(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path]
) -> None:
    out = done[1]
    before = len(audit.entries(out))
    printed = ran(capsys, "handover", out, "--subject", "测试001", "--format", "docx,xlsx")
    folder = next(p for p in (out / "handover").iterdir() if p.name.startswith("测试001-"))
    assert str(folder) in printed
    assert {"证据清单.xlsx", "关系图.png", "移交清单.json"} <= {p.name for p in folder.iterdir()}
    assert [e["action"] for e in audit.entries(out)[before:]] == ["export"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_unmasking_and_approval_stand_in_the_audit_log(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path]
) -> None:
    out = done[1]
    clue = json.loads(folders.resolve(out).clues.read_text(encoding="utf-8").splitlines()[0])
    before = len(audit.entries(out))
    ran(
        capsys, "handover", out, "--clue", clue["id"], "--format", "docx",
        "--unmask", "--reason", "核对身份", "--approved-by", "赵某", "--approval-no", "〔2024〕1号",
    )  # fmt: skip
    added = audit.entries(out)[before:]
    assert [entry["action"] for entry in added] == ["approve", "unmask"]
    assert added[0]["detail"]["approved_by"] == "赵某"
    assert added[1]["reason"] == "核对身份"
    assert audit.verify(out) == []


def test_a_number_in_the_reason_is_masked(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path]
) -> None:
    number = id_number(1)
    words = ("--level", "red", "--format", "xlsx", "--unmask", "--reason", f"核对{number}是否本人")
    ran(capsys, "handover", done[1], *words)
    texts = [path.read_text() for path in (done[1] / "handover").rglob("移交清单.json")]
    texts.append((done[1] / "audit.log").read_text())
    assert all(number not in text for text in texts)
    assert f"核对{number[:6]}********{number[-4:]}是否本人" in texts[-1]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ([], "三者用且只用一个"),
        (["--subject", "测试001", "--level", "red"], "三者用且只用一个"),
        (["--subject", "测试001", "--unmask"], "--reason"),
        (["--subject", "测试001", "--approved-by", "赵某"], "--approval-no"),
        (["--level", "red", "--approved-by", "赵某", "--approval-no", "1"], "--level"),
        (["--subject", "测试001", "--format", "odt"], "odt"),
        (["--subject", "无此人"], "无此人"),
        (["--level", "紫"], "紫"),
        (["--level", "orange"], "没有"),
    ],
)
def test_handover_refuses_and_logs_nothing(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path], options: list[str], part: str
) -> None:
    before = len(audit.entries(done[1]))
    assert part in refused(capsys, "handover", str(done[1]), *options)
    assert len(audit.entries(done[1])) == before


def test_what_a_killed_handover_left_is_removed_and_two_at_once_are_refused(
    capsys: pytest.CaptureFixture[str], done: tuple[Path, Path]
) -> None:
    left = done[1] / "handover" / ".移交-abc"
    (left / "files").mkdir(parents=True)
    (left / "files" / "身份核对表（密封）.docx").write_bytes(b"half")
    with folders.handing_over(done[1]):
        line = refused(capsys, "handover", str(done[1]), "--level", "red", status=4)
    assert "另一次移交" in line
    ran(capsys, "handover", done[1], "--level", "red", "--format", "docx")
    assert not left.exists()


def test_handover_of_a_namesake_lists_the_candidates(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, out = small_county(tmp_path / "data"), tmp_path / "out"
    twin = id_number(901, "19480607")
    write_csv(
        data / "民政" / "死亡二.csv",
        ("死者姓名", "身份证号", "死亡日期"),
        [("测试001", twin, "2020-01-02")],
    )
    write_csv(
        data / "财政" / "补贴二.csv",
        ("补贴项目", "年度", "姓名", "身份证号", "发放日期", "补贴金额", "村居"),
        [("高龄津贴", 2022, "测试001", twin, "2022-06-15", "500.00", "柳林村")],
    )
    ran(capsys, "run", data, "--out", out)
    assert cli.invoke(["handover", str(out), "--subject", "测试001"]) == 2
    message = capsys.readouterr().err
    ids = re.findall(r"p-[0-9a-f]{16}", message)
    assert len(set(ids)) == 2
    assert "320281********" in message
    assert not (out / "handover").exists()
    ran(capsys, "handover", out, "--subject", ids[0], "--format", "xlsx")
    assert len(list((out / "handover").iterdir())) == 1
