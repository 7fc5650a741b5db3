"""A made-up snapshot of a few rows, and findings on it, for the tests of the clues room."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from detectors.detector import (
    Benign,
    BenignResult,
    Detector,
    Finding,
    Path,
    PathEdge,
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
from detectors.runner import Outcome

OFFICIAL, WIFE_BROTHER, FIRM, UNIT = "p-01", "p-02", "c-01", "u-01"
DEAD, RIVALS = "p-03", ("c-11", "c-12", "c-13", "c-14")


@dataclass(frozen=True)
class Where:
    file: str
    sheet: str | None
    row: int
    also: tuple[Where, ...] = ()


@dataclass(frozen=True)
class Entity:
    entity: str
    kind: str
    name: str
    number: str | None = None
    birth_date: date | None = None
    detail: str = ""


@dataclass
class FakeSnapshot:
    """The read side that clues need, over dictionaries."""

    entities: dict[str, Entity]
    rows: dict[tuple[str, int], tuple[Where, dict[str, tuple[str, str | None, str | None]]]]
    present: set[str] = field(default_factory=set)
    as_of: date = date(2024, 6, 30)

    def has(self, table: str, *columns: str) -> bool:
        return table in self.present

    def lookup(self, entities: Iterable[str]) -> dict[str, Entity]:
        return {key: self.entities[key] for key in entities if key in self.entities}

    def sources(self, rows: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], Where]:
        return {key: self.rows[key][0] for key in rows}

    def raw_rows(self, rows: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], Any]:
        return {key: self.rows[key][1] for key in rows}


def cells(**columns: tuple[str, str] | tuple[str, str, str]) -> dict[str, Any]:
    """canonical=(header, cell[, mask]) → what ``raw_rows`` gives."""
    return {
        value[0]: (value[1], value[2] if len(value) == 3 else None, name)
        for name, value in columns.items()
    }


def person_number(seed: int) -> str:
    """A made-up identity number with a right check digit."""
    rng = random.Random(seed)
    body = f"320281{rng.randint(1955, 1995)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body += f"{rng.randint(1, 999):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * w for a, w in zip(body, weights, strict=True)) % 11]


def snapshot() -> FakeSnapshot:
    """Five files of a made-up county."""
    entities = {
        e.entity: e
        for e in (
            Entity(OFFICIAL, "person", "章明远", person_number(1), detail="青石镇人民政府"),
            Entity(WIFE_BROTHER, "person", "闻人立", person_number(2), detail="河东村"),
            Entity(FIRM, "company", "江城县立恒建设有限公司", "91320281MA1ABCDE2X"),
            Entity(UNIT, "unit", "青石镇人民政府"),
            Entity(DEAD, "person", "祁守田", person_number(3), detail="河东村"),
            Entity("v-01", "village", "河东村"),
            *(
                Entity(key, "company", f"江城{name}工程有限公司", f"91320281MA1RIV{i:03d}Y")
                for i, (key, name) in enumerate(zip(RIVALS, "甲乙丙丁", strict=True))
            ),
        )
    }
    rows: dict[tuple[str, int], Any] = {
        ("officials", 1): (
            Where("组织部/干部名册.xlsx", "2023", 7),
            cells(
                name=("姓名", "章明远"),
                id_number=("身份证号", person_number(1), "id"),
                organization=("工作单位", "青石镇人民政府"),
                position=("职务", "镇长"),
                political_status=("政治面貌", "中共党员"),
                start_date=("任职时间", "2021年3月"),
            ),
        ),
        ("kinship", 4): (
            Where(
                "纪委/亲属申报.xls", "Sheet1", 12, (Where("纪委/亲属申报(补).xls", "Sheet1", 3),)
            ),
            cells(
                name=("报告人", "章明远"),
                relation=("称谓", "妻弟"),
                relative_name=("亲属姓名", "闻人立"),
                relative_id_number=("亲属身份证号", person_number(2), "id"),
                relative_phone=("亲属电话", "13800000001", "phone"),
            ),
        ),
        ("shareholders", 9): (
            Where("市监局/股东.csv", None, 10),
            cells(
                company=("企业名称", "江城县立恒建设有限公司"),
                shareholder=("股东", "闻人立"),
                share_percent=("持股比例", "60%"),
            ),
        ),
        ("deaths", 2): (
            Where("公安/死亡登记.csv", None, 3),
            cells(name=("姓名", "祁守田"), death_date=("死亡日期", "2021-02-03")),
        ),
    }
    for n in range(1, 7):
        rows["contracts", n] = (
            Where("财政局/合同.xlsx", "合同", 4 + n),
            cells(
                title=("合同名称", f"道路维修工程第{n}期"),
                party_a=("甲方", "青石镇人民政府"),
                party_b=("乙方", "江城县立恒建设有限公司"),
                amount=("合同金额(万元)", f"{10 * n}.5"),
                sign_date=("签订日期", f"2022-0{n}-15"),
            ),
        )
    for n in range(1, 4):
        rows["subsidies", n] = (
            Where("民政局/高龄补贴.csv", None, 100 + n),
            cells(
                programme=("补贴项目", "高龄津贴"),
                name=("姓名", "祁守田"),
                account=("一卡通账号", "6217000000000000123", "account"),
                amount=("发放金额", "300.00"),
                pay_date=("发放日期", f"2021-0{n + 3}-01"),
            ),
        )
    for n in range(1, 17):
        rows["bids", n] = (
            Where("公共资源/投标.xlsx", "投标", 1 + n),
            cells(
                tender_no=("项目编号", f"JC2022-{(n - 1) // 4 + 1:03d}"),
                bidder=("投标人", entities[RIVALS[(n - 1) % 4]].name),
                amount=("投标报价", f"{1000000 + 1000 * n}"),
            ),
        )
    return FakeSnapshot(entities, rows)


@dataclass(frozen=True)
class Settings:
    min_share: float = setting(5.0, unit="%", reason="低于此比例的持股影响有限")


def spec(**changes: Any) -> Spec:
    """A made-up detector."""
    base = Spec(
        id="own_unit_supplier",
        title="亲属企业承接本单位项目",
        family="related_party",
        version=1,
        what="公职人员近亲属的企业承接其所在单位的项目",
        strength=("strong",),
        kinds=("relation",),
        requires=(Requires("officials"), Requires("contracts")),
        settings=Settings,
        legal=("official-recusal", "discipline-104"),
        benign=(
            Benign("tenure", "合同签订时已离任", "比对任职起止与签订日期"),
            Benign("recused", "决策时已经回避", None),
        ),
        next_steps=("调取相关合同的采购审批资料和会议记录", "核对亲属关系和持股情况"),
        event_key="承接单位",
        optional=(Requires("tenders"),),
    )
    return replace(base, **changes)


def row(table: str, number: int, text: str, *columns: str) -> Row:
    return Row(table, number, text, columns)


POST = row(
    "officials", 1, "章明远任青石镇人民政府镇长", "name", "id_number", "organization", "position"
)
KIN = row("kinship", 4, "章明远申报闻人立为其妻弟")
SHARE = row("shareholders", 9, "闻人立持有该公司60%股份")
CONTRACTS = tuple(row("contracts", n, f"道路维修工程第{n}期合同") for n in range(1, 7))


def supplier_finding(**changes: Any) -> Finding:
    """An official's wife's brother's firm supplies the official's unit."""
    edges = (
        PathEdge(OFFICIAL, UNIT, "position", "镇长", date(2021, 3, 1), None, cites=(POST,)),
        PathEdge(OFFICIAL, WIFE_BROTHER, "kin", "妻弟", cites=(KIN,)),
        PathEdge(WIFE_BROTHER, FIRM, "shareholder", "持股60%", date(2020, 5, 1), None, cites=(SHARE,)),
        *(
            PathEdge(UNIT, FIRM, "contract", f"合同 {n}0.5万元", date(2022, n, 15), date(2022, n, 15),
                     cites=(CONTRACTS[n - 1],))
            for n in range(1, 7)
        ),
    )  # fmt: skip
    base = Finding(
        subjects=(
            Subject(OFFICIAL, "official"),
            Subject(WIFE_BROTHER, "relative"),
            Subject(FIRM, "company"),
        ),
        anchors=(OFFICIAL, FIRM),
        event_key=UNIT,
        title="疑似亲属企业承接本单位项目：章明远妻弟持股企业6次承接青石镇人民政府合同，共213.00万元",
        statement=(
            Sentence("章明远自2021年3月起任青石镇人民政府镇长。", (POST,)),
            Sentence("闻人立系章明远妻弟，持有江城县立恒建设有限公司60%股份。", (SHARE, KIN)),
            Sentence(
                "2022年1月至6月，该公司与青石镇人民政府签订6份合同，共213.00万元。", CONTRACTS
            ),
        ),
        reasons=(
            Reason("relation", "strong", "妻弟持股60%的企业承接本单位项目", (KIN, SHARE), "tie"),
        ),
        amount=Decimal("2130000.00"),
        period=(date(2022, 1, 15), date(2022, 6, 15)),
        identity="certain",
        benign=(BenignResult("tenure", "ruled_out", "合同均在任职期内签订"),),
        path=Path((OFFICIAL, WIFE_BROTHER, FIRM, UNIT), edges),
        place=UNIT,
        data_gaps=("缺少采购方式资料",),
    )
    return replace(base, **changes)


def death_spec() -> Spec:
    return spec(
        id="paid_after_death",
        title="死亡后仍发放补贴",
        family="subsidy",
        what="补贴所属期在死亡之后",
        strength=("proof", "weak"),
        kinds=("register",),
        legal=(),
        benign=(Benign("arrears", "补发生前应发的补贴", "比对所属期与死亡日期"),),
        next_steps=("核对死亡登记与发放明细", "了解账户实际使用人"),
        event_key="补贴项目",
        optional=(),
    )


def death_finding(**changes: Any) -> Finding:
    """A subsidy paid on after death."""
    death = row("deaths", 2, "祁守田死亡登记")
    paid = tuple(row("subsidies", n, f"2021年{n + 3}月高龄津贴发放") for n in range(1, 4))
    base = Finding(
        subjects=(Subject("v-01", "village"), Subject(DEAD, "payee")),
        anchors=(DEAD,),
        event_key="高龄津贴",
        title="疑似死亡后仍发放补贴：祁守田死亡后仍有高龄津贴3笔，共900.00元",
        statement=(
            Sentence("祁守田于2021年2月3日死亡登记。", (death,)),
            Sentence("2021年4月至6月，其名下仍有高龄津贴发放3笔，共900.00元。", paid),
        ),
        reasons=(Reason("register", "proof", "死亡登记早于补贴所属期", (death, *paid), "death"),),
        amount=Decimal("900"),
        period=(date(2021, 4, 1), date(2021, 6, 1)),
        identity="certain",
        place="v-01",
    )
    return replace(base, **changes)


def group_spec() -> Spec:
    return spec(
        id="cobidding_group",
        title="共同投标团体",
        family="bid_rigging",
        what="几家企业总在一起投标",
        strength=("statistical",),
        kinds=("participation",),
        legal=("ztb-39",),
        benign=(Benign("few", "当地具备资质的企业本来就少", None),),
        next_steps=("比对各投标人投标文件和报价",),
        event_key="类别·年度",
        optional=(),
        orange_effect=3.0,
        effect_name="共同投标次数与期望之比",
    )


def group_finding(**changes: Any) -> Finding:
    """Four firms that bid together."""
    bids = tuple(row("bids", n, f"第{(n - 1) // 4 + 1}标段投标记录") for n in range(1, 17))
    figure = Statistic(
        "4家企业共同投标4个标段，按各自投标次数随机组合的期望为0.8个",
        (("共同投标标段数", 4), ("期望", 0.8), ("q值", 0.0004)),
        bids,
    )
    base = Finding(
        subjects=tuple(Subject(key, "bidder") for key in RIVALS),
        anchors=RIVALS,
        event_key="市政·2022",
        title="疑似共同投标团体：4家企业2022年共同投标4个市政标段",
        statement=(Sentence("2022年，4家企业在4个市政标段中全部同场投标，远高于随机组合的期望。", (figure,)),),
        reasons=(
            Reason("participation", "statistical", "共同投标次数为期望的5倍", (figure,), q=0.0004, effect=5.0),
        ),
        amount=Decimal("4000000"),
        period=(date(2022, 1, 1), date(2022, 12, 31)),
        identity="certain",
    )  # fmt: skip
    return replace(base, **changes)


def outcome(spec_: Spec, *findings: Finding, **changes: Any) -> Outcome:
    """An outcome of a detector that ran and gave these findings."""
    result = Result(
        subject_kind="干部·企业",
        subjects=10,
        triggered=len(findings),
        not_triggered=9 - len(findings),
        insufficient=1,
        not_applicable=0,
        findings=findings,
        cleared={spec_.benign[0].key: 2},
        places=12,
        place_kind="village",
    )
    base = Outcome(Detector(spec_, lambda *_: result), Settings(), "ran", None, result, 0.125)
    return replace(base, **changes)


def outcomes() -> list[Outcome]:
    """Three detectors that ran, one that was skipped and one that crashed."""
    return [
        outcome(spec(), supplier_finding()),
        outcome(death_spec(), death_finding()),
        outcome(group_spec(), group_finding()),
        outcome(
            spec(id="unfiled_kin", title="未见近亲属备案记录", family="subsidy"),
            status="skipped",
            reason="缺少“近亲属备案”表",
            result=None,
        ),
        outcome(
            spec(id="shared_deposit", title="保证金同源", family="bid_rigging"),
            status="crashed",
            reason="ValueError",
            result=None,
        ),
    ]
