"""A run opened for a closer look, in Jupyter or a script."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
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
from tanwei import folders, jupyter, tables
from tanwei.views import Candidate, Candidates, ClueList, ClueView, Drawing, Explanation

if TYPE_CHECKING:
    import pandas as pd

    from clues.handover.options import HandoverResult
    from tanwei.export import ExportResult

MOST_CANDIDATES = 50
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
            name, those whose name contains it.

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
        if not found:
            found = records(entities.filter(entities.name.contains(text)).limit(10_000))
        found.sort(key=lambda row: (row["name"], row["kind"], row["detail"] or "", row["entity"]))
        return Candidates(self._candidate(row) for row in found[:MOST_CANDIDATES])

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

    def path(self, one: str, other: str, max_hops: int = 4) -> Drawing:
        """Return the shortest ties between two parties as a picture.

        Parameters
        ----------
        one, other : str
            Names or entity ids.
        max_hops : int
            Edges at most.

        Raises
        ------
        UserError
            If a name is unknown or ambiguous, or there is no tie within ``max_hops``.
        """
        from graph.project import between, picture

        found = between(self.snapshot, self.entity(one), self.entity(other), max_hops)
        return Drawing(_masked(picture(found)))

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
