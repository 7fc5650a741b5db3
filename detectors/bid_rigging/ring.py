"""疑似围标团伙: one clue a ring, put together from what the other detectors found of its members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from detectors.bid_rigging._market import Bids, GroupSettings, bids_of
from detectors.bid_rigging._ring_lots import Joint, Lots
from detectors.bid_rigging._ring_model import Chance, ring_chance
from detectors.bid_rigging._ring_reasons import (
    Earlier,
    benign_results,
    gaps,
    in_order,
    kinds_sentence,
    legal,
    not_looked_at,
    reasons,
    steps,
    title_of,
)
from detectors.bid_rigging._ring_sets import (
    COMBINES,
    Candidate,
    Firms,
    Sign,
    attach,
    cited_rows,
    counting,
    grow,
    independent_kinds,
    seeds,
    ties_of,
    told_whole,
)
from detectors.bid_rigging._ring_story import Ring, chance_sentence, sign_sentences, story_of
from detectors.detector import (
    Benign,
    Finding,
    Identity,
    Requires,
    Result,
    Sentence,
    Spec,
    Subject,
    borrowed,
    setting,
)
from detectors.evidence import among, listing, records, weakest, years, yuan


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    least_size: int = setting(3, unit="家", reason="两家之间的迹象单独列出，不称团伙", least=3)
    most_size: int = setting(
        12, unit="家", reason="更大的团体多为整个行业，不再像一个团伙", least=3, most=26
    )
    least_kinds: int = setting(
        2, unit="类", reason="相互独立的两类迹象同时成立，才合并为一个团伙", least=2, most=6
    )
    least_joint: int = setting(
        2, unit="个标段", reason="没有较强迹象的，至少两次同场才算有关联，一次可能是偶然", least=2
    )
    mostly: float = setting(
        0.5,
        unit="比例",
        reason="两家企业在其中一家半数以上的标段同场，才视为经常同行",
        least=0.1,
        most=1.0,
    )
    most_q: float = setting(
        0.05,
        unit="无",
        reason="统计迹象校正后的q值不超过此数才计入",
        source="Benjamini–Hochberg（1995）",
        least=0.0,
        most=0.05,
    )
    groups: GroupSettings = borrowed("cobidding_group", GroupSettings)


SPEC = Spec(
    id="ring",
    title="疑似围标团伙",
    family="bid_rigging",
    version=1,
    what=(
        "把其他围标串标检测项查到的、指向同一批企业的迹象合并为一条：三至十二家企业，"
        "至少两类相互独立的迹象（登记、设备、资金、价格、参与、结果、关系）同时成立，"
        "同类迹象、出自同一事实的迹象只计一次。每名成员须与过半数的其他成员有关联"
        "（较强迹象，或多个标段的统计迹象，或经常同场），只靠一家共同的企业不会把两个团伙连成一个。"
        "分工看共同标段中的投标和中标次数：占成员中标三分之二以上的为主要中标；无一家达到三分之二时，"
        "中标不少于平均数一半的为轮流中标；从未中标、而机会均等时出现这种情况的概率不超过5%的为疑似陪标。"
        "用核查过的案件训练过模型的，另说明模型给出的概率，不影响级别。"
        "已并入的检测结果不再单列，但单独看级别更高的，以及涉及团伙以外企业的，仍单列。"
    ),
    strength=("proof", "strong", "weak", "statistical"),
    kinds=("register", "hardware", "money", "price", "participation", "outcome", "relation"),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    optional=(
        Requires("tenders", ("open_date",)),
        Requires("tenders", ("award_amount",)),
    ),
    settings=Settings,
    legal=(
        "ztb-34", "ztb-40-1", "ztb-40-2", "ztb-40-3", "ztb-40-4", "ztb-40-5", "ztb-40-6",
        "mof87-37", "ggc-18", "fj-2018-29",
    ),
    benign=(
        Benign(
            "small_market",
            "当地同类项目有资质、有能力参加的企业就这几家",
            "同场投标的显著性只与同类别、同区域、同年份的项目比较；仅有参与一类迹象的不列为团伙",
        ),
        Benign(
            "hub",
            "代办机构、公用设备、同时与两批企业来往的企业，把互不相关的企业连在一起",
            "每名成员须与过半数的其他成员有关联，只靠一家企业相连的不合并",
        ),
        Benign("consortium", "以联合体、总分包方式公开合作，或同一集团的企业公开参加", None),
    ),
    next_steps=(
        "调取共同标段的投标文件、上传日志、保证金回单和评标报告，逐标段比对。",
        "询问各成员的委托代理人和报价编制人员，核实报价由何人决定、落标后有无补偿。",
        "核对成员之间的股权、人员、经营地址和资金往来。",
        "对照开标次序，核实中标人是否事先商定。",
        "由招标投标行政监督部门依职权认定。",
    ),
    event_key="固定为“围标团伙”，团伙以成员区分",
    small_projection="团伙成员的关联小图和共同标段用 numpy、scipy 计算：合并过程逐步进行，无法写成关系查询。",
    combines=COMBINES,
)  # fmt: skip

_RANK: dict[Identity, int] = {"certain": 0, "probable": 1, "name_only": 2}
# A name that two payers bear is no second kind of evidence.
_SURE: tuple[Identity, ...] = ("certain", "probable")


def detect(snapshot: Any, settings: Settings, earlier: Earlier) -> Result:
    """Put together what the other detectors found of the same firms.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings
    earlier : mapping of detector id to findings
        Of the detectors that ran; those that couldn't are absent, and said to be.

    Returns
    -------
    Result
        Counted are sets of firms that some sign ties; those of two firms, or with signs of one
        kind only, are not triggered and keep the clues of their own.
    """
    bids = bids_of(snapshot)
    signs = _signs(snapshot, bids, earlier, settings.most_q)
    starting = seeds(signs, settings.least_joint)
    ties = ties_of(starting, bids, settings.least_joint, settings.mostly)
    candidates = attach(grow(starting, ties, settings.most_size), signs)
    lots = Lots(bids)
    held: list[tuple[Candidate, Joint, Identity]] = []
    for candidate in candidates:
        if len(candidate.firms) < settings.least_size:
            continue
        told = {lot for s in candidate.signs if s.strong for lot in s.lots}
        joint = lots.joint(sorted(candidate.firms), told)
        _leave_elsewhere(candidate, joint)
        if (identity := _identity(candidate, settings)) is not None:
            held.append((candidate, joint, identity))
    story = story_of(snapshot, bids, [joint for _, joint, _ in held])
    findings = tuple(
        _finding(
            candidate,
            Ring(joint, story),
            identity,
            earlier,
            ring_chance(snapshot, settings.groups, [bids.lots[one.lot] for one in joint.lots]),
        )
        for candidate, joint, identity in held
    )
    rings = [candidate for candidate, _, _ in held]
    hubs = _held_apart(candidates, rings, settings)
    return Result(
        subject_kind="企业组",
        subjects=len(candidates),
        triggered=len(findings),
        not_triggered=len(candidates) - len(findings),
        insufficient=0,
        not_applicable=0,
        findings=findings,
        cleared={"hub": hubs} if hubs else {},
        notes=tuple(not_looked_at(earlier)),
    )


def _signs(snapshot: Any, bids: Bids, earlier: Earlier, most_q: float) -> list[Sign]:
    """Turn findings into signs about firms that bid."""
    number = {entity: n for n, entity in enumerate(bids.bidders)}
    lot_number = {entity: n for n, entity in enumerate(bids.lots)}
    every = [(key, f) for key in SPEC.combines for f in earlier.get(key, ())]
    cited = {id(f): {(r.table, r.row_id) for r in cited_rows(f)} for _, f in every}
    lot_of = _lots_of_rows(snapshot, {row for rows in cited.values() for row in rows})
    signs = []
    for key, finding in every:
        firms = frozenset(number[s.entity] for s in finding.subjects if s.entity in number)
        reasons = counting(finding.reasons, most_q)
        lots = {lot_number.get(lot_of.get(row, "")) for row in cited[id(finding)]} - {None}
        if firms and reasons:
            signs.append(Sign(key, finding, firms, frozenset(lots), reasons))  # type: ignore[arg-type]
    return signs


def _lots_of_rows(snapshot: Any, rows: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The lots of cited bids and tenders."""
    found: dict[tuple[str, int], str] = {}
    for name in ("bids", "tenders"):
        wanted = {row_id for table, row_id in rows if table == name}
        if wanted:
            table = among(snapshot.table(name).select("row_id", "lot_entity"), "row_id", wanted)
            found |= {(name, r["row_id"]): r["lot_entity"] for r in records(table)}
    return found


def _leave_elsewhere(candidate: Candidate, joint: Joint) -> None:
    """Leave out what a single member does where the others aren't."""
    here = {one.lot for one in joint.lots}
    candidate.signs = [
        s for s in candidate.signs if len(s.firms) >= 2 or 2 * len(s.lots & here) >= len(s.lots)
    ]


def _identity(candidate: Candidate, settings: Settings) -> Identity | None:
    """Say how sure the joins are that a ring needs; None where too few kinds hold for one.

    Signs with surer joins alone are enough where they reach all members and kinds; then the others
    are told, but don't count.
    """
    for identity in _SURE:
        rank = _RANK[identity]
        sure = [s for s in candidate.signs if _RANK[s.finding.identity] <= rank]
        members: Firms = frozenset().union(*(s.firms for s in sure))
        kinds = independent_kinds([r for s in sure for r in s.reasons])
        if candidate.firms <= members and len(kinds) >= settings.least_kinds:
            return identity
    return None


def _held_apart(
    candidates: Sequence[Candidate], rings: Sequence[Candidate], settings: Settings
) -> int:
    """Count sets that a firm ties to another set, and that would be a ring were they joined."""
    apart = 0
    ring_firms = {id(r) for r in rings}
    of_firm: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        for firm in candidate.firms:
            of_firm[firm].append(candidate)
    for one in candidates:
        near = {id(o): o for firm in one.firms for o in of_firm[firm] if o is not one}
        apart += id(one) not in ring_firms and any(
            len(one.firms | o.firms) >= settings.least_size
            and len(independent_kinds([r for s in (*one.signs, *o.signs) for r in s.reasons]))
            >= settings.least_kinds
            for o in near.values()
        )
    return apart


# -- wording ---------------------------------------------------------------------------------------


def _finding(
    candidate: Candidate,
    ring: Ring,
    identity: Identity,
    earlier: Earlier,
    chance: Chance | None,
) -> Finding:
    sure = [s for s in candidate.signs if _RANK[s.finding.identity] <= _RANK[identity]]
    by_detector = in_order(candidate.signs)
    worst, probability = weakest(
        [*((s.finding.identity, s.finding.probability) for s in sure), ring.identity()]
    )
    worth = [a for a in ring.amounts() if a is not None]
    amount = sum(worth, Decimal(0)) if worth else None
    called = [ring.story.name(f) for f in ring.members]
    won = f"，成员中标{yuan(amount)}" if amount is not None else ""
    entities = tuple(sorted(ring.entity(f) for f in ring.members))
    statement = ring.sentences()
    for key, signs in by_detector.items():
        statement += sign_sentences(title_of(key), signs)
    statement.append(kinds_sentence(sure, by_detector, earlier))
    if chance is not None:
        statement.append(chance_sentence(chance))
    told: dict[str, Sentence] = {}
    for sentence in statement:
        # What two detectors say in the same words is said once.
        told.setdefault(sentence.text, sentence)
    return Finding(
        subjects=tuple(Subject(e, "bidder") for e in entities),
        anchors=entities,
        event_key="围标团伙",
        title=(
            f"疑似围标团伙：{listing(called, '家', 3)}，{len(ring.joint.lots)}个标段同场投标"
            f"{won}（{years(ring.period)}）"
        ),
        statement=tuple(told.values()),
        reasons=tuple(reasons(sure)),
        amount=amount,
        period=ring.period,
        identity=worst,
        probability=probability,
        benign=benign_results(candidate.signs),
        legal=legal(sure, SPEC.legal),
        data_gaps=gaps(candidate.signs, earlier),
        next_steps=steps(candidate.signs, SPEC.next_steps),
        absorbs=tuple(
            (s.detector, s.finding) for s in candidate.signs if told_whole(s, candidate.firms)
        ),
        group=ring.group(),
    )
