"""Rows of evidence as text that a person can follow to the file: 公安/人员.csv 第5行."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.disclosure import Disclosure
from graph.snapshot import RowSource, Snapshot


def place(source: RowSource, shown: Disclosure) -> str:
    """Return where a row stands, in words.

    Examples
    --------
    >>> place(RowSource("工商/股东.xlsx", "股东", 5), Disclosure())
    '工商/股东.xlsx［股东］第5行'
    """
    sheet = f"［{shown.text(source.sheet)}］" if source.sheet else " "
    return f"{shown.text(source.file)}{sheet}第{source.row}行"


def places(
    snapshot: Snapshot, cited: Sequence[Sequence[Mapping[str, Any]]], shown: Disclosure
) -> list[list[str]]:
    """Return the places of the rows that edges cite.

    Parameters
    ----------
    snapshot : Snapshot
    cited : sequence of sequences of {'t': table, 'r': row_id}
        ``sources`` of each edge.
    shown : Disclosure

    Returns
    -------
    list of lists of str
        In the same order.
    """
    wanted = {(row["t"], row["r"]) for rows in cited for row in rows}
    found = {row: place(source, shown) for row, source in snapshot.sources(wanted).items()}
    return [
        list(dict.fromkeys(found[(r["t"], r["r"])] for r in rows if (r["t"], r["r"]) in found))
        for rows in cited
    ]
