"""What a ring is made of, in words: reasons, kinds, innocent explanations, clauses, gaps, steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from detectors.bid_rigging._ring_sets import COMBINES, Sign, independent_kinds
from detectors.detector import KINDS, BenignResult, Finding, Reason, Row, Sentence, Statistic
from detectors.discover import discover
from detectors.evidence import first_rows

_STRENGTH = {"proof": 0, "strong": 1, "statistical": 2, "weak": 3}
_MOST_ROWS = 30
_MOST_STEPS = 10
_AUTHORITY = "由招标投标行政监督部门"
_MOST_GAPS = 10
Earlier = Mapping[str, tuple[Finding, ...]]


def title_of(detector: str) -> str:
    """Chinese title of a detector."""
    return discover()[detector].spec.title


def in_order(signs: Iterable[Sign]) -> dict[str, list[Sign]]:
    """Signs by detector, those that registers, machines or money show first."""
    found: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        found[sign.detector].append(sign)

    def place(key: str) -> tuple[int, int]:
        best = min(_STRENGTH[r.strength] for s in found[key] for r in s.reasons)
        return best, COMBINES.index(key)

    return {key: found[key] for key in sorted(found, key=place)}


def reasons(signs: Sequence[Sign]) -> list[Reason]:
    """One reason a detector and kind: the strongest, with how many more there are."""
    groups: dict[tuple[str, str], list[Reason]] = defaultdict(list)
    for key, mine in in_order(signs).items():
        for sign in mine:
            for reason in sign.reasons:
                groups[key, reason.kind].append(reason)
    out = []
    for (key, _), reasons in groups.items():
        spec = discover()[key].spec
        best = min(
            reasons,
            key=lambda r: (
                _STRENGTH[r.strength],
                r.q if r.q is not None else 1,
                -(r.effect or 0),
                r.text,
            ),
        )
        more = f"（共{len(reasons)}处）" if len(reasons) > 1 else ""
        figures = [c for c in best.cites if not isinstance(c, Row)]
        rows = first_rows(
            (c for r in (best, *reasons) for c in r.cites if isinstance(c, Row)), _MOST_ROWS
        )
        text = f"{spec.title}：{best.text.rstrip('。')}{more}"
        bound = best.orange_effect if best.orange_effect is not None else spec.orange_effect
        out.append(replace(best, text=text, cites=(*figures, *rows), orange_effect=bound))
    return out


def kinds_sentence(
    sure: Sequence[Sign], told: Mapping[str, list[Sign]], earlier: Earlier
) -> Sentence:
    """Say which independent kinds hold, what was looked for in vain, and what nobody could look at."""
    kinds = independent_kinds([r for s in sure for r in s.reasons])
    counted = {s.detector for s in sure}
    values = []
    for key in COMBINES:
        if key not in discover():
            continue
        if key in counted:
            state = "有"
        elif key in told:
            state = "有，身份尚待核实，未计入"
        else:
            state = "未见" if key in earlier else "未能核对"
        values.append((title_of(key), state))
    missed = [title for title, state in values if state == "未见"]
    unseen = [title for title, state in values if state == "未能核对"]
    text = f"相互独立、同时成立的迹象有{len(kinds)}类：{'、'.join(KINDS[k] for k in kinds)}"
    text += f"；已核对而未见的有：{'、'.join(missed)}" if missed else ""
    text += f"；因缺少数据未能核对的有：{'、'.join(unseen)}" if unseen else ""
    statistic = Statistic("各类迹象的核对情况", tuple(values))
    return Sentence(f"{text}。", (statistic,))


def benign_results(signs: Sequence[Sign]) -> tuple[BenignResult, ...]:
    """The ring's own explanations, and those of what it is made of that still stand."""
    order: tuple[Literal["partly", "unknown", "ruled_out"], ...] = (
        "partly",
        "unknown",
        "ruled_out",
    )
    # One that compared with the same market has answered for all.
    market = {b.state: b for s in signs for b in s.finding.benign if b.key == "small_market"}
    compared = market.get("partly") or market.get("ruled_out") or market.get("unknown")
    open_ties = (b for s in signs for b in s.finding.benign if b.key == "consortium")
    found = [
        compared
        or BenignResult("small_market", "unknown", "没有可比的同类项目，须了解当地有几家能做。"),
        BenignResult("hub", "ruled_out", "每名成员都与过半数的其他成员有关联。"),
        next((b for b in open_ties if b.state == "partly"), None)
        or BenignResult(
            "consortium", "unknown", "须核对投标文件中有无联合体协议，各成员是否属于同一集团。"
        ),
    ]
    for key, mine in in_order(signs).items():
        spec = discover()[key].spec
        for benign in spec.benign:
            results = [b for s in mine for b in s.finding.benign if b.key == benign.key]
            state = next((x for x in order if any(b.state == x for b in results)), None)
            if benign.key in ("small_market", "consortium") or state in (None, "ruled_out"):
                continue
            text = "；".join(
                dict.fromkeys(b.text.rstrip("。；") for b in results if b.state == state)
            )
            said = f"{spec.title}：{benign.text}"
            found.append(BenignResult(f"{key}.{benign.key}", state, f"{text}。", said))
    return tuple(found)


def legal(signs: Sequence[Sign], allowed: Sequence[str]) -> tuple[str, ...]:
    """Clauses that the signs themselves may cite."""
    cited: set[str] = set()
    for sign in signs:
        own = sign.finding.legal
        cited |= set(discover()[sign.detector].spec.legal if own is None else own)
    return tuple(key for key in allowed if key in cited)


def not_looked_at(earlier: Earlier) -> list[str]:
    """One line a detector whose findings are wanted and that couldn't run."""
    known = discover()
    return [
        f"未能核对“{title_of(key)}”（缺少所需数据或未运行）"
        for key in COMBINES
        if key in known and key not in earlier
    ]


def gaps(signs: Sequence[Sign], earlier: Earlier) -> tuple[str, ...]:
    """What couldn't be looked at, and what the signs themselves lacked."""
    own = dict.fromkeys(gap for s in signs for gap in s.finding.data_gaps)
    return (*(f"{note}。" for note in not_looked_at(earlier)), *list(own)[:_MOST_GAPS])


def steps(signs: Sequence[Sign], own: Sequence[str]) -> tuple[str, ...]:
    """The ring's own steps, then those of the strong signs."""
    found = dict.fromkeys(own)
    for sign in signs:
        if sign.strong:
            theirs = sign.finding.next_steps
            known = discover()[sign.detector].spec.next_steps
            found |= dict.fromkeys(known if theirs is None else theirs)
    # Each asks for a finding of the authority in words of its own: once is enough.
    last = own[-1]
    kept = [step for step in found if not step.startswith(_AUTHORITY)]
    return (*kept[:_MOST_STEPS], last)
