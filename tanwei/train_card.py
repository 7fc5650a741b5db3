"""The model card of a trained model, for people who must decide whether to rely on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from detectors.bid_rigging._features import LABELS
from detectors.bid_rigging._training import Interval, Training
from tanwei.verified import Verified

_SAME_AS_CHANCE = 0.5


def card(training: Training, verified: Verified, rest_clean: bool) -> str:
    """Write the card.

    Parameters
    ----------
    training : Training
    verified : Verified
    rest_clean : bool
        Whether lots without a label were taken for clean.

    Returns
    -------
    str
        Markdown in Chinese.
    """
    model, judged = training.model, training.judged
    parts = [
        "# 围标团伙模型说明",
        "模型给出的是概率，只用于排序和提示，不是结论，也不单独构成疑点。",
        "## 用什么训练",
        _list(
            [
                f"数据截至 {model.trained_on}；查实标段 {model.rigged} 个，"
                f"{'查否和未列出的' if rest_clean else '查否'}标段 {model.clean} 个。",
                *(
                    ["未列出的标段按未见问题处理：其中若有未被发现的围标，概率会偏低。"]
                    if rest_clean
                    else []
                ),
                f"没有明确结论、未使用的 {verified.left_out} 条；数据中找不到对应的结论 {len(verified.unknown)} 条。",
                "特征只有报价（与同类别、同规模、同投标家数的标段相比）和同场投标团体的情况；"
                "不用年份、企业身份和数据行数。",
            ]
        ),
        "## 在没有参与训练的企业身上检验",
        f"按投标圈把企业分开，用其他企业的标段训练、在这些企业的标段上检验：{judged.lots} 个标段"
        f"（查实 {judged.rigged} 个），{judged.folds} 组。括号内为 95% 区间（对标段重抽样）。",
        _table(
            ("指标", "数值", "怎么看"),
            [
                (
                    "AUC",
                    _told(judged.auc),
                    "任取一个查实、一个查否标段，查实的得分更高的机会；0.5 等于随机猜测",
                ),
                ("平均精确率", _told(judged.precision), "从高到低查下去，查到的标段中查实的比例"),
                (
                    f"同等投标家数、同一年份内的 AUC（{judged.pairs} 对）",
                    _told(judged.within),
                    "排除了“只学到投标家数和年份”之后的区分能力",
                ),
                (
                    "Brier 误差",
                    f"{judged.brier:.3f}（只报平均比例为 {judged.base_brier:.3f}）",
                    "概率与结果之差的平方均值，越小越好",
                ),
                (
                    "对照：只看投标家数的 AUC",
                    f"{judged.crowd:.2f}",
                    "模型应明显高于它",
                ),
                (
                    f"对照：最好的单一特征（{LABELS.get(judged.best_screen[0], '')}）的 AUC",
                    f"{judged.best_screen[1]:.2f}",
                    "在同一批标段上挑出来的，偏高",
                ),
            ],
        ),
        _verdict(training),
        "## 概率准不准",
        _table(
            ("标段数", "平均概率", "实际查实比例"),
            [(str(n), f"{mean:.2f}", f"{share:.2f}") for n, mean, share in judged.bins],
        ),
        "概率按训练样本中查实的比例校准。实际数据中围标的比例一般低于样本，概率因此偏高。",
        "## 各特征的作用",
        _table(
            ("特征", "作用占比", "方向"),
            [
                (LABELS[name], f"{share:.1%}", "越大越可疑" if direction > 0 else "越小越可疑")
                for name, share, direction in training.contributions
                if share >= 0.005
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(training: Training) -> str:
    judged = training.judged
    if math.isnan(judged.within.value):
        return "**没有投标家数和年份都相同的查实、查否标段可比，不能排除模型只学到了这两项。**"
    if math.isnan(judged.within.low) or judged.within.low <= _SAME_AS_CHANCE:
        return "**在同等投标家数、同一年份内，不能认定模型优于随机猜测：其概率只宜参考。**"
    return "在同等投标家数、同一年份内，模型仍明显优于随机猜测。"


def _told(figure: Interval) -> str:
    if math.isnan(figure.value):
        return "无法计算"
    if math.isnan(figure.low):
        return f"{figure.value:.2f}（区间无法计算）"
    return f"{figure.value:.2f}（{figure.low:.2f}—{figure.high:.2f}）"


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = [f"| {' | '.join(headers)} |", f"| {' | '.join('---' for _ in headers)} |"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])
