"""Groups of references to firms, what was judged of them, and clusters that keep two promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.company_names import CompanyName

Verdict = Literal["same", "different", "unsure"]


@dataclass(frozen=True)
class Group:
    """References that are one firm without further links.

    ``key``: its content key; ``code``: its sound unified code; ``weak``: other numbers written with
    it; ``accounts``: accounts paid to under its name; ``registered``: stands in the register.
    """

    key: str
    names: tuple[CompanyName, ...]
    code: str | None = None
    weak: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    registered: bool = False
    rows: int = 1


@dataclass(frozen=True)
class Judged:
    """A pair of groups and what was made of it."""

    a: str
    b: str
    verdict: Verdict
    probability: float
    by: Literal["rule", "analyst"]
    reasons: tuple[str, ...]
    on: str | None = None


@dataclass
class Clusters:
    """Groups joined so far; never two sound codes in one, nor a pair that was told apart."""

    codes: dict[str, set[str]]
    parent: dict[str, tuple[str, float]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    apart: set[tuple[str, str]] = field(default_factory=set)
    order: Mapping[str, int] = field(default_factory=dict)

    def root(self, key: str) -> str:
        """The group under whose key a cluster goes."""
        return self.climb(key)[0]

    def climb(self, key: str) -> tuple[str, float]:
        """The cluster of a group, and the weakest probability on the way there."""
        weakest = 1.0
        while key in self.parent:
            key, probability = self.parent[key]
            weakest = min(weakest, probability)
        return key, weakest

    def keep_apart(self, a: str, b: str) -> None:
        """Never join what holds ``a`` with what holds ``b``."""
        self.apart |= {(a, b), (b, a)}

    def refusal(self, a: str, b: str) -> str | None:
        """Why two clusters may not be joined, in Chinese; None if they may."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return None
        if len(self.codes[a] | self.codes[b]) > 1:
            return "合并后会有两个不同的有效统一社会信用代码"
        if self.apart and any(
            (x, y) in self.apart for x in self.members.get(a, [a]) for y in self.members.get(b, [b])
        ):
            return "人工已认定不是同一企业"
        return None

    def join(self, a: str, b: str, probability: float) -> None:
        """Join two clusters under the one that comes first in ``order``."""
        a, b = sorted((self.root(a), self.root(b)), key=lambda key: self.order[key])
        if a != b:
            self.parent[b] = (a, probability)
            self.members[a] = self.members.get(a, [a]) + self.members.pop(b, [b])
            self.codes[a] |= self.codes[b]
