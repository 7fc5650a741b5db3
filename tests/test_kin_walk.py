"""The walk over kinship facts: what it finds is what genealogy and the algebra say, and no more."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.kin_walk import Reach, Tellings, link_up, walk
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

TERMS = {
    ("P", "男"): "父亲", ("P", "女"): "母亲", ("C", "男"): "儿子", ("C", "女"): "女儿",
    ("S", "男"): "丈夫", ("S", "女"): "妻子", ("B", "男"): "兄弟", ("B", "女"): "姐妹",
}  # fmt: skip


@dataclass
class Families:
    """Made-up people: sex, parents and spouse by person; everybody marries once."""

    sex: list[Sex] = field(default_factory=list)
    parents: dict[int, tuple[int, int]] = field(default_factory=dict)
    spouse: dict[int, int] = field(default_factory=dict)

    def ways(self, person: int, letter: str) -> set[int]:
        """Parents, children, spouse or siblings."""
        if letter == "P":
            return set(self.parents.get(person, ()))
        if letter == "C":
            return {c for c, both in self.parents.items() if person in both}
        if letter == "S":
            return {self.spouse[person]} if person in self.spouse else set()
        own = self.parents.get(person)
        return {c for c, both in self.parents.items() if own and both == own and c != person}

    def along(self, ego: int, shape: str) -> set[int]:
        """Who stands at the end of a shape, nobody met twice."""
        ends = {(ego,)}
        for letter in shape:
            ends = {
                (*path, other)
                for path in ends
                for other in self.ways(path[-1], letter)
                if other not in path
            }
        return {path[-1] for path in ends}

    def facts(self) -> list[tuple[int, int, str]]:
        """Every parent, child, spouse and sibling fact."""
        return [
            (person, other, TERMS[letter, self.sex[other]])
            for person in range(len(self.sex))
            for letter in "PCSB"
            for other in sorted(self.ways(person, letter))
        ]


def families(seed: int, founders: int = 8, generations: int = 4) -> Families:
    rng = random.Random(seed)
    made = Families()
    living = [_born(made, rng) for _ in range(founders)]
    for _ in range(generations):
        men = [p for p in living if made.sex[p] == "男"]
        women = [p for p in living if made.sex[p] == "女"]
        rng.shuffle(women)
        living = []
        for man, woman in zip(men, women, strict=False):
            if made.parents.get(man) == made.parents.get(woman) and man in made.parents:
                continue
            made.spouse[man], made.spouse[woman] = woman, man
            for _ in range(rng.choice((0, 1, 2, 3))):
                child = _born(made, rng)
                made.parents[child] = (man, woman)
                living.append(child)
    return made


def _born(made: Families, rng: random.Random) -> int:
    made.sex.append(rng.choice(("男", "女")))
    return len(made.sex) - 1


def walked(
    facts: list[tuple[int, int, str]],
    egos: dict[int, Sex | None],
    reach: Reach | None = None,
    more: dict[int, tuple[date | None, date | None, int]] | None = None,
) -> tuple[list[tuple[int, int, Told]], duckdb.DuckDBPyConnection]:
    """Rows (ego, node, telling without ages) of ``kin_reached``; ``more``: dates and rank by fact."""
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE facts (edge BIGINT, src VARCHAR, dst VARCHAR, term VARCHAR, start_date DATE,"
        " end_date DATE, rank TINYINT, chance DOUBLE)"
    )
    rows = []
    for number, (src, dst, written) in enumerate(facts):
        start, end, rank = (more or {}).get(number, (None, None, 3))
        rows.append(
            (number, str(src), str(dst), written, start, end, rank, 1.0 if rank == 3 else 0.9)
        )
    insert_rows(con, "facts", rows)
    con.execute("CREATE TABLE names (person INTEGER, node UBIGINT)")
    people = sorted({person for src, dst, _ in facts for person in (src, dst)})
    con.execute("INSERT INTO names SELECT p, hash(p::VARCHAR) FROM unnest(?) t(p)", [people])
    con.execute("CREATE TEMP TABLE kin_sexes (entity VARCHAR, sex VARCHAR)")
    insert_rows(con, "kin_sexes", [(str(p), sex) for p, sex in egos.items()])
    con.execute("CREATE TEMP TABLE kin_egos AS SELECT hash(entity) AS node, sex FROM kin_sexes")
    tellings = Tellings()
    link_up(con, tellings, "FROM facts")
    walk(con, tellings, reach or Reach())
    found = con.execute(
        "SELECT e.person, n.person, r.ageless FROM kin_reached r"
        " JOIN names e ON e.node = r.ego JOIN names n ON n.node = r.node ORDER BY ALL"
    ).fetchall()
    return [(ego, node, tellings.all[told]) for ego, node, told in found], con


SHAPES = {
    "夫妻": ("S",),
    "直系血亲": ("P", "PP", "PPP", "PPPP", "C", "CC", "CCC", "CCCC"),
    "三代以内旁系血亲": ("B", "PB", "BC", "PBC"),
    "近姻亲": ("SP", "SB", "SBS", "CS", "CSP", "BS", "PBS", "BCS", "PBCS"),
}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_all_near_relatives_of_everybody_and_nobody_else(seed: int) -> None:
    made = families(seed)
    egos: dict[int, Sex | None] = dict(enumerate(made.sex))
    rows, _ = walked(made.facts(), egos)
    found = {(ego, node, told.named()[1]) for ego, node, told in rows}
    wanted = {
        (ego, node, kind)
        for ego in egos
        for kind, shapes in SHAPES.items()
        for shape in shapes
        for node in made.along(ego, shape)
    }
    assert {pair[:2] for pair in found} == {pair[:2] for pair in wanted}
    # Who is kin in two ways (cousins' marriages) may be told by the nearer alone.
    assert found <= wanted


def told_by_the_algebra(
    facts: list[tuple[int, int, str]], egos: dict[int, Sex | None], most_links: int
) -> set[tuple[int, int, Told]]:
    """What every chain of links comes to, one person and one chain after the other."""
    links: dict[int, list[tuple[int, Told]]] = defaultdict(list)
    for src, dst, written in facts:
        told = link(written, egos.get(src), egos.get(dst))
        assert told is not None
        links[src].append((dst, told))

    def known(person: int) -> int:
        bits = 0
        for _, told in links[person]:
            if told.shapes == {"S"}:
                bits |= SPOUSE_KNOWN
            elif told.shapes == {"P"} and told.readings[0].tie == "natural":
                bits |= {"男": FATHER_KNOWN, "女": MOTHER_KNOWN, None: 0}[told.readings[0].sex]
        return bits

    def chains(ego: int) -> Iterator[tuple[int, Told]]:
        nearest = {dst for dst, told in links[ego] if told.shapes in ({"S"}, {"P"})}
        now = {(dst, told) for dst, told in links[ego] if told.near}
        yield from now
        for _ in range(most_links - 1):
            ahead = set()
            for node, told in now:
                for dst, step in links[node]:
                    come = join(told, step)
                    come = settle(come, known(ego)) if come else None
                    if come and dst != ego and dst not in nearest:
                        come = settle_child(come, egos[ego], known(dst))
                    if come and dst != ego and dst not in nearest:
                        ahead.add((dst, come))
            yield from ahead
            now = ahead

    return {(ego, node, told.without_ages()) for ego in egos for node, told in chains(ego)}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), kept=st.floats(0.3, 1.0))
def test_it_says_what_the_algebra_says_of_every_chain(seed: int, kept: float) -> None:
    """On facts of which some are missing, so that readings stay open and places untaken."""
    rng = random.Random(seed)
    made = families(seed, founders=6, generations=3)
    whole = made.facts()
    pairs = {frozenset(f[:2]) for f in whole}
    told = {pair for pair in sorted(pairs, key=sorted) if rng.random() < kept}
    facts = [f for f in whole if frozenset(f[:2]) in told]
    egos: dict[int, Sex | None] = dict(enumerate(made.sex))
    rows, _ = walked(facts, egos)
    assert set(rows) == told_by_the_algebra(facts, egos, Reach().most_links)


def named(rows: list[tuple[int, int, Told]], ego: int) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for src, node, told in rows:
        if src == ego:
            found[node].add(told.named()[0])
    return found


def test_second_marriages() -> None:
    """1 is ego's father, 2 his wife, 3 her child; 4 ego's mother, 5 the wife's mother."""
    facts = [(0, 1, "父亲"), (1, 0, "儿子"), (1, 2, "妻子"), (2, 1, "丈夫"), (2, 3, "儿子"),
             (3, 2, "母亲"), (2, 5, "母亲"), (5, 2, "女儿")]  # fmt: skip
    rows, _ = walked(facts, {0: "男", 1: "男"})
    assert named(rows, 0)[2] == {"母亲或继母"}
    assert 5 not in named(rows, 0)
    assert named(rows, 1)[3] == {"儿子或继子"}
    mothers = [(0, 4, "母亲"), (4, 0, "儿子"), (3, 6, "父亲"), (6, 3, "儿子")]
    rows, _ = walked([*facts, *mothers], {0: "男", 1: "男", 4: "女"})
    assert named(rows, 0)[2] == {"继母"}
    assert named(rows, 1)[3] == {"继子"}
    assert 1 not in named(rows, 4)  # a child in common is no marriage


def test_step_ties_lead_nowhere_and_adoption_ends_natural_ones() -> None:
    step = [(0, 1, "继父"), (1, 0, "继子"), (1, 2, "弟弟"), (2, 1, "哥哥")]
    rows, _ = walked(step, {0: "男"})
    assert set(named(rows, 0)) == {1}
    adopted = [
        (0, 1, "养父"),
        (1, 0, "养子"),
        (1, 2, "弟弟"),
        (0, 3, "父亲"),
        (3, 4, "弟弟"),
        (3, 0, "儿子"),
    ]
    rows, _ = walked(adopted, {0: "男"})
    assert named(rows, 0) == {1: {"养父"}, 2: {"养伯叔父"}}


def test_a_place_that_is_taken_rules_readings_out() -> None:
    facts = [(0, 1, "祖父"), (1, 2, "儿子"), (0, 3, "岳父"), (3, 4, "女儿")]
    rows, _ = walked(facts, {0: "男"})
    assert named(rows, 0)[2] == {"父亲或伯叔父"}
    assert named(rows, 0)[4] == {"妻子或妻姐妹"}
    rows, _ = walked([*facts, (0, 5, "父亲"), (0, 6, "妻子")], {0: "男"})
    assert named(rows, 0)[2] == {"伯叔父"}
    assert named(rows, 0)[4] == {"妻姐妹"}


def test_dates_of_all_links_bound_the_chain() -> None:
    facts = [(0, 1, "妻子"), (1, 2, "哥哥"), (2, 3, "妻子")]
    first, last = (date(2001, 1, 1), date(2010, 1, 1)), (date(2005, 1, 1), None)
    _, con = walked(facts, {0: "男"}, more={0: (*first, 3), 2: (*last, 3)})
    query = "SELECT start_date, end_date FROM kin_reached WHERE n = 3"
    assert con.execute(query).fetchall() == [(date(2005, 1, 1), date(2010, 1, 1))]
    _, con = walked(facts, {0: "男"}, more={0: (*first, 3), 2: (date(2012, 1, 1), None, 3)})
    assert con.execute(query).fetchall() == []


@pytest.mark.parametrize(("ranks", "reached"), [((3, 2), True), ((2, 2), False), ((1, 3), True)])
def test_one_doubtful_identity_a_chain(ranks: tuple[int, int], reached: bool) -> None:
    facts = [(0, 1, "妻子"), (1, 2, "哥哥")]
    more = {n: (None, None, rank) for n, rank in enumerate(ranks)}
    rows, con = walked(facts, {0: "男"}, more=more)
    assert (2 in named(rows, 0)) is reached
    if reached:
        assert con.execute("SELECT rank FROM kin_reached WHERE n = 2").fetchall() == [(min(ranks),)]


def test_nobody_is_reached_through_a_hub() -> None:
    facts = [(0, 1, "弟弟"), *((1, n, "儿子") for n in range(2, 9))]
    rows, con = walked(facts, {0: "男"}, Reach(hub_limit=6))
    assert set(named(rows, 0)) == {1}
    assert con.execute("SELECT count(*) FROM kin_hubs").fetchall() == [(1,)]
    rows, _ = walked(facts, {0: "男"}, Reach(hub_limit=7))
    assert set(named(rows, 0)) == set(range(1, 9))
