"""联系人相同: bidders of one lot with the same contact or agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from detectors.bid_rigging._counts import count_lots, lot_result
from detectors.bid_rigging._groups import Shared, gather, shared_values, spread
from detectors.bid_rigging._regime import Regime, Rules, clauses, regime_gap, regimes
from detectors.bid_rigging._signs import Sign, Teller, Told, bearers, finding, rings_of
from detectors.bid_rigging._values import cleaned, is_firm, telephone, words
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Requires,
    Result,
    Spec,
    setting,
)
from detectors.evidence import among, records
from detectors.phones import hotline


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    generic_contacts: tuple[str, ...] = setting(
        (
            "无", "暂无", "待定", "详见文件", "见投标文件", "本人", "法定代表人", "法人", "联系人", "负责人",
            "投标专员", "投标人", "经办人", "业务员", "业务部", "经营部", "市场部", "投标部", "商务部", "办公室",
            "公司", "先生", "女士", "经理", "none", "null", "n/a", "na", "test", "测试",
        ),
        unit="无",
        reason="岗位、部门名称和缺省值不指向具体的人",
    )  # fmt: skip
    placeholder_phones: tuple[str, ...] = setting(
        ("12345678", "123456789", "1234567890", "12345678901", "13800138000", "13800000000",
         "13000000000", "13900000000", "13912345678", "13812345678"),
        unit="无",
        reason="系统缺省或随手填写的号码不是联系方式",
    )  # fmt: skip
    hub_bidders: int = setting(
        20,
        unit="家",
        reason="同一电话或联系人累计对应的投标人达到此数，多为专业代办机构或平台",
        least=3,
    )
    hub_lots: int = setting(10, unit="个", reason="代办机构必然出现在许多标段", least=2)
    most_namesakes: int = setting(
        1, unit="人", reason="全部资料中同名者多于此数时，仅联系人姓名相同不予采用", least=0
    )


SPEC = Spec(
    id="shared_agent",
    title="联系人相同",
    family="bid_rigging",
    version=1,
    what=(
        "同一标段不同投标人的联系人或委托代理人姓名和电话均相同。只有电话相同的为弱提示，"
        "只有姓名相同的须先核对是否同一人。服务众多投标人的代办机构、平台热线除外。"
        "同一组投标人在多个标段出现的合并为一条。"
    ),
    strength=("strong", "weak"),
    kinds=("register",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(Requires("bids", ("contact",)), Requires("bids", ("contact_phone",))),
    optional=(Requires("tenders", ("title",)), Requires("bids", ("contact_phone",))),
    settings=Settings,
    legal=("ztb-40-2", "mof87-37"),
    benign=(
        Benign(
            "agent_hub",
            "为众多互不相关的企业代办注册、投标的专业机构",
            "核对该电话、联系人累计对应的投标人和标段数，众多的予以排除",
        ),
        Benign(
            "hotline",
            "电话是平台、代理机构的公用电话或服务热线",
            "排除400、95等服务号码，并与招标代理机构登记电话比对",
        ),
        Benign(
            "namesake",
            "只是同名的不同人",
            "电话不同或缺失的，核对全部资料中同名人数，同名者多的予以排除",
        ),
        Benign("placeholder", "联系人、电话是缺省值或岗位名称", "比对缺省值清单"),
        Benign("past_employee", "联系人先后在两家企业任职，平台资料未及时更新", None),
    ),
    next_steps=(
        "调取各投标人的授权委托书、报名和购买文件记录，核对经办人签名。",
        "核实该联系人的劳动合同、社保缴纳单位和报酬来源。",
        "由招标投标行政监督部门（政府采购的由财政部门）依职权认定。",
    ),
    event_key="同一组投标人",
)

_COLUMNS = ("tender_no", "lot", "bidder", "amount", "contact", "contact_phone", "is_winner")
_KEYS: dict[Rules, tuple[str, ...]] = {
    "tendering": ("ztb-40-2",),
    "purchase_tender": ("mof87-37",),
    "purchase_other": (),
}  # fmt: skip
_LIKELY = {
    "ztb-40-2": "可能对应不同投标人委托同一单位或者个人办理投标事宜的情形",
    "mof87-37": "可能对应货物、服务招标中不同投标人的联系人员为同一人的情形",
}


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders of one lot that name the same contact.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding a set of bidders, over all the lots they share a contact in.
    """
    table = snapshot.table("bids")
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    marks = _marks(bids, settings)
    found = {mark: _groups(table, marks, mark) for mark in ("both", "phone", "name")}
    hubs = {mark: _hubs(marks, mark, found[mark], settings) for mark in ("phone", "name")}
    agencies = _agency_phones(snapshot, found["phone"], settings)
    names = {g.value for g in found["name"]}
    known_people = bearers(snapshot, names) if names else {}
    signs: list[Sign] = []
    cleared: dict[str, set[str]] = {b.key: set() for b in SPEC.benign if b.check}
    told: dict[str, list[set[str]]] = {}
    for mark in ("both", "phone", "name"):
        for group in found[mark]:
            # The same bidders' telephone or name alone adds nothing to both.
            if any(set(group.bidders) <= wider for wider in told.get(group.lot, ())):
                continue
            phone = group.value.partition("|")[2] if mark == "both" else group.value
            if mark != "name":
                told.setdefault(group.lot, []).append(set(group.bidders))
            if group.value in hubs.get(mark, ()) or (mark == "both" and phone in hubs["phone"]):
                cleared["agent_hub"].add(group.lot)
            elif mark != "name" and phone in agencies.get(group.lot, ()):
                cleared["hotline"].add(group.lot)
            elif mark == "name" and known_people.get(group.value, 0) > settings.most_namesakes:
                cleared["namesake"].add(group.lot)
            else:
                signs.append(_sign(mark, group))
    for column, key in (("hot", "hotline"), ("dummy", "placeholder")):
        rows = shared_values(marks, marks[column]).select("lot_entity").distinct()
        cleared[key] |= {r["lot_entity"] for r in records(rows)}
    rings = rings_of(signs)
    held = {s.group.lot for group in rings.values() for s in group}
    teller = Teller(snapshot, rings, _COLUMNS)
    rules = regimes(snapshot, held)
    findings = [
        _finding(ring, mine, teller, [rules[s.group.lot] for s in mine])
        for ring, mine in rings.items()
    ]
    known = bids.contact.notnull() | bids.contact_phone.notnull()
    return lot_result(count_lots(bids, known), findings, held, cleared)


def _marks(bids: Any, settings: Settings) -> Any:
    """Clean name and telephone of every bid."""
    none = ibis.null("string")

    def number_of(raw: Any) -> Any:
        return telephone(raw, settings.placeholder_phones)

    def name_of(raw: Any) -> Any:
        return words(raw, settings.generic_contacts)

    numbers = cleaned(bids, "contact_phone", number=number_of)
    numbers = numbers.mutate(hot=hotline(numbers.number)).cache()
    people = cleaned(bids, "contact", name=name_of)
    both = bids.left_join(numbers, bids.contact_phone == numbers.raw)
    both = both.left_join(people, bids.contact == people.raw)
    phone = ibis.ifelse(numbers.hot, none, numbers.number)
    return both.select(
        "row_id",
        "lot_entity",
        "bidder_entity",
        name=people.name,
        phone=phone,
        both=people.name + "|" + phone,
        hot=ibis.ifelse(numbers.hot, numbers.number, none),
        dummy=ibis.ifelse(people.name.isnull() & phone.isnull(), bids.contact.upper(), none),
    ).cache()


def _groups(table: Any, marks: Any, mark: str) -> list[Shared]:
    found = {r["row_id"]: r for r in records(shared_values(marks, marks[mark]))}
    full = records(among(table, "row_id", found)) if found else []
    return gather({**row, **found[row["row_id"]]} for row in full)


def _hubs(marks: Any, mark: str, groups: Sequence[Shared], settings: Settings) -> set[str]:
    here = among(marks, mark, {g.value for g in groups})
    wide = spread(here, here[mark]).filter(
        lambda t: (t.bidders >= settings.hub_bidders) & (t.lots >= settings.hub_lots)
    )
    # A ring that always bids together is wide too, but no wider than its largest lot.
    strangers = wide.filter(lambda t: t.bidders >= 1.5 * t.most)
    return {r["value"] for r in records(strangers)}


def _agency_phones(
    snapshot: Any, groups: Sequence[Shared], settings: Settings
) -> dict[str, set[str]]:
    """Registered telephones of the agency of each lot."""
    wants = snapshot.has("tenders", "agency") and snapshot.has("companies", "phone")
    if not groups or not wants:
        return {}
    tenders = among(snapshot.table("tenders"), "lot_entity", {g.lot for g in groups})
    firms = snapshot.table("companies")
    firms = firms.mutate(number=telephone(firms.phone, settings.placeholder_phones))
    served = tenders.join(firms, tenders.agency_entity == firms.name_entity).select(
        "lot_entity", "number"
    )
    phones: dict[str, set[str]] = {}
    for row in records(served.distinct()):
        phones.setdefault(row["lot_entity"], set()).add(row["number"])
    return phones


def _sign(mark: str, group: Shared) -> Sign:
    shown = min(str(r["contact"] or "").strip() for r in group.rows)
    if mark == "both":
        text = f"联系人均为{shown}，联系电话相同"
        # A masked number is the same number only probably.
        if "*" in group.value:
            return Sign("both", group, text, "strong", "probable", 0.9)
        return Sign("both", group, text, "strong")
    if mark == "phone":
        return Sign("phone", group, "联系电话相同", "weak")
    phones = {r["contact_phone"] for r in group.rows}
    apart = "电话不同" if None not in phones and len(phones) > 1 else "电话记录不全"
    if is_firm(shown):
        return Sign("name", group, f"联系人均为{shown}（{apart}）", "weak")
    return Sign("name", group, f"联系人均署名{shown}（{apart}）", "strong", "name_only")


# -- wording ---------------------------------------------------------------------------------------

_WHAT = {"both": "联系人相同", "phone": "联系电话相同", "name": "联系人姓名相同"}


def _finding(
    ring: tuple[str, ...], signs: Sequence[Sign], teller: Teller, rules: Sequence[Regime]
) -> Finding:
    story = teller.tell(ring, signs, lambda who, where: f"{who}投标{where}，登记的")
    best = story.best
    cited = clauses(rules, _KEYS) if best.key == "both" else ()
    likely = "；".join(_LIKELY[key] for key in cited)
    return finding(
        ring,
        story,
        Told(
            event_key="联系人",
            kind="register",
            what=_WHAT[best.key],
            of="",
            likely=f"{likely}，由行政监督部门认定" if likely else "",
            legal=cited,
            benign=_benign({s.key for s in signs}),
            gaps=regime_gap(rules),
        ),
    )


def _benign(keys: set[str]) -> tuple[BenignResult, ...]:
    told = [
        BenignResult("agent_hub", "ruled_out", "该联系人、电话没有对应众多互不相关的投标人。"),
        BenignResult("placeholder", "ruled_out", "不在缺省值清单内，也不是岗位名称。"),
    ]
    if keys & {"both", "phone"}:
        text = "不是服务热线，也不是招标代理机构登记的电话。"
        told.append(BenignResult("hotline", "ruled_out", text))
    if "name" in keys:
        text = "仅姓名相同，须先核对是否同一人。"
        told.append(BenignResult("namesake", "unknown", text))
    told.append(
        BenignResult("past_employee", "unknown", "须以劳动合同、社保记录核对联系人任职时间。")
    )
    return tuple(told)
