"""Normal forms of names, for comparing; what is shown stays as it was written.

People and organisations use the keys of ``ingest.values``. Names without any character that these
would change, nearly all of them, never leave the database.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from ingest.values import normalise_org_name, normalise_person_name

_WIDE = "（）　０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ＆－"
_HALF = "() 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ&-"


def plain(column: str) -> str:
    """SQL for a text half-width, upper case, without spaces; null where nothing is left."""
    folded = f"translate(upper({column}), '{_WIDE}', '{_HALF}')"
    return f"nullif(regexp_replace({folded}, '\\s', '', 'g'), '')"


def village(name: str, township: str) -> str:
    """SQL for a village's name without its township and without the name of its committee."""
    bare = (
        f"regexp_replace({plain(name)}, "
        "'(村)?(村民委员会|村委会|民委员会)$|(社区)?(居民委员会|居委会)$', '\\1\\3')"
    )
    near = plain(township)
    return (
        f"CASE WHEN {near} IS NOT NULL AND length({bare}) > length({near}) "
        f"AND starts_with({bare}, {near}) THEN substr({bare}, length({near}) + 1) ELSE {bare} END"
    )


def town(column: str) -> str:
    """SQL for a township's name without the name of its government."""
    return f"nullif(regexp_replace({plain(column)}, '(人民政府|政府|街道办事处)$', ''), '')"


def _forms(
    con: duckdb.DuckDBPyConnection,
    table: str,
    source: str,
    normalise: Callable[[str], str],
    also: str,
) -> None:
    """Make ``table(name, form)`` for the names of ``source`` that normalising would change."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table}_all AS {source}")
    found = con.execute(
        f"SELECT DISTINCT unnest(string_split(name, '')) FROM {table}_all ORDER BY 1"
    ).fetchall()
    changed = [c for (c,) in found if c and normalise(f"张{c}张") != f"张{c}张"]
    con.execute("CREATE OR REPLACE TEMP TABLE changed AS SELECT unnest(?::VARCHAR[]) c", [changed])
    rows = con.execute(
        f"SELECT name FROM {table}_all WHERE contains(name, ?) OR "
        "list_has_any(string_split(name, ''), (SELECT coalesce(list(c), []) FROM changed)) "
        "ORDER BY name",
        [also],
    ).fetchall()
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (name VARCHAR, form VARCHAR)")
    if rows:
        con.execute(
            f"INSERT INTO {table} SELECT unnest(?::VARCHAR[]), nullif(unnest(?::VARCHAR[]), '')",
            [[name for (name,) in rows], [normalise(name) for (name,) in rows]],
        )
    con.execute(f"DROP TABLE {table}_all")


def normal_forms(con: duckdb.DuckDBPyConnection, references: str) -> None:
    """Make temporary tables of the forms of names in a table of references.

    ``person_forms`` and ``org_forms`` (name, form) hold only names that change; ``place_forms``
    (place, village_form, township_form) every place, under the hash of village and township.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE place_forms AS
        SELECT hash(village, township) AS place, {village("village", "township")} AS village_form,
               {town("township")} AS township_form
        FROM (SELECT DISTINCT village, township FROM {references})
        """
    )
    _forms(
        con,
        "person_forms",
        f"SELECT DISTINCT name FROM {references} WHERE kind IN ('person', 'any')",
        normalise_person_name,
        "\0",
    )
    _forms(
        con,
        "org_forms",
        f"SELECT DISTINCT name FROM {references} WHERE kind IN ('company', 'unit', 'any', 'org') UNION "
        f"SELECT DISTINCT employer FROM {references} WHERE employer IS NOT NULL",
        normalise_org_name,
        "有限责任公司",
    )
