"""Who is who in the example county: how often right, against joining by names, and how fast.

The unit is the reference: a column with the values that identify in a row of it (name, number and
context), once however many rows repeat it, and once for each person if rows of several people read
the same. A pair of references is right when both are one person's. All pairs within the county are
counted: those put together (precision), those that belong together (recall).
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rapidfuzz import fuzz, process

from examples.county import make_county
from examples.mess import MessLevel
from examples.save import save
from graph.schema import PARTIES
from graph.snapshot import Snapshot, build
from ingest.intake import IntakeSettings, read_folder
from ingest.progress import silent
from ingest.values import normalise_person_name

LEVELS: tuple[MessLevel, ...] = ("none", "typical", "heavy")
FUZZY = 80.0
"""rapidfuzz ratio from which two names are joined: what its users take who know no better."""


@dataclass(frozen=True)
class Reference:
    """A distinct way in which a column names a person; ``entity`` is the answer, ``owner`` truth."""

    name: str
    numbered: bool
    entity: str
    owner: str


@dataclass(frozen=True)
class Quality:
    """Pairs of references put together rightly, put together at all, and belonging together."""

    right: int
    together: int
    belonging: int

    @property
    def precision(self) -> float:
        """Share of the pairs put together that are right."""
        return self.right / self.together if self.together else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs that belong together that were put together."""
        return self.right / self.belonging if self.belonging else 1.0


@dataclass(frozen=True)
class Score:
    """All pairs; those of which one has no valid number; wrong pairs of one name."""

    overall: Quality
    unnumbered: Quality
    wrong_namesakes: int


def county_snapshot(folder: Path, mess: MessLevel, seed: int = 7) -> Snapshot:
    """Make, read and resolve the example county."""
    save(make_county(seed), folder, mess)
    con = duckdb.connect()
    con.execute("CREATE SCHEMA raw; CREATE SCHEMA typed")
    read_folder(folder, con, IntakeSettings(), silent)
    build(con, bytes(32))
    return Snapshot.from_connection(con)


def references(snapshot: Snapshot, folder: Path) -> list[Reference]:
    """The labelled references of a county that ``examples.save`` wrote into ``folder``."""
    with folder.with_name(folder.name + ".people.csv").open(encoding="utf-8") as file:
        owners = {
            (row["file"], int(row["row"]), row["column"]): row["person"]
            for row in csv.DictReader(file)
        }
    valid = {n for (n,) in snapshot.query("SELECT number FROM id_numbers WHERE full_number <> ''")}
    found: set[tuple[Hashable, Reference]] = set()
    for party in PARTIES:
        if party.kind not in ("person", "any") or not snapshot.has(party.table, party.column):
            continue
        context = [c for _, c in party.context]
        columns = [c for c in (party.column, party.number, *context) if c is not None]
        shown = ", ".join(f't."{c}"' for c in columns)
        rows = snapshot.query(
            f'SELECT s.file, t.row_no, t."{party.column}_entity", {shown} '
            f'FROM "{party.table}" t JOIN sheets s USING (sheet_id) '
            f'WHERE t."{party.column}" IS NOT NULL'
        )
        for file, row, entity, *values in rows:
            owner = owners.get((file, row, party.column))
            if owner is None:
                continue
            number = values[1] if party.number else None
            name = normalise_person_name(values[0])
            reference = Reference(name, number in valid, entity, owner)
            found.add(((party.table, party.column, *values), reference))
    return [r for _, r in sorted(found, key=lambda pair: str(pair))]


def _pairs(groups: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in groups)


def _quality(found: list[Reference], answers: Mapping[int, str]) -> Quality:
    return Quality(
        _pairs(Counter((answers[id(r)], r.owner) for r in found).values()),
        _pairs(Counter(answers[id(r)] for r in found).values()),
        _pairs(Counter(r.owner for r in found).values()),
    )


def measure(found: list[Reference], answers: Mapping[int, str] | None = None) -> Score:
    """Score references by their entity, or by other answers (under the references' ``id``)."""
    given = answers or {id(r): r.entity for r in found}
    overall = _quality(found, given)
    numbered = _quality([r for r in found if r.numbered], given)
    named = _pairs(Counter((given[id(r)], r.name) for r in found).values())
    own = _pairs(Counter((given[id(r)], r.name, r.owner) for r in found).values())
    rest = Quality(
        overall.right - numbered.right,
        overall.together - numbered.together,
        overall.belonging - numbered.belonging,
    )
    return Score(overall, rest, named - own)


def by_name(found: list[Reference]) -> dict[int, str]:
    """The rival that joins whoever bears one name."""
    return {id(r): r.name for r in found}


def by_likeness(found: list[Reference]) -> dict[int, str]:
    """The rival that joins names by rapidfuzz, and what they join in turn."""
    names = sorted({r.name for r in found})
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    matrix = process.cdist(names, names, scorer=fuzz.ratio, score_cutoff=FUZZY)
    for i, j in zip(*matrix.nonzero(), strict=True):
        one, other = sorted((root(names[i]), root(names[j])))
        parent[other] = one
    return {id(r): root(r.name) for r in found}


def quality_rows() -> Iterator[str]:
    """Rows of the table of quality, all three ways on the same references of each county."""
    for mess in LEVELS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "county"
            with county_snapshot(folder, mess) as snapshot:
                found = references(snapshot, folder)
        ways = {
            "tanwei": measure(found),
            "name alone": measure(found, by_name(found)),
            f"rapidfuzz ≥ {FUZZY:g}": measure(found, by_likeness(found)),
        }
        for way, score in ways.items():
            whole, rest = score.overall, score.unnumbered
            yield (
                f"| {mess} | {way} | {whole.precision:.4f} | {whole.recall:.4f} | "
                f"{rest.precision:.4f} | {rest.recall:.4f} | {score.wrong_namesakes:,} |"
            )
