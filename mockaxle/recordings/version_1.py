"""Converts lines of version 1, written by mockaxle 0.1.0, to version 2."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from mockaxle.contract.document import load_contract
from mockaxle.core.errors import Refusal
from mockaxle.server.pages import OPERATIONS
from mockaxle.server.router import Router

FORMER_BODY_LIMIT = 10_000_000
"""The limit in bytes meant by `"oversize": true`."""

HELD = 102
"""The status of an entry for a call that waits."""

SECONDS_A_DAY = 86_400
Arguments = dict[str, Any]


class FormerCommand(NamedTuple):
    """A command as the control call that sent it."""

    key: str
    path: dict[str, str]
    body: dict[str, Any]


def converted(line: Any) -> Any:
    """Convert a line. Raises: LookupError, TypeError, ValueError, AttributeError if it is not of version 1."""
    if line["kind"] not in ("command", "exchange"):
        raise ValueError(f"unknown kind {line['kind']!r:.40}")
    if line["kind"] == "command":
        sent = COMMANDS[line["name"]](line["arguments"])
        return {"kind": "command", "at": line["at"], "real_at": line["real_at"], **sent._asdict()}
    request, response = line["request"], line["response"]
    oversize = FORMER_BODY_LIMIT if request["oversize"] is True else int(request["oversize"])
    call = {
        "at": line["at"],
        "real_at": line["at"],  # version 1 did not write it
        "principal": line["principal"],
        "operation": operation_of(request["method"], request["path"]),
        "request": {**request, "oversize": oversize},
    }
    if response["status"] == HELD:
        way = response["way"]
        return {"kind": "held", **call, "wait": {"fault": way["fault"], "delay_ms": way["delay_ms"]}}
    why = {name: response[name] for name in ("rules", "hint", "awkward")}
    answered = {name: value for name, value in response.items() if name not in why}
    return {**line, **call, "response": {**answered, "why": why}}


def operation_of(verb: str, path: str) -> str | None:
    """Find the operation of a request; None if there is none."""
    try:
        return _router().find(verb, path).key
    except Refusal:
        return None


@cache
def _router() -> Router:
    return Router((*load_contract().operations, *OPERATIONS))


def _call(key: str) -> Callable[[Arguments], FormerCommand]:
    """Make a call with the arguments as its body."""
    return lambda arguments: FormerCommand(
        key, {}, {name: value for name, value in arguments.items() if value is not None}
    )


def _on(key: str, name: str) -> Callable[[Arguments], FormerCommand]:
    """Make a call on one object, whose name is in the path."""
    return lambda arguments: FormerCommand(
        key, {name: arguments[name]}, {other: value for other, value in arguments.items() if other != name}
    )


def _advance(arguments: Arguments) -> FormerCommand:
    if arguments.get("to"):
        return FormerCommand("POST /clock/advance", {}, {"to": arguments["to"]})
    days, rest = divmod(int(arguments["seconds"]), SECONDS_A_DAY)
    return FormerCommand("POST /clock/advance", {}, {"by": f"{days}d{rest}s"})


def _awkwardness(arguments: Arguments) -> FormerCommand:
    """One kind implied `beyond_contract`, which was not written."""
    if arguments == {"kinds": [], "probability": "1"}:
        return FormerCommand("DELETE /awkwardness", {}, {})
    return FormerCommand("PUT /awkwardness", {}, {"beyond_contract": "unknown_enum" in arguments["kinds"], **arguments})


COMMANDS: Mapping[str, Callable[[Arguments], FormerCommand]] = {
    "set clock": _call("PUT /clock"),
    "advance": _advance,
    "reset": _call("POST /reset"),
    "change settings": _call("PATCH /settings"),
    "load scenario": lambda arguments: FormerCommand("PUT /scenario", {}, arguments["scenario"]),
    "add window": _call("POST /market/windows"),
    "price window": _on("PATCH /market/windows/{id}", "id"),
    "remove window": _on("DELETE /market/windows/{id}", "id"),
    "set prices": _call("POST /market/prices"),
    "clear prices": _call("DELETE /market/prices"),
    "publish event": _call("POST /home-assistant-events"),
    "change event": _on("PATCH /home-assistant-events/{id}", "id"),
    "withdraw event": _on("DELETE /home-assistant-events/{id}", "id"),
    "add fault": _call("POST /faults"),
    "remove fault": _on("DELETE /faults/{id}", "id"),
    "remove faults": _call("DELETE /faults"),
    "set awkwardness": _awkwardness,
    "revoke tokens": _call("POST /tokens/revoke"),
    "take snapshot": _call("POST /snapshots"),
    "restore snapshot": _on("POST /snapshots/{name}/restore", "name"),
    "drop snapshot": _on("DELETE /snapshots/{name}", "name"),
    "rewind": _call("POST /rewind"),
}
