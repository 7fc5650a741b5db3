"""Characters that are taken for each other: alike in sound (same reading) or in shape."""

from __future__ import annotations

from functools import cache

import duckdb
from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz

# Characters of names that differ by a stroke or a side and are mixed up in writing, scanning and
# typing by shape. Each group is taken as one shape; those that sound alike need no entry.
_SHAPES = (
    "未末 己已巳 士土 干千于 王玉主 田由甲申 白百自 木本术 今令 天夫 午牛 大太犬 人入 日曰目 晴睛清情倩请 "
    "桂佳挂 梅海悔 芬芳 明朋 杨扬 刚钢纲 俊峻竣 建健 伟炜玮讳 娟捐涓 珍诊 霞露 洁浩 志忠 银根 玲铃冷 "
    "辰晨 兰三 凤风 丽而 英莫 华毕 荣荥 春眷 秀季 红江 平乎 国园 林材 强弦 峰蜂锋 福富 祥详 贵责 "
    "宝玉 庆床 永水 泉皇 松柏 波坡 涛祷 超起 辉挥 斌武 勇男 军车 飞乙 龙尤 良艮 才寸 元无 长张 德得 "
    "金全 生主 新亲 学字 光先 云去 立丘 正止 少小 传转 兴六 仁仕 义又 子了 景影 向问 东车 广厂 "
    "小少 晓晚 雅稚 美姜 月用 淑椒 雪雷 素索 文丈 惠慧 爱受 冬冻 彩采 翠萃 香杳 巧朽 思恩 静诤 若苦 婉碗 书韦 "
    "莲连 花化 琴瑟 燕蒸 萍苹 瑛英 娥峨 菊匊 仙汕 妹妺 琳淋 蓉容 颖颍 薇微 陈阵 刘浏 赵起 周同 徐除 孙孔 "
    "朱未 胡湖 郭敦 何向 高亭 罗岁 梁粱 宋宗 郑邓 谢射 韩朝 唐庚 冯马 曹曾 彭澎 吕吴 苏办 卢户 蒋将 蔡葵"
)


@cache
def _groups() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group) for group in _SHAPES.split())


@cache
def _reading(char: str) -> str:
    return lazy_pinyin(char, style=Style.NORMAL)[0]


def mistakable(a: str, b: str) -> bool:
    """Tell whether two characters are written for each other by mistake.

    Examples
    --------
    >>> mistakable("伟", "玮"), mistakable("晴", "睛"), mistakable("强", "刚")
    (True, True, False)
    """
    return _reading(a) == _reading(b) or any(a in g and b in g for g in _groups())


def one_mistake(a: str, b: str) -> bool:
    """Tell whether two names of equal length differ in one character that is easily mistaken.

    Examples
    --------
    >>> one_mistake("欧阳静", "欧阳靖"), one_mistake("王志强", "王志刚")
    (True, False)
    """
    if len(a) != len(b):
        return False
    apart = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(apart) == 1 and mistakable(*apart[0])


SAME_NAME = 50.0
"""Least similarity (0-100) of two names under one number that are taken for one person written in
two ways; below, the number is in doubt. 王小明/王晓明 67, 王秀英/王建国 33."""


def clearly_different(a: str, b: str) -> bool:
    """Tell whether two names under one number can't well be one person's.

    Of names of two characters with one in common, 王芳 and 王伟 are two people, 王伟 and 王玮 one.

    Examples
    --------
    >>> clearly_different("王小明", "王晓明"), clearly_different("王秀英", "李建国")
    (False, True)
    >>> clearly_different("王芳", "王伟"), clearly_different("王玮", "王伟")
    (True, False)
    """
    if len(a) == len(b) == 2 and a != b:
        return not one_mistake(a, b)
    return fuzz.ratio(a, b) < SAME_NAME


def note(con: duckdb.DuckDBPyConnection, pairs: str) -> None:
    """Make ``p_alike(a, b)``: pairs of names of a query (a, b) that are one mistake apart."""
    rows = con.execute(f"SELECT DISTINCT a, b FROM ({pairs}) ORDER BY a, b").fetchall()
    alike = [(a, b) for a, b in rows if one_mistake(a, b)]
    con.execute("CREATE OR REPLACE TEMP TABLE p_alike (a VARCHAR, b VARCHAR)")
    if alike:
        con.execute(
            "INSERT INTO p_alike SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [[a for a, _ in alike], [b for _, b in alike]],
        )
