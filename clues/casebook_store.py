"""The casebook's tables, how its database is opened, and what that says when it fails."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.pool import NullPool

SCHEMA = 2
"""Version of the tables below."""
_WAIT = 15
"""Seconds to wait for another process to finish its transaction."""

METADATA = MetaData()
VERSION = Table("casebook", METADATA, Column("schema_version", Integer, nullable=False))
DECISIONS = Table(
    "identity_decisions",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("made_at", String(32), nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("a", String(32), nullable=False),
    Column("b", String(32), nullable=False),
    Column("a_name", String(300), nullable=False),
    Column("b_name", String(300), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", String(2000)),
    Column("run", String(64)),
    Column("undone_at", String(32)),
    Column("undone_by", String(100)),
    Column("undone_reason", String(2000)),
    # Ids are never used again, not even after the last row: they stand in the audit log.
    sqlite_autoincrement=True,
)
STANDING = DECISIONS.c.undone_at.is_(None)
# Of two people who decide on one pair at once, the second is told.
Index(
    "one_standing_decision",
    DECISIONS.c.kind,
    DECISIONS.c.a,
    DECISIONS.c.b,
    unique=True,
    sqlite_where=STANDING,
    postgresql_where=STANDING,
)
# What was found when a clue was checked. The last row of a clue holds; earlier ones are its history.
CONCLUSIONS = Table(
    "clue_conclusions",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("made_at", String(32), nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("clue", String(32), nullable=False),
    Column("detector", String(64), nullable=False),
    Column("title", String(1000), nullable=False),
    Column("conclusion", String(16), nullable=False),
    Column("reason", String(2000)),
    Column("run", String(64)),
    sqlite_autoincrement=True,
)


def upgrade(con: Connection, version: int) -> None:
    """Bring tables of an earlier version to this one; what is in them stays.

    Version 2 added the conclusions on clues.
    """
    if version < 2:
        CONCLUSIONS.create(con)
    con.execute(VERSION.update().values(schema_version=SCHEMA))


def connect(url: URL) -> Engine:
    """Make an engine whose transactions see and change nothing half-done."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, isolation_level="SERIALIZABLE", poolclass=NullPool)
    engine = create_engine(url, connect_args={"timeout": _WAIT}, poolclass=NullPool)

    # The driver would begin transactions late, after reading: two writers could read the same.
    @event.listens_for(engine, "connect")
    def _no_implicit_begin(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(con: Connection) -> None:
        writes = con.get_execution_options().get("writes")
        con.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def why(error: Exception) -> str:
    """What went wrong, in Chinese."""
    text = str(error).lower()
    if "locked" in text or "could not serialize" in text or "deadlock" in text:
        return "案卷库正被别的程序占用"
    if "not a database" in text or "malformed" in text:
        return "案卷库文件已损坏或不是案卷库"
    if "readonly" in text or "read-only" in text or isinstance(error, PermissionError):
        return "案卷库不能写入"
    if "disk" in text and "full" in text:
        return "磁盘空间不足，案卷库写不进去"
    return "案卷库打不开"


def remedy(error: Exception) -> str:
    """What to do about it, in Chinese."""
    text = str(error).lower()
    if "locked" in text or "could not serialize" in text or "deadlock" in text:
        return "请稍后重试。"
    if "not a database" in text or "malformed" in text:
        return "请从备份恢复，或把它移走后重新认定。"
    return "请检查路径、权限和数据库连接。"
