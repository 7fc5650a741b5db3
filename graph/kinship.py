"""Kinship as chains of parent, child, spouse and sibling: read, invert, compose, name, class.

A relation says what the *relative* is to *ego*: 妻弟 is ``spouse(女) sibling(男, younger)``.
Siblings are elementary besides parents, children and spouses because Chinese terms turn on elder
and younger, and because «a child of my parents» may be myself.

What the algebra takes for granted: spouses are of different sex; siblings share both parents; a
spouse's child is one's own child, a parent's spouse the other parent. Second marriages therefore
show only where a term says so (继父), never from composition.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from graph.kinship_terms import LINES, NO_RELATION

Sex = Literal["男", "女"]
Age = Literal["elder", "younger"]
StepKind = Literal["parent", "child", "spouse", "sibling"]
Tie = Literal["natural", "adoptive", "step"]
LegalClass = Literal["夫妻", "直系血亲", "三代以内旁系血亲", "近姻亲"]

_LETTER: dict[StepKind, str] = {"parent": "P", "child": "C", "spouse": "S", "sibling": "B"}
_BACK: dict[StepKind, StepKind] = {
    "parent": "child",
    "child": "parent",
    "spouse": "spouse",
    "sibling": "sibling",
}
_OTHER_SEX: dict[Sex, Sex] = {"男": "女", "女": "男"}
_OTHER_AGE: dict[Age, Age] = {"elder": "younger", "younger": "elder"}


@dataclass(frozen=True)
class Step:
    """One step to a person: what the next is to the one before.

    ``sex`` is the sex of the person reached, None when unknown. ``age``: elder or younger than the
    person before for siblings; on the last step down to a cousin, than the person the line began
    with; otherwise None.
    """

    kind: StepKind
    sex: Sex | None = None
    age: Age | None = None


@dataclass(frozen=True)
class Relation:
    """What a relative is to ego, as a reduced chain of steps from ego to the relative.

    ``tie`` is natural, adoptive (养) or step (继).
    """

    steps: tuple[Step, ...] = ()
    tie: Tie = "natural"

    @property
    def shape(self) -> str:
        """Kinds of the steps: P parent, C child, S spouse, B sibling; empty for ego."""
        return "".join(_LETTER[step.kind] for step in self.steps)

    @property
    def sex(self) -> Sex | None:
        """Sex of the relative, None when unknown or for ego."""
        return self.steps[-1].sex if self.steps else None

    def inverse(self, ego_sex: Sex | None = None) -> Relation:
        """What ego is to the relative.

        Parameters
        ----------
        ego_sex : {'男', '女'}, optional
            Sex of ego, the person the inverse leads to.

        Returns
        -------
        Relation
            ``r.inverse(s).inverse(r.sex) == r`` for reduced relations whose sexes are known.

        Examples
        --------
        >>> [term(r.inverse("男")) for r in parse_term("岳父")]
        ['女婿']
        """
        if not self.steps:
            return self
        sexes = [_ego_sex(self.steps, ego_sex), *(step.sex for step in self.steps)]
        back = [
            Step(
                _BACK[step.kind],
                sexes[i],
                _OTHER_AGE[step.age] if step.kind == "sibling" and step.age else None,
            )
            for i, step in reversed(list(enumerate(self.steps)))
        ]
        # A cousin's age belongs to the last step of its line, which is another step backwards.
        for start, end in _lines(self.steps):
            age = self.steps[end - 1].age
            if self.steps[end - 1].kind == "child" and age:
                at = len(self.steps) - start - 1
                back[at] = replace(back[at], age=_OTHER_AGE[age])
        return Relation(_inferred(tuple(back), self.sex), self.tie)


SELF = Relation()


def _ego_sex(steps: tuple[Step, ...], ego_sex: Sex | None) -> Sex | None:
    if ego_sex is None and steps and steps[0].kind == "spouse" and steps[0].sex:
        return _OTHER_SEX[steps[0].sex]
    return ego_sex


def _lines(steps: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """Stretches of blood relation between marriages, as (start, end) positions."""
    start = 0
    for i, step in enumerate((*steps, Step("spouse"))):
        if step.kind == "spouse":
            if i > start:
                yield start, i
            start = i + 1


def _inferred(steps: tuple[Step, ...], ego_sex: Sex | None) -> tuple[Step, ...]:
    """The steps with the sexes that marriages imply, and without ages that mean nothing."""
    filled = list(steps)
    before = ego_sex
    for i, step in enumerate(filled):
        if step.kind == "spouse":
            if step.sex is None and before:
                filled[i] = replace(step, sex=_OTHER_SEX[before])
            elif step.sex and i and before is None:
                filled[i - 1] = replace(filled[i - 1], sex=_OTHER_SEX[step.sex])
        before = filled[i].sex
    for start, end in _lines(tuple(filled)):
        kinds = [step.kind for step in filled[start:end]]
        same_generation = "sibling" in kinds and kinds.count("parent") == kinds.count("child")
        for i in range(start, end):
            keeps = filled[i].kind == "sibling" or (same_generation and i == end - 1)
            if filled[i].age and not keeps:
                filled[i] = replace(filled[i], age=None)
    return tuple(filled)


# ---------------------------------------------------------------- composition


def _fits(one: Sex | None, other: Sex | None) -> bool:
    return one is None or other is None or one == other


def _merge(
    before: Sex | None, a: Step, b: Step
) -> list[tuple[tuple[Step, ...], Sex | None]] | None:
    """Readings of two steps from a person of sex ``before``: shorter chains, and that sex if told.

    None when the two do not reduce.
    """
    same = ((), b.sex)
    match a.kind, b.kind:
        case "parent", "child":
            self_too = [same] if _fits(before, b.sex) else []
            return [((Step("sibling", b.sex),), None), *self_too]
        case "parent", "spouse":
            return [((Step("parent", b.sex),), None)]
        case "child", "parent":
            readings: list[tuple[tuple[Step, ...], Sex | None]] = []
            if _fits(before, b.sex):
                readings.append(same)
            if before is None or b.sex is None or before != b.sex:
                readings.append(((Step("spouse", b.sex),), None))
            return readings
        case "child", "sibling":
            return [((Step("child", b.sex),), None)]
        case "spouse", "spouse":
            return [same] if _fits(before, b.sex) else []
        case "spouse", "child":
            return [((Step("child", b.sex),), None)]
        case "sibling", "parent":
            return [((Step("parent", b.sex),), None)]
        case "sibling", "sibling":
            age = a.age if a.age == b.age else None
            self_too = [same] if _fits(before, b.sex) and not age else []
            return [((Step("sibling", b.sex, age),), None), *self_too]
    return None


def _is_consistent(steps: tuple[Step, ...], ego_sex: Sex | None) -> bool:
    before = ego_sex
    for step in steps:
        if step.kind == "spouse" and before and before == step.sex:
            return False
        before = step.sex
    return True


def _reduced(steps: tuple[Step, ...], ego_sex: Sex | None) -> set[tuple[Step, ...]]:
    """All reduced chains that a chain may come to."""
    steps = _inferred(steps, ego_sex)
    ego_sex = _ego_sex(steps, ego_sex)
    if not _is_consistent(steps, ego_sex):
        return set()
    for i in range(len(steps) - 1):
        before = steps[i - 1].sex if i else ego_sex
        readings = _merge(before, steps[i], steps[i + 1])
        if readings is None:
            continue
        found: set[tuple[Step, ...]] = set()
        for middle, sex in readings:
            head = steps[:i]
            if not middle and sex and head:
                head = (*head[:-1], replace(head[-1], sex=sex))
            known = sex if not middle and not head and ego_sex is None else ego_sex
            found |= _reduced(head + middle + steps[i + 2 :], known)
        return found
    return {steps}


def _ordered(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """Distinct relations, shortest first, then by content."""

    def key(relation: Relation) -> tuple[int, str]:
        return len(relation.steps), repr(relation)

    return tuple(sorted(set(relations), key=key))


def compose(a: Relation, b: Relation, ego_sex: Sex | None = None) -> tuple[Relation, ...]:
    """What b's relative is to ego, when b is a relation of a's relative.

    Parameters
    ----------
    a, b : Relation
        From ego to somebody, and from there on.
    ego_sex : {'男', '女'}, optional

    Returns
    -------
    tuple of Relation
        Every reduced reading, shortest first; ``SELF`` is among them where the chain may lead back
        to ego. Empty when the sexes contradict each other.

    Examples
    --------
    >>> wife, brother = parse_term("妻子")[0], parse_term("弟弟")[0]
    >>> [term(r) for r in compose(wife, brother)]
    ['妻弟']
    >>> father, uncle_s_son = parse_term("父亲")[0], parse_term("侄子")[0]
    >>> [term(r) for r in compose(father, uncle_s_son)]
    ['堂兄弟']
    """
    tie = a.tie if a.tie != "natural" else b.tie
    chains = _reduced(a.steps + b.steps, ego_sex)
    return _ordered(
        Relation(steps, tie if any(s.kind != "spouse" for s in steps) else "natural")
        for steps in chains
    )


# ---------------------------------------------------------------- terms

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
_TIES: dict[str, Tie] = {"养": "adoptive", "继": "step", "后": "step"}
_LATE = re.compile(r"^(?:已故|亡|先|同胞|亲生|亲|其他|同父异母|同母异父|我的?|本人的?|其)(?=.)")
_OR = re.compile(r"[、/,，或及和与]")


def _lookup(word: str) -> tuple[list[tuple[Step, ...]], Tie]:
    """Chains of one word, stripped of rank, of 养 and 继 and of remarks if need be."""
    if word in NO_RELATION:
        return [], "natural"
    if word in _READINGS:
        return _READINGS[word], "natural"
    if word[0] in _TIES:
        chains, _ = _lookup(word[1:]) if len(word) > 1 else ([], "natural")
        return [c for c in chains if any(s.kind != "spouse" for s in c)], _TIES[word[0]]
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
    return _ordered(
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
    return _ordered(found)


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


# ---------------------------------------------------------------- law

_COLLATERAL = frozenset({"B", "PB", "BC", "PBC"})
_CLOSE_AFFINITY = frozenset({"SP", "SB", "SBS", "CS", "CSP"} | {f"{c}S" for c in _COLLATERAL})


def legal_class(relation: Relation) -> LegalClass | None:
    """Class of a relation in the rules on recusal and filing.

    Parameters
    ----------
    relation : Relation

    Returns
    -------
    {'夫妻', '直系血亲', '三代以内旁系血亲', '近姻亲'} or None
        近姻亲: parents and siblings of the spouse and the siblings' spouses, spouses of children and
        their parents, spouses of collaterals within three generations. Adoptive and step parents
        and children stand with natural ones (民法典 第一千一百一十一条, 第一千零七十二条: for step
        ones, if they lived in care of each other, which no term tells).

    Examples
    --------
    >>> [legal_class(parse_term(t)[0]) for t in ("妻", "外孙", "堂弟", "连襟", "妻侄")]
    ['夫妻', '直系血亲', '三代以内旁系血亲', '近姻亲', None]
    """
    shape = relation.shape
    if shape == "S":
        return "夫妻"
    if shape and (set(shape) == {"P"} or set(shape) == {"C"}):
        return "直系血亲"
    if shape in _COLLATERAL:
        return "三代以内旁系血亲"
    return "近姻亲" if shape in _CLOSE_AFFINITY else None


def degree(relation: Relation) -> int:
    """Degree of a relation: births between the two (a sibling counts two), marriages none.

    Examples
    --------
    >>> [degree(parse_term(t)[0]) for t in ("妻", "父亲", "弟弟", "伯父", "堂弟", "岳父")]
    [0, 1, 2, 3, 4, 1]
    """
    return sum({"P": 1, "C": 1, "B": 2, "S": 0}[letter] for letter in relation.shape)


SCOPES: dict[str, frozenset[str]] = {
    # 配偶；双方父母；双方兄弟姐妹；子女及其配偶；祖孙；双方父母的兄弟姐妹. 养继关系 are of the same shape.
    "mca-2021-57": frozenset("S P SP B SB C CS PP CC PB SPB".split()),  # noqa: SIM905
}


def within_scope(relation: Relation, scope: str) -> bool:
    """Whether a relation is among those that a rule on filing of relatives names.

    Parameters
    ----------
    relation : Relation
    scope : str
        Key of `SCOPES`.

    Returns
    -------
    bool

    Raises
    ------
    KeyError
        For an unknown scope.

    Examples
    --------
    >>> [within_scope(parse_term(t)[0], "mca-2021-57") for t in ("儿媳", "妻弟", "养子", "嫂子")]
    [True, True, True, False]
    """
    return relation.shape in SCOPES[scope]


# ---------------------------------------------------------------- households

_ORDINALS = {"长": 1, "大": 1, "次": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_RANKED_CHILD = re.compile(r"([长大次二三四五六七])(?:儿子|女儿|子|女)")


def _rank(term_: str) -> int | None:
    match = _RANKED_CHILD.fullmatch(term_.strip())
    return _ORDINALS[match[1]] if match else None


def _with_sex(relation: Relation, sex: Sex | None) -> Relation | None:
    """The relation with the relative's sex as registered; None when it contradicts the term."""
    if not relation.steps or sex is None or relation.sex == sex:
        return relation
    if relation.sex is not None:
        return None
    steps = (*relation.steps[:-1], replace(relation.steps[-1], sex=sex))
    return replace(relation, steps=_inferred(steps, None))


def _registered(term_: str, sex: Sex | None) -> tuple[Relation, ...]:
    """Readings of a register term that fit the registered sex; all where none does (子 for 女)."""
    readings = parse_term(term_)
    return tuple(r for t in readings if (r := _with_sex(t, sex))) or readings


def between_household_members(
    term_a: str,
    sex_a: Sex | None,
    term_b: str,
    sex_b: Sex | None,
    head_sex: Sex | None = None,
) -> tuple[Relation, ...]:
    """What b is to a, from what both are to the head of their household.

    Parameters
    ----------
    term_a, term_b : str
        与户主关系 of two different members.
    sex_a, sex_b : {'男', '女'} or None
    head_sex : {'男', '女'}, optional
        Without it a head's 弟 may be his 子's 叔父 or her 子's 舅父: «父母的弟弟».

    Returns
    -------
    tuple of Relation
        Every reading (a head's 儿媳 is his son's wife or that son's brother's wife); empty when
        either is no relative of the head.

    Examples
    --------
    >>> [term(r) for r in between_household_members("长子", "男", "次子", "男")]
    ['弟弟']
    >>> [term(r) for r in between_household_members("妻", "女", "母亲", "女")]
    ['婆婆']
    """
    to_a, to_b = _registered(term_a, sex_a), _registered(term_b, sex_b)
    found: set[Relation] = set()
    for a, b in itertools.product(to_a, to_b):
        own = (sex_a if not a.steps else None) or (sex_b if not b.steps else None)
        head = head_sex or own or _ego_sex(a.steps, None) or _ego_sex(b.steps, None)
        for relation in compose(a.inverse(head), b, sex_a):
            told = _with_sex(relation, sex_b) or relation
            if told.steps:
                found.add(_by_rank(told, _rank(term_a), _rank(term_b), a.sex == b.sex))
    return _ordered(found)


def _by_rank(relation: Relation, a: int | None, b: int | None, same_sex: bool) -> Relation:
    """Brothers and sisters counted 长, 次, 三 are elder and younger."""
    if relation.shape != "B" or a is None or b is None or a == b or not same_sex:
        return relation
    age: Age = "elder" if b < a else "younger"
    return replace(relation, steps=(replace(relation.steps[0], age=age),))
