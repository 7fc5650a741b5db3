"""Compressed files: each member is unpacked by itself into a temporary file under a name of ours."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ingest.readers.grid import Unreadable

SUFFIXES = frozenset({".zip", ".gz"})
# What department files can reach; beyond it a small file that swells up is a trap or a mistake.
SIZE_LIMIT = 8 << 30
RATIO_LIMIT = 400
_RATIO_FROM = 256 << 20
_CHUNK = 1 << 20

REASON_ENCRYPTED = "压缩包已加密；请解压后再提供"
REASON_BROKEN = "压缩包不完整或已损坏，请重新打包或直接提供解压后的文件"
REASON_SWELLS = "解压后过大，可能是异常压缩包，没有读取；请解压后再提供"
REASON_PATH = "压缩包内的路径不正常（指向包外），没有读取"
REASON_NESTED = "压缩包里还有压缩包，没有读取；请解压后再提供"
REASON_EMPTY = "压缩包里没有文件"


@dataclass(frozen=True)
class Member:
    """An unpacked file, or why it was not unpacked; ``name`` as in the archive."""

    name: str
    path: Path | None
    reason: str | None = None


def unpack(source: Path, scratch: Path) -> Iterator[Member]:
    """Unpack an archive member by member; each file is deleted when the next is asked for.

    Parameters
    ----------
    source : Path
        ``.zip`` or ``.gz``.
    scratch : Path
        An empty folder.

    Yields
    ------
    Member

    Raises
    ------
    Unreadable
        If the archive as a whole can't be read.
    """
    if source.suffix.lower() == ".gz":
        yield from _unpack_gz(source, scratch)
    else:
        yield from _unpack_zip(source, scratch)


def _unpack_gz(source: Path, scratch: Path) -> Iterator[Member]:
    name = source.stem
    target = scratch / f"member{PurePosixPath(name).suffix.lower()}"
    try:
        with gzip.open(source, "rb") as stream:
            _copy(stream, target, source.stat().st_size)
    except (OSError, EOFError, zlib.error) as error:
        target.unlink(missing_ok=True)
        raise Unreadable(REASON_BROKEN) from error
    yield Member(name, target)
    target.unlink(missing_ok=True)


def _unpack_zip(source: Path, scratch: Path) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable(REASON_BROKEN) from error
    with archive:
        infos = [(_name(info), info) for info in archive.infolist() if not info.is_dir()]
        infos = [(name, info) for name, info in infos if not _passed_over(name)]
        if not infos:
            raise Unreadable(REASON_EMPTY)
        for name, info in sorted(infos, key=lambda item: item[0]):
            yield from _member(archive, info, name, scratch)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, scratch: Path
) -> Iterator[Member]:
    parts = PurePosixPath(name).parts
    suffix = PurePosixPath(name).suffix.lower()
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name:
        yield Member(PurePosixPath(name).name, None, REASON_PATH)
    elif info.flag_bits & 1:
        yield Member(name, None, REASON_ENCRYPTED)
    elif suffix in (*SUFFIXES, ".rar", ".7z"):
        yield Member(name, None, REASON_NESTED)
    else:
        target = scratch / f"member{suffix}"
        try:
            with archive.open(info) as stream:
                _copy(stream, target, info.compress_size)
        except Unreadable as error:
            yield Member(name, None, str(error))
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, ValueError):
            yield Member(name, None, REASON_BROKEN)
        else:
            yield Member(name, target)
        target.unlink(missing_ok=True)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; archives made on Chinese Windows keep it in GBK without saying so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _passed_over(name: str) -> bool:
    parts = PurePosixPath(name).parts
    last = parts[-1] if parts else ""
    return (last.startswith((".", "~$")) and last != "..") or parts[:1] == ("__MACOSX",)


def _copy(stream: IO[bytes] | gzip.GzipFile, target: Path, packed: int) -> None:
    size = 0
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > SIZE_LIMIT or (size > _RATIO_FROM and size > packed * RATIO_LIMIT):
                out.close()
                target.unlink()
                raise Unreadable(REASON_SWELLS)
            out.write(chunk)
