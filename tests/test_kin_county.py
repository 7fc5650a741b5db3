"""Inferred kinship of a whole made-up township against its true genealogy, which no table holds."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from examples.kin import relatives
from examples.names import Names
from examples.offices import fill_posts, official_rows
from examples.places import make_places
from examples.population import populate, register_rows
from examples.world import World
from graph.kinship import parse_term
from graph.kinship.chains import Told, agree
from tests.helpers import snapshot_from_folder


def township(seed: int) -> World:
    rng = Random(seed)
    world = World(rng, Names(rng), make_places(1))
    populate(world)
    register_rows(world)
    fill_posts(world)
    official_rows(world)
    return world


def write(world: World, folder: Path) -> None:
    for table in ("people", "households", "officials", "kinship"):
        rows = world.tables[table]
        # Half the declared relatives are left out, as forms have it: registers must supply them.
        rows = rows[::2] if table == "kinship" else rows
        header = sorted({column for row in rows for column in row})
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rows)


def test_who_is_inferred_to_be_kin_is_kin_in_just_that_way(tmp_path: Path) -> None:
    world = township(3)
    write(world, tmp_path)
    people = {p.id_number: p for p in world.people}
    truth = {
        (o.person.id_number, relative.id_number): written
        for o in world.officials
        for written, relative in relatives(o.person).values()
    }
    officials = {o.person.id_number for o in world.officials}
    with snapshot_from_folder(tmp_path) as s:
        rows = s.query(
            "SELECT a.number, b.number, e.term, e.legal_class FROM edges e"
            " JOIN entities a ON a.entity = e.src JOIN entities b ON b.entity = e.dst"
            " WHERE e.basis = 'inferred'"
        )
        assert s.meta["kin_contradictions"] == "0"
    # The other end of a near tie may be outside the classes: my 舅母 has me for her 夫外甥.
    found = [row for row in rows if row[0] in officials and row[3]]
    assert len(found) > 300
    strangers = [row for row in found if row[:2] not in truth]
    assert strangers == []
    # What the genealogy writes in words that are terms must be the same relation.
    read = [
        (written, truth[ego, relative], people[ego].sex)
        for ego, relative, written, _ in found
        if parse_term(truth[ego, relative])
    ]
    assert len(read) > 200
    wrong = [
        (ours, true)
        for ours, true, sex in read
        if not agree(Told(parse_term(ours, sex)), Told(parse_term(true, sex)))
    ]
    assert wrong == []
