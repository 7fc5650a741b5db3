"""How long it takes to tell who is who in the big county, when many are half named.

``python -m benchmarks.identity_speed half_name FOLDER`` takes numbers from the subsidy rows of a
county of ``benchmarks.data``; ``… measure FOLDER`` reads and resolves it, and prints a figure a line.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

from graph.resolve import clusters
from graph.settings import GraphSettings
from graph.typed import typed_tables
from ingest.intake import IntakeSettings, read_folder
from ingest.progress import silent

MISSING, MASKED = 0.05, 0.05
"""Shares of subsidy rows without number, and with the birth date in it covered."""


def half_name(folder: Path) -> None:
    """Take numbers from subsidy rows of a county of ``benchmarks.data``, in place."""
    path = folder / "subsidies.csv"
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS FROM read_csv(?, all_varchar = true)", [str(path)])
        chance = "hash(rowid) / 18446744073709551616.0"
        con.execute(
            f"""
            COPY (SELECT * REPLACE (
                CASE WHEN {chance} < {MISSING} THEN NULL
                     WHEN {chance} < {MISSING + MASKED}
                     THEN left("身份证号", 6) || '********' || right("身份证号", 4)
                     ELSE "身份证号" END AS "身份证号") FROM t)
            TO '{str(path).replace("'", "''")}' (HEADER)
            """
        )


def measure(folder: Path) -> dict[str, float]:
    """Seconds of reading and of the identity step, and how much there was to tell apart."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA raw; CREATE SCHEMA typed")
        began = time.perf_counter()
        read_folder(folder, con, IntakeSettings(), silent)
        read = time.perf_counter()
        clusters.resolve(con, typed_tables(con), bytes(32), GraphSettings())
        done = time.perf_counter()
        judged, references = (
            con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
            for table in ("main.judgements", "resolved")
        )
        counted = dict(con.execute("SELECT key, value FROM counts").fetchall())
    return {
        "read": read - began,
        "resolve": done - read,
        "references": references,
        "unnumbered": float(counted["identity_groups_without_number"]),
        "pairs": float(counted["identity_pairs"]),
        "judgements": judged,
    }


if __name__ == "__main__":
    if sys.argv[1] == "half_name":
        half_name(Path(sys.argv[2]))
    else:
        for figure, value in measure(Path(sys.argv[2])).items():
            print(f"{figure} {value:.3f}")
