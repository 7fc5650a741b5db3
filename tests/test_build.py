"""From findings to clues: evidence, masking, ids, order."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import clue_samples as made
import pytest

from clues.build import absorbed, build_clues
from clues.model import Clue
from detectors.detector import BenignResult, Reason, Sentence, Subject


def clues_of(*findings: Any, spec: Any = None, **more: Any) -> list[Clue]:
    return build_clues(made.snapshot(), [made.outcome(spec or made.spec(), *findings)], **more)


def as_records(clues: list[Clue]) -> list[dict[str, Any]]:
    return [json.loads(clue.to_json()) for clue in clues]


def test_evidence_is_numbered_by_first_appearance_and_every_sentence_cites() -> None:
    clue = clues_of(made.supplier_finding())[0]
    assert [re.findall(r"\[(\d+)\]", s) for s in clue.statement] == [
        ["1"],
        ["2", "3"],
        ["4", "5", "6", "7", "8", "9"],
    ]
    assert all(s.endswith("]") for s in clue.statement)
    assert [piece.no for piece in clue.evidence] == list(range(1, 10))
    assert clue.reasons[0].evidence == (2, 3)


def test_row_evidence_leads_to_the_row_a_person_sees() -> None:
    clue = clues_of(made.supplier_finding())[0]
    kin = next(piece for piece in clue.evidence if piece.table == "kinship")
    assert kin.source is not None
    assert (kin.source.file, kin.source.sheet, kin.source.row) == (
        "纪委/亲属申报.xls",
        "Sheet1",
        12,
    )
    assert [(p.file, p.row) for p in kin.source.also] == [("纪委/亲属申报(补).xls", 3)]
    share = next(piece for piece in clue.evidence if piece.table == "shareholders")
    assert share.source is not None
    assert share.source.sheet is None


def test_values_keep_original_headers_and_only_the_columns_asked_for() -> None:
    clue = clues_of(made.supplier_finding())[0]
    post = next(piece for piece in clue.evidence if piece.table == "officials")
    assert list(post.values) == ["姓名", "身份证号", "工作单位", "职务"]
    kin = next(piece for piece in clue.evidence if piece.table == "kinship")
    assert set(kin.values) == {"报告人", "称谓", "亲属姓名", "亲属身份证号", "亲属电话"}


def test_no_full_number_leaves() -> None:
    text = "".join(
        clue.to_json()
        for clue in build_clues(
            made.snapshot(),
            [
                made.outcome(made.spec(), made.supplier_finding()),
                made.outcome(made.death_spec(), made.death_finding()),
            ],
        )
    )
    for secret in (
        made.person_number(1),
        made.person_number(2),
        "13800000001",
        "6217000000000000123",
    ):
        assert secret not in text
    assert made.person_number(1)[:6] in text
    assert made.person_number(1)[-4:] in text


def test_numbers_in_texts_are_masked() -> None:
    number = made.person_number(1)
    finding = made.supplier_finding(title=f"章明远（{number}）疑似关联交易")
    assert number not in clues_of(finding)[0].title


def test_shuffled_rows_give_the_same_clues_but_for_row_numbers() -> None:
    first = build_clues(made.snapshot(), made.outcomes())
    base = made.snapshot()
    # Contract 1 of the file now stands in row 6 of the table, and so on; places follow the rows.
    order = {("contracts", n): ("contracts", 7 - n) for n in range(1, 7)}
    shuffled = replace(base, rows={order.get(key, key): v for key, v in base.rows.items()})

    def moved(cite: Any) -> Any:
        if not hasattr(cite, "row_id"):
            return cite
        table, number = order.get((cite.table, cite.row_id), (cite.table, cite.row_id))
        return replace(cite, table=table, row_id=number)

    finding = made.supplier_finding()
    assert finding.path is not None
    finding = replace(
        finding,
        statement=tuple(
            replace(s, cites=tuple(moved(c) for c in reversed(s.cites))) for s in finding.statement
        ),
        reasons=tuple(replace(r, cites=tuple(map(moved, r.cites))) for r in finding.reasons),
        path=replace(
            finding.path,
            edges=tuple(replace(e, cites=tuple(map(moved, e.cites))) for e in finding.path.edges),
        ),
    )
    others = [made.outcome(made.spec(), finding), *made.outcomes()[1:]]
    assert [c.to_json() for c in build_clues(shuffled, others)] == [c.to_json() for c in first]


def test_id_rests_on_detector_anchors_and_event_alone() -> None:
    base = clues_of(made.supplier_finding())[0].id
    assert re.fullmatch(r"[0-9a-f]{16}", base)
    shorter = made.supplier_finding(
        title="别的标题", statement=made.supplier_finding().statement[:2]
    )
    assert clues_of(shorter)[0].id == base
    assert clues_of(made.supplier_finding(), spec=made.spec(version=7))[0].id == base
    assert clues_of(made.supplier_finding(), spec=made.spec(id="other"))[0].id != base
    assert clues_of(made.supplier_finding(event_key="u-02"))[0].id != base
    assert clues_of(made.supplier_finding(anchors=(made.OFFICIAL,)))[0].id != base


def test_symmetric_subjects_are_sorted_and_their_order_does_not_matter() -> None:
    finding = made.group_finding()
    turned = replace(finding, subjects=finding.subjects[::-1], anchors=finding.anchors[::-1])
    one = build_clues(made.snapshot(), [made.outcome(made.group_spec(), finding)])
    other = build_clues(made.snapshot(), [made.outcome(made.group_spec(), turned)])
    assert as_records(one) == as_records(other)
    assert [s.entity for s in one[0].subjects] == list(made.RIVALS)


def test_the_power_holder_comes_first() -> None:
    finding = made.supplier_finding()
    turned = replace(finding, subjects=finding.subjects[::-1])
    assert clues_of(turned)[0].subjects[0].role == "official"
    paid = made.death_finding(subjects=(Subject(made.FIRM, "company"), Subject(made.DEAD, "payee")))
    assert clues_of(paid, spec=made.death_spec())[0].subjects[0].role == "payee"


def test_levels_scores_and_identity_stand_in_the_clue() -> None:
    clue = clues_of(made.supplier_finding())[0]
    assert (clue.level, clue.score) == ("orange", 0.65)
    capped = clues_of(made.supplier_finding(identity="probable", probability=0.91249))[0]
    assert capped.level == "orange"
    assert capped.identity == {"level": "probable", "probability": 0.912}
    assert "身份" in capped.next_steps[0]
    named = clues_of(made.supplier_finding(identity="name_only"))[0]
    assert named.level == "yellow"
    assert "重名" in named.next_steps[0]


def test_a_finding_without_a_sign_that_counts_gives_no_clue() -> None:
    reason = Reason("price", "statistical", "偏高", (made.POST,), q=0.2, effect=2.0)
    assert clues_of(made.supplier_finding(reasons=(reason,))) == []


def test_order_is_level_score_amount_id() -> None:
    weak = Reason("relation", "weak", "电话相同", (made.KIN,))
    outcomes = [
        made.outcome(made.spec(id="a_weak"), made.supplier_finding(reasons=(weak,))),
        made.outcome(made.spec(id="b_small"), made.supplier_finding(amount=None)),
        made.outcome(made.spec(id="c_big"), made.supplier_finding()),
        made.outcome(made.death_spec(), made.death_finding()),
    ]
    clues = build_clues(made.snapshot(), outcomes)
    assert [c.detector for c in clues] == ["paid_after_death", "c_big", "b_small", "a_weak"]
    assert build_clues(made.snapshot(), outcomes[::-1]) == clues


def test_unchecked_innocent_explanations_are_said_to_be_unchecked() -> None:
    tenure, recused = clues_of(made.supplier_finding())[0].benign_explanations
    assert (tenure["state"], tenure["result"]) == ("ruled_out", "合同均在任职期内签订")
    assert recused["state"] == "unknown"
    assert "未核对" in recused["result"]
    partly = (
        BenignResult("tenure", "ruled_out", "五份在任期内"),
        BenignResult("tenure", "partly", "一份在任职前"),
    )
    item = clues_of(made.supplier_finding(benign=partly))[0].benign_explanations[0]
    assert item["state"] == "partly"
    assert "五份在任期内" in item["result"]


def test_missing_optional_tables_are_gaps() -> None:
    assert any("招标" in gap for gap in clues_of(made.supplier_finding())[0].data_gaps)
    snapshot = made.snapshot()
    snapshot.present.add("tenders")
    outcome = made.outcome(made.spec(), made.supplier_finding())
    assert build_clues(snapshot, [outcome])[0].data_gaps == ("缺少采购方式资料",)


@pytest.mark.parametrize(("places", "label"), [(1, "个案"), (2, "个案"), (3, "普遍")])
def test_systemic_counts_places(places: int, label: str) -> None:
    findings = [
        made.supplier_finding(place=f"u-{n}", event_key=f"u-{n}", anchors=(f"x-{n}",))
        for n in range(places)
    ]
    clue = clues_of(*findings)[0]
    assert clue.systemic == {"kind": "village", "showing": places, "of": 12, "label": label}
    assert clues_of(made.supplier_finding(place=None))[0].systemic is None


def test_rows_behind_a_statistic_are_evidence_too() -> None:
    clue = clues_of(made.group_finding(), spec=made.group_spec())[0]
    assert [piece.kind for piece in clue.evidence] == ["statistic", *["row"] * 16]
    assert clue.statement[0].endswith("[1]")
    assert clue.evidence[0].values["所依据的证据"] == "[2]至[17]"


def test_one_finding_told_twice_becomes_one_clue_that_keeps_both() -> None:
    more = made.supplier_finding(
        statement=(Sentence("另有一份合同。", (made.CONTRACTS[0],)),), title="疑似关联", amount=None
    )
    clues = clues_of(made.supplier_finding(), more)
    assert len(clues) == 1
    assert len(clues[0].statement) == 4


# -- ids over runs -------------------------------------------------------------------------------


def test_formerly_follows_a_group_of_which_half_remain() -> None:
    before = as_records(clues_of(made.group_finding(), spec=made.group_spec()))

    def now(*members: str) -> Clue:
        finding = made.group_finding(
            subjects=tuple(Subject(m, "bidder") for m in members), anchors=members
        )
        return clues_of(finding, spec=made.group_spec(), previous=before)[0]

    a, b, c, d = made.RIVALS
    assert now(a, b, c, d).formerly == ()
    assert now(a, b, c).formerly == (before[0]["id"],)
    assert now(a, b, made.FIRM, "c-99").formerly == (before[0]["id"],)
    assert now(a, made.FIRM, "c-98", "c-99").formerly == ()


def test_formerly_is_carried_from_run_to_run() -> None:
    first = as_records(clues_of(made.supplier_finding()))
    changed = made.supplier_finding(anchors=(made.OFFICIAL, "c-99"))
    second = as_records(clues_of(changed, previous=first))
    assert second[0]["formerly"] == [first[0]["id"]]
    third = clues_of(changed, previous=second)
    assert third[0].formerly == (first[0]["id"],)
    fourth = clues_of(made.supplier_finding(anchors=("p-77", "c-99")), previous=second)
    assert set(fourth[0].formerly) == {first[0]["id"], second[0]["id"]}


def test_another_event_on_the_same_subjects_is_not_the_same_clue() -> None:
    first = as_records(clues_of(made.supplier_finding()))
    assert clues_of(made.supplier_finding(event_key="u-02"), previous=first)[0].formerly == ()


def test_previous_clues_without_anchors_are_matched_by_their_subjects() -> None:
    first = as_records(clues_of(made.supplier_finding(anchors=(made.OFFICIAL,))))
    for record in first:
        del record["anchors"], record["event_key"]
    now = made.supplier_finding(anchors=(made.OFFICIAL, made.WIFE_BROTHER))
    assert clues_of(now, previous=first)[0].formerly == (first[0]["id"],)


# -- what one clue tells of others ---------------------------------------------------------------


def outcomes_of(*pairs: tuple[Any, Any]) -> list[Any]:
    return [made.outcome(spec, *findings) for spec, findings in pairs]


def ring_of(*told: tuple[str, Any], **changes: Any) -> Any:
    return made.group_finding(event_key="团伙", title="疑似团伙：4家企业", absorbs=told, **changes)


def ring_spec() -> Any:
    return replace(made.group_spec(), id="ring_sample")


def test_what_another_clue_tells_is_no_clue_of_its_own() -> None:
    part = made.group_finding()
    ran = outcomes_of(
        (made.group_spec(), [part]), (ring_spec(), [ring_of((made.group_spec().id, part))])
    )
    [ring] = build_clues(made.snapshot(), ran)
    [alone] = clues_of(part, spec=made.group_spec())
    assert ring.detector == "ring_sample"
    assert [(one.id, one.detector, one.title) for one in ring.absorbs] == [
        (alone.id, alone.detector, alone.title)
    ]
    assert dict(absorbed(ran)) == {made.group_spec().id: 1}
    assert Clue.from_mapping(json.loads(ring.to_json())) == ring


def test_what_stands_higher_alone_stays() -> None:
    proof = made.group_finding(
        reasons=(Reason("money", "proof", "同一账户", (made.row("bids", 1, "投标"),)),)
    )
    ran = outcomes_of(
        (made.group_spec(), [proof]), (ring_spec(), [ring_of((made.group_spec().id, proof))])
    )
    clues = build_clues(made.snapshot(), ran)
    assert [(c.detector, c.level) for c in clues] == [
        (made.group_spec().id, "red"),
        ("ring_sample", "orange"),
    ]
    assert clues[1].absorbs == ()
    assert not absorbed(ran)


def test_a_teller_without_a_level_takes_nothing() -> None:
    part = made.group_finding()
    weak = ring_of(
        (made.group_spec().id, part), reasons=(Reason("price", "statistical", "", (), q=0.2),)
    )
    ran = outcomes_of((made.group_spec(), [part]), (ring_spec(), [weak]))
    assert [c.detector for c in build_clues(made.snapshot(), ran)] == [made.group_spec().id]


def test_ids_are_carried_into_a_ring_and_out_of_it() -> None:
    part = made.group_finding()
    alone = [(made.group_spec(), [part])]
    whole = [*alone, (ring_spec(), [ring_of((made.group_spec().id, part))])]

    def run(pairs: Any, previous: Any) -> list[Clue]:
        return build_clues(made.snapshot(), outcomes_of(*pairs), previous)

    first = run(alone, [])
    [ring] = run(whole, as_records(first))
    assert ring.formerly == (first[0].id,)
    [again] = run(whole, as_records([ring]))
    assert again.formerly == ring.formerly
    [apart] = run(alone, as_records([again]))
    assert apart.id == first[0].id
    assert apart.formerly == (ring.id,)
