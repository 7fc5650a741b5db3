"""Settings of the graph room, each with the reason of its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.errors import UserError

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
    kin_hub_limit : int
        Relatives, stated by any source, above which nobody's kinship is worked out through a
        person: beyond any family, it is a name that many share or a list kept wrongly.
    inferred_kin_links : int
        Most statements on a chain of kinship. Five lead to the spouse of a cousin (父、祖父、叔、
        堂弟、其妻); longer chains leave the legal classes.
    inferred_kin_people : int
        Most people (officials first, then handlers, experts, gang members) whose kinship is worked
        out: far above what a county has, so that a wrong table can't take the machine's memory.
    inferred_kin_limit : int
        Most inferred relatives of one person, the nearest first: some five times a large family.
    merge_from : float
        Chance, by the model, from which two records without a common number are one person. The
        model is cautious, as it takes nobody to be surely in the register.
    doubt_from : float
        Chance from which an analyst is asked; below it the two are held to be different people.

    Raises
    ------
    UserError
        If the two chances are not in order within 0 and 1.

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
    kin_hub_limit: int = 100
    inferred_kin_links: int = 5
    inferred_kin_people: int = 100_000
    inferred_kin_limit: int = 500
    merge_from: float = 0.9
    doubt_from: float = 0.1

    def __post_init__(self) -> None:
        # At even chances either answer is a guess: what is put together there can't be relied on.
        if not 0 < self.doubt_from < 0.5 < self.merge_from <= 1:
            raise UserError(
                "doubt_from 应大于 0、小于 0.5，merge_from 应大于 0.5、不超过 1，"
                f"现为 {self.doubt_from} 和 {self.merge_from}。"
            )
