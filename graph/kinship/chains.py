"""Joining what different registers say: my wife by one row, her brother by another.

``compose`` takes siblings for full ones and a spouse's child for one's own. Within one household
that is how registers are kept; across registers second marriages stand between, so here

- a parent's spouse and a spouse's child may be step ones: both readings stay, unless the place is
  known to be taken, and nothing is read beyond them;
- a sibling's parent is one's own only while no other father or mother is known;
- a child's other parent is not taken for a spouse: children tell of no marriage;
- step relations bind the two people alone and lead to nobody else.

Where a chain has several readings all of them stay, and where one of them is outside the legal
classes the chain is given up: whom it would accuse may be no relative.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, get_args

from graph.kinship.algebra import compose
from graph.kinship.households import with_sex
from graph.kinship.law import LegalClass, degree, legal_class
from graph.kinship.relations import Age, Relation, Sex, Step, StepKind, ordered
from graph.kinship.terms import parse_term, term

MOST_READINGS = 3
"""Readings of one chain written out in its term."""

Doubt = Literal["", "marriage", "sibling"]
"""Whether a parent or child was reached through a marriage or a sibling, so may be another's."""

SPOUSE_KNOWN, FATHER_KNOWN, MOTHER_KNOWN = 1, 2, 4
"""Bits of what is known of a person: who the spouse, the natural father, the natural mother is."""


@dataclass(frozen=True)
class Told:
    """What a link or a chain of links tells: every reading, and the doubt that is still open."""

    readings: tuple[Relation, ...]
    doubt: Doubt = ""

    @property
    def near(self) -> bool:
        """Whether every reading is within the legal classes."""
        return bool(self.readings) and all(legal_class(r) for r in self.readings)

    @property
    def leads_on(self) -> bool:
        """Whether chains may go on from here."""
        return self.near and self.doubt != "marriage" and not self._is_step

    @property
    def is_open(self) -> bool:
        """Whether `settle` may take readings away."""
        return bool(self.doubt) or bool(self.shapes & {"S", "P"})

    @property
    def _is_step(self) -> bool:
        return any(r.tie == "step" for r in self.readings)

    @property
    def shapes(self) -> frozenset[str]:
        """Shapes of the readings."""
        return frozenset(r.shape for r in self.readings)

    @property
    def ages(self) -> int:
        """How many steps say elder or younger."""
        return sum(step.age is not None for r in self.readings for step in r.steps)

    def without_ages(self) -> Told:
        """The same with nobody elder or younger: what tells two chains to one relative apart."""
        return Told(ordered(_ageless(r) for r in self.readings), self.doubt)

    def aged(self, age: Age | None) -> Told:
        """The same with the relative's age, told by birth dates, where terms turn on it.

        Parameters
        ----------
        age : {'elder', 'younger'} or None
            Of the relative against ego; for a sibling of the spouse or of a parent against these.
        """
        if age is None or len(self.readings) != 1 or self.readings[0].shape not in _AGED:
            return self
        if self.readings[0].steps[-1].age:
            return self
        relation = self.readings[0]
        steps = (*relation.steps[:-1], replace(relation.steps[-1], age=age))
        return replace(self, readings=(replace(relation, steps=steps),))

    def inverse(self, ego_sex: Sex | None) -> Told:
        """What ego is to the relative."""
        return Told(ordered(r.inverse(ego_sex) for r in self.readings), self.doubt)

    def named(self) -> tuple[str, LegalClass | None]:
        """Term and legal class."""
        step = (replace(r, tie="step") for r in self.readings) if self.doubt else ()
        return named((*self.readings, *step))


_AGED = ("B", "SB", "PB", "PBC")
_REMOTENESS = {kind: i for i, kind in enumerate(get_args(LegalClass))}
# A relation's end and the next one's beginning whose composition takes a marriage for the only one.
_BY_MARRIAGE = (("parent", "spouse"), ("spouse", "child"))
_BY_SIBLING = (("sibling", "parent"), ("child", "sibling"))
_BARRED = ("child", "parent")


def _ageless(relation: Relation) -> Relation:
    return replace(relation, steps=tuple(replace(step, age=None) for step in relation.steps))


def named(readings: Iterable[Relation]) -> tuple[str, LegalClass | None]:
    """Term and legal class of what may be several readings.

    Parameters
    ----------
    readings : iterable of Relation
        At least one.

    Returns
    -------
    tuple of str and LegalClass or None
        Terms joined by 或; the class only where every reading has one: the remotest of them.

    Examples
    --------
    >>> named(parse_term("小姨"))
    ('姨母或妻妹', '近姻亲')
    """
    found = tuple(readings)
    terms = list(dict.fromkeys(term(r) for r in found))
    classes = [legal_class(r) for r in found]
    known = [kind for kind in classes if kind is not None]
    nearest = max(known, key=_REMOTENESS.__getitem__) if len(known) == len(classes) else None
    return "或".join(terms[:MOST_READINGS]), nearest


def term_degree(said: str) -> int | None:
    """Degree of what a term may mean: of several readings the remotest; None if not understood.

    Parameters
    ----------
    said : str
        A term as on an edge of kinship (妻弟, 姨母或妻妹).

    Returns
    -------
    int or None
        Births between the two; marriages count none.

    Examples
    --------
    >>> [term_degree(t) for t in ("妻子", "堂弟", "姨母或妻妹", "前配偶")]
    [0, 4, 3, None]
    """
    return max((degree(reading) for reading in parse_term(said)), default=None)


@cache
def link(written: str, ego_sex: Sex | None, relative_sex: Sex | None) -> Told | None:
    """What one edge tells, of a term that may hold several readings.

    Parameters
    ----------
    written : str
    ego_sex, relative_sex : {'男', '女'} or None

    Returns
    -------
    Told or None
        None for a term that no relation can be read from.

    Examples
    --------
    >>> link("兄弟姐妹", None, "女").named()
    ('姐妹', '三代以内旁系血亲')
    """
    readings = parse_term(written, ego_sex)
    fitting = tuple(r for t in readings if (r := with_sex(t, relative_sex)))
    found = tuple(r for r in fitting or readings if r.steps)
    return Told(ordered(found)) if found else None


_STEP: dict[str, StepKind] = {"P": "parent", "C": "child", "S": "spouse", "B": "sibling"}


@cache
def _may_be_near(a: str, b: str) -> bool:
    """Whether two shapes may come to something within the legal classes.

    Sexes only rule readings out, so that most pairs need no look at theirs.
    """
    one, other = (Relation(tuple(Step(_STEP[letter]) for letter in shape)) for shape in (a, b))
    return any(legal_class(r) for r in compose(one, other) if r.steps)


@cache
def join(a: Told, b: Told) -> Told | None:
    """What b's relative is to ego, when b is a link from a's relative to somebody else than ego.

    Returns
    -------
    Told or None
        None where the chain says nothing, or something that may be outside the legal classes.

    Examples
    --------
    >>> wife, brother, son = (link(t, None, None) for t in ("妻子", "弟弟", "儿子"))
    >>> join(wife, brother).named(), join(wife, son).named(), join(son, link("母亲", None, None))
    (('妻弟', '近姻亲'), ('儿子或继子', '直系血亲'), None)
    """
    if not a.leads_on or b._is_step or b.doubt:
        return None
    if not any(_may_be_near(x, y) for x in a.shapes for y in b.shapes):
        return None
    found: set[Relation] = set()
    doubt: Doubt = a.doubt
    for one in a.readings:
        for other in b.readings:
            seam = (one.steps[-1].kind, other.steps[0].kind)
            if seam == _BARRED:
                return None
            found.update(r for r in compose(one, other) if r.steps)
            if seam in _BY_MARRIAGE:
                doubt = "marriage"
            elif seam in _BY_SIBLING and doubt != "marriage":
                doubt = "sibling"
    told = Told(ordered(found), doubt)
    if not told.near or (doubt == "marriage" and not told.shapes <= {"P", "C"}):
        return None
    return told if told.shapes <= {"P", "C"} else replace(told, doubt="")


def settle(told: Told, known: int) -> Told | None:
    """What remains of the readings when ego's own nearest are known to be other people.

    Parameters
    ----------
    told : Told
        Of a chain that ends neither at ego's spouse nor at ego's parents as far as known.
    known : int
        Bits of ``SPOUSE_KNOWN``, ``FATHER_KNOWN``, ``MOTHER_KNOWN`` for ego.

    Returns
    -------
    Told or None
        None where nothing remains.

    Examples
    --------
    >>> parents_child = Told(parse_term("祖父的儿子"))
    >>> parents_child.named()[0], settle(parents_child, FATHER_KNOWN).named()[0]
    ('父亲或伯叔父', '伯叔父')
    """
    taken = {
        "男": bool(known & FATHER_KNOWN),
        "女": bool(known & MOTHER_KNOWN),
        None: bool(known & FATHER_KNOWN) and bool(known & MOTHER_KNOWN),
    }
    kept = [
        r
        for r in told.readings
        if not (r.shape == "S" and known & SPOUSE_KNOWN)
        and not (r.shape == "P" and told.doubt != "marriage" and taken[r.sex])
    ]
    if told.doubt == "marriage" and kept and all(r.shape == "P" and taken[r.sex] for r in kept):
        return Told(ordered(replace(r, tie="step") for r in kept))
    if not kept:
        return None
    doubt = "" if told.doubt == "sibling" and "C" not in told.shapes else told.doubt
    return Told(ordered(kept), doubt)


def settle_child(told: Told, ego_sex: Sex | None, known: int) -> Told | None:
    """What remains of a child reached through a marriage or a sibling.

    Parameters
    ----------
    told : Told
    ego_sex : {'男', '女'} or None
    known : int
        Bits of what is known of the child.

    Returns
    -------
    Told or None
        A stepchild where another is known to be the parent of ego's sex.
    """
    taken = bool(known & {"男": FATHER_KNOWN, "女": MOTHER_KNOWN, None: 0}[ego_sex])
    if not taken or told.shapes != {"C"} or not told.doubt:
        return told if told.doubt != "sibling" else replace(told, doubt="")
    if told.doubt == "sibling":
        return None
    return Told(ordered(replace(r, tie="step") for r in told.readings))


def agree(one: Told, other: Told) -> bool:
    """Tell whether two sources may mean the same: some reading of each, ages and ties aside.

    Examples
    --------
    >>> nephew, cousin, kid = (link(t, None, None) for t in ("侄子", "堂弟", "侄子女"))
    >>> agree(nephew, cousin), agree(nephew, kid)
    (False, True)
    """
    return any(_alike(a, b) for a in one.readings for b in other.readings)


def narrower(one: Told, other: Told) -> bool:
    """Tell whether ``one`` knows more: its readings are some, not all, of the other's."""
    return set(one.without_ages().readings) < set(other.without_ages().readings)


def _alike(a: Relation, b: Relation) -> bool:
    return a.shape == b.shape and all(
        None in (x.sex, y.sex) or x.sex == y.sex for x, y in zip(a.steps, b.steps, strict=True)
    )
