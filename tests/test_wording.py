"""A clue is a reason to look: words of verdict stand nowhere in what users read."""

from __future__ import annotations

import clue_samples as made

from clues.build import build_clues
from clues.names import FAMILIES, IDENTITIES, ROLES, STATES
from clues.wording import BANNED, clue_texts, spec_texts, verdicts
from detectors.detector import KINDS, STRENGTHS, Benign
from detectors.discover import discover
from detectors.legal import CLAUSES, explain


def test_banned_words_are_found_where_they_stand() -> None:
    assert verdicts(["建议核查", "涉嫌贪污犯罪"]) == (
        ("犯罪", "涉嫌贪污犯罪"),
        ("贪污", "涉嫌贪污犯罪"),
    )
    bad = made.spec(benign=(Benign("k", "本来就违法", None),))
    assert verdicts(spec_texts(bad)) == (("违法", "本来就违法"),)
    clue = build_clues(
        made.snapshot(), [made.outcome(made.spec(), made.supplier_finding(title="某某侵吞公款"))]
    )[0]
    assert [word for word, _ in verdicts(clue_texts(clue))] == ["侵吞"]


def test_no_detector_pronounces_a_verdict() -> None:
    for detector in discover().values():
        assert verdicts(spec_texts(detector.spec)) == (), detector.spec.id


def test_no_clause_or_name_pronounces_a_verdict() -> None:
    assert verdicts(explain(key) for key in CLAUSES) == ()
    names = (FAMILIES, IDENTITIES, KINDS, ROLES, STATES, STRENGTHS)
    assert verdicts(text for group in names for text in group.values()) == ()


def test_made_clues_pronounce_no_verdict() -> None:
    for clue in build_clues(made.snapshot(), made.outcomes()):
        assert verdicts(clue_texts(clue)) == ()
    assert len(BANNED) == 7
