"""JSON files of whatever standard → rows of our tables: OCDS, BODS 0.4, FollowTheMoney."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ingest.readers.bods import settle_bods
from ingest.readers.bods_statements import BodsFile, parse_bods
from ingest.readers.ftm import settle_ftm
from ingest.readers.ftm_entities import FtmFile, parse_ftm
from ingest.readers.json_items import NotText, decode, kind_of, numbered
from ingest.readers.ocds import OcdsTables, read_ocds, settle_names
from ingest.readers.records import BadRecord, RecordTables

Document = OcdsTables | BodsFile | FtmFile
SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".ijson"})


class UnknownJson(Exception):  # noqa: N818 - says what the file is, not what went wrong
    """JSON of a kind that is not read; the message is the Chinese reason."""


class Row(Protocol):
    """A row for a canonical table: its place in the file, and canonical column → text."""

    @property
    def row(self) -> int: ...

    @property
    def values(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class JsonTables:
    """What one JSON file gives to the intake.

    ``standard`` is its name for people; ``unstored`` maps tables to fields that no column takes;
    ``bad`` are records set aside.
    """

    standard: str
    tables: Mapping[str, Sequence[Row]]
    notes: Sequence[str]
    currency: str | None = None
    unstored: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bad: Sequence[BadRecord] = ()


def read_document(path: Path, name: str, before: Sequence[Document]) -> Document:
    """Read one JSON file, of whichever standard its content is.

    Parameters
    ----------
    path : Path
    name : str
        What messages call the file.
    before : sequence of Document
        Those read before from the same folder; records refer to each other over files.

    Raises
    ------
    NotOcds
        Not JSON, broken off, or JSON of an unknown kind.
    UnknownJson
        A version that is not read.
    """
    data = path.read_bytes()
    try:
        text = decode(data)
    except NotText:
        text = ""
    kind = kind_of(text)
    if kind == "old bods":
        raise UnknownJson("是BODS 0.3或更早的版本，只读取0.4版；请让提供方按0.4版导出")
    if kind == "bods":
        return parse_bods(numbered(text), sum(isinstance(d, BodsFile) for d in before))
    if kind == "ftm":
        return parse_ftm(numbered(text), sum(isinstance(d, FtmFile) for d in before))
    del text
    return read_ocds(data, name)


def settle(documents: Sequence[Document]) -> list[JsonTables]:
    """Turn all JSON files of a folder into rows, each standard over all of its files.

    Returns
    -------
    list of JsonTables
        In the same order.
    """
    ocds = iter(settle_names([d for d in documents if isinstance(d, OcdsTables)]))
    bods = iter(settle_bods([d for d in documents if isinstance(d, BodsFile)]))
    ftm = iter(settle_ftm([d for d in documents if isinstance(d, FtmFile)]))
    settled = []
    for document in documents:
        if isinstance(document, OcdsTables):
            found = next(ocds)
            settled.append(JsonTables("OCDS", found.tables, found.notes, found.currency))
        elif isinstance(document, BodsFile):
            settled.append(_of_records("BODS 0.4", next(bods)))
        else:
            settled.append(_of_records("FollowTheMoney", next(ftm)))
    return settled


def _of_records(standard: str, found: RecordTables) -> JsonTables:
    unstored = {table: sorted(fields) for table, fields in found.unstored.items() if fields}
    return JsonTables(standard, found.tables, found.all_notes(), None, unstored, tuple(found.bad))
