"""``tanwei train``: models that learn from verified cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tanwei.console import ChineseCommand, ChineseGroup

app = typer.Typer(
    cls=ChineseGroup,
    help="用已核查的案件训练模型。没有核查结论时不训练，也不给出概率。",
    no_args_is_help=False,
    rich_markup_mode="rich",
)


@app.command("ring", cls=ChineseCommand)
def ring_command(
    out_dir: Annotated[
        Path, typer.Argument(metavar="OUT_DIR", help="输出目录，或其中某一次运行的目录")
    ],
    labels: Annotated[
        Path,
        typer.Option(
            "--labels",
            metavar="文件",
            help="已核查的标段：项目编号、标段、核查结论（查实、查否……）",
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="由谁训练，记入审计日志")],
    rest_clean: Annotated[
        bool, typer.Option("--rest-clean", help="没有结论的标段一律按未见问题处理")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="文件", help="配置文件，见 tanwei run")
    ] = None,
) -> None:
    """用已核查的标段训练围标团伙模型，写出模型和说明。"""
    from tanwei.identity import casebook_of
    from tanwei.train import summary, train_ring
    from tanwei.verified import from_casebook, from_file
    from tanwei.workspace import open_workspace

    with open_workspace(out_dir) as ws:
        verified = (
            from_casebook(ws.snapshot, ws.folder, casebook_of(ws.folder, config))
            if labels is None
            else from_file(ws.snapshot, labels)
        )
        trained = train_ring(ws.snapshot, ws.folder, verified, by, rest_clean)
    for line in summary(trained):
        print(line)


@app.callback()
def _group() -> None:
    """Keep ``ring`` a subcommand though it is the only one."""
