"""Handover files: what goes on paper from one office to another."""

from clues.handover.folder import folder_name, make_handover
from clues.handover.options import FORMATS, HandoverOptions, HandoverResult

__all__ = ["FORMATS", "HandoverOptions", "HandoverResult", "folder_name", "make_handover"]
