"""Near relatives of 20,000 officials among 1,000,000 residents, beside a rough join.

``python -m benchmarks.kin make FOLDER``, then ``tanwei FOLDER`` or ``rough FOLDER``: each prints
the pairs found and, last, the seconds from the facts at rest to the pairs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
import numpy as np

from graph.kin_walk import Reach, Tellings, link_up, walk

RESIDENTS = 1_000_000
FACTS = 3_000_000
OFFICIALS = 20_000
_SEED = 20
_GENERATIONS = 5
_MEMORY = "1600MB"


def make(folder: Path) -> None:
    """Write ``facts.parquet`` (both ways: src, dst, term, dates) and ``officials.parquet``.

    Four generations: founders marry each other, their children in random couples, each couple has
    one to four children. Parents, spouses and siblings are facts until there are ``FACTS``; one
    marriage in twelve has ended.
    """
    rng = np.random.default_rng(_SEED)
    sex, father, mother, couples = _families(rng)
    people = len(sex)
    husband, wife = couples
    born = np.flatnonzero(father >= 0)
    by_father = np.argsort(father[born], kind="stable")
    eldest_first = born[by_father]
    same = father[eldest_first][1:] == father[eldest_first][:-1]
    siblings = np.stack([eldest_first[:-1][same], eldest_first[1:][same]])
    for gap in (2, 3):
        apart = father[eldest_first][gap:] == father[eldest_first][:-gap]
        pair = np.stack([eldest_first[:-gap][apart], eldest_first[gap:][apart]])
        siblings = np.hstack([siblings, pair])
    con = duckdb.connect()
    con.register(
        "parents", {"child": np.tile(born, 2), "parent": np.hstack([father[born], mother[born]])}
    )
    con.register("wed", {"husband": husband, "wife": wife, "n": np.arange(len(husband))})
    con.register("brothers", {"one": siblings[0], "other": siblings[1]})
    con.register("people", {"person": np.arange(people), "man": sex})
    name = "printf('p-%016x', hash({}))".format
    ended = "CASE WHEN n % 12 = 0 THEN DATE '2005-01-01' + (n % 6000)::INTEGER END"
    wed = "DATE '1970-01-01' + (n % 12000)::INTEGER"
    con.execute(
        f"""
        CREATE TABLE pairs AS
        WITH once AS (
            SELECT child AS one, parent AS other, 'P' AS kind, NULL::DATE AS a, NULL::DATE AS b FROM parents
            UNION ALL SELECT husband, wife, 'S', {wed}, {ended} FROM wed
            UNION ALL SELECT one, other, 'B', NULL, NULL FROM brothers)
        -- Once in a register; what is left to the number of facts, in a declaration too.
        FROM (SELECT *, 1 AS telling FROM once UNION ALL SELECT *, 2 FROM once)
        ORDER BY telling, hash(one, other) LIMIT {FACTS}
        """
    )
    con.execute(
        f"""
        COPY (
            WITH ways AS (
                SELECT one, other, kind, a, b, telling FROM pairs
                UNION ALL SELECT other, one, CASE kind WHEN 'P' THEN 'C' ELSE kind END, a, b, telling FROM pairs)
            SELECT (hash(one, other, kind, telling) >> 1)::BIGINT AS edge, {name("one")} AS src, {name("other")} AS dst,
                   CASE kind || p.man::INTEGER WHEN 'P1' THEN '父亲' WHEN 'P0' THEN '母亲'
                     WHEN 'C1' THEN '儿子' WHEN 'C0' THEN '女儿' WHEN 'S1' THEN '丈夫'
                     WHEN 'S0' THEN '妻子' WHEN 'B1' THEN '兄弟' ELSE '姐妹' END AS term,
                   a AS start_date, b AS end_date, 3 AS rank, 1.0 AS chance
            FROM ways JOIN people p ON p.person = other)
        TO '{folder}/facts.parquet'
        """
    )
    con.execute(
        f"""
        COPY (SELECT {name("person")} AS entity, CASE WHEN man THEN '男' ELSE '女' END AS sex
              FROM people WHERE person >= {people // 4} AND person < {people * 3 // 4}
              ORDER BY hash(person) LIMIT {OFFICIALS}) TO '{folder}/officials.parquet'
        """
    )


def _families(
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Sex, father and mother by person, -1 for founders' parents; husbands and wives by couple."""
    founders = RESIDENTS // 7
    sex = rng.random(founders) < 0.5
    father = np.full(founders, -1)
    mother = np.full(founders, -1)
    living = np.arange(founders)
    husbands, wives = [], []
    for generation in range(_GENERATIONS):
        men = rng.permutation(living[sex[living]])
        women = rng.permutation(living[~sex[living]])
        couples = int(0.92 * min(len(men), len(women)))
        husbands.append(men[:couples])
        wives.append(women[:couples])
        if generation == _GENERATIONS - 1 or len(sex) >= RESIDENTS:
            break
        children = rng.choice([1, 2, 3, 4], couples, p=[0.2, 0.35, 0.3, 0.15])
        children = children[np.cumsum(children) <= RESIDENTS - len(sex)]
        first, count = len(sex), int(children.sum())
        father = np.hstack([father, np.repeat(men[: len(children)], children)])
        mother = np.hstack([mother, np.repeat(women[: len(children)], children)])
        sex = np.hstack([sex, rng.random(count) < 0.5])
        living = np.arange(first, first + count)
    return sex, father, mother, (np.hstack(husbands), np.hstack(wives))


def _open(folder: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(
        config={"memory_limit": _MEMORY, "threads": 2, "temp_directory": str(folder)}
    )
    con.execute("SET preserve_insertion_order = false")
    for table in ("facts", "officials"):
        con.execute(f"CREATE TABLE {table} AS FROM '{folder}/{table}.parquet'")
    return con


def tanwei(folder: Path) -> None:
    """The walk of ``graph.kin_walk``: every relation by the algebra, with its chain and its dates."""
    con = _open(folder)
    start = time.perf_counter()
    con.execute("CREATE TEMP TABLE kin_sexes (entity VARCHAR, sex VARCHAR)")
    con.execute("CREATE TEMP TABLE kin_egos AS SELECT hash(entity) AS node, sex FROM officials")
    tellings = Tellings()
    link_up(con, tellings, "FROM facts")
    walk(con, tellings, Reach())
    seconds = time.perf_counter() - start
    print(con.execute("SELECT count(DISTINCT (ego, node)) FROM kin_reached").fetchall()[0][0])
    print(f"{seconds:.3f}")


# A shape and the shorter one it goes on from.
_SHAPES = {
    "P": "", "C": "", "S": "", "B": "", "PP": "P", "PPP": "PP", "PPPP": "PPP", "CC": "C", "CCC": "CC",
    "CCCC": "CCC", "PB": "P", "BC": "B", "PBC": "PB", "SP": "S", "SB": "S", "SBS": "SB", "CS": "C",
    "CSP": "CS", "BS": "B", "PBS": "PB", "BCS": "BC", "PBCS": "PBC",
}  # fmt: skip


def rough(folder: Path) -> None:
    """A rough join: one join a shape, no term, no chain, no dates, no ambiguity, divorced included."""
    con = _open(folder)
    start = time.perf_counter()
    con.execute(
        """
        CREATE TEMP TABLE steps AS
        SELECT hash(src) AS src, hash(dst) AS dst, CASE WHEN term IN ('父亲', '母亲') THEN 'P'
            WHEN term IN ('儿子', '女儿') THEN 'C' WHEN term IN ('丈夫', '妻子') THEN 'S' ELSE 'B'
            END AS letter FROM facts
        """
    )
    con.execute(
        "CREATE TEMP TABLE found AS SELECT hash(entity) AS ego, hash(entity) AS node, '' AS shape"
        " FROM officials"
    )
    for length in range(1, max(map(len, _SHAPES)) + 1):
        shapes = ", ".join(
            f"('{a}', '{s[-1]}', '{s}')" for s, a in _SHAPES.items() if len(s) == length
        )
        con.execute(
            f"""
            INSERT INTO found SELECT DISTINCT f.ego, s.dst, n.shape FROM found f
            JOIN steps s ON s.src = f.node
            JOIN (VALUES {shapes}) n(before, letter, shape) ON n.before = f.shape AND n.letter = s.letter
            WHERE s.dst <> f.ego
            """
        )
    count = con.execute(
        "SELECT count(DISTINCT (ego, node)) FROM found WHERE shape <> ''"
    ).fetchall()
    seconds = time.perf_counter() - start
    print(count[0][0])
    print(f"{seconds:.3f}")


def main() -> None:
    """Run one of make, tanwei, rough."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    {"make": make, "tanwei": tanwei, "rough": rough}[what](folder)


if __name__ == "__main__":
    main()
