"""The command line in Chinese: help headings, usage errors, and no traceback for anybody."""

from __future__ import annotations

import errno
import re
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

from ingest.masking import mask_text


class ChineseCommand(TyperCommand):
    """A command whose help page is Chinese throughout."""

    def get_usage(self, ctx: Any) -> str:
        """Return the usage line."""
        return _chinese_usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """Return ``--help`` with a Chinese text."""
        return _chinese_help(super().get_help_option(ctx))


class ChineseGroup(TyperGroup):
    """The list of commands; keeps the order in which they are defined."""

    def get_usage(self, ctx: Any) -> str:
        """Return the usage line."""
        return _chinese_usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """Return ``--help`` with a Chinese text."""
        return _chinese_help(super().get_help_option(ctx))


def _chinese_usage(text: str) -> str:
    for english, chinese in (
        ("Usage:", "用法："),
        ("[OPTIONS]", "[选项]"),
        ("COMMAND [ARGS]...", "命令 [参数]"),
        # Takes several only so that names after --only may stand without repeating it.
        ("{DATA_DIR}...", "DATA_DIR"),
    ):
        text = text.replace(english, chinese)
    return text


def _chinese_help(option: Any) -> Any:
    if option is not None:
        option.help = "显示帮助"
    return option


def chinese_panels() -> None:
    """Give the panels of help pages Chinese titles; loads rich, so only where help was asked."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    rich_utils.DEFAULT_STRING = "[默认：{}]"


def usage_error(error: BaseException) -> str | None:
    """Return a usage error as one Chinese line, or None if ``error`` is none.

    Told by class name: depending on its version, typer raises click's own classes or those of a
    private copy of click.
    """
    kinds = [cls.__name__ for cls in type(error).__mro__]
    if "UsageError" not in kinds:
        return None
    command = _command_path(error)
    return f"{_what(error, kinds)}用 {command} --help 查看用法。"


def _what(error: Any, kinds: list[str]) -> str:
    text = str(getattr(error, "message", "") or error)
    if "NoSuchOption" in kinds:
        near = getattr(error, "possibilities", None)
        hint = f"是否想写 {sorted(near)[0]}？" if near else ""
        return f"没有名为 {error.option_name} 的选项。{hint}"
    if "MissingParameter" in kinds:
        return f"缺少必填的{_parameter(error)}。"
    if "BadParameter" in kinds:
        return f"{_parameter(error)} 的值不能用。"
    if match := re.search(r"No such command ['\"](.+?)['\"]", text):
        return f"没有名为 {match[1]} 的命令。{_near_command(error, match[1])}"
    if "Missing command" in text:
        names = list(getattr(getattr(getattr(error, "ctx", None), "command", None), "commands", {}))
        return f"请写明要执行的命令，例如 {'、'.join(names[:2])}。"
    if match := re.search(r"unexpected extra arguments?(?:\(s\))?\s*\((.+)\)", text):
        return f"多余的参数：{match[1]}。"
    if "requires an argument" in text:
        return f"选项 {getattr(error, 'option_name', '')} 后面缺少内容。"
    return "命令的写法有误。"


def _near_command(error: Any, name: str) -> str:
    import difflib

    command = getattr(getattr(error, "ctx", None), "command", None)
    names = list(getattr(command, "commands", {}))
    close = difflib.get_close_matches(name, names, n=1)
    return f"是否想写 {close[0]}？" if close else f"可用的命令：{'、'.join(names)}。"


def _parameter(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "参数"
    if parameter.param_type_name == "option":
        return f"选项 {parameter.opts[0]}"
    return f"参数 {parameter.metavar or parameter.human_readable_name}"


def _command_path(error: Any) -> str:
    ctx = getattr(error, "ctx", None)
    return str(ctx.command_path) if ctx is not None else "tanwei"


def fault(error: BaseException, out_dir: Path | None) -> str:
    """Note an unexpected exception in a log file and return one Chinese line about it."""
    path = _write_log(error, out_dir)
    if limit := _limit(error):
        return f"{limit}，本次操作没有完成，已有结果不受影响。"
    where = f"详细记录：{path}" if path else "详细记录无处可写"
    return f"程序出错（{type(error).__name__}），本次操作没有完成，已有结果不受影响。{where}。"


def _limit(error: BaseException) -> str | None:
    """Say which limit of the machine an exception speaks of, and what helps; None for others.

    The engine's are told by name and words: it isn't loaded where nothing needed it.
    """
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left on device" in str(error):
        return "磁盘空间不足，请清理磁盘或用 --out 换一个目录后重试"
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return "内存不够，请在 tanwei.toml 的 [run] 一节调大 memory_limit 后重试"
    return None


def _write_log(error: BaseException, out_dir: Path | None) -> Path | None:
    text = "".join(traceback.format_exception(error))
    # Engine messages quote cells; numbers leave masked, in a log as everywhere.
    text = mask_text(text)
    if out_dir is None or not out_dir.is_dir():
        return None
    path = out_dir / "log" / f"error-{datetime.now():%Y%m%d-%H%M%S}.log"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    except OSError:
        return None
    return path


def say(text: str) -> None:
    """Write one line for people to standard error."""
    print(text, file=sys.stderr, flush=True)
