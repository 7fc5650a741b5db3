"""The annexes of a letter: forms, picture, evidence, innocent explanations, data, rules, approval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from clues.evidence import ranges
from clues.handover.content import Block, Break, Cell, CutLine, Heading, Para, Space, Table
from clues.model import LEVEL_NAMES, ClueEvidence, Source
from clues.names import STATES, period_text, rule_title
from clues.workbook import also_text, values_text
from detectors.discover import discover
from ingest.tables import TABLES

if TYPE_CHECKING:
    from clues.handover.letter import Matter

EVIDENCE_MOST = 150
_UNSAID = ("无", "日期", "比例")


def annexes(matter: Matter) -> tuple[list[str], list[Block]]:
    """Titles of the annexes, and their pages."""
    register = "问题线索登记表" if matter.form.approved else "问题线索登记表（疑点，待核查审批）"
    parts: tuple[tuple[str, bool, list[Block]], ...] = (
        (register, False, [_register(matter)]),
        ("关系图", True, [matter.figure]),
        ("证据清单", False, _evidence(matter)),
        ("其他可能及核对结果", False, [_benign(matter)]),
        ("数据来源与授权", False, _origins(matter)),
        ("检测项、参数、版本和既往核实率", False, _rules(matter)),
        ("审批单", False, [_approval(matter)]),
    )
    blocks: list[Block] = []
    for n, (title, landscape, content) in enumerate(parts, 1):
        blocks += [Break(landscape), Para(f"附件{n}", "left"), Heading(title, 0), *content]
    titles = [title for title, _, _ in parts]
    if matter.options.unmask_reason:
        titles.append("身份核对表（另册密封）")
    return titles, blocks


def receipts(matter: Matter) -> list[Block]:
    """Two copies of the receipt on one page, to be cut apart."""
    copies = ("第一联　移交单位留存", "第二联　接收单位留存")
    blocks: list[Block] = [Break()]
    for n, copy in enumerate(copies):
        if n:
            blocks += [Space(), CutLine()]
        blocks += [Heading("签收回执", 0), Para(copy, "center"), _receipt(matter)]
    return blocks


def _grid(*rows: Sequence[tuple[str, str]], heights: Sequence[float] = ()) -> Table:
    """A form of label and value: one or two pairs a row."""
    out: list[tuple[Cell, ...]] = []
    for row in rows:
        if len(row) == 1:
            out.append((Cell(row[0][0], label=True), Cell(row[0][1], span=3)))
        else:
            (a, b), (c, d) = row
            out.append((Cell(a, label=True), Cell(b), Cell(c, label=True), Cell(d)))
    sizes = tuple(heights) or (9.0,) * len(rows)
    return Table(tuple(out), (0.2, 0.3, 0.2, 0.3), heights=sizes)


def _listing(
    header: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[str]]
) -> Table:
    head = tuple(Cell(text, label=True) for text in header)
    return Table((head, *(tuple(Cell(t) for t in row) for row in rows)), tuple(widths), header=1)


def _register(matter: Matter) -> Table:
    clues, target = matter.dossier.clues, matter.form.target
    amounts = "、".join(f"{c.amount:,.2f}元" for c in clues if c.amount is not None)
    levels = "、".join(f"{c.id}（{LEVEL_NAMES[c.level]}）" for c in clues)
    who = "被反映人" if target else "涉及对象"
    number = (target.id_number if target else None) or ""
    detail = matter.details.get(target.entity, "") if target else ""
    return _grid(
        (("移交编号", ""), ("线索编号", "")),
        ((who, target.name if target else matter.name()), ("证件号码", number)),
        (("单位（住址）", detail), ("职务职级", "")),
        (("政治面貌", ""), ("管理权限", "")),
        (("线索来源", "数据比对"), ("比对编号及等级", levels)),
        (("问题类别", "、".join(dict.fromkeys(rule_title(c.detector) for c in clues))),),
        (("主要内容", "\n".join(c.title for c in clues)),),
        (("涉及金额", amounts), ("期间", "、".join(filter(None, (period_text(c.period) for c in clues))))),
        (("登记人", ""), ("登记日期", "")),
        (("接收单位意见", ""),),
        (("领导批示", ""),),
        heights=(9, 9, 9, 9, 9, 9, 30, 9, 9, 26, 26),
    )  # fmt: skip


def _evidence(matter: Matter) -> list[Block]:
    pieces = matter.dossier.evidence
    rows = [(f"[{p.no}]", p.text, values_text(p), _place(p)) for p in pieces[:EVIDENCE_MOST]]
    blocks: list[Block] = [
        _listing(("编号", "说明", "内容（已脱敏）", "出处"), (0.09, 0.22, 0.41, 0.28), rows)
    ]
    if len(pieces) > EVIDENCE_MOST:
        rest = len(pieces) - EVIDENCE_MOST
        blocks.append(Para(f"其余{rest}项见《证据清单.xlsx》或线索数据文件。", "note"))
    return blocks


def _place(piece: ClueEvidence) -> str:
    if piece.source is None:
        return "计算所得"
    text = source_text(piece.source)
    also = also_text(piece.source).replace("\n", "；")
    return f"{text}（相同记录：{also}）" if also else text


def source_text(source: Source) -> str:
    """Where a row stands: ``财政局/合同.xlsx，工作表“合同”，第5行``."""
    sheet = f"，工作表“{source.sheet}”" if source.sheet else ""
    return f"{source.file}{sheet}，第{source.row}行"


def _benign(matter: Matter) -> Table:
    rows = [
        (
            item["text"],
            item["check"] or "现有数据无法核对",
            STATES[item["state"]],
            item["result"],
        )
        for clue in matter.dossier.clues
        for item in clue.benign_explanations
    ]
    header = ("其他可能", "核对办法", "核对状态", "结果")
    return _listing(header, (0.26, 0.28, 0.14, 0.32), dict.fromkeys(rows))


def _origins(matter: Matter) -> list[Block]:
    numbers: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for piece in matter.dossier.evidence:
        if piece.source is not None:
            key = (piece.source.file, piece.source.sheet or "—", piece.table or "")
            numbers[key].append(piece.no)
    hashes = {item["file"]: item.get("sha256") for item in matter.options.run.get("inputs", ())}
    rows = [
        (file, sheet, _table_title(table), ranges(found), "", "", "")
        for (file, sheet, table), found in sorted(numbers.items())
    ]
    header = ("文件", "工作表", "资料类别", "证据编号", "提供单位", "提供日期", "授权依据")
    blocks: list[Block] = [_listing(header, (0.25, 0.12, 0.14, 0.13, 0.12, 0.12, 0.12), rows)]
    blocks.append(
        Para("提供单位、提供日期和授权依据由移交单位填写；资金流水须注明查询批准文号。", "note")
    )
    known = [(f, h) for f in sorted({k[0] for k in numbers}) if (h := hashes.get(f))]
    if known:
        blocks.append(_listing(("文件", "校验值（SHA-256）"), (0.4, 0.6), known))
    return blocks


def _table_title(table: str) -> str:
    return TABLES[table].title if table in TABLES else table


def _rules(matter: Matter) -> list[Block]:
    recorded = {item["detector"]: item for item in matter.options.run.get("detectors", ())}
    known = discover()
    blocks: list[Block] = []
    own = {clue.detector: clue.version for clue in matter.dossier.clues}
    told = (one.detector for clue in matter.dossier.clues for one in clue.absorbs)
    for detector in dict.fromkeys((*own, *told)):
        spec = known[detector].spec if detector in known else None
        record = recorded.get(detector, {})
        title = spec.title if spec else record.get("title", detector)
        rows: list[tuple[str, str]] = [
            ("检测项", f"{title}（{detector}）"),
            (
                "版本",
                f"第{own.get(detector) or record.get('version') or (spec and spec.version)}版",
            ),
        ]
        if spec:
            rows.append(("含义", spec.what))
        # What only went into another clue may have no record of its own.
        if detector in own or record:
            rows.append(("参数", _parameters(spec, record.get("parameters"))))
        if counts := record.get("counts"):
            rows.append(("核对范围", _counts(counts)))
        rows.append(("既往核实率", "尚无核查反馈，不能给出"))
        table = tuple((Cell(name, label=True), Cell(text)) for name, text in rows)
        blocks += [Table(table, (0.2, 0.8)), Space()]
    return blocks[:-1]


def _parameters(spec: Any, used: dict[str, Any] | None) -> str:
    if spec is None:
        return "；".join(f"{k}={v}" for k, v in (used or {}).items()) or "无"
    lines = []
    for parameter in spec.parameters():
        value = (used or {}).get(parameter["name"], parameter["default"])
        shown = "、".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        unit = "" if parameter["unit"] in _UNSAID else parameter["unit"]
        lines.append(f"{parameter['reason']}：{shown}{unit}（{parameter['source']}）")
    return "\n".join(lines) or "无"


def _counts(counts: dict[str, Any]) -> str:
    return (
        f"共核对{counts['subjects']}个（{counts['subject_kind']}）：触发{counts['triggered']}，"
        f"未触发{counts['not_triggered']}，数据不足{counts['insufficient']}，"
        f"不适用{counts['not_applicable']}"
    )


def _approval(matter: Matter) -> Table:
    options = matter.options
    approved = ""
    if options.approved:
        approved = f"批准人：{options.approved_by}\n批准文号：{options.approval_no}"
    sign = "\n\n签名：　　　　　　　　　年　　月　　日"
    return _grid(
        (("事由", matter.title().replace("\n", "")),),
        (("对象", matter.name()), ("疑点条数", str(len(matter.dossier.clues)))),
        (("承办人意见", sign),),
        (("承办部门负责人意见", sign),),
        (("分管领导意见", sign),),
        (("批准意见", approved + sign),),
        (("备注", ""),),
        heights=(12, 10, 30, 30, 30, 34, 16),
    )


def _receipt(matter: Matter) -> Table:
    return _grid(
        (("件名", matter.title().replace("\n", "")),),
        (("对象", matter.name()), ("移交编号", "")),
        (("页数", ""), ("附件件数", "")),
        (("移交人（一）", ""), ("移交人（二）", "")),
        (("接收人", ""), ("监交人", "")),
        (("接收单位", ""), ("移交日期", "　　年　　月　　日")),
        heights=(9, 9, 9, 11, 11, 11),
    )
