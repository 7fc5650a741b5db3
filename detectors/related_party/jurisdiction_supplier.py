"""亲属企业承接辖区项目: a firm of an official's near relative supplies buyers in the official's area or field.

The same search as for the own unit; which buyers lie in whose area is worked out per post from
townships, named duties and fields of work.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from detectors.detector import Benign, BenignResult, Requires, Result, Spec, setting
from detectors.evidence import among, holds, listing, records
from detectors.names import Names
from detectors.related_party import own_unit_supplier as own
from detectors.related_party._areas import Area, areas
from detectors.related_party._reach import (
    Case,
    fetch_options,
    own_posts,
    reach_officials,
    tenure_end,
)
from detectors.related_party._story import Tale, finding
from detectors.related_party._supplies import Supply, bidder_counts, suppliers, supplies_of


@dataclass(frozen=True)
class Settings(own.Settings):
    """Thresholds of the detector: those of the search for the own unit, and who is in charge."""

    township_posts: tuple[str, ...] = setting(
        ("书记", "镇长", "乡长", "人大主席", "街道办事处主任", "办事处主任"),
        unit="无",
        reason="乡镇（街道）职务含这些字样的，辖区内各村和单位视为在其管辖范围",
        source="乡镇领导班子分工惯例，须按当地实际调整",
    )
    fields: tuple[str, ...] = setting(
        (
            "教育、校舍=教育局、教育体育局、学校、小学、中学、幼儿园/校舍、教学",
            "卫生、医疗=卫生健康局、医院、卫生院、疾病预防控制/医疗",
            "水利、水务=水利局、水务局、水库/水利",
            "交通、公路=交通运输局、公路/道路、公路",
            "农业、农机=农业农村局、农业局/农资、农机、农田",
            "民政、社会救助=民政局、敬老院、福利院/养老",
            "文化、旅游=文化广电、文化馆、图书馆/文化",
            "住房、住建、城建=住房和城乡建设局、住建局/市政",
            "自然资源、国土=自然资源局/土地整治",
            "城管、环卫=城市管理局、环境卫生/环卫、园林绿化",
        ),
        unit="无",
        reason="分管工作写明某领域的，该领域的单位和项目类别视为在其分管范围",
        source="字样=采购单位字样/项目类别字样，须按当地机构名称调整",
    )


SPEC = Spec(
    id="jurisdiction_supplier",
    title="亲属企业承接辖区项目",
    family="related_party",
    version=1,
    what=(
        "公职人员的近亲属担任法定代表人、主要人员或持股（含间接持股）的企业，在该公职人员任职期间承接其"
        "辖区或分管领域内其他单位的项目：乡镇领导对本乡镇各村和单位，分管领导对分管工作写明的单位、"
        "领域或项目类别。本单位的项目由“亲属企业承接本单位项目”反映，这里不重复。"
    ),
    strength=("strong", "weak"),
    kinds=("relation",),
    requires=own.SPEC.requires,
    requires_any=own.SPEC.requires_any,
    optional=(
        Requires("officials", ("duties",)),
        Requires("officials", ("township",)),
        *own.SPEC.optional,
    ),
    settings=Settings,
    legal=("discipline-107",),
    benign=(
        *own.SPEC.benign[:4],
        Benign("not_involved", "项目由村或下级单位自主实施，本人没有参与", None),
        Benign("recused", "本人已按规定报告并回避", None),
    ),
    next_steps=(
        "核实辖区或分管单位有关项目的立项、审批、发包和验收过程，本人是否参与决策、审批或打招呼。",
        "核实本人个人有关事项报告和近亲属经商办企业申报情况。",
        "核实企业实际出资人、经营人及项目款去向。",
        "核对班子分工文件，确认项目发生时本人的分管范围。",
    ),
    event_key="同一公职人员与同一企业",
)
_UNCLEAR = "村名在多个乡镇都有，不能判断属于哪个乡镇，没有按辖区核对：{}。"
_TALE = Tale(
    "疑似亲属企业承接辖区项目",
    "亲属企业承接辖区项目",
    (
        BenignResult(
            "not_involved", "unknown", "现有数据不能反映本人是否参与，须核实项目审批过程。"
        ),
    ),
)


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find near relatives' firms that supply buyers in the official's area or field.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are pairs of an official and a relative's firm that supplies a buyer in the
        official's area or field.
    """
    pairs = suppliers(snapshot)
    buyers = {row["unit"] for row in records(pairs.select("unit").distinct()) if row["unit"]}
    found, unclear = areas(snapshot, buyers, settings)
    rows = _reach(snapshot, pairs, settings, found)
    options = fetch_options(snapshot, rows, settings.least_share)
    supplies = supplies_of(snapshot, {company for _, company in options})
    own_units = _OwnUnits(snapshot, {official for official, _ in options}, settings)
    cases = []
    for (official, company), choices in sorted(options.items()):
        case = Case(official, company, choices, settings.village_elections)
        mine = own_units.without(official, supplies.get(company, ()))
        case.judge(mine)
        if case.held or case.failed or case.undated:
            cases.append(case)
    names = Names(snapshot, {e for case in cases for e in case.entities()})
    bidders = bidder_counts(snapshot, {s.entity for c in cases for s, _ in c.held if s.entity})
    findings = tuple(finding(c, settings, names, bidders, _TALE) for c in cases if c.held)
    silent = [case for case in cases if not case.held]
    insufficient = sum(bool(case.undated) for case in silent)
    cleared = Counter(key for case in silent if (key := case.cleared()) is not None)
    return Result(
        subject_kind="干部·企业",
        subjects=len(cases),
        triggered=len(findings),
        not_triggered=len(cases) - len(findings) - insufficient,
        insufficient=insufficient,
        not_applicable=0,
        findings=findings,
        cleared=dict(sorted(cleared.items())),
        notes=(_UNCLEAR.format(listing(unclear, "个")),) if unclear else (),
    )


def _reach(
    snapshot: Any, pairs: Any, settings: Settings, found: list[Area]
) -> list[dict[str, Any]]:
    """Join the search for officials to the buyers in their areas that the firms supply."""
    if not found:
        return []
    table = snapshot.memtable(
        pa.table(
            {
                "post_row": pa.array([a.post_row for a in found], pa.int64()),
                "unit": [a.unit for a in found],
                "area_no": pa.array(range(len(found)), pa.int64()),
            }
        )
    )
    officials = snapshot.table("officials").select(official="name_entity", post_row="row_id")
    posts = officials.join(table, "post_row")
    reach = reach_officials(snapshot, pairs, settings).join(posts, "official")
    rows = records(reach.semi_join(pairs, ["company", "unit"]))
    return [{**row, "area": found[row["area_no"]]} for row in rows]


class _OwnUnits:
    """The officials' own units, whose supplies another detector tells."""

    def __init__(self, snapshot: Any, officials: set[str], settings: Settings) -> None:
        self.elections = settings.village_elections
        self.seats: dict[tuple[str, str], list[dict[str, Any]]] = {}
        if not officials:
            return
        pairs = records(among(own_posts(snapshot), "official", officials))
        table = snapshot.table("officials")
        posts = {
            p["row_id"]: p for p in records(among(table, "row_id", {r["post_row"] for r in pairs}))
        }
        for row in pairs:
            key = (row["official"], row["unit"])
            self.seats.setdefault(key, []).append(posts[row["post_row"]])

    def without(self, official: str, supplies: tuple[Supply, ...]) -> tuple[Supply, ...]:
        """Leave out what was supplied to a unit in which the official then held a post."""
        return tuple(s for s in supplies if not self._own(official, s))

    def _own(self, official: str, supply: Supply) -> bool:
        return any(
            supply.when is None
            or holds(supply.when, post["start_date"], tenure_end(post, self.elections))
            for post in self.seats.get((official, supply.unit), ())
        )
