"""Read FollowTheMoney entities (JSON Lines) into rows of our tables.

Entities hold lists of values and refer to each other by id; parts of one entity may stand on
several lines. What no table takes is counted in the notes by schema and field.

Model: https://followthemoney.tech/explorer/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ingest.readers.ftm_entities import (
    FIRMS,
    LIVES_IN,
    LOT,
    PARTIES,
    FtmEntity,
    FtmFile,
    merge,
    table_of,
)
from ingest.readers.ftm_parties import (
    FIRM_NUMBERS,
    PERSON_NUMBERS,
    Party,
    Settling,
    find_parties,
    find_posts,
    find_villages,
    in_yuan,
    is_village,
    party_row,
    phones,
    post_key,
)
from ingest.readers.records import LEGAL_REPRESENTATIVE, BadRecord, RecordTables, is_current

_SHARE = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*%?\s*(?:(?:-|–|—|to|至)\s*(\d+(?:[.,]\d+)?)\s*%?)?\s*")
# English terms as publishers write them; Chinese ones go on to the kinship algebra as they stand.
_KIN = {
    "spouse": "配偶", "husband": "丈夫", "wife": "妻子", "partner": "配偶",
    "parent": "父母", "father": "父亲", "mother": "母亲",
    "child": "子女", "son": "儿子", "daughter": "女儿",
    "sibling": "兄弟姐妹", "brother": "兄弟", "sister": "姐妹",
    "grandfather": "祖父或外祖父", "grandmother": "祖母或外祖母",
    "grandson": "孙子或外孙", "granddaughter": "孙女或外孙女",
    "father-in-law": "岳父或公公", "mother-in-law": "岳母或婆婆",
    "son-in-law": "女婿", "daughter-in-law": "儿媳",
}  # fmt: skip
# Fields that tables take, by schema; those of a table's name are the table's.
_USED: dict[str, set[str]] = {
    "Person": {
        "name", "gender", "birthDate", "deathDate", "phone", "address", "addressEntity",
        *PERSON_NUMBERS,
    },
    "Company": {
        "name", "incorporationDate", "dissolutionDate", "status", "legalForm", "address",
        "addressEntity", "phone", "email", "sector", "capital", "currency", *FIRM_NUMBERS,
    },
    "PublicBody": {"name"},
    "Ownership": {
        "owner", "asset", "percentage", "sharesValue", "sharesCurrency", "startDate", "endDate",
    },
    "Directorship": {"director", "organization", "role", "startDate", "endDate"},
    "Employment": {"employee", "employer", "role", "startDate", "endDate"},
    "Occupancy": {"holder", "post", "startDate", "endDate"},
    "Family": {"person", "relative", "relationship", "startDate", "endDate"},
    "Payment": {"payer", "beneficiary", "amount", "currency", "date", "startDate", "endDate", "purpose"},
    "ContractAward": {"supplier", "contract", "amount", "currency", "date", "startDate"},
    "Contract": {"title", "name", "authority", "type", "procedureNumber", "contractDate", "method"},
    "Position": {"name", "organization"},
    "Address": {"full", "name", "city", "street", "region"},
    "UnknownLink": {"subject", "object", "role"},
}  # fmt: skip


def settle_ftm(files: Sequence[FtmFile]) -> list[RecordTables]:
    """Turn entities into rows; entities may be told and referred to over several files.

    Parameters
    ----------
    files : sequence of FtmFile
        Numbered as in ``parse_ftm``, from 0.

    Returns
    -------
    list of RecordTables
        In the same order, each with the rows of its own entities.

    Examples
    --------
    >>> from ingest.readers.ftm_entities import parse_ftm
    >>> firm = {"id": "c", "schema": "Company", "properties": {"name": ["甲公司"]}}
    >>> settle_ftm([parse_ftm([(1, firm)])])[0].tables["companies"][0].values
    {'name': '甲公司'}
    """
    out = [RecordTables(bad=list(f.bad)) for f in files]
    merged: dict[str, FtmEntity] = {}
    for entity in (e for f in files for e in f.entities):
        merge(merged, entity)
    settling = Settling(merged, out)
    settling.parties = find_parties(settling)
    settling.villages = find_villages(merged)
    settling.posts = find_posts(merged)
    settling.referred = frozenset(
        target for e in merged.values() for target in e.all("contract", "post", "addressEntity")
    )
    for entity in merged.values():
        writer = _WRITERS.get(entity.schema)
        if writer is None:
            out[entity.file].tell(f"{entity.schema}没有对应的表，未取用", entity.row)
            continue
        known = _USED["Company" if entity.schema in FIRMS else entity.schema]
        unused = out[entity.file].unstored[table_of(entity)]
        unused |= {f"{entity.schema}.{name}" for name in entity.properties if name not in known}
        writer(entity, settling, out[entity.file])
    return out


def _dates(entity: FtmEntity) -> dict[str, str | None]:
    return {"start_date": entity.first("startDate"), "end_date": entity.first("endDate")}


def _ownership(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    asset = settling.entities.get(entity.first("asset") or "")
    if asset is not None and asset.schema not in PARTIES:
        out.tell(f"对{asset.schema}的所有权没有对应的表，未取用", entity.row)
        return
    owner = settling.party(entity, "owner", "所有人", out)
    firm = settling.party(entity, "asset", "企业", out) if owner else None
    if owner is None or firm is None:
        return
    share = None
    if (text := entity.first("percentage")) is not None:
        match = _SHARE.fullmatch(text)
        if match is None:
            out.tell(f"持股比例认不出（{text}），留空", entity.row)
        else:
            share = match[1].replace(",", ".")
            if match[2] and match[2] != match[1]:
                out.tell("持股比例是区间，按下限取用", entity.row)
                share = share if float(share) > 0 else None
    paid = entity.first("sharesValue")
    currency = entity.first("sharesCurrency")
    if paid and currency not in (None, "CNY"):
        out.tell(f"出资额币种为{currency}，未折算，未取用", entity.row)
        paid = None
    said = {"shareholder": owner.name, "shareholder_id": owner.number}
    money = {"share_percent": share, "contribution": paid}
    of = {"company": firm.name, "uscc": firm.number}
    out.add("shareholders", entity.row, {**of, **said, **money, **_dates(entity)})


def _directorship(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    who = settling.party(entity, "director", "任职人", out)
    firm = settling.party(entity, "organization", "企业或单位", out) if who else None
    if who is not None and firm is not None:
        _post(entity, who, firm, entity.first("role") or "董事", out)


def _employment(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    who = settling.party(entity, "employee", "任职人", out)
    where = settling.party(entity, "employer", "单位", out) if who else None
    if who is None or where is None:
        return
    # One row says both where an official serves and in which village.
    others = [
        party
        for i in settling.posts[post_key(entity)]
        if i != where.entity.id and (party := settling.parties.get(i)) and party.kind == "unit"
    ]
    village = where if is_village(where) else next((p for p in others if is_village(p)), None)
    if village is where and any(not is_village(party) for party in others):
        return
    _post(entity, who, where, entity.first("role") or "工作人员", out, village)


def _occupancy(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    who = settling.party(entity, "holder", "任职人", out)
    if who is None:
        return
    post = settling.entities.get(entity.first("post") or "")
    where = settling.parties.get(post.first("organization") or "") if post else None
    if post is None or where is None:
        why = "职位（Position）没有写明所属单位" if post else "所指的职位（post）不在数据中"
        out.bad.append(BadRecord(entity.row, "officials", why, entity.first("post")))
        return
    _post(entity, who, where, post.first("name") or "任职", out)


def _post(
    entity: FtmEntity,
    who: Party,
    where: Party,
    role: str,
    out: RecordTables,
    village: Party | None = None,
) -> None:
    dates = _dates(entity)
    if who.kind != "person":
        out.tell(f"由企业或单位担任的职务（{role}）没有对应的列，未取用", entity.row)
    elif where.kind == "unit":
        said = {"name": who.name, "id_number": who.number, "position": role}
        place = {"organization": where.name, "village": village.name if village else None}
        out.add("officials", entity.row, {**said, **place, **dates})
    elif role == LEGAL_REPRESENTATIVE and is_current(
        dates["end_date"], where.entity.first("dissolutionDate")
    ):
        founded, ended = where.entity.first("incorporationDate"), dates["end_date"]
        if dates["start_date"] and dates["start_date"] != founded:
            out.tell("法定代表人的任职日期没有对应的列，未取用", entity.row)
        head = {"legal_representative": who.name, "legal_representative_id": who.number}
        life = {"established_date": founded, "cancelled_date": ended}
        out.add("companies", entity.row, {"name": where.name, "uscc": where.number, **head, **life})
    else:
        said = {"name": who.name, "id_number": who.number, "role": role}
        of = {"company": where.name, "uscc": where.number}
        out.add("company_officers", entity.row, {**of, **said, **dates})


def _family(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    person = settling.party(entity, "person", "本人", out)
    relative = settling.party(entity, "relative", "亲属", out) if person else None
    if person is None or relative is None:
        return
    said = entity.first("relationship")
    values = {
        "name": person.name,
        "id_number": person.number,
        "relation": _KIN.get(said.casefold(), said) if said else None,
        "relative_name": relative.name,
        "relative_id_number": relative.number,
        "relative_phone": next(iter(phones(relative.entity)), None),
        "relative_birth_date": relative.entity.first("birthDate"),
    }
    out.add("kinship", entity.row, {**values, **_dates(entity)})


def _payment(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    payer = settling.party(entity, "payer", "付款人", out)
    payee = settling.party(entity, "beneficiary", "收款人", out) if payer else None
    if payer is None or payee is None:
        return
    first, last = entity.first("startDate", "date"), entity.first("endDate", "date")
    if payer.kind != "unit":
        out.tell("付款人不是公共单位，又没有查询依据，未取用", entity.row)
    elif first != last or not entity.first("amount"):
        out.tell("没有写明金额或支付日期（如多笔合计），未取用", entity.row)
    elif in_yuan(entity, out):
        values = {
            "payer": payer.name,
            "payee": payee.name,
            "payee_id": payee.number,
            "amount": entity.first("amount"),
            "pay_date": first,
            "purpose": entity.first("purpose"),
        }
        out.add("payments", entity.row, values)


def _award(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    supplier = settling.party(entity, "supplier", "供应商", out)
    if supplier is None:
        return
    contract = settling.entities.get(entity.first("contract") or "")
    if contract is None:
        why = "所指的合同（contract）不在数据中"
        out.bad.append(BadRecord(entity.row, "contracts", why, entity.first("contract")))
        return
    buyer = settling.parties.get(contract.first("authority") or "")
    amount = entity.first("amount") if in_yuan(entity, out) else None
    day = entity.first("date", "startDate") or contract.first("contractDate")
    title = contract.first("title", "name")
    if contract.first("type") == LOT:
        values = {
            "tender_no": contract.first("procedureNumber") or contract.id,
            "title": title,
            "purchaser": buyer.name if buyer else None,
            "winner": supplier.name,
            "award_amount": amount,
            "open_date": day,
            "method": contract.first("method"),
        }
        if buyer is None:
            out.tell("标段没有写明采购人，未取用", entity.row)
        else:
            out.add("tenders", entity.row, values)
    elif buyer is None or amount is None:
        out.tell("合同没有写明发包人或金额，未取用", entity.row)
    else:
        values = {
            "tender_no": contract.first("procedureNumber"),
            "title": title,
            "party_a": buyer.name,
            "village": buyer.name if is_village(buyer) else None,
            "party_b": supplier.name,
            "party_b_uscc": supplier.number if supplier.kind == "company" else None,
            "amount": amount,
            "sign_date": day,
        }
        out.add("contracts", entity.row, values)


def _link(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    """Count links of other kinds; that of a person to its village stands in the person's row."""
    role = entity.first("role")
    if role != LIVES_IN or entity.first("subject") not in settling.parties:
        kind = (role or "未写明").split("：")[0]
        out.tell(f"UnknownLink（{kind}）没有对应的表，未取用", entity.row)
        return
    taken = settling.villages.get(entity.first("subject") or "")
    if taken is None:
        out.bad.append(
            BadRecord(entity.row, "people", "所指的村不在数据中", entity.first("object"))
        )
    elif taken.id != entity.first("object"):
        out.tell("一人有多个所在村的，取用一个", entity.row)


def _contract(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    """A lot that nobody won; other contracts are read with their awards."""
    if entity.id in settling.referred:
        return
    buyer = settling.parties.get(entity.first("authority") or "")
    if entity.first("type") != LOT or buyer is None:
        out.tell(f"{entity.schema}没有写明供应商，未取用", entity.row)
        return
    values = {
        "tender_no": entity.first("procedureNumber") or entity.id,
        "title": entity.first("title", "name"),
        "purchaser": buyer.name,
        "open_date": entity.first("contractDate"),
        "method": entity.first("method"),
    }
    out.add("tenders", entity.row, values)


def _detail(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    """Posts and addresses are read where something refers to them."""
    if entity.id not in settling.referred:
        out.tell(f"{entity.schema}没有被引用，未取用", entity.row)


_Writer = Callable[[FtmEntity, Settling, RecordTables], None]


_WRITERS: Mapping[str, _Writer] = {
    **dict.fromkeys(PARTIES, party_row),
    "Ownership": _ownership,
    "Directorship": _directorship,
    "Employment": _employment,
    "Occupancy": _occupancy,
    "Family": _family,
    "Payment": _payment,
    "ContractAward": _award,
    "UnknownLink": _link,
    "Contract": _contract,
    **dict.fromkeys(("Position", "Address"), _detail),
}
