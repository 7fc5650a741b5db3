"""称谓 to relation and back: reading what people write, and writing the canonical term."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from graph.kinship.algebra import compose
from graph.kinship.relations import SELF, Age, Relation, Sex, Step, Tie, ordered
from graph.kinship.words import FORMER, LINES, NO_RELATION

_TOKENS: dict[str, Step] = {
    "f": Step("parent", "男"),
    "m": Step("parent", "女"),
    "p": Step("parent"),
    "s": Step("child", "男"),
    "d": Step("child", "女"),
    "c": Step("child"),
    "h": Step("spouse", "男"),
    "w": Step("spouse", "女"),
    "e": Step("spouse"),
    "ob": Step("sibling", "男", "elder"),
    "yb": Step("sibling", "男", "younger"),
    "b": Step("sibling", "男"),
    "os": Step("sibling", "女", "elder"),
    "ys": Step("sibling", "女", "younger"),
    "z": Step("sibling", "女"),
    "x": Step("sibling"),
}
_AGE_MARKS: dict[str, Age] = {"+": "elder", "-": "younger"}


def _step(token: str) -> Step:
    if token[-1] in _AGE_MARKS:
        return replace(_TOKENS[token[:-1]], age=_AGE_MARKS[token[-1]])
    return _TOKENS[token]


def _dictionaries() -> tuple[dict[str, list[tuple[Step, ...]]], dict[tuple[Step, ...], str]]:
    readings: dict[str, list[tuple[Step, ...]]] = {}
    names: dict[tuple[Step, ...], str] = {}
    for chain, terms in LINES:
        tokens = () if chain == "=" else chain.split(",")
        steps = tuple(_step(token) for token in tokens)
        if terms[0] != ".":
            names.setdefault(steps, terms[0])
        for word in terms:
            if word != ".":
                readings.setdefault(word, []).append(steps)
    return readings, names


_READINGS, _NAMES = _dictionaries()
_RANKS = "长次大二三四五六七八九十小幺老末"
_RANKED = re.compile(f"(?:第?[{_RANKS}])(?P<rest>.+)")
_TIES: dict[str, Tie] = {
    "收养": "adoptive",
    "领养": "adoptive",
    "抱养": "adoptive",
    "过继": "adoptive",
    "养": "adoptive",
    "继": "step",
    "后": "step",
}
# A woman's own family is hers alone, her husband's is his: 娘家侄子 is her 侄子, 婆家弟弟 her 夫弟.
_OWN_FAMILY, _HUSBANDS_FAMILY = "娘家", "婆家"
_LATE = re.compile(r"^(?:已故|亡|先|同胞|亲生|亲|其他|同父异母|同母异父|我的?|本人的?|其)(?=.)")
_OR = re.compile(r"[、/,，或及和与]")


def _lookup(word: str) -> tuple[list[tuple[Step, ...]], Tie]:
    """Chains of one word, stripped of rank, of 养 and 继 and of remarks if need be."""
    if word in NO_RELATION:
        return [], "natural"
    if word in _READINGS:
        return _READINGS[word], "natural"
    tied = next((mark for mark in _TIES if word.startswith(mark)), None)
    if tied:
        chains, _ = _lookup(word[len(tied) :]) if len(word) > len(tied) else ([], "natural")
        return [c for c in chains if any(s.kind != "spouse" for s in c)], _TIES[tied]
    if word.startswith(_OWN_FAMILY) and word != _OWN_FAMILY:
        return _lookup(word[len(_OWN_FAMILY) :])
    for pattern in (_LATE, _RANKED):
        match = pattern.match(word)
        rest = (match["rest"] if pattern is _RANKED else word[match.end() :]) if match else ""
        if rest and rest != word:
            chains, tie = _lookup(rest)
            if pattern is _RANKED:
                chains = [chain for chain in chains if _may_be_several(chain)]
            if chains:
                return chains, tie
    return [], "natural"


def _plain(term: str) -> str:
    """A term as written, without spaces, 关系 and remarks: 妻(配偶) is 妻, but 子(女) is 子女."""
    word = "".join(unicodedata.normalize("NFKC", term).split()).removesuffix("关系")
    joined = re.sub(r"[()]", "", word)
    return joined if joined in _READINGS else re.sub(r"\([^()]*\)", "", word) or joined


def _parts(word: str) -> list[str]:
    """The words of a chain, joined by 的, by 之 or, two of them, by nothing: 配偶父亲."""
    parts = []
    if word.startswith(_HUSBANDS_FAMILY) and word != _HUSBANDS_FAMILY:
        parts, word = ["丈夫"], word[len(_HUSBANDS_FAMILY) :]
    for part in re.split("[的之]", word):
        cuts = range(len(part) - 2, 1, -1)
        cut = next((c for c in cuts if part[:c] in _READINGS and part[c:] in _READINGS), None)
        if cut is not None and not _lookup(part)[0]:
            parts += [part[:cut], part[cut:]]
        elif part:
            parts.append(part)
    return parts


def _may_be_several(steps: tuple[Step, ...]) -> bool:
    """Whether ranks count such relatives: 二叔 is an uncle, but 二爷爷 is no grandfather."""
    return bool(steps) and steps[-1].kind != "parent" and len(steps) > (steps[-1].kind == "spouse")


def is_former(term: str) -> bool:
    """Tell whether a term names a marriage that has ended.

    Examples
    --------
    >>> is_former("前妻"), is_former("妻子")
    (True, False)
    """
    return _plain(term) in FORMER


def parse_term(term: str, ego_sex: Sex | None = None) -> tuple[Relation, ...]:
    """Read a 称谓: what the relative is to ego.

    Parameters
    ----------
    term : str
        A written or spoken term (岳父, 老公, 连襟), one of the household register's 与户主关系
        (户主, 长子, 儿媳), a chain joined by 的 or 之 (妻子的弟弟), or several joined by 、 or 或.
    ego_sex : {'男', '女'}, optional
        Sex of the person whose relative it is; rules readings out (大舅 as 妻兄 for a woman).

    Returns
    -------
    tuple of Relation
        Every reading; empty for 非亲属, 其他亲属, former spouses, 干亲 and unknown words.

    Examples
    --------
    >>> [str(len(parse_term(t))) for t in ("妻弟", "表哥", "其他亲属")]
    ['1', '3', '0']
    >>> [term(r) for r in parse_term("爱人", "男")]
    ['妻子']
    """
    word = _plain(term)
    if not word or word in NO_RELATION:
        return ()
    if word in _READINGS or not _OR.search(word):
        return _parse_chain(word, ego_sex)
    return ordered(
        itertools.chain.from_iterable(
            _parse_chain(part, ego_sex) for part in _OR.split(word) if part
        )
    )


def _parse_chain(word: str, ego_sex: Sex | None) -> tuple[Relation, ...]:
    found: set[Relation] = set()
    for number, part in enumerate(_parts(word)):
        chains, tie = _lookup(part)
        readings = {Relation(chain, tie) for chain in chains}
        starts = found if number else {SELF}
        found = {
            relation
            for start in starts
            for reading in readings
            for relation in compose(start, reading, ego_sex)
        }
    return ordered(found)


def _loosened(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """The chain, then with ever fewer ages: first those inside it, the last step's at last."""
    aged = [i for i, step in enumerate(steps) if step.age]
    for dropped in range(len(aged) + 1):
        for places in itertools.combinations(aged, dropped):
            yield tuple(replace(s, age=None) if i in places else s for i, s in enumerate(steps))


def _name(steps: tuple[Step, ...]) -> str | None:
    return next((_NAMES[loose] for loose in _loosened(steps) if loose in _NAMES), None)


_SHORT = {"父亲": "父", "母亲": "母", "儿子": "子", "女儿": "女", "孙子": "孙"}


def term(relation: Relation) -> str:
    """The canonical written 称谓 of a relation.

    Parameters
    ----------
    relation : Relation

    Returns
    -------
    str
        One word where there is one, else words joined by 的; `parse_term` reads it back.

    Examples
    --------
    >>> [term(r) for t in ("老丈人", "小舅子", "妻子的祖父") for r in parse_term(t)]
    ['岳父', '妻弟', '岳父的父亲']
    """
    prefix = {"natural": "", "adoptive": "养", "step": "继"}[relation.tie]
    words = _words(relation.steps)
    return prefix + _SHORT.get(words, words) if prefix else words


def _words(steps: tuple[Step, ...]) -> str:
    name = _name(steps)
    if name is not None:
        return name
    return _split(steps)


def _split(steps: tuple[Step, ...]) -> str:
    """The longest first word, then the rest."""
    for cut in range(len(steps) - 1, 0, -1):
        head = _name(steps[:cut])
        if head is not None:
            return f"{head}的{_words(steps[cut:])}"
    raise ValueError(f"no word for {steps!r}")
