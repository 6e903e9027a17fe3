"""The entries of a log as lines."""

import json
from collections.abc import Mapping
from typing import Any

import click

from mockaxle.client.visible import visible

TO_THE_SECOND = 19
NUMBER_WIDTH = 5


def print_entry(entry: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an entry as a line, or as JSON. On a terminal, a refusal and a failed delivery are yellow."""
    if as_json:
        click.echo(json.dumps(entry))
        return
    click.secho(line_of(entry), fg="yellow" if _is_bad(entry) else None)


def line_of(entry: Mapping[str, Any]) -> str:
    """Return number, time of the world's clock, what was done, status and rules."""
    number, at, rules = (entry.get(name) for name in ("number", "at", "rules"))
    when = f"{at[:TO_THE_SECOND]}Z" if isinstance(at, str) else "-"
    words = [f"{number!s:>{NUMBER_WIDTH}}", when, *_what(entry), *map(str, rules if isinstance(rules, list) else ())]
    return visible("  ".join(words))


def _what(entry: Mapping[str, Any]) -> list[str]:
    if "command" in entry:
        return ["control", _filled(entry)]
    if "delivery" in entry:
        answered = entry.get("status") or entry.get("error")
        attempt = f"attempt {entry.get('attempt')}"
        return [f"delivery to {entry.get('receiver')}", attempt, str(entry.get("outcome")), f"{answered or ''}"]
    status = entry.get("status")
    return [f"{entry.get('method')} {entry.get('path')}", "waits" if status is None else str(status)]


def _filled(entry: Mapping[str, Any]) -> str:
    """Return the command's key, with the values of its path."""
    key, path = str(entry["command"]), entry.get("path")
    for name, value in path.items() if isinstance(path, dict) else ():
        key = key.replace(f"{{{name}}}", str(value))
    return key


def _is_bad(entry: Mapping[str, Any]) -> bool:
    if "delivery" in entry:
        return entry.get("outcome") != "accepted"
    status = entry.get("status")
    return isinstance(status, int) and status >= 400
