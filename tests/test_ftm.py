"""FollowTheMoney entities in, canonical rows out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.kinship import parse_term
from ingest.intake import read_folder
from ingest.readers import ftm
from ingest.readers.ftm import settle_ftm
from ingest.readers.ftm_entities import LOT, parse_ftm
from ingest.readers.records import RecordTables
from tests.test_bods import JUNK

ID = "11010519491231002X"
USCC = "91110000600037341L"


def entity(schema: str, key: str, **values: Any) -> dict[str, Any]:
    """An entity; single values become lists."""
    lists = {name: v if isinstance(v, list) else [v] for name, v in values.items()}
    return {"id": key, "schema": schema, "properties": lists}


PERSON = entity("Person", "p1", name="张三", idNumber=ID, birthDate="1949-12-31", gender="male")
FIRM = entity("Company", "c1", name="甲建设有限公司", registrationNumber=USCC)
BUREAU = entity("PublicBody", "u1", name="某县住建局")


def read(*entities: Any) -> RecordTables:
    return settle_ftm([parse_ftm(enumerate(entities, start=1))])[0]


def rows(found: RecordTables, table: str) -> list[dict[str, str]]:
    return [row.values for row in found.tables[table]]


def test_people_and_firms() -> None:
    home = entity("Address", "a1", full="人民路1号")
    person = entity(
        "Person", "p1", name=["ZHANG San", "张三"], phone="+8613812345678", addressEntity="a1"
    )
    firm = entity(
        "Company",
        "c1",
        name="甲建设有限公司",
        registrationNumber=["320100000012345", USCC],
        incorporationDate="2010-02-03",
        legalForm="有限责任公司",
        sector="建筑",
    )
    found = read(person, firm, home)
    assert rows(found, "people") == [
        {"name": "张三", "id_number": "记录号p1", "phone": "13812345678", "address": "人民路1号"}
    ]
    assert rows(found, "companies") == [
        {
            "name": "甲建设有限公司",
            "uscc": USCC,
            "established_date": "2010-02-03",
            "company_type": "有限责任公司",
            "industry": "建筑",
        }
    ]


def test_ownership_directorship_employment() -> None:
    found = read(
        PERSON,
        FIRM,
        BUREAU,
        entity("Ownership", "o1", owner="p1", asset="c1", percentage="60%", startDate="2019-05-06"),
        entity("Directorship", "d1", director="p1", organization="c1", role="监事", endDate="2020"),
        entity("Directorship", "d2", director="p1", organization="c1", role="法定代表人"),
        entity(
            "Employment", "e1", employee="p1", employer="u1", role="副局长", startDate="2018-01-01"
        ),
    )
    assert rows(found, "shareholders") == [
        {
            "company": "甲建设有限公司",
            "uscc": USCC,
            "shareholder": "张三",
            "shareholder_id": ID,
            "share_percent": "60",
            "start_date": "2019-05-06",
        }
    ]
    assert rows(found, "company_officers")[0]["role"] == "监事"
    assert rows(found, "companies")[1]["legal_representative_id"] == ID
    assert rows(found, "officials") == [
        {
            "name": "张三",
            "id_number": ID,
            "position": "副局长",
            "organization": "某县住建局",
            "start_date": "2018-01-01",
        }
    ]
    assert not found.bad


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("60", "60"),
        ("60.5 %", "60.5"),
        ("25-50", "25"),
        ("25% - 50%", "25"),
        ("0-25", None),
        ("大股东", None),
    ],
)
def test_percentages(said: str, percent: str | None) -> None:
    found = read(PERSON, FIRM, entity("Ownership", "o", owner="p1", asset="c1", percentage=said))
    assert rows(found, "shareholders")[0].get("share_percent") == percent


@pytest.mark.parametrize(
    ("said", "term"), [("妻弟", "妻弟"), ("Brother", "兄弟"), ("neighbour", "neighbour")]
)
def test_family(said: str, term: str) -> None:
    other = entity("Person", "p2", name="李四", birthDate="1980-01-02")
    found = read(
        PERSON, other, entity("Family", "f", person="p1", relative="p2", relationship=said)
    )
    (row,) = rows(found, "kinship")
    assert (row["name"], row["relation"], row["relative_name"]) == ("张三", term, "李四")
    assert row["relative_birth_date"] == "1980-01-02"


def test_english_kin_terms_are_understood_by_the_kinship_algebra() -> None:
    assert all(parse_term(term) for term in ftm._KIN.values())


def test_an_office_is_held_at_the_unit_of_its_post() -> None:
    post = entity("Position", "po", name="县长", organization="u1")
    lost = entity("Position", "px", name="市长")
    found = read(
        PERSON,
        BUREAU,
        post,
        lost,
        entity("Occupancy", "o1", holder="p1", post="po", startDate="2015-06-01"),
        entity("Occupancy", "o2", holder="p1", post="px"),
    )
    assert rows(found, "officials")[0]["position"] == "县长"
    assert [(bad.row, bad.reason) for bad in found.bad] == [(6, "职位（Position）没有写明所属单位")]


def test_payments_only_from_public_bodies_and_in_yuan() -> None:
    pay = {"beneficiary": "c1", "amount": "100.5", "date": "2023-05-06"}
    found = read(
        PERSON,
        FIRM,
        BUREAU,
        entity("Payment", "1", payer="u1", currency="CNY", **pay),
        entity("Payment", "2", payer="p1", **pay),
        entity("Payment", "3", payer="u1", currency="USD", **pay),
    )
    assert [row["payer"] for row in rows(found, "payments")] == ["某县住建局"]
    notes = "\n".join(found.all_notes())
    assert "没有查询依据" in notes
    assert "USD" in notes


def test_contracts_and_lots() -> None:
    contract = entity("Contract", "k1", title="桥梁工程", authority="u1", contractDate="2023-01-02")
    lot = entity(
        "Contract", "k2", title="道路工程", authority="u1", type=LOT, procedureNumber="T-1"
    )
    found = read(
        FIRM,
        BUREAU,
        contract,
        lot,
        entity("ContractAward", "a1", supplier="c1", contract="k1", amount="100"),
        entity("ContractAward", "a2", supplier="c1", contract="k2", amount="90", date="2022-03-04"),
    )
    (signed,) = rows(found, "contracts")
    assert (signed["party_a"], signed["party_b_uscc"], signed["sign_date"]) == (
        "某县住建局",
        USCC,
        "2023-01-02",
    )
    (won,) = rows(found, "tenders")
    assert (won["tender_no"], won["winner"], won["open_date"]) == (
        "T-1",
        "甲建设有限公司",
        "2022-03-04",
    )


def test_a_lot_that_nobody_won_and_capital_in_other_money() -> None:
    lot = entity("Contract", "k", title="道路", authority="u1", type=LOT, procedureNumber="T-2")
    firm = entity("Company", "c9", name="丙有限公司", capital="500", currency="USD")
    found = read(BUREAU, lot, firm, entity("Contract", "k3", title="无主合同"))
    assert rows(found, "tenders") == [
        {"tender_no": "T-2", "title": "道路", "purchaser": "某县住建局"}
    ]
    assert rows(found, "companies") == [{"name": "丙有限公司"}]
    notes = "\n".join(found.all_notes())
    assert "USD" in notes
    assert "Contract没有写明供应商，未取用：1处（第4行）" in notes


def test_parts_of_an_entity_and_entities_within_entities() -> None:
    nested = entity("Ownership", "o1", owner=[entity("Person", "p9", name="王五")], asset="c1")
    found = read(entity("LegalEntity", "c1", name="甲建设有限公司"), nested, FIRM)
    assert rows(found, "shareholders")[0] == {
        "company": "甲建设有限公司",
        "uscc": USCC,
        "shareholder": "王五",
        "shareholder_id": "记录号p9",
    }
    assert len(rows(found, "companies")) == 1


def test_what_refers_to_nothing_or_has_no_table_is_told() -> None:
    found = read(
        PERSON,
        FIRM,
        entity("Ownership", "o1", owner="p8", asset="c1"),
        entity("Directorship", "d1", director="p1"),
        entity("Vessel", "v1", name="远望"),
        entity("Person", "p5"),
    )
    assert [(bad.row, bad.reason) for bad in found.bad] == [
        (3, "所指的所有人不在数据中"),
        (4, "没有写明企业或单位（organization）"),
        (6, "没有名称（name）"),
    ]
    assert "Vessel没有对应的表，未取用：1处（第5行）" in found.all_notes()


def test_several_telephones_and_addresses_all_stay() -> None:
    person = entity(
        "Person",
        "p1",
        name="张三",
        idNumber=ID,
        phone=["13812345678", "13912345678"],
        address="甲路",
    )
    found = read(person)
    assert {row.get("phone") for row in rows(found, "people")} == {"13812345678", "13912345678"}


@st.composite
def spoilt(draw: st.DrawFn) -> list[Any]:
    """Sound entities with one value anywhere replaced by something else."""
    entities: list[Any] = json.loads(
        json.dumps(
            [
                PERSON,
                FIRM,
                BUREAU,
                entity("Ownership", "o1", owner="p1", asset="c1", percentage="60"),
                entity("Directorship", "d1", director="p1", organization="c1", role="监事"),
                entity("Family", "f1", person="p1", relative="p1", relationship="妻弟"),
                entity("Employment", "e1", employee="p1", employer="u1"),
                entity("Payment", "y1", payer="u1", beneficiary="c1", amount="1", date="2020"),
                entity("UnknownLink", "x1", subject="p1", object="u1", role="所在村"),
            ]
        )
    )
    at: Any = entities
    while True:
        key = draw(st.sampled_from(range(len(at)) if isinstance(at, list) else sorted(at)))
        if isinstance(at[key], (dict, list)) and at[key] and draw(st.booleans()):
            at = at[key]
            continue
        at[key] = draw(JUNK)
        return entities


@given(entities=spoilt())
def test_whatever_stands_in_a_field_every_entity_is_used_or_told(entities: list[Any]) -> None:
    found = read(*entities)
    used = {row.row for rows_ in found.tables.values() for row in rows_}
    told = {bad.row for bad in found.bad} | {n for rows_ in found.places.values() for n in rows_}
    # A village is told in the row of the person who lives there; 6 may come to be a part of 1.
    assert set(range(1, 9)) - used - told <= _parts(entities)


def _parts(entities: list[Any]) -> set[int]:
    """Rows of entities whose id another one before them has."""
    ids = [e.get("id") if isinstance(e, dict) else None for e in entities]
    return {n for n, key in enumerate(ids, start=1) if key in ids[: n - 1]}


# -- through the intake --------------------------------------------------------------------------


def test_bad_lines_are_quarantined_and_known_by_content(tmp_path: Path) -> None:
    lines = [
        "not json",
        json.dumps(PERSON),
        json.dumps({"id": "x", "schema": "Company"}),
        json.dumps(FIRM),
        json.dumps(
            entity("Ownership", "o1", owner="p1", asset="c1", percentage="10", legalBasis="章程")
        ),
    ]
    (tmp_path / "export.json").write_text("\n".join(lines), encoding="utf-8")
    con = duckdb.connect()
    report = read_folder(tmp_path, con)
    assert con.sql("SELECT row_no, shareholder FROM typed.shareholders").fetchall() == [(5, "张三")]
    assert {(e.row, e.reason) for e in report.quarantine} == {
        (1, "这一行不是完整的JSON"),
        (3, "FollowTheMoney实体缺少properties"),
    }
    assert next(s.unstored_columns for _, s in report.sheets() if s.table == "shareholders") == [
        "Ownership.legalBasis"
    ]


def test_other_json_is_still_called_unknown(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"schema": "v1", "rows": []}', encoding="utf-8")
    report = read_folder(tmp_path, duckdb.connect())
    assert report.files[0].status == "unknown"
    assert "FollowTheMoney" in (report.files[0].reason or "")
