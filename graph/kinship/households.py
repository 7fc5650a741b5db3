"""Two members of one household: what each is to the head tells what they are to each other."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from graph.kinship.algebra import compose
from graph.kinship.relations import Age, Relation, Sex, ego_sex_of, filled_in, ordered
from graph.kinship.terms import parse_term

_ORDINALS = {"长": 1, "大": 1, "次": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_RANKED_CHILD = re.compile(r"([长大次二三四五六七])(?:儿子|女儿|子|女)")


def _rank(term_: str) -> int | None:
    match = _RANKED_CHILD.fullmatch(term_.strip())
    return _ORDINALS[match[1]] if match else None


def with_sex(relation: Relation, sex: Sex | None) -> Relation | None:
    """The relation with the relative's sex as registered; None when it contradicts the term."""
    if not relation.steps or sex is None or relation.sex == sex:
        return relation
    if relation.sex is not None:
        return None
    steps = (*relation.steps[:-1], replace(relation.steps[-1], sex=sex))
    return replace(relation, steps=filled_in(steps, None))


def _registered(term_: str, sex: Sex | None) -> tuple[Relation, ...]:
    """Readings of a register term that fit the registered sex; all where none does (子 for 女)."""
    readings = parse_term(term_)
    return tuple(r for t in readings if (r := with_sex(t, sex))) or readings


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
    >>> from graph.kinship import term
    >>> [term(r) for r in between_household_members("长子", "男", "次子", "男")]
    ['弟弟']
    >>> [term(r) for r in between_household_members("妻", "女", "母亲", "女")]
    ['婆婆']
    """
    to_a, to_b = _registered(term_a, sex_a), _registered(term_b, sex_b)
    found: set[Relation] = set()
    for a, b in itertools.product(to_a, to_b):
        own = (sex_a if not a.steps else None) or (sex_b if not b.steps else None)
        head = head_sex or own or ego_sex_of(a.steps, None) or ego_sex_of(b.steps, None)
        for relation in compose(a.inverse(head), b, sex_a):
            told = with_sex(relation, sex_b) or relation
            if told.steps:
                found.add(_by_rank(told, _rank(term_a), _rank(term_b), a.sex == b.sex))
    return ordered(found)


def _by_rank(relation: Relation, a: int | None, b: int | None, same_sex: bool) -> Relation:
    """Brothers and sisters counted 长, 次, 三 are elder and younger."""
    if relation.shape != "B" or a is None or b is None or a == b or not same_sex:
        return relation
    age: Age = "elder" if b < a else "younger"
    return replace(relation, steps=(replace(relation.steps[0], age=age),))
