"""Kinship that no source states but several together show.

An official declares a wife, her household's register lists her brother: the tie between the two men
stands in no row. Such ties are worked out for those whose ties matter (officials, those who handle
and approve, scoring experts, gang members, inspectors) and become edges of their own, ``basis``
``inferred``, that rest on every row of every link. Filings of recipients' kin and possible
samenesses (``same_as``) are never links of a chain.
"""

from __future__ import annotations

import duckdb

from graph.edges import insert
from graph.kin_walk import Reach, Tellings, link_up, walk
from graph.kinship import Age, Sex
from graph.kinship.chains import agree, link, narrower
from graph.settings import GraphSettings
from graph.typed import TypedTables
from ingest.rows import insert_rows

# The people whose ties matter, those that matter most first: a cap cuts from the end.
PEOPLE: tuple[tuple[str, str], ...] = (
    ("officials", "name"),
    ("kinship", "name"),
    ("cases", "handler"),
    ("cases", "approver"),
    ("complaints", "handler"),
    ("subsidies", "handler"),
    ("subsidies", "approver"),
    ("subsidy_applications", "handler"),
    ("subsidy_applications", "approver"),
    ("payments", "handler"),
    ("payments", "approver"),
    ("vouchers", "handler"),
    ("expert_scores", "expert"),
    ("inspectors", "name"),
    ("gang_members", "name"),
)

LINKS = """
    SELECT edge, src, dst, term, start_date, end_date, coalesce(probability, 0.5) AS chance,
           CASE identity WHEN 'certain' THEN 3 WHEN 'probable' THEN 2 ELSE 1 END AS rank
    FROM main.edges WHERE kind = 'kin' AND basis IN ('declared', 'register')
"""


def state(con: duckdb.DuckDBPyConnection, typed: TypedTables, settings: GraphSettings) -> None:
    """Add inferred kin edges, both ways, to ``main.edges``.

    Parameters
    ----------
    con : DuckDBPyConnection
        With the kin edges that sources state in ``main.edges``, ended where a divorce ends them,
        and temporary tables ``parties`` and ``counts``.
    typed : TypedTables
    settings : GraphSettings
    """
    left_out = _egos(con, typed, settings.inferred_kin_people)
    tellings = Tellings()
    con.execute("CREATE OR REPLACE TEMP VIEW kin_sexes AS SELECT entity, sex FROM parties")
    link_up(con, tellings, LINKS)
    reach = Reach(settings.inferred_kin_links, settings.kin_hub_limit)
    walk(con, tellings, reach)
    contradicted = _new(con, tellings) + _stated_otherwise(con)
    cut = _cap(con, settings.inferred_kin_limit)
    _name(con, tellings)
    _write(con, reach.most_links)
    counted = {
        "kin_people_left_out": left_out,
        "inferred_kin_left_out": cut,
        "kin_contradictions": contradicted,
        "kin_hubs_set_aside": con.execute("SELECT count(*) FROM kin_hubs").fetchall()[0][0],
    }
    insert_rows(con, "counts", [(key, str(count)) for key, count in counted.items()])


def _egos(con: duckdb.DuckDBPyConnection, typed: TypedTables, most: int) -> int:
    """Make ``kin_egos`` (node, sex); how many people the cap left out."""
    parts = [
        f'SELECT {place} AS place, "{column}_entity" AS entity FROM main."{table}"'
        for place, (table, column) in enumerate(PEOPLE)
        if typed.has(table, column)
    ] or ["SELECT 0 AS place, NULL::VARCHAR AS entity WHERE false"]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_egos AS
        SELECT hash(entity) AS node, entity, any_value(p.sex) AS sex, min(place) AS place
        FROM ({" UNION ALL ".join(parts)}) JOIN parties p USING (entity)
        WHERE p.kind = 'person' GROUP BY entity
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_beyond AS
        SELECT node FROM kin_egos ORDER BY place, entity OFFSET {most}
        """
    )
    con.execute("DELETE FROM kin_egos WHERE node IN (SELECT node FROM kin_beyond)")
    return int(con.execute("SELECT count(*) FROM kin_beyond").fetchall()[0][0])


def _new(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> int:
    """Make ``kin_new``: chains to whom no source ties ego, or otherwise ties; how many otherwise.

    What a source states stands: a chain that comes to the same isn't added.
    """
    asked = con.execute(
        """
        SELECT DISTINCT r.told, l.told FROM kin_reached r
        JOIN kin_links l ON l.src = r.ego AND l.dst = r.node WHERE r.n > 1
        """
    ).fetchall()
    con.execute("CREATE OR REPLACE TEMP TABLE kin_agree (told SMALLINT, stated SMALLINT)")
    same = [(a, b) for a, b in asked if agree(tellings.all[a], tellings.all[b])]
    insert_rows(con, "kin_agree", same)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_new AS
        WITH chains AS (SELECT * FROM kin_reached WHERE n > 1)
        SELECT c.*, hash(ego, node, c.told) AS id FROM chains c
        ANTI JOIN (SELECT r.ego, r.node, r.told FROM chains r
                   JOIN kin_links l ON l.src = r.ego AND l.dst = r.node
                   JOIN kin_agree a ON a.told = r.told AND a.stated = l.told) s
        ON s.ego = c.ego AND s.node = c.node AND s.told = c.told
        """
    )
    _only_narrowest(con, tellings)
    # Of two people both looked at, one tells for both.
    con.execute(
        """
        DELETE FROM kin_new n USING (SELECT ego, node FROM kin_new) back
        WHERE back.ego = n.node AND back.node = n.ego AND n.ego > n.node
        """
    )
    found = con.execute(
        """
        SELECT count(DISTINCT (ego, node)) FROM kin_new n
        SEMI JOIN kin_links l ON l.src = n.ego AND l.dst = n.node
        """
    ).fetchall()
    return int(found[0][0])


def _only_narrowest(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> None:
    """Leave out chains that tell less than another one: my grandfather's grandson, by his uncle."""
    asked = con.execute(
        """
        SELECT DISTINCT w.told, n.told FROM kin_new w
        JOIN kin_new n ON n.ego = w.ego AND n.node = w.node AND n.told <> w.told
        """
    ).fetchall()
    con.execute("CREATE OR REPLACE TEMP TABLE kin_narrower (wide SMALLINT, narrow SMALLINT)")
    pairs = [(w, n) for w, n in asked if narrower(tellings.all[n], tellings.all[w])]
    insert_rows(con, "kin_narrower", pairs)
    con.execute(
        """
        DELETE FROM kin_new w USING (SELECT ego, node, told, rank FROM kin_new) n, kin_narrower k
        WHERE n.ego = w.ego AND n.node = w.node AND n.rank >= w.rank
          AND k.wide = w.told AND k.narrow = n.told
        """
    )


def _stated_otherwise(con: duckdb.DuckDBPyConnection) -> int:
    """How many pairs a declaration and a register tie in ways that can't both be."""
    rows: list[tuple[str, str, str, str, Sex | None, Sex | None]] = con.execute(
        """
        SELECT d.src, d.dst, d.term, r.term, a.sex, b.sex FROM main.edges d
        JOIN main.edges r ON r.src = d.src AND r.dst = d.dst
        LEFT JOIN kin_sexes a ON a.entity = d.src LEFT JOIN kin_sexes b ON b.entity = d.dst
        WHERE d.kind = 'kin' AND d.basis = 'declared' AND r.kind = 'kin' AND r.basis = 'register'
          AND d.src < d.dst AND d.term <> r.term
        """
    ).fetchall()
    pairs: dict[tuple[str, str], bool] = {}
    for src, dst, declared, registered, *sexes in rows:
        one, other = link(declared, *sexes), link(registered, *sexes)
        fits = one is None or other is None or agree(one, other)
        pairs[src, dst] = pairs.get((src, dst), False) or fits
    return sum(not fits for fits in pairs.values())


def _cap(con: duckdb.DuckDBPyConnection, most: int) -> int:
    """Keep the nearest of more relatives than a person can have; how many were cut."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_cut AS
        SELECT id FROM (SELECT ego FROM kin_new GROUP BY ego HAVING count(*) > {most}) many
        JOIN kin_new USING (ego)
        QUALIFY row_number() OVER (PARTITION BY ego ORDER BY n, rank DESC, e1, node) > {most}
        """
    )
    con.execute("DELETE FROM kin_new WHERE id IN (SELECT id FROM kin_cut)")
    return int(con.execute("SELECT count(*) FROM kin_cut").fetchall()[0][0])


def _name(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> None:
    """Make ``kin_named``: both ends as entities, and what each is to the other.

    Birth dates tell elder from younger where the chain doesn't: against ego, for siblings of a
    spouse or father against him or her, if only one is known.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_people AS
        SELECT hash(entity) AS node, entity, sex, try_cast(birth_date AS DATE) AS birth FROM parties
        WHERE hash(entity) IN (SELECT ego FROM kin_new UNION SELECT node FROM kin_new
                               UNION SELECT node FROM kin_nearest)
        """
    )
    against = {
        shape: f"""
            SELECT l.src AS ego, any_value(p.birth) AS birth FROM kin_links l
            SEMI JOIN kin_egos g ON g.node = l.src JOIN kin_people p ON p.node = l.dst
            WHERE l.told IN ({_told(tellings, *through)}) GROUP BY l.src
            HAVING count(DISTINCT l.dst) = 1
        """
        for shape, through in (("SB", ("S", None)), ("PB", ("P", "男")))
    }
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_named AS
        WITH spouse AS ({against["SB"]}), father AS ({against["PB"]}),
        ends AS (
            SELECT n.*, a.entity AS src, b.entity AS dst, a.sex AS src_sex, b.birth,
                   CASE WHEN n.told IN ({_told(tellings, "SB")}) THEN s.birth
                        WHEN n.told IN ({_told(tellings, "PB")}) THEN f.birth
                        ELSE a.birth END AS against
            FROM kin_new n JOIN kin_people a ON a.node = n.ego JOIN kin_people b ON b.node = n.node
            LEFT JOIN spouse s ON s.ego = n.ego LEFT JOIN father f ON f.ego = n.ego)
        SELECT * EXCLUDE (birth, against), CASE WHEN birth < against THEN 'elder'
            WHEN birth > against THEN 'younger' END AS age FROM ends
        """
    )
    asked: list[tuple[int, Sex | None, Age | None]] = con.execute(
        "SELECT DISTINCT told, src_sex, age FROM kin_named ORDER BY ALL"
    ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kin_terms (told SMALLINT, src_sex VARCHAR, age VARCHAR,"
        " term VARCHAR, legal_class VARCHAR, back VARCHAR, back_class VARCHAR)"
    )
    answers = []
    for number, sex, age in asked:
        told = tellings.all[number].aged(age)
        answers.append((number, sex, age, *told.named(), *told.inverse(sex).named()))
    insert_rows(con, "kin_terms", answers)


def _told(tellings: Tellings, shape: str, sex: Sex | None = None) -> str:
    """SQL list of the tellings of this shape alone, ending at this sex where one is given."""
    found = [
        str(n)
        for n, told in enumerate(tellings.all)
        if told.shapes == {shape} and (sex is None or all(r.sex == sex for r in told.readings))
    ]
    return ", ".join(found) or "-1"


def _write(con: duckdb.DuckDBPyConnection, most_links: int) -> None:
    """Write the edges, each with the rows of all its links in order."""
    edges = ", ".join(f"e{i}" for i in range(1, most_links + 1))
    numbers = ", ".join(str(i) for i in range(1, most_links + 1))
    insert(
        con,
        f"""
        WITH links AS (
            SELECT id, unnest([{edges}]) AS edge, unnest([{numbers}]) AS place FROM kin_named),
        rows AS (
            SELECT id, flatten(list(e.sources ORDER BY l.place)) AS ahead,
                   flatten(list(e.sources ORDER BY l.place DESC)) AS behind
            FROM links l JOIN main.edges e ON e.edge = l.edge AND e.kind = 'kin' GROUP BY id),
        said AS (
            SELECT n.*, t.term, t.legal_class, t.back, t.back_class,
                   list_filter(r.ahead, lambda s, i: list_position(r.ahead, s) = i) AS ahead,
                   list_filter(r.behind, lambda s, i: list_position(r.behind, s) = i) AS behind
            FROM kin_named n JOIN rows r USING (id)
            JOIN kin_terms t ON t.told = n.told AND t.src_sex IS NOT DISTINCT FROM n.src_sex
             AND t.age IS NOT DISTINCT FROM n.age),
        both_ways AS (
            SELECT src, dst, term, legal_class, ahead AS sources, start_date, end_date, rank, chance
            FROM said
            UNION ALL
            SELECT dst, src, back, back_class, behind, start_date, end_date, rank, chance FROM said)
        SELECT 'kin' AS kind, src, dst, term, NULL AS share, NULL AS amount, start_date, end_date,
               CASE rank WHEN 3 THEN 'certain' WHEN 2 THEN 'probable' ELSE 'name_only' END
                   AS identity,
               round(chance, 3) AS probability, legal_class, sources, len(sources) AS n_sources
        FROM both_ways
        """,
        basis="inferred",
    )
