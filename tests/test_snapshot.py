"""The store of a run: opened, asked, and led back to the rows of the files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from detectors.detector import Requires
from graph.snapshot import Snapshot
from ingest.errors import UserError
from tests.helpers import snapshot_from_tables

DEATHS = "姓名,身份证号,死亡日期\n张三,,2020-01-02\n李四,,2021-03-04"


def _paid(days: list[str]) -> str:
    rows = "\n".join(f"县财政局,甲公司,1,{day}" for day in days)
    return f"付款单位,收款人,金额,支付日期\n{rows}"


def test_has_and_missing() -> None:
    with snapshot_from_tables({"deaths": DEATHS}) as s:
        assert s.has("deaths", "name", "death_date")
        assert not s.has("deaths", "id_number")
        assert not s.has("people")
        needs = [Requires("deaths", ("name", "id_number")), Requires("people", ("name",))]
        assert s.missing(needs) == (("deaths", "id_number"), ("people", None))


def test_rows_lead_back_to_files() -> None:
    with snapshot_from_tables({"deaths": DEATHS}) as s:
        (row,) = s.query("SELECT row_id FROM deaths WHERE name = '李四'")[0]
        source = s.sources([("deaths", row)])["deaths", row]
        assert (source.file, source.sheet, source.row, source.also) == ("deaths.csv", None, 3, ())
        cells = s.raw_rows([("deaths", row)])["deaths", row]
        assert list(cells) == ["姓名", "身份证号", "死亡日期"]
        text, _, column = cells["姓名"]
        assert (text, column) == ("李四", "name")
        with pytest.raises(KeyError):
            s.sources([("nothing", 1)])


def test_tables_are_expressions() -> None:
    with snapshot_from_tables({"deaths": DEATHS}) as s:
        deaths = s.table("deaths")
        assert deaths.filter(deaths.name == "张三").count().execute() == 1
        assert s.entities.count().execute() == 2
        assert len(s.to_pandas("deaths")) == 2
        with pytest.raises(UserError, match="没有表"):
            s.table("people")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2020-01-01", "2023-05-06", "2022-01-01"], date(2023, 5, 6)),
        (["2020-01-01"] * 3 + ["2203-05-06"], date(2020, 1, 1)),
        (["2020-01-01"] * 3 + ["2033-05-06", "2033-05-07"], date(2020, 1, 1)),
        (["1920-01-01", "2020-01-01", "2020-01-02"], date(2020, 1, 2)),
        ([f"2020-01-{d:02d}" for d in range(1, 29)] + ["2021-11-01"], date(2021, 11, 1)),
    ],
)
def test_as_of_is_the_latest_plausible_event(days: list[str], expected: date) -> None:
    with snapshot_from_tables({"payments": _paid(days)}) as s:
        assert s.as_of == expected


def test_as_of_can_be_given_and_can_be_unknown() -> None:
    with snapshot_from_tables({"deaths": DEATHS}, as_of=date(2024, 1, 1)) as s:
        assert s.as_of == date(2024, 1, 1)
    with snapshot_from_tables({"people": "姓名,村\n张三,青山村"}) as s:
        assert s.as_of is None


def test_find_by_name_or_part_of_it() -> None:
    with snapshot_from_tables({"deaths": DEATHS}) as s:
        assert [e.name for e in s.find("张三")] == ["张三"]
        assert [e.name for e in s.find("四")] == ["李四"]
        assert s.find("王五") == ()
        entity = s.find("张三")[0].entity
        assert s.names([entity, "p-unknown"]) == {entity: "张三"}
        with pytest.raises(KeyError):
            s.entity("p-unknown")


def test_opening_what_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="找不到"):
        Snapshot.open(tmp_path / "none.duckdb")
    (tmp_path / "text.duckdb").write_text("hello")
    with pytest.raises(UserError, match="无法打开"):
        Snapshot.open(tmp_path / "text.duckdb")
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(UserError, match="不是探微的快照"):
        Snapshot.open(tmp_path / "empty.duckdb")
