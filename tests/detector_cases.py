"""Reading ``<detector>.cases.toml``: small tables, the findings they must give, and no others."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from stdnum.cn import ric, uscc

ROOT = Path(__file__).parent.parent / "detectors"
KINDS = ("hit", "exclusion", "near_miss")
# The last digit of the sequence is the sex; kinship terms are checked against it.
_WOMENS = set("兰娟英红梅霞芳秀桂妹雯花素婷")
_CELL = re.compile(r"(id|uscc):([^\s,\"]+)")


@dataclass(frozen=True)
class Case:
    """One case; ``benign`` is the key of the innocent explanation that an exclusion is about."""

    detector: str
    name: str
    kind: str
    tables: dict[str, str]
    expect: tuple[dict[str, Any], ...]
    benign: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    cleared: dict[str, int] | None = None


def made_up_id(name: str) -> str:
    """Make a valid identity number of nobody out of a name; the same name gives the same number.

    Examples
    --------
    >>> made_up_id("张三") == made_up_id("张三") != made_up_id("李四")
    True
    """
    digest = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    born = date(1950, 1, 1) + timedelta(days=digest % 16_000)
    sequence = digest // 16_000 % 500 * 2 + (not set(name) & _WOMENS)
    body = f"320102{born:%Y%m%d}{sequence:03d}"
    # python-stdnum leaves the last character of what it is given aside.
    return body + ric.calc_check_digit(body + "0")


def made_up_uscc(name: str) -> str:
    """Make a valid unified social credit code of no firm out of a name.

    Examples
    --------
    >>> uscc.is_valid(made_up_uscc("甲公司"))
    True
    """
    digest = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    body = f"91320981{digest % 10**9:09d}"
    return body + uscc.calc_check_digit(body)


def fill(text: str) -> str:
    """Put made-up numbers in the place of ``id:`` and ``uscc:`` in a table's cells."""
    makers = {"id": made_up_id, "uscc": made_up_uscc}
    return _CELL.sub(lambda m: makers[m[1]](m[2]), text)


def read_cases(path: Path) -> list[Case]:
    """Read one file of cases; tables named under ``[common]`` stand in every case unless replaced."""
    detector = path.name.removesuffix(".cases.toml")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    common = content.get("common", {})
    cases = []
    for raw in content["case"]:
        tables = {**common, **raw["tables"]}
        cases.append(
            Case(
                detector,
                raw["name"],
                raw["kind"],
                {name: fill(text) for name, text in tables.items() if text.strip()},
                tuple(raw["expect"]),
                raw.get("benign"),
                raw.get("settings", {}),
                raw.get("outcomes", {}),
                raw.get("cleared"),
            )
        )
    return cases


def all_cases() -> list[Case]:
    """Read the cases of every detector, in order of path."""
    return [case for path in sorted(ROOT.glob("*/*.cases.toml")) for case in read_cases(path)]


def yuan(value: Any) -> Decimal | None:
    """Read an expected amount."""
    return None if value is None else Decimal(str(value))
