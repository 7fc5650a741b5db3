"""``python -m examples OUT_DIR``: write the example county."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from examples.county import make_county
from examples.save import save


def main() -> int:
    """Read the command line, make the county and write it."""
    parser = argparse.ArgumentParser(prog="python -m examples", description="生成虚构的示例县数据")
    parser.add_argument("out_dir", type=Path, help="数据文件夹，须为空或不存在")
    parser.add_argument("--seed", type=int, default=7, help="随机种子，相同种子生成相同文件")
    parser.add_argument("--clean", action="store_true", help="不埋设问题，只有正常业务和相似情形")
    parser.add_argument(
        "--mess", choices=("none", "typical", "heavy"), default="typical", help="文件的杂乱程度"
    )
    options = parser.parse_args()
    county = make_county(options.seed, planted=not options.clean)
    try:
        truth = save(county, options.out_dir, options.mess)
    except OSError as error:
        print(f"无法写入：{error}", file=sys.stderr)
        return 2
    print(f"数据：{options.out_dir}")
    if county.truth.left_out:
        print(f"这个种子有 {len(county.truth.left_out)} 个案例找不到合适的人，没有安排。")
    print(f"答案（不要放进数据文件夹）：{truth}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
