"""Innocent explanations of a relative's firm: dates, open competition, recusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from detectors.detector import BenignResult
from detectors.related_party._reach import Case
from detectors.related_party._supplies import Supply


class CompetitionSettings(Protocol):
    """The settings that the check of open competition needs."""

    @property
    def least_bidders(self) -> int:
        """Bidders from which an open tender counts as competitive."""

    @property
    def market_ratio(self) -> float:
        """Most award ÷ ceiling price, 0–1, of a competitive price."""


_BENIGN_ORDER = ("tenure", "kin_ended", "tie_ended")
RECUSED = BenignResult("recused", "unknown", "现有数据不能反映本人是否报告和回避，须向其单位核实。")


def time_results(case: Case) -> tuple[BenignResult, ...]:
    texts = {
        "tenure": "所列事项均在任职期间",
        "kin_ended": "所列事项发生时未见亲属关系终止的记录",
        "tie_ended": "所列事项发生时亲属在企业的任职或持股有效",
    }
    results = []
    for key in _BENIGN_ORDER:
        also = case.failed.count(key)
        text = texts[key] + (f"；另有{also}项因此已排除" if also else "") + "。"
        results.append(BenignResult(key, "partly" if also else "ruled_out", text))
    return tuple(results)


@dataclass(frozen=True)
class Competition:
    """How many of the lots were won in open competition at a competitive price."""

    open_lots: int
    unknown: int
    projects: int

    @property
    def all(self) -> bool:
        return self.open_lots == self.projects

    @property
    def state(self) -> str:
        if self.open_lots:
            return "partly"
        return "unknown" if self.unknown else "ruled_out"

    def result(self) -> BenignResult:
        if self.open_lots:
            text = f"{self.projects}项中有{self.open_lots}项经公开招标、投标家数充分且中标价低于最高限价。"
            return BenignResult("competitive", "partly", text)
        if self.unknown:
            text = "招标方式、投标家数或最高限价数据不全，不能判断是否充分竞争。"
            return BenignResult("competitive", "unknown", text)
        return BenignResult("competitive", "ruled_out", "所列项目均不属于充分竞争的公开招标。")


def competition(
    supplies: list[Supply], bidders: dict[str, int], settings: CompetitionSettings
) -> Competition:
    competitive = unknown = 0
    for s in supplies:
        if s.kind != "lot":
            unknown += s.kind == "contract"
            continue
        count = bidders.get(s.entity or "")
        if not s.method or count is None or s.amount is None or not s.ceiling:
            # A method other than open tender is an answer, whatever else is missing.
            unknown += not s.method or "公开" in s.method
            continue
        ratio = float(round(s.amount / s.ceiling, 4))
        competitive += (
            "公开" in s.method
            and count >= settings.least_bidders
            and ratio <= settings.market_ratio
        )
    return Competition(competitive, unknown, len(supplies))
