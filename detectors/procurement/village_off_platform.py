"""村级项目应进未进平台: village projects over the local limit without a tender number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
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
from detectors.evidence import among, first_rows, percent, period_of, records, weakest, years, yuan
from detectors.names import Names
from detectors.procurement import _deals as deals


@dataclass(frozen=True)
class Settings:
    """Limits of the detector."""

    limit: int = setting(
        400_000,
        unit="元",
        reason="多地规定村级工程达到此数须进乡镇或县级平台，以当地规定为准",
        least=1,
    )
    local_rule: str = setting(
        "", unit="无", reason="当地规定的名称或文号；填写后，达到限额即作较强疑点"
    )
    strong_limit: int = setting(
        1_000_000,
        unit="元",
        reason="未填当地规定时，达到此数在各地一般都须公开交易",
        least=1,
    )
    least_projects: int = setting(
        10, unit="个", reason="达到限额的项目少于此数时，看不出没有编号是否普遍", least=2
    )
    most_unnumbered: float = setting(
        0.5,
        unit="比例",
        reason="超过此比例没有项目编号，多半是登记口径或当地限额不同，只作提示",
        least=0,
        most=1,
    )


SPEC = Spec(
    id="village_off_platform",
    title="村级项目应进未进平台",
    family="procurement",
    version=1,
    in_yuan=True,
    what=(
        "村级自主实施项目和村里签订的合同，预算或结算达到当地进平台限额（默认40万元，须按当地规定设置），"
        "没有项目编号，招标记录中也查不到同名项目。合同与项目登记是同一事项的只算一次。"
    ),
    strength=("strong", "weak"),
    kinds=("register",),
    requires=(),
    requires_any=(
        Requires("village_projects", ("village", "project", "tender_no")),
        Requires("contracts", ("title", "party_a", "amount", "tender_no")),
    ),
    optional=(
        Requires("village_projects", ("tender_no",)),
        Requires("contracts", ("tender_no",)),
        Requires("tenders", ("title",)),
    ),
    settings=Settings,
    legal=(),
    benign=(
        Benign("emergency", "抢险救灾等紧急工程", "核对名称和实施方式中的抢险、应急、救灾等字样"),
        Benign(
            "work_relief",
            "以工代赈、村民投工投劳，依规定可不招标",
            "核对名称和实施方式中的以工代赈、投工投劳等字样",
        ),
        Benign("public_party", "对方是乡镇等公共单位，由其统一实施", "核对承建人是否为单位或村"),
        Benign(
            "no_purchase",
            "借款、土地、征收补偿、出租等不属于工程采购",
            "核对名称中的借款、征收、出租等字样",
        ),
        Benign(
            "supplement",
            "已招标项目的补充协议",
            "核对名称中的补充、变更字样，并核对双方之间有无有编号的项目",
        ),
        Benign(
            "listed",
            "已经招标，只是漏登项目编号",
            "在招标记录、合同和村级项目登记中查找同一事项的编号",
        ),
        Benign("local_limit", "当地进平台的限额更高，或另有简易程序", None),
    ),
    next_steps=(
        "核对当地村级工程进平台交易的限额和简易程序规定。",
        "向乡镇或县级交易平台查询该项目有无交易记录。",
        "调取四议两公开记录、比选记录和施工合同，核实承建人如何确定。",
    ),
    event_key="固定为“村级未进平台”，以村与承建人区分",
)

_CHECKED = ("emergency", "work_relief", "public_party", "no_purchase", "supplement", "listed")
_PROJECT_COLUMNS = (
    "village", "project", "method", "budget", "settled", "contractor", "tender_no", "start_date",
)  # fmt: skip


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find village projects over the local limit without a tender number.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are projects of villages, and contracts of villages that are no such project, at or
        over the limit.
    """
    works = _works(snapshot)
    over = works.filter(works.most >= settings.limit)
    frame = over.drop("base").to_pandas()
    looked = int(works.village.nunique().execute())
    state = frame["excuse"].fillna("hit").mask(frame["numbered"].astype(bool), "fine")
    frame = frame.assign(state=state)
    asked = frame[frame["state"].isin(["fine", "hit"])]
    share = float((asked["state"] == "hit").mean()) if len(asked) else 0.0
    common = len(asked) >= settings.least_projects and share > settings.most_unnumbered
    states = Counter(frame["state"])
    cleared = {key: states[key] for key in _CHECKED if states[key]}
    notes = []
    if common:
        notes.append(
            f"达到限额的{len(asked)}个村级项目中{percent(share)}没有项目编号，"
            "多半是登记口径或当地限额不同，只作提示。"
        )
    return Result(
        subject_kind="达到限额的村级项目",
        subjects=len(frame),
        triggered=states["hit"],
        not_triggered=states["fine"] + sum(cleared.values()),
        insufficient=0,
        not_applicable=0,
        findings=_findings(
            snapshot, asked, _Told(common, snapshot.has("tenders", "title"), settings)
        ),
        cleared=cleared,
        places=looked,
        place_kind="village",
        notes=tuple(notes),
    )


# -- what villages had built ----------------------------------------------------------------------


def _works(snapshot: Any) -> Any:
    """Projects of villages, a row a project, whichever of the two tables tells of it.

    Returns
    -------
    ibis table
        ``source``, ``row_id``, ``village``, ``contractor``, ``base``, ``most`` (the greater of
        budget and settlement, yuan), ``budget``, ``numbered``, ``excuse``.
    """
    parts = [
        part
        for part in (
            _projects(snapshot) if snapshot.has("village_projects", "tender_no") else None,
            _contracts(snapshot) if snapshot.has("contracts", "tender_no") else None,
        )
        if part is not None
    ]
    works = _told_once(*parts) if len(parts) == 2 else parts[0].mutate(elsewhere=False)
    works = works.cache()
    numbered = works.filter(works.number & works.contractor.notnull())
    works = deals.flagged(works, numbered, ("village", "contractor"), "supplied")
    works = works.mutate(titled=ibis.literal(False), titled_far=ibis.literal(False))
    if snapshot.has("tenders", "title"):
        tenders = deals.tenders(snapshot).filter(lambda t: t.base.notnull())
        own = tenders.filter(tenders.village_entity.notnull()).mutate(
            village=tenders.village_entity
        )
        works = deals.flagged(works.drop("titled"), own, ("village", "base"), "titled")
        # Elsewhere in the county only a long title is sure to be the same project.
        far = tenders.filter(tenders.base.length() >= 8)
        works = deals.flagged(works.drop("titled_far"), far, ("base",), "titled_far")
    supplement = deals.says(works.said, deals.SUPPLEMENT) & works.supplied
    excuse = ibis.cases(
        (deals.emergency(works.said), "emergency"),
        (deals.says(works.said, ("以工代赈", "投工投劳")), "work_relief"),
        (works.contractor_kind.isin(["unit", "village"]).fill_null(False), "public_party"),
        (deals.says(works.said, deals.NO_PURCHASE), "no_purchase"),
        (supplement, "supplement"),
        (works.elsewhere | works.titled | works.titled_far, "listed"),
        else_=ibis.null("string"),
    )
    return works.select(
        "source", "row_id", "village", "contractor", "base", "most", "budget",
        numbered=works.number, excuse=excuse,
    )  # fmt: skip


def _projects(snapshot: Any) -> Any:
    table = snapshot.in_yuan("village_projects")
    table = table.filter(table.village_entity.notnull() & table.repeat_of.isnull())
    kinds = snapshot.entities.select(contractor_id="entity", contractor_kind="kind")
    table = table.left_join(kinds, table.contractor_entity == kinds.contractor_id)
    return table.select(
        "row_id",
        "contractor_kind",
        source=ibis.literal("village_projects"),
        village=table.village_entity,
        contractor=table.contractor_entity,
        base=deals.title_key(table.project),
        said=table.project + " " + table.method.fill_null(""),
        budget=table.budget,
        amount=table.settled.coalesce(table.budget),
        most=ibis.greatest(
            table.budget.coalesce(table.settled), table.settled.coalesce(table.budget)
        ),
        number=table.tender_no.notnull(),
    )


def _contracts(snapshot: Any) -> Any:
    table = deals.contracts(snapshot)
    table = table.filter(deals.village_buyer(table.party_a, table.buyer_kind))
    short = table.party_a.re_replace("(村民|居民)?(委员会|委会)$|(股份)?经济(合作|联合)社$", "")
    named = snapshot.entities.filter(lambda t: t.kind == "village")
    named = named.select(short="name", here="entity")
    named = named.group_by("short").agg(here=named.here.min(), bearers=named.count())
    named = named.filter(named.bearers == 1).select("short", "here")
    table = table.mutate(short=ibis.ifelse(short.endswith("村"), short, short + "村"))
    table = table.left_join(named, "short")
    village = ibis.ifelse(table.buyer_kind == "village", table.buyer, table.village_entity)
    return table.select(
        "row_id",
        contractor_kind=table.supplier_kind,
        source=ibis.literal("contracts"),
        village=village.coalesce(table.here, table.buyer),
        contractor=table.supplier,
        base=table.base,
        said=table.title,
        budget=table.amount,
        amount=table.amount,
        most=table.amount,
        number=table.tender_no.notnull(),
    )


def _told_once(projects: Any, contracts: Any) -> Any:
    """Unite both tables; a contract that tells of a listed project only lends it its number.

    They are the same where the village and the title are, or village, contractor and amount.
    """
    # Held as tables of their own: each is asked of the other, several times.
    projects, contracts = projects.cache(), contracts.cache()
    numbered = contracts.filter(contracts.number)
    priced = numbered.filter(numbered.contractor.notnull())
    projects = deals.flagged(projects, numbered, ("village", "base"), "one")
    own = projects.filter(projects.contractor.notnull())
    contracts = deals.flagged(contracts, projects, ("village", "base"), "one")
    for name, column in (("two", "amount"), ("three", "budget")):
        # A contract may be of what was planned or of what was settled.
        keys = ("village", "contractor", column)
        projects = deals.flagged(projects, priced.mutate(budget=priced.amount), keys, name)
        known = own.select("village", "contractor", column)
        contracts = deals.flagged(contracts, known, keys, name)
    columns = [c for c in projects.columns if c not in ("one", "two", "three")]
    projects = projects.mutate(elsewhere=projects.one | projects.two | projects.three)
    contracts = contracts.filter(~(contracts.one | contracts.two | contracts.three))
    fresh = contracts.mutate(elsewhere=False)
    return projects.select(*columns, "elsewhere").union(fresh.select(*columns, "elsewhere"))


# -- wording ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Told:
    """What holds for all findings: ``common`` when hardly any project has a number, ``searched``
    when there are tenders to look a title up in."""

    common: bool
    searched: bool
    settings: Settings


@dataclass(frozen=True)
class _Work:
    """A project to be told of."""

    title: str
    amount: Decimal
    budgeted: bool
    when: date | None
    row: Row
    joins: tuple[tuple[str | None, float | None], ...]


Key = tuple[str, str | None]


def _findings(snapshot: Any, asked: pd.DataFrame, told: _Told) -> tuple[Finding, ...]:
    hits = asked[asked["state"] == "hit"]
    groups: dict[Key, list[_Work]] = defaultdict(list)
    for source in ("village_projects", "contracts"):
        judged = {r["row_id"]: r for r in hits[hits["source"] == source].to_dict("records")}
        for row in records(among(snapshot.table(source), "row_id", judged)) if judged else ():
            builder = row["contractor_entity" if source == "village_projects" else "party_b_entity"]
            key = (str(judged[row["row_id"]]["village"]), builder)
            groups[key].append(_work(source, row, told.settings))
    names = Names(snapshot, {e for key in groups for e in key if e})
    total = asked.groupby("village")["row_id"].count()
    missing = hits.groupby("village")["row_id"].count()
    counts = {v: (int(total[v]), int(missing[v])) for v in missing.index}
    ordered = sorted(groups, key=lambda k: (k[0], k[1] or ""))
    return tuple(_finding(key, groups[key], names, counts[key[0]], told) for key in ordered)


def _work(source: str, row: dict[str, Any], settings: Settings) -> _Work:
    if source == "contracts":
        joins = deals.parties(row, "party_a", *(["party_b"] if row["party_b_entity"] else []))
        return _Work(
            row["title"], row["amount"], True, row["sign_date"], deals.contract_row(row),
            tuple(joins),
        )  # fmt: skip
    joins = deals.parties(row, "village", *(["contractor"] if row["contractor_entity"] else []))
    budget, settled = row["budget"], row["settled"]
    budgeted = budget is None or budget >= settings.limit
    return _Work(
        row["project"],
        budget if budgeted and budget is not None else settled,
        budgeted,
        row["start_date"] or row["decision_date"],
        Row("village_projects", row["row_id"], "村级项目记录", _PROJECT_COLUMNS),
        tuple(joins),
    )


def _finding(
    key: Key,
    works: Sequence[_Work],
    names: Names,
    count: tuple[int, int],
    told: _Told,
) -> Finding:
    village, contractor = key
    settings = told.settings
    works = sorted(works, key=lambda w: (str(w.when), w.title, w.amount))
    rows = first_rows(w.row for w in works)
    amount = sum((w.amount for w in works), Decimal(0))
    period = period_of(w.when for w in works)
    strong = not told.common and any(
        w.budgeted and (settings.local_rule != "" or w.amount >= settings.strong_limit)
        for w in works
    )
    joins = [j for w in works for j in w.joins]
    identity, chance = weakest(joins)
    subjects = [Subject(village, "village")]
    by = ""
    if contractor:
        subjects.append(Subject(contractor, "company"))
        by = f"，由{names.of(contractor)}承建"
    many = f"共{len(works)}个项目，合计" if len(works) > 1 else "，金额"
    rule = f"（{settings.local_rule}）" if settings.local_rule else ""
    over = f"进平台限额{yuan(Decimal(settings.limit))}{rule}"
    each = "每个均" if len(works) > 1 else ""
    statement = [
        Sentence(
            f"{names.of(village)}的村级项目{deals.quoted([w.title for w in works])}{many}{yuan(amount)}"
            f"{by}，{each}达到{over}，没有项目编号{'，招标记录中未见同名项目' if told.searched else ''}。",
            rows,
        )
    ]
    if later := [w for w in works if not w.budgeted]:
        statement.append(
            Sentence(
                f"其中{deals.quoted([w.title for w in later])}的预算未达到限额，结算达到限额。",
                first_rows(w.row for w in later),
            )
        )
    total, missing = count
    if total > len(works):
        statistic = Statistic(
            f"达到限额的项目{total}个，其中{missing}个没有项目编号（{percent(missing / total)}）",
            (("达到限额的项目", total), ("没有项目编号", missing)),
        )
        statement.append(
            Sentence(
                f"{names.of(village)}达到限额的项目共{total}个，其中{missing}个没有项目编号。",
                (statistic,),
            )
        )
    term = deals.counted(len(works), "个项目", amount)
    lines = (
        [deals.Line(village, contractor, term, period, tuple(joins), tuple(rows))]
        if contractor
        else []
    )
    return Finding(
        subjects=tuple(subjects),
        anchors=tuple(s.entity for s in subjects),
        event_key="村级未进平台",
        title=f"疑似村级项目应进未进平台：{names.of(village)}{term}未见项目编号（{years(period)}）",
        statement=tuple(statement),
        reasons=(
            Reason(
                "register",
                "strong" if strong else "weak",
                f"{len(works)}个达到限额的村级项目没有项目编号",
                rows,
            ),
        ),
        amount=amount,
        period=period,
        identity=identity,
        probability=chance,
        benign=_benign(told),
        path=deals.drawn(lines, role="village"),
        place=village,
        data_gaps=_gaps(told),
    )


_RULED_OUT = {
    "emergency": "名称和实施方式未见抢险、应急、救灾等字样。",
    "work_relief": "名称和实施方式未见以工代赈、投工投劳等字样。",
    "public_party": "承建人不是公共单位。",
    "no_purchase": "名称未见借款、征收、出租等字样。",
    "supplement": "未见属于已招标项目的补充协议。",
    "listed": "招标记录、合同和村级项目登记中未见同一事项的编号。",
}


def _benign(told: _Told) -> tuple[BenignResult, ...]:
    checked = [BenignResult(k, "ruled_out", t) for k, t in _RULED_OUT.items()]
    if not told.searched:
        text = "没有招标记录可查，只在合同和村级项目登记中查找过。"
        checked[-1] = BenignResult("listed", "unknown", text)
    if told.settings.local_rule:
        rule = f"限额依{told.settings.local_rule}。"
        return (*checked, BenignResult("local_limit", "ruled_out", rule))
    return (*checked, BenignResult("local_limit", "unknown", "须核对当地限额和简易程序规定。"))


def _gaps(told: _Told) -> tuple[str, ...]:
    gaps = []
    if not told.settings.local_rule:
        gaps.append("限额为经验值，尚未填写当地规定（local_rule），须先核对。")
    if told.common:
        gaps.append("达到限额的村级项目大多没有项目编号，可能是登记口径，须先向平台核对。")
    if not told.searched:
        gaps.append("没有招标记录，不能核对是否已在平台交易而漏登编号。")
    return tuple(gaps)
