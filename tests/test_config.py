"""``tanwei.toml``: what is read, and what is refused in one clear Chinese line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from detectors.discover import discover
from ingest.errors import UserError
from tanwei.config import Config, find_config, read_config
from tanwei.templates import config_text


def read(folder: Path, text: str | bytes) -> Config:
    path = folder / "tanwei.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(path, discover())


def test_nothing_written_gives_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Config(path=tmp_path / "tanwei.toml")


def test_every_section_is_read(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        [intake]
        max_quarantine = 0.05
        [[files]]
        match = "低保*.xlsx"
        table = "subsidies"
        unit = "万元"
        columns = { "补助对象" = "name" }
        [graph]
        hub_limit = 12
        unit_aliases = { "县财政局" = "江州县财政局" }
        [run]
        memory_limit = "512MB"
        threads = 1
        [privacy]
        key_file = "keys/office"
        [detectors.paid_after_death]
        enabled = false
        """,
    )
    assert config.intake.max_quarantine == 0.05
    assert config.intake.files[0].match == "低保*.xlsx"
    assert config.intake.files[0].columns == {"补助对象": "name"}
    assert config.graph.hub_limit == 12
    assert config.graph.unit_aliases == {"县财政局": "江州县财政局"}
    assert (config.run.memory_limit, config.run.threads) == ("512MB", 1)
    assert config.privacy.key_file == tmp_path / "keys" / "office"
    assert config.detectors == {"paid_after_death": {"enabled": False}}


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf[run]\nthreads = 3\n").run.threads == 3


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[intak]\n", ["intak", "是否想写 intake"]),
        ("[intake]\nmax_quarantin = 0.1\n", ["[intake]", "max_quarantin", "max_quarantine？"]),
        ("[intake]\nmax_quarantine = 'x'\n", ["[intake] max_quarantine", "数字", '"x"']),
        ("[graph]\nhub_limit = 2.5\n", ["[graph] hub_limit", "整数", "2.5"]),
        ("[graph]\nhub_limit = '30'\n", ["[graph] hub_limit", "整数"]),
        ("[graph]\nhub_limit = true\n", ["[graph] hub_limit", "整数"]),
        ("[graph]\nhub_limit = -1\n", ["[graph] hub_limit", "负数"]),
        ("[graph]\nunit_aliases = ['a']\n", ["[graph] unit_aliases", "对照表"]),
        ("[graph]\nmerge_from = 0.4\n", ["[graph]", "merge_from", "0.4"]),
        ("[graph]\ndoubt_from = 0.0\n", ["[graph]", "doubt_from", "0.0"]),
        ("[run]\nmemory_limit = 'much'\n", ["[run] memory_limit", "4GB", "much"]),
        ("[run]\nmemory_limit = '1KB'\n", ["[run] memory_limit", "64MB"]),
        ("[run]\nmemory_limit = '99999999TB'\n", ["[run] memory_limit", "64TB"]),
        ("[run]\nthreads = 0\n", ["[run] threads", "1"]),
        ("[run]\nthreads = 99999999999999999999\n", ["[run] threads", "1024"]),
        ("[intake]\nmax_quarantine = nan\n", ["max_quarantine", "普通的数字"]),
        ("run = 3\n", ["[run]", "一节设置"]),
        ("[privacy]\nkey = 'x'\n", ["[privacy]", "key_file"]),
        ("[files]\nmatch = 'x'\n", ["[[files]]"]),
        ("[[files]]\nmatch = 'a*'\n[[files]]\nmtch = 'x'\n", ["第 2 段 [[files]]", "match？"]),
        ("[detectors.paid_after_deth]\n", ["paid_after_deth", "paid_after_death"]),
        ("[detectors.paid_after_death]\nx = 1\n", ["[detectors.paid_after_death]", "x"]),
        ("[detectors.paid_after_death]\nenabled = 1\n", ["paid_after_death", "enabled"]),
        ("[detectors]\npaid_after_death = 1\n", ["[detectors.paid_after_death]", "一节设置"]),
        ("[run\n", ["第 1 行", "TOML"]),
        ("[run]\na b = 1\n", ["第 2 行"]),
        ("a = 'x\n", ["文件末尾"]),
        ("[run]\nthreads = 1\nthreads = 2\n", ["两遍"]),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(
    tmp_path: Path, text: str, parts: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    message = caught.value.message
    assert caught.value.exit_status == 2
    assert "\n" not in message
    for part in ["tanwei.toml", *parts]:
        assert part in message


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"tanwei\.toml 不是 UTF-8"):
        read(tmp_path, '[graph]\nunit_aliases = { "财政局" = "县财政局" }'.encode("gbk"))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"不存在.*none\.toml"):
        read_config(tmp_path / "none.toml", discover())


def test_the_file_beside_the_data_is_taken_unless_another_is_named(tmp_path: Path) -> None:
    assert find_config(tmp_path, None) is None
    (tmp_path / "tanwei.toml").write_text("")
    assert find_config(tmp_path, None) == tmp_path / "tanwei.toml"
    assert find_config(tmp_path, tmp_path / "other.toml") == tmp_path / "other.toml"


def test_the_written_template_is_all_comment_and_right_when_uncommented(tmp_path: Path) -> None:
    text = config_text()
    assert all(line.startswith("#") or not line for line in text.splitlines())
    assert read(tmp_path, text) == Config(path=tmp_path / "tanwei.toml")
    # Lines that are settings or sections, as somebody would uncomment them.
    live = re.findall(r"^# (\[.*\]|\w+ = .*)$", text, flags=re.MULTILINE)
    document = tomllib.loads("\n".join(live))
    assert set(document) == {"intake", "files", "graph", "run", "privacy", "casebook", "detectors"}
    assert set(document["detectors"]) == set(discover())
    config = read(tmp_path, "\n".join(live))
    assert config.intake.max_quarantine == Config().intake.max_quarantine
    assert config.graph.hub_limit == Config().graph.hub_limit
