"""Write a snapshot as FollowTheMoney entities, one JSON object a line, however big it is.

People, firms, units, lots and accounts become entities; telephones and addresses become properties
of those who have them; ties become Ownership, Directorship, Employment, Family, Payment, Contract
with ContractAward, and UnknownLink with its role where the model has no name for the tie. Every tie
says in ``recordId`` at which rows it stands, every entity in ``notes`` at which row it is first named.

Model: https://followthemoney.tech/explorer/ (4.11)
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, TextIO

from graph.disclosure import Disclosure
from graph.export import edge_id
from graph.kin_pairs import one_direction
from graph.provenance import place, places
from graph.schema import EDGE_KINDS, PARTIES
from graph.snapshot import Snapshot
from ingest.readers.ftm_entities import CHINA, LOT, PHONE_NOTE

_SCHEMAS = {
    "person": "Person",
    "company": "Company",
    "unit": "PublicBody",
    "village": "Organization",
    "account": "BankAccount",
    "tender": "Contract",
}
TITLES = {
    "Person": "人员",
    "Company": "企业",
    "PublicBody": "单位",
    "Organization": "村（社区）",
    "BankAccount": "账户",
    "Contract": "标段和合同",
    "ContractAward": "中标和签约",
    "Ownership": "持股和账户",
    "Directorship": "企业任职",
    "Employment": "单位任职",
    "Family": "亲属",
    "Payment": "支付",
    "UnknownLink": "其他关系",
}
# The model takes only numbers that can be dialled from anywhere; masked ones, land lines without area
# code and the like stand in the notes.
_MOBILE = re.compile(r"1(?:3\d|5[0-35-9]|7[2-8]|8\d|9[0-35-9])\d{8}")
_GENDERS = {"男": "male", "女": "female"}
# Told as properties of an entity or of a contract, not as ties of their own.
_FOLDED = ("has_phone", "has_address", "purchases", "kin")
_BATCH = 10_000
# Columns of the register of companies and the properties they fill.
_REGISTER = {
    "established_date": "incorporationDate",
    "cancelled_date": "dissolutionDate",
    "status": "status",
    "company_type": "legalForm",
    "email": "email",
    "industry": "sector",
    "registered_capital": "capital",
}

Values = dict[str, list[str]]


def write_ftm(
    snapshot: Snapshot,
    stream: TextIO,
    shown: Disclosure,
    entities: Collection[str] | None = None,
) -> Counter[str]:
    """Write entities and the ties between them.

    Parameters
    ----------
    snapshot : Snapshot
    stream : text file
        Gets one JSON object a line, the same bytes for the same snapshot.
    shown : Disclosure
    entities : collection of str, optional
        Only these and the ties between them.

    Returns
    -------
    Counter
        Entities written by schema.
    """
    written: Counter[str] = Counter()
    writer = _Writer(snapshot, shown)
    writer.scope(entities)
    for entity in chain(writer.nodes(), writer.ties(), writer.family()):
        stream.write(json.dumps(entity, ensure_ascii=False, separators=(",", ":")) + "\n")
        written[entity["schema"]] += 1
    writer.con.close()
    return written


@dataclass(frozen=True)
class _Tie:
    """A row of ``edges`` with the kinds of its ends."""

    edge: int
    kind: str
    src: str
    dst: str
    term: str | None
    share: float | None
    amount: Decimal | None
    start: str | None
    end: str | None
    identity: str
    probability: float | None
    sources: list[dict[str, Any]]
    n_sources: int
    src_kind: str
    dst_kind: str

    @property
    def link(self) -> str:
        return edge_id(self.edge)


@dataclass
class _Writer:
    """Reads the snapshot in batches and words what it holds."""

    snapshot: Snapshot
    shown: Disclosure
    scoped: bool = False

    def __post_init__(self) -> None:
        # A connection of its own: looking up sources would end a result on the snapshot's.
        self.con = self.snapshot.con.cursor()

    def scope(self, entities: Collection[str] | None) -> None:
        """Confine what is written to some entities."""
        con = self.con
        con.execute("CREATE OR REPLACE TEMP TABLE export_scope (entity VARCHAR)")
        if entities is not None:
            self.scoped = True
            con.execute(
                "INSERT INTO export_scope SELECT unnest(?::VARCHAR[])", [sorted(set(entities))]
            )

    def _within(self, *columns: str) -> str:
        if not self.scoped:
            return "true"
        return " AND ".join(f"{c} IN (SELECT entity FROM export_scope)" for c in columns)

    # -- entities --------------------------------------------------------------------------------

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Yield people, firms, units, villages, accounts and lots."""
        self._origins()
        self._register()
        query = f"""
            WITH phones AS (
                SELECT e.src, list_sort(list(DISTINCT d.number)) AS phones FROM main.edges e
                JOIN main.entities d ON d.entity = e.dst WHERE e.kind = 'has_phone' GROUP BY e.src),
            homes AS (
                SELECT e.src, list_sort(list(DISTINCT d.name)) AS homes FROM main.edges e
                JOIN main.entities d ON d.entity = e.dst WHERE e.kind = 'has_address' GROUP BY e.src),
            buyers AS (
                SELECT dst, min(src) AS buyer, max(start_date) AS day FROM main.edges
                WHERE kind = 'purchases' AND {self._within("src")} GROUP BY dst)
            SELECT n.entity, n.kind, n.name, n.number, n.birth_date, n.sex, n.detail, p.phones,
                   h.homes, b.buyer, b.day, o.t, o.r, r.values, l.tender_no
            FROM main.entities n LEFT JOIN phones p ON p.src = n.entity
            LEFT JOIN homes h ON h.src = n.entity LEFT JOIN buyers b ON b.dst = n.entity
            LEFT JOIN export_origins o USING (entity) LEFT JOIN export_register r USING (entity)
            LEFT JOIN export_lots l USING (entity)
            WHERE n.kind NOT IN ('phone', 'address') AND {self._within("n.entity")}
            ORDER BY n.kind, n.entity
        """
        for rows in self._batches(query):
            wanted = {(row[11], row[12]) for row in rows if row[11] is not None}
            found = self.snapshot.sources(wanted)
            for row in rows:
                source = found.get((row[11], row[12]))
                yield self._node(row, place(source, self.shown) if source else None)

    def _node(self, row: tuple[Any, ...], origin: str | None) -> dict[str, Any]:
        entity, kind, name, number, birth, sex, detail, phones, homes, buyer, day, *rest = row
        register, tender_no = rest[2], rest[3]
        shown = self.shown
        number = shown.number(kind, number)
        values: dict[str, Any] = {"name": shown.name(kind, name, row[3])}
        notes = [f"来源：{origin}"] if origin else []
        if kind == "person":
            values |= {"idNumber": number, "birthDate": shown.birth(birth)}
            values["gender"] = _GENDERS.get(sex or "")
        elif kind == "company":
            values |= {"registrationNumber": number, "uscCode": number}
            values |= {p: register[c] for c, p in _REGISTER.items() if register and register[c]}
        elif kind == "account":
            values["accountNumber"] = number
        elif kind == "tender":
            values |= {"title": values["name"], "type": LOT, "authority": buyer}
            values |= {"contractDate": day, "procedureNumber": tender_no}
        if kind in ("person", "company", "unit", "village"):
            said = [shown.number("phone", phone) or "" for phone in phones or ()]
            values["phone"] = [f"{CHINA}{phone}" for phone in said if _MOBILE.fullmatch(phone)]
            notes += [f"{PHONE_NOTE}{phone}" for phone in said if not _MOBILE.fullmatch(phone)]
            values["address"] = [shown.text(home) for home in homes or ()]
        values["summary"] = shown.text(detail) if detail else None
        values["notes"] = notes
        return _entity(entity, _SCHEMAS[kind], values)

    def _origins(self) -> None:
        """Make ``export_origins``: the first row that names each entity, registers before others."""
        tables = self._columns()
        parts = [
            f"SELECT \"{p.column}_entity\" AS entity, {no} AS place, '{p.table}' AS t, "
            f'min(row_id) AS r FROM main."{p.table}" GROUP BY 1'
            for no, p in enumerate(PARTIES)
            if f"{p.column}_entity" in tables.get(p.table, ())
        ]
        parts += [
            f"SELECT lot_entity, {1000 + no}, '{table}', min(row_id) FROM main.{table} GROUP BY 1"
            for no, table in enumerate(("tenders", "bids", "expert_scores"))
            if table in tables
        ]
        none = "SELECT NULL::VARCHAR AS entity, 0 AS place, NULL::VARCHAR AS t, 0 AS r WHERE false"
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE export_origins AS "
            "SELECT entity, arg_min(t, place) AS t, arg_min(r, place) AS r "
            f"FROM ({' UNION ALL '.join([none, *parts])}) "
            f"WHERE entity IS NOT NULL AND {self._within('entity')} GROUP BY entity"
        )

    def _register(self) -> None:
        """Make ``export_register`` and ``export_lots``: what tables say of firms and lots."""
        con, tables = self.con, self._columns()
        columns = [c for c in _REGISTER if c in tables.get("companies", ())]
        fields = ", ".join(
            f"'{c}': list_sort(list(DISTINCT t.\"{c}\"::VARCHAR)"
            f' FILTER (WHERE t."{c}" IS NOT NULL))'
            for c in columns
        )
        con.execute(
            "CREATE OR REPLACE TEMP TABLE export_register AS "
            + (
                f"SELECT t.name_entity AS entity, {{{fields}}} AS values FROM main.companies t "
                "WHERE t.name_entity IS NOT NULL GROUP BY 1"
                if columns
                else "SELECT NULL::VARCHAR AS entity, NULL::VARCHAR AS values WHERE false"
            )
        )
        lots = "SELECT NULL::VARCHAR AS entity, NULL::VARCHAR AS tender_no WHERE false"
        if "tenders" in tables:
            lots = (
                "SELECT lot_entity AS entity, min(tender_no || coalesce('／' || lot, '')) "
                "AS tender_no FROM main.tenders WHERE lot_entity IS NOT NULL GROUP BY 1"
            )
        con.execute(f"CREATE OR REPLACE TEMP TABLE export_lots AS {lots}")

    def _columns(self) -> dict[str, set[str]]:
        rows = self.con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = 'main'"
        ).fetchall()
        found: dict[str, set[str]] = {}
        for table, column in rows:
            found.setdefault(table, set()).add(column)
        return found

    # -- ties ------------------------------------------------------------------------------------

    def ties(self) -> Iterator[dict[str, Any]]:
        """Yield every tie but kinship."""
        folded = ", ".join(f"'{kind}'" for kind in _FOLDED)
        for ties in self._ties(f"e.kind NOT IN ({folded})", "e.kind, e.edge"):
            cited = places(self.snapshot, [tie.sources for tie in ties], self.shown)
            for tie, where in zip(ties, cited, strict=True):
                yield from self._tie(tie, where)

    def family(self) -> Iterator[dict[str, Any]]:
        """Yield kinship once a pair and term, though edges tell it from both sides."""
        waiting: list[_Tie] = []
        pair = "least(e.src, e.dst), greatest(e.src, e.dst), e.edge"
        # What was inferred follows again from the rest wherever it is read in.
        for ties in self._ties("e.kind = 'kin' AND e.basis <> 'inferred'", pair):
            ends = frozenset((ties[-1].src, ties[-1].dst))
            waiting += [t for t in ties if frozenset((t.src, t.dst)) != ends]
            last = [t for t in ties if frozenset((t.src, t.dst)) == ends]
            if waiting and frozenset((waiting[0].src, waiting[0].dst)) == ends:
                last, waiting = waiting + last, []
            yield from self._families(waiting)
            waiting = last
        yield from self._families(waiting)

    def _families(self, ties: list[_Tie]) -> Iterator[dict[str, Any]]:
        if not ties:
            return
        sexes = self._sexes(ties)
        grouped: dict[tuple[str, str], list[_Tie]] = {}
        for tie in ties:
            first, second = sorted((tie.src, tie.dst))
            grouped.setdefault((first, second), []).append(tie)
        kept: list[tuple[_Tie, list[_Tie]]] = []
        for group in grouped.values():
            kept += one_direction(group, sexes)
        cited = places(
            self.snapshot, [[s for t in same for s in t.sources] for _, same in kept], self.shown
        )
        for (tie, _), where in zip(kept, cited, strict=True):
            values = {"person": tie.src, "relative": tie.dst, "relationship": tie.term}
            yield _entity(tie.link, "Family", {**values, **self._facts(tie, where)})

    def _sexes(self, ties: list[_Tie]) -> dict[str, str | None]:
        people = {end for tie in ties for end in (tie.src, tie.dst)}
        return {e: found.sex for e, found in self.snapshot.lookup(people).items()}

    def _ties(self, where: str, order: str) -> Iterator[list[_Tie]]:
        query = f"""
            SELECT e.edge, e.kind, e.src, e.dst, e.term, e.share, e.amount,
                   e.start_date::VARCHAR, e.end_date::VARCHAR, e.identity, e.probability,
                   e.sources, e.n_sources, a.kind, b.kind
            FROM main.edges e JOIN main.entities a ON a.entity = e.src
            JOIN main.entities b ON b.entity = e.dst
            WHERE {where} AND {self._within("e.src", "e.dst")} ORDER BY {order}
        """
        for rows in self._batches(query):
            yield [_Tie(*row) for row in rows]

    def _batches(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        self.con.execute(query)
        while rows := self.con.fetchmany(_BATCH):
            yield rows

    def _tie(self, tie: _Tie, where: list[str]) -> Iterable[dict[str, Any]]:
        facts = self._facts(tie, where)
        term = self.shown.text(tie.term) if tie.term else None
        role = term or EDGE_KINDS.get(tie.kind, tie.kind)  # type: ignore[call-overload]
        money = {"amount": _amount(tie.amount), "currency": "CNY" if tie.amount else None}
        ends = (tie.src_kind, tie.dst_kind)
        if tie.kind == "shareholder" and ends[1] == "company":
            share = None if tie.share is None else f"{tie.share * 100:.10g}"
            values = {"owner": tie.src, "asset": tie.dst, "percentage": share}
            paid = {"sharesValue": money["amount"], "sharesCurrency": money["currency"]}
            return (_entity(tie.link, "Ownership", {**values, **paid, **facts}),)
        if tie.kind == "has_account" and ends[0] != "village":
            values = {"owner": tie.src, "asset": tie.dst, "role": "账户"}
            return (_entity(tie.link, "Ownership", {**values, **facts}),)
        if tie.kind in ("officer", "legal_representative"):
            values = {"director": tie.src, "organization": tie.dst, "role": role}
            return (_entity(tie.link, "Directorship", {**values, **facts}),)
        if tie.kind == "position" and ends[0] == "person":
            values = {"employee": tie.src, "employer": tie.dst, "role": role}
            return (_entity(tie.link, "Employment", {**values, **facts}),)
        if tie.kind == "pays":
            values = {"payer": tie.src, "beneficiary": tie.dst, "purpose": role}
            return (_entity(tie.link, "Payment", {**values, **money, **facts}),)
        if tie.kind == "wins":
            values = {"supplier": tie.src, "contract": tie.dst, "role": role}
            return (_entity(tie.link, "ContractAward", {**values, **money, **facts}),)
        if tie.kind == "contract":
            contract_id = tie.link.replace("e-", "k-")
            contract = {"title": role, "authority": tie.src, "contractDate": tie.start}
            award = {"supplier": tie.dst, "contract": contract_id, "role": "合同"}
            return (
                _entity(contract_id, "Contract", contract),
                _entity(tie.link, "ContractAward", {**award, **money, **facts}),
            )
        name = EDGE_KINDS.get(tie.kind, tie.kind)  # type: ignore[call-overload]
        values = {"subject": tie.src, "object": tie.dst}
        values["role"] = name if term in (None, name) else f"{name}：{term}"
        if tie.amount is not None:
            facts["description"] = f"金额{tie.amount}元"
        return (_entity(tie.link, "UnknownLink", {**values, **facts}),)

    def _facts(self, tie: _Tie, where: list[str]) -> dict[str, Any]:
        """What every tie says of its time, its rows and how sure it is who is meant."""
        notes = []
        if tie.identity != "certain":
            how = "仅姓名相同" if tie.identity == "name_only" else "很可能为同一主体"
            sure = "" if tie.probability is None else f"，概率{tie.probability:.2f}"
            notes.append(f"主体识别：{how}{sure}，须核实")
        if tie.n_sources > len(tie.sources):
            notes.append(f"依据共{tie.n_sources}行，所列为其中{len(tie.sources)}行")
        times: dict[str, Any] = {"startDate": tie.start, "endDate": tie.end}
        if tie.kind not in ("kin", "position", "officer", "legal_representative") and (
            tie.start is not None and tie.start == tie.end
        ):
            times = {"date": tie.start}
        return {**times, "recordId": where, "summary": "；".join(notes) or None}


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _entity(entity: str, schema: str, values: dict[str, Any]) -> dict[str, Any]:
    """An entity as FollowTheMoney has it: lists of texts, no empty ones."""
    properties: Values = {}
    for name, value in values.items():
        parts = value if isinstance(value, list) else [value]
        texts = [str(part) for part in parts if part not in (None, "")]
        if texts:
            properties[name] = texts
    return {"id": entity, "schema": schema, "properties": properties}
