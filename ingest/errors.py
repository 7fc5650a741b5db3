"""Errors meant for people: what, where and what to do, in Chinese."""

from __future__ import annotations

import errno


class UserError(Exception):
    """Something a person can mend; the message is shown as it stands, without a traceback.

    Parameters
    ----------
    message : str
        One or more Chinese sentences: what is wrong, where (file, sheet, row, setting), what to do.
    exit_status : int
        Exit status of the command (2: unusable arguments or configuration, 4: another run is on).

    Examples
    --------
    >>> UserError("设置项 a 不存在").exit_status
    2
    """

    def __init__(self, message: str, exit_status: int = 2) -> None:
        super().__init__(message)
        self.message = message
        self.exit_status = exit_status


def why(error: OSError) -> str:
    """Say in Chinese why a place can't be read or written.

    Examples
    --------
    >>> why(OSError(errno.ENOSPC, "No space left on device"))
    '磁盘已满'
    """
    return _REASONS.get(error.errno or 0, "读写失败")


_REASONS = {
    errno.EEXIST: "同名文件已存在",
    errno.ENOTDIR: "上级路径是文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "路径不存在",
    errno.EROFS: "这个位置只能读",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.ENAMETOOLONG: "路径太长",
}
