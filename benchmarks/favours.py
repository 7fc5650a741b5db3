"""Exchanges of favours in a random graph of 100,000 favours among 20,000 officials.

``python -m benchmarks.favours tanwei|plain`` prints the seconds of the search itself and the
number of cycles found. The rival walks sets of neighbours in memory; enumerating all cycles up to a
length of three with a graph library takes minutes.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import date, timedelta

import ibis
import pyarrow as pa

from detectors.related_party._cycles import exchanges

OFFICIALS, FAVOURS, DAYS = 20_000, 100_000, 2_000


def favours(seed: int = 7) -> list[tuple[str, str, date]]:
    """Random favours: giver, receiver, day."""
    rng = random.Random(seed)
    people = [f"p{n:05d}" for n in range(OFFICIALS)]
    made: set[tuple[str, str, date]] = set()
    while len(made) < FAVOURS:
        one, other = rng.sample(people, 2)
        made.add((one, other, date(2018, 1, 1) + timedelta(days=rng.randrange(DAYS))))
    return sorted(made)


def tanwei(made: list[tuple[str, str, date]]) -> int:
    """Joins, as the detector does; without a window, to compare like with like."""
    giver, receiver, day = zip(*made, strict=True)
    table = pa.table({"giver": giver, "receiver": receiver, "day": pa.array(day, pa.date32())})
    return len(exchanges(ibis.memtable(table), nested=True))


def plain(made: list[tuple[str, str, date]]) -> int:
    """Sets of neighbours in plain Python, walked from each edge: the floor in memory."""
    serves: dict[str, set[str]] = {}
    for giver, receiver, _ in made:
        serves.setdefault(giver, set()).add(receiver)
    found = 0
    for a, onward in serves.items():
        for b in onward:
            back = serves.get(b, set())
            found += a < b and a in back
            if a < b:
                found += sum(a < c and a in serves.get(c, ()) for c in back)
    return found


def main() -> None:
    """Run one side and print its seconds last."""
    side = {"tanwei": tanwei, "plain": plain}[sys.argv[1]]
    made = favours()
    start = time.perf_counter()
    found = side(made)
    seconds = time.perf_counter() - start
    print(f"{found} cycles")
    print(f"{seconds:.3f}")


if __name__ == "__main__":
    main()
