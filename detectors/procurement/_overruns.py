"""Settled contracts beside what was agreed, and how often their peers overran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from scipy.stats import binom

from detectors.procurement import _deals as deals
from graph.cobidding import false_discovery

# Cells of peers smaller than this lend too little to compare with; the kind as a whole stands in,
# and where even that is smaller than the second figure, nobody can be compared.
_LEAST_PEERS = 30
_LEAST_KIND = 10


def settled(snapshot: Any) -> Any:
    """Contracts with what was finally paid for them, as an Ibis expression.

    Returns
    -------
    ibis table
        ``row_id``, ``buyer``, ``supplier``, ``kind`` (works or procurement), ``amount``,
        ``supplements`` (yuan agreed later between the same parties on the same thing),
        ``final`` (null where not settled), ``excuse``. Supplements are no contracts of their own.
    """
    table = deals.contracts(snapshot).filter(lambda t: t.supplier.notnull())
    extra = deals.says(table.title, deals.SUPPLEMENT)
    later = table.filter(extra).select(
        "buyer", "supplier", later_key="key", later_base="base", later_amount="amount"
    )
    main = deals.typed(table.filter(~extra).join(_categories(snapshot), "key", how="left"))
    main = main.mutate(
        kind=main.type.isin(["works", "survey"]).ifelse("works", "procurement"),
        excuse=ibis.cases(
            (deals.says(main.title, (*deals.FRAMEWORK, "单价")), "framework"),
            else_=ibis.null("string"),
        ),
    )
    main = main.select(
        "row_id", "buyer", "supplier", "kind", "key", "base", "amount", "final_amount", "excuse"
    ).cache()  # fmt: skip
    both = main.join(later, ["buyer", "supplier"])
    # The same number; without one, a title that says what it adds to.
    same = (both.later_key == both.key).fill_null(False)
    named = both.later_key.isnull() & both.later_base.contains(both.base).fill_null(False)
    both = both.filter(same | named)
    sums = both.group_by("row_id").agg(supplements=both.later_amount.sum())
    joined = main.left_join(sums, "row_id")
    return joined.select(
        "row_id", "buyer", "supplier", "kind", "amount", "excuse",
        supplements=joined.supplements.fill_null(0),
        final=(joined.final_amount > 0).ifelse(joined.final_amount, None),
    )  # fmt: skip


def _categories(snapshot: Any) -> Any:
    """Category of each tender number; a number of several categories has none."""
    if not snapshot.has("tenders", "category"):
        return snapshot.memtable(
            pd.DataFrame({"key": pd.Series(dtype="string"), "category": pd.Series(dtype="string")})
        )
    tenders = deals.tenders(snapshot).filter(lambda t: t.key.notnull() & t.category.notnull())
    found = tenders.group_by("key").agg(
        category=tenders.category.min(), several=tenders.category.nunique()
    )
    return found.filter(found.several == 1).select("key", "category")


@dataclass(frozen=True)
class Record:
    """How often a party's contracts overran: of ``n``, ``over``; peers would give ``expected``."""

    n: int
    over: int
    expected: float
    p: float
    q: float

    @property
    def effect(self) -> float:
        """Overruns over those expected."""
        return self.over / self.expected if self.expected > 0 else float(self.over)


def records_of(frame: pd.DataFrame, party: str, least: int) -> dict[str, Record]:
    """Compare each party with its peers: other parties' contracts of the same kind and size.

    Parameters
    ----------
    frame : DataFrame
        ``kind``, ``band`` (size), ``over`` (bool) and the party's column.
    party : str
        ``supplier`` or ``buyer``.
    least : int
        Parties with fewer contracts are not compared.

    Returns
    -------
    dict
        Party → its record. The p-value is binomial with the mean of the chances of its contracts,
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
    found = table.agg(n=("over", "size"), over=("over", "sum"), chance=("chance", "mean"))
    found = found[found["n"] >= least]
    p = binom.sf(found["over"].to_numpy() - 1, found["n"].to_numpy(), found["chance"].to_numpy())
    q = false_discovery(p) if len(p) else p
    return {
        str(name): Record(int(n), int(over), float(n * share), float(one), float(two))
        for name, n, over, share, one, two in zip(
            found.index, found["n"], found["over"], found["chance"], p, q, strict=True
        )
    }


def _count(frame: pd.DataFrame, by: list[str]) -> Any:
    return frame.groupby(by)["over"].transform("size").to_numpy()


def _others(frame: pd.DataFrame, by: list[str], party: str) -> Any:
    """Share of overruns among the contracts of others, never quite nought."""
    n = _count(frame, by) - _count(frame, [*by, party])
    over = frame.groupby(by)["over"].transform("sum").to_numpy()
    own = frame.groupby([*by, party])["over"].transform("sum").to_numpy()
    return (over - own + 0.5) / (n + 1)
