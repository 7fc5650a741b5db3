"""A run opened for a closer look, in Jupyter or a script."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from clues.model import Clue
from clues.write import read_jsonl
from detectors.evidence import records
from graph.picture import Picture
from graph.schema import NODE_KINDS
from graph.snapshot import Snapshot
from ingest.errors import UserError
from ingest.masking import mask_account, mask_id, mask_phone, mask_text
from tanwei import explain as explaining
from tanwei import folders, jupyter, relations, tables
from tanwei.relations import Ties
from tanwei.views import (
    Candidate,
    Candidates,
    ClueList,
    ClueView,
    Drawing,
    Explanation,
    TieView,
)

if TYPE_CHECKING:
    import pandas as pd

    from clues.conclusions import Conclusion
    from clues.handover.options import HandoverResult
    from tanwei.export import ExportResult
    from tanwei.identity_views import Decisions, IdentityReview

MOST_CANDIDATES = 50
MOST_DRAWN = 5
"""Explanations of a tie that are drawn; all are told."""
_MASKS = {"person": mask_id, "account": mask_account, "phone": mask_phone}


def open_workspace(path: str | PathLike[str]) -> Workspace:
    """Open an output folder or a run folder; see :func:`tanwei.open`."""
    jupyter.prepare()
    return Workspace(folders.resolve(Path(path)))


class Workspace:
    """One run: its clues, who is who, the graph around somebody, and the tables.

    Numbers are masked everywhere; full ones only come with a reason, which goes into the audit log.
    """

    def __init__(self, folder: folders.RunFolder) -> None:
        self.folder = folder

    # -- clues -----------------------------------------------------------------------------------

    @cached_property
    def clues(self) -> ClueList:
        """The clues in their order: level, score, amount."""
        return ClueList(
            ClueView(clue, explaining.explain) for clue in read_jsonl(self.folder.clues)
        )

    def explain(self, clue: str | Clue | ClueView) -> Explanation:
        """Return a clue in plain Chinese with its evidence and where each piece stands.

        Parameters
        ----------
        clue : str, Clue or ClueView
            An id may be cut short as long as it stays unique.
        """
        return explaining.explain(self._clue(clue))

    def _clue(self, clue: str | Clue | ClueView) -> Clue:
        if isinstance(clue, str):
            return self.clues.by_id(clue).clue
        return clue.clue if isinstance(clue, ClueView) else clue

    # -- who is who ------------------------------------------------------------------------------

    def find(self, name: str) -> Candidates:
        """Return everybody and everything of a name, namesakes told apart.

        Parameters
        ----------
        name : str
            A name, an entity id, a full identity number or a USCC. Where nothing has exactly this
            name, those who were joined under it (a former or short name), then those whose name
            contains it.

        Returns
        -------
        Candidates
            At most 50, ordered by name, kind, what tells them apart, and id.
        """
        text = name.strip()
        if not text:
            raise UserError("请写要查找的姓名、名称或编号。")
        entities = self.snapshot.entities
        exact = (entities.name == text) | (entities.entity == text) | (entities.number == text)
        found = records(entities.filter(exact))
        found = found or records(entities.filter(entities.entity.isin(self._also_called(text))))
        if not found:
            found = records(entities.filter(entities.name.contains(text)).limit(10_000))
        found.sort(key=lambda row: (row["name"], row["kind"], row["detail"] or "", row["entity"]))
        return Candidates(self._candidate(row) for row in found[:MOST_CANDIDATES])

    def _also_called(self, name: str) -> list[str]:
        """Entities that took in a record group of this name."""
        if "judgements" not in self.snapshot.tables():
            return []
        table = self.snapshot.table("judgements")
        hits = records(table.filter((table.a_name == name) | (table.b_name == name)))
        return sorted(
            {row[f"entity_{x}"] for row in hits for x in "ab" if row[f"{x}_name"] == name}
        )

    def _candidate(self, row: dict[str, Any]) -> Candidate:
        kind, number, birth = row["kind"], row["number"], row["birth_date"]
        mask = _MASKS.get(kind)
        return Candidate(
            entity=row["entity"],
            kind=NODE_KINDS[kind],
            name=_masked_name(kind, row["name"]),
            number=mask(number) if mask and number else number,
            # The day stays masked, as in the number.
            birth=f"{birth:%Y年%m月}" if birth else None,
            detail=row["detail"] or "",
            clues=self._clues_of[row["entity"]],
        )

    @cached_property
    def _clues_of(self) -> Counter[str]:
        return Counter(s.entity for view in self.clues for s in view.clue.subjects)

    def entity(self, name: str) -> str:
        """Return the entity id of a name that only one person, firm or unit has.

        Raises
        ------
        UserError
            If nobody has it, or several; the message lists them with the ids to use instead.
        """
        found = self.find(name)
        exact = [c for c in found if name in (c.entity, c.name)] or list(found)
        if len(exact) == 1:
            return exact[0].entity
        if not exact:
            raise UserError(f"没有找到“{name}”。请核对写法，或用 ws.find 按名称的一部分查找。")
        lines = "\n".join(f"  {line}" for line in Candidates(exact).lines())
        raise UserError(f"有 {len(exact)} 个“{name}”，请改用行末的编号指明是哪一个：\n{lines}")

    def relatives(self, name: str) -> Ties:
        """Return the kin of somebody, nearest first, each with the rows that say so.

        Parameters
        ----------
        name : str
            A name or an entity id.

        Raises
        ------
        UserError
            If the name is unknown or ambiguous.
        """
        return relations.relatives(self.snapshot, self.entity(name))

    def firms(self, name: str) -> Ties:
        """Return the firms in which somebody holds shares or an office; see ``relatives``."""
        return relations.firms(self.snapshot, self.entity(name))

    def dealings(self, firm: str) -> Ties:
        """Return what a firm won, signed and was paid by public bodies; see ``relatives``."""
        return relations.dealings(self.snapshot, self.entity(firm))

    @property
    def identity(self) -> Decisions:
        """What people decided about who is who, in order; those taken back too."""
        from tanwei.identity import casebook_of
        from tanwei.identity_views import Decisions

        return Decisions(casebook_of(self.folder).entries())

    def identity_review(
        self, name: str | None = None, limit: int = 20, *, every: bool = False
    ) -> IdentityReview:
        """Return the pairs that wait for a person, the most useful first.

        Parameters
        ----------
        name : str, optional
            Only pairs in which a name contains this.
        limit : int
            Pairs at most.
        every : bool
            Also pairs that rule, model or a person have settled.
        """
        from tanwei.identity import casebook_of, review
        from tanwei.identity_views import IdentityReview

        book = casebook_of(self.folder)
        found = review(self.snapshot, self.folder, book, name=name, every=every)
        return IdentityReview(found[:limit], len(found))

    def decide(
        self, one: str, other: str, verdict: str, *, by: str, reason: str | None = None
    ) -> Decisions:
        """Decide whether two parties are one; it holds from the next run on.

        Parameters
        ----------
        one, other : str
            Ids of record groups or entities, or names that only one party has. Or the short id of a
            pair of ``identity_review`` as ``one``, and ``other`` empty.
        verdict : str
            ``same`` or ``different``, 同一人 or 非同一人.
        by : str
            Who decides.
        reason : str, optional

        Returns
        -------
        Decisions
            The one just made.

        Raises
        ------
        UserError
            If a party is unknown or ambiguous, or a decision on the pair holds already.
        """
        from tanwei.identity import casebook_of, decide, find_pair, pair_of, verdict_of
        from tanwei.identity_views import Decisions

        if not other:
            pair = find_pair(self.snapshot, one)
        else:
            pair = pair_of(self.snapshot, self._party(one), self._party(other))
        book = casebook_of(self.folder)
        made = decide(self.folder, book, pair, verdict_of(verdict), by=by, reason=reason)
        return Decisions([made])

    def undo(self, decision: int, *, by: str, reason: str | None = None) -> Decisions:
        """Take a decision back; it holds from the next run on.

        Parameters
        ----------
        decision : int
            Its number in ``ws.identity``.

        Raises
        ------
        UserError
            If there is none of that number, or it has been taken back already.
        """
        from tanwei.identity import casebook_of, undo
        from tanwei.identity_views import Decisions

        book = casebook_of(self.folder)
        return Decisions([undo(self.folder, book, decision, by=by, reason=reason)])

    # -- what was found --------------------------------------------------------------------------

    def conclude(
        self, clue: str | Clue | ClueView, word: str, *, by: str, reason: str | None = None
    ) -> Conclusion:
        """Write down what was found when a clue was checked.

        Parameters
        ----------
        clue : str, Clue or ClueView
        word : str
            查实, 部分查实, 查否, 无法核实 or 澄清.
        by : str
            Who concludes.
        reason : str, optional
        """
        from tanwei.conclude import conclude
        from tanwei.identity import casebook_of

        book = casebook_of(self.folder)
        return conclude(self.folder, book, self._clue(clue), word, by=by, reason=reason)

    @property
    def conclusions(self) -> pd.DataFrame:
        """What was found so far, a row a conclusion in order; the last on a clue holds."""
        import pandas as pd

        from clues.conclusions import Conclusion, history
        from tanwei.identity import casebook_of

        found = [vars(c) for c in history(casebook_of(self.folder))]
        return pd.DataFrame(found, columns=list(Conclusion.__dataclass_fields__))

    def _party(self, text: str) -> str:
        """An id as it is, a name as the id of the only party that has it."""
        return text if re.fullmatch(r"[pc]-[0-9a-f]{16}", text) else self.entity(text)

    # -- the graph -------------------------------------------------------------------------------

    def ego(self, name: str, hops: int = 2) -> Drawing:
        """Return the neighbourhood of somebody as a picture.

        Parameters
        ----------
        name : str
            A name or an entity id.
        hops : int
            Edges away from the centre; hubs (an agent's telephone, a village) are not passed.

        Raises
        ------
        UserError
            If the name is unknown or ambiguous.
        """
        from graph.project import ego, picture

        return Drawing(_masked(picture(ego(self.snapshot, self.entity(name), hops))))

    def path(
        self, one: str, other: str, max_hops: int = 4, on: date | str | None = None
    ) -> TieView:
        """Explain how two parties are tied: one sentence a way, best first, and a picture.

        Parameters
        ----------
        one, other : str
            Names or entity ids.
        max_hops : int
            Edges at most.
        on : date or str, optional
            A day (``2021-04-01``): each sentence then says whether all of it held on that day.

        Raises
        ------
        UserError
            If a name is unknown or ambiguous, ``on`` is no date, or there is no tie within
            ``max_hops``.
        """
        from graph.paths import Search
        from graph.project import along, between, picture
        from graph.ties import explain_ties

        start, end = self.entity(one), self.entity(other)
        search = Search(max_hops)
        found = explain_ties(self.snapshot, start, end, search, _day(on))
        if not found.ties:
            between(self.snapshot, start, end, max_hops)  # says why
        shown = [path for tie in found.ties[:MOST_DRAWN] for path in tie.paths]
        drawn = _masked(picture(along(self.snapshot, start, end, shown)))
        hubs = "、".join(f"{_masked_name(h.kind, h.name)}（{h.degree} 方）" for h in found.hubs[:5])
        limit = f"共用者超过界限（电话、地址、账户、村 {search.hub_limit}，其他 {search.other_hub_limit}）"
        return TieView(
            drawn,
            tuple(mask_text(tie.sentence) for tie in found.ties),
            f"{limit}、没有经由的：{hubs}。" if hubs else "",
        )

    # -- tables ----------------------------------------------------------------------------------

    def tables(self) -> pd.DataFrame:
        """Return the tables of the run with their titles and numbers of rows."""
        return tables.overview(self.snapshot)

    def table(self, name: str, *, unmask: bool = False, reason: str | None = None) -> pd.DataFrame:
        """Return a table as a data frame, each row with file, sheet and row it came from.

        Parameters
        ----------
        name : str
            A table of ``ws.tables()``, or ``entities``, ``edges``, ``same_as``.
        unmask : bool
            Full numbers; needs a ``reason``, and both go into the audit log.
        reason : str, optional
            Why full numbers are needed.

        Raises
        ------
        UserError
            If there is no such table, or the reason is missing.
        """
        tables.check_name(self.snapshot, name)
        if unmask:
            from tanwei import audit

            detail = {"run": self.folder.run_id, "table": name}
            audit.append(self.folder.out_dir, "unmask", detail, reason)
        return tables.frame(self.snapshot, name, unmask=unmask)

    # -- the rest --------------------------------------------------------------------------------

    def runs(self) -> pd.DataFrame:
        """Return the runs of the output folder, the newest first."""
        import pandas as pd

        rows = [
            {
                "run": listed.run_id,
                "current": listed.current,
                "clues": (listed.record or {}).get("clues", {}).get("total"),
                "exit_status": (listed.record or {}).get("exit_status"),
                "as_of": (listed.record or {}).get("as_of"),
            }
            for listed in folders.list_runs(self.folder.out_dir)
        ]
        return pd.DataFrame(rows)

    def handover(
        self, subject: str | None = None, *, clue: str | None = None, **options: Any
    ) -> list[HandoverResult]:
        """Write handover files; see :class:`tanwei.handover.HandoverRequest` for the options.

        Returns
        -------
        list of HandoverResult
            One for each subject.
        """
        from tanwei.handover import HandoverRequest, hand_over

        clues = (clue,) if clue else ()
        return hand_over(self, HandoverRequest(subject=subject, clues=clues, **options))

    def export(self, format: str, **options: Any) -> ExportResult:
        """Write the graph for other tools; see :class:`tanwei.export.ExportRequest`.

        Parameters
        ----------
        format : str
            ``ftm`` (FollowTheMoney, JSON Lines), ``graphml`` or ``gexf``.
        **options
            ``out``, ``subject``, ``hops``, ``unmask``, ``reason``.

        Examples
        --------
        >>> ws.export("gexf", subject="张建国", hops=2)  # doctest: +SKIP
        """
        from tanwei.export import ExportRequest, export

        if options.get("out") is not None:
            options["out"] = Path(options["out"])
        return export(self, ExportRequest(format, **options))

    @cached_property
    def snapshot(self) -> Snapshot:
        """The run's store, opened read-only on first use."""
        return Snapshot.open(self.folder.snapshot)

    def close(self) -> None:
        """Close the store."""
        if "snapshot" in self.__dict__:
            self.snapshot.close()
            del self.__dict__["snapshot"]

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"探微工作区：{self.folder.path}，疑点 {len(self.clues)} 条"


def _day(on: date | str | None) -> date | None:
    if on is None or isinstance(on, date):
        return on
    try:
        return date.fromisoformat(on.strip())
    except ValueError:
        raise UserError(f"“{on}”不是日期。请写成 2021-04-01 这样。") from None


def _masked(picture: Picture) -> Picture:
    """Mask the numbers by which accounts and telephones go, and any in free text."""
    nodes = tuple(
        replace(n, name=_masked_name(n.kind, n.name), sub=mask_text(n.sub)) for n in picture.nodes
    )
    hidden = {old.name: new.name for old, new in zip(picture.nodes, nodes, strict=True)}
    title, note = picture.title, picture.note
    for full, shown in hidden.items():
        title, note = title.replace(full, shown), note.replace(full, shown)
    return replace(picture, nodes=nodes, title=title, note=note)


def _masked_name(kind: str, name: str) -> str:
    mask = _MASKS.get(kind)
    return mask(name) if mask and kind != "person" else name
