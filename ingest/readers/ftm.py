"""Read FollowTheMoney entities (JSON Lines) into rows of our tables.

Entities hold lists of values and refer to each other by id; parts of one entity may stand on
several lines. What no table takes is counted in the notes by schema and field.

Model: https://followthemoney.tech/explorer/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from ingest.names import looks_like_org
from ingest.numbers import parse_id_number
from ingest.readers.json_items import Broken
from ingest.readers.records import (
    LEGAL_REPRESENTATIVE,
    BadRecord,
    RecordTables,
    firm_number,
    is_current,
    person_number,
    tell_apart,
)

LOT = "招标标段"
"""Type of a Contract that is a lot to be let, not yet a contract; the export writes it."""

PHONE_NOTE = "电话："
"""Begins a note with a telephone number that the model's own property can't hold; the export's."""

CHINA = "+86"
LIVES_IN = "所在村"
"""Role of the link between a person and the village it lives in, which the model has no name for."""

_PARTIES = ("Person", "Company", "LegalEntity", "Organization", "PublicBody")
_PERSON_NUMBERS = ("idNumber", "passportNumber", "socialSecurityNumber", "taxNumber")
_FIRM_NUMBERS = ("uscCode", "registrationNumber", "idNumber", "taxNumber", "leiCode", "vatCode")
_VILLAGE_ENDS = re.compile(r"(?:村|社区)$")
_GENDERS = {"male": "男", "female": "女"}
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
        *_PERSON_NUMBERS,
    },
    "Company": {
        "name", "incorporationDate", "dissolutionDate", "status", "legalForm", "address",
        "addressEntity", "phone", "email", "sector", "capital", "currency", *_FIRM_NUMBERS,
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
_TABLES = {
    "Person": "people", "Company": "companies", "PublicBody": "officials",
    "Ownership": "shareholders", "Directorship": "company_officers", "Employment": "officials",
    "Occupancy": "officials", "Family": "kinship", "Payment": "payments",
    "ContractAward": "contracts", "Contract": "contracts", "Position": "officials",
    "Address": "people", "UnknownLink": "people",
}  # fmt: skip


@dataclass
class FtmEntity:
    """An entity with all that its lines say; ``file`` and ``row`` are those of the first."""

    id: str
    schema: str
    file: int
    row: int
    properties: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *names: str) -> str | None:
        """Return the first value of the first property that has one; Chinese goes first."""
        for name in names:
            values = self.properties.get(name, [])
            if values:
                return next(
                    (v for v in values if any("\u3400" <= c <= "\u9fff" for c in v)), values[0]
                )
        return None

    def all(self, *names: str) -> list[str]:
        """Return all values of some properties."""
        return [value for name in names for value in self.properties.get(name, [])]


def _chinese_first(values: list[str]) -> list[str]:
    return sorted(values, key=lambda v: not any("\u3400" <= c <= "\u9fff" for c in v))


@dataclass
class FtmFile:
    """The entities of one file, and what could not be read as one."""

    entities: list[FtmEntity]
    bad: list[BadRecord]


def parse_ftm(items: Iterable[tuple[int, Any]], file: int = 0) -> FtmFile:
    """Sort the items of a file into entities and what is none.

    Parameters
    ----------
    items : iterable of (int, value or Broken)
        Row number and JSON value.
    file : int
        Number of the file among those read together.

    Returns
    -------
    FtmFile

    Examples
    --------
    >>> parse_ftm([(3, {"id": "a", "schema": "Person"})]).bad[0].reason
    'FollowTheMoney实体缺少properties'
    """
    found = FtmFile([], [])
    for row, item in items:
        reason = _why_bad(item)
        if reason is None:
            _take(item, row, file, found.entities)
        else:
            schema = item.get("schema") if isinstance(item, dict) else None
            table = _TABLES.get(schema) if isinstance(schema, str) else None
            shown = str(item["id"]) if isinstance(item, dict) and item.get("id") else None
            found.bad.append(BadRecord(row, table, reason, shown))
    return found


def _why_bad(item: Any) -> str | None:
    if isinstance(item, Broken):
        return item.reason
    if not isinstance(item, dict):
        return "不是FollowTheMoney实体（不是JSON对象）"
    for key, kind in (("id", str), ("schema", str), ("properties", dict)):
        if not isinstance(item.get(key), kind) or item[key] == "":
            return f"FollowTheMoney实体缺少{key}"
    return None


def _take(item: dict[str, Any], row: int, file: int, into: list[FtmEntity]) -> str:
    """Add an entity, and those nested in it in place of their ids; return its id."""
    entity = FtmEntity(item["id"], item["schema"], file, row)
    into.append(entity)
    for name, values in item["properties"].items():
        texts = []
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, dict) and _why_bad(value) is None:
                texts.append(_take(value, row, file, into))
            elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
                texts.append(" ".join(str(value).split()))
        if texts := [text for text in texts if text]:
            entity.properties[name] = texts
    return entity.id


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
    >>> firm = {"id": "c", "schema": "Company", "properties": {"name": ["甲公司"]}}
    >>> settle_ftm([parse_ftm([(1, firm)])])[0].tables["companies"][0].values
    {'name': '甲公司'}
    """
    out = [RecordTables(bad=list(f.bad)) for f in files]
    merged: dict[str, FtmEntity] = {}
    for entity in (e for f in files for e in f.entities):
        _merge(merged, entity)
    settling = _Settling(merged, out)
    settling.parties = _parties(settling)
    settling.villages = _villages(merged)
    settling.posts = _posts(merged)
    settling.referred = frozenset(
        target for e in merged.values() for target in e.all("contract", "post", "addressEntity")
    )
    for entity in merged.values():
        writer = _WRITERS.get(entity.schema)
        if writer is None:
            out[entity.file].tell(f"{entity.schema}没有对应的表，未取用", entity.row)
            continue
        known = _USED["Company" if entity.schema in _FIRMS else entity.schema]
        unused = out[entity.file].unstored[_table_of(entity)]
        unused |= {f"{entity.schema}.{name}" for name in entity.properties if name not in known}
        writer(entity, settling, out[entity.file])
    return out


_FIRMS = ("Company", "LegalEntity", "Organization")


def _table_of(entity: FtmEntity) -> str:
    return _TABLES["Company" if entity.schema in _FIRMS else entity.schema]


def _merge(merged: dict[str, FtmEntity], entity: FtmEntity) -> None:
    known = merged.get(entity.id)
    if known is None:
        merged[entity.id] = entity
        return
    # Of two schemata the narrower one is meant: fragments often say LegalEntity first.
    if known.schema in ("LegalEntity", "Thing") and entity.schema != known.schema:
        known.schema = entity.schema
    for name, values in entity.properties.items():
        held = known.properties.setdefault(name, [])
        held += [value for value in values if value not in held]


# -- who -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Party:
    """A person, company or unit behind an id."""

    kind: str
    name: str
    number: str | None
    entity: FtmEntity


@dataclass
class _Settling:
    """All entities by id, and those that are parties."""

    entities: Mapping[str, FtmEntity]
    out: Sequence[RecordTables]
    parties: Mapping[str, _Party] = field(default_factory=dict)
    villages: Mapping[str, FtmEntity] = field(default_factory=dict)
    posts: Mapping[tuple[str | None, ...], list[str]] = field(default_factory=dict)
    referred: frozenset[str] = frozenset()

    def party(self, link: FtmEntity, role: str, title: str, out: RecordTables) -> _Party | None:
        """The party of a link; where there is none, the link is set aside with the reason."""
        target = link.first(role)
        found = self.parties.get(target or "")
        if found is None:
            why = f"没有写明{title}（{role}）"
            if target is not None:
                known = self.entities.get(target)
                why = f"所指的{title}不在数据中"
                if known is not None:
                    why = f"所指的{title}是{known.schema}，没有名称或不是人员、企业、单位"
            out.bad.append(BadRecord(link.row, _table_of(link), why, target))
        return found


def _parties(settling: _Settling) -> dict[str, _Party]:
    parties: dict[str, _Party] = {}
    for entity in settling.entities.values():
        name = entity.first("name")
        if entity.schema not in _PARTIES or name is None:
            continue
        kind = _kind(entity, name)
        number = None
        if kind == "person":
            number = person_number(entity.all(*_PERSON_NUMBERS), entity.id)
        elif kind == "company":
            number = firm_number(entity.all(*_FIRM_NUMBERS))
        parties[entity.id] = _Party(kind, name, number, entity)
    numbers = tell_apart({i: (p.name, p.number) for i, p in parties.items() if p.kind == "company"})
    for record, number in numbers.items():
        party = parties[record]
        parties[record] = _Party(party.kind, party.name, number, party.entity)
    return parties


def _villages(entities: Mapping[str, FtmEntity]) -> dict[str, FtmEntity]:
    """Person → village, by the links that say so; of several the first."""
    found: dict[str, FtmEntity] = {}
    for link in entities.values():
        if link.schema == "UnknownLink" and link.first("role") == LIVES_IN:
            village = entities.get(link.first("object") or "")
            if village is not None:
                found.setdefault(link.first("subject") or "", village)
    return found


def _posts(entities: Mapping[str, FtmEntity]) -> dict[tuple[str | None, ...], list[str]]:
    """Where each post is held: that of a village official at its committee and in its village."""
    found: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for link in entities.values():
        if link.schema == "Employment":
            found[_post_key(link)].append(link.first("employer") or "")
    return found


def _post_key(link: FtmEntity) -> tuple[str | None, ...]:
    return tuple(link.first(name) for name in ("employee", "role", "startDate", "endDate"))


def _kind(entity: FtmEntity, name: str) -> str:
    if entity.schema == "Person":
        return "person"
    if entity.schema == "PublicBody":
        return "unit"
    if entity.schema == "LegalEntity":
        # May be anybody; a resident's number tells.
        read = [parse_id_number(number) for number in entity.all("idNumber")]
        return "person" if any(r and r.status in ("valid", "valid15") for r in read) else "company"
    public = looks_like_org(name) == "unit" or _VILLAGE_ENDS.search(name)
    return "unit" if entity.schema == "Organization" and public else "company"


def _party_row(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    party = settling.parties.get(entity.id)
    if party is None:
        table = _table_of(entity)
        out.bad.append(BadRecord(entity.row, table, "没有名称（name）", entity.id))
        return
    if len(entity.all("name")) > 1:
        out.tell("有多个名称的，取用一个（优先中文）", entity.row)
    addresses = entity.all("address") or [
        text for e in entity.all("addressEntity") if (text := _address(settling.entities.get(e)))
    ]
    reached = list(zip_longest(_phones(entity), addresses)) or [(None, None)]
    phone, address = reached[0]
    # One row holds one telephone and one address; the others stand in rows of their own.
    table, number = ("people", "id_number") if party.kind == "person" else ("companies", "uscc")
    for more in reached[1:] if party.kind != "unit" else ():
        said = {"name": party.name, number: party.number}
        out.add(table, entity.row, {**said, "phone": more[0], "address": more[1]})
    if party.kind == "person":
        read = parse_id_number(party.number)
        if read is None or read.status not in ("valid", "valid15", "masked"):
            out.tell("没有居民身份证号的人员，以来源中的号码或记录号区分", entity.row)
        gender = entity.first("gender")
        village = settling.villages.get(entity.id)
        values = {
            "name": party.name,
            "id_number": party.number,
            "gender": _GENDERS.get(gender or "", gender),
            "birth_date": entity.first("birthDate"),
            "phone": phone,
            "address": address,
            "village": village.first("name") if village else None,
            "township": village.first("address", "summary") if village else None,
        }
        out.add("people", entity.row, values)
        if died := entity.first("deathDate"):
            dead = {"name": party.name, "id_number": party.number, "death_date": died}
            out.add("deaths", entity.row, dead)
    elif party.kind == "company":
        capital = entity.first("capital")
        values = {
            "name": party.name,
            "uscc": party.number,
            "registered_capital": capital if _in_yuan(entity, out) else None,
            "established_date": entity.first("incorporationDate"),
            "cancelled_date": entity.first("dissolutionDate"),
            "status": entity.first("status"),
            "company_type": entity.first("legalForm"),
            "address": address,
            "phone": phone,
            "email": entity.first("email"),
            "industry": entity.first("sector"),
        }
        out.add("companies", entity.row, values)
    else:
        out.tell("单位没有对应的表，只随任职、持股、合同等取用", entity.row)


def _phones(entity: FtmEntity) -> list[str]:
    """Telephones as departments here write them, without the code of the country."""
    noted = [n.removeprefix(PHONE_NOTE) for n in entity.all("notes") if n.startswith(PHONE_NOTE)]
    return [phone.removeprefix(CHINA) for phone in entity.all("phone")] + noted


def _address(entity: FtmEntity | None) -> str | None:
    if entity is None or entity.schema != "Address":
        return None
    parts = [entity.first(name) for name in ("region", "city", "street")]
    return entity.first("full", "name") or "".join(p for p in parts if p) or None


# -- links ---------------------------------------------------------------------------------------


def _dates(entity: FtmEntity) -> dict[str, str | None]:
    return {"start_date": entity.first("startDate"), "end_date": entity.first("endDate")}


def _ownership(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    asset = settling.entities.get(entity.first("asset") or "")
    if asset is not None and asset.schema not in _PARTIES:
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


def _directorship(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    who = settling.party(entity, "director", "任职人", out)
    firm = settling.party(entity, "organization", "企业或单位", out) if who else None
    if who is not None and firm is not None:
        _post(entity, who, firm, entity.first("role") or "董事", out)


def _employment(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    who = settling.party(entity, "employee", "任职人", out)
    where = settling.party(entity, "employer", "单位", out) if who else None
    if who is None or where is None:
        return
    # One row says both where an official serves and in which village.
    others = [
        party
        for i in settling.posts[_post_key(entity)]
        if i != where.entity.id and (party := settling.parties.get(i)) and party.kind == "unit"
    ]
    village = where if _is_village(where) else next((p for p in others if _is_village(p)), None)
    if village is where and any(not _is_village(party) for party in others):
        return
    _post(entity, who, where, entity.first("role") or "工作人员", out, village)


def _is_village(party: _Party) -> bool:
    return party.entity.schema == "Organization" and bool(_VILLAGE_ENDS.search(party.name))


def _occupancy(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
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
    who: _Party,
    where: _Party,
    role: str,
    out: RecordTables,
    village: _Party | None = None,
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


def _family(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
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
        "relative_phone": next(iter(_phones(relative.entity)), None),
        "relative_birth_date": relative.entity.first("birthDate"),
    }
    out.add("kinship", entity.row, {**values, **_dates(entity)})


def _payment(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    payer = settling.party(entity, "payer", "付款人", out)
    payee = settling.party(entity, "beneficiary", "收款人", out) if payer else None
    if payer is None or payee is None:
        return
    first, last = entity.first("startDate", "date"), entity.first("endDate", "date")
    if payer.kind != "unit":
        out.tell("付款人不是公共单位，又没有查询依据，未取用", entity.row)
    elif first != last or not entity.first("amount"):
        out.tell("没有写明金额或支付日期（如多笔合计），未取用", entity.row)
    elif _in_yuan(entity, out):
        values = {
            "payer": payer.name,
            "payee": payee.name,
            "payee_id": payee.number,
            "amount": entity.first("amount"),
            "pay_date": first,
            "purpose": entity.first("purpose"),
        }
        out.add("payments", entity.row, values)


def _award(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    supplier = settling.party(entity, "supplier", "供应商", out)
    if supplier is None:
        return
    contract = settling.entities.get(entity.first("contract") or "")
    if contract is None:
        why = "所指的合同（contract）不在数据中"
        out.bad.append(BadRecord(entity.row, "contracts", why, entity.first("contract")))
        return
    buyer = settling.parties.get(contract.first("authority") or "")
    amount = entity.first("amount") if _in_yuan(entity, out) else None
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
            "village": buyer.name if _is_village(buyer) else None,
            "party_b": supplier.name,
            "party_b_uscc": supplier.number if supplier.kind == "company" else None,
            "amount": amount,
            "sign_date": day,
        }
        out.add("contracts", entity.row, values)


def _link(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    """Count links of other kinds; that of a person to its village stands in the person's row."""
    role = entity.first("role")
    if role != LIVES_IN or entity.first("subject") not in settling.parties:
        kind = (role or "未写明").split("：")[0]
        out.tell(f"UnknownLink（{kind}）没有对应的表，未取用", entity.row)
    elif settling.villages[entity.first("subject") or ""].id != entity.first("object"):
        out.tell("一人有多个所在村的，取用一个", entity.row)


def _in_yuan(entity: FtmEntity, out: RecordTables) -> bool:
    currency = entity.first("currency")
    if currency not in (None, "CNY"):
        out.tell(f"金额币种为{currency}，未折算，未取用", entity.row)
        return False
    return True


def _contract(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
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


def _detail(entity: FtmEntity, settling: _Settling, out: RecordTables) -> None:
    """Posts and addresses are read where something refers to them."""
    if entity.id not in settling.referred:
        out.tell(f"{entity.schema}没有被引用，未取用", entity.row)


_Writer = Callable[[FtmEntity, _Settling, RecordTables], None]
_WRITERS: Mapping[str, _Writer] = {
    **dict.fromkeys(_PARTIES, _party_row),
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
