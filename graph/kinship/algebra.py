"""Composition: what my relative's relative is to me, in every reading.

What the algebra takes for granted: spouses are of different sex; siblings share both parents; a
spouse's child is one's own child, a parent's spouse the other parent. Second marriages therefore
show only where a term says so (继父), never from composition; ``graph.kinship.chains``, which joins
what different registers say, does not take them for granted.
"""

from __future__ import annotations

from dataclasses import replace

from graph.kinship.relations import (
    Relation,
    Sex,
    Step,
    ego_sex_of,
    filled_in,
    ordered,
)


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
    steps = filled_in(steps, ego_sex)
    ego_sex = ego_sex_of(steps, ego_sex)
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
    >>> from graph.kinship import parse_term, term
    >>> wife, brother = parse_term("妻子")[0], parse_term("弟弟")[0]
    >>> [term(r) for r in compose(wife, brother)]
    ['妻弟']
    >>> father, uncle_s_son = parse_term("父亲")[0], parse_term("侄子")[0]
    >>> [term(r) for r in compose(father, uncle_s_son)]
    ['堂兄弟']
    """
    tie = a.tie if a.tie != "natural" else b.tie
    chains = _reduced(a.steps + b.steps, ego_sex)
    return ordered(
        Relation(steps, tie if any(s.kind != "spouse" for s in steps) else "natural")
        for steps in chains
    )
