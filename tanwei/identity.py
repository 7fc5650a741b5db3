"""Who is who, decided by people: which pairs wait, what was decided, what came of it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clues.casebook import Casebook, Entry, Pair, digest, open_casebook
from clues.write import read_jsonl
from detectors.evidence import records
from graph.resolve.decisions import Decision
from graph.schema import NODE_KINDS
from graph.snapshot import Snapshot
from ingest.errors import UserError
from ingest.masking import mask_text
from tanwei import audit
from tanwei.config import find_config, read_config
from tanwei.folders import RunFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

Verdict = Literal["same", "different"]
VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(("same", "同一人", "同一企业", "同一主体", "同一", "是"), "same"),
    **dict.fromkeys(
        ("different", "非同一人", "非同一企业", "非同一主体", "不是同一人", "不同", "否"),
        "different",
    ),
}
_BEARERS = re.compile(r"有\s*(\d+)\s*人叫这个名字")
_BIRTH = re.compile(r"(\d{4}-\d{2})-\d{2}(?=生)")
NEXT_RUN = "下次运行（tanwei run）时生效。"
# By these a reason speaks against, in what rules and model write.
_AGAINST = (
    "不同", "不符", "不一", "未见", "未写", "只写", "多出", "差一字", "不止", "分支机构", "两户", "更相符", "与此名称相符",
    "未予采纳", "两个", "有一字", "分不出", "同场投标",
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One of the two: its record group, what it would be called and told by, where it stands now."""

    group: str
    name: str
    detail: str
    entity: str


@dataclass(frozen=True)
class ReviewPair:
    """Two record groups that may be one party.

    ``id`` is short and the same in every run; ``clues`` and ``official`` say what a merge would
    touch; ``decided`` is the decision that holds, if any.
    """

    id: str
    kind: str
    one: Side
    other: Side
    verdict: str
    probability: float
    decided_by: str
    reasons: tuple[str, ...]
    clues: int = 0
    official: bool = False
    decided: Entry | None = None

    @property
    def pair(self) -> Pair:
        """The pair as the casebook holds it."""
        return Pair(self.kind, self.one.group, self.other.group, self.one.name, self.other.name)

    def supports(self) -> tuple[str, ...]:
        """Reasons that speak for one party."""
        return tuple(r for r in self.reasons if not _against(r))

    def objections(self) -> tuple[str, ...]:
        """Reasons that speak against it."""
        return tuple(r for r in self.reasons if _against(r))


def pair_id(kind: str, a: str, b: str) -> str:
    """Short id of a pair of record groups, whatever their order.

    Examples
    --------
    >>> pair_id("person", "p-1", "p-2") == pair_id("person", "p-2", "p-1")
    True
    """
    return hashlib.sha256(f"{kind}|{min(a, b)}|{max(a, b)}".encode()).hexdigest()[:8]


def verdict_of(text: str) -> Verdict:
    """The verdict that a word stands for.

    Examples
    --------
    >>> verdict_of("同一人"), verdict_of("different")
    ('same', 'different')
    """
    found = VERDICTS.get(text.strip())
    if found is None:
        raise UserError(f"认定只能写 same（同一人）或 different（非同一人），现为 {text}。")
    return found


def casebook_of(folder: RunFolder, config: Path | None = None) -> Casebook:
    """Open the casebook that a run read: by the configuration named, else by that of its data.

    Raises
    ------
    UserError
        If the run read another casebook than the one found now.
    """
    record = folder.record()
    path = find_config(Path(record.get("data_dir", "")), config)
    url = None
    if path is not None:
        from detectors.discover import discover

        url = read_config(path, discover()).casebook.url
    book = open_casebook(folder.out_dir, url)
    was = record.get("decisions", {}).get("casebook")
    if was != (book.where if url else None):
        used = was or "输出目录里的 casebook.db"
        raise UserError(
            f"上次运行用的案卷库是 {used}，与现在的配置不同。请用 --config 指明配置文件。"
        )
    return book


def review(
    snapshot: Snapshot,
    folder: RunFolder,
    book: Casebook,
    *,
    name: str | None = None,
    every: bool = False,
) -> list[ReviewPair]:
    """Return the pairs that wait for a person, the most useful first.

    Parameters
    ----------
    snapshot : Snapshot
    folder : RunFolder
    book : Casebook
    name : str, optional
        Only pairs in which a name contains this.
    every : bool
        Also pairs that rule, model or a person have settled.

    Returns
    -------
    list of ReviewPair
        First those a merge of which would touch clues, then officials, then the likeliest.
    """
    if "judgements" not in snapshot.tables():
        raise UserError("这次运行没有身份判断的记录，请用本版本重新运行（tanwei run）。")
    table = snapshot.table("judgements")
    if not every:
        table = table.filter((table.verdict == "unsure") & (table.entity_a != table.entity_b))
    if name is not None:
        table = table.filter(table.a_name.contains(name) | table.b_name.contains(name))
    clues = _clues_of(folder)
    officials = _officials(snapshot)
    held = {(e.a, e.b): e for e in book.entries() if e.undone_at is None}
    pairs = []
    for row in records(table):
        decided = held.get((min(row["a"], row["b"]), max(row["a"], row["b"])))
        if decided is not None and not every:
            continue
        entities = {row["entity_a"], row["entity_b"]}
        pairs.append(
            ReviewPair(
                id=pair_id(row["kind"], row["a"], row["b"]),
                kind=row["kind"],
                one=_side(row, "a"),
                other=_side(row, "b"),
                verdict=row["verdict"],
                probability=row["probability"],
                decided_by=row["decided_by"],
                reasons=tuple(mask_text(reason) for reason in row["reasons"]),
                clues=sum(clues[entity] for entity in entities),
                official=not officials.isdisjoint(entities),
                decided=decided,
            )
        )
    pairs.sort(key=lambda p: (-p.clues, not p.official, -p.probability, p.one.name, p.id))
    return pairs


def _side(row: Mapping[str, Any], which: str) -> Side:
    # The day stays masked, as in the number.
    detail = _BIRTH.sub(r"\1", mask_text(row[f"{which}_detail"] or ""))
    return Side(row[which], row[f"{which}_name"], detail, row[f"entity_{which}"])


def find_pair(snapshot: Snapshot, text: str) -> Pair:
    """Return the pair of a short id (or its beginning), or of two ids joined by a comma.

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    ids = [part.strip() for part in text.replace("，", ",").split(",")]
    if len(ids) == 2 and all(ids):
        return pair_of(snapshot, *ids)
    every = {_pair(row) for row in records(_pairs(snapshot))}
    start = text.strip().lower()
    hits = [p for p in every if start and pair_id(p.kind, p.a, p.b).startswith(start)]
    if len(hits) == 1:
        return hits[0]
    if not hits:
        raise UserError(f"没有编号为 {text} 的待认定对。用 tanwei identity review 查看编号。")
    raise UserError(f"有 {len(hits)} 对的编号以 {text} 开头，请写全。")


def pair_of(snapshot: Snapshot, one: str, other: str) -> Pair:
    """Return the pair of two parties, each given by an id of a record group or of an entity.

    Raises
    ------
    UserError
        If they are the same, unknown, or of different kinds.
    """
    if one == other:
        raise UserError("两边是同一个编号，不必认定。")
    table, both = _pairs(snapshot), [one, other]
    groups = table.a.isin(both) & table.b.isin(both)
    entities = table.entity_a.isin(both) & table.entity_b.isin(both)
    rows = records(table.filter(groups | (entities & (table.entity_a != table.entity_b))))
    if rows:
        rows.sort(key=lambda row: (-((row["a"] in both) + (row["b"] in both)), row["a"], row["b"]))
        return _pair(rows[0])
    # Never compared: an entity goes by the id of its first record group.
    found = {party: _party(snapshot, party) for party in both}
    kinds = {kind for kind, _ in found.values()}
    if len(kinds) > 1 or not kinds <= {"person", "company"}:
        words = "、".join(sorted(NODE_KINDS[kind] for kind in kinds))  # type: ignore[index]
        raise UserError(f"只能认定两个人员或两家企业是不是同一主体，现为：{words}。")
    return Pair(kinds.pop(), one, other, found[one][1], found[other][1])


def _pairs(snapshot: Snapshot) -> Any:
    return snapshot.table("judgements").select(
        "kind", "a", "b", "a_name", "b_name", "entity_a", "entity_b"
    )


def _pair(row: Mapping[str, Any]) -> Pair:
    return Pair(row["kind"], row["a"], row["b"], row["a_name"], row["b_name"])


def _party(snapshot: Snapshot, party: str) -> tuple[str, str]:
    """Kind and name of an entity or a record group."""
    held = records(snapshot.entities.filter(snapshot.entities.entity == party))
    if held:
        return held[0]["kind"], held[0]["name"]
    table = _pairs(snapshot)
    for row in records(table.filter((table.a == party) | (table.b == party)).limit(1)):
        return row["kind"], row["a_name"] if row["a"] == party else row["b_name"]
    raise UserError(f"没有编号为 {party} 的人员或企业。")


def decide(
    folder: RunFolder, book: Casebook, pair: Pair, verdict: Verdict, *, by: str, reason: str | None
) -> Entry:
    """Write a decision into the casebook and the audit log: into both or neither."""
    return book.decide(
        pair,
        verdict,
        by=by,
        reason=reason,
        run=folder.run_id,
        note=lambda entry: _log(folder, "decide", entry, entry.made_by, entry.reason),
    )


def undo(folder: RunFolder, book: Casebook, decision: int, *, by: str, reason: str | None) -> Entry:
    """Take a decision back, in casebook and audit log."""
    return book.undo(
        decision,
        by=by,
        reason=reason,
        note=lambda entry: _log(folder, "undo", entry, entry.undone_by, entry.undone_reason),
    )


def outcome(snapshot: Snapshot, decisions: Sequence[Decision], url: str | None) -> dict[str, Any]:
    """What came of the decisions in a run, for ``run.json``."""
    table = snapshot.table("judgements").select("kind", "a", "b", "decided_by")
    judged: dict[tuple[str, str, str], set[str]] = {}
    for row in records(table) if decisions else ():
        judged.setdefault((row["kind"], row["a"], row["b"]), set()).add(row["decided_by"])
    applied = sum("analyst" in by for by in judged.values())
    refused = sum(
        "analyst" not in by
        for d in decisions
        if (by := judged.get((d.kind, min(d.a, d.b), max(d.a, d.b)))) is not None
    )
    return {
        "casebook": Casebook(url).where if url else None,
        "sha256": digest(decisions),
        "given": len(decisions),
        "applied": applied,
        "refused": refused,
        # Of parties that are not, or no longer, in the data.
        "not_found": max(0, len(decisions) - applied - refused),
    }


def _log(
    folder: RunFolder, action: audit.Action, entry: Entry, who: str | None, reason: str | None
) -> None:
    detail = {
        "decision": entry.id, "by": who, "kind": entry.kind, "a": entry.a, "b": entry.b,
        "verdict": entry.verdict, "run": folder.run_id,
    }  # fmt: skip
    audit.append(folder.out_dir, action, detail, reason)


def _against(reason: str) -> bool:
    bearers = _BEARERS.search(reason)
    if bearers is not None:
        # A name that only one has is good evidence; a common one is none.
        return int(bearers[1]) > 1
    return any(mark in reason for mark in _AGAINST)


def _clues_of(folder: RunFolder) -> Counter[str]:
    """How many clues an entity stands in, as a subject or on the path."""
    found: Counter[str] = Counter()
    for clue in read_jsonl(folder.clues):
        nodes = clue.path.nodes if clue.path else ()
        found.update({s.entity for s in clue.subjects} | {n.entity for n in nodes})
    return found


def _officials(snapshot: Snapshot) -> set[str]:
    if not snapshot.has("officials", "name"):
        return set()
    named = snapshot.table("officials").select("name_entity").distinct()
    return {row["name_entity"] for row in records(named)}
