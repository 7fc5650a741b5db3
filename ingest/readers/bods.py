"""Read Beneficial Ownership Data Standard (BODS) 0.4 statements into rows of our tables.

A statement says what a record (an entity, a person, a relationship) was at a date; later ones of
the same record update or close it. Entities and persons are taken as last stated; interests become
periods, one for each share held.

Standard: https://standard.openownership.org/en/0.4.0/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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

Json = dict[str, Any]

_TABLES = {"entity": "companies", "person": "people", "relationship": "shareholders"}
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
_ROLES = {
    "votingRights": "表决权",
    "appointmentOfBoard": "董事会任免权",
    "otherInfluenceOrControl": "其他影响或控制",
    "seniorManagingOfficial": "高级管理人员",
    "settlor": "信托委托人",
    "trustee": "信托受托人",
    "protector": "信托保护人",
    "beneficiaryOfLegalArrangement": "信托受益人",
    "rightsToSurplusAssetsOnDissolution": "剩余财产分配权",
    "rightsToProfitOrIncome": "收益权",
    "rightsGrantedByContract": "合同约定的权利",
    "conditionalRightsGrantedByContract": "附条件的合同权利",
    "controlViaCompanyRulesOrArticles": "依章程控制",
    "controlByLegalFramework": "依法律规定控制",
    "boardMember": "董事",
    "boardChair": "董事长",
    "nominee": "名义持有人",
    "nominator": "委托代持人",
    "enjoymentAndUseOfAssets": "资产使用权",
    "rightToProfitOrIncomeFromAssets": "资产收益权",
    "unknownInterest": "权益种类不明",
    "unpublishedInterest": "权益种类未公布",
}
_STATEMENT = {
    "statementId", "statementDate", "recordId", "recordType", "recordStatus", "recordDetails",
}  # fmt: skip
_DETAILS = {
    "entity": {
        "isComponent", "entityType", "unspecifiedEntityDetails", "name", "identifiers",
        "foundingDate", "dissolutionDate", "addresses",
    },
    "person": {
        "isComponent", "personType", "unspecifiedPersonDetails", "names", "identifiers",
        "birthDate", "deathDate", "addresses", "placeOfResidence",
    },
    "relationship": {
        "isComponent", "componentRecords", "componentStatementIDs", "componentStatementIds",
        "subject", "interestedParty", "interests",
    },
}  # fmt: skip
_INTEREST = {"type", "directOrIndirect", "details", "share", "startDate", "endDate"}
# Longer details are prose about the interest, shorter ones its local name.
_LOCAL_NAME = 20


@dataclass(frozen=True)
class Statement:
    """One statement that can be used; ``file`` and ``row`` say where it stands."""

    file: int
    row: int
    id: str
    record: str
    kind: str
    status: str
    date: str | None
    details: Json


@dataclass
class BodsFile:
    """The statements of one file, and what could not be read as one."""

    statements: list[Statement]
    bad: list[BadRecord]
    unstored: dict[str, set[str]]


def parse_bods(items: Iterable[tuple[int, Any]], file: int = 0) -> BodsFile:
    """Sort the items of a file into statements and what is none.

    Parameters
    ----------
    items : iterable of (int, value or Broken)
        Row number and JSON value.
    file : int
        Number of the file among those read together.

    Returns
    -------
    BodsFile

    Examples
    --------
    >>> parse_bods([(1, {"recordType": "person", "recordId": "p"})]).bad[0].reason
    'BODS声明缺少recordDetails'
    """
    found = BodsFile([], [], defaultdict(set))
    for row, item in items:
        reason = _why_bad(item)
        kind = item.get("recordType") if isinstance(item, dict) else None
        table = _TABLES.get(kind) if isinstance(kind, str) else None
        if reason is not None:
            shown = _text(item.get("statementId")) if isinstance(item, dict) else None
            found.bad.append(BadRecord(row, table, reason, shown))
            continue
        assert isinstance(kind, str)
        assert table is not None
        details = item["recordDetails"]
        used = found.unstored[table]
        used |= {key for key in item if key not in _STATEMENT}
        used |= {f"recordDetails.{key}" for key in details if key not in _DETAILS[kind]}
        for interest in _dicts(details.get("interests")):
            used |= {f"interests.{key}" for key in interest if key not in _INTEREST}
        date = _text(item.get("statementDate")) or _text(
            _dict(item.get("publicationDetails")).get("publicationDate")
        )
        found.statements.append(
            Statement(
                file,
                row,
                _text(item.get("statementId")) or "",
                _text(item["recordId"]) or "",
                kind,
                _text(item.get("recordStatus")) or "new",
                date[:10] if date else None,
                details,
            )
        )
    return found


def _why_bad(item: Any) -> str | None:
    if isinstance(item, Broken):
        return item.reason
    if not isinstance(item, dict):
        return "不是BODS声明（不是JSON对象）"
    if item.get("recordType") not in _TABLES:
        return f"BODS声明的recordType不是entity、person或relationship：{item.get('recordType')}"
    if _text(item.get("recordId")) is None:
        return "BODS声明缺少recordId"
    if not isinstance(item.get("recordDetails"), dict):
        return "BODS声明缺少recordDetails"
    if item.get("recordStatus") not in (None, "new", "updated", "closed"):
        return f"BODS声明的recordStatus不是new、updated或closed：{item.get('recordStatus')}"
    return None


def settle_bods(files: Sequence[BodsFile]) -> list[RecordTables]:
    """Turn statements into rows; records may be told and referred to over several files.

    Parameters
    ----------
    files : sequence of BodsFile
        Numbered as in ``parse_bods``, from 0.

    Returns
    -------
    list of RecordTables
        In the same order, each with the rows of its own statements.

    Examples
    --------
    >>> firm = {"recordType": "entity", "recordId": "c", "recordDetails": {"name": "甲公司"}}
    >>> tables = settle_bods([parse_bods([(1, firm)])])[0].tables
    >>> tables["companies"][0].values
    {'name': '甲公司'}
    """
    out = [RecordTables(bad=list(f.bad), unstored=f.unstored) for f in files]
    histories: dict[str, list[Statement]] = defaultdict(list)
    for file in files:
        for statement in file.statements:
            histories[statement.record].append(statement)
    for record in histories:
        # sorted is stable: statements of one day stay in the order in which they were published.
        histories[record].sort(key=lambda s: s.date or "")
    parties = _parties(histories, out)
    _relationships(histories, parties, out)
    return out


# -- entities and persons ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Party:
    """Who stands behind a record; ``name`` None: unspecified, for the reason ``why``."""

    kind: str
    name: str | None
    number: str | None = None
    why: str = ""
    life: tuple[str | None, str | None] = (None, None)


def _parties(
    histories: Mapping[str, list[Statement]], out: Sequence[RecordTables]
) -> dict[str, _Party]:
    parties: dict[str, _Party] = {}
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


def _party(statement: Statement) -> _Party:
    details = statement.details
    numbers = [n for i in _dicts(details.get("identifiers")) if (n := _text(i.get("id")))]
    if statement.kind == "person":
        kind, name = "person", _person_name(details)
        form = _text(details.get("personType")) or ""
        why = _dict(details.get("unspecifiedPersonDetails"))
    else:
        form = _text(_dict(details.get("entityType")).get("type")) or ""
        kind = "unit" if form in _PUBLIC else "company"
        name = _text(details.get("name"))
        why = _dict(details.get("unspecifiedEntityDetails"))
    if name is None:
        return _Party(kind, None, why=_reason(why) or _NAMELESS.get(form, "没有写明姓名或名称"))
    life = (_text(details.get("foundingDate")), _text(details.get("dissolutionDate")))
    if kind == "person":
        return _Party(kind, name, person_number(numbers, statement.record))
    return _Party(kind, name, firm_number(numbers) if kind == "company" else None, life=life)


def _person_name(details: Json) -> str | None:
    names = _dicts(details.get("names"))
    names.sort(key=lambda n: n.get("type") not in ("legal", "individual"))
    for name in names:
        if full := _text(name.get("fullName")):
            return full
        family, given = _text(name.get("familyName")), _text(name.get("givenName"))
        if family and given:
            return f"{family}{given}" if "\u3400" <= family[0] <= "\u9fff" else f"{given} {family}"
        if family or given:
            return family or given
    return None


def _party_row(statement: Statement, party: _Party, out: RecordTables) -> None:
    details = statement.details
    if party.name is None:
        out.tell(f"未指明的权益人或企业（{party.why}）", statement.row)
        return
    identifiers = _dicts(details.get("identifiers"))
    if len(identifiers) > 1:
        out.tell("有多个号码的，取用一个（优先身份证号、统一社会信用代码）", statement.row)
    if statement.kind == "person":
        if len(_dicts(details.get("names"))) > 1:
            out.tell("有多个姓名的，取用法定姓名", statement.row)
        read = parse_id_number(party.number)
        known = read is not None and read.status in ("valid", "valid15", "masked")
        if not known:
            out.tell("没有居民身份证号的人员，以来源中的号码或记录号区分", statement.row)
        values = {
            "name": party.name,
            "id_number": party.number,
            "birth_date": _text(details.get("birthDate")),
            "address": _address(details, "residence", "service"),
        }
        out.add("people", statement.row, values)
        if died := _text(details.get("deathDate")):
            dead = {"name": party.name, "id_number": party.number, "death_date": died}
            out.add("deaths", statement.row, dead)
        return
    if party.kind == "unit":
        out.tell("国家机关没有对应的表，只作为股东取用", statement.row)
        return
    form = _dict(details.get("entityType"))
    values = {
        "name": party.name,
        "uscc": party.number,
        "established_date": party.life[0],
        "cancelled_date": party.life[1],
        "company_type": _text(form.get("details")) or _ENTITY_TYPES.get(str(form.get("type"))),
        "address": _address(details, "registered", "business"),
    }
    out.add("companies", statement.row, values)


def _address(details: Json, *preferred: str) -> str | None:
    found = _dicts([*_list(details.get("addresses")), details.get("placeOfResidence")])
    order = {kind: n for n, kind in enumerate(preferred)}
    found.sort(key=lambda a: order.get(str(a.get("type")), len(order)))
    return next((text for a in found if (text := _text(a.get("address")))), None)


def _reason(unspecified: Json) -> str:
    reason, said = _text(unspecified.get("reason")), _text(unspecified.get("description"))
    words = [_REASONS.get(reason, reason) if reason else None, said]
    return "：".join(word for word in words if word)


# -- relationships -------------------------------------------------------------------------------


@dataclass
class _Held:
    """An interest from one day to another, and the statement that first says so."""

    row: int
    file: int
    interest: Json
    start: str | None
    end: str | None


@dataclass
class _Links:
    """Relationships on their way into tables."""

    parties: Mapping[str, _Party]
    out: Sequence[RecordTables]
    records: frozenset[str]
    statements: Mapping[str, str] = field(default_factory=dict)


def _relationships(
    histories: Mapping[str, list[Statement]],
    parties: Mapping[str, _Party],
    out: Sequence[RecordTables],
) -> None:
    statements = {s.id: record for record, history in histories.items() for s in history if s.id}
    links = _Links(parties, out, frozenset(histories), statements)
    for history in histories.values():
        for run in _runs([s for s in history if s.kind == "relationship"]):
            # A closing statement may leave out who it is about.
            stated = next((s for s in reversed(run) if s.status != "closed"), run[-1])
            for held in _periods(run, links):
                _place(stated, held, links)


def _runs(history: list[Statement]) -> Iterator[list[Statement]]:
    """Statements of one record as long as the same two parties are meant."""
    run: list[Statement] = []
    for statement in history:
        if run and _ends(run[-1]) != _ends(statement) and statement.status != "closed":
            yield run
            run = []
        run.append(statement)
    if run:
        yield run


def _ends(statement: Statement) -> tuple[str, str]:
    return str(statement.details.get("subject")), str(statement.details.get("interestedParty"))


def _periods(history: list[Statement], links: _Links) -> list[_Held]:
    """What was held from when to when, by the statements of one record.

    A changed share ends the earlier period on the day the new one begins, or on the day of the
    statement where it gives none; so does an interest that a later statement leaves out. A closed
    record ends what is still held, on the day it gives or was closed.
    """
    current: dict[tuple[str, ...], _Held] = {}
    done: list[_Held] = []
    for statement in history:
        stated = _interests(statement)
        if statement.status == "closed":
            for key, held in current.items():
                own = _text(stated[key].get("endDate")) if key in stated else None
                held.end = held.end or own or statement.date
                if held.end is None:
                    links.out[statement.file].tell("已关闭但没有写明日期，止日不明", statement.row)
            done += current.values()
            current = {}
            continue
        for key in [k for k in current if k not in stated]:
            held = current.pop(key)
            held.end = held.end or statement.date
            done.append(held)
        for key, interest in stated.items():
            start, end = _text(interest.get("startDate")), _text(interest.get("endDate"))
            held_before = current.get(key)
            if held_before is None:
                late = statement.date if done or statement is not history[0] else None
                current[key] = _Held(statement.row, statement.file, interest, start or late, end)
            elif interest.get("share") == held_before.interest.get("share"):
                held_before.start = start or held_before.start
                held_before.end = end or held_before.end
            else:
                since = start if start and start != held_before.start else statement.date
                held_before.end = held_before.end or since
                done.append(held_before)
                current[key] = _Held(statement.row, statement.file, interest, since, end)
                note = "持股比例等有变化，分段取用"
                links.out[statement.file].tell(note, statement.row)
    return done + list(current.values())


def _interests(statement: Statement) -> dict[tuple[str, ...], Json]:
    """The interests of a statement by what tells them apart; none stated counts as unknown."""
    found: dict[tuple[str, ...], Json] = {}
    for interest in _dicts(statement.details.get("interests")) or [{"type": "unknownInterest"}]:
        kind = _text(interest.get("type")) or "unknownInterest"
        key: tuple[str, ...] = (kind, str(interest.get("directOrIndirect")))
        key = (*key, str(interest.get("details")))
        while key in found:
            key = (*key, "again")
        found[key] = interest
    return found


def _place(statement: Statement, held: _Held, links: _Links) -> None:
    """Put a period into shareholders, officers or the register, or say why not."""
    out, details = links.out[held.file], statement.details
    if isinstance(details.get("subject"), dict):
        reason = _reason(details["subject"])
        out.bad.append(
            BadRecord(held.row, "shareholders", f"没有指明企业（{reason or '未写原因'}）")
        )
        return
    if isinstance(details.get("interestedParty"), dict):
        subject = links.parties.get(_text(details.get("subject")) or "")
        of = subject.name if subject and subject.name else "企业"
        reason = _reason(details["interestedParty"]) or "未写原因"
        _unspecified(held.row, reason, of, out)
        return
    ends = []
    for role, key in (("企业", "subject"), ("权益人", "interestedParty")):
        record = _text(details.get(key))
        party = links.parties.get(record or "")
        if party is None:
            why = f"所指的{role}不在数据中" if record else f"没有写明{role}（{key}）"
            out.bad.append(BadRecord(held.row, "shareholders", why, record))
            return
        ends.append(party)
    firm, owner = ends
    if owner.name is None:
        _unspecified(held.row, owner.why, firm.name or "企业", out)
    elif firm.name is None:
        out.bad.append(BadRecord(held.row, "shareholders", f"没有指明企业（{firm.why}）"))
    elif firm.kind != "company":
        out.bad.append(BadRecord(held.row, "shareholders", "权益所在的不是企业", firm.name))
    else:
        _interest_row(held, firm, owner, _is_composed(statement, links), out)


def _unspecified(row: int, reason: str, firm: str, out: RecordTables) -> None:
    out.tell("没有指明权益人，见“隔离”页", row)
    out.bad.append(BadRecord(row, "shareholders", f"未指明权益人：{reason}", firm, whole=False))


def _is_composed(statement: Statement, links: _Links) -> bool:
    """Whether the records that make up an indirect relationship are in the data themselves."""
    details = statement.details
    records = [_text(r) for r in _list(details.get("componentRecords"))]
    for key in ("componentStatementIDs", "componentStatementIds"):
        records += [links.statements.get(_text(s) or "") for s in _list(details.get(key))]
    return any(record in links.records for record in records)


def _interest_row(
    held: _Held, firm: _Party, owner: _Party, composed: bool, out: RecordTables
) -> None:
    interest = held.interest
    kind = _text(interest.get("type")) or "unknownInterest"
    dates = {"start_date": held.start, "end_date": held.end}
    of = {"company": firm.name, "uscc": firm.number}
    indirect = interest.get("directOrIndirect") == "indirect"
    share, span = _share(_dict(interest.get("share")))
    if indirect and composed:
        out.tell("间接权益已由其组成部分（componentRecords）表示，不重复计入", held.row)
    elif kind == "shareholding":
        if indirect:
            out.tell("间接持股没有列明中间层，按持股取用", held.row)
        if span != share:
            out.tell("持股比例是区间，按下限取用", held.row)
        said = {"shareholder": owner.name, "shareholder_id": owner.number, "share_percent": share}
        out.add("shareholders", held.row, {**of, **said, **dates})
    elif owner.kind != "person":
        role = _ROLES.get(kind, kind)
        out.tell(f"企业、机关对企业的非股权权益（{role}）没有对应的列，未取用", held.row)
    else:
        role = _role(kind, span, _text(interest.get("details")))
        if role == LEGAL_REPRESENTATIVE and is_current(held.end, firm.life[1]):
            if held.start and held.start != firm.life[0]:
                out.tell("法定代表人的任职日期没有对应的列，未取用", held.row)
            head = {"legal_representative": owner.name, "legal_representative_id": owner.number}
            life = {"established_date": firm.life[0], "cancelled_date": firm.life[1]}
            out.add("companies", held.row, {"name": firm.name, "uscc": firm.number, **head, **life})
            return
        said = {"name": owner.name, "id_number": owner.number, "role": role}
        out.add("company_officers", held.row, {**of, **said, **dates})


def _role(kind: str, span: str | None, details: str | None) -> str:
    role = f"{_ROLES.get(kind, kind)}{f'{span}%' if span else ''}"
    if not details:
        return role
    return details if len(details) <= _LOCAL_NAME and not span else f"{role}（{details}）"


def _share(share: Json) -> tuple[str | None, str | None]:
    """Percent to reckon with (the lower bound of a range), and the range as people read it."""
    exact, low, high = (
        next((n for key in keys if (n := _number(share.get(key))) is not None), None)
        for keys in (("exact",), ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
    )
    if exact is not None or (low is not None and low == high):
        value = exact if exact is not None else low
        return value, value
    if low is None and high is None:
        return None, None
    return (low if low and float(low) > 0 else None), f"{low or 0}-{high or 100}"


# -- JSON ----------------------------------------------------------------------------------------


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return f"{number:.10g}" if 0 <= number <= 100 else None


def _text(value: Any) -> str | None:
    """Return a scalar as trimmed text; None for absent, empty, true/false and containers."""
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    return " ".join(str(value).split()) or None


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[Json]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
