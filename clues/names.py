"""Chinese names of what stands in clues as keys."""

from __future__ import annotations

from collections import Counter

from clues.model import Clue, ClueSubject
from detectors.discover import FAMILY_TITLES, discover

FAMILIES: dict[str, str] = FAMILY_TITLES
ROLES: dict[str, str] = {
    "official": "公职人员",
    "relative": "亲属",
    "company": "企业",
    "bidder": "投标人",
    "payee": "收款人",
    "purchaser": "采购人",
    "village": "村（社区）",
    "unit": "单位",
    "gang_member": "涉案人员",
    "handler": "经办人",
    "expert": "评委",
    "agent": "代理机构",
    "lessee": "承租人",
    "acquirer": "受让人",
    "inspector": "巡察人员",
    "group": "团体",
    "case_party": "案件当事人",
}
SUBJECT_KINDS: dict[str, str] = {
    "person": "人员",
    "company": "企业",
    "unit": "单位",
    "village": "村（社区）",
    "account": "账户",
    "group": "团体",
}
IDENTITIES: dict[str, str] = {
    "certain": "确定一致",
    "probable": "推断一致",
    "name_only": "仅姓名相同",
}
STATES: dict[str, str] = {
    "ruled_out": "已核对，不成立",
    "partly": "部分成立",
    "unknown": "未核对",
}
EVIDENCE_KINDS: dict[str, str] = {"row": "登记记录", "path": "关系路径", "statistic": "统计数据"}


def identity_text(clue: Clue) -> str:
    """How sure it is that the records joined belong together, in Chinese.

    A probability stands behind ``推断一致`` where there is one.
    """
    text = IDENTITIES[clue.identity["level"]]
    probability = clue.identity.get("probability")
    if clue.identity["level"] == "probable" and probability is not None:
        return f"{text}（概率{probability:.1%}）"
    return text


def subject_text(subject: ClueSubject) -> str:
    """Name and role of a subject: ``张某（公职人员）``."""
    return f"{subject.name}（{ROLES.get(subject.role, subject.role)}）"


def period_text(period: tuple[str, str] | None) -> str:
    """A period as people write it.

    Examples
    --------
    >>> period_text(("2021-03-01", "2023-06-30"))
    '2021-03-01至2023-06-30'
    >>> period_text(("2021-03-01", "2021-03-01"))
    '2021-03-01'
    """
    if period is None:
        return ""
    return period[0] if period[0] == period[1] else f"{period[0]}至{period[1]}"


def systemic_text(clue: Clue) -> str:
    """How common the same picture is among comparable places: ``个案（12个村中1个）``."""
    if clue.systemic is None:
        return ""
    kind = {"village": "村（社区）", "unit": "单位"}.get(clue.systemic["kind"] or "", "单位")
    return (
        f"{clue.systemic['label']}（可比的{clue.systemic['of']}个{kind}中，"
        f"{clue.systemic['showing']}个有同类情况）"
    )


def rule_title(detector: str) -> str:
    """Chinese title of a detector; its id where it is known no longer."""
    known = discover()
    return known[detector].spec.title if detector in known else detector


def absorbed_lines(clue: Clue) -> tuple[str, ...]:
    """One line a finding of another detector that this clue tells, with the id it would have had."""
    return tuple(f"{rule_title(a.detector)}：{a.title}（{a.id}）" for a in clue.absorbs)


def absorbed_counts(clue: Clue) -> str:
    """How many findings of which detectors a clue tells: ``共同投标团体1项、保证金同源2项``."""
    counts = Counter(rule_title(a.detector) for a in clue.absorbs)
    return "、".join(f"{title}{count}项" for title, count in counts.items())
