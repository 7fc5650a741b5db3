"""Errors meant for people: what, where and what to do, in Chinese."""

from __future__ import annotations


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
