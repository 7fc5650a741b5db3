"""How often something befell a party, beside what befell its peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from graph.cobidding import false_discovery

# Cells of peers smaller than this lend too little to compare with; the kind as a whole stands in,
# and where even that is smaller than the second figure, nobody can be compared.
_LEAST_PEERS = 30
_LEAST_KIND = 10


@dataclass(frozen=True)
class Record:
    """How often something befell a party: ``hits`` of ``n``; peers would give ``expected``."""

    n: int
    hits: int
    expected: float
    p: float
    q: float

    @property
    def effect(self) -> float:
        """Hits over those expected."""
        return self.hits / self.expected if self.expected > 0 else float(self.hits)


def records_of(frame: pd.DataFrame, party: str, least: int) -> dict[str, Record]:
    """Compare each party with its peers: what other parties had of the same kind and band.

    Parameters
    ----------
    frame : DataFrame
        ``kind``, ``band`` (of size; equal where size is no matter), ``hit`` (bool) and the column of
        the party.
    party : str
        Its name: ``supplier`` or ``buyer``.
    least : int
        Parties with fewer rows are not compared.

    Returns
    -------
    dict
        Party → its record. The p-value is binomial with the mean of the chances of its rows,
        which is on the safe side of the exact distribution (Hoeffding 1956); q over all parties.
    """
    others = _count(frame, ["kind"]) - _count(frame, ["kind", party])
    frame = frame[others >= _LEAST_KIND]
    if frame.empty:
        return {}
    chance = np.where(
        _count(frame, ["kind", "band"]) - _count(frame, ["kind", "band", party]) >= _LEAST_PEERS,
        _others(frame, ["kind", "band"], party),
        _others(frame, ["kind"], party),
    )
    table = frame.assign(chance=chance).groupby(party)
    found = table.agg(n=("hit", "size"), hits=("hit", "sum"), chance=("chance", "mean"))
    found = found[found["n"] >= least]
    p = binom.sf(found["hits"].to_numpy() - 1, found["n"].to_numpy(), found["chance"].to_numpy())
    q = false_discovery(p) if len(p) else p
    return {
        str(name): Record(int(n), int(hits), float(n * share), float(one), float(two))
        for name, n, hits, share, one, two in zip(
            found.index, found["n"], found["hits"], found["chance"], p, q, strict=True
        )
    }


def _count(frame: pd.DataFrame, by: list[str]) -> Any:
    return frame.groupby(by)["hit"].transform("size").to_numpy()


def _others(frame: pd.DataFrame, by: list[str], party: str) -> Any:
    """Share of hits among the rows of others, never quite nought."""
    n = _count(frame, by) - _count(frame, [*by, party])
    over = frame.groupby(by)["hit"].transform("sum").to_numpy()
    own = frame.groupby([*by, party])["hit"].transform("sum").to_numpy()
    return (over - own + 0.5) / (n + 1)
