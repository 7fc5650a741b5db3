"""Settings of the graph room, each with the reason of its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HUB_LIMIT = 30
"""Entities tied to one telephone, account, address or village beyond which it is a hub: above the
size of any family or small firm, below that of an agent's telephone or a village office's address."""

OTHER_HUB_LIMIT = 500
"""The same for people, firms, units and lots: a purchaser rightly has hundreds of tenders; beyond
that (a county's treasury, a bank) a shared neighbour says nothing."""


@dataclass(frozen=True)
class GraphSettings:
    """How parties are told apart and how the graph is built.

    Parameters
    ----------
    unit_aliases : mapping of str to str
        Alias of a unit to the name it is known by, as the office itself says (renamings, short
        names). A configured alias is a certain join.
    hub_limit : int
        Degree above which an attribute node is set aside in path searches (see ``HUB_LIMIT``).
    name_candidates_limit : int
        Namesakes up to which a possible sameness by name alone is noted: with more, a shared name
        says next to nothing.
    household_limit : int
        Members above which a household number is taken for a collective one (school, factory,
        village office), of which no kinship can be read.
    sources_limit : int
        Rows cited on an edge that many rows support; the number of all stands beside them.

    Examples
    --------
    >>> GraphSettings(unit_aliases={"县财政局": "江州县财政局"}).name_candidates_limit
    3
    """

    unit_aliases: Mapping[str, str] = field(default_factory=dict)
    hub_limit: int = HUB_LIMIT
    name_candidates_limit: int = 3
    household_limit: int = 20
    sources_limit: int = 10
