"""The ``tanwei`` command. Heavy libraries are loaded inside the commands that need them."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from ingest.errors import UserError
from tanwei import identity_cli, train_cli
from tanwei.console import ChineseCommand, ChineseGroup, chinese_panels, fault, say, usage_error

app = typer.Typer(
    cls=ChineseGroup,
    help="探微：把各部门数据整理成关系图谱，查找利益冲突等疑点。疑点只是核查的由头，不是结论。",
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


INTERRUPTED = "已中断，没有改动以前的结果。"


class _Session:
    """What ``main`` must know after a command: where a fault may be noted, and the exit status."""

    out_dir: Path | None = None
    status: int = 0


DataDir = Annotated[Path, typer.Argument(metavar="DATA_DIR", help="存放各部门数据文件的目录")]
OutDir = Annotated[Path, typer.Argument(metavar="OUT_DIR", help="输出目录，或其中某一次运行的目录")]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="文件", help="配置文件；不写时用 DATA_DIR 里的 tanwei.toml（如有）"
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="类别或检测项", help="只运行这些类别或检测项，可写多个"),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="日期", help="以哪一天为准，如 2024-12-31；不写时取数据中最晚的业务日期"
    ),
]


@app.command("run", cls=ChineseCommand)
def run_command(
    data_dir: Annotated[
        list[str], typer.Argument(metavar="DATA_DIR", help="存放各部门数据文件的目录")
    ],
    out_dir: Annotated[Path, typer.Option("--out", metavar="OUT_DIR", help="输出目录，没有则新建")],
    config: ConfigFile = None,
    only: Only = None,
    as_of: AsOf = None,
) -> None:
    """读取数据目录，建立图谱，运行各检测项，写出疑点。"""
    _Session.out_dir = out_dir
    names = list(only or [])
    if len(data_dir) > 1:
        # ``--only a b``: what follows the first name arrives as a further argument.
        if not names:
            raise UserError(f"多余的参数：{' '.join(data_dir[1:])}。数据目录只能写一个。")
        names += data_dir[1:]
    day = _date(as_of)

    from tanwei import report
    from tanwei.progress import on_terminal
    from tanwei.run import RunRequest, run

    wanted = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    if names and not wanted:
        raise UserError("--only 后面没有写类别或检测项。")
    request = RunRequest(Path(data_dir[0]), out_dir, config, wanted, day)
    with on_terminal() as progress:
        done = run(request, progress)
    report.print_run(done)
    _Session.status = done.exit_status


@app.command("check", cls=ChineseCommand)
def check_command(data_dir: DataDir, config: ConfigFile = None) -> None:
    """只检查数据：认出了哪些表、有什么问题、哪些检测项可以运行。"""
    from tanwei import report
    from tanwei.check import check
    from tanwei.progress import on_terminal

    with on_terminal() as progress:
        checked = check(data_dir, config, progress)
    report.print_check(checked)
    _Session.status = checked.exit_status


@app.command("init", cls=ChineseCommand)
def init_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="写模板的目录，没有则新建")],
) -> None:
    """写出各表的 Excel 模板和带说明的 tanwei.toml。"""
    from tanwei.templates import write_all

    written = write_all(directory)
    print(f"已写出 {len(written)} 个文件：{directory}")


@app.command("runs", cls=ChineseCommand)
def runs_command(out_dir: OutDir) -> None:
    """列出输出目录中的各次运行。"""
    from tanwei import report
    from tanwei.folders import list_runs

    report.print_runs(list_runs(out_dir))


@app.command("detectors", cls=ChineseCommand)
def detectors_command() -> None:
    """列出全部检测项：名称、类别、需要的数据。"""
    from detectors.discover import discover
    from tanwei import report

    report.print_detectors(discover())


@app.command("explain", cls=ChineseCommand)
def explain_command(
    out_dir: OutDir,
    clue: Annotated[str, typer.Argument(metavar="CLUE", help="疑点编号，可只写开头几位")],
) -> None:
    """用文字说明一条疑点：依据、证据及其出处、其他可能。"""
    _Session.out_dir = out_dir
    from tanwei.workspace import open_workspace

    with open_workspace(out_dir) as ws:
        print(ws.explain(clue))


@app.command("handover", cls=ChineseCommand)
def handover_command(
    out_dir: OutDir,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="姓名或编号", help="疑点的首要对象")
    ] = None,
    clue: Annotated[
        list[str] | None, typer.Option("--clue", metavar="编号", help="疑点编号，可写多次")
    ] = None,
    level: Annotated[
        str | None, typer.Option("--level", metavar="级别", help="red、orange 或 yellow，该级全部")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="格式", help="用逗号隔开")
    ] = "docx,pdf,html,xlsx",
    unmask: Annotated[
        bool, typer.Option("--unmask", help="另附含完整号码的《身份核对表》，须写明理由")
    ] = False,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="理由", help="查看完整号码的理由，记入审计日志"),
    ] = None,
    approved_by: Annotated[
        str | None, typer.Option("--approved-by", metavar="姓名", help="批准作为问题线索的领导")
    ] = None,
    approval_no: Annotated[
        str | None, typer.Option("--approval-no", metavar="文号", help="批准文号")
    ] = None,
) -> None:
    """制作核查交办单；经批准的，制作移送函。"""
    _Session.out_dir = out_dir
    from tanwei.handover import HandoverRequest, hand_over
    from tanwei.workspace import open_workspace

    request = HandoverRequest(
        subject=subject,
        clues=tuple(clue or ()),
        level=level,
        formats=tuple(part.strip() for part in formats.split(",") if part.strip()),
        unmask=unmask,
        reason=reason,
        approved_by=approved_by,
        approval_no=approval_no,
    )
    with open_workspace(out_dir) as ws:
        made = hand_over(ws, request)
    for result in made:
        if result.kept is not None:
            print(f"原有材料改动过，已保留在：{result.kept}")
        print(f"移交材料：{result.folder}")
    print(f"已制作 {len(made)} 份移交材料。")


@app.command("conclude", cls=ChineseCommand)
def conclude_command(
    out_dir: OutDir,
    clue: Annotated[
        str | None, typer.Argument(metavar="CLUE", help="疑点编号，可只写开头几位；不写时列出全部")
    ] = None,
    word: Annotated[
        str | None, typer.Argument(metavar="结论", help="查实、部分查实、查否、无法核实或澄清")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="由谁作出，记入审计日志")] = "",
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="理由", help="结论的理由")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """记下一条疑点的核查结论；不写编号时列出已有的结论。"""
    _Session.out_dir = out_dir
    from tanwei import conclude
    from tanwei.identity import casebook_of
    from tanwei.workspace import open_workspace

    with open_workspace(out_dir) as ws:
        book = casebook_of(ws.folder, config)
        if clue is None:
            found = conclude.lines(book)
            print("\n".join(found) if found else "还没有核查结论。")
            return
        if word is None:
            raise UserError("请写明核查结论：查实、部分查实、查否、无法核实或澄清。")
        chosen = ws.clues.by_id(clue).clue
        made = conclude.conclude(ws.folder, book, chosen, word, by=by, reason=reason)
    print(f"已记下：{made.clue} {made.conclusion}（{made.made_by}）。")


app.add_typer(identity_cli.app, name="identity")
app.add_typer(train_cli.app, name="train")


@app.command("export", cls=ChineseCommand)
def export_command(
    out_dir: OutDir,
    format_: Annotated[
        str,
        typer.Option(
            "--format", metavar="格式", help="ftm（FollowTheMoney，可再读入）、graphml 或 gexf"
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="文件", help="写到哪里；不写时放在 OUT_DIR/export 下"),
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="姓名或编号", help="只导出此人或企业周围")
    ] = None,
    hops: Annotated[
        int | None, typer.Option("--hops", metavar="步数", help="离 --subject 几步以内，默认 2")
    ] = None,
    unmask: Annotated[bool, typer.Option("--unmask", help="导出完整号码，须写明理由")] = False,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="理由", help="导出的理由，记入审计日志"),
    ] = None,
) -> None:
    """导出关系图谱，供其他软件使用；号码默认脱敏。"""
    _Session.out_dir = out_dir
    from tanwei.export import ExportRequest, export
    from tanwei.workspace import open_workspace

    request = ExportRequest(format_, out, subject, hops, unmask, reason)
    with open_workspace(out_dir) as ws:
        done = export(ws, request)
    for note in done.notes:
        print(f"提示：{note}。")
    print("，".join(f"{name} {count}" for name, count in done.counts.items()))
    print(f"已导出：{done.path}")


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"--as-of 的日期不能用：{text}。请写成 2024-12-31 这样。") from error


def main(argv: list[str] | None = None) -> None:
    """Run the command and leave with the exit status of ``docs/clues.md``."""
    sys.exit(invoke(sys.argv[1:] if argv is None else argv))


def invoke(argv: list[str]) -> int:
    """Run the command and return its exit status; nothing but a status comes out.

    Examples
    --------
    >>> invoke(["runs", "no-such-folder"])
    2
    """
    _Session.out_dir, _Session.status = None, 0
    for stream in (sys.stdout, sys.stderr):
        # A console in a legacy code page shows what it can instead of ending the run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if "--help" in argv or not argv:
        chinese_panels()
    try:
        returned: Any = app(args=argv or ["--help"], prog_name="tanwei", standalone_mode=False)
    except UserError as error:
        say(f"错误：{error.message}")
        return error.exit_status
    except KeyboardInterrupt:
        say(INTERRUPTED)
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; nothing is wrong.
        sys.stderr.close()
        return 0
    except Exception as error:
        if line := usage_error(error):
            say(f"错误：{line}")
            return 2
        if type(error).__name__ == "Abort":
            say(INTERRUPTED)
            return 130
        say(f"错误：{fault(error, _Session.out_dir)}")
        return 1
    if returned == 130:  # typer turns an interrupt into the value it returns
        say(INTERRUPTED)
    return _Session.status or (returned if isinstance(returned, int) else 0)


if __name__ == "__main__":
    main()
