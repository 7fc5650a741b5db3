"""Reading ``tanwei.toml``: every setting is typed, and an unknown one is refused by name.

Sections: ``[intake]``, ``[[files]]``, ``[graph]``, ``[run]``, ``[privacy]``, ``[casebook]`` and
``[detectors.<id>]``. Each is a frozen dataclass of the room that uses it; a new setting there needs
no second listing here.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from detectors.detector import Detector
from detectors.runner import settings_for
from graph.settings import GraphSettings
from ingest.errors import UserError
from ingest.intake import FileRule, IntakeSettings

NAME = "tanwei.toml"
SECTIONS = ("intake", "files", "graph", "run", "privacy", "casebook", "detectors")
_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>[KMGT])i?B")
_MEGABYTES = {"K": 0.001, "M": 1.0, "G": 1000.0, "T": 1_000_000.0}
# The engine can't start below or beyond these.
LEAST_MEMORY, MOST_MEMORY = 64.0, 64_000_000.0
MOST_THREADS = 1024

T = TypeVar("T")


@dataclass(frozen=True)
class RunSettings:
    """How much of the machine a run may use.

    Parameters
    ----------
    memory_limit : str
        Memory for the embedded engine (``512MB``, ``4GB``); what doesn't fit goes to disk.
    threads : int, optional
        Threads of the engine; all cores where absent.
    """

    memory_limit: str = "512MB"
    threads: int | None = None

    def __post_init__(self) -> None:
        size = _SIZE.fullmatch(self.memory_limit)
        if size is None:
            raise UserError(
                f"memory_limit 应写成数字加单位，例如 512MB、4GB，现为 {self.memory_limit}。"
            )
        if not LEAST_MEMORY <= float(size["number"]) * _MEGABYTES[size["unit"]] <= MOST_MEMORY:
            raise UserError(f"memory_limit 应在 64MB 到 64TB 之间，现为 {self.memory_limit}。")
        if self.threads is not None and not 1 <= self.threads <= MOST_THREADS:
            raise UserError(f"threads 应为 1 到 {MOST_THREADS} 的整数，现为 {self.threads}。")


@dataclass(frozen=True)
class PrivacySettings:
    """Where the secret for entity ids lies; see ``tanwei.keys``."""

    key_file: Path | None = None


@dataclass(frozen=True)
class CasebookSettings:
    """Where decisions are kept.

    Parameters
    ----------
    url : str, optional
        SQLAlchemy URL of the database, for an office that shares one; ``casebook.db`` in the output
        folder where absent. A SQLite file is found from the folder of the file that names it.
    """

    url: str | None = None


@dataclass(frozen=True)
class Config:
    """A whole configuration; ``path`` is None where everything is at its default.

    ``detectors`` maps each detector id to its settings, ``enabled`` the ids whose switch was set.
    """

    path: Path | None = None
    intake: IntakeSettings = field(default_factory=IntakeSettings)
    graph: GraphSettings = field(default_factory=GraphSettings)
    run: RunSettings = field(default_factory=RunSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    casebook: CasebookSettings = field(default_factory=CasebookSettings)
    detectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def find_config(data_dir: Path, named: Path | None) -> Path | None:
    """Return the configuration file to read: the named one, else ``DATA_DIR/tanwei.toml``."""
    if named is not None:
        return named
    beside = data_dir / NAME
    return beside if beside.is_file() else None


def read_config(path: Path | None, detectors: Mapping[str, Detector]) -> Config:
    """Read and check a configuration file.

    Parameters
    ----------
    path : Path or None
        The file; None gives the defaults.
    detectors : mapping of id to Detector
        The discovered detectors, whose settings are checked as well.

    Raises
    ------
    UserError
        With one Chinese line that names file, section and key, and the nearest valid name.
    """
    if path is None:
        return Config()
    document = _parse(path)
    _refuse_unknown(document, SECTIONS, f"配置文件 {path.name}", "节")
    privacy = _section(PrivacySettings, document, "privacy", path)
    if privacy.key_file is not None:
        # Relative to the file that names it, not to wherever the command happens to be started.
        privacy = PrivacySettings(path.parent / privacy.key_file.expanduser())
    return Config(
        path=path,
        intake=_intake(document, path),
        graph=_section(GraphSettings, document, "graph", path),
        run=_section(RunSettings, document, "run", path),
        privacy=privacy,
        casebook=_casebook(document, path),
        detectors=_detectors(document, detectors, path),
    )


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return a Chinese hint at the nearest valid name, or the list of all where none is near.

    Examples
    --------
    >>> nearest("max_quarantin", ["max_quarantine", "files"])
    '是否想写 max_quarantine？'
    >>> nearest("x", ["b", "a"])
    '可用的有：a、b。'
    """
    names = sorted(valid)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"是否想写 {close[0]}？" if close else f"可用的有：{'、'.join(names)}。"


def _parse(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise UserError(f"配置文件不存在：{path}。请检查 --config 的路径。") from error
    except OSError as error:
        raise UserError(f"配置文件读不到：{path}。请检查路径和读取权限。") from error
    except UnicodeDecodeError as error:
        raise UserError(f"配置文件 {path.name} 不是 UTF-8 编码，请另存为 UTF-8 后重试。") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
        raise UserError(
            f"配置文件 {path.name} {where}不合 TOML 格式：请检查引号、括号和等号是否成对，"
            "同一设置是否写了两遍。"
        ) from error


def _intake(document: Mapping[str, Any], path: Path) -> IntakeSettings:
    settings = _section(IntakeSettings, document, "intake", path, hidden=("files",))
    rules = document.get("files", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise UserError(
            f"配置文件 {path.name}：files 应写成 [[files]]（两层方括号），每条规则一段。"
        )
    read = tuple(
        _typed(FileRule, rule, f"配置文件 {path.name} 第 {number} 段 [[files]]")
        for number, rule in enumerate(rules, start=1)
    )
    return dataclasses.replace(settings, files=read)


def _casebook(document: Mapping[str, Any], path: Path) -> CasebookSettings:
    settings = _section(CasebookSettings, document, "casebook", path)
    file = re.fullmatch(r"sqlite:///(?!/)(?![A-Za-z]:)(.+)", settings.url or "")
    if file is None:
        return settings
    return CasebookSettings(f"sqlite:///{path.resolve().parent / file[1]}")


def _detectors(
    document: Mapping[str, Any], detectors: Mapping[str, Detector], path: Path
) -> dict[str, Mapping[str, Any]]:
    sections = document.get("detectors", {})
    _need_table(sections, f"配置文件 {path.name} [detectors]")
    _refuse_unknown(sections, detectors, f"配置文件 {path.name} [detectors]", "检测项")
    for name, given in sections.items():
        where = f"配置文件 {path.name} [detectors.{name}]"
        _need_table(given, where)
        try:
            settings_for(detectors[name], given)
        except UserError as error:
            raise UserError(f"{where}：{error.message}", error.exit_status) from error
    return dict(sections)


def _section(
    kind: type[T], document: Mapping[str, Any], name: str, path: Path, hidden: tuple[str, ...] = ()
) -> T:
    given = document.get(name, {})
    where = f"配置文件 {path.name} [{name}]"
    _need_table(given, where)
    return _typed(kind, given, where, hidden)


def _typed(kind: type[T], given: Mapping[str, Any], where: str, hidden: tuple[str, ...] = ()) -> T:
    """Make a settings dataclass out of a section, or say in one line what is wrong with it."""
    known = [f.name for f in dataclasses.fields(kind) if f.name not in hidden]  # type: ignore[arg-type]
    _refuse_unknown(given, known, where, "设置项")
    for name, value in given.items():
        # Shares, limits and sizes: no setting of the front door means anything below nought.
        if isinstance(value, float) and not math.isfinite(value):
            raise UserError(f"{where} {name}：应为普通的数字，现为 {value}。")
        if isinstance(value, (int, float)) and value < 0:
            raise UserError(f"{where} {name}：不能是负数，现为 {_shown(value)}。")
    try:
        # By way of JSON: strict there means no "90" for 90, yet arrays may fill tuples.
        return TypeAdapter(kind).validate_json(json.dumps(given, default=str), strict=True)
    except UserError as error:
        raise UserError(f"{where} {error.message}", error.exit_status) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UserError(_explain(first, given, where)) from error


_TYPES = {
    "int": "整数",
    "float": "数字",
    "decimal": "数字",
    "string": "文字（加引号）",
    "bool": "true 或 false",
    "tuple": "列表（方括号）",
    "list": "列表（方括号）",
    "dict": "对照表（花括号）",
    "date": "日期（2024-12-31）",
    "path": "文件路径（加引号）",
}


def _explain(problem: Any, given: Mapping[str, Any], where: str) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or ""
    spot = f"{where} {key}".rstrip()
    kind = str(problem["type"])
    if kind == "missing":
        return f"{spot}：缺少这一设置项，请补上。"
    if kind == "value_error":
        # Raised by a dataclass as a whole: no key in the location.
        return f"{spot}：{problem['ctx']['error']}。现为 {_shown(problem['input'])}。"
    if kind == "literal_error":
        return f"{spot}：只能是 {problem['ctx']['expected']}，现为 {_shown(problem['input'])}。"
    wanted = next((text for name, text in _TYPES.items() if kind.startswith(name)), None)
    if wanted is None:
        return f"{spot}：这个值不能用，现为 {_shown(problem['input'])}。"
    return f"{spot}：应为{wanted}，现为 {_shown(problem['input'])}。"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _need_table(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise UserError(f"{where}：应为一节设置，现为 {_shown(value)}。")


def _refuse_unknown(given: Iterable[str], valid: Iterable[str], where: str, noun: str) -> None:
    known = set(valid)
    for name in given:
        if name not in known:
            raise UserError(f"{where}：没有名为 {name} 的{noun}。{nearest(name, known)}")
