"""Run the chosen detectors on a snapshot; a crash of one never stops the others."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter, ValidationError

from detectors.detector import Detector, Requires, Result, SnapshotLike
from detectors.discover import discover, nearest
from ingest.errors import UserError
from ingest.progress import Progress, silent
from ingest.tables import TABLES

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of one detector in a run.

    ``status``: ``ran``, ``skipped`` (tables or columns missing, or switched off; ``reason`` says
    which, in Chinese) or ``crashed`` (``reason`` names the exception; the others went on).
    """

    detector: Detector
    settings: Any
    status: Literal["ran", "skipped", "crashed"]
    reason: str | None
    result: Result | None
    seconds: float


@dataclass(frozen=True)
class RequirementStatus:
    """Whether a detector could run on the data at hand.

    ``missing`` says in Chinese what it lacks (None: it can run); ``gaps`` name what would improve
    its result.
    """

    detector: Detector
    missing: str | None
    gaps: tuple[str, ...]


# -- settings ------------------------------------------------------------------------------------


def settings_for(detector: Detector, values: Mapping[str, Any]) -> Any:
    """Make a detector's settings from what the configuration says.

    Parameters
    ----------
    detector : Detector
    values : mapping of str to value
        As read from TOML. ``enabled`` (true or false) is understood for every detector and isn't
        part of its settings.

    Returns
    -------
    the detector's ``Settings``

    Raises
    ------
    UserError
        If a name is unknown, a value has the wrong type or lies outside its bounds.
    """
    spec = detector.spec
    hints = get_type_hints(spec.settings)
    parameters = {p["name"]: p for p in spec.parameters()}
    chosen = {}
    for name, value in values.items():
        if name == "enabled":
            _enabled(detector, values)
            continue
        if name not in parameters:
            raise UserError(
                f"检测项“{spec.title}”（{spec.id}）没有设置项“{name}”。"
                f"{nearest(name, [*parameters, 'enabled'], '可用设置项')}"
            )
        chosen[name] = _checked(detector, parameters[name], hints[name], value)
    return spec.settings(**chosen)


def _checked(detector: Detector, parameter: Mapping[str, Any], hint: Any, value: Any) -> Any:
    spec, name = detector.spec, parameter["name"]
    where = f"检测项“{spec.title}”（{spec.id}）的设置项“{name}”"
    try:
        # Strict JSON, not strict Python: TOML has lists for tuples and floats for decimals.
        checked = TypeAdapter(hint).validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError:
        raise UserError(
            f"{where}的值 {value!r} 类型不对，默认值是 {_plain(parameter['default'])}"
            f"（单位：{parameter['unit']}）。请改正后重试。"
        ) from None
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{where}的值须是有限的数，现为 {value}。请改正后重试。")
    least, most = parameter["least"], parameter["most"]
    if checked is not None and (
        (least is not None and checked < least) or (most is not None and checked > most)
    ):
        raise UserError(f"{where}的值须{_bounds(least, most)}，现为 {value}。请改正后重试。")
    return checked


def _bounds(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"在 {least} 与 {most} 之间"
    return f"不小于 {least}" if least is not None else f"不大于 {most}"


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _enabled(detector: Detector, values: Mapping[str, Any]) -> bool:
    enabled = values.get("enabled", detector.spec.enabled)
    if not isinstance(enabled, bool):
        raise UserError(
            f"检测项“{detector.spec.title}”（{detector.spec.id}）的设置项“enabled”"
            f"只能是 true 或 false，现为 {enabled!r}。请改正后重试。"
        )
    return enabled


def check_settings(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Check the settings of all detectors before anything long begins.

    Parameters
    ----------
    settings : mapping of detector id to mapping

    Returns
    -------
    dict
        Detector id → its ``Settings``, for every detector there is.

    Raises
    ------
    UserError
        If an id or a setting is unknown, or a value is unusable.
    """
    detectors = discover()
    for name in settings:
        if name not in detectors:
            raise UserError(
                f"配置中的检测项“{name}”不存在。{nearest(name, list(detectors), '现有检测项')}"
            )
    return {key: settings_for(d, settings.get(key, {})) for key, d in detectors.items()}


# -- requirements --------------------------------------------------------------------------------


def requirements_status(
    snapshot: SnapshotLike, detectors: Sequence[Detector]
) -> tuple[RequirementStatus, ...]:
    """Say which detectors could run on the data, and what the others lack.

    Parameters
    ----------
    snapshot : anything with ``has(table, *columns)``
        A snapshot, or the intake's account of which columns are filled.
    detectors : sequence of Detector
    """
    return tuple(
        RequirementStatus(d, missing_for(snapshot, d), gaps_for(snapshot, d)) for d in detectors
    )


def missing_for(snapshot: SnapshotLike, detector: Detector) -> str | None:
    """Say in Chinese which tables or columns a detector lacks; None when it can run."""
    spec = detector.spec
    parts = [lack for r in spec.requires if (lack := _lack(snapshot, r, spec.in_yuan))]
    alternatives = [_lack(snapshot, r, spec.in_yuan) for r in spec.requires_any]
    if alternatives and all(alternatives):
        parts.append(f"以下数据至少要有一项：{'；或'.join(lack for lack in alternatives if lack)}")
    return "；".join(parts) + "。" if parts else None


def gaps_for(snapshot: SnapshotLike, detector: Detector) -> tuple[str, ...]:
    """Name in Chinese the optional data that are absent."""
    return tuple(lack for r in detector.spec.optional if (lack := _lack(snapshot, r)))


def _lack(snapshot: SnapshotLike, required: Requires, in_yuan: bool = False) -> str | None:
    lack = _lack_of_one(snapshot, required, in_yuan)
    if lack is None or required.instead is None:
        return lack
    other = _lack(snapshot, required.instead, in_yuan)
    return None if other is None else f"{lack}，且{other}"


def _lack_of_one(snapshot: SnapshotLike, required: Requires, in_yuan: bool) -> str | None:
    if not snapshot.has(required.table):
        return f"缺少{_describe_one(required)}"
    if in_yuan and (currency := snapshot.foreign_currency(required.table)):
        return f"《{table_title(required.table)}》的金额币种为{currency}，以元计的限额不适用"
    absent = tuple(c for c in required.columns if not snapshot.has(required.table, c))
    if not absent:
        return None
    return f"《{table_title(required.table)}》中没有{_headers(required.table, absent)}的数据"


def describe(required: Requires) -> str:
    """Name a table and the columns needed of it, in Chinese."""
    title = _describe_one(required)
    return f"{title}或{describe(required.instead)}" if required.instead else title


def _describe_one(required: Requires) -> str:
    title = f"《{table_title(required.table)}》"
    if not required.columns:
        return title
    return f"{title}（须有{_headers(required.table, required.columns)}）"


def table_title(table: str) -> str:
    """Return the Chinese title of a table."""
    return TABLES[table].title


def _headers(table: str, columns: Sequence[str]) -> str:
    return "、".join(column_header(table, c) for c in columns)


def column_header(table: str, column: str) -> str:
    """Return the header that templates use for a column."""
    return next(c.headers[0] for c in TABLES[table].columns if c.name == column)


# -- running -------------------------------------------------------------------------------------


def run_detectors(
    snapshot: Any,
    detectors: Sequence[Detector],
    settings: Mapping[str, Mapping[str, Any]],
    progress: Progress = silent,
) -> list[Outcome]:
    """Run detectors one after another, those that combine after what they combine.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    detectors : sequence of Detector
        Usually from :func:`detectors.discover.select`. What one of them combines is run as well,
        but as its input only.
    settings : mapping of detector id to mapping
        What the configuration says; all of it is checked before the first detector runs.
    progress : Progress

    Returns
    -------
    list of Outcome
        One a detector, in the order given; then inputs that crashed, so that it isn't lost.

    Raises
    ------
    UserError
        If the settings are unusable.
    """
    known = check_settings(settings)
    outcomes: dict[str, Outcome] = {}
    order = _in_order(detectors)
    for done, detector in enumerate(order):
        progress(f"检测：{detector.spec.title}", done, len(order))
        key = detector.spec.id
        outcomes[key] = _run_one(
            snapshot,
            detector,
            lend(known.get(key) or settings_for(detector, settings.get(key, {})), known),
            _enabled(detector, settings.get(key, {})),
            _earlier(detector, outcomes),
        )
    progress("检测", len(order), len(order))
    asked = [outcomes.pop(d.spec.id) for d in detectors]
    return [*asked, *(o for o in outcomes.values() if o.status == "crashed")]


def _in_order(detectors: Sequence[Detector]) -> list[Detector]:
    """The detectors and what they combine, each after what it combines."""
    known = {**discover(), **{d.spec.id: d for d in detectors}}
    # A detector may name others that aren't there.
    inputs = {d.spec.id: [i for i in d.spec.combines if i in known] for d in known.values()}
    order: dict[str, Detector] = {}

    def add(key: str) -> None:
        for other in inputs[key]:
            add(other)
        order.setdefault(key, known[key])

    for detector in sorted(detectors, key=lambda d: bool(d.spec.combines)):
        add(detector.spec.id)
    return list(order.values())


def _earlier(detector: Detector, outcomes: Mapping[str, Outcome]) -> tuple[Any, ...]:
    """What the combined detectors found, as a further argument; nothing for one that combines none."""
    if not detector.spec.combines:
        return ()
    found = ((key, outcomes.get(key)) for key in detector.spec.combines)
    return ({key: o.result.findings for key, o in found if o is not None and o.result is not None},)


def lend(settings: Any, known: Mapping[str, Any]) -> Any:
    """Fill in the settings that a detector borrows from others.

    Parameters
    ----------
    settings : the detector's ``Settings``
    known : mapping of detector id to ``Settings``
    """
    lent = {
        f.name: known[f.metadata["borrowed"]]
        for f in fields(settings)
        if f.metadata.get("borrowed") in known
    }
    return replace(settings, **lent) if lent else settings


def _run_one(
    snapshot: Any, detector: Detector, settings: Any, enabled: bool, earlier: tuple[Any, ...]
) -> Outcome:
    if not enabled:
        return Outcome(detector, settings, "skipped", "按配置不运行。", None, 0.0)
    begin = time.perf_counter()
    missing = missing_for(snapshot, detector)
    if missing:
        return Outcome(detector, settings, "skipped", missing, None, 0.0)
    try:
        result = detector.detect(snapshot, settings, *earlier)
    # Any exception of one detector is recorded; the run goes on and ends with status 1.
    except Exception as error:
        _LOG.debug("detector %s crashed", detector.spec.id, exc_info=True)
        reason = f"程序出错（{type(error).__name__}：{error}），其他检测项不受影响。"
        return Outcome(detector, settings, "crashed", reason, None, time.perf_counter() - begin)
    return Outcome(detector, settings, "ran", None, result, time.perf_counter() - begin)
