"""A page per detector, written from its spec: ``python -m detectors.pages``."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from detectors.detector import KINDS, STRENGTHS, Detector, Requires
from detectors.discover import FAMILY_TITLES, discover
from detectors.legal import CLAUSES, explain
from detectors.runner import describe

_HERE = Path(__file__).parent
FOLDER = _HERE.parent / "docs" / "detectors"
_CASES = {"hit": "应当发现", "exclusion": "应当排除或降低", "near_miss": "差一点不应发现"}
_TYPES = {int: "整数", float: "小数", bool: "true/false", str: "文本"}


def page(detector: Detector) -> str:
    """Write the page of a detector in Markdown.

    Parameters
    ----------
    detector : Detector

    Returns
    -------
    str
        Ends with a line break.
    """
    spec = detector.spec
    parts = [
        f"# {spec.title}",
        f"`{spec.id}` · {FAMILY_TITLES[spec.family]} · 版本 {spec.version}",
        spec.what,
        "查出的只是疑点，是进一步了解情况的理由，不是结论。",
        *([] if spec.enabled else ["默认不运行，须在配置中写 `enabled = true`。"]),
        "## 需要的数据",
        _requirements(detector),
        "## 强度与证据种类",
        _strength(detector),
        "## 其他可能",
        _benign(detector),
        "## 可援引的条款",
        _legal(detector),
        "## 建议核查",
        "\n".join(f"{n}. {step}" for n, step in enumerate(spec.next_steps, 1)),
        "## 设置",
        _settings(detector),
        "## 用例",
        _cases(detector),
    ]
    return "\n\n".join(parts) + "\n"


def index(detectors: list[Detector]) -> str:
    """Write the table of contents of all pages."""
    lines = ["# 检测项", "", "| 检测项 | 类别 | 强度 | 标识 |", "| --- | --- | --- | --- |"]
    for detector in sorted(
        detectors, key=lambda d: (list(FAMILY_TITLES).index(d.spec.family), d.spec.id)
    ):
        spec = detector.spec
        strength = "、".join(STRENGTHS[s] for s in spec.strength)
        family = FAMILY_TITLES[spec.family]
        lines.append(f"| [{spec.title}]({spec.id}.md) | {family} | {strength} | `{spec.id}` |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Write all pages; file name → text."""
    detectors = list(discover().values())
    found = {f"{d.spec.id}.md": page(d) for d in detectors}
    return {"README.md": index(detectors), **found}


def _requirements(detector: Detector) -> str:
    spec = detector.spec
    lines = [f"- 必须：{_need(r)}" for r in spec.requires]
    if spec.requires_any:
        lines.append(f"- 至少一项：{'；'.join(_need(r) for r in spec.requires_any)}")
    lines += [f"- 有则更好：{_need(r)}" for r in spec.optional]
    return "\n".join(lines)


def _need(required: Requires) -> str:
    return f"{describe(required)} `{required.table}`"


def _strength(detector: Detector) -> str:
    spec = detector.spec
    lines = [
        f"- 强度：{'、'.join(STRENGTHS[s] for s in spec.strength)}",
        f"- 证据种类：{'、'.join(KINDS[k] for k in spec.kinds)}",
        f"- 区分同一对象的不同疑点：{spec.event_key}",
    ]
    if spec.orange_effect is not None:
        lines.append(
            f"- 单独达到橙色的效应：{spec.effect_name} ≥ {spec.orange_effect}，且 q ≤ 0.001"
        )
    if spec.small_projection:
        lines.append(f"- 在小范围投影上计算：{spec.small_projection}")
    return "\n".join(lines)


def _benign(detector: Detector) -> str:
    lines = ["| 其他可能 | 如何核对 |", "| --- | --- |"]
    for benign in detector.spec.benign:
        lines.append(f"| {benign.text} | {benign.check or '数据不能反映，须人工了解'} |")
    return "\n".join(lines)


def _legal(detector: Detector) -> str:
    keys = detector.spec.legal
    if not keys:
        return "不援引条款。"
    lines = []
    for key in keys:
        local = "（地方规定，仅在配置开启后援引）" if CLAUSES[key].local else ""
        lines.append(f"- `{key}` {explain(key)}{local}")
    return "\n".join(lines)


def _settings(detector: Detector) -> str:
    spec = detector.spec
    parameters = spec.parameters()
    lenders = [f.metadata["borrowed"] for f in fields(spec.settings) if "borrowed" in f.metadata]
    lent = [f"团体的划定沿用 `[detectors.{name}]` 的设置。" for name in lenders]
    if not parameters:
        return "\n".join(["没有设置项。", *lent])
    hints = get_type_hints(spec.settings)
    lines = [
        f"写在 `tanwei.toml` 的 `[detectors.{spec.id}]` 之下；界限值本身计入。",
        "",
        "| 设置项 | 默认值 | 单位 | 类型与范围 | 理由 | 来源 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for p in parameters:
        cells = (
            f"`{p['name']}`",
            _value(p["default"]),
            p["unit"],
            _type(hints[p["name"]]) + _bounds(p["least"], p["most"]),
            p["reason"],
            p["source"],
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, *(["", *lent] if lent else [])])


def _value(value: Any) -> str:
    if value is None:
        return "不设"
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"


def _type(hint: Any) -> str:
    if hint in _TYPES:
        return _TYPES[hint]
    text = str(hint)
    if text.startswith("tuple"):
        return "列表"
    return "整数" if "int" in text else "小数" if "float" in text or "Decimal" in text else "文本"


def _bounds(least: float | None, most: float | None) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f"，≥ {least}"
    return f"，≤ {most}" if least is None else f"，{least}—{most}"


def _cases(detector: Detector) -> str:
    spec = detector.spec
    path = _HERE / spec.family / f"{spec.id}.cases.toml"
    if not path.is_file():
        return "尚无用例。"
    cases = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    lines = []
    for kind, title in _CASES.items():
        names = [case["name"] for case in cases if case["kind"] == kind]
        if names:
            lines.append(f"- {title}：{'；'.join(names)}")
    return "\n".join(lines)


def main() -> None:
    """Write the pages and remove those of detectors that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
