"""A ring from bids to paper: one clue, what it takes in, its picture and its letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from detector_cases import all_cases
from helpers import snapshot_from_tables

from clues.build import build_clues
from clues.dossier import combine
from clues.group_picture import OTHERS, parts_of
from clues.handover.content import Figure, texts
from clues.handover.folder import make_handover
from clues.handover.form import form_of
from clues.handover.letter import Matter, write_letter
from clues.handover.options import HandoverOptions
from clues.model import Clue
from clues.picture import picture_of
from clues.write import outcomes_record
from detectors.discover import discover
from detectors.runner import Outcome, run_detectors
from graph.snapshot import Snapshot

ASKED = ("ring", "shared_deposit", "shared_submission")


@dataclass(frozen=True)
class Made:
    """A run over the bids of five firms, four of which win in turn."""

    snapshot: Snapshot
    outcomes: list[Outcome]
    clues: list[Clue]

    @property
    def ring(self) -> Clue:
        """The one ring."""
        [ring] = [c for c in self.clues if c.detector == "ring"]
        return ring


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    case = next(c for c in all_cases() if c.detector == "ring" and "轮流中标" in c.name)
    with snapshot_from_tables(case.tables) as snapshot:
        outcomes = run_detectors(snapshot, [discover()[key] for key in ASKED], {})
        yield Made(snapshot, outcomes, build_clues(snapshot, outcomes))


def test_all_is_told_in_one_clue_and_counts_reconcile(made: Made) -> None:
    assert [c.detector for c in made.clues] == ["ring"]
    assert {one.detector for one in made.ring.absorbs} == {"shared_deposit", "shared_submission"}
    for record in outcomes_record(made.outcomes):
        counts = record["counts"]
        own = sum(c.detector == record["detector"] for c in made.clues)
        assert counts["findings"] == own + counts["below_yellow"] + counts["absorbed"]


def test_figures_agree_with_the_bids(made: Made) -> None:
    group = made.ring.group
    assert group is not None
    bids = made.snapshot.table("bids").to_pandas()
    for member in group.members:
        mine = bids[bids["bidder_entity"] == member.entity]
        assert (member.bids, member.wins) == (len(mine), int(mine["is_winner"].sum()))
    assert made.ring.amount == sum(
        (Decimal(str(m.amount)) for m in group.members if m.amount), Decimal(0)
    )
    assert [lot.when for lot in group.lots] == sorted(str(lot.when) for lot in group.lots)


def test_the_statement_calls_members_by_letters_and_ends_in_evidence(made: Made) -> None:
    assert made.ring.group is not None
    for letter, member in zip("ABCDE", made.ring.group.members, strict=True):
        assert f"{member.name}（{letter}）" in made.ring.statement[0]
    assert all(sentence.endswith("]") for sentence in made.ring.statement)
    assert "未能核对的有" in made.ring.statement[-1] or "未见的有" in made.ring.statement[-1]


def test_the_picture_shows_members_and_who_won_when(made: Made) -> None:
    picture = picture_of([made.ring])
    assert picture.layout == "group"
    assert [n.name[0] for n in picture.nodes if n.focus] == list("ABCDE")
    assert picture.timeline is not None
    kinds = [mark.kind for mark in picture.timeline.marks]
    assert (kinds.count("win"), kinds.count("bid")) == (14, 56)
    assert all(0 <= mark.size <= 1 for mark in picture.timeline.marks)


def test_lots_won_by_others_and_lots_without_a_date_are_told(made: Made) -> None:
    group = made.ring.group
    assert group is not None
    first, second, *rest = group.lots
    lots = (replace(first, winner="c-other"), replace(second, when=None), *rest)
    changed = replace(made.ring, group=replace(group, lots=lots))
    timeline = picture_of([changed]).timeline
    assert timeline is not None
    assert timeline.rows[-1].label == OTHERS
    assert [m.day for m in timeline.marks if m.kind == "other"] == [
        date.fromisoformat(str(first.when))
    ]
    assert "1个标段没有日期" in timeline.note


def letter_of(clue: Clue) -> str:
    clues = (clue,)
    matter = Matter(
        combine(clues),
        form_of(clues, False),
        HandoverOptions(),
        picture_of(clues),
        Figure("关系图.png", "", 10, 10),
        {},
    )
    return "\n".join(texts(write_letter(matter)))


def test_the_letter_goes_to_the_supervising_body_and_names_parts(made: Made) -> None:
    text = letter_of(made.ring)
    assert "招标投标负有监督职责的行政监督部门" in text
    assert "被反映人：目前未见公职人员或党员涉及的记录" in text
    for part in parts_of(made.ring).values():
        assert part in text
    assert "历次投标和中标情况，见附件2" in text
    assert "本疑点合并了下列检测结果，不再单列：保证金同源1项、投标设备相同1项。" in text
    # The rules of what was taken in stand in the annex too.
    assert "保证金同源（shared_deposit）" in text


def test_handover_files_are_made(made: Made, tmp_path: Path) -> None:
    options: Any = HandoverOptions(formats=("docx", "html"))
    result = make_handover(made.snapshot, [made.ring], out_dir=tmp_path, options=options)
    assert {"关系图.png", "关系图.svg", "关系图.html", "关系图.graphml"} <= set(result.files)
    page = (result.folder / "关系图.html").read_text(encoding="utf-8")
    assert '"timeline": {"rows"' in page
