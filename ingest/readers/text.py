"""Delimited text: encoding and separator found, records numbered as a person counts them.

Two ways lead into ``raw``: DuckDB's own reader straight from the file, and Python's csv module for
whatever DuckDB refuses or would number otherwise (blank records, ragged rows, quoted line breaks).
Where DuckDB's way is taken, both give the same.
"""

from __future__ import annotations

import codecs
import csv
import glob
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
from charset_normalizer import from_bytes

from ingest.readers.grid import Unreadable, create_raw, insert_batch
from ingest.recognise import HEAD_ROWS, Head, Layout, recognise
from ingest.storage import declared, seldom_repeated

SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".tab"})
SEPARATORS = (",", ";", "\t")
_SAMPLE = 1 << 18
_CHUNK = 1 << 20
_BATCH = 50_000
# From here on, how columns are packed is felt.
_LARGE = 4 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODING_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8（带 BOM）", "utf-16": "UTF-16"}

REASON_EMPTY = "文件是空的"
REASON_BINARY = "不是文本文件（含有二进制内容），扩展名与内容不符"
REASON_ENCODING = "文字编码读不出（不是 UTF-8、UTF-16、GBK/GB18030），或文件已损坏"

csv.field_size_limit(1 << 24)


@dataclass
class TextGrid:
    """A delimited text file; ``path`` may be a temporary UTF-8 copy of the original."""

    path: Path
    encoding: str | None
    separator: str
    codec: str
    sheet: str | None = None
    scratch: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)
    # Records with more cells than the header: their cells may stand under the wrong headers.
    overlong: list[int] = field(default_factory=list)

    def head(self) -> Head:
        """Return the first records."""
        rows = []
        for record in self._records():
            rows.append([_clean(cell) for cell in record])
            if len(rows) == HEAD_ROWS:
                break
        return Head(rows, rows)

    def store(
        self, con: duckdb.DuckDBPyConnection, name: str, keep: Sequence[int], after: int
    ) -> int:
        """Write the records below the header; see `ingest.readers.grid.Grid.store`."""
        stored = self.store_fast(con, name, keep, after)
        return self.store_slowly(con, name, keep, after) if stored is None else stored

    def store_fast(
        self, con: duckdb.DuckDBPyConnection, name: str, keep: Sequence[int], after: int
    ) -> int | None:
        """Store by DuckDB's reader; None where its rows would not be the file's records."""
        width = len(self.head().rows[after - 1])
        # A blank line is a record of a file with one column, and DuckDB skips it.
        if width < 2 or self.codec != "utf-8" or not self._plain_head(after):
            return None
        if glob.has_magic(str(self.path)):
            return None  # 名单[1].csv would be read as a pattern
        with ThreadPoolExecutor(1) as pool:
            counting = pool.submit(_lines, self.path, self.separator)
            rows = self._read_csv(con, name, keep, after, width)
            lines = counting.result()
        if rows is None or lines is None or rows != lines - after:
            con.execute(f"DROP TABLE IF EXISTS raw.{name}_cells")
            return None
        # Rows stand in the order of the file, so their position is their record number.
        con.execute(
            f"CREATE OR REPLACE VIEW raw.{name} AS "
            f"SELECT rowid + {after + 1} AS row_no, * FROM raw.{name}_cells"
        )
        return rows

    def _read_csv(
        self,
        con: duckdb.DuckDBPyConnection,
        name: str,
        keep: Sequence[int],
        after: int,
        width: int,
    ) -> int | None:
        """Write ``raw.<name>_cells`` by DuckDB's reader; None where it refuses the file."""
        types = ", ".join(f"'x{i}': 'VARCHAR'" for i in range(width))
        cells = ", ".join(f"x{position} AS c{i}" for i, position in enumerate(keep, start=1))
        path = str(self.path).replace("'", "''")
        source = f"""
            (SELECT {cells} FROM read_csv('{path}', columns = {{{types}}}, header = false,
                skip = {after}, auto_detect = false, delim = '{self.separator}', quote = '"',
                escape = '"', strict_mode = true, null_padding = false, encoding = 'utf-8',
                compression = 'none'))
            """
        columns = {f"c{i}": "VARCHAR" for i in range(1, len(keep) + 1)}
        try:
            large = self.path.stat().st_size >= _LARGE
            unpacked = seldom_repeated(con, source, list(columns)) if large else frozenset()
            con.execute(f"CREATE OR REPLACE TABLE raw.{name}_cells ({declared(columns, unpacked)})")
            con.execute(f"INSERT INTO raw.{name}_cells FROM {source}")
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None
        return int(con.execute(f"SELECT count(*) FROM raw.{name}_cells").fetchall()[0][0])

    def store_slowly(
        self, con: duckdb.DuckDBPyConnection, name: str, keep: Sequence[int], after: int
    ) -> int:
        """Store by Python's csv module, which knows no record it could not number."""
        create_raw(con, name, len(keep))
        total = 0
        numbers: list[int] = []
        columns: list[list[str]] = [[] for _ in keep]
        width = len(self.head().rows[after - 1])
        for number, record in enumerate(self._records(), start=1):
            if number <= after:
                continue
            numbers.append(number)
            if len(record) > width and any(cell.strip() for cell in record[width:]):
                self.overlong.append(number)
            for column, position in zip(columns, keep, strict=True):
                column.append(record[position] if position < len(record) else "")
            if len(numbers) == _BATCH:
                total += _flush(con, name, numbers, columns)
        return total + _flush(con, name, numbers, columns)

    def _plain_head(self, after: int) -> bool:
        """Whether the records to skip are one line each, as DuckDB counts them."""
        with self.path.open(encoding="utf-8", newline="") as stream:
            head = [stream.readline() for _ in range(after + 1)]
        return not any('"' in line and line.count('"') % 2 for line in head)

    def _records(self) -> Iterator[list[str]]:
        with self.path.open(encoding=self.codec, newline="", errors="strict") as stream:
            text = (line.replace("\0", "") for line in stream)
            reader = csv.reader(text, delimiter=self.separator)
            try:
                yield from reader
            except csv.Error as error:
                raise Unreadable(
                    f"第 {reader.line_num} 行起分隔文本读不出，引号不成对或内容已损坏"
                ) from error
            except UnicodeDecodeError as error:
                raise Unreadable(REASON_ENCODING) from error


def read_text(source: Path | bytes) -> TextGrid:
    """Open a delimited text file: encoding and separator are found from its content.

    Parameters
    ----------
    source : Path or bytes

    Returns
    -------
    TextGrid

    Raises
    ------
    Unreadable
        Empty, binary, or in an encoding that isn't known.
    """
    scratch: tempfile.TemporaryDirectory[str] | None = None
    if isinstance(source, bytes):
        scratch = tempfile.TemporaryDirectory(prefix="tanwei-")
        path = Path(scratch.name) / "inner.csv"
        path.write_bytes(source)
    else:
        path = source
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    if not sample.strip():
        raise Unreadable(REASON_EMPTY)
    codec = _codec(path, sample)
    shown = ENCODING_NAMES.get(codec, codec.upper())
    if codec != "utf-8":
        path, scratch = _as_utf8(path, codec, scratch)
    best: tuple[tuple[int, int, int], TextGrid] | None = None
    for separator in SEPARATORS:
        grid = TextGrid(path, shown, separator, "utf-8", None, scratch)
        rows = grid.head().rows
        layout = recognise(Head(rows, rows))
        known = sum(c is not None for c in layout.columns) if isinstance(layout, Layout) else 0
        widths = sorted(len(row) for row in rows if any(row))
        rank = (known, widths[len(widths) // 2] if widths else 0, -SEPARATORS.index(separator))
        if best is None or rank > best[0]:
            best = (rank, grid)
    assert best is not None
    return best[1]


def _codec(path: Path, sample: bytes) -> str:
    for mark, codec in _BOMS:
        if sample.startswith(mark):
            return codec
    if b"\0" in sample:
        half = sample[:4000]
        pairs = len(half) // 2
        for codec, zeros in (("utf-16-le", half[1::2]), ("utf-16-be", half[0::2])):
            # UTF-16 without mark: separators, digits and line ends have a zero byte on one side.
            if zeros.count(0) > pairs // 10 and _decodes(sample, codec):
                return codec
        raise Unreadable(REASON_BINARY)
    if not sample.isascii() and _decodes(sample, "utf-8"):
        return "utf-8"  # no other encoding passes for it; damage further on is found in reading
    for codec in ("utf-8", "gb18030"):
        if _decodes(sample, codec) and _all_decodes(path, codec):
            return codec
    guess = from_bytes(sample).best()
    if guess is not None and _all_decodes(path, guess.encoding):
        return str(guess.encoding)
    raise Unreadable(REASON_ENCODING)


def _decodes(sample: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _all_decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _as_utf8(
    path: Path, codec: str, scratch: tempfile.TemporaryDirectory[str] | None
) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    """Copy a text into a temporary UTF-8 file: DuckDB reads nothing else."""
    scratch = scratch or tempfile.TemporaryDirectory(prefix="tanwei-")
    target = Path(scratch.name) / "utf8.csv"
    try:
        with (
            path.open(encoding=codec, newline="") as old,
            target.open("w", encoding="utf-8", newline="") as new,
        ):
            while chunk := old.read(_CHUNK):
                new.write(chunk)
    except UnicodeError as error:
        raise Unreadable(REASON_ENCODING) from error
    return target, scratch


def _lines(path: Path, separator: str) -> int | None:
    """Number of lines; None where DuckDB would read other cells than stand there.

    That is where lines end in a bare carriage return, hold a zero byte, or have a blank before or
    behind a quoted cell, which DuckDB drops.
    """
    blanks = [b" "] if separator == "\t" else [b" ", b"\t"]
    beside = {blank: (blank + b'"', b'"' + blank) for blank in blanks}
    total, last, previous = 0, b"", b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            total += chunk.count(b"\n")
            returns = chunk.count(b"\r") if b"\r" in chunk else 0
            if returns:
                crossing = previous == b"\r" and chunk[:1] == b"\n"
                ended = chunk.count(b"\r\n") + (chunk[-1:] == b"\r")
                if returns != ended or (previous == b"\r" and not crossing):
                    return None
            elif previous == b"\r" and chunk[:1] != b"\n":
                return None
            if b"\0" in chunk:
                return None
            for blank, pairs in beside.items():
                # A single byte is found ten times as fast as a pair, and few files hold blanks.
                near = blank in chunk or previous == blank
                if near and any(p in chunk or previous + chunk[:1] == p for p in pairs):
                    return None
            previous = last = chunk[-1:]
    if last == b"\r":
        return None
    return total + (last not in (b"\n", b""))


def _clean(cell: str) -> str:
    return cell.lstrip("\ufeff")


def _flush(
    con: duckdb.DuckDBPyConnection, name: str, numbers: list[int], columns: list[list[str]]
) -> int:
    count = len(numbers)
    if count:
        insert_batch(
            con,
            name,
            pa.array(numbers, pa.int64()),
            [pa.array(column, pa.string()) for column in columns],
        )
    numbers.clear()
    for column in columns:
        column.clear()
    return count
