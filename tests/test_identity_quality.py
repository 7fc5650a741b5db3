"""Who is who in the example county: how often right, at every level of mess."""

from __future__ import annotations

import pytest

from benchmarks.identity import (
    LEVELS,
    Reference,
    by_likeness,
    by_name,
    county_snapshot,
    measure,
    references,
)
from examples.mess import MessLevel


@pytest.fixture(scope="module", params=LEVELS)
def mess(request: pytest.FixtureRequest) -> MessLevel:
    level: MessLevel = request.param
    return level


@pytest.fixture(scope="module")
def found(mess: MessLevel, tmp_path_factory: pytest.TempPathFactory) -> list[Reference]:
    folder = tmp_path_factory.mktemp(mess) / "county"
    with county_snapshot(folder, mess) as snapshot:
        return references(snapshot, folder)


def test_pairs_are_put_together_rightly_and_nearly_all(found: list[Reference]) -> None:
    score = measure(found)
    assert score.overall.precision >= 0.995
    assert score.overall.recall >= 0.95


def test_so_are_pairs_of_which_one_has_no_number(found: list[Reference]) -> None:
    """Pairs of equal numbers are many and easy; these are the ones that need finding."""
    score = measure(found)
    assert score.unnumbered.belonging > 2_000
    assert score.unnumbered.precision >= 0.995
    assert score.unnumbered.recall >= 0.9


def test_no_two_namesakes_are_taken_for_one(found: list[Reference]) -> None:
    owners: dict[str, set[str]] = {}
    for reference in found:
        owners.setdefault(reference.name, set()).add(reference.owner)
    assert sum(len(bearers) > 1 for bearers in owners.values()) > 200
    assert measure(found).wrong_namesakes == 0


def test_names_alone_do_far_worse(found: list[Reference]) -> None:
    """The measure can fail: on the same references the two rivals do."""
    for answers in (by_name(found), by_likeness(found)):
        score = measure(found, answers)
        assert score.overall.precision < 0.9
        assert score.wrong_namesakes > 1_000
