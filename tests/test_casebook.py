"""Decisions on who is who: kept, taken back, carried out in the next run, safe between processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from small_data import write_csv

import tanwei
from clues.casebook import NAME, Casebook, Pair, digest, open_casebook
from clues.conclusions import conclude, history, standing, word_of
from ingest.errors import UserError
from tanwei import audit, cli, folders

X, Y = "91110000600037341L", "91350100M000100Y43"
FULL, TYPO, OTHER = (
    "江苏恒达建设工程有限公司",
    "江苏恒大建设工程有限公司",
    "江苏瑞丰建设工程有限公司",
)
SHORT = "恒达建设"
PAIR = Pair("company", "c-2", "c-1", "乙公司", "甲公司")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TANWEI_KEY_FILE", raising=False)


def book_in(folder: Path) -> Casebook:
    return open_casebook(folder)


# -- the store ---------------------------------------------------------------------------------------


def test_a_decision_holds_until_it_is_taken_back_and_its_row_stays(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    assert (book.entries(), (tmp_path / NAME).exists()) == ([], False)
    made = book.decide(PAIR, "same", by="王敏", reason="见营业执照 320281199001011234")
    assert (made.a, made.b, made.a_name) == ("c-1", "c-2", "甲公司")
    assert "19900101" not in (made.reason or "")
    assert [(d.a, d.b, d.verdict, d.by) for d in book.decisions()] == [
        ("c-1", "c-2", "same", "王敏")
    ]
    undone = book.undo(made.id, by="李强", reason="有误")
    assert (undone.undone_by, undone.undone_reason) == ("李强", "有误")
    assert book.decisions() == []
    assert [e.id for e in book.entries()] == [made.id]
    # Anew, and the other way round: a row of its own.
    assert book.decide(PAIR, "different", by="王敏").id == made.id + 1
    assert [d.verdict for d in book.decisions()] == ["different"]


def test_the_digest_depends_on_what_is_decided_alone(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    empty = digest(book.decisions())
    made = book.decide(PAIR, "same", by="王敏")
    assert digest(book.decisions()) != empty
    book.undo(made.id, by="王敏")
    assert digest(book.decisions()) == empty


def test_what_can_not_be_logged_is_not_decided(tmp_path: Path) -> None:
    book = book_in(tmp_path)

    def fail(entry: object) -> None:
        raise UserError("审计日志写不进去")

    with pytest.raises(UserError, match="审计日志"):
        book.decide(PAIR, "same", by="王敏", note=fail)
    assert book.entries() == []


def test_refusals_of_the_casebook_are_one_clear_line(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    made = book.decide(PAIR, "same", by="王敏")
    for call, part in (
        (lambda: book.decide(PAIR, "different", by="李强"), f"编号 {made.id}"),
        (lambda: book.decide(PAIR, "same", by=" "), "--by"),
        (lambda: book.undo(99, by="李强"), "没有编号为 99"),
        (lambda: Casebook("nonsense"), "[casebook] url"),
        (lambda: Casebook("oracle+nonsense://x"), "[casebook] url"),
    ):
        with pytest.raises(UserError) as refused:
            call()
        assert part in refused.value.message
        assert (refused.value.exit_status, "\n" in refused.value.message) == (2, False)
    book.undo(made.id, by="李强")
    with pytest.raises(UserError, match="已由李强"):
        book.undo(made.id, by="王敏")


def test_a_broken_newer_or_foreign_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"no database at all, but long enough to have a header" * 40)
    with pytest.raises(UserError, match="已损坏或不是案卷库"):
        book_in(tmp_path).decisions()
    path.unlink()
    book_in(tmp_path).decide(PAIR, "same", by="王敏")
    with sqlite3.connect(path) as con:
        con.execute("UPDATE casebook SET schema_version = 99")
    for call in (book_in(tmp_path).decisions, lambda: book_in(tmp_path).undo(1, by="王敏")):
        with pytest.raises(UserError, match="请升级探微"):
            call()


def test_a_casebook_that_can_not_be_written_is_still_read(tmp_path: Path) -> None:
    book_in(tmp_path).decide(PAIR, "same", by="王敏")
    path = tmp_path / NAME
    # Whatever the user's rights: SQLite itself is told to open for reading only.
    readonly = Casebook(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert len(readonly.decisions()) == 1
    with pytest.raises(UserError, match="案卷库不能写入"):
        readonly.decide(Pair("company", "c-3", "c-4"), "same", by="王敏")


def test_a_locked_casebook_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clues.casebook_store._WAIT", 0.2)
    book = book_in(tmp_path)
    book.decide(PAIR, "same", by="王敏")
    holder = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UserError, match="正被别的程序占用"):
        book.undo(1, by="王敏")
    holder.close()
    assert book.undo(1, by="王敏").undone_by == "王敏"


_WRITER = """
import sys
from pathlib import Path
from clues.casebook import Pair, open_casebook
from ingest.errors import UserError
book, who, refused = open_casebook(Path(sys.argv[1])), sys.argv[2], 0
for n in range(25):
    try:
        book.decide(Pair("company", f"c-{n}", "c-x"), "same", by=who)
    except UserError as error:
        assert "已由" in error.message or "另有人" in error.message, error.message
        refused += 1
print(refused)
"""


def test_two_processes_at_once_lose_nothing_and_decide_nothing_twice(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), who], stdout=subprocess.PIPE, text=True
        )
        for who in ("甲", "乙")
    ]
    refused = [int(process.communicate(timeout=120)[0]) for process in running]
    entries = book_in(tmp_path).entries()
    assert sum(refused) == 25
    assert len(entries) == len({(e.a, e.b) for e in entries}) == 25
    assert len({e.id for e in entries}) == 25


# -- from review to the next run ---------------------------------------------------------------------


def county(folder: Path, *winners: str) -> Path:
    write_csv(
        folder / "企业.csv",
        ("企业名称", "统一社会信用代码", "法定代表人", "成立日期"),
        [(FULL, X, "张三", "2010-01-01"), (OTHER, Y, "李四", "2011-01-01")],
    )
    write_csv(
        folder / "招标.csv",
        ("项目编号", "招标人", "中标人", "公告日期"),
        [(f"T{i}", "县水利局", w, "2020-01-01") for i, w in enumerate(winners)],
    )
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    data = county(tmp_path / "data", TYPO, SHORT)
    assert cli.invoke(["run", str(data), "--out", str(tmp_path / "out")]) == 0
    return tmp_path / "out"


def rerun(out: Path) -> dict[str, object]:
    assert cli.invoke(["run", str(out.parent / "data"), "--out", str(out)]) == 0
    decisions = folders.resolve(out).record()["decisions"]
    assert isinstance(decisions, dict)
    return decisions


def winners(out: Path) -> list[str]:
    with tanwei.open(out) as ws:
        frame = ws.table("tenders")
        firms = ws.table("companies").set_index("name")["name_entity"].to_dict()
        names = {entity: name for name, entity in firms.items()}
        return [names.get(entity, "?") for entity in frame["winner_entity"]]


def waiting(out: Path, name: str) -> str:
    with tanwei.open(out) as ws:
        return ws.identity_review(name, every=True)[0].id


def test_decided_same_is_merged_and_undone_is_apart_again(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert winners(out) == ["?", FULL]
    pair = waiting(out, TYPO)
    capsys.readouterr()
    argv = ["identity", "decide", str(out), pair, "同一企业", "--by", "王敏", "--reason", "错字"]
    assert cli.invoke(argv) == 0
    assert "下次运行" in capsys.readouterr().out
    assert winners(out) == ["?", FULL]
    before = rerun(out)
    assert winners(out) == [FULL, FULL]
    assert {k: before[k] for k in ("given", "applied", "refused", "not_found")} == {
        "given": 1, "applied": 1, "refused": 0, "not_found": 0,
    }  # fmt: skip
    again = rerun(out)
    assert again == before
    assert cli.invoke(["identity", "undo", str(out), "1", "--by", "李强"]) == 0
    assert rerun(out)["given"] == 0
    assert winners(out) == ["?", FULL]
    actions = [e["action"] for e in audit.entries(out) if e["action"] != "run"]
    assert actions == ["decide", "undo"]
    assert audit.verify(out) == []


def test_decided_different_keeps_apart_also_when_data_grow(out: Path) -> None:
    pair = waiting(out, SHORT)
    assert cli.invoke(["identity", "decide", str(out), pair, "different", "--by", "王敏"]) == 0
    county(out.parent / "data", TYPO, SHORT, SHORT, OTHER)
    assert rerun(out)["applied"] == 1
    assert winners(out) == ["?", "?", "?", OTHER]


def test_two_sound_codes_are_never_one_firm_and_it_is_said(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tanwei.open(out) as ws:
        made = ws.decide(FULL, OTHER, "same", by="王敏", reason="听说是一家")
        assert [e.a_name for e in made] + [e.b_name for e in made] != []
    result = rerun(out)
    assert (result["applied"], result["refused"]) == (0, 1)
    with tanwei.open(out) as ws:
        said = [r for p in ws.identity_review(OTHER, every=True) for r in p.objections()]
        assert "合并后会有两个不同的有效统一社会信用代码" in said


def test_a_decision_on_parties_that_are_gone_is_counted(out: Path) -> None:
    open_casebook(out).decide(Pair("company", "c-" + "0" * 16, "c-" + "1" * 16), "same", by="王敏")
    assert rerun(out)["not_found"] == 1


def test_review_shows_both_sides_and_the_reasons(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert cli.invoke(["identity", "review", str(out)]) == 0
    text = capsys.readouterr().out
    assert all(
        part in text for part in (TYPO, FULL, "代码 " + X, "存疑：字号差一字", "待认定 1 对")
    )
    assert cli.invoke(["identity", "review", str(out), "--format", "xlsx"]) == 0
    assert len(list(out.glob("身份待认定-*.xlsx"))) == 1
    assert audit.entries(out)[-1]["action"] == "export"
    assert (
        cli.invoke(["identity", "decide", str(out), waiting(out, TYPO), "same", "--by", "王敏"])
        == 0
    )
    capsys.readouterr()
    assert cli.invoke(["identity", "review", str(out)]) == 0
    assert "没有需要人工认定" in capsys.readouterr().out
    assert cli.invoke(["identity", "list", str(out)]) == 0
    assert "有效 1 条" in capsys.readouterr().out


def test_in_jupyter(out: Path) -> None:
    with tanwei.open(out) as ws:
        # A short name finds the firm that it was joined to.
        assert [c.name for c in ws.find(SHORT)] == [FULL]
        shown = ws.identity_review()
        assert TYPO in shown._repr_html_()
        assert len(shown.to_pandas()) == len(shown) == 1
        made = ws.decide(shown[0].one.group, shown[0].other.group, "same", by="王敏")
        assert "同一企业" in repr(made)
        assert "有效" in ws.identity._repr_html_()
        assert len(ws.identity_review()) == 0
        assert "撤销" in repr(ws.undo(made[0].id, by="王敏"))
        assert len(ws.identity_review()) == 1


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["decide", "OUT", "ffffffff", "same", "--by", "王敏"], "没有编号为 ffffffff"),
        (["decide", "OUT", "PAIR", "maybe", "--by", "王敏"], "same（同一人）"),
        (["decide", "OUT", "PAIR", "same"], "--by"),
        (["decide", "OUT", "PAIR", "same", "--by", " "], "--by"),
        (["decide", "OUT", "c-0000000000000000,c-1111111111111111", "same", "--by", "王敏"], "没有编号为 c-"),
        (["undo", "OUT", "x", "--by", "王敏"], "应是数字"),
        (["undo", "OUT", "7", "--by", "王敏"], "没有编号为 7"),
        (["review", "OUT", "--limit", "0"], "--limit"),
        (["review", "OUT", "--format", "pdf"], "text 或 xlsx"),
        (["review", "absent"], "absent"),
        (["reviw", "OUT"], "是否想写 review"),
        ([], "review、decide"),
    ],
)  # fmt: skip
def test_errors_of_the_command_are_one_line(
    out: Path, capsys: pytest.CaptureFixture[str], argv: list[str], part: str
) -> None:
    named = {"OUT": str(out), "PAIR": waiting(out, TYPO)}
    capsys.readouterr()
    assert cli.invoke(["identity", *(named.get(word, word) for word in argv)]) == 2
    captured = capsys.readouterr()
    assert part in captured.err
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


def test_another_database_by_configuration(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = out.parent / "data"
    (data / "tanwei.toml").write_text(
        '[casebook]\nurl = "sqlite:///../office.db"\n', encoding="utf-8"
    )
    capsys.readouterr()
    assert cli.invoke(["identity", "list", str(out)]) == 2
    assert "请用 --config" in capsys.readouterr().err
    assert rerun(out)["casebook"] == f"sqlite:///{data.resolve()}/../office.db"
    pair = waiting(out, TYPO)
    assert cli.invoke(["identity", "decide", str(out), pair, "same", "--by", "王敏"]) == 0
    assert (out.parent / "office.db").is_file()
    assert not (out / NAME).exists()
    assert rerun(out)["applied"] == 1
    record = json.loads((folders.resolve(out).path / "run.json").read_text(encoding="utf-8"))
    assert record["decisions"]["applied"] == 1


# -- conclusions -------------------------------------------------------------------------------------


def test_an_older_casebook_is_read_and_brought_up_to_date(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    book.decide(PAIR, "same", by="王敏")
    with sqlite3.connect(tmp_path / NAME) as con:
        con.execute("DROP TABLE clue_conclusions")
        con.execute("UPDATE casebook SET schema_version = 1")
    assert history(book) == []
    assert [d.verdict for d in book.decisions()] == ["same"]
    conclude(
        book, ("abc", "ring", "疑似围标团伙"), "查实", by="王敏", reason="号码 320281199001011234"
    )
    assert [d.verdict for d in book.decisions()] == ["same"]
    [made] = history(book)
    assert (made.clue, made.conclusion) == ("abc", "查实")
    assert "19900101" not in (made.reason or "")


def test_the_last_conclusion_holds_and_the_earlier_stay(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    for word in ("查实", "查否"):
        conclude(book, ("abc", "ring", "标题"), word_of(word), by="王敏")
    assert standing(book)["abc"].conclusion == "查否"
    assert [c.conclusion for c in history(book)] == ["查实", "查否"]
    with pytest.raises(UserError, match="由谁作出"):
        conclude(book, ("abc", "ring", "标题"), "查实", by=" ")
    with pytest.raises(UserError, match="只能写查实"):
        word_of("属实吧")


def test_nothing_is_concluded_that_can_not_be_logged(tmp_path: Path) -> None:
    def fail(made: object) -> None:
        raise UserError("日志写不进去")

    book = book_in(tmp_path)
    with pytest.raises(UserError, match="日志"):
        conclude(book, ("abc", "ring", "标题"), "查实", by="王敏", note=fail)
    assert history(book) == []
