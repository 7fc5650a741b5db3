"""Pages and specs are one: pages are what the generator writes."""

from __future__ import annotations

from detectors.discover import discover
from detectors.pages import FOLDER, pages

MEND = "运行 python -m detectors.pages"


def test_pages_are_as_generated() -> None:
    for name, text in pages().items():
        path = FOLDER / name
        assert path.is_file(), f"{name}: {MEND}"
        assert path.read_text(encoding="utf-8") == text, f"{name}: {MEND}"


def test_no_page_without_a_detector() -> None:
    names = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert names == set(discover()), MEND


def test_a_page_says_all_that_the_spec_says() -> None:
    for name, detector in discover().items():
        text = pages()[f"{name}.md"]
        spec = detector.spec
        for said in (spec.what, *spec.next_steps, *(b.text for b in spec.benign)):
            assert said in text, (name, said)
        for parameter in spec.parameters():
            assert f"`{parameter['name']}`" in text
            assert parameter["reason"] in text
