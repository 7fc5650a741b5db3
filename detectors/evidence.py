"""Small helpers that detectors share: identity of a chain of joins, Chinese figures and dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from detectors.detector import Identity, Row

_ORDER: dict[str, int] = {"certain": 0, "probable": 1, "name_only": 2}
IDENTITY_NAMES: dict[str, str] = {
    "certain": "证件号码或登记名称一致",
    "probable": "多项信息相符，尚待核实",
    "name_only": "仅姓名相同",
}
_WAN = Decimal(10000)
_FEW = 20

# Columns that say where a row stands, not what it says.
_PLACES = frozenset(("row_id", "sheet_id", "row_no", "repeat_of", "post_row"))


def records(expression: Any) -> list[dict[str, Any]]:
    """Run an Ibis expression and return its rows as dicts; decimals and dates stay what they are.

    The engine's threads return rows in any order, and whoever takes the first of several that are
    alike in his eyes would tell another story on the next run. So they come ordered by what they
    say, and by place only where that is the same.

    Parameters
    ----------
    expression : ibis table expression
        Already filtered to what is needed: the rows are held in memory.
    """
    names = sorted(expression.columns, key=lambda name: (name in _PLACES, name))
    rows: list[dict[str, Any]] = expression.order_by(names).to_pyarrow().to_pylist()
    return rows


def among(table: Any, column: str, values: Iterable[Any]) -> Any:
    """Keep the rows of a table whose column holds one of the values.

    Parameters
    ----------
    table : ibis table
    column : str
    values : iterable
        Of one type; a long list goes in as a table, since thousands of literals in a query take
        longer to write and parse than the query to run.
    """
    wanted = sorted(set(values))
    if len(wanted) <= _FEW:
        return table.filter(table[column].isin(wanted))
    keys = ibis.memtable(pa.table({"wanted_key": wanted}))
    return table.semi_join(keys, table[column] == keys.wanted_key)


def weakest(joins: Iterable[tuple[str | None, float | None]]) -> tuple[Identity, float | None]:
    """Return the weakest of several joins, and its probability where it is ``probable``.

    Parameters
    ----------
    joins : iterable of (identity, probability)
        A missing identity is one that no join was needed for: certain.

    Examples
    --------
    >>> weakest([("certain", 1.0), ("probable", 0.93), ("probable", 0.81)])
    ('probable', 0.81)
    >>> weakest([])
    ('certain', None)
    """
    worst: Identity = "certain"
    probability: float | None = None
    for identity, chance in joins:
        if identity is None or _ORDER[identity] < _ORDER[worst]:
            continue
        if _ORDER[identity] > _ORDER[worst]:
            worst, probability = identity, None  # type: ignore[assignment]
        if worst == "probable" and chance is not None:
            probability = round(min(chance, probability if probability is not None else 1.0), 3)
    return worst, probability


def yuan(amount: Decimal) -> str:
    """Write an amount of yuan as Chinese readers expect it.

    Examples
    --------
    >>> yuan(Decimal("12345000")), yuan(Decimal("820.50")), yuan(Decimal("4000000"))
    ('1,234.5万元', '820.5元', '400万元')
    """
    if abs(amount) >= _WAN:
        # Two decimals of 万元 hide less than 100 yuan; evidence holds the exact figure.
        return f"{_trim((amount / _WAN).quantize(Decimal('0.01')))}万元"
    return f"{_trim(amount.quantize(Decimal('0.01')))}元"


def _trim(number: Decimal) -> str:
    text = f"{number:,.2f}"
    return text.rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """Write a share as per cent.

    Examples
    --------
    >>> percent(0.6), percent(0.306)
    ('60%', '30.6%')
    """
    return f"{_trim(Decimal(str(round(share * 100, 2))))}%"


def day(value: date) -> str:
    """Write a date in Chinese.

    Examples
    --------
    >>> day(date(2023, 5, 6))
    '2023年5月6日'
    """
    return f"{value.year}年{value.month}月{value.day}日"


def years(period: tuple[date, date] | None) -> str:
    """Write the years of a period for a title.

    Examples
    --------
    >>> years((date(2021, 3, 1), date(2023, 1, 1))), years(None)
    ('2021—2023年', '日期不详')
    """
    if period is None:
        return "日期不详"
    first, last = period[0].year, period[1].year
    return f"{first}年" if first == last else f"{first}—{last}年"


def period_of(dates: Iterable[date | None]) -> tuple[date, date] | None:
    """Return the first and last of the known dates, or None.

    Examples
    --------
    >>> period_of([None, date(2023, 1, 2), date(2022, 1, 1)])
    (datetime.date(2022, 1, 1), datetime.date(2023, 1, 2))
    """
    known = [d for d in dates if d is not None]
    return (min(known), max(known)) if known else None


def listing(names: Sequence[str], unit: str, limit: int = 4) -> str:
    """Name a few and count the rest.

    Examples
    --------
    >>> listing(["甲", "乙"], "家"), listing(["甲", "乙", "丙", "丁", "戊"], "家")
    ('甲、乙', '甲、乙、丙、丁等5家')
    """
    if len(names) <= limit:
        return "、".join(names)
    return f"{'、'.join(names[:limit])}等{len(names)}{unit}"


def holds(when: date, start: date | None, end: date | None) -> bool:
    """Tell whether a dated fact may hold on a day; an unknown bound doesn't exclude it.

    Examples
    --------
    >>> holds(date(2023, 5, 6), date(2023, 5, 6), None)
    True
    >>> holds(date(2023, 5, 6), None, date(2023, 5, 5))
    False
    """
    return (start is None or start <= when) and (end is None or when <= end)


def post_name(organization: str, position: str | None) -> str:
    """Name a post; what the position repeats of the organisation's name is said once.

    Examples
    --------
    >>> post_name("南门村村民委员会", "村民委员会委员、会计"), post_name("县水利局", None)
    ('南门村村民委员会委员、会计', '县水利局工作人员')
    """
    said = position or "工作人员"
    for n in range(min(len(organization), len(said)), 1, -1):
        if organization.endswith(said[:n]):
            return organization + said[n:]
    return organization + said


def village_term_end(start: date, elections: Iterable[str]) -> date | None:
    """Return the election that ends a village post of unknown end, None when none is known.

    Elections of one wave take months: who took office within half a year before the wave's date
    was elected in it.

    Examples
    --------
    >>> village_term_end(date(2021, 1, 15), ["2021-03-31", "2026-03-31"])
    datetime.date(2026, 3, 31)
    """
    wave = start + timedelta(days=183)
    return min((d for e in elections if (d := date.fromisoformat(e)) > wave), default=None)


def cite(
    sources: Iterable[dict[str, Any]], text: str, columns: tuple[str, ...] = ()
) -> tuple[Row, ...]:
    """Turn the sources of an edge (``t`` table, ``r`` row_id) into rows to cite.

    They come in content order and stay in it; ``columns`` empty shows all cells of a row.
    """
    return tuple(Row(table=s["t"], row_id=s["r"], text=text, columns=columns) for s in sources)


def inferred_from(basis: str | None, sources: Iterable[dict[str, Any]]) -> str:
    """Say that a tie of kinship was inferred and from what; empty where a row states it.

    Parameters
    ----------
    basis : str or None
        As on the edge.
    sources : iterable of dict
        Of the edge: ``t`` table, ``r`` row_id.

    Examples
    --------
    >>> rows = [{"t": "kinship", "r": 1}, {"t": "households", "r": 4}]
    >>> inferred_from("inferred", rows), inferred_from("inferred", rows[1:])
    ('据申报和户籍推断', '据户籍推断')
    >>> inferred_from("declared", rows[:1])
    ''
    """
    if basis != "inferred":
        return ""
    tables = {s["t"] for s in sources}
    said = [
        word for table, word in (("kinship", "申报"), ("households", "户籍")) if table in tables
    ]
    return f"据{'和'.join(said)}推断"


INFERRED_GAP = (
    "部分亲属关系由多条户籍、申报记录推断得出，没有一条记录直接写明，须核对户籍底册并向本人核实。"
)


def first_rows(rows: Iterable[Row], limit: int = 30) -> tuple[Row, ...]:
    """Keep each row once, in the order given, and no more than ``limit`` of them.

    Hundreds of rows of one kind make an evidence list nobody reads; the text of the sentence
    that cites them says how many there are.
    """
    seen: dict[tuple[str, int], Row] = {}
    for row in rows:
        seen.setdefault((row.table, row.row_id), row)
    return tuple(seen.values())[:limit]
