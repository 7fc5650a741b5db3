"""Who stands behind a firm: direct ties and holdings through layers of firms."""

from __future__ import annotations

from typing import Any

import ibis

DIRECT = ("legal_representative", "officer", "shareholder")


def company_ties(snapshot: Any, firms: Any, max_layers: int, least_share: float) -> Any:
    """List the people tied to firms, directly or through firms that hold them.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    firms : ibis table
        Entity ids in its column ``company``, each once.
    max_layers : int
        Holdings on the longest chain, the person's own included.
    least_share : float
        Least effective share (0–1), multiplied along the chain; a tie without a share, such as a
        legal representative's, counts as the whole of the firm it is in, an unknown share as itself.

    Returns
    -------
    ibis table
        ``company``, ``person``, ``chain`` (edge ids from the person's own to the last holding, each
        followed by a comma: text groups and joins on every engine, arrays don't),
        ``share`` (effective, null where a share is unknown or the tie is direct and has none).

    Notes
    -----
    Shares multiply along a chain: 60% of a firm that holds 50% is 30%.
    """
    edges = snapshot.edges
    held = edges.filter((edges.kind == "shareholder") & edges.src.startswith("c-")).select(
        holder="src", holding="dst", held_share="share", held_edge="edge"
    )
    layer = firms.select(
        company=firms.company,
        top=firms.company,
        chain=ibis.literal(""),
        share=ibis.literal(1.0),
    )
    layers = [layer]
    for _ in range(max_layers - 1):
        step = layer.join(held, layer.top == held.holding)
        layer = step.filter(step.holder != step.company).select(
            company="company",
            top="holder",
            chain=step.held_edge.cast("string") + "," + step.chain,
            share=step.share * step.held_share,
        )
        layers.append(layer)
    tops = ibis.union(*layers) if len(layers) > 1 else layer
    people = edges.filter(edges.kind.isin(DIRECT) & edges.src.startswith("p-")).select(
        person="src", firm="dst", tie_kind="kind", own_share="share", own_edge="edge"
    )
    tied = tops.join(people, tops.top == people.firm)
    own = ibis.cases((tied.tie_kind == "shareholder", tied.own_share), else_=1.0)
    effective = tied.share * own
    ties = tied.select(
        company="company",
        person="person",
        chain=tied.own_edge.cast("string") + "," + tied.chain,
        share=effective,
    )
    return ties.filter(ties.share.isnull() | (ties.share >= least_share))


def edge_ids(chain: str) -> list[int]:
    """Read the edge ids of a chain.

    Examples
    --------
    >>> edge_ids("7,12,")
    [7, 12]
    """
    return [int(part) for part in chain.split(",") if part]
