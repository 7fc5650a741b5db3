"""结算超合同: contracts settled for far more than was agreed, and parties to whom it keeps happening."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
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
from detectors.procurement._overruns import settled
from detectors.procurement._peers import Record, records_of


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    works_ratio: float = setting(
        1.15, unit="倍", reason="工程结算超出合同一成五以上，一般须重新报批", least=1
    )
    procurement_ratio: float = setting(
        1.10,
        unit="倍",
        reason="货物、服务追加添购不得超过原合同一成，须超过此数",
        source="政府采购关于补充合同的规定，待核",
        least=1,
    )
    least_excess: int = setting(
        50_000, unit="元", reason="超出金额少于此数的不值得单独核查", least=1
    )
    strong_ratio: float = setting(
        1.5, unit="倍", reason="超出一半以上的，很难用零星变更解释", least=1
    )
    strong_excess: int = setting(
        500_000, unit="元", reason="超出一半且超出金额达到此数的，作较强疑点", least=1
    )
    most_ratio: float = setting(
        5.0, unit="倍", reason="达到此倍数的多为金额单位或小数点录错", least=2
    )
    most_common: float = setting(
        0.1,
        unit="比例",
        reason="同类合同超出的比例高于此数时，单份合同超出不足为奇，只看明显高于同类的单位",
        least=0,
        most=1,
    )
    least_contracts: int = setting(
        5, unit="份", reason="已结算合同少于此数的，不与同类比较超出比例", least=2
    )
    false_discovery: float = setting(
        0.05,
        unit="无",
        reason="全部单位一并校正后的错误发现率",
        source="Benjamini–Hochberg（1995）",
        least=0,
        most=0.05,
    )
    least_effect: float = setting(
        2.0, unit="倍", reason="超出次数须达到同类期望的这么多倍，才有实际意义", least=1
    )


SPEC = Spec(
    id="overrun",
    title="疑似结算超合同",
    family="procurement",
    version=1,
    what=(
        "工程结算达到合同金额的1.15倍，或者货物、服务的结算（或合同加补充合同）超过1.10倍。"
        "同类合同普遍超出时，单份合同不作疑点；承接单位或采购人超出的比例与同类、同规模的"
        "其他单位相比，明显偏高的另作统计疑点。超出五倍以上的视为金额录错。"
    ),
    strength=("strong", "weak", "statistical"),
    kinds=("money",),
    requires=(Requires("contracts", ("title", "party_a", "party_b", "amount", "final_amount")),),
    optional=(Requires("tenders", ("category",)),),
    settings=Settings,
    legal=(),
    benign=(
        Benign(
            "typo",
            "金额单位或小数点录错",
            "结算达到合同金额五倍以上的，视为录错，列入数据质量",
        ),
        Benign(
            "supplement",
            "工程设计变更经批准并签有补充协议",
            "工程结算未超过合同与双方补充协议合计的，不作疑点",
        ),
        Benign(
            "framework",
            "框架、单价合同按实结算",
            "核对名称中的框架、定点、单价等字样",
        ),
        Benign(
            "common",
            "同类合同普遍超出",
            "与同类合同超出的比例比较",
        ),
        Benign("design_change", "重大设计变更、地质情况变化，已经批准", None),
        Benign("material_price", "按合同约定的材料价格调整", None),
    ),
    next_steps=(
        "调取结算审核报告、变更签证和批准文件，核对超出部分的来由。",
        "核对变更是否在实施前批准、签证是否由有权人员签字。",
        "核实承接单位中标时是否低价中标，与经办人员、监理有无关联。",
    ),
    event_key="固定为“结算超合同”，以承接单位或采购人区分",
    # Some do harder works than others. Of 35,000 suppliers in simulated markets whose honest shares
    # differ (beta, means of 5% to 20%) 10 had q <= 0.001; three times leaves room for such mixes.
    orange_effect=3.0,
    effect_name="超出的合同数与同类期望之比",
    small_projection="各单位的合同份数、超出份数构成的小表用 numpy、scipy 作二项检验。",
)

Records = dict[str, dict[str, Record]]
_KINDS = {"works": "工程", "procurement": "货物、服务"}


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find contracts settled for far more than was agreed.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are contracts, supplements apart; those not settled are insufficient data.
    """
    frame = _judged(settled(snapshot).to_pandas(), settings)
    sound = frame[frame["state"].isin(["fine", "over"])]
    frame["elsewhere"] = _elsewhere(frame)
    parties = {
        name: records_of(sound, name, settings.least_contracts) for name in ("supplier", "buyer")
    }
    frame["group"] = _groups(frame, parties, settings)
    over = frame["state"] == "over"
    hit = over & frame["group"].notna()
    frame["state"] = frame["state"].mask(over & ~hit, "common").mask(hit, "hit")
    states = Counter(frame["state"])
    benign = ("typo", "supplement", "framework", "common")
    cleared = {key: states[key] for key in benign if states[key]}
    return Result(
        subject_kind="合同",
        subjects=len(frame),
        triggered=states["hit"],
        not_triggered=states["fine"] + sum(cleared.values()),
        insufficient=states["insufficient"],
        not_applicable=0,
        findings=_findings(snapshot, frame[hit], parties, settings),
        cleared=cleared,
        places=int(frame["buyer"].nunique()),
        place_kind="unit",
        notes=_notes(states, _shares(sound), settings),
    )


def _notes(states: Counter[str], shares: dict[str, float], settings: Settings) -> tuple[str, ...]:
    notes = []
    if states["typo"]:
        notes.append(
            f"{states['typo']}份合同的结算达到合同金额的{settings.most_ratio:g}倍以上，"
            "疑为单位或小数点录错，请核对原表。"
        )
    notes += [
        f"{_KINDS[kind]}合同中{percent(share)}结算超出，较为普遍，单份合同超出未作疑点。"
        for kind, share in sorted(shares.items())
        if share > settings.most_common
    ]
    return tuple(notes)


# -- what overran ----------------------------------------------------------------------------------


def _judged(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Add ``ratio``, ``band`` and ``state``: fine, over, insufficient, or what clears it."""
    amount, final, extra = frame["amount"], frame["final"], frame["supplements"]
    works = frame["kind"] == "works"
    # What was bought in addition counts for goods and services even before it is settled.
    paid = final.where(works, np.fmax(final, (amount + extra).where(extra > 0)))
    ratio = (paid / amount).round(6)
    excess = (paid - amount).round(2)
    over = np.where(works, ratio >= settings.works_ratio, ratio > settings.procurement_ratio) & (
        excess >= settings.least_excess
    )
    explained = works & over & frame["covered"].astype(bool)
    state = pd.Series(np.where(over, "over", "fine"), index=frame.index, dtype=object)
    state = state.mask(paid.isna(), "insufficient")
    state = state.mask(over & frame["excuse"].notna(), "framework")
    state = state.mask(explained & (state == "over"), "supplement")
    state = state.mask(over & (ratio >= settings.most_ratio), "typo")
    band = np.floor(np.log10(amount)).astype(int)
    return frame.assign(ratio=ratio, paid=paid, band=band, hit=state == "over", state=state)


def _shares(sound: pd.DataFrame) -> dict[str, float]:
    return {str(k): float(v) for k, v in sound.groupby("kind")["hit"].mean().items()}


def _elsewhere(frame: pd.DataFrame) -> pd.Series[float]:
    """Share of overruns among the contracts of the same kind of all other pairs of parties."""
    sound = frame["state"].isin(["fine", "over"])
    counted = frame.assign(n=sound.astype(int), k=(frame["state"] == "over").astype(int))
    kind = counted.groupby("kind")[["n", "k"]].transform("sum")
    own = counted.groupby(["kind", "buyer", "supplier"])[["n", "k"]].transform("sum")
    return ((kind["k"] - own["k"]) / (kind["n"] - own["n"])).fillna(0.0)


def _groups(
    frame: pd.DataFrame,
    parties: Records,
    settings: Settings,
) -> pd.Series[Any]:
    """Say which clue an overrun belongs to: a supplier or buyer that stands out, else the pair.

    Null where nobody stands out and overruns are common.
    """
    rare = frame["elsewhere"] <= settings.most_common
    pair = "pair|" + frame["buyer"] + "|" + frame["supplier"]
    group = pair.where(rare & (frame["state"] == "over"), None)
    for name in ("buyer", "supplier"):
        standing = {
            k
            for k, r in parties[name].items()
            if r.q <= settings.false_discovery and r.effect >= settings.least_effect
        }
        own = frame[name].isin(standing) & (frame["state"] == "over")
        group = group.mask(own, f"{name}|" + frame[name])
    return group


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Overrun:
    """A contract to be told of."""

    row: dict[str, Any]
    paid: Decimal
    supplements: Decimal
    ratio: float
    elsewhere: float

    @property
    def excess(self) -> Decimal:
        """Yuan beyond what was agreed."""
        excess: Decimal = self.paid - self.row["amount"]
        return excess

    def cite(self) -> Row:
        """Cite the contract."""
        return deals.contract_row(self.row)


def _findings(
    snapshot: Any, hits: pd.DataFrame, parties: Records, settings: Settings
) -> tuple[Finding, ...]:
    judged = {r["row_id"]: r for r in hits.to_dict("records")}
    if not judged:
        return ()
    groups: dict[str, list[_Overrun]] = defaultdict(list)
    for row in records(among(deals.contracts(snapshot), "row_id", judged)):
        told = judged[row["row_id"]]
        final = row["final_amount"] or Decimal(0)
        extra = Decimal(str(told["supplements"])).quantize(Decimal("0.01"))
        paid = final
        if told["kind"] == "procurement" and extra:
            paid = max(final, row["amount"] + extra)
        groups[told["group"]].append(_Overrun(row, paid, extra, told["ratio"], told["elsewhere"]))
    entities = {e for g in groups.values() for o in g for e in (o.row["buyer"], o.row["supplier"])}
    names = Names(snapshot, entities)
    return tuple(_finding(key, groups[key], names, parties, settings) for key in sorted(groups))


def _finding(
    key: str, found: Sequence[_Overrun], names: Names, parties: Records, settings: Settings
) -> Finding:
    by, _, whom = key.partition("|")
    found = sorted(found, key=lambda o: (-o.excess, str(o.row["sign_date"]), o.row["title"]))
    rows = first_rows(o.cite() for o in found)
    buyers = sorted({o.row["buyer"] for o in found}, key=names.of)
    suppliers = sorted({o.row["supplier"] for o in found}, key=names.of)
    excess = sum((o.excess for o in found), Decimal(0))
    period = period_of(o.row["sign_date"] for o in found)
    joins = [j for o in found for j in deals.parties(o.row, "party_a", "party_b")]
    identity, chance = weakest(joins)
    anchors = (buyers[0], suppliers[0]) if by == "pair" else (whom,)
    who = {
        "pair": f"{names.of(buyers[0])}与{names.of(suppliers[0])}",
        "supplier": f"{names.of(suppliers[0])}承接的",
        "buyer": f"{names.of(buyers[0])}发包的",
    }[by]
    statement = [_sentence(o) for o in found[:5]]
    if rest := found[5:]:
        more = sum((o.excess for o in rest), Decimal(0))
        statement.append(
            Sentence(
                f"另有{len(rest)}份合同共超出{yuan(more)}。", first_rows(o.cite() for o in rest)
            )
        )
    if len(found) > 1 and by != "pair":
        others = buyers if by == "supplier" else suppliers
        role = "发包单位" if by == "supplier" else "承接单位"
        told = listing([names.of(e) for e in others], "家")
        statement.append(Sentence(f"涉及的{role}为{told}。", rows))
    reasons = [_plain(found, settings)]
    for name, entity in (("supplier", suppliers[0]), ("buyer", buyers[0])):
        alone = len(suppliers if name == "supplier" else buyers) == 1
        record = parties[name].get(entity) if alone else None
        if record is not None:
            sentence, reason = _compared(name, names.of(entity), record, settings)
            statement.append(sentence)
            reasons += [reason] if reason else []
    return Finding(
        subjects=(
            *(Subject(b, "purchaser") for b in buyers),
            *(Subject(s, "company") for s in suppliers),
        ),
        anchors=anchors,
        event_key=f"结算超合同|{by}",
        title=f"疑似结算超合同：{who}{len(found)}份合同结算共超出{yuan(excess)}（{years(period)}）",
        statement=tuple(statement),
        reasons=tuple(reasons),
        amount=excess,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(found),
        path=deals.drawn(_lines(found)),
        place=buyers[0] if len(buyers) == 1 else None,
        data_gaps=("没有变更签证、设计变更批准和材料调价数据，不能核对超出部分是否经批准。",),
    )


def _sentence(overrun: _Overrun) -> Sentence:
    row = overrun.row
    final = row["final_amount"]
    paid = f"结算{yuan(final)}" if final else "尚未结算"
    added = f"，另有补充合同{yuan(overrun.supplements)}" if overrun.supplements else ""
    return Sentence(
        f"“{row['title']}”合同{yuan(row['amount'])}，{paid}{added}，"
        f"为合同的{overrun.ratio:.2f}倍，超出{yuan(overrun.excess)}。",
        (overrun.cite(),),
    )


def _plain(found: Sequence[_Overrun], settings: Settings) -> Reason:
    most = max(o.ratio for o in found)
    strong = any(
        o.ratio >= settings.strong_ratio and o.excess >= settings.strong_excess for o in found
    )
    usual = max(o.elsewhere for o in found)
    return Reason(
        "money",
        "strong" if strong else "weak",
        f"{len(found)}份合同结算超出，最高为合同的{most:.2f}倍（其他单位的同类合同超出的占{percent(usual)}）",
        first_rows(o.cite() for o in found),
    )


def _compared(
    name: str, party: str, record: Record, settings: Settings
) -> tuple[Sentence, Reason | None]:
    """Tell how often a party's contracts overran beside its peers; a reason where it stands out."""
    does = "承接" if name == "supplier" else "发包"
    expected = round(record.expected, 1)
    statistic = Statistic(
        f"可比合同{record.n}份，超出{record.hits}份；按同类同规模合同的超出比例，期望{expected}份，"
        f"校正后q={record.q:.2g}",
        (
            ("可比合同", record.n),
            ("结算超出", record.hits),
            ("同类期望", round(record.expected, 2)),
            ("p值", float(f"{record.p:.3g}")),
            ("校正后q值", float(f"{record.q:.3g}")),
        ),
    )
    sentence = Sentence(
        f"{party}{does}的已结算合同共{record.n}份，其中{record.hits}份超出；"
        f"按其他单位同类同规模合同的比例，约为{expected}份。",
        (statistic,),
    )
    if record.q > settings.false_discovery or record.effect < settings.least_effect:
        return sentence, None
    reason = Reason(
        "money",
        "statistical",
        f"{party}{does}的合同超出比例为同类的{record.effect:.1f}倍（校正后q={record.q:.2g}）",
        (statistic,),
        q=record.q,
        effect=round(record.effect, 3),
    )
    return sentence, reason


def _lines(found: Sequence[_Overrun]) -> list[deals.Line]:
    pairs: dict[tuple[str, str], list[_Overrun]] = defaultdict(list)
    for overrun in found:
        pairs[overrun.row["buyer"], overrun.row["supplier"]].append(overrun)
    lines = []
    for (buyer, supplier), own in pairs.items():
        excess = sum((o.excess for o in own), Decimal(0))
        joins = [j for o in own for j in deals.parties(o.row, "party_a", "party_b")]
        lines.append(
            deals.Line(
                buyer,
                supplier,
                f"{len(own)}份合同超出{yuan(excess)}",
                period_of(o.row["sign_date"] for o in own),
                tuple(joins),
                tuple(o.cite() for o in own),
            )
        )
    return lines


def _benign(found: Sequence[_Overrun]) -> tuple[BenignResult, ...]:
    usual = max(o.elsewhere for o in found)
    some = any(o.supplements for o in found)
    return (
        BenignResult("typo", "ruled_out", "倍数不大，不像单位或小数点录错。"),
        BenignResult("supplement", "partly", "有补充合同，超出部分仍高于所签数额或规定比例。")
        if some
        else BenignResult("supplement", "ruled_out", "双方之间未见相应的补充协议。"),
        BenignResult("framework", "ruled_out", "名称未见框架、定点、单价等字样。"),
        BenignResult("common", "ruled_out", f"其他单位的同类合同超出的占{percent(usual)}。"),
        BenignResult("design_change", "unknown", "须以变更批准文件和签证核对。"),
        BenignResult("material_price", "unknown", "须以合同调价条款和结算审核报告核对。"),
    )
