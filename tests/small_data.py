"""A few made-up department files, just enough for a run with a clue."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int, birth: str = "19500101") -> str:
    """Return a made-up identity number that passes its check (GB 11643)."""
    body = f"320281{birth}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Write one file as a department would, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def small_county(folder: Path, people: int = 30) -> Path:
    """Write people, deaths and subsidies; the first person is paid after death."""
    rows = [(f"测试{n:03d}", id_number(n), "杨树村", "青石镇") for n in range(1, people + 1)]
    write_csv(folder / "公安" / "人员.csv", ("姓名", "身份证号", "村居", "乡镇"), rows)
    write_csv(
        folder / "民政" / "死亡.csv",
        ("死者姓名", "身份证号", "死亡日期"),
        [(rows[0][0], rows[0][1], "2021-03-04")],
    )
    paid = [
        ("高龄津贴", 2023, name, number, "2023-06-15", "600.00", "杨树村", "青石镇")
        for name, number, *_ in rows[:10]
    ]
    header = ("补贴项目", "年度", "姓名", "身份证号", "发放日期", "补贴金额", "村居", "乡镇")
    write_csv(folder / "财政" / "补贴.csv", header, paid)
    return folder
