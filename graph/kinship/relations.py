"""Relations as chains of parent, child, spouse and sibling, and how to turn one round.

A relation says what the *relative* is to *ego*: 妻弟 is ``spouse(女) sibling(男, younger)``.
Siblings are elementary besides parents, children and spouses because Chinese terms turn on elder
and younger, and because «a child of my parents» may be myself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Sex = Literal["男", "女"]
Age = Literal["elder", "younger"]
StepKind = Literal["parent", "child", "spouse", "sibling"]
Tie = Literal["natural", "adoptive", "step"]

_LETTER: dict[StepKind, str] = {"parent": "P", "child": "C", "spouse": "S", "sibling": "B"}
_BACK: dict[StepKind, StepKind] = {
    "parent": "child",
    "child": "parent",
    "spouse": "spouse",
    "sibling": "sibling",
}
OTHER_SEX: dict[Sex, Sex] = {"男": "女", "女": "男"}
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
        >>> from graph.kinship import parse_term, term
        >>> [term(r.inverse("男")) for r in parse_term("岳父")]
        ['女婿']
        """
        if not self.steps:
            return self
        sexes = [ego_sex_of(self.steps, ego_sex), *(step.sex for step in self.steps)]
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
        return Relation(filled_in(tuple(back), self.sex), self.tie)


SELF = Relation()


def ego_sex_of(steps: tuple[Step, ...], ego_sex: Sex | None) -> Sex | None:
    """Sex of ego: as told, or as a first step to a spouse implies."""
    if ego_sex is None and steps and steps[0].kind == "spouse" and steps[0].sex:
        return OTHER_SEX[steps[0].sex]
    return ego_sex


def _lines(steps: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """Stretches of blood relation between marriages, as (start, end) positions."""
    start = 0
    for i, step in enumerate((*steps, Step("spouse"))):
        if step.kind == "spouse":
            if i > start:
                yield start, i
            start = i + 1


def filled_in(steps: tuple[Step, ...], ego_sex: Sex | None) -> tuple[Step, ...]:
    """The steps with the sexes that marriages imply, and without ages that mean nothing."""
    filled = list(steps)
    before = ego_sex
    for i, step in enumerate(filled):
        if step.kind == "spouse":
            if step.sex is None and before:
                filled[i] = replace(step, sex=OTHER_SEX[before])
            elif step.sex and i and before is None:
                filled[i - 1] = replace(filled[i - 1], sex=OTHER_SEX[step.sex])
        before = filled[i].sex
    for start, end in _lines(tuple(filled)):
        kinds = [step.kind for step in filled[start:end]]
        same_generation = "sibling" in kinds and kinds.count("parent") == kinds.count("child")
        for i in range(start, end):
            keeps = filled[i].kind == "sibling" or (same_generation and i == end - 1)
            if filled[i].age and not keeps:
                filled[i] = replace(filled[i], age=None)
    return tuple(filled)


def ordered(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """Distinct relations, shortest first, then by content."""

    def key(relation: Relation) -> tuple[int, str]:
        return len(relation.steps), repr(relation)

    return tuple(sorted(set(relations), key=key))
