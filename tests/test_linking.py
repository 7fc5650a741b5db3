"""Clusters under constraints: never two numbers, never against a decision, whatever the order."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graph.resolve.linking import Link, cluster, strengths

GROUPS = [f"g{i}" for i in range(8)]
_ends = st.tuples(st.sampled_from(GROUPS), st.sampled_from(GROUPS)).filter(lambda p: p[0] != p[1])
_links = st.lists(
    st.builds(
        lambda ends, probability, certain: Link(*ends, probability, certain),
        _ends,
        st.sampled_from([0.9, 0.93, 0.99, 1.0]),
        st.booleans(),
    ),
    max_size=14,
)
_numbers = st.dictionaries(st.sampled_from(GROUPS), st.sampled_from(["1", "2", "3"]))
_apart = st.lists(_ends, max_size=4)


def _members(root: dict[str, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for group, head in root.items():
        found.setdefault(head, set()).add(group)
    return found


@given(_links, _numbers, _apart)
def test_a_cluster_holds_one_number_and_nobody_kept_apart(
    links: list[Link], numbers: dict[str, str], apart: list[tuple[str, str]]
) -> None:
    found = cluster(links, numbers, apart)
    for members in _members(dict(found.root)).values():
        assert len({numbers[m] for m in members if m in numbers}) <= 1
        assert not any(a in members and b in members for a, b in apart)


@given(_links, _numbers, _apart)
def test_clusters_are_the_components_of_the_links_taken(
    links: list[Link], numbers: dict[str, str], apart: list[tuple[str, str]]
) -> None:
    """networkx is the oracle: taken links give the clusters, refused ones would break them."""
    found = cluster(links, numbers, apart)
    graph = nx.Graph([(link.a, link.b) for link in found.used])
    graph.add_nodes_from(found.root)
    components = {frozenset(c) for c in nx.connected_components(graph)}
    assert components == {frozenset(m) for m in _members(dict(found.root)).values()}
    assert nx.is_forest(graph) if graph else not links
    for link, why in found.refused:
        both = nx.node_connected_component(graph, link.a) | nx.node_connected_component(
            graph, link.b
        )
        two = len({numbers[m] for m in both if m in numbers}) > 1
        held = any(a in both and b in both for a, b in apart)
        assert two if why == "numbers" else held


@given(_links)
def test_without_constraints_all_that_is_linked_is_one(links: list[Link]) -> None:
    graph = nx.Graph([(link.a, link.b) for link in links])
    expected = {frozenset(c) for c in nx.connected_components(graph)}
    found = cluster(links, {})
    assert {frozenset(m) for m in _members(dict(found.root)).values()} == expected
    assert found.refused == ()


@given(_links, _numbers, _apart, st.randoms())
def test_the_order_of_links_does_not_matter(
    links: list[Link], numbers: dict[str, str], apart: list[tuple[str, str]], random: object
) -> None:
    shuffled = list(links)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cluster(links, numbers, apart).root == cluster(shuffled, numbers, apart).root


def test_the_stronger_of_two_rivals_is_taken() -> None:
    links = [Link("loose", "one", 0.91), Link("loose", "other", 0.97)]
    found = cluster(links, {"one": "1", "other": "2"})
    assert found.root["loose"] == found.root["other"] != found.root["one"]
    assert [(link.b, why) for link, why in found.refused] == [("one", "numbers")]


def test_what_an_analyst_decided_comes_first_but_not_above_numbers() -> None:
    links = [Link("loose", "one", 0.99), Link("loose", "other", 0.5, certain=True)]
    found = cluster(links, {"one": "1", "other": "2"})
    assert found.root["loose"] == found.root["other"]
    found = cluster([Link("one", "other", 1.0, certain=True)], {"one": "1", "other": "2"})
    assert found.used == ()
    assert found.refused[0][1] == "numbers"


def test_a_chain_is_as_sure_as_all_its_links() -> None:
    links = [Link("a", "b", 0.9), Link("b", "c", 0.9), Link("a", "d", 1.0, certain=True)]
    tree: dict[str, list[Link]] = {}
    for link in links:
        tree.setdefault(link.a, []).append(link)
        tree.setdefault(link.b, []).append(link)
    found = strengths("a", tree)
    assert found["c"] == (0.81, False)
    assert found["d"] == (1.0, True)
