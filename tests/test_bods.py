"""BODS 0.4 in, canonical rows out: made-up statements, then the public sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.intake import read_folder
from ingest.readers.bods import settle_bods
from ingest.readers.bods_statements import parse_bods
from ingest.readers.records import RecordTables
from ingest.report import IntakeReport
from tests.helpers import snapshot_from_folder

SAMPLE = Path(__file__).parents[2] / "shared/data/bods_sample/sample_300_statements.json"
ID = "11010519491231002X"
USCC = "91110000600037341L"


def statement(
    kind: str, record: str, details: dict[str, Any], status: str = "new", date: str = "2020-01-01"
) -> dict[str, Any]:
    """A statement of a record."""
    return {
        "statementId": f"{record}-{status}-{date}",
        "declarationSubject": "c1",
        "statementDate": date,
        "recordId": record,
        "recordType": kind,
        "recordStatus": status,
        "recordDetails": {"isComponent": False, **details},
    }


def firm(record: str = "c1", name: str = "甲建设有限公司", **more: Any) -> dict[str, Any]:
    details = {"entityType": {"type": "registeredEntity"}, "name": name, **more}
    return statement("entity", record, details)


def person(record: str = "p1", name: str = "张三", **more: Any) -> dict[str, Any]:
    names = [{"type": "legal", "fullName": name}]
    return statement("person", record, {"personType": "knownPerson", "names": names, **more})


def link(
    *interests: dict[str, Any],
    record: str = "r1",
    subject: Any = "c1",
    party: Any = "p1",
    status: str = "new",
    date: str = "2020-01-01",
    **more: Any,
) -> dict[str, Any]:
    details = {"subject": subject, "interestedParty": party, "interests": list(interests), **more}
    return statement("relationship", record, details, status, date)


def held(kind: str = "shareholding", share: Any = None, **more: Any) -> dict[str, Any]:
    interest = {"type": kind, **more}
    return interest if share is None else {**interest, "share": share}


def read(*statements: Any) -> RecordTables:
    return settle_bods([parse_bods(enumerate(statements, start=1))])[0]


def rows(found: RecordTables, table: str) -> list[dict[str, str]]:
    return [row.values for row in found.tables[table]]


def test_a_person_a_firm_and_what_it_holds() -> None:
    found = read(
        firm(
            identifiers=[{"scheme": "XX", "id": "77"}, {"scheme": "CN-USCC", "id": USCC}],
            foundingDate="2010-02-03",
            addresses=[{"type": "registered", "address": "人民路1号"}],
        ),
        person(identifiers=[{"id": ID}], birthDate="1949-12-31"),
        link(held(share={"exact": 60.5}, startDate="2019-05-06", endDate="2021-01-01")),
    )
    assert rows(found, "companies") == [
        {
            "name": "甲建设有限公司",
            "uscc": USCC,
            "established_date": "2010-02-03",
            "company_type": "登记实体",
            "address": "人民路1号",
        }
    ]
    assert rows(found, "people") == [{"name": "张三", "id_number": ID, "birth_date": "1949-12-31"}]
    (share,) = found.tables["shareholders"]
    assert share.row == 3
    assert share.values == {
        "company": "甲建设有限公司",
        "uscc": USCC,
        "shareholder": "张三",
        "shareholder_id": ID,
        "share_percent": "60.5",
        "start_date": "2019-05-06",
        "end_date": "2021-01-01",
    }
    assert not found.bad


@pytest.mark.parametrize(
    ("share", "percent"),
    [
        ({"exact": 100}, "100"),
        ({"minimum": 25, "maximum": 50}, "25"),
        ({"exclusiveMinimum": 25, "exclusiveMaximum": 50}, "25"),
        ({"minimum": 40, "maximum": 40}, "40"),
        ({"minimum": 0, "maximum": 25}, None),
        ({"maximum": 25}, None),
        ({"exact": "12.5"}, "12.5"),
        ({"exact": 130}, None),
        ({}, None),
    ],
)
def test_share_exact_or_lower_bound(share: dict[str, Any], percent: str | None) -> None:
    found = read(firm(), person(), link(held(share=share)))
    assert rows(found, "shareholders")[0].get("share_percent") == percent
    ranged = len(set(share.values())) == 2 or share == {"maximum": 25}
    assert any("区间" in note for note in found.all_notes()) == ranged


def test_other_interests_of_people_become_officers() -> None:
    found = read(
        firm(),
        person(),
        link(
            held("boardMember"),
            held("controlByLegalFramework"),
            held("votingRights", {"minimum": 50, "maximum": 75}),
            held("seniorManagingOfficial", details="总经理"),
            held("somethingNew"),
        ),
    )
    assert [row["role"] for row in rows(found, "company_officers")] == [
        "董事",
        "依法律规定控制",
        "表决权50-75%",
        "总经理",
        "somethingNew",
    ]
    assert "shareholders" not in found.tables


def test_a_legal_representative_goes_into_the_register_a_former_one_among_officers() -> None:
    found = read(
        firm(),
        person(),
        person("p2", "李四"),
        link(held("seniorManagingOfficial", details="法定代表人")),
        link(
            held("seniorManagingOfficial", details="法定代表人", endDate="2019-01-01"),
            record="r2",
            party="p2",
        ),
    )
    assert rows(found, "companies")[1]["legal_representative"] == "张三"
    assert found.tables["companies"][1].row == 4
    (former,) = rows(found, "company_officers")
    assert (former["name"], former["role"], former["end_date"]) == (
        "李四",
        "法定代表人",
        "2019-01-01",
    )


def test_history_becomes_periods() -> None:
    found = read(
        firm(),
        person(),
        link(held(share={"exact": 60}, startDate="2018-01-01")),
        link(held(share={"exact": 30}), status="updated", date="2021-06-01"),
        link(held(share={"exact": 30}), status="updated", date="2022-01-01"),
        statement("relationship", "r1", {}, "closed", "2023-03-04"),
    )
    assert [
        (r.row, r.values["share_percent"], r.values["start_date"], r.values["end_date"])
        for r in found.tables["shareholders"]
    ] == [(3, "60", "2018-01-01", "2021-06-01"), (4, "30", "2021-06-01", "2023-03-04")]


def test_an_interest_left_out_of_an_update_has_ended() -> None:
    found = read(
        firm(),
        person(),
        link(held(share={"exact": 10}), held("boardMember", startDate="2015-01-01")),
        link(held(share={"exact": 10}), status="updated", date="2021-09-09"),
    )
    assert rows(found, "company_officers")[0]["end_date"] == "2021-09-09"
    assert "end_date" not in rows(found, "shareholders")[0]


def test_the_order_of_statements_in_the_file_does_not_matter() -> None:
    statements = [
        link(held(share={"exact": 30}), status="updated", date="2021-06-01"),
        link(held(share={"exact": 60}, startDate="2018-01-01")),
        person(),
        firm(),
    ]
    found = read(*statements)
    assert [r["share_percent"] for r in rows(found, "shareholders")] == ["60", "30"]


def test_what_components_say_is_not_counted_twice() -> None:
    whole = link(
        held(share={"exact": 60}, directOrIndirect="indirect"),
        record="r3",
        componentRecords=["r1", "r2"],
    )
    through = [
        firm("c2", "乙控股有限公司"),
        link(held(share={"exact": 100}), record="r1", subject="c2", isComponent=True),
        link(held(share={"exact": 60}), record="r2", party="c2", isComponent=True),
    ]
    found = read(firm(), person(), *through, whole)
    assert [(r["shareholder"], r["company"]) for r in rows(found, "shareholders")] == [
        ("张三", "乙控股有限公司"),
        ("乙控股有限公司", "甲建设有限公司"),
    ]
    assert any("不重复计入" in note for note in found.all_notes())
    alone = read(firm(), person(), whole)
    assert rows(alone, "shareholders")[0]["share_percent"] == "60"
    assert any("没有列明中间层" in note for note in alone.all_notes())


def test_unknown_owners_are_told_with_their_firm_and_reason() -> None:
    nobody = {"reason": "noBeneficialOwners", "description": "上市公司"}
    hidden = statement(
        "person",
        "p9",
        {
            "personType": "anonymousPerson",
            "unspecifiedPersonDetails": {"reason": "interestedPartyExemptFromDisclosure"},
        },
    )
    found = read(firm(), hidden, link(held(), party=nobody), link(held(), record="r2", party="p9"))
    told = [(bad.row, bad.reason, bad.value, bad.whole) for bad in found.bad]
    assert told == [
        (3, "未指明权益人：没有受益所有人：上市公司", "甲建设有限公司", False),
        (4, "未指明权益人：权益人免于披露", "甲建设有限公司", False),
    ]
    assert "shareholders" not in found.tables


def test_what_refers_to_nothing_is_set_aside() -> None:
    found = read(
        firm(),
        person(),
        link(held(), party="p7"),
        link(held(), record="r2", subject="c7"),
        link(held(), record="r3", subject="p1"),
        link(held(), record="r4", subject={"reason": "unknown"}),
    )
    assert [(bad.row, bad.reason) for bad in found.bad] == [
        (3, "所指的权益人不在数据中"),
        (4, "所指的企业不在数据中"),
        (5, "权益所在的不是企业"),
        (6, "没有指明企业（原因不明）"),
    ]


def test_records_are_found_over_files() -> None:
    one = parse_bods([(1, firm()), (2, person())], 0)
    two = parse_bods([(1, link(held(share={"exact": 5})))], 1)
    first, second = settle_bods([one, two])
    assert "shareholders" not in first.tables
    assert rows(second, "shareholders")[0]["shareholder"] == "张三"


def test_state_bodies_own_without_a_row_of_their_own() -> None:
    bureau = statement("entity", "s1", {"entityType": {"type": "stateBody"}, "name": "某县财政局"})
    found = read(firm(), bureau, link(held(share={"exact": 100}), party="s1"))
    assert [row["name"] for row in rows(found, "companies")] == ["甲建设有限公司"]
    assert rows(found, "shareholders")[0]["shareholder"] == "某县财政局"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """Sound statements with one value anywhere replaced by something else."""
    statements = [
        firm(identifiers=[{"id": USCC}], addresses=[{"address": "甲路"}]),
        person(identifiers=[{"id": ID}], addresses=[{"address": "乙路"}]),
        link(held(share={"exact": 60}, startDate="2019-05-06"), componentRecords=["r0"]),
        link(held("boardMember"), status="closed", date="2021-01-01"),
    ]
    at: Any = statements
    while True:
        key = draw(st.sampled_from(range(len(at)) if isinstance(at, list) else sorted(at)))
        if isinstance(at[key], (dict, list)) and at[key] and draw(st.booleans()):
            at = at[key]
            continue
        at[key] = draw(JUNK)
        return statements


@given(statements=spoilt())
def test_whatever_stands_in_a_field_every_statement_is_used_or_told(statements: list[Any]) -> None:
    found = read(*statements)
    used = {row.row for rows_ in found.tables.values() for row in rows_}
    told = {bad.row for bad in found.bad} | {n for rows_ in found.places.values() for n in rows_}
    # The fourth statement only closes what the third one says.
    assert {1, 2, 3} <= used | told


# -- through the intake --------------------------------------------------------------------------


def intake(folder: Path) -> tuple[duckdb.DuckDBPyConnection, IntakeReport]:
    con = duckdb.connect()
    return con, read_folder(folder, con)


def test_bad_lines_are_quarantined_and_the_others_go_on(tmp_path: Path) -> None:
    lines = [
        json.dumps(firm(), ensure_ascii=False),
        json.dumps(person(), ensure_ascii=False),
        "{broken",
        json.dumps({"recordType": "person", "recordDetails": {}}),
        json.dumps({**person("p3"), "recordType": "thing"}),
        "",
        json.dumps(link(held(share={"exact": 5})), ensure_ascii=False),
    ]
    (tmp_path / "随便什么名字.json").write_text("\n".join(lines), encoding="utf-8")
    con, report = intake(tmp_path)
    assert con.sql(
        "SELECT row_no, shareholder, share_percent FROM typed.shareholders"
    ).fetchall() == [(7, "张三", 5.0)]
    told = {(entry.row, entry.reason) for entry in report.quarantine}
    assert told == {
        (3, "这一行不是完整的JSON"),
        (4, "BODS声明缺少recordId"),
        (5, "BODS声明的recordType不是entity、person或relationship：thing"),
    }
    for _, sheet in report.sheets():
        assert sheet.rows_in == sheet.kept + sheet.merged + sheet.quarantined_rows
    assert report.needs_attention


def test_fields_without_a_column_are_listed(tmp_path: Path) -> None:
    odd = [firm(uri="https://example.org"), person(nationalities=[{"code": "CN"}])]
    (tmp_path / "b.json").write_text(json.dumps(odd), encoding="utf-8")
    _, report = intake(tmp_path)
    unstored = {s.table: s.unstored_columns for _, s in report.sheets()}
    assert "recordDetails.uri" in unstored["companies"]
    assert "recordDetails.nationalities" in unstored["people"]


def test_older_versions_are_named_and_not_guessed_at(tmp_path: Path) -> None:
    old = [{"statementID": "1", "statementType": "personStatement", "names": []}]
    (tmp_path / "b.json").write_text(json.dumps(old), encoding="utf-8")
    _, report = intake(tmp_path)
    assert report.files[0].status == "unknown"
    assert "0.4" in (report.files[0].reason or "")


def test_namesakes_of_different_records_stay_apart(tmp_path: Path) -> None:
    data = [
        firm(),
        person("p1"),
        person("p2"),
        link(held(share={"exact": 60})),
        link(held(share={"exact": 40}), record="r2", party="p2"),
        link(held("boardMember"), record="r3", party="p2"),
    ]
    (tmp_path / "b.json").write_text(json.dumps(data), encoding="utf-8")
    with snapshot_from_folder(tmp_path) as snapshot:
        owners = snapshot.query(
            "SELECT src, share FROM edges WHERE kind = 'shareholder' ORDER BY share"
        )
        directors = snapshot.query("SELECT src FROM edges WHERE kind = 'officer'")
    assert len({owner for owner, _ in owners}) == 2
    assert directors == [(owners[0][0],)]


@pytest.mark.shared_data
@pytest.mark.skipif(not SAMPLE.is_file(), reason="公开的BODS样例数据不在")
def test_the_public_sample(tmp_path: Path) -> None:
    (tmp_path / "b.json").symlink_to(SAMPLE)
    statements = json.loads(SAMPLE.read_text(encoding="utf-8"))
    con, report = intake(tmp_path)
    people = sum(s["recordType"] == "person" for s in statements)
    assert con.sql("SELECT count(*) FROM typed.people").fetchall() == [(people,)]
    shares = con.sql(
        "SELECT row_no, shareholder, company, share_percent, start_date FROM typed.shareholders"
    ).fetchall()
    assert len(shares) == 100
    by_record = {s["recordId"]: s["recordDetails"] for s in statements}
    for row, owner, company, percent, start in shares:
        details = statements[row - 1]["recordDetails"]
        interest = details["interests"][0]
        names = [n["fullName"] for n in by_record[details["interestedParty"]]["names"]]
        assert owner in names
        assert company == by_record[details["subject"]]["name"]
        assert percent == interest["share"]["exact"]
        assert start.isoformat() == interest["startDate"]
    assert not report.quarantine
    assert not report.needs_attention
