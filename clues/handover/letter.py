"""The letter: what is said about a matter, in the order in which an office reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from clues.dossier import Dossier
from clues.evidence import marks, told
from clues.group_picture import parts_of
from clues.handover.annexes import annexes, receipts
from clues.handover.content import Block, Cell, Figure, Heading, Letter, Para, Space, Table
from clues.handover.form import Form
from clues.handover.options import HandoverOptions
from clues.model import LEVEL_NAMES, Clue, ClueSubject
from clues.names import ROLES, STATES, absorbed_counts, identity_text, period_text, systemic_text
from clues.workbook import reason_lines
from detectors.legal import CLAUSES, explain
from graph.picture import Picture

BLANK = "＿＿＿＿＿＿"
_NUMERALS = "一二三四五六七八九十"
_EDGES_MOST = 12


@dataclass(frozen=True)
class Matter:
    """All that a letter is written from.

    ``details`` gives for an entity the short text that tells namesakes apart; ``figure`` is the drawn
    picture.
    """

    dossier: Dossier
    form: Form
    options: HandoverOptions
    picture: Picture
    figure: Figure
    details: dict[str, str]

    def title(self) -> str:
        """The letter's title; a line feed parts its lines."""
        target = self.form.target
        if self.form.kind == "task":
            return self.form.name
        if self.form.kind == "advice":
            return "巡察建议书"
        if target is not None:
            return f"关于移送{target.name}\n有关问题线索的函"
        return f"关于移送{self.name()}\n有关情况的函"

    def name(self) -> str:
        """Whom the matter is about, in a few words."""
        first = self.dossier.clues[0].subjects[0].name
        count = len(
            {s.entity for c in self.dossier.clues for s in c.subjects if s.role == "bidder"}
        )
        return f"{first}等{count}家企业" if count > 1 else first


def write_letter(matter: Matter) -> Letter:
    """Compose the letter with its annexes.

    Parameters
    ----------
    matter : Matter
        Clues numbered through, form, options, picture.

    Returns
    -------
    Letter
        The one content that DOCX and PDF both show.
    """
    form = matter.form
    sections = (
        ("线索来源", _origin(matter)),
        ("基本情况", _people(matter)),
        ("反映的主要问题", _facts(matter)),
        ("关系图", _relations(matter)),
        ("证据材料", _evidence(matter)),
        ("已核对的其他可能", _benign(matter)),
        ("建议核查事项", _steps(matter)),
        ("处置意见", _disposition(form)),
    )
    blocks: list[Block] = [*_opening(matter)]
    for numeral, (title, content) in zip(_NUMERALS, sections, strict=False):
        blocks += [Heading(f"{numeral}、{title}", 1), *content]
    listed, appended = annexes(matter)
    blocks += [Space(), *_closing(matter, listed)]
    blocks += [*appended, *receipts(matter)]
    return Letter(
        file=form.name,
        title=matter.title(),
        letterhead=(matter.options.office or "（移交单位名称）") if form.approved else None,
        marks=(
            ("内部资料　注意保密", f"发文字号：{BLANK}"),
            (f"密级：{BLANK}", f"移交编号：{BLANK}"),
            ("保密期限：＿＿＿＿", f"线索编号：{BLANK}"),
            (f"份号：{BLANK}", "（线索编号由接收单位填写）"),
        ),
        blocks=tuple(blocks),
    )


def _opening(matter: Matter) -> list[Block]:
    form, options = matter.form, matter.options
    hint = f"（主送单位由移交单位填写。宜送：{form.recipient}；理由：{form.why}。"
    if form.barred:
        whose = "被反映人任职的单位" if form.target else "所涉单位本身"
        hint += f"不得送{whose}：{'、'.join(form.barred)}。"
    count = len(matter.dossier.clues)
    if form.kind == "task":
        text = (
            f"对有关部门提供的数据进行比对分析，发现下列疑点{count}条，现交你单位核查。"
            "本单所列均为疑点，是核查的理由，不是结论；未经核实和审批，不得作为认定问题的依据。"
            "核查中请注意保密，不得向被核查对象及无关人员透露。"
        )
    else:
        approval = f"经批准（批准人：{options.approved_by}；批准文号：{options.approval_no}），"
        about = f"反映{form.target.name}的有关问题线索" if form.target else "下列有关情况"
        end = "移送你单位，请按管理权限和规定程序处理。"
        if form.kind == "advice":
            end = "提请你单位在行业治理中研究处理，并反馈情况。"
        text = f"{approval}现将{about}（共{count}条）{end}所列情况均有待核实，不是结论。"
    return [Para(f"{BLANK}{BLANK}：", "left"), Para(hint + "）", "note"), Para(text)]


def _origin(matter: Matter) -> list[Block]:
    dossier, run = matter.dossier, matter.options.run
    files = {p.source.file for p in dossier.evidence if p.source is not None}
    rows = sum(p.source is not None for p in dossier.evidence)
    until = f"数据截至{run['as_of']}，" if run.get("as_of") else ""
    text = (
        f"本件由登记资料比对产生，{until}引用{len(files)}个文件中的{rows}条记录（见附件5），"
        "所用检测项、参数和版本见附件6。比对未使用举报人信息。"
    )
    return [Para(text)]


def _people(matter: Matter) -> list[Block]:
    target = matter.form.target
    seen: dict[str, ClueSubject] = {}
    for clue in matter.dossier.clues:
        for subject in clue.subjects:
            seen.setdefault(subject.entity, subject)
    parts = {e: text for clue in matter.dossier.clues for e, text in parts_of(clue).items()}
    others = [s for s in seen.values() if target is None or s.entity != target.entity]
    # Members of a group in the order of the letters that the text calls them by.
    others.sort(key=lambda s: parts.get(s.entity, "~"))
    blocks: list[Block] = []
    if target is None:
        blocks.append(Para("被反映人：目前未见公职人员或党员涉及的记录，待核查。涉及对象如下："))
        rows = [_row("涉及对象", s, matter, parts) for s in others]
    else:
        blocks.append(Para("被反映人及关联人如下，证件号码已脱敏："))
        # In an exchange every official is one whom the matter is about.
        also = [s for s in others if s.role == "official"]
        rows = [
            *(_row("被反映人", s, matter, parts) for s in (target, *also)),
            *(_row("关联人", s, matter, parts) for s in others if s not in also),
        ]
    head = tuple(Cell(t, label=True) for t in ("类别", "姓名（名称）", "身份", "证件号码", "说明"))
    blocks.append(Table((head, *rows), (0.12, 0.26, 0.11, 0.3, 0.21), header=1))
    return blocks


def _row(
    kind: str, subject: ClueSubject, matter: Matter, parts: Mapping[str, str]
) -> tuple[Cell, ...]:
    told = (parts.get(subject.entity), matter.details.get(subject.entity))
    return (
        Cell(kind),
        Cell(subject.name),
        Cell(ROLES.get(subject.role, "")),
        Cell(subject.id_number or subject.uscc or "未登记"),
        Cell("；".join(text for text in told if text)),
    )


def _facts(matter: Matter) -> list[Block]:
    blocks: list[Block] = []
    many = len(matter.dossier.clues) > 1
    for n, (clue, sentences) in enumerate(matter.dossier.sentences(), 1):
        blocks.append(Heading(f"（{numeral(n)}）{clue.title}" if many else clue.title, 2))
        if sentences:
            blocks.append(Para("".join(told(sentence) for sentence in sentences)))
        blocks.append(Para(_figures(clue)))
        blocks.append(Para("定级依据：" + "；".join(reason_lines(clue)) + "。"))
        if clue.absorbs:
            told_here = absorbed_counts(clue)
            blocks.append(Para(f"本疑点合并了下列检测结果，不再单列：{told_here}。"))
        clauses = [explain(key).rstrip("。") for key in clue.legal_basis if key in CLAUSES]
        if clauses:
            blocks.append(Para("相关规定（供核查参考）：" + "；".join(clauses) + "。"))
    return blocks


def _figures(clue: Clue) -> str:
    parts = [f"线索编号{clue.id}"]
    if clue.amount is not None:
        parts.append(f"涉及金额{clue.amount:,.2f}元")
    if clue.period is not None:
        parts.append(f"期间{period_text(clue.period)}")
    parts.append(f"等级为{LEVEL_NAMES[clue.level]}（分值{clue.score:.3f}）")
    parts.append(f"身份核对：{identity_text(clue)}")
    if clue.systemic is not None:
        parts.append(f"同类情况：{systemic_text(clue)}")
    return "；".join(parts) + "。"


def _relations(matter: Matter) -> list[Block]:
    if matter.picture.layout == "group":
        members = sum(node.focus for node in matter.picture.nodes)
        return [
            Para(
                f"{members}家企业之间的同场次数、同场较多的其他企业，以及历次投标和中标情况，见附件2。"
            )
        ]
    if matter.picture.layout == "ring":
        return [Para(f"{len(matter.picture.nodes)}家企业相互之间的关系见附件2。")]
    names = {node.key: node.name for node in matter.picture.nodes}
    edges = [e for e in matter.picture.edges if e.label][:_EDGES_MOST]
    ties = "；".join(f"{names[e.src]}—{e.label}—{names[e.dst]}{marks(e.evidence)}" for e in edges)
    rest = "等" if len([e for e in matter.picture.edges if e.label]) > _EDGES_MOST else ""
    return [Para(f"{ties}{rest}。关系图见附件2。" if ties else "关系图见附件2。")]


def _evidence(matter: Matter) -> list[Block]:
    pieces = matter.dossier.evidence
    figures = sum(piece.kind == "statistic" for piece in pieces)
    also = f"，其中统计数据{figures}项" if figures else ""
    sheet = "，原表内容另见《证据清单.xlsx》" if "xlsx" in matter.options.formats else ""
    text = (
        f"证据共{len(pieces)}项{also}，编号[1]至[{len(pieces)}]，逐条列于附件3{sheet}。"
        "每条记录均注明来源文件、工作表和行号，可据此调阅原始资料。"
    )
    return [Para(text)]


def _benign(matter: Matter) -> list[Block]:
    lines = []
    for item in benign_items(matter.dossier.clues):
        text = item["result"].rstrip("。；")
        state = STATES[item["state"]]
        answer = text if text.startswith(state) else f"{state}。{text}"
        lines.append(f"{item['text'].rstrip('。；')}：{answer}。")
    if not lines:
        return [Para("该检测项未列出其他可能，请在核查中一并考虑。")]
    return _numbered(lines)


def benign_items(clues: Sequence[Clue]) -> list[dict[str, Any]]:
    """Innocent explanations of all clues; what is told in the same words is told once."""
    seen: dict[tuple[str, str, str], dict[str, Any]] = {}
    for clue in clues:
        for item in clue.benign_explanations:
            seen.setdefault((item["text"], item["state"], item["result"]), item)
    return list(seen.values())


def _steps(matter: Matter) -> list[Block]:
    steps = dict.fromkeys(step for clue in matter.dossier.clues for step in clue.next_steps)
    gaps = dict.fromkeys(gap for clue in matter.dossier.clues for gap in clue.data_gaps)
    blocks = _numbered([step.rstrip("。；") + "。" for step in steps])
    if gaps:
        blocks.append(Para("数据缺口：" + "；".join(gap.rstrip("。；") for gap in gaps) + "。"))
    return blocks


def _numbered(lines: Sequence[str]) -> list[Block]:
    return [Para(f"{n}．{line}") for n, line in enumerate(lines, 1)]


def _disposition(form: Form) -> list[Block]:
    if form.target is not None:
        ways = "□谈话函询　　□初步核实　　□暂存待查　　□予以了结"
    else:
        ways = "□立项核查　　□转有关单位　　□暂存待查　　□予以了结"
    text = f"（由接收单位填写，本件不提出处置建议）\n{ways}\n\n\n负责人签名：　　　　　　　　　　　　年　　月　　日"
    return [Table(((Cell(text),),), (1.0,), heights=(42.0,))]


def _closing(matter: Matter, annex_titles: Sequence[str]) -> list[Block]:
    """Annexes and signature, on one page: a signature never stands alone on a sheet."""
    first, *rest = [f"{n}．{title}" for n, title in enumerate(annex_titles, 1)]
    lines = [
        (f"附件：{first}", "body"),
        *((f"　　　{line}", "body") for line in rest),
        ("", "left"),
    ]
    office = matter.options.office or "（移交单位盖章）"
    lines += [(f"{office}　　", "right"), ("　　年　　月　　日　　", "right")]
    last = Para("（联系人：＿＿＿＿＿　联系电话：＿＿＿＿＿＿＿＿）")
    return [*(Para(text, cast(Any, style), keep=True) for text, style in lines), last]


def numeral(n: int) -> str:
    """Chinese numeral of a small number.

    Examples
    --------
    >>> numeral(3), numeral(10), numeral(12), numeral(20), numeral(31)
    ('三', '十', '十二', '二十', '三十一')
    """
    tens, ones = divmod(n, 10)
    head = ("" if tens < 2 else _NUMERALS[tens - 1]) + ("十" if tens else "")
    return head + (_NUMERALS[ones - 1] if ones else "")
