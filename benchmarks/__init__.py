"""Measurements against honest rivals; run with ``make bench``."""
