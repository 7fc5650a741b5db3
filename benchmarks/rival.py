"""The honest rival: a straightforward pandas + networkx script for the same seven questions.

No sources, no quarantine, no identity resolution, no explanations: it reads the CSV files as they
are (whole; with ``--lean`` only the columns it needs), joins on the numbers it finds and prints how many hits each question has. It is what a good
analyst would write in an afternoon, and what ``tanwei run`` is measured against.
"""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from pathlib import Path

import networkx as nx
import pandas as pd

KEPT_PER_HOUSEHOLD = {"耕地地力保护补贴", "农村低保金", "临时救助", "退耕还林补助"}
MONEY = {"投标报价", "中标金额", "补贴金额", "最高限价"}
LEAN = "--lean" in sys.argv
LIMITS = {"工程": 4_000_000, "货物": 2_000_000, "服务": 1_000_000}


def read(
    folder: Path, name: str, columns: list[str], dates: list[str] | None = None
) -> pd.DataFrame:
    """Read one file, numbers and codes as text; with ``--lean`` only the columns needed."""
    lean = {"usecols": columns} if LEAN else {}
    table = pd.read_csv(folder / f"{name}.csv", dtype="str", **lean)
    for column in dates or []:
        table[column] = pd.to_datetime(table[column])
    for column in MONEY & set(columns):
        table[column] = pd.to_numeric(table[column])
    return table[columns]


def near_kin(folder: Path) -> pd.DataFrame:
    """Pairs (person, relative) by number, from declarations and from shared households."""
    declared = read(folder, "kinship", ["身份证号", "亲属身份证号"])
    declared.columns = pd.Index(["person", "relative"])
    homes = read(folder, "households", ["户号", "身份证号"])
    officials = read(folder, "officials", ["身份证号"])
    mine = homes[homes["身份证号"].isin(set(officials["身份证号"]))]
    pairs = mine.merge(homes, on="户号", suffixes=("", "_r"))
    pairs = pairs[pairs["身份证号"] != pairs["身份证号_r"]][["身份证号", "身份证号_r"]]
    pairs.columns = pd.Index(["person", "relative"])
    return pd.concat([declared, pairs]).drop_duplicates()


def own_unit_supplier(folder: Path, kin: pd.DataFrame) -> int:
    """Officials whose relatives' firms won from the official's own unit in tenure."""
    officials = read(folder, "officials", ["身份证号", "单位", "任职时间"], ["任职时间"])
    owners = read(folder, "companies", ["企业名称", "法定代表人身份证号"])
    shares = read(folder, "shareholders", ["企业名称", "股东证件号"])
    tenders = read(folder, "tenders", ["采购人", "中标人", "开标日期"], ["开标日期"])
    owners.columns = shares.columns = pd.Index(["firm", "relative"])
    held = pd.concat([owners, shares]).drop_duplicates()
    tied = officials.merge(kin, left_on="身份证号", right_on="person").merge(held, on="relative")
    won = tied.merge(tenders, left_on=["firm", "单位"], right_on=["中标人", "采购人"])
    won = won[won["开标日期"] >= won["任职时间"]]
    return len(won[["person", "firm"]].drop_duplicates())


def bid_questions(folder: Path) -> tuple[int, int, int]:
    """Lots with shared hardware, lots with shared deposit accounts, tight co-bidding groups."""
    bids = read(
        folder,
        "bids",
        ["项目编号", "投标人", "MAC地址", "CPU序列号", "硬盘序列号", "保证金账号", "保证金形式"],
    )
    hardware = bids.groupby(["项目编号", "MAC地址", "CPU序列号", "硬盘序列号"])["投标人"].nunique()
    moved = bids[bids["保证金形式"] == "转账"]
    deposit = moved.groupby(["项目编号", "保证金账号"])["投标人"].nunique()
    weight: Counter[tuple[str, str]] = Counter()
    for _, firms in bids.groupby("项目编号")["投标人"]:
        weight.update(itertools.combinations(sorted(set(firms)), 2))
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in weight.items() if w >= 3)
    groups = 0
    for members in nx.community.louvain_communities(graph, seed=1):
        if 3 <= len(members) <= 12:
            inside = graph.subgraph(members).size("weight")
            total = sum(d for _, d in graph.degree(members, weight="weight")) - inside
            groups += inside / total >= 0.5
    return int((hardware >= 2).sum()), int((deposit >= 2).sum()), groups


def subsidy_questions(folder: Path, kin: pd.DataFrame) -> tuple[int, int]:
    """People paid after death; officials with relatives on lists that require filing, unfiled."""
    paid = read(folder, "subsidies", ["补贴项目", "身份证号", "补贴金额", "所属期起"], ["所属期起"])
    deaths = read(folder, "deaths", ["身份证号", "死亡日期"], ["死亡日期"])
    late = paid.merge(deaths, on="身份证号")
    late = late[(late["所属期起"] > late["死亡日期"]) & ~late["补贴项目"].isin(KEPT_PER_HOUSEHOLD)]
    dead = len(late[["身份证号", "补贴项目"]].drop_duplicates())

    policy = read(folder, "subsidy_programmes", ["补贴项目", "是否需近亲属备案"])
    needs = set(policy.loc[policy["是否需近亲属备案"] == "是", "补贴项目"])
    officials = read(folder, "officials", ["身份证号", "人员身份"])
    village = set(officials.loc[officials["人员身份"] == "村两委", "身份证号"])
    filings = read(folder, "kin_filings", ["干部身份证号", "亲属身份证号"])
    filed = set(zip(filings["干部身份证号"], filings["亲属身份证号"], strict=True))
    got = paid[paid["补贴项目"].isin(needs)][["身份证号", "补贴项目"]].drop_duplicates()
    hits = kin[kin["person"].isin(village)].merge(got, left_on="relative", right_on="身份证号")
    unfiled = [(p, r) not in filed for p, r in zip(hits["person"], hits["relative"], strict=True)]
    return dead, len(hits[unfiled][["person", "补贴项目"]].drop_duplicates())


def below_threshold_split(folder: Path) -> int:
    """Purchaser × project awards within 90 days, each under the limit and together over it."""
    tenders = read(
        folder, "tenders", ["采购人", "项目名称", "项目类别", "中标金额", "开标日期"], ["开标日期"]
    )
    tenders["limit"] = tenders["项目类别"].map(LIMITS)
    under = tenders[tenders["中标金额"] < tenders["limit"]]
    grouped = under.groupby(["采购人", "项目名称", "项目类别"]).agg(
        n=("中标金额", "size"),
        total=("中标金额", "sum"),
        limit=("limit", "first"),
        first=("开标日期", "min"),
        last=("开标日期", "max"),
    )
    days = (grouped["last"] - grouped["first"]).dt.days
    return int(((grouped["n"] >= 2) & (grouped["total"] >= grouped["limit"]) & (days <= 90)).sum())


def main() -> None:
    """Answer the seven questions on the folder named on the command line."""
    folder = Path(sys.argv[1])
    kin = near_kin(folder)
    supplier = own_unit_supplier(folder, kin)
    hardware, deposit, groups = bid_questions(folder)
    dead, unfiled = subsidy_questions(folder, kin)
    split = below_threshold_split(folder)
    print(
        f"own_unit_supplier={supplier} shared_submission={hardware} shared_deposit={deposit} "
        f"cobidding_group={groups} paid_after_death={dead} unfiled_kin={unfiled} "
        f"below_threshold_split={split}"
    )


if __name__ == "__main__":
    main()
