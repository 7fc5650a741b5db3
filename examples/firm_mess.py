"""How clerks write firms' names: shortened, bracketed, without the region, in old characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pandas as pd

from examples.places import COUNTY

_REGIONS = (COUNTY, "临川市", "江南省", COUNTY[:2])
_OLD = str.maketrans("达设县华东网业乡", "達設縣華東網業鄉")
_ALIKE = {
    "达": "大",
    "丰": "峰",
    "盛": "胜",
    "鼎": "顶",
    "泰": "秦",
    "诚": "城",
    "源": "原",
    "隆": "龙",
}
_FORM = "有限公司"


@dataclass(frozen=True)
class FirmMess:
    """Shares of rows in which a firm's name is written otherwise.

    ``coded``: rows that hold the firm's code too; ``uncoded``: those that don't, in ways that only
    fold away; ``hard``: there in every way, and codes left out now and then.
    """

    coded: float
    uncoded: float
    hard: bool


LEVELS: dict[str, FirmMess] = {
    "none": FirmMess(0, 0, False),
    "typical": FirmMess(0.03, 0.02, False),
    "heavy": FirmMess(0.15, 0.1, True),
}
_CODED = {"bids": ("bidder", "uscc"), "contracts": ("party_b", "party_b_uscc"), "payments": ("payee", "payee_id")}  # fmt: skip
_UNCODED = {"tenders": "winner"}


def _region(name: str) -> str:
    return next((r for r in _REGIONS if name.startswith(r)), "")


def bracketed(name: str) -> str:
    """恒达（青澜县）建设工程有限公司: the region in brackets behind the core of two characters."""
    region = _region(name)
    rest = name[len(region) :]
    return f"{rest[:2]}（{region}）{rest[2:]}" if region else name


def without_region(name: str) -> str:
    """恒达建设工程有限公司."""
    return name[len(_region(name)) :]


def shortened(name: str) -> str:
    """恒达建设: core and the first word of the trade, as people say it."""
    return re.sub(r"(有限公司|专业合作社)$", "", without_region(name))[:4]


def liable(name: str) -> str:
    """有限责任公司 for 有限公司."""
    return name.replace(_FORM, "有限责任公司")


def old_characters(name: str) -> str:
    """Some traditional characters."""
    return name.translate(_OLD)


def spaced(name: str) -> str:
    """A blank before the form, half-width brackets around nothing else."""
    return name.replace(_FORM, f" {_FORM}")


def look_alike(name: str) -> str:
    """One wrong character in the core."""
    region = _region(name)
    rest = name[len(region) :]
    wrong = next((c for c in rest[:2] if c in _ALIKE), None)
    return region + rest.replace(wrong, _ALIKE[wrong], 1) if wrong else name


Writing = Callable[[str], str]
FOLDING: tuple[Writing, ...] = (liable, old_characters, spaced)
"""Ways that leave the whole name."""
CUTTING: tuple[Writing, ...] = (bracketed, without_region, shortened)
"""Ways that move parts of the name or leave them out."""


def write_firms_otherwise(
    tables: dict[str, pd.DataFrame], level: str, seed: int
) -> dict[str, pd.DataFrame]:
    """Write names of registered firms otherwise in copies of the tables of procurement.

    Rows keep their order, so that the tables as they were say which firm each row means.
    """
    mess, rng = LEVELS[level], Random(seed * 104_729 + 3)
    if "companies" not in tables or not mess.coded:
        return tables
    known = set(tables["companies"]["name"])
    out = dict(tables)
    hard = (*FOLDING, *CUTTING, look_alike)
    for table, (name, code) in _CODED.items():
        ways = hard if mess.hard else (*FOLDING, *CUTTING)
        frame = _vary(out, table, name, known, mess.coded, ways, rng)
        if frame is not None and mess.hard:
            original = out[table][name]
            for index in [i for i in frame.index if frame.at[i, name] != original[i]]:
                if rng.random() < 0.25:
                    frame.at[index, code] = None
        if frame is not None:
            out[table] = frame
    for table, name in _UNCODED.items():
        ways = hard if mess.hard else FOLDING
        frame = _vary(out, table, name, known, mess.uncoded, ways, rng)
        if frame is not None:
            out[table] = frame
    return out


def _vary(
    tables: dict[str, pd.DataFrame],
    table: str,
    column: str,
    known: set[str],
    share: float,
    ways: tuple[Writing, ...],
    rng: Random,
) -> pd.DataFrame | None:
    if table not in tables:
        return None
    frame = tables[table].copy()
    rows = [i for i in frame.index if frame.at[i, column] in known]
    for index in sorted(rng.sample(rows, round(len(rows) * share))):
        frame.at[index, column] = rng.choice(ways)(frame.at[index, column])
    return frame
