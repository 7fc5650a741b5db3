"""OCDS in, canonical rows out: made-up packages, then what fifteen real publishers write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.ocds import NotOcds, OcdsTables, read_ocds, settle_names

EXAMPLES = Path(__file__).parents[2] / "shared" / "data" / "ocds_real_examples"
needs_examples = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason="公开的OCDS样例数据不在"),
]


def party(number: str, name: str, *roles: str) -> dict[str, Any]:
    """A party with a registered identifier."""
    return {
        "id": f"XX-REG-{number}",
        "name": name,
        "identifier": {"scheme": "XX-REG", "id": number},
        "roles": list(roles),
    }


def bid(
    number: int, firm: str, lot: str | None, amount: float | None, **more: Any
) -> dict[str, Any]:
    """A bid of one firm; ``name`` in another language than in ``parties``."""
    related = {"relatedLot": lot} if lot else {}
    return {
        "id": str(number),
        "tenderers": [{"id": f"XX-REG-{firm}", "name": f"{firm} (другое имя)"}],
        "value": {"amount": amount, "currency": "CNY"},
        "date": "2023-03-01T09:30:00+08:00",
        "status": "valid",
        **related,
        **more,
    }


def release(**more: Any) -> dict[str, Any]:
    """A whole process: two lots, three bidders, lot A awarded and contracted."""
    return {
        "ocid": "ocds-test-1",
        "id": "1",
        "date": "2023-04-01T00:00:00Z",
        "tag": ["compiled"],
        "buyer": {"id": "XX-REG-9", "name": "Buyer"},
        "parties": [
            party("9", "示例县水利局", "buyer"),
            party("1", "甲公司", "tenderer", "supplier"),
            party("2", "乙公司", "tenderer"),
            party("3", "丙公司", "tenderer"),
        ],
        "tender": {
            "id": "T-1",
            "title": "河道整治",
            "procurementMethod": "open",
            "mainProcurementCategory": "works",
            "items": [{"classification": {"scheme": "CPV", "id": "45200000"}, "relatedLot": "A"}],
            "lots": [
                {"id": "A", "title": "一标段", "value": {"amount": 100, "currency": "CNY"}},
                {"id": "B", "title": "二标段"},
            ],
            "tenderPeriod": {
                "startDate": "2023-02-01T00:00:00+08:00",
                "endDate": "2023-03-01T10:00:00+08:00",
            },
        },
        "bids": {
            "details": [
                bid(1, "1", "A", 90.5),
                bid(2, "2", "A", 95),
                bid(3, "3", "B", None, status="disqualified"),
            ]
        },
        "awards": [
            {
                "id": "aw",
                "status": "active",
                "relatedLots": ["A"],
                "suppliers": [{"id": "XX-REG-1", "name": "First"}],
                "value": {"amount": 90.5, "currency": "CNY"},
            },
            {
                "id": "dead",
                "status": "cancelled",
                "relatedLots": ["B"],
                "suppliers": [{"id": "XX-REG-3"}],
            },
        ],
        "contracts": [
            {
                "id": "C-1",
                "awardID": "aw",
                "value": {"amount": 91, "currency": "CNY"},
                "dateSigned": "2023-04-02T00:00:00Z",
            }
        ],
        **more,
    }


def read(document: Any) -> OcdsTables:
    """Read a document as a file."""
    return read_ocds(json.dumps(document, ensure_ascii=False).encode(), "a.json")


def values(tables: OcdsTables, table: str) -> list[dict[str, str]]:
    """Values of a table's rows."""
    return [row.values for row in tables.tables.get(table, [])]


def test_release_package_gives_lots_bids_contracts_companies() -> None:
    tables = read({"version": "1.1", "releases": [release()]})
    first, second = values(tables, "tenders")
    assert first == {
        "tender_no": "T-1",
        "lot": "A",
        "title": "河道整治 一标段",
        "method": "公开招标",
        "category": "工程 CPV45",
        "ceiling_price": "100",
        "publish_date": "2023-02-01",
        "deadline": "2023-03-01 10:00:00",
        "award_amount": "90.5",
        "purchaser": "示例县水利局",
        "winner": "甲公司",
    }
    assert "winner" not in second  # its only award was cancelled
    assert [(b["bidder"], b["lot"], b.get("amount")) for b in values(tables, "bids")] == [
        ("甲公司", "A", "90.5"),
        ("乙公司", "A", "95"),
        ("丙公司", "B", None),
    ]
    assert [b.get("is_winner") for b in values(tables, "bids")] == ["是", "否", None]
    assert [b.get("disqualified") for b in values(tables, "bids")] == [None, None, "是"]
    assert values(tables, "bids")[0]["submit_time"] == "2023-03-01 09:30:00"
    assert values(tables, "contracts") == [
        {
            "contract_no": "C-1",
            "tender_no": "T-1",
            "title": "河道整治",
            "amount": "91",
            "sign_date": "2023-04-02",
            "party_a": "示例县水利局",
            "party_b": "甲公司",
        }
    ]
    assert [c["name"] for c in values(tables, "companies")] == ["甲公司", "乙公司", "丙公司"]
    assert tables.notes == []


def test_row_numbers_are_those_a_person_counts() -> None:
    package = {"releases": [release(ocid=f"o-{n}") for n in range(3)]}
    assert [r.row for r in read(package).tables["contracts"]] == [1, 2, 3]
    lines = "\n".join(json.dumps(release(ocid=f"o-{n}")) for n in range(2)).replace("\n", "\n\n")
    assert [r.row for r in read_ocds(lines.encode(), "a.jsonl").tables["contracts"]] == [1, 3]


def test_record_uses_compiled_release_and_a_bare_release_reads_the_same() -> None:
    bare = read(release())
    for document in (
        {"records": [{"ocid": "ocds-test-1", "compiledRelease": release()}]},
        {"compiledRelease": release(), "releases": [{"url": "http://x"}]},
        [release()],
    ):
        assert read(document).tables == bare.tables


def test_releases_of_one_process_are_merged_by_date() -> None:
    whole = release()
    tender = {k: whole[k] for k in ("ocid", "buyer", "parties", "tender")} | {"date": "2023-01-01"}
    later = {"ocid": whole["ocid"], "date": "2023-05-01", "awards": whole["awards"]}
    later["contracts"] = whole["contracts"]
    opened = {"ocid": whole["ocid"], "date": "2023-03-02", "bids": whole["bids"]}
    split = read({"records": [{"releases": [later, tender, opened]}]})
    assert split.tables.keys() == read(whole).tables.keys()
    for table in ("tenders", "bids", "contracts"):
        assert values(split, table) == values(read(whole), table)
    # Each row stands where its element stands, not where the process begins.
    package = read({"releases": [tender, opened, later]})
    assert [package.tables[t][0].row for t in ("tenders", "bids", "contracts")] == [1, 2, 3]


def test_two_firms_of_one_name_stay_two_also_over_files() -> None:
    def file(number: str) -> OcdsTables:
        one = release(parties=[party(number, "同名公司")], ocid=number)
        one["bids"] = {"details": [bid(1, number, "A", 5)]}
        one["awards"], one["contracts"] = [], []
        return read({"releases": [one]})

    alone = file("71")
    assert values(alone, "bids")[0]["bidder"] == "同名公司"
    both = settle_names([alone, file("72"), file("71")])
    names = [values(f, "bids")[0]["bidder"] for f in both]
    assert names[0] == names[2] != names[1]
    assert "XX-REG-71" in names[0]
    assert [values(f, "companies")[0]["name"] for f in both] == names
    assert settle_names(both) == both


def test_bare_party_ids_are_no_identity() -> None:
    def one(name: str, ocid: str) -> dict[str, Any]:
        tender = {"id": ocid, "tenderers": [{"id": "1", "name": name}]}
        return {"ocid": ocid, "buyer": {"name": "B"}, "tender": tender}

    tables = read({"releases": [one("甲公司", "x"), one("乙公司", "y"), one("甲公司", "z")]})
    assert [b["bidder"] for b in values(tables, "bids")] == ["甲公司", "乙公司", "甲公司"]
    assert len(values(tables, "companies")) == 2
    assert tables.notes == ["只列出投标人、没有报价的招标：3处"]


def test_chinese_credit_code_is_kept_and_no_other_number_passes_for_one() -> None:
    code = "91110108551385082Q"
    mine = party("1", "甲公司")
    mine["additionalIdentifiers"] = [{"scheme": "", "id": code}]
    tables = read(release(parties=[mine, party("2", "乙公司")]))
    found = {c["name"]: c.get("uscc") for c in values(tables, "companies")}
    assert found["甲公司"] == code
    assert found["乙公司"] is None
    assert values(tables, "contracts")[0]["party_b_uscc"] == code


def test_shared_tender_id_gives_way_to_ocid() -> None:
    tables = read({"releases": [release(ocid="o-1"), release(ocid="o-2")]})
    assert {t["tender_no"] for t in values(tables, "tenders")} == {"o-1", "o-2"}


def test_awards_and_prices_over_several_lots_are_not_split() -> None:
    document = release()
    document["awards"][0]["relatedLots"] = [{"lotId": "A"}, {"lotId": "B"}]
    document["bids"]["details"][0] = bid(1, "1", None, 90, relatedLots=["A", "B"])
    tables = read(document)
    assert [t.get("winner") for t in values(tables, "tenders")] == ["甲公司", "甲公司"]
    assert all("award_amount" not in t for t in values(tables, "tenders"))
    firsts = [b for b in values(tables, "bids") if b["bidder"] == "甲公司"]
    assert [(b["lot"], b.get("amount"), b["is_winner"]) for b in firsts] == [
        ("A", None, "是"),
        ("B", None, "是"),
    ]
    assert tables.notes == ["一项中标含多个标段，金额无法分到标段，中标金额留空：1处"]


def test_foreign_currency_is_said_once() -> None:
    document = release()
    for b in document["bids"]["details"]:
        b["value"]["currency"] = "AMD"
    assert [n for n in read(document).notes if "AMD" in n] == [
        "金额币种为AMD，按原数取用，未折算为人民币"
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "空"),
        (b"  \n", "空"),
        (b"not json", "损坏"),
        (json.dumps({"releases": [release()]}).encode()[:-200], "损坏"),
        (b'{"ocid": "a", "tag": []}\n{"ocid": "b", "tag": [', "第2行"),
        (b'{"name": "x"}', "不是OCDS"),
        (b"[1, 2]", "OCDS"),
        (b"[]", "OCDS"),
        (b"3", "不是OCDS"),
        (b"[" * 100_000, "OCDS"),
    ],
)
def test_what_is_no_ocds_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotOcds, match=reason):
        read_ocds(data, "a.json")


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [None, 1, "x"], {"details": 3}])
@pytest.mark.parametrize(
    "key", ["tender", "bids", "awards", "contracts", "parties", "buyer", "date", "planning"]
)
def test_any_field_may_be_missing_or_misplaced(key: str, junk: Any) -> None:
    read({"releases": [release(**{key: junk})]})
    inner = release()
    for element in (inner["tender"], *inner["awards"], *inner["contracts"], *inner["parties"]):
        for name in element:
            element[name] = junk
    read(inner)


def test_a_plan_alone_gives_no_rows_and_says_so() -> None:
    tables = read({"ocid": "a", "tag": ["planning"], "planning": {"budget": {"id": "1"}}})
    assert tables.tables == {}
    assert len(tables.notes) == 1


class TestRealPublishers:
    """Fifteen publishers as they really write."""

    pytestmark = needs_examples

    def test_every_file_reads(self) -> None:
        files = sorted(EXAMPLES.rglob("*.json"))
        assert len(files) > 80
        counts = dict.fromkeys(("tenders", "bids", "contracts", "companies"), 0)
        for path in files:
            for table, rows in read_ocds(path, path.name).tables.items():
                assert rows
                counts[table] += len(rows)
        assert all(counts.values())

    def test_armenia_is_whole(self) -> None:
        paths = sorted((EXAMPLES / "armenia").rglob("*.json"))
        files = settle_names([read_ocds(path, path.name) for path in paths])
        bids = [b for f in files for b in values(f, "bids")]
        assert len(bids) == 1468
        assert len({b["bidder"] for b in bids}) == 411
        assert sum(len(values(f, "tenders")) for f in files) == 962
        assert sum(len(values(f, "contracts")) for f in files) == 358
        assert {n for f in files for n in f.notes if "币种" in n} == {
            "金额币种为AMD，按原数取用，未折算为人民币"
        }

    def test_tenderers_in_an_award_object_and_legal_names_only(self) -> None:
        files = [read_ocds(path, path.name) for path in (EXAMPLES / "taiwan").rglob("*.json")]
        assert any("久裕企業股份有限公司" in b["bidder"] for f in files for b in values(f, "bids"))
