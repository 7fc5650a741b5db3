"""JSON files as numbered items, and what kind of data they are, judged by what they hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from charset_normalizer import from_bytes

JsonKind = Literal["bods", "old bods", "ftm"]

# Objects looked at before a file counts as no such data, and text in which their marks must come.
_TRIED = 20
_HEAD = 1_000_000
_MARKS = re.compile(r'"(?:recordType|statementType|schema)"')
_OLD_STATEMENTS = ("entityStatement", "personStatement", "ownershipOrControlStatement")


class NotText(ValueError):  # noqa: N818 - says what the file is, not what went wrong
    """The bytes are no text in any encoding."""


@dataclass(frozen=True)
class Broken:
    """A line that is no JSON, with the Chinese reason."""

    reason: str


def decode(data: bytes) -> str:
    """Return the text of a JSON file.

    Raises
    ------
    NotText
        If no encoding fits.

    Examples
    --------
    >>> decode("[]".encode("utf-16"))
    '[]'
    """
    try:
        return data.decode(str(json.detect_encoding(data)))
    except UnicodeDecodeError:
        best = from_bytes(data).best()
        if best is None:
            raise NotText from None
        return str(best)


def kind_of(text: str) -> JsonKind | None:
    """Tell BODS statements and FollowTheMoney entities from other JSON by the first objects.

    Examples
    --------
    >>> kind_of('[{"statementId": "1", "recordType": "person", "recordDetails": {}}]')
    'bods'
    >>> kind_of('broken\\n{"id": "1", "schema": "Person", "properties": {}}')
    'ftm'
    >>> kind_of('{"releases": []}') is None
    True
    """
    if not _MARKS.search(text, 0, _HEAD):
        return None
    for value in _first_objects(text):
        if value.get("recordType") in ("entity", "person", "relationship"):
            return "bods"
        if value.get("statementType") in _OLD_STATEMENTS:
            return "old bods"
        if isinstance(value.get("schema"), str) and isinstance(value.get("properties"), dict):
            return "ftm"
    return None


def _first_objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    start = 0
    for _ in range(_TRIED):
        start = text.find("{", start)
        if start < 0:
            return
        try:
            value, start = decoder.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            # The rest of a broken line may hold whole objects that stand for nothing.
            start = text.find("\n", start)
            if start < 0:
                return
            continue
        if isinstance(value, dict):
            yield value


def numbered(text: str) -> list[tuple[int, Any]]:
    """Return the items of a JSON array or of JSON Lines with the numbers a person finds them by.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of (int, value or Broken)
        Position in the array + 1, or the line. Lines that are no JSON come as `Broken`.

    Examples
    --------
    >>> numbered('[{"a": 1}, 2]')
    [(1, {'a': 1}), (2, 2)]
    >>> numbered('{"a": 1}\\n\\n{"b"')
    [(1, {'a': 1}), (3, Broken(reason='这一行不是完整的JSON'))]
    """
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return [
            (number, _line(line))
            for number, line in enumerate(text.split("\n"), start=1)
            if line.strip()
        ]
    return list(enumerate(whole if isinstance(whole, list) else [whole], start=1))


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return Broken("这一行不是完整的JSON")
