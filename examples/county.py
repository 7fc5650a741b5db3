"""A made-up county: its tables as departments keep them, and what is hidden in them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pandas as pd

from examples.cast import play
from examples.firms import register_firms
from examples.flows import honest_flows
from examples.headers import columns
from examples.justice import dossiers
from examples.lookalikes import LOOKALIKES
from examples.names import Names
from examples.offices import fill_posts, official_rows
from examples.places import make_places
from examples.population import populate, register_rows
from examples.procurement import honest_tenders, score_sheets, small_markets, small_purchases
from examples.schemes import SCHEMES
from examples.subsidies import Clerks, honest_payments, policy_rows
from examples.villages import unit_books, village_life
from examples.world import Truth, World


@dataclass(frozen=True)
class County:
    """Tables by canonical name with canonical columns, and the truth about them.

    Complaints have one column more, ``complainant``, which intake must remove. Names of people know
    their owners (``examples.world.PersonName``); ``protected``: numbers of those who have a part in
    a case, planted or innocent.
    """

    tables: dict[str, pd.DataFrame]
    truth: Truth
    seed: int
    protected: frozenset[str] = frozenset()


def make_county(
    seed: int, *, planted: bool = True, lookalikes: bool = True, villages_per_township: int = 5
) -> County:
    """Make a county.

    Parameters
    ----------
    seed : int
        Same seed, same county.
    planted : bool
        With the schemes; without them the county is honest.
    lookalikes : bool
        With innocent cases that resemble schemes.
    villages_per_township : int
        1 to 5; five give 60 villages, about 4,800 residents, 150 officials and 300 firms.

    Examples
    --------
    >>> county = make_county(1, planted=False, villages_per_township=1)
    >>> county.truth.planted
    []
    """
    rng = Random(seed)
    world = World(rng, Names(rng), make_places(villages_per_township))
    populate(world)
    register_rows(world)
    fill_posts(world)
    official_rows(world)
    register_firms(world)
    policy_rows(world)
    honest_payments(world, Clerks(world))
    honest_tenders(world)
    small_markets(world)
    small_purchases(world)
    village_life(world)
    unit_books(world)
    dossiers(world)
    if planted:
        play(world, SCHEMES)
    if lookalikes:
        play(world, LOOKALIKES)
    score_sheets(world)
    honest_flows(world)
    return County(_frames(world), world.truth, seed, _in_cases(world))


def _in_cases(world: World) -> frozenset[str]:
    """Numbers of people whom a case has taken or names."""
    firms = [f for f in world.firms for c in _cases(world) if f.uscc in c]
    people = [p for p in world.people if not world.free(p)]
    people += [p for f in firms for p in (*f.holders, f.contact, f.legal_representative)]
    return frozenset(p.id_number for p in people) | {n for c in _cases(world) for n in c if n}


def _cases(world: World) -> list[tuple[str | None, ...]]:
    return [case.numbers for case in (*world.truth.planted, *world.truth.lookalikes)]


def _frames(world: World) -> dict[str, pd.DataFrame]:
    frames = {}
    for table, rows in sorted(world.tables.items()):
        names = [*columns(table), *(["complainant"] if table == "complaints" else [])]
        frames[table] = pd.DataFrame(
            {name: [row.get(name) for row in rows] for name in names}, dtype=object
        )
    return frames
