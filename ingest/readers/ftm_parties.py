"""The people, firms and units among FollowTheMoney entities, and their rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ingest.names import looks_like_org
from ingest.numbers import parse_id_number
from ingest.readers.ftm_entities import CHINA, LIVES_IN, PARTIES, PHONE_NOTE, FtmEntity, table_of
from ingest.readers.records import BadRecord, RecordTables, firm_number, person_number, tell_apart

PERSON_NUMBERS = ("idNumber", "passportNumber", "socialSecurityNumber", "taxNumber")
FIRM_NUMBERS = ("uscCode", "registrationNumber", "idNumber", "taxNumber", "leiCode", "vatCode")
_VILLAGE_ENDS = re.compile(r"(?:村|社区)$")
_GENDERS = {"male": "男", "female": "女"}


@dataclass(frozen=True)
class Party:
    """A person, company or unit behind an id."""

    kind: str
    name: str
    number: str | None
    entity: FtmEntity


@dataclass
class Settling:
    """All entities by id, and those that are parties."""

    entities: Mapping[str, FtmEntity]
    out: Sequence[RecordTables]
    parties: Mapping[str, Party] = field(default_factory=dict)
    villages: Mapping[str, FtmEntity] = field(default_factory=dict)
    posts: Mapping[tuple[str | None, ...], list[str]] = field(default_factory=dict)
    referred: frozenset[str] = frozenset()

    def party(self, link: FtmEntity, role: str, title: str, out: RecordTables) -> Party | None:
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
            out.bad.append(BadRecord(link.row, table_of(link), why, target))
        return found


def find_parties(settling: Settling) -> dict[str, Party]:
    """Return the entities that are people, firms or units and have a name, by id."""
    parties: dict[str, Party] = {}
    for entity in settling.entities.values():
        name = entity.first("name")
        if entity.schema not in PARTIES or name is None:
            continue
        kind = _kind(entity, name)
        number = None
        if kind == "person":
            number = person_number(entity.all(*PERSON_NUMBERS), entity.id)
        elif kind == "company":
            number = firm_number(entity.all(*FIRM_NUMBERS))
        parties[entity.id] = Party(kind, name, number, entity)
    numbers = tell_apart({i: (p.name, p.number) for i, p in parties.items() if p.kind == "company"})
    for record, number in numbers.items():
        party = parties[record]
        parties[record] = Party(party.kind, party.name, number, party.entity)
    return parties


def find_villages(entities: Mapping[str, FtmEntity]) -> dict[str, FtmEntity]:
    """Person → village, by the links that say so; of several the first."""
    found: dict[str, FtmEntity] = {}
    for link in entities.values():
        if link.schema == "UnknownLink" and link.first("role") == LIVES_IN:
            village = entities.get(link.first("object") or "")
            if village is not None:
                found.setdefault(link.first("subject") or "", village)
    return found


def find_posts(entities: Mapping[str, FtmEntity]) -> dict[tuple[str | None, ...], list[str]]:
    """Where each post is held: that of a village official at its committee and in its village."""
    found: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for link in entities.values():
        if link.schema == "Employment":
            found[post_key(link)].append(link.first("employer") or "")
    return found


def post_key(link: FtmEntity) -> tuple[str | None, ...]:
    """Return what is the same of one post told at a committee and at its village."""
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


def party_row(entity: FtmEntity, settling: Settling, out: RecordTables) -> None:
    """Add the rows of a person or firm; a unit has none of its own."""
    party = settling.parties.get(entity.id)
    if party is None:
        table = table_of(entity)
        out.bad.append(BadRecord(entity.row, table, "没有名称（name）", entity.id))
        return
    if len(entity.all("name")) > 1:
        out.tell("有多个名称的，取用一个（优先中文）", entity.row)
    addresses = entity.all("address") or [
        text for e in entity.all("addressEntity") if (text := _address(settling.entities.get(e)))
    ]
    reached = list(zip_longest(phones(entity), addresses)) or [(None, None)]
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
            "registered_capital": capital if capital and in_yuan(entity, out) else None,
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


def phones(entity: FtmEntity) -> list[str]:
    """Telephones as departments here write them, without the code of the country."""
    noted = [n.removeprefix(PHONE_NOTE) for n in entity.all("notes") if n.startswith(PHONE_NOTE)]
    return [phone.removeprefix(CHINA) for phone in entity.all("phone")] + noted


def _address(entity: FtmEntity | None) -> str | None:
    if entity is None or entity.schema != "Address":
        return None
    parts = [entity.first(name) for name in ("region", "city", "street")]
    return entity.first("full", "name") or "".join(p for p in parts if p) or None


def is_village(party: Party) -> bool:
    """Whether a unit is a village by the end of its name."""
    return party.entity.schema == "Organization" and bool(_VILLAGE_ENDS.search(party.name))


def in_yuan(entity: FtmEntity, out: RecordTables) -> bool:
    """Whether amounts of an entity are in yuan; where they are not, it is told."""
    currency = entity.first("currency")
    if currency not in (None, "CNY"):
        out.tell(f"金额币种为{currency}，未折算，未取用", entity.row)
        return False
    return True
