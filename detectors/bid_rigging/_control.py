"""Who stands behind bidders, and pairs of bidders behind whom the same one stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

import ibis
import pyarrow as pa

from detectors.detector import Identity
from detectors.evidence import among, holds, records, weakest
from detectors.links import aliases
from detectors.related_party._dealings import near_kin, shapes_of
from graph.holdings import BRANCH, edge_ids

Way = Literal["self", "head", "control", "stake"]
Kind = Literal["head", "holding", "layers", "controller", "stake", "kin"]
"""``head``: one responsible person; ``holding``: one holds the other, directly; ``layers``: through
others; ``controller``: one stands behind both; ``stake``: a direct share that is no majority; ``kin``:
near relatives stand behind them."""

Pair = tuple[str, str]


class ControlSettings(Protocol):
    """The settings of the search."""

    @property
    def max_layers(self) -> int:
        """Most holdings on a chain."""

    @property
    def control_share(self) -> float:
        """Least share, 0–1, of a controlling holder at each step."""

    @property
    def least_stake(self) -> float:
        """Least direct share, 0–1, worth telling."""

    @property
    def most_namesakes(self) -> int:
        """Most numbered bearers of a name that may join by name alone."""

    @property
    def relations(self) -> tuple[str, ...]:
        """Relations that count as near kin."""


@dataclass(frozen=True)
class Link:
    """One way in which two firms belong together.

    ``chains``: edges from whoever stands behind to the first firm and to the second; empty where a
    firm stands behind itself. ``kin``: the edge between two people, for ``kin``. ``joins``: every
    sameness of records that it needs.
    """

    pair: Pair
    kind: Kind
    behind: tuple[str, str]
    chains: tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]
    joins: tuple[tuple[str | None, float | None], ...]
    kin: dict[str, Any] | None = None

    @property
    def edges(self) -> tuple[dict[str, Any], ...]:
        """Every edge that it needs."""
        return (*self.chains[0], *self.chains[1], *((self.kin,) if self.kin else ()))

    @property
    def sureness(self) -> tuple[Identity, float | None]:
        """The weakest of its joins."""
        return weakest(self.joins)

    def held(self, day: date | None) -> bool:
        """Tell whether it held on a day; on a day unknown, whether it never ended."""
        if day is None:
            return all(e["end_date"] is None for e in self.edges)
        return all(holds(day, e["start_date"], e["end_date"]) for e in self.edges)


def links_between(
    snapshot: Any, bids: Any, settings: ControlSettings
) -> tuple[list[Link], dict[Pair, list[str]]]:
    """List every way in which two firms that met in a lot belong together, on whatever day.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    bids : ibis table
        With ``lot_entity`` and ``bidder_entity``.
    settings : ControlSettings

    Returns
    -------
    tuple
        The links, and the lots in which each pair met.
    """
    firms = bids.filter(bids.bidder_entity.startswith("c-"))
    firms = firms.select(firm="bidder_entity").distinct()
    behind = _behind(snapshot, firms, settings).cache()
    people = behind.filter(behind.key.startswith("p-")).select(entity=behind.key).distinct()
    same = aliases(snapshot, people, settings.most_namesakes).cache()
    tied = _pairs(behind, same).cache()
    kin = _kin_pairs(snapshot, behind, people, settings).cache()
    ends = ("firm", "firm_right")
    met = _meetings(bids, tied.select(*ends).union(kin.select(*ends), distinct=True))
    if not met:
        return [], {}
    pairs = snapshot.memtable(
        pa.table({"firm": [a for a, _ in met], "firm_right": [b for _, b in met]})
    )
    rows = [r for t in (tied, kin) for r in records(t.semi_join(pairs, ends))]
    wanted = {e for r in rows for c in ("chain", "chain_right") for e in edge_ids(r[c])}
    wanted |= {r["kin_edge"] for r in rows if "kin_edge" in r}
    by_edge = {e["edge"]: e for e in records(among(snapshot.edges, "edge", wanted))}
    found = [_link(row, by_edge) for row in rows]
    return sorted(_distinct(link for link in found if link is not None), key=_order), met


def _behind(snapshot: Any, firms: Any, settings: ControlSettings) -> Any:
    """Who stands behind each firm: ``firm, key, way, layers, chain``.

    ``chain``: edge ids from the key down to the firm, each followed by a comma.
    """
    edges = snapshot.edges
    tied = edges.filter(edges.dst.startswith("c-"))
    heads = tied.filter(
        (tied.kind == "legal_representative")
        | ((tied.kind == "officer") & tied.term.fill_null("").contains("法定代表人"))
    )
    own = firms.select(
        firm="firm",
        key="firm",
        way=ibis.literal("self"),
        layers=ibis.literal(0),
        chain=ibis.literal(""),
    )
    led = firms.join(heads, firms.firm == heads.dst).select(
        firm="firm",
        key="src",
        way=ibis.literal("head"),
        layers=ibis.literal(1),
        chain=heads.edge.cast("string") + ",",
    )
    held = tied.filter(tied.kind.isin(("shareholder", BRANCH)) & (tied.src != tied.dst))
    share = ibis.ifelse(held.kind == BRANCH, 1.0, held.share)
    held = held.select(holder="src", holding="dst", by=share, step="edge")
    mastered = held.filter(held.by >= settings.control_share)
    parts = [own, led]
    layer = own
    for number in range(1, settings.max_layers + 1):
        up = layer.join(mastered, layer.key == mastered.holding)
        layer = up.filter(up.holder != up.firm).select(
            firm="firm",
            key="holder",
            way=ibis.literal("control"),
            layers=ibis.literal(number),
            chain=up.step.cast("string") + "," + up.chain,
        )
        parts.append(layer)
    small = held.filter(
        held.holder.startswith("c-")
        & (held.by.isnull() | (held.by < settings.control_share))
        & (held.by.isnull() | (held.by >= settings.least_stake))
    )
    parts.append(
        firms.join(small, firms.firm == small.holding).select(
            firm="firm",
            key="holder",
            way=ibis.literal("stake"),
            layers=ibis.literal(1),
            chain=small.step.cast("string") + ",",
        )
    )
    return ibis.union(*parts, distinct=True)


def _pairs(behind: Any, same: Any) -> Any:
    """Pairs of firms with one key, or with two keys that may be one person."""
    left = behind.rename(at="key")
    walked = (
        left.left_join(same, left.at == same.entity)
        .select(
            "firm",
            "at",
            "way",
            "layers",
            "chain",
            key=ibis.coalesce(same.other, left.at),
            identity=ibis.coalesce(same.identity, ibis.literal("certain")),
            probability=ibis.coalesce(same.probability, ibis.literal(1.0)),
        )
        .cache()
    )
    joined = walked.join(behind, "key", rname="{name}_right")
    return joined.filter(
        (joined.firm != joined.firm_right)
        # A stake ties to the holder itself, not to what else the holder has a stake in.
        & ((joined.way != "stake") | (joined.way_right == "self"))
        & ((joined.way_right != "stake") | (joined.way == "self"))
        # Each pair once; a doubtful sameness is walked from both sides.
        & (joined.firm < joined.firm_right)
    ).select(
        "firm", "firm_right", "at", "key", "way", "way_right", "layers", "layers_right", "chain",
        "chain_right", "identity", "probability",
    )  # fmt: skip


def _kin_pairs(snapshot: Any, behind: Any, people: Any, settings: ControlSettings) -> Any:
    """Pairs of firms behind which near relatives stand directly."""
    near = behind.filter(
        behind.key.startswith("p-") & (behind.layers == 1) & (behind.way != "stake")
    ).select("firm", "key", "chain")
    kin = near_kin(snapshot, people, settings.most_namesakes, shapes_of(settings.relations))
    one = near.join(kin, near.key == kin.ego)
    other = near.view().rename(firm_right="firm", key_right="key", chain_right="chain")
    both = one.join(other, one.person == other.key_right)
    return both.filter((both.firm < both.firm_right) & (both.key != both.key_right)).select(
        "firm", "firm_right", "key", "key_right", "chain", "chain_right", "kin_edge",
        "ego_identity", "ego_chance", "own_identity", "own_chance",
    )  # fmt: skip


def _link(row: dict[str, Any], by_edge: dict[int, dict[str, Any]]) -> Link | None:
    pair = (row["firm"], row["firm_right"])
    one = tuple(by_edge[e] for e in edge_ids(row["chain"]))
    other = tuple(by_edge[e] for e in edge_ids(row["chain_right"]))
    joins = [(e["identity"], e["probability"]) for e in (*one, *other)]
    if "kin_edge" in row:
        kin = by_edge[row["kin_edge"]]
        joins += [
            (row["ego_identity"], row["ego_chance"]),
            (row["own_identity"], row["own_chance"]),
            (kin["identity"], kin["probability"]),
        ]
        people = (row["key"], row["key_right"])
        return Link(pair, "kin", people, (one, other), tuple(joins), kin)
    joins.append((row["identity"], row["probability"]))
    kind = _kind(row)
    if kind is None:
        return None
    return Link(pair, kind, (row["at"], row["key"]), (one, other), tuple(joins))


def _kind(row: dict[str, Any]) -> Kind | None:
    ways = {row["way"], row["way_right"]}
    layers = max(row["layers"], row["layers_right"])
    if ways == {"head"}:
        return "head"
    if ways == {"self", "control"}:
        return "holding" if layers == 1 else "layers"
    if ways == {"self", "stake"}:
        return "stake"
    if ways <= {"head", "control"}:
        return "controller"
    return None


_KINDS: tuple[Kind, ...] = ("head", "holding", "layers", "controller", "stake", "kin")


def _order(link: Link) -> tuple[Any, ...]:
    trust = ("certain", "probable", "name_only").index(link.sureness[0])
    return (
        link.pair,
        _KINDS.index(link.kind),
        trust,
        len(link.edges),
        link.behind,
        [(e["kind"], str(e["term"]), str(e["start_date"]), e["src"], e["dst"]) for e in link.edges],
    )


def _distinct(links: Iterable[Link]) -> list[Link]:
    seen: dict[tuple[Any, ...], Link] = {}
    for link in links:
        key = (link.pair, link.kind, link.behind, tuple(e["edge"] for e in link.edges))
        seen.setdefault(key, link)
    return list(seen.values())


def _meetings(bids: Any, pairs: Any) -> dict[Pair, list[str]]:
    """Lots in which both firms of a pair bid; pair → lot entities in order."""
    left = bids.select(lot="lot_entity", firm="bidder_entity").distinct()
    right = bids.select(lot="lot_entity", firm_right="bidder_entity").distinct()
    met = left.join(pairs, "firm").join(right, ["lot", "firm_right"])
    found: dict[Pair, list[str]] = defaultdict(list)
    for row in records(met.select("firm", "firm_right", "lot")):
        found[row["firm"], row["firm_right"]].append(row["lot"])
    return {pair: sorted(lots) for pair, lots in sorted(found.items())}


def clusters(pairs: Sequence[Pair]) -> list[frozenset[str]]:
    """Bring together pairs that have a firm in common.

    Examples
    --------
    >>> [sorted(c) for c in clusters([("a", "b"), ("b", "c"), ("d", "e")])]
    [['a', 'b', 'c'], ['d', 'e']]
    """
    found: list[set[str]] = []
    for pair in sorted(pairs):
        touching = [c for c in found if c & set(pair)]
        merged = set(pair).union(*touching)
        found = [c for c in found if c not in touching] + [merged]
    return sorted((frozenset(c) for c in found), key=sorted)
