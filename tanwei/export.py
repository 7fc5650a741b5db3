"""``tanwei export``: the graph, or somebody's neighbourhood in it, for other tools."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graph.disclosure import Disclosure
from ingest.errors import UserError, why
from tanwei import audit
from tanwei.run import owner_only

if TYPE_CHECKING:
    from tanwei.workspace import Workspace

SUFFIXES = {"ftm": ".ftm.jsonl", "graphml": ".graphml", "gexf": ".gexf"}
FOLDER = "export"
MOST_ELEMENTS = 300_000
"""Nodes and edges that GraphML and GEXF may hold: they are made in memory (about 2 GB at this size),
and the tools that read them are of no use beyond it. FollowTheMoney is written line by line."""
HOPS = 2
MOST_HOPS = 6


@dataclass(frozen=True)
class ExportRequest:
    """What to export, as what, and how much of it is shown.

    Parameters
    ----------
    format : str
        ``ftm``, ``graphml`` or ``gexf``.
    out : Path, optional
        The file; by default ``OUT_DIR/export/<run>[-<name>].<suffix>``.
    subject : str, optional
        Name or entity id: only the neighbourhood.
    hops : int, optional
        Edges away from the subject, 2 where not said.
    unmask : bool
        Full numbers; needs ``reason``.
    reason : str, optional
        Goes into the audit log.
    """

    format: str
    out: Path | None = None
    subject: str | None = None
    hops: int | None = None
    unmask: bool = False
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.format not in SUFFIXES:
            raise UserError(
                f"没有名为 {self.format} 的导出格式。--format 可写：{'、'.join(SUFFIXES)}。"
            )
        if self.unmask and not (self.reason or "").strip():
            raise UserError("导出完整号码必须写明理由：请加 --reason 理由。")
        if self.hops is not None and self.subject is None:
            raise UserError("--hops 要和 --subject 一起用。")
        if self.hops is not None and not 1 <= self.hops <= MOST_HOPS:
            raise UserError(f"--hops 应在 1 到 {MOST_HOPS} 之间，现为 {self.hops}。")


@dataclass(frozen=True)
class ExportResult:
    """The file written, how much is in it, and what stayed out."""

    path: Path
    counts: dict[str, int]
    notes: tuple[str, ...] = field(default=())


def export(ws: Workspace, request: ExportRequest) -> ExportResult:
    """Write the graph of a run to a file for its owner only, whole or not at all.

    Parameters
    ----------
    ws : Workspace
    request : ExportRequest

    Returns
    -------
    ExportResult

    Raises
    ------
    UserError
        If the subject is unknown or ambiguous, the graph too big for the format, the file can't be
        written, or the audit log can't.
    """
    part, notes = _part(ws, request)
    if request.format != "ftm":
        _check_size(ws, request, part)
    path = request.out or _default(ws, request)
    # Noted first: what can't be logged must not leave.
    detail = {
        "run": ws.folder.run_id,
        "format": request.format,
        "file": path.name,
        "subject": part.subject,
        "hops": part.hops,
    }
    action: audit.Action = "unmask" if request.unmask else "export"
    audit.append(ws.folder.out_dir, action, detail, request.reason)
    shown = Disclosure(full=request.unmask)
    with owner_only():
        counts = _whole(path, lambda waiting: _write(ws, request, part.entities, shown, waiting))
    return ExportResult(path, counts, notes)


@dataclass(frozen=True)
class _Part:
    """The entities to export, None for all; whom they are around."""

    entities: Collection[str] | None = None
    subject: str | None = None
    hops: int | None = None


def _part(ws: Workspace, request: ExportRequest) -> tuple[_Part, tuple[str, ...]]:
    if request.subject is None:
        return _Part(), ()
    from graph.project import MOST_NODES, ego

    hops = request.hops or HOPS
    entity = ws.entity(request.subject)
    graph = ego(ws.snapshot, entity, hops)
    notes = []
    if graph.graph["left_out"]:
        notes.append(
            f"只导出最近的 {MOST_NODES} 个对象，另有 {graph.graph['left_out']} 个较远的未导出"
        )
    if graph.graph["hubs"]:
        notes.append("共用者过多、未再展开：" + "、".join(graph.graph["hubs"][:5]))
    return _Part(sorted(graph), entity, hops), tuple(notes)


def _check_size(ws: Workspace, request: ExportRequest, part: _Part) -> None:
    if part.entities is not None:
        return
    nodes, edges = ws.snapshot.con.execute(
        "SELECT (SELECT count(*) FROM main.entities), (SELECT count(*) FROM main.edges)"
    ).fetchall()[0]
    if nodes + edges > MOST_ELEMENTS:
        raise UserError(
            f"图谱有 {nodes:,} 个对象、{edges:,} 条关系，超过 {request.format} 的上限"
            f"（合计 {MOST_ELEMENTS:,}）。请加 --subject 姓名或编号 只导出某人周围，"
            "或用 --format ftm 导出全部。"
        )


def _default(ws: Workspace, request: ExportRequest) -> Path:
    stem = ws.folder.run_id
    if request.subject is not None:
        entity = ws.entity(request.subject)
        stem += f"-{entity.split('-')[-1][:8]}"
    if request.unmask:
        stem += "-含完整号码"
    return ws.folder.out_dir / FOLDER / f"{stem}{SUFFIXES[request.format]}"


def _whole(path: Path, write: Callable[[Path], dict[str, int]]) -> dict[str, int]:
    """Write under another name and rename, so that a killed export leaves no half a file."""
    waiting = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        counts = write(waiting)
        os.replace(waiting, path)
    except OSError as error:
        raise UserError(
            f"文件写不进去：{path}（{why(error)}）。请检查路径、权限和磁盘空间。"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            waiting.unlink(missing_ok=True)
    return counts


def _write(
    ws: Workspace,
    request: ExportRequest,
    entities: Collection[str] | None,
    shown: Disclosure,
    path: Path,
) -> dict[str, int]:
    if request.format == "ftm":
        from graph.export_ftm import TITLES, write_ftm

        with path.open("w", encoding="utf-8", newline="\n") as stream:
            written = write_ftm(ws.snapshot, stream, shown, entities)
        return {title: written[schema] for schema, title in TITLES.items() if written[schema]}
    from graph.export import labelled, write_gexf, write_graphml
    from graph.project import subgraph

    wanted = entities
    if wanted is None:
        rows = ws.snapshot.con.execute("SELECT entity FROM main.entities").fetchall()
        wanted = [entity for (entity,) in rows]
    graph = labelled(ws.snapshot, subgraph(ws.snapshot, wanted), shown)
    if request.format == "graphml":
        write_graphml(graph, path)
    else:
        write_gexf(graph, path, ws.snapshot.as_of)
    return {"对象": graph.number_of_nodes(), "关系": graph.number_of_edges()}
