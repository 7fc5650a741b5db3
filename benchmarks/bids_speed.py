"""Time of the bid-rigging and procurement detectors against the number of bids.

``python -m benchmarks.bids_speed make FOLDER BIDS`` makes a market and its snapshot,
``… run FOLDER`` runs every detector of both families on it and prints ``detector seconds`` lines,
``… groups FOLDER`` the group search alone; the seconds of all together stand last.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import python, run
from detectors.discover import select
from detectors.runner import run_detectors
from examples.market_parts import DAYS_A_YEAR, Firms, Floats, Ints, Lots
from examples.market_tables import market_tables
from examples.markets import SimulatedMarket
from graph.cobidding import Market, find_groups, stratify
from graph.snapshot import Snapshot
from tanwei.run import RunRequest
from tanwei.run import run as tanwei_run

SIZES = (10_000, 100_000, 1_000_000)
FAMILIES = ("bid_rigging", "procurement")
_TRADES, _YEARS, _SEED = 10, 3, 20240608


def market(bids: int) -> SimulatedMarket:
    """A market of about ``bids`` bids in a fifth as many lots by three hundredths as many firms.

    Firms bid mostly in their own trade and town; for every 25,000 bids there is one ring (at least
    one), of four members in 25 lots. Nothing is simulated firm by firm, so that a million bids take
    seconds.
    """
    rng = np.random.default_rng([_SEED, bids])
    n_lots, n_firms = bids // 5, max(60, bids * 3 // 100)
    n_towns = max(4, n_firms // 100)
    firms, lots = _firms(n_firms, n_towns, rng), _lots(n_lots, n_towns, rng)
    lot = np.repeat(np.arange(n_lots), rng.integers(3, 8, size=n_lots))
    firm = _drawn(lot, lots, firms, rng)
    lot, firm = _with_rings(lot, firm, lots, firms, max(1, bids // 25_000), rng)
    key = np.unique(lot * n_firms + firm)
    lot, firm = key // n_firms, key % n_firms
    level = 0.88 + firms.efficiency[firm] + rng.normal(0, 0.02, size=len(lot))
    common = rng.normal(0, 0.03, size=n_lots)[lot]
    price = np.minimum(lots.estimate[lot] * (level + common), lots.ceiling[lot] * 0.999)
    price = np.round(price, 2)
    order = np.lexsort((firm, price, lot))
    winner = np.zeros(len(lot), dtype=bool)
    winner[order[np.flatnonzero(np.diff(lot[order], prepend=-1))]] = True
    return SimulatedMarket(lots, firms, lot, firm, price, winner)


def _firms(n: int, n_towns: int, rng: np.random.Generator) -> Firms:
    trade = rng.integers(_TRADES, size=n)
    return Firms(
        home=np.zeros((n, 2)),
        town=rng.integers(n_towns, size=n),
        trade=trade,
        second=trade,
        size=np.zeros(n),
        activity=rng.lognormal(0, 0.7, size=n),
        reach=np.zeros(n),
        capacity=np.ones(n, dtype=np.int64),
        efficiency=rng.normal(0, 0.025, size=n),
    )


def _lots(n: int, n_towns: int, rng: np.random.Generator) -> Lots:
    estimate = np.round(rng.lognormal(np.log(1.5e6), 0.7, size=n), -3)
    return Lots(
        trade=rng.integers(_TRADES, size=n),
        town=rng.integers(n_towns, size=n),
        day=np.sort(rng.integers(_YEARS * DAYS_A_YEAR, size=n)),
        estimate=estimate,
        ceiling=np.round(estimate * rng.uniform(1.0, 1.04, size=n), -3),
        place=np.zeros((n, 2)),
    )


def _drawn(lot: Ints, lots: Lots, firms: Firms, rng: np.random.Generator) -> Ints:
    """Draw the firm of each bid: of the town and trade, of the trade near by, or any."""
    n_towns = int(max(lots.town.max(), firms.town.max())) + 1
    # Neighbouring towns have neighbouring numbers.
    away = np.rint(rng.normal(0, 1.5, size=len(lot))).astype(np.int64)
    town = (lots.town[lot] + away) % n_towns
    cell = firms.trade * n_towns + firms.town
    order = np.lexsort((np.arange(len(cell)), cell))
    total = np.cumsum(firms.activity[order])
    low = np.searchsorted(cell[order], lots.trade[lot] * n_towns + town, side="left")
    high = np.searchsorted(cell[order], lots.trade[lot] * n_towns + town, side="right")
    before = np.concatenate([[0.0], total])
    aim = before[low] + rng.random(len(lot)) * (before[high] - before[low])
    drawn = order[np.minimum(np.searchsorted(total, aim), len(order) - 1)]
    return np.where(high > low, drawn, rng.integers(len(cell), size=len(lot)))


def _with_rings(
    lot: Ints, firm: Ints, lots: Lots, firms: Firms, rings: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    for ring in range(rings):
        own = np.flatnonzero(firms.trade == ring % _TRADES)
        members = rng.choice(own, 4, replace=False)
        chosen = rng.choice(np.flatnonzero(lots.trade == ring % _TRADES), 25, replace=False)
        lot = np.concatenate([lot, np.repeat(chosen, 4)])
        firm = np.concatenate([firm, np.tile(members, 25)])
    return lot, firm


def make(folder: Path, bids: int) -> None:
    """Write the market's two files and take them in, so that a snapshot stands in ``folder``."""
    made = market(bids)
    data = folder / "data"
    data.mkdir(parents=True)
    tables = market_tables(made)
    tables["投标记录"] = _with_registers(tables["投标记录"], made.firm)
    for name, frame in tables.items():
        frame.to_csv(data / f"{name}.csv", index=False)
    np.savez(
        folder / "market.npz", firm=made.firm, lot=made.lot, trade=made.lots.trade,
        town=made.lots.town, year=made.lots.year,
    )  # fmt: skip
    tanwei_run(RunRequest(data, folder / "out", only=("shared_deposit",)))


def _with_registers(bids: pd.DataFrame, firm: Ints) -> pd.DataFrame:
    """What a platform records beside the price, every firm with its own."""
    number = pd.Series(firm)
    return bids.assign(
        MAC地址=[f"3C:52:{f >> 16 & 255:02X}:{f >> 8 & 255:02X}:{f & 255:02X}:1B" for f in firm],
        CPU序列号="BFEB" + number.map("{:012X}".format),
        硬盘序列号="WD-WX" + number.map("{:09d}".format),
        加密锁号="L" + number.map("{:08d}".format),
        联系人电话=number.map("138{:08d}".format),
        保证金账号=number.map("6217990{:012d}".format),
        文件编制人=number.map("编制{:06d}".format),
    )


def run_families(folder: Path) -> None:
    """Run every detector of the two families and print the seconds of each."""
    snapshot = Snapshot.open(next((folder / "out" / "runs").glob("*/snapshot.duckdb")))
    chosen = select(FAMILIES)
    start = time.perf_counter()
    for outcome in run_detectors(snapshot, chosen, {}):
        found = outcome.result.triggered if outcome.result else 0
        spec = outcome.detector.spec
        print(f"{spec.family}/{spec.id} {outcome.status} {found} {outcome.seconds:.3f}")
    print(f"{time.perf_counter() - start:.3f}")


def run_groups(folder: Path) -> None:
    """Run the group search on the market in memory; print groups, those called, and seconds."""
    held = np.load(folder / "market.npz")
    trade, town, year = held["trade"], held["town"], held["year"]
    start = time.perf_counter()
    fine, by_year = (trade * 10_000 + town) * 100 + year, trade * 100 + year
    strata = (
        stratify([fine, trade * 10_000 + town, by_year, trade], 2),
        stratify([fine, trade * 10_000 + town, town * 100 + year, town], 2),
    )
    found = find_groups(Market(held["firm"], held["lot"], strata))
    called = sum(g.q <= 0.05 for g in found.groups)
    print(f"{len(held['firm'])} {len(found.groups)} {called} {found.draws}")
    print(f"{time.perf_counter() - start:.3f}")


def slope(sizes: Floats, seconds: Floats) -> float:
    """Slope of time against size, both in logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def page(folder: Path, sizes: tuple[int, ...] = SIZES) -> list[str]:
    """Lines of the benchmark page, each size in processes of its own."""
    columns, totals, groups = [], [], []
    for size in sizes:
        place = folder / f"bids_{size}"
        run(python("benchmarks.bids_speed", "make", str(place), str(size)))
        search = run(python("benchmarks.bids_speed", "groups", str(place)))
        groups.append((search, float(search.stdout.split()[-1])))
        families = run(python("benchmarks.bids_speed", "run", str(place)))
        *lines, total = families.stdout.strip().splitlines()
        columns.append({line.split()[0]: line.split()[1:] for line in lines})
        totals.append((families, float(total)))
    names = list(columns[0])
    rows = [_row(f"`{n}`", [_cell(c[n]) for c in columns]) for n in names]
    bids = np.array([float(g.stdout.split()[0]) for g, _ in groups])
    lines = [
        "## Bid rigging and procurement: time against size",
        "",
        "A made-up market (`benchmarks/bids_speed.py`), lots a fifth of the bids, firms three "
        "hundredths. Seconds of each detector on a snapshot, null models included; goal for the "
        "largest: 120 s and 4 GB all together, slope in log-log at most 1.15.",
        "",
        _row("detector", [f"{size:,} bids" for size in sizes]),
        _row("---", ["---"] * len(sizes)),
        *rows,
        _row("all together", [f"{t:.1f} s, {m.peak_mb:.0f} MB" for m, t in totals]),
        _row(
            "`graph.cobidding.find_groups` alone",
            [f"{t:.1f} s, {m.peak_mb:.0f} MB" for m, t in groups],
        ),
        "",
    ]
    if len(sizes) > 1:
        both = [np.array([t for _, t in x]) for x in (totals, groups)]
        lines += [
            f"Slopes: all together {slope(bids, both[0]):.2f}, group search {slope(bids, both[1]):.2f}.",
            "",
        ]
    return lines


def _cell(words: list[str]) -> str:
    status, found, seconds = words
    return f"{float(seconds):.2f} s ({found})" if status == "ran" else status


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Run one of make, run, groups."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "make":
        make(folder, int(sys.argv[3]))
    else:
        {"run": run_families, "groups": run_groups}[what](folder)


if __name__ == "__main__":
    main()
