"""Kinship facts as links in numbers: who is what to whom, by which edge, since when, how surely."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from graph.kinship import Sex
from graph.kinship.chains import Told, link
from ingest.rows import insert_rows


@dataclass
class Tellings:
    """What links and chains tell, each numbered once."""

    all: list[Told] = field(default_factory=list)
    _numbers: dict[Told, int] = field(default_factory=dict)
    _rows: dict[Told, tuple[int, int, int]] = field(default_factory=dict)

    def number(self, told: Told) -> int:
        """Number of a telling, new or known."""
        if told not in self._numbers:
            self._numbers[told] = len(self.all)
            self.all.append(told)
        return self._numbers[told]

    def row(self, told: Told) -> tuple[int, int, int]:
        """Number, number of the same without ages, and how many steps lack an age."""
        if told not in self._rows:
            ageless = self.number(told.without_ages())
            self._rows[told] = self.number(told), ageless, 0 if told.ages else 1
        return self._rows[told]


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
    con.execute("DROP VIEW kin_facts")
    _one_marriage_once(con, tellings)
    _adopted(con, tellings)


def numbers_of(
    tellings: Tellings, shape: str, tie: str | None = None, sex: str | None = None
) -> str:
    """SQL list of the tellings of one reading of this shape, and of this tie and sex if given."""
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
    married = numbers_of(tellings, "S")
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
        SELECT DISTINCT src AS node FROM kin_links WHERE told IN ({numbers_of(tellings, "P", "adoptive")})
        """
    )
    for end, shape in (("src", "P"), ("dst", "C")):
        con.execute(
            f"""
            DELETE FROM kin_links l USING kin_adopted a
            WHERE l.{end} = a.node AND l.told IN ({numbers_of(tellings, shape, "natural")})
            """
        )
