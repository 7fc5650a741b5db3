"""Which buyers lie in an official's area or field, and by which row that is known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from detectors.detector import Row
from detectors.evidence import among, records
from detectors.related_party._words import POST_COLUMNS

# Tables that say in which township a village lies, the surest first.
_PLACES = ("officials", "village_projects", "contracts", "tenders", "leases", "people")
_PLACE_TITLES = {
    "officials": "任职记录",
    "village_projects": "村级项目记录",
    "contracts": "合同记录",
    "tenders": "招标项目记录",
    "leases": "资源发包记录",
    "people": "人员记录",
}
_COMMITTEE = re.compile(
    r"(村民委员会|居民委员会|村委会|居委会|股份经济合作社|股份经济合作联合社|经济合作社|"
    r"经济联合社|村务监督委员会|党总支|党支部|党委)$"
)
_VILLAGE = re.compile(r"(村|社区|居)$")
_ABOVE = re.compile(r"^.{2,8}?[县区市旗](?=..)")
_TOWNSHIP = re.compile(r".{2,}(镇|乡|街道)$")
# What may follow a township's name in the name of its own bodies.
_OFFICES = re.compile(
    r"^(人民政府|政府|人大主席团|人大|党委|党工委|纪委|委员会|办事处|街道办事处|工作委员会)?$"
)
_MARKS = re.compile(r"[、，,；;/\s]+")


class AreaSettings(Protocol):
    """The settings that say who is in charge of what."""

    @property
    def township_posts(self) -> tuple[str, ...]:
        """Words in a post that put a whole township in its holder's charge."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of work: 字样=采购单位字样/项目类别字样, words parted by 、."""


@dataclass(frozen=True)
class Area:
    """A buyer in the area or field of a post.

    ``near``: what to say before the buyer's name; ``why``: a sentence with ``{unit}``; ``lots``:
    only these lots of the buyer, None for all it buys.
    """

    post_row: int
    unit: str
    near: str
    why: str
    rows: tuple[Row, ...]
    lots: frozenset[str] | None = None


def areas(
    snapshot: Any, buyers: set[str], settings: AreaSettings
) -> tuple[list[Area], tuple[str, ...]]:
    """Find for every post the buyers, other than the own unit, in its area or field.

    Parameters
    ----------
    snapshot : graph.snapshot.Snapshot
    buyers : set of str
        Entities that buy.
    settings : AreaSettings

    Returns
    -------
    list of Area, tuple of str
        One area a post and buyer: a township before a named duty, a duty before a field. Then the
        buyers left out since their village's name stands under several townships.
    """
    posts = _posts(snapshot)
    entities = snapshot.entities.select("entity", "name")
    named = {r["entity"]: str(r["name"]) for r in records(among(entities, "entity", buyers))}
    seats, unclear = _seats(snapshot, named)
    towns = {town for town, _ in seats.values()}
    lots = _lots_by_category(snapshot)
    fields = [_Field.read(text) for text in settings.fields]
    by_town: dict[str, list[str]] = defaultdict(list)
    for unit, (town, _) in sorted(seats.items()):
        by_town[town].append(unit)
    found: dict[tuple[int, str], Area] = {}
    for post in posts:
        for area in (
            *_township(post, towns, by_town, seats, settings),
            *_named_duty(post, named),
            *_in_field(post, named, lots, fields),
        ):
            if area.unit not in (post["organization_entity"], post.get("village_entity")):
                found.setdefault((area.post_row, area.unit), area)
    return [found[key] for key in sorted(found)], unclear


def _posts(snapshot: Any) -> list[dict[str, Any]]:
    table = snapshot.table("officials")
    return [p for p in records(table) if p["name_entity"] and p["organization_entity"]]


def _post_row(post: dict[str, Any], *more: str) -> Row:
    return Row("officials", post["row_id"], "任职记录", (*POST_COLUMNS, *more))


def village_base(name: str) -> str | None:
    """The village that a committee or collective belongs to, None where it is none.

    Examples
    --------
    >>> village_base("东关村村民委员会"), village_base("县水利局")
    ('东关村', None)
    """
    base = _COMMITTEE.sub("", name)
    base = _COMMITTEE.sub("", base)
    base = _ABOVE.sub("", base)
    base = re.sub(r"^.{2,6}?(?:镇|乡|街道)(?=.{2,}$)", "", base)
    return base if _VILLAGE.search(base) else None


def township_name(text: str | None) -> str | None:
    """A township's name without the county before it.

    Examples
    --------
    >>> township_name("江州县河口镇"), township_name("县水利局")
    ('河口镇', None)
    """
    name = _ABOVE.sub("", (text or "").strip())
    return name if _TOWNSHIP.match(name) else None


# -- townships -----------------------------------------------------------------------------------


def _seats(
    snapshot: Any, named: dict[str, str]
) -> tuple[dict[str, tuple[str, Row | None]], tuple[str, ...]]:
    """Township of each buyer that lies in one, with a row that says so.

    A village name that stands under two townships says nothing of where a buyer lies.
    """
    towns: dict[str, dict[str, Row]] = defaultdict(dict)
    for table_name in _PLACES:
        if not snapshot.has(table_name, "village", "township"):
            continue
        table = snapshot.table(table_name)
        pairs = table.filter(table.village.notnull() & table.township.notnull())
        for row in records(
            pairs.group_by("village", "township").agg(row_id=lambda t: t.row_id.min())
        ):
            base, town = village_base(row["village"]) or row["village"], row["township"]
            if known := township_name(town):
                title = _PLACE_TITLES[table_name]
                place = Row(table_name, row["row_id"], title, ("village", "township"))
                towns[base].setdefault(known, place)
    every = {town for found in towns.values() for town in found} | _known_towns(snapshot)
    seats: dict[str, tuple[str, Row | None]] = {}
    unclear = []
    for unit, name in named.items():
        base = village_base(name)
        written = next((t for t in sorted(every, key=len, reverse=True) if t in name), None)
        if written is not None and not _OFFICES.match(name.split(written, 1)[1]):
            seats[unit] = (written, None)
        elif base is not None and len(towns.get(base, ())) == 1:
            [(town, place)] = towns[base].items()
            seats[unit] = (town, place)
        elif base is not None and len(towns.get(base, ())) > 1:
            unclear.append(name)
    return seats, tuple(sorted(unclear))


def _known_towns(snapshot: Any) -> set[str]:
    if not snapshot.has("officials", "township"):
        return set()
    rows = records(snapshot.table("officials").select("township").distinct())
    return {town for row in rows if (town := township_name(row["township"]))}


def _township(
    post: dict[str, Any],
    towns: set[str],
    by_town: dict[str, list[str]],
    seats: dict[str, tuple[str, Row | None]],
    settings: AreaSettings,
) -> Iterator[Area]:
    if not any(word in (post["position"] or "") for word in settings.township_posts):
        return
    name = _ABOVE.sub("", post["organization"])
    for town in sorted(towns):
        if not name.startswith(town) or not _OFFICES.match(name.removeprefix(town)):
            continue
        for unit in by_town[town]:
            place = seats[unit][1]
            rows = (_post_row(post), *((place,) if place else ()))
            why = f"{{unit}}属{town}，在其任职辖区内"
            yield Area(post["row_id"], unit, "其辖区内的", why, rows)


# -- duties --------------------------------------------------------------------------------------


def _named_duty(post: dict[str, Any], named: dict[str, str]) -> Iterator[Area]:
    """Buyers that the duties name: 联系东关村, 分管中心小学."""
    duties = post["duties"] or ""
    if not duties:
        return
    for unit, name in sorted(named.items()):
        base = village_base(name) or name
        if len(base) >= 3 and base in duties:
            why = f"其分管工作写明“{base}”"
            yield Area(post["row_id"], unit, "其分管联系的", why, (_post_row(post, "duties"),))


@dataclass(frozen=True)
class _Field:
    """A field of work: words of it in duties, in names of buyers, in categories of lots."""

    words: tuple[str, ...]
    buyers: tuple[str, ...]
    categories: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> _Field:
        words, _, rest = text.partition("=")
        buyers, _, categories = rest.partition("/")
        return cls(_split(words), _split(buyers), _split(categories))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in _MARKS.split(text.strip()) if part)


def _in_field(
    post: dict[str, Any],
    named: dict[str, str],
    lots: dict[str, list[tuple[str, str]]],
    fields: list[_Field],
) -> Iterator[Area]:
    duties = post["duties"] or ""
    for field in fields:
        word = next((w for w in field.words if w in duties), None)
        if word is None:
            continue
        rows = (_post_row(post, "duties"),)
        why = f"其分管工作为“{duties}”"
        for unit, name in sorted(named.items()):
            if any(w in name for w in field.buyers):
                said = why + f"，{{unit}}属{word}领域"
                yield Area(post["row_id"], unit, f"其分管领域（{word}）内的", said, rows)
                continue
            mine = frozenset(
                lot for lot, category in lots.get(unit, ()) if any(w in category for w in field.categories)
            )  # fmt: skip
            if mine:
                said = why + f"，所列{{unit}}项目的类别属{word}领域"
                yield Area(post["row_id"], unit, f"其分管领域（{word}）内的", said, rows, mine)


def _lots_by_category(snapshot: Any) -> dict[str, list[tuple[str, str]]]:
    """Lots with their categories by purchaser."""
    if not snapshot.has("tenders", "purchaser", "category"):
        return {}
    table = snapshot.table("tenders").select("purchaser_entity", "lot_entity", "category")
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in records(table.filter(table.category.notnull()).distinct()):
        found[row["purchaser_entity"]].append((row["lot_entity"], row["category"]))
    return found
