"""Simulated markets as the two files that a trading platform hands over: tenders and bids."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pandas as pd

from examples import numbers
from examples.market_parts import Ints
from examples.markets import SimulatedMarket

_FIRST = pd.Timestamp("2021-01-04")
_TRADES = ("道路工程", "房屋建筑工程", "水利工程", "园林绿化工程", "消防工程", "办公设备", "信息化服务",
           "印刷服务", "农资物资", "餐饮服务")  # fmt: skip
_SYLLABLES = "安邦昌诚达德鼎东方丰福国海恒宏华汇吉佳建江金锦凯康乐利联隆茂明宁鹏平启庆荣瑞润盛顺泰天通万旺祥新信兴旭阳益永源"


def market_tables(market: SimulatedMarket) -> dict[str, pd.DataFrame]:
    """Return ``tenders`` and ``bids`` of a market with the headers that departments write.

    Parameters
    ----------
    market : SimulatedMarket

    Returns
    -------
    dict of str to DataFrame
        One row a tender (of a single lot), one a bid; firm ``n`` bids under ``firm_name(n)``.

    Examples
    --------
    >>> from examples.market_parts import MarketPlan
    >>> from examples.markets import simulate
    >>> made = market_tables(simulate(MarketPlan(lots=30), seed=1))
    >>> len(made["招标项目"]), bool(made["投标记录"]["是否中标"].eq("是").sum() == 30)
    (30, True)
    """
    lots, n_firms = market.lots, len(market.firms.trade)
    names = np.array([firm_name(n) for n in range(n_firms)])
    rng = Random(n_firms)
    codes = np.array([numbers.uscc(rng) for _ in range(n_firms)])
    n = len(lots.day)
    number = np.array([f"SL-{t:06d}" for t in range(n)])
    opened = _FIRST + pd.to_timedelta(lots.day, unit="D")
    won = np.flatnonzero(market.winner)
    won = won[np.argsort(market.lot[won], kind="stable")]
    trade = _named(lots.trade, [_TRADES[t % 10] + _again(t // 10) for t in range(1000)])
    town = _named(lots.town, [f"{_syllable(t)}镇" for t in range(3000)])
    tenders = pd.DataFrame(
        {
            "项目编号": number,
            "项目名称": trade + "项目第" + (np.arange(n) + 1).astype(str).astype(object) + "号",
            "采购人": town + "人民政府",
            "采购方式": "公开招标",
            "项目类别": trade,
            "最高限价": lots.ceiling,
            "公告日期": (opened - pd.Timedelta(days=24)).strftime("%Y-%m-%d"),
            "开标日期": opened.strftime("%Y-%m-%d"),
            "中标人": names[market.firm[won]],
            "中标金额": market.price[won],
            "乡镇": town,
        }
    )
    # Uploads in the last two days, the same for the same bid.
    early = (market.firm * 7919 + market.lot * 104729) % 2880
    upload = opened[market.lot] + pd.Timedelta(hours=9) - pd.to_timedelta(early, unit="min")
    bids = pd.DataFrame(
        {
            "项目编号": number[market.lot],
            "投标人": names[market.firm],
            "统一社会信用代码": codes[market.firm],
            "投标报价": market.price,
            "是否中标": np.where(market.winner, "是", "否"),
            "上传时间": upload.strftime("%Y-%m-%d %H:%M"),
        }
    )
    return {"招标项目": tenders, "投标记录": bids}


def write_market(market: SimulatedMarket, folder: Path) -> None:
    """Write the two files as CSV into ``folder``, which is made if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in market_tables(market).items():
        frame.to_csv(folder / f"{name}.csv", index=False)


def firm_name(n: int) -> str:
    """Name of firm ``n``; no two firms share one.

    Examples
    --------
    >>> len({firm_name(n) for n in range(10_000)})
    10000
    """
    return f"{_syllable(n)}工程有限公司"


def _syllable(n: int) -> str:
    """Two syllables or more that stand for a number and for no other."""
    base = len(_SYLLABLES)
    # 7 and the number of syllables have no common factor: no two numbers share a text.
    text = _SYLLABLES[n % base] + _SYLLABLES[(n // base * 7 + n % base * 3) % base]
    rest = n // base // base
    return text + (_SYLLABLES[rest % base] if rest else "") + _again(rest // base)


def _again(n: int) -> str:
    return str(n) if n else ""


def _named(codes: Ints, names: list[str]) -> np.ndarray:
    return np.array(names, dtype=object)[codes]
