"""Verified lots of a run: from a file of conclusions, or from the casebook's conclusions on clues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clues.casebook import Casebook
from clues.conclusions import standing
from clues.write import read_jsonl
from detectors.evidence import records
from graph.snapshot import Snapshot
from ingest.errors import UserError
from tanwei.folders import RunFolder
from tanwei.labels import plain, read_labels

_RIGGED: Mapping[str, bool] = {"查实": True, "部分查实": True, "查否": False, "澄清": False}


@dataclass(frozen=True)
class Verified:
    """Lots that were checked.

    ``rigged``: lot entity to what was found; ``unknown``: lots or clues that the run doesn't hold;
    ``left_out``: without a conclusion that says either; ``source``: for the record.
    """

    rigged: Mapping[str, bool]
    unknown: tuple[str, ...]
    left_out: int
    source: Mapping[str, Any]


def from_file(snapshot: Snapshot, path: Path) -> Verified:
    """Match a file of conclusions with a run's lots; see :func:`tanwei.labels.read_labels`."""
    labels = read_labels(path)
    found: dict[tuple[str, str | None], str] = {}
    lots_of: dict[str, set[str]] = {}
    table = snapshot.table("bids")
    named = table.filter(table.lot_entity.notnull()).select("tender_no", "lot", "lot_entity")
    for row in records(named.distinct()):
        number = plain(row["tender_no"])
        found[number, plain(row["lot"]) if row["lot"] else None] = row["lot_entity"]
        lots_of.setdefault(number, set()).add(row["lot_entity"])
    rigged: dict[str, bool] = {}
    unknown = []
    for label in labels.items:
        # A conclusion on a tender without naming a lot is one on all its lots.
        if label.lot is None:
            hit = lots_of.get(label.tender_no, set())
        else:
            lot = found.get((label.tender_no, label.lot))
            hit = {lot} if lot is not None else set()
        rigged.update(dict.fromkeys(hit, label.rigged))
        if not hit:
            unknown.append(f"{label.tender_no}{f'（{label.lot}）' if label.lot else ''}")
    source = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return Verified(rigged, tuple(unknown), labels.left_out, source)


def from_casebook(snapshot: Snapshot, folder: RunFolder, book: Casebook) -> Verified:
    """Take the lots in the evidence of clues on bids that were checked.

    A lot in the evidence of one clue that held and of another that didn't counts as rigged.
    """
    concluded = standing(book)
    wanted: dict[tuple[str, str | None, int], bool] = {}
    left_out, seen = 0, set()
    for clue in read_jsonl(folder.clues):
        made = concluded.get(clue.id)
        if clue.family != "bid_rigging" or made is None:
            continue
        seen.add(clue.id)
        if made.conclusion not in _RIGGED:
            left_out += 1
            continue
        for piece in clue.evidence:
            if piece.kind == "row" and piece.source is not None:
                place = (piece.source.file, piece.source.sheet, piece.source.row)
                wanted[place] = wanted.get(place, False) or _RIGGED[made.conclusion]
    rigged: dict[str, bool] = {}
    for place, lot in _lots(snapshot, wanted).items():
        rigged[lot] = rigged.get(lot, False) or wanted[place]
    gone = tuple(sorted(set(concluded) - seen)) if concluded else ()
    if not concluded:
        raise UserError(
            "案卷库里还没有核查结论，没有训练。请用 tanwei conclude 记下结论，或用 --labels 给出文件。"
        )
    return Verified(rigged, gone, left_out, {"casebook": book.where})


def _lots(snapshot: Snapshot, wanted: Mapping[tuple[str, str | None, int], bool]) -> Any:
    """Lot of each place that is a row of bids or tenders."""
    found: dict[tuple[str, str | None, int], str] = {}
    sheets = snapshot.table("sheets")
    files = sorted({file for file, _, _ in wanted})
    rows = sorted({row for _, _, row in wanted})
    for name in ("bids", "tenders"):
        if not wanted or not snapshot.has(name):
            continue
        table = snapshot.table(name)
        near = table.filter(table.row_no.isin(rows) & table.lot_entity.notnull())
        placed = near.join(sheets.filter(sheets.file.isin(files)), "sheet_id").select(
            "file", "sheet", "row_no", "lot_entity"
        )
        for row in records(placed):
            place = (row["file"], row["sheet"], row["row_no"])
            if place in wanted:
                found[place] = row["lot_entity"]
    return found
