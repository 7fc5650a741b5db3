"""What ``tanwei init`` writes: a workbook for every table and a commented ``tanwei.toml``."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from detectors.discover import FAMILY_TITLES, discover
from graph.settings import GraphSettings
from ingest.errors import UserError
from ingest.intake import IntakeSettings
from ingest.templates import write_templates
from tanwei.config import NAME, RunSettings

# What each setting of the other rooms means to an analyst; a test holds this list complete.
NOTES = {
    "intake.max_quarantine": "某张表被隔离的行超过这一比例时，退出状态为 3",
    "graph.unit_aliases": "单位别名：左边是曾用名或简称，右边是规范名称",
    "graph.hub_limit": "电话、账户、地址、村关联的主体超过这一数目时，不作为关联依据",
    "graph.name_candidates_limit": "同名者不超过这一数目时，才记为可能是同一人",
    "graph.household_limit": "一户人数超过这一数目时视为集体户，不据以推断亲属",
    "graph.sources_limit": "一条关系最多列出的来源行数",
    "graph.kin_hub_limit": "一人登记的亲属超过这一数目时，不经此人推断亲属",
    "graph.inferred_kin_links": "推断亲属时最多连用几条登记或申报的关系",
    "graph.inferred_kin_people": "最多为多少名干部、经办审批人员、专家、涉黑涉恶人员推断亲属",
    "graph.inferred_kin_limit": "每人最多推断的亲属数，由近及远",
    "graph.merge_from": "没有共同证件号的两条记录，同一人的可能性达到这一数值时合并（大于0.5，至多1）",
    "graph.doubt_from": "达到这一数值而未合并的，列入待人工认定；低于的视为不同人（大于0，小于0.5）",
    "run.memory_limit": "计算引擎可用的内存，放不下的部分写到磁盘",
    "run.threads": "计算引擎的线程数；不写时用全部核心",
}
EXAMPLES = {
    "graph.unit_aliases": '{ "县财政局" = "江州县财政局" }',
    "run.threads": "2",
}
FILES_EXAMPLE = """\
# 认不出的文件在这里指明是哪张表；可写多段。
# [[files]]
# match = "民政/低保*.xlsx"                    # 文件名或路径，可用 * 号
# sheet = "Sheet1"                             # 工作表名；不写则全部
# table = "subsidies"                          # 表的英文名，见模板文件名
# header_row = 3                               # 表头在第几行
# unit = "万元"                                # 金额单位
# columns = { "补助对象" = "name" }            # 文件中的表头 = 规范列名
"""


def write_all(directory: Path) -> list[Path]:
    """Write the templates and the configuration into a folder, made where absent.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UserError
        If the folder can't be written, or already holds a ``tanwei.toml``.
    """
    config = directory / NAME
    if config.exists():
        raise UserError(f"{config} 已经存在，没有改动。请另选目录，或先把它移走。")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        written = list(write_templates(directory))
        config.write_text(config_text(), encoding="utf-8")
    except OSError as error:
        raise UserError(f"目录不能写入：{directory}。请检查路径、权限和磁盘空间。") from error
    return [*written, config]


def config_text() -> str:
    """Return a ``tanwei.toml`` in which every setting stands commented at its default."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 探微配置。去掉行首的 # 即可启用；不写的设置用默认值。写错的设置名会被指出。"
    yield from _section("intake", IntakeSettings)
    yield ""
    yield FILES_EXAMPLE.rstrip()
    yield from _section("graph", GraphSettings)
    yield from _section("run", RunSettings)
    yield ""
    yield "# [privacy]"
    yield "# 同一单位多人使用时，指向同一个密钥文件，人员编号才一致；不写时用本人的密钥。"
    yield '# key_file = "密钥文件的路径"'
    yield ""
    yield "# [casebook]"
    yield "# 案卷库（人工认定等）放在哪里；不写时放在输出目录的 casebook.db。单位共用时可写数据库地址。"
    yield '# url = "postgresql+psycopg://用户@主机/库名"'
    for name, detector in discover().items():
        spec = detector.spec
        yield ""
        yield f"# {FAMILY_TITLES[spec.family]}：{spec.title}"
        yield f"# [detectors.{name}]"
        yield f"# enabled = {_toml(spec.enabled)}"
        for parameter in spec.parameters():
            yield f"# {parameter['reason']}（单位：{parameter['unit']}；{parameter['source']}）"
            yield f"# {_assignment(parameter['name'], parameter['default'])}"


def _section(name: str, kind: type) -> Iterator[str]:
    yield ""
    yield f"# [{name}]"
    defaults = kind()
    for field in dataclasses.fields(kind):
        key = f"{name}.{field.name}"
        if key == "intake.files":
            continue
        yield f"# {NOTES[key]}"
        yield f"# {field.name} = {EXAMPLES.get(key) or _toml(getattr(defaults, field.name))}"


def _assignment(name: str, default: Any) -> str:
    """Return a setting at its default; TOML has nothing for one that is unset."""
    return f"{name}：默认不设" if default is None else f"{name} = {_toml(default)}"


def _toml(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, (tuple, frozenset)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)
