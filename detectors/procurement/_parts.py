"""Works, goods and services handed out by public buyers, one part a tender or contract."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from detectors.detector import Row
from detectors.evidence import records

Type = Literal["works", "goods", "survey", "services"]
_NUMBER = "[0-9０-９一二三四五六七八九十百零〇两ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩIVXA-Za-z甲乙丙丁]+"
_MARK = "(?:标段|合同段|标包|标|期|包|段|批次|批|部分|分部|单元|号)"
# What tells parts of one project apart: 一期, 第2标段, A段, 东段, and what stands in brackets.
_PART_WORDS = re.compile(
    rf"第?{_NUMBER}{_MARK}|(?:标段|合同段)第?{_NUMBER}|[东西南北上中下左右前后][段岸侧片]"
    rf"|[（(【\[]\s*第?{_NUMBER}\s*[）)】\]]|[-—–_·\s]+|{_MARK}?[0-9０-９]+$|[（(【\[]\s*[）)】\]]"
)
_SURVEY = ("勘察", "设计", "监理", "勘测")
_WORKS = ("工程", "施工", "建设", "修缮", "改造", "硬化", "维修", "绿化", "整治", "新建", "扩建")
_GOODS = ("货物", "设备", "材料", "购置", "采购", "物资", "家具", "电脑", "车辆")
_EXCUSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("framework", ("框架", "定点", "协议供货", "入围")),
    ("budget_change", ("变更", "追加", "增补", "补充协议", "补充合同", "增项")),
    ("emergency", ("抢险", "应急", "救灾", "抢修")),
)
TENDER_COLUMNS = (
    "tender_no", "lot", "title", "purchaser", "method", "category", "winner",
    "award_amount", "publish_date", "open_date",
)  # fmt: skip
CONTRACT_COLUMNS = (
    "contract_no",
    "tender_no",
    "title",
    "party_a",
    "party_b",
    "amount",
    "sign_date",
)


@dataclass(frozen=True)
class Part:
    """One award or contract. ``excuse`` is the benign key that sets it aside, if any."""

    buyer: str
    supplier: str | None
    title: str
    base: str
    type: Type
    budget_item: str
    when: date | None
    amount: Decimal | None
    method: str
    excuse: str | None
    joins: tuple[tuple[str | None, float | None], ...]
    row: Row

    def entities(self) -> tuple[str, ...]:
        """List the parties."""
        return (self.buyer, self.supplier) if self.supplier else (self.buyer,)


def strip_part(title: str) -> str:
    """Take off a title what tells the parts of one project apart.

    Examples
    --------
    >>> strip_part("李家村道路硬化工程（一期）"), strip_part("李家村道路硬化工程第二标段")
    ('李家村道路硬化工程', '李家村道路硬化工程')
    """
    # Taking one mark off can bring another to light: 工程二期（东段）.
    while (shorter := _PART_WORDS.sub("", title)) != title:
        title = shorter
    return title


def type_of(title: str, category: str) -> Type:
    """Tell works, goods, survey (with design and supervision) and other services apart.

    Examples
    --------
    >>> type_of("道路工程设计", "服务"), type_of("道路硬化工程", "")
    ('survey', 'works')
    """
    if any(w in category + title for w in _SURVEY) and "施工" not in category:
        return "survey"
    if "工程" in category or "施工" in category:
        return "works"
    if "货物" in category:
        return "goods"
    if "服务" in category:
        return "services"
    if any(w in title for w in _WORKS):
        return "works"
    return "goods" if any(w in title for w in _GOODS) else "services"


def parts_of(snapshot: Any) -> list[Part]:
    """Read tenders and those contracts that no listed tender stands behind, in content order."""
    parts: list[Part] = []
    if snapshot.has("tenders", "title"):
        parts += _tenders(snapshot)
    if snapshot.has("contracts", "title"):
        parts += _contracts(snapshot)
    return sorted(parts, key=lambda p: (p.buyer, p.base, str(p.when), p.title, str(p.amount)))


def _excuse(title: str, method: str) -> str | None:
    if "公开招标" in method or "邀请招标" in method or method == "招标":
        return "tendered"
    return next((key for key, words in _EXCUSES if any(w in title for w in words)), None)


def _base(title: str, category: str) -> tuple[str, Type, str]:
    """Stripped title, type and the budget item: a telling category, else the stripped title."""
    base = strip_part(title)
    telling = category if category not in ("", "工程", "货物", "服务", "施工") else base
    return base, type_of(title, category), telling


def _tenders(snapshot: Any) -> list[Part]:
    """One part a tender number: its lots were put out together, which is no split."""
    table = snapshot.in_yuan("tenders")
    table = table.filter(table.purchaser_entity.notnull() & table.title.notnull())
    columns = (
        "row_id", "tender_no", "title", "method", "category", "award_amount", "publish_date",
        "open_date", "purchaser_entity", "purchaser_identity", "purchaser_probability",
        "winner_entity",
    )  # fmt: skip
    lots: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in records(table.select(*columns)):
        lots[row["purchaser_entity"], row["tender_no"]].append(row)
    return [_tender(sorted(rows, key=_tender_order)) for rows in lots.values()]


def _tender_order(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["title"], str(row["open_date"]), str(row["award_amount"]))


def _tender(rows: list[dict[str, Any]]) -> Part:
    lead = rows[0]
    method, category = lead["method"] or "", lead["category"] or ""
    base, kind, item = _base(lead["title"], category)
    amounts = [r["award_amount"] for r in rows if r["award_amount"] is not None]
    opened = lead["open_date"] or lead["publish_date"]
    suppliers = {r["winner_entity"] for r in rows}
    return Part(
        buyer=lead["purchaser_entity"],
        supplier=suppliers.pop() if len(suppliers) == 1 else None,
        title=lead["title"],
        base=base,
        type=kind,
        budget_item=item,
        when=opened.date() if hasattr(opened, "date") else opened,
        amount=sum(amounts, Decimal(0)) if amounts else None,
        method=method,
        excuse=_excuse(lead["title"], method),
        joins=((lead["purchaser_identity"], lead["purchaser_probability"]),),
        row=Row("tenders", lead["row_id"], "招标采购记录", TENDER_COLUMNS),
    )


def _contracts(snapshot: Any) -> list[Part]:
    """Contracts under no listed tender; those under one are the tender's award again."""
    table = snapshot.in_yuan("contracts")
    table = table.filter(table.party_a_entity.notnull() & table.title.notnull())
    table = table.filter(table.repeat_of.isnull())
    if snapshot.has("tenders", "tender_no"):
        listed = snapshot.table("tenders").select("tender_no").distinct()
        table = table.anti_join(listed, "tender_no")
    columns = (
        "row_id", "title", "amount", "sign_date", "party_a_entity", "party_a_identity",
        "party_a_probability", "party_b_entity",
    )  # fmt: skip
    return [_contract(row) for row in records(table.select(*columns))]


def _contract(row: dict[str, Any]) -> Part:
    base, kind, item = _base(row["title"], "")
    return Part(
        buyer=row["party_a_entity"],
        supplier=row["party_b_entity"],
        title=row["title"],
        base=base,
        type=kind,
        budget_item=item,
        when=row["sign_date"],
        amount=row["amount"],
        method="",
        excuse=_excuse(row["title"], ""),
        joins=((row["party_a_identity"], row["party_a_probability"]),),
        row=Row("contracts", row["row_id"], "合同记录", CONTRACT_COLUMNS),
    )
