"""Paths: the joins find what breadth-first search finds, and a path says when it held."""

from __future__ import annotations

from datetime import date

import duckdb
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.paths import Search, reach, simple_paths
from graph.project import between, ego, picture
from graph.snapshot import Snapshot
from ingest.errors import UserError

Edge = tuple[str, str, str, str, date | None, date | None]


def snapshot_of(nodes: dict[str, str], edges: list[Edge], identity: str = "certain") -> Snapshot:
    """A snapshot of nodes (id → kind) and edges (kind, src, dst, term, start, end)."""
    con = duckdb.connect()
    con.execute(
        """
        CREATE TABLE entities (entity VARCHAR, kind VARCHAR, name VARCHAR, number VARCHAR,
            birth_date DATE, sex VARCHAR, detail VARCHAR, n_rows BIGINT);
        CREATE TABLE edges (edge BIGINT, kind VARCHAR, src VARCHAR, dst VARCHAR, term VARCHAR,
            share DOUBLE, amount DECIMAL(18,2), start_date DATE, end_date DATE, identity VARCHAR,
            probability DOUBLE, legal_class VARCHAR, sources STRUCT(t VARCHAR, r BIGINT)[],
            n_sources BIGINT);
        CREATE TABLE same_as (entity VARCHAR, other VARCHAR, identity VARCHAR,
            probability DOUBLE, reason VARCHAR);
        CREATE TABLE meta (key VARCHAR, value VARCHAR);
        CREATE TABLE table_columns (table_name VARCHAR, column_name VARCHAR, filled BIGINT);
        CREATE TABLE sheets (sheet_id INTEGER, file VARCHAR, sheet VARCHAR, table_name VARCHAR,
            header_row INTEGER, currency VARCHAR);
        """
    )
    for node, kind in nodes.items():
        con.execute(
            "INSERT INTO entities (entity, kind, name) VALUES (?, ?, ?)", [node, kind, f"名{node}"]
        )
    for number, (kind, src, dst, term, start, end) in enumerate(edges):
        con.execute(
            "INSERT INTO edges VALUES (?, ?, ?, ?, ?, NULL, NULL, ?, ?, ?, 1.0, NULL,"
            " [{'t': 'x', 'r': 1}], 1)",
            [number, kind, src, dst, term, start, end, identity],
        )
    return Snapshot.from_connection(con)


graphs = st.sets(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] != e[1]), max_size=18
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs, st.integers(1, 5), st.integers(2, 6))
def test_same_pairs_as_breadth_first_search(
    pairs: set[tuple[int, int]], hops: int, limit: int
) -> None:
    nodes = {f"p-{i}": ("phone" if i % 3 == 0 else "person") for i in range(10)}
    edges: list[Edge] = [("kin", f"p-{a}", f"p-{b}", "x", None, None) for a, b in sorted(pairs)]
    oracle = nx.Graph([(src, dst) for _, src, dst, *_ in edges])
    oracle.add_nodes_from(nodes)
    hubs = {n for n in oracle if nodes[n] == "phone" and oracle.degree(n) > limit}
    search = Search(hops, hub_limit=limit, other_hub_limit=100)
    with snapshot_of(nodes, edges) as snapshot:
        found = reach(snapshot, list(nodes), list(nodes), search)
        paths = {
            (s, t): simple_paths(snapshot, s, t, search, limit=1)
            for s, t in [("p-0", "p-1"), ("p-1", "p-2")]
        }
    expected = {}
    for s in nodes:
        for t in nodes:
            allowed = oracle.subgraph(set(nodes) - (hubs - {s, t}))
            if s != t and nx.has_path(allowed, s, t):
                length = nx.shortest_path_length(allowed, s, t)
                if length <= hops:
                    expected[s, t] = length
    got = {(row.source, row.target): row.hops for row in found.pairs.itertuples()}
    assert got == expected
    assert {hub.entity for hub in found.hubs} == hubs
    for pair, listed in paths.items():
        assert [len(p.hops) for p in listed] == ([expected[pair]] if pair in expected else [])


CHAIN = {"p-o": "person", "p-w": "person", "c-f": "company", "l-1": "tender", "u-u": "unit"}


def _chain(married: date | None, divorced: date | None) -> list[Edge]:
    return [
        ("kin", "p-o", "p-w", "妻子", married, divorced),
        ("kin", "p-w", "p-o", "丈夫", married, divorced),
        ("legal_representative", "p-w", "c-f", "法定代表人", date(2018, 1, 1), None),
        ("wins", "c-f", "l-1", "中标", date(2020, 5, 1), date(2020, 5, 1)),
        ("purchases", "u-u", "l-1", "采购", date(2020, 5, 1), date(2020, 5, 1)),
    ]


@pytest.mark.parametrize(
    ("married", "divorced", "holds"),
    [
        (date(2010, 1, 1), None, "yes"),
        (date(2010, 1, 1), date(2017, 1, 1), "no"),
        (None, None, "unknown"),
    ],
)
def test_a_path_says_whether_its_edges_held_together(
    married: date | None, divorced: date | None, holds: str
) -> None:
    with snapshot_of(CHAIN, _chain(married, divorced)) as snapshot:
        (path,) = simple_paths(snapshot, "p-o", "u-u")
    assert path.nodes == ("p-o", "p-w", "c-f", "l-1", "u-u")
    assert [hop.term for hop in path.hops] == ["妻子", "法定代表人", "中标", "采购"]
    assert path.holds == holds
    assert path.unknown_dates == ((0,) if married is None else ())
    assert path.hops[3].forward is False


def test_blood_needs_no_date() -> None:
    edges: list[Edge] = [
        ("kin", "p-o", "p-w", "弟弟", None, None),
        ("legal_representative", "p-w", "c-f", "法定代表人", date(2018, 1, 1), None),
    ]
    with snapshot_of(CHAIN, edges) as snapshot:
        (path,) = simple_paths(snapshot, "p-o", "c-f")
    assert path.holds == "yes"


def test_on_a_date_only_what_held_is_walked() -> None:
    with snapshot_of(CHAIN, _chain(date(2010, 1, 1), date(2019, 6, 1))) as snapshot:
        for day, reached in ((date(2019, 1, 1), True), (date(2020, 5, 1), False)):
            found = reach(snapshot, ["p-o"], ["u-u"], Search(on_date=day))
            assert (len(found.pairs) == 1) is reached


def test_the_weakest_identity_is_the_paths() -> None:
    with snapshot_of(CHAIN, _chain(None, None), identity="probable") as snapshot:
        assert simple_paths(snapshot, "p-o", "c-f")[0].identity == "probable"


def test_neighbourhood_and_picture() -> None:
    with snapshot_of(CHAIN, _chain(date(2010, 1, 1), None)) as snapshot:
        near = ego(snapshot, "p-o", 2)
        assert set(near) == {"p-o", "p-w", "c-f"}
        drawn = picture(near)
        assert [n.key for n in drawn.nodes if n.focus] == ["p-o"]
        assert sum("妻子" in e.label or "丈夫" in e.label for e in drawn.edges) == 1
        # Kinship reads from the middle outwards, whichever way the edge is stored.
        assert all(e.src == "p-o" for e in drawn.edges if "妻子" in e.label or "丈夫" in e.label)
        from_her = picture(ego(snapshot, "p-w", 1))
        assert [e.src for e in from_her.edges if "妻子" in e.label or "丈夫" in e.label] == ["p-w"]
        tie = between(snapshot, "p-o", "u-u")
        assert tie.number_of_nodes() == 5
        with pytest.raises(UserError, match="没有联系"):
            between(snapshot, "p-o", "u-u", max_hops=2)
        with pytest.raises(KeyError):
            ego(snapshot, "p-none")
