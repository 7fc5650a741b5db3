"""Walking to parties that may be the same, without ever merging them."""

from __future__ import annotations

from typing import Any

import ibis


def aliases(snapshot: Any, parties: Any, most_namesakes: int) -> Any:
    """Pair each party with itself and with those it may be the same as.

    A link that rests on the name alone is walked only where the name is rare: 张伟 proves nothing.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    parties : ibis table
        Entity ids in its column ``entity``, each once.
    most_namesakes : int
        Name-only links are left out when more numbered parties than this bear the name.

    Returns
    -------
    ibis table
        ``entity``, ``other``, ``identity``, ``probability``; each entity also with itself, certain.
    """
    own = parties.select(
        entity=parties.entity,
        other=parties.entity,
        identity=ibis.literal("certain"),
        probability=ibis.literal(1.0),
    )
    same = snapshot.same_as.select("entity", "other", "identity", "probability")
    near = same.semi_join(parties, "entity")
    known = snapshot.entities.filter(lambda t: t.number.notnull())
    bearers = known.group_by("kind", "name").agg(bearers=lambda t: t.count())
    named = snapshot.entities.select("entity", "kind", "name")
    counted = (
        near.join(named, "entity")
        .left_join(bearers, ["kind", "name"])
        .select("entity", "other", "identity", "probability", "bearers")
    )
    walked = counted.filter(
        (counted.identity != "name_only") | (counted.bearers.fill_null(0) <= most_namesakes)
    ).select("entity", "other", "identity", "probability")
    return own.union(walked, distinct=False)


def certain_pairs(links: Any, *columns: str) -> Any:
    """Keep the rows in which at most one of several identity columns is not certain.

    Two doubtful joins in a row tie strangers together.

    Parameters
    ----------
    links : ibis table
    *columns : str
        Names of its identity columns.
    """
    doubtful = sum((links[c] != "certain").cast("int8") for c in columns)
    return links.filter(doubtful <= 1)
