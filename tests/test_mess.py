"""People named by halves: the shares a level promises, and the truth about every cell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from examples.county import County, make_county
from examples.mess import LEVELS, MessLevel, disturb
from examples.save import save
from examples.world import PersonName


@pytest.fixture(scope="module")
def county() -> County:
    return make_county(7)


@pytest.mark.parametrize("level", ["typical", "heavy"])
def test_shares_of_what_is_missing(county: County, level: MessLevel) -> None:
    mess = LEVELS[level]
    after = disturb(county.tables, level, 7, county.protected)
    kin = after["kinship"]
    vague = (
        kin["relative_id_number"].isna() & county.tables["kinship"]["relative_id_number"].notna()
    )
    # Rows of people in cases are left alone, so small counties fall short of the share.
    assert 0.5 * mess.vague_kin <= vague.mean() <= mess.vague_kin + 0.001
    assert kin.loc[vague, "relative_birth_date"].isna().all()
    assert kin.loc[vague, "relative_phone"].notna().any()
    assert kin.loc[vague, "relative_phone"].isna().any()
    # What is spoilt already is not spoilt again, so the later kinds fall a little short.
    numbers = after["subsidies"]["id_number"]
    assert numbers.isna().mean() == pytest.approx(mess.missing_numbers, rel=0.3)
    masked = numbers.fillna("").str.contains("*", regex=False)
    assert masked.mean() == pytest.approx(mess.masked_numbers, rel=0.2)
    before = county.tables["subsidies"]["name"]
    names = after["subsidies"]["name"]
    wrong = [a != b for a, b in zip(before, names.str.replace("　", ""), strict=True)]
    assert sum(wrong) / len(wrong) == pytest.approx(mess.miswritten_names, rel=0.3)


def test_rows_of_people_in_cases_are_left_alone(county: County) -> None:
    after = disturb(county.tables, "heavy", 7, county.protected)
    for table in ("kinship", "subsidies", "assets"):
        before = county.tables[table]
        columns = [c for c in before if "id_number" in c]
        for i in range(len(before)):
            cells = before.iloc[i]
            named = cells.drop(["handler", "approver"], errors="ignore")
            if any(isinstance(v, PersonName) and v.owner in county.protected for v in named):
                assert after[table].iloc[i][columns].tolist() == [
                    v if v is None else str(v).translate(_width(after[table].iloc[i][c]))
                    for c, v in cells[columns].items()
                ]


def _width(shown: object) -> dict[int, int]:
    """Full-width digits where the cell has them: a way of writing, not a loss."""
    wide = isinstance(shown, str) and not shown.isascii()
    return str.maketrans("0123456789X", "０１２３４５６７８９Ｘ") if wide else {}


@pytest.mark.parametrize("level", ["none", "heavy"])
def test_truth_says_whose_every_name_is(county: County, tmp_path: Path, level: MessLevel) -> None:
    save(county, tmp_path / "data", level)
    with (tmp_path / "data.people.csv").open(encoding="utf-8") as file:
        truth = list(csv.DictReader(file))
    name_cells = sum(
        isinstance(value, PersonName)
        for frame in county.tables.values()
        for value in frame.to_numpy().flat
    )
    assert len(truth) >= name_cells
    death = next(row for row in truth if row["file"].endswith("死亡医学证明登记.csv"))
    encoding = "utf-8" if level == "none" else "utf-8-sig"
    with (tmp_path / "data" / death["file"]).open(encoding=encoding) as file:
        rows = list(csv.reader(file))
    assert rows[int(death["row"]) - 1][0] == county.tables["deaths"]["name"].iloc[0]
    assert death["person"] == county.tables["deaths"]["id_number"].iloc[0]
