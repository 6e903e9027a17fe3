"""What the buttons of the pages do: each is one call of control, with a body made from the fields of a form."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockaxle.control.endpoint import ControlCall, ControlEndpoints
from mockaxle.control.refusals import REFUSING, refusal

Fields = Mapping[str, str]
ADVANCE_SECONDS = 20


class PageAction(NamedTuple):
    """Shape: key is that of the call of control; path and body make its parts from a form's fields.

    `done` says what has happened; `destroys` says what is lost, for the question before it; empty if nothing is.
    """

    key: str
    body: Callable[[Fields], Mapping[str, Any] | None]
    done: str
    destroys: str = ""
    path: Callable[[Fields], dict[str, str]] = lambda fields: {}


class ActionResult(NamedTuple):
    """What control answered. Shape: detail says why it refused."""

    status: int
    answer: Mapping[str, Any]

    @property
    def detail(self) -> str:
        return str(self.answer.get("detail", ""))


async def carry_out(
    action: PageAction, fields: Fields, *, endpoints: ControlEndpoints, call: ControlCall
) -> ActionResult:
    """Carry out an action as a call of control, and return its answer or refusal."""
    body = action.body(fields)
    content = b"" if body is None else json.dumps(body).encode()
    try:
        answer = await endpoints[action.key].handler(call.with_parts(content, path=action.path(fields)))
    except REFUSING as error:
        answer = refusal(error)
    return ActionResult(answer.status_code, json.loads(bytes(answer.body) or b"{}"))


def _said(fields: Fields, *names: str) -> dict[str, Any]:
    """Return the fields that were filled in."""
    return {name: fields[name].strip() for name in names if fields.get(name, "").strip()}


def _numbers(fields: Fields, *names: str) -> dict[str, Any]:
    """Return the fields that were filled in as numbers; what is no number stays, so that control names the field."""
    return {name: _number(text) for name, text in _said(fields, *names).items()}


def _number(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _advance(fields: Fields) -> dict[str, Any]:
    lapse = fields.get("by", "").strip()
    return {"to" if lapse[4:5] == "-" else "by": lapse, "max_seconds": ADVANCE_SECONDS}


def _dispatch(fields: Fields) -> dict[str, Any]:
    said = _said(fields, "start_time", "end_time", "site")
    return {**said, **_numbers(fields, "power_kw"), **({} if "site" in said else {"fraction": 1})}


ACTIONS: Mapping[str, PageAction] = {
    "advance": PageAction("POST /clock/advance", _advance, "The clock was advanced."),
    "freeze": PageAction("PUT /clock", lambda f: {**_said(f, "at"), "rate": 0}, "The clock is frozen."),
    "run": PageAction("PUT /clock", lambda f: {"rate": 1, **_numbers(f, "rate")}, "The clock is running."),
    "reset": PageAction(
        "POST /reset",
        lambda f: {},
        "The world was reset.",
        destroys="all sites, settings, faults and the log of this world",
    ),
    "add-window": PageAction(
        "POST /market/windows",
        lambda f: {**_said(f, "from_time", "to_time", "timezone"), **_numbers(f, "price_gbp_per_mwh")},
        "The flex window was added.",
    ),
    "drop-window": PageAction(
        "DELETE /market/windows/{id}",
        lambda f: None,
        "The flex window was removed.",
        path=lambda f: {"id": f.get("id", "")},
    ),
    "add-fault": PageAction(
        "POST /faults",
        lambda f: {**_said(f, "kind", "operation", "moment"), **_numbers(f, "status", "count", "latency_ms")},
        "The fault was added.",
    ),
    "drop-fault": PageAction(
        "DELETE /faults/{id}", lambda f: None, "The fault was removed.", path=lambda f: {"id": f.get("id", "")}
    ),
    "dispatch": PageAction("POST /dispatches", _dispatch, "The dispatch was made."),
    "replan": PageAction("POST /replan", lambda f: {}, "New plans were made for the cars that are plugged in."),
    "fork": PageAction("POST /fork", lambda f: {}, "Another world was started from this one."),
    "snapshot": PageAction("POST /snapshots", lambda f: _said(f, "name"), "The state was saved."),
    "restore": PageAction(
        "POST /snapshots/{name}/restore",
        lambda f: {},
        "The snapshot was restored.",
        destroys="what has happened since the snapshot",
        path=lambda f: {"name": f.get("name", "")},
    ),
    "rewind": PageAction(
        "POST /rewind",
        lambda f: _numbers(f, "before"),
        "The entries were undone.",
        destroys="this entry and all later ones, with all that they changed",
    ),
}
"""By the last segment of the path to which a form is sent."""
