"""What a firm is: alive or not, collective, of the state, somebody's farm or shop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from detectors.detector import Row
from detectors.evidence import among, records
from graph.holdings import Holdings

COMPANY_COLUMNS = (
    "name",
    "legal_representative",
    "company_type",
    "status",
    "established_date",
    "cancelled_date",
)
_GONE = ("注销", "吊销", "撤销")
COLLECTIVE = (
    "股份经济合作社",
    "经济合作社",
    "经济联合社",
    "经济合作联社",
    "股份合作社",
    "集体资产",
)
_STATE_NAMES = (
    "国有资产",
    "国资委",
    "国有资本",
    "财政局",
    "财政厅",
    "人民政府",
    "供销合作社联合社",
)
_STATE_TYPES = ("国有", "全民所有制", "国资")
_FARM_NAMES = (
    "合作社", "家庭农场", "农场", "种植", "养殖", "种养", "超市", "商店", "小卖部", "便利店", "门市部",
    "经营部", "饭店", "餐馆", "农家乐", "加工坊",
)  # fmt: skip
_FARM_TYPES = ("个体", "农民专业合作社", "家庭农场")


@dataclass(frozen=True)
class Firm:
    """A firm's register row, as far as there is one."""

    entity: str
    name: str
    row: dict[str, Any] | None

    @property
    def kind(self) -> str:
        """Form of organisation as registered."""
        return (self.row or {}).get("company_type") or ""

    @property
    def gone(self) -> bool:
        """Whether the register says that it is struck off."""
        row = self.row or {}
        status = row.get("status") or ""
        return row.get("cancelled_date") is not None or any(word in status for word in _GONE)

    @property
    def life(self) -> tuple[date | None, date | None]:
        """From founding to striking off, as far as known."""
        row = self.row or {}
        return row.get("established_date"), row.get("cancelled_date")

    @property
    def collective(self) -> bool:
        """Whether it is a body of a village's members, headed by whoever heads the village."""
        return any(word in self.name for word in COLLECTIVE) or "集体" in self.kind

    @property
    def farm_or_shop(self) -> bool:
        """Whether it is a farm, a shop or a workshop of a household's size."""
        return any(w in self.name for w in _FARM_NAMES) or any(w in self.kind for w in _FARM_TYPES)

    def of_the_state(self, holdings: Holdings, names: dict[str, str]) -> bool:
        """Tell whether a public body stands at the end of its largest holders."""
        if any(word in self.kind for word in _STATE_TYPES):
            return True
        return any(
            step.holder.startswith(("u-", "v-")) or _state_name(names.get(step.holder, ""))
            for step in holdings.control_chain(self.entity)
        )

    def cite(self) -> tuple[Row, ...]:
        """The register row as evidence."""
        if self.row is None:
            return ()
        return (Row("companies", self.row["row_id"], "企业登记记录", COMPANY_COLUMNS),)


def _state_name(name: str) -> bool:
    return any(word in name for word in _STATE_NAMES)


def firms_of(snapshot: Any, entities: Iterable[str]) -> dict[str, Firm]:
    """Register rows of firms; of several rows of one firm the one that says most stands."""
    wanted = set(entities)
    table = snapshot.entities.select("entity", "name")
    found = {
        row["entity"]: Firm(row["entity"], row["name"], None)
        for row in records(among(table, "entity", wanted))
    }
    if snapshot.has("companies"):
        rows = records(among(snapshot.table("companies"), "name_entity", wanted))
        for row in sorted(rows, key=_said):
            found[row["name_entity"]] = Firm(row["name_entity"], row["name"], row)
    return found


def _said(row: dict[str, Any]) -> tuple[int, str]:
    said = [row[c] for c in COMPANY_COLUMNS if row.get(c) is not None]
    return len(said), str(said)


def without_collectives(snapshot: Any, pairs: Any) -> Any:
    """Leave out suppliers that are bodies of a village's members, headed by whoever heads it.

    ``pairs``: ibis table with a column ``company``.
    """
    entities = snapshot.entities
    words = "|".join(COLLECTIVE)
    bodies = entities.filter((entities.kind == "company") & entities.name.re_search(words))
    return pairs.anti_join(bodies.select(company="entity"), "company")


def holder_names(snapshot: Any, holdings: Holdings, firms: Sequence[str]) -> dict[str, str]:
    """Names of whoever stands on the firms' chains of largest holders."""
    wanted = {step.holder for firm in firms for step in holdings.control_chain(firm)}
    table = snapshot.entities.select("entity", "name")
    return {row["entity"]: row["name"] for row in records(among(table, "entity", wanted))}
