"""What the rules on recusal and filing make of a relation: class, degree, scope."""

from __future__ import annotations

from typing import Literal

from graph.kinship.relations import Relation

LegalClass = Literal["夫妻", "直系血亲", "三代以内旁系血亲", "近姻亲"]

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
    >>> from graph.kinship import parse_term
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
    >>> from graph.kinship import parse_term
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
    >>> from graph.kinship import parse_term
    >>> [within_scope(parse_term(t)[0], "mca-2021-57") for t in ("儿媳", "妻弟", "养子", "嫂子")]
    [True, True, True, False]
    """
    return relation.shape in SCOPES[scope]
