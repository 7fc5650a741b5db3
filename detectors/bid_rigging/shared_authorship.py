"""文件编制特征相同: bid files of one lot made with one pricing dongle or by one author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from detectors.bid_rigging._counts import count_lots, lot_result
from detectors.bid_rigging._groups import Shared, gather, shared_values, spread
from detectors.bid_rigging._regime import Regime, Rules, clauses, regime_gap, regimes
from detectors.bid_rigging._signs import Sign, Story, Teller, Told, bearers, finding, rings_of
from detectors.bid_rigging._values import cleaned, is_firm, is_person, serial, words
from detectors.detector import (
    Benign,
    BenignResult,
    Finding,
    Requires,
    Result,
    Spec,
    Strength,
    setting,
)
from detectors.evidence import among, records


@dataclass(frozen=True)
class Settings:
    """Thresholds of the detector."""

    local_rule: bool = setting(
        False,
        unit="是/否",
        reason="当地有加密锁号相同即行认定的规定时才开启",
        source="闽建筑〔2018〕29号（仅限当地）",
    )
    placeholders: tuple[str, ...] = setting(
        ("None", "Null", "N/A", "Unknown", "Invalid", "Default", "Test", "Demo", "Trial"),
        unit="无",
        reason="采集失败值、试用版和测试锁的序列号不是文件特征",
    )
    test_words: tuple[str, ...] = setting(
        ("测试", "试用", "学习", "演示", "体验", "TEST", "DEMO", "TRIAL"),
        unit="无",
        reason="学习版、试用版软件的锁号多人共用",
    )
    generic_authors: tuple[str, ...] = setting(
        (
            "管理员", "系统管理员", "超级管理员", "资料员", "预算员", "造价员", "技术员", "施工员", "文员",
            "用户", "新用户", "微软用户", "微软中国", "Windows用户", "作者", "编制人", "投标人", "投标专员",
            "投标部", "经营部", "商务部", "技术部", "项目部", "办公室", "公司", "本公司", "供应商", "本人",
            "员工", "秘书", "测试", "未知", "匿名", "雨林木风", "深度技术", "番茄花园", "系统之家", "电脑公司",
            "admin", "administrator", "user", "users", "owner", "guest", "root", "author", "default",
            "pc", "computer", "windows", "microsoft", "office", "wps", "wpsoffice", "lenovo", "hp", "dell",
            "asus", "acer", "huawei", "thinkpad", "china", "mcsystem", "test", "unknown", "none", "null",
            "n/a", "na",
        ),
        unit="无",
        reason="软件和操作系统的默认用户名、岗位名不指向具体的人",
    )  # fmt: skip
    least_machine: int = setting(
        6, unit="字符", reason="不是人名也不是企业名的作者名，短于此数的可能偶然相同", least=2
    )
    hub_bidders: int = setting(
        30,
        unit="家",
        reason="同一锁号或作者累计对应的投标人达到此数，多为软件默认值或范本作者",
        least=3,
    )
    hub_lots: int = setting(10, unit="个", reason="默认值和范本作者必然出现在许多标段", least=2)
    template_bidders: int = setting(
        8,
        unit="家",
        reason="同一作者只出现在同一代理机构的标段、投标人达到此数的，多为代理机构范本的作者",
        least=3,
    )
    most_namesakes: int = setting(
        1, unit="人", reason="全部资料中同名者多于此数时，仅作者姓名相同不予采用", least=0
    )


SPEC = Spec(
    id="shared_authorship",
    title="文件编制特征相同",
    family="bid_rigging",
    version=1,
    what=(
        "同一标段不同投标人的投标文件，计价软件加密锁号相同，或文件作者相同。公布的招标控制价自带的锁号、"
        "软件默认用户名、代理机构范本的作者除外；作者只是人名相同的仅作弱提示。"
        "同一组投标人在多个标段出现的合并为一条。"
    ),
    strength=("proof", "strong", "weak"),
    kinds=("hardware",),
    requires=(Requires("bids", ("tender_no", "bidder")),),
    requires_any=(Requires("bids", ("dongle_no",)), Requires("bids", ("file_author",))),
    optional=(
        Requires("tenders", ("title",)),
        Requires("tenders", ("control_price_dongle",)),
        Requires("tenders", ("agency",)),
    ),
    settings=Settings,
    legal=("ztb-40-1", "mof87-37", "fj-2018-29"),
    benign=(
        Benign(
            "control_price",
            "投标人导入公布的招标控制价文件，文件中带有控制价的锁号",
            "与本标段控制价锁号比对，相同的予以排除",
        ),
        Benign(
            "cost_consultant",
            "同一造价咨询机构既编制控制价，又为投标人提供服务",
            "与其他项目的控制价锁号比对，相同的只作弱提示，须先核实该机构为谁编制了文件",
        ),
        Benign(
            "template",
            "投标文件以招标人、代理机构的范本为底稿，作者是范本的作者",
            "作者与招标人、代理机构名称比对；只在同一代理机构的标段出现、投标人众多的作者予以排除",
        ),
        Benign(
            "generic",
            "锁号、作者是软件默认值、试用版序列号或岗位名称",
            "比对默认值清单，并排除众多互不相关的投标人共用的值",
        ),
        Benign("namesake", "作者只是同名的不同人", "核对全部资料中同名人数，同名者多的予以排除"),
        Benign("resold", "加密锁经转让、借用或维修更换，文件仍由各投标人自行编制", None),
    ),
    next_steps=(
        "向交易平台调取投标文件的电子特征（锁号、作者、创建和修改时间），核对采集是否有误。",
        "向计价软件厂商核实锁号登记的使用单位和人员。",
        "核实投标文件由何人、在何处编制，编制费用由谁支付。",
        "由招标投标行政监督部门依职权认定是否属于视为串通的情形。",
    ),
    event_key="同一组投标人",
)

_COLUMNS = ("tender_no", "lot", "bidder", "amount", "dongle_no", "file_author", "is_winner")
_KEYS: dict[Rules, tuple[str, ...]] = {
    "tendering": ("ztb-40-1",),
    "purchase_tender": ("mof87-37",),
    "purchase_other": (),
}  # fmt: skip


def detect(snapshot: Any, settings: Settings) -> Result:
    """Find bidders of one lot whose files bear one dongle number or one author.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    settings : Settings

    Returns
    -------
    Result
        Counted are lots; one finding a set of bidders, over all the lots they share something in.
    """
    table = snapshot.table("bids")
    bids = table.filter(table.lot_entity.notnull() & table.bidder_entity.notnull())
    marks = _marks(bids, settings)
    dongles = _groups(table, marks, "dongle")
    authors = _groups(table, marks, "author")
    context = _Context(snapshot, [*dongles, *authors], settings)
    hubs = _hubs(snapshot, marks, {"dongle": dongles, "author": authors}, settings)
    signs: list[Sign] = []
    cleared: dict[str, set[str]] = {b.key: set() for b in SPEC.benign if b.check}
    for mark, groups in (("dongle", dongles), ("author", authors)):
        for group in groups:
            sign = (
                "generic"
                if group.value in hubs["default", mark]
                else "template"
                if group.value in hubs["template", mark]
                else context.judge(mark, group)
            )
            if isinstance(sign, str):
                cleared[sign].add(group.lot)
            else:
                signs.append(sign)
    cleared["generic"] |= _dummy_lots(marks)
    rings = rings_of(signs)
    held = {s.group.lot for found in rings.values() for s in found}
    teller = Teller(snapshot, rings, _COLUMNS)
    rules = regimes(snapshot, held)
    gaps = context.gaps(snapshot)
    findings = [
        _finding(ring, found, teller, [rules[s.group.lot] for s in found], gaps)
        for ring, found in rings.items()
    ]
    known = bids.dongle_no.notnull() | bids.file_author.notnull()
    return lot_result(count_lots(bids, known), findings, held, cleared)


def _marks(bids: Any, settings: Settings) -> Any:
    """Clean dongle and author of every bid."""
    none = ibis.null("string")

    def serial_of(raw: Any) -> Any:
        test = raw.upper().re_search("|".join(settings.test_words or ("^$",)))
        return ibis.ifelse(test, none, serial(raw, settings.placeholders, 6))

    def name_of(raw: Any) -> Any:
        return words(raw, settings.generic_authors)

    locks = cleaned(bids, "dongle_no", dongle=serial_of)
    people = cleaned(bids, "file_author", author=name_of)
    both = bids.left_join(locks, bids.dongle_no == locks.raw)
    both = both.left_join(people, bids.file_author == people.raw)
    return both.select(
        "row_id",
        "lot_entity",
        "bidder_entity",
        dongle=locks.dongle,
        author=people.author,
        dummy_dongle=ibis.ifelse(locks.dongle.isnull(), bids.dongle_no.upper(), none),
        dummy_author=ibis.ifelse(people.author.isnull(), bids.file_author.upper(), none),
    ).cache()


def _groups(table: Any, marks: Any, mark: str) -> list[Shared]:
    found = {r["row_id"]: r for r in records(shared_values(marks, marks[mark]))}
    full = records(among(table, "row_id", found)) if found else []
    return gather({**row, **found[row["row_id"]]} for row in full)


def _dummy_lots(marks: Any) -> set[str]:
    """Lots in which bidders share a default value."""
    found: set[str] = set()
    for mark in ("dongle", "author"):
        rows = shared_values(marks, marks[f"dummy_{mark}"]).select("lot_entity").distinct()
        found |= {r["lot_entity"] for r in records(rows)}
    return found


def _hubs(
    snapshot: Any, marks: Any, groups: dict[str, list[Shared]], settings: Settings
) -> dict[tuple[str, str], set[str]]:
    """Values found that too many strangers bear: everywhere, or in the lots of one agency."""
    hubs: dict[tuple[str, str], set[str]] = {}
    for mark, found in groups.items():
        here = among(marks, mark, {g.value for g in found})
        wide = spread(here, here[mark])
        # A ring that always bids together is wide too, but no wider than its largest lot.
        strangers = wide.filter(wide.bidders >= 1.5 * wide.most)
        default = strangers.filter(
            (strangers.bidders >= settings.hub_bidders) & (strangers.lots >= settings.hub_lots)
        )
        hubs["default", mark] = {r["value"] for r in records(default)}
        hubs["template", mark] = set()
    if snapshot.has("tenders", "agency"):
        tenders = snapshot.table("tenders")
        agents = tenders.filter(tenders.agency_entity.notnull())
        agents = agents.select("lot_entity", "agency_entity").distinct()
        here = among(marks, "author", {g.value for g in groups["author"]})
        run = here.left_join(agents, "lot_entity")
        served = run.group_by(value=run.author).agg(
            agencies=run.agency_entity.nunique(), unknown=run.agency_entity.isnull().any()
        )
        wide = spread(here, here.author).join(served, "value")
        template = wide.filter(
            (wide.bidders >= settings.template_bidders)
            & (wide.bidders >= 1.5 * wide.most)
            & (wide.agencies == 1)
            & ~wide.unknown
        )
        hubs["template", "author"] = {r["value"] for r in records(template.select("value"))}
    return hubs


class _Context:
    """What the tenders and the registers say of the values found."""

    def __init__(self, snapshot: Any, groups: Sequence[Shared], settings: Settings) -> None:
        self.settings = settings
        self.own_price: dict[str, set[str]] = {}
        self.hosts: dict[str, set[str]] = {}
        self.consultants: set[str] = set()
        if snapshot.has("tenders") and groups:
            self._read(snapshot, groups)
        people = {g.value for g in groups if is_person(g.value)}
        self.bearers = bearers(snapshot, people) if people else {}

    def _read(self, snapshot: Any, groups: Sequence[Shared]) -> None:
        tenders = snapshot.table("tenders")
        tenders = tenders.mutate(price=serial(tenders.control_price_dongle, (), 6))
        for row in records(among(tenders, "lot_entity", {g.lot for g in groups})):
            if row["price"]:
                self.own_price.setdefault(row["lot_entity"], set()).add(row["price"])
            hosts = {_bare(row[c]) for c in ("agency", "purchaser") if row[c]}
            self.hosts.setdefault(row["lot_entity"], set()).update(hosts)
        prices = among(tenders.select("price"), "price", {g.value for g in groups}).distinct()
        self.consultants = {r["price"] for r in records(prices)}

    def judge(self, mark: str, group: Shared) -> Sign | str:
        """What a shared value is worth, or the key of the explanation that clears it."""
        return self._dongle(group) if mark == "dongle" else self._author(group)

    def _dongle(self, group: Shared) -> Sign | str:
        if group.value in self.own_price.get(group.lot, ()):
            return "control_price"
        if group.value in self.consultants:
            text = "计价软件加密锁号相同，该锁曾用于编制其他项目的招标控制价"
            return Sign("consultant", group, text, "weak")
        strength: Strength = "proof" if self.settings.local_rule else "strong"
        return Sign("dongle", group, "计价软件加密锁号相同", strength)

    def _author(self, group: Shared) -> Sign | str:
        name = group.value
        shown = _shown(group)
        if any(name in host or host in name for host in self.hosts.get(group.lot, ())):
            return "template"
        if is_firm(name):
            return Sign("author", group, f"文件作者均为“{shown}”", "strong")
        if is_person(name):
            if self.bearers.get(name, 0) > self.settings.most_namesakes:
                return "namesake"
            return Sign("person", group, f"文件作者均署名“{shown}”", "strong", "name_only")
        if len(name) < self.settings.least_machine:
            return Sign("name", group, f"文件作者均为“{shown}”", "weak")
        return Sign("author", group, f"文件作者均为“{shown}”", "strong")

    def gaps(self, snapshot: Any) -> tuple[str, ...]:
        """What was missing that could clear a clue."""
        if snapshot.has("tenders", "control_price_dongle"):
            return ()
        return ("没有招标控制价锁号，不能排除锁号来自公布的控制价文件。",)


def _bare(name: str) -> str:
    return "".join(name.split()).upper()


def _shown(group: Shared) -> str:
    """The author as the first of the rows writes it."""
    return str(min(r["file_author"] for r in group.rows)).strip()


# -- wording ---------------------------------------------------------------------------------------

_WHAT = {
    "dongle": "计价软件加密锁号相同",
    "consultant": "计价软件加密锁号相同",
    "author": "文件作者相同",
    "person": "文件作者署名相同",
    "name": "文件作者相同",
}
_LIKELY = "可能对应不同投标人的投标文件由同一单位或者个人编制的情形，由行政监督部门认定"


def _finding(
    ring: tuple[str, ...],
    signs: Sequence[Sign],
    teller: Teller,
    rules: Sequence[Regime],
    price_gap: tuple[str, ...],
) -> Finding:
    story = teller.tell(ring, signs, lambda who, where: f"{who}投标{where}的文件，")
    best = story.best
    cited = clauses(rules, _KEYS) if best.strength != "weak" and best.key != "person" else ()
    by_dongle = any(s.key in ("dongle", "consultant") for s in signs)
    return finding(
        ring,
        story,
        Told(
            event_key="编制特征",
            kind="hardware",
            what=_WHAT[best.key],
            of="投标文件",
            likely=_LIKELY if cited else "",
            legal=(*cited, "fj-2018-29") if best.strength == "proof" else cited,
            benign=_benign(signs, story, bool(price_gap) and by_dongle),
            gaps=(*(price_gap if by_dongle else ()), *regime_gap(rules)),
        ),
    )


def _benign(signs: Sequence[Sign], story: Story, no_price: bool) -> tuple[BenignResult, ...]:
    keys = {s.key for s in signs}
    told = []
    if keys & {"dongle", "consultant"}:
        told.append(
            BenignResult("control_price", "unknown", "没有招标控制价锁号可供比对。")
            if no_price
            else BenignResult("control_price", "ruled_out", "与本标段控制价锁号不同或未公布锁号。")
        )
        told.append(
            BenignResult(
                "cost_consultant",
                "partly",
                "该锁曾用于编制其他项目的招标控制价，须核实造价咨询机构为谁编制了文件。",
            )
            if "consultant" in keys
            else BenignResult("cost_consultant", "ruled_out", "该锁号未见于任何项目的控制价。")
        )
    told.append(BenignResult("generic", "ruled_out", "不在默认值清单内，也没有众多投标人共用。"))
    if keys & {"author", "person", "name"}:
        told.append(
            BenignResult("template", "ruled_out", "作者不是招标人、代理机构，也不像其范本。")
        )
    if "person" in keys:
        told.append(
            BenignResult("namesake", "unknown", "仅署名相同，须以电子文件特征核对是否同一人。")
        )
    told.append(BenignResult("resold", "unknown", "须向软件厂商核实锁的登记和转让。"))
    return tuple(told)
