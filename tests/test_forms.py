"""What forms of declaration ask for: rules are read before a run, in plain words."""

from __future__ import annotations

import pytest

from detectors.related_party._forms import Rule
from detectors.runner import check_settings
from ingest.errors import UserError


def test_a_rule_names_the_relations_it_asks_for() -> None:
    rule = Rule.read("村干部亲属：配偶、父母、配偶的兄弟姐妹")
    assert (rule.word, sorted(rule.shapes)) == ("村干部亲属", ["P", "S", "SB"])
    assert Rule.read("廉政档案:子女").shapes == {"C"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("个人有关事项：同学", "“同学”不是亲属关系"),
        ("个人有关事项", "请写成"),
        ("：配偶", "请写成"),
        ("个人有关事项：", "请写成"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_before_the_run(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        check_settings({"undeclared_kin": {"form_relations": [text]}})
