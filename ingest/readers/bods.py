"""Read Beneficial Ownership Data Standard (BODS) 0.4 statements into rows of our tables.

A statement says what a record (an entity, a person, a relationship) was at a date; later ones of
the same record update or close it. Entities and persons are taken as last stated; interests become
periods, one for each share held.

Standard: https://standard.openownership.org/en/0.4.0/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.readers.bods_parties import Party, parties_of, reason_of
from ingest.readers.bods_statements import (
    BodsFile,
    Json,
    Statement,
    dict_of,
    dicts_of,
    list_of,
    text_of,
)
from ingest.readers.records import LEGAL_REPRESENTATIVE, BadRecord, RecordTables, is_current

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
# Longer details are prose about the interest, shorter ones its local name.
_LOCAL_NAME = 20


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
    >>> from ingest.readers.bods_statements import parse_bods
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
    parties = parties_of(histories, out)
    _relationships(histories, parties, out)
    return out


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

    parties: Mapping[str, Party]
    out: Sequence[RecordTables]
    records: frozenset[str]
    statements: Mapping[str, str] = field(default_factory=dict)


def _relationships(
    histories: Mapping[str, list[Statement]],
    parties: Mapping[str, Party],
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
                own = text_of(stated[key].get("endDate")) if key in stated else None
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
            start, end = text_of(interest.get("startDate")), text_of(interest.get("endDate"))
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
    for interest in dicts_of(statement.details.get("interests")) or [{"type": "unknownInterest"}]:
        kind = text_of(interest.get("type")) or "unknownInterest"
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
        reason = reason_of(details["subject"])
        out.bad.append(
            BadRecord(held.row, "shareholders", f"没有指明企业（{reason or '未写原因'}）")
        )
        return
    if isinstance(details.get("interestedParty"), dict):
        subject = links.parties.get(text_of(details.get("subject")) or "")
        of = subject.name if subject and subject.name else "企业"
        reason = reason_of(details["interestedParty"]) or "未写原因"
        _unspecified(held.row, reason, of, out)
        return
    ends = []
    for role, key in (("企业", "subject"), ("权益人", "interestedParty")):
        record = text_of(details.get(key))
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
    records = [text_of(r) for r in list_of(details.get("componentRecords"))]
    for key in ("componentStatementIDs", "componentStatementIds"):
        records += [links.statements.get(text_of(s) or "") for s in list_of(details.get(key))]
    return any(record in links.records for record in records)


def _interest_row(
    held: _Held, firm: Party, owner: Party, composed: bool, out: RecordTables
) -> None:
    interest = held.interest
    kind = text_of(interest.get("type")) or "unknownInterest"
    dates = {"start_date": held.start, "end_date": held.end}
    of = {"company": firm.name, "uscc": firm.number}
    indirect = interest.get("directOrIndirect") == "indirect"
    share, span = _share(dict_of(interest.get("share")))
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
        role = _role(kind, span, text_of(interest.get("details")))
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


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return f"{number:.10g}" if 0 <= number <= 100 else None
