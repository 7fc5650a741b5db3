"""新设企业中标: firms younger than a year that win large awards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Reason,
    Requires,
    Result,
    Row,
    Sentence,
    Spec,
    Statistic,
    Subject,
    setting,
)
from detectors.evidence import (
    among,
    cite,
    day,
    first_rows,
    listing,
    percent,
    period_of,
    records,
    weakest,
    years,
    yuan,
)
from detectors.names import Names
from detectors.procurement import _deals as deals
from detectors.procurement._newborns import Background, awards, background, founded


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    newborn_days: int = setting(
        365, unit="天", reason="成立不足一年的企业一般没有业绩和人员积累", least=30, most=1100
    )
    least_amount: int = setting(500_000, unit="元", reason="小额项目由新企业承接很常见", least=1)
    peer_share: float = setting(
        0.5,
        unit="比例",
        reason="金额须不低于同类中标中这一比例的项目，才算大额",
        least=0,
        most=1,
    )
    least_peers: int = setting(8, unit="个", reason="同类中标少于此数时，只看金额下限", least=2)
    elder_years: int = setting(
        2, unit="年", reason="股东或法定代表人名下早这么久成立的企业，视为已有经营基础", least=1
    )
    few_bidders: int = setting(2, unit="家", reason="投标人不多于此数的，竞争不充分", least=1)
    high_price: float = setting(
        0.98, unit="比例", reason="中标价与最高限价之比达到此数，几乎没有让利", least=0.5, most=1
    )
    most_common: float = setting(
        0.2,
        unit="比例",
        reason="同类大额项目由新设企业承接的比例高于此数时，成立日期多为重新登记，只作较弱疑点",
        least=0,
        most=1,
    )


SPEC = Spec(
    id="newborn_winner",
    title="新设企业中标大额项目",
    family="procurement",
    version=1,
    in_yuan=True,
    what=(
        "成立不足一年的企业中标或签约，金额达到下限，且不低于同类型、同样经过（或未经）竞争的"
        "项目的中位数。"
        "由老企业改设、控股企业已久、村集体或国有企业的不作疑点。"
        "未经竞争直接签约、只有一两家投标，或者几乎按最高限价成交的，各作另一方面的疑点；"
        "同类大额项目本来就常由新设企业承接的，只作较弱疑点。"
    ),
    strength=("weak",),
    kinds=("register", "participation", "price"),
    requires=(Requires("companies", ("name", "established_date")),),
    requires_any=(
        Requires("tenders", ("winner", "award_amount")),
        Requires("contracts", ("party_b", "amount", "sign_date")),
    ),
    optional=(
        Requires("tenders", ("ceiling_price",)),
        Requires("bids", ("bidder",)),
        Requires("shareholders", ("shareholder",)),
        Requires("companies", ("industry",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "successor",
            "由老企业改设或更名，业务和人员延续",
            "核对法定代表人、股东名下成立已久的企业：行业或字号相同，或已经注销",
        ),
        Benign(
            "subsidiary", "成立已久的企业控股的子公司、分公司", "核对控股股东和总公司的成立日期"
        ),
        Benign(
            "collective",
            "村集体、国有企业按政策新设",
            "核对企业名称、类型和股东是否为单位或村",
        ),
        Benign("small_award", "金额不大，新企业也能承接", "核对金额下限和同类中标的中位数"),
        Benign(
            "competitive",
            "多家竞争、正常让利中标",
            "核对投标人数和中标价与最高限价之比，竞争充分的只作较弱疑点",
        ),
        Benign("experienced", "创办人此前在同行业从业，人员设备齐全", None),
    ),
    next_steps=(
        "调取该企业的资质、业绩、人员社保和设备资料，核实是否具备履约能力。",
        "核实企业实际控制人，与采购人经办人员及其亲属有无关联。",
        "核对成立日期、公告日期与资格条件，是否有为其量身设置的条件。",
    ),
    event_key="固定为“新设中标”，以企业区分",
)

_TYPES = {"works": "工程", "goods": "货物", "survey": "勘察设计监理", "services": "服务"}


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find firms younger than a year that win large awards.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are firms with awards; those whose founding isn't known, or comes after all their
        awards, are insufficient data.
    """
    frame = _awards(snapshot, settings)
    young = frame[frame["young"]]
    large = young[young["large"]]
    behind = background(snapshot, set(large["supplier"]), settings.elder_years)
    reasons = {firm: _cleared(firm, behind) for firm in sorted(set(large["supplier"]))}
    hits = large[large["supplier"].map(reasons).isna()] if len(large) else large
    cleared = Counter(reason for reason in reasons.values() if reason)
    cleared["small_award"] = len(set(young["supplier"]) - set(large["supplier"]))
    known = set(frame.loc[frame["age"] >= 0, "supplier"])
    subjects = frame["supplier"].nunique()
    triggered = hits["supplier"].nunique()
    return Result(
        subject_kind="有中标或合同的企业",
        subjects=int(subjects),
        triggered=int(triggered),
        not_triggered=len(known) - int(triggered),
        insufficient=int(subjects) - len(known),
        not_applicable=0,
        findings=_findings(snapshot, hits, frame, behind, settings),
        cleared={k: v for k, v in sorted(cleared.items()) if v},
        places=int(frame["buyer"].nunique()),
        place_kind="unit",
        notes=_notes(frame, known),
    )


def _notes(frame: pd.DataFrame, known: set[str]) -> tuple[str, ...]:
    after = set(frame.loc[frame["age"] < 0, "supplier"]) - known
    if not after:
        return ()
    return (f"{len(after)}家企业的登记成立日期晚于其全部中标和合同，可能是更名重设，未作判断。",)


# -- awards and their peers ------------------------------------------------------------------------


def _awards(snapshot: Any, settings: Settings) -> pd.DataFrame:
    """List awards with the winner's ``age`` in days, ``young``, ``large`` and peers' figures."""
    table = awards(snapshot)
    table = table.left_join(founded(snapshot), "supplier")
    table = table.mutate(amount=table.amount.cast("float64"))
    chosen = table.select(
        "source", "row_id", "buyer", "supplier", "type", "lot_entity", "amount", "day", "founded",
        "price_ratio", "direct",
    )  # fmt: skip
    frame: pd.DataFrame = chosen.to_pandas()
    age = (pd.to_datetime(frame["day"]) - pd.to_datetime(frame["founded"])).dt.days
    # What is signed without a tender is smaller by nature and has peers of its own.
    by_type = frame.groupby(["type", "direct"])["amount"]
    bar = by_type.transform("quantile", settings.peer_share)
    bar = bar.where(by_type.transform("size") >= settings.least_peers, 0.0)
    large = (frame["amount"] >= settings.least_amount) & (frame["amount"] >= bar)
    return frame.assign(
        age=age,
        young=age.between(0, settings.newborn_days - 1),
        large=large,
        usual_ratio=frame.groupby("type")["price_ratio"].transform("median"),
    )


def _cleared(firm: str, behind: Background) -> str | None:
    own = behind.firms[firm]
    if own.collective or firm in behind.public or "国有" in own.kind or "全民" in own.kind:
        return "collective"
    for elder in behind.elders.get(firm, ()):
        if elder.succeeded_by(own):
            return "subsidiary" if elder.parent else "successor"
    return None


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Award:
    """A large award to a young firm."""

    row: Row
    title: str
    buyer: str
    amount: Decimal
    when: date
    age: int
    type: str
    direct: bool
    bidders: int | None
    price_ratio: float | None
    usual_ratio: float | None
    joins: tuple[tuple[str | None, float | None], ...]

    def few(self, settings: Settings) -> bool:
        """Tell whether hardly anybody else bid."""
        return self.bidders is not None and 0 < self.bidders <= settings.few_bidders

    def dear(self, settings: Settings) -> bool:
        """Tell whether nothing was taken off the ceiling, where others do take off."""
        ratio, usual = self.price_ratio, self.usual_ratio
        if ratio is None or usual is None:
            return False
        return round(ratio, 4) >= settings.high_price and ratio > usual


def _findings(
    snapshot: Any,
    hits: pd.DataFrame,
    frame: pd.DataFrame,
    behind: Background,
    settings: Settings,
) -> tuple[Finding, ...]:
    if hits.empty:
        return ()
    judged = {
        (str(r["source"]), int(r["row_id"])): {str(k): v for k, v in r.items()}
        for r in hits.to_dict("records")
    }
    bidders = _bidders(snapshot, set(hits["lot_entity"].dropna()))
    groups: dict[str, list[_Award]] = defaultdict(list)
    for source in ("tenders", "contracts"):
        told = {row_id: r for (name, row_id), r in judged.items() if name == source}
        rows = records(among(snapshot.table(source), "row_id", told)) if told else []
        for row in rows:
            groups[told[row["row_id"]]["supplier"]].append(
                _award(source, row, told[row["row_id"]], bidders)
            )
    names = Names(snapshot, {*groups, *(a.buyer for g in groups.values() for a in g)})
    shares = {str(k): (int(n), int(y)) for k, n, y in _young_shares(frame)}
    return tuple(
        _finding(firm, groups[firm], behind, names, shares, settings) for firm in sorted(groups)
    )


def _young_shares(frame: pd.DataFrame) -> list[tuple[Any, Any, Any]]:
    """Of each type: large awards whose winner's founding is known, and those to young firms."""
    large = frame[frame["large"] & (frame["age"] >= 0)]
    found = large.groupby("type")["young"].agg(["size", "sum"])
    return list(found.itertuples(name=None))


def _bidders(snapshot: Any, lots: set[str]) -> dict[str, int]:
    if not lots or not snapshot.has("bids", "bidder"):
        return {}
    bids = among(snapshot.table("bids"), "lot_entity", lots)
    counted = bids.group_by("lot_entity").agg(n=bids.bidder_entity.nunique())
    return {row["lot_entity"]: row["n"] for row in records(counted)}


def _award(
    source: str, row: dict[str, Any], told: dict[str, Any], bidders: dict[str, int]
) -> _Award:
    tender = source == "tenders"
    return _Award(
        row=deals.tender_row(row) if tender else deals.contract_row(row),
        title=row["title"] or row["tender_no"] or "未命名项目",
        buyer=told["buyer"],
        amount=row["award_amount"] if tender else row["amount"],
        when=pd.Timestamp(told["day"]).date(),
        age=int(told["age"]),
        type=told["type"],
        direct=bool(told["direct"]),
        bidders=bidders.get(row["lot_entity"]) if tender else None,
        price_ratio=None if pd.isna(told["price_ratio"]) else float(told["price_ratio"]),
        usual_ratio=None if pd.isna(told["usual_ratio"]) else float(told["usual_ratio"]),
        joins=tuple(
            deals.parties(row, *(("purchaser", "winner") if tender else ("party_a", "party_b")))
        ),
    )


def _finding(
    firm: str,
    found: Sequence[_Award],
    behind: Background,
    names: Names,
    shares: dict[str, tuple[int, int]],
    settings: Settings,
) -> Finding:
    found = sorted(found, key=lambda a: (a.when, a.title, a.amount))
    own = behind.firms[firm]
    born = own.life[0]
    rows = first_rows((*own.cite(), *(a.row for a in found)))
    amount = sum((a.amount for a in found), Decimal(0))
    period = period_of([a.when for a in found])
    buyers = sorted({a.buyer for a in found}, key=names.of)
    identity, chance = weakest(j for a in found for j in a.joins)
    youngest = min(a.age for a in found)
    common = _common(found, shares, settings)
    title = names.of(firm)
    statement = [
        Sentence(
            f"{title}于{day(born)}成立。" if born else f"{title}新近成立。", own.cite() or rows
        ),
        *(_sentence(a, names) for a in found[:5]),
    ]
    if rest := found[5:]:
        more = sum((a.amount for a in rest), Decimal(0))
        statement.append(
            Sentence(
                f"成立一年内另有{len(rest)}个大额项目、共{yuan(more)}。",
                first_rows(a.row for a in rest),
            )
        )
    statement.append(_peers(found, shares))
    if elders := behind.elders.get(firm, ()):
        told = listing([e.firm.name for e in elders], "家", 3)
        sources = cite([s for e in elders for s in e.sources], "登记记录")
        statement.append(
            Sentence(f"其法定代表人或股东名下另有成立已久的{told}，行业和字号不同。", sources)
        )
    return Finding(
        subjects=(*(Subject(b, "purchaser") for b in buyers), Subject(firm, "company")),
        anchors=(firm,),
        event_key="新设中标",
        title=f"新设企业中标大额项目：{title}成立{youngest}天后承接，一年内{deals.counted(len(found), '个项目', amount)}（{years(period)}）",
        statement=tuple(statement),
        reasons=_reasons(found, own.cite(), common, settings),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(found, bool(elders), settings),
        path=deals.drawn(_lines(firm, found)),
        place=buyers[0] if len(buyers) == 1 else None,
        data_gaps=_gaps(found, common),
    )


def _sentence(award: _Award, names: Names) -> Sentence:
    signed = award.row.table == "contracts"
    facts = ["未见招标记录"] if signed and award.direct else []
    if award.bidders:
        facts.append(f"{award.bidders}家投标")
    if award.price_ratio is not None:
        facts.append(f"中标价为最高限价的{percent(award.price_ratio)}")
    after = f"（{'，'.join(facts)}）" if facts else ""
    return Sentence(
        f"成立{award.age}天后，于{day(award.when)}{'承接' if signed else '中标'}"
        f"{names.of(award.buyer)}的“{award.title}”，金额{yuan(award.amount)}{after}。",
        (award.row,),
    )


def _peers(found: Sequence[_Award], shares: dict[str, tuple[int, int]]) -> Sentence:
    types = sorted({a.type for a in found})
    parts, values = [], []
    for kind in types:
        n, young = shares.get(kind, (0, 0))
        share = f"（{percent(young / n)}）" if n else ""
        parts.append(f"{_TYPES[kind]}类大额项目{n}个，其中{young}个由成立不足一年的企业承接{share}")
        values += [(f"{_TYPES[kind]}类大额项目", n), (f"{_TYPES[kind]}类由新设企业承接", young)]
    text = "；".join(parts)
    return Sentence(f"数据中{text}。", (Statistic(text, tuple(values)),))


def _reasons(
    found: Sequence[_Award], registered: tuple[Row, ...], common: bool, settings: Settings
) -> tuple[Reason, ...]:
    reasons = [
        Reason(
            "register",
            "weak",
            f"成立{min(a.age for a in found)}天后即承接大额项目",
            first_rows((*registered, *(a.row for a in found))),
        )
    ]
    if common:
        return tuple(reasons)
    if direct := [a for a in found if a.direct]:
        text = f"{len(direct)}个项目为单一来源或未见招标记录"
        reasons.append(Reason("participation", "weak", text, first_rows(a.row for a in direct)))
    if few := [a for a in found if a.few(settings)]:
        least = min(a.bidders or 0 for a in few)
        text = f"{len(few)}个项目投标人很少（最少{least}家）"
        reasons.append(Reason("participation", "weak", text, first_rows(a.row for a in few)))
    if dear := [a for a in found if a.dear(settings)]:
        most = max(a.price_ratio or 0.0 for a in dear)
        usual = dear[0].usual_ratio or 0.0
        text = f"{len(dear)}个项目几乎按最高限价成交（最高{percent(most)}，同类中位数{percent(usual)}）"
        reasons.append(Reason("price", "weak", text, first_rows(a.row for a in dear)))
    return tuple(reasons)


def _lines(firm: str, found: Sequence[_Award]) -> list[deals.Line]:
    by_buyer: dict[str, list[_Award]] = defaultdict(list)
    for award in found:
        by_buyer[award.buyer].append(award)
    lines = []
    for buyer, own in by_buyer.items():
        amount = sum((a.amount for a in own), Decimal(0))
        lines.append(
            deals.Line(
                buyer,
                firm,
                deals.counted(len(own), "个项目", amount),
                period_of([a.when for a in own]),
                tuple(j for a in own for j in a.joins),
                tuple(a.row for a in own),
            )
        )
    return sorted(lines, key=lambda x: x.buyer)


def _benign(found: Sequence[_Award], elders: bool, settings: Settings) -> tuple[BenignResult, ...]:
    open_ = [
        a
        for a in found
        if not a.direct
        and a.bidders is not None
        and a.bidders > settings.few_bidders
        and not a.dear(settings)
    ]
    competitive = BenignResult("competitive", "ruled_out", "未见多家竞争并正常让利的记录。")
    if open_:
        text = f"{len(open_)}个项目有三家以上投标且正常让利，只作较弱疑点。"
        competitive = BenignResult("competitive", "partly", text)
    elif any(not a.direct and a.bidders is None for a in found):
        competitive = BenignResult("competitive", "unknown", "没有投标记录，须核对投标人数。")
    successor = BenignResult(
        "successor", "ruled_out", "法定代表人、股东名下未见行业或字号相同、或已注销的老企业。"
    )
    if elders:
        text = "法定代表人或股东名下有老企业，但行业和字号不同，须核对业务是否延续。"
        successor = BenignResult("successor", "partly", text)
    return (
        successor,
        BenignResult("subsidiary", "ruled_out", "未见成立已久的控股股东或总公司。"),
        BenignResult("collective", "ruled_out", "名称、类型和股东未见村集体或国有成分。"),
        BenignResult("small_award", "ruled_out", "金额不低于下限和同类中标的中位数。"),
        competitive,
        BenignResult("experienced", "unknown", "须核对创办人履历、人员社保和设备。"),
    )


def _common(
    found: Sequence[_Award], shares: dict[str, tuple[int, int]], settings: Settings
) -> bool:
    """Tell whether young firms often win such awards, this firm's own left out."""
    for kind in {a.type for a in found}:
        own = sum(a.type == kind for a in found)
        n, young = shares.get(kind, (0, 0))
        if n - own >= settings.least_peers and (young - own) / (n - own) > settings.most_common:
            return True
    return False


def _gaps(found: Sequence[_Award], common: bool) -> tuple[str, ...]:
    gaps = []
    if common:
        gaps.append("同类大额项目常由成立不足一年的企业承接，成立日期可能多为重新登记，须先核对。")
    if any(a.row.table == "contracts" for a in found):
        gaps.append("部分合同查不到招标记录，可能是招标数据不全，须先核对。")
    if any(a.bidders is None and a.row.table == "tenders" for a in found):
        gaps.append("没有投标记录，不知道有几家投标。")
    return tuple(gaps)
