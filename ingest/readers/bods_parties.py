"""The entities and persons of BODS statements, and their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.numbers import parse_id_number
from ingest.readers.bods_statements import Json, Statement, dict_of, dicts_of, list_of, text_of
from ingest.readers.records import RecordTables, firm_number, person_number, tell_apart

_ENTITY_TYPES = {
    "registeredEntity": "登记实体",
    "legalEntity": "法人实体",
    "arrangement": "信托等安排",
}
_PUBLIC = ("state", "stateBody")
_NAMELESS = {
    "unknownPerson": "身份不明",
    "anonymousPerson": "身份未公开",
    "unknownEntity": "身份不明",
    "anonymousEntity": "身份未公开",
}
_REASONS = {
    "noBeneficialOwners": "没有受益所有人",
    "subjectUnableToConfirmOrIdentifyBeneficialOwner": "本企业不能确认受益所有人",
    "interestedPartyHasNotProvidedInformation": "权益人没有提供信息",
    "subjectExemptFromDisclosure": "本企业免于披露",
    "interestedPartyExemptFromDisclosure": "权益人免于披露",
    "unknown": "原因不明",
    "informationUnknownToPublisher": "发布方不掌握",
}


@dataclass(frozen=True)
class Party:
    """Who stands behind a record; ``name`` None: unspecified, for the reason ``why``."""

    kind: str
    name: str | None
    number: str | None = None
    why: str = ""
    life: tuple[str | None, str | None] = (None, None)


def parties_of(
    histories: Mapping[str, list[Statement]], out: Sequence[RecordTables]
) -> dict[str, Party]:
    """Return who stands behind each record, as last stated, and add their rows."""
    parties: dict[str, Party] = {}
    last: dict[str, Statement] = {}
    for record, history in histories.items():
        if history[-1].kind == "relationship":
            continue
        # A record that is closed keeps what was said of it last.
        stated = [s for s in history if s.status != "closed"] or history
        last[record] = stated[-1]
        parties[record] = _party(last[record])
        if len(stated) > 1:
            out[last[record].file].tell("同一记录有多次声明，按最后一次取用", last[record].row)
        if history[-1].status == "closed":
            out[history[-1].file].tell(
                "已关闭的企业或人员记录，按关闭前的内容取用", history[-1].row
            )
    firms = {r: (p.name, p.number) for r, p in parties.items() if p.kind == "company" and p.name}
    numbers = tell_apart(firms)
    parties |= {record: replace(parties[record], number=numbers[record]) for record in numbers}
    for record, statement in last.items():
        _party_row(statement, parties[record], out[statement.file])
    return parties


def _party(statement: Statement) -> Party:
    details = statement.details
    numbers = [n for i in dicts_of(details.get("identifiers")) if (n := text_of(i.get("id")))]
    if statement.kind == "person":
        kind, name = "person", _person_name(details)
        form = text_of(details.get("personType")) or ""
        why = dict_of(details.get("unspecifiedPersonDetails"))
    else:
        form = text_of(dict_of(details.get("entityType")).get("type")) or ""
        kind = "unit" if form in _PUBLIC else "company"
        name = text_of(details.get("name"))
        why = dict_of(details.get("unspecifiedEntityDetails"))
    if name is None:
        return Party(kind, None, why=reason_of(why) or _NAMELESS.get(form, "没有写明姓名或名称"))
    life = (text_of(details.get("foundingDate")), text_of(details.get("dissolutionDate")))
    if kind == "person":
        return Party(kind, name, person_number(numbers, statement.record))
    return Party(kind, name, firm_number(numbers) if kind == "company" else None, life=life)


def _person_name(details: Json) -> str | None:
    names = dicts_of(details.get("names"))
    names.sort(key=lambda n: n.get("type") not in ("legal", "individual"))
    for name in names:
        if full := text_of(name.get("fullName")):
            return full
        family, given = text_of(name.get("familyName")), text_of(name.get("givenName"))
        if family and given:
            return f"{family}{given}" if "\u3400" <= family[0] <= "\u9fff" else f"{given} {family}"
        if family or given:
            return family or given
    return None


def _party_row(statement: Statement, party: Party, out: RecordTables) -> None:
    details = statement.details
    if party.name is None:
        out.tell(f"未指明的权益人或企业（{party.why}）", statement.row)
        return
    identifiers = dicts_of(details.get("identifiers"))
    if len(identifiers) > 1:
        out.tell("有多个号码的，取用一个（优先身份证号、统一社会信用代码）", statement.row)
    if statement.kind == "person":
        if len(dicts_of(details.get("names"))) > 1:
            out.tell("有多个姓名的，取用法定姓名", statement.row)
        read = parse_id_number(party.number)
        known = read is not None and read.status in ("valid", "valid15", "masked")
        if not known:
            out.tell("没有居民身份证号的人员，以来源中的号码或记录号区分", statement.row)
        values = {
            "name": party.name,
            "id_number": party.number,
            "birth_date": text_of(details.get("birthDate")),
            "address": _address(details, "residence", "service"),
        }
        out.add("people", statement.row, values)
        if died := text_of(details.get("deathDate")):
            dead = {"name": party.name, "id_number": party.number, "death_date": died}
            out.add("deaths", statement.row, dead)
        return
    if party.kind == "unit":
        out.tell("国家机关没有对应的表，只作为股东取用", statement.row)
        return
    form = dict_of(details.get("entityType"))
    values = {
        "name": party.name,
        "uscc": party.number,
        "established_date": party.life[0],
        "cancelled_date": party.life[1],
        "company_type": text_of(form.get("details")) or _ENTITY_TYPES.get(str(form.get("type"))),
        "address": _address(details, "registered", "business"),
    }
    out.add("companies", statement.row, values)


def _address(details: Json, *preferred: str) -> str | None:
    found = dicts_of([*list_of(details.get("addresses")), details.get("placeOfResidence")])
    order = {kind: n for n, kind in enumerate(preferred)}
    found.sort(key=lambda a: order.get(str(a.get("type")), len(order)))
    return next((text for a in found if (text := text_of(a.get("address")))), None)


def reason_of(unspecified: Json) -> str:
    """Return in words why a party is not specified; empty where nothing is said."""
    reason, said = text_of(unspecified.get("reason")), text_of(unspecified.get("description"))
    words = [_REASONS.get(reason, reason) if reason else None, said]
    return "：".join(word for word in words if word)
