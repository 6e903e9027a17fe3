"""A logged command as the control call that gives it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from mockaxle.exchange import Command


class ControlCall(NamedTuple):
    """Shape: path below `/__mockaxle/world`, body as JSON or none."""

    verb: str
    path: str
    body: dict[str, Any] | None = None


def control_call(command: Command) -> ControlCall | None:
    """None for a rewind: what it undid is not in the log any more."""
    return None if command.name == "rewind" else CALLS[command.name](command.arguments)


def _post(path: str) -> Callable[[dict[str, Any]], ControlCall]:
    return lambda arguments: ControlCall("POST", path, _plain(arguments))


def _clock(arguments: dict[str, Any]) -> ControlCall:
    return ControlCall("PUT", "/clock", _plain(arguments))


def _advance(arguments: dict[str, Any]) -> ControlCall:
    to, seconds = arguments.get("to"), arguments.get("seconds")
    days, rest = divmod(int(seconds or 0), 86_400)
    return ControlCall("POST", "/clock/advance", {"to": to} if to else {"by": f"{days}d{rest}s"})


def _price_window(arguments: dict[str, Any]) -> ControlCall:
    price = {"price_gbp_per_mwh": arguments["price_gbp_per_mwh"]}
    return ControlCall("PATCH", f"/market/windows/{quote(arguments['id'], safe='')}", price)


def _change_event(arguments: dict[str, Any]) -> ControlCall:
    changes = {name: value for name, value in arguments.items() if name != "id"}
    return ControlCall("PATCH", f"/home-assistant-events/{quote(arguments['id'], safe='')}", changes)


def _awkwardness(arguments: dict[str, Any]) -> ControlCall:
    if not arguments["kinds"]:
        return ControlCall("DELETE", "/awkwardness")
    return ControlCall("PUT", "/awkwardness", {"beyond_contract": "unknown_enum" in arguments["kinds"], **arguments})


def _of(path: str, name: str, *, verb: str) -> Callable[[dict[str, Any]], ControlCall]:
    """A call on one thing, whose name is in the path."""
    body: dict[str, Any] | None = {} if verb == "POST" else None
    return lambda arguments: ControlCall(verb, path.format(quote(arguments[name], safe="")), body)


def _plain(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


CALLS: Mapping[str, Callable[[dict[str, Any]], ControlCall]] = {
    "set clock": _clock,
    "advance": _advance,
    "reset": _post("/reset"),
    "change settings": lambda arguments: ControlCall("PATCH", "/settings", arguments),
    "load scenario": lambda arguments: ControlCall("PUT", "/scenario", arguments["scenario"]),
    "add window": _post("/market/windows"),
    "price window": _price_window,
    "remove window": _of("/market/windows/{}", "id", verb="DELETE"),
    "set prices": _post("/market/prices"),
    "clear prices": lambda _: ControlCall("DELETE", "/market/prices"),
    "publish event": _post("/home-assistant-events"),
    "change event": _change_event,
    "withdraw event": _of("/home-assistant-events/{}", "id", verb="DELETE"),
    "add fault": _post("/faults"),
    "remove fault": _of("/faults/{}", "id", verb="DELETE"),
    "remove faults": lambda _: ControlCall("DELETE", "/faults"),
    "set awkwardness": _awkwardness,
    "revoke tokens": _post("/tokens/revoke"),
    "take snapshot": _post("/snapshots"),
    "restore snapshot": _of("/snapshots/{}/restore", "name", verb="POST"),
    "drop snapshot": _of("/snapshots/{}", "name", verb="DELETE"),
}
"""By the command's name; every command but a rewind has one."""
