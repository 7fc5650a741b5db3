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
    "branch",
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
    "branch": "分支机构",
    "same_as": "疑为同一主体",
}

# Nodes of these kinds tie many strangers together; above the hub limit they are set aside and named.
ATTRIBUTE_KINDS: tuple[NodeKind, ...] = ("account", "phone", "address", "village")


PartyKind = Literal["person", "company", "unit", "village", "any", "org"]
# In order of what they are worth when a name is to be told from its namesakes.
CONTEXTS = (
    "birth_date",
    "phone",
    "account",
    "household",
    "kin",
    "employer",
    "village",
    "township",
)


@dataclass(frozen=True)
class Party:
    """A column that names a party, and the columns that help to tell who it is.

    ``kind`` ``any``: a person, company, unit or village, told apart by number, registers and the
    form of the name. ``org``: the same but never a person (务农, 个体 in a column of employers name
    nobody). ``number``: column with the identity number or USCC. ``context``: attributes,
    each ``(meaning, column)`` with meaning one of ``CONTEXTS``; ``kin`` is the number of the person
    whose relative the party is, and counts only where the party's own number is not whole.
    """

    table: str
    column: str
    kind: PartyKind
    number: str | None = None
    context: tuple[tuple[str, str], ...] = ()


# Context shorthand: (meaning, column).
_BIRTH = ("birth_date", "birth_date")
_PHONE = ("phone", "phone")
_HOUSEHOLD = ("household", "household_no")
_VILLAGE = ("village", "village")
_TOWNSHIP = ("township", "township")
_PLACE = (_VILLAGE, _TOWNSHIP)


def _village(table: str, *, township: bool = True) -> Party:
    return Party(table, "village", "village", context=(_TOWNSHIP,) if township else ())


PARTIES: tuple[Party, ...] = (
    Party("people", "name", "person", "id_number", (_BIRTH, _PHONE, *_PLACE)),
    _village("people"),
    Party("households", "name", "person", "id_number", (_HOUSEHOLD, *_PLACE)),
    _village("households"),
    Party("kinship", "name", "person", "id_number"),
    Party(
        "kinship",
        "relative_name",
        "person",
        "relative_id_number",
        (
            ("birth_date", "relative_birth_date"),
            ("phone", "relative_phone"),
            ("kin", "id_number"),
            ("employer", "relative_employer"),
        ),
    ),
    Party("kinship", "relative_employer", "org"),
    Party(
        "officials", "name", "person", "id_number", (_PHONE, ("employer", "organization"), *_PLACE)
    ),
    Party("officials", "organization", "unit"),
    _village("officials"),
    Party("companies", "name", "company", "uscc"),
    # The telephone and address of a register row are the firm's, not its representative's.
    Party(
        "companies",
        "legal_representative",
        "person",
        "legal_representative_id",
        (("employer", "name"),),
    ),
    Party("shareholders", "company", "company", "uscc"),
    Party("shareholders", "shareholder", "any", "shareholder_id", (("employer", "company"),)),
    Party("company_officers", "company", "company", "uscc"),
    Party("company_officers", "name", "person", "id_number", (("employer", "company"),)),
    Party("tenders", "purchaser", "unit"),
    Party("tenders", "agency", "company"),
    Party("tenders", "winner", "company"),
    _village("tenders"),
    Party("bids", "bidder", "company", "uscc"),
    Party("bids", "contact", "person", None, (("phone", "contact_phone"), ("employer", "bidder"))),
    Party("bids", "manager", "person", "manager_id", (("employer", "bidder"),)),
    Party("bids", "deposit_payer", "any"),
    Party("expert_scores", "expert", "person", "expert_id"),
    Party("expert_scores", "bidder", "company"),
    Party("contracts", "party_a", "any"),
    Party("contracts", "party_b", "any", "party_b_uscc"),
    _village("contracts"),
    Party("payments", "payer", "unit"),
    Party("payments", "payee", "any", "payee_id", (("account", "payee_account"),)),
    Party("payments", "handler", "person", None, (("employer", "payer"),)),
    Party("payments", "approver", "person", None, (("employer", "payer"),)),
    Party("bank_flows", "payer", "any", "payer_id", (("account", "payer_account"),)),
    Party("bank_flows", "payee", "any", "payee_id", (("account", "payee_account"),)),
    Party("subsidy_applications", "name", "person", "id_number", (_HOUSEHOLD, *_PLACE)),
    _village("subsidy_applications"),
    Party("subsidy_applications", "handler", "person", None, _PLACE),
    Party("subsidy_applications", "approver", "person", None, (_TOWNSHIP,)),
    Party(
        "subsidies",
        "name",
        "person",
        "id_number",
        (("account", "account"), _HOUSEHOLD, *_PLACE),
    ),
    _village("subsidies"),
    Party("subsidies", "handler", "person", None, _PLACE),
    # Who approves sits in the township, whatever village the money goes to.
    Party("subsidies", "approver", "person", None, (_TOWNSHIP,)),
    Party("kin_filings", "official_name", "person", "official_id"),
    Party("kin_filings", "relative_name", "person", "relative_id", (("kin", "official_id"),)),
    Party("deaths", "name", "person", "id_number"),
    Party("payroll", "name", "person", "id_number", (("employer", "unit"),)),
    Party("payroll", "unit", "unit"),
    Party("assets", "name", "any", "id_number"),
    Party("land_parcels", "name", "person", "id_number", (_HOUSEHOLD, *_PLACE)),
    _village("land_parcels"),
    Party("land_transfers", "name", "person", "id_number", (_VILLAGE,)),
    Party("land_transfers", "transferee", "any", "transferee_id", (_VILLAGE,)),
    _village("land_transfers", township=False),
    _village("village_projects"),
    Party("village_projects", "contractor", "any", "contractor_id", _PLACE),
    _village("resolutions"),
    _village("leases"),
    Party("leases", "lessor", "unit"),
    Party("leases", "lessee", "any", "lessee_id", _PLACE),
    _village("collective_assets"),
    Party("collective_assets", "acquirer", "any", "acquirer_id", _PLACE),
    Party("unit_registrations", "unit", "unit"),
    Party("vouchers", "unit", "unit"),
    Party("vouchers", "payee", "any"),
    Party("vouchers", "handler", "person", None, (("employer", "unit"),)),
    Party("card_swipes", "unit", "unit"),
    Party("card_swipes", "holder", "person", None, (("employer", "unit"),)),
    Party("gang_members", "name", "person", "id_number"),
    Party("cases", "suspect", "any", "suspect_id"),
    Party("cases", "unit", "unit"),
    Party("cases", "handler", "person", "handler_id", (("employer", "unit"),)),
    Party("cases", "approver", "person", "approver_id", (("employer", "unit"),)),
    Party("complaints", "subject", "any", "subject_id"),
    Party("complaints", "unit", "unit"),
    Party("complaints", "handler", "person", "handler_id", (("employer", "unit"),)),
    Party("inspectors", "name", "person", "id_number", (_PHONE, ("employer", "unit"))),
    Party("inspectors", "unit", "unit"),
    Party("inspection_targets", "unit", "unit"),
    _village("inspection_targets"),
)
