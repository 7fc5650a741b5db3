"""Declaration forms: what each asks for, whom it lists, and kin that registers show beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from detectors.evidence import among, records
from detectors.links import aliases
from detectors.related_party._dealings import (
    Kin,
    fetch_edges,
    kin_order,
    officials,
    shapes_of,
    within,
)
from graph.kinship import parse_term
from ingest.errors import UserError

# Tables in which somebody says who is whose kin; every other source of a kinship is a register.
_DECLARATIONS = ("kinship", "kin_filings")
_COLLECTIVE = "集体"

Outcome = Literal[
    "not_required", "undated", "declared", "other_term", "other_name", "other_form", "deceased",
    "collective", "ended", "after_filing", "absent",
]  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """What a kind of form asks for: ``word`` is in its name, ``words`` are the relations."""

    word: str
    words: str
    shapes: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Rule:
        """Read a rule such as 个人有关事项：配偶、子女、子女的配偶.

        Raises
        ------
        UserError
            If there is no colon, or a relation is not understood.

        Examples
        --------
        >>> sorted(Rule.read("个人有关事项：配偶、子女").shapes)
        ['C', 'S']
        """
        word, colon, words = text.replace(":", "：").partition("：")
        try:
            shapes = shapes_of(w.strip() for w in words.split("、"))
        except ValueError as error:
            shapes = frozenset()
            wrong = str(error)
        else:
            wrong = ""
        if not colon or not word.strip() or not shapes:
            raise UserError(
                f"设置项“form_relations”中的“{text}”无法理解"
                f"{f'（“{wrong}”不是亲属关系）' if wrong else ''}。"
                "请写成“申报表名称中的字样：关系、关系”，例如“个人有关事项：配偶、子女、子女的配偶”。"
            )
        return cls(word.strip(), words.strip(), shapes)


@dataclass(frozen=True)
class Declared:
    """One form as filed: its rows, and what it had to list."""

    form: str
    filed_on: date
    rule: Rule
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Seen:
    """A near relative of an official as registers show him.

    ``known_since`` is a day by which the relation existed, None where the data don't say.
    """

    official: str
    kin: Kin
    name: str
    number: str | None
    birth: date | None
    death: date | None
    known_since: date | None
    collective: bool
    others: frozenset[str]


def register_kin(snapshot: Any, most_namesakes: int) -> list[Seen]:
    """List the near relatives of officials whom registers show, in content order.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    most_namesakes : int
        See :func:`detectors.links.aliases`.
    """
    edges = snapshot.edges
    kin = edges.filter((edges.kind == "kin") & edges.legal_class.notnull())
    cited = kin.select(cited_edge=kin.edge, source=kin.sources.unnest())
    registers = cited.filter(~cited.source["t"].isin(_DECLARATIONS))
    kin = kin.semi_join(registers, kin.edge == registers.cited_edge)
    kin = kin.select(ego="src", relative="dst", kin_edge="edge")
    egos = aliases(snapshot, officials(snapshot), most_namesakes).select(
        official="entity", ego="other", ego_identity="identity", ego_chance="probability"
    )
    rows = records(egos.join(kin, "ego").filter(lambda t: t.official != t.relative))
    found = fetch_edges(snapshot, {r["kin_edge"] for r in rows})
    best: dict[tuple[str, str], Kin] = {}
    for row in rows:
        edge = found[row["kin_edge"]]
        joins = (
            (row["ego_identity"], row["ego_chance"]),
            (edge["identity"], edge["probability"]),
        )
        kin_ = Kin(row["official"], row["relative"], row["relative"], edge, joins)
        key = (row["official"], row["relative"])
        if key not in best or kin_order(kin_) < kin_order(best[key]):
            best[key] = kin_
    people = {relative for _, relative in best}
    about = {r["entity"]: r for r in records(among(snapshot.entities, "entity", people))}
    deaths = _deaths(snapshot, people)
    houses = _houses(snapshot, best.values())
    same: dict[str, set[str]] = defaultdict(set)
    for r in records(among(snapshot.same_as.select("entity", "other"), "entity", people)):
        same[r["entity"]].add(r["other"])
    return [
        _seen(kin_, about[kin_.relative], deaths, houses, frozenset(same[kin_.relative]))
        for _, kin_ in sorted(best.items())
    ]


def _deaths(snapshot: Any, people: set[str]) -> dict[str, date]:
    if not snapshot.has("deaths", "name", "death_date"):
        return {}
    found: dict[str, date] = {}
    for r in records(among(snapshot.table("deaths"), "name_entity", people)):
        if r["death_date"] is not None:
            found[r["name_entity"]] = min(r["death_date"], found.get(r["name_entity"], date.max))
    return found


def _houses(snapshot: Any, kin: Iterable[Kin]) -> dict[int, dict[str, Any]]:
    rows = {s["r"] for k in kin for s in k.edge["sources"] if s["t"] == "households"}
    return {r["row_id"]: r for r in records(among(snapshot.table("households"), "row_id", rows))}


def _seen(
    kin: Kin,
    about: dict[str, Any],
    deaths: dict[str, date],
    houses: dict[int, dict[str, Any]],
    others: frozenset[str],
) -> Seen:
    rows = [houses[s["r"]] for s in kin.edge["sources"] if s["t"] == "households"]
    own = [r["registered_date"] for r in rows if r["name_entity"] == kin.relative]
    by_marriage = "S" in "".join(r.shape for r in parse_term(kin.term))
    since = kin.edge["start_date"]
    if since is None and by_marriage:
        since = min((d for d in own if d is not None), default=None)
    elif since is None:
        since = about["birth_date"]
    return Seen(
        kin.ego,
        kin,
        about["name"],
        about["number"],
        about["birth_date"],
        deaths.get(kin.relative),
        since,
        any(_COLLECTIVE in (r["household_type"] or "") for r in rows),
        others,
    )


class Forms:
    """What officials declared, asked about one relative after another.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    seen : sequence of Seen
        The relatives that will be asked about.
    rules : tuple of Rule
    """

    def __init__(self, snapshot: Any, seen: Sequence[Seen], rules: tuple[Rule, ...]) -> None:
        egos: dict[str, set[str]] = defaultdict(set)
        for pair in seen:
            egos[pair.official] |= {pair.official, pair.kin.edge["src"]}
        wanted = {e for own in egos.values() for e in own}
        by_ego: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in records(among(snapshot.table("kinship"), "name_entity", wanted)):
            by_ego[row["name_entity"]].append(row)
        self._rules = rules
        self._rows = {o: [r for e in sorted(own) for r in by_ego[e]] for o, own in egos.items()}
        self._family: dict[str, set[str]] = defaultdict(set)
        for pair in seen:
            self._family[pair.official].add(pair.kin.relative)

    def judge(self, pair: Seen) -> tuple[Outcome, tuple[Declared, ...]]:
        """Say whether a form of the official had to list a relative, and whether it did.

        Returns
        -------
        (outcome, forms)
            Forms are those in which the relative is missed, the latest first; empty unless
            ``absent``.
        """
        filings, undated = self._required(pair)
        if not filings:
            return ("undated" if undated else "not_required"), ()
        rows = self._rows[pair.official]
        explained: list[Outcome] = []
        absent = []
        for filing in filings:
            why = self._explain(pair, filing, rows)
            if why == "absent":
                absent.append(filing)
            else:
                explained.append(why)
        if absent:
            return "absent", tuple(absent)
        # 已如实填报 counts only where no form needed an explanation.
        return next((w for w in explained if w != "declared"), "declared"), ()

    def _required(self, pair: Seen) -> tuple[list[Declared], bool]:
        """The latest filing of each form that asks for the relation, latest first."""
        grouped: dict[str, dict[date | None, list[dict[str, Any]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in self._rows[pair.official]:
            if row["form"]:
                grouped[row["form"]][row["filed_on"]].append(row)
        filings, undated = [], False
        for form, by_day in sorted(grouped.items()):
            rule = next((r for r in self._rules if r.word in form), None)
            if rule is None or not within(pair.kin.term, rule.shapes):
                continue
            days = [d for d in by_day if d is not None]
            undated |= not days
            if days:
                filings.append(Declared(form, max(days), rule, tuple(by_day[max(days)])))
        return sorted(filings, key=lambda f: (-f.filed_on.toordinal(), f.form)), undated

    def _explain(self, pair: Seen, filing: Declared, rows: list[dict[str, Any]]) -> Outcome:
        listed = [r for r in filing.rows if _is(r, pair)]
        if listed:
            shapes = _shapes(pair.kin.term)
            same = any(_shapes(r["relation"]) & shapes for r in listed)
            return "declared" if same else "other_term"
        others = self._family[pair.official] - {pair.kin.relative}
        if any(_misspelt(r, pair, others) for r in filing.rows):
            return "other_name"
        if any(_is(r, pair) for r in rows):
            return "other_form"
        if pair.death is not None and pair.death <= filing.filed_on:
            return "deceased"
        if pair.collective:
            return "collective"
        end = pair.kin.edge["end_date"]
        if end is not None and end < filing.filed_on:
            return "ended"
        if pair.known_since is not None and pair.known_since > filing.filed_on:
            return "after_filing"
        return "absent"


def _shapes(term: str | None) -> set[str]:
    return {r.shape for r in parse_term(term or "")}


def _is(row: dict[str, Any], pair: Seen) -> bool:
    """Tell whether a row of a form names the relative; it clears, so a name is enough."""
    return (
        row["relative_name_entity"] == pair.kin.relative
        or row["relative_name_entity"] in pair.others
        or row["relative_name"] == pair.name
    )


def _misspelt(row: dict[str, Any], pair: Seen, family: set[str]) -> bool:
    """Tell whether a row names the relative with one character or one digit wrong.

    A brother's name often differs in one character too: a row that registers tie to another member
    of the family, or whose number or birth date says otherwise, is that other person.
    """
    if not _shapes(row["relation"]) & _shapes(pair.kin.term):
        return False
    if row["relative_name_entity"] in family:
        return False
    number = row["relative_id_number"]
    if number and pair.number and len(number) == len(pair.number):
        return _apart(number, pair.number) <= 1
    born = row["relative_birth_date"]
    if born is not None and pair.birth is not None and born != pair.birth:
        return False
    name = row["relative_name"]
    return len(name) == len(pair.name) > 1 and _apart(name, pair.name) == 1


def _apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))
