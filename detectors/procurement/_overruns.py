"""Settled contracts beside what was agreed."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd

from detectors.procurement import _deals as deals


def settled(snapshot: Any) -> Any:
    """Contracts with what was finally paid for them, as an Ibis expression.

    Returns
    -------
    ibis table
        ``row_id``, ``buyer``, ``supplier``, ``kind`` (works or procurement), ``amount``,
        ``supplements`` (yuan agreed later between the same parties on the same thing),
        ``final`` (null where not settled), ``covered`` (settled within contract and supplements),
        ``excuse``. Supplements are no contracts of their own.
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
    extra = joined.supplements.fill_null(0)
    final = (joined.final_amount > 0).ifelse(joined.final_amount, None)
    # Compared exactly here; floats are enough to rank by and far quicker to hand over.
    return joined.select(
        "row_id", "buyer", "supplier", "kind", "excuse",
        amount=joined.amount.cast("float64"),
        supplements=extra.cast("float64"),
        final=final.cast("float64"),
        covered=((extra > 0) & (final <= joined.amount + extra)).fill_null(False),
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
