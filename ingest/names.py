"""Names of people, firms and units: keys for comparison, and their form."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import opencc

from ingest.cells import normalise_text, words
from ingest.org_words import BRANCHES, TRADES

OrgForm = Literal["company", "unit", "person"]


_TO_SIMPLIFIED = opencc.OpenCC("t2s")
# In use in simplified names too, where conversion would make two people one (王乾, 王干).
_ALSO_SIMPLIFIED = frozenset("乾於甯徵昇锺瞭藉著夥麽覆堃喆淼祇迺仝")
_DOTS = re.compile(r"[·•・‧∙⋅．.。]")
_SPACES = re.compile(r"\s+")


def simplified(text: str) -> str:
    """Text in simplified characters, but for those that simplified names use too (乾, 徵).

    Examples
    --------
    >>> simplified("恆達"), simplified("王乾")
    ('恒达', '王乾')
    """
    if text.isascii():
        return text
    converted: str = _TO_SIMPLIFIED.convert(text)
    if converted == text or all(
        char in _ALSO_SIMPLIFIED or _TO_SIMPLIFIED.convert(char) == char for char in text
    ):
        return text
    return converted


def normalise_person_name(name: str, *, simplify: bool = True) -> str:
    """The key by which two written names of people are the same.

    Parameters
    ----------
    name : str
    simplify : bool
        Turn traditional characters into simplified ones; with ``False`` the key keeps them.

    Returns
    -------
    str
        Without spaces between Chinese characters, one form of ``·``, half-width, upper case.
        Characters such as 乾 that simplified names use too are converted only beside others that
        are surely traditional.

    Examples
    --------
    >>> normalise_person_name("張 三"), normalise_person_name("王乾")
    ('张三', '王乾')
    >>> normalise_person_name("阿迪力•买买提"), normalise_person_name("張三", simplify=False)
    ('阿迪力·买买提', '張三')
    """
    form = normalise_text(name).upper()
    if any("\u3400" <= char <= "\u9fff" for char in form):
        form = _DOTS.sub("·", _SPACES.sub("", form)).strip("·")
    return simplified(form) if simplify else form


_ORG_MARKS = re.compile(r"[\s()\[\]{}<>〈〉《》【】〔〕「」『』\"'“”‘’·•・.,,、。;:_*]")


def normalise_org_name(name: str) -> str:
    """The key by which two written names of firms or units are the same.

    Region and core stay; only the ways of writing are folded: width, spaces, brackets and other
    marks, traditional characters, 有限责任公司 and 有限公司.

    Examples
    --------
    >>> normalise_org_name("江蘇恆達（集團） 有限責任公司")
    '江苏恒达集团有限公司'
    """
    form = simplified(_ORG_MARKS.sub("", normalise_text(name).upper()))
    return unicodedata.normalize("NFKC", form.replace("有限责任公司", "有限公司"))


_COMPANY_ENDS = re.compile(
    r"(公司|集团|合作社|合作联社|联合社|信用社|经营部|经销部|商行|商店|商场|商贸|超市|工厂|厂|事务所|合伙|企业|工作室|农场|林场|"
    r"养殖场|种植场|家庭农场|饭店|酒店|餐馆|门市部|服务部|加工坊|维修部|网吧|药房|苗圃|工程队|施工队|建材|批发部|分店|"
    r"宾馆|茶楼|银行|支行|分行|合作银行|有限合伙|店|\bLLC|\bLTD\.?|\bINC\.?|\bCORP\.?|\bGMBH|CO\.)$",
    re.IGNORECASE,
)
_UNIT_ENDS = re.compile(
    r"(政府|委员会|村委会|居委会|党委|纪委|党支部|总支部|监委|政法委|组织部|宣传部|统战部|管委会|办公室|办事处|指挥部|大队|支队|中队|"
    r"派出所|财政所|司法所|国土所|水利站|农经站|学校|小学|中学|大学|学院|幼儿园|医院|卫生院|卫生室|敬老院|福利院|"
    r"法院|检察院|研究院|设计院|中心|社区|街道|小组|村民组|组|局|厅|委|办|院|站|校|所|处|科|馆|协会|联合会|学会|工会|妇联|"
    r"村|镇|乡|县|区|市|省|会|队|公安|人大|政协|残联|团委)$"
)
_LATIN_COMPANY = re.compile(r"\b(LLC|LTD|INC|CORP|GMBH|CO|COMPANY|LIMITED|GROUP|S\.?A)\b\.?", re.I)
_SURE_ORG = re.compile(
    r"(公司|集团|合作社|事务所|经营部|饭店|酒店|商店|超市|银行|支行|政府|委员会|委会|大队|社区|学校|小学|中学|医院|卫生院)$"
)
_FIRM_PART = re.compile(rf"(公司|集团|合作社).{{0,30}}({'|'.join(BRANCHES)})$")
_HAMLET = re.compile(r".家[庄湾桥沟河塘山岗店头坪坝港圩屯寨营集埠墩]")
_PLACE_MIDDLE = frozenset("家庄湾桥沟河塘山岗店头里坪坝港圩屯寨营集埠墩店口垛泾浜")
_NAME_LIKE_ENDS = frozenset("村镇乡县市省区会队科处组校店")
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季温芦葛章殷华俞安申庞鲁詹"
    "倪耿关焦翟辛管祝左涂骆穆包单盛尚靳牛欧卜解柳裴梅游凌童齐沙柯滕庄阮纪甘岳舒符阎牟苗饶花樊艾车柏屈谷霍蒲路储井丛娄仇瞿臧"
    "支褚冉班宗巩鞠敖连宁房池柴聂蓝辜麻奚缪桂景鲍郁应谈晏盖冷"
)
COMPOUND_SURNAMES = words(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 "
    "长孙 宇文 司徒 鲜于 司空 闾丘 令狐 呼延 第五 西门 东郭 南门 轩辕"
)


def _looks_like_person(form: str) -> bool:
    """Whether a Chinese form without company marks reads as surname and given name."""
    if "·" in form:
        return True
    if not 2 <= len(form) <= 4:
        return False
    if _SURE_ORG.search(form) or _HAMLET.fullmatch(form):
        return False
    surname = form[:2] in COMPOUND_SURNAMES or form[0] in SURNAMES
    if len(form) == 4 and not surname:
        return _UNIT_ENDS.search(form) is None
    if _UNIT_ENDS.search(form) is None and _COMPANY_ENDS.search(form) is None:
        return True
    # 李国镇 and 徐志村 are people, 张家村 is not.
    return (
        len(form) <= 3
        and surname
        and form[-1] in _NAME_LIKE_ENDS
        and (len(form) == 2 or form[1] not in _PLACE_MIDDLE)
    )


def _is_short_firm(form: str) -> bool:
    """恒达建设: a core of two characters and a trade, which no given name of two is (欧阳建设 is)."""
    return len(form) == 4 and form[2:] in TRADES and form[:2] not in COMPOUND_SURNAMES


def looks_like_org(name: str) -> OrgForm:
    """Whether a name has the form of a firm, of a public unit (villages included) or of a person.

    Parameters
    ----------
    name : str

    Returns
    -------
    {'company', 'unit', 'person'}
        By form alone: a hint where no number and no register says more.

    Examples
    --------
    >>> [looks_like_org(n) for n in ("恒达建设有限公司", "青石镇人民政府", "王小明", "张家村")]
    ['company', 'unit', 'person', 'unit']
    >>> looks_like_org("恒达建设有限公司河口项目部"), looks_like_org("恒达建设"), looks_like_org("欧阳建设")
    ('company', 'company', 'person')
    """
    form = normalise_person_name(name)
    if not form:
        return "person"
    if not any("\u3400" <= char <= "\u9fff" for char in form):
        is_company = bool(_LATIN_COMPANY.search(form)) or len(form.split()) > 4
        return "company" if is_company or any(c.isdigit() for c in form) else "person"
    form = re.sub(r"\([^()]*\)$", "", form) or form
    if _FIRM_PART.search(form) or _is_short_firm(form):
        return "company"
    if _looks_like_person(form):
        return "person"
    if _COMPANY_ENDS.search(form):
        return "company"
    if _UNIT_ENDS.search(form) or _HAMLET.fullmatch(form):
        return "unit"
    return "company" if len(form) >= 5 else "person"
