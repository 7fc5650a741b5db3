"""``tanwei identity``: pairs that wait for a person, decisions on them, and taking them back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import UserError
from tanwei.console import ChineseCommand, ChineseGroup

app = typer.Typer(
    cls=ChineseGroup,
    help="人工认定：两处记录是不是同一个人、同一家企业。认定可以撤销，下次运行时生效。",
    no_args_is_help=False,
    rich_markup_mode="rich",
)

OutDir = Annotated[Path, typer.Argument(metavar="OUT_DIR", help="输出目录，或其中某一次运行的目录")]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="文件", help="配置文件；不写时用数据目录里的 tanwei.toml（如有）"
    ),
]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="由谁认定，记入审计日志")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="理由", help="认定或撤销的理由")]


@app.command("review", cls=ChineseCommand)
def review_command(
    out_dir: OutDir,
    name: Annotated[
        str | None, typer.Option("--name", metavar="姓名", help="只看名称中含有这几个字的")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="对数", min=1, help="最多列出多少对")
    ] = 20,
    every: Annotated[
        bool, typer.Option("--all", help="连同规则、模型和人工已有结论的一并列出")
    ] = False,
    form: Annotated[
        str, typer.Option("--format", metavar="格式", help="text，或 xlsx（供会议讨论的工作簿）")
    ] = "text",
    config: ConfigFile = None,
) -> None:
    """列出需要人工认定的人员和企业，最要紧的在前。"""
    if form not in ("text", "xlsx"):
        raise UserError(f"--format 只能写 text 或 xlsx，现为 {form}。")
    from tanwei.identity import casebook_of, review
    from tanwei.identity_views import IdentityReview, write_workbook
    from tanwei.workspace import open_workspace

    with open_workspace(out_dir) as ws:
        book = casebook_of(ws.folder, config)
        found = review(ws.snapshot, ws.folder, book, name=name, every=every)
        shown = IdentityReview(found[:limit], len(found))
        if form == "xlsx":
            print(f"已写出 {len(shown)} 对：{write_workbook(ws.folder, shown)}")
            return
    for line in shown.lines():
        print(line)
    print(shown.summary())
    if shown:
        print(
            f"认定：tanwei identity decide {out_dir} 编号 same（或 different）--by 姓名 --reason 理由"
        )


@app.command("decide", cls=ChineseCommand)
def decide_command(
    out_dir: OutDir,
    pair: Annotated[
        str, typer.Argument(metavar="PAIR", help="review 列出的编号，或用逗号隔开的两个主体编号")
    ],
    verdict: Annotated[
        str, typer.Argument(metavar="VERDICT", help="same（同一人）或 different（非同一人）")
    ],
    by: By,
    reason: Reason = None,
    config: ConfigFile = None,
) -> None:
    """认定两处记录是不是同一个人或同一家企业。"""
    from tanwei.identity import NEXT_RUN, casebook_of, decide, find_pair, verdict_of
    from tanwei.identity_views import verdict_text
    from tanwei.workspace import open_workspace

    word = verdict_of(verdict)
    with open_workspace(out_dir) as ws:
        book = casebook_of(ws.folder, config)
        entry = decide(ws.folder, book, find_pair(ws.snapshot, pair), word, by=by, reason=reason)
    print(
        f"已认定：{entry.a_name} 与 {entry.b_name} 为{verdict_text(entry.kind, entry.verdict)}"
        f"（认定编号 {entry.id}）。{NEXT_RUN}"
    )


@app.command("undo", cls=ChineseCommand)
def undo_command(
    out_dir: OutDir,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="list 列出的认定编号")],
    by: By,
    reason: Reason = None,
    config: ConfigFile = None,
) -> None:
    """撤销一条认定；原来的记录仍然保留。"""
    from tanwei.folders import resolve
    from tanwei.identity import NEXT_RUN, casebook_of, undo

    if not (decision.isascii() and decision.isdigit()):
        raise UserError(f"认定编号应是数字，现为 {decision}。用 tanwei identity list 查看编号。")
    folder = resolve(out_dir)
    entry = undo(folder, casebook_of(folder, config), int(decision), by=by, reason=reason)
    print(f"已撤销认定 {entry.id}：{entry.a_name} 与 {entry.b_name}。{NEXT_RUN}")


@app.command("list", cls=ChineseCommand)
def list_command(out_dir: OutDir, config: ConfigFile = None) -> None:
    """列出全部人工认定，包括已撤销的。"""
    from tanwei import report
    from tanwei.folders import resolve
    from tanwei.identity import casebook_of
    from tanwei.identity_views import Decisions

    folder = resolve(out_dir)
    entries = Decisions(casebook_of(folder, config).entries())
    report.print_decisions(entries)
