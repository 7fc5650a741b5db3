"""Handover files: what goes on paper from one office to another."""

from clues.handover.folder import make_handover
from clues.handover.options import FORMATS, HandoverOptions, HandoverResult

__all__ = ["FORMATS", "HandoverOptions", "HandoverResult", "make_handover"]
