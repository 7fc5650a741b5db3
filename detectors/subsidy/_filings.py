"""Records of kinship filed with the township."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from detectors.detector import Row, Statistic
from detectors.evidence import among, records
from detectors.names import Names
from detectors.subsidy._receipts import Link

_COLUMNS = ("official_name", "relative_name", "relation", "programme", "filing_date")


class Filings:
    """The filings of some officials, by entity and by name.

    A filing clears; so a name is enough to match it, where a clue would need more.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    officials : set of str
        Entity ids.
    """

    def __init__(self, snapshot: Any, officials: set[str]) -> None:
        self._names = Names(snapshot, officials)
        table = snapshot.table("kin_filings")
        names = {self._names.of(o) for o in officials}
        self._total = int(table.count().execute())
        found = [
            *records(among(table, "official_name_entity", officials)),
            *records(among(table, "official_name", names)),
        ]
        by_row = {r["row_id"]: r for r in found}
        rows = sorted(by_row.values(), key=lambda r: tuple(str(r[c]) for c in _COLUMNS))
        self._by_entity: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self._by_entity[row["official_name_entity"]].append(row)
            self._by_name[row["official_name"]].append(row)

    def of(self, official: str) -> list[dict[str, Any]]:
        """List the filings of an official, in content order."""
        found = [
            *self._by_entity.get(official, ()),
            *self._by_name.get(self._names.of(official), ()),
        ]
        return list({r["row_id"]: r for r in found}.values())

    def filed(self, link: Link, programme: str) -> bool:
        """Tell whether the official filed the relative for the programme, or for all."""
        return any(
            (
                r["relative_name_entity"] in (link.relative, link.payee)
                or r["relative_name"] == link.relative_name
            )
            and (not r["programme"] or _same(r["programme"], programme))
            for r in self.of(link.official)
        )

    def statistic(self, official: str) -> Statistic:
        """Say how many filings were looked through, with those of the official."""
        own = self.of(official)
        rows = tuple(Row("kin_filings", r["row_id"], "近亲属备案记录", _COLUMNS) for r in own)
        return Statistic(
            f"核对近亲属备案记录{self._total}条，其中该干部{len(own)}条",
            (("备案记录总数", self._total), ("该干部备案记录", len(own))),
            rows[:10],
        )

    def omission_text(self, official: str) -> str:
        """Say what speaks for or against an omission by the township."""
        if self.of(official):
            return "该干部有其他近亲属的备案记录，备案渠道已使用；是否漏登仍须核对台账。"
        return "该干部没有任何备案记录，可能整体未报送或漏登，须核对台账。"


def _same(a: str, b: str) -> bool:
    """Tell whether two programme names mean the same: one is often the other's short form."""
    short = {"最低生活保障": "低保"}
    for long, brief in short.items():
        a, b = a.replace(long, brief), b.replace(long, brief)
    return a in b or b in a
