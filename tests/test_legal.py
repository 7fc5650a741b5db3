"""What a clue may cite, and that nothing else is cited."""

from __future__ import annotations

import pytest

from detectors.discover import discover
from detectors.legal import CLAUSES, cite, explain, unknown


def test_every_key_of_every_detector_is_in_the_table() -> None:
    for detector in discover().values():
        assert unknown(detector.spec.legal) == (), detector.spec.id


def test_recusal_from_posts_is_cited_by_no_detector_of_suppliers_or_villages() -> None:
    """It is about postings only."""
    for detector in discover().values():
        assert "civil-74" not in detector.spec.legal


@pytest.mark.parametrize("key", sorted(CLAUSES))
def test_what_is_unconfirmed_says_so(key: str) -> None:
    text = cite(key)
    assert ("（待核）" in text) == (CLAUSES[key].state != "ok")
    assert explain(key).startswith(text)
    assert explain(key).endswith("。")


def test_titles_stand_in_title_marks_and_numbers_outside() -> None:
    assert cite("discipline-107") == "《中国共产党纪律处分条例》（2023年）第一百零七条"
    assert cite("fj-2018-29") == "闽建筑〔2018〕29号"
    assert cite("mca-2021-57").startswith("《最低生活保障审核确认办法》（民发〔2021〕57号）")


def test_only_local_rules_need_switching_on() -> None:
    assert {key for key, clause in CLAUSES.items() if clause.local} == {"fj-2018-29"}


def test_an_unknown_key_is_refused() -> None:
    assert unknown(["ztb-39", "made-up"]) == ("made-up",)
    with pytest.raises(KeyError):
        cite("made-up")
