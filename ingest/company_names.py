"""Names of firms taken apart: region, core, trade, form of organisation, branch.

江苏恒达建设工程有限公司南京分公司 → 江苏 | 恒达 | 建设工程 | 有限公司 | 南京分公司. Only the core is a
firm's own; everything else is shared by thousands, which is why whole names must not be compared by
likeness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.cells import normalise_text
from ingest.names import simplified
from ingest.org_words import (
    BRANCHES,
    CITIES,
    COMPANY_FORMS,
    LOOSE_FORMS,
    NATION,
    OTHER_FORMS,
    OWN_WORDS,
    PROVINCES,
    TRADES,
)

_CORE = 2
"""Least characters of a core: what would leave less is part of the core itself."""

_OPEN, _CLOSE = "[{<〈《【〔「『", "]}>〉》】〕」』"
_BRACKETS = str.maketrans(_OPEN + _CLOSE, "(" * len(_OPEN) + ")" * len(_CLOSE))
_MARKS = re.compile(r"[\s\"'“”‘’·•・.,,、。;:_*\-]")
_LATIN_GAP = re.compile(r"(?<=[A-Z0-9])\s+(?=[A-Z0-9])")
_ASIDE = re.compile(
    r"\((?:原|曾用名|现名|更名|吊销|注销|已吊销|已注销|存续|在业|盖章|公章|联合体)[^()]*\)"
)
_TRADER = re.compile(r"\((?:个体工商户|个体户|个体|个人独资|个人独资企业)\)$")
_PARTNERS = re.compile(r"\((特殊普通合伙|普通合伙|有限合伙)\)$")
_SUFFIX = (
    r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|自治州|地区|自治县|市|县|区|旗)"
)
_DIVISION = re.compile(rf"[\u4e00-\u9fff]{{2,5}}?{_SUFFIX}")
_HALF_WORD = re.compile(
    r"[超城都门股上夜集房楼书花菜车]市|[社小园景校厂灾片战牧林矿]区|[红彩锦]旗|[节俭反]省"
)
_WORD_GOES_ON = re.compile(r"市[政场民容值价井]|区[块域]|省[力钱心油]|县域|旗[舰袍帜下]")
_BARE = re.compile(rf"{_SUFFIX}$")
_NUMBERED = re.compile(r"第?[一二三四五六七八九十0-9]{1,3}(?=[^一二三四五六七八九十0-9]{0,2}$)")
_PLACES = PROVINCES | CITIES | NATION
_LONGEST_TRADE = max(map(len, TRADES))
_FORM_KIND = {
    "有限责任公司": "有限公司",
    "股份公司": "股份有限公司",
    "总公司": "公司",
    "农民专业合作社": "专业合作社",
    "农民专业合作社联合社": "专业合作社联合社",
}


@dataclass(frozen=True)
class Gazetteer:
    """Places by which a region is told from a core: provinces and cities, and the data's own.

    Examples
    --------
    >>> Gazetteer.of(["青澜县", "河口镇"]).has("青澜")
    True
    """

    own: frozenset[str] = frozenset()
    longest: int = 5

    @classmethod
    def of(cls, places: Iterable[str]) -> Gazetteer:
        """Make one with further places; divisions of county rank and above also without 县, 市 …"""
        own: set[str] = set()
        for place in places:
            own.add(place)
            bare = _BARE.sub("", place)
            if len(bare) >= _CORE and bare != place:
                own.add(bare)
        return cls(frozenset(own), max([5, *map(len, own)]))

    def has(self, place: str) -> bool:
        """Tell whether a text is a known place."""
        return place in _PLACES or place in self.own


@dataclass(frozen=True)
class CompanyName:
    """The parts of a firm's name, as written but for width, brackets, spaces and old characters.

    ``form`` is in one way of writing (有限责任公司 is 有限公司; a group's begins with 集团); ``branch``
    is what follows the parent's name, empty for the parent itself.
    """

    region: str
    core: str
    trade: str
    form: str
    branch: str = ""
    places: tuple[str, ...] = field(default=(), compare=False)
    """The region's places without 省, 市, 县 …, the widest first."""

    @property
    def stem(self) -> str:
        """Core and trade: what stays where region and form are left out."""
        return self.core + self.trade

    @property
    def parent(self) -> str:
        """The name without its branch."""
        return f"{self.region}{self.core}{self.trade}{self.form}"


NOWHERE = Gazetteer()


def parse_company_name(name: str, gazetteer: Gazetteer = NOWHERE) -> CompanyName:
    """Take a firm's name apart.

    Parameters
    ----------
    name : str
        As written: any width and brackets, spaces, traditional characters.
    gazetteer : Gazetteer, optional
        Places of the data beside provinces, cities and what ends in 省, 市, 县, 区.

    Returns
    -------
    CompanyName
        Parts that the name lacks are empty. Where a word may belong to core or region or trade, a
        core of two characters comes first: 建设有限公司 has the core 建设.

    Examples
    --------
    >>> parse_company_name("江苏恒达建设工程有限公司南京分公司").branch
    '南京分公司'
    >>> found = parse_company_name("恆達（江蘇）建設有限責任公司")
    >>> found.region, found.core, found.trade, found.form
    ('江苏', '恒达', '建设', '有限公司')
    """
    text = _fold(name)
    head, branch = _split_branch(text, gazetteer)
    head, form = _split_form(head)
    if not head and form:
        head, form = form, ""
    inner = ""
    head, bracketed = _brackets(head)
    for part in bracketed:
        if part == "集团":
            form = form if form.startswith("集团") else "集团" + form
        elif not inner and _all_places(part, gazetteer):
            inner = part
        else:
            head += part
    if head.endswith("集团") and len(head) > _CORE + 1:
        head, form = head[:-2], "集团" + form
    places, rest = ([], head) if inner else _split_region(head, gazetteer)
    core, trade = _split_trade(rest)
    if places and core in TRADES:
        # 安庆建材: what was taken for a place leaves only a trade, so it is the core.
        places, (core, trade) = [], _split_trade(head)
    if not places and not inner:
        core, inner = _inner_place(core, gazetteer)
    if inner:
        places = _split_region(inner + "〇〇", gazetteer)[0] or [inner]
    bare = tuple(_bare(place) for place in places)
    return CompanyName("".join(places), core, trade, form, branch, bare)


def _fold(name: str) -> str:
    text = normalise_text(name).upper().translate(_BRACKETS)
    # Latin words keep a gap between them only while it tells them apart from each other.
    text = _MARKS.sub("", _LATIN_GAP.sub("\0", text)).replace("\0", " ")
    return _TRADER.sub("", _ASIDE.sub("", simplified(text))) or text


def _split_branch(text: str, gazetteer: Gazetteer) -> tuple[str, str]:
    if not text.endswith(BRANCHES):
        return text, ""
    ending = next((b for b in BRANCHES if text.endswith(b) and len(text) > len(b)), None)
    if ending is None:
        return text, ""
    before = text[: -len(ending)]
    for form in (
        "公司",
        "集团",
        "合作社",
        "合伙)",
        "银行",
        "事务所",
        "超市",
        "酒店",
        "药房",
        "饭店",
        "商场",
        "厂",
    ):
        place = before.find(form, _CORE)
        # 恒达超市: the form may stand last, with the branch's own name after it.
        if place >= 0:
            cut = place + len(form)
            return text[:cut], text[cut:].strip("()") if text[cut:].startswith("(") else text[cut:]
    if ending not in OWN_WORDS:
        return text, ""
    number = _NUMBERED.search(before)
    stem = before[: number.start()] if number else before
    cut = _place_at_end(stem, gazetteer)
    return text[:cut], text[cut:]


def _place_at_end(stem: str, gazetteer: Gazetteer) -> int:
    """Where the place at the end of a text begins; its length if there is none."""
    for size in range(min(gazetteer.longest, len(stem) - _CORE), 1, -1):
        tail = stem[-size:]
        if gazetteer.has(tail) or (_DIVISION.fullmatch(tail) and _is_division(tail, size)):
            return len(stem) - size
    # Whatever follows the last word of the trade is the branch's own: 恒达建设河口分公司.
    for cut in range(len(stem) - 1, _CORE + 1, -1):
        if 2 <= len(stem) - cut <= 4 and any(
            stem[:cut].endswith(trade) and cut - len(trade) >= _CORE for trade in TRADES
        ):
            tail = stem[cut:]
            if not any(tail.endswith(trade) for trade in TRADES):
                return cut
    return len(stem)


def _split_form(head: str) -> tuple[str, str]:
    partners = _PARTNERS.search(head)
    suffix = partners[0] if partners else ""
    body = head[: partners.start()] if partners else head
    for form in COMPANY_FORMS:
        if body.endswith(form):
            stem, group = body[: -len(form)], ""
            if stem.endswith("(集团)"):
                stem, group = stem[:-4], "集团"
            elif stem.endswith("集团") and len(stem) > _CORE + 1:
                stem, group = stem[:-2], "集团"
            return stem, group + _FORM_KIND.get(form, form) + suffix
    for form in OTHER_FORMS:
        if body.endswith(form) and len(body) - len(form) >= (_CORE if form in LOOSE_FORMS else 1):
            return body[: -len(form)], _FORM_KIND.get(form, form) + suffix
    return body, suffix


def _brackets(head: str) -> tuple[str, list[str]]:
    if "(" not in head and ")" not in head:
        return head, []
    found = re.findall(r"\(([^()]+)\)?", head)
    return re.sub(r"\([^()]*\)?|\)", "", head), found


def _all_places(text: str, gazetteer: Gazetteer) -> bool:
    return bool(text) and not _split_region(text + "〇〇", gazetteer)[1].strip("〇")


def _split_region(head: str, gazetteer: Gazetteer) -> tuple[list[str], str]:
    """Cut places off the front: each with its 省, 市, 县; bare ones only after wider ones."""
    places: list[str] = []
    bare = True
    while size := _place_size(head, gazetteer, bare=bare):
        place, head = head[:size], head[size:]
        places.append(place)
        # 江苏 南京, but never a bare name after a county: 青澜县 | 安庆….
        bare = bare and (place in PROVINCES or place in NATION)
    return places, head


def _place_size(text: str, gazetteer: Gazetteer, *, bare: bool) -> int:
    """Length of the place at the front of a text; 0 if there is none."""
    limit = min(gazetteer.longest, len(text) - _CORE)
    for size in range(limit, 1, -1):
        front = text[:size]
        if not gazetteer.has(front):
            continue
        divided = _BARE.search(front) is not None or front[-1] in "镇乡村道"
        if bare or divided:
            suffix = re.match(_SUFFIX, text[size:])
            longer = size + len(suffix[0]) if suffix else size
            if suffix and len(text) - longer >= _CORE and _is_division(text, longer):
                return longer
            return size
    match = _DIVISION.match(text)
    if match is None or len(text) - match.end() < _CORE:
        return 0
    return match.end() if _is_division(text, match.end()) else 0


def _is_division(text: str, end: int) -> bool:
    """Whether 市, 区 … before ``end`` is a suffix of a place: half of neither 超市 nor 市政.

    厦门市 and 邹城市 are cities: 门市 and 城市 are words only after a name of their own.
    """
    half = end >= 4 and _HALF_WORD.match(text, end - 2)
    return not half and not _WORD_GOES_ON.match(text, end - 1)


def _split_trade(text: str) -> tuple[str, str]:
    """Cut words of the trade off the end while two characters stay before them."""
    left = len(text)
    while True:
        word = next(
            (
                n
                for n in range(min(_LONGEST_TRADE, left - _CORE), 1, -1)
                if text[left - n : left] in TRADES
            ),
            0,
        )
        if not word:
            return text[:left], text[left:]
        left -= word


def _inner_place(core: str, gazetteer: Gazetteer) -> tuple[str, str]:
    """恒达江苏, brackets lost: the place at the end of a core is its region."""
    for size in range(min(gazetteer.longest, len(core) - _CORE), 1, -1):
        if gazetteer.has(core[-size:]):
            return core[:-size], core[-size:]
    return core, ""


def _bare(place: str) -> str:
    bare = _BARE.sub("", place)
    return bare if len(bare) >= _CORE else place


def places_in(text: str) -> list[str]:
    """Divisions with their 省, 市, 县, 区 at the front of an address or of a unit's name.

    Examples
    --------
    >>> places_in("福建省厦门市思明区人民路3号")
    ['福建省', '厦门市', '思明区']
    """
    found, at = [], 0
    while match := _DIVISION.match(text, at):
        if not _is_division(text[at:], match.end() - at):
            break
        found.append(match[0])
        at = match.end()
    return found
