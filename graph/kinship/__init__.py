"""Kinship: relations as chains, their terms, their class in law, and how registers tell them.

One file a thing: ``relations`` what a relation is, ``algebra`` composing, ``words`` the dictionary,
``terms`` reading and writing it, ``law`` class, degree and scope, ``households`` two members of one
household, ``chains`` joining what different registers say.
"""

from __future__ import annotations

from graph.kinship.algebra import compose
from graph.kinship.households import between_household_members
from graph.kinship.law import SCOPES, LegalClass, degree, legal_class, within_scope
from graph.kinship.relations import SELF, Age, Relation, Sex, Step, StepKind, Tie
from graph.kinship.terms import is_former, parse_term, term

__all__ = [
    "SCOPES",
    "SELF",
    "Age",
    "LegalClass",
    "Relation",
    "Sex",
    "Step",
    "StepKind",
    "Tie",
    "between_household_members",
    "compose",
    "degree",
    "is_former",
    "legal_class",
    "parse_term",
    "term",
    "within_scope",
]
