"""Two firms' names compared part by part; whole names are never compared by likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from graph.resolve.alike import mistakable, one_mistake
from ingest.company_names import CompanyName
from ingest.org_words import COMPANY_FORMS

SAME_CORE = 50.0
"""Least similarity (0-100) of two cores under one number that are taken for one name written in two
ways; of two characters, one may be mistaken for one like it."""

# 经验值, in this order: nothing left out; the region left out; a short name without its form; one
# wrong character outside the core. What may well be two firms stays below and is left to a person.
SAME_PARTS, NO_REGION, SHORT_NAME, WRONG_TRADE = 0.98, 0.93, 0.9, 0.85
FORM_DIFFERS, CORE_ONLY, CORE_CHARACTER, TRADE_LONGER = 0.4, 0.4, 0.4, 0.3
FAINT = 0.1
"""Half of a core of two characters differs, and not in a way that is easily mistaken: two firms,
unless a number says otherwise."""
SUPPORTED = 0.9
"""Names that may well be one, and an account or an unsound number that says so too."""

SHORTEST = 2
"""Characters of a core, at least."""
_COMPANY = frozenset(COMPANY_FORMS)
# Forms of which the right-hand ones are what the left-hand one leaves open.
_OPEN_FORMS = {
    "公司": ("有限公司", "股份有限公司"),
    "合作社": ("专业合作社", "股份合作社", "经济合作社"),
    "合伙企业": ("合伙企业(有限合伙)", "合伙企业(普通合伙)", "合伙企业(特殊普通合伙)"),
    "事务所": ("会计师事务所", "律师事务所"),
    "集团": ("集团有限公司", "集团股份有限公司", "集团公司"),
    "集团公司": ("集团有限公司", "集团股份有限公司"),
}


@dataclass(frozen=True)
class Likeness:
    """What two names say by themselves: one firm, perhaps one, or two; and why, in Chinese."""

    verdict: Literal["same", "unsure", "different"]
    probability: float
    reasons: tuple[str, ...]


def clearly_different_firms(a: CompanyName, b: CompanyName) -> bool:
    """Tell whether two names can't well be two ways of writing one: their cores have little in common.

    Examples
    --------
    >>> from ingest.company_names import parse_company_name as parse
    >>> clearly_different_firms(parse("江苏恒达建设有限公司"), parse("江苏瑞丰建设有限公司"))
    True
    """
    if len(a.core) == len(b.core) == SHORTEST and a.core != b.core:
        return not one_mistake(a.core, b.core)
    short, long = sorted((a.core, b.core), key=len)
    return short not in long and fuzz.ratio(a.core, b.core) < SAME_CORE


def compare(a: CompanyName, b: CompanyName) -> Likeness:
    """Compare two names; the order does not matter.

    Parameters
    ----------
    a, b : CompanyName

    Returns
    -------
    Likeness
        ``probability`` that they name one firm, given that no other firm fits as well.

    Examples
    --------
    >>> from ingest.company_names import parse_company_name as parse
    >>> compare(parse("恒达建设有限公司"), parse("江苏恒达建设有限责任公司")).verdict
    'same'
    >>> compare(parse("江苏恒达建设有限公司"), parse("浙江恒达建设有限公司")).reasons
    ('地域不同：江苏、浙江',)
    """
    if a.branch != b.branch:
        return Likeness("different", 0.0, ("一方是分支机构，或是另一分支机构",))
    if (a.core, a.trade) != (b.core, b.trade):
        spelt = _one_character(a, b)
        if a.core != b.core and spelt is None:
            return Likeness("different", 0.0, (f"字号不同：{a.core}、{b.core}",))
    else:
        spelt = None
    if not _regions_fit(a, b):
        return Likeness("different", 0.0, (f"地域不同：{a.region}、{b.region}",))
    if not forms_fit(a.form, b.form):
        why = f"组织形式不同：{a.form or '未写'}、{b.form or '未写'}"
        # A company may have become one limited by shares; a shop has not become a co-operative.
        akin = a.stem == b.stem and _is_company(a.form) and _is_company(b.form)
        return Likeness("unsure" if akin else "different", FORM_DIFFERS if akin else 0.0, (why,))
    if spelt is not None:
        return spelt
    if a.trade == b.trade:
        return _same_stem(a, b)
    return _other_trade(a, b)


def _same_stem(a: CompanyName, b: CompanyName) -> Likeness:
    reasons = [f"字号相同：{a.core}"]
    if not a.trade and _bare(a) != _bare(b):
        return Likeness("unsure", CORE_ONLY, (*reasons, "一方只写了字号"))
    if a.trade:
        reasons.append(f"行业相同：{a.trade}")
    probability = SAME_PARTS
    if a.places != b.places:
        if not a.trade:
            return Likeness("unsure", CORE_ONLY, (*reasons, "只有字号，且一方未写地域"))
        reasons.append("一方省略或简写了地域")
        probability = NO_REGION
    if a.form != b.form:
        reasons.append("一方省略了组织形式")
        probability = min(probability, SHORT_NAME if a.places != b.places else NO_REGION)
    return Likeness("same", probability, tuple(reasons))


def _other_trade(a: CompanyName, b: CompanyName) -> Likeness:
    short, long = sorted((a, b), key=lambda name: len(name.trade))
    core = f"字号相同：{a.core}"
    if not short.trade:
        if _bare(short):
            return Likeness("unsure", CORE_ONLY, (core, "一方只写了字号"))
        return Likeness("unsure", TRADE_LONGER, (core, f"一方未写行业：{long.trade}"))
    if not long.trade.startswith(short.trade):
        return Likeness("different", 0.0, (f"字号相同，行业不同：{a.trade}、{b.trade}",))
    trade = f"行业一简一全：{short.trade}、{long.trade}"
    # A whole name is what a register would hold; only one without its form is cut short.
    if short.form in ("", "公司"):
        return Likeness("same", SHORT_NAME, (core, trade, "一方是简称"))
    return Likeness("unsure", TRADE_LONGER, (core, trade))


def _one_character(a: CompanyName, b: CompanyName) -> Likeness | None:
    """Judge stems of one length that differ in one character; None where they don't."""
    if len(a.stem) != len(b.stem):
        return None
    places = [i for i, (x, y) in enumerate(zip(a.stem, b.stem, strict=True)) if x != y]
    if len(places) != 1:
        return None
    x, y = a.stem[places[0]], b.stem[places[0]]
    known, other = sorted((a, b), key=lambda name: len(name.core))
    if places[0] >= len(known.core) and known.core != other.core:
        # 建设工程, 建设工和: one is no word of any trade, so it is a slip; two trades are two firms.
        return Likeness(
            "same", WRONG_TRADE, (f"字号相同：{known.core}", f"行业用字差一字：{x}、{y}")
        )
    if a.trade != b.trade or not a.trade:
        return None
    slip = len(a.core) > SHORTEST or mistakable(x, y)
    reasons = (f"字号差一字：{x}、{y}", f"行业相同：{a.trade}")
    return Likeness("unsure", CORE_CHARACTER if slip else FAINT, reasons)


def _bare(name: CompanyName) -> bool:
    """Whether nothing but core and perhaps 公司 is written."""
    return not name.region and not name.trade and name.form in ("", "公司", "集团")


def _regions_fit(a: CompanyName, b: CompanyName) -> bool:
    short, long = sorted((a.places, b.places), key=len)
    return set(short) <= set(long)


def forms_fit(a: str, b: str) -> bool:
    """Whether one form of organisation may be the other, written shorter or not at all.

    Examples
    --------
    >>> forms_fit("公司", "有限公司"), forms_fit("", "集团有限公司"), forms_fit("有限公司", "经营部")
    (True, True, False)
    """
    if a == b or not a or not b:
        return True
    return b in _OPEN_FORMS.get(a, ()) or a in _OPEN_FORMS.get(b, ())


def _is_company(form: str) -> bool:
    return form.removeprefix("集团") in _COMPANY


WHOLE = 3
"""``fullness`` of a name as a register would hold it."""


def fullness(names: Sequence[CompanyName]) -> int:
    """How much of a name is written: region, trade and form count one each; the best of several."""
    return max(sum(map(bool, (n.region, n.trade, n.form))) for n in names)
