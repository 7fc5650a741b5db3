"""Telling a ring: who with whom how often, who won in turn, which signs, what was looked for in vain."""

from __future__ import annotations

import string
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from detectors.bid_rigging._lots import Lot
from detectors.bid_rigging._market import Bids
from detectors.bid_rigging._ring_lots import BIDS, COVER, Joint
from detectors.bid_rigging._ring_model import Chance
from detectors.bid_rigging._ring_sets import Sign
from detectors.bid_rigging._story import MOST_LOTS, Story, Told
from detectors.detector import Evidence, Identity, Row, Sentence, Statistic
from detectors.evidence import first_rows, weakest, yuan
from detectors.group import Group, GroupLot, GroupMember, GroupRival

_MOST_TURNS = 30
_MOST_SENTENCES = 3
# How a sentence on those of a part ends, where the part's name alone won't do.
_ENDS = {COVER: "，疑似陪标", BIDS: "，次数不足以说明问题"}
_RANK: dict[str, int] = {"certain": 0, "probable": 1, "name_only": 2}


def story_of(snapshot: Any, bids: Bids, joints: Sequence[Joint]) -> Story:
    """Fetch the rows, lots and names of all rings at once; of rivals only names are told."""
    told = []
    for joint in joints:
        firms = (*(m.firm for m in joint.members), *(r[0] for r in joint.rivals))
        told.append(Told(firms, tuple(one.lot for one in joint.lots)))
    return Story(snapshot, bids, told)


class Ring:
    """One ring: members in order, its lots, and the words for them."""

    def __init__(self, joint: Joint, story: Story) -> None:
        self.joint = joint
        self.story = story
        self.members = [m.firm for m in joint.members]
        self.letters = dict(zip(self.members, string.ascii_uppercase, strict=False))
        self.told = Told(tuple(self.members), tuple(one.lot for one in joint.lots))
        self.period = story.period(self.told)

    def entity(self, firm: int) -> str:
        """Entity id of a firm."""
        return self.story.bids.bidders[firm]

    def wins(self) -> list[tuple[int, int]]:
        """(lot, member) of lots that a member won, in order of day."""
        letters = self.letters
        return [(x.lot, x.winner) for x in self.joint.lots if x.winner in letters]

    def amounts(self) -> list[Decimal | None]:
        """What members' wins were worth."""
        return [self.story.award(lot) for lot, _ in self.wins()]

    def identity(self) -> tuple[Identity, float | None]:
        """How sure it is that the bids of each member are one firm's.

        A member needs two bids to meet the others twice: the second surest counts.
        """
        needed = []
        for firm in self.members:
            rows = (self.story.row(one.lot, firm) for one in self.joint.lots)
            joins = [(r["bidder_identity"], r["bidder_probability"]) for r in rows if r is not None]
            joins.sort(key=lambda j: (_RANK[j[0] or "certain"], -(j[1] or 0.0)))
            needed += joins[:2][-1:]
        return weakest(needed)

    # -- sentences -------------------------------------------------------------------------------

    def sentences(self) -> list[Sentence]:
        """Who, how often and since when together, who won, in which order, which part each had, who else was there."""
        return [
            self._who(),
            self._together(),
            *self._lasted(),
            *self._won(),
            self._parts(),
            *self._others(),
        ]

    def _who(self) -> Sentence:
        called = "、".join(f"{self.story.name(f)}（{self.letters[f]}）" for f in self.members)
        n = len(self.joint.lots)
        more = f"（证据列出前{MOST_LOTS}个）" if n > MOST_LOTS else ""
        text = f"{called}共{len(self.members)}家企业，在{n}个标段中半数以上成员同场投标{more}。"
        return Sentence(text, self.story.cited(self.told))

    def _together(self) -> Sentence:
        pairs = {p: n for p, n in self.joint.pairs.items() if set(p) <= set(self.members)}
        every = {
            (a, b): pairs.get((min(a, b), max(a, b)), 0)
            for i, a in enumerate(self.members)
            for b in self.members[i + 1 :]
        }
        most = max(every, key=lambda p: every[p])
        least = min(every, key=lambda p: every[p])
        if every[least] < every[most]:
            said = (
                f"两两同场最多的是{self._pair(most)}（{every[most]}个标段），"
                f"最少的是{self._pair(least)}（{every[least]}个标段）"
            )
        else:
            said = f"成员两两同场均为{every[most]}个标段"
        table = "；".join(f"{self._pair(p)} {n}" for p, n in every.items())
        statistic = Statistic(
            f"{len(self.members)}家成员在{len(self.joint.lots)}个共同标段中的同场次数",
            (("共同标段数", len(self.joint.lots)), ("两两同场的标段数", table)),
        )
        return Sentence(f"{said}。", (statistic,))

    def _pair(self, pair: tuple[int, int]) -> str:
        return f"{self.letters[pair[0]]}与{self.letters[pair[1]]}"

    def _won(self) -> list[Sentence]:
        wins = self.wins()
        known = sum(one.winner is not None for one in self.joint.lots)
        if not wins:
            return []
        worth = [a for a in self.amounts() if a is not None]
        total = f"，已知金额合计{yuan(sum(worth, Decimal(0)))}" if worth else ""
        counts = Counter(firm for _, firm in wins)
        each = "，".join(f"{self.letters[f]}{counts[f]}个" for f in self.members if counts[f])
        rest = f"；另有{known - len(wins)}个由其他企业中标" if known > len(wins) else ""
        rows = self.story.cited(self.told, winners=True)
        out = [Sentence(f"其中{len(wins)}个标段由成员中标{total}：{each}{rest}。", rows)]
        day = self.story.bids.day
        dated = [(lot, firm) for lot, firm in wins if not np.isnat(day[lot])]
        if len(dated) >= 3:
            order = "、".join(self.letters[firm] for _, firm in dated[:_MOST_TURNS])
            more = f"……（共{len(dated)}次）" if len(dated) > _MOST_TURNS else ""
            changes = sum(a != b for (_, a), (_, b) in pairwise(dated))
            statistic = Statistic(
                "成员中标的先后次序",
                (
                    ("次序", "、".join(self.letters[firm] for _, firm in dated)),
                    ("相邻两次中标人不同的次数", f"{changes}（共{len(dated) - 1}）"),
                ),
            )
            out.append(Sentence(f"按开标先后，成员中标依次为：{order}{more}。", (statistic,)))
        return out

    def _parts(self) -> Sentence:
        groups: dict[str, list[str]] = defaultdict(list)
        for m in self.joint.members:
            figure = f"投标{m.bids}次、中标{m.wins}次" if m.wins else f"投标{m.bids}次均未中标"
            groups[m.part].append(f"{self.letters[m.firm]}（{figure}）")
        said = "；".join(f"{'、'.join(who)}{_ENDS.get(part, part)}" for part, who in groups.items())
        values = tuple(
            (
                f"{self.letters[m.firm]} {self.story.name(m.firm)}",
                f"{m.part}：投标{m.bids}次，中标{m.wins}次"
                + (f"，各投标人机会均等时全部不中的概率{m.luck:.2g}" if not m.wins else ""),
            )
            for m in self.joint.members
        )
        statistic = Statistic("各成员在共同标段中的投标和中标次数", values)
        return Sentence(f"从次数看，{said}。", (statistic,))

    def _others(self) -> list[Sentence]:
        if not self.joint.rivals:
            return []
        said = "、".join(
            f"{self.story.name(firm)}（{lots}个标段，中标{wins}个）"
            for firm, lots, wins in self.joint.rivals[:3]
        )
        values = tuple(
            (self.story.name(firm), f"在{lots}个共同标段投标，中标{wins}个")
            for firm, lots, wins in self.joint.rivals
        )
        statistic = Statistic("同一市场内与成员同场较多的其他企业", values)
        return [
            Sentence(f"同场较多的其他企业有{said}，未列为成员，供对照。", (statistic,)),
        ]

    def _lasted(self) -> list[Sentence]:
        """Since when, until when, and who came or went, where that shows in all their bids."""
        values: tuple[tuple[str, str], ...] = self.story.lifetime(self.members, ())[1]
        if not values:
            return []
        statistic = Statistic("从各成员全部投标记录推算的起止时间（括号内为90%可信区间）", values)
        return list(self.story.lifetime(self.members, (statistic,))[0])

    # -- the picture -------------------------------------------------------------------------------

    def _lot(self, lot: int) -> Lot:
        return self.story.lots[self.story.bids.lots[lot]]

    def group(self) -> Group:
        """Members, rivals and lots for the picture."""
        worth: dict[int, Decimal] = defaultdict(Decimal)
        for (_, firm), amount in zip(self.wins(), self.amounts(), strict=True):
            worth[firm] += amount or 0
        inside = set(self.members)
        return Group(
            tuple(
                GroupMember(self.entity(m.firm), m.part, m.bids, m.wins, worth.get(m.firm))
                for m in self.joint.members
            ),
            tuple(GroupRival(self.entity(f), lots, wins) for f, lots, wins in self.joint.rivals),
            tuple((self.entity(a), self.entity(b), n) for (a, b), n in self.joint.pairs.items()),
            tuple(
                GroupLot(
                    self._lot(one.lot).name,
                    self._lot(one.lot).when,
                    self.story.award(one.lot),
                    tuple(self.entity(b) for b in one.bidders if b in inside),
                    None if one.winner is None else self.entity(one.winner),
                )
                for one in self.joint.lots
            ),
        )


def sign_sentences(title: str, signs: Sequence[Sign]) -> list[Sentence]:
    """Tell what one detector found of a ring: its own words, a few of them, and how many more.

    Parameters
    ----------
    title : str
        The detector's.
    signs : sequence of Sign
    """
    told: list[Sentence] = []
    for sign in signs:
        sentences = sign.finding.statement
        figures = [s for s in sentences if any(isinstance(c, Statistic) for c in s.cites)]
        only_figures = all(r.strength == "statistical" for r in sign.reasons)
        told += figures if only_figures and figures else sentences
    told = list(dict.fromkeys(told))
    shown, rest = told[:_MOST_SENTENCES], told[_MOST_SENTENCES:]
    if rest:
        cites: list[Evidence] = [c for s in rest for c in s.cites]
        rows = first_rows((c for c in cites if isinstance(c, Row)), limit=2 * MOST_LOTS)
        figures_ = tuple(c for c in cites if isinstance(c, Statistic))[:_MOST_SENTENCES]
        shown.append(Sentence(f"“{title}”另有{len(rest)}处同类情况。", (*figures_, *rows)))
    return shown


def chance_sentence(chance: Chance) -> Sentence:
    """Say what a model that learned from verified cases makes of a ring's lots."""
    model = chance.model
    statistic = Statistic(
        f"用查实的{model.rigged}个、查否的{model.clean}个标段训练的模型对各共同标段的判断",
        (
            ("共同标段数", chance.lots),
            ("平均概率", round(chance.mean, 3)),
            ("最低概率", round(chance.least, 3)),
            ("最高概率", round(chance.most, 3)),
            ("训练数据截至", model.trained_on),
        ),
    )
    text = (
        f"用核查过的案件训练的模型对这{chance.lots}个标段给出的围标概率平均为{chance.mean:.2f}"
        f"（{chance.least:.2f}至{chance.most:.2f}），仅供排序参考。"
    )
    return Sentence(text, (statistic,))
