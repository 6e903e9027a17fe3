"""The end of a world's log: its newest entries, and each new one as soon as it is written."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mockaxle.client.control import ControlSession
from mockaxle.core.limits import CONTROL_SECONDS

WAIT_SECONDS = 5
SECONDS_TO_ANSWER = 10
PAGE = 200


class TailPage(NamedTuple):
    """Shape: entries as control lists them, oldest first; `is_anew` if the log has gone back since the last page."""

    entries: list[dict[str, Any]]
    is_anew: bool = False


class NoLog(Exception):
    """What control answered is not a page of a log."""


class LogTail:
    """Reads the end of a log. Shape: filters as in control's query."""

    def __init__(self, session: ControlSession, filters: Mapping[str, str]) -> None:
        self._session = session
        self._filters = dict(filters)
        self._after = 0

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest entries, oldest first. Raises: as `read`."""
        entries, _, self._after = self._page({"newest_first": "true", "limit": str(limit)}, seconds=CONTROL_SECONDS)
        return entries[::-1]

    def read(self) -> TailPage:
        """Wait a few seconds for new entries. Raises: NoLog, ControlFailed, LogInRefused, Unanswered."""
        query = {"after": str(self._after), "wait": str(WAIT_SECONDS), "limit": str(PAGE)}
        entries, total, last = self._page(query, seconds=WAIT_SECONDS + SECONDS_TO_ANSWER)
        is_anew = last < self._after or any(entry["number"] <= self._after for entry in entries[:1])
        self._after = entries[-1]["number"] if 0 < len(entries) < total else last
        return TailPage(entries, is_anew)

    def log_in_again(self) -> None:
        self._session.log_in_again()

    def _page(self, query: Mapping[str, str], *, seconds: float) -> tuple[list[dict[str, Any]], int, int]:
        """Return entries, the number of those that match, and the number of the newest one. Raises: as `read`."""
        page = self._session.call("GET", f"/log?{urlencode({**self._filters, **query})}", seconds=seconds)
        match page:
            case {"entries": [*entries], "total": int(total), "last": int(last)} if all(map(_is_entry, entries)):
                return entries, total, last
        raise NoLog("control answered no page of a log")


def _is_entry(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("number"), int)
