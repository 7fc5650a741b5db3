"""Read Open Contracting Data Standard (OCDS) JSON into rows of our tables.

Release packages, record packages, single releases and records, and JSON Lines of any of these,
versions 1.0 and 1.1 with the bids and lots extensions. Publishers leave out or misplace almost
anything, so every step here takes what is there and passes over the rest.

Standard: https://standard.open-contracting.org/1.1/en/schema/reference/
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stdnum.cn import uscc as stdnum_uscc

from ingest.names import normalise_org_name
from ingest.readers.json_items import NotText, decode

Json = dict[str, Any]

# Where an element came from; no publisher can write this key.
_ROW = "\0row"
_MERGED = ("parties", "awards", "contracts")
_PROCESS_KEYS = ("tender", "awards", "contracts", "bids", "planning", "parties", "tag")
_DEAD_AWARD = {"cancelled", "canceled", "unsuccessful", "pending"}
_DEAD_CONTRACT = {"cancelled", "canceled"}
_DISQUALIFIED = {"disqualified", "not-qualified", "notqualified", "invalid", "rejected"}
_CATEGORY = {"goods": "货物", "works": "工程", "services": "服务"}
_NOR = "，也不是BODS 0.4或FollowTheMoney数据"
_METHOD = {
    "open": "公开招标",
    "selective": "邀请招标",
    "limited": "限制性招标",
    "direct": "单一来源采购",
}


class NotOcds(Exception):  # noqa: N818 - says what the file is, not what went wrong
    """The bytes are not OCDS, or not whole; the message is the Chinese reason."""


@dataclass(frozen=True)
class OcdsRow:
    """One row for a canonical table.

    Parameters
    ----------
    row : int
        Where a person finds it: line of a JSON Lines file, else index in the package + 1.
    values : dict
        Canonical column → text; absent values have no key.
    parties : dict
        Canonical column → key of the organisation named there.
    """

    row: int
    values: dict[str, str]
    parties: dict[str, str]


@dataclass(frozen=True)
class OcdsTables:
    """What one file says.

    ``tables`` maps ``tenders``, ``bids``, ``contracts``, ``companies`` to their rows; tables of
    which the file says nothing are absent. ``notes`` are Chinese lines for the intake report.
    ``names`` gives for each organisation key how often it bears which name, for `settle_names`.
    ``currency`` names the currency of the amounts where they are not all yuan.
    """

    tables: dict[str, list[OcdsRow]]
    notes: list[str]
    names: dict[str, Counter[str]] = field(default_factory=dict)
    currency: str | None = None


def read_ocds(source: Path | bytes, name: str) -> OcdsTables:
    """Read one OCDS file.

    Releases of one contracting process are merged: in order of date, later non-empty fields of
    ``tender`` and ``buyer`` replace earlier ones, and parties, bids, awards, contracts and lots
    replace those with the same id. A record's ``compiledRelease`` is taken as it stands.

    Parameters
    ----------
    source : Path or bytes
        The file, or its decompressed content.
    name : str
        What messages call the file.

    Returns
    -------
    OcdsTables

    Raises
    ------
    NotOcds
        Not JSON, broken off, or JSON of another kind.

    Examples
    --------
    >>> line = b'{"ocid": "x-1", "tag": ["tender"], "buyer": {"name": "A"}, "tender": {"id": "T1"}}'
    >>> read_ocds(line, "a.jsonl").tables["tenders"][0].values
    {'tender_no': 'T1', 'purchaser': 'A'}
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    notes: list[str] = []
    releases = [r for row, item in _items(data, name) for r in _releases(item, row, notes)]
    reader = _Reader(notes)
    processes = _merge_processes(releases)
    numbers = _tender_numbers(processes)
    for process, tender_no in zip(processes, numbers, strict=True):
        reader.read(process, tender_no)
    return settle_names([reader.finish()])[0]


def settle_names(files: Sequence[OcdsTables]) -> list[OcdsTables]:
    """Give every organisation one name over all files, and different bidders different names.

    An organisation with a registered identifier keeps one name (the most frequent among
    ``parties``, then in content order) in whatever language a bid or award names it. Bidders with
    different identifiers that bear the same name get the identifier behind it, because from here
    on the name is all that tells them apart.

    Parameters
    ----------
    files : sequence of OcdsTables
        Everything read from one folder.

    Returns
    -------
    list of OcdsTables
        In the same order.
    """
    pooled: dict[str, Counter[str]] = defaultdict(Counter)
    for file in files:
        for key, names in file.names.items():
            pooled[key].update(names)
    chosen = {
        key: min(names, key=lambda n: (-names[n], n)) for key, names in pooled.items() if names
    }
    firms = {
        firm
        for file in files
        for table, columns in _FIRM_COLUMNS.items()
        for row in file.tables.get(table, ())
        for column in columns
        if (firm := row.parties.get(column)) is not None
    }
    sharing: dict[str, list[str]] = defaultdict(list)
    for key in firms & chosen.keys():
        sharing[_plain(chosen[key])].append(key)
    for keys in sharing.values():
        if len(keys) > 1:
            for key in keys:
                if not key.startswith(_BY_NAME):
                    chosen[key] = f"{chosen[key]}（{key}）"
    return [
        OcdsTables(
            {table: [_named(row, chosen) for row in rows] for table, rows in file.tables.items()},
            file.notes,
            file.names,
            file.currency,
        )
        for file in files
    ]


_FIRM_COLUMNS = {
    "bids": ("bidder",),
    "contracts": ("party_b",),
    "companies": ("name",),
    "tenders": ("winner",),
}
_BY_NAME = "\0name:"


def _named(row: OcdsRow, chosen: dict[str, str]) -> OcdsRow:
    values = dict(row.values)
    for column, key in row.parties.items():
        if key in chosen:
            values[column] = chosen[key]
    return OcdsRow(row.row, values, row.parties)


# -- bytes → releases ----------------------------------------------------------------------------


def _items(data: bytes, name: str) -> Iterator[tuple[int | None, Any]]:
    """Yield (line number or None, JSON value)."""
    text = _decode(data)
    if not text.strip():
        raise NotOcds(f"{name}：文件是空的")
    try:
        yield None, json.loads(text)
        return
    except json.JSONDecodeError as error:
        whole = error
    except RecursionError:
        raise NotOcds(f"{name}：嵌套层数过多，不是OCDS数据") from None
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    found: list[tuple[int, Any]] = []
    for n, line in lines:
        try:
            found.append((n, json.loads(line)))
        except (json.JSONDecodeError, RecursionError):
            if not found:
                # The first line is no JSON by itself: one big document, and it is broken.
                raise NotOcds(
                    f"{name}：JSON不完整或已损坏（第{whole.lineno}行第{whole.colno}列），"
                    "可能传输中断，请重新取得该文件"
                ) from None
            raise NotOcds(
                f"{name}：第{n}行的JSON不完整或已损坏，可能传输中断，请重新取得该文件"
            ) from None
    yield from found


def _decode(data: bytes) -> str:
    try:
        return decode(data)
    except NotText:
        raise NotOcds("不是文本文件，读不出JSON") from None


def _releases(item: Any, row: int | None, notes: list[str]) -> Iterator[Json]:
    """Yield the releases of a package, record or release, each element marked with its row."""
    if isinstance(item, list):
        parts = [part for part in item if isinstance(part, dict)]
        if not parts or not all(_is_ocds(part) for part in parts):
            raise NotOcds(f"JSON数组里不是OCDS的release或record{_NOR}")
        for index, part in enumerate(parts, start=1):
            yield from _releases(part, row or index, notes)
        return
    if not isinstance(item, dict) or not _is_ocds(item):
        raise NotOcds(f"JSON里没有OCDS的releases、records或ocid，不是OCDS数据{_NOR}")
    if "compiledRelease" in item or "versionedRelease" in item:
        yield from _of_record(item, row or 1, notes)
    elif isinstance(item.get("records"), list):
        for index, record in enumerate(_dicts(item["records"]), start=1):
            yield from _of_record(record, row or index, notes)
    elif isinstance(item.get("releases"), list):
        for index, release in enumerate(_dicts(item["releases"]), start=1):
            yield _mark(release, row or index)
    else:
        yield _mark(item, row or 1)


def _is_ocds(item: Json) -> bool:
    if isinstance(item.get("releases"), list) or isinstance(item.get("records"), list):
        return True
    if "compiledRelease" in item or "versionedRelease" in item:
        return True
    return "ocid" in item and any(key in item for key in _PROCESS_KEYS)


def _of_record(record: Json, row: int, notes: list[str]) -> Iterator[Json]:
    compiled = record.get("compiledRelease")
    if isinstance(compiled, dict):
        yield _mark({"ocid": record.get("ocid"), **compiled}, row)
        return
    # A linked release has only a url, date and tag: there is nothing to merge.
    whole = [r for r in _dicts(record.get("releases")) if "url" not in r or "ocid" in r]
    if not whole:
        ocid = _text(record.get("ocid")) or "（无ocid）"
        notes.append(f"记录{ocid}只有外部链接，没有内容，未取用")
    for release in whole:
        yield _mark({"ocid": record.get("ocid"), **release}, row)


def _mark(release: Json, row: int) -> Json:
    """Copy a release, its lists made lists of dicts and its elements marked with their row."""
    marked = dict(release)
    marked[_ROW] = row
    for key in _MERGED:
        value = release.get(key)
        # Some publishers write a single award as an object instead of a list.
        items = _dicts([value] if isinstance(value, dict) else value)
        marked[key] = [{**item, _ROW: row} for item in items]
    bids = release.get("bids")
    details = bids.get("details") if isinstance(bids, dict) else bids
    marked["bids"] = [{**bid, _ROW: row} for bid in _dicts(details)]
    tender = _dict(release.get("tender"))
    marked["tender"] = {**tender, _ROW: row} if tender else {}
    return marked


def _merge_processes(releases: Iterable[Json]) -> list[Json]:
    """Merge the releases of each contracting process, processes in order of appearance."""
    by_ocid: dict[str, list[Json]] = {}
    for n, release in enumerate(releases):
        ocid = _text(release.get("ocid")) or _text(release.get("id")) or f"\0{n}"
        by_ocid.setdefault(ocid, []).append(release)
    return [_merge(same) for same in by_ocid.values()]


def _merge(releases: list[Json]) -> Json:
    # sorted is stable: releases without a date stay where the publisher put them.
    ordered = sorted(releases, key=lambda r: _text(r.get("date")) or "")
    merged: Json = {}
    for release in ordered:
        for key, value in release.items():
            if key in (*_MERGED, "bids"):
                merged[key] = _merge_list(merged.get(key, []), value)
            elif isinstance(value, dict):
                merged[key] = _merge_object(_dict(merged.get(key)), value)
            elif value not in (None, "", []):
                merged[key] = value
    return merged


def _merge_object(old: Json, new: Json) -> Json:
    merged = dict(old)
    for key, value in new.items():
        if key == "lots":
            merged[key] = _merge_list(_dicts(old.get(key)), _dicts(value))
        elif value not in (None, "", []):
            merged[key] = value
    return merged


def _merge_list(old: list[Json], new: list[Json]) -> list[Json]:
    merged: dict[Any, Json] = {}
    for n, item in enumerate([*old, *new]):
        merged[_text(item.get("id")) or n] = item
    return list(merged.values())


def _tender_numbers(processes: list[Json]) -> list[str | None]:
    """Take ``tender.id``, or the ocid where it is absent or shared by several processes."""
    own = [_text(p["tender"].get("id")) for p in processes]
    used = Counter(own)
    return [
        number if number is not None and used[number] == 1 else _text(p.get("ocid")) or number
        for p, number in zip(processes, own, strict=True)
    ]


# -- releases → rows -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Award:
    """A valid award: its lots ({None}: the whole tender) and supplier keys, first-named first."""

    lots: tuple[str | None, ...]
    suppliers: tuple[str, ...]
    amount: str | None


class _Reader:
    """Collects the rows of one file; organisations stay keys until names are settled."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.rows: dict[str, list[OcdsRow]] = defaultdict(list)
        self.names: dict[str, Counter[str]] = defaultdict(Counter)
        self.fallback: dict[str, Counter[str]] = defaultdict(Counter)
        self.firms: dict[str, tuple[int, dict[str, str]]] = {}
        self.currencies: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def read(self, process: Json, tender_no: str | None) -> None:
        """Add what one merged contracting process says."""
        parties = {i: p for p in process["parties"] if (i := _text(p.get("id"))) is not None}
        tender = process["tender"]
        buyer_of = [process.get("buyer"), tender.get("procuringEntity"), tender.get("buyer")]
        buyer_of += [p for p in process["parties"] if "buyer" in _texts(p.get("roles"))]
        buyer = next((k for o in buyer_of if (k := self._key(o, parties)) is not None), None)
        awards = [
            a
            for award in process["awards"]
            if (_text(award.get("status")) or "").lower() not in _DEAD_AWARD
            and (a := self._award(award, parties, tender)) is not None
        ]
        self._tender_rows(process, tender_no, buyer, awards)
        self._bid_rows(process, tender_no, parties, awards)
        self._contract_rows(process, tender_no, buyer, parties)

    def finish(self) -> OcdsTables:
        """Return the tables with the notes on what a reader of them must know."""
        for key, (row, values) in self.firms.items():
            self.rows["companies"].append(OcdsRow(row, values, {"name": key}))
        names = {k: self.names.get(k) or c for k, c in self.fallback.items()}
        foreign = sorted(c for c in self.currencies if c not in ("CNY", "RMB"))
        if foreign:
            self.notes.append(f"金额币种为{'、'.join(foreign)}，按原数取用，未折算为人民币")
        if not self.rows:
            self.notes.append("没有招标、投标、合同内容（如只有采购计划），未产生记录")
        for text, count in sorted(self.counts.items()):
            self.notes.append(f"{text}：{count}处")
        return OcdsTables(dict(self.rows), self.notes, names, "、".join(foreign) or None)

    def _tender_rows(
        self, process: Json, tender_no: str | None, buyer: str | None, awards: list[_Award]
    ) -> None:
        tender, bids = process["tender"], process["bids"]
        if not tender and not bids and not awards:
            return
        lots = _lots(tender)
        named = [lot for bid in bids for lot, _ in _bid_lots(bid, lots)]
        named += [lot for award in awards for lot in award.lots]
        order = dict.fromkeys([*lots, *named] or [None])
        for lot in order:
            own = lots.get(lot or "", {})
            won = [a for a in awards if lot in a.lots or None in a.lots]
            winners = list(dict.fromkeys(s for a in won for s in a.suppliers[:1]))
            if len(winners) > 1:
                self.counts["同一标段有多个中标人，tenders的中标人留空（见bids、contracts）"] += 1
            period = _dict(tender.get("tenderPeriod"))
            title = [_text(tender.get("title")), _text(own.get("title"))]
            values = {
                "tender_no": tender_no,
                "lot": lot,
                "title": " ".join(dict.fromkeys(t for t in title if t)) or None,
                "method": _method(tender),
                "category": _category(tender, lot),
                "ceiling_price": self._amount(own.get("value"), zero=False)
                or (self._amount(tender.get("value"), zero=False) if len(order) == 1 else None),
                "publish_date": _date(tender.get("datePublished"))
                or _date(period.get("startDate"))
                or (_date(process.get("date")) if tender else None),
                "deadline": _time(period.get("endDate")),
                "open_date": _date(_dict(tender.get("bidOpening")).get("date")),
                "award_amount": won[0].amount if len(won) == 1 == len(won[0].lots) else None,
            }
            source = own.get(_ROW) or tender.get(_ROW) or process[_ROW]
            winner = winners[0] if len(winners) == 1 else None
            self._add("tenders", source, values, {"purchaser": buyer, "winner": winner})

    def _bid_rows(
        self,
        process: Json,
        tender_no: str | None,
        parties: dict[str, Json],
        awards: list[_Award],
    ) -> None:
        tender = process["tender"]
        lots = _lots(tender)
        bids = process["bids"]
        if not bids and len(lots) < 2 and (tenderers := _organisations(tender.get("tenderers"))):
            # Who took part is known without the bids extension, though not at what price.
            self.counts["只列出投标人、没有报价的招标"] += 1
            bids = [{"tenderers": [t], _ROW: tender[_ROW]} for t in tenderers]
        for bid in bids:
            status = (_text(bid.get("status")) or "").lower()
            if status == "invited":
                self.counts["只受邀请而未投标的，不作为投标记录"] += 1
                continue
            tenderers = _organisations(bid.get("tenderers")) or _organisations(bid.get("bidder"))
            keys = [k for t in tenderers if (k := self._firm(t, parties, bid[_ROW])) is not None]
            if len(keys) > 1:
                self.counts["联合体投标，每个成员各记一行"] += 1
            if not keys:
                self.counts["投标没有写明投标人，未取用"] += 1
            for lot, value in _bid_lots(bid, lots):
                won = [a for a in awards if lot in a.lots or None in a.lots]
                amount = self._amount(value)
                for key in keys:
                    winner = any(key in a.suppliers for a in won)
                    values = {
                        "tender_no": tender_no,
                        "lot": lot,
                        "amount": amount,
                        "is_winner": None if not won else "是" if winner else "否",
                        "disqualified": "是" if status in _DISQUALIFIED else None,
                        "submit_time": _time(bid.get("date")),
                    }
                    self._add("bids", bid[_ROW], values, {"bidder": key})

    def _contract_rows(
        self, process: Json, tender_no: str | None, buyer: str | None, parties: dict[str, Json]
    ) -> None:
        awards = {_text(a.get("id")): a for a in process["awards"]}
        for contract in process["contracts"]:
            if (_text(contract.get("status")) or "").lower() in _DEAD_CONTRACT:
                self.counts["已取消的合同，未取用"] += 1
                continue
            award = awards.get(_text(contract.get("awardID")))
            if award is None and len(awards) == 1:
                award = next(iter(awards.values()))
            suppliers = _organisations(contract.get("suppliers")) or _organisations(
                (award or {}).get("suppliers")
            )
            keys = [
                k for s in suppliers if (k := self._firm(s, parties, contract[_ROW])) is not None
            ]
            if len(keys) > 1:
                self.counts["联合体合同，只记首位供应商，金额不拆分"] += 1
            value = contract.get("value")
            final = _dict(contract.get("implementation")).get("finalValue")
            values = {
                "contract_no": _text(contract.get("id")),
                "tender_no": tender_no,
                "title": _text(contract.get("title"))
                or _text(contract.get("description"))
                or _text(process["tender"].get("title")),
                "party_b_uscc": self.firms[keys[0]][1].get("uscc") if keys else None,
                "amount": self._amount(value),
                "final_amount": self._amount(final),
                "sign_date": _date(contract.get("dateSigned")),
            }
            refs = {"party_a": buyer, "party_b": keys[0] if keys else None}
            self._add("contracts", contract[_ROW], values, refs)

    def _award(self, award: Json, parties: dict[str, Json], tender: Json) -> _Award | None:
        keys = [
            k
            for s in _organisations(award.get("suppliers"))
            if (k := self._firm(s, parties, award[_ROW])) is not None
        ]
        if not keys:
            return None
        if len(keys) > 1:
            self.counts["联合体中标，中标人记首位供应商"] += 1
        lots = _related(award) or [
            lot
            for item in _dicts(award.get("items"))
            if (lot := _text(item.get("relatedLot"))) is not None
        ]
        known = list(_lots(tender))
        if not lots and len(known) == 1:
            lots = known
        where = _or_whole(list(dict.fromkeys(lots)))
        if len(where) > 1:
            self.counts["一项中标含多个标段，金额无法分到标段，中标金额留空"] += 1
        return _Award(where, tuple(keys), self._amount(award.get("value"), zero=False))

    def _firm(self, organisation: Json, parties: dict[str, Json], row: int) -> str | None:
        """Register a bidder or supplier and return its key."""
        key = self._key(organisation, parties)
        if key is None:
            return None
        party = {**organisation, **parties.get(_text(organisation.get("id")) or "", {})}
        contact, address = _dict(party.get("contactPoint")), _dict(party.get("address"))
        lines = (_text(address.get(k)) for k in ("region", "locality", "streetAddress"))
        found = {
            "uscc": _uscc(party),
            "address": " ".join(dict.fromkeys(t for t in lines if t)) or None,
            "phone": _text(contact.get("telephone")),
            "email": _text(contact.get("email")),
        }
        _, values = self.firms.setdefault(key, (row, {}))
        for column, text in found.items():
            if text and column not in values:
                values[column] = text
        return key

    def _key(self, organisation: Any, parties: dict[str, Json]) -> str | None:
        """Return what identifies an organisation: registered identifier, else its name.

        A publisher's bare party id ("1", a hash) is only unique in one release, so it serves to
        find the party there and never as identity.
        """
        reference = _dict(organisation)
        own_id = _text(reference.get("id"))
        party = parties.get(own_id or "", {})
        name = _name(party)
        other = _name(reference)
        identifier = _dict(party.get("identifier")) or _dict(reference.get("identifier"))
        scheme, number = _text(identifier.get("scheme")), _text(identifier.get("id"))
        if scheme is not None:
            key = f"{scheme}-{number or ''}"
        elif own_id is not None and re.match(r"[A-Z]{2,3}-[A-Z0-9]+-", own_id):
            key = own_id
        elif name or other or own_id:
            key = _BY_NAME + _plain(name or other or own_id or "")
        else:
            return None
        if name:
            self.names[key][name] += 1
        self.fallback[key][name or other or own_id or key] += 1
        return key

    def _amount(self, value: Any, *, zero: bool = True) -> str | None:
        """Return the number of a Value; ``zero`` False: 0 stands for not stated."""
        amount = _dict(value).get("amount")
        if isinstance(amount, bool) or amount is None:
            return None
        text = _text(amount)
        if text is None or (not zero and re.fullmatch(r"0*\.?0*", text)):
            return None
        currency = _text(_dict(value).get("currency"))
        self.currencies[(currency or "未写明").upper()] += 1
        return text

    def _add(
        self,
        table: str,
        row: int,
        values: dict[str, str | None],
        parties: dict[str, str | None],
    ) -> None:
        self.rows[table].append(
            OcdsRow(
                row,
                {column: text for column, text in values.items() if text},
                {column: key for column, key in parties.items() if key is not None},
            )
        )


def _lots(tender: Json) -> dict[str, Json]:
    return {i: lot for lot in _dicts(tender.get("lots")) if (i := _text(lot.get("id"))) is not None}


def _related(element: Json) -> list[str]:
    """Return the lots an award or bid names, in any of the forms publishers use."""
    found: list[str] = []
    for key in ("relatedLots", "relatedLot", "lotID", "lotId"):
        value = element.get(key)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                part = part.get("lotId") or part.get("lotID") or part.get("id")
            if (text := _text(part)) is not None:
                found.append(text)
    return list(dict.fromkeys(found))


def _or_whole(lots: list[str]) -> tuple[str | None, ...]:
    """Return the lots, or (None,), which stands for the tender as a whole."""
    return tuple(lots) or (None,)


def _bid_lots(bid: Json, lots: dict[str, Json]) -> list[tuple[str | None, Any]]:
    """Return (lot, value) for each lot of a bid; no lot named: the only one, or the whole tender."""
    parts = _dicts(bid.get("lotValues"))
    if parts:
        return [(lot, part.get("value")) for part in parts for lot in _or_whole(_related(part))]
    related = _related(bid)
    if len(related) > 1:
        # One price over several lots belongs to none of them.
        return [(lot, None) for lot in related]
    only = next(iter(lots)) if len(lots) == 1 else None
    return [(related[0] if related else only, bid.get("value"))]


def _category(tender: Json, lot: str | None) -> str | None:
    """Return goods, works or services with the two-digit division of the most frequent item."""
    main = _text(tender.get("mainProcurementCategory"))
    items = _dicts(tender.get("items"))
    own = [item for item in items if lot is not None and lot in _related(item)] or items
    divisions: Counter[str] = Counter()
    for item in own:
        classification = _dict(item.get("classification"))
        number = re.match(r"\d{2}", _text(classification.get("id")) or "")
        if number:
            divisions[f"{_text(classification.get('scheme')) or '分类'}{number.group()}"] += 1
    division = min(divisions, key=lambda d: (-divisions[d], d)) if divisions else None
    parts = [_CATEGORY.get(main.lower(), main) if main else None, division]
    return " ".join(p for p in parts if p) or None


def _method(tender: Json) -> str | None:
    method = _text(tender.get("procurementMethod"))
    details = _text(tender.get("procurementMethodDetails"))
    chinese = _METHOD.get(method.lower(), method) if method else None
    if chinese and details:
        return f"{chinese}（{details}）"
    return chinese or details


def _organisations(value: Any) -> list[Json]:
    return _dicts([value] if isinstance(value, dict) else value)


def _name(organisation: Json) -> str | None:
    texts = [organisation.get("name"), _dict(organisation.get("identifier")).get("legalName")]
    texts += [organisation[k] for k in sorted(organisation) if re.fullmatch(r"name_?\w\w", k)]
    return next((" ".join(t.split()) for x in texts if (t := _text(x)) is not None), None)


def _uscc(party: Json) -> str | None:
    identifiers = [_dict(party.get("identifier")), *_dicts(party.get("additionalIdentifiers"))]
    for identifier in identifiers:
        number, scheme = _text(identifier.get("id")), _text(identifier.get("scheme"))
        if number and (scheme in ("CN-USCC", "CN-USCI") or stdnum_uscc.is_valid(number)):
            return number
    own = _text(party.get("id"))
    return own if own and stdnum_uscc.is_valid(own) else None


def _date(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else text


def _time(value: Any) -> str | None:
    """Return an ISO instant as the clock time the publisher wrote, without its offset."""
    text = _text(value)
    match = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)", text or "")
    return f"{match[1]} {match[2]}" if match else text


def _plain(name: str) -> str:
    """Return the form in which two names are the same, marks and capitals aside."""
    return re.sub(r"[\W_]+", "", normalise_org_name(name)).casefold() or name


def _text(value: Any) -> str | None:
    """Return a scalar as trimmed text; None for absent, empty, true/false and containers."""
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.strip() or None


def _texts(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    return [t for part in parts if (t := _text(part)) is not None]


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Json]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
