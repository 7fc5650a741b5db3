"""Kinds of node and edge, and which columns of which table name a party. See docs/structure.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NodeKind = Literal["person", "company", "unit", "village", "account", "phone", "address", "tender"]
NODE_KINDS: dict[NodeKind, str] = {
    "person": "人员",
    "company": "企业",
    "unit": "单位",
    "village": "村（社区）",
    "account": "账户",
    "phone": "电话",
    "address": "地址",
    "tender": "标段",
}

EdgeKind = Literal[
    "kin",
    "position",
    "legal_representative",
    "officer",
    "shareholder",
    "has_phone",
    "has_account",
    "has_address",
    "lives_in",
    "purchases",
    "bids",
    "wins",
    "agent",
    "contract",
    "pays",
    "leases",
    "same_as",
]
EDGE_KINDS: dict[EdgeKind, str] = {
    "kin": "亲属",
    "position": "任职",
    "legal_representative": "法定代表人",
    "officer": "主要人员",
    "shareholder": "持股",
    "has_phone": "电话",
    "has_account": "账户",
    "has_address": "地址",
    "lives_in": "所在村",
    "purchases": "采购",
    "bids": "投标",
    "wins": "中标",
    "agent": "代理",
    "contract": "合同",
    "pays": "支付",
    "leases": "承租",
    "same_as": "疑为同一主体",
}

# Nodes of these kinds tie many strangers together; above the hub limit they are set aside and named.
ATTRIBUTE_KINDS: tuple[NodeKind, ...] = ("account", "phone", "address", "village")


@dataclass(frozen=True)
class Party:
    """A column that names a party, and the columns that help to tell who it is.

    ``kind`` ``any``: a person, company or unit, told apart by number, register and name form.
    ``number``: column with the identity number or USCC. ``context``: person attributes, each
    ``(meaning, column)`` with meaning one of birth_date, phone, village, address, employer, account.
    """

    table: str
    column: str
    kind: Literal["person", "company", "unit", "village", "any"]
    number: str | None = None
    context: tuple[tuple[str, str], ...] = ()
