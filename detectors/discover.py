"""Finding the detectors: every file in a family's folder is one, nothing else registers it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import get_args

from rapidfuzz import process

from detectors.detector import Detector, Family, Spec
from ingest.errors import UserError

FAMILIES: tuple[str, ...] = get_args(Family)
FAMILY_TITLES: dict[str, str] = {
    "related_party": "关联交易与利益冲突",
    "bid_rigging": "围标串标",
    "procurement": "采购与工程异常",
    "subsidy": "优亲厚友、虚报冒领、应发实发差额",
    "collective_assets": "资源发包异常、集体资产流失",
    "public_funds": "小金库、公务接待、收付",
    "umbrella": "涉黑涉恶关联核查",
}


@cache
def discover() -> Mapping[str, Detector]:
    """Import every detector file and return the detectors by id, sorted.

    Returns
    -------
    mapping of str to Detector
        Keys are detector ids in alphabetical order.

    Raises
    ------
    TypeError
        If a file in a family's folder is no detector, or its name or folder disagree with its spec.

    Examples
    --------
    >>> "own_unit_supplier" in discover()
    True
    """
    found = {}
    for family in FAMILIES:
        package = importlib.import_module(f"detectors.{family}")
        for info in pkgutil.iter_modules(package.__path__):
            # A leading underscore marks a helper shared by the detectors of one family.
            if info.name.startswith("_"):
                continue
            module = importlib.import_module(f"detectors.{family}.{info.name}")
            found[info.name] = as_detector(module, family, info.name)
    return dict(sorted(found.items()))


def as_detector(module: ModuleType, family: str, name: str) -> Detector:
    """Take the spec and the function out of a detector file and check its place.

    Raises
    ------
    TypeError
        If ``SPEC`` or ``detect`` is missing, or the spec names another id or family.
    """
    spec = getattr(module, "SPEC", None)
    detect = getattr(module, "detect", None)
    if not isinstance(spec, Spec) or not callable(detect):
        raise TypeError(f"{module.__name__}: a detector file needs SPEC and detect()")
    if spec.id != name or spec.family != family:
        raise TypeError(f"{module.__name__}: its spec says {spec.family}/{spec.id}")
    return Detector(spec=spec, detect=detect)


def select(only: Sequence[str] = ()) -> tuple[Detector, ...]:
    """Choose detectors by family or id.

    Parameters
    ----------
    only : sequence of str
        Families and ids, in any mix; empty means all.

    Returns
    -------
    tuple of Detector
        Sorted by id, each once.

    Raises
    ------
    UserError
        If a name is neither a family nor a detector; the message names the nearest ones.

    Examples
    --------
    >>> [d.spec.id for d in select(["paid_after_death"])]
    ['paid_after_death']
    """
    detectors = discover()
    if not only:
        return tuple(detectors.values())
    chosen: set[str] = set()
    for name in only:
        members = {key for key, d in detectors.items() if name in (key, d.spec.family)}
        # A family without a detector yet is a right name that selects nothing.
        if not members and name not in FAMILIES:
            raise UserError(
                f"没有名为“{name}”的检测项或类别。{nearest(name, [*detectors, *FAMILIES], '可选')}"
            )
        chosen |= members
    return tuple(d for key, d in detectors.items() if key in chosen)


def nearest(name: str, allowed: Sequence[str], lead: str) -> str:
    """Name what may have been meant, and all that is allowed, in one Chinese clause.

    Examples
    --------
    >>> nearest("subsidie", ["subsidy", "procurement"], "可选")
    '您是否想写：subsidy？可选：procurement、subsidy。'
    """
    hits = [match for match, _, _ in process.extract(name, allowed, limit=3, score_cutoff=70)]
    guess = f"您是否想写：{'、'.join(hits)}？" if hits else ""
    return f"{guess}{lead}：{'、'.join(sorted(set(allowed)))}。"
