"""The clauses that a clue may cite, and what each says. Nothing else may be cited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "number_to_confirm", "to_confirm"]

_TENDER_RULES = "招标投标法实施条例"
_DISCIPLINE = "中国共产党纪律处分条例（2023年）"


@dataclass(frozen=True)
class Clause:
    """One citable clause.

    ``state``: ``ok`` when the wording was read in a published copy, ``number_to_confirm`` when only
    the article number is from memory, ``to_confirm`` when all of it is. ``local``: holds in one
    place only and may be cited only where the configuration switches it on.
    """

    key: str
    document: str
    article: str
    says: str
    state: State = "ok"
    local: bool = False


_ALL = (
    Clause(
        "ztb-34",
        _TENDER_RULES,
        "第三十四条",
        "单位负责人为同一人或者存在控股、管理关系的不同单位，不得参加同一标段投标",
        "number_to_confirm",
    ),
    Clause(
        "ztb-39",
        _TENDER_RULES,
        "第三十九条",
        "投标人之间协商报价等实质性内容、约定中标人、约定部分投标人放弃、按同一组织要求协同投标等，属于串通投标",
    ),
    Clause(
        "ztb-40-1",
        _TENDER_RULES,
        "第四十条第（一）项",
        "不同投标人的投标文件由同一单位或者个人编制，视为串通投标",
    ),
    Clause(
        "ztb-40-2",
        _TENDER_RULES,
        "第四十条第（二）项",
        "不同投标人委托同一单位或者个人办理投标事宜，视为串通投标",
    ),
    Clause(
        "ztb-40-3",
        _TENDER_RULES,
        "第四十条第（三）项",
        "不同投标人的投标文件载明的项目管理成员为同一人，视为串通投标",
    ),
    Clause(
        "ztb-40-4",
        _TENDER_RULES,
        "第四十条第（四）项",
        "不同投标人的投标文件异常一致或者投标报价呈规律性差异，视为串通投标",
    ),
    Clause(
        "ztb-40-5",
        _TENDER_RULES,
        "第四十条第（五）项",
        "不同投标人的投标文件相互混装，视为串通投标",
    ),
    Clause(
        "ztb-40-6",
        _TENDER_RULES,
        "第四十条第（六）项",
        "不同投标人的投标保证金从同一单位或者个人的账户转出，视为串通投标",
    ),
    Clause("ztb-41", _TENDER_RULES, "第四十一条", "招标人与投标人串通投标的情形"),
    Clause("ztb-42", _TENDER_RULES, "第四十二条", "以他人名义投标的情形"),
    Clause(
        "mof87-37",
        "政府采购货物和服务招标投标管理办法（财政部令第87号）",
        "第三十七条",
        "货物和服务招标中视为串通的情形，含不同投标人的投标文件载明的联系人员为同一人",
    ),
    Clause(
        "ggc-18",
        "政府采购法实施条例",
        "第十八条",
        "单位负责人为同一人或者存在直接控股、管理关系的不同供应商，不得参加同一合同项下的采购活动",
        "to_confirm",
    ),
    Clause(
        "split-procurement",
        "政府采购法实施条例",
        "关于化整为零的条款",
        "一个财政年度内同一预算项目同一品目多次以公开招标以外方式采购、累计超过公开招标数额标准的，属于化整为零，预算调整等情形除外",
        "number_to_confirm",
    ),
    Clause(
        "must-tender",
        "必须招标的工程项目规定",
        "",
        "施工400万元、货物200万元、勘察设计监理100万元以上必须招标；同一项目中可以合并进行的采购合并计算",
    ),
    Clause(
        "fj-2018-29",
        "闽建筑〔2018〕29号",
        "",
        "网卡MAC、CPU序列号、硬盘序列号三者均相同，或者加密锁号相同的认定；现场上传等情形除外",
        local=True,
    ),
    Clause("civil-74", "公务员法", "第七十四条", "任职回避（仅适用于任职安排）"),
    Clause(
        "official-recusal",
        "公务员回避规定",
        "关于公务回避的条款",
        "处理与本人或者近亲属有利害关系的事务应当回避",
        "number_to_confirm",
    ),
    Clause(
        "discipline-103",
        _DISCIPLINE,
        "第一百零三条",
        "违规从事营利活动",
        "to_confirm",
    ),
    Clause(
        "discipline-104",
        _DISCIPLINE,
        "第一百零四条",
        "利用职权为亲属在工程招投标等方面谋取利益",
        "to_confirm",
    ),
    Clause(
        "discipline-107",
        _DISCIPLINE,
        "第一百零七条",
        "党员领导干部的配偶、子女及其配偶在其管辖的地区和业务范围内经营，拒不按照规定纠正的",
    ),
    Clause(
        "discipline-124",
        _DISCIPLINE,
        "第一百二十四条",
        "在社会保障、社会救助、政策扶持、救灾救济款物分配等事项中优亲厚友、明显有失公平",
    ),
    Clause(
        "mca-2021-57",
        "最低生活保障审核确认办法（民发〔2021〕57号）",
        "关于近亲属备案的条款",
        "经办人员和村（居）民委员会成员的近亲属申请或者享受低保的，应当备案；近亲属范围以当地规定为准",
    ),
    Clause(
        "reception",
        "党政机关国内公务接待管理规定",
        "",
        "公务接待应有公函和清单；接待对象10人以内的陪餐不得超过3人，超过10人的不得超过三分之一",
    ),
    Clause("civil-code-705", "民法典", "第七百零五条", "租赁期限不得超过二十年"),
    Clause(
        "resign-3y",
        "公务员法",
        "关于离职从业限制的条款",
        "原系领导成员的在离职三年内、其他公务员在离职两年内，不得到与原工作业务直接相关的营利性组织任职",
    ),
)

CLAUSES: dict[str, Clause] = {clause.key: clause for clause in _ALL}


def cite(key: str) -> str:
    """Write a clause as a document cites it; what is not confirmed is marked （待核）.

    Raises
    ------
    KeyError
        If the key is not in the table.

    Examples
    --------
    >>> cite("ztb-40-6")
    '《招标投标法实施条例》第四十条第（六）项'
    >>> cite("ggc-18")
    '《政府采购法实施条例》第十八条（待核）'
    """
    clause = CLAUSES[key]
    mark = "" if clause.state == "ok" else "（待核）"
    document = clause.document
    # A document known by its number alone takes no title marks; a number in brackets stays outside.
    if "〔" in document and "（" not in document:
        title = document
    elif document.endswith("）"):
        name, _, number = document.partition("（")
        title = f"《{name}》（{number}"
    else:
        title = f"《{document}》"
    return f"{title}{clause.article}{mark}"


def explain(key: str) -> str:
    """Cite a clause and say in short what it says.

    Examples
    --------
    >>> explain("civil-code-705")
    '《民法典》第七百零五条：租赁期限不得超过二十年。'
    """
    return f"{cite(key)}：{CLAUSES[key].says}。"


def unknown(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that are not in the table.

    Examples
    --------
    >>> unknown(["ztb-39", "ztb-99"])
    ('ztb-99',)
    """
    return tuple(key for key in keys if key not in CLAUSES)
