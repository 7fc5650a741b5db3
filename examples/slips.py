"""Slips of the pen in names and numbers, as clerks and spreadsheets make them."""

from __future__ import annotations

from functools import cache
from random import Random

from pypinyin import Style, lazy_pinyin

# Characters one finds in names, among which the wrong one of a sound is picked when typing.
_COMMON = (
    "伟玮炜纬芳方芬娜敏闵静靖净京丽莉俐强磊雷蕾军君均钧洋阳扬杨勇永艳燕彦雁杰洁捷涛桃韬明鸣铭名超朝霞遐侠平萍苹"
    "刚钢纲岗桂贵英瑛颖莹玉育钰愉华桦骅兰岚蓝梅媚玫春椿纯建健剑键志智芷治国果红宏洪鸿虹海晓小筱笑文雯闻斌彬宾"
    "晨辰臣雨语宇羽佳嘉家加怡宜仪思丝远源媛元子梓紫涵晗含涛辉晖慧惠会秀绣新欣鑫心永咏泳德得生胜升声金锦今晋进"
    "福富福付军俊骏珺峰锋丰凤风飞菲妃云芸允荣蓉容良亮梁林琳霖临龙隆成诚承城程东冬栋波博柏松颂根跟宝保葆来莱喜"
    "禧才财富福山珊杉清青卿晴元园圆月悦越跃珍真贞振震琴勤秦花香湘翔祥莲连涟仙先娥婵珠朱诸菊香凤巧俏乔素苏淑书舒"
    "雪学薛银尹美镁玲灵铃凌玲翠崔彩采爱艾若偌婉宛广光厂大达代传川船兴星幸义艺亿忠中仲钟天田恬向项象景璟立力利励"
    "俊世士仕时少绍邵长常昌正政郑振绪旭许"
)
# Alike to the eye rather than to the ear.
_LOOK = (
    "芬芳 晴睛 梅海 桂佳 玲铃 娟捐 末未 土士 田由 干于 王玉 今令 白百 天夫 杨扬 清请 红江 素索 兰三 "
    "凤风 春眷 秀季 莲连 宝玉 林材 洁浩 霞露 俊峻 银根 志忘 平乎 国园"
)


@cache
def _by_sound() -> dict[str, str]:
    found: dict[str, str] = {}
    for char in dict.fromkeys(_COMMON):
        found[_sound(char)] = found.get(_sound(char), "") + char
    return found


@cache
def _sound(char: str) -> str:
    return lazy_pinyin(char, style=Style.NORMAL)[0]


@cache
def _others(char: str) -> str:
    """Characters that could be written for one."""
    sounds = _by_sound().get(_sound(char), "")
    looks = "".join(group for group in _LOOK.split() if char in group)
    return "".join(sorted(set(sounds + looks) - {char}))


def miswrite(name: str, rng: Random) -> str:
    """A name with one character of the given name replaced by one that sounds or looks like it.

    Examples
    --------
    >>> miswrite("王静", Random(1)) in {"王靖", "王净", "王京"}
    True
    """
    plain = str(name)
    places = [i for i in range(1, len(plain)) if _others(plain[i])]
    if not places:
        return name
    place = rng.choice(places)
    return plain[:place] + rng.choice(_others(plain[place])) + plain[place + 1 :]


def old_number(number: str) -> str:
    """The 15 digits that somebody born before 1 October 1999 was first given.

    Examples
    --------
    >>> old_number("11010519491231002X")
    '110105491231002'
    """
    return number[:6] + number[8:17] if number[6:14] < "19991001" else number


def scientific(number: str) -> str:
    """What a spreadsheet makes of a number typed as one.

    Examples
    --------
    >>> scientific("320281199001011234")
    '3.20281E+17'
    """
    return f"{int(number[:17].ljust(18, '0')):.5E}"


def slip_of_a_digit(number: str, rng: Random) -> str:
    """A number with one digit of its last five wrong, or two of them in the wrong order."""
    digits = list(number)
    place = rng.randrange(13, 16)
    if digits[place] != digits[place + 1] and rng.random() < 0.5:
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
    else:
        digits[place] = str((int(digits[place]) + rng.randrange(1, 10)) % 10)
    return "".join(digits)
