"""What a handover is made with, and what it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.errors import UserError

FORMATS = ("docx", "pdf", "html", "xlsx")


@dataclass(frozen=True)
class HandoverOptions:
    """How the files of a handover are made.

    Parameters
    ----------
    formats : tuple of str
        Which of docx, pdf, html, xlsx; pictures and the list of files are always made.
    approved_by, approval_no : str or None
        Who approved the matter as a 问题线索 and under what number; both or neither.
    unmask_reason : str or None
        Given: the sealed 身份核对表 with full numbers is made, and the reason stands in it.
    office : str
        Name of the office that hands over; empty leaves a line to fill in.
    exported_by : str
        Who made the files.
    exported_at : datetime or None
        When; None: now.
    run : mapping
        The record of the run (``run.json``): inputs, detectors with parameters and versions.
    """

    formats: tuple[str, ...] = FORMATS
    approved_by: str | None = None
    approval_no: str | None = None
    unmask_reason: str | None = None
    office: str = ""
    exported_by: str = ""
    exported_at: datetime | None = None
    run: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = [name for name in self.formats if name not in FORMATS]
        if unknown or not self.formats:
            raise UserError(
                f"不认识的格式：{'、'.join(unknown) or '（空）'}。可用：{'、'.join(FORMATS)}，用逗号隔开。"
            )
        if bool(self._text(self.approved_by)) != bool(self._text(self.approval_no)):
            raise UserError(
                "审批信息不全：--approved-by（批准人）和 --approval-no（批准文号）须同时给出。"
            )
        if self.unmask_reason is not None and not self.unmask_reason.strip():
            raise UserError("导出完整号码须写明理由：请用 --reason 说明用途。")

    @staticmethod
    def _text(value: str | None) -> str:
        return (value or "").strip()

    @property
    def approved(self) -> bool:
        """Whether a leader approved the matter as a 问题线索."""
        return bool(self._text(self.approved_by))


@dataclass(frozen=True)
class HandoverResult:
    """The folder and the files in it, by name, the list of files last.

    ``kept`` is the folder to which an earlier, hand-edited version was moved, or None.
    """

    folder: Path
    files: tuple[str, ...]
    kept: Path | None = None
