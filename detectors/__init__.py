"""Detectors: one file each, found by folder (``detectors/<family>/<name>.py``)."""
