"""Near relatives of many people at once, over links that different sources tell.

A breadth-first walk in the engine: what is reached at one step is joined with the links, and what
two relations come to is asked of the algebra once a pair of relations, not once a pair of people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb

from graph.kinship import Sex
from graph.kinship.chains import (
    FATHER_KNOWN,
    MOTHER_KNOWN,
    SPOUSE_KNOWN,
    Told,
    join,
    link,
    settle,
    settle_child,
)
from ingest.rows import insert_rows

_RANKS = (3, 2, 1)
_KNOWN = range(SPOUSE_KNOWN + FATHER_KNOWN + MOTHER_KNOWN + 1)


@dataclass(frozen=True)
class Reach:
    """How far the walk goes.

    Parameters
    ----------
    most_links : int
        Links on a chain.
    hub_limit : int
        Relatives above which a person is nobody to walk through.
    """

    most_links: int = 5
    hub_limit: int = 100


@dataclass
class Tellings:
    """What links and chains tell, each numbered once."""

    all: list[Told] = field(default_factory=list)
    _numbers: dict[Told, int] = field(default_factory=dict)

    def number(self, told: Told) -> int:
        """Number of a telling, new or known."""
        if told not in self._numbers:
            self._numbers[told] = len(self.all)
            self.all.append(told)
        return self._numbers[told]

    def row(self, told: Told) -> tuple[int, int, int]:
        """Number, number of the same without ages, and how many steps lack an age."""
        number = self.number(told)
        ageless = told.without_ages()
        return number, self.number(ageless), 0 if told.ages else 1


def link_up(con: duckdb.DuckDBPyConnection, tellings: Tellings, facts: str) -> None:
    """Make ``kin_links``: who is what to whom, in numbers.

    Parameters
    ----------
    con : DuckDBPyConnection
        With temporary table ``kin_sexes`` (entity, sex).
    tellings : Tellings
        Filled with what the links tell.
    facts : str
        SQL of rows (edge, src, dst, term, start_date, end_date, rank, chance), both ways: ``rank``
        3 certain, 2 probable, 1 by name only; ``chance`` of both ends being who they seem.
    """
    con.execute(f"CREATE OR REPLACE TEMP VIEW kin_facts AS {facts}")
    words = [w for (w,) in con.execute("SELECT DISTINCT term FROM kin_facts ORDER BY 1").fetchall()]
    # Whose sex the term itself tells needs no look at the register of people.
    plain, open_ = {}, []
    for word in words:
        told = link(word, None, None)
        if told is None:
            continue
        if all(step.sex for r in told.readings for step in r.steps):
            plain[word] = told
        else:
            open_.append(word)
    con.execute("CREATE OR REPLACE TEMP TABLE kin_open (term VARCHAR)")
    insert_rows(con, "kin_open", [(word,) for word in open_])
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_open_facts AS
        SELECT f.*, a.sex AS src_sex, b.sex AS dst_sex FROM kin_facts f SEMI JOIN kin_open USING (term)
        LEFT JOIN kin_sexes a ON a.entity = f.src LEFT JOIN kin_sexes b ON b.entity = f.dst
        """
    )
    asked: list[tuple[str, Sex | None, Sex | None]] = con.execute(
        "SELECT DISTINCT term, src_sex, dst_sex FROM kin_open_facts ORDER BY ALL"
    ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kin_words"
        " (term VARCHAR, src_sex VARCHAR, dst_sex VARCHAR, told SMALLINT)"
    )
    answers: list[tuple[str, Sex | None, Sex | None, int]]
    answers = [(word, None, None, tellings.number(told)) for word, told in plain.items()]
    answers += [(*a, tellings.number(told)) for a in asked if (told := link(*a)) is not None]
    insert_rows(con, "kin_words", answers)
    cells = "hash(f.src) AS src, hash(f.dst) AS dst, w.told, f.rank::TINYINT AS rank, f.chance::DOUBLE AS chance, f.start_date, f.end_date, f.edge"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_links AS
        SELECT {cells} FROM kin_facts f JOIN kin_words w ON w.term = f.term
        WHERE f.term NOT IN (SELECT term FROM kin_open)
        UNION ALL
        SELECT {cells} FROM kin_open_facts f JOIN kin_words w ON w.term = f.term
         AND w.src_sex IS NOT DISTINCT FROM f.src_sex AND w.dst_sex IS NOT DISTINCT FROM f.dst_sex
        """
    )
    con.execute("DROP TABLE kin_open_facts")
    _one_marriage_once(con, tellings)
    _adopted(con, tellings)


def _numbers(tellings: Tellings, shape: str, tie: str | None = None, sex: str | None = None) -> str:
    """SQL list of the tellings of one reading of this shape."""
    found = [
        n
        for n, told in enumerate(tellings.all)
        if told.shapes == {shape}
        and len(told.readings) == 1
        and (tie is None or told.readings[0].tie == tie)
        and (sex is None or told.readings[0].sex == sex)
    ]
    return ", ".join(map(str, found)) or "-1"


def _one_marriage_once(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> None:
    """Leave out marriages without dates that another source dates: it knows more."""
    married = _numbers(tellings, "S")
    con.execute(
        f"""
        DELETE FROM kin_links l USING (
            SELECT DISTINCT src, dst FROM kin_links WHERE told IN ({married})
            AND (start_date IS NOT NULL OR end_date IS NOT NULL)) d
        WHERE l.told IN ({married}) AND l.src = d.src AND l.dst = d.dst
          AND l.start_date IS NULL AND l.end_date IS NULL
        """
    )


def _adopted(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> None:
    """Leave out natural parents of the adopted: adoption ends that tie (民法典第一千一百一十一条)."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_adopted AS
        SELECT DISTINCT src AS node FROM kin_links WHERE told IN ({_numbers(tellings, "P", "adoptive")})
        """
    )
    for end, shape in (("src", "P"), ("dst", "C")):
        con.execute(
            f"""
            DELETE FROM kin_links l USING kin_adopted a
            WHERE l.{end} = a.node AND l.told IN ({_numbers(tellings, shape, "natural")})
            """
        )


def _order(edges: Iterable[str]) -> str:
    """SQL of how little a chain is worth: sure ones first, dated, with ages, likely; then content."""
    return (
        "((3 - rank)::UBIGINT << 62) | "
        "((start_date IS NULL AND end_date IS NULL)::UBIGINT << 61) | (unaged::UBIGINT << 60) | "
        f"(((1 - chance) * 1023)::UBIGINT << 50) | (hash({', '.join(edges)}) >> 14) AS place"
    )


def walk(con: duckdb.DuckDBPyConnection, tellings: Tellings, reach: Reach) -> None:
    """Make ``kin_reached``: near relatives of everybody in ``kin_egos``, with the chain to each.

    Parameters
    ----------
    con : DuckDBPyConnection
        With ``kin_links`` and ``kin_egos`` (node, sex).
    tellings : Tellings
    reach : Reach

    Notes
    -----
    ``kin_reached``: ego, node, told, ageless (told without ages), rank, chance, start_date,
    end_date, n (links), e1 … (edges from ego on). With ``n`` = 1: what one source says itself. One
    row for all chains that tell the same but for ages: the surest.
    """
    near = ", ".join(str(n) for n, told in enumerate(tellings.all) if told.near) or "-1"
    _known(con, tellings, reach)
    edges = [f"e{i}" for i in range(1, reach.most_links + 1)]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_reached AS
        SELECT l.src AS ego, l.dst AS node, l.told, l.told AS ageless, l.rank, l.chance, l.start_date,
               l.end_date, 1::TINYINT AS n, l.edge AS e1,
               {", ".join(f"NULL::BIGINT AS {e}" for e in edges[1:])}
        FROM kin_links l SEMI JOIN kin_egos g ON g.node = l.src
        WHERE l.told IN ({near}) AND l.src <> l.dst
        """
    )
    _name_ageless(con, tellings)
    for n in range(2, reach.most_links + 1):
        if not _step(con, tellings, n, edges):
            break


def _name_ageless(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> None:
    """Fill in ``ageless`` for what single links tell."""
    con.execute("CREATE OR REPLACE TEMP TABLE kin_ageless (told SMALLINT, ageless SMALLINT)")
    rows = [tellings.row(told)[:2] for told in list(tellings.all)]
    insert_rows(con, "kin_ageless", rows)
    con.execute(
        "UPDATE kin_reached r SET ageless = a.ageless FROM kin_ageless a"
        " WHERE a.told = r.told AND a.ageless <> r.told"
    )


def _known(con: duckdb.DuckDBPyConnection, tellings: Tellings, reach: Reach) -> None:
    """Make ``kin_known`` and ``kin_ego_known`` (node, known), ``kin_nearest`` and ``kin_hubs``.

    ``known``: whether spouse and natural parents stand in a source; ``kin_nearest``: who they are,
    for those whose relatives are looked for.
    """
    married, parents = _numbers(tellings, "S"), _numbers(tellings, "P")
    fathers, mothers = (_numbers(tellings, "P", "natural", sex) for sex in ("男", "女"))
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_known AS
        SELECT src AS node, count(*) AS links,
               bit_or(CASE WHEN told IN ({married}) THEN {SPOUSE_KNOWN}::TINYINT
                           WHEN told IN ({fathers}) THEN {FATHER_KNOWN}::TINYINT
                           WHEN told IN ({mothers}) THEN {MOTHER_KNOWN}::TINYINT
                           ELSE 0::TINYINT END) AS known
        FROM kin_links GROUP BY src
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_ego_known AS
        SELECT g.node, coalesce(k.known, 0)::TINYINT AS known
        FROM kin_egos g LEFT JOIN kin_known k USING (node)
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_nearest AS
        SELECT DISTINCT src AS ego, dst AS node FROM kin_links l SEMI JOIN kin_egos g ON g.node = l.src
        WHERE told IN ({married}, {parents})
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_hubs AS
        SELECT src AS node FROM kin_links
        WHERE src IN (SELECT node FROM kin_known WHERE links > {reach.hub_limit})
        GROUP BY src HAVING count(DISTINCT dst) > {reach.hub_limit}
        """
    )


def _step(con: duckdb.DuckDBPyConnection, tellings: Tellings, n: int, edges: list[str]) -> bool:
    """Walk one link farther; whether anybody was reached."""
    behind, this = edges[: n - 1], edges[n - 1]
    _ask(con, tellings, n)
    # What a chain at least as sure has told. NOT IN a list of keys, since the engine takes an anti
    # join for one of equals and builds its table of the many wide rows instead.
    seen = [
        f"AND (rank > {rank} OR hash(ego, node, ageless) NOT IN"
        f" (SELECT hash(ego, node, ageless) FROM kin_reached WHERE rank = {rank}))"
        for rank in _RANKS
    ]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kin_ahead AS
        WITH ahead AS (
            SELECT f.ego, l.dst AS node, j.comes_to AS told, j.ageless, j.unaged,
                   least(f.rank, l.rank) AS rank, f.chance * l.chance AS chance,
                   nullif(greatest(coalesce(f.start_date, '-infinity'::DATE),
                                   coalesce(l.start_date, '-infinity'::DATE)), '-infinity'::DATE)
                       AS start_date,
                   nullif(least(coalesce(f.end_date, 'infinity'::DATE),
                                coalesce(l.end_date, 'infinity'::DATE)), 'infinity'::DATE)
                       AS end_date,
                   {", ".join(f"f.{e}" for e in behind)}, l.edge AS {this}
            FROM (SELECT r.*, k.known FROM kin_reached r JOIN kin_ego_known k ON k.node = r.ego
                  WHERE r.n = {n - 1} AND r.told IN (SELECT a FROM kin_joins)
                    AND r.node NOT IN (SELECT node FROM kin_hubs)) f
            JOIN (FROM kin_links WHERE told IN (SELECT b FROM kin_joins)) l ON l.src = f.node
            JOIN kin_joins j ON j.a = f.told AND j.b = l.told AND j.known = f.known
            -- Two doubtful identities in a row tie strangers together.
            WHERE l.dst <> f.ego AND greatest(f.rank, l.rank) = 3)
        SELECT a.*, {_order([*behind, this])} FROM ahead a
        WHERE (start_date IS NULL OR end_date IS NULL OR start_date <= end_date)
          AND hash(ego, node) NOT IN (SELECT hash(ego, node) FROM kin_nearest)
          {" ".join(seen)}
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_level AS
        SELECT a.* EXCLUDE (place, unaged) FROM kin_ahead a JOIN (
            SELECT ego, node, ageless, min(place) AS place FROM kin_ahead GROUP BY ALL) b
        ON b.ego = a.ego AND b.node = a.node AND b.ageless = a.ageless AND b.place = a.place
        """
    )
    _settle_children(con, tellings)
    con.execute(f"INSERT INTO kin_reached BY NAME SELECT *, {n} AS n FROM kin_level")
    found = con.execute("SELECT count(*) FROM kin_level").fetchall()[0][0]
    con.execute("DROP TABLE kin_level")
    con.execute("DROP TABLE kin_ahead")
    return bool(found)


def _ask(con: duckdb.DuckDBPyConnection, tellings: Tellings, n: int) -> None:
    """Make ``kin_joins``: what each telling reached and each link's telling come to."""
    reached = con.execute(
        f"SELECT DISTINCT told FROM kin_reached WHERE n = {n - 1} ORDER BY 1"
    ).fetchall()
    links = con.execute("SELECT DISTINCT told FROM kin_links ORDER BY 1").fetchall()
    answers = []
    for (a,) in reached:
        for (b,) in links:
            told = join(tellings.all[a], tellings.all[b])
            if told is None:
                continue
            for known in _KNOWN:
                settled = settle(told, known)
                if settled is not None:
                    answers.append((a, b, known, *tellings.row(settled)))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kin_joins (a SMALLINT, b SMALLINT, known TINYINT,"
        " comes_to SMALLINT, ageless SMALLINT, unaged TINYINT)"
    )
    if answers:
        insert_rows(con, "kin_joins", answers)


def _settle_children(con: duckdb.DuckDBPyConnection, tellings: Tellings) -> None:
    """Take children that have another parent for stepchildren, or for nobody's concern."""
    doubtful = [n for n, told in enumerate(tellings.all) if told.doubt and "C" in told.shapes]
    if not doubtful:
        return
    sexes: tuple[Sex | None, ...] = ("男", "女", None)
    rows = []
    for number in doubtful:
        for sex in sexes:
            for known in _KNOWN:
                settled = settle_child(tellings.all[number], sex, known)
                told, ageless = (None, None) if settled is None else tellings.row(settled)[:2]
                rows.append((number, sex, known, told, ageless))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kin_children (told SMALLINT, sex VARCHAR, known TINYINT,"
        " comes_to SMALLINT, ageless SMALLINT)"
    )
    insert_rows(con, "kin_children", rows)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE kin_settled AS
        SELECT l.ego, l.node, l.told, c.comes_to, c.ageless FROM kin_level l
        JOIN kin_egos g ON g.node = l.ego
        LEFT JOIN kin_known k ON k.node = l.node
        JOIN kin_children c ON c.told = l.told AND c.sex IS NOT DISTINCT FROM g.sex
         AND c.known = coalesce(k.known, 0)
        """
    )
    same = "s.ego = l.ego AND s.node = l.node AND s.told = l.told"
    con.execute(f"DELETE FROM kin_level l USING kin_settled s WHERE {same} AND s.comes_to IS NULL")
    con.execute(
        f"UPDATE kin_level l SET told = s.comes_to, ageless = s.ageless FROM kin_settled s WHERE {same}"
        " AND s.comes_to <> s.told"
    )
    # Settled, a chain may tell what a shorter one has told.
    con.execute(
        """
        DELETE FROM kin_level l USING kin_settled s, kin_reached r
        WHERE s.ego = l.ego AND s.node = l.node AND s.comes_to = l.told AND s.comes_to <> s.told
          AND r.ego = l.ego AND r.node = l.node AND r.ageless = l.ageless AND r.rank >= l.rank
        """
    )
