"""Tables of a run as data frames: masked unless asked otherwise, each row with its source."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from graph.snapshot import Snapshot
from ingest.errors import UserError
from ingest.masking import mask_value
from ingest.tables import TABLES
from tanwei.config import nearest

if TYPE_CHECKING:
    import pandas as pd

GRAPH_TABLES = {"entities": "图谱：主体", "edges": "图谱：关系", "same_as": "图谱：疑为同一主体"}
# Runs of digits shorter than a telephone number are no number of a person.
_LONG = r"[0-9０-９](?:[ -]?[0-9０-９]){6}"


def names(snapshot: Snapshot) -> list[str]:
    """Return the tables that the run holds, departments' tables first."""
    return [name for name in TABLES if snapshot.has(name)] + list(GRAPH_TABLES)


def check_name(snapshot: Snapshot, name: str) -> None:
    """Make sure that a table is there.

    Raises
    ------
    UserError
        If it isn't; the message names the nearest one.
    """
    held = names(snapshot)
    if name in held:
        return
    if name in TABLES:
        raise UserError(f"这次运行的数据里没有《{TABLES[name].title}》（{name}）。")
    raise UserError(f"没有名为 {name} 的表。{nearest(name, held)}")


def overview(snapshot: Snapshot) -> pd.DataFrame:
    """Return name, title and number of rows of every table."""
    import pandas as pd

    titles = {**{name: TABLES[name].title for name in TABLES}, **GRAPH_TABLES}
    rows = [
        (name, titles[name], int(snapshot.table(name).count().execute()))
        for name in names(snapshot)
    ]
    return pd.DataFrame(rows, columns=["table", "title", "rows"])


def frame(snapshot: Snapshot, name: str, *, unmask: bool = False) -> pd.DataFrame:
    """Return a table; file, sheet and row come first, where the table has them."""
    table = snapshot.table(name)
    if "sheet_id" in table.columns:
        sheets = snapshot.table("sheets").select("sheet_id", "file", "sheet")
        order = ["row_id"] if "row_id" in table.columns else list(table.columns)
        table = table.join(sheets, "sheet_id").order_by(order)
        first = ["file", "sheet", "row_no"]
        rest = [c for c in table.columns if c not in (*first, "sheet_id", "sheet_id_right")]
        table = table.select(*first, *rest)
    data = table.to_pandas()
    if unmask:
        return data
    masks = _masks(snapshot, name)
    for column in data.columns:
        if _is_text(data[column]) and not column.endswith("_entity"):
            data[column] = _masked(data[column], masks.get(column))
    if name == "entities":
        _mask_entities(data)
    return data


def _masks(snapshot: Snapshot, name: str) -> dict[str, Any]:
    columns, sheets = snapshot.table("sheet_columns"), snapshot.table("sheets")
    known = (
        columns.join(sheets.filter(sheets.table_name == name), "sheet_id")
        .filter(columns.mask.notnull() & columns.column_name.notnull())
        .select("column_name", "mask")
        .distinct()
    )
    return dict(known.to_pandas().itertuples(index=False, name=None))


def _is_text(column: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_string_dtype(column) or column.dtype == object)


def _masked(column: Any, kind: Any) -> Any:
    """Mask a column; only cells with long runs of digits are looked at one by one."""
    # astype: mapping an empty column leaves it a column of text.
    texts = column.map(lambda value: isinstance(value, str)).astype(bool)
    risky = texts & column.where(texts, "").astype(str).str.contains(_LONG, regex=True)
    if not risky.any():
        return column
    masked = column.copy()
    masked[risky] = column[risky].map(partial(_mask_cell, kind=kind))
    return masked


def _mask_entities(data: pd.DataFrame) -> None:
    kinds = {"person": "id", "account": "account", "phone": "phone"}
    for kind, mask in kinds.items():
        rows = data["kind"] == kind
        # Accounts and telephones are named by their number.
        for column in ("number",) if kind == "person" else ("name", "number"):
            data.loc[rows, column] = data.loc[rows, column].map(partial(_mask_cell, kind=mask))


def _mask_cell(value: Any, kind: Any) -> Any:
    return mask_value(value, kind) if isinstance(value, str) else value
