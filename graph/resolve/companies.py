"""Firms: sound credit codes first, then the register's names, then names alone, then parts of names.

Table ``keys`` gets one row a reference: ``party, h, kind, ckey, identity, probability``. ``ckey``
is the content from which the entity id is made: ``n:<USCC>``, else ``o:<name>``. What the exact step
joins is a group; groups that are one firm under two names are found in ``firm_links``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import duckdb

from graph.resolve.firm_branches import branches
from graph.resolve.firm_clusters import Group, Judged
from graph.resolve.firm_codes import OtherName, other_names
from graph.resolve.firm_links import Linked, link
from graph.schema import PARTIES
from graph.typed import TypedTables
from ingest.company_names import CompanyName, Gazetteer, parse_company_name, places_in
from ingest.masking import mask_id
from ingest.rows import insert_rows
from ingest.tables import TABLES

RENAMED = 0.9
"""That a code borne by another name, which nothing else bears, means a renamed firm: 经验值."""
_PLACE_SEEN = 3
"""Firms whose names begin with a place that only names of firms have, before it is believed."""

REGISTER = next(no for no, p in enumerate(PARTIES) if (p.table, p.column) == ("companies", "name"))


def resolve(
    con: duckdb.DuckDBPyConnection, typed: TypedTables, id_of: Callable[[str, str], str]
) -> None:
    """Add the references to firms to ``keys``, doubts, conflicts, judgements and ``branches``.

    Parameters
    ----------
    con : DuckDBPyConnection
        With temporary tables ``refs``, ``usccs``, ``keys``, ``doubts``, ``conflicts``, ``decided``,
        ``judged`` and ``judged_groups``. ``branches`` (parent, branch, probability; entities) is made.
    typed : TypedTables
    id_of : callable
        SQL of an entity id from the SQL of a kind and of a key.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE c_refs AS
        SELECT r.party, r.h, r.name, r.oname, r.number, u.number AS uscc, r.account, r.n,
               CASE WHEN u.number IS NULL THEN r.number END AS weak
        FROM refs r LEFT JOIN usccs u ON u.number = r.number
        WHERE r.kind = 'company' AND r.oname IS NOT NULL
        """
    )
    parsed = _parse(con, typed)
    others = other_names(con, typed, REGISTER, parsed)
    _exact(con, others)
    groups = _groups(con, parsed, others)
    linked = link(groups.values(), [*_renamed(others), *_decided(con, groups, id_of)])
    _keys(con, linked)
    _notes(con, groups, linked)
    _conflicts(con)
    _branches(con, groups, linked, id_of)


def _parse(con: duckdb.DuckDBPyConnection, typed: TypedTables) -> dict[str, CompanyName]:
    """Take every name apart; of several ways of writing one, the one that keeps its brackets."""
    rows = con.execute(
        "SELECT oname, max_by(name, (regexp_matches(name, '[(（〔【\\[]'), n, name)) FROM c_refs "
        "GROUP BY oname ORDER BY oname"
    ).fetchall()
    places = con.execute(
        """
        SELECT DISTINCT township FROM refs WHERE township IS NOT NULL
        UNION SELECT DISTINCT village FROM refs WHERE kind = 'village' AND length(village) > 2
        """
    ).fetchall()
    known = {place for (place,) in places}
    texts = con.execute("SELECT DISTINCT oname FROM refs WHERE kind = 'unit'").fetchall()
    if typed.has("companies", "address"):
        texts += con.execute("SELECT DISTINCT left(address, 20) FROM typed.companies").fetchall()
    known.update(place for (text,) in texts if text for place in places_in(text))
    seen: dict[str, int] = {}
    for name, _ in rows:
        for place in places_in(name):
            seen[place] = seen.get(place, 0) + 1
    known.update(place for place, n in seen.items() if n >= _PLACE_SEEN)
    gazetteer = Gazetteer.of(known)
    return {oname: parse_company_name(name, gazetteer) for oname, name in rows}


def _exact(con: duckdb.DuckDBPyConnection, others: Iterable[OtherName]) -> None:
    """Make ``c_keys``: the group of each reference by code and whole name."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE c_other (uscc VARCHAR, oname VARCHAR, verdict VARCHAR)"
    )
    insert_rows(con, "c_other", [(o.code, o.name, o.verdict) for o in others])
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE c_register AS
        SELECT oname, count(DISTINCT number) AS numbers, min(uscc) AS uscc, min(weak) AS weak
        FROM c_refs WHERE party = {REGISTER} GROUP BY oname
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE c_keys AS
        SELECT c.party, c.h, c.oname, c.weak, c.account, c.n, CASE
            WHEN o.uscc IS NOT NULL THEN 'n:' || c.uscc || '|' || c.oname
            WHEN c.uscc IS NOT NULL THEN 'n:' || c.uscc
            WHEN g.numbers <= 1 THEN coalesce('n:' || g.uscc, 'o:' || c.oname)
            WHEN g.numbers > 1 THEN 'o:' || c.oname || coalesce('|' || c.weak, '')
            ELSE 'o:' || c.oname END AS gkey,
          CASE
            WHEN o.verdict = 'conflict' THEN 0.9
            WHEN c.uscc IS NOT NULL THEN 1.0
            -- A failed number beside a registered name is a slip of the pen more often than not.
            WHEN g.numbers <= 1 AND c.weak IS NOT NULL AND c.weak IS DISTINCT FROM g.weak THEN 0.9
            WHEN g.numbers <= 1 THEN 1.0
            WHEN g.numbers > 1 AND c.weak IS NOT NULL AND c.party = {REGISTER} THEN 1.0
            ELSE 0.95 END AS probability
        FROM c_refs c LEFT JOIN c_other o ON o.uscc = c.uscc AND o.oname = c.oname
        LEFT JOIN c_register g ON g.oname = c.oname
        """
    )


def _groups(
    con: duckdb.DuckDBPyConnection,
    parsed: Mapping[str, CompanyName],
    others: Iterable[OtherName],
) -> dict[str, Group]:
    rows = con.execute(
        f"""
        SELECT gkey, list_sort(list(DISTINCT oname)), list_sort(list(DISTINCT weak)),
               list_sort(list(DISTINCT account)), bool_or(party = {REGISTER}), sum(n)::BIGINT
        FROM c_keys GROUP BY gkey ORDER BY gkey
        """
    ).fetchall()
    conflicts = {f"n:{o.code}|{o.name}": o.code for o in others if o.verdict == "conflict"}
    groups = {}
    for gkey, onames, weak, accounts, registered, n in rows:
        code = gkey[2:].split("|")[0] if gkey.startswith("n:") else None
        numbers = {w for w in weak if w}
        if gkey in conflicts:
            code, numbers = None, numbers | {conflicts[gkey]}
        groups[gkey] = Group(
            key=gkey,
            names=tuple(parsed[oname] for oname in onames),
            code=code,
            weak=frozenset(numbers),
            accounts=frozenset(a for a in accounts if a and "*" not in a),
            registered=registered,
            rows=n,
        )
    return groups


def _renamed(others: Iterable[OtherName]) -> list[Judged]:
    out = []
    for other in others:
        a, b = f"n:{other.code}|{other.name}", f"n:{other.code}"
        if other.verdict == "renamed":
            reasons = ("统一社会信用代码相同", "名称明显不同，但没有别的企业使用，应是更名前后")
            out.append(Judged(a, b, "same", RENAMED, "rule", reasons))
        else:
            reasons = ("统一社会信用代码相同，但名称明显不同", "该名称另有企业使用，或与之同场投标")
            out.append(Judged(a, b, "unsure", 0.5, "rule", reasons))
    return out


def _decided(
    con: duckdb.DuckDBPyConnection, groups: Mapping[str, Group], id_of: Callable[[str, str], str]
) -> list[Judged]:
    """What analysts decided, by keys of groups.

    A group known by its name alone takes a code for its key once some row has one; its old id still
    finds it by name.
    """
    decided = con.execute(
        "SELECT a, b, verdict, decided_on, reason FROM decided WHERE kind = 'company' "
        "ORDER BY decided_on, a, b, verdict"
    ).fetchall()
    if not decided:
        return []
    pairs = con.execute(
        f"""
        SELECT {id_of("'company'", "content")}, min(gkey) FROM (
            SELECT DISTINCT gkey AS content, gkey, 0 AS later FROM c_keys
            UNION SELECT DISTINCT 'o:' || oname, gkey, 1 FROM c_keys)
        GROUP BY content HAVING count(DISTINCT gkey) = 1 OR min(later) = 0
        """
    ).fetchall()
    known = {entity: gkey for entity, gkey in pairs if gkey in groups}
    out = []
    for a, b, verdict, day, reason in decided:
        if a in known and b in known and known[a] != known[b]:
            said = (f"人工认定：{reason}",) if reason else ("人工认定",)
            probability = 1.0 if verdict == "same" else 0.0
            out.append(Judged(known[a], known[b], verdict, probability, "analyst", said, day))
    return out


def _keys(con: duckdb.DuckDBPyConnection, linked: Linked) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE c_joined (gkey VARCHAR, ckey VARCHAR, p DOUBLE)")
    insert_rows(con, "c_joined", [(g, c, p) for g, (c, p) in sorted(linked.joined.items())])
    con.execute("CREATE OR REPLACE TEMP TABLE c_open (gkey VARCHAR, firms INTEGER)")
    insert_rows(con, "c_open", sorted(linked.open.items()))
    con.execute(
        """
        INSERT INTO keys
        SELECT party, h, 'company', ckey,
               CASE WHEN probability = 1 OR rows_of_key = 1 THEN 'certain'
                    WHEN firms IS NOT NULL THEN 'name_only' ELSE 'probable' END,
               CASE WHEN rows_of_key = 1 THEN 1.0
                    WHEN firms IS NOT NULL THEN round(1.0 / firms, 3) ELSE probability END
        FROM (SELECT party, h, o.firms, coalesce(j.ckey, gkey) AS ckey,
                     -- Only people are sure of two names; what they say holds for all its rows.
                     CASE WHEN j.p = 1 THEN 1.0 ELSE least(probability, coalesce(j.p, 1.0)) END
                         AS probability,
                     sum(n) OVER (PARTITION BY coalesce(j.ckey, gkey)) AS rows_of_key
              FROM c_keys k LEFT JOIN c_joined j USING (gkey) LEFT JOIN c_open o USING (gkey))
        """
    )
    doubts = {
        (
            linked.joined.get(j.a, (j.a,))[0],
            linked.joined.get(j.b, (j.b,))[0],
            j.probability,
            "；".join(j.reasons),
        )
        for j in linked.judged
        if j.verdict == "unsure"
    }
    insert_rows(
        con,
        "doubts",
        [("company", a, b, "probable", p, why) for a, b, p, why in sorted(doubts) if a != b],
    )


def _notes(
    con: duckdb.DuckDBPyConnection,
    groups: Mapping[str, Group],
    linked: Linked,
) -> None:
    """Write the judgements and how the groups they speak of are told apart."""
    joined, judged = linked.joined, linked.judged
    insert_rows(
        con,
        "judged",
        [
            ("company", j.a, j.b, j.verdict, j.probability, j.by, j.on, list(j.reasons))
            for j in judged
        ],
    )
    wanted = sorted({key for j in judged for key in (j.a, j.b)})
    con.execute(
        "CREATE OR REPLACE TEMP TABLE c_wanted AS SELECT unnest(?::VARCHAR[]) gkey", [wanted]
    )
    seen = con.execute(
        """
        SELECT gkey, max_by(name, (n, name)), list_sort(list(DISTINCT party)), sum(n)::BIGINT
        FROM (SELECT k.gkey, r.name, k.party, k.n FROM c_keys k JOIN c_wanted USING (gkey)
              JOIN c_refs r ON r.party = k.party AND r.h = k.h)
        GROUP BY gkey ORDER BY gkey
        """
    ).fetchall()
    rows = []
    for gkey, name, parties, n in seen:
        group = groups[gkey]
        # A number that is no code may be somebody's identity number.
        numbers = [group.code] if group.code else [mask_id(n) for n in sorted(group.weak)]
        tables = dict.fromkeys(TABLES[PARTIES[no].table].title for no in parties)
        detail = "；".join([*(f"代码 {x}" for x in numbers[:2]), f"{'、'.join(tables)} 共 {n} 行"])
        rows.append(("company", gkey, name, detail, joined.get(gkey, (gkey,))[0]))
    insert_rows(con, "judged_groups", rows)


def _conflicts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        INSERT INTO conflicts
        SELECT DISTINCT o.uscc, 'company', c.name FROM c_other o
        JOIN refs c ON c.number = o.uscc WHERE o.verdict = 'conflict'
        """
    )


def _branches(
    con: duckdb.DuckDBPyConnection,
    groups: Mapping[str, Group],
    linked: Linked,
    id_of: Callable[[str, str], str],
) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE c_branches (a VARCHAR, b VARCHAR, p DOUBLE)")
    found = branches(groups.values(), linked.joined)
    insert_rows(con, "c_branches", [(b.parent, b.branch, b.probability) for b in found])
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE branches AS
        SELECT {id_of("'company'", "a")} AS parent, {id_of("'company'", "b")} AS branch,
               p AS probability FROM c_branches
        """
    )
