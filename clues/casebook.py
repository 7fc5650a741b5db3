"""The casebook: what people decide, in a database beside the runs that outlives them all.

It holds decisions on who is who, and (``clues.conclusions``) what was found when clues were checked.
Rows are only ever added; a decision taken back keeps its row, with who took it back and when. SQLite
by default; an office may name any database that SQLAlchemy reaches.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Table, insert, inspect, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from clues.casebook_store import (
    DECISIONS,
    METADATA,
    SCHEMA,
    STANDING,
    VERSION,
    connect,
    remedy,
    upgrade,
    why,
)
from graph.resolve.decisions import Decision
from ingest.errors import UserError
from ingest.masking import mask_text

NAME = "casebook.db"


@dataclass(frozen=True)
class Pair:
    """Two record groups (ids as in ``main.judgements``) and how they are called."""

    kind: str
    a: str
    b: str
    a_name: str = ""
    b_name: str = ""

    def ordered(self) -> Pair:
        """The same pair with the lesser id first."""
        if self.a <= self.b:
            return self
        return Pair(self.kind, self.b, self.a, self.b_name, self.a_name)


@dataclass(frozen=True)
class Entry:
    """A decision as it stands in the casebook; ``undone_*`` are None while it holds."""

    id: int
    made_at: str
    made_by: str
    kind: str
    a: str
    b: str
    a_name: str
    b_name: str
    verdict: Literal["same", "different"]
    reason: str | None
    run: str | None
    undone_at: str | None
    undone_by: str | None
    undone_reason: str | None


Note = Callable[[Entry], None]


def _no_note(entry: Entry) -> None:
    """For decisions that are noted nowhere else."""


_FIELDS = [field.name for field in fields(Entry)]


class Casebook:
    """Decisions on who is who.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Raises
    ------
    UserError
        From every method, in one Chinese line: locked, unreadable, not writable, or written by a
        newer version.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book = Casebook(f"sqlite:///{folder}/casebook.db")
    ...     entry = book.decide(Pair("company", "c-1", "c-2"), "same", by="王敏", reason="简称")
    ...     [d.verdict for d in book.decisions()]
    ['same']
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
            self._engine = connect(self._url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
            raise UserError(
                "配置 [casebook] url 不能用：写法应如 sqlite:///路径/casebook.db 或 "
                "postgresql+psycopg://用户@主机/库名，并须装有相应的数据库驱动。"
            ) from error
        self.where = self._url.render_as_string(hide_password=True)

    @property
    def _path(self) -> Path | None:
        """The file, where the database is one."""
        database = self._url.database or ""
        named = self._url.get_backend_name() == "sqlite" and not database.startswith(("file:", ":"))
        return Path(database) if named and database else None

    def decide(
        self,
        pair: Pair,
        verdict: Literal["same", "different"],
        *,
        by: str,
        reason: str | None = None,
        run: str | None = None,
        note: Note = _no_note,
    ) -> Entry:
        """Add a decision and return it as it stands.

        ``note`` is told before the decision is made final: if it fails, nothing was decided.

        Raises
        ------
        UserError
            If ``by`` is empty or a decision on the pair already holds: it must be taken back first.
        """
        pair, who = pair.ordered(), named(by)
        values = {
            "made_at": now(), "made_by": who, "kind": pair.kind, "a": pair.a, "b": pair.b,
            "a_name": pair.a_name, "b_name": pair.b_name, "verdict": verdict,
            "reason": masked_reason(reason), "run": run,
        }  # fmt: skip
        with self.writing() as con:
            same = (
                (DECISIONS.c.kind == pair.kind)
                & (DECISIONS.c.a == pair.a)
                & (DECISIONS.c.b == pair.b)
            )
            held = con.execute(select(DECISIONS).where(same & STANDING)).first()
            if held is not None:
                raise _already(_entry(held))
            made = con.execute(insert(DECISIONS).values(values).returning(DECISIONS)).one()
            entry = _entry(made)
            note(entry)
            return entry

    def undo(
        self, decision: int, *, by: str, reason: str | None = None, note: Note = _no_note
    ) -> Entry:
        """Take a decision back; its row stays. ``note`` as in ``decide``.

        Raises
        ------
        UserError
            If there is no such decision or it has been taken back already.
        """
        who = named(by)
        values = {
            "undone_at": now(),
            "undone_by": who,
            "undone_reason": masked_reason(reason),
        }
        with self.writing() as con:
            wanted = DECISIONS.c.id == decision
            changed = con.execute(
                update(DECISIONS).where(wanted & STANDING).values(values).returning(DECISIONS)
            ).first()
            if changed is not None:
                entry = _entry(changed)
                note(entry)
                return entry
            held = con.execute(select(DECISIONS).where(wanted)).first()
            if held is None:
                raise UserError(
                    f"没有编号为 {decision} 的认定。用 tanwei identity list 查看全部认定。"
                )
            raise UserError(
                f"编号 {decision} 的认定已由{held.undone_by}于 {held.undone_at[:10]} 撤销，不必再撤销。"
            )

    def entries(self) -> list[Entry]:
        """Every decision in order, also those taken back; nothing where there is no casebook yet."""
        return [_entry(row) for row in self.rows(DECISIONS)]

    def decisions(self) -> list[Decision]:
        """The decisions that hold, as the graph takes them; in an order that depends on them alone."""
        standing = [e for e in self.entries() if e.undone_at is None]
        standing.sort(key=lambda e: (e.kind, e.a, e.b))
        return [
            Decision(e.kind, e.a, e.b, e.verdict, e.made_by, e.made_at[:10], e.reason)
            for e in standing
        ]

    def rows(self, table: Table) -> Sequence[Any]:
        """All rows of a table in order; none where there is no casebook, or an older one without."""
        if self._path is not None and not self._path.exists():
            return []
        with self._told(), self._engine.begin() as con:
            if self._version(con) is None or not inspect(con).has_table(table.name):
                return []
            return con.execute(select(table).order_by(table.c.id)).all()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction, which makes the tables where there are none."""
        with self._told():
            path = self._path
            if path is not None and not path.exists():
                # For its owner only, like everything that names people.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            with self._engine.execution_options(writes=True).begin() as con:
                version = self._version(con)
                if version is None:
                    METADATA.create_all(con)
                    con.execute(insert(VERSION).values(schema_version=SCHEMA))
                elif version < SCHEMA:
                    upgrade(con, version)
                yield con

    def _version(self, con: Connection) -> int | None:
        """Version of the tables; None where there are none.

        Raises
        ------
        UserError
            If they are of a later version than this program's.
        """
        if not inspect(con).has_table(VERSION.name):
            return None
        version: int | None = con.execute(select(VERSION.c.schema_version)).scalar()
        if version is not None and version > SCHEMA:
            raise UserError(f"案卷库由更新版本的探微写成，本版本读不了：{self.where}。请升级探微。")
        return version

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the database says into one Chinese line."""
        try:
            yield
        except IntegrityError as error:
            raise UserError(
                "另有人刚刚对同一对作了认定。请用 tanwei identity list 查看。"
            ) from error
        except (DBAPIError, OSError) as error:
            raise UserError(f"{why(error)}：{self.where}。{remedy(error)}") from error


def open_casebook(out_dir: Path, url: str | None = None) -> Casebook:
    """Open the casebook of an output folder, or the one that the configuration names.

    Parameters
    ----------
    out_dir : Path
    url : str, optional
        ``[casebook] url``.
    """
    default = URL.create("sqlite", database=str(out_dir.resolve() / NAME))
    return Casebook(url or default.render_as_string(hide_password=False))


def digest(decisions: Sequence[Decision]) -> str:
    """SHA-256 of decisions: same data, configuration and decisions give the same bytes.

    Examples
    --------
    >>> digest([])[:8]
    '4f53cda1'
    """
    plain = [[d.kind, d.a, d.b, d.verdict, d.by, d.on, d.reason] for d in decisions]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(row: Any) -> Entry:
    return Entry(**{name: getattr(row, name) for name in _FIELDS})


def _already(held: Entry) -> UserError:
    word = "同一主体" if held.verdict == "same" else "不是同一主体"
    return UserError(
        f"这一对已由{held.made_by}于 {held.made_at[:10]} 认定为{word}（编号 {held.id}）。"
        f"要改变认定，请先撤销：tanwei identity undo OUT_DIR {held.id} --by 姓名"
    )


def named(by: str) -> str:
    """Who does something: never nobody."""
    if not by.strip():
        raise UserError("请写明由谁作出：--by 姓名。")
    return by.strip()


def masked_reason(text: str | None) -> str | None:
    """What a person gave as reason, its numbers masked."""
    # A person may well write a number into it, and reasons are shown wherever the pair is.
    return mask_text((text or "").strip()) or None


def now() -> str:
    """The moment, with its offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
