"""未见近亲属备案记录: cadres' near relatives in programmes that ask for a record of the kinship."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from detectors.detector import (
    KIN,
    Benign,
    BenignResult,
    Finding,
    Path,
    PathEdge,
    Reason,
    Requires,
    Result,
    Row,
    Sentence,
    Spec,
    Subject,
    setting,
)
from detectors.evidence import (
    INFERRED_GAP,
    cite,
    day,
    first_rows,
    inferred_from,
    listing,
    period_of,
    weakest,
    years,
    yuan,
)
from detectors.names import Names
from detectors.subsidy._filings import Filings
from detectors.subsidy._receipts import Link, Receipt, kin_receipts, village_count


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    filing_programmes: tuple[str, ...] = setting(
        ("最低生活保障", "低保", "特困", "临时救助"),
        unit="无",
        reason="《补贴政策》未写明是否需备案时，名称含这些字样的按需备案处理",
        source="民发〔2021〕57号及当地扩展，须按当地实际调整",
    )
    cadre_types: tuple[str, ...] = setting(
        ("村两委", "村居两委", "社区两委"),
        unit="无",
        reason="人员身份属村（居）委会成员的须备案",
        source="民发〔2021〕57号",
    )
    scope: str = setting(
        "mca-2021-57",
        unit="无",
        reason="近亲属范围：配偶、双方父母、双方兄弟姐妹、子女及其配偶、祖孙、双方父母的兄弟姐妹、养继关系",
        source="民发〔2021〕57号在一地的适用口径，各地不同",
    )
    village_elections: tuple[str, ...] = setting(
        ("2018-06-30", "2021-03-31", "2026-03-31"),
        unit="日期",
        reason="村级任职缺少离任日期时，推定任至下一次换届",
        source="当地换届工作安排，须按当地实际调整",
    )
    most_namesakes: int = setting(
        1, unit="人", reason="同名者多于此数时，仅凭姓名的关联不予采用", least=0
    )


SPEC = Spec(
    id="unfiled_kin",
    title="未见近亲属备案记录",
    family="subsidy",
    version=1,
    what=(
        "村（居）委会成员任职期间，其近亲属在本村享受须备案的救助补贴；或经办、审批人员的近亲属由其本人经办、"
        "审批享受，而近亲属备案数据中未见记录。缺少记录也可能是乡镇漏登或数据没有报送。"
    ),
    strength=("strong",),
    kinds=("register",),
    requires=(
        KIN,
        Requires("kin_filings", ("official_name", "relative_name")),
    ),
    requires_any=(
        Requires("subsidies", ("programme", "name", "amount")),
        Requires("subsidy_applications", ("programme", "name")),
    ),
    optional=(
        Requires("officials", ("identity_type", "village")),
        Requires("subsidy_programmes", ("filing_required",)),
        Requires("kin_filings", ("filing_date",)),
    ),
    settings=Settings,
    legal=("mca-2021-57",),
    benign=(
        Benign("filed", "已按规定备案", "按干部与亲属的证件号码或姓名核对《近亲属备案》"),
        Benign("out_of_tenure", "享受时干部尚未任职或已离任", "比对发放、公示日期与任职起止日期"),
        Benign(
            "other_area",
            "不在干部任职的村，也不由其经办审批",
            "核对任职村与享受人所在村、经办审批人",
        ),
        Benign("kin_ended", "享受时婚姻等亲属关系已经终止", "比对日期与亲属关系起止日期"),
        Benign("omission", "乡镇漏登或备案数据没有报送", None),
    ),
    next_steps=(
        "向乡镇（街道）调取近亲属备案台账原件，核实是否已备案而未录入。",
        "调取入户调查、民主评议、公示和审批材料，核实干部本人是否参与、是否回避。",
        "核实享受人家庭收入、财产状况是否符合条件。",
    ),
    event_key="补贴项目",
)

_COLUMNS = {
    "subsidies": (
        "programme", "name", "id_number", "amount", "pay_date", "village", "handler", "approver",
    ),
    "subsidy_applications": (
        "programme", "year", "name", "id_number", "result", "list_date", "village",
        "handler", "approver",
    ),
}  # fmt: skip
_TABLE_TEXTS = {"subsidies": "发放记录", "subsidy_applications": "申报公示记录"}
_CLEARED_ORDER = ("filed", "out_of_tenure", "kin_ended", "other_area")


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find near relatives of cadres and handlers without a record of the kinship.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of a cadre (or handler) and a programme that a near relative receives.
    """
    receipts = kin_receipts(snapshot, settings)
    groups: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        groups[receipt.link.official, receipt.programme].append(receipt)
    filings = Filings(snapshot, {official for official, _ in groups})
    names = Names(snapshot, {e for r in receipts for e in r.entities()})
    findings = []
    cleared: dict[str, int] = defaultdict(int)
    insufficient = 0
    for (_, programme), found in sorted(groups.items()):
        judged = [(r, _explanation(r, programme, filings, settings)) for r in found]
        unfiled = [r for r, why in judged if why is None]
        reasons = {why for _, why in judged if why}
        if unfiled:
            filed = {r.link.relative for r, why in judged if why == "filed"}
            findings.append(_finding(programme, unfiled, filed, filings, names))
        elif "unknown" in reasons:
            insufficient += 1
        else:
            cleared[min(reasons, key=_CLEARED_ORDER.index)] += 1
    villages = village_count(snapshot, settings)
    return Result(
        subject_kind="干部·项目",
        subjects=len(groups),
        triggered=len(findings),
        not_triggered=len(groups) - len(findings) - insufficient,
        insufficient=insufficient,
        not_applicable=0,
        findings=tuple(findings),
        cleared=dict(sorted(cleared.items())),
        places=villages,
        place_kind=None if villages is None else "village",
    )


def _explanation(
    receipt: Receipt, programme: str, filings: Filings, settings: Settings
) -> str | None:
    """Name what explains a receipt without a clue, ``unknown`` for no date, None for nothing."""
    if filings.filed(receipt.link, programme):
        return "filed"
    if receipt.handled:
        return None
    if not receipt.posts_here:
        return "other_area"
    if receipt.when is None:
        return "unknown"
    if not any(post.holds(receipt.when, settings.village_elections) for post in receipt.posts_here):
        return "out_of_tenure"
    return None if receipt.link.kin_holds(receipt.when) else "kin_ended"


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    programme: str,
    unfiled: Sequence[Receipt],
    filed: set[str],
    filings: Filings,
    names: Names,
) -> Finding:
    lead = unfiled[0]
    official = lead.link.official
    name = names.of(official)
    by_relative: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in unfiled:
        by_relative[receipt.link.relative].append(receipt)
    relatives = sorted(by_relative, key=lambda r: (names.of(r), r))
    amounts = [r.amount for r in unfiled if r.amount is not None]
    amount = sum(amounts, Decimal(0)) if amounts else None
    period = period_of(r.when for r in unfiled)
    kin = [_kin_name(by_relative[r][0].link, names) for r in relatives]
    post = next((p for r in unfiled for p in r.posts_here), None)
    role = f"（{post.text}）" if post else "（经办审批人）"
    total = "" if amount is None else f"{yuan(amount)}"
    statement = [
        *_role_sentences(name, unfiled),
        *(s for r in relatives for s in _relative_sentences(name, r, by_relative[r], names)),
    ]
    looked = filings.statistic(official)
    statement.append(
        Sentence(
            f"近亲属备案数据中未见{name}就{listing([names.of(r) for r in relatives], '人')}"
            f"享受{programme}的记录；缺少记录也可能是乡镇漏登或数据没有报送。",
            (looked,),
        )
    )
    cites = first_rows((c for s in statement for c in s.cites if isinstance(c, Row)), 60)
    identity, chance = weakest(j for r in unfiled for j in r.joins())
    return Finding(
        subjects=(
            Subject(official, "official" if post else "handler"),
            *(Subject(r, "relative") for r in relatives),
        ),
        anchors=(official,),
        event_key=programme,
        title=f"未见近亲属备案记录：{name}{role}的{listing(kin, '人')}享受{programme}{total}（{years(period)}）",
        statement=tuple(statement),
        reasons=(
            Reason(
                "register",
                "strong",
                f"{len(relatives)}名近亲属享受须备案的{programme}，未见备案记录",
                (*cites, looked),
            ),
        ),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(unfiled, filed, filings, names),
        # The clause is about the subsistence allowance alone.
        legal=("mca-2021-57",) if "低保" in programme or "最低生活保障" in programme else (),
        path=_path(unfiled, by_relative, relatives, post),
        place=post.village if post and post.village else lead.village,
        data_gaps=_gaps(unfiled),
    )


def _kin_name(link: Link, names: Names) -> str:
    told = inferred_from(link.basis, link.sources)
    return f"{link.term}{names.of(link.relative)}{told and f'（{told}）'}"


def _role_sentences(name: str, unfiled: Sequence[Receipt]) -> list[Sentence]:
    posts = {p.row: p for r in unfiled for p in r.posts_here}
    sentences = [
        Sentence(f"{name}任{p.text}，{p.span}。", (Row("officials", p.row, "任职记录"),))
        for p in sorted(posts.values(), key=lambda p: (p.text, str(p.start)))
    ]
    handled = [r for r in unfiled if r.handled]
    if handled:
        rows = first_rows(_receipt_row(r) for r in handled)
        sentences.append(Sentence(f"{name}是下列{len(handled)}条记录的经办人或审批人。", rows))
    return sentences


def _relative_sentences(
    official: str, relative: str, receipts: Sequence[Receipt], names: Names
) -> list[Sentence]:
    link = receipts[0].link
    name = names.of(relative)
    sure = {
        "certain": "",
        "probable": "（疑为同一人，须先核对身份）",
        "name_only": "（仅姓名相同，须先核对身份）",
    }[weakest(receipts[0].joins())[0]]
    paid = [r for r in receipts if r.amount is not None]
    dates = period_of(r.when for r in receipts)
    when = "日期不详" if dates is None else f"{day(dates[0])}至{day(dates[1])}"
    if dates is not None and dates[0] == dates[1]:
        when = day(dates[0])
    told = inferred_from(link.basis, link.sources)
    text = f"{name}是{official}的{link.term}{sure}。"
    sentences = [Sentence(f"{told}，{text}" if told else text, cite(link.sources, "亲属关系记录"))]
    if paid:
        total = sum((r.amount for r in paid if r.amount is not None), Decimal(0))
        text = f"{when}，{name}领取{receipts[0].programme}{len(paid)}笔、共{yuan(total)}。"
    else:
        text = f"{when}，{name}在{receipts[0].programme}申报公示名单中。"
    sentences.append(Sentence(text, first_rows(_receipt_row(r) for r in receipts)))
    return sentences


def _receipt_row(receipt: Receipt) -> Row:
    return Row(receipt.table, receipt.row, _TABLE_TEXTS[receipt.table], _COLUMNS[receipt.table])


def _benign(
    unfiled: Sequence[Receipt], filed: set[str], filings: Filings, names: Names
) -> tuple[BenignResult, ...]:
    some = listing(sorted(names.of(r) for r in filed), "人")
    told = f"另有{len(filed)}名近亲属已备案（{some}），未列入。" if filed else "未见备案记录。"
    dated = all(r.when is not None or r.handled for r in unfiled)
    marriage = all(r.link.start is not None or r.link.end is not None for r in unfiled)
    return (
        BenignResult("filed", "partly" if filed else "ruled_out", told),
        BenignResult(
            "out_of_tenure",
            "ruled_out" if dated else "unknown",
            "所列记录在任职期间或由本人经办审批。",
        ),
        BenignResult("other_area", "ruled_out", "享受人在干部任职的村，或由本人经办审批。"),
        BenignResult(
            "kin_ended",
            "ruled_out" if marriage else "unknown",
            "亲属关系在所列日期有效。" if marriage else "没有亲属关系起止日期，未见终止记录。",
        ),
        BenignResult("omission", "unknown", filings.omission_text(unfiled[0].link.official)),
    )


def _gaps(unfiled: Sequence[Receipt]) -> tuple[str, ...]:
    gaps = ["备案数据可能不全，须以乡镇台账原件为准。"]
    if any(r.link.basis == "inferred" for r in unfiled):
        gaps.append(INFERRED_GAP)
    if any(p.start is None for r in unfiled for p in r.posts_here):
        gaps.append("任职起始日期缺失，按任职期间有效处理。")
    return tuple(gaps)


def _path(
    unfiled: Sequence[Receipt],
    by_relative: dict[str, list[Receipt]],
    relatives: Sequence[str],
    post: Any,
) -> Path:
    official = unfiled[0].link.official
    edges = [_kin_edge(by_relative[r][0].link) for r in relatives]
    nodes = [official, *relatives]
    if post is not None and post.village:
        row = Row("officials", post.row, "任职记录")
        edges.append(
            PathEdge(
                official, post.village, "position", post.text, post.start, post.end, cites=(row,)
            )
        )
        nodes.append(post.village)
    return Path(
        tuple(nodes), tuple(edges), ((post.village, "village"),) if post and post.village else ()
    )


def _kin_edge(link: Link) -> PathEdge:
    identity, _ = weakest(link.joins)
    return PathEdge(
        link.official,
        link.relative,
        "kin",
        link.term + ("（推断）" if link.basis == "inferred" else ""),
        link.start,
        link.end,
        identity,
        cite(link.sources, "亲属关系记录"),
    )
