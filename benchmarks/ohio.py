"""Ohio school milk, 1980 to 1990: does the finder put the convicted cartel of three first?

``python -m benchmarks.ohio [FOLDER]`` prints the tables. The data (``shared/data/ohio_school_milk``
beside the project) are public; the three firms are named here only to look up their rank.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from scipy.stats import rankdata

from graph.cobidding import Groups, Market, find_groups

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ohio_school_milk"
CARTEL = frozenset({"COORSBROTHERS", "H.MEYER", "LOUISTRAUTH"})
YEARS = range(1980, 1991)
# Periods in which the three are not first, told of one by one.
MOST_TOLD = 10
# Groups ranked, first first, as sets of firms.
Ranking = list[frozenset[str]]


def read(folder: Path = FOLDER) -> pd.DataFrame:
    """Read the bids: contract, year and firm, a firm once a contract."""
    frame = pd.read_csv(folder / "ohio_milk_data.csv")
    return frame.drop_duplicates(["contract_id", "firm"])


def periods(bids: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Kind, name and bids of the whole period, the nine three-year windows and the eleven years."""
    yield "whole", "1980-1990", bids
    for year in YEARS[:-2]:
        yield "window", f"{year}-{year + 2}", bids[bids["year"].between(year, year + 2)]
    for year in YEARS:
        yield "year", str(year), bids[bids["year"] == year]


def find(bids: pd.DataFrame) -> tuple[Groups, list[str]]:
    """Groups found among the bids, contracts of one year being comparable, and the firms' names.

    The data have no area and nothing but milk.
    """
    together = bids[bids.groupby("contract_id")["firm"].transform("size") >= 2]
    firm, names = pd.factorize(together["firm"], sort=True)
    contract, contracts = pd.factorize(together["contract_id"], sort=True)
    year = np.unique([c[:2] for c in contracts], return_inverse=True)[1].astype(np.int64)
    market = Market(firm.astype(np.int64), contract.astype(np.int64), (year,))
    return find_groups(market), list(names)


def finder(bids: pd.DataFrame) -> Ranking:
    """The project's finder."""
    found, names = find(bids)
    return [frozenset(names[m] for m in g.members) for g in found.groups]


def triangles(bids: pd.DataFrame) -> Ranking:
    """Every triangle by coherence × exclusivity of contracts attended together."""
    weight, names = _weights(bids)
    strength = weight.sum(axis=0)
    scored = []
    for i in range(len(names)):
        later = np.flatnonzero(weight[i, i + 1 :]) + i + 1
        for j, k in combinations(later.tolist(), 2):
            if weight[j, k]:
                scored.append((_quality(weight, strength, [i, j, k]), (i, j, k)))
    return _named(scored, names)


def communities(bids: pd.DataFrame, method: str) -> Ranking:
    """Modularity communities of three or more by coherence × exclusivity."""
    weight, names = _weights(bids)
    graph = nx.from_numpy_array(weight)
    found = (
        nx.community.louvain_communities(graph, seed=1)
        if method == "louvain"
        else nx.community.greedy_modularity_communities(graph, weight="weight")
    )
    strength = weight.sum(axis=0)
    groups = [sorted(c) for c in found if len(c) >= 3]
    return _named([(_quality(weight, strength, g), tuple(g)) for g in groups], names)


def participation_auc(bids: pd.DataFrame) -> float:
    """AUC of how often a firm bids, for being one of the three."""
    often = bids["firm"].value_counts()
    guilty = often.index.isin(CARTEL)
    n, m = int(guilty.sum()), int((~guilty).sum())
    return float((rankdata(often)[guilty].sum() - n * (n + 1) / 2) / (n * m))


def rank(ranking: Ranking) -> tuple[int | None, int]:
    """Rank of the cartel as exactly these three (None: no such group), and of how many groups."""
    return (ranking.index(CARTEL) + 1 if CARTEL in ranking else None), len(ranking)


def _weights(bids: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    firm, names = pd.factorize(bids["firm"], sort=True)
    attended = np.zeros((len(names), bids["contract_id"].nunique()))
    attended[firm, pd.factorize(bids["contract_id"])[0]] = 1
    weight = attended @ attended.T
    np.fill_diagonal(weight, 0)
    return weight, list(names)


def _quality(weight: np.ndarray, strength: np.ndarray, members: list[int]) -> float:
    pairs = np.array([weight[a, b] for a, b in combinations(members, 2)])
    if not pairs.all():
        return 0.0
    coherence = np.exp(np.log(pairs).mean()) / pairs.mean()
    return float(coherence * pairs.sum() / (strength[members].sum() - pairs.sum()))


def _named(scored: list[tuple[float, tuple[int, ...]]], names: list[str]) -> Ranking:
    scored.sort(key=lambda x: (-x[0], x[1]))
    return [frozenset(names[m] for m in members) for _, members in scored]


# -- the page --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A way of ranking groups and what it is called."""

    name: str
    rank: Callable[[pd.DataFrame], Ranking]


WAYS = (
    Way("`graph.cobidding.find_groups`", finder),
    Way("every triangle, coherence × exclusivity", triangles),
    Way("Louvain communities", lambda b: communities(b, "louvain")),
    Way("greedy modularity communities", lambda b: communities(b, "greedy")),
)


def ranking_rows(bids: pd.DataFrame) -> list[str]:
    """Rows: way, rank over all, windows and years in which the three come first, the other ranks."""
    rows = []
    for way in WAYS:
        first = {"whole": 0, "window": 0, "year": 0}
        whole, missed = "", []
        for kind, name, part in periods(bids):
            ranking = way.rank(part)
            at, n = rank(ranking)
            first[kind] += at == 1
            if kind == "whole":
                whole = f"{at} of {n}" if at else _held(ranking)
            elif at != 1:
                missed.append(f"{name}: {at if at else _held(ranking)}")
        told = "; ".join(missed) if len(missed) <= MOST_TOLD else "in most"
        rows.append(
            f"| {way.name} | {whole} | {first['window']} of 9 | {first['year']} of 11 | "
            f"{told or '–'} |"
        )
    return rows


def _held(ranking: Ranking) -> str:
    for n, group in enumerate(ranking, start=1):
        if group >= CARTEL:
            return f"in a group of {len(group)} ranked {n}"
    return "no group"


def called_rows(bids: pd.DataFrame) -> list[str]:
    """Rows: the groups found over the whole period and what the test says of each."""
    found, names = find(bids)
    rows = []
    for n, g in enumerate(found.groups, start=1):
        who = ", ".join(names[m] for m in g.members)
        rows.append(
            f"| {n} | {who} | {g.meetings} / {g.expected:.0f} | {g.joint} | {g.coherence:.2f} | "
            f"{g.exclusivity:.2f} | {g.p:.1g} | {g.q:.1g} |"
        )
    return rows


def page(folder: Path = FOLDER) -> list[str]:
    """Lines of the benchmark page; a line saying so where the data are absent."""
    head = ["## Ohio school milk: the cartel of three among 120 firms", ""]
    if not folder.is_dir():
        return [*head, "Not measured: the public data are not there (`../shared/data`).", ""]
    bids = read(folder)
    return [
        *head,
        "Ranks of the three as a group of exactly three. Goal: first over the whole period, in all "
        "nine three-year windows and in at least eight of the eleven years. How often a firm bids "
        f"has AUC {participation_auc(bids):.3f} and proves nothing.",
        "",
        "| way | whole period | first in windows | first in years | where not first |",
        "| --- | --- | --- | --- | --- |",
        *ranking_rows(bids),
        "",
        "What else is called over the whole period. Contracts are comparable by year only, since the "
        "data have no place that can be matched: neighbours meet more than chance for that alone, "
        "and the p-values don't tell a cartel from a neighbourhood.",
        "",
        "| rank | group | meetings / expected | joint contracts | coherence | exclusivity | p | q |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *called_rows(bids),
        "",
    ]


if __name__ == "__main__":
    print("\n".join(page(*map(Path, sys.argv[1:2]))))
