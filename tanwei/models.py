"""Trained models beside the runs: where they lie, and how a run is given one."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from detectors.bid_rigging._ring_model import KEY, RingModel
from ingest.errors import UserError

FOLDER = "models"
MODEL = "ring.json"
CARD = "ring_模型说明.md"


def read_model(out_dir: Path) -> RingModel | None:
    """The model that lies beside the runs; None without one.

    Raises
    ------
    UserError
        If the file is damaged or of another version.
    """
    path = out_dir / FOLDER / MODEL
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"模型文件读不了：{path}。请检查权限，或删去后重新训练。") from error
    try:
        return RingModel.from_json(text)
    except ValueError as error:
        raise UserError(f"模型文件不完整或版本不符：{path}。请删去后重新训练。") from error


def give(con: DuckDBPyConnection, model: RingModel | None) -> None:
    """Put the model into a snapshot in the making, so that a run can be repeated from it alone."""
    if model is not None:
        con.execute("INSERT INTO main.meta VALUES (?, ?)", [KEY, model.to_json()])


def record(model: RingModel | None) -> dict[str, dict[str, object]]:
    """What ``run.json`` says of the models that the run was given."""
    if model is None:
        return {}
    return {
        "ring": {
            "trained_on": model.trained_on,
            "rigged": model.rigged,
            "clean": model.clean,
            "features": list(model.features),
        }
    }
