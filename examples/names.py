"""Made-up Chinese names whose frequencies are as skewed as real ones, so that namesakes occur."""

from __future__ import annotations

from itertools import accumulate
from random import Random

# Share per mille of the population, rounded; compound surnames are made a little less rare than
# they are, so that a county of five thousand has some.
_SURNAMES = (
    "王72 李70 张67 刘51 陈46 杨32 赵27 黄24 周21 吴20 徐19 孙18 胡15 朱14 高13 林12 何11 郭11 马10 "
    "罗9 梁8 宋8 郑8 谢7 韩7 唐7 冯7 于6 董6 程5 曹5 袁5 邓5 许5 傅5 沈5 曾4 彭4 吕4 苏4 卢4 蒋4 蔡4 "
    "贾3 丁3 魏3 薛3 叶3 余3 潘3 杜3 戴3 夏3 钟3 汪3 田3 任3 姜3 范3 方3 石3 姚3 谭3 廖3 邹2 熊2 金2 "
    "陆2 郝2 孔2 白2 崔2 康2 毛2 邱2 秦2 江2 史2 顾2 侯2 邵2 孟2 龙2 万2 段2 雷2 钱2 汤2 尹2 黎2 易1 "
    "常1 武1 乔1 贺1 赖1 龚1 文1 单1 仇1 解1 区1 欧阳2 上官1 司马1 尉迟1 诸葛1"
)

_MEN = {
    1965: "建国 国华 德明 福生 金生 建华 永福 志明 国强 玉林 长根 水根 明华 春生 树林 国平 文斌 保国",
    1990: "伟 强 军 勇 磊 杰 涛 刚 明 平 超 辉 斌 波 建军 志强 鹏 华 飞 海波 永强 建平 国庆 建明 峰 林",
    2100: "浩 宇 俊杰 浩然 子轩 宇轩 家豪 鑫 凯 帅 龙 子豪 博文 晨 天佑 一鸣 嘉豪 明轩 宇航 梓豪",
}
_WOMEN = {
    1965: "秀英 桂英 秀兰 玉兰 桂兰 秀珍 凤英 玉珍 桂芳 玉英 兰英 素珍 月英 金凤 凤兰 春兰 玉梅 秀芳",
    1990: "芳 敏 静 丽 艳 娟 霞 燕 玲 红 梅 红梅 春燕 丽娟 海燕 莉 英 萍 红霞 建英 慧 娜 云 琴 小红",
    2100: "婷 婷婷 欣怡 梓涵 雨涵 子涵 佳怡 雪 倩 丹 思雨 诗涵 雨欣 静怡 可欣 悦 梦瑶 佳慧 一诺 紫萱",
}
_FIRST = {
    "男": "建志国文永德明海家宝金玉新春学红光云振世立俊正少长大传兴仁义忠天子景向晓东庆广",
    "女": "秀桂玉春红丽小海晓雅美金凤月淑雪素云文佳惠爱冬彩翠银香兰巧思静若婉书",
}
_SECOND = {
    "男": "华强军平明林生成伟峰军荣福祥东辉民飞龙根良才富贵元山清宝来发喜松柏泉海洋亮胜利",
    "女": "英兰珍芳梅琴霞燕玲娟萍花莲香凤秀华云红丽君平珠瑛娥菊仙芬妹琳洁蓉颖薇",
}


def _cohort(table: dict[int, str], birth_year: int) -> list[str]:
    return next(text.split() for until, text in table.items() if birth_year < until)


class Names:
    """Draws surnames and given names.

    Parameters
    ----------
    rng : random.Random
        Source of chance; same state, same names.

    Examples
    --------
    >>> names = Names(Random(1))
    >>> names.given("男", 1975) == Names(Random(2)).given("男", 1975)
    False
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        pairs = [
            (item.rstrip("0123456789"), int("".join(c for c in item if c.isdigit())))
            for item in _SURNAMES.split()
        ]
        self._surnames = [surname for surname, _ in pairs]
        self._weights = list(accumulate(weight for _, weight in pairs))

    def surname(self) -> str:
        """One surname, as frequent as it is in the country."""
        return self._rng.choices(self._surnames, cum_weights=self._weights)[0]

    def given(self, sex: str, birth_year: int) -> str:
        """One given name of the fashion of the birth year; ``sex`` is 男 or 女."""
        rng = self._rng
        if rng.random() < 0.34:
            popular = _cohort(_MEN if sex == "男" else _WOMEN, birth_year)
            # A Zipf-like head: the first names are several times as frequent as the last.
            return popular[min(int(rng.expovariate(0.16)), len(popular) - 1)]
        first, second = rng.choice(_FIRST[sex]), rng.choice(_SECOND[sex])
        return first if rng.random() < 0.06 else first + second

    def full(self, sex: str, birth_year: int) -> str:
        """Surname and given name of somebody from outside the county's families."""
        return self.surname() + self.given(sex, birth_year)
