"""The secret that keys entity ids of people, accounts and phones.

An identity number has so little chance in it (county, birth date, three digits) that a plain hash
of one is undone by trying them all. Ids leave the program in clues and handover files, so they are
keyed; whoever lacks the key learns nothing from an id. The same key gives the same ids, which is
what keeps clues, judgements and the casebook together over runs.

Looked for in this order:

1. ``[privacy] key_file`` of the configuration;
2. the environment variable ``TANWEI_KEY_FILE``;
3. ``OUT_DIR/.key``. Where there is none yet it is copied from the user's own key
   (``~/.config/tanwei/key``, made once), so that two output folders of one user agree.

An office whose analysts share results points all of them at one key file.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from ingest.errors import UserError

LEAST_BYTES = 16
KEY_NAME = ".key"


def entity_key(out_dir: Path, key_file: Path | None = None) -> bytes:
    """Return the key for entity ids, making one where there is none.

    Parameters
    ----------
    out_dir : Path
        Output folder; must exist.
    key_file : Path, optional
        ``[privacy] key_file`` of the configuration.

    Returns
    -------
    bytes
        At least 16 bytes.

    Raises
    ------
    UserError
        If a named key file is absent, unreadable or too short.
    """
    if key_file is not None:
        return _read(key_file, "配置项 [privacy] key_file")
    named = os.environ.get("TANWEI_KEY_FILE")
    if named:
        return _read(Path(named), "环境变量 TANWEI_KEY_FILE")
    own = out_dir / KEY_NAME
    if not own.exists():
        _create(own, _user_key() or _fresh())
    return _read(own, "输出目录")


def user_key_path() -> Path:
    """Return where the user's own key lies (``XDG_CONFIG_HOME`` honoured)."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "tanwei" / "key"


def _user_key() -> str | None:
    """Return the user's own key, made on first use; None where the home folder can't be written.

    A service account often has no home. Its output folders then have a key each, which is safe and
    only means that ids of different output folders can't be compared.
    """
    path = user_key_path()
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path, _fresh())
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) >= LEAST_BYTES else None


def _fresh() -> str:
    return secrets.token_hex(32)


def _create(path: Path, text: str) -> None:
    """Write a new file for its owner only, whole or not at all; an existing one is left alone."""
    waiting = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        # link() refuses to replace: of two runs that start together, both use the first one's key.
        with contextlib.suppress(FileExistsError):
            os.link(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def _read(path: Path, named_by: str) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise UserError(
            f"密钥文件读不到：{path}（由{named_by}指定）。请检查路径和读取权限。"
        ) from error
    if len(key) < LEAST_BYTES:
        raise UserError(
            f"密钥文件太短：{path}（由{named_by}指定），至少需要 {LEAST_BYTES} 个字节。"
            "请换用完整的密钥文件；密钥一变，人员编号和疑点编号都会随之改变。"
        )
    return key
