"""Shared test helpers: small departments' files in, a snapshot out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from graph.resolve.decisions import Decision
from graph.snapshot import GraphSettings, Snapshot, build
from ingest.intake import IntakeSettings, read_folder
from ingest.progress import silent

KEY = bytes(range(32))


def write_tables(folder: Path, tables: Mapping[str, str]) -> None:
    """Write each CSV text as ``<name>.csv`` (a name may hold a folder: ``民政/死亡``)."""
    for name, text in tables.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.strip() for line in text.strip().splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def snapshot_from_folder(
    folder: Path,
    settings: GraphSettings | None = None,
    as_of: date | None = None,
    decisions: Sequence[Decision] = (),
) -> Snapshot:
    """Read a folder and build its snapshot in memory."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA IF NOT EXISTS raw")
    con.execute("CREATE SCHEMA IF NOT EXISTS typed")
    read_folder(folder, con, IntakeSettings(), silent)
    build(con, KEY, settings or GraphSettings(), as_of, decisions=decisions)
    return Snapshot.from_connection(con)


def snapshot_from_tables(
    tables: Mapping[str, str],
    settings: GraphSettings | None = None,
    as_of: date | None = None,
    decisions: Sequence[Decision] = (),
) -> Snapshot:
    """Read CSV texts and build their snapshot in memory.

    Parameters
    ----------
    tables : mapping of str to str
        File name without ``.csv`` → CSV text; headers Chinese or canonical, recognised as always.
    settings : GraphSettings, optional
    as_of : date, optional
    decisions : sequence of Decision
        What analysts decided about who is who.

    Examples
    --------
    >>> with snapshot_from_tables({"deaths": "姓名,死亡日期\\n张三,2020-01-02"}) as s:
    ...     s.has("deaths", "name")
    True
    """
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), tables)
        return snapshot_from_folder(Path(folder), settings, as_of, decisions)
