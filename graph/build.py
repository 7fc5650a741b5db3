"""Making a snapshot: who is who, tables with entities, edges, entities, what the run is of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import duckdb

from graph import branch_edges, edges, kin_edges
from graph.fold import fold
from graph.resolve.clusters import drop_temporary, resolve
from graph.resolve.decisions import Decision
from graph.settings import GraphSettings
from graph.tables import rewrite
from graph.typed import TypedTables, typed_tables
from ingest.progress import Progress, silent
from ingest.rows import insert_rows

FORMAT = 1
"""Version of the layout of a snapshot."""

EVENT_DATES: tuple[tuple[str, str], ...] = (
    ("tenders", "publish_date"),
    ("tenders", "deadline"),
    ("tenders", "open_date"),
    ("bids", "submit_time"),
    ("contracts", "sign_date"),
    ("payments", "pay_date"),
    ("bank_flows", "flow_date"),
    ("subsidy_applications", "list_date"),
    ("subsidies", "pay_date"),
    ("kin_filings", "filing_date"),
    ("kinship", "filed_on"),
    ("deaths", "death_date"),
    ("officials", "start_date"),
    ("assets", "acquired_date"),
    ("companies", "established_date"),
    ("resolutions", "meeting_date"),
    ("leases", "start_date"),
    ("collective_assets", "disposal_date"),
    ("vouchers", "entry_date"),
    ("card_swipes", "swipe_time"),
    ("cases", "accept_date"),
    ("cases", "disposition_date"),
    ("complaints", "received_date"),
    ("complaints", "closed_date"),
    ("households", "registered_date"),
)
"""Dates of things that have happened: no ends of terms, which lie ahead, and no births."""

_GAP_DAYS, _WIDE_GAP_DAYS, _STRAY_SHARE = 366, 3 * 366, 0.001


def build(
    con: duckdb.DuckDBPyConnection,
    key: bytes,
    settings: GraphSettings | None = None,
    as_of: date | None = None,
    progress: Progress = silent,
    decisions: Sequence[Decision] = (),
) -> None:
    """Write the snapshot of what intake left into schema ``main``.

    Parameters
    ----------
    con : DuckDBPyConnection
        ``typed.*`` (schema or attached database) is read, ``main`` of the current database written.
    key : bytes
        Secret of the workspace for ids of people, accounts and telephones.
    settings : GraphSettings, optional
    as_of : date, optional
        The day the run looks from; by default the latest plausible date of an event in the data.
    progress : Progress
    decisions : sequence of Decision
        What analysts decided about who is who; it wins over rules and model.

    Raises
    ------
    duckdb.Error
        If ``typed`` is not as intake leaves it.
    """
    settings = settings or GraphSettings()
    # Rows are known by their ids, so nothing needs the order in which they are written.
    con.execute("SET preserve_insertion_order = false")
    typed = fold(con, typed_tables(con))
    resolve(con, typed, key, settings, progress, decisions)
    rewrite(con, typed, key, progress)
    drop_temporary(con, "resolved", "only_lots")
    progress("建立关系", 0, 3)
    edges.create(con)
    edges.state(con, typed, key, settings.sources_limit)
    branch_edges.state(con, typed, settings.sources_limit)
    progress("建立关系", 1, 3)
    kin_edges.state(con, typed, settings)
    progress("建立关系", 2, 3)
    _entities(con, typed)
    _meta(con, typed, settings, as_of or latest_event(con, typed))
    drop_temporary(con, "")
    progress("建立关系", 3, 3)


def latest_event(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> date | None:
    """Latest plausible date of an event in the tables of ``main``.

    Going on from the median, the last date before a gap of three years, or before a gap of one
    year beyond which there is less than a thousandth of all events: 2203 for 2023 is a slip.

    Returns
    -------
    date or None
        None where the data hold no event date.
    """
    parts = [
        f'SELECT "{c}"::DATE AS day, count(*) AS n FROM main."{t}" WHERE "{c}" IS NOT NULL GROUP BY 1'
        for t, c in EVENT_DATES
        if typed.has(t, c)
    ]
    if not parts:
        return None
    days = con.execute(
        f"SELECT day, sum(n) FROM ({' UNION ALL '.join(parts)}) GROUP BY day ORDER BY day"
    ).fetchall()
    total = sum(n for _, n in days)
    seen, latest = 0, None
    for day, n in days:
        past_median = latest is not None and seen * 2 >= total
        gap = (day - latest).days if latest is not None else 0
        beyond = total - seen
        stray = gap > _WIDE_GAP_DAYS or (gap > _GAP_DAYS and beyond < total * _STRAY_SHARE)
        if past_median and stray:
            break
        latest, seen = day, seen + n
    return latest


def _masked(value: str) -> str:
    return f"CASE WHEN length({value}) > 8 THEN left({value}, 4) || '****' || right({value}, 4) ELSE '****' || right({value}, 2) END"


def _entities(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> None:
    lots = [
        "SELECT NULL::VARCHAR AS entity, NULL::VARCHAR AS name, NULL::VARCHAR AS detail, 0 AS o WHERE false"
    ]
    label = "t.tender_no || CASE WHEN t.lot IS NULL THEN '' ELSE '（' || t.lot || '）' END"
    if "tenders" in typed.columns:
        lots.append(
            f"SELECT lot_entity, coalesce(t.title, {label}), {label}"
            " || coalesce('；' || t.purchaser, ''), 0 FROM main.tenders t"
        )
    for table in ("bids", "expert_scores"):
        if table in typed.columns:
            lots.append(f"SELECT lot_entity, {label}, {label}, 1 FROM main.{table} t")
    # Hardly two entities are alike: packing what they are called is work for nothing.
    con.execute(
        "CREATE OR REPLACE TABLE main.entities (entity VARCHAR USING COMPRESSION uncompressed,"
        " kind VARCHAR, name VARCHAR USING COMPRESSION uncompressed,"
        " number VARCHAR USING COMPRESSION uncompressed, birth_date DATE, sex VARCHAR,"
        " detail VARCHAR USING COMPRESSION uncompressed, n_rows BIGINT)"
    )
    con.execute(
        f"""
        INSERT INTO main.entities
        WITH heads AS (
            SELECT dst AS entity, max_by(p.name, (e.n_sources, p.name)) AS head
            FROM main.edges e JOIN parties p ON p.entity = e.src
            WHERE e.kind = 'legal_representative' GROUP BY dst)
        SELECT p.entity, p.kind, p.name, p.number,
               CASE WHEN p.kind = 'person' THEN try_cast(p.birth_date AS DATE) END AS birth_date,
               CASE WHEN p.kind = 'person' THEN p.sex END AS sex,
               CASE p.kind
                 WHEN 'person' THEN nullif(concat_ws('；',
                     nullif(concat(p.township, p.village), ''), p.employer,
                     CASE WHEN p.birth_date IS NOT NULL THEN left(p.birth_date, 4) || '年生' END), '')
                 WHEN 'company' THEN '法定代表人：' || h.head
                 WHEN 'village' THEN p.township END AS detail,
               p.n_rows
        FROM parties p LEFT JOIN heads h ON h.entity = p.entity AND p.kind = 'company'
        UNION ALL
        SELECT entity, kind, CASE WHEN kind = 'address' THEN value ELSE {_masked("value")} END,
               CASE WHEN kind = 'address' THEN NULL ELSE value END, NULL, NULL, NULL, NULL
        FROM attribute_nodes
        UNION ALL
        SELECT entity, 'tender', min_by(name, (o, name)), NULL, NULL, NULL,
               min_by(detail, (o, detail)), count(*) FROM ({" UNION ALL ".join(lots)})
        WHERE entity IS NOT NULL GROUP BY entity
        """
    )


def _meta(
    con: duckdb.DuckDBPyConnection,
    typed: TypedTables,
    settings: GraphSettings,
    as_of: date | None,
) -> None:
    plain = {
        "unit_aliases": dict(sorted(settings.unit_aliases.items())),
        "hub_limit": settings.hub_limit,
        "name_candidates_limit": settings.name_candidates_limit,
        "household_limit": settings.household_limit,
        "sources_limit": settings.sources_limit,
        "kin_hub_limit": settings.kin_hub_limit,
        "inferred_kin_links": settings.inferred_kin_links,
        "inferred_kin_people": settings.inferred_kin_people,
        "inferred_kin_limit": settings.inferred_kin_limit,
        "merge_from": settings.merge_from,
        "doubt_from": settings.doubt_from,
    }
    con.execute("CREATE OR REPLACE TABLE main.meta AS SELECT key, value FROM counts")
    rows = [
        ("format", str(FORMAT)),
        ("as_of", as_of.isoformat() if as_of else None),
        ("duckdb", duckdb.__version__),
        ("settings", json.dumps(plain, ensure_ascii=False)),
        ("company_register", "present" if typed.has("companies", "name") else "absent"),
    ]
    insert_rows(con, "main.meta", rows)
