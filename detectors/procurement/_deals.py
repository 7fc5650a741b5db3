"""Contracts and tenders of public buyers read in bulk, and what their titles say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from detectors.detector import Path, PathEdge, Role, Row
from detectors.evidence import day, first_rows, weakest, yuan
from detectors.procurement._parts import type_of

CONTRACT_COLUMNS = (
    "contract_no", "tender_no", "title", "party_a", "party_b", "amount", "final_amount",
    "sign_date",
)  # fmt: skip
TENDER_COLUMNS = (
    "tender_no", "lot", "title", "purchaser", "method", "category", "ceiling_price",
    "publish_date", "deadline", "open_date", "winner", "award_amount", "platform", "retender",
)  # fmt: skip
FRAMEWORK = ("框架", "定点", "协议供货", "入围", "订单")
SECRET = ("涉密", "保密工程", "国家秘密", "国家安全")
SINGLE_SOURCE = ("单一来源",)
SUPPLEMENT = ("补充协议", "补充合同", "补充采购", "变更", "追加", "增补", "增项")
RENEWAL = ("续签", "续租", "续约", "续期", "续采")
# Agreements by which nothing is bought.
NO_PURCHASE = (
    "借款", "贷款", "拨款", "补助", "捐赠", "出让", "征收", "征地", "拆迁补偿", "土地流转", "出租", "租金", "承包经营",
)  # fmt: skip
_EMERGENCY = "抢险|救灾|抢修|抗洪|抗旱|应急"
# 应急 in the name of an office or of a thing bought is no emergency.
_NO_EMERGENCY = "应急(管理|广播|指挥|照明|预案|演练|中心|局|平台|系统|物资储备|避难|储备)"


def says(text: Any, words: Iterable[str]) -> Any:
    """Tell for each row whether a text holds one of the words; an absent text holds none.

    Parameters
    ----------
    text : ibis string column
    words : iterable of str
    """
    return text.fill_null("").re_search("|".join(words))


def emergency(text: Any) -> Any:
    """Tell for each row whether a text speaks of rescue, repair or relief at once."""
    return text.fill_null("").re_replace(_NO_EMERGENCY, "").re_search(_EMERGENCY)


def number_key(number: Any) -> Any:
    """Fold a tender or contract number, so that spaces, dashes and case make no difference."""
    return number.upper().re_replace(r"[\s\-—–_－]+", "").nullif("")


def title_key(title: Any) -> Any:
    """Fold a title, so that marks and a closing 合同, 项目 or 采购 make no difference."""
    bare = title.re_replace(r"[\s（）()《》“”\"'\-—–_·、，,。.：:]+", "")
    return bare.re_replace("(施工|采购|服务|项目|合同|协议书|协议)+$", "").nullif("")


def contracts(snapshot: Any) -> Any:
    """Contracts between known parties, each row once, as an Ibis expression.

    Returns
    -------
    ibis table
        The columns of the table, ``key`` (folded tender number), ``base`` (folded title),
        ``buyer``, ``buyer_kind``, ``supplier``, ``supplier_kind``; amounts in yuan above zero.
    """
    table = snapshot.in_yuan("contracts")
    table = table.filter(
        table.party_a_entity.notnull() & table.repeat_of.isnull() & (table.amount > 0)
    )
    table = table.mutate(
        key=number_key(table.tender_no),
        base=title_key(table.title),
        buyer=table.party_a_entity,
        supplier=table.party_b_entity,
    )
    table = _with_kind(snapshot, table, "buyer")
    return _with_kind(snapshot, table, "supplier")


def tenders(snapshot: Any) -> Any:
    """Tenders of known purchasers as an Ibis expression, a row a lot.

    Returns
    -------
    ibis table
        The columns of the table, ``key``, ``base``, ``buyer``, ``supplier``, and ``opened`` (day of
        opening, else of the deadline).
    """
    table = snapshot.in_yuan("tenders")
    table = table.filter(table.purchaser_entity.notnull())
    opened = table.open_date.cast("date").coalesce(table.deadline.cast("date"))
    return table.mutate(
        key=number_key(table.tender_no),
        base=title_key(table.title),
        buyer=table.purchaser_entity,
        supplier=table.winner_entity,
        opened=opened,
    )


def _with_kind(snapshot: Any, table: Any, column: str) -> Any:
    kinds = snapshot.entities.select(**{f"{column}_id": "entity", f"{column}_kind": "kind"})
    joined = table.left_join(kinds, table[column] == kinds[f"{column}_id"])
    return joined.drop(f"{column}_id")


def typed(table: Any) -> Any:
    """Add ``type`` (works, goods, survey, services) from ``title`` and, where there, ``category``."""
    category = table.category if "category" in table.columns else ibis.literal("")
    # Held, so that whatever it comes from is worked out once.
    said = table.mutate(
        said_title=table.title.fill_null(""), said_category=category.cast("string").fill_null("")
    ).cache()
    known = said.select("said_title", "said_category").distinct().to_pyarrow().to_pydict()
    titles, categories = known["said_title"], known["said_category"]
    types = [type_of(t, c) for t, c in zip(titles, categories, strict=True)]
    told = ibis.memtable(
        pa.table(
            {
                "said_title": pa.array(titles, pa.string()),
                "said_category": pa.array(categories, pa.string()),
                "type": pa.array(types, pa.string()),
            }
        )
    )
    joined = said.join(told, ["said_title", "said_category"])
    return joined.drop("said_title", "said_category")


def contract_row(row: dict[str, Any]) -> Row:
    """Cite a contract."""
    return Row("contracts", row["row_id"], "合同记录", CONTRACT_COLUMNS)


def tender_row(row: dict[str, Any]) -> Row:
    """Cite a tender."""
    return Row("tenders", row["row_id"], "招标采购记录", TENDER_COLUMNS)


def parties(row: dict[str, Any], *columns: str) -> list[tuple[str | None, float | None]]:
    """Joins of a row that name its parties: identity and probability of each column."""
    return [(row[f"{c}_identity"], row[f"{c}_probability"]) for c in columns]


def quoted(titles: Sequence[str], limit: int = 3) -> str:
    """Name a few titles in marks and count the rest.

    Examples
    --------
    >>> quoted(["甲工程", "乙工程"]), quoted(["甲", "乙", "丙", "丁"])
    ('“甲工程”、“乙工程”', '“甲”、“乙”、“丙”等4项')
    """
    unique = list(dict.fromkeys(titles))
    named = "、".join(f"“{t}”" for t in unique[:limit])
    return named if len(titles) <= limit else f"{named}等{len(titles)}项"


def counted(n: int, unit: str, amount: Decimal) -> str:
    """Count things with what they come to.

    Examples
    --------
    >>> counted(1, "份合同", Decimal(4680000)), counted(2, "个项目", Decimal(970000))
    ('1份合同、468万元', '2个项目、共97万元')
    """
    return f"{n}{unit}、{'共' if n > 1 else ''}{yuan(amount)}"


def span(period: tuple[date, date] | None) -> str:
    """Write a period of days for a sentence.

    Examples
    --------
    >>> span((date(2022, 3, 1), date(2022, 3, 1))), span(None)
    ('2022年3月1日', '日期不详时')
    """
    if period is None:
        return "日期不详时"
    return day(period[0]) if period[0] == period[1] else f"{day(period[0])}至{day(period[1])}"


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Add up the known amounts; None where none is known.

    Examples
    --------
    >>> total([Decimal(2), None, Decimal("1.5")]), total([None])
    (Decimal('3.5'), None)
    """
    known = [a for a in amounts if a is not None]
    return sum(known, Decimal(0)) if known else None


@dataclass(frozen=True)
class Line:
    """What ties a buyer to a supplier: ``term`` is written on the line of a picture."""

    buyer: str
    supplier: str
    term: str
    period: tuple[date, date] | None
    joins: tuple[tuple[str | None, float | None], ...]
    rows: tuple[Row, ...]


def drawn(lines: Sequence[Line], role: Role = "purchaser", most: int = 8) -> Path | None:
    """Draw buyers and suppliers, the first lines only where there are many; None without any."""
    if not lines:
        return None
    edges = []
    for line in lines[:most]:
        first, last = line.period or (None, None)
        identity, _ = weakest(line.joins)
        cites = first_rows(line.rows, limit=3)
        edges.append(
            PathEdge(line.buyer, line.supplier, "contract", line.term, first, last, identity, cites)
        )
    buyers = list(dict.fromkeys(e.src for e in edges))
    suppliers = list(dict.fromkeys(e.dst for e in edges))
    roles = (*((b, role) for b in buyers), *((s, "company") for s in suppliers))
    return Path((*buyers, *suppliers), tuple(edges), roles)


def flagged(table: Any, other: Any, keys: Sequence[str], name: str) -> Any:
    """Add a column that tells whether another table has a row with the same keys."""
    there = other.select(*keys).distinct().mutate(**{name: True})
    joined = table.left_join(there, list(keys))
    kept = joined.select(*table.columns, name)
    return kept.mutate(**{name: kept[name].fill_null(False)})


def village_buyer(name: Any, kind: Any) -> Any:
    """Tell for each row whether the buyer is a village: by its kind, else by its name."""
    committee = name.re_search("(村|社区|居)(民)?(委员会|委会)$|经济合作社$|经济联合社$")
    return (kind == "village") | committee.fill_null(False)
