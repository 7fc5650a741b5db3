"""Edges: who is tied to whom, by which rows, from when to when.

Each ``EdgeQuery`` is one statement of the form "rows of this table say this". Rows that state the
same fact (all of kind, ends, term, share, dates) make one edge with all of them as sources. THE
place to add a tie that a table states.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import duckdb

from graph.resolve.clusters import entity_id
from graph.typed import Part, TypedTables

# Identity as a number that grows with trust, so that the weaker of two is the lesser.
_RANK = "CASE {0} WHEN 'certain' THEN 3 WHEN 'probable' THEN 2 ELSE 1 END"
# Rank and probability in one figure: max() keeps a pair that belongs together.
_DECODE_RANK = (
    "CASE floor({0} / 10) WHEN 3 THEN 'certain' WHEN 2 THEN 'probable' ELSE 'name_only' END"
)

COLUMNS = (
    "kind, src, dst, term, share, amount, start_date, end_date, identity, probability, "
    "legal_class, sources, n_sources, basis"
)

Basis = Literal["declared", "register", "filing", "inferred"]
"""What a tie of kinship rests on: a declaration, a household register, a filing of a recipient's
kin, or a chain over several of the first two."""

UNDATED = ("NULL", "NULL")


@dataclass(frozen=True)
class EdgeQuery:
    """What the rows of a table say about two parties.

    ``src``, ``dst``: party columns, or ``lot`` for the lot's entity. ``attribute``: instead of
    ``dst``, a (kind, column) whose value is a node of its own. ``term``, ``share``, ``amount``,
    ``dates`` (first, last), ``where``: SQL over row ``t``. ``total``: one edge a pair, amounts summed
    and dates spanning all rows; otherwise one edge a distinct fact.
    """

    table: str
    kind: str
    src: str
    dst: str = ""
    attribute: tuple[str, str] | None = None
    term: str = "NULL"
    share: str = "NULL"
    amount: str = "NULL"
    dates: tuple[str, str] = UNDATED
    where: str = "true"
    total: bool = False


_TENDER_DATE = "coalesce(t.open_date::DATE, t.deadline::DATE, t.publish_date)"
_COMPANY_LIFE = ("t.established_date", "t.cancelled_date")
_TENURE = ("t.start_date", "t.end_date")


def _has(table: str, kind: str, src: str, column: str) -> EdgeQuery:
    return EdgeQuery(table, f"has_{kind}", src, attribute=(kind, column), total=True)


QUERIES: tuple[EdgeQuery, ...] = (
    EdgeQuery("officials", "position", "name", "organization", term="t.position", dates=_TENURE),
    EdgeQuery("officials", "position", "name", "village", term="t.position", dates=_TENURE),
    EdgeQuery("payroll", "position", "name", "unit", term="'财政供养'", dates=_TENURE),
    EdgeQuery("inspectors", "position", "name", "unit", term="'巡察人员'"),
    EdgeQuery(
        "kinship",
        "position",
        "relative_name",
        "relative_employer",
        term="coalesce(t.relative_position, '工作')",
    ),
    EdgeQuery(
        "companies",
        "legal_representative",
        "legal_representative",
        "name",
        term="'法定代表人'",
        dates=_COMPANY_LIFE,
    ),
    EdgeQuery("company_officers", "officer", "name", "company", term="t.role", dates=_TENURE),
    EdgeQuery(
        "shareholders",
        "shareholder",
        "shareholder",
        "company",
        term="'持股' || CASE WHEN t.share_percent IS NULL THEN '' "
        "ELSE regexp_replace(printf('%.4f', t.share_percent), '\\.?0+$', '') || '%' END",
        share="t.share_percent / 100",
        amount="t.contribution",
        dates=_TENURE,
    ),
    EdgeQuery("people", "lives_in", "name", "village", total=True),
    EdgeQuery("households", "lives_in", "name", "village", total=True),
    EdgeQuery("land_parcels", "lives_in", "name", "village", total=True),
    _has("people", "phone", "name", "phone"),
    _has("officials", "phone", "name", "phone"),
    _has("kinship", "phone", "relative_name", "relative_phone"),
    _has("companies", "phone", "name", "phone"),
    _has("bids", "phone", "bidder", "contact_phone"),
    _has("bids", "phone", "contact", "contact_phone"),
    _has("inspectors", "phone", "name", "phone"),
    _has("people", "address", "name", "address"),
    _has("households", "address", "name", "address"),
    _has("companies", "address", "name", "address"),
    _has("subsidies", "account", "name", "account"),
    _has("bids", "account", "bidder", "deposit_account"),
    _has("payments", "account", "payee", "payee_account"),
    _has("bank_flows", "account", "payer", "payer_account"),
    _has("bank_flows", "account", "payee", "payee_account"),
    _has("unit_registrations", "account", "unit", "account_no"),
    EdgeQuery(
        "tenders",
        "purchases",
        "purchaser",
        "lot",
        term="'采购'",
        amount="t.ceiling_price",
        dates=(_TENDER_DATE, _TENDER_DATE),
    ),
    EdgeQuery(
        "tenders", "agent", "agency", "lot", term="'代理'", dates=(_TENDER_DATE, _TENDER_DATE)
    ),
    EdgeQuery(
        "contracts",
        "contract",
        "party_a",
        "party_b",
        term="coalesce(t.title, '合同')",
        amount="coalesce(t.final_amount, t.amount)",
        dates=("t.sign_date", "t.sign_date"),
    ),
    EdgeQuery(
        "village_projects",
        "contract",
        "village",
        "contractor",
        term="t.project",
        amount="coalesce(t.settled, t.budget)",
        dates=(
            "coalesce(t.start_date, t.decision_date)",
            "coalesce(t.start_date, t.decision_date)",
        ),
    ),
    EdgeQuery(
        "collective_assets",
        "contract",
        "village",
        "acquirer",
        term="'资产处置：' || t.asset_name",
        amount="t.disposal_price",
        dates=("t.disposal_date", "t.disposal_date"),
    ),
    EdgeQuery(
        "payments",
        "pays",
        "payer",
        "payee",
        term="'财政支付'",
        amount="t.amount",
        dates=("t.pay_date", "t.pay_date"),
        total=True,
    ),
    EdgeQuery(
        "bank_flows",
        "pays",
        "payer",
        "payee",
        term="'资金往来'",
        amount="t.amount",
        dates=("t.flow_date", "t.flow_date"),
        total=True,
    ),
    EdgeQuery(
        "leases",
        "leases",
        "village",
        "lessee",
        term="t.resource_name",
        amount="t.annual_rent",
        dates=_TENURE,
    ),
)


def content_hash(typed: TypedTables, table: str, alias: str = "t") -> str:
    """SQL of a hash of what a row says, whatever its place: orders rows by content."""
    used = [c for c in typed.columns[table] if typed.has(table, c)]
    return "hash(" + ", ".join(f'{alias}."{c}"' for c in used) + ")"


def source_order(identity_rank: str, day: str, content: str, row_id: str) -> str:
    """SQL of the order in which rows are cited: surest, earliest, then by content.

    The row number stands last and tells only rows of the same content apart.
    """
    return (
        f"(((3 - {identity_rank})::HUGEINT << 118) | "
        f"(coalesce({day}::DATE - DATE '0001-01-01', 0)::HUGEINT << 96) | "
        f"({content}::HUGEINT << 32) | ({row_id} & 4294967295)::HUGEINT)"
    )


def cited(table: str, limit: int, place: str = "place") -> str:
    """SQL aggregate of the first rows to cite; the row number is the low end of ``source_order``."""
    # Most edges rest on one row, and sorting lists of one is half the work.
    return (
        f"CASE WHEN count(*) = 1 THEN [{{'t': '{table}', 'r': (min({place}) & 4294967295)::BIGINT}}] "
        f"ELSE list_transform(list_sort(list({place}))[1:{limit}], "
        f"lambda p: {{'t': '{table}', 'r': (p & 4294967295)::BIGINT}}) END"
    )


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``main.edges``, and ``attribute_nodes`` for nodes that are only a value."""
    con.execute(
        "CREATE OR REPLACE TABLE main.edges (edge BIGINT, kind VARCHAR,"
        " src VARCHAR USING COMPRESSION uncompressed, dst VARCHAR USING COMPRESSION uncompressed,"
        " term VARCHAR, share DOUBLE, amount DECIMAL(18,2), start_date DATE, end_date DATE,"
        " identity VARCHAR, probability DOUBLE, legal_class VARCHAR,"
        " sources STRUCT(t VARCHAR, r BIGINT)[], n_sources BIGINT, basis VARCHAR)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE attribute_nodes (entity VARCHAR, kind VARCHAR, value VARCHAR)"
    )


def insert(con: duckdb.DuckDBPyConnection, select: str, basis: Basis | None = None) -> None:
    """Add edges, numbered by a hash of what they say and of the table that says it.

    Numbers stay the same over runs and need no sorting of millions of edges. ``basis``: what a tie
    of kinship rests on; an inferred one is said by no table.
    """
    said_by = "'inferred'" if basis == "inferred" else "sources[1].t"
    con.execute(
        f"""
        INSERT INTO main.edges
        SELECT (hash(kind, src, dst, term, share, amount, start_date, end_date, {said_by}) >> 1)
                   ::BIGINT, kind, src, dst, term, share, amount, start_date, end_date, identity,
               probability, legal_class, sources, n_sources, {f"'{basis}'" if basis else "NULL"}
        FROM ({select})
        """
    )


def state(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, key: bytes, sources_limit: int
) -> None:
    """Run every edge query whose columns have values.

    Parameters
    ----------
    con : DuckDBPyConnection
        With the rewritten tables in ``main``.
    typed : TypedTables
    key : bytes
        Secret of the workspace for ids of accounts and telephones.
    sources_limit : int
        Rows cited an edge.
    """
    for query in QUERIES:
        needed = [query.src]
        needed += [query.attribute[1]] if query.attribute else []
        needed += [query.dst] if query.dst not in ("", "lot") else []
        if not typed.has(query.table, *needed):
            continue
        part = _part(query, typed)
        source = part.relation if part else f'main."{query.table}"'
        joined = ""
        if query.attribute is not None:
            _collect_values(con, query, source, key)
            joined = f'JOIN written w ON w.value = t."{query.attribute[1]}"'
        grouped = (
            _grouped_references(query, part, typed, joined, sources_limit)
            if part
            else _grouped_rows(query, typed, joined, sources_limit)
        )
        insert(con, _statement(grouped))
    _merge_twice_told(con, sources_limit)
    _wins_and_bids(con, typed, sources_limit)


def _merge_twice_told(con: duckdb.DuckDBPyConnection, sources_limit: int) -> None:
    """Make one edge of what two columns of a table say alike: a firm's account as payer and payee."""
    told = Counter((q.table, q.kind) for q in QUERIES if q.attribute)
    twice = [
        f"(kind = '{kind}' AND sources[1].t = '{table}')"
        for (table, kind), n in told.items()
        if n > 1
    ]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE twice_told AS
        SELECT edge, any_value(kind) AS kind, any_value(src) AS src, any_value(dst) AS dst,
               max_by(identity, (CASE identity WHEN 'certain' THEN 3 WHEN 'probable' THEN 2 ELSE 1 END,
                                 probability)) AS identity,
               max(probability) AS probability,
               flatten(list(sources ORDER BY n_sources DESC, sources))[1:{sources_limit}] AS sources,
               sum(n_sources)::BIGINT AS n_sources
        FROM main.edges WHERE {" OR ".join(twice)} GROUP BY edge HAVING count(*) > 1
        """
    )
    con.execute("DELETE FROM main.edges WHERE edge IN (SELECT edge FROM twice_told)")
    con.execute("INSERT INTO main.edges BY NAME FROM twice_told")
    con.execute("DROP TABLE twice_told")


def _part(query: EdgeQuery, typed: TypedTables) -> Part | None:
    """The part of a big table in which all that an edge to a value says stands."""
    if query.attribute is None or not query.total or query.where != "true":
        return None
    parts = typed.parts.get(query.table, ())
    return next((p for p in parts if p.holds((query.src, query.attribute[1]))), None)


def _collect_values(
    con: duckdb.DuckDBPyConnection, query: EdgeQuery, source: str, key: bytes
) -> None:
    """Make ``written`` (value, form, entity): each way of writing once, since folding is slow."""
    assert query.attribute is not None
    kind, column = query.attribute
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE written AS
        SELECT value, form, {entity_id(kind, "form", key)} AS entity
        FROM (SELECT value, {_value(kind, "value")} AS form
              FROM (SELECT DISTINCT "{column}" AS value FROM {source}
                    WHERE "{query.src}_entity" IS NOT NULL AND "{column}" IS NOT NULL))
        WHERE form IS NOT NULL
        """
    )
    con.execute(
        f"""
        INSERT INTO attribute_nodes SELECT DISTINCT entity, '{kind}', form FROM written
        ANTI JOIN attribute_nodes USING (entity)
        """
    )


def _value(kind: str, column: str) -> str:
    if kind == "address":
        return f"nullif(translate({column}, ' \u3000', ''), '')"
    digits = f"translate(upper({column}), ' -()（）+/', '')"
    least = 7 if kind == "phone" else 5
    return (
        f"CASE WHEN regexp_full_match({column}, '[0-9]{{{least},}}') THEN {column} "
        f"WHEN length({digits}) >= {least} AND NOT contains({digits}, '*') THEN {digits} END"
    )


def trust(*columns: str) -> str:
    """SQL of ten times the lowest identity rank plus the product of probabilities."""
    ranks = [_RANK.format(f't."{c}_identity"') for c in columns]
    rank = f"least({', '.join(ranks)})" if len(ranks) > 1 else ranks[0]
    product = " * ".join(f't."{c}_probability"' for c in columns)
    return f"(10 * {rank} + CASE WHEN {rank} = 3 THEN 1.0 ELSE {product} END)"


def identity_of(figure: str) -> str:
    """SQL of identity and probability decoded from the figure of ``trust``.

    A product can't pass 1 and a rank weighs ten, so both stay apart: 21 is probable, 1.0.
    """
    return (
        f"{_DECODE_RANK.format(figure)} AS identity, "
        f"round({figure} - 10 * floor({figure} / 10), 3) AS probability"
    )


def _statement(grouped: str) -> str:
    return f"""
        SELECT kind, src, dst, term, share, amount, start_date, end_date, {identity_of("figure")},
               NULL AS legal_class, sources, n_sources
        FROM ({grouped})
    """


def _dst(query: EdgeQuery) -> str:
    if query.attribute:
        return "w.entity"
    return "t.lot_entity" if query.dst == "lot" else f't."{query.dst}_entity"'


def _first_rows(part: Part, typed: TypedTables) -> str:
    """SQL: of each reference of a part the rows ``n`` and the ``place`` of the first by content."""
    others = [other for other in typed.parts[part.table] if other != part]
    cells = [
        f'{next((o.column for o in others if o.holds([c])), "r")}."{c}"'
        for c in typed.columns[part.table]
        if typed.has(part.table, c) and not part.holds([c])
    ]
    content = f"hash({', '.join(cells or ['0'])})"
    joins = " ".join(
        f'JOIN {o.relation} "{o.column}" ON "{o.column}".reference = r."{o.link}"' for o in others
    )
    return f"""
        SELECT r."{part.link}" AS reference, count(*) AS n,
               min({source_order("3", "NULL", content, "r.row_id")}) AS place
        FROM {part.rows} r {joins} GROUP BY r."{part.link}"
    """


def _grouped_references(
    query: EdgeQuery, part: Part, typed: TypedTables, joined: str, sources_limit: int
) -> str:
    """Edges to values from the references of a big table, each citing the first of its rows."""
    figure = trust(query.src)
    rank = f"floor({figure} / 10)::INTEGER"
    return f"""
        SELECT '{query.kind}' AS kind, src, dst, NULL::VARCHAR AS term, NULL::DOUBLE AS share,
               NULL::DECIMAL(18,2) AS amount, NULL::DATE AS start_date, NULL::DATE AS end_date,
               max(figure) AS figure, {cited(query.table, sources_limit)} AS sources,
               sum(n)::BIGINT AS n_sources
        FROM (SELECT t."{query.src}_entity" AS src, {_dst(query)} AS dst,
                     {figure} AS figure, f.n, f.place | ((3 - {rank})::HUGEINT << 118) AS place
              FROM {part.relation} t JOIN ({_first_rows(part, typed)}) f USING (reference) {joined}
              WHERE t."{query.src}_entity" IS NOT NULL)
        WHERE dst IS NOT NULL AND dst <> src
        GROUP BY src, dst
    """


def _grouped_rows(query: EdgeQuery, typed: TypedTables, joined: str, sources_limit: int) -> str:
    """Edges from the rows of a table."""
    parties = [query.src] + ([query.dst] if query.dst not in ("", "lot") else [])
    figure = trust(*parties)
    rank = f"floor({figure} / 10)::INTEGER"
    order = source_order(
        rank, f"({query.dates[0]})::DATE", content_hash(typed, query.table), "t.row_id"
    )
    # Sums need every row, so they are only as sure as the least sure one.
    weigh = "min" if query.total and query.amount != "NULL" else "max"
    says = {
        "term": (query.term, "term", "VARCHAR"),
        "share": (query.share, "max(share)", "DOUBLE"),
        "amount": (query.amount, "sum(amount)", "DECIMAL(18,2)"),
        "start_date": (query.dates[0], "min(start_date)", "DATE"),
        "end_date": (query.dates[1], "max(end_date)", "DATE"),
    }
    # What no row says is left out of the grouping, which is most of the work.
    said = [column for column, (sql, _, _) in says.items() if sql != "NULL"]
    cells = "".join(f", {says[c][0]}::{says[c][2]} AS {c}" for c in said)
    facts = ", ".join(
        f"NULL::{kind} AS {column}"
        if column not in said
        else f"{over if query.total else column} AS {column}"
        for column, (_, over, kind) in says.items()
    )
    group = ", ".join(["src", "dst", *(c for c in said if c == "term" or not query.total)])
    rows = f"""
        SELECT t."{query.src}_entity" AS src, {_dst(query)} AS dst{cells},
               {figure} AS figure, {order} AS place
        FROM main."{query.table}" t {joined}
        WHERE t."{query.src}_entity" IS NOT NULL AND {query.where}
    """
    return f"""
        SELECT '{query.kind}' AS kind, src, dst, {facts}, {weigh}(figure) AS figure,
               {cited(query.table, sources_limit)} AS sources, count(*) AS n_sources
        FROM ({rows}) WHERE dst IS NOT NULL AND dst <> src
        GROUP BY {group}
    """


def _wins_and_bids(con: duckdb.DuckDBPyConnection, typed: TypedTables, sources_limit: int) -> None:
    """One bid and one win a firm and lot, whether the bid list or the tender list says who won."""
    says: list[str] = []
    if typed.has("bids", "bidder"):
        order = source_order(
            f"floor({trust('bidder')} / 10)::INTEGER",
            "NULL",
            content_hash(typed, "bids"),
            "t.row_id",
        )
        says.append(
            f"SELECT 'bids' AS kind, t.bidder_entity AS src, t.lot_entity AS dst, t.amount,"
            f" t.submit_time::DATE AS day, {trust('bidder')} AS figure, {order} AS place,"
            f" {{'t': 'bids', 'r': t.row_id}} AS source FROM main.bids t"
        )
        says.append(f"{says[0].replace('bids', 'wins', 1)} WHERE t.is_winner")
    if typed.has("tenders", "winner"):
        order = source_order(
            f"floor({trust('winner')} / 10)::INTEGER",
            "NULL",
            content_hash(typed, "tenders"),
            "t.row_id",
        )
        says.append(
            f"SELECT 'wins' AS kind, t.winner_entity AS src, t.lot_entity AS dst,"
            f" t.award_amount AS amount, {_TENDER_DATE} AS day, {trust('winner')} AS figure,"
            f" {order} - (1::HUGEINT << 120) AS place, {{'t': 'tenders', 'r': t.row_id}} AS source FROM main.tenders t"
        )
    if not says:
        return
    dates = "SELECT NULL::VARCHAR AS lot, NULL::DATE AS day WHERE false"
    if "tenders" in typed.columns:
        dates = (
            f"SELECT t.lot_entity AS lot, max({_TENDER_DATE}) AS day FROM main.tenders t GROUP BY 1"
        )
    insert(
        con,
        f"""
        SELECT kind, src, dst, term, NULL AS share, amount, day AS start_date, day AS end_date,
               {identity_of("figure")}, NULL AS legal_class, sources, n_sources
        FROM (
            SELECT kind, src, dst, CASE kind WHEN 'bids' THEN '投标' ELSE '中标' END AS term,
                   max(amount) AS amount, coalesce(max(d.day), max(s.day)) AS day,
                   max(figure) AS figure, min_by(source, place, {sources_limit}) AS sources,
                   count(*) AS n_sources
            FROM ({" UNION ALL ".join(says)}) s LEFT JOIN ({dates}) d ON d.lot = s.dst
            WHERE src IS NOT NULL AND dst IS NOT NULL GROUP BY kind, src, dst)
        """,
    )
