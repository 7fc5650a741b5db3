"""A big made-up county as CSV files: 300,000 residents, 2,000,000 subsidy rows, 20,000 tenders.

Vectorised and plain on purpose: the honest example county lives in ``examples``; this one only has
its shape (headers, sizes, share of hits) so that reading, joining and detecting can be timed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

SURNAMES = np.array(
    list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余")
)
GIVEN = np.array(
    list("伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英华玉兰春梅建国志红海燕文斌晨雨佳怡思远子涵")
)
CODES = np.array(["990101", "990102", "990103", "990104", "990105", "990106"])
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = np.array(list("10X98765432"))
TRADES = np.array(
    ["建设工程", "市政工程", "园林绿化", "商贸", "办公用品", "信息技术", "水利工程", "物业服务"]
)
CATEGORIES = np.array(["工程", "货物", "服务"])
PROGRAMMES = np.array(
    [
        "耕地地力保护补贴",
        "农村低保金",
        "高龄津贴",
        "残疾人两项补贴",
        "特困供养金",
        "临时救助",
        "农机购置补贴",
        "退耕还林补助",
    ]
)


@dataclass(frozen=True)
class Size:
    """How many of each."""

    residents: int = 300_000
    subsidies: int = 2_000_000
    tenders: int = 20_000
    firms: int = 3_000
    officials: int = 3_000
    villages: int = 600


def _names(rng: np.random.Generator, n: int) -> np.ndarray:
    surname = SURNAMES[np.minimum(rng.geometric(0.06, n) - 1, len(SURNAMES) - 1)]
    first = GIVEN[rng.integers(0, len(GIVEN), n)]
    second = np.where(rng.random(n) < 0.75, GIVEN[rng.integers(0, len(GIVEN), n)], "")
    return np.char.add(np.char.add(surname, first), second)


def _numbers(rng: np.random.Generator, n: int) -> np.ndarray:
    """Well-formed 18-digit numbers under area codes nobody has."""
    # Code and serial repeat every 6,000 people; those who share them are born 600 days apart.
    block = np.arange(n) // 6_000
    days = block * 600 % 31_200 + rng.integers(0, 600, n)
    births = np.datetime64("1935-01-01") + days.astype("timedelta64[D]")
    digits = np.char.replace(births.astype(str), "-", "")
    serial = np.char.zfill((np.arange(n) // 6 % 1000).astype(str), 3)
    body = np.char.add(np.char.add(CODES[np.arange(n) % 6], digits), serial)
    matrix = np.array([list(b) for b in body], dtype=np.int64)
    return np.char.add(body, CHECKS[(matrix @ WEIGHTS) % 11])


def _dates(rng: np.random.Generator, n: int, first: str, days: int) -> np.ndarray:
    return (np.datetime64(first) + rng.integers(0, days, n).astype("timedelta64[D]")).astype(str)


def _write(folder: Path, name: str, columns: dict[str, Any]) -> None:
    table = pa.table({k: pa.array([str(x) for x in v]) for k, v in columns.items()})
    options = pacsv.WriteOptions(quoting_style="needed")
    pacsv.write_csv(table, folder / f"{name}.csv", write_options=options)


def make(folder: Path, size: Size = Size(), seed: int = 11) -> None:
    """Write the county's CSV files into ``folder``.

    Parameters
    ----------
    folder : Path
        Created if need be; files of the same names are overwritten.
    size : Size
        Numbers of residents, rows and firms.
    seed : int
        Same seed, same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    n = size.residents
    name, number = _names(rng, n), _numbers(rng, n)
    household_no = np.arange(n) // 3
    village_no = rng.integers(0, size.villages, n // 3 + 1)[household_no]
    village = np.char.add(np.char.add("第", village_no.astype(str)), "村")
    township = np.char.add(np.char.add("第", (village_no // 30).astype(str)), "镇")
    phone = np.char.add("139", np.char.zfill(np.arange(n).astype(str), 8))
    account = np.char.add("62170099", np.char.zfill(np.arange(n).astype(str), 11))
    household = household_no.astype(str)
    _write(
        folder,
        "people",
        {"姓名": name, "身份证号": number, "联系电话": phone, "村": village, "乡镇": township},
    )
    place = np.arange(n) % 3
    relation = np.array(["户主", "配偶", "子"])[place]
    _write(
        folder,
        "households",
        {
            "户号": household,
            "姓名": name,
            "身份证号": number,
            "与户主关系": relation,
            "村": village,
            "乡镇": township,
        },
    )

    officials = rng.choice(n, size.officials, replace=False)
    units = np.array([f"县第{i}局" for i in range(150)])
    unit = units[rng.integers(0, 150, size.officials)]
    is_village = np.arange(size.officials) % 3 == 0
    unit = np.where(is_village, np.char.add(village[officials], "村民委员会"), unit)
    _write(
        folder,
        "officials",
        {
            "姓名": name[officials],
            "身份证号": number[officials],
            "单位": unit,
            "职务": np.where(is_village, "村委会委员", "副局长"),
            "人员身份": np.where(is_village, "村两委", "公务员"),
            "政治面貌": np.full(size.officials, "中共党员"),
            "任职时间": np.full(size.officials, "2015-01-01"),
            "村": np.where(is_village, village[officials], ""),
            "乡镇": np.where(is_village, township[officials], ""),
        },
    )
    kin_of = np.repeat(officials, 3)
    kin = rng.choice(n, len(kin_of))
    terms = np.tile(np.array(["妻弟", "兄", "儿媳"]), size.officials)
    _write(
        folder,
        "kinship",
        {
            "姓名": name[kin_of],
            "身份证号": number[kin_of],
            "称谓": terms,
            "亲属姓名": name[kin],
            "亲属身份证号": number[kin],
        },
    )

    m = size.firms
    core = np.char.add(GIVEN[rng.integers(0, len(GIVEN), m)], GIVEN[rng.integers(0, len(GIVEN), m)])
    firm = np.array(
        [
            f"江州{c}{i}{t}有限公司"
            for i, (c, t) in enumerate(zip(core, TRADES[np.arange(m) % 8], strict=True))
        ]
    )
    owner = rng.choice(n, m, replace=False)
    tied = rng.choice(m, 40, replace=False)
    owner[tied] = rng.choice(kin, 40)
    _write(
        folder,
        "companies",
        {
            "企业名称": firm,
            "法定代表人": name[owner],
            "法定代表人身份证号": number[owner],
            "注册资本(万元)": rng.integers(50, 5000, m),
            "成立日期": _dates(rng, m, "2008-01-01", 3000),
            "登记状态": np.full(m, "存续"),
            "住所": [f"江州县工业路{i}号" for i in range(m)],
        },
    )
    _write(
        folder,
        "shareholders",
        {
            "企业名称": firm,
            "股东名称": name[owner],
            "股东证件号": number[owner],
            "持股比例": np.full(m, "60%"),
            "入股日期": np.full(m, "2014-01-01"),
        },
    )

    t = size.tenders
    tender_no = np.array([f"JZ{i:06d}" for i in range(t)])
    category = CATEGORIES[rng.integers(0, 3, t)]
    open_date = _dates(rng, t, "2018-01-01", 2300)
    bidders_each = rng.integers(3, 8, t)
    lot = np.repeat(np.arange(t), bidders_each)
    # Firms bid near home: a lot of a township draws from the firms of that neighbourhood.
    town = rng.integers(0, 20, t)
    bidder = (np.repeat(town * (m // 20), bidders_each) + rng.integers(0, m // 20, len(lot))) % m
    keep = ~pd.DataFrame({"lot": lot, "bidder": bidder}).duplicated().to_numpy()
    lot, bidder = lot[keep], bidder[keep]
    ceiling = np.round(rng.lognormal(13.5, 1.0, t), 2)
    amount = np.round(ceiling[lot] * rng.uniform(0.86, 0.99, len(lot)), 2)
    order = np.lexsort((amount, lot))
    first = np.r_[True, lot[order][1:] != lot[order][:-1]]
    won = np.zeros(len(lot), bool)
    won[order[first]] = True
    winner = np.full(t, "", dtype=firm.dtype)
    winner[lot[won]] = firm[bidder[won]]
    award = np.zeros(t)
    award[lot[won]] = amount[won]
    purchaser = units[rng.integers(0, 150, t)]
    _write(
        folder,
        "tenders",
        {
            "项目编号": tender_no,
            "项目名称": [f"第{i // 3}号项目" for i in range(t)],
            "采购人": purchaser,
            "采购方式": np.where(rng.random(t) < 0.8, "公开招标", "询价"),
            "项目类别": category,
            "最高限价": ceiling,
            "开标日期": open_date,
            "中标人": winner,
            "中标金额": np.round(award, 2),
            "乡镇": [f"第{i}镇" for i in town],
        },
    )
    mac = np.array([f"{x:012X}" for x in rng.integers(0, 2**47, len(lot))])
    payer = np.array([f"1100{x:015d}" for x in bidder])
    same = rng.choice(np.flatnonzero(~first[:-1]) + 0, 60, replace=False)
    mac[order[same]] = mac[order[same - 1]]
    payer[order[same]] = payer[order[same - 1]]
    _write(
        folder,
        "bids",
        {
            "项目编号": tender_no[lot],
            "投标人": firm[bidder],
            "投标报价": amount,
            "是否中标": np.where(won, "中标", "未中标"),
            "MAC地址": mac,
            "CPU序列号": mac,
            "硬盘序列号": mac,
            "保证金账号": payer,
            "保证金形式": np.full(len(lot), "转账"),
        },
    )
    _write(
        folder,
        "contracts",
        {
            "合同编号": np.char.add("HT", tender_no),
            "项目编号": tender_no,
            "合同名称": [f"第{i // 3}号项目" for i in range(t)],
            "甲方": purchaser,
            "乙方": winner,
            "合同金额": np.round(award, 2),
            "签订日期": open_date,
        },
    )

    s = size.subsidies
    who = rng.integers(0, n, s)
    programme = PROGRAMMES[rng.integers(0, len(PROGRAMMES), s)]
    month = np.datetime64("2019-01") + rng.integers(0, 72, s).astype("timedelta64[M]")
    pay = (month.astype("datetime64[D]") + 14).astype(str)
    _write(
        folder,
        "subsidies",
        {
            "补贴项目": programme,
            "年度": np.char.partition(pay, "-")[:, 0],
            "姓名": name[who],
            "身份证号": number[who],
            "一卡通账号": account[who],
            "补贴金额": np.round(rng.uniform(80, 3000, s), 2),
            "发放日期": pay,
            "所属期起": month.astype("datetime64[D]").astype(str),
            "户号": household[who],
            "村": village[who],
            "乡镇": township[who],
            "经办人": name[officials[rng.integers(0, 60, s)]],
        },
    )
    dead = rng.choice(n, 6_000, replace=False)
    _write(
        folder,
        "deaths",
        {
            "姓名": name[dead],
            "身份证号": number[dead],
            "死亡日期": _dates(rng, len(dead), "2024-06-01", 210),
        },
    )
    _write(
        folder,
        "subsidy_programmes",
        {
            "补贴项目": PROGRAMMES,
            "发放对象": ["户", "户", "人", "人", "人", "户", "人", "户"],
            "是否需近亲属备案": ["否", "是", "否", "否", "是", "是", "否", "否"],
            "类别": ["普惠", "需审核", "普惠", "需审核", "需审核", "需审核", "需审核", "普惠"],
        },
    )
    filed = rng.choice(len(kin), len(kin) // 2, replace=False)
    _write(
        folder,
        "kin_filings",
        {
            "干部姓名": name[kin_of[filed]],
            "干部身份证号": number[kin_of[filed]],
            "亲属姓名": name[kin[filed]],
            "亲属身份证号": number[kin[filed]],
            "与干部关系": terms[filed],
            "补贴项目": np.full(len(filed), "农村低保金"),
            "备案日期": np.full(len(filed), "2018-12-01"),
        },
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]))
