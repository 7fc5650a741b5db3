"""Benefits that somebody must approve: paid or listed, without those that everybody has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis

from detectors.detector import Row
from detectors.evidence import records

_REFUSED = ("未通过", "不通过", "不符合", "不予", "退回")
_COLUMNS = {
    "subsidies": ("programme", "name", "amount", "pay_date", "village", "handler", "approver"),
    "subsidy_applications": (
        "programme", "year", "name", "result", "list_date", "village", "handler", "approver",
    ),
}  # fmt: skip
_TEXTS = {"subsidies": "发放记录", "subsidy_applications": "申报公示记录"}
UNIVERSAL = "普惠"


def programmes(snapshot: Any, words: Iterable[str]) -> list[str]:
    """Names of the programmes that need approval: as the policy table says, else by their names."""
    said: dict[str, bool] = {}
    if snapshot.has("subsidy_programmes", "kind"):
        table = snapshot.table("subsidy_programmes").filter(lambda t: t.kind.notnull())
        for row in records(table.select("programme", "kind")):
            said[row["programme"]] = UNIVERSAL not in row["kind"]
    names: set[str] = set()
    for table in ("subsidies", "subsidy_applications"):
        if snapshot.has(table, "programme"):
            found = records(snapshot.table(table).select("programme").distinct())
            names |= {r["programme"] for r in found if r["programme"]}
    wanted = tuple(words)
    return sorted(n for n in names if said.get(n, any(w in n for w in wanted)))


def approved_benefits(snapshot: Any, words: Iterable[str]) -> Any | None:
    """Payments and successful applications of programmes that need approval, in one shape.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    words : iterable of str
        Words in the names of such programmes, where the policy table doesn't say.

    Returns
    -------
    ibis table or None
        ``table, row, programme, payee, list_identity, list_chance, when, amount, handler,
        approver``; None where the data hold neither list.
    """
    wanted = programmes(snapshot, words)
    parts = []
    if snapshot.has("subsidies", "programme", "name"):
        t = snapshot.table("subsidies")
        parts.append(_shape(t, "subsidies", t.pay_date, t.amount))
    if snapshot.has("subsidy_applications", "programme", "name"):
        t = snapshot.table("subsidy_applications")
        t = t.filter(~t.result.fill_null("").re_search("|".join(_REFUSED)))
        parts.append(_shape(t, "subsidy_applications", t.list_date, ibis.null("decimal(18,2)")))
    if not parts or not wanted:
        return None
    lists = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
    return lists.filter(lists.programme.isin(wanted) & lists.payee.notnull())


def _shape(table: Any, name: str, when: Any, amount: Any) -> Any:
    # Rows sent twice in one file would count twice.
    table = table.filter(table.repeat_of.isnull())
    return table.select(
        table=ibis.literal(name),
        row=table.row_id,
        programme=table.programme,
        payee=table.name_entity,
        list_identity=table.name_identity,
        list_chance=table.name_probability,
        when=when,
        amount=amount,
        handler=table.handler_entity,
        approver=table.approver_entity,
    )


def benefit_row(receipt: dict[str, Any]) -> Row:
    """The row of a receipt, to be cited."""
    table = receipt["table"]
    return Row(table, receipt["row"], _TEXTS[table], _COLUMNS[table])
