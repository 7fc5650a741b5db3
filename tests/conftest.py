"""Property tests look for new examples on every desk and try the same ones in CI."""

from __future__ import annotations

import os

from hypothesis import settings

# Run by an interpreter of its own, which has the official library.
collect_ignore = ["ftm_oracle.py"]

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
