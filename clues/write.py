"""Clues on disk: ``clues.jsonl`` for programs, ``clues.xlsx`` for people, outcomes for the record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from clues.build import absorbed, below_yellow
from clues.model import LEVEL_NAMES, Clue
from clues.names import FAMILIES, period_text
from detectors.detector import Spec
from detectors.runner import Outcome
from ingest.errors import UserError, why

STATUS_NAMES = {"ran": "已运行", "skipped": "未运行", "crashed": "运行出错"}


def write_jsonl(clues: Iterable[Clue], path: Path) -> None:
    """Write one clue a line, UTF-8, line feeds only: the same clues give the same bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for clue in clues:
            out.write(clue.to_json() + "\n")


def read_jsonl(path: Path) -> list[Clue]:
    """Read ``clues.jsonl`` back; amounts stay exact.

    Raises
    ------
    UserError
        If the file is missing or a line is no clue.
    """
    return [_parsed(record, path) for record in read_records(path)]


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read ``clues.jsonl`` as plain mappings, as ``build_clues`` takes them for ``previous``."""
    try:
        # splitlines() would also split on separators that JSON leaves in its strings.
        lines = path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line, parse_float=Decimal) for line in lines if line]
    except OSError as error:
        raise UserError(
            f"无法读取线索文件 {path}：{why(error)}。请重新运行 tanwei run。"
        ) from error
    except ValueError as error:
        raise UserError(f"线索文件 {path} 已损坏，无法解析。请重新运行 tanwei run。") from error


def _parsed(record: dict[str, Any], path: Path) -> Clue:
    try:
        return Clue.from_mapping(record)
    except (KeyError, TypeError) as error:
        raise UserError(
            f"线索文件 {path} 的格式与当前版本不符（{error}）。请重新运行 tanwei run。"
        ) from error


# -- outcomes ------------------------------------------------------------------------------------


def outcomes_record(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Describe for ``run.json`` what became of every detector, in order of family and id.

    ``seconds`` stands beside the rest, so that a reader can leave out what differs between runs.
    ``cleared`` says by innocent explanation how many looked odd and were explained;
    ``below_yellow`` how many findings gave no clue because no sign of theirs counts, ``absorbed``
    how many because the clue of another detector tells them.
    """
    ran = sorted(outcomes, key=lambda o: (o.detector.spec.family, o.detector.spec.id))
    told = absorbed(ran)
    return [_outcome(o, told[o.detector.spec.id]) for o in ran]


def _outcome(outcome: Outcome, told: int) -> dict[str, Any]:
    spec = outcome.detector.spec
    record: dict[str, Any] = {
        "detector": spec.id,
        "title": spec.title,
        "family": spec.family,
        "version": spec.version,
        "parameters": _parameters(outcome.settings),
        "status": outcome.status,
        "reason": outcome.reason,
        "counts": None,
        "cleared": [],
        "notes": [],
        "seconds": round(outcome.seconds, 3),
    }
    result = outcome.result
    if result is not None:
        record["counts"] = {
            "subject_kind": result.subject_kind,
            "subjects": result.subjects,
            "triggered": result.triggered,
            "not_triggered": result.not_triggered,
            "insufficient": result.insufficient,
            "not_applicable": result.not_applicable,
            "findings": len(result.findings),
            "below_yellow": below_yellow(spec, result),
            "absorbed": told,
        }
        record["cleared"] = [
            {"key": key, "text": benign_text(spec, key), "count": count}
            for key, count in sorted(result.cleared.items())
        ]
        record["notes"] = list(result.notes)
    return record


def benign_text(spec: Spec, key: str) -> str:
    """The Chinese text of a benign explanation of a detector; the key where it declares none."""
    return next((benign.text for benign in spec.benign if benign.key == key), key)


def _parameters(settings: Any) -> dict[str, Any]:
    if settings is None:
        return {}
    return {key: _plain(value) for key, value in asdict(settings).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [
            _plain(item)
            for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)
        ]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


# -- the terminal --------------------------------------------------------------------------------

SUMMARY_HEADER = ("级别", "分值", "线索", "类别", "金额（元）", "期间", "线索编号")


def summary_table(clues: Sequence[Clue], most: int | None = None) -> list[tuple[str, ...]]:
    """Rows for a table in the terminal under ``SUMMARY_HEADER``, at most ``most`` of them."""
    return [
        (
            LEVEL_NAMES[clue.level],
            f"{clue.score:.3f}",
            clue.title,
            FAMILIES.get(clue.family, clue.family),
            "" if clue.amount is None else f"{clue.amount:,.2f}",
            period_text(clue.period),
            clue.id,
        )
        for clue in clues[:most]
    ]
