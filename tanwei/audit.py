"""The audit log: who did what, when and why, as JSON lines chained by hashes.

Each entry holds the hash of the one before it, so that changing, removing or inserting an entry
shows. What a chain without an outside witness can't show is a tail cut off, or a log rewritten
whole: where that matters, note the last hash elsewhere from time to time.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from ingest.errors import UserError
from ingest.masking import mask_text

Action = Literal["run", "export", "unmask", "approve", "decide", "undo", "train", "conclude"]
LOG_NAME = "audit.log"
START = "0" * 64


@dataclass(frozen=True)
class AuditProblem:
    """A line of the log that doesn't fit the chain; ``text`` says in Chinese why."""

    line: int
    text: str


def append(
    out_dir: Path,
    action: Action,
    detail: Mapping[str, Any],
    reason: str | None = None,
) -> str:
    """Add one entry to ``OUT_DIR/audit.log`` and return its hash.

    Parameters
    ----------
    out_dir : Path
        Output folder.
    action : str
        ``run``, ``export``, ``unmask`` (numbers shown or exported in full), ``approve``,
        ``decide`` and ``undo`` (on who is who), ``train`` (a model, on verified cases), or
        ``conclude`` (what was found when a clue was checked).
    detail : mapping
        What was touched; JSON values. Never a full number.
    reason : str, optional
        Why, in the words of the person, numbers masked; compulsory for ``unmask``.

    Raises
    ------
    UserError
        If ``unmask`` comes without a reason, or the log can't be written. What can't be
        logged must not happen: callers append before they hand anything out.
    """
    # A person may well write into the reason whose number is to be seen.
    reason = mask_text((reason or "").strip()) or None
    if action == "unmask" and reason is None:
        raise UserError("查看或导出完整号码必须写明理由：请加 --reason 理由。")
    path = out_dir / LOG_NAME
    try:
        with FileLock(str(path) + ".lock", timeout=10, mode=0o600):
            return _append(path, action, detail, reason)
    except (OSError, Timeout) as error:
        raise UserError(f"审计日志写不进去：{path}。请检查写入权限和磁盘空间。") from error


def _append(path: Path, action: str, detail: Mapping[str, Any], reason: str | None) -> str:
    last = _last_line(path)
    entry: dict[str, Any] = {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "who": _who(),
        "action": action,
        "detail": dict(detail),
        "reason": reason,
        "prev": START if last is None else _link(last),
    }
    entry["hash"] = _digest(entry)
    line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as stream:
        # An entry cut short by a power cut stays visible as a broken line of its own.
        torn = last is not None and not last.endswith(b"\n")
        stream.write((b"\n" if torn else b"") + line.encode())
        stream.flush()
        os.fsync(stream.fileno())
    return str(entry["hash"])


def verify(out_dir: Path) -> list[AuditProblem]:
    """Check the chain of ``OUT_DIR/audit.log``; an empty list means that it holds.

    What is *not* checked: whether entries are missing at the end.
    """
    path = out_dir / LOG_NAME
    if not path.exists():
        return []
    problems = []
    expected = START
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        entry = _parse(line)
        if entry is None:
            problems.append(AuditProblem(number, "这一行不完整或不是审计记录"))
        elif entry.get("hash") != _digest(entry):
            problems.append(AuditProblem(number, "这一行的内容被改动过"))
        elif entry.get("prev") != expected:
            problems.append(AuditProblem(number, "与上一行接不上：中间有记录被删除、插入或改动"))
        expected = _link(line)
    return problems


def entries(out_dir: Path) -> list[dict[str, Any]]:
    """Return the readable entries of the log in order."""
    path = out_dir / LOG_NAME
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines()
    return [entry for entry in map(_parse, lines) if entry is not None]


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "hash" in entry else None


def _digest(entry: Mapping[str, Any]) -> str:
    body = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _link(line: bytes) -> str:
    """Return what the next entry must hold: the entry's hash, or that of a torn line's bytes."""
    entry = _parse(line)
    return str(entry["hash"]) if entry else hashlib.sha256(line.rstrip(b"\n")).hexdigest()


def _last_line(path: Path) -> bytes | None:
    if not path.exists() or path.stat().st_size == 0:
        return None
    return path.read_bytes().splitlines(keepends=True)[-1]


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"uid {os.getuid()}" if hasattr(os, "getuid") else "?"
    return f"{user}@{socket.gethostname()}"
