"""The table contracts, held against a transcription of what was agreed."""

from __future__ import annotations

import pytest

from ingest.recognise import Head, Layout, recognise
from ingest.tables import TABLES, Column, Table, header_keys

# table: (number of columns, required columns), transcribed from the agreed list.
AGREED = {
    "people": (8, "name"),
    "households": (10, "household_no name relation_to_head"),
    "kinship": (13, "name relation relative_name"),
    "officials": (14, "name organization"),
    "companies": (13, "name"),
    "shareholders": (8, "company shareholder"),
    "company_officers": (7, "company name role"),
    "tenders": (19, "tender_no purchaser"),
    "bids": (22, "tender_no bidder"),
    "expert_scores": (6, "tender_no expert bidder score"),
    "contracts": (11, "party_a party_b amount"),
    "payments": (11, "payer payee amount pay_date"),
    "bank_flows": (10, "authority_doc payer payee amount flow_date"),
    "subsidy_applications": (11, "programme name"),
    "subsidies": (18, "programme name amount"),
    "subsidy_programmes": (9, "programme"),
    "kin_filings": (7, "official_name relative_name"),
    "deaths": (3, "name death_date"),
    "payroll": (5, "name unit"),
    "assets": (8, "name asset_type"),
    "land_parcels": (7, "name area"),
    "land_transfers": (8, "name transferee area"),
    "village_projects": (11, "village project contractor"),
    "resolutions": (8, "village matter meeting_date"),
    "leases": (16, "village resource_name lessee"),
    "collective_assets": (10, "village asset_name"),
    "unit_registrations": (4, "system unit"),
    "vouchers": (16, "unit voucher_no amount"),
    "card_swipes": (6, "unit holder amount swipe_time"),
    "gang_members": (10, "gang name"),
    "cases": (15, "case_no suspect"),
    "complaints": (13, "complaint_no subject"),
    "inspectors": (6, "name"),
    "inspection_targets": (3, "unit"),
}
KEEP_REPEATS = {"payments", "subsidies", "vouchers", "card_swipes", "bank_flows"}

VARIANTS = [
    pytest.param(table, column, header, id=f"{table.name}.{column.name}-{header}")
    for table in TABLES.values()
    for column in table.columns
    for header in (*column.headers, column.name)
]


def test_tables_are_those_agreed() -> None:
    assert list(TABLES) == list(AGREED)


@pytest.mark.parametrize("name", AGREED)
def test_columns_are_those_agreed(name: str) -> None:
    count, required = AGREED[name]
    table = TABLES[name]
    assert len(table.columns) == count
    assert [c.name for c in table.required] == required.split()
    assert table.keep_repeats == (name in KEEP_REPEATS)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_no_header_means_two_columns_of_one_table(table: Table) -> None:
    keys = [key for column in table.columns for key in set(header_keys(column))]
    assert len(keys) == len(set(keys))
    assert set(table.distinctive) <= {c.name for c in table.columns}


@pytest.mark.parametrize(("table", "column", "header"), VARIANTS)
def test_every_header_variant_is_recognised(table: Table, column: Column, header: str) -> None:
    headers = [header if c is column else c.headers[0] for c in table.columns]
    layout = recognise(Head([headers], [headers]))
    assert isinstance(layout, Layout)
    assert layout.table is table
    assert layout.columns == tuple(c.name for c in table.columns)


@pytest.mark.parametrize(("table", "column", "header"), VARIANTS)
def test_few_columns_are_enough(table: Table, column: Column, header: str) -> None:
    chosen = [c for c in table.columns if c.required or c is column or c.name in table.distinctive]
    if [c.name for c in chosen] == ["name"] and header == "name":
        return  # a canonical name that people and companies share says nothing alone
    headers = [header if c is column else c.headers[0] for c in chosen]
    layout = recognise(Head([headers], [headers]))
    assert isinstance(layout, Layout)
    assert layout.table is table
    assert dict(zip(layout.columns, headers, strict=True))[column.name] == header


@pytest.mark.parametrize(
    "name",
    [
        "officials.end_date",
        "shareholders.end_date",
        "leases.end_date",
        "deaths.death_date",
        "companies.cancelled_date",
        "assets.disposed_date",
        "complaints.closed_date",
    ],
)
def test_ends_known_by_month_are_read_in_favour_of_the_person(name: str) -> None:
    table, column = name.split(".")
    assert TABLES[table].column(column).month_as == "last"
    starts = [c for c in TABLES[table].columns if c.name == "start_date"]
    assert all(c.month_as == "first" for c in starts)


def test_numbers_of_people_are_masked_columns() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.type in ("id", "party_id"):
                assert column.mask == "id"
            elif column.name.endswith("phone"):
                assert column.mask == "phone"
            elif "account" in column.name.split("_") or column.name == "card_no":
                assert column.mask == "account"
