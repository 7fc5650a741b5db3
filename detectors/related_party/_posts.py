"""Officials' posts, and what kind of post they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from detectors.evidence import records
from detectors.related_party._reach import tenure_end

Span = tuple[date | None, date | None]
"""First and last day, both included; None: unknown, or still on."""


def posts_by_official(snapshot: Any) -> dict[str, list[dict[str, Any]]]:
    """Rows of ``officials`` by the person's entity, each person's posts by start."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for post in records(snapshot.table("officials")):
        if post["name_entity"] and post["organization_entity"]:
            found[post["name_entity"]].append(post)
    for posts in found.values():
        posts.sort(key=lambda p: (str(p["start_date"]), str(p["end_date"]), p["organization"]))
    return found


def in_village(post: dict[str, Any]) -> bool:
    """Tell whether a post is one of a village or neighbourhood committee."""
    kind = post["identity_type"] or ""
    return any(word in kind for word in ("村", "社区"))


def civil_servant(post: dict[str, Any]) -> bool:
    """Tell whether the law of civil servants applies to a post."""
    kind = post["identity_type"] or ""
    return "公务员" in kind or "参公" in kind or "参照" in kind


def tenure(post: dict[str, Any], elections: Iterable[str]) -> Span:
    """When a post was held; village posts without an end run to the next election."""
    return post["start_date"], tenure_end(post, elections)


def overlap(*spans: Span) -> Span | None:
    """The time in which all spans hold, or None where they never do together.

    Examples
    --------
    >>> overlap((date(2020, 1, 1), None), (None, date(2021, 1, 1)))
    (datetime.date(2020, 1, 1), datetime.date(2021, 1, 1))
    >>> overlap((date(2020, 1, 1), None), (None, date(2019, 1, 1))) is None
    True
    """
    starts = [start for start, _ in spans if start is not None]
    ends = [end for _, end in spans if end is not None]
    first, last = max(starts, default=None), min(ends, default=None)
    if first is not None and last is not None and first > last:
        return None
    return first, last


def within(day: date, span: Span) -> bool:
    """Tell whether a day lies in a span."""
    return overlap((day, day), span) is not None
