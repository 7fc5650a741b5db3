"""The mistakes in a delivery: a few cells that no clerk would pass, an unknown sheet, a file twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import pandas as pd

from examples.firm_mess import write_firms_otherwise

MessLevel = Literal["none", "typical", "heavy"]


@dataclass(frozen=True)
class Mess:
    """Shares of rows of a large table with each mistake; ``files`` with odd files beside."""

    bad_dates: float
    spaced_names: float
    full_width: float
    repeated_rows: float
    files: bool


LEVELS: dict[MessLevel, Mess] = {
    "none": Mess(0, 0, 0, 0, False),
    "typical": Mess(0.0005, 0.004, 0.004, 0.001, True),
    "heavy": Mess(0.003, 0.03, 0.03, 0.004, True),
}
# Dates whose loss costs no case its evidence.
_DATES = {"people": "birth_date", "payroll": "start_date", "land_transfers": "end_date"}
_NAMES = ("people", "kinship", "subsidies", "land_parcels")
_NUMBERS = {"people": "id_number", "land_parcels": "id_number", "assets": "id_number"}
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def disturb(
    tables: dict[str, pd.DataFrame], level: MessLevel, seed: int
) -> dict[str, pd.DataFrame]:
    """Put a level's mistakes into copies of the tables.

    Every mistake here is one that intake must survive: set aside with its reason, or read rightly.
    """
    mess, rng = LEVELS[level], Random(seed * 7919 + 1)
    out = write_firms_otherwise(dict(tables), level, seed)
    for table, column in _DATES.items():
        _alter(out, table, column, mess.bad_dates, rng, lambda value: "不详" if value else value)
    for table in _NAMES:
        _alter(out, table, "name", mess.spaced_names, rng, _spread)
    for table, column in _NUMBERS.items():
        _alter(out, table, column, mess.full_width, rng, lambda value: value.translate(_FULL_WIDTH))
    if mess.repeated_rows and "assets" in out:
        frame = out["assets"]
        again = sorted(rng.sample(range(len(frame)), round(len(frame) * mess.repeated_rows)))
        out["assets"] = pd.concat([frame, frame.iloc[again]], ignore_index=True)
    return out


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
) -> None:
    """Change a share of a column's cells, in a copy of the table."""
    if table not in tables or not share:
        return
    frame = tables[table].copy()
    for index in sorted(rng.sample(range(len(frame)), round(len(frame) * share))):
        frame.at[index, column] = change(frame.at[index, column])
    tables[table] = frame
