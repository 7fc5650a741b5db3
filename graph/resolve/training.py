"""How often one person's references agree, and how often two persons' do, counted where it is known.

References under one sound number are certainly one person's: they are labelled truth that every
delivery with numbers brings along. Where it is small, the priors below hold nearly alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import duckdb

_WEIGHT = 50.0
"""Pairs of the data that weigh as much as a prior: with a thousand the data speak for themselves."""

_SAMPLE = 20_000
"""People whose references are counted: enough for three digits of any rate above."""


@dataclass(frozen=True)
class Rates:
    """Chances (0 to 1) on which the model rests; the defaults are priors.

    Parameters
    ----------
    same_phone, same_account, same_household, same_employer, same_village : float
        That two departments write the same for one person, both having written something (``m``).
        People change telephones and cards oftener than houses.
    other_household, other_employer, other_village, other_township : float
        That two persons share it (``u``). A county has hundreds of villages in about twelve
        townships.
    in_office : float
        That a person holds an office or post that the data show (``u``).
    coverage : float
        That a person known without number in one table is also known by number in another.
    people : int
        Distinct people of the data.
    """

    same_phone: float = 0.8
    same_account: float = 0.8
    same_household: float = 0.8
    same_employer: float = 0.6
    same_village: float = 0.85
    other_household: float = 0.001
    other_employer: float = 0.01
    other_village: float = 0.02
    other_township: float = 0.1
    in_office: float = 0.03
    coverage: float = 0.5
    people: int = 0

    def as_text(self) -> dict[str, str]:
        """Every rate, rounded, for ``main.meta``."""
        return {name: f"{value:.6g}" for name, value in asdict(self).items()}


_PRIORS = Rates()
_MOST_COVERED = 0.95
_MOST_SURE = {"phone": 0.9, "account": 0.9, "employer": 0.9, "household": 0.98, "village": 0.95}
"""However well departments agree: a firm's telephone stands beside a person's name, people have
several cards and posts, and live elsewhere than they are registered."""

_LEAST_SHARED = 1e-5


def train(con: duckdb.DuckDBPyConnection) -> Rates:
    """Rates of the data, drawn towards the priors where the data are few.

    Parameters
    ----------
    con : DuckDBPyConnection
        With ``p_refs``.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE p_sample AS
        WITH numbers AS (
            SELECT DISTINCT full_number FROM p_refs
            WHERE full_number IS NOT NULL AND NOT conflict),
        few AS (FROM numbers ORDER BY hash(full_number), full_number LIMIT {_SAMPLE})
        SELECT full_number, party, phone, account, household, employer, village, township,
               in_office
        FROM p_refs SEMI JOIN few USING (full_number)
        """
    )
    found = {"coverage": _coverage(con), "in_office": _in_office(con)}
    for what in ("phone", "account", "household", "employer", "village"):
        same = _agreement(con, what, getattr(_PRIORS, f"same_{what}"))
        found[f"same_{what}"] = min(same, _MOST_SURE[what])
    for what in ("household", "employer", "village", "township"):
        other = _chance(con, what, getattr(_PRIORS, f"other_{what}"))
        found[f"other_{what}"] = max(other, _LEAST_SHARED)
    return replace(_PRIORS, people=_people(con), **found)


def _people(con: duckdb.DuckDBPyConnection) -> int:
    counted: int = con.execute("SELECT count(DISTINCT full_number) FROM p_refs").fetchall()[0][0]
    return counted


def _in_office(con: duckdb.DuckDBPyConnection) -> float:
    people, office = con.execute(
        "SELECT count(*), count(*) FILTER (WHERE office) FROM "
        "(SELECT bool_or(in_office) AS office FROM p_sample GROUP BY full_number)"
    ).fetchall()[0]
    return float((office + _PRIORS.in_office * _WEIGHT) / (people + _WEIGHT))


def _coverage(con: duckdb.DuckDBPyConnection) -> float:
    """Share of the numbers of every table but the largest that another table has too."""
    known, total = con.execute(
        """
        WITH held AS (SELECT DISTINCT full_number, party FROM p_sample),
        largest AS (SELECT party FROM held GROUP BY party ORDER BY count(*) DESC, party LIMIT 1),
        spread AS (SELECT *, count(*) OVER (PARTITION BY full_number) AS tables FROM held)
        SELECT count(*) FILTER (WHERE tables > 1), count(*) FROM spread
        WHERE party NOT IN (FROM largest)
        """
    ).fetchall()[0]
    return min((known + _PRIORS.coverage * _WEIGHT) / (total + _WEIGHT), _MOST_COVERED)


def _agreement(con: duckdb.DuckDBPyConnection, what: str, prior: float) -> float:
    agree, pairs = con.execute(
        f"""
        WITH held AS (SELECT DISTINCT full_number, party, {what} AS v FROM p_sample
                      WHERE {what} IS NOT NULL AND NOT contains({what}, '*'))
        SELECT count(*) FILTER (WHERE a.v = b.v), count(*)
        FROM held a JOIN held b ON a.full_number = b.full_number AND a.party < b.party
        """
    ).fetchall()[0]
    return float((agree + prior * _WEIGHT) / (pairs + _WEIGHT))


def _chance(con: duckdb.DuckDBPyConnection, what: str, prior: float) -> float:
    """Chance that two of the people share a value, and the prior's weight of people beside."""
    people, pairs = con.execute(
        f"""
        WITH held AS (SELECT DISTINCT full_number, {what} AS v FROM p_sample WHERE {what} IS NOT NULL),
        sizes AS (SELECT count(*) AS n FROM held GROUP BY v)
        SELECT (SELECT count(DISTINCT full_number) FROM held), coalesce(sum(n * (n - 1)), 0) FROM sizes
        """
    ).fetchall()[0]
    shared = pairs / (people * (people - 1)) if people > 1 else 0.0
    return float((shared * people + prior * _WEIGHT) / (people + _WEIGHT))
