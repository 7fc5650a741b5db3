"""Who is near kin to whom, from parents, children and spouses, with the term for each."""

from __future__ import annotations

from collections.abc import Callable

from examples.world import Person

_Add = Callable[[Person | None, str], None]


def relatives(ego: Person) -> dict[int, tuple[str, Person]]:
    """Near relatives of a person with the term for what each is to the person.

    Spouse, lineal kin, collateral kin who share a grandparent, and near in-laws: parents and
    siblings of the spouse and these siblings' spouses, children's spouses and their parents, and
    the spouses of collateral kin.

    Returns
    -------
    dict
        ``id(relative)`` to term and relative; the nearest tie counts.
    """
    found: dict[int, tuple[str, Person]] = {}

    def add(person: Person | None, term: str) -> None:
        if person is not None and person is not ego:
            found.setdefault(id(person), (term, person))

    if ego.spouse:
        add(ego.spouse, _by_sex(ego.spouse, "丈夫", "妻子"))
    _lineal(ego, add)
    for sibling in _siblings(ego):
        add(sibling, _elder(sibling, ego, *_by_sex(sibling, "哥哥 弟弟", "姐姐 妹妹").split()))
    for child in ego.children:
        if child.spouse:
            add(child.spouse, _by_sex(child, "儿媳", "女婿"))
    if ego.spouse:
        _in_laws(ego.spouse, add)
    _siblings_families(ego, add)
    _parents_siblings(ego.father, ("伯父", "叔父", "姑母"), add)
    _parents_siblings(ego.mother, ("舅父", "舅父", "姨母"), add)
    for child in ego.children:
        if child.spouse:
            add(child.spouse.father, "亲家公")
            add(child.spouse.mother, "亲家母")
    return found


def _by_sex(person: Person, man: str, woman: str) -> str:
    return man if person.sex == "男" else woman


def _elder(one: Person, other: Person, elder: str, younger: str) -> str:
    """``elder`` if one is older than the other, else ``younger``."""
    return elder if one.birth < other.birth else younger


def _siblings(person: Person | None) -> list[Person]:
    if person is None or person.father is None:
        return []
    return [child for child in person.father.children if child is not person]


def _lineal(ego: Person, add: _Add) -> None:
    for parent, side in ((ego.father, ""), (ego.mother, "外")):
        if parent:
            add(parent, _by_sex(parent, "父亲", "母亲"))
            add(parent.father, f"{side}祖父")
            add(parent.mother, f"{side}祖母")
    for child in ego.children:
        add(child, _by_sex(child, "儿子", "女儿"))
        side = "" if child.sex == "男" else "外"
        for grandchild in child.children:
            add(grandchild, side + _by_sex(grandchild, "孙子", "孙女"))


def _in_laws(spouse: Person, add: _Add) -> None:
    wife = spouse.sex == "女"
    side = "妻" if wife else "夫"
    add(spouse.father, "岳父" if wife else "公公")
    add(spouse.mother, "岳母" if wife else "婆婆")
    for sibling in _siblings(spouse):
        add(sibling, side + _elder(sibling, spouse, *_by_sex(sibling, "兄弟", "姐妹")))
        add(sibling.spouse, f"{side}兄弟姐妹的配偶")
    for parent in (spouse.father, spouse.mother):
        if parent:
            add(parent.father, "配偶的祖父")
            add(parent.mother, "配偶的祖母")
            for aunt in _siblings(parent):
                add(aunt, "配偶的父母的兄弟姐妹")


def _siblings_families(ego: Person, add: _Add) -> None:
    for sibling in _siblings(ego):
        brother = sibling.sex == "男"
        terms = ("嫂子", "弟媳") if brother else ("姐夫", "妹夫")
        add(sibling.spouse, _elder(sibling, ego, *terms))
        for child in sibling.children:
            nephew = ("侄子", "侄女") if brother else ("外甥", "外甥女")
            add(child, _by_sex(child, *nephew))
            add(child.spouse, "侄甥的配偶")


def _parents_siblings(parent: Person | None, terms: tuple[str, str, str], add: _Add) -> None:
    """Uncles, aunts and cousins; ``terms`` for an elder uncle, a younger one and an aunt."""
    for uncle in _siblings(parent):
        assert parent is not None
        term = _by_sex(uncle, _elder(uncle, parent, *terms[:2]), terms[2])
        add(uncle, term)
        add(uncle.spouse, f"{term}的配偶")
        paternal = parent.sex == "男" and uncle.sex == "男"
        for cousin in uncle.children:
            add(cousin, "堂兄弟姐妹" if paternal else "表兄弟姐妹")
            add(cousin.spouse, "堂表兄弟姐妹的配偶")
