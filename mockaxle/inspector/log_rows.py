"""Entries of a log as rows of a table."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mockaxle.control.history import summary
from mockaxle.world.entries import Entry, Exchange
from mockaxle.world.json_bodies import object_in

DELIVERED = "accepted"
MAX_REASON = 300


class LogRow(NamedTuple):
    """Shape: kind is call, command or delivery; status is a text; reason says why a call was refused."""

    number: int
    at: str
    kind: str
    account: str
    what: str
    status: str
    rules: tuple[str, ...]
    is_refused: bool
    marks: tuple[str, ...]
    reason: str = ""


def log_rows(entries: Iterable[tuple[int, Entry]]) -> list[LogRow]:
    """Shape: entries with their numbers."""
    return [log_row(number, entry) for number, entry in entries]


def log_row(number: int, entry: Entry) -> LogRow:
    row = _row(number, summary(number, entry))
    return row._replace(reason=refusal_text(entry)) if row.is_refused and isinstance(entry, Exchange) else row


def refusal_text(exchange: Exchange) -> str:
    """Return what a refusal says, in a line."""
    detail = object_in(exchange.response.body).get("detail")
    if isinstance(detail, list):
        faults = (one for one in detail if isinstance(one, dict))
        detail = "; ".join(f"{_place(one.get('loc'))}: {one.get('msg')}" for one in faults)
    return detail[:MAX_REASON] if isinstance(detail, str) else ""


def _place(loc: Any) -> str:
    return ".".join(map(str, loc)) if isinstance(loc, list) else str(loc)


def _row(number: int, one: Mapping[str, Any]) -> LogRow:
    if "command" in one:
        what = str(one["command"]).format_map(_Kept(one["path"]))
        return LogRow(number, one["at"], "command", "", what, "", (), False, ())
    if "delivery" in one:
        what = f"delivery to {one['receiver']}, attempt {one['attempt']}: {one['outcome']}"
        status = str(one["status"] or one["error"] or "")
        awkward = (f"awkward: {one['awkward']}",) if one.get("awkward") else ()
        return LogRow(number, one["at"], "delivery", "", what, status, (), one["outcome"] != DELIVERED, awkward)
    status = one["status"]
    marks = (*(f"awkward: {kind}" for kind in one.get("awkward", ())), *(["fault"] if one.get("fault") else []))
    shown = "waits" if status is None else str(status)
    refused = status is not None and status >= 400
    what = f"{one['method']} {one['path']}"
    return LogRow(number, one["at"], "call", one["account"] or "", what, shown, tuple(one["rules"]), refused, marks)


class _Kept(dict[str, str]):
    """Leaves the names of a path that have no value."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
