"""The mistakes in a delivery: cells that no clerk would pass, people half named, a file sent twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import pandas as pd

from examples.firm_mess import write_firms_otherwise
from examples.slips import miswrite, old_number, scientific, slip_of_a_digit
from examples.world import PersonName

MessLevel = Literal["none", "typical", "heavy"]


@dataclass(frozen=True)
class Mess:
    """Shares of rows with each mistake; a share of 0.01 is one row in a hundred.

    A number spoilt in one way is not spoilt in another, so that the later kinds fall a little short.

    Parameters
    ----------
    bad_dates, spaced_names, full_width, repeated_rows : float
        Of the rows of a large table: what every delivery has a little of.
    vague_kin : float
        Declared relatives without identity number and birth date: those of the declarant's own
        household without telephone too (the household alone says who they are), the others by name
        and telephone. Declarations before 2017 asked for no more.
    miswritten_names : float
        Names with one character that sounds or looks like the right one, as lists typed by hand
        have them.
    missing_numbers : float
        Numbers left out, as lists for the notice board are.
    masked_numbers : float
        Birth date covered, as the rules on publishing ask.
    old_numbers : float
        Numbers of 15 digits, of people born before 1 October 1999, in books begun before.
    cut_numbers, failed_numbers : float
        Numbers that a spreadsheet turned into 3.2E+17; numbers with one wrong digit.
    files : bool
        With odd files beside.
    """

    bad_dates: float = 0
    spaced_names: float = 0
    full_width: float = 0
    repeated_rows: float = 0
    vague_kin: float = 0
    miswritten_names: float = 0
    missing_numbers: float = 0
    masked_numbers: float = 0
    old_numbers: float = 0
    cut_numbers: float = 0
    failed_numbers: float = 0
    files: bool = False


LEVELS: dict[MessLevel, Mess] = {
    "none": Mess(),
    # A county whose departments take care.
    "typical": Mess(0.0005, 0.004, 0.004, 0.001, 0.30, 0.01, 0.03, 0.05, 0.005, 0.002, 0.002, True),
    # One where lists are typed anew each year: every tenth number is missing, every sixth masked.
    "heavy": Mess(0.003, 0.03, 0.03, 0.004, 0.30, 0.01, 0.10, 0.15, 0.01, 0.005, 0.005, True),
}
# Dates whose loss costs no case its evidence.
_DATES = {"people": "birth_date", "payroll": "start_date", "land_transfers": "end_date"}
_NAMES = ("people", "kinship", "subsidies", "land_parcels")
_NUMBERS = {"people": "id_number", "land_parcels": "id_number", "assets": "id_number"}
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
# The police keep the registers of people and households and of numbers: there they are right.
_PEOPLE = {
    "subsidies": ("name", "id_number"),
    "subsidy_applications": ("name", "id_number"),
    "land_parcels": ("name", "id_number"),
    "land_transfers": ("name", "id_number"),
    "deaths": ("name", "id_number"),
    "assets": ("name", "id_number"),
    "payroll": ("name", "id_number"),
    "company_officers": ("name", "id_number"),
    "kinship": ("relative_name", None),
}


def disturb(
    tables: dict[str, pd.DataFrame],
    level: MessLevel,
    seed: int,
    protected: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Put a level's mistakes into copies of the tables.

    Parameters
    ----------
    tables : dict of str to DataFrame
    level : {"none", "typical", "heavy"}
    seed : int
    protected : collection of str
        Numbers of people who have a part in a case: rows that name one of them keep their numbers,
        names and relatives, so that a case stays as plain as the truth says.

    Returns
    -------
    dict of str to DataFrame
        Rows in the same order, repeated ones at the end.
    """
    mess, rng = LEVELS[level], Random(seed * 7919 + 1)
    out = write_firms_otherwise(dict(tables), level, seed)
    for table, column in _DATES.items():
        _alter(out, table, column, mess.bad_dates, rng, lambda value: "不详" if value else value)
    for table in _NAMES:
        _alter(out, table, "name", mess.spaced_names, rng, _spread)
    for table, column in _NUMBERS.items():
        _alter(out, table, column, mess.full_width, rng, lambda value: value.translate(_FULL_WIDTH))
    _half_name(out, mess, Random(seed * 7919 + 2), frozenset(protected), tables)
    if mess.repeated_rows and "assets" in out:
        frame = out["assets"]
        again = sorted(rng.sample(range(len(frame)), round(len(frame) * mess.repeated_rows)))
        out["assets"] = pd.concat([frame, frame.iloc[again]], ignore_index=True)
    return out


def _half_name(
    out: dict[str, pd.DataFrame],
    mess: Mess,
    rng: Random,
    protected: frozenset[str],
    clean: dict[str, pd.DataFrame],
) -> None:
    """Take from rows what says who somebody is: relatives, characters, numbers."""
    free = {t: _unprotected(frame, protected) for t, frame in clean.items() if t in _PEOPLE}
    _vague_kin(out, mess.vague_kin, rng, free.get("kinship", []), clean)
    for table, (name, number) in _PEOPLE.items():
        rows = free.get(table, [])
        _alter(out, table, name, mess.miswritten_names, rng, lambda v: miswrite(v, rng), rows)
        if number is None:
            continue
        for share, change in (
            (mess.old_numbers, old_number),
            (mess.cut_numbers, scientific),
            (mess.failed_numbers, lambda value: slip_of_a_digit(value, rng)),
            (mess.masked_numbers, lambda value: value[:6] + "********" + value[14:]),
            (mess.missing_numbers, lambda value: None),
        ):
            _alter(out, table, number, share, rng, _whole(change), rows)


def _whole(change: Callable[[str], str | None]) -> Callable[[Any], Any]:
    """The change for whole identity numbers only; codes of firms and changed cells stay."""

    def changed(value: Any) -> Any:
        whole = isinstance(value, str) and len(value) == 18 and value[:17].isdecimal()
        return change(value) if whole else value

    return changed


def _unprotected(frame: pd.DataFrame, protected: frozenset[str]) -> list[int]:
    """Positions of rows that name nobody of a case, but for clerks, whose names are not touched."""
    clerks = ("handler", "approver")
    named = [
        c for c in frame if c not in clerks and any(isinstance(v, PersonName) for v in frame[c])
    ]
    return [
        i
        for i, cells in enumerate(frame[named].itertuples(index=False, name=None))
        if not any(isinstance(v, PersonName) and v.owner in protected for v in cells)
    ]


def _vague_kin(
    tables: dict[str, pd.DataFrame],
    share: float,
    rng: Random,
    rows: list[int],
    clean: dict[str, pd.DataFrame],
) -> None:
    if "kinship" not in tables or "households" not in tables or not share:
        return
    homes = dict(
        zip(clean["households"]["id_number"], clean["households"]["household_no"], strict=True)
    )
    frame = tables["kinship"].copy()
    pairs = Counter(zip(frame["id_number"], frame["relative_name"], strict=True))
    twice = {pair for pair, n in pairs.items() if n > 1}
    for index in sorted(rng.sample(rows, min(len(rows), round(len(frame) * share)))):
        row = clean["kinship"].iloc[index]
        home = homes.get(row["id_number"])
        together = home is not None and home == homes.get(row["relative_id_number"])
        if not together and not row["relative_phone"]:
            continue
        # Two brothers of one name are told apart by their numbers and birth dates alone.
        if (row["id_number"], row["relative_name"]) in twice:
            continue
        frame.at[index, "relative_id_number"] = None
        frame.at[index, "relative_birth_date"] = None
        if together:
            frame.at[index, "relative_phone"] = None
    tables["kinship"] = frame


def _spread(name: str) -> str:
    """王伟 as 王　伟, the way name lists are set."""
    return f"{name[0]}　{name[1]}" if len(name) == 2 else name


def _alter(
    tables: dict[str, pd.DataFrame],
    table: str,
    column: str,
    share: float,
    rng: Random,
    change: Callable[[Any], Any],
    rows: list[int] | None = None,
) -> None:
    """Change a share of a column's cells (of ``rows``, where given), in a copy of the table."""
    if table not in tables or not share:
        return
    frame = tables[table].copy()
    open_to_change = range(len(frame)) if rows is None else rows
    wanted = min(round(len(frame) * share), len(open_to_change))
    for index in sorted(rng.sample(open_to_change, wanted)):
        before = frame.at[index, column]
        after = change(before)
        # However it is written, a name stays its owner's.
        if isinstance(before, PersonName):
            after = PersonName(after, before.owner)
        frame.at[index, column] = after
    tables[table] = frame
